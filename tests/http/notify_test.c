/* Notifications over HTTP: the bell's count at little cost, the list, opening one, how to be
 * told, and which browsers take push messages. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, customer;
    int64_t vendor_id;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    sign_up(&w->customer, &w->shop, "+919000000003", "Customer");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->customer);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static void order(struct world *w)
{
    if (sql_int(&w->shop, "SELECT count(*) FROM listing") == 0) {
        assert_int_equal(post(&w->vendor, "/inventory/receive",
                              "{\"name\":\"Pot\",\"qty\":\"50\",\"unit\":\"piece\"}"),
                         201);
        assert_in_range(post(&w->vendor, "/sell/catalog/new",
                             "{\"sku\":%lld,\"price\":\"250\"}",
                             (long long)answer_int(&w->vendor, "id")),
                        200, 201);
    }
    assert_in_range(post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                         (long long)sql_int(&w->shop, "SELECT max(id) FROM listing")),
                    200, 201);
    assert_in_range(post(&w->customer, "/cart/order", "{}"), 200, 201);
}

static size_t on_head(char *data, size_t size, size_t n, void *arg)
{
    size_t *sum = arg;

    (void)data;
    *sum += size * n;
    return size * n;
}

static void test_bell(void **state)
{
    struct world *w = *state;
    char tag[60];
    const char *at;
    size_t head = 0;
    int64_t before;

    assert_int_equal(get(&w->vendor, "/notifications/count"), 200);
    snprintf(tag, sizeof tag, "If-None-Match: \"n%s\"", *w->vendor.body ? w->vendor.body : "0");
    before = atoi(w->vendor.body);
    curl_easy_setopt(w->vendor.curl, CURLOPT_HEADERFUNCTION, on_head);
    curl_easy_setopt(w->vendor.curl, CURLOPT_HEADERDATA, &head);
    assert_int_equal(browser_send(&w->vendor, "/notifications/count", NULL, NULL, tag), 304);
    curl_easy_setopt(w->vendor.curl, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(w->vendor.curl, CURLOPT_HEADERDATA, NULL);
    assert_int_equal(w->vendor.size, 0);
    assert_true(head < 1000);
    order(w);
    assert_int_equal(browser_send(&w->vendor, "/notifications/count", NULL, NULL, tag), 200);
    assert_int_equal(atoi(w->vendor.body), before + 1);
    browser_send(&w->vendor, "/inventory", NULL, NULL, "Accept: text/html");
    assert_non_null(at = strstr(w->vendor.body, "id=\"bell-count\""));
    snprintf(tag, sizeof tag, ">%lld</b>", (long long)before + 1);
    assert_ptr_equal(strstr(at, tag), strstr(at, "</b>") + 4 - strlen(tag));
    sql_int(&w->shop, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
                      " i < 500) INSERT INTO notification(user_id, key, at_ms) SELECT"
                      " user_id, 'notify.trial', 1 FROM n, notification"
                      " WHERE key = 'notify.order_ordered'");
    assert_int_equal(get(&w->vendor, "/notifications/count"), 200);
    assert_string_equal(w->vendor.body, "99+");
}

static void test_newer(void **state)
{
    struct world *w = *state;
    char path[80];

    order(w);
    assert_int_equal(get(&w->vendor, "/sell/orders"), 200);
    snprintf(path, sizeof path, "/sell/orders/waiting?after=%lld",
             (long long)answer_int(&w->vendor, "newest"));
    assert_int_equal(browser_send(&w->vendor, path, NULL, NULL, "Accept: text/html"), 200);
    assert_null(strstr(w->vendor.body, "new order"));
    order(w);
    assert_int_equal(browser_send(&w->vendor, path, NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->vendor.body, "1 new order: show it"));
    assert_non_null(strstr(w->vendor.body, "<b id=\"waiting\">2</b>"));
    assert_int_equal(get(&w->vendor, path), 200);
    assert_int_equal(answer_int(&w->vendor, "n"), 1);
}

static void test_list_and_open(void **state)
{
    struct world *w = *state;
    char path[80];
    int64_t id;

    /* Nothing yet: the drawing comes from the file, since no page around has it. */
    assert_int_equal(browser_send(&w->customer, "/notifications/rows", NULL, NULL,
                                  "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->customer.body, "icons.svg?"));
    order(w);
    id = sql_int(&w->shop, "SELECT id FROM notification WHERE key = 'notify.order_ordered'");
    assert_int_equal(get(&w->vendor, "/notifications"), 200);
    assert_non_null(strstr(w->vendor.body, "ordered: Pot"));
    assert_non_null(strstr(w->vendor.body, "\"kind\":\"customer_orders\""));
    assert_int_equal(browser_send(&w->vendor, "/notifications/rows", NULL, NULL,
                                  "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->vendor.body, "id=\"rows\""));
    snprintf(path, sizeof path, "/notifications/%lld/open", (long long)id);
    assert_int_equal(post(&w->customer, path, "{}"), 404);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM notification WHERE read_ms > 0"),
                     0);
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    assert_non_null(strstr(w->vendor.body, "/sell/orders/"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM notification WHERE read_ms > 0"),
                     1);
    /* From another of one's accounts: the one it is about is entered. */
    assert_int_equal(post(&w->vendor, "/accounts",
                          "{\"name\":\"Second\",\"email\":\"second@example.com\"}"),
                     201);
    assert_int_equal(get(&w->vendor, "/sell/orders"), 403);
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    assert_int_equal(get(&w->vendor, "/sell/orders"), 200);
    order(w);
    assert_int_equal(post(&w->vendor, "/notifications", "{}"), 200);
    assert_int_equal(get(&w->vendor, "/notifications/count"), 200);
    assert_string_equal(w->vendor.body, "");
}

static void test_choices(void **state)
{
    struct world *w = *state;

    assert_int_equal(get(&w->vendor, "/me/notifications"), 200);
    assert_non_null(strstr(w->vendor.body, "customer_orders"));
    assert_null(strstr(w->vendor.body, "\"admin\""));
    assert_int_equal(post(&w->vendor, "/me/notifications",
                          "{\"chat_customer_orders\":true,\"app_orders\":true,\"is_quiet\":true,"
                          "\"from\":22,\"to\":6,\"zone\":\"Asia/Dubai\"}"),
                     200);
    assert_int_equal(sql_int(&w->shop, "SELECT app * 100 + chat * 10 + push FROM"
                                       " notify_choice WHERE kind = 'customer_orders'"),
                     10);
    assert_int_equal(sql_int(&w->shop, "SELECT from_minute * 10000 + to_minute FROM"
                                       " notify_quiet WHERE zone = 'Asia/Dubai'"),
                     22 * 60 * 10000 + 360);
    order(w);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM notification WHERE"
                                       " key = 'notify.order_ordered'"),
                     0);
    assert_int_equal(post(&w->vendor, "/me/notifications",
                          "{\"is_quiet\":true,\"from\":6,\"to\":6,\"zone\":\"Asia/Dubai\"}"),
                     422);
    assert_int_equal(post(&w->vendor, "/me/notifications", "{\"zone\":\"Moon\"}"), 422);
    assert_int_equal(post(&w->vendor, "/me/notifications", "{\"is_quiet\":true,\"from\":24}"),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT from_minute FROM notify_quiet"), 22 * 60);
    assert_int_equal(post(&w->vendor, "/me/notifications", "{\"app_customer_orders\":true}"),
                     200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM notify_quiet"), 0);
    order(w);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM notification WHERE"
                                       " key = 'notify.order_ordered'"),
                     1);
}

#define POINT                                                                              \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIA" \
    "iw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"

static void test_push_of_a_session(void **state)
{
    struct world *w = *state;
    const char *key;

    assert_int_equal(get(&w->vendor, "/me/notifications"), 200);
    key = json_string_value(json_object_get(w->vendor.json, "push_key"));
    assert_int_equal(strlen(key), 87);
    assert_int_equal(post(&w->vendor, "/me/push",
                          "{\"endpoint\":\"http://127.0.0.1:9/x\",\"p256dh\":\"" POINT "\","
                          "\"auth\":\"" AUTH "\"}"),
                     422);
    assert_int_equal(post(&w->vendor, "/me/push",
                          "{\"endpoint\":\"https://push.invalid/x\",\"p256dh\":\"AAAA\","
                          "\"auth\":\"" AUTH "\"}"),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM push_subscription"), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(post(&w->vendor, "/me/push",
                              "{\"endpoint\":\"https://push.invalid/x\",\"p256dh\":\"" POINT
                              "\",\"auth\":\"" AUTH "\"}"),
                         200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM push_subscription"), 1);
    order(w);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"
                                       " WHERE provider = 'push:https://push.invalid'"),
                     1);
    assert_int_equal(post(&w->vendor, "/me/push/try", "{}"), 200);
    /* The browser is now another person's. */
    assert_int_equal(post(&w->customer, "/me/push",
                          "{\"endpoint\":\"https://push.invalid/x\",\"p256dh\":\"" POINT
                          "\",\"auth\":\"" AUTH "\"}"),
                     200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM push_subscription p JOIN user u"
                                       " ON u.id = p.user_id WHERE u.name = 'Customer'"),
                     1);
    assert_int_equal(post(&w->customer, "/signout", "{}"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM push_subscription"), 0);
    assert_int_equal(get(&w->vendor, "/static/sw.js"), 200);
    assert_non_null(strstr(w->vendor.body, "showNotification"));
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                     \
    {                                                                                      \
        name, fn, setup, teardown, NULL                                                    \
    }
    const struct CMUnitTest tests[] = {
        TEST("NOTE-1 the bell costs a small 304", test_bell),
        TEST("VORD-5 what an open list does not have yet", test_newer),
        TEST("NOTE-1 ORD-4 the list, and opening one", test_list_and_open),
        TEST("NOTE-2 as each chooses", test_choices),
        TEST("NOTE-2 push is of a session", test_push_of_a_session),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
