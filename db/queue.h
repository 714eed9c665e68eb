/* Those who wait for the same thing, in order of arrival, each on their own stack. The queue
 * is guarded by a lock of its owner; a waiter is woken without one, so that those who wake
 * up don't stand in anybody's way. */
#ifndef DB_QUEUE_H
#define DB_QUEUE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

struct waiter {
    struct waiter *next;
    sem_t wake;
};

struct queue {
    struct waiter *first, *last;
    int length;
};

/* Makes a waiter that is in no line; it is over with waiter_wait. */
void waiter_init(struct waiter *w);

/* Ends its wait. The waiter may be gone when this returns. */
void waiter_wake(struct waiter *w);

/* Waits until it is woken, however long. */
void waiter_wait(struct waiter *w);

/* Makes a waiter, joins the line and waits; `lock` is held on entry and free on return. False after
 * `wait_ms` without having been taken out of the line; whoever was is always woken. */
bool queue_wait(struct queue *q, struct waiter *w, pthread_mutex_t *lock, int64_t wait_ms);

/* Takes the first out of the line, to be woken; NULL when nobody waits. The lock is held. */
struct waiter *queue_take(struct queue *q);

#endif
