/* The way of a request: route, session, permission, same origin, fields, one-time key,
 * handler. The route table says everything; nothing here knows a page. */
#include "server/http/http.h"

#include "db/base/log.h"
#include "db/token.h"
#include "server/http/limit.h"
#include "server/http/seen.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_REQUESTS = 600, WRONG_TOKENS = 120 }; /* a minute */

/* One segment of a pattern against one of the path; fills an argument. */
static bool segment_matches(struct req *r, const char *pattern, size_t n, const char *text,
                            size_t len)
{
    char *value;

    if (*pattern != '{')
        return n == len && memcmp(pattern, text, n) == 0;
    value = path_decode(r->arena, text, len);
    if (!value || !*value || r->arg_count >= REQ_ARGS)
        return false;
    if (n == 4 && memcmp(pattern, "{id}", 4) == 0 &&
        (strspn(value, "0123456789") != strlen(value) || strlen(value) > 18 ||
         *value == '0'))
        return false;
    r->args[r->arg_count++] = value;
    return true;
}

static bool path_matches(struct req *r, const char *pattern)
{
    const char *path = r->path;

    r->arg_count = 0;
    while (*pattern == '/' && *path == '/') {
        size_t n = strcspn(++pattern, "/"), len = strcspn(++path, "/");

        if (!segment_matches(r, pattern, n, path, len))
            return false;
        pattern += n;
        path += len;
    }
    return !*pattern && !*path;
}

/* The route of this method and path; `*other` tells that the path has another method. */
static const struct route *route_find(struct req *r, bool *other)
{
    *other = false;
    for (const struct route *const *table = r->app->routes; *table; table++)
        for (const struct route *t = *table; t->path; t++)
            if (path_matches(r, t->path)) {
                if (t->method == r->method)
                    return t;
                *other = true;
            }
    return NULL;
}

/* A token opens what has a permission of its own, and what anyone may look at. */
static int token_status(const struct req *r)
{
    const struct route *t = r->route;

    if (t->level == ADMIN)
        return 404;
    if (t->level == PUBLIC && t->method == GET)
        return 0;
    if (t->module == MOD_NONE)
        return 403;
    return (int)req_level(r, t->module) >= (t->level == PUBLIC ? CHANGE : t->level) ? 0 : 403;
}

/* 0, or the status of a refusal. What a person may not see is not there. */
static int access_status(struct req *r)
{
    const struct route *t = r->route;

    if (r->via_token)
        return token_status(r);
    if (t->level == PUBLIC)
        return 0;
    if (!r->signed_in)
        return 401;
    if (t->level == ADMIN)
        return r->is_admin ? 0 : 404;
    if (t->level == SIGNED_IN)
        return 0;
    if (!r->account_id)
        return 409;
    return (int)req_level(r, t->module) >= t->level ? 0 : 403;
}

static int body_status(enum body_rc rc)
{
    switch (rc) {
    case BODY_OK: return 0;
    case BODY_TOO_LARGE:
    case BODY_TOO_MANY: return 413;
    case BODY_SHORT: return 408;
    case BODY_FAILED: return 503;
    case BODY_UNKNOWN: return 415;
    case BODY_MALFORMED: break;
    }
    return 400;
}

/* Of the path, the names and values: the same request has the same digest. */
static void digest_of(struct req *r, const json_t *json, unsigned char out[16])
{
    crypto_generichash_state state;
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    crypto_generichash_init(&state, NULL, 0, 16);
    crypto_generichash_update(&state, (const unsigned char *)r->path, strlen(r->path));
    if (text)
        crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
    else if (r->form)
        crypto_generichash_update(&state, r->form->digest, BODY_DIGEST);
    crypto_generichash_final(&state, out, 16);
}

/* The one-time key: of the header, or of the form. True when the reply is already made. */
static bool once_begin(struct req *r, const json_t *json)
{
    const char *header = listener_header(r, "Idempotency-Key");
    int64_t made;

    if ((!header && (!r->once || !r->route->done)) || !(r->user_id || r->session_id))
        return false;
    if (header && (strlen(header) > 255 || !*header)) {
        reply_error(r, 400);
        return true;
    }
    r->once_key = arena_printf(r->arena, "%s%lld:%lld:%s%s", header ? "h" : "f",
                               (long long)r->user_id,
                               (long long)(r->token_id ? -r->token_id : r->session_id),
                               header ? header : r->once, header ? "" : r->path);
    digest_of(r, json, r->once_digest);
    switch (db_replayed(r->db, r->once_key, r->once_digest, &made)) {
    case DB_REPLAYED: reply_outcome(r, DB_OK, made); return true;
    case DB_KEY_MISUSED: reply_wrong(r, 409, NULL, "refusal.sent_twice", NULL); return true;
    case DB_FRESH: break;
    }
    db_once(r->db, r->once_key, r->once_digest);
    return false;
}

/* The same request came twice at once: the one that lost, however it noticed, answers like
 * the one that won. */
static void once_settle(struct req *r)
{
    int64_t made;

    if (!r->once_key || r->reply.status < 400 || !db_once_open(r->db))
        return;
    db_release(r->db); /* the winner's commit may be later than what was read here */
    if (db_replayed(r->db, r->once_key, r->once_digest, &made) != DB_REPLAYED)
        return;
    r->reply = (struct reply){ 0 };
    r->error_count = 0;
    reply_outcome(r, DB_OK, made);
}

/* The token and key among the form's own fields. */
static const char *form_text(const struct req *r, const char *name)
{
    const struct part *p = r->form ? form_part(r->form, name) : NULL;

    return p && !p->is_file && *p->value ? p->value : NULL;
}

/* The form was opened in an account, and another tab went over to another one since. */
static bool is_of_other_account(const struct req *r)
{
    const char *acting = form_text(r, "acting");

    return r->route->level >= VIEW && acting &&
           strtoll(acting, NULL, 10) != (long long)r->account_id;
}

static void post_run(struct req *r)
{
    json_t *json = NULL;
    int status = r->route->gate && r->route->gate(r) ? r->reply.status : 0;

    if (status) {
        r->reply.is_close = true;
        return;
    }
    /* A body may drip; few connections to the database are for all. */
    db_release(r->db);
    status = body_status(listener_body(r, &json));
    if (status) {
        r->reply.is_close = true;
        reply_error(r, status);
        return;
    }
    r->once = form_text(r, "once");
    if (!session_may_post(r, r->route)) {
        log_warn("refused cross-site path=%s client=%s", r->route->path, r->client);
        reply_error(r, 403);
        return;
    }
    fields_read(r, json);
    if (is_of_other_account(r))
        reply_wrong(r, 409, NULL, "refusal.other_account",
                    json_pack("{s:O}", "name", json_object_get(r->session, "account_name")));
    else if (r->error_count > 0)
        reply_wrong(r, 422, NULL, NULL, NULL);
    else if (!once_begin(r, json)) {
        r->route->fn(r);
        once_settle(r);
    }
}

static void get_run(struct req *r)
{
    static const struct body_limits limits = { .bytes = 8192, .fields = 40, .name = 60,
                                               .value = 2000 };
    const char *query = strchr(r->target, '?');
    struct form *form = arena_alloc(r->arena, 1, sizeof *form);

    if (query && query_parse(r->arena, query + 1, &limits, form) != BODY_OK) {
        reply_error(r, 400);
        return;
    }
    r->form = form;
    fields_read(r, NULL);
    r->error_count = 0; /* a filter that makes no sense is as good as none */
    r->route->fn(r);
}

/* Requests by tokens are counted: a program that runs wild, or one that guesses. */
static int rate_status(struct req *r)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t who = (uint64_t)r->token_id;
    int wait;

    if (!r->via_token)
        return 0;
    if (r->is_token_bad) {
        crypto_shorthash(hash, (const unsigned char *)r->client, strlen(r->client),
                         r->app->key);
        memcpy(&who, hash, sizeof who);
    }
    if (limit_take(r->app->limit, who, r->is_token_bad ? WRONG_TOKENS : TOKEN_REQUESTS,
                   &wait))
        return r->is_token_bad ? 401 : 0;
    reply_header(r, "Retry-After", arena_printf(r->arena, "%d", wait));
    return 429;
}

void router_run(struct req *r)
{
    bool other;
    int status;

    r->typed = json_object();
    r->csrf = "";
    r->route = route_find(r, &other);
    if (!session_load(r)) {
        reply_error(r, db_full(r->db) ? 503 : 500);
        return;
    }
    status = rate_status(r);
    if (status) {
        r->reply.is_close = r->method == POST;
        reply_error(r, status);
        return;
    }
    if (!r->route) {
        reply_error(r, other ? 405 : 404);
        return;
    }
    status = access_status(r);
    if (status) {
        r->reply.is_close = r->method == POST;
        if (r->signed_in && status != 409)
            log_warn("refused user=%lld route=%s client=%s", (long long)r->user_id,
                     r->route->path, r->client);
        if (status == 409)
            reply_no_account(r);
        else
            reply_error(r, status);
        return;
    }
    if (r->is_unseen && r->token_id && token_seen(r->db, r->token_id) != DB_OK)
        log_warn("token not noted");
    else if (r->is_unseen && r->session_id)
        seen_add(r->app->seen, r->session_id);
    if (r->method == POST)
        post_run(r);
    else
        get_run(r);
}

int64_t req_arg_id(const struct req *r, int i)
{
    return i < r->arg_count ? strtoll(r->args[i], NULL, 10) : 0;
}

const char *req_arg(const struct req *r, int i)
{
    return i < r->arg_count ? r->args[i] : "";
}
