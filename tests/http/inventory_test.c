/* The inventory over HTTP: filtered, moved, counted, renamed, undone; usage; and each list
 * as CSV. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor;
    int64_t rice, flour;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct browser *v = &w->vendor;

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    vendor_up(v, &w->shop, &w->admin, "+919000000002", "Kumhar");
    assert_int_equal(post(v, "/settings/places", "{\"name\":\"Room\"}"), 201);
    assert_int_equal(post(v, "/settings/places", "{\"name\":\"Shelf\",\"parent\":1}"), 201);
    assert_int_equal(post(v, "/settings/attributes", "{\"name\":\"Colour\"}"), 201);
    assert_int_equal(post(v, "/inventory/receive",
                          "{\"name\":\"Rice\",\"qty\":\"5\",\"unit\":\"box\","
                          "\"category\":\"Food\",\"supplier\":\"Mill\",\"cost\":\"20\","
                          "\"value1\":\"White\",\"place\":\"Room/Shelf\"}"),
                     201);
    w->rice = answer_int(v, "id");
    assert_int_equal(post(v, "/inventory/receive",
                          "{\"name\":\"Flour\",\"qty\":\"2.5\",\"unit\":\"kg\","
                          "\"code\":\"=1+1\",\"low\":\"3\"}"),
                     201);
    w->flour = answer_int(v, "id");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static long page(struct browser *b, const char *path)
{
    return browser_send(b, path, NULL, NULL, "Accept: text/html");
}

static void has(const struct browser *b, const char *words)
{
    if (!strstr(b->body, words))
        fail_msg("no \"%s\" in %.4000s", words, b->body);
}

static void lacks(const struct browser *b, const char *words)
{
    if (strstr(b->body, words))
        fail_msg("\"%s\" in %.4000s", words, b->body);
}

static const char *of_sku(int64_t sku, const char *end)
{
    static char path[80];

    snprintf(path, sizeof path, "/inventory/%lld%s", (long long)sku, end);
    return path;
}

/* --- INV-2 --- */

static void test_filters(void **state)
{
    static const char *const queries[] = {
        "category=1", "place=1", "place=2", "vendor=1", "value1=1", "q=rice",
        "category=1&place=2&vendor=1&value1=1&q=ric",
    };
    struct world *w = *state;
    struct browser *v = &w->vendor;
    char path[120];

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        snprintf(path, sizeof path, "/inventory?%s", queries[i]);
        assert_int_equal(get(v, path), 200);
        has(v, "\"Rice\"");
        lacks(v, "\"Flour\"");
    }
    assert_int_equal(get(v, "/inventory?low=1"), 200);
    has(v, "\"Flour\"");
    lacks(v, "\"Rice\"");
    assert_int_equal(get(v, "/inventory?category=1&low=1"), 200);
    assert_int_equal(json_array_size(json_object_get(v->json, "skus")), 0);
    assert_int_equal(page(v, "/inventory"), 200);
    lacks(v, "id=\"f-place\"");
    assert_int_equal(page(v, "/inventory?q=ric&place=2&more=1"), 200);
    has(v, "<option value=\"2\" selected>Room / Shelf</option>");
    has(v, "id=\"f-category\"");
    has(v, "id=\"f-vendor\"");
    has(v, "id=\"f-value1\"");
    has(v, "href=\"/inventory/csv?q=ric&amp;place=2&amp;more=1\"");
    has(v, "href=\"/inventory?q=ric&amp;place=2&amp;low=1&amp;more=1\"");
    has(v, "5 boxes");
}

/* A page at a time, the filter kept. */
static void test_pages(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;
    const char *next;
    char path[200];
    int seen = 0;

    sql_run(&w->shop, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
               " WHERE i < 120) INSERT INTO sku(account_id, name, folded, unit_id,"
               " category_id, created_ms) SELECT s.account_id, 'Rice ' || i, 'rice ' || i,"
               " s.unit_id, s.category_id, 1 FROM n, sku s WHERE s.name = 'Rice'");
    strcpy(path, "/inventory?category=1&name=1");
    for (int i = 0; i < 9; i++) {
        assert_int_equal(get(v, path), 200);
        seen += (int)json_array_size(json_object_get(v->json, "skus"));
        next = json_string_value(
            json_object_get(json_object_get(v->json, "list"), "next"));
        if (!next)
            break;
        assert_non_null(strstr(next, "category=1&name=1&before="));
        snprintf(path, sizeof path, "%s", next);
    }
    assert_int_equal(seen, 121);
    assert_int_equal(get(v, "/inventory/csv?category=1"), 200);
    seen = 0;
    for (const char *c = v->body; (c = strstr(c, "\r\n")); c += 2)
        seen++;
    assert_int_equal(seen, 122);
}

/* --- INV-3, INV-8 --- */

static int64_t undo_of(struct world *w, const char *kind)
{
    char sql[120];

    snprintf(sql, sizeof sql,
             "SELECT ifnull(max(group_id), 0) FROM stock_move WHERE kind = '%s'", kind);
    return sql_int(&w->shop, sql);
}

static void undo(struct world *w, const char *kind)
{
    char path[80];

    snprintf(path, sizeof path, "/inventory/moves/%lld/reverse",
             (long long)undo_of(w, kind));
    assert_int_equal(post(&w->vendor, path, "{}"), 201);
    assert_int_equal(post(&w->vendor, path, "{}"), 409);
}

static int64_t lot_qty(struct world *w, const char *where)
{
    char sql[160];

    snprintf(sql, sizeof sql, "SELECT ifnull(sum(qty_milli), -1) FROM lot WHERE %s", where);
    return sql_int(&w->shop, sql);
}

static void test_moved_to_another_place(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;

    assert_int_equal(post(v, of_sku(w->rice, "/place"),
                          "{\"lot\":1,\"place\":1,\"qty\":\"2\"}"),
                     201);
    assert_int_equal(lot_qty(w, "sku_id = 1 AND place_id = 1"), 2000);
    assert_int_equal(lot_qty(w, "sku_id = 1 AND place_id = 2"), 3000);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku WHERE id = 1"), 5000);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry"
                                       " WHERE kind = 'stock.placed'"),
                     1);
    assert_int_equal(get(v, "/inventory?place=1"), 200);
    has(v, "\"Rice\"");
    assert_int_equal(page(v, of_sku(w->rice, "")), 200);
    has(v, "Moved");
    has(v, "<td data-label=\"Place\">Room</td>");
    undo(w, "place");
    assert_int_equal(lot_qty(w, "sku_id = 1 AND place_id = 1"), 0);
    assert_int_equal(lot_qty(w, "sku_id = 1 AND place_id = 2"), 5000);
    /* Too many, the same place, a lot of another product, a place of nobody. */
    assert_int_equal(post(v, of_sku(w->rice, "/place"),
                          "{\"lot\":1,\"place\":1,\"qty\":\"6\"}"),
                     409);
    has(v, "5 boxes");
    assert_int_equal(post(v, of_sku(w->rice, "/place"),
                          "{\"lot\":1,\"place\":2,\"qty\":\"1\"}"),
                     422);
    assert_int_equal(post(v, of_sku(w->flour, "/place"),
                          "{\"lot\":1,\"place\":1,\"qty\":\"1\"}"),
                     404);
    assert_int_equal(post(v, of_sku(w->rice, "/place"),
                          "{\"lot\":1,\"place\":77,\"qty\":\"1\"}"),
                     422);
    assert_int_equal(lot_qty(w, "place_id = 2"), 5000);
}

static void test_counted(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;

    assert_int_equal(post(v, of_sku(w->flour, "/count"),
                          "{\"lot\":2,\"qty\":\"2.25\",\"note\":\"weighed\"}"),
                     201);
    assert_int_equal(lot_qty(w, "id = 2"), 2250);
    undo(w, "count");
    assert_int_equal(lot_qty(w, "id = 2"), 2500);
    assert_int_equal(post(v, of_sku(w->flour, "/count"), "{\"lot\":2,\"qty\":\"2.5\"}"), 200);
    has(v, "nothing to change");
    assert_int_equal(post(v, of_sku(w->rice, "/count"), "{\"lot\":2,\"qty\":\"1\"}"), 404);
    assert_int_equal(post(v, of_sku(w->flour, "/count"), "{\"lot\":2,\"qty\":\"-1\"}"), 422);
    assert_int_equal(post(v, of_sku(w->flour, "/count"), "{\"lot\":2,\"qty\":\"0\"}"), 201);
    assert_int_equal(lot_qty(w, "id = 2"), 0);
}

/* From the lot that was chosen, not from the oldest; a wrong form comes back open. */
static void test_taken_from_a_lot(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;
    char form[300];

    assert_int_equal(post(v, "/inventory/receive",
                          "{\"name\":\"Flour\",\"qty\":\"4\",\"unit\":\"kg\","
                          "\"code\":\"=1+1\"}"),
                     201);
    assert_int_equal(answer_int(v, "id"), w->flour);
    assert_int_equal(post(v, of_sku(w->flour, "/consume"), "{\"lot\":3,\"qty\":\"1\"}"), 201);
    assert_int_equal(lot_qty(w, "id = 2"), 2500);
    assert_int_equal(lot_qty(w, "id = 3"), 3000);
    undo(w, "consume");
    assert_int_equal(post(v, of_sku(w->flour, "/expire"), "{\"qty\":\"3\"}"), 201);
    assert_int_equal(lot_qty(w, "id = 2"), 0);
    assert_int_equal(lot_qty(w, "id = 3"), 3500);
    undo(w, "expire");
    assert_int_equal(lot_qty(w, "id = 2"), 2500);
    snprintf(form, sizeof form, "csrf=%s&lot=3&qty=9&note=many", v->csrf);
    assert_int_equal(browser_send(v, of_sku(w->flour, "/expire"),
                                  "application/x-www-form-urlencoded", form,
                                  "Accept: text/html"),
                     409);
    has(v, "<details class=\"card noprint\" open><summary>Take out");
    has(v, "value=\"many\"");
    has(v, "4 kg");
}

/* The message after adding stock takes it back. */
static void test_receiving_is_undone(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;
    char form[200], path[80];
    const char *at;
    int64_t move;

    curl_easy_setopt(v->curl, CURLOPT_FOLLOWLOCATION, 1L);
    snprintf(form, sizeof form, "csrf=%s&name=Oil&unit=litre&qty=3", v->csrf);
    assert_int_equal(browser_send(v, "/inventory/receive",
                                  "application/x-www-form-urlencoded", form,
                                  "Accept: text/html"),
                     200);
    curl_easy_setopt(v->curl, CURLOPT_FOLLOWLOCATION, 0L);
    has(v, "Added to your stock.");
    move = sql_int(&w->shop, "SELECT max(id) FROM stock_move");
    snprintf(path, sizeof path, "action=\"/inventory/3/moves/%lld/reverse\"",
             (long long)move);
    at = strstr(v->body, "id=\"flash\"");
    assert_non_null(at);
    assert_non_null(strstr(at, path));
    snprintf(path, sizeof path, "/inventory/3/moves/%lld/reverse", (long long)move);
    assert_int_equal(post(v, path, "{}"), 201);
    has(v, "\"location\":\"/inventory/3\"");
    assert_int_equal(post(v, path, "{}"), 409);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku WHERE name = 'Oil'"), 0);
}

/* --- CUS-7 INV-2: what a SKU is called --- */

static void test_changed(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;

    assert_int_equal(post(v, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"0.00\"}",
                          (long long)w->rice),
                     422);
    has(v, "\"price\":\"The price has to be more than");
    assert_in_range(post(v, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"99\"}",
                         (long long)w->rice),
                    200, 201);
    assert_int_equal(page(v, of_sku(w->rice, "/edit")), 200);
    has(v, "value=\"Rice\"");
    has(v, "<option selected>box</option>");
    has(v, "value=\"White\"");
    assert_int_equal(post(v, of_sku(w->rice, "/edit"),
                          "{\"name\":\"Basmati\",\"unit\":\"bag\",\"category\":\"Grain\","
                          "\"value1\":\"Golden\",\"low\":\"7\"}"),
                     201);
    assert_int_equal(get(v, "/inventory?low=1"), 200);
    has(v, "\"Basmati\"");
    has(v, "\"Golden\"");
    assert_int_equal(page(v, "/v/kumhar"), 200);
    has(v, "Basmati");
    lacks(v, "Rice");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry"
                                       " WHERE kind = 'sku.updated'"),
                     1);
    /* Another one is that already; a unit without decimals under half a kilo. */
    assert_int_equal(post(v, of_sku(w->flour, "/edit"),
                          "{\"name\":\"Basmati\",\"unit\":\"bag\",\"category\":\"Grain\","
                          "\"value1\":\"Golden\"}"),
                     409);
    assert_int_equal(post(v, of_sku(w->flour, "/edit"),
                          "{\"name\":\"Flour\",\"unit\":\"box\"}"),
                     409);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku WHERE name = 'Flour'"
                                       " AND code = '=1+1' AND low_milli = 3000"),
                     1);
}

/* --- INV-8: usage --- */

static void test_usage(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;

    assert_int_equal(page(v, "/inventory/usage"), 200);
    has(v, "Nothing went out");
    assert_int_equal(post(v, "/inventory/receive",
                          "{\"name\":\"Dal\",\"qty\":\"9\",\"unit\":\"box\","
                          "\"category\":\"Food\",\"cost\":\"10\"}"),
                     201);
    assert_int_equal(post(v, of_sku(3, "/consume"), "{\"qty\":\"4\"}"), 201);
    assert_int_equal(post(v, of_sku(w->rice, "/consume"), "{\"qty\":\"1\"}"), 201);
    assert_int_equal(post(v, of_sku(w->rice, "/expire"), "{\"qty\":\"1\"}"), 201);
    assert_int_equal(post(v, of_sku(w->flour, "/consume"), "{\"qty\":\"0.5\"}"), 201);
    assert_int_equal(post(v, of_sku(w->flour, "/consume"), "{\"qty\":\"1\"}"), 201);
    undo(w, "consume");
    assert_int_equal(get(v, "/inventory/usage"), 200);
    has(v, "\"category\":\"Food\",\"unit\":\"box\",\"consumed_milli\":5000,"
           "\"expired_milli\":1000,\"delivered_milli\":0,\"returned_milli\":0");
    has(v, "\"unit\":\"kg\",\"consumed_milli\":500,");
    assert_int_equal(page(v, "/inventory/usage"), 200);
    has(v, "5 boxes");
    has(v, "<rect x=\"0\" width=\"1000\""); /* the most used of its unit */
    has(v, "<rect x=\"250\" width=\"250\""); /* a quarter used, a quarter spoilt of that */
    assert_int_equal(get(v, "/inventory/usage/csv"), 200);
    has(v, "\"Rice\",\"White\",\"Food\",\"box\",1,1,0,0,40.00\r\n");
    assert_int_equal(get(v, "/inventory/usage/csv?by=category"), 200);
    has(v, "\"Food\",\"box\",5,1,0,0\r\n");
    assert_int_equal(get(v, "/inventory/usage?from=2020-01-01&to=2020-12-31"), 200);
    assert_int_equal(json_array_size(json_object_get(v->json, "skus")), 0);
}

/* --- SYS-5, every list as CSV --- */

/* SEC-21 */
static void test_csv(void **state)
{
    struct world *w = *state;
    struct browser *v = &w->vendor;
    struct curl_header *h;

    assert_int_equal(get(v, "/inventory/csv?name=1"), 200);
    assert_int_equal(curl_easy_header(v->curl, "Content-Disposition", 0, CURLH_HEADER, -1, &h),
                     CURLHE_OK);
    assert_string_equal(h->value, "attachment; filename=\"stock.csv\"");
    assert_string_equal(v->body,
                        "\xef\xbb\xbf\"Product\",\"Variant\",\"Product ID or barcode\","
                        "\"Category\",\"Unit\",\"In stock\",\"Promised\",\"Tell me when below\","
                        "\"Best before\",\"Price\"\r\n"
                        "\"Flour\",\"\",\"'=1+1\",\"\",\"kg\",2.5,0,3,,\r\n"
                        "\"Rice\",\"White\",\"\",\"Food\",\"box\",5,0,,,\r\n");
    assert_int_equal(get(v, "/inventory/moves/csv"), 200);
    has(v, ",\"Rice\",\"White\",\"Came in\",5,\"box\",\"Room / Shelf\",,\"\",");
    assert_int_equal(get(v, of_sku(w->flour, "/csv")), 200);
    has(v, ",\"Came in\",2.5,2.5,\"\",,\"\",");
    assert_int_equal(get(v, "/settings/vendors/csv"), 200);
    has(v, "\"Mill\",\"\",\"\",\"\"\r\n");
    assert_in_range(post(v, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"1234.5\",\"discount\":\"10\"}",
                         (long long)w->rice),
                    200, 201);
    assert_in_range(post(v, "/sell/catalog/new", "{\"sku\":%lld,\"how\":\"ask\"}",
                         (long long)w->flour),
                    200, 201);
    assert_int_equal(get(v, "/sell/catalog/csv"), 200);
    has(v, "\"Rice\",\"White\",\"\",\"Food\",\"box\",\"On sale\",1234.50,1111.05,\"\",5\r\n");
    has(v, "\"Flour\",\"\",\"'=1+1\",\"\",\"kg\",\"On sale\",,,\"\",2.5\r\n");
}

static void test_csv_of_orders(void **state)
{
    struct world *w = *state;
    struct browser buyer, *v = &w->vendor;
    char path[80], body[100];

    assert_in_range(post(v, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"10\"}",
                         (long long)w->rice),
                    200, 201);
    sign_up(&buyer, &w->shop, "+919000000003", "-Buyer");
    assert_in_range(post(&buyer, "/cart/items", "{\"listing\":1,\"qty\":\"2\"}"), 200, 201);
    assert_in_range(post(&buyer, "/cart/order", "{}"), 200, 201);
    assert_int_equal(get(&buyer, "/orders/csv"), 200);
    has(&buyer, "\"Ordered\",\"Kumhar\",\"Rice × 2\",20.00,0.00\r\n");
    assert_int_equal(get(v, "/sell/orders/csv?state=active"), 200);
    has(v, ",\"New\",\"'-Buyer\",\"'+919000000003\",\"Rice × 2\",20.00,0.00\r\n");
    assert_int_equal(get(v, "/sell/orders/csv?state=completed"), 200);
    lacks(v, "Buyer");
    assert_in_range(post(v, "/sell/orders/1/accept", "{}"), 200, 201);
    assert_int_equal(get(&buyer, "/orders/1"), 200);
    snprintf(body, sizeof body, "{\"code\":\"%s\",\"pay\":\"later\"}",
             json_string_value(json_object_get(buyer.json, "code")));
    assert_in_range(post(v, "/sell/orders/1/deliver", "%s", body), 200, 201);
    /* Each shop counts from 1, so that a customer's "order 1" says whose. */
    assert_int_equal(page(&buyer, "/inventory/moves"), 200);
    has(&buyer, "order 1 · Kumhar");
    assert_int_equal(page(v, "/inventory/moves"), 200);
    has(v, "order 1</span>");
    assert_int_equal(get(v, "/cash/csv"), 200);
    has(v, "\"'-Buyer\",\"'+919000000003\",20.00,");
    snprintf(path, sizeof path, "/cash/customers/1/receive");
    assert_int_equal(post(v, path, "{\"amount\":\"5\",\"method\":\"cash\",\"note\":\"part\"}"),
                     201);
    assert_int_equal(get(v, "/cash/customers/1/csv"), 200);
    has(v, ",-5.00,15.00,,\"\",\"part\",");
    has(v, "\"Goods taken\",20.00,20.00,1,");
    /* The message behind the payment undoes it; only once. */
    snprintf(path, sizeof path, "/cash/entries/%lld/undo",
             (long long)sql_int(&w->shop, "SELECT max(id) FROM ledger_entry"));
    assert_int_equal(post(v, path, "{}"), 201);
    assert_int_equal(post(v, path, "{}"), 409);
    assert_int_equal(post(&buyer, path, "{}"), 403);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 2000);
    assert_int_equal(page(v, "/sell/orders?state=all&q=rice"), 200);
    has(v, "href=\"/sell/orders/csv?state=all&amp;q=rice\"");
    browser_free(&buyer);
}

static void test_csv_of_the_admin(void **state)
{
    struct world *w = *state;

    assert_int_equal(get(&w->admin, "/admin/users/csv?q=kumhar"), 200);
    has(&w->admin, "\"Kumhar\",\"'+919000000002\",\"Active\",");
    lacks(&w->admin, "Admin");
    assert_int_equal(get(&w->admin, "/admin/accounts/csv"), 200);
    has(&w->admin, "\"Kumhar\",");
    assert_int_equal(get(&w->admin, "/admin/outbox/csv"), 200);
    has(&w->admin, ",\"'+919000000002\",\"");
    assert_int_equal(get(&w->admin, "/admin/jobs/csv"), 200);
    assert_int_equal(get(&w->vendor, "/admin/users/csv"), 404);
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, setup, teardown, NULL                                                  \
    }

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("INV-2 filters by category, place, vendor, attribute", test_filters),
        TEST("INV-2 pages keep the filter", test_pages),
        TEST("INV-8 moved to another place and back", test_moved_to_another_place),
        TEST("INV-3 counted, and undone", test_counted),
        TEST("INV-3 taken from one lot, and undone", test_taken_from_a_lot),
        TEST("INV-3 receiving is undone", test_receiving_is_undone),
        TEST("INV-2 CUS-9 a SKU is changed, its catalog follows", test_changed),
        TEST("INV-8 usage by SKU and category", test_usage),
        TEST("SYS-5 stock and catalog as CSV", test_csv),
        TEST("SYS-5 users, accounts, messages as CSV", test_csv_of_the_admin),
        TEST("SYS-5 CASH-5 orders and dues as CSV; a payment undone", test_csv_of_orders),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("INV-2 INV-3 INV-8 inventory", tests, NULL, NULL);
}
