#include "selling.h"

#include "db/catalog.h"
#include "db/category.h"
#include "db/price.h"
#include "db/sku.h"

/* The page with its products, as JSON. */
static json_t *page_before(struct world *w, const char *handle, int64_t before)
{
    struct goods goods;
    json_t *page;

    assert_int_equal(catalog_page(w->db, handle, 0, before, &page, &goods), DB_OK);
    json_object_set_new(
        page, "products",
        cell_to_json(table_rows(&goods.products, 0, goods.products.count)));
    return page;
}

static json_t *page_of(struct world *w, const char *handle)
{
    return page_before(w, handle, 0);
}

/* What is found, as JSON. */
static json_t *products_found(struct world *w, const char *q, int limit)
{
    struct goods goods;

    assert_int_equal(search_products(w->db, q, limit, &goods), DB_OK);
    return cell_to_json(table_rows(&goods.products, 0, goods.products.count));
}

static json_t *first_variant(json_t *page)
{
    json_t *product = json_array_get(json_object_get(page, "products"), 0);

    return json_array_get(json_object_get(product, "variants"), 0);
}

static void disclosed_price(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Basmati Rice", "kg", 20000);
    struct listing_price price = { .price_paise = 10000,
                                   .discount_bp = 1000,
                                   .gst_bp = 500 };
    json_t *v, *row;

    assert_int_equal(listing_put(w->db, &w->seller, sku, &price, NULL), DB_OK);
    v = first_variant(page_of(w, "asha"));
    assert_int_equal(get(v, "each_paise"), 9450);
    assert_int_equal(get(v, "was_paise"), 10500);
    assert_int_equal(get(v, "off_bp"), 1000);
    assert_false(yes(v, "is_ask"));
    assert_int_equal(listing_find(w->db, w->seller.account_id, 0, sku, &row), DB_OK);
    assert_int_equal(get(row, "each_paise"), 9450);
    run(w->db, "UPDATE vendor SET gst_status = 'composition' WHERE handle = 'asha'");
    assert_int_equal(get(first_variant(page_of(w, "asha")), "each_paise"), 9000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM audit_entry WHERE kind ="
                                   " 'listing.price'"),
                     1);
}

static void ask_price_leaves_no_trace(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Silk Saree", "piece", 3000), listing;
    json_t *page, *rows, *v;

    sell(w->db, &w->seller, sku, 987654);
    listing = sell(w->db, &w->seller, sku, -1);
    page = page_of(w, "asha");
    v = first_variant(page);
    assert_true(yes(v, "is_ask"));
    assert_true(json_is_null(json_object_get(v, "each_paise")));
    assert_null(strstr(json_dumps(page, 0), "987654"));
    assert_null(json_object_get(v, "price_paise"));
    rows = products_found(w, "silk", 10);
    assert_int_equal(json_array_size(rows), 1);
    assert_null(strstr(json_dumps(rows, 0), "987654"));
    assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "from_paise")));
    assert_int_equal(
        number_of(w->db, "SELECT price_paise FROM listing WHERE id = ?1", listing), 0);
}

static void wrong_prices_are_refused(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 0);
    static const struct {
        struct listing_price price;
        const char *key;
    } wrong[] = {
        { { .price_paise = -1 }, "refusal.price_bounds" },
        { { .price_paise = 0 }, "refusal.price_none" },
        { { .price_paise = PRICE_MAX + 1 }, "refusal.price_bounds" },
        { { .price_paise = 100, .discount_paise = 101 }, "refusal.discount_bounds" },
        { { .price_paise = 100, .discount_bp = 10001 }, "refusal.discount_bounds" },
        { { .price_paise = 100, .discount_bp = 1, .discount_paise = 1 },
          "refusal.discount_twice" },
        { { .price_paise = 100, .gst_bp = 4001 }, "refusal.gst_rate" },
        { { .price_paise = 100, .hsn = "12x4" }, "refusal.hsn" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(w->db, listing_put(w->db, &w->seller, sku, &wrong[i].price, NULL),
                       wrong[i].key);
    assert_int_equal(number(w->db, "SELECT count(*) FROM listing"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM product"), 0);
}

static void only_vendors_sell_only_their_own(void **state)
{
    struct world *w = *state;
    int64_t mine = sku_new(w->db, &w->seller, "Rice", "kg", 0), listing;
    int64_t customers = sku_new(w->db, &w->buyer, "Rice", "kg", 0);
    struct listing_price price = { .price_paise = 100 };

    assert_refused(w->db, listing_put(w->db, &w->buyer, customers, &price, NULL),
                   "refusal.not_vendor");
    assert_int_equal(listing_put(w->db, &w->rival, mine, &price, NULL), DB_NONE);
    listing = sell(w->db, &w->seller, mine, 100);
    assert_int_equal(listing_take_off(w->db, &w->rival, listing), DB_NONE);
    assert_int_equal(
        listing_find(w->db, w->rival.account_id, listing, 0, &(json_t *) { 0 }), DB_NONE);
    assert_int_equal(number(w->db, "SELECT count(*) FROM listing WHERE is_on_sale = 1"),
                     1);
}

static void off_sale_in_one_call(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 1000);
    int64_t listing = sell(w->db, &w->seller, sku, 100), before, after, on, off;
    struct sku_filter to_choose = { .is_off_sale = true };
    json_t *rows;
    struct cell skus;

    assert_int_equal(sku_list(w->db, w->seller.account_id, &to_choose, &skus), DB_OK);
    assert_int_equal(cell_size(skus), 0);
    assert_int_equal(catalog_version(w->db, "asha", &before), DB_OK);
    assert_int_equal(listing_take_off(w->db, &w->seller, listing), DB_OK);
    assert_int_equal(listing_take_off(w->db, &w->seller, listing), DB_OK);
    assert_int_equal(catalog_version(w->db, "asha", &after), DB_OK);
    assert_true(after > before);
    assert_int_equal(sku_list(w->db, w->seller.account_id, &to_choose, &skus), DB_OK);
    assert_int_equal(cell_size(skus), 1);
    assert_int_equal(json_array_size(json_object_get(page_of(w, "asha"), "products")), 0);
    rows = products_found(w, "rice", 10);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(listing_counts(w->db, w->seller.account_id, &on, &off), DB_OK);
    assert_int_equal(on, 0);
    assert_int_equal(off, 1);
    assert_int_equal(sell(w->db, &w->seller, sku, 200), listing);
    assert_int_equal(get(first_variant(page_of(w, "asha")), "each_paise"), 200);
}

static void variants_come_together(void **state)
{
    struct world *w = *state;
    int64_t kg = sku_new(w->db, &w->seller, "Rice", "kg", 1000), piece;
    json_t *page, *product, *variants;

    piece = sku_new(w->db, &w->seller, "rice", "piece", 0);
    sell(w->db, &w->seller, kg, 5000);
    sell(w->db, &w->seller, piece, 120000);
    page = page_of(w, "asha");
    assert_int_equal(json_array_size(json_object_get(page, "products")), 1);
    product = json_array_get(json_object_get(page, "products"), 0);
    variants = json_object_get(product, "variants");
    assert_int_equal(json_array_size(variants), 2);
    assert_int_equal(get(product, "from_paise"), 5000);
    assert_true(yes(product, "has_many_prices"));
    assert_true(yes(json_array_get(variants, 0), "has_stock"));
    assert_int_equal(get(json_array_get(variants, 0), "left_milli"), 1000);
    assert_false(yes(json_array_get(variants, 1), "has_stock"));
    assert_false(yes(json_array_get(variants, 1), "can_order"));
}

static void a_renamed_sku_takes_its_product_along(void **state)
{
    struct world *w = *state;
    int64_t one = sku_new(w->db, &w->seller, "Pot", "piece", 1000), product;
    struct photo photo = { "abc", 10, 10, 5, 5 };
    json_t *rows;

    sell(w->db, &w->seller, one, 100);
    product = number(w->db, "SELECT id FROM product");
    assert_int_equal(photo_add(w->db, &w->seller, product, &photo, NULL), DB_OK);
    run(w->db,
        "UPDATE sku SET name = 'Clay pot', folded = 'clay pot' WHERE name = 'Pot'");
    db_begin(w->db);
    assert_int_equal(db_end(w->db, listing_regroup(w->db, w->seller.account_id, one)),
                     DB_OK);
    assert_int_equal(number(w->db, "SELECT count(*) FROM product"), 1);
    rows = products_found(w, "clay", 10);
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text(json_array_get(rows, 0), "photo_name"), "abc");
}

static void photos_have_an_order_and_a_limit(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Pot", "piece", 1000), product, ids[9];
    json_t *rows;
    const char *name;

    sell(w->db, &w->seller, sku, 100);
    product = number(w->db, "SELECT id FROM product");
    for (int i = 0; i < LISTING_PHOTOS; i++) {
        struct photo photo = { arena_printf(w->a, "p%d", i), 10, 10, 5, 5 };

        assert_int_equal(photo_add(w->db, &w->seller, product, &photo, &ids[i]), DB_OK);
    }
    assert_refused(
        w->db,
        photo_add(w->db, &w->seller, product, &(struct photo) { "p9", 1, 1, 1, 1 }, NULL),
        "refusal.photos_full");
    assert_int_equal(
        photo_add(w->db, &w->rival, product, &(struct photo) { "x", 1, 1, 1, 1 }, NULL),
        DB_NONE);
    assert_int_equal(photo_first(w->db, &w->seller, ids[5]), DB_OK);
    assert_int_equal(photo_remove(w->db, &w->seller, ids[0], &name), DB_OK);
    assert_string_equal(name, "p0");
    assert_int_equal(photo_remove(w->db, &w->rival, ids[1], &name), DB_NONE);
    assert_int_equal(photo_list(w->db, w->seller.account_id, product, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 7);
    assert_string_equal(text(json_array_get(rows, 0), "name"), "p5");
    assert_int_equal(photo_visible(w->db, "p5", 0), DB_OK);
    run(w->db,
        "UPDATE vendor SET state = 'suspended', reason = 'x' WHERE handle = 'asha'");
    assert_int_equal(photo_visible(w->db, "p5", 0), DB_NONE);
    assert_int_equal(photo_visible(w->db, "p5", w->seller.account_id), DB_OK);
    run(w->db, "UPDATE vendor SET state = 'approved' WHERE handle = 'asha'");
    assert_int_equal(photo_visible(w->db, "p5", 0), DB_OK);
    run(w->db, "UPDATE account SET state = 'suspended' WHERE name = 'Asha'");
    assert_int_equal(photo_visible(w->db, "p5", 0), DB_NONE);
}

static void only_approved_vendors_show(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 1000);
    int64_t product, version;
    struct goods goods;
    json_t *page, *rows;

    sell(w->db, &w->seller, sku, 100);
    product = number(w->db, "SELECT id FROM product");
    assert_int_equal(catalog_product(w->db, "asha", product, &page, &goods), DB_OK);
    assert_int_equal(catalog_product(w->db, "deep", product, &page, &goods), DB_NONE);
    run(w->db,
        "UPDATE vendor SET state = 'suspended', reason = 'x' WHERE handle = 'asha'");
    page = page_of(w, "asha");
    assert_true(yes(json_object_get(page, "shop"), "is_suspended"));
    assert_int_equal(json_array_size(json_object_get(page, "products")), 0);
    assert_int_equal(catalog_product(w->db, "asha", product, &page, &goods), DB_OK);
    assert_true(json_is_null(json_object_get(page, "product")));
    rows = products_found(w, "rice", 10);
    assert_int_equal(json_array_size(rows), 0);
    run(w->db, "DROP TRIGGER vendor_step"); /* no way leads back, and none shows it */
    run(w->db, "UPDATE vendor SET state = 'asked' WHERE handle = 'asha'");
    assert_int_equal(catalog_page(w->db, "asha", 0, 0, &page, &goods), DB_NONE);
    assert_int_equal(catalog_version(w->db, "asha", &version), DB_NONE);
    assert_int_equal(catalog_page(w->db, "nobody", 0, 0, &page, &goods), DB_NONE);
    run(w->db, "UPDATE vendor SET state = 'approved' WHERE handle = 'asha'");
    run(w->db, "UPDATE account SET state = 'suspended' WHERE name = 'Asha'");
    assert_true(yes(json_object_get(page_of(w, "asha"), "shop"), "is_suspended"));
}

static void pages_go_by_key(void **state)
{
    struct world *w = *state;
    json_t *page;
    int64_t next;

    for (int i = 0; i < CATALOG_PAGE + 3; i++)
        sell(w->db, &w->seller,
             sku_new(w->db, &w->seller, arena_printf(w->a, "Thing %d", i), "piece", 1000),
             100);
    page = page_of(w, "asha");
    assert_int_equal(json_array_size(json_object_get(page, "products")), CATALOG_PAGE);
    next = get(page, "next");
    page = page_before(w, "asha", next);
    assert_int_equal(json_array_size(json_object_get(page, "products")), 3);
    assert_int_equal(get(page, "next"), 0);
}

static void version_moves_with_what_is_shown(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 1000), versions[5];

    sell(w->db, &w->seller, sku, 100);
    assert_int_equal(catalog_version(w->db, "asha", &versions[0]), DB_OK);
    stock_add(w->db, &w->seller, sku, 1000);
    assert_int_equal(catalog_version(w->db, "asha", &versions[1]), DB_OK);
    sell(w->db, &w->seller, sku, 200);
    assert_int_equal(catalog_version(w->db, "asha", &versions[2]), DB_OK);
    assert_int_equal(product_describe(w->db, &w->seller,
                                      number(w->db, "SELECT id FROM product"),
                                      "New crop"),
                     DB_OK);
    assert_int_equal(catalog_version(w->db, "asha", &versions[3]), DB_OK);
    run(w->db, "UPDATE account SET state = 'suspended' WHERE name = 'Asha'");
    assert_int_equal(catalog_version(w->db, "asha", &versions[4]), DB_OK);
    for (int i = 1; i < 5; i++)
        assert_true(versions[i] > versions[i - 1]);
}

static void version_stands_while_there_is_plenty(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 90000), before, after;

    sell(w->db, &w->seller, sku, 100);
    assert_int_equal(catalog_version(w->db, "asha", &before), DB_OK);
    run(w->db, "UPDATE sku SET reserved_milli = 84999");
    assert_int_equal(catalog_version(w->db, "asha", &after), DB_OK);
    assert_int_equal(after, before);
    run(w->db, "UPDATE sku SET reserved_milli = 85000");
    assert_int_equal(get(first_variant(page_of(w, "asha")), "left_milli"), 5000);
    assert_int_equal(catalog_version(w->db, "asha", &after), DB_OK);
    assert_true(after > before);
    run(w->db, "UPDATE sku SET reserved_milli = 0");
    assert_int_equal(catalog_version(w->db, "asha", &before), DB_OK);
    assert_true(before > after);
    assert_int_equal(sku_set_low(w->db, &w->seller, sku, 95000), DB_OK);
    assert_int_equal(catalog_version(w->db, "asha", &after), DB_OK);
    assert_true(after > before);
}

static int found(struct world *w, const char *q)
{
    json_t *rows;

    rows = products_found(w, q, 10);
    return (int)json_array_size(rows);
}

static void search_forgives(void **state)
{
    struct world *w = *state;
    static const char *const good[] = { "basmati",    "BASM",   "rice",    "ryce",
                                        "basmatti",   "rcie",   "bsamati", "mati",
                                        "rice bas",   "बासमती", "जासमीन",  "tea\"",
                                        "asmati rice" };
    static const char *const none[] = { "",         "   ",    "\"",       "*",
                                        "AND",      "OR NOT", "zzzzqq",   "rice OR",
                                        "\" OR \"", "(",      "name:rice" };

    sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Basmati Rice", "kg", 1), 100);
    sell(w->db, &w->rival, sku_new(w->db, &w->rival, "बासमती चावल", "kg", 1), 100);
    sell(w->db, &w->rival, sku_new(w->db, &w->rival, "जासमीन Tea", "kg", 1), 100);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (found(w, good[i]) == 0)
            fail_msg("nothing found for %s", good[i]);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (found(w, none[i]) != 0)
            fail_msg("something found for %s", none[i]);
}

static void search_knows_a_renamed_category(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Cup", "piece", 1000), clay, tea;

    assert_int_equal(category_add(w->db, &w->seller, 0, "Clay", &clay), DB_OK);
    assert_int_equal(category_add(w->db, &w->seller, clay, "Teaware", &tea), DB_OK);
    run(w->db, "UPDATE sku SET category_id = (SELECT id FROM category WHERE name ="
               " 'Clay'), subcategory_id = (SELECT id FROM category WHERE name ="
               " 'Teaware')");
    sell(w->db, &w->seller, sku, 100);
    assert_int_equal(found(w, "clay"), 1);
    assert_int_equal(category_rename(w->db, &w->seller, clay, "Pottery"), DB_OK);
    assert_int_equal(category_rename(w->db, &w->seller, tea, "Drinking"), DB_OK);
    assert_int_equal(found(w, "pottery"), 1);
    assert_int_equal(found(w, "drinking"), 1);
    assert_int_equal(found(w, "clay"), 0);
}

static void search_ranks_whole_words_first(void **state)
{
    struct world *w = *state;
    json_t *rows;

    sell(w->db, &w->rival, sku_new(w->db, &w->rival, "Licorice", "kg", 1), 100);
    sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 1), 100);
    sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Ripe bananas", "kg", 1), 100);
    rows = products_found(w, "rice", 10);
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(text(json_array_get(rows, 0), "name"), "Rice");
    assert_string_equal(text(json_array_get(rows, 0), "handle"), "asha");
    rows = products_found(w, "rice", 1);
    assert_int_equal(json_array_size(rows), 1);
}

static void vendors_are_found_and_listed(void **state)
{
    struct world *w = *state;
    json_t *rows;

    assert_int_equal(search_vendors(w->db, "asha", 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(search_vendors(w->db, "stroes", 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(search_home(w->db, 0, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 1), 100);
    sell(w->db, &w->rival, sku_new(w->db, &w->rival, "Tea", "kg", 1), 100);
    assert_int_equal(search_home(w->db, 0, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(text(json_array_get(rows, 0), "handle"), "deep");
    assert_int_equal(get(json_array_get(rows, 0), "product_count"), 1);
    assert_int_equal(search_home(w->db, w->rival.account_id, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        named("CAT-1 a disclosed price with discount and GST", disclosed_price),
        named("CAT-1 an ask price leaves no trace", ask_price_leaves_no_trace),
        named("CAT-1 wrong prices are refused", wrong_prices_are_refused),
        named("CAT-2 ACC-7 only vendors sell, only their own",
              only_vendors_sell_only_their_own),
        named("CAT-2 off sale in one call", off_sale_in_one_call),
        named("CAT-3 variants come together", variants_come_together),
        named("CAT-3 a renamed SKU takes its product along",
              a_renamed_sku_takes_its_product_along),
        named("CAT-3 photos have an order and a limit", photos_have_an_order_and_a_limit),
        named("CAT-4 only approved vendors show", only_approved_vendors_show),
        named("CAT-4 pages go by key", pages_go_by_key),
        named("CAT-4 the version moves with what is shown",
              version_moves_with_what_is_shown),
        named("CAT-4 the version stands while there is plenty",
              version_stands_while_there_is_plenty),
        named("CAT-6 search forgives typing errors", search_forgives),
        named("CAT-6 CUS-4 search knows a renamed category",
              search_knows_a_renamed_category),
        named("CAT-6 whole words first", search_ranks_whole_words_first),
        named("CAT-6 vendors are found and listed", vendors_are_found_and_listed),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
