/* The dialogue survives: restarts, messages twice, many at once, out of order, from numbers
 * that are hidden or change. */
#include "bot_ground.h"

static void test_restart_in_the_middle(void **state)
{
    struct chat *c = *state;

    registered(c, true);
    hear(c, "add");
    hear(c, "Vase");
    receive(c, webhook(c, ME, "during", clock_ms(), message_of(c, "of clay")));
    ground_restart(c->g);
    work(c);
    has_parts("after", replies(c), "cost");
    hear(c, "75");
    ground_restart(c->g);
    has_parts("after", hear(c, "repeat"), "How many do you have");
    hear(c, "2");
    ground_restart(c->g);
    has_parts("after", hear(c, "0"), "*Vase*|of clay|₹75|2 pieces");
    has_parts("after", hear(c, "yes"), "in your shop");
}

static void test_died_while_handling(void **state)
{
    struct chat *c = *state;
    int64_t next;
    json_t *job;

    registered(c, true);
    receive(c, webhook(c, ME, "killed", clock_ms(), message_of(c, "add")));
    assert_int_equal(job_lease(c->g->db, JOB_WORK, 60000, &job, &next), DB_OK);
    ground_restart(c->g);
    assert_int_equal(work(c), 0);
    run(c->g, "UPDATE job SET leased_until_ms = 1 WHERE state = 'leased'");
    assert_int_equal(work(c), 1);
    has_parts("again", replies(c), "called");
}

static void test_message_twice(void **state)
{
    struct chat *c = *state;
    struct bot_received got;
    const char *body;

    registered(c, true);
    body = webhook(c, ME, "twice", clock_ms(), message_of(c, "add"));
    receive(c, body);
    assert_int_equal(bot_receive(c->g->db, body, strlen(body), &got), DB_OK);
    assert_int_equal(got.known, 1);
    assert_int_equal(got.stored, 0);
    assert_int_equal(work(c), 1);
    has_parts("once", replies(c), "called");
    receive(c, body); /* a week later */
    assert_int_equal(work(c), 0);
    has_parts("again", replies(c), NULL);
}

struct poster {
    struct chat *c;
    const char *body;
};

static void *post(void *arg)
{
    struct poster *p = arg;
    struct arena *a = arena_new();
    struct bot_received got;

    arena_json(a);
    for (int i = 0; i < 4; i++) {
        struct db *db = db_new(p->c->g->file, a);

        assert_int_equal(bot_receive(db, p->body, strlen(p->body), &got), DB_OK);
        arena_reset(a);
    }
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

static void *handle(void *arg)
{
    struct poster *p = arg;
    struct arena *a = arena_new();
    int64_t next;
    json_t *job;

    arena_json(a);
    for (int idle = 0; idle < 200;) {
        struct db *db = db_new(p->c->g->file, a);

        if (job_lease(db, JOB_WORK, 60000, &job, &next) == DB_OK)
            assert_int_equal(bot_handle_next(&p->c->bot, db, job, false), DB_OK);
        else
            idle++, usleep(1000);
        arena_reset(a);
    }
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

static void test_fifty_at_once(void **state)
{
    enum { POSTERS = 50, HANDLERS = 4 };
    struct chat *c = *state;
    pthread_t threads[POSTERS + HANDLERS];
    struct poster p = { .c = c };
    const char *got;

    registered(c, true);
    p.body = webhook(c, ME, "fifty", clock_ms(), message_of(c, "add"));
    db_release(c->g->db);
    for (int i = 0; i < POSTERS; i++)
        pthread_create(&threads[i], NULL, post, &p);
    for (int i = 0; i < HANDLERS; i++)
        pthread_create(&threads[POSTERS + i], NULL, handle, &p);
    for (int i = 0; i < POSTERS + HANDLERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM webhook_message"
                                     " WHERE message_id = 'fifty' AND state = 'done'"),
                     1);
    got = replies(c);
    assert_ptr_equal(got, strstr(got, "What is the product called?"));
    assert_null(strstr(got + 1, "What is"));
}

static void test_out_of_order(void **state)
{
    static const char *const says[] = { "add", "Vase", "of clay", "75", "2", "0" };
    struct chat *c = *state;

    registered(c, true);
    for (int i = 5; i >= 0; i--)
        receive(c, webhook(c, ME, arena_printf(c->g->arena, "order.%d", i),
                           clock_ms() - (5 - i) * 1000, message_of(c, says[i])));
    assert_int_equal(work(c), 6);
    has_parts("all", replies(c), "*Vase*|of clay|₹75|2 pieces");
}

static void test_stale_message(void **state)
{
    struct chat *c = *state;
    struct bot_received got;
    const char *body = webhook(c, ME, "stale", clock_ms() - 2 * CLOCK_DAY,
                               message_of(c, "hi"));

    assert_int_equal(bot_receive(c->g->db, body, strlen(body), &got), DB_OK);
    assert_int_equal(got.ignored, 1);
    assert_int_equal(work(c), 0);
    has_parts("stale", replies(c), NULL);
}

static json_t *of_hidden(struct chat *c, const char *in)
{
    json_t *m = message_of(c, in);

    webhook(c, ME, arena_printf(c->g->arena, "hidden.%d", ++c->sent), clock_ms(), m);
    json_object_del(m, "from");
    json_object_set_new(m, "from_user_id", json_string("IN.2081"));
    return json_pack("{s:s, s:[{s:[{s:s, s:{s:[O]}}]}]}", "object",
                     "whatsapp_business_account", "entry", "changes", "field", "messages",
                     "value", "messages", m);
}

static void test_hidden_number(void **state)
{
    struct chat *c = *state;
    json_t *m;

    receive(c, json_dumps(of_hidden(c, "hi"), 0));
    work(c);
    has_parts("hidden", replies(c), "language");
    assert_string_equal(text_of(c->g, "SELECT recipient FROM job WHERE kind = 'message'"),
                        "IN.2081");
    /* Now the number is shown too: the same dialogue. */
    m = message_of(c, "#en");
    json_object_set_new(m, "from_user_id", json_string("IN.2081"));
    receive(c, webhook(c, ME, "h2", clock_ms(), m));
    work(c);
    has_parts("shown", replies(c), "Welcome");
    assert_string_equal(text_of(c->g, "SELECT group_concat(chat) FROM dialogue"), ME);
}

/* Without a number shown, the number is asked for, and the code goes to it. */
static void test_hidden_number_registers(void **state)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "register", "name" },
                                         { "Meena", "address" },
                                         { "Kochi, Kerala", "make" },
                                         { "mats", "UPI" },
                                         { "skip", "Which mobile number" },
                                         { "12", "10 digits" },
                                         { "98000 00001", "+919800000001" },
                                         { "CODE", "Meena, you are registered" },
                                         { 0 } };
    struct chat *c = *state;

    for (const struct line *l = lines; l->in; l++) {
        const char *in = strcmp(l->in, "CODE") == 0 ? code_for(c, "+" ME) : l->in;

        receive(c, json_dumps(of_hidden(c, in), 0));
        work(c);
        has_parts(l->in, replies(c), l->out);
    }
    assert_string_equal(text_of(c->g, "SELECT mobile FROM user"), "+" ME);
    assert_string_equal(text_of(c->g, "SELECT chat FROM dialogue WHERE user_id = 1"),
                        "IN.2081");
}

static void test_number_changed(void **state)
{
    struct chat *c = *state;
    json_t *m = json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "system", "system", "body",
                          "changed", "type", "user_changed_number", "wa_id",
                          "919855555555");

    registered(c, true);
    receive(c, webhook(c, ME, "moved", clock_ms(), m));
    work(c);
    has_parts("moved", replies(c), NULL);
    assert_string_equal(text_of(c->g, "SELECT chat FROM dialogue"), "919855555555");
    has_parts("anew", hear_from(c, "919855555555", "menu"), "safety|Which mobile");
}

static void test_statuses(void **state)
{
    static const char *const status =
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{\"field\":"
        "\"messages\",\"value\":{\"statuses\":[{\"id\":\"wamid.out\",\"status\":\"%s\","
        "\"timestamp\":\"1700000000\"}]}}]}]}";
    struct chat *c = *state;
    struct bot_received got;
    char body[400];

    hear(c, "hi");
    run(c->g, "UPDATE job SET state = 'done', provider_id = 'wamid.out'"
              " WHERE kind = 'message'");
    snprintf(body, sizeof body, status, "read");
    receive(c, body);
    snprintf(body, sizeof body, status, "delivered");
    assert_int_equal(bot_receive(c->g->db, body, strlen(body), &got), DB_OK);
    assert_int_equal(got.status, 1);
    assert_string_equal(text_of(c->g, "SELECT status FROM job WHERE kind = 'message'"),
                        "read");
    assert_int_equal(work(c), 0);
    assert_int_equal(bot_receive(c->g->db, "{", 1, &got), DB_NONE);
}

static void test_given_up(void **state)
{
    struct chat *c = *state;
    int64_t next;
    json_t *job;

    registered(c, true);
    receive(c, webhook(c, ME, "first", clock_ms() - 1000, message_of(c, "add")));
    receive(c, webhook(c, ME, "second", clock_ms(), message_of(c, "help")));
    run(c->g, "UPDATE dialogue SET draft = 5"); /* STRICT: '5', no object */
    run(c->g, "CREATE TEMP TRIGGER broken BEFORE UPDATE ON main.dialogue"
              " BEGIN SELECT RAISE(ABORT, 'broken'); END");
    assert_int_equal(job_lease(c->g->db, JOB_WORK, 60000, &job, &next), DB_OK);
    assert_int_not_equal(bot_handle_next(&c->bot, c->g->db, job, false), DB_OK);
    has_parts("broken", replies(c), NULL);
    assert_int_equal(bot_handle_next(&c->bot, c->g->db, job, true), DB_OK);
    has_parts("broken", replies(c), "Something went wrong");
    run(c->g, "DROP TRIGGER broken");
    assert_int_equal(work(c), 1);
    has_parts("next", replies(c), "What do you want");
    assert_string_equal(text_of(c->g, "SELECT state FROM webhook_message"
                                      " WHERE message_id = 'first'"),
                        "failed");
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, chat_open, chat_close, NULL                                            \
    }
    const struct CMUnitTest tests[] = {
        TEST("WA-7 a restart in the middle", test_restart_in_the_middle),
        TEST("WA-8 killed while handling", test_died_while_handling),
        TEST("WA-8 a message twice", test_message_twice),
        TEST("WA-8 the same message fifty times at once", test_fifty_at_once),
        TEST("WA-7 out of order", test_out_of_order),
        TEST("WA-8 a message of days ago", test_stale_message),
        TEST("WA-8 a hidden number", test_hidden_number),
        TEST("WA-1 a hidden number registers", test_hidden_number_registers),
        TEST("WA-2 a changed number", test_number_changed),
        TEST("WA-8 statuses", test_statuses),
        TEST("NOTE-3 a message that can't be handled", test_given_up),
    };

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
