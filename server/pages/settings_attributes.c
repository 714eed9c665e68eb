/* Attributes and their values: rows within rows, each with a form of its own. */
#include "server/pages/settings.h"

#include "db/attribute.h"
#include "db/base/row.h"

#include <string.h>

/* Each attribute with its values, and which of the forms on the page came back. */
static enum db_rc values_load(struct req *r, const json_t *attributes)
{
    int64_t open_value = settings_edited(r, 1);
    bool is_value_form = r->method == POST && strstr(r->route->path, "/values") != NULL;
    json_t *row, *values, *value;
    enum db_rc rc = DB_OK;
    size_t i, j;

    json_array_foreach(attributes, i, row)
    {
        bool is_mine = row_int(row, "id") == settings_edited(r, 0);

        rc = attribute_values(r->db, r->account_id, row_int(row, "id"), &values);
        if (rc != DB_OK)
            return rc;
        settings_rows(r, values, "sku_count", is_mine ? open_value : 0);
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
    settings_rows(r, rows, "value_count", settings_edited(r, 0));
    if (values_load(r, rows) != DB_OK)
        return reply_error(r, 500);
    model = settings_model(r, "attributes", rows);
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
    return settings_renamed(r, 0, attribute_rename);
}

static int attribute_remove(struct req *r)
{
    return settings_deleted(r, 0, attribute_delete);
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
    return settings_renamed(r, 1, attribute_value_rename);
}

static int value_remove(struct req *r)
{
    return settings_deleted(r, 1, attribute_value_delete);
}

static const struct field name_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 60 }, { 0 }
};

const struct route settings_attribute_routes[] = {
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
    { 0 }
};
