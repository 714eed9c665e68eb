/* Accounts of a user: choose, make, switch; the account's own page; the language. */
#include "server/pages/accounts.h"
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/invitation.h"
#include "db/session.h"

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
    struct account_details d = { .email = req_has(r, "email") ? req_text(r, "email") : NULL,
                                 .name = req_text(r, "name"),
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

/* What the one who is not the primary user sees, and does, is less. */
int account_show(struct req *r)
{
    json_t *account, *model;

    if (!r->account_id)
        return reply_no_account(r);
    if (account_find(r->db, r->account_id, &account) != DB_OK)
        return reply_error(r, 500);
    model = json_pack("{s:O,s:b,s:b}", "account", account, "can_users",
                      req_level(r, MOD_USERS) >= LEVEL_VIEW, "can_leave",
                      !row_true(r->session, "is_primary"));
    if (account_vendor_add(r, model) != DB_OK)
        return reply_error(r, 500);
    return reply_page(r, 200, "accounts/show", model);
}

int account_primary_only(struct req *r)
{
    if (!r->account_id)
        return reply_no_account(r);
    return row_true(r->session, "is_primary") ? 0 : reply_error(r, 403);
}

static int account_edit_show(struct req *r)
{
    json_t *account, *f;
    int refused = account_primary_only(r);

    if (refused)
        return refused;
    if (account_find(r->db, r->account_id, &account) != DB_OK)
        return reply_error(r, 500);
    f = json_copy(account);
    return reply_page(r, 200, "accounts/edit",
                      json_pack("{s:O,s:o,s:o}", "account", account, "f", f, "zones",
                                zones_list(r->method == POST ? req_text(r, "zone")
                                                             : row_text(account, "zone"))));
}

static int account_save(struct req *r)
{
    const struct account_details d = { .email = req_has(r, "email") ? req_text(r, "email")
                                                                    : NULL,
                                       .name = req_text(r, "name"),
                                       .address = req_text(r, "address"),
                                       .zone = req_text(r, "zone") };

    int refused = account_primary_only(r);

    if (refused)
        return refused;
    return reply_outcome(r, account_update(r->db, &r->actor, &d), 0);
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
    { "email", FIELD_EMAIL },
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "address", FIELD_LINES, .max = 300 },
    { "zone", FIELD_TEXT, .max = 40 },
    { "to", FIELD_TEXT, .max = 500 },
    { 0 }
};

static const struct field edit_fields[] = {
    { "email", FIELD_EMAIL },
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "address", FIELD_LINES, .max = 300 },
    { "zone", FIELD_TEXT, .required = true, .max = 60 },
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
    { GET, "/account/edit", MOD_NONE, SIGNED_IN, account_edit_show, NULL,
      "The account's name, e-mail, address and time zone" },
    { POST, "/account", MOD_NONE, SIGNED_IN, account_save, edit_fields,
      "Changes the account's name, e-mail, address and time zone", .form = account_edit_show,
      .done = "/account", .said = "accounts.saved" },
    { POST, "/me/language", MOD_NONE, PUBLIC, language_set, language_fields,
      "Chooses the language", .is_kept_form = true },
    { 0 }
};
