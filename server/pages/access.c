/* Sign up, in and out. A code goes to any number; only whoever has it learns whether the
 * number is a user's. The browser that asked is known by a cookie of its own, which the code
 * is bound to. */
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/otp.h"
#include "db/session.h"
#include "db/user.h"
#include "server/http/body.h"
#include "server/http/header.h"
#include "server/jobs/worker.h"

#include <sodium.h>
#include <string.h>

enum { PENDING_SECONDS = 15 * 60, PATH_MOST = 1000 };

/* Where to go afterwards: a path of ours that a cookie has room for, or home. */
static const char *safe_to(const char *to)
{
    bool ours = to[0] == '/' && to[1] != '/' && to[1] != '\\';

    return ours && strcspn(to, "\r\n\\") == strlen(to) && strlen(to) <= PATH_MOST ? to
                                                                                : "/";
}

static const char *pending_cookie(struct req *r)
{
    const char *value = cookie_find(r->arena, req_header(r, "Cookie"),
                                    r->app->secure ? "__Host-pending" : "pending");

    return value && strlen(value) > 45 && strlen(value) < 2000 ? value : NULL;
}

/* "<token>.<number>.<coded path>": what a code that was sent needs to be checked. */
struct pending {
    unsigned char browser[32];
    const char *mobile, *to;
};

static const char *path_back(struct req *r, const char *coded)
{
    size_t n = strlen(coded), len;
    char *to = arena_alloc(r->arena, n + 1, 1);

    if (sodium_base642bin((unsigned char *)to, n, coded, n, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return "/";
    return text_valid(to, len) ? safe_to(to) : "/";
}

static bool pending_read(struct req *r, struct pending *p)
{
    const char *value = pending_cookie(r), *dot = value ? strchr(value, '.') : NULL, *end;

    if (!dot || !(end = strchr(dot + 1, '.')))
        return false;
    token_hash(arena_dupn(r->arena, value, (size_t)(dot - value)), p->browser);
    p->mobile = text_mobile(r->arena, arena_printf(r->arena, "+%.*s", (int)(end - dot - 1),
                                                   dot + 1));
    p->to = path_back(r, end + 1);
    return p->mobile != NULL;
}

static enum db_rc code_send(struct req *r, const char *mobile, const char *purpose,
                            const char *to, const json_t *details)
{
    unsigned char browser[32];
    const char *token = req_token(r, browser);
    struct otp_request o = { .key = r->app->key, .mobile = mobile, .purpose = purpose,
                             .browser = browser, .lang = r->lang, .address = r->client };
    enum db_rc rc;

    o.details = details ? json_dumps(details, JSON_COMPACT) : NULL;
    rc = otp_send(r->db, &o);
    if (rc != DB_OK)
        return rc;
    worker_wake(r->app->worker);
    to = safe_to(to);
    reply_cookie(r, "pending",
                 arena_printf(r->arena, "%s.%s.%s", token, mobile + 1,
                              text_base64url(r->arena, to, strlen(to))),
                 PENDING_SECONDS);
    return DB_OK;
}

static int signin_form(struct req *r)
{
    if (r->signed_in && r->method == GET)
        return reply_goto(r, "/", NULL, NULL);
    return reply_page(r, 200, "access/signin",
                      json_pack("{s:{s:s}}", "f", "to", req_text(r, "to")));
}

static int signin_send(struct req *r)
{
    enum db_rc rc = code_send(r, req_text(r, "mobile"), "signin", req_text(r, "to"), NULL);

    return reply_outcome(r, rc, 0);
}

static int signup_form(struct req *r)
{
    return reply_page(r, 200, "access/signup",
                      json_pack("{s:{s:s,s:s}}", "f", "to", req_text(r, "to"), "lang",
                                r->lang));
}

static int signup_send(struct req *r)
{
    json_t *details = json_pack("{s:s,s:s,s:s,s:s}", "name", req_text(r, "name"), "lang",
                                req_text(r, "lang"), "address", req_text(r, "address"),
                                "makes", req_text(r, "makes"));
    enum db_rc rc = code_send(r, req_text(r, "mobile"), "signup", req_text(r, "to"), details);

    return reply_outcome(r, rc, 0);
}

/* "+91 98••• ••210": enough to see a mistake, not enough to tell others. */
static int verify_form(struct req *r)
{
    struct pending p;

    if (!pending_read(r, &p))
        return reply_goto(r, "/signin", "signin.again", NULL);
    return reply_page(r, 200, "access/verify",
                      json_pack("{s:s,s:s}", "mobile", p.mobile, "verify_path",
                                r->route->path));
}

/* Signs in, enters the only account there is, and goes on. */
static int user_enter(struct req *r, int64_t user_id, const struct pending *p)
{
    int64_t visitor = r->signed_in ? 0 : r->session_id, session;
    unsigned char hash[32];
    const char *token = req_token(r, hash);
    json_t *accounts = NULL;

    if (session_start(r->db, hash, user_id, visitor, req_header(r, "User-Agent"), r->client,
                      &session) != DB_OK)
        return reply_error(r, db_full(r->db) ? 503 : 500);
    if (r->signed_in && session_end(r->db, r->session_id, r->user_id) == DB_ERR)
        return reply_error(r, 500);
    req_session_cookie(r, token);
    reply_cookie(r, "pending", "", 0);
    if (account_list_of_user(r->db, user_id, &accounts) != DB_OK)
        return reply_error(r, 500);
    if (json_array_size(accounts) != 1) {
        struct buf path = buf_new(r->arena, 64, 4096);

        buf_puts(&path, strcmp(p->to, "/") ? "/accounts?to=" : "/accounts");
        buf_url(&path, p->to, strcmp(p->to, "/") ? strlen(p->to) : 0);
        return reply_goto(r, buf_str(&path), NULL, NULL);
    }
    if (session_enter_account(r->db, session, user_id,
                              row_int(json_array_get(accounts, 0), "id")) != DB_OK)
        return reply_error(r, 500);
    return reply_goto(r, p->to, NULL, NULL);
}

static enum db_rc user_of(struct req *r, const char *mobile, const char *purpose,
                          const char *details, int64_t *user_id)
{
    json_t *row, *given = json_loads(details, 0, NULL);
    struct user_details d = { .mobile = mobile };
    enum db_rc rc;

    *user_id = 0;
    if (strcmp(purpose, "signup") == 0) {
        d.name = row_text(given, "name");
        d.lang = row_text(given, "lang");
        d.address = row_text(given, "address");
        d.makes = row_text(given, "makes");
        rc = user_create(r->db, &d, user_id);
        if (rc != DB_OK)
            return rc;
    }
    rc = user_by_mobile(r->db, mobile, &row);
    if (rc == DB_NONE)
        return db_refuse(r->db, 422, NULL, "refusal.not_registered", NULL);
    if (rc != DB_OK)
        return rc;
    if (strcmp(row_text(row, "state"), "waiting") == 0)
        return db_refuse(r->db, 403, NULL, "refusal.user_waiting", NULL);
    if (strcmp(row_text(row, "state"), "active") != 0)
        return db_refuse(r->db, 403, NULL, "refusal.user_suspended", NULL);
    *user_id = row_int(row, "id");
    return DB_OK;
}

static int verify(struct req *r)
{
    const char *purpose, *details;
    struct pending p;
    int64_t user_id;
    enum db_rc rc;

    if (!pending_read(r, &p))
        return reply_goto(r, "/signin", "signin.again", NULL);
    rc = otp_check(r->db, r->app->key, p.mobile, p.browser, req_text(r, "code"), &purpose,
                   &details);
    if (rc == DB_OK)
        rc = user_of(r, p.mobile, purpose, details, &user_id);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    return user_enter(r, user_id, &p);
}

static int signout(struct req *r)
{
    if (session_end(r->db, r->session_id, r->user_id) == DB_ERR)
        return reply_error(r, 500);
    reply_cookie(r, "session", "", 0);
    reply_header(r, "Clear-Site-Data", "\"cache\", \"storage\"");
    return reply_goto(r, "/signin", "signin.out", NULL);
}

static const struct field to_fields[] = { { "to", FIELD_TEXT, .max = 500 }, { 0 } };

static const struct field signin_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "to", FIELD_TEXT, .max = 500 },
    { 0 }
};

static const struct field signup_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "lang", FIELD_CHOICE, .required = true, .choices = "en hi" },
    { "address", FIELD_LINES, .max = 300 },
    { "makes", FIELD_TEXT, .max = 200 },
    { "to", FIELD_TEXT, .max = 500 },
    { 0 }
};

static const struct field verify_fields[] = { { "code", FIELD_CODE, .required = true }, { 0 } };

const struct route access_routes[] = {
    { GET, "/signin", MOD_NONE, PUBLIC, signin_form, to_fields, "The form to sign in" },
    { POST, "/signin", MOD_NONE, PUBLIC, signin_send, signin_fields,
      "Sends a one-time code to a mobile number", .form = signin_form,
      .done = "/signin/verify" },
    { GET, "/signin/verify", MOD_NONE, PUBLIC, verify_form, NULL, "The form for the code" },
    { POST, "/signin/verify", MOD_NONE, PUBLIC, verify, verify_fields,
      "Signs in with the code", .form = verify_form },
    { GET, "/signup", MOD_NONE, PUBLIC, signup_form, to_fields, "The form to sign up" },
    { POST, "/signup", MOD_NONE, PUBLIC, signup_send, signup_fields,
      "Asks for access; sends a one-time code", .form = signup_form,
      .done = "/signup/verify" },
    { GET, "/signup/verify", MOD_NONE, PUBLIC, verify_form, NULL, "The form for the code" },
    { POST, "/signup/verify", MOD_NONE, PUBLIC, verify, verify_fields,
      "Makes the user and signs in", .form = verify_form },
    { POST, "/signout", MOD_NONE, SIGNED_IN, signout, NULL, "Signs out" },
    { 0 }
};
