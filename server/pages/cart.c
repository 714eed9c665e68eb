/* The cart, of an account or of a visitor. */
#include "server/pages/cart.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "server/pages/pages.h"

#include <string.h>

/* --- whose --- */

struct cart_owner cart_owner_of(const struct req *r)
{
    return (struct cart_owner) { .account_id = r->account_id,
                                 .session_id = r->session_id,
                                 .user_id = r->user_id };
}

bool cart_owner_change(struct req *r, struct cart_owner *owner, int *reply)
{
    enum db_rc rc;

    if (r->account_id && req_level(r, MOD_REQUIREMENTS) < LEVEL_CHANGE) {
        *reply = reply_error(r, 403);
        return false;
    }
    rc = r->account_id ? DB_OK : req_visitor(r);
    if (rc != DB_OK) {
        *reply = reply_outcome(r, rc, 0);
        return false;
    }
    *owner = cart_owner_of(r);
    return true;
}

static bool may_look(const struct req *r)
{
    return !r->account_id || req_level(r, MOD_REQUIREMENTS) >= LEVEL_VIEW;
}

enum db_rc cart_read(struct req *r, const char *buyer_state, json_t **vendors)
{
    struct cart_owner owner = cart_owner_of(r);

    *vendors = json_array();
    if (!owner.account_id && !owner.session_id)
        return DB_OK;
    return requirement_list(r->db, &owner, 0, buyer_state, vendors);
}

/* --- the cart --- */

static json_t *date_typed(struct req *r, int64_t ms)
{
    struct calendar c = clock_calendar(ms, r->zone);

    return json_string(
        ms ? arena_printf(r->arena, "%04d-%02d-%02d", c.year, c.month, c.day) : "");
}

static const char *error_of(const struct req *r, const char *field)
{
    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field && strcmp(r->errors[i].field, field) == 0)
            return r->errors[i].text;
    return "";
}

/* Of what was typed for another line nothing is shown here. */
static void line_view(struct req *r, const json_t *vendor, json_t *line)
{
    bool alone = r->error_count > 0 && req_arg_id(r, 0) == row_int(line, "id");
    const char *problem = row_text(line, "problem");
    const char *field = arena_printf(r->arena, "qty[%lld]", (long long)row_int(line, "id"));
    json_t *typed =
        json_object_get(r->error_count ? r->typed : NULL, alone ? "qty" : field);

    json_object_set_new(line, "photo_url", photo_thumb(r, line));
    json_object_set_new(
        line, "href",
        json_string(arena_printf(r->arena, "/v/%s/p/%lld", row_text(vendor, "handle"),
                                 (long long)row_int(line, "product_id"))));
    json_object_set_new(line, "due_typed", date_typed(r, row_int(line, "due_ms")));
    json_object_set_new(line, "qty_typed", typed ? json_incref(typed) : json_null());
    json_object_set_new(line, "error",
                        json_string(alone ? r->errors[0].text : error_of(r, field)));
    json_object_set_new(
        line, "problem_key",
        json_string(*problem ? arena_printf(r->arena, "cart.problem_%s", problem) : ""));
}

/* What stands in the way of ordering, and what helps. */
static json_t *in_way(const json_t *line)
{
    const char *problem = row_text(line, "problem");

    return json_pack("{s:s,s:s}", "name", row_text(line, "name"), "then_key",
                     strcmp(problem, "short") == 0        ? "cart.then_less"
                     : strcmp(problem, "vendor_off") == 0 ? "cart.then_wait"
                                                          : "cart.then_remove");
}

json_t *cart_model(struct req *r, json_t *vendors)
{
    int64_t paise = 0, count = 0;
    bool priced = true, can = false;
    json_t *v, *line, *way = NULL;
    size_t i, k;

    json_array_foreach(vendors, i, v)
    {
        paise += row_int(v, "goods_paise");
        count += row_int(v, "count");
        priced = priced && row_true(v, "is_priced");
        can = can || row_true(v, "can_order");
        json_array_foreach(json_object_get(v, "lines"), k, line)
        {
            line_view(r, v, line);
            if (!way && !row_is_null(line, "problem"))
                way = in_way(line);
        }
        json_object_set_new(
            v, "delivered_paise",
            json_integer(row_int(v, "goods_paise") + row_int(v, "doorstep_paise")));
    }
    return json_pack("{s:O,s:I,s:I,s:I,s:b,s:b,s:b,s:o?}", "vendors", vendors, "count",
                     (json_int_t)count, "n", (json_int_t)count, "goods_paise",
                     (json_int_t)paise, "is_priced", priced, "has_lines", count > 0,
                     "can_order", can, "in_way", can ? NULL : way);
}

void cart_frame(struct req *r, json_t *model)
{
    json_object_set_new(model, "frame", json_string(r->signed_in ? "layout" : "public"));
    json_object_set_new(model, "is_visitor", json_boolean(!r->signed_in));
    json_object_set_new(
        model, "can_change",
        json_boolean(!r->account_id || req_level(r, MOD_REQUIREMENTS) >= LEVEL_CHANGE));
    if (!r->signed_in)
        reply_inline_style(r);
}

static int cart_show(struct req *r)
{
    json_t *vendors, *model;

    if (!may_look(r))
        return reply_error(r, 403);
    if (cart_read(r, NULL, &vendors) != DB_OK)
        return reply_error(r, 500);
    model = cart_model(r, vendors);
    cart_frame(r, model);
    return reply_page(r, 200, "cart/show", model);
}

static int cart_count(struct req *r)
{
    const char *n = arena_printf(
        r->arena, "%lld",
        may_look(r) ? (long long)row_int(r->session, "cart_count") : 0LL);

    return reply_bytes(r, 200, "text/plain; charset=utf-8", n, strlen(n),
                       arena_printf(r->arena, "\"%s\"", n));
}

static const char *note_given(const struct req *r)
{
    return json_object_get(r->typed, "note") ? req_text(r, "note") : NULL;
}

int cart_added(struct req *r, const struct cart_owner *owner, enum db_rc rc, int64_t id)
{
    json_t *line;

    if (rc == DB_OK && requirement_short(r->db, owner, id, &line) == DB_OK)
        r->said = req_say(r,
                          arena_printf(r->arena, "cart.added_%s", row_text(line, "problem")),
                          line);
    return reply_outcome(r, rc, id);
}

static int item_add(struct req *r)
{
    int64_t qty = req_has(r, "qty") ? req_int(r, "qty") : 1000, id = 0;
    struct cart_owner owner;
    enum db_rc rc;
    int reply;

    if (!cart_owner_change(r, &owner, &reply))
        return reply;
    rc = requirement_add(r->db, &owner, req_int(r, "listing"), qty, req_int(r, "due"),
                         note_given(r), &id);
    return cart_added(r, &owner, rc, id);
}

/* The date stays when the request doesn't speak of it. */
static enum db_rc due_of(struct req *r, int64_t id, int64_t *due_ms)
{
    json_t *vendors, *v, *line;
    size_t i, k;
    enum db_rc rc;

    *due_ms = req_int(r, "due");
    if (json_object_get(r->typed, "due"))
        return DB_OK;
    rc = cart_read(r, NULL, &vendors);
    json_array_foreach(vendors, i, v) json_array_foreach(
        json_object_get(v, "lines"), k,
        line) if (row_int(line, "id") == id) *due_ms = row_int(line, "due_ms");
    return rc;
}

/* Whose lines are changed; who has no cart has none: the answer then, else 0. */
static int lines_owner(struct req *r, struct cart_owner *owner)
{
    int reply;

    if (!r->session_id && !r->account_id)
        return reply_error(r, 404);
    return cart_owner_change(r, owner, &reply) ? 0 : reply;
}

static int item_set(struct req *r)
{
    int64_t id = req_arg_id(r, 0), due_ms;
    struct cart_owner owner;
    int reply = lines_owner(r, &owner);
    enum db_rc rc;

    if (reply)
        return reply;
    rc = due_of(r, id, &due_ms);
    if (rc == DB_OK)
        rc = requirement_set(r->db, &owner, id, req_int(r, "qty"), due_ms, note_given(r));
    return reply_outcome(r, rc, rc == DB_OK ? id : 0);
}

/* One form for the whole cart: what is seen is what is kept before it goes on. */
static int cart_save(struct req *r)
{
    struct requirement_qty lines[REQUIREMENT_MAX];
    const struct field_value *v;
    struct cart_owner owner;
    size_t count = 0;
    int reply = lines_owner(r, &owner);
    enum db_rc rc;

    if (reply)
        return reply;
    while (count < REQUIREMENT_MAX && (v = req_each(r, "qty", (int)count)))
        lines[count++] = (struct requirement_qty) { v->id, v->number };
    rc = requirement_quantities(r->db, &owner, lines, count);
    if (rc == DB_OK && req_has(r, "next"))
        return reply_goto(r, "/cart/order", NULL, NULL);
    return reply_outcome(r, rc, 0);
}

static int item_remove(struct req *r)
{
    struct cart_owner owner;
    int reply = lines_owner(r, &owner);

    if (reply)
        return reply;
    return reply_outcome(r, requirement_remove(r->db, &owner, req_arg_id(r, 0)), 0);
}

static const struct field add_fields[] = { { "listing", FIELD_ID, .required = true,
                                             .min = 1, .max = INT64_MAX },
                                           { "qty", FIELD_QTY },
                                           { "due", FIELD_DATE },
                                           { "note", FIELD_TEXT, .max = 300 },
                                           { 0 } };

static const struct field set_fields[] = { { "qty", FIELD_QTY, .required = true },
                                           { "due", FIELD_DATE },
                                           { "note", FIELD_TEXT, .max = 300 },
                                           { 0 } };

static const struct field save_fields[] = { { "qty", FIELD_QTY, .each = true },
                                            { "next", FIELD_CHOICE, .choices = "order" },
                                            { 0 } };

const struct route cart_routes[] = {
    { GET, "/cart", MOD_NONE, PUBLIC, cart_show, NULL, "The cart, by shop" },
    { POST, "/cart", MOD_REQUIREMENTS, PUBLIC, cart_save, save_fields,
      "Changes the quantities of several lines", .form = cart_show, .done = "/cart",
      .said = "cart.changed" },
    { GET, "/cart/count", MOD_NONE, PUBLIC, cart_count, NULL,
      "Lines in the cart, a number",
      .gives = "text/plain" },
    { POST, "/cart/items", MOD_REQUIREMENTS, PUBLIC, item_add, add_fields,
      "Adds goods to the cart", .form = cart_show, .done = "/cart",
      .said = "cart.added" },
    { POST, "/cart/items/{id}", MOD_REQUIREMENTS, PUBLIC, item_set, set_fields,
      "Changes quantity, date and note of a line", .form = cart_show, .done = "/cart",
      .said = "cart.changed" },
    { POST, "/cart/items/{id}/remove", MOD_REQUIREMENTS, PUBLIC, item_remove, NULL,
      "Takes a line out of the cart", .form = cart_show, .done = "/cart",
      .said = "cart.removed" },
    { 0 }
};
