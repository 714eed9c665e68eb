/* Units, categories and places, and what the pages of all lists share. */
#include "server/pages/settings.h"

#include "db/base/row.h"
#include "db/category.h"
#include "db/place.h"
#include "db/unit.h"

#include <stdio.h>
#include <string.h>

static bool can_change(const struct req *r)
{
    return req_level(r, MOD_CUSTOMIZATIONS) >= LEVEL_CHANGE;
}

int64_t settings_edited(const struct req *r, int arg)
{
    return r->method == POST && r->arg_count > arg ? req_arg_id(r, arg) : 0;
}

void settings_rows(struct req *r, const json_t *rows, const char *count_key,
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

json_t *settings_model(struct req *r, const char *name, json_t *rows)
{
    return json_pack("{s:O,s:b,s:b,s:b}", name, rows, "has_none",
                     json_array_size(rows) == 0, "is_editing", settings_edited(r, 0) != 0,
                     "can_change", can_change(r));
}

int settings_renamed(struct req *r, int arg,
                     enum db_rc (*rename)(struct db *, const struct actor *, int64_t id,
                                          const char *name))
{
    return reply_outcome(
        r, rename(r->db, &r->actor, req_arg_id(r, arg), req_text(r, "name")), 0);
}

int settings_deleted(struct req *r, int arg,
                     enum db_rc (*drop)(struct db *, const struct actor *, int64_t id))
{
    return reply_outcome(r, drop(r->db, &r->actor, req_arg_id(r, arg)), 0);
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
    int64_t edited = settings_edited(r, 0);
    const char *typed = json_string_value(json_object_get(r->typed, "decimals"));
    json_t *rows, *row, *model;
    size_t i;

    if (unit_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    settings_rows(r, rows, "sku_count", edited);
    json_array_foreach(rows, i, row)
    {
        const char *own = arena_printf(r->arena, "%lld",
                                       (long long)row_int(row, "decimals"));

        if (row_int(row, "id") == edited && typed)
            own = typed;
        json_object_set_new(row, "decimal_choices", decimals_list(own));
    }
    model = settings_model(r, "units", rows);
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
    return settings_deleted(r, 0, unit_delete);
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
    model = settings_model(r, "categories", rows);
    json_object_set_new(model, "parents", parents_list(r, rows, "name", category_is_top));
    settings_rows(r, rows, "sku_count", settings_edited(r, 0));
    return reply_page(r, 200, "settings/categories", model);
}

static int named_under(struct req *r,
                       enum db_rc (*add)(struct db *, const struct actor *,
                                         int64_t parent_id, const char *name, int64_t *id))
{
    int64_t id = 0;
    enum db_rc rc = add(r->db, &r->actor, req_int(r, "parent"), req_text(r, "name"), &id);

    return reply_outcome(r, rc, id);
}

static int category_make(struct req *r)
{
    return named_under(r, category_add);
}

static int category_change(struct req *r)
{
    return settings_renamed(r, 0, category_rename);
}

static int category_remove(struct req *r)
{
    return settings_deleted(r, 0, category_delete);
}

static int places_show(struct req *r)
{
    json_t *rows, *model;

    if (place_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    model = settings_model(r, "places", rows);
    json_object_set_new(model, "parents", parents_list(r, rows, "path", place_can_hold));
    settings_rows(r, rows, "lot_count", settings_edited(r, 0));
    return reply_page(r, 200, "settings/places", model);
}

static int place_make(struct req *r)
{
    return named_under(r, place_add);
}

static int place_change(struct req *r)
{
    return settings_renamed(r, 0, place_rename);
}

static int place_remove(struct req *r)
{
    return settings_deleted(r, 0, place_delete);
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

    { 0 }
};
