/* A table of fixed size: of the few places that a key can have, one that nobody used for
 * longest is given away, so a crowd of keys costs no memory and forgives a little. */
#include "server/http/limit.h"

#include "db/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 4096, WAYS = 4, PARTS = 1000 };

struct bucket {
    uint64_t key;
    int64_t filled_ms; /* clock_steady_ms(); 0: free */
    int64_t parts;     /* thousandths of one */
};

struct limit {
    pthread_mutex_t lock;
    struct bucket buckets[SLOTS];
};

struct limit *limit_new(void)
{
    struct limit *l = calloc(1, sizeof *l);

    if (!l)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

void limit_free(struct limit *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static struct bucket *bucket_of(struct limit *l, uint64_t key, int64_t now, int per_minute)
{
    uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> 52;
    struct bucket *oldest = &l->buckets[at & (SLOTS - 1)];

    for (uint64_t i = 0; i < WAYS; i++) {
        struct bucket *b = &l->buckets[(at + i) & (SLOTS - 1)];

        if (b->filled_ms && b->key == key)
            return b;
        if (b->filled_ms < oldest->filled_ms)
            oldest = b;
    }
    *oldest = (struct bucket){ key, now, (int64_t)per_minute * PARTS };
    return oldest;
}

bool limit_take(struct limit *l, uint64_t key, int per_minute, int *wait_s)
{
    int64_t now = clock_steady_ms() + 1, most = (int64_t)per_minute * PARTS;
    struct bucket *b;
    bool ok;

    *wait_s = 0;
    if (!l)
        return true;
    pthread_mutex_lock(&l->lock);
    b = bucket_of(l, key, now, per_minute);
    b->parts += (now - b->filled_ms) * per_minute * PARTS / CLOCK_MINUTE;
    if (b->parts > most)
        b->parts = most;
    b->filled_ms = now;
    ok = b->parts >= PARTS;
    if (ok)
        b->parts -= PARTS;
    else
        *wait_s = 1 + 60 / per_minute;
    pthread_mutex_unlock(&l->lock);
    return ok;
}
