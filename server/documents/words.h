/* Amounts in words, by the Indian system. */
#ifndef WORDS_H
#define WORDS_H

#include "db/base/arena.h"

#include <stdint.h>

/* "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Fifty Paise Only"; with
 * `lang` "hi" in Hindi, else in English. */
char *words_rupees(struct arena *a, int64_t paise, const char *lang);

#endif
