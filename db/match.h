/* What was typed into a search box, for LIKE and for numbers. */
#ifndef MATCH_H
#define MATCH_H

#include "db/base/arena.h"

/* "50%" -> "%50!%%", for LIKE ... ESCAPE '!'; "" stays "". */
const char *match_like(struct arena *a, const char *q);

/* The digits of a number as typed, without +91 or 0 in front; "" when there are letters in
 * it or too few digits to look for. */
const char *match_digits(struct arena *a, const char *q);

#endif
