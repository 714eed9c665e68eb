/* The menu of every page over HTTP: where one is, how much is in the cart, the language,
 * and that what is drawn once for all is each reader's own. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, customer;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
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

static const char *page(struct browser *b, const char *path)
{
    assert_int_equal(browser_send(b, path, NULL, NULL, "Accept: text/html"), 200);
    return b->body;
}

static int times(const char *text, const char *what)
{
    int n = 0;

    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

/* The column and the phone's bar; a place is once in each. */
static void test_where(void **state)
{
    struct world *w = *state;
    const char *html = page(&w->vendor, "/inventory");

    assert_int_equal(
        times(html, "<a class=\"go\" href=\"/inventory\" aria-current=\"page\">"), 1);
    assert_int_equal(times(html, "<a href=\"/inventory\" aria-current=\"page\">"), 1);
    assert_int_equal(times(html, "aria-current"), 2);
    assert_int_equal(times(html, "<h2>Stock</h2>"), 1);
    assert_int_equal(times(html, "<ul>"), times(html, "</ul>"));
    html = page(&w->vendor, "/inventory/receive");
    assert_int_equal(times(html, "href=\"/inventory\" aria-current=\"page\""), 2);
    html = page(&w->vendor, "/account/users");
    assert_int_equal(times(html, "href=\"/account/users\" aria-current=\"page\""), 1);
    assert_int_equal(times(html, "aria-current"), 1);
    html = page(&w->customer, "/cart");
    assert_int_equal(times(html, "href=\"/cart\" aria-current=\"page\""), 2);
    assert_int_equal(times(html, "href=\"/sell/orders\""), 0);
    assert_int_equal(times(html, "href=\"/admin"), 0);
}

/* Who only buys finds their own stock and its settings behind "More", open where they are. */
static void test_more(void **state)
{
    struct world *w = *state;
    const char *html = page(&w->customer, "/orders"), *more = strstr(html, "<details>");

    assert_non_null(more);
    assert_non_null(strstr(more, "<a class=\"go\" href=\"/inventory\">"));
    assert_non_null(strstr(more, "<a class=\"go\" href=\"/settings/units\">"));
    assert_non_null(strstr(more, "<a class=\"go\" href=\"/account/audit\">"));
    assert_int_equal(times(html, "href=\"/inventory\""), 1);
    assert_int_equal(times(html, "href=\"/settings/units\""), 1);
    assert_int_equal(times(html, "<a href=\"/search\">"), 1);
    assert_int_equal(times(html, "<ul>"), times(html, "</ul>"));
    html = page(&w->customer, "/settings/units");
    more = strstr(html, "<details open>");
    assert_non_null(more);
    assert_non_null(strstr(more, "href=\"/settings/units\" aria-current=\"page\""));
    html = page(&w->vendor, "/orders");
    assert_int_equal(times(html, "href=\"/inventory\""), 2);
    assert_null(strstr(html, "<details>"));
}

/* Somebody else in the customer's account finds behind "More", and among what one owes, only
 * what they may; an admin who only buys has it before the admin's places. */
static void test_more_asks(void **state)
{
    struct world *w = *state;
    struct browser b;
    const char *html, *more;
    char code[8], path[60];

    assert_int_equal(post(&w->customer, "/account/users",
                          "{\"mobile\":\"+919000000004\",\"preset\":\"none\"}"),
                     201);
    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000004\",\"name\":\"Asha\","
                                         "\"lang\":\"en\"}"),
                     200);
    code_of(&w->shop, "+919000000004", code);
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    html = page(&b, "/account");
    assert_int_equal(times(html, "href=\"/inventory\""), 0);
    assert_int_equal(times(html, "href=\"/account/audit\""), 0);
    assert_int_equal(times(html, "href=\"/dues\""), 0);
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)sql_int(&w->shop, "SELECT id FROM user WHERE"
                                          " mobile = '+919000000004'"));
    assert_int_equal(post(&w->customer, path,
                          "{\"orders\":\"view\",\"customizations\":\"view\"}"),
                     200);
    html = page(&b, "/account");
    assert_int_equal(times(html, "class=\"go\" href=\"/dues\""), 1);
    assert_int_equal(times(html, "href=\"/settings/units\""), 1);
    assert_int_equal(times(html, "href=\"/inventory\""), 0);
    assert_int_equal(get(&b, "/inventory"), 403);
    html = page(&w->admin, "/orders");
    more = strstr(html, "href=\"/settings/units\"");
    assert_non_null(more);
    assert_non_null(strstr(more, "class=\"go\" href=\"/admin\""));
    browser_free(&b);
}

static int counts(struct browser *b, const char *path, const char *count)
{
    return times(page(b, path), count);
}

static void test_cart_count(void **state)
{
    struct world *w = *state;
    const char *one = "Cart\n<b class=\"count\">1</b>";
    const char *tab = "<span class=\"cut\">Cart</span>\n<b class=\"count\">1</b>";

    assert_int_equal(counts(&w->customer, "/orders", "<b class=\"count\">"), 0);
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"50\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\"}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 201);
    assert_in_range(post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                         (long long)sql_int(&w->shop, "SELECT max(id) FROM listing")),
                    200, 201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM requirement"), 1);
    assert_int_equal(counts(&w->customer, "/orders", one), 1);
    assert_int_equal(counts(&w->customer, "/orders", tab), 1);
    assert_int_equal(
        times(page(&w->customer, "/cart"), "href=\"/cart\" aria-current=\"page\""), 2);
    assert_int_equal(counts(&w->vendor, "/orders", "<b class=\"count\">"), 0);
    assert_in_range(post(&w->customer, "/cart/order", "{}"), 200, 201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM requirement"), 0);
    assert_int_equal(counts(&w->customer, "/orders", "<b class=\"count\">"), 0);
}

static void test_language(void **state)
{
    struct world *w = *state;

    assert_int_equal(times(page(&w->customer, "/orders"), "Cart"), 2);
    assert_int_equal(
        post(&w->customer, "/me/language", "{\"lang\":\"hi\",\"back\":\"/\"}"), 200);
    assert_int_equal(times(page(&w->customer, "/orders"), "Cart"), 0);
    assert_true(times(w->customer.body, "टोकरी") >= 2);
    assert_int_equal(times(page(&w->vendor, "/orders"), "टोकरी"), 0);
}

/* The admin's first page has the same places as cards, but for itself; nobody else's has.
 */
static void test_admin(void **state)
{
    struct world *w = *state;
    const char *html = page(&w->admin, "/admin");

    assert_int_equal(times(html, "class=\"card item row\" href=\"/admin/users\""), 1);
    assert_int_equal(times(html, "class=\"card item row\" href=\"/admin\""), 0);
    assert_int_equal(times(html, "class=\"go\" href=\"/admin\" aria-current=\"page\""),
                     1);
    assert_int_equal(times(page(&w->admin, "/inventory"), "class=\"card item row\""), 0);
    assert_int_equal(times(page(&w->vendor, "/inventory"), "href=\"/admin"), 0);
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, setup, teardown, NULL                                                  \
    }

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-6 the menu says where one is", test_where),
        TEST("CUS-1 a customer's own stock behind More", test_more),
        TEST("ACC-6 ACC-8 More asks what one may", test_more_asks),
        TEST("CART-2 every page counts the cart", test_cart_count),
        TEST("SYS-4 the menu in the reader's language", test_language),
        TEST("ACC-8 the admin's places", test_admin),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
