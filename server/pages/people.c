/* Who is in the account and may do what: its users, those invited and those who ask, and
 * the levels of one of them. The table of modules is that of db/permission.h. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/invitation.h"
#include "db/join.h"
#include "db/member.h"
#include "server/jobs/worker.h"

#include <string.h>

enum { INVITATIONS_SHOWN = 30 };

static const char *const preset_names[] = { "helper", "seller", "viewer", "none" };
static const char *const level_names[] = { "none", "view", "change" };

/* "seller", or that it is a choice of its own. */
static const char *preset_name(const struct levels *own)
{
    const struct levels none = { 0 };
    const char *name = memcmp(own, &none, sizeof none) ? levels_name(own) : "none";

    return name ? name : "own";
}

static json_t *preset_key(struct req *r, const json_t *levels)
{
    const struct levels own = levels_of(levels);

    return json_string(arena_printf(r->arena, "preset.%s", preset_name(&own)));
}

static json_t *presets_list(struct req *r, const char *chosen)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof preset_names / sizeof *preset_names; i++)
        json_array_append_new(
            list,
            json_pack("{s:s,s:s,s:s,s:b}", "value", preset_names[i], "text_key",
                      arena_printf(r->arena, "preset.%s", preset_names[i]), "about_key",
                      arena_printf(r->arena, "preset.%s_about", preset_names[i]),
                      "is_chosen", strcmp(chosen, preset_names[i]) == 0));
    return list;
}

static bool can_change(const struct req *r)
{
    return req_level(r, MOD_USERS) >= LEVEL_CHANGE;
}

static bool is_primary(const struct req *r)
{
    return json_is_true(json_object_get(r->session, "is_primary"));
}

/* --- the page of all --- */

static void invitations_dress(struct req *r, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *state = row_text(row, "state");
        bool waits = strcmp(state, "waiting") == 0, old = strcmp(state, "expired") == 0;

        json_object_set_new(row, "is_open", json_boolean(waits || old));
        json_object_set_new(row, "can_again",
                            json_boolean((waits || old) &&
                                         row_int(row, "sends") < INVITATION_SENDS));
        json_object_set_new(row, "kind",
                            json_string(waits                          ? "wait"
                                        : strcmp(state, "joined") == 0 ? "ok"
                                                                       : "bad"));
        json_object_set_new(row, "state_key",
                            json_string(arena_printf(r->arena, "invitation.%s", state)));
        json_object_set_new(row, "preset_key",
                            preset_key(r, json_object_get(row, "levels_json")));
    }
}

static void members_dress(struct req *r, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        bool primary = json_is_true(json_object_get(row, "is_primary"));

        json_object_set_new(row, "is_self", json_boolean(row_int(row, "id") == r->user_id));
        json_object_set_new(row, "preset_key",
                            primary ? json_string("people.primary")
                                    : preset_key(r, json_object_get(row, "levels_json")));
    }
}

/* Whether the answer to somebody who asks came back with something wrong. */
static bool is_answering(const struct req *r)
{
    return r->error_count > 0 && strncmp(r->path, "/account/requests/", 18) == 0;
}

/* Whether the form that invites did. */
static bool is_inviting(const struct req *r)
{
    return r->error_count > 0 && strcmp(r->path, "/account/users") == 0;
}

static void requests_dress(struct req *r, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) json_object_set_new(
        row, "is_wrong",
        json_boolean(is_answering(r) && row_int(row, "id") == req_arg_id(r, 0)));
}

static int people_show(struct req *r)
{
    const char *chosen = json_string_value(json_object_get(r->typed, "preset"));
    json_t *members, *invitations, *requests;
    int64_t wrong_at = 0; /* the request whose answer came back wrong at a field */

    if (member_list(r->db, r->account_id, &members) != DB_OK ||
        invitation_list(r->db, r->account_id, INVITATIONS_SHOWN, &invitations) != DB_OK ||
        join_list(r->db, r->account_id, &requests) != DB_OK)
        return reply_error(r, 500);
    if (is_answering(r) && r->errors[0].field)
        wrong_at = req_arg_id(r, 0);
    members_dress(r, members);
    invitations_dress(r, invitations);
    requests_dress(r, requests);
    return reply_page(r, 200, "accounts/people",
                      json_pack("{s:I,s:O,s:O,s:O,s:b,s:b,s:b,s:b,s:b,s:b,s:o}", "wrong_at",
                                (json_int_t)wrong_at, "members",
                                members, "invitations", invitations, "requests", requests,
                                "is_wrong", r->error_count > 0 && !is_inviting(r),
                                "is_inviting", is_inviting(r), "has_invitations",
                                json_array_size(invitations) > 0, "has_requests",
                                json_array_size(requests) > 0, "can_change",
                                can_change(r), "is_primary", is_primary(r), "presets",
                                presets_list(r, chosen ? chosen : "viewer")));
}

/* --- one of them --- */

static json_t *choices_of(struct req *r, enum level now, enum level most)
{
    json_t *list = json_array();

    for (int i = LEVEL_NONE; i <= LEVEL_CHANGE; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b,s:b}", "value", level_names[i], "text_key",
                            arena_printf(r->arena, "level.%s", level_names[i]), "is_chosen",
                            i == (int)now, "is_over", i > (int)most));
    return list;
}

/* One line a module: what is set, and why that may not be all. */
static json_t *modules_list(struct req *r, const struct levels *now,
                            const struct levels *most, const json_t *off)
{
    const char *vendor = row_text(r->session, "vendor_state");
    bool sells = strcmp(vendor, "approved") == 0 || strcmp(vendor, "suspended") == 0;
    json_t *list = json_array();

    for (int i = MOD_NONE + 1; i < MODULES; i++) {
        const char *name = module_name((enum module)i);
        bool is_off = json_object_get(off, name) != NULL;
        const char *typed = json_string_value(json_object_get(r->typed, name));
        int level = (int)now->of[i];

        for (int k = 0; typed && k <= LEVEL_CHANGE; k++)
            level = strcmp(typed, level_names[k]) == 0 ? k : level;
        json_array_append_new(
            list,
            json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:o}", "name", name, "text_key",
                      arena_printf(r->arena, "module.%s", name), "level",
                      level_names[now->of[i]], "level_key",
                      arena_printf(r->arena, "level.%s", level_names[now->of[i]]), "is_off",
                      is_off, "needs_vendor",
                      !is_off && !sells && module_is_vendor((enum module)i), "choices",
                      choices_of(r, (enum level)level, most->of[i])));
    }
    return list;
}

static int person_show(struct req *r)
{
    struct levels now, most;
    json_t *member, *off;
    bool primary, ignored, self = req_arg_id(r, 0) == r->user_id;
    enum db_rc rc = member_find(r->db, r->account_id, req_arg_id(r, 0), &member);

    if (rc == DB_OK)
        rc = member_levels(r->db, r->account_id, req_arg_id(r, 0), &now, &primary);
    if (rc == DB_OK)
        rc = member_levels(r->db, r->account_id, r->user_id, &most, &ignored);
    if (rc == DB_OK)
        rc = member_modules_off(r->db, r->account_id, &off);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    return reply_page(
        r, 200, "accounts/person",
        json_pack("{s:O,s:o,s:o,s:b,s:b,s:b,s:b}", "person", member, "modules",
                  modules_list(r, &now, &most, off), "presets", presets_list(r, preset_name(&now)),
                  "can_set", can_change(r) && !primary && !self, "is_self", self,
                  "can_hand_over", is_primary(r) && !primary, "is_all", primary));
}

static int person_set(struct req *r)
{
    struct levels levels = { 0 };
    bool primary;
    enum db_rc rc =
        member_levels(r->db, r->account_id, req_arg_id(r, 0), &levels, &primary);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    for (int i = MOD_NONE + 1; i < MODULES; i++)
        for (int k = 0; k <= LEVEL_CHANGE; k++)
            if (req_is(r, module_name((enum module)i), level_names[k]))
                levels.of[i] = (enum level)k;
    return reply_outcome(r, member_levels_set(r->db, &r->actor, req_arg_id(r, 0), &levels),
                         0);
}

/* The preset of the form, within what the one who gives it has. */
static struct levels preset_of(struct req *r)
{
    struct levels levels = { 0 }, most;
    bool primary;

    if (!levels_preset(req_text(r, "preset"), &levels) ||
        member_levels(r->db, r->account_id, r->user_id, &most, &primary) != DB_OK)
        return (struct levels) { 0 };
    return levels_within(levels, &most);
}

static int person_preset(struct req *r)
{
    const struct levels levels = preset_of(r);

    return reply_outcome(r, member_levels_set(r->db, &r->actor, req_arg_id(r, 0), &levels),
                         0);
}

static int person_remove(struct req *r)
{
    return reply_outcome(r, member_remove(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static int person_primary(struct req *r)
{
    return reply_outcome(r, member_hand_over(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static int account_leave(struct req *r)
{
    if (!r->account_id)
        return reply_no_account(r);
    return reply_outcome(r, member_leave(r->db, &r->actor), 0);
}

/* --- letting in --- */

static const char *join_url(struct req *r)
{
    return arena_printf(r->arena, "%s/join", r->origin);
}

static int invite(struct req *r)
{
    const struct levels levels = preset_of(r);
    const struct invitation in = { .mobile = req_text(r, "mobile"),
                                   .name = req_text(r, "name"),
                                   .levels = &levels,
                                   .lang = r->lang,
                                   .url = join_url(r) };
    int64_t id;
    enum db_rc rc = invitation_send(r->db, &r->actor, &in, &id);

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, id);
}

static int invite_again(struct req *r)
{
    enum db_rc rc = invitation_again(r->db, &r->actor, req_arg_id(r, 0), r->lang,
                                     join_url(r));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int invite_back(struct req *r)
{
    return reply_outcome(r, invitation_withdraw(r->db, &r->actor, req_arg_id(r, 0)), 0);
}

static int request_yes(struct req *r)
{
    const struct levels levels = preset_of(r);

    return reply_outcome(r, join_approve(r->db, &r->actor, req_arg_id(r, 0), &levels), 0);
}

static int request_no(struct req *r)
{
    return reply_outcome(
        r, join_refuse(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason")), 0);
}

#define PRESETS "helper seller viewer none"
#define LEVELS "none view change"

static const struct field invite_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "name", FIELD_TEXT, .max = 80 },
    { "preset", FIELD_CHOICE, .required = true, .choices = PRESETS },
    { 0 }
};

static const struct field preset_fields[] = {
    { "preset", FIELD_CHOICE, .required = true, .choices = PRESETS }, { 0 }
};

static const struct field reason_fields[] = {
    { "reason", FIELD_TEXT, .required = true, .max = 300 }, { 0 }
};

/* What is left out stays as it is. */
static const struct field level_fields[] = {
    { "requirements", FIELD_CHOICE, .choices = LEVELS },
    { "orders", FIELD_CHOICE, .choices = LEVELS },
    { "inventory", FIELD_CHOICE, .choices = LEVELS },
    { "customizations", FIELD_CHOICE, .choices = LEVELS },
    { "catalog", FIELD_CHOICE, .choices = LEVELS },
    { "customer_orders", FIELD_CHOICE, .choices = LEVELS },
    { "pos", FIELD_CHOICE, .choices = LEVELS },
    { "quick_pay", FIELD_CHOICE, .choices = LEVELS },
    { "cash_register", FIELD_CHOICE, .choices = LEVELS },
    { "reports", FIELD_CHOICE, .choices = LEVELS },
    { "users", FIELD_CHOICE, .choices = LEVELS },
    { 0 }
};

const struct route people_routes[] = {
    { GET, "/account/users", MOD_USERS, VIEW, people_show, NULL,
      "Who is in the account, invited, or asks to be let in" },
    { POST, "/account/users", MOD_USERS, CHANGE, invite, invite_fields,
      "Invites a mobile number", .form = people_show, .done = "/account/users",
      .said = "people.invited" },
    { GET, "/account/users/{id}", MOD_USERS, VIEW, person_show, NULL,
      "What one user may do, module by module" },
    { POST, "/account/users/{id}", MOD_USERS, CHANGE, person_set, level_fields,
      "Sets what a secondary user may do", .form = person_show,
      .done = "/account/users/{1}", .said = "people.saved" },
    { POST, "/account/users/{id}/preset", MOD_USERS, CHANGE, person_preset, preset_fields,
      "Sets one of the three sets of permissions, or none", .form = person_show,
      .done = "/account/users/{1}", .said = "people.saved" },
    { POST, "/account/users/{id}/remove", MOD_USERS, CHANGE, person_remove, NULL,
      "Takes a secondary user out", .form = person_show, .done = "/account/users",
      .said = "people.removed" },
    { POST, "/account/users/{id}/primary", MOD_USERS, CHANGE, person_primary, NULL,
      "Hands the primary user's role over", .form = person_show, .done = "/account/users",
      .said = "people.handed_over" },
    { POST, "/account/leave", MOD_NONE, SIGNED_IN, account_leave, NULL,
      "Leaves the account", .form = NULL, .done = "/accounts", .said = "people.left" },
    { POST, "/account/invitations/{id}/again", MOD_USERS, CHANGE, invite_again, NULL,
      "Sends an invitation again", .form = people_show, .done = "/account/users",
      .said = "people.invited" },
    { POST, "/account/invitations/{id}/withdraw", MOD_USERS, CHANGE, invite_back, NULL,
      "Takes an invitation back", .form = people_show, .done = "/account/users",
      .said = "people.uninvited" },
    { POST, "/account/requests/{id}/approve", MOD_USERS, CHANGE, request_yes, preset_fields,
      "Lets in who asked", .form = people_show, .done = "/account/users",
      .said = "people.let_in" },
    { POST, "/account/requests/{id}/refuse", MOD_USERS, CHANGE, request_no, reason_fields,
      "Refuses who asked, with a reason", .form = people_show, .done = "/account/users",
      .said = "people.refused" },
    { 0 }
};
