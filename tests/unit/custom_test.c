/* Custom values of an account: units, places, attributes, categories, vendor records. */
#include "access_ground.h"

#include "db/attribute.h"
#include "db/category.h"
#include "db/custom.h"
#include "db/place.h"
#include "db/sku.h"
#include "db/supplier.h"
#include "db/unit.h"

static struct actor someone(struct ground *g, const char *mobile, const char *email)
{
    int64_t user = user_new(g, mobile);

    return (struct actor) { user, account_new(g, user, email), NULL };
}

static struct actor asha(struct ground *g)
{
    return someone(g, "+919800000001", "asha@home.in");
}

/* The row of a list whose name this is; NULL when there is none. */
static json_t *named(json_t *rows, const char *name)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i,
                       row) if (strcmp(text_in(row, "name"), name) == 0) return row;
    return NULL;
}

static bool is_true(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

static int64_t sku_new(struct ground *g, const struct actor *a,
                       const struct sku_spec *spec)
{
    int64_t id;

    assert_int_equal(sku_get(g->db, a, spec, &id, NULL), DB_OK);
    return id;
}

static void seeded_units(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    json_t *rows;

    run(g, "DELETE FROM unit");
    db_begin(g->db);
    assert_int_equal(unit_seed(g->db, a.account_id, "en"), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(unit_list(g->db, a.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 10);
    assert_int_equal(int_in(named(rows, "kg"), "decimals"), 3);
    assert_int_equal(int_in(named(rows, "piece"), "decimals"), 0);
    assert_false(is_true(named(rows, "kg"), "is_used"));
    run(g, "DELETE FROM unit");
    assert_int_equal(unit_seed(g->db, a.account_id, "hi"), DB_OK);
    assert_int_equal(unit_list(g->db, a.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 10);
    assert_int_equal(int_in(named(rows, "किलो"), "decimals"), 3);
}

static void unit_changes(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = someone(g, "+919800000002", "bina@home.in");
    int64_t id, other;
    json_t *row;

    assert_int_equal(unit_add(g->db, &a, "  Café  cup ", 1, &id), DB_OK);
    assert_int_equal(unit_find(g->db, a.account_id, id, &row), DB_OK);
    assert_string_equal(text_in(row, "name"), "Café cup");
    refused(g, unit_add(g->db, &a, "cafe CUP", 0, &other), 422, "name",
            "refusal.name_taken");
    assert_int_equal(unit_add(g->db, &b, "cafe CUP", 0, &other), DB_OK);
    refused(g, unit_add(g->db, &a, " ", 0, &other), 422, "name", "refusal.name_missing");
    refused(g, unit_add(g->db, &a, "a unit name of more than thirty letters", 0, &other),
            422, "name", "refusal.name_long");
    refused(g, unit_add(g->db, &a, "bad\x80", 0, &other), 422, "name",
            "refusal.not_text");
    refused(g, unit_add(g->db, &a, "heap", 4, &other), 422, "decimals",
            "refusal.decimals");
    assert_int_equal(unit_find(g->db, b.account_id, id, &row), DB_NONE);
    assert_int_equal(unit_update(g->db, &b, id, "mine", 0), DB_NONE);
    assert_int_equal(unit_delete(g->db, &b, id), DB_NONE);
    assert_int_equal(unit_update(g->db, &a, id, "CAFÉ CUP", 2), DB_OK);
    assert_int_equal(unit_find(g->db, a.account_id, id, &row), DB_OK);
    assert_string_equal(text_in(row, "name"), "CAFÉ CUP");
    assert_int_equal(int_in(row, "decimals"), 2);
    assert_int_equal(unit_delete(g->db, &a, id), DB_OK);
    assert_int_equal(unit_find(g->db, a.account_id, id, &row), DB_NONE);
}

static void rename_everywhere(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    int64_t unit, category, sub, attribute, value, sku;
    struct sku_spec spec = { .name = "Mug" };
    json_t *row;

    assert_int_equal(unit_add(g->db, &a, "tray", 0, &unit), DB_OK);
    assert_int_equal(category_add(g->db, &a, 0, "Clay", &category), DB_OK);
    assert_int_equal(category_add(g->db, &a, category, "Cups", &sub), DB_OK);
    assert_int_equal(attribute_add(g->db, &a, "Colour", &attribute), DB_OK);
    assert_int_equal(attribute_value_add(g->db, &a, attribute, "Red", &value), DB_OK);
    spec.unit_id = unit;
    spec.category_id = category;
    spec.subcategory_id = sub;
    spec.value_ids[0] = value;
    sku = sku_new(g, &a, &spec);
    assert_int_equal(unit_update(g->db, &a, unit, "plate", 0), DB_OK);
    assert_int_equal(category_rename(g->db, &a, category, "Pottery"), DB_OK);
    assert_int_equal(category_rename(g->db, &a, sub, "Mugs"), DB_OK);
    assert_int_equal(attribute_value_rename(g->db, &a, value, "Deep red"), DB_OK);
    assert_int_equal(sku_find(g->db, a.account_id, sku, &row), DB_OK);
    assert_string_equal(text_in(row, "unit"), "plate");
    assert_string_equal(text_in(row, "category"), "Pottery");
    assert_string_equal(text_in(row, "subcategory"), "Mugs");
    assert_string_equal(text_in(row, "variant"), "Deep red");
    refused(g, unit_delete(g->db, &a, unit), 409, NULL, "refusal.value_in_use");
    assert_int_equal(int_in(db_refusal(g->db)->args, "n"), 1);
    refused(g, category_delete(g->db, &a, category), 409, NULL, "refusal.value_in_use");
    refused(g, category_delete(g->db, &a, sub), 409, NULL, "refusal.value_in_use");
    refused(g, attribute_value_delete(g->db, &a, value), 409, NULL,
            "refusal.value_in_use");
    refused(g, attribute_delete(g->db, &a, attribute), 409, NULL, "refusal.value_in_use");
    assert_int_equal(number_of(g, "SELECT count(*) FROM attribute_value"), 1);
}

static void categories(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = someone(g, "+919800000002", "bina@home.in");
    int64_t fruit, veg, apple, id;
    json_t *rows;

    assert_int_equal(category_add(g->db, &a, 0, "Vegetables", &veg), DB_OK);
    assert_int_equal(category_add(g->db, &a, 0, "Fruit", &fruit), DB_OK);
    assert_int_equal(category_add(g->db, &a, fruit, "Apples", &apple), DB_OK);
    assert_int_equal(category_add(g->db, &a, veg, "Apples", &id), DB_OK);
    refused(g, category_add(g->db, &a, fruit, "apples", &id), 422, "name",
            "refusal.name_taken");
    assert_int_equal(category_add(g->db, &a, apple, "Green", &id), DB_NONE);
    assert_int_equal(category_add(g->db, &b, fruit, "Mine", &id), DB_NONE);
    assert_int_equal(category_rename(g->db, &b, fruit, "Mine"), DB_NONE);
    assert_int_equal(category_list(g->db, a.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 4);
    assert_string_equal(text_in(json_array_get(rows, 0), "name"), "Fruit");
    assert_string_equal(text_in(json_array_get(rows, 1), "parent_name"), "Fruit");
    assert_true(is_true(json_array_get(rows, 0), "is_used"));
    refused(g, category_delete(g->db, &a, fruit), 409, NULL, "refusal.value_in_use");
    assert_int_equal(category_delete(g->db, &a, apple), DB_OK);
    assert_int_equal(category_delete(g->db, &a, fruit), DB_OK);
    assert_int_equal(category_under(g->db, a.account_id, 0, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(category_get(g->db, a.account_id, 0, "VEGETABLES", &id), DB_OK);
    assert_int_equal(id, veg);
}

static void places(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = someone(g, "+919800000002", "bina@home.in");
    int64_t room, rack, shelf, id;
    json_t *rows, *row;

    assert_int_equal(place_add(g->db, &a, 0, "Store", &room), DB_OK);
    assert_int_equal(place_add(g->db, &a, room, "Rack 1", &rack), DB_OK);
    assert_int_equal(place_add(g->db, &a, rack, "Top", &shelf), DB_OK);
    refused(g, place_add(g->db, &a, shelf, "Deeper", &id), 422, "parent",
            "refusal.place_deep");
    assert_int_equal(place_add(g->db, &b, room, "Mine", &id), DB_NONE);
    assert_int_equal(place_find(g->db, a.account_id, shelf, &row), DB_OK);
    assert_string_equal(text_in(row, "path"), "Store / Rack 1 / Top");
    assert_false(is_true(row, "can_hold"));
    assert_int_equal(place_add(g->db, &a, 0, "Attic", &id), DB_OK);
    assert_int_equal(place_rename(g->db, &a, rack, "Rack A"), DB_OK);
    assert_int_equal(place_list(g->db, a.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 4);
    assert_string_equal(text_in(json_array_get(rows, 0), "path"), "Attic");
    assert_string_equal(text_in(json_array_get(rows, 3), "path"), "Store / Rack A / Top");
    refused(g, place_delete(g->db, &a, rack), 409, NULL, "refusal.value_in_use");
    assert_int_equal(place_delete(g->db, &a, shelf), DB_OK);
    assert_int_equal(place_get(g->db, a.account_id, "store / rack a / Bottom", &id),
                     DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM place WHERE name = 'Bottom'"
                                  " AND level = 3"),
                     1);
    refused(g, place_get(g->db, a.account_id, "a/b/c/d", &id), 422, "place",
            "refusal.place_deep");
    assert_int_equal(number_of(g, "SELECT count(*) FROM place WHERE name = 'a'"), 0);
}

static void attributes(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = someone(g, "+919800000002", "bina@home.in");
    int64_t ids[3], id, value;
    json_t *rows;
    int slot;

    assert_int_equal(attribute_add(g->db, &a, "Colour", &ids[0]), DB_OK);
    assert_int_equal(attribute_add(g->db, &a, "Size", &ids[1]), DB_OK);
    refused(g, attribute_add(g->db, &a, "SIZE", &id), 422, "name", "refusal.name_taken");
    assert_int_equal(attribute_add(g->db, &a, "Cloth", &ids[2]), DB_OK);
    refused(g, attribute_add(g->db, &a, "Weight", &id), 409, "name",
            "refusal.attributes_full");
    assert_int_equal(attribute_get(g->db, a.account_id, "size", &slot), DB_OK);
    assert_int_equal(slot, 2);
    assert_int_equal(attribute_get(g->db, a.account_id, "Weight", &slot), DB_OK);
    assert_int_equal(slot, 0);
    assert_int_equal(attribute_value_add(g->db, &a, ids[1], "Large", &value), DB_OK);
    refused(g, attribute_value_add(g->db, &a, ids[1], "large", &id), 422, "name",
            "refusal.name_taken");
    assert_int_equal(attribute_value_add(g->db, &b, ids[1], "Huge", &id), DB_NONE);
    assert_int_equal(attribute_value_rename(g->db, &b, value, "Huge"), DB_NONE);
    assert_int_equal(attribute_values(g->db, b.account_id, ids[1], &rows), DB_NONE);
    assert_int_equal(attribute_list(g->db, a.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 3);
    assert_int_equal(
        json_array_size(json_object_get(json_array_get(rows, 1), "values_json")), 1);
    assert_int_equal(attribute_delete(g->db, &a, ids[0]), DB_OK);
    assert_int_equal(attribute_get(g->db, a.account_id, "Weight", &slot), DB_OK);
    assert_int_equal(slot, 1);
    refused(g, attribute_value_get(g->db, b.account_id, 1, "Red", &id), 422, "value1",
            "refusal.attribute_missing");
}

static void suppliers(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = someone(g, "+919800000002", "bina@home.in");
    struct supplier_details d = { "Ravi Traders", "98000 12345", "", "Main Road" };
    int64_t ravi, id, again;
    json_t *rows, *row;

    assert_int_equal(supplier_add(g->db, &a, &d, &ravi), DB_OK);
    assert_int_equal(supplier_find(g->db, a.account_id, ravi, &row), DB_OK);
    assert_string_equal(text_in(row, "mobile"), "+919800012345");
    assert_int_equal(supplier_find(g->db, b.account_id, ravi, &row), DB_NONE);
    d.name = "ravi TRADERS";
    refused(g, supplier_add(g->db, &a, &d, &id), 422, "name", "refusal.name_taken");
    d.name = "Other";
    d.mobile = "12";
    refused(g, supplier_add(g->db, &a, &d, &id), 422, "mobile", "refusal.mobile");
    d.mobile = "";
    d.gstin = "27AAPFU0939F1ZX";
    refused(g, supplier_add(g->db, &a, &d, &id), 422, "gstin",
            "refusal.gstin_check_digit");
    d.gstin = "27aapfu0939f1zv";
    assert_int_equal(supplier_add(g->db, &a, &d, &id), DB_OK);
    assert_int_equal(supplier_list(g->db, a.account_id, NULL, 0, 1, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "gstin"), "27AAPFU0939F1ZV");
    assert_int_equal(supplier_list(g->db, a.account_id, NULL, id, 1, &rows), DB_OK);
    assert_int_equal(int_in(json_array_get(rows, 0), "id"), ravi);
    assert_int_equal(supplier_list(g->db, a.account_id, "tra rav", 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(supplier_delete(g->db, &b, id), DB_NONE);
    assert_int_equal(supplier_delete(g->db, &a, id), DB_OK);
    listing_new(g, b.account_id);
    run(g, "UPDATE vendor SET trade_name = 'Rávi Traders'");
    assert_int_equal(supplier_of_account(g->db, a.account_id, b.account_id, &id), DB_OK);
    assert_int_equal(id, ravi);
    run(g, "UPDATE vendor SET trade_name = 'Ravi and Sons'");
    assert_int_equal(supplier_of_account(g->db, a.account_id, b.account_id, &again),
                     DB_OK);
    assert_int_equal(again, ravi);
    assert_int_equal(supplier_list(g->db, a.account_id, NULL, 0, 9, &rows), DB_OK);
    assert_true(is_true(json_array_get(rows, 0), "is_onboarded"));
}

static void same_name_twice(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    struct actor b = someone(g, "+919800000002", "bina@home.in");
    struct actor c = someone(g, "+919800000003", "chan@home.in");
    int64_t one, two, again;

    assert_int_equal(supplier_of_account(g->db, a.account_id, b.account_id, &one), DB_OK);
    assert_int_equal(supplier_of_account(g->db, a.account_id, c.account_id, &two), DB_OK);
    assert_int_not_equal(one, two);
    assert_int_equal(supplier_of_account(g->db, a.account_id, c.account_id, &again),
                     DB_OK);
    assert_int_equal(two, again);
}

static void many_values(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    int64_t id = 0;

    run(g, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
           " INSERT INTO category(account_id, name, folded)"
           " SELECT (SELECT max(id) FROM account), 'c' || i, 'c' || i FROM n");
    refused(g, category_add(g->db, &a, 0, "one more", &id), 409, NULL,
            "refusal.too_many_values");
    assert_int_equal(category_get(g->db, a.account_id, 0, "came with an order", &id),
                     DB_OK);
}

#define T(name, fn)                                                                      \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T("CUS-1 a new account has its units, in its language", seeded_units),
        T("CUS-1 units: folded names, decimals, only one's own", unit_changes),
        T("CUS-7 a rename shows everywhere, what is used stays", rename_everywhere),
        T("CUS-4 categories and sub-categories", categories),
        T("CUS-2 places in three levels, shown as a path", places),
        T("CUS-3 three attributes with values", attributes),
        T("CUS-6 vendor records", suppliers),
        T("CUS-9 two senders of one name are two records", same_name_twice),
        T("CUS-1 values by hand are bounded, deliveries are not held up", many_values),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
