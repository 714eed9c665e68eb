/* The cart, of an account or of a visitor, and placing orders out of it: one for each
 * shop. What the customer was shown goes along with the form, so that a price that
 * changed meanwhile is not ordered unseen. */
#include "server/pages/cart.h"

#include "db/base/clock.h"
#include "db/gst_state.h"
#include "db/order.h"
#include "server/pages/pages.h"

#include <string.h>

static const char *row_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

static int64_t row_int(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static bool row_true(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

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
    rc = req_visitor(r);
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

static enum db_rc cart_read(struct req *r, const char *state, json_t **vendors)
{
    struct cart_owner owner = cart_owner_of(r);

    *vendors = json_array();
    if (!owner.account_id && !owner.session_id)
        return DB_OK;
    return requirement_list(r->db, &owner, 0, state, vendors);
}

/* --- the cart --- */

static json_t *date_typed(struct req *r, int64_t ms)
{
    struct calendar c = clock_calendar(ms, r->zone);

    return json_string(
        ms ? arena_printf(r->arena, "%04d-%02d-%02d", c.year, c.month, c.day) : "");
}

/* Of what was typed for another line nothing is shown here. */
static void line_view(struct req *r, const json_t *vendor, json_t *line)
{
    bool typed = r->error_count > 0 && req_arg_id(r, 0) == row_int(line, "id");
    const char *problem = row_text(line, "problem");

    json_object_set_new(line, "photo_url", photo_thumb(r, line));
    json_object_set_new(
        line, "href",
        json_string(arena_printf(r->arena, "/v/%s/p/%lld", row_text(vendor, "handle"),
                                 (long long)row_int(line, "product_id"))));
    json_object_set_new(line, "due_typed", date_typed(r, row_int(line, "due_ms")));
    json_object_set_new(line, "qty_typed",
                        typed ? json_incref(json_object_get(r->typed, "qty"))
                              : json_null());
    json_object_set_new(line, "error",
                        typed ? json_string(r->errors[0].text) : json_string(""));
    json_object_set_new(
        line, "problem_key",
        json_string(*problem ? arena_printf(r->arena, "cart.problem_%s", problem) : ""));
}

/* The sum over all shops, and how each is shown. */
static json_t *cart_model(struct req *r, json_t *vendors)
{
    int64_t paise = 0, count = 0;
    bool priced = true, can = false;
    json_t *v, *line;
    size_t i, k;

    json_array_foreach(vendors, i, v)
    {
        paise += row_int(v, "goods_paise");
        count += row_int(v, "count");
        priced = priced && row_true(v, "is_priced");
        can = can || row_true(v, "can_order");
        json_array_foreach(json_object_get(v, "lines"), k, line) line_view(r, v, line);
        json_object_set_new(
            v, "delivered_paise",
            json_integer(row_int(v, "goods_paise") + row_int(v, "doorstep_paise")));
    }
    return json_pack("{s:O,s:I,s:I,s:I,s:b,s:b,s:b}", "vendors", vendors, "count",
                     (json_int_t)count, "n", (json_int_t)count, "goods_paise",
                     (json_int_t)paise, "is_priced", priced, "has_lines", count > 0,
                     "can_order", can);
}

static void frame_add(struct req *r, json_t *model)
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
    frame_add(r, model);
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
    return reply_outcome(r, rc, id);
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

static int item_set(struct req *r)
{
    int64_t id = req_arg_id(r, 0), due_ms;
    struct cart_owner owner = cart_owner_of(r);
    int reply;
    enum db_rc rc;

    if (!r->session_id && !r->account_id)
        return reply_error(r, 404);
    if (!cart_owner_change(r, &owner, &reply))
        return reply;
    rc = due_of(r, id, &due_ms);
    if (rc == DB_OK)
        rc = requirement_set(r->db, &owner, id, req_int(r, "qty"), due_ms, note_given(r));
    return reply_outcome(r, rc, rc == DB_OK ? id : 0);
}

static int item_remove(struct req *r)
{
    struct cart_owner owner;
    int reply;

    if (!r->session_id && !r->account_id)
        return reply_error(r, 404);
    if (!cart_owner_change(r, &owner, &reply))
        return reply;
    return reply_outcome(r, requirement_remove(r->db, &owner, req_arg_id(r, 0)), 0);
}

/* --- placing --- */

/* 0, or the reply for whoever can't order now. */
static int order_gate(struct req *r)
{
    if (!r->signed_in)
        return r->wants_json ? reply_error(r, 401)
                             : reply_goto(r, "/signup?to=/cart/order", NULL, NULL);
    if (!r->account_id)
        return r->wants_json ? reply_error(r, 403)
                             : reply_goto(r, "/accounts?to=/cart/order", NULL, NULL);
    if (req_level(r, MOD_REQUIREMENTS) < LEVEL_CHANGE ||
        req_level(r, MOD_ORDERS) < LEVEL_CHANGE)
        return reply_error(r, 403);
    return 0;
}

/* The value of row `id` of a field, or the one that is meant for all. */
static const struct field_value *value_for(const struct req *r, const char *name,
                                           int64_t id)
{
    const struct field_value *v, *all = NULL;

    for (int i = 0; (v = req_each(r, name, i)); i++) {
        if (v->id == id)
            return v;
        if (!v->id)
            all = v;
    }
    return all;
}

static const char *text_for(const struct req *r, const char *name, int64_t id)
{
    const struct field_value *v = value_for(r, name, id);

    return v ? v->text : "";
}

static bool is_chosen(const struct req *r, int64_t vendor_id)
{
    const struct field_value *v;

    for (int i = 0; (v = req_each(r, "vendor", i)); i++)
        if (v->number == vendor_id)
            return true;
    return false;
}

static json_t *states_view(struct req *r, const char *chosen)
{
    json_t *list = json_array();

    for (const char *const *c = gst_state_codes(); *c; c++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "code", *c, "key",
                                              arena_printf(r->arena, "state.%s", *c),
                                              "is_chosen", strcmp(*c, chosen) == 0));
    return list;
}

/* A shop as the form shows it: chosen or not, how it comes, what went wrong there. */
static void vendor_form(struct req *r, json_t *v)
{
    int64_t id = row_int(v, "account_id");
    bool again = r->method == POST;
    bool doorstep = strcmp(text_for(r, "fulfil", id), "doorstep") == 0;
    const char *error = "";

    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field &&
            strcmp(r->errors[i].field,
                   arena_printf(r->arena, "fulfil[%lld]", (long long)id)) == 0)
            error = r->errors[i].text;
    json_object_set_new(
        v, "is_chosen",
        json_boolean(row_true(v, "can_order") && (!again || is_chosen(r, id))));
    json_object_set_new(v, "wants_doorstep", json_boolean(doorstep));
    json_object_set_new(v, "note_typed", json_string(text_for(r, "note", id)));
    json_object_set_new(v, "error", json_string(error));
}

static int order_form(struct req *r)
{
    json_t *vendors, *model, *v;
    size_t i;
    int gate = order_gate(r);
    bool doorstep = false;

    if (gate)
        return gate;
    if (cart_read(r, NULL, &vendors) != DB_OK)
        return reply_error(r, 500);
    if (json_array_size(vendors) == 0)
        return reply_goto(r, "/cart", NULL, NULL);
    model = cart_model(r, vendors);
    json_array_foreach(vendors, i, v)
    {
        vendor_form(r, v);
        doorstep = doorstep || row_true(v, "is_doorstep");
    }
    json_object_set_new(model, "has_doorstep", json_boolean(doorstep));
    json_object_set_new(model, "is_one", json_boolean(json_array_size(vendors) == 1));
    json_object_set_new(model, "states", states_view(r, text_for(r, "state", 0)));
    json_object_set_new(model, "f",
                        json_pack("{s:s,s:O}", "address", "", "mobile",
                                  json_object_get(r->session, "mobile")));
    frame_add(r, model);
    return reply_page(r, 200, "cart/order", model);
}

/* The buyer's State: named, else of the address' PIN code, else the shop's. */
static const char *state_for(const struct req *r, int64_t id)
{
    const char *state = text_for(r, "state", id);

    return *state ? state : gst_state_of_address(text_for(r, "address", id));
}

/* What is expected is what was shown: with the shop's own State's taxes. Under another
 * State's the sum may differ by a rounding, so when what was shown is still right, the
 * sum under that State is what counts. */
static enum db_rc expected_for(struct req *r, const json_t *v, struct placing *p)
{
    int64_t id = row_int(v, "account_id"), charge = 0, shown;
    const struct field_value *goods = value_for(r, "goods_paise", id);
    const struct field_value *extra = value_for(r, "doorstep_paise", id);
    struct cart_owner owner = cart_owner_of(r);
    json_t *exact;
    enum db_rc rc;

    p->expected_total_paise = -1;
    if (!goods)
        return DB_OK;
    if (strcmp(p->fulfil, "doorstep") == 0)
        charge = extra ? extra->number : row_int(v, "doorstep_paise");
    shown = goods->number;
    if (shown == row_int(v, "goods_paise") && p->buyer_state_code) {
        rc = requirement_list(r->db, &owner, id, p->buyer_state_code, &exact);
        if (rc != DB_OK)
            return rc;
        shown = row_int(json_array_get(exact, 0), "goods_paise");
    }
    p->expected_total_paise = shown + charge;
    return DB_OK;
}

static enum db_rc placing_fill(struct req *r, const json_t *v, struct placing *p)
{
    int64_t id = row_int(v, "account_id");
    bool doorstep = strcmp(text_for(r, "fulfil", id), "doorstep") == 0;

    *p = (struct placing) { .vendor_account_id = id,
                            .fulfil = doorstep ? "doorstep" : "pickup",
                            .address = doorstep ? text_for(r, "address", id) : "",
                            .note = text_for(r, "note", id),
                            .buyer_state_code = doorstep ? state_for(r, id) : NULL };
    return expected_for(r, v, p);
}

/* The shops of the form; a program that names none means all that can be ordered from. */
static enum db_rc placings_read(struct req *r, const json_t *vendors,
                                struct placing *parts, size_t *count)
{
    bool all = r->wants_json && !req_each(r, "vendor", 0);
    json_t *v;
    size_t i;
    enum db_rc rc = DB_OK;

    *count = 0;
    json_array_foreach(vendors, i, v) if (*count < PLACING_MAX && rc == DB_OK &&
                                          (all ? row_true(v, "can_order")
                                               : is_chosen(r, row_int(v, "account_id"))))
        rc = placing_fill(r, v, &parts[(*count)++]);
    return rc;
}

/* Asked for before anything is ordered, so that no shop's order goes without the other's.
 */
static bool address_missing(const struct placing *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(parts[i].fulfil, "doorstep") == 0 && !*parts[i].address)
            return true;
    return false;
}

static const char *vendor_name(const json_t *vendors, int64_t id)
{
    json_t *v;
    size_t i;

    json_array_foreach(vendors, i, v) if (row_int(v, "account_id") ==
                                          id) return row_text(v, "trade_name");
    return "";
}

static json_t *placed_json(struct req *r, const struct placing *parts,
                           const struct placed *placed, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        const struct refusal *no = &placed[i].refusal;

        json_array_append_new(
            list, json_pack("{s:I,s:I,s:s?}", "vendor_account_id",
                            (json_int_t)parts[i].vendor_account_id, "order_id",
                            (json_int_t)placed[i].order_id, "error",
                            placed[i].order_id ? NULL : req_say(r, no->key, no->args)));
    }
    return list;
}

/* Several shops: the list of orders, or back to the cart when something stayed in it. */
static int placed_reply(struct req *r, const json_t *vendors, const struct placing *parts,
                        const struct placed *placed, size_t count)
{
    size_t n = 0, refused = 0;
    int64_t first = 0;

    for (size_t i = 0; i < count; i++) {
        if (placed[i].order_id)
            n++;
        else
            refused = i;
        first = first ? first : placed[i].order_id;
    }
    if (r->wants_json)
        return reply_page(r, 201, "cart/show",
                          json_pack("{s:I,s:s,s:o}", "id", (json_int_t)first, "location",
                                    "/orders", "orders",
                                    placed_json(r, parts, placed, count)));
    if (n == count)
        return reply_goto(r, "/orders", "cart.placed_many",
                          json_pack("{s:I}", "n", (json_int_t)n));
    return reply_goto(
        r, "/cart", "cart.placed_some",
        json_pack("{s:I,s:s,s:s}", "n", (json_int_t)n, "shop",
                  vendor_name(vendors, parts[refused].vendor_account_id), "why",
                  req_say(r, placed[refused].refusal.key, placed[refused].refusal.args)));
}

static int order_send(struct req *r)
{
    struct placing parts[PLACING_MAX];
    struct placed placed[PLACING_MAX] = { 0 };
    const char *mobile = req_has(r, "mobile") ? req_text(r, "mobile") : NULL;
    int gate = order_gate(r);
    json_t *vendors;
    size_t count;
    enum db_rc rc;

    if (gate)
        return gate;
    if (cart_read(r, NULL, &vendors) != DB_OK ||
        placings_read(r, vendors, parts, &count) != DB_OK)
        return reply_error(r, 500);
    if (count == 0)
        return reply_wrong(r, 422, NULL, "cart.none_chosen", NULL);
    if (address_missing(parts, count))
        return reply_wrong(r, 422, "address", "cart.address_needed", NULL);
    rc = order_place(r->db, &r->actor, mobile, parts, count, placed);
    if (rc == DB_OK && count > 1)
        return placed_reply(r, vendors, parts, placed, count);
    return reply_outcome(r, rc, placed[0].order_id);
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

static const struct field order_fields[] = {
    { "vendor", FIELD_ID, .each = true },
    { "fulfil", FIELD_CHOICE, .each = true, .choices = "pickup doorstep" },
    { "address", FIELD_LINES, .each = true, .max = 300 },
    { "state", FIELD_CHOICE, .each = true,
      .choices = "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24"
                 " 26 27 29 30 31 32 33 34 35 36 37 38" },
    { "note", FIELD_LINES, .each = true, .max = 300 },
    { "goods_paise", FIELD_INT, .each = true },
    { "doorstep_paise", FIELD_INT, .each = true },
    { "mobile", FIELD_MOBILE },
    { 0 }
};

const struct route cart_routes[] = {
    { GET, "/cart", MOD_NONE, PUBLIC, cart_show, NULL, "The cart, by shop" },
    { GET, "/cart/count", MOD_NONE, PUBLIC, cart_count, NULL,
      "Lines in the cart, a number" },
    { POST, "/cart/items", MOD_NONE, PUBLIC, item_add, add_fields,
      "Adds goods to the cart", .form = cart_show, .done = "/cart",
      .said = "cart.added" },
    { POST, "/cart/items/{id}", MOD_NONE, PUBLIC, item_set, set_fields,
      "Changes quantity, date and note of a line", .form = cart_show, .done = "/cart",
      .said = "cart.changed" },
    { POST, "/cart/items/{id}/remove", MOD_NONE, PUBLIC, item_remove, NULL,
      "Takes a line out of the cart", .form = cart_show, .done = "/cart",
      .said = "cart.removed" },
    { GET, "/cart/order", MOD_NONE, PUBLIC, order_form, NULL,
      "What is to be ordered, and how it comes" },
    { POST, "/cart/order", MOD_NONE, PUBLIC, order_send, order_fields,
      "Places one order for each shop", .form = order_form, .done = "/orders/{made}",
      .said = "cart.placed" },
    { 0 }
};
