/* Compression of a whole reply at once. */
#ifndef GZIP_H
#define GZIP_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Compresses `n` bytes to gzip at a level of 1 (fast) to 12 (small). True with the result
 * in the arena when that is smaller than the data; false, leaving both results untouched,
 * when it is not or the heap is empty: then send the data as it is. Any thread. The same
 * data at the same level gives the same bytes. */
bool gzip_bytes(struct arena *a, const void *data, size_t n, int level, char **out,
                size_t *out_n);

#endif
