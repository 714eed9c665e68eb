/* What a customer owes, over HTTP: handed over for a part, by UPI or later; seen by both sides,
 * on the bill too; cleared. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, buyer, other;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    sign_up(&w->buyer, &w->shop, "+919000000003", "Buyer");
    sign_up(&w->other, &w->shop, "+919000000004", "Other");
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Rice\",\"qty\":\"50\",\"unit\":\"kg\"}"),
                     201);
    assert_int_equal(post(&w->vendor, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"10\"}",
                          (long long)answer_int(&w->vendor, "id")),
                     201);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->buyer);
    browser_free(&w->other);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* Two pieces at 10, ordered and accepted; its id and the customer's code. */
static int64_t ordered(struct world *w, char code[8])
{
    int64_t id;
    char path[60];

    assert_int_equal(post(&w->buyer, "/cart/items", "{\"listing\":1,\"qty\":\"2\"}"), 201);
    assert_int_equal(post(&w->buyer, "/cart/order", "{}"), 201);
    id = sql_int(&w->shop, "SELECT max(id) FROM orders");
    snprintf(path, sizeof path, "/sell/orders/%lld/accept", (long long)id);
    assert_in_range(post(&w->vendor, path, "{}"), 200, 201);
    snprintf(path, sizeof path, "/orders/%lld", (long long)id);
    assert_int_equal(get(&w->buyer, path), 200);
    snprintf(code, 8, "%s", json_string_value(json_object_get(w->buyer.json, "code")));
    return id;
}

static long deliver(struct world *w, int64_t id, const char *code, const char *pay)
{
    char path[60];

    snprintf(path, sizeof path, "/sell/orders/%lld/deliver", (long long)id);
    return post(&w->vendor, path, "{\"code\":\"%s\",%s}", code, pay);
}

static bool has_error(const struct browser *b, const char *field)
{
    return json_object_get(json_object_get(json_object_get(b->json, "error"), "fields"),
                           field) != NULL;
}

static int64_t owed(struct browser *b, const char *list, int64_t id)
{
    char path[60];

    snprintf(path, sizeof path, "%s/%lld", list, (long long)id);
    assert_int_equal(get(b, path), 200);
    return json_integer_value(
        json_object_get(json_object_get(b->json, "order"), "owed_paise"));
}

/* Whether the bill, as either side gets it, says `words`. */
static bool bill_says(struct world *w, struct browser *b, const char *list, int64_t id,
                      const char *words)
{
    char path[120], command[200], text[8192];
    size_t n;
    FILE *f;

    snprintf(path, sizeof path, "%s/%lld/invoice", list, (long long)id);
    assert_int_equal(get(b, path), 200);
    snprintf(path, sizeof path, "%s/bill.pdf", w->shop.dir);
    f = fopen(path, "wb");
    assert_int_equal(fwrite(b->body, 1, b->size, f), b->size);
    assert_int_equal(fclose(f), 0);
    snprintf(command, sizeof command, "pdftotext -layout %s -", path);
    f = popen(command, "r");
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    assert_int_equal(pclose(f), 0);
    assert_non_null(strstr(text, "Rice"));
    return strstr(text, words) != NULL;
}

static void test_part_now(void **state)
{
    struct world *w = *state;
    char code[8];
    int64_t id = ordered(w, code);

    assert_int_equal(deliver(w, id, code, "\"oversell\":0"), 422);
    assert_true(has_error(&w->vendor, "pay"));
    assert_int_equal(deliver(w, id, code, "\"pay\":\"part\""), 422);
    assert_true(has_error(&w->vendor, "amount"));
    assert_int_equal(deliver(w, id, code, "\"pay\":\"part\",\"amount\":\"-5\""), 422);
    assert_true(has_error(&w->vendor, "amount"));
    assert_int_equal(deliver(w, id, code, "\"pay\":\"part\",\"amount\":\"20.01\""), 422);
    assert_true(has_error(&w->vendor, "amount"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM ledger_entry"), 0);
    assert_in_range(deliver(w, id, code, "\"pay\":\"part\",\"amount\":\"5\""), 200, 201);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 1500);
    assert_int_equal(owed(&w->vendor, "/sell/orders", id), 1500);
    assert_int_equal(owed(&w->buyer, "/orders", id), 1500);
    assert_true(bill_says(w, &w->buyer, "/orders", id, "Still to pay, as of"));
    assert_true(bill_says(w, &w->buyer, "/orders", id, "₹15.00"));
    assert_int_equal(get(&w->buyer, "/dues"), 200);
    assert_int_equal(json_integer_value(json_object_get(w->buyer.json, "owed_paise")), 1500);
    assert_int_equal(browser_send(&w->buyer, "/dues/1", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(w->buyer.body, "am=15.00"));
    assert_null(strstr(w->buyer.body, "/cash"));
    assert_int_equal(get(&w->other, "/dues"), 200);
    assert_int_equal(json_array_size(json_object_get(w->other.json, "dues")), 0);
    assert_int_equal(get(&w->other, "/dues/1"), 404);
    assert_int_equal(get(&w->vendor, "/dues/1"), 404);
    assert_int_equal(post(&w->vendor, "/cash/customers/1/receive",
                          "{\"amount\":\"15\",\"method\":\"cash\"}"),
                     201);
    assert_int_equal(owed(&w->buyer, "/orders", id), 0);
    assert_false(bill_says(w, &w->vendor, "/sell/orders", id, "Still to pay, as of"));
    assert_int_equal(get(&w->buyer, "/dues/1"), 200);
    assert_int_equal(get(&w->buyer, "/notifications"), 200);
    assert_non_null(strstr(w->buyer.body, "notify.money_all"));
}

static void test_upi_now(void **state)
{
    struct world *w = *state;
    char code[8];
    int64_t id = ordered(w, code);

    assert_int_equal(deliver(w, id, "x", "\"pay\":\"upi\""), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT paid_upi_paise FROM orders"), 0);
    assert_in_range(deliver(w, id, code, "\"pay\":\"upi\""), 200, 201);
    assert_int_equal(sql_int(&w->shop, "SELECT paid_upi_paise FROM orders"), 2000);
    assert_int_equal(sql_int(&w->shop, "SELECT balance_paise FROM party"), 0);
    assert_false(bill_says(w, &w->buyer, "/orders", id, "Still to pay, as of"));
    /* Pressed twice: nothing is paid twice. */
    assert_int_equal(deliver(w, id, code, "\"pay\":\"upi\""), 409);
    assert_int_equal(sql_int(&w->shop, "SELECT sum(paise) FROM ledger_entry"
                                       " WHERE kind = 'payment'"),
                     -2000);
    assert_int_equal(get(&w->buyer, "/dues"), 200);
    assert_int_equal(json_array_size(json_object_get(w->buyer.json, "dues")), 0);
}

/* Whoever has nothing active is shown what was; a new order takes its place. */
static void test_list_of_what_was(void **state)
{
    struct world *w = *state;
    char code[8];
    int64_t id = ordered(w, code);

    assert_in_range(deliver(w, id, code, "\"pay\":\"cash\""), 200, 201);
    assert_int_equal(get(&w->buyer, "/orders"), 200);
    assert_int_equal(json_array_size(json_object_get(w->buyer.json, "orders")), 1);
    assert_int_equal(get(&w->buyer, "/orders?state=active"), 200);
    assert_int_equal(json_array_size(json_object_get(w->buyer.json, "orders")), 0);
    assert_int_equal(get(&w->vendor, "/sell/orders"), 200);
    assert_int_equal(json_array_size(json_object_get(w->vendor.json, "orders")), 0);
    id = ordered(w, code);
    assert_int_equal(get(&w->buyer, "/orders"), 200);
    assert_int_equal(json_array_size(json_object_get(w->buyer.json, "orders")), 1);
    assert_int_equal(json_integer_value(json_object_get(
                         json_array_get(json_object_get(w->buyer.json, "orders"), 0), "id")),
                     id);
}

static const char *page(struct browser *b, const char *list, int64_t id)
{
    char path[60];

    snprintf(path, sizeof path, "%s/%lld", list, (long long)id);
    assert_int_equal(browser_send(b, path, NULL, NULL, "Accept: text/html"), 200);
    return b->body;
}

/* ORD-9: what both sides see of a code typed wrongly too often, and the way out with what is
 * typed into the form then, a code or none. */
static void test_locked_code(void **state)
{
    struct world *w = *state;
    char code[8], wrong[8], path[60];
    int64_t id = ordered(w, code);

    snprintf(wrong, sizeof wrong, "%s", strcmp(code, "0000") == 0 ? "0001" : "0000");
    assert_int_equal(deliver(w, id, "", "\"reason\":\"\""), 422);
    assert_true(has_error(&w->vendor, "pay"));
    snprintf(path, sizeof path, "/sell/orders/%lld/deliver", (long long)id);
    assert_int_equal(browser_send(&w->vendor, path, "application/x-www-form-urlencoded", "code=",
                                  "Accept: text/html"), 422);
    assert_non_null(strstr(w->vendor.body, "Choose how it is paid."));
    assert_non_null(strstr(w->vendor.body, "Ask the customer for the four digits"));
    assert_non_null(strstr(page(&w->buyer, "/orders", id), code));
    for (int i = 1; i < 5; i++)
        assert_int_equal(deliver(w, id, wrong, "\"pay\":\"cash\""), 422);
    assert_non_null(strstr(page(&w->vendor, "/sell/orders", id), "name=\"code\""));
    assert_int_equal(deliver(w, id, wrong, "\"pay\":\"cash\""), 409);
    assert_true(has_error(&w->vendor, "reason"));
    assert_null(strstr(page(&w->vendor, "/sell/orders", id), "name=\"code\""));
    assert_non_null(strstr(w->vendor.body, "name=\"reason\""));
    assert_non_null(strstr(w->vendor.body, "wrong handover code was typed 5 times"));
    assert_null(strstr(w->vendor.body, "wrong handover code was typed</b>"));
    assert_null(strstr(page(&w->buyer, "/orders", id), code));
    assert_non_null(strstr(w->buyer.body, "counts no more"));
    assert_int_equal(browser_send(&w->vendor, path, "application/x-www-form-urlencoded",
                                  "code=", "Accept: text/html"),
                     422);
    assert_non_null(strstr(w->vendor.body, "Choose how it is paid."));
    assert_null(strstr(w->vendor.body, "Ask the customer for the four digits"));
    assert_int_equal(deliver(w, id, code, "\"pay\":\"cash\""), 409);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders WHERE state = 'accepted'"),
                     1);
    assert_in_range(deliver(w, id, wrong, "\"pay\":\"cash\",\"reason\":\"seen the phone\""),
                    200, 201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders WHERE state = 'delivered'"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'order.delivered_no_code' AND before ="
                                       " 'seen the phone'"),
                     1);
}

/* VORD-4, VORD-6: both sides read of how much, and the customer why not. */
static void test_words_of_an_order(void **state)
{
    struct world *w = *state;
    char code[8], path[60];
    int64_t id = ordered(w, code);

    assert_int_equal(get(&w->vendor, "/notifications"), 200);
    assert_non_null(strstr(w->vendor.body, "ordered: Rice × 2 (order 1)"));
    assert_int_equal(get(&w->vendor, "/sell/orders"), 200);
    assert_non_null(strstr(w->vendor.body, "\"goods\":\"Rice × 2\""));
    snprintf(path, sizeof path, "/sell/orders/%lld/cancel", (long long)id);
    assert_in_range(post(&w->vendor, path, "{\"reason\":\"the sack is wet\"}"), 200, 201);
    assert_int_equal(get(&w->buyer, "/notifications"), 200);
    assert_non_null(strstr(w->buyer.body, "Rice × 2. the sack is wet"));
}

/* Who owes can tell the shop of a payment, by a chat that has the words. */
static void test_tell_of_payment(void **state)
{
    struct world *w = *state;
    char code[8];
    int64_t id = ordered(w, code);

    assert_in_range(deliver(w, id, code, "\"pay\":\"later\""), 200, 201);
    assert_null(strstr(page(&w->buyer, "/dues", sql_int(&w->shop, "SELECT id FROM party")),
                       "wa.me"));
    sql_int(&w->shop, "UPDATE vendor SET upi = 'kumhar@upi', mobile = '+919000000002'");
    assert_non_null(strstr(page(&w->buyer, "/dues", sql_int(&w->shop, "SELECT id FROM party")),
                           "https://wa.me/919000000002?text=Namaste"));
    assert_non_null(strstr(w->buyer.body, "%E2%82%B920"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { TEST(test_part_now), TEST(test_upi_now),
                                        TEST(test_list_of_what_was), TEST(test_locked_code),
                                        TEST(test_words_of_an_order),
                                        TEST(test_tell_of_payment) };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name(
        "ORD-8 ORD-9 ORD-10 VORD-4 VORD-6 VORD-8 CASH-1 CASH-2 dues", tests, NULL, NULL);
}
