/* The line of those who wait: in order, with a limit, and nobody forgotten when the limit and
 * the turn come together. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "db/queue.h"

enum { WAITERS = 16, ROUNDS = 40 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue line;

struct one {
    struct waiter waiter;
    int64_t wait_ms;
    int turn; /* given by who woke it; 0: none */
    bool there;
};

static void *one_run(void *arg)
{
    struct one *o = arg;

    pthread_mutex_lock(&lock);
    o->there = queue_wait(&line, &o->waiter, &lock, o->wait_ms);
    return NULL;
}

static int length_now(void)
{
    int n;

    pthread_mutex_lock(&lock);
    n = line.length;
    pthread_mutex_unlock(&lock);
    return n;
}

static struct one *take(int turn)
{
    struct one *o;

    pthread_mutex_lock(&lock);
    o = (struct one *)queue_take(&line);
    pthread_mutex_unlock(&lock);
    if (o) {
        o->turn = turn;
        waiter_wake(&o->waiter);
    }
    return o;
}

static void test_order(void **state)
{
    struct one ones[3] = { { .wait_ms = 10000 }, { .wait_ms = 1 }, { .wait_ms = 10000 } };
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, one_run, &ones[i]);
        if (i != 1)
            while (length_now() != (i ? 2 : 1))
                usleep(100);
        else
            pthread_join(threads[1], NULL); /* its time is over; it left from the middle */
    }
    assert_false(ones[1].there);
    assert_ptr_equal(take(1), &ones[0]);
    assert_ptr_equal(take(2), &ones[2]);
    assert_null(take(3));
    pthread_join(threads[0], NULL);
    pthread_join(threads[2], NULL);
    assert_true(ones[0].there && ones[0].turn == 1);
    assert_true(ones[2].there && ones[2].turn == 2);
    assert_int_equal(length_now(), 0);
}

/* Turns are given just when the waits end: who got one knows, who did not is out of the line. */
static void test_limit_and_turn_together(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct one ones[WAITERS] = { 0 };
        pthread_t threads[WAITERS];
        int given = 0, got = 0;

        for (int i = 0; i < WAITERS; i++) {
            ones[i].wait_ms = 1 + i % 3;
            pthread_create(&threads[i], NULL, one_run, &ones[i]);
        }
        usleep(1500);
        while (take(1))
            given++;
        for (int i = 0; i < WAITERS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(ones[i].there, ones[i].turn == 1);
            got += ones[i].there;
        }
        assert_int_equal(given, got);
        assert_int_equal(length_now(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "SYS-1 who waits comes in order, who leaves is out", test_order, NULL, NULL, NULL },
        { "SYS-1 a turn that comes with the end of the wait is not lost",
          test_limit_and_turn_together, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
