/* The way in for who is not in an account yet: what they are invited to, what they asked
 * for, and the form to ask. */
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/invitation.h"
#include "db/join.h"
#include "db/session.h"

#include <string.h>

static int join_show(struct req *r)
{
    json_t *invitations, *requests, *row;
    size_t i;

    if (invitation_list_of_user(r->db, r->user_id, &invitations) != DB_OK ||
        join_list_of_user(r->db, r->user_id, &requests) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(requests, i, row)
    {
        const char *state = json_string_value(json_object_get(row, "state"));
        bool waiting = strcmp(state, "waiting") == 0, in = strcmp(state, "approved") == 0;

        json_object_set_new(row, "is_waiting", json_boolean(waiting));
        json_object_set_new(row, "kind", json_string(waiting ? "wait" : in ? "ok" : "bad"));
        json_object_set_new(row, "state_key",
                            json_string(arena_printf(r->arena, "join.state_%s", state)));
    }
    return reply_page(r, 200, "accounts/join",
                      json_pack("{s:O,s:O,s:b,s:b}", "invitations", invitations, "requests",
                                requests, "has_invitations", json_array_size(invitations) > 0,
                                "has_requests", json_array_size(requests) > 0));
}

static int join_send(struct req *r)
{
    int64_t id;
    enum db_rc rc = join_ask(r->db, &r->actor, req_text(r, "email"), req_text(r, "note"), &id);

    return reply_outcome(r, rc, id);
}

static int join_back(struct req *r)
{
    return reply_outcome(r, join_withdraw(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

/* In, and at once in the account. */
static int invitation_yes(struct req *r)
{
    int64_t account_id;
    json_t *account;
    enum db_rc rc = invitation_accept(r->db, &r->actor, req_arg_id(r, 0), &account_id);

    if (rc == DB_OK && session_enter_account(r->db, r->session_id, r->user_id, account_id) ==
                           DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK && !r->wants_json && account_find(r->db, account_id, &account) == DB_OK)
        return reply_goto(r, "/", "join.welcome",
                          json_pack("{s:O}", "account", json_object_get(account, "name")));
    return reply_outcome(r, rc, account_id);
}

static int invitation_no(struct req *r)
{
    return reply_outcome(r, invitation_decline(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static const struct field ask_fields[] = { { "email", FIELD_EMAIL, .required = true },
                                           { "note", FIELD_TEXT, .max = 200 },
                                           { 0 } };

const struct route join_routes[] = {
    { GET, "/join", MOD_NONE, SIGNED_IN, join_show, NULL,
      "Invitations to the user, and what they asked for" },
    { POST, "/join", MOD_NONE, SIGNED_IN, join_send, ask_fields,
      "Asks to be let in to an account, by its name", .form = join_show, .done = "/join",
      .said = "join.asked" },
    { POST, "/join/{id}/withdraw", MOD_NONE, SIGNED_IN, join_back, NULL,
      "Takes back a request", .form = join_show, .done = "/join",
      .said = "join.withdrawn" },
    { POST, "/join/invitations/{id}/accept", MOD_NONE, SIGNED_IN, invitation_yes, NULL,
      "Joins the account that invited", .form = join_show, .done = "/",
      .said = "join.accepted" },
    { POST, "/join/invitations/{id}/decline", MOD_NONE, SIGNED_IN, invitation_no, NULL,
      "Declines an invitation", .form = join_show, .done = "/join",
      .said = "join.declined" },
    { 0 }
};
