/* What every page shows around its content: who is signed in, the menu they may open, the
 * message that the last request left. The menu is one table. */
#include "server/http/http.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/notify.h"
#include "server/http/header.h"
#include "server/http/live.h"

#include <sodium.h>
#include <string.h>

struct menu_item {
    const char *group, *key, *href, *icon;
    enum module module;
    int level; /* SIGNED_IN, ADMIN or VIEW of the module */
    bool tab;  /* on the phone's bar, for whom it may be: the first four */
    const char *count; /* of the session's row */
};

static const struct menu_item menu[] = {
    { "nav.sell", "nav.sell_orders", "/sell/orders", "orders", MOD_CUSTOMER_ORDERS, VIEW,
      true, NULL },
    { "nav.sell", "nav.sell_catalog", "/sell/catalog", "shop", MOD_CATALOG, VIEW, true, NULL },
    { "nav.sell", "nav.cash", "/cash", "rupee", MOD_CASH, VIEW, false, NULL },
    { "nav.sell", "nav.sell_settings", "/sell/settings", "settings", MOD_CATALOG, VIEW, false,
      NULL },
    { "nav.stock", "nav.inventory", "/inventory", "box", MOD_INVENTORY, VIEW, true, NULL },
    { "nav.stock", "nav.units", "/settings/units", "tag", MOD_CUSTOMIZATIONS, VIEW, false,
      NULL },
    { "nav.stock", "nav.categories", "/settings/categories", "filter", MOD_CUSTOMIZATIONS,
      VIEW, false, NULL },
    { "nav.stock", "nav.places", "/settings/places", "pickup", MOD_CUSTOMIZATIONS, VIEW,
      false, NULL },
    { "nav.stock", "nav.attributes", "/settings/attributes", "edit", MOD_CUSTOMIZATIONS, VIEW,
      false, NULL },
    { "nav.buy", "nav.home", "/", "home", MOD_NONE, SIGNED_IN, true, NULL },
    { "nav.buy", "nav.search", "/search", "search", MOD_NONE, SIGNED_IN, false, NULL },
    { "nav.buy", "nav.cart", "/cart", "cart", MOD_REQUIREMENTS, VIEW, true, "cart_count" },
    { "nav.buy", "nav.orders", "/orders", "truck", MOD_ORDERS, VIEW, true, NULL },
    { "nav.account", "nav.account_page", "/account", "key", MOD_NONE, SIGNED_IN, false, NULL },
    { "nav.account", "nav.people", "/account/users", "users", MOD_USERS, VIEW, false, NULL },
    { "nav.account", "nav.audit", "/account/audit", "history", MOD_USERS, VIEW, false, NULL },
    { "nav.admin", "nav.admin_home", "/admin", "server", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.requests", "/admin/requests", "check", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.users", "/admin/users", "users", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.accounts", "/admin/accounts", "shop", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.audit", "/admin/audit", "history", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.outbox", "/admin/outbox", "phone", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.jobs", "/admin/jobs", "refresh", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.settings", "/admin/settings", "settings", MOD_NONE, ADMIN, false,
      NULL },
    { "nav.admin", "nav.services", "/admin/services", "link", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.backups", "/admin/backups", "copy", MOD_NONE, ADMIN, false, NULL },
    { "nav.admin", "nav.simulator", "/admin/simulator", "share", MOD_NONE, ADMIN, false,
      NULL },
};

static bool menu_may(const struct req *r, const struct menu_item *m)
{
    if (m->level == ADMIN)
        return r->is_admin;
    if (m->level == SIGNED_IN)
        return r->signed_in;
    return r->account_id && (int)req_level(r, m->module) >= m->level;
}

static json_t *menu_json(const struct req *r, const struct menu_item *m)
{
    size_t n = strlen(m->href);
    bool has_below = n > 1 && strcmp(m->href, "/account") != 0 &&
                     strcmp(m->href, "/admin") != 0;
    bool current = strncmp(r->path, m->href, n) == 0 && (has_below || !r->path[n]);
    json_int_t count = m->count ? row_int(r->session, m->count) : 0;
    json_t *item = json_object();

    /* Every page has a dozen of them: no packing, no checking of our own words. */
    json_object_set_new_nocheck(item, "key", json_string_nocheck(m->key));
    json_object_set_new_nocheck(item, "href", json_string_nocheck(m->href));
    json_object_set_new_nocheck(item, "icon", json_string_nocheck(m->icon));
    json_object_set_new_nocheck(item, "is_current", json_boolean(current));
    json_object_set_new_nocheck(item, "count", json_integer(count));
    return item;
}

static void menu_add(struct req *r, json_t *page)
{
    json_t *nav = json_array(), *tabs = json_array(), *items = NULL, *item;
    const char *group = NULL;

    for (size_t i = 0; i < sizeof menu / sizeof *menu; i++) {
        const struct menu_item *m = &menu[i];

        if (!menu_may(r, m))
            continue;
        if (!group || strcmp(group, m->group) != 0) {
            group = m->group;
            items = json_array();
            json_array_append_new(nav, json_pack("{s:s,s:o}", "key", group, "items", items));
            if (m->level == ADMIN)
                json_object_set(page, "admin_nav", items);
        }
        item = menu_json(r, m);
        json_array_append_new(items, item);
        if (m->tab && json_array_size(tabs) < 4)
            json_array_append(tabs, item);
    }
    json_object_set_new(page, "nav", nav);
    json_object_set_new(page, "tabs", tabs);
}

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

json_t *view_public(struct req *r, const char *path)
{
    const struct app *app = r->app;
    json_t *page;

    page = json_pack("{s:s,s:s,s:o?,s:s?,s:s,s:s,s:s,s:s}", "lang", r->lang, "name",
                     live_name(app->live), "lang_other", language_other(r), "path", path,
                     "css_url", app->css_url, "js_url", app->js_url, "icons_url",
                     app->icons_url, "csrf", "");
    return page ? page : json_object();
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

json_t *view_page(struct req *r)
{
    unsigned char once[12];
    json_t *page = view_public(r, r->target);

    randombytes_buf(once, sizeof once);
    json_object_set_new(page, "csrf", json_string(r->csrf ? r->csrf : ""));
    json_object_set_new(page, "once",
                        json_string(text_hex(r->arena, once, sizeof once)));
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
