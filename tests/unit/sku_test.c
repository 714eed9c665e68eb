/* SKUs: their grouping, product IDs, changes and lists. */
#include "stock_ground.h"

#include "db/attribute.h"
#include "db/base/buf.h"
#include "db/category.h"
#include "db/db_internal.h"
#include "db/listing.h"
#include "db/place.h"

static int64_t sku_new(struct ground *g, const struct actor *a,
                       const struct sku_spec *spec, bool expected_new)
{
    int64_t id;
    bool is_new;

    assert_int_equal(sku_get(g->db, a, spec, &id, &is_new), DB_OK);
    assert_int_equal(is_new, expected_new);
    return id;
}

static void grouping(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct sku_spec spec = { .name = "Café  Mug", .code = "mug-1", .unit = "piece" };
    int64_t mug = sku_new(g, &a, &spec, true), id;

    spec.name = " CAFE mug ";
    spec.code = "MUG-1";
    assert_int_equal(sku_new(g, &a, &spec, false), mug);
    assert_int_not_equal(sku_new(g, &b, &spec, true), mug);
    spec.code = "";
    assert_int_not_equal(sku_new(g, &a, &spec, true), mug);
    spec.category = "Kitchen";
    id = sku_new(g, &a, &spec, true);
    spec.category = "KITCHEN";
    assert_int_equal(sku_new(g, &a, &spec, false), id);
    spec.subcategory = "Cups";
    assert_int_not_equal(sku_new(g, &a, &spec, true), id);
    spec.unit = "dozen";
    sku_new(g, &a, &spec, true);
    spec.values[0] = "Red";
    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "value1",
            "refusal.attribute_missing");
    assert_int_equal(attribute_add(g->db, &a, "Colour", &id), DB_OK);
    id = sku_new(g, &a, &spec, true);
    spec.values[0] = "red";
    assert_int_equal(sku_new(g, &a, &spec, false), id);
    spec.category = NULL;
    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "category",
            "refusal.category_missing");
    assert_int_equal(number_of(g, "SELECT count(*) FROM attribute_value"), 1);
}

static void foreign_ids(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct sku_spec spec = { .name = "Mug" };
    int64_t id, unit, category, attribute, value;

    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "unit", "refusal.unit_missing");
    assert_int_equal(unit_add(g->db, &b, "crate", 0, &unit), DB_OK);
    assert_int_equal(category_add(g->db, &b, 0, "Hers", &category), DB_OK);
    assert_int_equal(attribute_add(g->db, &b, "Colour", &attribute), DB_OK);
    assert_int_equal(attribute_value_add(g->db, &b, attribute, "Red", &value), DB_OK);
    spec.unit_id = unit;
    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "unit", "refusal.choose_again");
    spec = (struct sku_spec) { .name = "Mug", .unit = "kg", .category_id = category };
    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "category",
            "refusal.choose_again");
    spec = (struct sku_spec) { .name = "Mug", .unit = "kg", .value_ids = { value } };
    refused(g, sku_get(g->db, &a, &spec, &id, NULL), 422, "value1",
            "refusal.choose_again");
    spec.value_ids[1] = value;
    spec.value_ids[0] = 0;
    refused(g, sku_get(g->db, &b, &spec, &id, NULL), 422, "value2",
            "refusal.choose_again");
    assert_int_equal(number_of(g, "SELECT count(*) FROM sku"), 0);
}

static void codes(void **state)
{
    static const struct {
        const char *text, *stored, *key;
    } table[] = {
        { "", "", NULL },
        { " 8901234567890 ", "8901234567890", NULL },
        { "8901234567894", NULL, "refusal.code_check_digit" },
        { "036000291452", "0036000291452", NULL },
        { "036000291453", NULL, "refusal.code_check_digit" },
        { "96385074", "96385074", NULL },
        { "96385075", NULL, "refusal.code_check_digit" },
        { "10614141000415", "10614141000415", NULL },
        { "1234567", "1234567", NULL },
        { "CUP/Red 7", "CUP/Red 7", NULL },
        { "प्याला", NULL, "refusal.code_letters" },
        { "a\x01", NULL, "refusal.code_letters" },
        { "1234567890123456789012345678901234567890123456789012345678901", NULL,
          "refusal.code_letters" },
    };
    struct ground *g = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *code;
        enum db_rc rc = sku_code(g->db, table[i].text, &code);

        if (table[i].key) {
            refused(g, rc, 422, "code", table[i].key);
            continue;
        }
        assert_int_equal(rc, DB_OK);
        assert_string_equal(code, table[i].stored);
    }
}

static void scans(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct sku_spec spec = { .name = "Soap", .code = "036000291452", .unit = "piece" };
    json_t *rows;

    sku_new(g, &a, &spec, true);
    spec.unit = "box";
    sku_new(g, &a, &spec, true);
    assert_int_equal(sku_by_code(g->db, a.account_id, "0036000291452", &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(sku_by_code(g->db, a.account_id, "036000291452", &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(sku_by_code(g->db, b.account_id, "036000291452", &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(sku_by_code(g->db, a.account_id, "", &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
}

static void changes(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct sku_spec mug = { .name = "Mug", .unit = "kg" },
                    cup = { .name = "Cup", .unit = "kg" };
    int64_t id = sku_new(g, &a, &mug, true), order;
    json_t *row;

    sku_new(g, &a, &cup, true);
    refused(g, sku_update(g->db, &a, id, &cup, -1), 409, "name", "refusal.sku_same");
    mug.name = "MUG";
    mug.code = "M1";
    mug.category = "Clay";
    assert_int_equal(sku_update(g->db, &b, id, &mug, -1), DB_NONE);
    assert_int_equal(sku_update(g->db, &a, id, &mug, 1500), DB_OK);
    assert_int_equal(sku_find(g->db, a.account_id, id, &row), DB_OK);
    assert_string_equal(text_in(row, "name"), "MUG");
    assert_string_equal(text_in(row, "category"), "Clay");
    assert_int_equal(int_in(row, "low_milli"), 1500);
    assert_true(is_true(row, "is_low"));
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry"
                                  " WHERE kind = 'sku.updated'"),
                     1);
    mug.unit = "piece";
    refused(g, sku_update(g->db, &a, id, &mug, 1500), 422, "low", "refusal.qty_whole");
    mug.unit = "kg";
    order = order_new(g, &a, &b, id, 1000);
    mug.unit = "g";
    refused(g, sku_update(g->db, &a, id, &mug, -1), 409, "unit", "refusal.unit_promised");
    db_begin(g->db);
    db_exec(g->db, "UPDATE orders SET state = 'cancelled' WHERE id = ?1",
            DB_ARGS(DB_INT(order)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(sku_update(g->db, &a, id, &mug, -1), DB_OK);
    assert_int_equal(sku_find(g->db, b.account_id, id, &row), DB_NONE);
}

static void unit_of_booked(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    struct sku_spec spec = { .name = "Rice", .unit = "piece" };
    int64_t sku, kg;

    receive(g, &a, "Rice", 1500, 0, &sku);
    refused(g, sku_update(g->db, &a, sku, &spec, -1), 409, "unit",
            "refusal.unit_decimals");
    assert_int_equal(
        db_int(g->db, "SELECT unit_id FROM sku WHERE id = ?1", DB_ARGS(DB_INT(sku)), &kg),
        DB_OK);
    refused(g, unit_update(g->db, &a, kg, "kg", 0), 409, "decimals",
            "refusal.decimals_used");
    assert_int_equal(unit_update(g->db, &a, kg, "kilo", 1), DB_OK);
    refused(g, sku_set_low(g->db, &a, sku, 1250), 422, "low", "refusal.qty_decimals");
    assert_int_equal(sku_set_low(g->db, &a, sku, 1200), DB_OK);
}

static void product_follows(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    struct sku_spec spec = { .name = "Lamp", .unit = "piece" };
    struct listing_price price = { .price_paise = 5000, .hsn = "" };
    int64_t sku = sku_new(g, &a, &spec, true);

    vendor_new(g, &a);
    assert_int_equal(listing_put(g->db, &a, sku, &price, NULL), DB_OK);
    spec.name = "Brass lamp";
    assert_int_equal(sku_update(g->db, &a, sku, &spec, -1), DB_OK);
    assert_int_equal(number_of(g,
                               "SELECT count(*) FROM product p JOIN listing l"
                               " ON l.product_id = p.id WHERE p.folded = 'brass lamp'"),
                     1);
}

/* The names of a page, one after the other. */
static const char *page(struct ground *g, const struct actor *a, struct sku_filter f)
{
    struct buf b = buf_new(g->arena, 64, 4096);
    struct cell rows;
    int64_t count;

    assert_int_equal(sku_list(g->db, a->account_id, &f, &rows), DB_OK);
    for (size_t i = 0; i < cell_size(rows); i++)
        buf_printf(&b, "%s%s", i ? " " : "",
                   cell_string(cell_get(cell_item(rows, i), "name")));
    if (!f.before_id && !f.limit) {
        assert_int_equal(sku_count(g->db, a->account_id, &f, &count), DB_OK);
        assert_int_equal(count, cell_size(rows));
    }
    return buf_str(&b);
}

/* Rice (2 lots, one expiring), Dal (low, in the shelf), Salt (none left), Ghee. */
static void shop_fill(struct ground *g, const struct actor *a, int64_t ids[4],
                      int64_t *room, int64_t *supplier)
{
    struct receipt dal = receipt_of("Dal", "kg", 2000);
    int64_t lot;

    receive(g, a, "Rice", 5000, clock_ms() + 10 * CLOCK_DAY, &ids[0]);
    receive(g, a, "rice", 1000, clock_ms() + 90 * CLOCK_DAY, NULL);
    assert_int_equal(place_get(g->db, a->account_id, "Store", room), DB_OK);
    assert_int_equal(place_get(g->db, a->account_id, "Store/Rack/Shelf", &dal.place_id),
                     DB_OK);
    dal.supplier = "Ravi";
    dal.low_milli = 2000;
    dal.spec.category = "Pulses";
    dal.spec.code = "D-7";
    assert_int_equal(stock_receive(g->db, a, &dal, &lot, &ids[1]), DB_OK);
    lot = receive(g, a, "Salt", 1000, clock_ms() - 1, &ids[2]);
    assert_int_equal(
        stock_consume(g->db, a, &(struct stock_use) { .lot_id = lot, .qty_milli = 1000 },
                      NULL),
        DB_OK);
    receive(g, a, "Ghee", 3000, clock_ms() + 60 * CLOCK_DAY, &ids[3]);
    assert_int_equal(db_int(g->db, "SELECT id FROM supplier", DB_NO_ARGS, supplier),
                     DB_OK);
}

static void lists(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t ids[4], room, supplier, category;
    json_t *rows, *row;

    shop_fill(g, &a, ids, &room, &supplier);
    category = number_of(g, "SELECT id FROM category");
    assert_string_equal(page(g, &a, (struct sku_filter) { 0 }), "Ghee Salt Dal Rice");
    assert_string_equal(page(g, &b, (struct sku_filter) { 0 }), "");
    assert_string_equal(page(g, &a, (struct sku_filter) { .sort = SKU_NAME }),
                        "Dal Ghee Rice Salt");
    assert_string_equal(
        page(g, &a, (struct sku_filter) { .limit = 2, .before_id = ids[2] }), "Dal Rice");
    assert_string_equal(
        page(g, &a,
             (struct sku_filter) { .sort = SKU_NAME, .limit = 2, .before_id = ids[3] }),
        "Rice Salt");
    assert_string_equal(page(g, &a, (struct sku_filter) { .query = "RÍC" }), "Rice");
    assert_string_equal(page(g, &a, (struct sku_filter) { .query = "d-7" }), "Dal");
    assert_string_equal(page(g, &a, (struct sku_filter) { .query = "dal rice" }), "");
    assert_string_equal(page(g, &a, (struct sku_filter) { .category_id = category }),
                        "Dal");
    assert_string_equal(page(g, &b, (struct sku_filter) { .category_id = category }), "");
    assert_string_equal(page(g, &a, (struct sku_filter) { .place_id = room }), "Dal");
    assert_string_equal(page(g, &b, (struct sku_filter) { .place_id = room }), "");
    for (int level = 2; level <= 3; level++) {
        int64_t below = number_of(g, arena_printf(g->arena,
                                                  "SELECT id FROM place WHERE level = %d",
                                                  level));

        assert_string_equal(page(g, &a, (struct sku_filter) { .place_id = below }), "Dal");
    }
    assert_string_equal(page(g, &a, (struct sku_filter) { .supplier_id = supplier }),
                        "Dal");
    assert_string_equal(page(g, &a, (struct sku_filter) { .is_low = true }), "Dal");
    run(g, "UPDATE sku SET low_milli = on_hand_milli - 1, reserved_milli = 1"
           " WHERE name = 'Rice'"); /* what is reserved isn't there */
    assert_string_equal(page(g, &a, (struct sku_filter) { .is_low = true }), "Dal Rice");
    run(g, "UPDATE sku SET low_milli = NULL, reserved_milli = 0 WHERE name = 'Rice'");
    assert_string_equal(page(g, &a, (struct sku_filter) { .is_expiring = true }), "Rice");
    assert_string_equal(page(g, &a, (struct sku_filter) { .is_in_stock = true }),
                        "Ghee Dal Rice");
    assert_int_equal(sku_find(g->db, a.account_id, ids[0], &row), DB_OK);
    assert_int_equal(int_in(row, "on_hand_milli"), 6000);
    assert_int_equal(int_in(row, "lot_count"), 2);
    assert_true(int_in(row, "expires_ms") < clock_ms() + 11 * CLOCK_DAY);
    assert_int_equal(stock_lots(g->db, a.account_id, ids[0], &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_int_equal(stock_lots(g->db, b.account_id, ids[0], &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(stock_lots_all(g->db, a.account_id, ids[2], 0, 9, &rows), DB_OK);
    assert_true(is_true(json_array_get(rows, 0), "is_expired"));
    assert_int_equal(stock_lots(g->db, a.account_id, ids[1], &rows), DB_OK);
    row = json_array_get(rows, 0);
    assert_string_equal(text_in(row, "place"), "Store / Rack / Shelf");
    assert_string_equal(text_in(row, "supplier"), "Ravi");
}

/* A full scan of a table of an account's rows would grow with everyone's. */
static void plans(void **state)
{
    static const char *const tables[] = { "SCAN s",         "SCAN l",   "SCAN q",
                                          "SCAN n",         "SCAN sku", "SCAN lot",
                                          "SCAN stock_move" };
    struct ground *g = *state;
    struct sku_filter f = { .query = "a",
                            .category_id = 1,
                            .place_id = 1,
                            .supplier_id = 1,
                            .is_low = true,
                            .is_expiring = true,
                            .sort = SKU_NAME,
                            .before_id = 1 };
    sqlite3_stmt *stmt = NULL;
    sqlite3 *handle;
    struct cell skus;
    json_t *rows;
    int seen = 0;

    assert_int_equal(sku_list(g->db, 1, &f, &skus), DB_OK);
    assert_int_equal(sku_list(g->db, 1, &(struct sku_filter) { 0 }, &skus), DB_OK);
    assert_int_equal(stock_moves(g->db, 1, 1, 0, 9, &rows), DB_OK);
    assert_int_equal(stock_journal(g->db, 1, 0, 9, &rows), DB_OK);
    assert_int_equal(stock_lots(g->db, 1, 1, &rows), DB_OK);
    assert_int_equal(stock_usage(g->db, 1, 0, 1, &rows), DB_OK);
    handle = g->db->reader->handle;
    while ((stmt = sqlite3_next_stmt(handle, stmt))) {
        const char *sql = arena_printf(g->arena, "EXPLAIN QUERY PLAN %s",
                                       sqlite3_sql(stmt));
        sqlite3_stmt *plan;

        if (strncmp(sqlite3_sql(stmt), "SELECT", 6) != 0)
            continue;
        assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(plan, 3);

            for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
                size_t n = strlen(tables[i]);

                if (strncmp(step, tables[i], n) == 0 && (!step[n] || step[n] == ' '))
                    fail_msg("%s in %s", step, sqlite3_sql(stmt));
            }
            seen++;
        }
        sqlite3_finalize(plan);
    }
    assert_true(seen > 20);
}

#define T(name, fn)                                                                      \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T("INV-2 a SKU is what shares name, ID, unit, attributes, category", grouping),
        T("INV-2 custom values of another account are refused", foreign_ids),
        T("INV-1 product IDs: check digits, UPC as EAN, plain characters", codes),
        T("INV-1 a scan finds each variant", scans),
        T("INV-2 changing a SKU; never into another", changes),
        T("CUS-1 a unit keeps the decimals that are booked", unit_of_booked),
        T("INV-2 the catalog product follows a renamed SKU", product_follows),
        T("INV-2 lists, filters, pages, counts", lists),
        T("INV-2 no list scans a table", plans),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
