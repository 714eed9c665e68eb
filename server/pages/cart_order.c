/* Placing orders out of the cart: one for each shop. What the customer was shown goes
 * along with the form, so that a price that changed meanwhile is not ordered unseen. */
#include "server/pages/cart.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/gst_state.h"
#include "db/order.h"
#include "server/pages/pages.h"

#include <string.h>

/* --- the form --- */

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
    const char *code;

    for (size_t n = 0; (code = gst_state_code(n)); n++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:b}", "code", code, "key",
                                              arena_printf(r->arena, "state.%s", code),
                                              "is_chosen", strcmp(code, chosen) == 0));
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
    json_t *vendors, *model, *v, *account;
    size_t i;
    int gate = order_gate(r);
    bool doorstep = false;

    if (gate)
        return gate;
    if (cart_read(r, NULL, &vendors) != DB_OK ||
        account_find(r->db, r->account_id, &account) != DB_OK)
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
                        json_pack("{s:O,s:O}", "address", json_object_get(account, "address"),
                                  "mobile", json_object_get(r->session, "mobile")));
    cart_frame(r, model);
    return reply_page(r, 200, "cart/order", model);
}

/* --- what is asked for --- */

/* The buyer's State: named, else of the address' PIN code, else the shop's. */
static const char *state_for(const struct req *r, int64_t id)
{
    const char *state = text_for(r, "state", id);

    return *state ? state : gst_state_of_address(r->arena, text_for(r, "address", id));
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

/* The lines that were shown, with their quantities; a program names none. */
static void lines_shown(struct req *r, const json_t *v, struct placing *p)
{
    const json_t *lines = json_object_get(v, "lines");
    size_t room = json_array_size(lines) + 1, n = 0, i;
    int64_t *ids, *shown;
    const struct field_value *given;
    json_t *line;

    if (!req_each(r, "qty", 0))
        return;
    p->requirement_ids = ids = arena_alloc(r->arena, room, sizeof *ids);
    p->shown_milli = shown = arena_alloc(r->arena, room, sizeof *shown);
    json_array_foreach(lines, i, line)
    {
        given = value_for(r, "qty", row_int(line, "id"));
        if (!given)
            continue;
        ids[n] = row_int(line, "id");
        shown[n++] = given->number;
    }
    p->requirement_count = n;
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
    lines_shown(r, v, p);
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

/* --- what came of it --- */

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

/* The shops to order from. Placing reads the lines again, under the writer; they are read
 * here only for what a person was shown of them. */
static enum db_rc vendors_read(struct req *r, json_t **vendors)
{
    if (r->wants_json && !req_each(r, "vendor", 0) && !req_each(r, "goods_paise", 0) &&
        !req_each(r, "qty", 0))
        return requirement_vendors(r->db, r->account_id, vendors);
    return cart_read(r, NULL, vendors);
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
    if (vendors_read(r, &vendors) != DB_OK ||
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
    { "qty", FIELD_QTY, .each = true },
    { 0 }
};

const struct route cart_order_routes[] = {
    { GET, "/cart/order", MOD_NONE, PUBLIC, order_form, NULL,
      "What is to be ordered, and how it comes" },
    { POST, "/cart/order", MOD_REQUIREMENTS, PUBLIC, order_send, order_fields,
      "Places one order for each shop", .form = order_form, .done = "/orders/{made}",
      .said = "cart.placed" },
    { 0 }
};
