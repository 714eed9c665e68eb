/* A semaphore a waiter. Its wait has a limit by the wall clock, which may jump: what counts is
 * the steady one. */
#include "db/queue.h"

#include "db/base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

void waiter_init(struct waiter *w)
{
    w->next = NULL;
    sem_init(&w->wake, 0, 0);
}

void waiter_wake(struct waiter *w)
{
    sem_post(&w->wake);
}

void waiter_wait(struct waiter *w)
{
    while (sem_wait(&w->wake) != 0)
        ;
    sem_destroy(&w->wake);
}

static bool woken_within(struct waiter *w, int64_t wait_ms)
{
    int64_t end = clock_steady_ms() + wait_ms, left;

    while ((left = end - clock_steady_ms()) > 0) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += left / 1000 + 1;
        if (sem_timedwait(&w->wake, &until) == 0)
            return true;
    }
    return false;
}

static bool queue_leave(struct queue *q, struct waiter *w)
{
    struct waiter **link = &q->first, *before = NULL;

    for (; *link && *link != w; link = &(*link)->next)
        before = *link;
    if (!*link)
        return false;
    *link = w->next;
    if (q->last == w)
        q->last = before;
    q->length--;
    return true;
}

bool queue_wait(struct queue *q, struct waiter *w, pthread_mutex_t *lock, int64_t wait_ms)
{
    bool left;

    waiter_init(w);
    if (q->last)
        q->last->next = w;
    else
        q->first = w;
    q->last = w;
    q->length++;
    pthread_mutex_unlock(lock);
    if (woken_within(w, wait_ms)) {
        sem_destroy(&w->wake);
        return true;
    }
    pthread_mutex_lock(lock);
    left = queue_leave(q, w);
    pthread_mutex_unlock(lock);
    if (!left)
        waiter_wait(w);
    else
        sem_destroy(&w->wake);
    return !left;
}

struct waiter *queue_take(struct queue *q)
{
    struct waiter *w = q->first;

    if (!w)
        return NULL;
    q->first = w->next;
    if (!q->first)
        q->last = NULL;
    q->length--;
    w->next = NULL;
    return w;
}
