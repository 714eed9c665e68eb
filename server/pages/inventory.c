/* Current inventory (INV-2, INV-8): the list of SKUs, one SKU with its lots and history,
 * and the journal of the account. */
#include "server/pages/inventory.h"

#include "db/attribute.h"
#include "db/base/row.h"
#include "db/category.h"
#include "db/place.h"
#include "db/sku.h"
#include "db/stock.h"
#include "db/supplier.h"
#include "server/documents/code.h"
#include "server/pages/list.h"

#include <string.h>

enum { PAGE = 50, SUPPLIERS = 200 };

/* Those before "name" leave something out. */
static const char *const params[] = { "q",      "category", "place",    "vendor",
                                      "value1", "value2",   "value3",   "low",
                                      "expiring", "name",   "more",     NULL };

static bool is_narrowed(const struct req *r)
{
    for (size_t i = 0; strcmp(params[i], "name") != 0; i++)
        if (req_has(r, params[i]))
            return true;
    return false;
}

static json_t *filter_link(struct req *r, const char *key, const char *param)
{
    bool current = req_int(r, param) != 0;

    return json_pack("{s:s,s:s,s:b,s:i}", "key", key, "href",
                     list_href(r, "/inventory", params, param, current ? "" : "1"),
                     "is_current", current, "count", 0);
}

/* What the search keeps; is_plain: no list to choose from has it. */
static json_t *kept_params(struct req *r)
{
    json_t *keep = json_array();

    for (size_t i = 1; params[i]; i++)
        if (req_has(r, params[i]))
            json_array_append_new(keep, json_pack("{s:s,s:s,s:b}", "name", params[i],
                                                  "value", req_text(r, params[i]),
                                                  "is_plain", i > 6));
    return keep;
}

static json_t *list_frame(struct req *r, struct cell rows, int64_t count)
{
    return json_pack(
        "{s:b,s:I,s:b,s:s,s:o,s:b,s:[o,o,o,o],s:s,s:s,s:s?,s:s?}", "has_rows",
        cell_size(rows) > 0, "n", (json_int_t)count, "has_search", 1, "q",
        req_text(r, "q"), "keep", kept_params(r), "has_filters", 1, "filters",
        filter_link(r, "inventory.low", "low"),
        filter_link(r, "inventory.expiring", "expiring"),
        filter_link(r, "inventory.by_name", "name"),
        filter_link(r, "inventory.more_filters", "more"), "all",
        is_narrowed(r) ? "/inventory" : "", "csv",
        list_href(r, "/inventory/csv", params, NULL, NULL), "first",
        req_has(r, "before") ? list_href(r, "/inventory", params, NULL, NULL) : NULL, "next",
        list_next(r, "/inventory", params, cell_item(rows, PAGE - 1)));
}

/* One list to choose from: its rows with what a choice shows as `label`. */
static void choice_add(struct req *r, json_t *list, const char *field, const char *name,
                       const json_t *rows, const char *label)
{
    json_t *choices = json_array(), *row;
    size_t i;

    json_array_foreach(rows, i, row) json_array_append_new(
        choices, json_pack("{s:O,s:O,s:b}", "id", json_object_get(row, "id"), "label",
                           json_object_get(row, label), "is_chosen",
                           row_int(row, "id") == req_int(r, field)));
    if (json_array_size(choices) > 0)
        json_array_append_new(list, json_pack("{s:s,s:s,s:o}", "field", field, "name",
                                              name, "choices", choices));
    else
        json_decref(choices);
}

/* Category, place, supplier and attributes, only where they are asked for: they are four
 * more lists. */
static enum db_rc choices_read(struct req *r, json_t **list)
{
    json_t *categories, *places, *suppliers, *attributes, *one;
    size_t i;

    *list = json_array();
    if (!req_int(r, "more"))
        return DB_OK;
    if (category_under(r->db, r->account_id, 0, &categories) != DB_OK ||
        place_list(r->db, r->account_id, &places) != DB_OK ||
        supplier_list(r->db, r->account_id, NULL, 0, SUPPLIERS, &suppliers) != DB_OK ||
        attribute_list(r->db, r->account_id, &attributes) != DB_OK)
        return DB_ERR;
    choice_add(r, *list, "category", req_say(r, "inventory.category", NULL), categories,
               "name");
    choice_add(r, *list, "place", req_say(r, "inventory.place", NULL), places, "path");
    choice_add(r, *list, "vendor", req_say(r, "inventory.supplier", NULL), suppliers,
               "name");
    json_array_foreach(attributes, i, one) choice_add(
        r, *list,
        arena_printf(r->arena, "value%lld", (long long)row_int(one, "slot")),
        row_text(one, "name"), json_object_get(one, "values_json"), "name");
    return DB_OK;
}

static const struct csv_column sku_columns[] = {
    { "name", "inventory.name", CSV_TEXT },
    { "variant", "inventory.variant", CSV_TEXT },
    { "code", "inventory.code", CSV_TEXT },
    { "category", "inventory.category", CSV_TEXT },
    { "unit", "inventory.unit", CSV_TEXT },
    { "on_hand_milli", "inventory.on_hand", CSV_QTY },
    { "reserved_milli", "inventory.promised", CSV_QTY },
    { "low_milli", "inventory.low_level", CSV_QTY },
    { "expires_ms", "inventory.expires", CSV_DATE },
    { "price_paise", "inventory.price", CSV_MONEY },
    { NULL }
};

static struct sku_filter filter_of(const struct req *r)
{
    bool csv = list_is_csv(r);

    return (struct sku_filter) {
        .query = req_has(r, "q") ? req_text(r, "q") : NULL,
        .category_id = req_int(r, "category"),
        .place_id = req_int(r, "place"),
        .supplier_id = req_int(r, "vendor"),
        .value_ids = { req_int(r, "value1"), req_int(r, "value2"), req_int(r, "value3") },
        .is_low = req_int(r, "low") != 0,
        .is_expiring = req_int(r, "expiring") != 0,
        .sort = req_int(r, "name") ? SKU_NAME : SKU_NEWEST,
        .before_id = csv ? 0 : req_int(r, "before"),
        .limit = csv ? CSV_ROWS : PAGE,
    };
}

static int inventory_list(struct req *r)
{
    struct sku_filter f = filter_of(r);
    struct cell rows;
    json_t *choices;
    int64_t count;

    if (sku_list(r->db, r->account_id, &f, &rows) != DB_OK)
        return reply_error(r, 500);
    if (list_is_csv(r))
        return list_csv(r, "stock", sku_columns, rows);
    if (sku_count(r->db, r->account_id, &f, &count) == DB_ERR ||
        choices_read(r, &choices) != DB_OK)
        return reply_error(r, 500);
    reply_list(r, "skus", rows);
    return reply_page(
        r, 200, "inventory/list",
        json_pack("{s:o,s:b,s:o,s:b}", "list", list_frame(r, rows, count), "has_choices",
                  json_array_size(choices) > 0, "choices", choices, "can_change",
                  req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE));
}

/* --- movements --- */

/* Each movement's kind in words. */
static void kinds_name(struct req *r, const json_t *moves)
{
    json_t *move;
    size_t i;

    json_array_foreach(moves, i, move)
        json_object_set_new(move, "kind_key",
                            json_string(arena_printf(r->arena, "inventory.kind_%s",
                                                     row_text(move, "kind"))));
}

static json_t *moves_frame(struct req *r, const char *path, json_t *rows)
{
    static const char *const none[] = { NULL };
    size_t n = json_array_size(rows);

    return json_pack("{s:b,s:I,s:s,s:s?,s:s?}", "has_rows", n > 0, "n", (json_int_t)n,
                     "csv", arena_printf(r->arena, "%s/csv", path), "first",
                     req_has(r, "before") ? path : NULL, "next",
                     list_next(r, path, none, cell_json(json_array_get(rows, PAGE - 1))));
}

#define MOVE_COLUMNS                                                                     \
    { "kind_key", "inventory.what", CSV_SAY }, { "qty_milli", "look.qty", CSV_QTY }
#define MOVE_ENDS                                                                        \
    { "place", "inventory.place", CSV_TEXT },                                            \
        { "order_number", "orders.title", CSV_TEXT },                                    \
        { "note", "inventory.note", CSV_TEXT },                                          \
        { "user_name", "audit.who", CSV_TEXT },                                          \
    {                                                                                    \
        NULL                                                                             \
    }

static const struct csv_column journal_columns[] = {
    { "at_ms", "admin.at", CSV_TIME },
    { "sku", "inventory.name", CSV_TEXT },
    { "variant", "inventory.variant", CSV_TEXT },
    MOVE_COLUMNS,
    { "unit", "inventory.unit", CSV_TEXT },
    MOVE_ENDS
};

static const struct csv_column history_columns[] = {
    { "at_ms", "admin.at", CSV_TIME },
    MOVE_COLUMNS,
    { "balance_milli", "inventory.balance", CSV_QTY },
    MOVE_ENDS
};

int inventory_journal(struct req *r)
{
    bool csv = list_is_csv(r);
    json_t *rows;

    if (stock_journal(r->db, r->account_id, csv ? 0 : req_int(r, "before"),
                      csv ? CSV_ROWS : PAGE, &rows) != DB_OK)
        return reply_error(r, 500);
    kinds_name(r, rows);
    if (csv)
        return list_csv(r, "stock-journal", journal_columns, cell_json(rows));
    return reply_page(r, 200, "inventory/moves",
                      json_pack("{s:O,s:o,s:b}", "moves", rows, "list",
                                moves_frame(r, "/inventory/moves", rows), "can_change",
                                req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE));
}

static int history_csv(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    json_t *sku, *moves;
    enum db_rc rc = sku_find(r->db, r->account_id, id, &sku);

    if (rc == DB_OK)
        rc = stock_moves(r->db, r->account_id, id, 0, CSV_ROWS, &moves);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    kinds_name(r, moves);
    return list_csv(r, arena_printf(r->arena, "stock-%lld", (long long)id),
                    history_columns, cell_json(moves));
}

/* --- one SKU --- */

/* Which of the page's forms came back; a page that was only asked for has none open. */
static json_t *sent_model(const struct req *r)
{
    const char *slash = strrchr(r->route->path, '/');
    bool is_post = r->method == POST && slash;
    const char *name = is_post ? slash : "";

    return json_pack("{s:b,s:b,s:b}", "use",
                     strcmp(name, "/consume") == 0 || strcmp(name, "/expire") == 0, "place",
                     strcmp(name, "/place") == 0, "count", strcmp(name, "/count") == 0);
}

static void lots_mark(struct req *r, const json_t *lots, const json_t *sku)
{
    json_t *lot;
    size_t i;

    json_array_foreach(lots, i, lot)
    {
        json_object_set_new(lot, "is_chosen",
                            json_boolean(r->method == POST &&
                                         row_int(lot, "id") == req_int(r, "lot")));
        json_object_set(lot, "unit", json_object_get(sku, "unit"));
    }
}

int inventory_sku(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    json_t *sku, *lots, *moves, *places;
    const char *code, *why = NULL;
    enum db_rc rc = sku_find(r->db, r->account_id, id, &sku);

    if (rc == DB_OK)
        rc = stock_lots(r->db, r->account_id, id, &lots);
    if (rc == DB_OK)
        rc = stock_moves(r->db, r->account_id, id,
                         r->method == GET ? req_int(r, "before") : 0, PAGE, &moves);
    if (rc == DB_OK)
        rc = place_list(r->db, r->account_id, &places);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    kinds_name(r, moves);
    lots_mark(r, lots, sku);
    code = row_text(sku, "code");
    return reply_page(
        r, 200, "inventory/show",
        json_pack(
            "{s:O,s:O,s:O,s:O,s:b,s:o,s:s?,s:b,s:b,s:b,s:o}", "sku", sku, "lots", lots,
            "moves", moves, "places", places, "has_places", json_array_size(places) > 0,
            "sent", sent_model(r), "barcode",
            *code ? code_barcode_svg(r->arena, code, code, &why) : NULL, "has_lots",
            json_array_size(lots) > 0, "can_change",
            req_level(r, MOD_INVENTORY) >= LEVEL_CHANGE, "can_sell",
            req_level(r, MOD_CATALOG) >= LEVEL_CHANGE, "list",
            moves_frame(r, arena_printf(r->arena, "/inventory/%lld", (long long)id),
                        moves)));
}

static const struct field list_fields[] = {
    { "q", FIELD_TEXT, .max = 80 }, { "category", FIELD_ID }, { "place", FIELD_ID },
    { "vendor", FIELD_ID },         { "value1", FIELD_ID },   { "value2", FIELD_ID },
    { "value3", FIELD_ID },         { "low", FIELD_BOOL },    { "expiring", FIELD_BOOL },
    { "name", FIELD_BOOL },         { "more", FIELD_BOOL },   { "before", FIELD_ID },
    { 0 }
};

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };

const struct route inventory_routes[] = {
    { GET, "/inventory", MOD_INVENTORY, VIEW, inventory_list, list_fields,
      "Current inventory as SKUs" },
    { GET, "/inventory/csv", MOD_INVENTORY, VIEW, inventory_list, list_fields,
      "The same as CSV", .gives = "text/csv" },
    { GET, "/inventory/moves", MOD_INVENTORY, VIEW, inventory_journal, before_fields,
      "The journal of stock" },
    { GET, "/inventory/moves/csv", MOD_INVENTORY, VIEW, inventory_journal, NULL,
      "The same as CSV, the newest 10,000", .gives = "text/csv" },
    { GET, "/inventory/{id}", MOD_INVENTORY, VIEW, inventory_sku, before_fields,
      "One SKU with lots and history" },
    { GET, "/inventory/{id}/csv", MOD_INVENTORY, VIEW, history_csv, NULL,
      "The history of a SKU as CSV", .gives = "text/csv" },
    { 0 }
};
