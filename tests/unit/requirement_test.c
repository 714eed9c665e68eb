#include "selling.h"

static json_t *cart(struct world *w, const struct cart_owner *owner)
{
    json_t *vendors;

    assert_int_equal(requirement_list(w->db, owner, 0, NULL, &vendors), DB_OK);
    return vendors;
}

static json_t *line_of(json_t *vendors, size_t vendor, size_t line)
{
    return json_array_get(json_object_get(json_array_get(vendors, vendor), "lines"),
                          line);
}

static void prices_stay_tied_to_the_catalog(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 5000);
    int64_t listing = sell(w->db, &w->seller, sku, 10000);
    struct cart_owner owner = cart_of(&w->buyer);
    json_t *vendors;

    want(w->db, &w->buyer, listing, 1500);
    vendors = cart(w, &owner);
    assert_int_equal(get(line_of(vendors, 0, 0), "total_paise"), 15000);
    assert_string_equal(text(json_array_get(vendors, 0), "handle"), "asha");
    sell(w->db, &w->seller, sku, 12000);
    vendors = cart(w, &owner);
    assert_int_equal(get(line_of(vendors, 0, 0), "total_paise"), 18000);
    assert_int_equal(get(line_of(vendors, 0, 0), "each_paise"), 12000);
    assert_int_equal(get(json_array_get(vendors, 0), "goods_paise"), 18000);
    sell(w->db, &w->seller, sku, -1);
    vendors = cart(w, &owner);
    assert_true(json_is_null(json_object_get(line_of(vendors, 0, 0), "total_paise")));
    assert_false(yes(json_array_get(vendors, 0), "is_priced"));
}

static void adding_again_adds_up(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Rice", "kg", 9000000), 100);
    struct cart_owner owner = cart_of(&w->buyer);
    int64_t one = want(w->db, &w->buyer, listing, 1500), count;

    assert_int_equal(want(w->db, &w->buyer, listing, 500), one);
    assert_int_equal(number(w->db, "SELECT qty_milli FROM requirement"), 2000);
    assert_refused(w->db,
                   requirement_add(w->db, &owner, listing, 999999000, 0, NULL, NULL),
                   "refusal.qty_much");
    assert_int_equal(requirement_count(w->db, &owner, &count), DB_OK);
    assert_int_equal(count, 1);
    assert_int_equal(requirement_set(w->db, &owner, one, 3000, 77, "soon"), DB_OK);
    assert_int_equal(number(w->db, "SELECT qty_milli FROM requirement WHERE due_ms = 77"),
                     3000);
    assert_int_equal(requirement_remove(w->db, &owner, one), DB_OK);
    assert_int_equal(requirement_remove(w->db, &owner, one), DB_NONE);
}

static void wrong_quantities_are_refused(void **state)
{
    struct world *w = *state;
    int64_t piece = sell(w->db, &w->seller,
                         sku_new(w->db, &w->seller, "Pot", "piece", 9000), 100);
    struct cart_owner owner = cart_of(&w->buyer);
    static const struct {
        int64_t qty;
        const char *key;
    } wrong[] = {
        { 0, "refusal.qty_none" },         { -1000, "refusal.qty_none" },
        { 1500, "refusal.qty_whole" },     { INT64_MAX, "refusal.qty_much" },
        { INT64_MIN, "refusal.qty_none" }, { 1000001000, "refusal.qty_much" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(w->db,
                       requirement_add(w->db, &owner, piece, wrong[i].qty, 0, NULL, NULL),
                       wrong[i].key);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), 0);
}

static void only_what_is_on_sale(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 9000), 100);
    struct cart_owner owner = cart_of(&w->buyer), own = cart_of(&w->seller);

    assert_refused(w->db, requirement_add(w->db, &own, listing, 1000, 0, NULL, NULL),
                   "refusal.own_goods");
    assert_refused(w->db,
                   requirement_add(w->db, &owner, listing + 99, 1000, 0, NULL, NULL),
                   "refusal.off_sale");
    assert_int_equal(listing_take_off(w->db, &w->seller, listing), DB_OK);
    assert_refused(w->db, requirement_add(w->db, &owner, listing, 1000, 0, NULL, NULL),
                   "refusal.off_sale");
    sell(w->db, &w->seller, number(w->db, "SELECT id FROM sku"), 100);
    run(w->db, "UPDATE vendor SET state = 'suspended', reason = 'x' WHERE handle = 'asha'");
    assert_refused(w->db, requirement_add(w->db, &owner, listing, 1000, 0, NULL, NULL),
                   "refusal.off_sale");
}

static const char *problem(struct world *w)
{
    struct cart_owner owner = cart_of(&w->buyer);
    json_t *vendors = cart(w, &owner), *line = line_of(vendors, 0, 0);

    assert_int_equal(yes(json_array_get(vendors, 0), "can_order"),
                     json_is_null(json_object_get(line, "problem")));
    return text(line, "problem");
}

static void the_cart_says_what_is_missing(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Pot", "piece", 2000);
    int64_t listing = sell(w->db, &w->seller, sku, 100);

    want(w->db, &w->buyer, listing, 2000);
    assert_string_equal(problem(w), "");
    want(w->db, &w->buyer, listing, 1000);
    assert_string_equal(problem(w), "short");
    run(w->db, "UPDATE vendor SET stock_rule = 'any' WHERE handle = 'asha'");
    assert_string_equal(problem(w), "");
    run(w->db, "UPDATE vendor SET stock_rule = 'available' WHERE handle = 'asha'");
    ordered(w->db, &w->other, &w->seller, listing, 2000);
    assert_string_equal(problem(w), "short");
    assert_int_equal(listing_take_off(w->db, &w->seller, listing), DB_OK);
    assert_string_equal(problem(w), "off_sale");
    run(w->db, "UPDATE vendor SET state = 'suspended', reason = 'x' WHERE handle = 'asha'");
    assert_string_equal(problem(w), "vendor_off");
}

static void visitors_have_carts_of_their_own(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 9000), 100);
    struct cart_owner one = { 0 }, two = { 0 }, buyer = cart_of(&w->buyer);
    int64_t id, count;

    db_begin(w->db);
    db_insert(w->db,
              "INSERT INTO session(token_hash, created_ms, seen_ms, expires_ms)"
              " VALUES (x'01', 1, 1, 9)",
              DB_NO_ARGS, &one.session_id);
    assert_int_equal(
        db_end(w->db, db_insert(w->db,
                                "INSERT INTO session(token_hash, created_ms,"
                                " seen_ms, expires_ms) VALUES (x'02', 1, 1, 9)",
                                DB_NO_ARGS, &two.session_id)),
        DB_OK);
    assert_int_equal(requirement_add(w->db, &one, listing, 1000, 0, NULL, &id), DB_OK);
    assert_int_equal(requirement_add(w->db, &two, listing, 3000, 0, NULL, NULL), DB_OK);
    assert_int_equal(requirement_set(w->db, &two, id, 5000, 0, NULL), DB_NONE);
    assert_int_equal(requirement_remove(w->db, &two, id), DB_NONE);
    assert_int_equal(requirement_remove(w->db, &buyer, id), DB_NONE);
    assert_int_equal(requirement_count(w->db, &one, &count), DB_OK);
    assert_int_equal(count, 1);
    assert_int_equal(get(line_of(cart(w, &two), 0, 0), "qty_milli"), 3000);
    assert_int_equal(json_array_size(cart(w, &buyer)), 0);
}

static void a_cart_has_an_end(void **state)
{
    struct world *w = *state;
    struct cart_owner owner = cart_of(&w->buyer);
    int64_t listing = 0;

    for (int i = 0; i < REQUIREMENT_MAX; i++) {
        listing = sell(
            w->db, &w->seller,
            sku_new(w->db, &w->seller, arena_printf(w->a, "Pot %d", i), "piece", 0), 100);
        want(w->db, &w->buyer, listing, 1000);
    }
    want(w->db, &w->buyer, listing, 1000);
    listing = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "One more", "piece", 0),
                   100);
    assert_refused(w->db, requirement_add(w->db, &owner, listing, 1000, 0, NULL, NULL),
                   "refusal.cart_full");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        named("CART-2 prices stay tied to the catalog", prices_stay_tied_to_the_catalog),
        named("CART-2 adding again adds up", adding_again_adds_up),
        named("CART-2 wrong quantities are refused", wrong_quantities_are_refused),
        named("CART-2 only what is on sale, and not one's own", only_what_is_on_sale),
        named("CART-2 the cart says what is missing", the_cart_says_what_is_missing),
        named("CAT-5 visitors have carts of their own", visitors_have_carts_of_their_own),
        named("CART-2 a cart has an end", a_cart_has_an_end),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
