/* Who asks: the session of the cookie, the language, and whether a change may come from
 * this browser. */
#include "server/http/http.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/session.h"
#include "db/token.h"
#include "server/http/header.h"
#include "server/http/live.h"

#include <sodium.h>
#include <string.h>

#define COOKIE_SECONDS (180 * CLOCK_DAY / 1000)
#define API_TOKEN "ivc_"
#define SEEN_EVERY (5 * CLOCK_MINUTE)

void token_hash(const char *token, unsigned char hash[32])
{
    crypto_generichash(hash, 32, (const unsigned char *)token, strlen(token), NULL, 0);
}

const char *req_token(struct req *r, unsigned char hash[32])
{
    unsigned char bytes[32];
    const char *token;

    randombytes_buf(bytes, sizeof bytes);
    token = text_base64url(r->arena, bytes, sizeof bytes);
    token_hash(token, hash);
    return token;
}

const char *req_api_token(struct req *r, unsigned char hash[32])
{
    const char *token = arena_printf(r->arena, "%s%s", API_TOKEN, req_token(r, hash));

    token_hash(token, hash);
    return token;
}

/* The form token: of the session's token, by our key, so that it is nowhere stored. */
static const char *csrf_of(struct req *r, const char *token)
{
    unsigned char mac[16];

    crypto_generichash(mac, sizeof mac, (const unsigned char *)token, strlen(token),
                       r->app->key, sizeof r->app->key);
    return text_base64url(r->arena, mac, sizeof mac);
}

static void session_apply(struct req *r)
{
    const char *zone = json_string_value(json_object_get(r->session, "zone"));

    r->session_id = row_int(r->session, "id");
    r->user_id = row_int(r->session, "user_id");
    r->account_id = row_int(r->session, "account_id");
    r->signed_in = r->user_id != 0;
    r->is_admin = row_true(r->session, "is_admin");
    r->levels = permission_levels(r->session);
    r->actor = (struct actor){ r->user_id, r->account_id, r->client };
    if (zone)
        r->zone = clock_zone_minutes(zone);
}

static const char *cookie_token(struct req *r)
{
    const char *token = cookie_find(r->arena, listener_header(r, "Cookie"),
                                    r->app->secure ? "__Host-session" : "session");

    return token && strlen(token) == 43 ? token : NULL;
}

/* The one chosen, as long as the installation offers it. */
static const char *language_of(struct req *r, const char *chosen)
{
    const char *const *offered =
        live_languages(r->app->live, text_languages(r->app->templates));

    for (const char *const *code = offered; chosen && *code; code++)
        if (strcmp(*code, chosen) == 0)
            return *code;
    return accept_language(listener_header(r, "Accept-Language"), offered);
}

/* Of "Authorization: Bearer ..."; NULL: there is none. */
static const char *bearer_token(const struct req *r)
{
    const char *value = listener_header(r, "Authorization");

    if (!value || (r->route && r->route->is_raw) || strncasecmp(value, "Bearer ", 7) != 0)
        return NULL;
    return value + 7 + strspn(value + 7, " ");
}

/* With a token a cookie counts for nothing. */
static bool token_load(struct req *r, const char *token)
{
    unsigned char hash[32];
    json_t *row = NULL;

    r->via_token = true;
    if (!header_token_list_has(listener_header(r, "Accept"), "text/html"))
        r->wants_json = true;
    token_hash(token, hash);
    if (token_find(r->db, hash, &row) == DB_ERR)
        return false;
    r->is_token_bad = !row;
    if (!row)
        return true;
    r->session = row;
    session_apply(r);
    r->token_id = row_int(r->session, "token_id");
    r->is_unseen = row_int(r->session, "used_ms") + SEEN_EVERY < clock_ms();
    return true;
}

bool session_load(struct req *r)
{
    const char *token = cookie_token(r), *bearer = bearer_token(r), *lang = "";
    unsigned char hash[32];
    json_t *row = NULL;
    bool known = true;

    if (bearer) {
        known = token_load(r, bearer);
        lang = json_string_value(json_object_get(r->session, "lang"));
    } else if (token && !(r->route && r->route->is_raw)) {
        token_hash(token, hash);
        known = session_find(r->db, hash, &row) != DB_ERR;
        if (row) {
            r->session = row;
            r->csrf = csrf_of(r, token);
            session_apply(r);
            lang = json_string_value(json_object_get(row, "lang"));
            if (row_int(r->session, "seen_ms") + SEEN_EVERY < clock_ms())
                r->is_unseen = true;
        }
    }
    r->lang = language_of(r, lang);
    return known;
}

/* The host of "https://host:port/path" or "host:port" is the one that was asked. */
static bool same_host(struct req *r, const char *origin)
{
    const char *host = listener_header(r, "Host");
    const char *at = strstr(origin, "://");

    if (*r->app->public_url && strcmp(origin, r->app->public_url) == 0)
        return true;
    return host && at && strcasecmp(at + 3, host) == 0;
}

bool session_may_post(struct req *r, const struct route *route)
{
    const char *site = listener_header(r, "Sec-Fetch-Site");
    const char *origin = listener_header(r, "Origin");
    const char *header = listener_header(r, "X-CSRF-Token");
    const struct part *field = r->form ? form_part(r->form, "csrf") : NULL;
    const char *given = header ? header : field && !field->is_file ? field->value : "";

    if (route->is_raw || r->via_token)
        return true;
    if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return false;
    if (origin && !same_host(r, origin))
        return false;
    if (!r->session_id || (route->is_kept_form && (site || origin)))
        return true;
    return strlen(given) == strlen(r->csrf) &&
           sodium_memcmp(given, r->csrf, strlen(r->csrf)) == 0;
}

void req_session_cookie(struct req *r, const char *token)
{
    reply_cookie(r, "session", token, COOKIE_SECONDS);
}

enum db_rc req_visitor(struct req *r)
{
    unsigned char hash[32];
    const char *token;
    enum db_rc rc;

    if (r->session_id)
        return DB_OK;
    token = req_token(r, hash);
    rc = session_visitor(r->db, hash, NULL, address_group(r->arena, r->client),
                         &r->session_id);
    if (rc == DB_OK)
        req_session_cookie(r, token);
    return rc;
}

enum level req_level(const struct req *r, enum module module)
{
    return r->levels.of[module];
}
