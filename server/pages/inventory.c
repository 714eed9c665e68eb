/* Current inventory by hand (INV-1, 2, 3, 8): the list of SKUs, one SKU with its lots and
 * history, receiving, using up, expiring, undoing. */
#include "server/pages/pages.h"

#include "db/attribute.h"
#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/category.h"
#include "db/place.h"
#include "db/sku.h"
#include "db/stock.h"
#include "db/supplier.h"
#include "db/unit.h"
#include "server/documents/code.h"

#include <string.h>

enum { PAGE = 50 };

/* The list as it is asked for, from its first page, with `param` changed to `value` (0: left
 * out). */
static const char *list_href(struct req *r, const char *param, int64_t value)
{
    static const char *const kept[] = { "category", "place", "low", "expiring", "name" };
    const char *q = req_text(r, "q");
    struct buf b = buf_new(r->arena, 128, 4096);

    buf_puts(&b, "/inventory?q=");
    buf_url(&b, q, strlen(q));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (req_int(r, kept[i]) && strcmp(kept[i], param) != 0)
            buf_printf(&b, "&%s=%lld", kept[i], (long long)req_int(r, kept[i]));
    if (value)
        buf_printf(&b, "&%s=%lld", param, (long long)value);
    return buf_str(&b);
}

static json_t *filter_link(struct req *r, const char *key, const char *param)
{
    bool current = req_int(r, param) != 0;

    return json_pack("{s:s,s:s,s:b,s:i}", "key", key, "href", list_href(r, param, !current),
                     "is_current", current, "count", 0);
}

static json_t *list_frame(struct req *r, json_t *rows, int64_t count)
{
    static const char *const narrowed[] = { "q", "category", "place", "low", "expiring" };
    json_t *last = json_array_get(rows, PAGE - 1);
    bool all = true;

    for (size_t i = 0; i < sizeof narrowed / sizeof *narrowed; i++)
        all = all && !req_has(r, narrowed[i]);
    return json_pack(
        "{s:b,s:I,s:b,s:s,s:[],s:b,s:[o,o,o],s:s,s:s,s:s,s:s}", "has_rows",
        json_array_size(rows) > 0, "n", (json_int_t)count, "has_search", 1, "q",
        req_text(r, "q"), "keep", "has_filters", 1, "filters",
        filter_link(r, "inventory.low", "low"),
        filter_link(r, "inventory.expiring", "expiring"),
        filter_link(r, "inventory.by_name", "name"), "all", all ? "" : "/inventory", "csv",
        "", "first", req_has(r, "before") ? list_href(r, "before", 0) : "", "next",
        last ? list_href(r, "before", row_int(last, "id")) : "");
}

static int inventory_list(struct req *r)
{
    struct sku_filter f = { .query = req_has(r, "q") ? req_text(r, "q") : NULL,
                            .category_id = req_int(r, "category"),
                            .place_id = req_int(r, "place"),
                            .is_low = req_int(r, "low") != 0,
                            .is_expiring = req_int(r, "expiring") != 0,
                            .sort = req_int(r, "name") ? SKU_NAME : SKU_NEWEST,
                            .before_id = req_int(r, "before"),
                            .limit = PAGE };
    json_t *rows;
    int64_t count;

    if (sku_list(r->db, r->account_id, &f, &rows) != DB_OK ||
        sku_count(r->db, r->account_id, &f, &count) == DB_ERR)
        return reply_error(r, 500);
    return reply_page(r, 200, "inventory/list",
                      json_pack("{s:O,s:o,s:b}", "skus", rows, "list",
                                list_frame(r, rows, count), "can_change",
                                req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE));
}

/* Each movement's kind in words. */
static void kinds_name(struct req *r, const json_t *moves)
{
    json_t *move;
    size_t i;

    json_array_foreach(moves, i, move)
        json_object_set_new(move, "kind_key",
                            json_string(arena_printf(r->arena, "inventory.kind_%s",
                                                     json_string_value(json_object_get(
                                                         move, "kind")))));
}

static int sku_show(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    json_t *sku, *lots, *moves;
    const char *code, *why = NULL;
    enum db_rc rc = sku_find(r->db, r->account_id, id, &sku);

    if (rc == DB_OK)
        rc = stock_lots(r->db, r->account_id, id, &lots);
    if (rc == DB_OK)
        rc = stock_moves(r->db, r->account_id, id, req_int(r, "before"), PAGE, &moves);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    kinds_name(r, moves);
    code = json_string_value(json_object_get(sku, "code"));
    return reply_page(
        r, 200, "inventory/show",
        json_pack("{s:O,s:O,s:O,s:s?,s:b,s:b,s:b}", "sku", sku, "lots", lots, "moves", moves,
                  "barcode",
                  *code ? code_barcode_svg(r->arena, code, code, &why) : NULL, "has_lots",
                  json_array_size(lots) > 0, "can_change",
                  req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE, "can_sell",
                  req_level(r, MOD_CATALOG) >= LEVEL_CHANGE));
}

/* What the receive form offers to choose from; the chosen ones marked. */
static void chosen_mark(const json_t *rows, const char *key, const char *chosen)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *value = json_string_value(json_object_get(row, key));

        json_object_set_new(row, "is_chosen", json_boolean(strcmp(value, chosen) == 0));
    }
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

static int receive_form(struct req *r)
{
    const char *unit;
    json_t *units, *categories, *places, *attributes, *suppliers, *f = NULL;
    int64_t sku = req_int(r, "sku");

    if (unit_list(r->db, r->account_id, &units) != DB_OK ||
        category_under(r->db, r->account_id, 0, &categories) != DB_OK ||
        place_list(r->db, r->account_id, &places) != DB_OK ||
        attribute_list(r->db, r->account_id, &attributes) != DB_OK ||
        supplier_list(r->db, r->account_id, NULL, 0, 200, &suppliers) != DB_OK)
        return reply_error(r, 500);
    if (sku && sku_find(r->db, r->account_id, sku, &f) != DB_OK)
        return reply_error(r, 404);
    f = f ? json_copy(f) : json_object();
    json_object_del(f, "id");
    unit = typed_or(r, f, "unit");
    chosen_mark(units, "name", *unit ? unit : usual_unit(units));
    chosen_mark(places, "path", typed_or(r, f, "place"));
    attributes_mark(r, attributes, f);
    return reply_page(r, 200, "inventory/receive",
                      json_pack("{s:O,s:O,s:O,s:O,s:O,s:O}", "units", units, "categories",
                                categories, "places", places, "attributes", attributes,
                                "suppliers", suppliers, "f", f));
}

static int receive(struct req *r)
{
    struct receipt in = {
        .spec = { .name = req_text(r, "name"),
                  .code = req_text(r, "code"),
                  .unit = req_text(r, "unit"),
                  .values = { req_text(r, "value1"), req_text(r, "value2"),
                              req_text(r, "value3") },
                  .category = req_text(r, "category"),
                  .subcategory = req_text(r, "subcategory") },
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

static int reverse(struct req *r)
{
    int64_t group = 0;
    enum db_rc rc = stock_reverse(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "note"),
                                  &group);

    return reply_outcome(r, rc, group);
}

static int journal(struct req *r)
{
    json_t *rows;

    if (stock_journal(r->db, r->account_id, req_int(r, "before"), PAGE, &rows) != DB_OK)
        return reply_error(r, 500);
    kinds_name(r, rows);
    return reply_page(r, 200, "inventory/moves",
                      json_pack("{s:O,s:b,s:O?,s:b}", "moves", rows, "has_none",
                                json_array_size(rows) == 0, "next",
                                json_array_size(rows) == PAGE
                                    ? json_object_get(json_array_get(rows, PAGE - 1), "id")
                                    : NULL,
                                "can_change", req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE));
}

static const struct field list_fields[] = {
    { "q", FIELD_TEXT, .max = 80 },   { "category", FIELD_ID }, { "place", FIELD_ID },
    { "low", FIELD_BOOL },            { "expiring", FIELD_BOOL }, { "name", FIELD_BOOL },
    { "before", FIELD_ID },           { 0 }
};

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };
static const struct field sku_fields[] = { { "sku", FIELD_ID }, { 0 } };

static const struct field receive_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 120 },
    { "qty", FIELD_QTY, .required = true, .min = 1, .max = STOCK_QTY_MAX },
    { "unit", FIELD_TEXT, .required = true, .max = 30 },
    { "code", FIELD_TEXT, .max = 60 },
    { "value1", FIELD_TEXT, .max = 60 },
    { "value2", FIELD_TEXT, .max = 60 },
    { "value3", FIELD_TEXT, .max = 60 },
    { "category", FIELD_TEXT, .max = 60 },
    { "subcategory", FIELD_TEXT, .max = 60 },
    { "place", FIELD_TEXT, .max = 200 },
    { "supplier", FIELD_TEXT, .max = 80 },
    { "cost", FIELD_MONEY, .min = 0, .max = STOCK_COST_MAX },
    { "expires", FIELD_DATE },
    { "low", FIELD_QTY, .min = 0, .max = STOCK_QTY_MAX },
    { "note", FIELD_TEXT, .max = 300 },
    { 0 }
};

static const struct field use_fields[] = {
    { "qty", FIELD_QTY, .required = true, .min = 1, .max = STOCK_QTY_MAX },
    { "lot", FIELD_ID },
    { "note", FIELD_TEXT, .max = 300 },
    { 0 }
};

static const struct field note_fields[] = { { "note", FIELD_TEXT, .max = 300 }, { 0 } };

const struct route inventory_routes[] = {
    { GET, "/inventory", MOD_INVENTORY, VIEW, inventory_list, list_fields,
      "Current inventory as SKUs" },
    { GET, "/inventory/receive", MOD_INVENTORY, CHANGE, receive_form, sku_fields,
      "The form to receive stock" },
    { POST, "/inventory/receive", MOD_INVENTORY, CHANGE, receive, receive_fields,
      "Receives stock as a lot", .form = receive_form, .done = "/inventory/{made}",
      .said = "inventory.received" },
    { GET, "/inventory/moves", MOD_INVENTORY, VIEW, journal, before_fields,
      "The journal of stock" },
    { POST, "/inventory/moves/{id}/reverse", MOD_INVENTORY, CHANGE, reverse, note_fields,
      "Undoes a movement by a counter-entry", .form = journal, .done = "/inventory/moves",
      .said = "inventory.reversed" },
    { GET, "/inventory/{id}", MOD_INVENTORY, VIEW, sku_show, before_fields,
      "One SKU with lots and history" },
    { POST, "/inventory/{id}/consume", MOD_INVENTORY, CHANGE, consume, use_fields,
      "Takes stock out as used", .form = sku_show, .done = "/inventory/{1}",
      .said = "inventory.consumed", .undo = "/inventory/moves/{made}/reverse" },
    { POST, "/inventory/{id}/expire", MOD_INVENTORY, CHANGE, expire, use_fields,
      "Takes stock out as spoilt", .form = sku_show, .done = "/inventory/{1}",
      .said = "inventory.expired", .undo = "/inventory/moves/{made}/reverse" },
    { 0 }
};
