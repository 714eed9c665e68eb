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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        { "CART-5 ORD-6 the address that an account has is offered", test_address, setup,
          teardown, NULL },
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("cart", tests, NULL, NULL);
}
