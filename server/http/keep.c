/* A table of pages under one lock that is held for copying a pointer only; pages are counted
 * references, so that one in use outlives its place. When it is full the page that was asked
 * for longest ago goes. */
#include "server/http/keep.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "server/http/gzip.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1024, WAYS = 4 };

struct kept {
    _Atomic int refs;
    uint64_t hash;
    char *key;
    int64_t version, until_ms;
    _Atomic uint64_t commits; /* the file stood here when the version was last looked at */
    uint64_t used;
    char etag[2][40];  /* of the plain and the compressed bytes: a tag names bytes */
    char *csp, *cache; /* NULL: as always */
    char *plain, *small;
    size_t plain_size, small_size;
    bool is_squeezed; /* small was tried; a page that nobody wants small is not */
};

struct keep {
    pthread_mutex_t lock;
    struct kept *slots[SLOTS];
    size_t bytes, max;
    uint64_t clock;
};

struct keep *keep_new(size_t bytes)
{
    struct keep *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    pthread_mutex_init(&k->lock, NULL);
    k->max = bytes;
    return k;
}

static void kept_drop(void *arg)
{
    struct kept *p = arg;

    if (--p->refs > 0)
        return;
    free(p->key);
    free(p->csp);
    free(p->cache);
    free(p->plain);
    free(p->small);
    free(p);
}

void keep_free(struct keep *k)
{
    for (int i = 0; k && i < SLOTS; i++)
        if (k->slots[i])
            kept_drop(k->slots[i]);
    if (k)
        pthread_mutex_destroy(&k->lock);
    free(k);
}

static uint64_t key_hash(const char *s)
{
    uint64_t h = 14695981039346656037u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h;
}

static struct kept **slot_of(struct keep *k, uint64_t hash, const char *key)
{
    for (unsigned w = 0; w < WAYS; w++) {
        struct kept **s = &k->slots[(hash + w) % SLOTS];

        if (*s && (*s)->hash == hash && strcmp((*s)->key, key) == 0)
            return s;
    }
    return NULL;
}

static struct kept *keep_find(struct keep *k, const char *key)
{
    struct kept **slot, *p = NULL;

    pthread_mutex_lock(&k->lock);
    slot = slot_of(k, key_hash(key), key);
    if (slot) {
        p = *slot;
        p->refs++;
        p->used = ++k->clock;
    }
    pthread_mutex_unlock(&k->lock);
    return p;
}

static void kept_reply(struct req *r, const struct kept *p)
{
    const char *has = req_header(r, "If-None-Match");
    bool small = r->takes_gzip && p->small;
    const char *etag = p->etag[small];

    r->reply.status = has && strstr(has, etag) ? 304 : 200;
    r->reply.type = "text/html; charset=utf-8";
    r->reply.body = small ? p->small : p->plain;
    r->reply.size = small ? p->small_size : p->plain_size;
    r->reply.is_gzip = small && r->reply.status == 200;
    r->reply.etag = etag;
    r->reply.csp = p->csp;
    r->reply.cache = p->cache;
}

bool keep_reply(struct req *r, const char *key, int64_t (*version)(struct req *, const void *),
                const void *arg)
{
    struct kept *p = keep_find(r->app->keep, key);
    uint64_t commits;

    if (!p)
        return false;
    arena_defer(r->arena, kept_drop, p);
    if ((p->until_ms && clock_ms() >= p->until_ms) || (r->takes_gzip && !p->is_squeezed))
        return false;
    /* Else the version could be of a moment before the counter's, and an old page pass for new. */
    db_release(r->db);
    commits = db_file_commits(r->app->db);
    if (p->commits != commits) {
        if (version(r, arg) != p->version)
            return false;
        p->commits = commits;
    }
    kept_reply(r, p);
    return true;
}

static char *bytes_copy(const char *bytes, size_t n)
{
    char *copy = malloc(n + 1);

    if (!copy)
        abort();
    memcpy(copy, bytes, n);
    return copy;
}

/* The place for a page: its own, an empty one, or that of the one asked for longest ago. */
static struct kept **slot_for(struct keep *k, uint64_t hash, const char *key)
{
    struct kept **best = slot_of(k, hash, key);

    for (unsigned w = 0; !best && w < WAYS; w++)
        if (!k->slots[(hash + w) % SLOTS])
            best = &k->slots[(hash + w) % SLOTS];
    for (unsigned w = 0; w < WAYS && (!best || k->bytes > k->max); w++) {
        struct kept **s = &k->slots[(hash + w) % SLOTS];

        if (!best || (*s && *best && (*s)->used < (*best)->used))
            best = s;
    }
    return best;
}

static size_t kept_size(const struct kept *p)
{
    return p ? p->plain_size + p->small_size : 0;
}

void keep_put(struct req *r, const char *key, int64_t version, uint64_t commits,
              int64_t until_ms)
{
    struct keep *k = r->app->keep;
    struct kept *p = calloc(1, sizeof *p), **slot, *old;
    const char *rendered = r->reply.body; /* with room for the head before it */
    char digest[32];
    char *small;
    size_t small_size;

    if (!p)
        abort();
    p->refs = 2; /* the table's and this request's */
    p->hash = key_hash(key);
    p->key = strdup(key);
    p->version = version;
    p->commits = commits;
    p->until_ms = until_ms;
    p->csp = r->reply.csp ? strdup(r->reply.csp) : NULL;
    p->cache = r->reply.cache ? strdup(r->reply.cache) : NULL;
    p->plain = bytes_copy(r->reply.body, r->reply.size);
    p->plain_size = r->reply.size;
    p->is_squeezed = r->takes_gzip;
    if (p->is_squeezed &&
        gzip_bytes(r->arena, r->reply.body, r->reply.size, 6, &small, &small_size)) {
        p->small = bytes_copy(small, small_size);
        p->small_size = small_size;
    }
    snprintf(digest, sizeof digest, "%08x%zx",
             libdeflate_crc32((uint32_t)version, p->plain, p->plain_size), p->plain_size);
    snprintf(p->etag[0], sizeof p->etag[0], "\"%s\"", digest);
    snprintf(p->etag[1], sizeof p->etag[1], "\"%s-z\"", digest);
    pthread_mutex_lock(&k->lock);
    slot = slot_for(k, p->hash, key);
    old = *slot;
    k->bytes += kept_size(p) - kept_size(old);
    if (k->bytes > k->max + kept_size(p)) {
        k->bytes -= kept_size(p);
        *slot = NULL;
        p->refs--;
    } else {
        *slot = p;
        p->used = ++k->clock;
    }
    pthread_mutex_unlock(&k->lock);
    if (old)
        kept_drop(old);
    arena_defer(r->arena, kept_drop, p);
    kept_reply(r, p);
    if (r->reply.body == p->plain)
        r->reply.body = rendered;
}
