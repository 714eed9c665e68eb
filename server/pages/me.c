/* The user: their password, the way to another number, and where they are signed in. */
#include "server/pages/pages.h"

#include "db/base/hasher.h"
#include "db/number.h"
#include "db/password.h"
#include "db/session.h"
#include "db/user.h"
#include "server/http/header.h"
#include "server/jobs/worker.h"

#include <string.h>

/* --- where they are signed in --- */

/* The first name that the browser's own words hold. */
static const char *named(const char *agent, const char *const (*names)[2])
{
    for (; (*names)[0]; names++)
        if (strstr(agent, (*names)[0]))
            return (*names)[1];
    return "";
}

/* "Chrome, Android", as far as it can be told. */
static const char *agent_words(struct req *r, const char *agent)
{
    static const char *const browsers[][2] = {
        { "Edg", "Edge" },       { "OPR/", "Opera" },     { "SamsungBrowser", "Samsung" },
        { "Firefox", "Firefox" }, { "Chrom", "Chrome" },  { "Safari", "Safari" },
        { "curl", "curl" },      { NULL, NULL }
    };
    static const char *const systems[][2] = {
        { "Android", "Android" }, { "iPhone", "iPhone" },  { "iPad", "iPad" },
        { "Windows", "Windows" }, { "Mac OS", "Mac" },     { "KAIOS", "KaiOS" },
        { "Linux", "Linux" },     { NULL, NULL }
    };
    const char *browser = named(agent, browsers), *system = named(agent, systems);

    return *browser && *system ? arena_printf(r->arena, "%s, %s", browser, system)
           : *browser          ? browser
                               : system;
}

static json_t *sessions_list(struct req *r)
{
    json_t *rows, *row;
    size_t i;

    if (session_list(r->db, r->user_id, &rows) != DB_OK)
        return NULL;
    json_array_foreach(rows, i, row)
    {
        const char *agent = json_string_value(json_object_get(row, "agent"));
        bool current = json_integer_value(json_object_get(row, "id")) == r->session_id;

        json_object_set_new(row, "device", json_string(agent_words(r, agent ? agent : "")));
        json_object_set_new(row, "is_current", json_boolean(current));
    }
    return json_incref(rows);
}

static int me_show(struct req *r)
{
    json_t *user, *sessions = sessions_list(r);
    bool fresh;
    enum db_rc rc = user_find(r->db, r->user_id, &user);

    if (rc != DB_OK || !sessions)
        return reply_error(r, 500);
    fresh = session_is_fresh(r->db, r->session_id) == DB_OK;
    return reply_page(
        r, 200, "accounts/me",
        json_pack("{s:O,s:o,s:o,s:b,s:b,s:b}", "user", user, "f", json_copy(user), "sessions",
                  sessions, "is_removing",
                  r->error_count > 0 && strcmp(r->path, "/me/password/remove") == 0,
                  "has_others", json_array_size(sessions) > 1, "needs_current",
                  json_is_true(json_object_get(user, "has_password")) && !fresh));
}

static int me_save(struct req *r)
{
    const struct user_details d = { .name = req_text(r, "name"),
                                    .address = req_text(r, "address"),
                                    .makes = req_text(r, "makes") };

    return reply_outcome(r, user_update(r->db, &r->actor, &d), 0);
}

static int session_stop(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    enum db_rc rc = session_end(r->db, id, r->user_id);

    if (rc == DB_OK && id == r->session_id) {
        reply_cookie(r, "session", "", 0);
        return reply_goto(r, "/signin", "signin.out", NULL);
    }
    return reply_outcome(r, rc, 0);
}

/* All others, or with `here` this one too. */
static int sessions_stop(struct req *r)
{
    bool here = req_int(r, "here") != 0;
    enum db_rc rc = here ? session_end_all(r->db, r->user_id)
                         : session_end_others(r->db, r->user_id, r->session_id);

    if (rc != DB_OK || !here)
        return reply_outcome(r, rc, 0);
    reply_cookie(r, "session", "", 0);
    return reply_goto(r, "/signin", "signin.out", NULL);
}

/* --- the password --- */

/* Whoever only found the browser open must not change it: the present password, or a code
 * entered a moment ago. Tries count like those of signing in. */
static enum db_rc current_check(struct req *r, const char *mobile)
{
    const char *hash;
    enum db_rc rc = password_hash_of(r->db, r->user_id, &hash);

    if (rc != DB_OK || !hash)
        return rc;
    rc = session_is_fresh(r->db, r->session_id);
    if (rc != DB_NONE)
        return rc;
    rc = password_try(r->db, mobile, address_group(r->arena, r->client), &hash);
    if (rc != DB_OK)
        return rc;
    db_release(r->db);
    switch (hasher_verify(r->app->hasher, hash, req_text(r, "current"))) {
    case HASHER_RIGHT: return password_right(r->db, mobile);
    case HASHER_WRONG:
        return db_refuse(r->db, 422, "current", "refusal.current_wrong", NULL);
    case HASHER_BUSY: break;
    }
    return db_refuse(r->db, 429, NULL, "refusal.busy", NULL);
}

static int password_save(struct req *r)
{
    const char *mobile = json_string_value(json_object_get(r->session, "mobile"));
    const char *password = req_text(r, "password");
    char hash[HASHER_TEXT];
    enum db_rc rc = password_check(r->db, password, mobile);

    if (rc == DB_OK)
        rc = current_check(r, mobile);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    db_release(r->db);
    if (!hasher_make(r->app->hasher, password, hash))
        return reply_error(r, 503);
    return reply_outcome(r, password_set(r->db, &r->actor, r->session_id, hash), 0);
}

static int password_remove(struct req *r)
{
    const char *mobile = json_string_value(json_object_get(r->session, "mobile"));
    enum db_rc rc = current_check(r, mobile);

    if (rc == DB_OK)
        rc = password_set(r->db, &r->actor, r->session_id, NULL);
    return reply_outcome(r, rc, 0);
}

/* --- another number --- */

static struct number_request number_request(struct req *r)
{
    return (struct number_request) { r->app->key, r->session_id, r->lang,
                                     address_group(r->arena, r->client) };
}

static int number_start_post(struct req *r)
{
    const struct number_request q = number_request(r);
    enum db_rc rc = number_start(r->db, &r->actor, &q, req_text(r, "mobile"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int number_show(struct req *r)
{
    json_t *row;
    enum db_rc rc = number_find(r->db, &r->actor, r->session_id, &row);

    if (rc == DB_ERR)
        return reply_error(r, 500);
    if (rc == DB_NONE && r->error_count == 0)
        return reply_goto(r, "/me", NULL, NULL);
    return reply_page(r, 200, "accounts/number",
                      json_pack("{s:b,s:O?}", "has_change", rc == DB_OK, "change", row));
}

static int number_prove_post(struct req *r)
{
    const struct number_request q = number_request(r);
    bool done;
    enum db_rc rc = number_prove(r->db, &r->actor, &q, req_text(r, "code"), &done);

    worker_wake(r->app->worker);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    return done ? reply_goto(r, "/me", "me.number_done", NULL)
                : reply_goto(r, "/me/number", "me.number_half", NULL);
}

static int number_again_post(struct req *r)
{
    const struct number_request q = number_request(r);
    enum db_rc rc = number_again(r->db, &r->actor, &q);

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int number_stop_post(struct req *r)
{
    return reply_outcome(r, number_stop(r->db, &r->actor), 0);
}

static const struct field me_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "address", FIELD_LINES, .max = 300 },
    { "makes", FIELD_TEXT, .max = 200 },
    { 0 }
};

static const struct field password_fields[] = {
    { "current", FIELD_TEXT },
    { "password", FIELD_TEXT, .required = true, .max = PASSWORD_MOST },
    { 0 }
};
static const struct field current_fields[] = { { "current", FIELD_TEXT }, { 0 } };
static const struct field here_fields[] = { { "here", FIELD_BOOL }, { 0 } };
static const struct field mobile_fields[] = { { "mobile", FIELD_MOBILE, .required = true },
                                              { 0 } };
static const struct field code_fields[] = { { "code", FIELD_CODE, .required = true }, { 0 } };

const struct route me_routes[] = {
    { GET, "/me", MOD_NONE, SIGNED_IN, me_show, NULL, "The user" },
    { POST, "/me", MOD_NONE, SIGNED_IN, me_save, me_fields,
      "Changes the user's name, address and what they make", .form = me_show, .done = "/me",
      .said = "me.saved" },
    { POST, "/me/password", MOD_NONE, SIGNED_IN, password_save, password_fields,
      "Sets or changes the password", .form = me_show, .done = "/me",
      .said = "me.password_saved" },
    { POST, "/me/password/remove", MOD_NONE, SIGNED_IN, password_remove, current_fields,
      "Removes the password", .form = me_show, .done = "/me", .said = "me.password_gone" },
    { POST, "/me/number", MOD_NONE, SIGNED_IN, number_start_post, mobile_fields,
      "Starts to change the number: sends a code to the old one", .form = me_show,
      .done = "/me/number" },
    { GET, "/me/number", MOD_NONE, SIGNED_IN, number_show, NULL,
      "The form for the code that is awaited" },
    { POST, "/me/number/prove", MOD_NONE, SIGNED_IN, number_prove_post, code_fields,
      "Takes the code of the old number, then that of the new one", .form = number_show },
    { POST, "/me/number/again", MOD_NONE, SIGNED_IN, number_again_post, NULL,
      "Sends the code once more", .form = number_show, .done = "/me/number",
      .said = "me.number_again" },
    { POST, "/me/number/stop", MOD_NONE, SIGNED_IN, number_stop_post, NULL,
      "Keeps the old number", .done = "/me" },
    { POST, "/me/sessions/{id}/end", MOD_NONE, SIGNED_IN, session_stop, NULL,
      "Signs out one browser", .form = me_show, .done = "/me", .said = "me.session_ended" },
    { POST, "/me/sessions/end", MOD_NONE, SIGNED_IN, sessions_stop, here_fields,
      "Signs out all other browsers, or with `here` all", .form = me_show, .done = "/me",
      .said = "me.sessions_ended" },
    { 0 }
};
