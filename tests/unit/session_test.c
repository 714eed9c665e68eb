/* Sessions: what the one query answers, when they end, and whose the cart is. */
#include "tests/unit/access_ground.h"

#include "db/notify.h"
#include "db/session.h"
#include "server/http/seen.h"

static const unsigned char one[32] = "hash of the first token........";
static const unsigned char two[32] = "hash of the second token.......";

static const json_t *found(struct ground *g, const unsigned char *hash)
{
    json_t *row;

    assert_int_equal(session_find(g->db, hash, &row), DB_OK);
    return row;
}

static enum db_rc find_rc(struct ground *g, const unsigned char *hash)
{
    json_t *row;

    return session_find(g->db, hash, &row);
}

static int64_t signed_in(struct ground *g, const unsigned char *hash, int64_t user_id)
{
    int64_t id;

    assert_int_equal(
        session_start(g->db, hash, user_id, 0, "Firefox", "203.0.113.7", false, &id), DB_OK);
    return id;
}

static void cart_add(struct ground *g, const char *owner, int64_t id, int64_t listing,
                     int64_t qty)
{
    db_begin(g->db);
    db_exec(g->db,
            arena_printf(g->arena,
                         "INSERT INTO requirement(%s, listing_id, qty_milli, created_ms)"
                         " VALUES (?1, ?2, ?3, 1)",
                         owner),
            DB_ARGS(DB_INT(id), DB_INT(listing), DB_INT(qty)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

static void pass_days(struct ground *g, int days)
{
    db_begin(g->db);
    db_exec(g->db,
            "UPDATE session SET created_ms = created_ms - ?1, seen_ms = seen_ms - ?1,"
            " expires_ms = expires_ms - ?1",
            DB_ARGS(DB_INT(days * CLOCK_DAY)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

static void all_in_one(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), account = account_new(g, user, "a@b.in");
    int64_t session = signed_in(g, one, user);
    const json_t *row = found(g, one);

    assert_int_equal(int_in(row, "user_id"), user);
    assert_true(json_is_null(json_object_get(row, "account_id")));
    assert_int_equal(session_enter_account(g->db, session, user, account), DB_OK);
    listing_new(g, account_new(g, user, "shop@b.in"));
    cart_add(g, "account_id", account, number_of(g, "SELECT id FROM listing"), 1000);
    db_begin(g->db);
    assert_int_equal(notify_user(g->db, user, account, "notify.x", NULL, "/"), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    row = found(g, one);
    assert_int_equal(int_in(row, "id"), session);
    assert_int_equal(int_in(row, "account_id"), account);
    assert_string_equal(text_in(row, "user_name"), "Asha");
    assert_string_equal(text_in(row, "mobile"), "+919812345678");
    assert_string_equal(text_in(row, "lang"), "en");
    assert_string_equal(text_in(row, "account_name"), "Asha's home");
    assert_string_equal(text_in(row, "zone"), "Asia/Kolkata");
    assert_string_equal(text_in(row, "vendor_state"), "");
    assert_true(json_is_true(json_object_get(row, "is_primary")));
    assert_true(json_is_false(json_object_get(row, "is_admin")));
    assert_int_equal(json_object_size(json_object_get(row, "levels_json")), 0);
    assert_int_equal(json_object_size(json_object_get(row, "modules_off_json")), 0);
    assert_int_equal(int_in(row, "cart_count"), 1);
    assert_int_equal(int_in(row, "unread_count"), 1);
}

static void of_a_secondary(void **state)
{
    struct ground *g = *state;
    int64_t owner = user_new(g, "+919812345678"), helper = user_new(g, "+919812345679");
    int64_t account = account_new(g, owner, "a@b.in"),
            session = signed_in(g, one, helper);
    const json_t *row;

    assert_int_equal(session_enter_account(g->db, session, helper, account), DB_NONE);
    run(g, "INSERT INTO membership(account_id, user_id, created_ms) VALUES (1, 2, 1)");
    run(g, "INSERT INTO permission VALUES (1, 2, 'inventory', 2), (1, 2, 'orders', 1)");
    run(g, "INSERT INTO module_off VALUES (1, 'orders')");
    assert_int_equal(session_enter_account(g->db, session, helper, account), DB_OK);
    row = found(g, one);
    assert_true(json_is_false(json_object_get(row, "is_primary")));
    assert_int_equal(int_in(json_object_get(row, "levels_json"), "inventory"), 2);
    assert_int_equal(int_in(json_object_get(row, "levels_json"), "orders"), 1);
    assert_int_equal(int_in(json_object_get(row, "modules_off_json"), "orders"), 1);
    run(g, "UPDATE permission SET level = 1 WHERE module = 'inventory'");
    assert_int_equal(int_in(json_object_get(found(g, one), "levels_json"), "inventory"),
                     1);
    run(g, "DELETE FROM membership WHERE user_id = 2");
    assert_true(json_is_null(json_object_get(found(g, one), "account_id")));
    assert_int_equal(int_in(found(g, one), "user_id"), helper);
}

/* SEC-03 */
static void suspended(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), account = account_new(g, user, "a@b.in");
    int64_t session = signed_in(g, one, user), admin = user_new(g, "+919812345679");
    const struct actor boss = { admin, 0, "203.0.113.1" };

    assert_int_equal(session_enter_account(g->db, session, user, account), DB_OK);
    assert_int_equal(account_suspend(g->db, &boss, account), DB_OK);
    assert_true(json_is_null(json_object_get(found(g, one), "account_id")));
    assert_int_equal(session_enter_account(g->db, session, user, account), DB_NONE);
    assert_int_equal(account_restore(g->db, &boss, account), DB_OK);
    assert_int_equal(int_in(found(g, one), "account_id"), account);
    assert_int_equal(user_suspend(g->db, &boss, user), DB_OK);
    assert_int_equal(find_rc(g, one), DB_NONE);
    assert_int_equal(user_restore(g->db, &boss, user), DB_OK);
    assert_int_equal(find_rc(g, one), DB_OK);
}

static void waiting_user(void **state)
{
    struct ground *g = *state;

    signed_in(g, one, user_new(g, "+919812345678"));
    run(g, "UPDATE user SET state = 'waiting'");
    assert_int_equal(find_rc(g, one), DB_NONE);
}

/* SEC-04 */
static void idle_and_longest(void **state)
{
    struct ground *g = *state;
    int64_t session = signed_in(g, one, user_new(g, "+919812345678"));

    pass_days(g, 29);
    assert_int_equal(find_rc(g, one), DB_OK);
    assert_int_equal(session_seen(g->db, session), DB_OK);
    pass_days(g, 29);
    assert_int_equal(find_rc(g, one), DB_OK);
    pass_days(g, 1);
    assert_int_equal(find_rc(g, one), DB_NONE);
    run(g, "UPDATE session SET created_ms = created_ms + 1"); /* the row is still there */
    for (int day = 0; day < 120; day += 20) {
        assert_int_equal(session_seen(g->db, session), DB_OK);
        pass_days(g, 20);
    }
    assert_int_equal(find_rc(g, one), DB_OK);
    assert_int_equal(session_seen(g->db, session), DB_OK);
    pass_days(g, 2);
    assert_int_equal(find_rc(g, one), DB_NONE);
}

static void visitor_lasts(void **state)
{
    struct ground *g = *state;
    int64_t session;

    assert_int_equal(session_visitor(g->db, one, "hi", NULL, &session), DB_OK);
    assert_string_equal(text_in(found(g, one), "lang"), "hi");
    pass_days(g, 59);
    assert_int_equal(find_rc(g, one), DB_OK);
    pass_days(g, 1);
    assert_int_equal(find_rc(g, one), DB_NONE);
}

/* SEC-05 */
static void endings(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), stranger = user_new(g, "+919812345679");
    int64_t first = signed_in(g, one, user), second = signed_in(g, two, user), id;
    unsigned char three[32] = { 3 };
    json_t *rows;

    assert_int_equal(session_start(g->db, three, stranger, 0, "Firefox", "203.0.113.9", true,
                                   &id),
                     DB_OK);
    assert_int_equal(session_list(g->db, stranger, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text_in(json_array_get(rows, 0), "agent"), "Firefox");
    assert_string_equal(text_in(json_array_get(rows, 0), "address"), "203.0.113.9");
    assert_int_equal(session_list(g->db, user, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(session_end(g->db, id, stranger), DB_OK);
    assert_int_equal(session_end(g->db, first, stranger), DB_NONE);
    assert_int_equal(session_end(g->db, first, user), DB_OK);
    assert_int_equal(find_rc(g, one), DB_NONE);
    assert_int_equal(find_rc(g, two), DB_OK);
    assert_int_equal(session_end_all(g->db, stranger), DB_NONE);
    assert_int_equal(session_enter_account(g->db, second, stranger,
                                           account_new(g, stranger, "s@b.in")),
                     DB_NONE);
    assert_int_equal(session_end_all(g->db, user), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM session"), 0);
}

/* The cart: visitor -> signed in -> account, where quantities add up. */
static void cart_goes_along(void **state)
{
    struct ground *g = *state;
    int64_t seller = user_new(g, "+919812345670"), user = user_new(g, "+919812345678");
    int64_t mine = account_new(g, user, "a@b.in");
    int64_t shop = listing_new(g, account_new(g, seller, "x@b.in"));
    int64_t other = listing_new(g, account_new(g, seller, "y@b.in"));
    int64_t own = listing_new(g, mine), visitor, session;

    cart_add(g, "account_id", mine, shop, 2000);
    assert_int_equal(session_visitor(g->db, one, NULL, NULL, &visitor), DB_OK);
    cart_add(g, "session_id", visitor, shop, 3000);
    cart_add(g, "session_id", visitor, other, 999999500);
    cart_add(g, "session_id", visitor, own, 1000);
    cart_add(g, "account_id", mine, other, 1000);
    assert_int_equal(int_in(found(g, one), "cart_count"), 3);
    assert_int_equal(session_start(g->db, two, user, visitor, "", "", false, &session), DB_OK);
    assert_int_equal(find_rc(g, one), DB_NONE);
    assert_int_equal(int_in(found(g, two), "cart_count"), 3);
    assert_int_equal(session_enter_account(g->db, session, user, mine), DB_OK);
    assert_int_equal(int_in(found(g, two), "cart_count"), 2);
    assert_int_equal(number_of(g, "SELECT count(*) FROM requirement"), 2);
    assert_int_equal(
        number_of(g, "SELECT qty_milli FROM requirement ORDER BY listing_id"), 5000);
    assert_int_equal(number_of(g, "SELECT max(qty_milli) FROM requirement"), 1000000000);
    assert_int_equal(session_enter_account(g->db, session, user, mine), DB_OK);
    assert_int_equal(number_of(g, "SELECT sum(qty_milli) FROM requirement"), 1000005000);
}

/* Uses are noted later, together; twice is once. */
static void seen_later(void **state)
{
    struct ground *g = *state;
    int64_t session = signed_in(g, one, user_new(g, "+919812345678"));
    struct seen *s = seen_new();

    run(g, "UPDATE session SET seen_ms = 1");
    seen_add(s, session);
    seen_add(s, session);
    seen_add(s, 12345); /* ended meanwhile */
    assert_int_equal(number_of(g, "SELECT seen_ms FROM session"), 1);
    assert_int_equal(seen_write(s, g->db), DB_OK);
    assert_true(number_of(g, "SELECT seen_ms FROM session") > 1);
    run(g, "UPDATE session SET seen_ms = 1");
    assert_int_equal(seen_write(s, g->db), DB_OK);
    assert_int_equal(number_of(g, "SELECT seen_ms FROM session"), 1);
    for (int i = 1; i <= 100000; i++) /* more than there is room for */
        seen_add(s, i);
    assert_int_equal(seen_write(s, g->db), DB_OK);
    assert_true(number_of(g, "SELECT seen_ms FROM session") > 1);
    seen_free(s);
}

/* SEC-25: who throws the cookie away each time fills no table. */
static void visitors_of_an_address(void **state)
{
    struct ground *g = *state;
    unsigned char hash[32] = { 0 };
    int64_t id;

    for (int i = 0; i < VISITORS_PER_HOUR; i++) {
        memcpy(hash, &i, sizeof i);
        assert_int_equal(session_visitor(g->db, hash, NULL, "203.0.113.7", &id), DB_OK);
    }
    hash[31] = 1;
    refused(g, session_visitor(g->db, hash, NULL, "203.0.113.7", &id), 429, NULL,
            "refusal.visitors_many");
    assert_in_range(int_in(db_refusal(g->db)->args, "n"), 60, 61);
    assert_int_equal(number_of(g, "SELECT count(*) FROM session"), VISITORS_PER_HOUR);
    assert_int_equal(session_visitor(g->db, hash, NULL, "203.0.113.8", &id), DB_OK);
    run(g, "UPDATE session SET created_ms = created_ms - 3600000");
    hash[31] = 2;
    assert_int_equal(session_visitor(g->db, hash, NULL, "203.0.113.7", &id), DB_OK);
}

/* A token hash that exists already can't be signed in with again. */
static void token_used_twice(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), id;

    signed_in(g, one, user);
    assert_int_equal(session_start(g->db, one, user, 0, "", "", false, &id), DB_ERR);
    assert_int_equal(number_of(g, "SELECT count(*) FROM session"), 1);
}

static void quick(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), account = account_new(g, user, "a@b.in");
    int64_t session = signed_in(g, one, user), before;
    enum { ROUNDS = 100, STEPS = 500 };

    run(g,
        "INSERT INTO notification(user_id, key, at_ms) WITH RECURSIVE n(i) AS (SELECT 1"
        " UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT 1, 'k', i FROM n");
    run(g, "UPDATE notification SET read_ms = 1 WHERE id > 20");
    assert_int_equal(session_enter_account(g->db, session, user, account), DB_OK);
    found(g, one);
    before = steps(g);
    for (int i = 0; i < ROUNDS; i++)
        found(g, one);
    assert_in_range(steps(g) - before, ROUNDS, ROUNDS * STEPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "ACC-2 one query answers it all", all_in_one, ground_open, ground_close, NULL },
        { "ACC-6 rights change at once", of_a_secondary, ground_open, ground_close,
          NULL },
        { "ACC-8 suspending works at once", suspended, ground_open, ground_close, NULL },
        { "ACC-1 who waits has no session", waiting_user, ground_open, ground_close,
          NULL },
        { "ACC-2 30 days idle, 180 in all", idle_and_longest, ground_open, ground_close,
          NULL },
        { "CAT-5 a visitor's lasts 60 days", visitor_lasts, ground_open, ground_close,
          NULL },
        { "ACC-9 one session, all sessions", endings, ground_open, ground_close, NULL },
        { "ACC-2 uses are noted later", seen_later, ground_open, ground_close, NULL },
        { "SEC-25 visitors of an address are limited", visitors_of_an_address, ground_open,
          ground_close, NULL },
        { "CAT-5 the cart goes along", cart_goes_along, ground_open, ground_close, NULL },
        { "ACC-2 a token is one session", token_used_twice, ground_open, ground_close,
          NULL },
        { "ACC-2 found quickly", quick, ground_open, ground_close, NULL },
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
