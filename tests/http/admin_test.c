/* The admin over HTTP: who may sell, who may come in, with which modules, under which
 * settings; what is refused leaves everything as it was (ACC-7, ACC-8). */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, asker;
    int64_t vendor_id, asker_id;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    w->asker_id = sign_up(&w->asker, &w->shop, "+919000000003", "Asker");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->asker);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static long on(struct browser *b, const char *pattern, int64_t id, const char *json)
{
    char path[120];

    snprintf(path, sizeof path, pattern, (long long)id);
    return post(b, path, "%s", json);
}

static const char *refused_text(const struct browser *b)
{
    return json_string_value(json_object_get(json_object_get(b->json, "error"), "message"));
}

static long asks(struct browser *b, const char *status, const char *gstin, const char *upi)
{
    return post(b, "/account/vendor",
                "{\"trade_name\":\"Ask Shop\",\"address\":\"Pune\",\"state_code\":\"27\","
                "\"gst_status\":\"%s\",\"gstin\":\"%s\",\"upi\":\"%s\"}",
                status, gstin, upi);
}

static void test_role(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;

    assert_int_equal(asks(&w->asker, "regular", "27AAPFU0939F1Z", ""), 422);
    assert_int_equal(asks(&w->asker, "regular", "29AAPFU0939F1ZV", ""), 422);
    assert_int_equal(asks(&w->asker, "regular", "", ""), 422);
    assert_int_equal(asks(&w->asker, "unregistered", "", "no upi"), 422);
    assert_int_equal(asks(&w->asker, "rich", "", ""), 422);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM vendor WHERE trade_name = 'Ask Shop'"),
                     0);

    /* Only the check digit is wrong: let through, and both are told. Spaces, small letters. */
    assert_int_equal(asks(&w->asker, "regular", "27 aapfu 0939 f1z w", "ask@bank"), 201);
    assert_int_equal(get(&w->asker, "/account"), 200);
    assert_true(json_is_true(json_object_get(w->asker.json, "is_doubtful")));
    assert_int_equal(get(&w->admin, "/admin/requests"), 200);
    assert_non_null(strstr(w->admin.body, "\"is_doubtful\":true"));
    assert_int_equal(asks(&w->asker, "regular", "27AAPFU0939F1ZV", "ask@bank"), 201);
    assert_int_equal(get(&w->asker, "/account"), 200);
    assert_true(json_is_false(json_object_get(w->asker.json, "is_doubtful")));
    assert_int_equal(get(&w->asker, "/sell/catalog"), 403);
    assert_int_equal(get(&w->asker, "/v/ask-shop"), 404);

    assert_int_equal(on(&w->admin, "/admin/requests/%lld/decline", w->asker_id, "{}"), 422);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/decline", w->asker_id,
                        "{\"reason\":\"  \"}"),
                     422);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/decline", w->asker_id,
                        "{\"reason\":\"Where is the shop?\"}"),
                     200);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/approve", w->asker_id, "{}"), 409);
    assert_string_equal(refused_text(&w->admin), "Another admin has declined it already.");
    assert_int_equal(get(&w->asker, "/account"), 200);
    assert_non_null(strstr(w->asker.body, "Where is the shop?"));
    assert_true(json_is_true(json_object_get(w->asker.json, "can_ask")));
    assert_int_equal(asks(&w->asker, "unregistered", "", "ask@bank"), 201);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/approve", w->asker_id, "{}"), 200);
    assert_int_equal(asks(&w->asker, "unregistered", "", "ask@bank"), 409);
    assert_int_equal(get(&w->asker, "/sell/catalog"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE kind IN"
                                " ('vendor.declined', 'vendor.approved')"
                                " AND subject = 'Ask Shop'"),
                     2);
}

static long changes(struct browser *b, const char *name, const char *gstin, const char *upi)
{
    return post(b, "/account/vendor/details",
                "{\"trade_name\":\"%s\",\"address\":\"Jaipur\",\"state_code\":\"08\","
                "\"gst_status\":\"%s\",\"gstin\":\"%s\",\"upi\":\"%s\"}",
                name, *gstin ? "regular" : "unregistered", gstin, upi);
}

/* A shop that sells gets another name and a GSTIN: the admin sees before and after. */
static void test_details(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    const char *is = "SELECT count(*) FROM vendor WHERE handle = 'kumhar' AND trade_name = '%s'"
                     " AND gst_status = '%s' AND upi = 'new@bank'";
    char sql[300];
    int64_t asked;

    assert_int_equal(changes(&w->asker, "Asker", "", ""), 409);
    assert_int_equal(changes(&w->vendor, "Kumhar & Sons", "08AAPFU0939F1Z", "new@bank"), 422);
    /* Both fields that are wrong say so. */
    assert_int_equal(changes(&w->vendor, "Kumhar & Sons", "08AAPFU0939F1Z", "nobank"), 422);
    assert_non_null(strstr(w->vendor.body, "\"gstin\":"));
    assert_non_null(strstr(w->vendor.body, "\"upi\":"));
    assert_int_equal(browser_send(&w->vendor, "/account", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->vendor.body, "action=\"/account/vendor/details\""));
    assert_null(strstr(w->vendor.body, "action=\"/account/vendor\""));
    assert_int_equal(changes(&w->vendor, "Kumhar & Sons", "08AAPFU0939F1ZV", "new@bank"), 201);
    snprintf(sql, sizeof sql, is, "Kumhar", "unregistered");
    assert_int_equal(sql_int(s, sql), 1);
    assert_int_equal(browser_send(&w->vendor, "/account", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->vendor.body, "These new details wait"));
    assert_int_equal(browser_send(&w->admin, "/admin/requests", NULL, NULL,
                                  "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->admin.body, "<del>Kumhar</del> Kumhar &amp; Sons"));
    assert_non_null(strstr(w->admin.body, "08AAPFU0939F1ZV"));
    asked = sql_int(s, "SELECT asked_ms FROM vendor_change");
    snprintf(sql, sizeof sql, "{\"asked\":%lld}", (long long)asked - 1);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/change/approve", w->vendor_id, sql),
                     409);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/change/approve", w->vendor_id, "{}"),
                     422);
    snprintf(sql, sizeof sql, "{\"asked\":%lld,\"reason\":\"\"}", (long long)asked);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/change/decline", w->vendor_id, sql),
                     422);
    assert_int_equal(on(&w->vendor, "/admin/requests/%lld/change/approve", w->vendor_id, sql),
                     404);
    assert_int_equal(on(&w->admin, "/admin/requests/%lld/change/approve", w->vendor_id, sql),
                     200);
    snprintf(sql, sizeof sql, is, "Kumhar & Sons", "regular");
    assert_int_equal(sql_int(s, sql), 1);
    assert_int_equal(get(&w->asker, "/v/kumhar"), 200);
    assert_non_null(strstr(w->asker.body, "Kumhar & Sons"));
    assert_int_equal(changes(&w->vendor, "Kumhar", "", "new@bank"), 201);
    assert_int_equal(post(&w->vendor, "/account/vendor/details/keep", "{}"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM vendor_change"), 0);
    assert_int_equal(sql_int(s, sql), 1);
}

/* --- two at once --- */

struct press {
    struct browser *browser;
    const char *path, *body;
    long status;
    pthread_barrier_t *start;
};

static void *press_run(void *arg)
{
    struct press *p = arg;

    pthread_barrier_wait(p->start);
    p->status = post(p->browser, p->path, "%s", p->body);
    return NULL;
}

static void both(struct press *one, struct press *other)
{
    pthread_barrier_t start;
    pthread_t threads[2];

    pthread_barrier_init(&start, NULL, 2);
    one->start = other->start = &start;
    pthread_create(&threads[0], NULL, press_run, one);
    pthread_create(&threads[1], NULL, press_run, other);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    pthread_barrier_destroy(&start);
}

static void test_two_admins(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    struct browser second;
    char yes[80], no[80], stop_one[80], stop_two[80];
    int64_t one, two;

    sign_up(&second, s, "+919000000004", "Second");
    assert_int_equal(shop_command(s, "admin", "+919000000004"), 0);
    assert_int_equal(get(&second, "/admin"), 200);
    for (int i = 0; i < 5; i++) {
        struct press a = { &w->admin, yes, "{}", 0, NULL };
        struct press b = { &second, no, "{\"reason\":\"No\"}", 0, NULL };
        const char *ok = "SELECT count(*) FROM audit_entry WHERE kind IN"
                         " ('vendor.approved', 'vendor.declined') AND subject = 'Ask Shop'";

        if (asks(&w->asker, "unregistered", "", "") != 201)
            break; /* approved the last time */
        snprintf(yes, sizeof yes, "/admin/requests/%lld/approve", (long long)w->asker_id);
        snprintf(no, sizeof no, "/admin/requests/%lld/decline", (long long)w->asker_id);
        both(&a, &b);
        assert_true((a.status == 200 && b.status == 409) ||
                    (a.status == 409 && b.status == 200));
        assert_int_equal(sql_int(s, ok), i + 1);
    }

    /* Each suspends the other: one admin is left, whoever was quicker. */
    one = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000001'");
    two = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000004'");
    snprintf(stop_one, sizeof stop_one, "/admin/users/%lld/suspend", (long long)one);
    snprintf(stop_two, sizeof stop_two, "/admin/users/%lld/suspend", (long long)two);
    assert_int_equal(post(&w->admin, stop_one, "{}"), 409);
    both(&(struct press) { &w->admin, stop_two, "{}", 0, NULL },
         &(struct press) { &second, stop_one, "{}", 0, NULL });
    assert_int_equal(
        sql_int(s, "SELECT count(*) FROM user WHERE is_admin = 1 AND state = 'active'"), 1);
    browser_free(&second);
}

static void test_suspended_vendor(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    int64_t listing, order;
    char body[80];

    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"250\"}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 201);
    listing = sql_int(s, "SELECT max(id) FROM listing");
    snprintf(body, sizeof body, "{\"listing\":%lld,\"qty\":\"1\"}", (long long)listing);
    assert_in_range(post(&w->asker, "/cart/items", "%s", body), 200, 201);
    assert_in_range(post(&w->asker, "/cart/order", "{}"), 200, 201);
    order = sql_int(s, "SELECT max(id) FROM orders");
    assert_in_range(post(&w->asker, "/cart/items", "%s", body), 200, 201);

    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/selling/suspend", w->vendor_id,
                        "{\"reason\":\"\"}"),
                     422);
    snprintf(body, sizeof body, "/admin/accounts/%lld/selling/suspend",
             (long long)w->vendor_id);
    assert_int_equal(browser_send(&w->admin, body, "application/x-www-form-urlencoded",
                                  "reason=", "Accept: text/html"),
                     422);
    assert_non_null(strstr(w->admin.body, "<details class=\"confirm\" open>"));
    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/selling/suspend", w->vendor_id,
                        "{\"reason\":\"Copied goods\"}"),
                     200);
    assert_int_equal(get(&w->vendor, "/account"), 200);
    assert_non_null(strstr(w->vendor.body, "Copied goods"));
    assert_int_equal(browser_send(&w->asker, "/v/kumhar", NULL, NULL, "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->asker.body, "not open here"));
    assert_null(strstr(w->asker.body, "Pot"));
    assert_true(post(&w->asker, "/cart/order", "{}") >= 400);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM orders"), 1);
    assert_true(post(&w->vendor, "/sell/catalog/new", "{\"sku\":1,\"price\":\"9\"}") >= 400);
    assert_true(on(&w->vendor, "/sell/orders/%lld/accept", order, "{}") < 300);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM orders WHERE state = 'accepted'"), 1);

    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/selling/restore", w->vendor_id, "{}"),
                     200);
    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/selling/restore", w->vendor_id, "{}"),
                     409);
    assert_int_equal(browser_send(&w->asker, "/v/kumhar", NULL, NULL, "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->asker.body, "Pot"));
    assert_in_range(post(&w->asker, "/cart/order", "{}"), 200, 201);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM orders"), 2);
}

static void test_users(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    int64_t user = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000003'");
    json_t *rows;
    char next[200];

    assert_int_equal(get(&w->admin, "/admin/users?q=ask"), 200);
    rows = json_object_get(w->admin.json, "users");
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(get(&w->admin, "/admin/users?q=90000%2000003"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "users")), 1);
    assert_int_equal(get(&w->admin, "/admin/users?q=%25"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "users")), 0);
    assert_int_equal(get(&w->admin, "/admin/users?state=admin"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "users")), 1);
    assert_int_equal(get(&w->admin, "/admin/users?state=x'--&before=-1"), 200);
    assert_int_equal(get(&w->admin, "/admin/users/csv"), 200);
    assert_non_null(strstr(w->admin.body, "9000000003"));
    assert_int_equal(get(&w->admin, "/admin/accounts/csv"), 200);
    assert_non_null(strstr(w->admin.body, "Kumhar"));
    assert_int_equal(get(&w->admin, "/admin/outbox/csv"), 200);
    assert_non_null(strstr(w->admin.body, "9000000003"));
    sql_int(s, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
               " INSERT INTO user(mobile, name, created_ms)"
               " SELECT '+9190000011' || i, 'Many', 1 FROM n");
    assert_int_equal(get(&w->admin, "/admin/users?q=many"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "users")), 50);
    snprintf(next, sizeof next, "%s",
             json_string_value(json_object_get(json_object_get(w->admin.json, "list"),
                                               "next")));
    assert_int_equal(get(&w->admin, next), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "users")), 1);
    assert_int_equal(get(&w->admin, "/admin/users/99999"), 404);

    assert_int_equal(on(&w->admin, "/admin/users/%lld/signout", user, "{}"), 200);
    assert_int_equal(get(&w->asker, "/me"), 401);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM session JOIN user u ON u.id = user_id"
                                " WHERE u.mobile = '+919000000003'"),
                     0);
    user = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000002'");
    assert_int_equal(get(&w->vendor, "/me"), 200);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/suspend", user, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/me"), 401);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/suspend", user, "{}"), 409);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/restore", user, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/me"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE account_id IS NULL"
                                " AND kind IN ('user.suspended', 'user.restored',"
                                " 'user.signed_out')"),
                     3);
}

/* Another admin is made on their page, and unmade: never oneself, never the last. */
static void test_rights(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    int64_t me = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000001'");
    int64_t user = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000003'");
    const char *admins = "SELECT count(*) FROM user WHERE is_admin = 1";

    assert_int_equal(get(&w->asker, "/admin"), 404);
    assert_int_equal(on(&w->asker, "/admin/users/%lld/admin/give", user, "{}"), 404);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/admin/take", user, "{}"), 409);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/admin/take", me, "{}"), 409);
    assert_int_equal(post(&w->admin, "/admin/users/99999/admin/give", "{}"), 404);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/suspend", user, "{}"), 200);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/admin/give", user, "{}"), 409);
    assert_int_equal(sql_int(s, admins), 1);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/restore", user, "{}"), 200);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/admin/give", user, "{}"), 200);
    assert_int_equal(on(&w->admin, "/admin/users/%lld/admin/give", user, "{}"), 409);
    assert_int_equal(get(&w->asker, "/admin"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM notification WHERE key ="
                                " 'notify.admin_given'"),
                     2);
    assert_int_equal(on(&w->asker, "/admin/users/%lld/admin/take", user, "{}"), 409);
    assert_int_equal(on(&w->asker, "/admin/users/%lld/admin/take", me, "{}"), 200);
    assert_int_equal(get(&w->admin, "/admin"), 404);
    assert_int_equal(sql_int(s, admins), 1);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM notification n JOIN user u ON u.id ="
                                " n.user_id WHERE key = 'notify.admin_no_more' AND mobile ="
                                " '+919000000001'"),
                     1);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE account_id IS NULL AND"
                                " kind = 'user.admin_taken' AND subject ="
                                " 'Admin (+919000000001)' AND user_name = 'Asker'"),
                     1);
}

/* Each takes it from the other: one is left. */
static void test_rights_at_once(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    char one[80], two[80];

    snprintf(two, sizeof two, "/admin/users/%lld/admin/take",
             (long long)sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000003'"));
    snprintf(one, sizeof one, "/admin/users/%lld/admin/take",
             (long long)sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000001'"));
    assert_int_equal(shop_command(s, "admin", "+919000000003"), 0);
    both(&(struct press) { &w->admin, two, "{}", 0, NULL },
         &(struct press) { &w->asker, one, "{}", 0, NULL });
    assert_int_equal(
        sql_int(s, "SELECT count(*) FROM user WHERE is_admin = 1 AND state = 'active'"), 1);
}

static void test_accounts(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    char path[100];

    assert_int_equal(get(&w->admin, "/admin/accounts?q=KUMH"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "accounts")), 1);
    assert_int_equal(get(&w->admin, "/admin/accounts?state=vendor"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "accounts")), 1);

    /* The ceiling holds for the primary user too, from the next request on. */
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    snprintf(path, sizeof path, "/admin/accounts/%lld/modules/inventory/take",
             (long long)w->vendor_id);
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 403);
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE kind ="
                                " 'account.module'"),
                     1);
    snprintf(path, sizeof path, "/admin/accounts/%lld/modules/inventory/give",
             (long long)w->vendor_id);
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    snprintf(path, sizeof path, "/admin/accounts/%lld/modules/everything/take",
             (long long)w->vendor_id);
    assert_int_equal(post(&w->admin, path, "{}"), 404);
    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/modules/none/take", w->vendor_id,
                        "{}"),
                     404);
    assert_int_equal(post(&w->admin, "/admin/accounts/99999/modules/orders/take", "{}"), 404);

    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/suspend", w->vendor_id, "{}"), 200);
    assert_true(get(&w->vendor, "/inventory") != 200 ||
                json_object_get(w->vendor.json, "location"));
    assert_int_equal(get(&w->asker, "/v/kumhar"), 200);
    assert_non_null(strstr(w->asker.body, "\"is_suspended\":true"));
    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/suspend", w->vendor_id, "{}"), 409);
    assert_int_equal(on(&w->admin, "/admin/accounts/%lld/restore", w->vendor_id, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
}

/* Nothing that the vendor keeps is in what the admin is shown, and its pages don't open. */
static void test_books(void **state)
{
    struct world *w = *state;
    static const char *const pages[] = {
        "/admin", "/admin/requests", "/admin/users", "/admin/accounts", "/admin/outbox",
        "/admin/jobs", "/admin/settings", "/admin/services", "/admin/backups"
    };
    int64_t sku;
    char path[80];

    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Sonpatta\",\"qty\":\"77\",\"unit\":\"piece\","
                          "\"cost\":\"321.99\"}"),
                     201);
    sku = answer_int(&w->vendor, "id");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        assert_int_equal(get(&w->admin, pages[i]), 200);
        assert_null(strstr(w->admin.body, "Sonpatta"));
        assert_null(strstr(w->admin.body, "321.99"));
        assert_null(strstr(w->admin.body, "32199"));
        assert_int_equal(get(&w->asker, pages[i]), 404);
    }
    snprintf(path, sizeof path, "/admin/accounts/%lld", (long long)w->vendor_id);
    assert_int_equal(get(&w->admin, path), 200);
    assert_null(strstr(w->admin.body, "Sonpatta"));
    assert_null(strstr(w->admin.body, "on_hand"));
    snprintf(path, sizeof path, "/inventory/%lld", (long long)sku);
    assert_int_equal(get(&w->vendor, path), 200);
    assert_int_equal(get(&w->admin, path), 404);
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->vendor_id);
    assert_int_equal(post(&w->admin, path, "{}"), 404);
}

#define SETTINGS "\"lang_en\":true,\"lang_hi\":true,"

static void test_settings(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    static const char *const wrong[] = {
        SETTINGS "\"accounts_per_user\":0,\"codes_per_day\":100",
        SETTINGS "\"accounts_per_user\":-1,\"codes_per_day\":100",
        SETTINGS "\"accounts_per_user\":1000000000,\"codes_per_day\":100",
        SETTINGS "\"accounts_per_user\":\"many\",\"codes_per_day\":100",
        SETTINGS "\"accounts_per_user\":2,\"codes_per_day\":0",
        SETTINGS "\"accounts_per_user\":2",
        "\"accounts_per_user\":2,\"codes_per_day\":100",
        SETTINGS "\"accounts_per_user\":2,\"codes_per_day\":100,\"name\":\"A name that is far"
                 " too long for the head of a page\"",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(post(&w->admin, "/admin/settings", "{%s}", wrong[i]), 422);
        assert_int_equal(sql_int(s, "SELECT count(*) FROM setting WHERE key NOT IN"
                                    " ('first_admin', 'push_key')"),
                         0);
    }
    assert_int_equal(post(&w->admin, "/admin/settings",
                          "{\"name\":\"Bazaar <b>\",\"lang_hi\":true,"
                          "\"signup_approval\":true,\"accounts_per_user\":1,"
                          "\"codes_per_day\":100}"),
                     200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE account_id IS NULL"
                                " AND kind = 'setting.changed'"),
                     5);
    /* Only Hindi is offered now, whatever was chosen before. */
    assert_int_equal(browser_send(&w->asker, "/account", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->asker.body, "Bazaar &lt;b&gt;"));
    assert_non_null(strstr(w->asker.body, "lang=\"hi\""));
    assert_null(strstr(w->asker.body, ">English</button>"));
    assert_int_equal(browser_send(&w->asker, "/v/kumhar", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->asker.body, "<html lang=\"hi\">"));
    assert_int_equal(post(&w->asker, "/accounts",
                          "{\"name\":\"Two\",\"email\":\"two@example.com\"}"),
                     409);
    assert_int_equal(post(&w->admin, "/admin/settings",
                          "{" SETTINGS "\"accounts_per_user\":2,\"codes_per_day\":100}"),
                     200);
    assert_int_equal(post(&w->asker, "/accounts",
                          "{\"name\":\"Two\",\"email\":\"two@example.com\"}"),
                     201);
    assert_int_equal(browser_send(&w->asker, "/account", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->asker.body, ">हिन्दी</button>"));
    assert_non_null(strstr(w->asker.body, "InviChat"));
}

/* A day's worth of codes, for everyone together. */
static void test_codes(void **state)
{
    struct world *w = *state;
    struct browser b;
    int sent = 0;

    assert_int_equal(post(&w->admin, "/admin/settings",
                          "{" SETTINGS "\"accounts_per_user\":20,\"codes_per_day\":10}"),
                     200);
    browser_new(&b, &w->shop);
    for (int i = 10; i < 30; i++)
        if (post(&b, "/signin", "{\"mobile\":\"+9190000000%d\"}", i) == 200)
            sent++;
        else
            assert_int_equal(b.status, 429);
    assert_int_equal(sent, 7); /* the three users of the ground took one each */
    browser_free(&b);
}

static void test_outbox(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    int64_t otp = sql_int(s, "SELECT min(id) FROM job WHERE kind = 'otp'");
    char link[80];

    assert_int_equal(sql_int(s, "INSERT INTO job(kind, recipient, payload, state, tries,"
                                " error, next_ms, created_ms, done_ms) VALUES ('message',"
                                " '+919000000003', '{\"to\":\"+919000000003\",\"text_key\":"
                                "\"notify.vendor_approved\",\"args\":{\"name\":\"Ravi\"},"
                                "\"lang\":\"en\",\"href\":\"/sell/catalog\"}', 'failed', 12,"
                                " 'no such number', 1, 1, 2)"
                                " RETURNING id") > 0,
                     1);
    assert_int_equal(get(&w->admin, "/admin/outbox?state=failed"), 200);
    assert_non_null(strstr(w->admin.body, "Ravi may sell now"));
    assert_non_null(strstr(w->admin.body, "no such number"));
    assert_null(strstr(w->admin.body, "payload_json"));
    assert_int_equal(get(&w->admin, "/admin/outbox?state=nonsense"), 200);
    /* The chat shows it as it is sent: its words, and where they lead. */
    assert_int_equal(browser_send(&w->admin, "/admin/simulator?chat=%2B919000000003", NULL,
                                  NULL, "Accept: text/html"),
                     200);
    snprintf(link, sizeof link, ">http://127.0.0.1:%d/sell/catalog</a>", s->port);
    assert_non_null(strstr(w->admin.body, "<p>Ravi may sell now"));
    assert_non_null(strstr(w->admin.body, link));
    assert_int_equal(browser_send(&w->admin, "/admin/outbox", NULL, NULL, "Accept: text/html"),
                     200);
    assert_int_equal(on(&w->admin, "/admin/outbox/%lld/again", otp, "{}"), 409);
    assert_int_equal(on(&w->admin, "/admin/outbox/%lld/stop", otp, "{}"), 409);
    assert_int_equal(post(&w->admin, "/admin/outbox/99999/again", "{}"), 404);
    otp = sql_int(s, "SELECT max(id) FROM job WHERE kind = 'message'");
    assert_int_equal(on(&w->admin, "/admin/outbox/%lld/again", otp, "{}"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM audit_entry WHERE kind = 'job.again'"),
                     1);
    for (int i = 0; i < 100 && sql_int(s, "SELECT count(*) FROM job WHERE state = 'failed'");
         i++)
        usleep(20 * 1000);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM job WHERE state = 'failed'"), 0);
    sql_int(s, "UPDATE job SET state = 'waiting', next_ms = 9999999999999 WHERE kind ="
               " 'message'");
    assert_int_equal(on(&w->admin, "/admin/outbox/%lld/stop", otp, "{}"), 200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM job WHERE state = 'failed'"), 1);
    assert_int_equal(browser_send(&w->admin, "/admin/outbox", NULL, NULL, "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->admin.body, "Given up."));
    assert_int_equal(get(&w->admin, "/admin/jobs"), 200);
    assert_null(strstr(w->admin.body, "+919000000003"));
    /* A job is no message: it is tried, not sent. */
    sql_int(s, "INSERT INTO job(kind, payload, state, next_ms, created_ms, done_ms)"
               " VALUES ('media', '{}', 'failed', 1, 1, 1)");
    assert_int_equal(browser_send(&w->admin, "/admin/jobs", NULL, NULL, "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->admin.body, "<th>Job</th>"));
    assert_non_null(strstr(w->admin.body, "Try again"));
    assert_null(strstr(w->admin.body, "Send again"));
}

/* The value of a line of the admin's start. */
static const char *fact_of(struct world *w, const char *key)
{
    const json_t *fact;
    size_t i;

    assert_int_equal(get(&w->admin, "/admin"), 200);
    json_array_foreach(json_object_get(w->admin.json, "facts"), i, fact)
        if (strcmp(json_string_value(json_object_get(fact, "key")), key) == 0)
            return json_string_value(json_object_get(fact, "value"));
    fail_msg("no fact %s", key);
    return NULL;
}

/* ACC-8: the figures follow what is. */
static void test_health(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    char errors[40];

    assert_string_equal(fact_of(w, "admin.sends_waiting"), "0");
    assert_string_equal(fact_of(w, "admin.work_waiting"), "0");
    sql_int(s, "INSERT INTO job(kind, provider, recipient, payload, next_ms, created_ms)"
               " VALUES ('message', 'chat', '+911', '{}', 9999999999999, 1),"
               " ('message', 'chat', '+912', '{}', 9999999999999, 1),"
               " ('remind', '', '', '{}', 9999999999999, 1)");
    assert_string_equal(fact_of(w, "admin.sends_waiting"), "2");
    assert_string_equal(fact_of(w, "admin.work_waiting"), "1");
    assert_string_not_equal(fact_of(w, "admin.database"), "0.0 MB");
    assert_string_not_equal(fact_of(w, "admin.disk_free"), "0.0 MB");
    snprintf(errors, sizeof errors, "%s", fact_of(w, "admin.errors"));
    sql_int(s, "ALTER TABLE notify_quiet RENAME TO gone");
    assert_int_equal(get(&w->asker, "/me/notifications"), 500);
    sql_int(s, "ALTER TABLE gone RENAME TO notify_quiet");
    assert_int_equal(get(&w->asker, "/me/notifications"), 200);
    assert_true(atoi(fact_of(w, "admin.errors")) > atoi(errors));
}

/* ACC-8: a suspended user is told so at the door, and let in again. */
static void test_suspended_at_the_door(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    int64_t user = sql_int(s, "SELECT id FROM user WHERE mobile = '+919000000003'");
    char old[8], code[8];
    struct browser b;

    assert_int_equal(on(&w->admin, "/admin/users/%lld/suspend", user, "{}"), 200);
    for (int i = 0; i < 2; i++) {
        code_of(s, "+919000000003", old);
        browser_new(&b, s);
        assert_int_equal(post(&b, "/signin", "{\"mobile\":\"9000000003\"}"), 200);
        do {
            usleep(10 * 1000);
            code_of(s, "+919000000003", code);
        } while (strcmp(old, code) == 0);
        assert_int_equal(post(&b, "/signin/verify", "{\"code\":\"%s\"}", code),
                         i ? 200 : 403);
        assert_int_equal(get(&b, "/me"), i ? 200 : 401);
        browser_free(&b);
        if (!i)
            assert_int_equal(on(&w->admin, "/admin/users/%lld/restore", user, "{}"), 200);
    }
}

static void test_home(void **state)
{
    struct world *w = *state;
    static const char *const shown[] = { "admin.disk_free", "admin.database",
                                         "admin.last_backup", "admin.uptime",
                                         "admin.version", "admin.errors", "admin.failed",
                                         "admin.sends_waiting" };

    assert_int_equal(get(&w->admin, "/admin"), 200);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        assert_non_null(strstr(w->admin.body, shown[i]));
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(w->admin.json, "numbers"), "users")),
                     3);
    assert_int_equal(browser_send(&w->admin, "/admin", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->admin.body, "href=\"/admin/backups\""));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_role, setup, teardown),
        cmocka_unit_test_setup_teardown(test_details, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_admins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_suspended_vendor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_users, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rights_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accounts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_books, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_outbox, setup, teardown),
        cmocka_unit_test_setup_teardown(test_home, setup, teardown),
        cmocka_unit_test_setup_teardown(test_health, setup, teardown),
        cmocka_unit_test_setup_teardown(test_suspended_at_the_door, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("ACC-7 ACC-8 the admin", tests, NULL, NULL);
}
