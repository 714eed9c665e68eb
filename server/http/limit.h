/* How often something may be done: a bucket for each key, that fills evenly. In memory; any
 * thread. */
#ifndef LIMIT_H
#define LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit;

struct limit *limit_new(void);
void limit_free(struct limit *l);

/* Takes one of `per_minute` (and at most as many at once) of the key; false when there is
 * none left, and in how many seconds there is. NULL: always true. */
bool limit_take(struct limit *l, uint64_t key, int per_minute, int *wait_s);

#endif
