/* Bookings of stock by hand (INV-1, INV-3, INV-8): receiving, using up, throwing out,
 * moving to another place, counting, undoing; and what a SKU is called. */
#include "server/pages/inventory.h"

#include "db/attribute.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/category.h"
#include "db/place.h"
#include "db/sku.h"
#include "db/stock.h"
#include "db/supplier.h"
#include "db/unit.h"

#include <string.h>

enum { SUPPLIERS = 200 };

/* --- the form of a SKU: received, or changed --- */

/* What a form offers to choose from; the chosen ones marked. */
static void chosen_mark(const json_t *rows, const char *key, const char *chosen)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) json_object_set_new(
        row, "is_chosen", json_boolean(strcmp(row_text(row, key), chosen) == 0));
}

static const char *typed_or(const struct req *r, const json_t *f, const char *key)
{
    const char *typed = json_string_value(json_object_get(r->typed, key));
    const char *first = json_string_value(json_object_get(f, key));

    return typed ? typed : first ? first : "";
}

/* The attributes with the names that their fields have: value1 to value3. */
static void attributes_mark(struct req *r, const json_t *attributes, const json_t *f)
{
    json_t *one;
    size_t i;

    json_array_foreach(attributes, i, one)
    {
        const char *name = arena_printf(r->arena, "value%lld",
                                        (long long)row_int(one, "slot"));

        json_object_set_new(one, "field", json_string(name));
        json_object_set_new(one, "value", json_string(typed_or(r, f, name)));
    }
}

/* What most of the stock is counted in; of a new shop the first one made, the piece. */
static const char *usual_unit(const json_t *units)
{
    const json_t *usual = NULL, *one;
    size_t i;

    json_array_foreach(units, i, one)
    {
        int64_t more = row_int(one, "sku_count") - (usual ? row_int(usual, "sku_count") : -1);

        if (more > 0 || (more == 0 && row_int(one, "id") < row_int(usual, "id")))
            usual = one;
    }
    return usual ? row_text(usual, "name") : "";
}

/* Adds the lists that the fields of a SKU choose from. */
static enum db_rc spec_lists(struct req *r, json_t *model, const json_t *f)
{
    const char *unit = typed_or(r, f, "unit");
    json_t *units, *categories, *attributes;

    if (unit_list(r->db, r->account_id, &units) != DB_OK ||
        category_under(r->db, r->account_id, 0, &categories) != DB_OK ||
        attribute_list(r->db, r->account_id, &attributes) != DB_OK)
        return DB_ERR;
    chosen_mark(units, "name", *unit ? unit : usual_unit(units));
    attributes_mark(r, attributes, f);
    json_object_set(model, "units", units);
    json_object_set(model, "categories", categories);
    json_object_set(model, "attributes", attributes);
    return DB_OK;
}

static struct sku_spec spec_of(const struct req *r)
{
    return (struct sku_spec) {
        .name = req_text(r, "name"),
        .code = req_text(r, "code"),
        .unit = req_text(r, "unit"),
        .values = { req_text(r, "value1"), req_text(r, "value2"), req_text(r, "value3") },
        .category = req_text(r, "category"),
        .subcategory = req_text(r, "subcategory"),
    };
}

static int receive_form(struct req *r)
{
    json_t *places, *suppliers, *model, *f = NULL;
    int64_t sku = req_int(r, "sku");

    if (place_list(r->db, r->account_id, &places) != DB_OK ||
        supplier_list(r->db, r->account_id, NULL, 0, SUPPLIERS, &suppliers) != DB_OK)
        return reply_error(r, 500);
    if (sku && sku_find(r->db, r->account_id, sku, &f) != DB_OK)
        return reply_error(r, 404);
    f = f ? json_copy(f) : json_object();
    json_object_del(f, "id");
    chosen_mark(places, "path", typed_or(r, f, "place"));
    model = json_pack("{s:O,s:O,s:O}", "places", places, "suppliers", suppliers, "f", f);
    if (spec_lists(r, model, f) != DB_OK)
        return reply_error(r, 500);
    return reply_page(r, 200, "inventory/receive", model);
}

static int edit_form(struct req *r)
{
    json_t *sku, *f, *model;
    enum db_rc rc = sku_find(r->db, r->account_id, req_arg_id(r, 0), &sku);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    f = json_copy(sku);
    json_object_set_new(f, "low",
                        row_is_null(sku, "low_milli")
                            ? json_string("")
                            : json_string(text_qty(r->arena, row_int(sku, "low_milli"))));
    model = json_pack("{s:O,s:o}", "sku", sku, "f", f);
    if (spec_lists(r, model, f) != DB_OK)
        return reply_error(r, 500);
    return reply_page(r, 200, "inventory/edit", model);
}

static int edit(struct req *r)
{
    struct sku_spec spec = spec_of(r);
    enum db_rc rc = sku_update(r->db, &r->actor, req_arg_id(r, 0), &spec,
                               req_has(r, "low") ? req_int(r, "low") : -1);

    return reply_outcome(r, rc, req_arg_id(r, 0));
}

/* --- bookings --- */

static int receive(struct req *r)
{
    struct receipt in = {
        .spec = spec_of(r),
        .supplier = req_text(r, "supplier"),
        .qty_milli = req_int(r, "qty"),
        .cost_paise = req_has(r, "cost") ? req_int(r, "cost") : -1,
        .expires_ms = req_int(r, "expires"),
        .low_milli = req_has(r, "low") ? req_int(r, "low") : -1,
        .note = req_text(r, "note"),
    };
    int64_t lot, sku = 0;
    enum db_rc rc = DB_OK;

    db_begin(r->db);
    if (req_has(r, "place"))
        rc = place_get(r->db, r->account_id, req_text(r, "place"), &in.place_id);
    if (rc == DB_OK)
        rc = stock_receive(r->db, &r->actor, &in, &lot, &sku);
    if (rc == DB_OK)
        rc = stock_lot_move(r->db, r->account_id, lot, &r->undo_id);
    rc = db_end(r->db, rc);
    return reply_outcome(r, rc, sku);
}

static int use(struct req *r, enum db_rc (*op)(struct db *, const struct actor *,
                                               const struct stock_use *, int64_t *))
{
    struct stock_use use = { .sku_id = req_arg_id(r, 0), .lot_id = req_int(r, "lot"),
                             .qty_milli = req_int(r, "qty"), .note = req_text(r, "note") };
    int64_t group = 0;
    enum db_rc rc = op(r->db, &r->actor, &use, &group);

    return reply_outcome(r, rc, group);
}

static int consume(struct req *r)
{
    return use(r, stock_consume);
}

static int expire(struct req *r)
{
    return use(r, stock_expire);
}

/* A lot of another SKU is none of this page. */
static enum db_rc lot_check(struct req *r)
{
    json_t *lot;
    enum db_rc rc = stock_lot_find(r->db, r->account_id, req_int(r, "lot"), &lot);

    return rc == DB_OK && row_int(lot, "sku_id") != req_arg_id(r, 0) ? DB_NONE : rc;
}

static int place(struct req *r)
{
    int64_t group = 0;
    enum db_rc rc = lot_check(r);

    if (rc == DB_OK)
        rc = stock_place(r->db, &r->actor, req_int(r, "lot"), req_int(r, "place"),
                         req_int(r, "qty"), &group);
    return reply_outcome(r, rc, group);
}

/* What was counted as the books have it is no booking, so there is none to undo. */
static int count(struct req *r)
{
    int64_t group = 0;
    enum db_rc rc = lot_check(r);

    if (rc == DB_OK)
        rc = stock_count(r->db, &r->actor, req_int(r, "lot"), req_int(r, "qty"),
                         req_text(r, "note"), &group);
    if (rc == DB_OK && !group)
        return reply_goto(r,
                          arena_printf(r->arena, "/inventory/%lld",
                                       (long long)req_arg_id(r, 0)),
                          "inventory.counted_same", NULL);
    return reply_outcome(r, rc, group);
}

/* The path's last id, on the journal and on a SKU's own page. */
static int reverse(struct req *r)
{
    int64_t group = 0;
    enum db_rc rc = stock_reverse(r->db, &r->actor, req_arg_id(r, r->arg_count - 1),
                                  req_text(r, "note"), &group);

    return reply_outcome(r, rc, group);
}

#define SPEC_FIELDS                                                                      \
    { "name", FIELD_TEXT, .required = true, .max = 120 },                                \
        { "unit", FIELD_TEXT, .required = true, .max = 30 },                             \
        { "code", FIELD_TEXT, .max = 60 }, { "value1", FIELD_TEXT, .max = 60 },          \
        { "value2", FIELD_TEXT, .max = 60 }, { "value3", FIELD_TEXT, .max = 60 },        \
        { "category", FIELD_TEXT, .max = 60 },                                           \
        { "subcategory", FIELD_TEXT, .max = 60 },                                        \
    {                                                                                    \
        "low", FIELD_QTY, .min = 0, .max = STOCK_QTY_MAX                                 \
    }

static const struct field edit_fields[] = { SPEC_FIELDS, { 0 } };

static const struct field receive_fields[] = {
    SPEC_FIELDS,
    { "qty", FIELD_QTY, .required = true, .min = 1, .max = STOCK_QTY_MAX },
    { "place", FIELD_TEXT, .max = 200 },
    { "supplier", FIELD_TEXT, .max = 80 },
    { "cost", FIELD_MONEY, .min = 0, .max = STOCK_COST_MAX },
    { "expires", FIELD_DATE },
    { "note", FIELD_TEXT, .max = 300 },
    { 0 }
};

static const struct field sku_fields[] = { { "sku", FIELD_ID }, { 0 } };

static const struct field use_fields[] = {
    { "qty", FIELD_QTY, .required = true, .min = 1, .max = STOCK_QTY_MAX },
    { "lot", FIELD_ID },
    { "note", FIELD_TEXT, .max = 300 },
    { 0 }
};

static const struct field place_fields[] = {
    { "lot", FIELD_ID, .required = true, .min = 1, .max = INT64_MAX },
    { "place", FIELD_ID },
    { "qty", FIELD_QTY, .required = true, .min = 1, .max = STOCK_QTY_MAX },
    { 0 }
};

static const struct field count_fields[] = {
    { "lot", FIELD_ID, .required = true, .min = 1, .max = INT64_MAX },
    { "qty", FIELD_QTY, .required = true, .min = 0, .max = STOCK_QTY_MAX },
    { "note", FIELD_TEXT, .max = 300 },
    { 0 }
};

static const struct field note_fields[] = { { "note", FIELD_TEXT, .max = 300 }, { 0 } };

/* What stands on a SKU's page and is undone by a counter-entry. */
#define BOOKING(name, fn, fields_, about, said_key)                                      \
    {                                                                                    \
        POST, "/inventory/{id}/" name, MOD_INVENTORY, CHANGE, fn, fields_, about,        \
            .form = inventory_sku, .done = "/inventory/{1}", .said = said_key,           \
            .undo = "/inventory/{1}/moves/{made}/reverse"                                    \
    }

const struct route inventory_change_routes[] = {
    { GET, "/inventory/receive", MOD_INVENTORY, CHANGE, receive_form, sku_fields,
      "The form to receive stock" },
    { POST, "/inventory/receive", MOD_INVENTORY, CHANGE, receive, receive_fields,
      "Receives stock as a lot", .form = receive_form, .done = "/inventory/{made}",
      .said = "inventory.received", .undo = "/inventory/{made}/moves/{undo}/reverse" },
    { GET, "/inventory/{id}/edit", MOD_INVENTORY, CHANGE, edit_form, NULL,
      "The form to change a SKU" },
    { POST, "/inventory/{id}/edit", MOD_INVENTORY, CHANGE, edit, edit_fields,
      "Changes what a SKU is called, its unit, category and level", .form = edit_form,
      .done = "/inventory/{1}", .said = "inventory.edited" },
    BOOKING("consume", consume, use_fields, "Takes stock out as used",
            "inventory.consumed"),
    BOOKING("expire", expire, use_fields, "Takes stock out as spoilt",
            "inventory.expired"),
    BOOKING("place", place, place_fields, "Moves a part of a lot to another place",
            "inventory.placed"),
    BOOKING("count", count, count_fields, "Sets a lot to what was counted",
            "inventory.counted"),
    { POST, "/inventory/moves/{id}/reverse", MOD_INVENTORY, CHANGE, reverse, note_fields,
      "Undoes a movement by a counter-entry", .form = inventory_journal,
      .done = "/inventory/moves", .said = "inventory.reversed" },
    { POST, "/inventory/{id}/moves/{id}/reverse", MOD_INVENTORY, CHANGE, reverse,
      note_fields, "The same, and back to the SKU", .form = inventory_sku,
      .done = "/inventory/{1}", .said = "inventory.reversed" },
    { 0 }
};
