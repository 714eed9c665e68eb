/* Sign up, in and out. A code goes to any number; only whoever has it learns whether the
 * number is a user's. A code is bound to the browser that asked, by a cookie of its own that
 * stays: a browser that signed in with a number is known when it asks for that number again,
 * and what strangers ask for doesn't count there. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/hasher.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/password.h"
#include "db/session.h"
#include "db/signin.h"
#include "server/http/body.h"
#include "server/http/header.h"
#include "server/jobs/worker.h"

#include <sodium.h>
#include <string.h>

enum { PENDING_SECONDS = 15 * 60, DEVICE_SECONDS = 400 * 86400 };
enum { TOKEN_SIZE = 43, PROOF_SIZE = 22 };

static const char *cookie_of(struct req *r, const char *name)
{
    return cookie_find(r->arena, req_header(r, "Cookie"),
                       arena_printf(r->arena, "%s%s", r->app->secure ? "__Host-" : "", name));
}

static const char *pending_cookie(struct req *r)
{
    const char *value = cookie_of(r, "pending");

    return value && strlen(value) > 45 && strlen(value) < 2000 ? value : NULL;
}

/* "<token>" or "<token>.<proof>": the proof, by our key, that this browser signed in with the
 * number. It lets nobody in. */
static const char *device_proof(struct req *r, const char *token, const char *mobile)
{
    crypto_generichash_state state;
    unsigned char mac[16];

    crypto_generichash_init(&state, r->app->key, sizeof r->app->key, sizeof mac);
    crypto_generichash_update(&state, (const unsigned char *)"device", 6);
    crypto_generichash_update(&state, (const unsigned char *)token, TOKEN_SIZE);
    crypto_generichash_update(&state, (const unsigned char *)mobile, strlen(mobile));
    crypto_generichash_final(&state, mac, sizeof mac);
    return text_base64url(r->arena, mac, sizeof mac);
}

/* The browser's token, given to it when it has none; whether it is known for the number. */
static const char *device_token(struct req *r, const char *mobile, bool *known)
{
    const char *value = cookie_of(r, "device"), *proof;
    unsigned char unused[32];
    size_t n = value ? strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_")
                     : 0;

    *known = false;
    if (n != TOKEN_SIZE) {
        value = req_token(r, unused);
        reply_cookie(r, "device", value, DEVICE_SECONDS);
        return value;
    }
    proof = device_proof(r, value, mobile);
    *known = value[n] == '.' && strlen(value + n + 1) == PROOF_SIZE &&
             sodium_memcmp(value + n + 1, proof, PROOF_SIZE) == 0;
    return arena_dupn(r->arena, value, n);
}

/* "<token>.<number>.<coded path>": what a code that was sent needs to be checked. */
struct pending {
    unsigned char browser[32];
    const char *token, *mobile, *to;
};

static const char *path_back(struct req *r, const char *coded)
{
    size_t n = strlen(coded), len;
    char *to = arena_alloc(r->arena, n + 1, 1);

    if (sodium_base642bin((unsigned char *)to, n, coded, n, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return "/";
    return text_valid(to, len) ? path_own(to) : "/";
}

static bool pending_read(struct req *r, struct pending *p)
{
    const char *value = pending_cookie(r), *dot = value ? strchr(value, '.') : NULL, *end;

    if (!dot || !(end = strchr(dot + 1, '.')))
        return false;
    if (dot - value != TOKEN_SIZE)
        return false;
    p->token = arena_dupn(r->arena, value, TOKEN_SIZE);
    token_hash(p->token, p->browser);
    p->mobile = text_mobile(r->arena, arena_printf(r->arena, "+%.*s", (int)(end - dot - 1),
                                                   dot + 1));
    p->to = path_back(r, end + 1);
    return p->mobile != NULL;
}

static enum db_rc code_send(struct req *r, const char *mobile, const char *purpose,
                            const char *to, const json_t *details)
{
    unsigned char browser[32];
    bool known;
    const char *token = device_token(r, mobile, &known);
    struct otp_request o = { .key = r->app->key, .mobile = mobile, .purpose = purpose,
                             .browser = browser, .lang = r->lang, .is_known = known,
                             .address = address_group(r->arena, r->client),
                             .is_again = req_int(r, "again") != 0 };
    enum db_rc rc;

    token_hash(token, browser);
    o.details = details ? json_dumps(details, JSON_COMPACT) : NULL;
    rc = otp_send(r->db, &o);
    if (rc != DB_OK)
        return rc;
    worker_wake(r->app->worker);
    to = path_own(to);
    reply_cookie(r, "pending",
                 arena_printf(r->arena, "%s.%s.%s", token, mobile + 1,
                              text_base64url(r->arena, to, strlen(to))),
                 PENDING_SECONDS);
    return DB_OK;
}

/* On the way to placing an order: nothing is asked that the order doesn't need, and no
 * account is chosen. */
static bool is_ordering(const char *to)
{
    return strncmp(path_own(to), "/cart", 5) == 0;
}

static int signin_form(struct req *r)
{
    const char *to = req_text(r, "to");

    if (r->signed_in && r->method == GET)
        return reply_goto(r, "/", NULL, NULL);
    return reply_page(r, 200, "access/signin",
                      json_pack("{s:{s:s},s:b}", "f", "to", to, "is_ordering",
                                is_ordering(to)));
}

static int signin_send(struct req *r)
{
    enum db_rc rc = code_send(r, req_text(r, "mobile"), "signin", req_text(r, "to"), NULL);

    return reply_outcome(r, rc, 0);
}

static int signup_form(struct req *r)
{
    const char *to = req_text(r, "to");

    return reply_page(r, 200, "access/signup",
                      json_pack("{s:{s:s,s:s},s:b}", "f", "to", to, "lang", r->lang,
                                "is_ordering", is_ordering(to)));
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
                      json_pack("{s:s,s:s,s:s,s:b}", "mobile", p.mobile, "to",
                                strcmp(p.to, "/") ? p.to : "", "verify_path",
                                r->route->path, "is_signup",
                                strcmp(r->route->path, "/signup/verify") == 0));
}

static struct signin signin_of(struct req *r, const unsigned char hash[32])
{
    return (struct signin){ .token_hash = hash, .session_id = r->session_id,
                            .session_user = r->user_id, .address = r->client,
                            .agent = req_header(r, "User-Agent") };
}

/* Goes on to `to`, by way of the accounts when there is something to choose. */
static int user_in(struct req *r, const struct signin *s, const char *token, const char *to)
{
    struct buf path = buf_new(r->arena, 64, 4096);
    bool is_new = strcmp(r->route->path, "/signup/verify") == 0;

    log_info("signed in user=%lld client=%s", (long long)s->user_id, r->client);
    req_session_cookie(r, token);
    reply_cookie(r, "pending", "", 0);
    to = path_own(to);
    /* Who has just signed up is in the only one because it invited them. */
    if (s->accounts == 1 && s->invitations == 0)
        return reply_goto(r, to, is_new && s->account_name ? "join.welcome" : NULL,
                          json_pack("{s:s?}", "account", s->account_name));
    buf_puts(&path, strcmp(to, "/") ? "/accounts?to=" : "/accounts");
    buf_url(&path, to, strcmp(to, "/") ? strlen(to) : 0);
    return reply_goto(r, buf_str(&path), NULL, NULL);
}

int access_enter(struct req *r, int64_t user_id, const char *to)
{
    unsigned char hash[32];
    const char *token = req_token(r, hash);
    struct signin s = signin_of(r, hash);
    enum db_rc rc = signin_as(r->db, &s, user_id);

    return rc == DB_OK ? user_in(r, &s, token, to) : reply_outcome(r, rc, 0);
}

/* Who proved the number, but is not in (yet): says so, without the form. */
static int not_in(struct req *r, enum db_rc rc)
{
    const struct refusal *no = rc == DB_REFUSED ? db_refusal(r->db) : NULL;

    log_warn("sign-in refused client=%s why=%s", r->client, no ? no->key : "failure");
    if (!no || no->status != 403 || r->wants_json)
        return reply_outcome(r, rc, 0);
    reply_cookie(r, "pending", "", 0);
    return reply_page(r, 403, "access/wait",
                      json_pack("{s:s,s:b}", "says", req_say(r, no->key, no->args), "waits",
                                strcmp(no->key, "refusal.user_waiting") == 0));
}

static int verify(struct req *r)
{
    unsigned char hash[32];
    const char *token = req_token(r, hash);
    struct pending p;
    struct signin s = signin_of(r, hash);
    enum db_rc rc;

    if (!pending_read(r, &p))
        return reply_goto(r, "/signin", "signin.again", NULL);
    s.code = (struct otp_try){ .key = r->app->key, .browser = p.browser, .mobile = p.mobile,
                               .code = req_text(r, "code") };
    s.needs_account = is_ordering(p.to);
    rc = signin_finish(r->db, &s);
    if (rc != DB_OK)
        return not_in(r, rc);
    reply_cookie(r, "device",
                 arena_printf(r->arena, "%s.%s", p.token, device_proof(r, p.token, p.mobile)),
                 DEVICE_SECONDS);
    return user_in(r, &s, token, p.to);
}

static int password_form(struct req *r)
{
    if (r->signed_in && r->method == GET)
        return reply_goto(r, "/", NULL, NULL);
    return reply_page(r, 200, "access/password",
                      json_pack("{s:{s:s}}", "f", "to", req_text(r, "to")));
}

/* The same words and the same work whether the number is a user's, has a password, or
 * neither: the try is counted and a hash compared first. */
static int password_enter(struct req *r)
{
    const char *mobile = req_text(r, "mobile"), *hash, *token;
    unsigned char session[32];
    struct signin s;
    enum hasher_rc right;
    enum db_rc rc =
        password_try(r->db, mobile, address_group(r->arena, r->client), &hash);

    if (rc != DB_OK)
        return not_in(r, rc);
    db_release(r->db);
    right = hasher_verify(r->app->hasher, hash, req_text(r, "password"));
    if (right == HASHER_BUSY)
        return reply_error(r, 503);
    if (right == HASHER_WRONG)
        return not_in(r, db_refuse(r->db, 422, "password", "refusal.password_wrong", NULL));
    token = req_token(r, session);
    s = signin_of(r, session);
    rc = signin_by_password(r->db, &s, mobile, hash);
    return rc == DB_OK ? user_in(r, &s, token, req_text(r, "to")) : not_in(r, rc);
}

static int signout(struct req *r)
{
    if (session_end(r->db, r->session_id, r->user_id) == DB_ERR)
        return reply_error(r, 500);
    log_info("signed out user=%lld client=%s", (long long)r->user_id, r->client);
    reply_cookie(r, "session", "", 0);
    reply_header(r, "Clear-Site-Data", "\"cache\", \"storage\"");
    return reply_goto(r, "/signin", "signin.out", NULL);
}

static const struct field to_fields[] = { { "to", FIELD_TEXT, .max = 500 }, { 0 } };

static const struct field signin_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "to", FIELD_TEXT, .max = 500 },
    { "again", FIELD_BOOL },
    { 0 }
};

static const struct field password_fields[] = {
    { "mobile", FIELD_MOBILE, .required = true },
    { "password", FIELD_TEXT, .required = true },
    { "to", FIELD_TEXT, .max = 500 },
    { 0 }
};

static const struct field signup_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 80 },
    { "mobile", FIELD_MOBILE, .required = true },
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
    { GET, "/signin/password", MOD_NONE, PUBLIC, password_form, to_fields,
      "The form to sign in with a password" },
    { POST, "/signin/password", MOD_NONE, PUBLIC, password_enter, password_fields,
      "Signs in with a password", .form = password_form },
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
