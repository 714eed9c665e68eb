/* The main job over HTTP: stock in, on sale, ordered, accepted, handed over against the
 * code, paid; each step checked in the database of the running program. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, customer;
    int64_t vendor_id, customer_id, sku_id, listing_id;
};

static int64_t last_id(const struct shop *s, const char *table)
{
    char sql[80];

    snprintf(sql, sizeof sql, "SELECT max(id) FROM %s", table);
    return sql_int(s, sql);
}

/* A pot: `qty` pieces at 250 rupees on sale. */
static void pot_on_sale(struct world *w, const char *name, const char *qty)
{
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"%s\",\"qty\":\"%s\",\"unit\":\"piece\"}", name, qty),
                     201);
    w->sku_id = answer_int(&w->vendor, "id");
    assert_in_range(post(&w->vendor, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"250\"}",
                         (long long)w->sku_id),
                    200, 201);
    w->listing_id = last_id(&w->shop, "listing");
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    w->customer_id = sign_up(&w->customer, &w->shop, "+919000000003", "Customer");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->customer);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* Puts `qty` of the listing in the cart and orders it; the order's id, 0 when refused. */
static int64_t order(struct browser *b, struct world *w, const char *qty)
{
    if (post(b, "/cart/items", "{\"listing\":%lld,\"qty\":\"%s\"}", (long long)w->listing_id,
             qty) >= 300)
        return 0;
    if (post(b, "/cart/order", "{}") >= 300)
        return 0;
    return last_id(&w->shop, "orders");
}

static long step(struct browser *b, const char *pattern, int64_t id, const char *json)
{
    char path[120];

    snprintf(path, sizeof path, pattern, (long long)id);
    return post(b, path, "%s", json);
}

static void test_whole_job(void **state)
{
    struct world *w = *state;
    int64_t id;
    char path[80], body[80];
    const char *code;

    pot_on_sale(w, "Clay pot", "5");
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku"), 5000);
    assert_int_equal(get(&w->customer, "/v/kumhar"), 200);
    assert_non_null(strstr(w->customer.body, "Clay pot"));

    id = order(&w->customer, w, "2");
    assert_true(id > 0);
    assert_int_equal(sql_int(&w->shop, "SELECT reserved_milli FROM sku"), 2000);
    assert_int_equal(sql_int(&w->shop, "SELECT total_paise FROM orders"), 50000);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM requirement"), 0);

    assert_true(step(&w->vendor, "/sell/orders/%lld/accept", id, "{}") < 300);
    snprintf(path, sizeof path, "/orders/%lld", (long long)id);
    assert_int_equal(get(&w->customer, path), 200);
    code = json_string_value(json_object_get(w->customer.json, "code"));
    snprintf(body, sizeof body, "{\"code\":\"%s0\",\"pay\":\"later\"}", code);
    assert_int_equal(step(&w->vendor, "/sell/orders/%lld/deliver", id, body), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT code_tries FROM orders"), 0);
    snprintf(body, sizeof body, "{\"code\":\"%c%s\",\"pay\":\"later\"}",
             code[0] == '9' ? '0' : code[0] + 1, code + 1);
    assert_int_equal(step(&w->vendor, "/sell/orders/%lld/deliver", id, body), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT code_tries FROM orders"), 1);
    snprintf(body, sizeof body, "{\"code\":\"%s\",\"pay\":\"later\"}", code);
    assert_true(step(&w->vendor, "/sell/orders/%lld/deliver", id, body) < 300);

    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders WHERE state = 'delivered'"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku ORDER BY id"), 3000);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku ORDER BY id DESC"), 2000);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 50000);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM document"), 1);

    id = sql_int(&w->shop, "SELECT id FROM party");
    assert_true(step(&w->vendor, "/cash/customers/%lld/receive", id,
                     "{\"amount\":\"200\",\"method\":\"cash\"}") < 300);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 30000);
    assert_int_equal(step(&w->vendor, "/cash/customers/%lld/receive", id,
                          "{\"amount\":\"400\",\"method\":\"cash\"}"),
                     409);
    assert_true(step(&w->vendor, "/cash/customers/%lld/receive", id,
                     "{\"amount\":\"300\",\"method\":\"cash\"}") < 300);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 0);
}

/* A second page of the stock shows what the first one was filtered by, and no more. */
static void test_stock_pages(void **state)
{
    struct world *w = *state;
    const json_t *list;
    char path[200];

    for (int i = 0; i < 51; i++)
        assert_int_equal(post(&w->vendor, "/inventory/receive",
                              "{\"name\":\"Pot %d\",\"qty\":\"5\",\"unit\":\"piece\","
                              "\"category\":\"Clay\"}",
                              i),
                         201);
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Lamp\",\"qty\":\"5\",\"unit\":\"piece\"}"),
                     201);
    snprintf(path, sizeof path, "/inventory?category=%lld",
             (long long)sql_int(&w->shop, "SELECT id FROM category"));
    assert_int_equal(get(&w->vendor, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->vendor.json, "skus")), 50);
    list = json_object_get(w->vendor.json, "list");
    snprintf(path, sizeof path, "%s", json_string_value(json_object_get(list, "next")));
    assert_int_equal(get(&w->vendor, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->vendor.json, "skus")), 1);
    list = json_object_get(w->vendor.json, "list");
    assert_false(json_is_true(json_object_get(
        json_array_get(json_object_get(list, "filters"), 0), "is_current")));
}

/* The same key twice, and at once: one order. */
struct press {
    struct browser b;
    struct world *w;
    char body[120];
    long status;
};

static void *press_run(void *arg)
{
    struct press *p = arg;

    p->status = browser_send(&p->b, "/cart/order", "application/json", p->body,
                             "Idempotency-Key: one-press");
    return NULL;
}

static void test_pressed_thrice(void **state)
{
    struct world *w = *state;
    struct press p[3];
    pthread_t threads[3];
    int64_t before;
    struct curl_slist *cookies;

    pot_on_sale(w, "Lamp", "5");
    before = sql_int(&w->shop, "SELECT count(*) FROM orders");
    assert_true(post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                     (long long)w->listing_id) < 300);
    curl_easy_getinfo(w->customer.curl, CURLINFO_COOKIELIST, &cookies);
    for (int i = 0; i < 3; i++) {
        browser_new(&p[i].b, &w->shop);
        for (struct curl_slist *c = cookies; c; c = c->next)
            curl_easy_setopt(p[i].b.curl, CURLOPT_COOKIELIST, c->data);
        strcpy(p[i].b.csrf, w->customer.csrf);
        strcpy(p[i].body, "{}");
        pthread_create(&threads[i], NULL, press_run, &p[i]);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 3; i++) {
        if (p[i].status < 200 || p[i].status > 299)
            fail_msg("press %d: %ld %s", i, p[i].status, p[i].b.body);
        browser_free(&p[i].b);
    }
    curl_slist_free_all(cookies);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders"), before + 1);
    assert_int_equal(sql_int(&w->shop, "SELECT reserved_milli FROM sku ORDER BY id DESC"), 1000);
}

/* Sixteen at once for the last piece: customers who order, and the vendor who uses it up. */
struct racer {
    struct browser own, *b;
    struct world *w;
    bool won;
};

static void *racer_run(void *arg)
{
    struct racer *r = arg;
    char path[80];

    if (r->b == &r->w->vendor) {
        snprintf(path, sizeof path, "/inventory/%lld/consume", (long long)r->w->sku_id);
        r->won = post(r->b, path, "{\"qty\":\"1\"}") < 300;
    } else {
        r->won = post(r->b, "/cart/order", "{}") < 300;
    }
    return NULL;
}

/* SEC-19 */
static void test_last_piece(void **state)
{
    enum { RACERS = 16 };
    struct world *w = *state;
    struct racer r[RACERS];
    pthread_t threads[RACERS];
    int won = 0;
    char mobile[20];
    int64_t before;

    pot_on_sale(w, "Last one", "1");
    before = sql_int(&w->shop, "SELECT count(*) FROM orders");
    for (int i = 0; i < RACERS; i++) {
        r[i] = (struct racer){ .w = w, .b = &w->vendor };
        if (i == RACERS - 1)
            continue;
        r[i].b = &r[i].own;
        snprintf(mobile, sizeof mobile, "+9190000001%02d", i);
        sign_up(r[i].b, &w->shop, mobile, "Racer");
        assert_in_range(post(r[i].b, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                             (long long)w->listing_id),
                        200, 299);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_create(&threads[i], NULL, racer_run, &r[i]);
    for (int i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < RACERS; i++) {
        won += r[i].won;
        if (r[i].b == &r[i].own)
            browser_free(&r[i].own);
    }
    assert_int_equal(won, 1);
    assert_in_range(sql_int(&w->shop, "SELECT count(*) FROM orders"), before, before + 1);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli - reserved_milli FROM sku"
                                       " WHERE name = 'Last one' ORDER BY id"),
                     0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_job, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stock_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pressed_thrice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_last_piece, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("INV-3 CAT-2 CART-5 ORD-5 VORD-4 VORD-8 CASH-2: the job",
                                       tests, NULL, NULL);
}
