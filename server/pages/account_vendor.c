/* The vendor role on the account's page: asked for, and what it says changed later. */
#include "server/pages/accounts.h"
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "db/user.h"
#include "db/vendor_change.h"
#include "server/jobs/worker.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(row_text(*(json_t *const *)a, "name"), row_text(*(json_t *const *)b, "name"));
}

/* States of India with their GST codes, for the form; in the order of the alphabet, which is
 * that of the code points in both languages. */
static json_t *states_list(struct req *r, const char *chosen)
{
    json_t *list = json_array(), *states[100];
    const char *code;
    size_t n = 0;

    for (; n < sizeof states / sizeof *states && (code = gst_state_code(n)); n++)
        states[n] = json_pack("{s:s,s:s,s:b}", "code", code, "name",
                              req_say(r, arena_printf(r->arena, "state.%s", code), NULL),
                              "is_chosen", strcmp(code, chosen) == 0);
    qsort(states, n, sizeof *states, by_name);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, states[i]);
    return list;
}

static const char *chosen_of(struct req *r, const json_t *f, const char *key)
{
    const char *typed = json_string_value(json_object_get(r->typed, key));

    return typed ? typed : row_text(f, key);
}

/* One radio button of a group: {value, key, is_chosen}. */
static json_t *statuses_list(struct req *r, const char *chosen)
{
    static const char *const statuses[] = { "unregistered", "regular", "composition", NULL };
    json_t *list = json_array();

    for (const char *const *status = statuses; *status; status++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "value", *status, "text_key",
                            arena_printf(r->arena, "gst.%s", *status), "is_chosen",
                            strcmp(*status, *chosen ? chosen : *statuses) == 0));
    return list;
}

static bool gstin_doubtful(const json_t *row)
{
    const char *gstin = row_text(row, "gstin");

    return *gstin && text_gstin(gstin) == GSTIN_CHECK_DIGIT;
}

/* The form's first values: what waits for the admin, else what is. */
static json_t *form_of(struct req *r, const json_t *vendor, const json_t *change)
{
    static const char *const keys[] = { "trade_name", "state_code", "gst_status", "gstin" };
    json_t *account, *user, *f;

    if (vendor) {
        f = json_copy((json_t *)(uintptr_t)vendor);
        for (size_t i = 0; change && i < sizeof keys / sizeof *keys; i++)
            json_object_set(f, keys[i], json_object_get(change, keys[i]));
        return f;
    }
    if (account_find(r->db, r->account_id, &account) != DB_OK ||
        user_find(r->db, r->user_id, &user) != DB_OK)
        return json_object();
    return json_pack("{s:O,s:O,s:O}", "trade_name", json_object_get(account, "name"), "address",
                     json_object_get(*row_text(account, "address") ? account : user, "address"),
                     "mobile",
                     json_object_get(r->session, "mobile"));
}

static void change_dress(struct req *r, json_t *change)
{
    bool waits = strcmp(row_text(change, "state"), "waiting") == 0;

    json_object_set_new(change, "state_name",
                        json_string(req_say(r, arena_printf(r->arena, "state.%s",
                                                            row_text(change, "state_code")),
                                            NULL)));
    json_object_set_new(change, "gst_key",
                        json_string(arena_printf(r->arena, "gst.%s",
                                                 row_text(change, "gst_status"))));
    json_object_set_new(change, "is_waiting", json_boolean(waits));
    json_object_set_new(change, "is_doubtful", json_boolean(waits && gstin_doubtful(change)));
    json_object_set_new(change, "can_withdraw", json_boolean(row_true(r->session, "is_primary")));
}

static const struct field vendor_fields[] = {
    { "trade_name", FIELD_TEXT, .required = true, .max = 80 },
    { "address", FIELD_LINES, .required = true, .max = 300 },
    { "state_code", FIELD_TEXT, .required = true, .max = 2 },
    { "gst_status", FIELD_CHOICE, .required = true,
      .choices = "regular composition unregistered" },
    { "gstin", FIELD_TEXT, .max = 40 },
    { "upi", FIELD_TEXT, .max = 100 },
    { "mobile", FIELD_MOBILE },
    { 0 }
};

static struct vendor_details details_of(struct req *r)
{
    return (struct vendor_details) { .trade_name = req_text(r, "trade_name"),
                                     .address = req_text(r, "address"),
                                     .state_code = req_text(r, "state_code"),
                                     .gst_status = req_text(r, "gst_status"),
                                     .gstin = req_text(r, "gstin"),
                                     .upi = req_text(r, "upi"),
                                     .mobile = req_text(r, "mobile") };
}

static bool is_noted(const struct req *r, const char *field)
{
    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field && strcmp(r->errors[i].field, field) == 0)
            return true;
    return false;
}

/* All that is wrong with what was typed, each beside its field. */
static void details_note(struct req *r)
{
    struct vendor_details d = details_of(r);

    for (const struct vendor_wrong *w = vendor_details_wrong(r->arena, &d); w->field; w++)
        if (!is_noted(r, w->field))
            req_error(r, w->field, req_say(r, w->key, NULL));
}

enum db_rc account_vendor_add(struct req *r, json_t *model)
{
    json_t *vendor = NULL, *change = NULL, *f;
    const char *state;
    bool granted, primary = row_true(r->session, "is_primary");

    if (vendor_find(r->db, r->account_id, &vendor) == DB_ERR ||
        vendor_change_find(r->db, r->account_id, &change) == DB_ERR)
        return DB_ERR;
    state = row_text(vendor, "state");
    granted = strcmp(state, "approved") == 0 || strcmp(state, "suspended") == 0;
    f = form_of(r, vendor, change);
    if (r->error_count > 0 && r->route->fields == vendor_fields)
        details_note(r); /* the fields may have been refused before all was looked at */
    json_object_update_new(
        model,
        json_pack("{s:O?,s:O?,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:o,s:o,s:o}", "vendor", vendor,
                  "change", change,
                  "is_doubtful", gstin_doubtful(vendor), "can_ask", primary && !granted,
                  "can_change", primary && granted, "is_asked", strcmp(state, "asked") == 0,
                  "is_declined", strcmp(state, "declined") == 0, "is_approved",
                  strcmp(state, "approved") == 0, "is_suspended",
                  strcmp(state, "suspended") == 0, "f", f, "states",
                  states_list(r, chosen_of(r, f, "state_code")), "statuses",
                  statuses_list(r, chosen_of(r, f, "gst_status"))));
    if (change)
        change_dress(r, change);
    return DB_OK;
}

/* Who is not the owner, and details that are wrong, each beside its field; 0: neither. */
static int details_refused(struct req *r, const struct vendor_details *d)
{
    int refused = account_primary_only(r);

    if (refused || !vendor_details_wrong(r->arena, d)->field)
        return refused;
    details_note(r);
    return reply_wrong(r, 422, NULL, NULL, NULL);
}

static int vendor_ask(struct req *r)
{
    struct vendor_details d = details_of(r);
    int refused = details_refused(r, &d);

    if (refused)
        return refused;
    return reply_outcome(r, vendor_request(r->db, &r->actor, &d, NULL), r->account_id);
}

static int vendor_details_change(struct req *r)
{
    struct vendor_details d = details_of(r);
    int refused = details_refused(r, &d);
    enum db_rc rc;

    if (refused)
        return refused;
    rc = vendor_change_ask(r->db, &r->actor, &d, NULL);
    worker_wake(r->app->worker);
    return reply_outcome(r, rc, r->account_id);
}

static int vendor_details_keep(struct req *r)
{
    int refused = account_primary_only(r);

    return refused ? refused : reply_outcome(r, vendor_change_withdraw(r->db, &r->actor), 0);
}

#define DONE .form = account_show, .done = "/account"

const struct route account_vendor_routes[] = {
    { POST, "/account/vendor", MOD_NONE, SIGNED_IN, vendor_ask, vendor_fields,
      "Asks for the vendor role", DONE, .said = "vendor.asked" },
    { POST, "/account/vendor/details", MOD_NONE, SIGNED_IN, vendor_details_change,
      vendor_fields,
      "Changes a vendor's details: address, UPI id and phone at once, name, State and GST once "
      "the admin approves",
      DONE, .said = "vendor.changed" },
    { POST, "/account/vendor/details/keep", MOD_NONE, SIGNED_IN, vendor_details_keep, NULL,
      "Takes back a change of details that waits, or puts away one that was declined", DONE,
      .said = "vendor.kept" },
    { 0 }
};
