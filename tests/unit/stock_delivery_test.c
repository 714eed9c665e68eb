/* Goods that go from a vendor's stock into a customer's. */
#include "stock_ground.h"

#include "db/attribute.h"
#include "db/category.h"
#include "db/supplier.h"

static struct stock_copy copy_of(const struct actor *from, const struct actor *to,
                                 int64_t sku, int64_t order, int64_t qty)
{
    return (struct stock_copy) { .from_account_id = from->account_id,
                                 .to_account_id = to->account_id,
                                 .sku_id = sku,
                                 .order_id = order,
                                 .order_line_id = order,
                                 .qty_milli = qty,
                                 .cost_paise = 12000 };
}

static enum db_rc deliver(struct ground *g, const struct actor *a, int64_t order,
                          int64_t sku, int64_t qty, bool is_more_ok, int64_t *cost)
{
    struct stock_delivery d = { .order_id = order,
                                .order_line_id = order,
                                .sku_id = sku,
                                .qty_milli = qty,
                                .is_more_ok = is_more_ok };

    return stock_deliver_out(g->db, a, &d, cost);
}

static void out_of_lots(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct receipt r = receipt_of("Soap", "kg", 1000);
    int64_t sku, expired, open, soon, order, cost;

    r.cost_paise = 300;
    r.expires_ms = clock_ms() - CLOCK_DAY;
    assert_int_equal(stock_receive(g->db, &a, &r, &expired, &sku), DB_OK);
    r.expires_ms = 0;
    r.cost_paise = 200;
    assert_int_equal(stock_receive(g->db, &a, &r, &open, &sku), DB_OK);
    r.expires_ms = clock_ms() + CLOCK_DAY;
    r.cost_paise = 100;
    assert_int_equal(stock_receive(g->db, &a, &r, &soon, &sku), DB_OK);
    order = order_new(g, &a, &b, sku, 9000);
    assert_int_equal(deliver(g, &a, order, sku, 1500, false, &cost), DB_OK);
    assert_int_equal(cost, 200);
    assert_int_equal(lot_qty(g, soon), 0);
    assert_int_equal(lot_qty(g, open), 500);
    assert_int_equal(lot_qty(g, expired), 1000);
    refused(g, deliver(g, &a, order, sku, 1501, false, NULL), 409, "qty",
            "refusal.stock_short");
    assert_string_equal(text_in(db_refusal(g->db)->args, "name"), "Soap");
    assert_int_equal(deliver(g, &b, order, sku, 1, false, NULL), DB_NONE);
    assert_int_equal(deliver(g, &a, order, sku, 4000, true, &cost), DB_OK);
    assert_int_equal(cost, -1);
    assert_int_equal(number_of(g, "SELECT on_hand_milli FROM sku"), 0);
    assert_int_equal(number_of(g, "SELECT sum(qty_milli) FROM stock_move"
                                  " WHERE kind = 'count'"),
                     2500);
    assert_int_equal(number_of(g, "SELECT -sum(qty_milli) FROM stock_move"
                                  " WHERE kind = 'deliver'"),
                     5500);
    refused(g,
            stock_reverse(g->db, &a, number_of(g, "SELECT max(id) FROM stock_move"), "",
                          NULL),
            409, NULL, "refusal.move_of_order");
}

static void others_keep_theirs(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, one, two;

    receive(g, &a, "Jar", 3000, 0, &sku);
    one = order_new(g, &a, &b, sku, 2000);
    two = order_new(g, &a, &b, sku, 2000);
    reserve(g, one);
    refused(g, deliver(g, &a, two, sku, 2000, false, NULL), 409, "qty",
            "refusal.stock_short");
    assert_int_equal(deliver(g, &a, two, sku, 2000, true, NULL), DB_OK);
    assert_int_equal(number_of(g, "SELECT on_hand_milli FROM sku"), 2000);
    assert_int_equal(number_of(g, "SELECT reserved_milli FROM sku"), 2000);
}

/* A vendor's saree in Hindi with all that it can have. */
static int64_t saree_new(struct ground *g, const struct actor *a, int64_t qty)
{
    struct receipt r = { .spec = { .name = "सूती साड़ी",
                                   .code = "8901234567890",
                                   .unit = "Pièce",
                                   .values = { "लाल", "Large", "Coton" },
                                   .category = "कपड़े",
                                   .subcategory = "Sarées" },
                         .qty_milli = qty,
                         .cost_paise = 9000,
                         .low_milli = -1,
                         .expires_ms = clock_ms() + CLOCK_DAY };
    int64_t id, sku;

    assert_int_equal(unit_get(g->db, a->account_id, "piece", 0, &id), DB_OK);
    assert_int_equal(unit_update(g->db, a, id, "Pièce", 1), DB_OK);
    assert_int_equal(attribute_add(g->db, a, "रंग", &id), DB_OK);
    assert_int_equal(attribute_add(g->db, a, "Size", &id), DB_OK);
    assert_int_equal(attribute_add(g->db, a, "Matière", &id), DB_OK);
    assert_int_equal(stock_receive(g->db, a, &r, NULL, &sku), DB_OK);
    return sku;
}

static void everything_made(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku = saree_new(g, &a, 5500), order = order_new(g, &a, &b, sku, 2500);
    struct stock_copy c = copy_of(&a, &b, sku, order, 2500);
    int64_t lot, theirs, again;
    json_t *row;

    run(g, "DELETE FROM unit WHERE id NOT IN (SELECT unit_id FROM sku)");
    assert_int_equal(deliver(g, &a, order, sku, 2500, false, NULL), DB_OK);
    assert_int_equal(stock_copy_in(g->db, &c, &lot, &theirs), DB_OK);
    assert_int_equal(sku_find(g->db, b.account_id, theirs, &row), DB_OK);
    assert_string_equal(text_in(row, "name"), "सूती साड़ी");
    assert_string_equal(text_in(row, "code"), "8901234567890");
    assert_string_equal(text_in(row, "unit"), "Pièce");
    assert_int_equal(int_in(row, "decimals"), 1);
    assert_string_equal(text_in(row, "variant"), "लाल, Large, Coton");
    assert_string_equal(text_in(row, "category"), "कपड़े");
    assert_string_equal(text_in(row, "subcategory"), "Sarées");
    assert_int_equal(int_in(row, "on_hand_milli"), 2500);
    assert_int_equal(stock_lot_find(g->db, b.account_id, lot, &row), DB_OK);
    assert_string_equal(text_in(row, "supplier"), "Mitti Crafts");
    assert_string_equal(text_in(row, "source"), "order");
    assert_int_equal(int_in(row, "order_id"), order);
    assert_int_equal(int_in(row, "cost_paise"), 12000);
    assert_true(int_in(row, "expires_ms") > clock_ms());
    assert_string_equal(text_in(row, "kept_values"), "");
    assert_int_equal(stock_copy_in(g->db, &c, &lot, &again), DB_OK);
    assert_int_equal(again, theirs);
    assert_int_equal(number_of(g, "SELECT count(*) FROM attribute_value"), 6);
    assert_int_equal(number_of(g, "SELECT count(*) FROM supplier"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM place"), 0);
}

static void names_match(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku = saree_new(g, &a, 5500), order = order_new(g, &a, &b, sku, 2500);
    struct stock_copy c = copy_of(&a, &b, sku, order, 2500);
    struct receipt r = { .spec = { .name = "सूती साड़ी",
                                   .code = "8901234567890",
                                   .unit = "PIECE",
                                   .values = { "LARGE", "coton", "लाल" },
                                   .category = "कपडे",
                                   .subcategory = "sarees" },
                         .qty_milli = 1000,
                         .cost_paise = -1,
                         .low_milli = -1,
                         .supplier = "MITTI CRAFTS" };
    int64_t id, theirs, mine;

    assert_int_equal(attribute_add(g->db, &b, "SIZE", &id), DB_OK);
    assert_int_equal(attribute_add(g->db, &b, "matiere", &id), DB_OK);
    assert_int_equal(attribute_add(g->db, &b, "रंग", &id), DB_OK);
    assert_int_equal(stock_receive(g->db, &b, &r, NULL, &mine), DB_OK);
    assert_int_equal(deliver(g, &a, order, sku, 2500, false, NULL), DB_OK);
    assert_int_equal(stock_copy_in(g->db, &c, NULL, &theirs), DB_OK);
    assert_int_equal(theirs, mine);
    assert_int_equal(number_of(g, "SELECT on_hand_milli FROM sku WHERE account_id ="
                                  " (SELECT max(id) FROM account)"),
                     3500);
    /* Half a piece came: the customer's unit learned it. */
    assert_int_equal(
        number_of(g, "SELECT decimals FROM unit u JOIN sku s ON s.unit_id = u.id"
                     " ORDER BY s.id DESC LIMIT 1"),
        1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM supplier"), 1);
    assert_int_equal(number_of(g, "SELECT vendor_account_id FROM supplier"),
                     a.account_id);
}

static void no_free_attribute(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku = saree_new(g, &a, 5500), order = order_new(g, &a, &b, sku, 1000), id,
            lot;
    struct stock_copy c = copy_of(&a, &b, sku, order, 1000);
    int64_t theirs;
    json_t *row;

    assert_int_equal(attribute_add(g->db, &b, "Brand", &id), DB_OK);
    assert_int_equal(attribute_add(g->db, &b, "Year", &id), DB_OK);
    c.name = "Cotton saree";
    assert_int_equal(stock_copy_in(g->db, &c, &lot, &theirs), DB_OK);
    assert_int_equal(stock_lot_find(g->db, b.account_id, lot, &row), DB_OK);
    assert_string_equal(text_in(row, "variant"), "लाल");
    assert_string_equal(text_in(row, "kept_values"), "Size: Large, Matière: Coton");
    assert_string_equal(text_in(row, "sku"), "Cotton saree");
    assert_int_equal(number_of(g, "SELECT count(*) FROM attribute"), 6);
}

/* A failing order takes nothing and brings nothing. */
static void all_or_nothing(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku = saree_new(g, &a, 2000), order = order_new(g, &a, &b, sku, 3000);
    struct stock_copy c = copy_of(&a, &b, sku, order, 2000);

    db_begin(g->db);
    assert_int_equal(deliver(g, &a, order, sku, 2000, false, NULL), DB_OK);
    assert_int_equal(stock_copy_in(g->db, &c, NULL, NULL), DB_OK);
    assert_int_equal(deliver(g, &a, order, sku, 1000, false, NULL), DB_REFUSED);
    assert_int_equal(db_end(g->db, DB_OK), DB_REFUSED);
    assert_int_equal(number_of(g, "SELECT count(*) FROM lot"), 1);
    assert_int_equal(number_of(g, "SELECT on_hand_milli FROM sku"), 2000);
    assert_int_equal(number_of(g, "SELECT count(*) FROM supplier"), 0);
    assert_int_equal(check_balances(g->file), 0);
}

#define T(name, fn)                                                                      \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T("ORD-9 a delivery takes lots by expiry, expired ones last", out_of_lots),
        T("VORD-4 a delivery leaves what others reserved", others_keep_theirs),
        T("CUS-9 custom values are made where they lack", everything_made),
        T("CUS-9 names match without case and accents, in any slot", names_match),
        T("CUS-9 values without a free attribute stay on the lot", no_free_attribute),
        T("ORD-9 a delivery is all or nothing", all_or_nothing),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
