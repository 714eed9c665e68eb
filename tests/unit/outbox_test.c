/* The outbox's rules, with a clock that the test moves: pauses after a refusal, outages that
 * cost no try, order, quiet hours. */
#include "access_ground.h"

#include "db/base/clock.h"
#include "db/job.h"
#include "db/notify.h"
#include "db/push.h"
#include "db/webhook.h"
#include "server/bot/bot.h"

#define START INT64_C(1790000000000) /* 2026-09-21 19:43 in India */

static char clock_path[64];

static void clock_set(int64_t ms)
{
    FILE *f = fopen(clock_path, "w");

    assert_non_null(f);
    fprintf(f, "%lld\n", (long long)ms);
    fclose(f);
}

static int clocked_open(void **state)
{
    snprintf(clock_path, sizeof clock_path, "/tmp/outbox-clock-%d", (int)getpid());
    setenv("INVICHAT_CLOCK", clock_path, 1);
    clock_set(START);
    return ground_open(state);
}

static int clocked_close(void **state)
{
    unsetenv("INVICHAT_CLOCK");
    unlink(clock_path);
    return ground_close(state);
}

static int64_t send(struct ground *g, const char *provider, const char *to, int64_t due)
{
    int64_t id;

    db_begin(g->db);
    job_send(g->db, provider, to, json_pack("{s:s}", "to", to), NULL, due);
    assert_int_equal(db_int(g->db, "SELECT max(id) FROM job", DB_NO_ARGS, &id), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    return id;
}

static int64_t lease_next(struct ground *g, enum job_lane lane, int64_t *next)
{
    json_t *job;
    enum db_rc rc = job_lease(g->db, lane, 60000, &job, next);

    assert_int_not_equal(rc, DB_ERR);
    return rc == DB_OK ? int_in(job, "id") : 0;
}

static int64_t lease(struct ground *g, enum job_lane lane)
{
    int64_t next;

    return lease_next(g, lane, &next);
}

static const char *state_of(struct ground *g, int64_t id)
{
    return text_of(g, arena_printf(g->arena, "SELECT state FROM job WHERE id = %lld",
                                   (long long)id));
}

static void test_refused_on_schedule(void **state)
{
    static const int64_t pauses[] = { 10000,   60000,   300000, 1800000,
                                      7200000, 43200000 };
    struct ground *g = *state;
    int64_t id = send(g, "chat", "+911", 0), other = send(g, "chat", "+911", 0);
    int64_t now = START, next;

    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(lease(g, JOB_MESSAGES), id);
        assert_int_equal(job_refused(g->db, id, false, "400"), DB_OK);
        assert_string_equal(state_of(g, id), "waiting");
        clock_set(now + pauses[i] - 1);
        assert_int_equal(lease_next(g, JOB_MESSAGES, &next), 0);
        assert_int_equal(next, now + pauses[i]);
        now += pauses[i];
        clock_set(now);
    }
    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_refused(g->db, id, false, "400"), DB_OK);
    assert_string_equal(state_of(g, id), "failed");
    assert_int_equal(number_of(g, "SELECT tries FROM job WHERE state = 'failed'"), 7);
    assert_int_equal(lease(g, JOB_MESSAGES), other); /* in order, and not for ever */
    assert_int_equal(job_done(g->db, other, NULL), DB_OK);
    assert_int_equal(job_again(g->db, id), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
}

static void test_outage_opens_and_ends(void **state)
{
    struct ground *g = *state;
    int64_t a = send(g, "chat", "+911", 0), b = send(g, "chat", "+912", 0);
    int64_t push = send(g, "push:https://p.example", "push:1", 0);
    int64_t now = START, next;
    json_t *rows;

    for (int i = 0; i < 200; i++) { /* days of it */
        assert_int_equal(lease(g, JOB_MESSAGES), a);
        if (i > 0)
            assert_int_equal(lease(g, JOB_MESSAGES), 0); /* one probe at a time */
        assert_int_equal(job_outage(g->db, a, 0, 300000, "no connection"), DB_OK);
        assert_int_equal(lease_next(g, JOB_MESSAGES, &next), 0);
        assert_true(next > now && next <= now + 300000);
        if (i == 0)
            assert_int_equal(next, now + 5000);
        if (i > 10)
            assert_int_equal(next, now + 300000);
        now = next;
        clock_set(now);
    }
    assert_true(now - START > 15 * 3600 * INT64_C(1000));
    assert_int_equal(number_of(g, "SELECT max(tries) FROM job"), 0);
    assert_int_equal(job_circuits(g->db, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text_in(json_array_get(rows, 0), "provider"), "chat");
    assert_int_equal(int_in(json_array_get(rows, 0), "failures"), 200);
    assert_int_equal(lease(g, JOB_PUSHES), push); /* another provider is not touched */
    assert_int_equal(lease(g, JOB_MESSAGES), a);
    assert_int_equal(job_done(g->db, a, "wamid.1"), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM circuit"), 0);
    assert_int_equal(lease(g, JOB_MESSAGES), b); /* at once, all of them */
}

static void test_limit_waits_as_told(void **state)
{
    struct ground *g = *state;
    int64_t id = send(g, "chat", "+911", 0), next;

    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_outage(g->db, id, 60000, 300000, "429"), DB_OK);
    assert_int_equal(lease_next(g, JOB_MESSAGES, &next), 0);
    assert_int_equal(next, START + 60000);
    clock_set(START + 60000);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
    /* A refusal is an answer: the provider is there. */
    assert_int_equal(job_refused(g->db, id, false, "400"), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM circuit"), 0);
    /* No more than the most, whatever it says. */
    clock_set(START + 120000);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_outage(g->db, id, 86400000, 300000, "429"), DB_OK);
    assert_int_equal(lease_next(g, JOB_MESSAGES, &next), 0);
    assert_int_equal(next, START + 420000);
}

static void test_probe_survives_a_crash(void **state)
{
    struct ground *g = *state;
    int64_t id = send(g, "chat", "+911", 0);

    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_outage(g->db, id, 0, 300000, "down"), DB_OK);
    clock_set(START + 5000);
    assert_int_equal(lease(g, JOB_MESSAGES), id); /* the probe; the process dies at it */
    ground_restart(g);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    assert_int_equal(job_recover(g->db), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
}

static void test_hooks_are_apart(void **state)
{
    struct ground *g = *state;
    int64_t a = send(g, "hook:1", "hook:1", 0), b = send(g, "hook:2", "hook:2", 0);
    int64_t a2 = send(g, "hook:1", "hook:1", 0);

    assert_int_equal(lease(g, JOB_HOOKS), a);
    assert_int_equal(job_outage(g->db, a, 0, 3600000, "503"), DB_OK);
    assert_int_equal(lease(g, JOB_HOOKS), b);
    assert_int_equal(lease(g, JOB_HOOKS), 0);
    clock_set(START + 5000);
    assert_int_equal(lease(g, JOB_HOOKS), a);
    assert_int_equal(job_done(g->db, a, NULL), DB_OK);
    assert_int_equal(lease(g, JOB_HOOKS), a2);
}

static void test_own_fault_steps_aside(void **state)
{
    struct ground *g = *state;
    int64_t bad = send(g, "chat", "+911", 0), good = send(g, "chat", "+911", 0);

    assert_int_equal(lease(g, JOB_MESSAGES), bad);
    assert_int_equal(job_refused(g->db, bad, true, "132001"), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), good);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    clock_set(START + 10000);
    assert_int_equal(lease(g, JOB_MESSAGES), bad);
}

static void test_who_writes_is_written_to(void **state)
{
    struct ground *g = *state;
    int64_t id = send(g, "chat", "+911", 0);
    struct webhook_item item = { "whatsapp", "w1", "911", json_object(), START };

    for (int i = 0; i < 4; i++) {
        run(g, "UPDATE job SET next_ms = 1");
        assert_int_equal(lease(g, JOB_MESSAGES), id);
        assert_int_equal(job_refused(g->db, id, false, "131047"), DB_OK);
    }
    assert_int_equal(lease(g, JOB_MESSAGES), 0); /* for half an hour */
    db_begin(g->db);
    webhook_store(g->db, &item, true);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), id);
}

static void test_codes_go_their_own_way(void **state)
{
    struct ground *g = *state;
    int64_t id, next;

    db_begin(g->db);
    job_add(g->db, "otp", "+911", json_pack("{s:s}", "code", "123456"), NULL, 0,
            START + 600000);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    id = lease(g, JOB_OTPS);
    assert_true(id > 0);
    assert_int_equal(job_outage(g->db, id, 0, 20000, "down"), DB_OK);
    next = send(g, "chat", "+911", 0);
    assert_int_equal(lease(g, JOB_MESSAGES), next);
    for (int i = 0; i < 40; i++) {
        if (!lease_next(g, JOB_OTPS, &next)) {
            if (!next)
                break;
            clock_set(next);
            continue;
        }
        assert_int_equal(job_outage(g->db, id, 0, 20000, "down"), DB_OK);
    }
    clock_set(START + 600001);
    assert_int_equal(lease(g, JOB_OTPS), 0);
    assert_int_equal(job_sweep(g->db), DB_OK);
    assert_string_equal(state_of(g, id), "expired");
    assert_string_equal(text_of(g, "SELECT payload ->> '$.code' FROM job"), "");
}

static void test_each_has_a_key(void **state)
{
    struct ground *g = *state;

    for (int i = 0; i < 50; i++)
        send(g, "chat", "+911", 0);
    assert_int_equal(number_of(g, "SELECT count(DISTINCT key) FROM job"
                                  " WHERE length(key) = 24"),
                     50);
}

/* The send timed out, but it had arrived: the provider's word on it says so. */
static void test_arrived_after_all(void **state)
{
    struct ground *g = *state;
    int64_t id = send(g, "chat", "+911", 0);
    const char *key = text_of(g, "SELECT key FROM job");
    const char *body = arena_printf(
        g->arena,
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{"
        "\"field\":\"messages\",\"value\":{\"messaging_product\":\"whatsapp\",\"statuses\":[{"
        "\"id\":\"wamid.77\",\"status\":\"delivered\",\"timestamp\":\"1790000000\","
        "\"recipient_id\":\"911\",\"biz_opaque_callback_data\":\"%s\"}]}}]}]}",
        key);
    struct bot_received got;

    assert_int_equal(bot_receive(g->db, body, strlen(body), &got), DB_OK);
    assert_string_equal(state_of(g, id), "waiting"); /* it was never sent: not ours */
    run(g, "DELETE FROM webhook_message");
    assert_int_equal(lease(g, JOB_MESSAGES), id);
    assert_int_equal(job_outage(g->db, id, 0, 300000, "timed out"), DB_OK);
    assert_int_equal(bot_receive(g->db, body, strlen(body), &got), DB_OK);
    assert_string_equal(state_of(g, id), "done");
    assert_string_equal(text_of(g, "SELECT status FROM job"), "delivered");
    assert_string_equal(text_of(g, "SELECT provider_id FROM job"), "wamid.77");
    clock_set(START + 3600000);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
}

/* Thousands that wait for a provider that is down cost the others nothing. */
static void test_many_wait(void **state)
{
    struct ground *g = *state;
    int64_t id, from, next;

    run(g, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
           " WHERE i < 20000) INSERT INTO job(kind, provider, recipient, payload, next_ms,"
           " created_ms) SELECT 'message', 'hook:1', 'r' || i % 7000, '{}', 1, 1 FROM n");
    id = lease(g, JOB_HOOKS);
    assert_int_equal(job_outage(g->db, id, 0, 3600000, "down"), DB_OK);
    id = send(g, "hook:2", "hook:2", 0);
    from = steps(g);
    assert_int_equal(lease(g, JOB_HOOKS), id);
    for (int i = 0; i < 100; i++)
        assert_int_equal(lease_next(g, JOB_HOOKS, &next), 0);
    assert_int_equal(next, START + 5000);
    assert_in_range(steps(g) - from, 101, 101 * 1000);
}

/* --- how each wants to hear --- */

static void told(struct ground *g, int64_t account, const char *key)
{
    db_begin(g->db);
    notify_account(g->db, account, "orders", key, NULL, "/orders/1");
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

static void test_ways(void **state)
{
    static const struct notify_choice off = { "orders", false, false, false };
    static const struct notify_choice app = { "orders", true, false, false };
    struct ground *g = *state;
    int64_t user = user_new(g, "+919800000001"), home = account_new(g, user, "a@b.in");
    struct push_browser b = { user, 1, "https://p.example/1", "https://p.example",
                              "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-"
                              "AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                              "BTBZMqHH6r4Tts7J_aSIgg" };

    run(g, "INSERT INTO session(id, token_hash, user_id, created_ms, seen_ms, expires_ms)"
           " VALUES (1, x'01', 1, 1, 1, 9999999999999)");
    run(g, "INSERT INTO dialogue(chat, user_id, authenticated_until_ms, updated_ms)"
           " VALUES ('919800000001', 1, 5, 1)");
    assert_int_equal(push_subscribe(g->db, &b), DB_OK);
    assert_int_equal(push_subscribe(g->db, &b), DB_OK); /* again: still one */
    assert_int_equal(number_of(g, "SELECT count(*) FROM push_subscription"), 1);
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE provider = 'chat'"), 1);
    assert_int_equal(
        number_of(g, "SELECT count(*) FROM job WHERE provider = 'push:https://p.example'"
                     " AND recipient = 'push:2'"),
        1); /* an id is not given again */
    assert_int_equal(notify_set(g->db, user, &app, 1, 0, 0, "Asia/Kolkata"), DB_OK);
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification"), 2);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 2);
    assert_int_equal(notify_set(g->db, user, &off, 1, 0, 0, "Asia/Kolkata"), DB_OK);
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification"), 2);
    db_begin(g->db); /* of another kind: nothing was chosen there */
    assert_int_equal(notify_account(g->db, home, "inventory", "notify.trial", NULL, "/"), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification"), 3);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 4);
    refused(g, notify_set(g->db, user, &off, 1, 0, 0, "Mars/Olympus"), 422, "zone",
            "refusal.zone");
    assert_int_equal(number_of(g, "SELECT count(*) FROM push_subscription"), 1);
    run(g, "DELETE FROM session"); /* signed out */
    assert_int_equal(number_of(g, "SELECT count(*) FROM push_subscription"), 0);
}

/* WhatsApp for who never wrote there: only when they chose it. Who is suspended hears of
 * nothing until they are let in again. */
static void test_chosen_and_suspended(void **state)
{
    static const struct notify_choice chat = { "orders", true, true, false };
    const char *jobs = "SELECT count(*) FROM job WHERE kind = 'message' AND recipient ="
                       " '+919812345678'";
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), home = account_new(g, user, "a@b.in");
    json_t *rows;

    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, jobs), 0);
    assert_int_equal(notify_choices(g->db, user, &rows), DB_OK);
    assert_true(json_is_false(json_object_get(json_array_get(rows, 0), "is_chat")));
    assert_int_equal(notify_set(g->db, user, &chat, 1, 0, 0, "Asia/Kolkata"), DB_OK);
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, jobs), 1);
    run(g, "UPDATE user SET state = 'suspended'");
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, jobs), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification"), 3);
    run(g, "UPDATE user SET state = 'active'");
    run(g, "DELETE FROM notify_choice");
    run(g, "INSERT INTO dialogue(chat, user_id, authenticated_until_ms, updated_ms)"
           " VALUES ('919812345678', 1, 1, 1)");
    assert_int_equal(notify_choices(g->db, user, &rows), DB_OK);
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "is_chat")));
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, jobs), 2);
}

static void test_quiet_hours(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919800000001"), home = account_new(g, user, "a@b.in");
    int64_t seven = clock_day_start(2026, 9, 22, 330) + 7 * CLOCK_HOUR, reply;

    run(g, "INSERT INTO dialogue(chat, user_id, authenticated_until_ms, updated_ms)"
           " VALUES ('919800000001', 1, 5, 1)");
    assert_int_equal(notify_set(g->db, user, NULL, 0, 21 * 60, 7 * 60, "Asia/Kolkata"),
                     DB_OK);
    told(g, home, "notify.order_accepted"); /* in the evening, before */
    assert_int_equal(number_of(g, "SELECT max(next_ms) FROM job"), START);
    assert_int_equal(job_done(g->db, lease(g, JOB_MESSAGES), NULL), DB_OK);
    clock_set(clock_day_start(2026, 9, 21, 330) + 23 * CLOCK_HOUR);
    told(g, home, "notify.order_accepted");
    assert_int_equal(number_of(g, "SELECT max(next_ms) FROM job"), seven);
    told(g, home, "notify.order_delivered"); /* somebody stands at the door */
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE next_ms < (SELECT"
                                  " max(next_ms) FROM job) AND state = 'waiting'"),
                     1);
    assert_int_equal(job_done(g->db, lease(g, JOB_MESSAGES), NULL), DB_OK);
    reply = send(g, "chat", "+919800000001", 0); /* an answer in the chat waits for none */
    assert_int_equal(lease(g, JOB_MESSAGES), reply);
    assert_int_equal(job_done(g->db, reply, NULL), DB_OK);
    assert_int_equal(lease(g, JOB_MESSAGES), 0);
    clock_set(seven);
    assert_true(lease(g, JOB_MESSAGES) > 0);
}

static void test_quiet_end(void **state)
{
    int64_t day = clock_day_start(2026, 9, 22, 330), h = CLOCK_HOUR;

    (void)state;
    assert_int_equal(notify_quiet_end(day + 6 * h, 21 * 60, 7 * 60, 330), day + 7 * h);
    assert_int_equal(notify_quiet_end(day + 7 * h, 21 * 60, 7 * 60, 330), day + 7 * h);
    assert_int_equal(notify_quiet_end(day + 7 * h - 1, 21 * 60, 7 * 60, 330), day + 7 * h);
    assert_int_equal(notify_quiet_end(day + 21 * h, 21 * 60, 7 * 60, 330), day + 31 * h);
    assert_int_equal(notify_quiet_end(day + 21 * h - 1, 21 * 60, 7 * 60, 330),
                     day + 21 * h - 1);
    assert_int_equal(notify_quiet_end(day + 14 * h, 13 * 60, 15 * 60, 330), day + 15 * h);
    assert_int_equal(notify_quiet_end(day + 16 * h, 13 * 60, 15 * 60, 330), day + 16 * h);
    assert_int_equal(notify_quiet_end(day + 6 * h, 21 * 60, 7 * 60, 0), day + 6 * h + h / 2 * 13);
}

int main(void)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, clocked_open, clocked_close, NULL                                      \
    }
    const struct CMUnitTest tests[] = {
        TEST("NOTE-3 refused: tried again after 10 s to 12 h, then failed",
             test_refused_on_schedule),
        TEST("NOTE-3 an outage opens the circuit, costs no try, ends by a probe",
             test_outage_opens_and_ends),
        TEST("NOTE-3 a rate limit waits as long as it says", test_limit_waits_as_told),
        TEST("NOTE-3 a probe is made again after a crash", test_probe_survives_a_crash),
        TEST("NOTE-3 an outage is of one provider", test_hooks_are_apart),
        TEST("NOTE-3 what is wrong in itself holds up nobody", test_own_fault_steps_aside),
        TEST("NOTE-3 who writes can be written to again", test_who_writes_is_written_to),
        TEST("NOTE-3 codes expire instead of waiting", test_codes_go_their_own_way),
        TEST("NOTE-3 each message has a key", test_each_has_a_key),
        TEST("NOTE-3 what arrived though the answer was lost is not sent again",
             test_arrived_after_all),
        TEST("NOTE-3 thousands wait at no cost", test_many_wait),
        TEST("NOTE-2 told in the ways that were chosen", test_ways),
        TEST("NOTE-2 WhatsApp as chosen, nothing while suspended",
             test_chosen_and_suspended),
        TEST("NOTE-2 quiet hours hold back, but not what is waited for",
             test_quiet_hours),
        TEST("NOTE-2 when quiet hours end", test_quiet_end),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
