/* The worker's threads: what is added gets done, an outage rests the lane, stopping waits
 * for what is under way. */
#include "bot_ground.h"

#include "server/jobs/worker.h"

#include <fcntl.h>

static struct worker *start(struct chat *c, const struct services *services)
{
    const struct worker_config config = {
        .db = c->g->file, .texts = c->texts, .services = services, .bot = &c->bot
    };

    db_release(c->g->db);
    return worker_start(&config);
}

/* Waits until the number is there, at most 5 seconds; answers how long it took. */
static int64_t until(struct chat *c, const char *sql, int64_t n)
{
    int64_t from = clock_steady_ms();

    while (number_of(c->g, sql) != n) {
        db_release(c->g->db);
        if (clock_steady_ms() - from > 5000)
            fail_msg("%s is %lld", sql, (long long)number_of(c->g, sql));
        usleep(5000);
    }
    db_release(c->g->db);
    return clock_steady_ms() - from;
}

static void message_add(struct chat *c, const char *to)
{
    db_begin(c->g->db);
    job_add(c->g->db, "message", to,
            json_pack("{s:s, s:s, s:s}", "to", to, "type", "text", "body", "hello"), NULL,
            0, 0);
    assert_int_equal(db_end(c->g->db, DB_OK), DB_OK);
}

static void test_chat_is_answered(void **state)
{
    struct chat *c = *state;
    struct worker *w = start(c, c->services);
    int64_t woken, unwoken;

    until(c, "SELECT 0", 0);
    receive(c, webhook(c, ME, "w1", clock_ms(), message_of(c, "hi")));
    worker_wake(w);
    woken = until(c, "SELECT count(*) FROM job WHERE kind = 'message' AND state = 'done'",
                  1);
    receive(c, webhook(c, ME, "w2", clock_ms(), message_of(c, "#en")));
    unwoken = until(
        c, "SELECT count(*) FROM job WHERE kind = 'message' AND state = 'done'", 2);
    worker_stop(w);
    assert_true(woken < 900);
    assert_true(unwoken < 4000);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE state <> 'done'"),
                     0);
    assert_int_equal(number_of(c->g, "SELECT count(provider_id) FROM job"), 0);
}

/* A code is sent through the embedded default; what was logged meanwhile. */
static const char *log_of_code(struct chat *c, bool log_otp)
{
    const char *path = arena_printf(c->g->arena, "%s/tmp/log", c->g->folder);
    struct services_config config = { .log_otp = log_otp };
    struct services *services = services_new(&config);
    int was = dup(2), fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
    char *log = arena_alloc(c->g->arena, 4000, 1);
    struct worker *w;
    FILE *f;

    dup2(fd, 2);
    w = start(c, services);
    hear(c, "hi");
    db_begin(c->g->db);
    job_add(c->g->db, "otp", "+91980000",
            json_pack("{s:s, s:s}", "code", "012345", "lang", "hi"), NULL, 0,
            clock_ms() + 60000);
    assert_int_equal(db_end(c->g->db, DB_OK), DB_OK);
    worker_wake(w);
    until(c, "SELECT count(*) FROM job WHERE kind = 'otp' AND state <> 'done'", 0);
    worker_stop(w);
    dup2(was, 2);
    f = fopen(path, "r");
    (void)!fread(log, 1, 3999, f);
    fclose(f);
    close(was);
    close(fd);
    services_free(services);
    return log;
}

static void test_code_is_logged(void **state)
{
    assert_non_null(strstr(log_of_code(*state, true),
                           " info otp to=+91980000 code=012345\n"));
    assert_null(strstr(log_of_code(*state, false), "012345"));
}

/* SEC-29 */
static void test_outage_rests_the_lane(void **state)
{
    struct services_config config = { .whatsapp = { .token = "t",
                                                    .phone_number_id = "1",
                                                    .url = "http://127.0.0.1:1",
                                                    .app_secret = "s" } };
    struct chat *c = *state;
    struct services *services = services_new(&config);
    struct worker *w;

    message_add(c, "+911");
    message_add(c, "+912");
    w = start(c, services);
    until(c, "SELECT count(*) FROM job WHERE error <> ''", 1);
    message_add(c, "+913");
    worker_wake(w);
    usleep(300000);
    /* The chat goes on while nothing can be sent. */
    receive(c, webhook(c, ME, "w1", clock_ms(), message_of(c, "hi")));
    worker_wake(w);
    until(c, "SELECT count(*) FROM webhook_message WHERE state = 'done'", 1);
    worker_stop(w);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE kind = 'message'"
                                     " AND state = 'waiting' AND tries = 0"),
                     4);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE error <> ''"), 1);
    services_free(services);
}

static void test_killed_and_started(void **state)
{
    struct chat *c = *state;
    int64_t next;
    json_t *job;
    struct worker *w;

    receive(c, webhook(c, ME, "w1", clock_ms(), message_of(c, "hi")));
    assert_int_equal(job_lease(c->g->db, JOB_WORK, 3600000, &job, &next), DB_OK);
    w = start(c, c->services); /* the process that leased it is dead */
    until(c, "SELECT count(*) FROM job WHERE kind = 'message' AND state = 'done'", 1);
    worker_stop(w);
    assert_int_equal(number_of(c->g, "SELECT tries FROM job WHERE kind = 'webhook'"), 1);
}

struct slow {
    _Atomic int begun, ended;
};

static enum db_rc slow_work(void *arg, struct db *db, const json_t *job)
{
    struct slow *s = arg;

    (void)db;
    (void)job;
    s->begun++;
    usleep(400000);
    s->ended++;
    return DB_OK;
}

static void test_stop_is_graceful(void **state)
{
    struct chat *c = *state;
    struct slow slow = { 0, 0 };
    const struct worker_config config = { .db = c->g->file,
                                          .texts = c->texts,
                                          .services = c->services,
                                          .bot = &c->bot,
                                          .work = slow_work,
                                          .arg = &slow };
    struct worker *w;
    int64_t from;

    db_begin(c->g->db);
    for (int i = 0; i < 5; i++)
        job_add(c->g->db, "remind", "", json_object(), NULL, 0, 0);
    assert_int_equal(db_end(c->g->db, DB_OK), DB_OK);
    w = worker_start(&config);
    while (!slow.begun)
        usleep(1000);
    from = clock_steady_ms();
    worker_stop(w);
    assert_true(clock_steady_ms() - from < 1500);
    assert_int_equal(slow.begun, slow.ended);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE state = 'done'"),
                     slow.ended);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE state = 'leased'"),
                     0);
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, chat_open, chat_close, NULL                                            \
    }
    const struct CMUnitTest tests[] = {
        TEST("WA-8 a message is answered at once", test_chat_is_answered),
        TEST("SYS-2 SYS-8 a code is logged for the first admin, else never", test_code_is_logged),
        TEST("NOTE-3 an outage rests the lane", test_outage_rests_the_lane),
        TEST("WA-7 killed and started again", test_killed_and_started),
        TEST("SYS-8 stopping is graceful", test_stop_is_graceful),
    };

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
