/* A set in one array: an id has its place and the few behind it. */
#include "server/http/seen.h"

#include "db/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4096, WAYS = 16 };

struct seen {
    pthread_mutex_t lock;
    int64_t ids[PLACES]; /* 0: free */
};

struct seen *seen_new(void)
{
    struct seen *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void seen_free(struct seen *s)
{
    if (s)
        pthread_mutex_destroy(&s->lock);
    free(s);
}

void seen_add(struct seen *s, int64_t session_id)
{
    pthread_mutex_lock(&s->lock);
    for (uint64_t w = 0; w < WAYS; w++) {
        int64_t *at = &s->ids[((uint64_t)session_id + w) % PLACES];

        if (!*at)
            *at = session_id;
        if (*at == session_id)
            break;
    }
    pthread_mutex_unlock(&s->lock);
}

enum db_rc seen_write(struct seen *s, struct db *db)
{
    int64_t *ids = arena_alloc(db_arena(db), PLACES, sizeof *ids);
    size_t n = 0;
    enum db_rc rc;

    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < PLACES; i++)
        if (s->ids[i])
            ids[n++] = s->ids[i];
    memset(s->ids, 0, sizeof s->ids);
    pthread_mutex_unlock(&s->lock);
    if (n == 0)
        return DB_OK;
    db_begin(db);
    for (size_t i = 0; i < n; i++)
        if (session_seen(db, ids[i]) == DB_ERR)
            break;
    rc = db_end(db, DB_OK);
    for (size_t i = 0; rc != DB_OK && i < n; i++)
        seen_add(s, ids[i]);
    return rc;
}
