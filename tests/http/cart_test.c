/* Ordering out of the cart, as the page shows it. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, customer;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    int64_t listing;

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    sign_up(&w->customer, &w->shop, "+919000000003", "Customer");
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 299);
    listing = sql_int(&w->shop, "SELECT max(id) FROM listing");
    assert_in_range(post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                         (long long)listing),
                    200, 299);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->customer);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* Who has told their address before need not type it again; what they type instead counts. */
static void test_address(void **state)
{
    struct world *w = *state;
    struct browser *c = &w->customer;

    sql_run(&w->shop, "UPDATE vendor SET is_doorstep = 1, doorstep_paise = 2000;"
               "UPDATE account SET address = 'Lane 7 <Pune> 411004' WHERE id ="
               " (SELECT m.account_id FROM membership m JOIN user u ON u.id = m.user_id"
               "  WHERE u.mobile = '+919000000003')");
    assert_int_equal(browser_send(c, "/cart/order", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(c->body, ">Lane 7 &lt;Pune&gt; 411004</textarea>"));
    assert_int_equal(post(c, "/cart/order",
                          "{\"vendor\":%lld,\"fulfil\":\"doorstep\",\"address\":\"\"}",
                          (long long)sql_int(&w->shop, "SELECT account_id FROM vendor")),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders"), 0);
    assert_int_equal(post(c, "/cart/order",
                          "{\"vendor\":%lld,\"fulfil\":\"doorstep\","
                          "\"address\":\"Gate 2, Pune 411001\"}",
                          (long long)sql_int(&w->shop, "SELECT account_id FROM vendor")),
                     201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders WHERE total_paise = 27000"
                                       " AND address = 'Gate 2, Pune 411001'"),
                     1);
}

static void form(struct browser *b, const char *path, const char *body)
{
    browser_send(b, path, "application/x-www-form-urlencoded", body, "Accept: text/html");
}

/* Without a script: what stands in the fields is kept before it goes on. */
static void test_quantities(void **state)
{
    struct world *w = *state;
    struct browser *c = &w->customer;
    long long line = sql_int(&w->shop, "SELECT id FROM requirement");
    long long shop = sql_int(&w->shop, "SELECT account_id FROM vendor");
    char body[200];

    assert_int_equal(browser_send(c, "/cart", NULL, NULL, "Accept: text/html"), 200);
    snprintf(body, sizeof body, "name=\"qty[%lld]\" form=\"cart-form\"", line);
    assert_non_null(strstr(c->body, body));
    assert_non_null(strstr(c->body, "id=\"cart-order\" name=\"next\" value=\"order\""));
    snprintf(body, sizeof body, "qty[%lld]=2&next=order", line);
    form(c, "/cart", body);
    assert_int_equal(c->status, 303);
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 2000);
    snprintf(body, sizeof body, "qty[%lld]=1.5&qty[99]=7&next=order", line);
    form(c, "/cart", body);
    assert_int_equal(c->status, 422);
    assert_non_null(strstr(c->body, "value=\"1.5\""));
    snprintf(body, sizeof body, "-error\">Whole numbers only");
    assert_non_null(strstr(c->body, body));
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 2000);
    assert_int_equal(post(&w->vendor, "/cart", "{\"qty\":{\"%lld\":\"9\"}}", line), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 2000);

    /* A price that is asked for shows in no sum, so that the quantities themselves count. */
    sql_run(&w->shop, "UPDATE listing SET price_paise = NULL");
    assert_int_equal(browser_send(c, "/cart/order", NULL, NULL, "Accept: text/html"), 200);
    snprintf(body, sizeof body, "name=\"qty[%lld]\" value=\"2\"", line);
    assert_non_null(strstr(c->body, body));
    assert_int_equal(post(c, "/cart", "{\"qty\":{\"%lld\":\"3\"}}", line), 200);
    assert_int_equal(post(c, "/cart/order",
                          "{\"vendor\":%lld,\"fulfil\":\"pickup\",\"goods_paise\":0,"
                          "\"qty\":{\"%lld\":\"2\"}}",
                          shop, line),
                     409);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders"), 0);
    assert_int_equal(post(c, "/cart/order",
                          "{\"vendor\":%lld,\"fulfil\":\"pickup\",\"goods_paise\":0,"
                          "\"qty\":{\"%lld\":\"3\"}}",
                          shop, line),
                     201);
    assert_int_equal(sql_int(&w->shop, "SELECT asked_milli FROM order_line"), 3000);
}

/* More than there is may wait in the cart, but not without a word. */
static void test_too_many(void **state)
{
    struct world *w = *state;
    struct browser *c = &w->customer;
    long long listing = sql_int(&w->shop, "SELECT max(id) FROM listing");
    long long line = sql_int(&w->shop, "SELECT id FROM requirement");
    char body[100], path[100];

    sql_run(&w->shop, "UPDATE vendor SET stock_rule = 'available'");
    assert_int_equal(post(c, "/cart/items", "{\"listing\":%lld,\"qty\":\"9\"}", listing), 201);
    assert_non_null(strstr(c->body, "Only 9 pieces of Pot are left"));
    snprintf(body, sizeof body, "listing=%lld&qty=1", listing);
    snprintf(path, sizeof path, "/v/kumhar/cart");
    form(c, path, body);
    assert_int_equal(c->status, 303);
    assert_int_equal(browser_send(c, "/v/kumhar/cart", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(c->body, "Only 9 pieces of Pot are left"));
    assert_int_equal(browser_send(c, "/cart", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(c->body, "Change the amount of Pot"));
    assert_null(strstr(c->body, "cart-order"));
    assert_int_equal(post(c, "/cart", "{\"qty\":{\"%lld\":\"9\"}}", line), 200);
    assert_int_equal(browser_send(c, "/cart", NULL, NULL, "Accept: text/html"), 200);
    assert_null(strstr(c->body, "Change the amount of Pot"));
    assert_non_null(strstr(c->body, "cart-order"));
    sql_run(&w->shop, "UPDATE vendor SET stock_rule = 'any'");
    assert_int_equal(post(c, "/cart/items", "{\"listing\":%lld,\"qty\":\"9\"}", listing), 201);
    assert_null(strstr(c->body, "are left"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        { "CART-5 ORD-6 the address that an account has is offered", test_address, setup,
          teardown, NULL },
        { "CART-5 what is seen in the cart is what is ordered", test_quantities, setup, teardown,
          NULL },
        { "CART-2 VORD-4 more in the cart than is there is told", test_too_many, setup, teardown,
          NULL },
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("cart", tests, NULL, NULL);
}
