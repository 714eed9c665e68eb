/* The log of an account: what it holds, its filters, its pages, its CSV. */
#include "people_ground.h"

/* --- the log --- */

static bool kind_is(struct browser *b, const char *query, const char *kind)
{
    char path[300];
    const json_t *row;
    size_t i;

    snprintf(path, sizeof path, "/account/audit%s", query);
    assert_int_equal(get(b, path), 200);
    json_array_foreach(json_object_get(b->json, "entries"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0)
            return true;
    }
    return false;
}

static void test_log(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];
    const char *page;

    staff_up(&b, w, "+919000000011", "none");
    assert_int_equal(post(&w->owner, "/inventory/receive",
                          "{\"name\":\"=2+3\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_int_equal(post(&w->owner, "/sell/catalog/new",
                          "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                          (long long)answer_int(&w->owner, "id")),
                     201);
    assert_true(kind_is(&w->owner, "", "stock.received"));
    assert_true(kind_is(&w->owner, "", "listing.price"));
    assert_true(kind_is(&w->owner, "", "member.joined"));
    assert_true(kind_is(&w->owner, "", "vendor.approved"));
    assert_false(kind_is(&w->owner, "?group=stock", "listing.price"));
    assert_true(kind_is(&w->owner, "?group=stock", "stock.received"));
    assert_true(kind_is(&w->owner, "?q=%3D2", "listing.price"));
    assert_false(kind_is(&w->owner, "?q=%3D2", "member.joined"));
    assert_true(kind_is(&w->owner, "?q=90000%2000011", "member.joined"));
    assert_false(kind_is(&w->owner, "?from=2099-01-01", "member.joined"));
    assert_true(page_has(&w->owner, "/account/audit", "₹250, GST 0%"));
    assert_int_equal(get(&w->owner, "/account/audit/csv"), 200);
    assert_non_null(strstr(w->owner.body, "\"'=2+3\""));
    assert_null(strstr(w->owner.body, "\"=2+3\""));
    assert_int_equal(get(&b, "/account/audit"), 403);
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"users\":\"view\",\"inventory\":\"view\"}"),
                     200);
    assert_true(kind_is(&b, "", "member.levels"));
    assert_true(kind_is(&b, "", "stock.received"));
    assert_false(kind_is(&b, "", "listing.price"));
    assert_false(kind_is(&b, "?group=listing", "listing.price"));
    assert_int_equal(get(&b, "/account/audit/csv"), 200);
    assert_null(strstr(b.body, "250"));
    assert_int_equal(get(&w->admin, "/admin/audit"), 200);
    page = w->admin.body;
    assert_null(strstr(page, "=2+3"));
    assert_int_equal(get(&w->owner, "/admin/audit"), 404);
    assert_false(sql_try(w, "UPDATE audit_entry SET after = ''"));
    assert_false(sql_try(w, "DELETE FROM audit_entry"));
    browser_free(&b);
}

/* 50 a page, the next one by the last id. */
static void test_log_paged(void **state)
{
    struct world *w = *state;
    const char *next;
    int64_t first;

    assert_true(sql_try(w, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < 120) INSERT INTO audit_entry(account_id, kind,"
                           " subject, at_ms) SELECT 2, 'order.ordered', i, i FROM n"));
    assert_int_equal(get(&w->owner, "/account/audit?group=order"), 200);
    first = json_integer_value(json_object_get(
        json_array_get(json_object_get(w->owner.json, "entries"), 0), "id"));
    next = json_string_value(json_object_get(json_object_get(w->owner.json, "list"), "next"));
    assert_non_null(next);
    char path[200];

    snprintf(path, sizeof path, "%s", next);
    assert_int_equal(get(&w->owner, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->owner.json, "entries")), 50);
    assert_int_equal(json_integer_value(json_object_get(
                         json_array_get(json_object_get(w->owner.json, "entries"), 0), "id")),
                     first - 50);
    next = json_string_value(json_object_get(json_object_get(w->owner.json, "list"), "next"));
    snprintf(path, sizeof path, "%s", next);
    assert_int_equal(get(&w->owner, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->owner.json, "entries")), 20);
}

/* States, modules and settings are said as their pages say them, not by their keys. */
static void test_log_words(void **state)
{
    struct world *w = *state;
    static const char *const said[] = { "Suspended: no bills", "Sells", "Cash and dues",
                                        "</del> Off<", "Not registered for GST" };
    static const char *const admins[] = { "Who registers by WhatsApp may sell at once",
                                          "</del> On<", "Accounts that one person can make" };
    char path[80];

    snprintf(path, sizeof path, "/admin/accounts/%lld/selling/suspend",
             (long long)w->account);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"no bills\"}"), 200);
    snprintf(path, sizeof path, "/admin/accounts/%lld/modules/cash_register/take",
             (long long)w->account);
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(post(&w->admin, "/admin/settings",
                          "{\"name\":\"\",\"lang_en\":true,\"lang_hi\":true,"
                          "\"chat_grants_vendor\":true,\"accounts_per_user\":21,"
                          "\"codes_per_day\":5000}"),
                     200);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!page_has(&w->owner, "/account/audit", said[i]))
            fail_msg("the account's log doesn't say %s", said[i]);
    for (size_t i = 0; i < sizeof admins / sizeof *admins; i++)
        if (!page_has(&w->admin, "/admin/audit", admins[i]))
            fail_msg("the admin's log doesn't say %s", admins[i]);
}

/* A shop's settings and details too, in either language; one that is empty is seen to be. */
static void test_log_details(void **state)
{
    struct world *w = *state;
    static const char *const said[] = {
        "Orders taken: Only what is there, Delivery to the door: ₹40.50, UPI id: pots@upi, "
        "Phone for customers: –",
        "Name of the shop: Pots and Pans, State: Karnataka, GST: Not registered for GST",
        "Delivery to the door: Off, UPI id: shop@bank",
        "Address of the shop: Bengaluru, UPI id: –, Phone for customers: –",
        "GSTIN: –, Reason given: Which Bengaluru?"
    };
    static const char *const hindi[] = { "घर तक पहुँचाना: ₹40.50", "राज्य: कर्नाटक" };
    char path[80];

    assert_int_equal(post(&w->owner, "/sell/settings",
                          "{\"stock_rule\":\"available\",\"is_doorstep\":true,"
                          "\"doorstep\":\"40.50\",\"upi\":\"pots@upi\"}"),
                     201);
    assert_int_equal(post(&w->owner, "/account/vendor/details",
                          "{\"trade_name\":\"Pots and Pans\",\"address\":\"Bengaluru\","
                          "\"state_code\":\"29\",\"gst_status\":\"unregistered\"}"),
                     201);
    snprintf(path, sizeof path, "/admin/requests/%lld/change/decline", (long long)w->account);
    assert_int_equal(post(&w->admin, path, "{\"asked\":%lld,\"reason\":\"Which Bengaluru?\"}",
                          (long long)sql_int(&w->shop, "SELECT asked_ms FROM vendor_change")),
                     200);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!page_has(&w->owner, "/account/audit", said[i]))
            fail_msg("the log doesn't say %s", said[i]);
    assert_int_equal(post(&w->owner, "/me/language", "{\"lang\":\"hi\"}"), 200);
    for (size_t i = 0; i < sizeof hindi / sizeof *hindi; i++)
        if (!page_has(&w->owner, "/account/audit", hindi[i]))
            fail_msg("the log doesn't say %s", hindi[i]);
}

/* What the newest entry of the kind says of before ("before") or after. */
static const char *says(struct browser *b, const char *path, const char *kind,
                        const char *key)
{
    const json_t *row;
    size_t i;

    assert_int_equal(get(b, path), 200);
    json_array_foreach(json_object_get(b->json, "entries"), i, row)
        if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0)
            return json_string_value(json_object_get(row, key));
    fail_msg("no entry %s", kind);
    return NULL;
}

/* A request that was declined, a password, the daily backup: as they became; what was nothing
 * before stays empty. */
static void test_log_states(void **state)
{
    struct world *w = *state;
    static const char here[] = "/account/audit", admins[] = "/admin/audit";
    struct browser b;
    char path[80];
    int64_t id = sign_up(&b, &w->shop, "+919000000061", "Asks");

    assert_int_equal(post(&b, "/account/vendor",
                          "{\"trade_name\":\"Asks\",\"address\":\"Pune\","
                          "\"state_code\":\"27\",\"gst_status\":\"unregistered\"}"),
                     201);
    assert_string_equal(says(&b, here, "vendor.asked", "before"), "");
    snprintf(path, sizeof path, "/admin/requests/%lld/decline", (long long)id);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"No address\"}"), 200);
    assert_string_equal(says(&b, here, "vendor.declined", "after"), "Declined: No address");
    assert_int_equal(post(&b, "/me/password", "{\"password\":\"five blue pots\"}"), 200);
    assert_string_equal(says(&w->admin, admins, "user.password", "before"), "Off");
    assert_string_equal(says(&w->admin, admins, "user.password", "after"), "On");
    assert_int_equal(post(&w->admin, "/admin/backups/schedule",
                          "{\"backup_hour\":3,\"backup_keep\":7}"),
                     200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM setting WHERE key = 'backup_off'"
                                       " AND value = '1'"),
                     1);
    assert_true(page_has(&w->admin, admins, "A backup every day"));
    assert_int_equal(get(&w->admin, "/admin/audit?q=backup_off"), 200);
    assert_string_equal(says(&w->admin, "/admin/audit?q=backup_off", "setting.changed",
                             "before"),
                        "On");
    assert_string_equal(says(&w->admin, "/admin/audit?q=backup_off", "setting.changed",
                             "after"),
                        "Off");
    browser_free(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-10 SEC-21 the log of the account", test_log),
        TEST("ACC-10 the log page by page", test_log_paged),
        TEST("ACC-10 the log in the reader's words", test_log_words),
        TEST("ACC-10 a shop's details in the reader's words", test_log_details),
        TEST("ACC-7 ACC-10 states before and after", test_log_states),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, world_up, world_down);
}
