/* Accounts of a user: choose, make, switch; the account's own page with the request for the
 * vendor role; the language. */
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "db/invitation.h"
#include "db/session.h"
#include "db/vendor.h"

#include <string.h>

json_t *zones_list(const char *chosen)
{
    json_t *list = json_array();

    for (const char *const *z = clock_zones(); *z; z++)
        json_array_append_new(list, json_pack("{s:s,s:b}", "name", *z, "is_chosen",
                                              strcmp(*z, chosen) == 0));
    return list;
}

static const char *zone_of(struct req *r)
{
    return req_has(r, "zone") ? req_text(r, "zone") : "Asia/Kolkata";
}

static int accounts_show(struct req *r)
{
    json_t *rows, *invitations;

    if (account_list_of_user(r->db, r->user_id, &rows) != DB_OK ||
        invitation_list_of_user(r->db, r->user_id, &invitations) != DB_OK)
        return reply_error(r, 500);
    return reply_page(r, 200, "accounts/list",
                      json_pack("{s:O,s:b,s:O,s:o,s:{s:s,s:O}}", "accounts", rows, "has_none",
                                json_array_size(rows) == 0, "invitations", invitations,
                                "zones", zones_list(zone_of(r)), "f", "to",
                                req_text(r, "to"), "name",
                                json_object_get(r->session, "user_name")));
}

static int account_make(struct req *r)
{
    struct account_details d = { .email = req_text(r, "email"), .name = req_text(r, "name"),
                                 .address = req_text(r, "address"), .zone = zone_of(r),
                                 .lang = r->lang };
    int64_t id = 0;
    enum db_rc rc;

    db_begin(r->db); /* made and entered, or neither */
    rc = account_create(r->db, r->user_id, &d, &id);
    if (rc == DB_OK)
        rc = session_enter_account(r->db, r->session_id, r->user_id, id);
    rc = db_end(r->db, rc);
    if (rc != DB_OK || r->wants_json)
        return reply_outcome(r, rc, id);
    return reply_goto(r, path_own(req_text(r, "to")), "accounts.made", NULL);
}

static int account_enter(struct req *r)
{
    enum db_rc rc = session_enter_account(r->db, r->session_id, r->user_id, req_arg_id(r, 0));

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    return reply_goto(r, path_own(req_text(r, "to")), NULL, NULL);
}

/* States of India with their GST codes, for the form. */
static json_t *states_list(struct req *r, const char *chosen)
{
    json_t *list = json_array();
    const char *code;

    for (size_t n = 0; (code = gst_state_code(n)); n++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "code", code, "name",
                            req_say(r, arena_printf(r->arena, "state.%s", code), NULL),
                            "is_chosen", strcmp(code, chosen) == 0));
    return list;
}

static const char *chosen_of(struct req *r, const json_t *f, const char *key)
{
    const char *typed = json_string_value(json_object_get(r->typed, key));
    const char *first = json_string_value(json_object_get(f, key));

    return typed ? typed : first ? first : "";
}

/* One radio button of a group: {value, key, is_chosen}. */
static json_t *options_list(struct req *r, const char *const *values, const char *prefix,
                            const char *chosen)
{
    json_t *list = json_array();

    for (; *values; values++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "value", *values, "text_key",
                            arena_printf(r->arena, "%s%s", prefix, *values), "is_chosen",
                            strcmp(*values, chosen) == 0));
    return list;
}

static int account_show(struct req *r)
{
    static const char *const statuses[] = { "unregistered", "regular", "composition", NULL };
    json_t *account, *vendor = NULL, *model, *f;
    const char *state = "", *status, *gstin;

    if (!r->account_id)
        return reply_no_account(r);
    if (account_find(r->db, r->account_id, &account) != DB_OK ||
        vendor_find(r->db, r->account_id, &vendor) == DB_ERR)
        return reply_error(r, 500);
    if (vendor)
        state = json_string_value(json_object_get(vendor, "state"));
    f = vendor ? json_copy(vendor)
               : json_pack("{s:O,s:O}", "address", json_object_get(account, "address"),
                           "mobile", json_object_get(r->session, "mobile"));
    status = chosen_of(r, f, "gst_status");
    gstin = vendor ? json_string_value(json_object_get(vendor, "gstin")) : NULL;
    model = json_pack(
        "{s:O,s:O?,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:b,s:o,s:o,s:o}", "account", account,
        "vendor", vendor, "is_doubtful", gstin && text_gstin(gstin) == GSTIN_CHECK_DIGIT,
        "can_ask",
        (!*state || strcmp(state, "declined") == 0 || strcmp(state, "asked") == 0) &&
            row_true(r->session, "is_primary"),
        "is_asked", strcmp(state, "asked") == 0, "is_declined",
        strcmp(state, "declined") == 0, "is_approved", strcmp(state, "approved") == 0,
        "is_suspended", strcmp(state, "suspended") == 0, "can_users",
        req_level(r, MOD_USERS) >= LEVEL_VIEW, "can_leave",
        !row_true(r->session, "is_primary"), "f", f, "states",
        states_list(r, chosen_of(r, f, "state_code")), "statuses",
        options_list(r, statuses, "gst.", *status ? status : "unregistered"));
    return reply_page(r, 200, "accounts/show", model);
}

static int vendor_ask(struct req *r)
{
    struct vendor_details d = { .trade_name = req_text(r, "trade_name"),
                                .address = req_text(r, "address"),
                                .state_code = req_text(r, "state_code"),
                                .gst_status = req_text(r, "gst_status"),
                                .gstin = req_text(r, "gstin"),
                                .upi = req_text(r, "upi"),
                                .mobile = req_text(r, "mobile") };
    bool doubtful;

    if (!r->account_id)
        return reply_no_account(r);
    if (!row_true(r->session, "is_primary"))
        return reply_error(r, 403);
    return reply_outcome(r, vendor_request(r->db, &r->actor, &d, &doubtful), r->account_id);
}

static int language_set(struct req *r)
{
    const char *lang = req_text(r, "lang");

    enum db_rc rc = req_visitor(r);

    if (rc == DB_OK)
        rc = session_language(r->db, r->session_id, r->user_id, lang);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    return reply_goto(r, path_own(req_text(r, "back")), NULL, NULL);
}

static const struct field to_fields[] = { { "to", FIELD_TEXT, .max = 500 }, { 0 } };

static const struct field account_fields[] = {
    { "email", FIELD_EMAIL, .required = true },
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "address", FIELD_LINES, .max = 300 },
    { "zone", FIELD_TEXT, .max = 40 },
    { "to", FIELD_TEXT, .max = 500 },
    { 0 }
};

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

static const struct field language_fields[] = {
    { "lang", FIELD_CHOICE, .required = true, .choices = "en hi" },
    { "back", FIELD_TEXT, .max = 1000 },
    { 0 }
};

const struct route accounts_routes[] = {
    { GET, "/accounts", MOD_NONE, SIGNED_IN, accounts_show, to_fields, "The user's accounts" },
    { POST, "/accounts", MOD_NONE, SIGNED_IN, account_make, account_fields,
      "Makes an account", .form = accounts_show, .done = "/account" },
    { POST, "/accounts/{id}/enter", MOD_NONE, SIGNED_IN, account_enter, to_fields,
      "Enters an account" },
    { GET, "/account", MOD_NONE, SIGNED_IN, account_show, NULL, "The account entered" },
    { POST, "/account/vendor", MOD_NONE, SIGNED_IN, vendor_ask, vendor_fields,
      "Asks for the vendor role", .form = account_show, .done = "/account",
      .said = "vendor.asked" },
    { POST, "/me/language", MOD_NONE, PUBLIC, language_set, language_fields,
      "Chooses the language", .is_kept_form = true },
    { 0 }
};
