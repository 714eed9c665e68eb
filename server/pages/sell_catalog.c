/* What the vendor has on sale: the list, putting on sale, price and description, off and
 * on with one click. One number is the discount, in percent or rupees: two decimals of
 * either are hundredths of a percent or paise. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "db/listing.h"
#include "db/sku.h"
#include "db/vendor.h"
#include "server/pages/list.h"
#include "server/pages/order_view.h"

#include <string.h>

enum { PAGE_ROWS = 50, SEARCH_ROWS = 200, CHOICES = 100 };

/* --- the list --- */

/* 1: on sale, 0: off, -1: all. */
static int shown_of(const struct req *r)
{
    if (req_is(r, "show", "off"))
        return 0;
    return req_is(r, "show", "all") ? -1 : 1;
}

static const char *show_name(int shown)
{
    return shown > 0 ? "on" : shown == 0 ? "off" : "all";
}

static const char *const params[] = { "show", "q", NULL };

static json_t *filter_of(struct req *r, int shown, int64_t count)
{
    return json_pack("{s:s,s:s,s:s,s:b,s:I}", "key",
                     arena_printf(r->arena, "sell.show_%s", show_name(shown)), "name", "",
                     "href",
                     arena_printf(r->arena, "/sell/catalog?show=%s", show_name(shown)),
                     "is_current", shown_of(r) == shown, "count", (json_int_t)count);
}

static json_t *list_frame(struct req *r, const json_t *rows, int64_t on, int64_t off,
                          int limit)
{
    static const char path[] = "/sell/catalog";
    const char *q = req_text(r, "q");
    int shown = shown_of(r);
    size_t n = json_array_size(rows);
    int64_t all = shown > 0 ? on : shown == 0 ? off : on + off;

    return json_pack(
        "{s:b,s:I,s:b,s:s,s:[{s:s,s:s}],s:b,s:[o,o,o],s:s?,s:s,s:s?,s:s?}", "has_rows",
        n > 0, "n", (json_int_t)(*q ? (int64_t)n : all), "has_search", on + off > 0, "q",
        q, "keep", "name", "show", "value", show_name(shown), "has_filters", off > 0,
        "filters", filter_of(r, 1, on), filter_of(r, 0, off), filter_of(r, -1, on + off),
        "all", *q ? "/sell/catalog?show=all" : NULL, "csv",
        list_href(r, "/sell/catalog/csv", params, NULL, NULL), "first",
        req_has(r, "before") ? list_href(r, path, params, NULL, NULL) : NULL, "next",
        list_next(r, path, params, cell_json(json_array_get(rows, (size_t)limit - 1))));
}

static void listing_dress(struct req *r, json_t *row)
{
    const char *photo = row_text(row, "photo_name");
    int64_t left = row_int(row, "on_hand_milli") - row_int(row, "reserved_milli");

    json_object_set_new(
        row, "photo_url",
        *photo ? json_string(arena_printf(r->arena, "/media/%s-t.jpg", photo))
               : json_null());
    json_object_set_new(row, "left_milli", json_integer(left));
    json_object_set_new(row, "is_finished", json_boolean(left <= 0));
}

static const struct csv_column columns[] = {
    { "name", "inventory.name", CSV_TEXT },
    { "variant", "inventory.variant", CSV_TEXT },
    { "code", "inventory.code", CSV_TEXT },
    { "category", "inventory.category", CSV_TEXT },
    { "unit", "inventory.unit", CSV_TEXT },
    { "state_key", "sell.state", CSV_SAY },
    { "price_paise", "sell.price", CSV_MONEY },
    { "each_paise", "sell.each", CSV_MONEY },
    { "hsn", "sell.hsn", CSV_TEXT },
    { "left_milli", "sell.stock", CSV_QTY },
    { NULL }
};

static enum db_rc rows_read(struct req *r, int limit, json_t **rows)
{
    const char *q = req_text(r, "q");
    enum db_rc rc = listing_list(r->db, r->account_id, *q ? q : NULL, shown_of(r),
                                 list_is_csv(r) ? 0 : req_int(r, "before"), limit, rows);
    json_t *row;
    size_t i;

    json_array_foreach(*rows, i, row)
    {
        listing_dress(r, row);
        json_object_set_new(
            row, "state_key",
            json_string(row_true(row, "is_on_sale") ? "sell.show_on" : "sell.show_off"));
    }
    return rc;
}

static int catalog_list(struct req *r)
{
    bool csv = list_is_csv(r);
    int limit = csv ? CSV_ROWS : req_has(r, "q") ? SEARCH_ROWS : PAGE_ROWS;
    json_t *rows, *vendor = NULL;
    int64_t on, off;

    if (rows_read(r, limit, &rows) != DB_OK)
        return reply_error(r, 500);
    if (csv)
        return list_csv(r, "catalog", columns, cell_json(rows));
    if (listing_counts(r->db, r->account_id, &on, &off) != DB_OK ||
        vendor_find(r->db, r->account_id, &vendor) != DB_OK)
        return reply_error(r, 500);
    return reply_page(
        r, 200, "sell/catalog",
        json_pack("{s:O,s:s,s:b,s:b,s:o}", "listings", rows, "catalog_path",
                  arena_printf(r->arena, "/v/%s", row_text(vendor, "handle")),
                  "has_listings", on + off > 0, "can_change",
                  req_level(r, MOD_CATALOG) >= LEVEL_CHANGE, "list",
                  list_frame(r, rows, on, off, limit)));
}

/* --- the form --- */

static const char *typed_or(const struct req *r, const char *name, const char *first)
{
    const char *typed = json_string_value(json_object_get(r->typed, name));

    return typed ? typed : first;
}

/* The rates in use, and the one that is set in case it is another. */
static json_t *rates_of(const char *chosen)
{
    static const char *const rates[] = { "0",  "0.25", "1.5", "3",  "5",
                                         "12", "18",   "28",  "40", NULL };
    json_t *list = json_array();
    bool known = false;

    for (const char *const *rate = rates; *rate; rate++) {
        bool is = strcmp(*rate, chosen) == 0;

        known = known || is;
        json_array_append_new(list,
                              json_pack("{s:s,s:b}", "rate", *rate, "is_chosen", is));
    }
    if (!known)
        json_array_append_new(list,
                              json_pack("{s:s,s:b}", "rate", chosen, "is_chosen", 1));
    return list;
}

/* A checkbox that was sent unchecked is not among the fields. */
static bool checked_or(const struct req *r, const char *name, bool first)
{
    return r->method == POST ? req_int(r, name) != 0 : first;
}

static json_t *first_values(struct req *r, const json_t *row)
{
    int64_t bp = row_int(row, "discount_bp"), paise = row_int(row, "discount_paise");
    const char *price = "", *discount = "";

    if (json_is_integer(json_object_get(row, "price_paise")))
        price = text_rupees(r->arena, row_int(row, "price_paise"), true);
    if (bp)
        discount = text_qty(r->arena, bp * 10);
    else if (paise)
        discount = text_rupees(r->arena, paise, true);
    return json_pack("{s:s,s:s,s:s,s:s}", "price", price, "discount", discount, "hsn",
                     row_text(row, "hsn"), "description", row_text(row, "description"));
}

/* The form of a SKU, listed (`row` of listing_find) or not yet (of sku_find). */
static int form_page(struct req *r, const char *template, json_t *row, bool is_listed)
{
    bool ask = row_true(row, "is_ask");
    const char *how = typed_or(r, "how", ask ? "ask" : "price");
    const char *in = typed_or(r, "discount_in",
                              row_int(row, "discount_paise") ? "rupees" : "percent");
    const char *gst = typed_or(r, "gst", text_qty(r->arena, row_int(row, "gst_bp") * 10));
    bool inclusive = is_listed ? row_true(row, "is_inclusive") : true;
    json_t *vendor;
    const char *status;

    if (vendor_find(r->db, r->account_id, &vendor) != DB_OK)
        return reply_error(r, 500);
    status = row_text(vendor, "gst_status");
    return reply_page(
        r, 200, template,
        json_pack("{s:O,s:o,s:b,s:b,s:b,s:b,s:b,s:o,s:b,s:b,s:s,s:b}", "listing", row,
                  "f", first_values(r, row), "is_ask", strcmp(how, "ask") == 0,
                  "has_price", strcmp(how, "ask") != 0, "in_percent",
                  strcmp(in, "rupees") != 0, "in_rupees", strcmp(in, "rupees") == 0,
                  "is_inclusive", checked_or(r, "is_inclusive", inclusive), "rates",
                  rates_of(gst), "has_gst", strcmp(status, "regular") == 0, "has_hsn",
                  strcmp(status, "unregistered") != 0, "shop_url",
                  arena_printf(r->arena, "%s/v/%s/p/%lld", r->origin,
                               row_text(vendor, "handle"),
                               (long long)row_int(row, "product_id")),
                  "can_change", req_level(r, MOD_CATALOG) >= LEVEL_CHANGE));
}

/* Without a SKU in hand: those that are not on sale, to choose from. */
static int choose_page(struct req *r)
{
    struct sku_filter filter = { .query = req_has(r, "q") ? req_text(r, "q") : NULL,
                                 .is_off_sale = true,
                                 .limit = CHOICES };
    struct sku_filter any = { .limit = 1 };
    struct cell rows, one;
    size_t n;

    if (sku_list(r->db, r->account_id, &filter, &rows) != DB_OK ||
        sku_list(r->db, r->account_id, &any, &one) != DB_OK)
        return reply_error(r, 500);
    n = cell_size(rows);
    reply_list(r, "skus", rows);
    return reply_page(r, 200, "sell/choose",
                      json_pack("{s:b,s:{s:b,s:I,s:b,s:s,s:s?}}", "has_stock",
                                cell_size(one) > 0, "list", "has_rows", n > 0, "n",
                                (json_int_t)n, "has_search", n > 0 || filter.query, "q",
                                req_text(r, "q"), "all",
                                filter.query ? "/sell/catalog/new" : NULL));
}

static int new_show(struct req *r)
{
    int64_t sku_id = req_int(r, "sku");
    json_t *row;
    enum db_rc rc;

    if (!sku_id)
        return choose_page(r);
    rc = listing_find(r->db, r->account_id, 0, sku_id, &row);
    if (rc == DB_OK && r->method == GET)
        return reply_goto(
            r,
            arena_printf(r->arena, "/sell/catalog/%lld", (long long)row_int(row, "id")),
            NULL, NULL);
    rc = sku_find(r->db, r->account_id, sku_id, &row);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    return form_page(r, "sell/new", row, false);
}

static int listing_show(struct req *r)
{
    json_t *row, *photos, *photo;
    size_t i;
    enum db_rc rc = listing_find(r->db, r->account_id, req_arg_id(r, 0), 0, &row);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    if (photo_list(r->db, r->account_id, row_int(row, "product_id"), &photos) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(photos, i, photo) json_object_set_new(
        photo, "url",
        json_string(arena_printf(r->arena, "/media/%s-t.jpg", row_text(photo, "name"))));
    listing_dress(r, row);
    json_object_set(row, "photos", photos);
    return form_page(r, "sell/listing", row, true);
}

/* --- changing --- */

static struct listing_price price_of(const struct req *r)
{
    struct listing_price p = { .is_ask = req_is(r, "how", "ask"),
                               .gst_bp = req_int(r, "gst"),
                               .is_inclusive = req_int(r, "is_inclusive") != 0,
                               .hsn = req_text(r, "hsn") };

    if (!p.is_ask) {
        p.price_paise = req_int(r, "price");
        if (req_is(r, "discount_in", "rupees"))
            p.discount_paise = req_int(r, "discount");
        else
            p.discount_bp = req_int(r, "discount");
    }
    return p;
}

static bool price_is_missing(const struct req *r)
{
    return !req_is(r, "how", "ask") && !req_has(r, "price");
}

/* Price and description belong to one form: both or neither. */
static enum db_rc listing_write(struct req *r, int64_t sku_id, int64_t *id)
{
    struct listing_price price = price_of(r);
    json_t *row;
    enum db_rc rc;

    db_begin(r->db);
    rc = listing_put(r->db, &r->actor, sku_id, &price, id);
    if (rc == DB_OK && json_object_get(r->typed, "description")) {
        rc = listing_find(r->db, r->account_id, *id, 0, &row);
        if (rc == DB_OK)
            rc = product_describe(r->db, &r->actor, row_int(row, "product_id"),
                                  req_text(r, "description"));
    }
    db_made(r->db, *id);
    return db_end(r->db, rc);
}

static int new_put(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc;

    if (price_is_missing(r))
        return reply_wrong(r, 422, "price", "sell.price_missing", NULL);
    rc = listing_write(r, req_int(r, "sku"), &id);
    return reply_outcome(r, rc, id);
}

static int listing_save(struct req *r)
{
    json_t *row;
    int64_t id = 0;
    enum db_rc rc = listing_find(r->db, r->account_id, req_arg_id(r, 0), 0, &row);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    if (price_is_missing(r))
        return reply_wrong(r, 422, "price", "sell.price_missing", NULL);
    return reply_outcome(r, listing_write(r, row_int(row, "sku_id"), &id),
                         req_arg_id(r, 0));
}

static int listing_off(struct req *r)
{
    return reply_outcome(r, listing_take_off(r->db, &r->actor, req_arg_id(r, 0)),
                         req_arg_id(r, 0));
}

/* Back on sale as it was, read under the writer. */
static int listing_on(struct req *r)
{
    struct listing_price p;
    json_t *row;
    enum db_rc rc;

    db_begin(r->db);
    rc = listing_find(r->db, r->account_id, req_arg_id(r, 0), 0, &row);
    if (rc == DB_OK) {
        p = (struct listing_price) {
            .is_ask = row_true(row, "is_ask"),
            .price_paise = row_int(row, "price_paise"),
            .discount_paise = row_int(row, "discount_paise"),
            .discount_bp = row_int(row, "discount_bp"),
            .gst_bp = row_int(row, "gst_bp"),
            .is_inclusive = row_true(row, "is_inclusive"),
            .hsn = row_text(row, "hsn"),
        };
        rc = listing_put(r->db, &r->actor, row_int(row, "sku_id"), &p, NULL);
    }
    return reply_outcome(r, db_end(r->db, rc), req_arg_id(r, 0));
}

static const struct field list_fields[] = { { "show", FIELD_CHOICE,
                                              .choices = "on off all" },
                                            { "q", FIELD_TEXT, .max = 100 },
                                            { "before", FIELD_ID },
                                            { 0 } };

static const struct field choose_fields[] = { { "sku", FIELD_ID },
                                              { "q", FIELD_TEXT, .max = 100 },
                                              { 0 } };

#define PRICE_FIELDS                                                                     \
    { "how", FIELD_CHOICE, .choices = "price ask" },                                     \
        { "price", FIELD_MONEY, .min = 0, .max = 1000000000 },                           \
        { "discount", FIELD_MONEY, .min = 0, .max = 1000000000 },                        \
        { "discount_in", FIELD_CHOICE, .choices = "percent rupees" },                    \
        { "gst", FIELD_MONEY, .min = 0, .max = 4000 }, { "is_inclusive", FIELD_BOOL },   \
        { "hsn", FIELD_TEXT, .max = 8 },                                                 \
    {                                                                                    \
        "description", FIELD_LINES, .max = 2000                                          \
    }

static const struct field new_fields[] = {
    { "sku", FIELD_ID, .required = true, .min = 1, .max = INT64_MAX }, PRICE_FIELDS, { 0 }
};

static const struct field price_fields[] = { PRICE_FIELDS, { 0 } };

const struct route sell_catalog_routes[] = {
    { GET, "/sell/catalog", MOD_CATALOG, VIEW, catalog_list, list_fields,
      "What is on sale" },
    { GET, "/sell/catalog/csv", MOD_CATALOG, VIEW, catalog_list, list_fields,
      "The same as CSV", .gives = "text/csv" },
    { GET, "/sell/catalog/new", MOD_CATALOG, CHANGE, new_show, choose_fields,
      "The form to put a product on sale" },
    { POST, "/sell/catalog/new", MOD_CATALOG, CHANGE, new_put, new_fields,
      "Puts a product on sale", .form = new_show, .done = "/sell/catalog/{made}",
      .said = "sell.new_done" },
    { GET, "/sell/catalog/{id}", MOD_CATALOG, VIEW, listing_show, NULL,
      "A product on sale" },
    { POST, "/sell/catalog/{id}", MOD_CATALOG, CHANGE, listing_save, price_fields,
      "Changes price and description", .form = listing_show, .done = "/sell/catalog/{1}",
      .said = "sell.save_done" },
    { POST, "/sell/catalog/{id}/off", MOD_CATALOG, CHANGE, listing_off, NULL,
      "Takes a product off sale", .form = listing_show, .done = "/sell/catalog",
      .said = "sell.off_done", .undo = "/sell/catalog/{1}/on" },
    { POST, "/sell/catalog/{id}/on", MOD_CATALOG, CHANGE, listing_on, NULL,
      "Puts a product back on sale", .form = listing_show, .done = "/sell/catalog",
      .said = "sell.on_done", .undo = "/sell/catalog/{1}/off" },
    { 0 }
};
