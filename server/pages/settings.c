/* An account's own lists (CUS-1 to CUS-4, CUS-6): units, categories, places, attributes
 * and suppliers. Each is one page: a form to add on top, below it a row for each that
 * opens to be renamed or deleted. A refused change shows the page again with that row
 * open. */
#include "server/pages/pages.h"

#include "db/attribute.h"
#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/category.h"
#include "db/place.h"
#include "db/supplier.h"
#include "db/unit.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 50 };

static bool can_change(const struct req *r)
{
    return req_level(r, MOD_CUSTOMIZATIONS) >= LEVEL_CHANGE;
}

/* The row whose form came in; 0: that for adding, or none. */
static int64_t edited_id(const struct req *r, int arg)
{
    return r->method == POST && r->arg_count > arg ? req_arg_id(r, arg) : 0;
}

/* Gives each row what its form needs: is_open, `in` (what stands in its fields), `n` (how
 * many use it, as `count_key` tells). */
static void rows_mark(struct req *r, const json_t *rows, const char *count_key,
                      int64_t edited)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        bool is_open = edited != 0 && row_int(row, "id") == edited;

        if (!r->wants_json) {
            json_t *in = json_copy(row);

            if (is_open)
                json_object_update(in, r->typed);
            json_object_set_new(row, "in", in);
        }
        json_object_set_new(row, "is_open", json_boolean(is_open));
        json_object_set_new(row, "n", json_integer(row_int(row, count_key)));
    }
}

/* What every page has beside its rows. */
static json_t *model_new(struct req *r, const char *name, json_t *rows)
{
    return json_pack("{s:O,s:b,s:b,s:b}", name, rows, "has_none",
                     json_array_size(rows) == 0, "is_editing", edited_id(r, 0) != 0,
                     "can_change", can_change(r));
}

static bool is_typed(const struct req *r, const char *key, int64_t id)
{
    const char *typed = json_string_value(json_object_get(r->typed, key));
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)id);
    return typed && strcmp(typed, text) == 0;
}

/* --- units --- */

static json_t *decimals_list(const char *chosen)
{
    static const char *const digits[] = { "0", "1", "2", "3" };
    static const char *const samples[] = { "1", "0.1", "0.01", "0.001" };
    json_t *list = json_array();

    for (size_t i = 0; i < 4; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "value", digits[i],
                                              "sample", samples[i], "is_chosen",
                                              strcmp(digits[i], chosen) == 0));
    return list;
}

static int units_show(struct req *r)
{
    int64_t edited = edited_id(r, 0);
    const char *typed = json_string_value(json_object_get(r->typed, "decimals"));
    json_t *rows, *row, *model;
    size_t i;

    if (unit_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    rows_mark(r, rows, "sku_count", edited);
    json_array_foreach(rows, i, row)
    {
        const char *own = arena_printf(r->arena, "%lld",
                                       (long long)row_int(row, "decimals"));

        if (row_int(row, "id") == edited && typed)
            own = typed;
        json_object_set_new(row, "decimal_choices", decimals_list(own));
    }
    model = model_new(r, "units", rows);
    json_object_set_new(model, "decimal_choices",
                        decimals_list(typed && !edited ? typed : "0"));
    return reply_page(r, 200, "settings/units", model);
}

static int unit_make(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = unit_add(r->db, &r->actor, req_text(r, "name"),
                             (int)req_int(r, "decimals"), &id);

    return reply_outcome(r, rc, id);
}

static int unit_change(struct req *r)
{
    return reply_outcome(r,
                         unit_update(r->db, &r->actor, req_arg_id(r, 0),
                                     req_text(r, "name"), (int)req_int(r, "decimals")),
                         0);
}

static int unit_remove(struct req *r)
{
    return reply_outcome(r, unit_delete(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

/* --- categories and places: both are trees --- */

/* The rows that others can be under, the one typed marked. */
static json_t *parents_list(struct req *r, const json_t *rows, const char *label_key,
                            bool (*can)(const json_t *row))
{
    json_t *list = json_array(), *row;
    size_t i;

    json_array_foreach(rows, i, row) if (can(row)) json_array_append_new(
        list, json_pack("{s:O,s:O,s:b}", "id", json_object_get(row, "id"), "label",
                        json_object_get(row, label_key), "is_chosen",
                        is_typed(r, "parent", row_int(row, "id"))));
    return list;
}

static bool category_is_top(const json_t *row)
{
    return row_int(row, "parent_id") == 0;
}

static bool place_can_hold(const json_t *row)
{
    return row_true(row, "can_hold");
}

static int categories_show(struct req *r)
{
    json_t *rows, *model;

    if (category_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    model = model_new(r, "categories", rows);
    json_object_set_new(model, "parents", parents_list(r, rows, "name", category_is_top));
    rows_mark(r, rows, "sku_count", edited_id(r, 0));
    return reply_page(r, 200, "settings/categories", model);
}

static int category_make(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = category_add(r->db, &r->actor, req_int(r, "parent"),
                                 req_text(r, "name"), &id);

    return reply_outcome(r, rc, id);
}

static int category_change(struct req *r)
{
    return reply_outcome(
        r, category_rename(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "name")), 0);
}

static int category_remove(struct req *r)
{
    return reply_outcome(r, category_delete(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static int places_show(struct req *r)
{
    json_t *rows, *model;

    if (place_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    model = model_new(r, "places", rows);
    json_object_set_new(model, "parents", parents_list(r, rows, "path", place_can_hold));
    rows_mark(r, rows, "lot_count", edited_id(r, 0));
    return reply_page(r, 200, "settings/places", model);
}

static int place_make(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = place_add(r->db, &r->actor, req_int(r, "parent"), req_text(r, "name"),
                              &id);

    return reply_outcome(r, rc, id);
}

static int place_change(struct req *r)
{
    return reply_outcome(
        r, place_rename(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "name")), 0);
}

static int place_remove(struct req *r)
{
    return reply_outcome(r, place_delete(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

/* --- attributes and their values --- */

/* Each attribute with its values, and which of the forms on the page came back. */
static enum db_rc values_load(struct req *r, const json_t *attributes)
{
    int64_t open_value = edited_id(r, 1);
    bool is_value_form = r->method == POST && strstr(r->route->path, "/values") != NULL;
    json_t *row, *values, *value;
    enum db_rc rc = DB_OK;
    size_t i, j;

    json_array_foreach(attributes, i, row)
    {
        bool is_mine = row_int(row, "id") == edited_id(r, 0);

        rc = attribute_values(r->db, r->account_id, row_int(row, "id"), &values);
        if (rc != DB_OK)
            return rc;
        rows_mark(r, values, "sku_count", is_mine ? open_value : 0);
        json_array_foreach(values, j, value)
            json_object_set(value, "attribute_id", json_object_get(row, "id"));
        json_object_set(row, "values", values);
        json_object_set_new(row, "is_adding",
                            json_boolean(is_mine && is_value_form && !open_value));
        if (is_value_form)
            json_object_set_new(row, "is_open", json_false());
    }
    return rc;
}

static int attributes_show(struct req *r)
{
    json_t *rows, *model;

    if (attribute_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    rows_mark(r, rows, "value_count", edited_id(r, 0));
    if (values_load(r, rows) != DB_OK)
        return reply_error(r, 500);
    model = model_new(r, "attributes", rows);
    json_object_set_new(model, "has_room",
                        json_boolean(json_array_size(rows) < ATTRIBUTE_SLOTS));
    return reply_page(r, 200, "settings/attributes", model);
}

static int attribute_make(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = attribute_add(r->db, &r->actor, req_text(r, "name"), &id);

    return reply_outcome(r, rc, id);
}

static int attribute_change(struct req *r)
{
    return reply_outcome(
        r, attribute_rename(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "name")), 0);
}

static int attribute_remove(struct req *r)
{
    return reply_outcome(r, attribute_delete(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static int value_make(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = attribute_value_add(r->db, &r->actor, req_arg_id(r, 0),
                                        req_text(r, "name"), &id);

    return reply_outcome(r, rc, id);
}

static int value_change(struct req *r)
{
    return reply_outcome(
        r,
        attribute_value_rename(r->db, &r->actor, req_arg_id(r, 1), req_text(r, "name")),
        0);
}

static int value_remove(struct req *r)
{
    return reply_outcome(r, attribute_value_delete(r->db, &r->actor, req_arg_id(r, 1)),
                         0);
}

/* --- suppliers --- */

static json_t *vendors_frame(struct req *r, const json_t *rows)
{
    size_t n = json_array_size(rows);
    struct buf next = buf_new(r->arena, 128, 4096);
    const char *q = r->method == GET ? req_text(r, "q") : "";

    if (n == PAGE) {
        buf_printf(&next, "/settings/vendors?after=%lld&q=",
                   (long long)row_int(json_array_get(rows, n - 1), "id"));
        buf_url(&next, q, strlen(q));
    }
    return json_pack("{s:b,s:I,s:b,s:s,s:[],s:b,s:[],s:s,s:s,s:s,s:s}", "has_rows", n > 0,
                     "n", (json_int_t)n, "has_search", 1, "q", q, "keep", "has_filters",
                     0, "filters", "all", *q ? "/settings/vendors" : "", "csv", "",
                     "first",
                     r->method == POST || req_has(r, "after") ? "/settings/vendors" : "",
                     "next", buf_str(&next));
}

/* The list; behind a refused change only the one that it was about, which may stand on
 * any page of it. */
static int vendors_show(struct req *r)
{
    int64_t edited = edited_id(r, 0);
    json_t *rows, *row, *model;
    enum db_rc rc;

    if (edited) {
        rc = supplier_find(r->db, r->account_id, edited, &row);
        rows = rc == DB_OK ? json_pack("[O]", row) : NULL;
    } else {
        bool is_list = r->method == GET;

        rc = supplier_list(r->db, r->account_id,
                           is_list && req_has(r, "q") ? req_text(r, "q") : NULL,
                           is_list ? req_int(r, "after") : 0, PAGE, &rows);
    }
    if (rc != DB_OK || !rows)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    rows_mark(r, rows, "lot_count", edited);
    model = model_new(r, "suppliers", rows);
    json_object_set_new(model, "list", vendors_frame(r, rows));
    return reply_page(r, 200, "settings/vendors", model);
}

static struct supplier_details details_read(const struct req *r)
{
    return (struct supplier_details) { .name = req_text(r, "name"),
                                       .mobile = req_text(r, "mobile"),
                                       .gstin = req_text(r, "gstin"),
                                       .address = req_text(r, "address") };
}

static int vendor_make(struct req *r)
{
    struct supplier_details d = details_read(r);
    int64_t id = 0;
    enum db_rc rc = supplier_add(r->db, &r->actor, &d, &id);

    return reply_outcome(r, rc, id);
}

static int vendor_change(struct req *r)
{
    struct supplier_details d = details_read(r);

    return reply_outcome(r, supplier_update(r->db, &r->actor, req_arg_id(r, 0), &d), 0);
}

static int vendor_remove(struct req *r)
{
    return reply_outcome(r, supplier_delete(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

/* --- routes --- */

static const struct field name_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 60 }, { 0 }
};

static const struct field unit_fields[] = { { "name", FIELD_TEXT, .required = true,
                                              .max = 30 },
                                            { "decimals", FIELD_INT, .min = 0, .max = 3 },
                                            { 0 } };

static const struct field child_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 60 }, { "parent", FIELD_ID }, { 0 }
};

static const struct field vendor_fields[] = { { "name", FIELD_TEXT, .required = true,
                                                .max = 80 },
                                              { "mobile", FIELD_MOBILE },
                                              { "gstin", FIELD_TEXT, .max = 20 },
                                              { "address", FIELD_LINES, .max = 300 },
                                              { 0 } };

static const struct field search_fields[] = { { "q", FIELD_TEXT, .max = 80 },
                                              { "after", FIELD_ID },
                                              { 0 } };

#define SHOW(path, fn, fields, about)                                                    \
    {                                                                                    \
        GET, "/settings/" path, MOD_CUSTOMIZATIONS, VIEW, fn, fields, about              \
    }
#define DO(path, fn, fields, about, page, form_fn, said_key)                             \
    {                                                                                    \
        POST, "/settings/" path, MOD_CUSTOMIZATIONS, CHANGE, fn, fields, about,          \
            .form = form_fn, .done = "/settings/" page, .said = said_key                 \
    }
#define ADD(path, fn, fields, about, page, form)                                         \
    DO(path, fn, fields, about, page, form, "settings.added")
#define SET(path, fn, fields, about, page, form)                                         \
    DO(path, fn, fields, about, page, form, "settings.saved")
#define DELETE(path, fn, about, page, form)                                              \
    DO(path, fn, NULL, about, page, form, "settings.deleted")

const struct route settings_routes[] = {
    SHOW("units", units_show, NULL, "Units of the account"),
    ADD("units", unit_make, unit_fields, "Adds a unit", "units", units_show),
    SET("units/{id}", unit_change, unit_fields, "Renames a unit", "units", units_show),
    DELETE("units/{id}/delete", unit_remove, "Deletes an unused unit", "units",
           units_show),

    SHOW("categories", categories_show, NULL, "Categories and what is under them"),
    ADD("categories", category_make, child_fields, "Adds a category", "categories",
        categories_show),
    SET("categories/{id}", category_change, name_fields, "Renames a category",
        "categories", categories_show),
    DELETE("categories/{id}/delete", category_remove, "Deletes an unused category",
           "categories", categories_show),

    SHOW("places", places_show, NULL, "Storage places"),
    ADD("places", place_make, child_fields, "Adds a storage place", "places",
        places_show),
    SET("places/{id}", place_change, name_fields, "Renames a storage place", "places",
        places_show),
    DELETE("places/{id}/delete", place_remove, "Deletes an empty storage place", "places",
           places_show),

    SHOW("attributes", attributes_show, NULL, "Attributes with their values"),
    ADD("attributes", attribute_make, name_fields, "Adds an attribute", "attributes",
        attributes_show),
    SET("attributes/{id}", attribute_change, name_fields, "Renames an attribute",
        "attributes", attributes_show),
    DELETE("attributes/{id}/delete", attribute_remove, "Deletes an unused attribute",
           "attributes", attributes_show),
    ADD("attributes/{id}/values", value_make, name_fields, "Adds a value to an attribute",
        "attributes", attributes_show),
    SET("attributes/{id}/values/{id}", value_change, name_fields, "Renames a value",
        "attributes", attributes_show),
    DELETE("attributes/{id}/values/{id}/delete", value_remove, "Deletes an unused value",
           "attributes", attributes_show),

    SHOW("vendors", vendors_show, search_fields, "Suppliers of the account"),
    ADD("vendors", vendor_make, vendor_fields, "Adds a supplier", "vendors",
        vendors_show),
    SET("vendors/{id}", vendor_change, vendor_fields, "Changes a supplier", "vendors",
        vendors_show),
    DELETE("vendors/{id}/delete", vendor_remove, "Deletes an unused supplier", "vendors",
           vendors_show),
    { 0 }
};
