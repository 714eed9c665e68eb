/* What every page shows around its content: who is signed in, the menu they may open, the
 * message that the last request left. */
#include "server/http/http.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/notify.h"
#include "server/http/header.h"
#include "server/http/live.h"
#include "server/http/menu.h"

#include <sodium.h>
#include <string.h>

/* The message of the last request; shown once. */
static void flash_add(struct req *r, json_t *page)
{
    const char *name = r->app->secure ? "__Host-flash" : "flash";
    char *coded = r->conn ? cookie_find(r->arena, req_header(r, "Cookie"), name) : NULL;
    const char *text, *undo;
    unsigned char *bytes;
    json_t *flash;
    size_t n;

    if (!coded || !*coded)
        return;
    reply_cookie(r, "flash", "", 0);
    bytes = arena_alloc(r->arena, strlen(coded) + 1, 1);
    if (sodium_base642bin(bytes, strlen(coded), coded, strlen(coded), NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return;
    flash = json_loadb((char *)bytes, n, 0, NULL);
    text = json_string_value(json_object_get(flash, "text"));
    undo = json_string_value(json_object_get(flash, "undo"));
    if (undo && (undo[0] != '/' || undo[1] == '/' || undo[1] == '\\'))
        return; /* a cookie that somebody else set: no form leads away from here */
    if (text)
        json_object_set_new(page, "flash",
                            json_pack("{s:s,s:s?}", "text", text, "undo", undo));
}

static void accounts_add(struct req *r, json_t *page)
{
    json_t *accounts, *one;
    size_t i;

    if (r->account_id && row_true(r->session, "is_only"))
        accounts = json_pack("[{s:I,s:O}]", "id", (json_int_t)r->account_id, "name",
                             json_object_get(r->session, "account_name"));
    else if (!r->user_id || account_list_of_user(r->db, r->user_id, &accounts) != DB_OK)
        return;
    json_array_foreach(accounts, i, one)
    {
        bool current = row_int(one, "id") == r->account_id;

        json_object_set_new(one, "is_current", json_boolean(current));
    }
    json_object_set_new(page, "accounts", accounts);
    if (r->account_id)
        json_object_set_new(page, "account",
                            json_pack("{s:I,s:O}", "id", (json_int_t)r->account_id, "name",
                                      json_object_get(r->session, "account_name")));
}

/* The other language to read in; NULL when only one is offered. */
static json_t *language_other(const struct req *r)
{
    const char *const *all = text_languages(r->app->templates);
    bool hindi = strcmp(r->lang, "hi") == 0;
    const char *other = hindi ? "en" : "hi";

    for (const char *const *code = live_languages(r->app->live, all); *code; code++)
        if (strcmp(*code, other) == 0)
            return json_pack("{s:s,s:s}", "code", other, "name",
                             hindi ? "English" : "हिन्दी");
    return NULL;
}

/* Every page has these: no packing, no checking of our own words. */
static void own_add(json_t *object, const char *key, const char *text)
{
    json_object_set_new_nocheck(object, key, json_string_nocheck(text));
}

json_t *view_public(struct req *r, const char *path)
{
    const struct app *app = r->app;
    json_t *page = json_object(), *other = language_other(r);

    own_add(page, "lang", r->lang);
    own_add(page, "name", live_name(app->live));
    own_add(page, "css_url", app->css_url);
    own_add(page, "js_url", app->js_url);
    own_add(page, "icons_url", app->icons_url);
    own_add(page, "csrf", "");
    json_object_set_new(page, "path", json_string(path));
    if (other)
        json_object_set_new(page, "lang_other", other);
    return page;
}

void view_style(struct req *r, json_t *page)
{
    json_object_set_new(page, "css", json_string_nocheck(r->app->css));
}

static void unread_add(struct req *r, json_t *page)
{
    int64_t n = row_int(r->session, "unread_count");

    json_object_set_new(page, "unread",
                        n >= NOTIFY_MOST ? json_string("99+") : json_integer(n));
}

/* Where this page is asked for again: what was posted has no page of its own, but the form
 * stood on one. */
static const char *page_path(const struct req *r)
{
    const char *from = r->conn ? req_header(r, "Referer") : NULL;
    size_t n = strlen(r->origin);

    if (r->method != POST)
        return r->target;
    return from && strncmp(from, r->origin, n) == 0 && from[n] == '/' ? from + n : "/";
}

json_t *view_page(struct req *r)
{
    unsigned char once[12];
    json_t *page = view_public(r, page_path(r));

    randombytes_buf(once, sizeof once);
    own_add(page, "csrf", r->csrf ? r->csrf : "");
    own_add(page, "once", text_hex(r->arena, once, sizeof once));
    json_object_set_new(page, "signed_in", json_boolean(r->signed_in));
    json_object_set_new(page, "is_admin", json_boolean(r->is_admin));
    unread_add(r, page);
    if (r->reply.csp)
        view_style(r, page);
    if (r->signed_in)
        json_object_set_new(page, "user",
                            json_pack("{s:O}", "name", json_object_get(r->session, "user_name")));
    accounts_add(r, page);
    menu_add(r, page);
    flash_add(r, page);
    return page;
}
