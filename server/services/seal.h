/* Secrets that stand in the database, sealed with the key file: a copy of the database
 * alone gives none away. */
#ifndef SEAL_H
#define SEAL_H

#include "db/base/arena.h"

/* The text sealed, as base64url. */
const char *seal_text(struct arena *a, const unsigned char key[32], const char *text);

/* What was sealed; NULL when it was with another key, or is damaged. */
const char *seal_open(struct arena *a, const unsigned char key[32], const char *sealed);

#endif
