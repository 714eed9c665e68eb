/* Jobs and notifications: what leaves the program, in order, once, and never lost. */
#include "access_ground.h"

#include "db/base/clock.h"
#include "db/job.h"
#include "db/notify.h"
#include "db/webhook.h"

#include <pthread.h>

static int64_t add_keyed(struct ground *g, const char *kind, const char *to,
                         const char *key, int64_t due, int64_t expires)
{
    int64_t id = 0;

    db_begin(g->db);
    job_add(g->db, kind, to, json_pack("{s:s, s:s}", "to", to, "code", "123456"), key,
            due, expires);
    assert_int_not_equal(db_int(g->db, "SELECT max(id) FROM job", DB_NO_ARGS, &id),
                         DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    return id;
}

static int64_t add(struct ground *g, const char *kind, const char *to)
{
    return add_keyed(g, kind, to, NULL, 0, 0);
}

/* The id of the next leased job of the lane; 0 when there is none. */
static int64_t lease(struct ground *g, enum job_lane lane)
{
    json_t *job;
    int64_t next;

    switch (job_lease(g->db, lane, 60000, &job, &next)) {
    case DB_OK: return int_in(job, "id");
    case DB_NONE: return 0;
    default: fail_msg("lease failed");
    }
    return -1;
}

static const char *state_of(struct ground *g, int64_t id)
{
    return text_of(g, arena_printf(g->arena, "SELECT state FROM job WHERE id = %lld",
                                   (long long)id));
}

static void test_key_adds_once(void **state)
{
    struct ground *g = *state;

    add_keyed(g, "message", "+911", "order:1", 0, 0);
    add_keyed(g, "message", "+911", "order:1", 0, 0);
    add_keyed(g, "message", "+911", NULL, 0, 0);
    add_keyed(g, "message", "+911", NULL, 0, 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 3);
}

static void test_order_of_a_recipient(void **state)
{
    struct ground *g = *state;
    int64_t a1 = add(g, "message", "+911"), a2 = add(g, "message", "+911");
    int64_t b1 = add(g, "message", "+912"), none1 = add(g, "message", "");
    int64_t none2 = add(g, "message", "");

    assert_int_equal(lease(g, JOB_MESSAGES), a1);
    assert_int_equal(lease(g, JOB_MESSAGES), b1);
    assert_int_equal(lease(g, JOB_MESSAGES), none1);
    assert_int_equal(lease(g, JOB_MESSAGES), none2);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    assert_int_equal(job_retry(g->db, a1, 60000, true, "busy"), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    run(g, "UPDATE job SET next_ms = 0 WHERE state = 'waiting'");
    assert_int_equal(lease(g, JOB_MESSAGES), a1);
    assert_int_equal(job_done(g->db, a1, "wamid.1"), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), a2);
}

static void test_lanes_are_apart(void **state)
{
    struct ground *g = *state;
    int64_t message = add(g, "message", "+911"), work = add(g, "webhook", "+911");
    int64_t otp = add(g, "otp", "+911");

    assert_int_equal(lease(g, JOB_OTPS), otp);
    assert_int_equal(lease(g, JOB_WORK), work);
    assert_int_equal(lease(g, JOB_MESSAGES), message);
}

static void test_next_due(void **state)
{
    struct ground *g = *state;
    int64_t due = clock_ms() + 5000, next;
    json_t *job;

    assert_int_equal(job_lease(g->db, JOB_MESSAGES, 1000, &job, &next), DB_NONE);
    assert_int_equal(next, 0);
    add_keyed(g, "message", "+911", NULL, due, 0);
    add_keyed(g, "message", "+911", NULL, due - 3000, 0); /* behind the first */
    assert_int_equal(job_lease(g->db, JOB_MESSAGES, 1000, &job, &next), DB_NONE);
    assert_int_equal(next, due);
}

static void test_lease_runs_out(void **state)
{
    struct ground *g = *state;
    int64_t id = add(g, "message", "+911");

    for (int i = 0; i < JOB_TRIES; i++) {
        assert_int_equal(lease(g, JOB_MESSAGES), id);
        assert_int_equal(lease(g, JOB_MESSAGES), 0);
        ground_restart(g); /* the process was killed at it */
        run(g, "UPDATE job SET leased_until_ms = 1");
    }
    assert_int_equal(number_of(g, "SELECT tries FROM job"), JOB_TRIES - 1);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    assert_string_equal(state_of(g, id), "failed");
}

static void test_outage_costs_no_try(void **state)
{
    struct ground *g = *state;
    int64_t id = add(g, "message", "+911");

    for (int i = 0; i < 50; i++) {
        assert_int_equal(lease(g, JOB_MESSAGES), id);
        assert_int_equal(job_retry(g->db, id, 0, false, "no network"), DB_OK);
    }
    assert_int_equal(number_of(g, "SELECT tries FROM job"), 0);
    for (int i = 0; i < JOB_TRIES; i++) {
        assert_int_equal(lease(g, JOB_MESSAGES), id);
        assert_int_equal(job_retry(g->db, id, 0, true, "busy"), DB_OK);
    }
    assert_string_equal(state_of(g, id), "failed");
    assert_string_equal(text_of(g, "SELECT error FROM job"), "busy");
}

static void test_again_and_give_up(void **state)
{
    struct ground *g = *state;
    int64_t id = add(g, "message", "+911"), otp = add(g, "otp", "+911");

    assert_int_equal(job_again(g->db, id), DB_NONE);
    assert_int_equal(job_give_up(g->db, id), DB_OK);
    assert_int_equal(job_give_up(g->db, id), DB_NONE);
    assert_string_equal(state_of(g, id), "failed");
    assert_int_equal(job_again(g->db, id), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_failed(g->db, id, "131047"), DB_OK);
    assert_int_equal(job_done(g->db, id, NULL), DB_NONE);
    assert_int_equal(job_give_up(g->db, otp), DB_OK);
    assert_int_equal(job_again(g->db, otp), DB_NONE);
    assert_string_equal(
        text_of(g, "SELECT payload ->> '$.code' FROM job WHERE kind = 'otp'"), "");
}

static void test_codes_are_wiped(void **state)
{
    struct ground *g = *state;
    const char *code = "SELECT payload ->> '$.code' FROM job WHERE recipient = '+911'";
    int64_t id = add_keyed(g, "otp", "+911", "code-1", 0, clock_ms() + 60000);

    assert_int_equal(lease(g, JOB_OTPS), id);
    assert_int_equal(job_done(g->db, id, NULL), DB_OK);
    assert_string_equal(text_of(g, code), "123456"); /* the outbox shows it */
    assert_int_equal(job_sweep(g->db), DB_OK);
    assert_string_equal(text_of(g, code), "123456");
    db_begin(g->db);
    job_forget_code(g->db, "code-1");
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_string_equal(text_of(g, code), "");

    id = add_keyed(g, "otp", "+912", NULL, 0, clock_ms() + 60000);
    assert_int_equal(lease(g, JOB_OTPS), id);
    assert_int_equal(job_done(g->db, id, "wamid.9"), DB_OK);
    assert_string_equal(
        text_of(g, "SELECT payload ->> '$.code' FROM job WHERE recipient = '+912'"), "");
}

static void test_codes_expire(void **state)
{
    struct ground *g = *state;
    int64_t late = add_keyed(g, "otp", "+911", NULL, 0, 1), shown;

    assert_int_equal(lease(g, JOB_OTPS), 0);
    shown = add_keyed(g, "otp", "+911", NULL, 0, clock_ms() + 60000);
    assert_int_equal(lease(g, JOB_OTPS), shown); /* the late one holds up nobody */
    assert_int_equal(job_done(g->db, shown, NULL), DB_OK);
    run(g, "UPDATE job SET expires_ms = 1");
    assert_int_equal(job_sweep(g->db), DB_OK);
    assert_string_equal(state_of(g, late), "expired");
    assert_string_equal(state_of(g, shown), "done");
    assert_int_equal(number_of(g, "SELECT count(payload ->> '$.code') FROM job"), 0);
}

/* SEC-31 */
static void test_status_never_goes_back(void **state)
{
    static const struct {
        const char *said, *stands;
    } steps[] = {
        { "delivered", "delivered" }, { "sent", "delivered" }, { "failed", "delivered" },
        { "read", "read" },           { "delivered", "read" }, { "in_orbit", "read" },
    };
    struct ground *g = *state;
    int64_t id = add(g, "message", "+911");

    assert_int_equal(job_status(g->db, "wamid.1", "sent", ""), DB_NONE);
    lease(g, JOB_MESSAGES);
    assert_int_equal(job_done(g->db, id, "wamid.1"), DB_OK);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(job_status(g->db, "wamid.1", steps[i].said, "x"), DB_OK);
        assert_string_equal(text_of(g, "SELECT status FROM job"), steps[i].stands);
    }
}

static void test_status_before_the_id(void **state)
{
    struct ground *g = *state;
    int64_t id = add(g, "message", "+911");
    struct webhook_item item = { "whatsapp", "wamid.7:failed", "",
                                 json_pack("{s:s}", "error", "131047 too late"), 1 };

    lease(g, JOB_MESSAGES);
    db_begin(g->db);
    webhook_store(g->db, &item, false);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(job_done(g->db, id, "wamid.7"), DB_OK);
    assert_string_equal(text_of(g, "SELECT status FROM job"), "failed");
    assert_string_equal(text_of(g, "SELECT error FROM job"), "131047 too late");
    assert_int_equal(job_again(g->db, id), DB_OK);
}

static void test_list(void **state)
{
    struct ground *g = *state;
    int64_t first = add(g, "message", "+911"), second = add(g, "message", "+912");
    json_t *rows;

    assert_int_equal(job_give_up(g->db, first), DB_OK);
    assert_int_equal(job_list(g->db, NULL, 0, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(int_in(json_array_get(rows, 0), "id"), second);
    assert_int_equal(job_list(g->db, "failed", 0, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(job_list(g->db, NULL, second, 10, &rows), DB_OK);
    assert_int_equal(int_in(json_array_get(rows, 0), "id"), first);
    assert_int_equal(job_counts(g->db, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
}

static void test_sweep_forgets(void **state)
{
    struct ground *g = *state;

    run(g, "INSERT INTO once(key, digest, made, at_ms) VALUES ('old', x'00', 0, 1),"
           " ('new', x'00', 0, 99999999999999)");
    run(g, "INSERT INTO session(token_hash, created_ms, seen_ms, expires_ms)"
           " VALUES (x'01', 1, 1, 1), (x'02', 1, 1, 99999999999999)");
    run(g, "INSERT INTO job(kind, payload, state, next_ms, created_ms, done_ms)"
           " VALUES ('message', '{}', 'done', 1, 1, 1), ('message', '{}', 'failed', 1, "
           "1, 1),"
           " ('message', '{}', 'waiting', 1, 1, NULL)");
    assert_int_equal(job_sweep(g->db), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM once"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM session"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 2);
}

struct racer {
    struct db_file *file;
    int leased;
};

static void *race_leases(void *arg)
{
    struct racer *r = arg;
    struct arena *a = arena_new();
    json_t *job;
    int64_t next;

    arena_json(a);
    for (;;) {
        struct db *db = db_new(r->file, a);

        if (job_lease(db, JOB_MESSAGES, 60000, &job, &next) != DB_OK)
            break;
        assert_int_equal(job_done(db, int_in(job, "id"), "x"), DB_OK);
        r->leased++;
        arena_reset(a);
    }
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

static void test_race_for_leases(void **state)
{
    enum { THREADS = 8, JOBS = 200 };
    struct ground *g = *state;
    struct racer racers[THREADS];
    pthread_t threads[THREADS];
    int sum = 0;

    for (int i = 0; i < JOBS; i++)
        add(g, "message", "");
    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer) { g->file, 0 };
        pthread_create(&threads[i], NULL, race_leases, &racers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum += racers[i].leased;
    }
    assert_int_equal(sum, JOBS);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE state = 'done'"), JOBS);
}

/* --- notifications --- */

static void test_notifications(void **state)
{
    struct ground *g = *state;
    int64_t owner = user_new(g, "+919800000001"), helper = user_new(g, "+919800000002");
    int64_t stranger = user_new(g, "+919800000003"),
            shop = account_new(g, owner, "a@b.in");
    int64_t count;
    json_t *rows;

    db_begin(g->db);
    db_exec(g->db,
            "INSERT INTO membership(account_id, user_id, created_ms) VALUES (?1, ?2, 1)",
            DB_ARGS(DB_INT(shop), DB_INT(helper)));
    notify_account(g->db, shop, "customer_orders", "notify.order",
                   json_pack("{s:i}", "n", 7), "/sell/orders/7");
    db_exec(g->db, "INSERT INTO permission VALUES (?1, ?2, 'customer_orders', 1)",
            DB_ARGS(DB_INT(shop), DB_INT(helper)));
    notify_account(g->db, shop, "customer_orders", "notify.order", NULL, NULL);
    db_exec(g->db, "INSERT INTO module_off VALUES (?1, 'customer_orders')",
            DB_ARGS(DB_INT(shop)));
    notify_account(g->db, shop, "customer_orders", "notify.order", NULL, NULL);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(notify_unread(g->db, owner, &count), DB_OK);
    assert_int_equal(count, 2);
    assert_int_equal(notify_unread(g->db, helper, &count), DB_OK);
    assert_int_equal(count, 1);
    assert_int_equal(notify_unread(g->db, stranger, &count), DB_OK);
    assert_int_equal(count, 0);
    assert_int_equal(notify_list(g->db, owner, 0, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(int_in(json_object_get(json_array_get(rows, 1), "args_json"), "n"),
                     7);
    assert_int_equal(notify_read_all(g->db, owner), DB_OK);
    assert_int_equal(notify_read_all(g->db, owner), DB_OK);
    assert_int_equal(notify_unread(g->db, owner, &count), DB_OK);
    assert_int_equal(count, 0);
    assert_int_equal(notify_unread(g->db, helper, &count), DB_OK);
    assert_int_equal(count, 1);
}

static void test_notification_by_chat(void **state)
{
    struct ground *g = *state;
    int64_t owner = user_new(g, "+919800000001"), shop = account_new(g, owner, "a@b.in");

    db_begin(g->db);
    notify_account(g->db, shop, "customer_orders", "notify.order", NULL, NULL);
    db_exec(g->db, /* begun by whoever has the phone, and not proven yet */
            "INSERT INTO dialogue(chat, user_id, lang, authenticated_until_ms, updated_ms)"
            " VALUES ('919800000001', ?1, 'hi', 0, 1)",
            DB_ARGS(DB_INT(owner)));
    notify_account(g->db, shop, "customer_orders", "notify.order", NULL, NULL);
    db_exec(g->db, "DELETE FROM dialogue", DB_NO_ARGS);
    db_exec(
        g->db,
        "INSERT INTO dialogue(chat, user_id, lang, authenticated_until_ms, updated_ms)"
        " VALUES ('919800000001', ?1, 'hi', 5, 1), ('919800000099', ?1, 'hi', 5, 1)",
        DB_ARGS(DB_INT(owner)));
    notify_account(g->db, shop, "customer_orders", "notify.order",
                   json_pack("{s:s}", "who", "Ravi"), NULL);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 1);
    assert_string_equal(text_of(g, "SELECT recipient FROM job"), "+919800000001");
    assert_string_equal(text_of(g, "SELECT payload ->> '$.lang' FROM job"), "hi");
    assert_string_equal(text_of(g, "SELECT payload ->> '$.args.who' FROM job"), "Ravi");
}

int main(void)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }
    const struct CMUnitTest tests[] = {
        TEST("NOTE-3 a key adds a job once", test_key_adds_once),
        TEST("NOTE-3 in order per recipient", test_order_of_a_recipient),
        TEST("NOTE-3 codes have a lane of their own", test_lanes_are_apart),
        TEST("NOTE-3 when the next is due", test_next_due),
        TEST("NOTE-3 a lease that ran out is done again", test_lease_runs_out),
        TEST("NOTE-3 an outage uses up no tries", test_outage_costs_no_try),
        TEST("NOTE-3 ACC-8 the admin sends again or gives up", test_again_and_give_up),
        TEST("SYS-2 a code is wiped when used", test_codes_are_wiped),
        TEST("SYS-2 a code is wiped when expired", test_codes_expire),
        TEST("WA-8 a status never goes back", test_status_never_goes_back),
        TEST("WA-8 a status that comes before the id", test_status_before_the_id),
        TEST("NOTE-3 the outbox's list", test_list),
        TEST("SYS-1 the sweep forgets", test_sweep_forgets),
        TEST("NOTE-3 eight threads lease each job once", test_race_for_leases),
        TEST("NOTE-1 who is told, and unread counts", test_notifications),
        TEST("NOTE-2 by chat to the own number only", test_notification_by_chat),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
