/* The menu is one table. Every page shows a dozen of its places: were each of them
 * packed, looked up and rendered anew, the menu would cost more than many a page around
 * it. Only a place with a count above 0 is drawn for its reader. */
#include "server/http/menu.h"

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/base/row.h"

#include <string.h>

struct menu_item {
    const char *group, *key, *href, *icon;
    enum module module;
    int level; /* SIGNED_IN, ADMIN or VIEW of the module */
    int tab;   /* on the phone's bar: the four lowest that may be seen; 0: never */
    const char *count; /* of the session's row */
    bool is_rare; /* behind "More" where nothing is sold */
};

static const struct menu_item places[] = {
    { "nav.sell", "nav.sell_orders", "/sell/orders", "orders", MOD_CUSTOMER_ORDERS, VIEW,
      1, NULL },
    { "nav.sell", "nav.sell_catalog", "/sell/catalog", "shop", MOD_CATALOG, VIEW, 2,
      NULL },
    { "nav.sell", "nav.cash", "/cash", "rupee", MOD_CASH, VIEW, 0, NULL },
    { "nav.sell", "nav.sell_settings", "/sell/settings", "settings", MOD_CATALOG, VIEW, 0,
      NULL },
    { "nav.buy", "nav.home", "/", "home", MOD_NONE, SIGNED_IN, 3, NULL },
    { "nav.buy", "nav.search", "/search", "search", MOD_NONE, SIGNED_IN, 7, NULL },
    { "nav.buy", "nav.cart", "/cart", "cart", MOD_REQUIREMENTS, VIEW, 5, "cart_count" },
    { "nav.buy", "nav.orders", "/orders", "truck", MOD_ORDERS, VIEW, 6, NULL },
    { "nav.buy", "nav.i_owe", "/dues", "rupee", MOD_ORDERS, VIEW, 0, NULL },
    { "nav.stock", "nav.inventory", "/inventory", "box", MOD_INVENTORY, VIEW, 4, NULL, true },
    { "nav.stock", "nav.units", "/settings/units", "tag", MOD_CUSTOMIZATIONS, VIEW, 0,
      NULL, true },
    { "nav.stock", "nav.categories", "/settings/categories", "filter", MOD_CUSTOMIZATIONS,
      VIEW, 0, NULL, true },
    { "nav.stock", "nav.places", "/settings/places", "pickup", MOD_CUSTOMIZATIONS, VIEW,
      0, NULL, true },
    { "nav.stock", "nav.attributes", "/settings/attributes", "edit", MOD_CUSTOMIZATIONS,
      VIEW, 0, NULL, true },
    { "nav.stock", "nav.vendors", "/settings/vendors", "truck", MOD_CUSTOMIZATIONS, VIEW,
      0, NULL, true },
    { "nav.account", "nav.account_page", "/account", "key", MOD_NONE, SIGNED_IN, 0,
      NULL },
    { "nav.account", "nav.people", "/account/users", "users", MOD_USERS, VIEW, 0, NULL },
    { "nav.account", "nav.audit", "/account/audit", "history", MOD_USERS, VIEW, 0, NULL,
      true },
    { "nav.admin", "nav.admin_home", "/admin", "server", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.requests", "/admin/requests", "check", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.users", "/admin/users", "users", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.accounts", "/admin/accounts", "shop", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.audit", "/admin/audit", "history", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.outbox", "/admin/outbox", "phone", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.jobs", "/admin/jobs", "refresh", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.settings", "/admin/settings", "settings", MOD_NONE, ADMIN, 0,
      NULL },
    { "nav.admin", "nav.services", "/admin/services", "link", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.backups", "/admin/backups", "copy", MOD_NONE, ADMIN, 0, NULL },
    { "nav.admin", "nav.simulator", "/admin/simulator", "share", MOD_NONE, ADMIN, 0,
      NULL },
};

enum { PLACES = sizeof places / sizeof *places, TABS = 4, MENU_MAX = 1 << 20 };

struct drawn {
    const char *html;
    size_t size;
};

/* A place as it is drawn in a language. */
struct place {
    struct drawn group[2];        /* before it, the first of the menu or not */
    struct drawn item[2], tab[2]; /* of another page, and of this one */
    struct drawn card;
};

struct menu {
    const char *const *languages;
    struct place (*of)[PLACES]; /* of each language */
    struct drawn (*more)[3];    /* around the rare ones: shut, open; the end */
};

static struct drawn draw(const struct app *app, struct arena *a, const char *lang,
                         const char *template, const json_t *model)
{
    struct buf b = buf_new(a, 512, MENU_MAX);

    if (!template_render(app->templates, template, lang, 0, model, (struct cell) { 0 },
                         &b)) {
        log_error("render failed template=%s", template);
        return (struct drawn) { NULL, 0 };
    }
    return (struct drawn) { b.data, b.len };
}

static json_t *place_model(const struct app *app, const struct menu_item *m, bool current,
                           int64_t count)
{
    return json_pack("{s:s,s:s,s:s,s:b,s:I,s:{s:s}}", "key", m->key, "href", m->href,
                     "icon", m->icon, "is_current", current, "count", (json_int_t)count,
                     "page", "icons_url", app->icons_url);
}

static bool place_draw(const struct app *app, struct arena *a, const char *lang,
                       const struct menu_item *m, struct place *p)
{
    bool good = true;

    for (int on = 0; on < 2; on++) {
        json_t *group = json_pack("{s:s,s:b}", "key", m->group, "is_top", on);
        json_t *place = place_model(app, m, on, 0);

        p->group[on] = draw(app, a, lang, "menu/group", group);
        p->item[on] = draw(app, a, lang, "menu/item", place);
        p->tab[on] = draw(app, a, lang, "menu/tab", place);
        p->card = draw(app, a, lang, "menu/card", place);
        good = good && p->group[on].html && p->item[on].html && p->tab[on].html &&
               p->card.html;
    }
    return good;
}

static bool more_draw(const struct app *app, struct arena *a, const char *lang,
                      struct drawn more[3])
{
    bool good = true;

    for (int i = 0; i < 3; i++) {
        more[i] = draw(app, a, lang, "menu/more",
                       json_pack("{s:b,s:b,s:{s:s}}", "is_end", i == 2, "is_open", i == 1,
                                 "page", "icons_url", app->icons_url));
        good = good && more[i].html;
    }
    return good;
}

static void drawn_keep(struct arena *a, struct drawn *d)
{
    d->html = arena_dupn(a, d->html, d->size);
}

static void place_keep(struct arena *a, struct place *p)
{
    for (int on = 0; on < 2; on++) {
        drawn_keep(a, &p->group[on]);
        drawn_keep(a, &p->item[on]);
        drawn_keep(a, &p->tab[on]);
    }
    drawn_keep(a, &p->card);
}

const struct menu *menu_new(const struct app *app, struct arena *a)
{
    struct menu *menu = arena_alloc(a, 1, sizeof *menu);
    struct arena *rough = arena_new();
    size_t count = 0;
    bool good = true;

    menu->languages = text_languages(app->templates);
    while (menu->languages[count])
        count++;
    menu->of = arena_alloc(a, count, sizeof *menu->of);
    menu->more = arena_alloc(a, count, sizeof *menu->more);
    arena_json(rough);
    for (size_t l = 0; good && l < count; l++) {
        good = more_draw(app, rough, menu->languages[l], menu->more[l]);
        for (int i = 0; good && i < 3; i++)
            drawn_keep(a, &menu->more[l][i]);
        for (size_t i = 0; good && i < PLACES; i++) {
            struct place *p = &menu->of[l][i];

            good = place_draw(app, rough, menu->languages[l], &places[i], p);
            if (good)
                place_keep(a, p);
        }
    }
    arena_json(a);
    arena_free(rough);
    return good ? menu : NULL;
}

static bool menu_may(const struct req *r, const struct menu_item *m)
{
    if (m->level == ADMIN)
        return r->is_admin;
    if (m->level == SIGNED_IN)
        return r->signed_in;
    return r->account_id && (int)req_level(r, m->module) >= m->level;
}

/* Who only buys has goods of their own, but seldom counts them. */
static bool is_away(const struct req *r, const struct menu_item *m)
{
    return m->is_rare && !*row_text(r->session, "vendor_state");
}

static bool is_tab(const struct req *r, const struct menu_item *m)
{
    int before = 0;

    for (size_t i = 0; m->tab && i < PLACES; i++)
        before += places[i].tab && places[i].tab < m->tab && menu_may(r, &places[i]) &&
                  !is_away(r, &places[i]);
    return m->tab && before < TABS && !is_away(r, m);
}

static bool is_current(const struct req *r, const struct menu_item *m)
{
    size_t n = strlen(m->href);
    bool has_below = n > 1 && strcmp(m->href, "/account") != 0 &&
                     strcmp(m->href, "/admin") != 0;

    return strncmp(r->path, m->href, n) == 0 && (has_below || !r->path[n]);
}

static size_t language_in(const struct menu *menu, const char *lang)
{
    size_t l = 0;

    while (menu->languages[l] && strcmp(menu->languages[l], lang) != 0)
        l++;
    return menu->languages[l] ? l : 0;
}

static void drawn_add(struct buf *b, struct drawn d)
{
    buf_add(b, d.html, d.size);
}

/* With how many wait there. */
static struct place place_counted(struct req *r, const struct menu_item *m,
                                  struct place place, bool current)
{
    int64_t count = m->count ? row_int(r->session, m->count) : 0;
    json_t *model;

    if (count == 0)
        return place;
    model = place_model(r->app, m, current, count);
    place.item[current] = draw(r->app, r->arena, r->lang, "menu/item", model);
    place.tab[current] = draw(r->app, r->arena, r->lang, "menu/tab", model);
    return place;
}

static void html_add(json_t *page, const char *key, const struct buf *b)
{
    json_object_set_new_nocheck(page, key, json_stringn_nocheck(b->data, b->len));
}

/* The rare places, behind what opens them. */
static void more_add(struct req *r, const struct menu *menu, size_t l, struct buf *nav)
{
    struct buf items = buf_new(r->arena, 2048, MENU_MAX);
    bool open = false;

    for (size_t i = 0; i < PLACES; i++) {
        bool on = is_current(r, &places[i]);

        if (!is_away(r, &places[i]) || !menu_may(r, &places[i]))
            continue;
        open = open || on;
        drawn_add(&items, menu->of[l][i].item[on]);
    }
    if (items.len == 0)
        return;
    drawn_add(nav, menu->more[l][open]);
    buf_add(nav, items.data, items.len);
    drawn_add(nav, menu->more[l][2]);
}

void menu_add(struct req *r, json_t *page)
{
    /* Whoever edits its templates wants to see that. */
    const struct menu *anew = r->app->dev ? menu_new(r->app, r->arena) : NULL;
    const struct menu *menu = anew ? anew : r->app->menu;
    size_t l = language_in(menu, r->lang);
    struct buf nav = buf_new(r->arena, 8192, MENU_MAX);
    struct buf tabs = buf_new(r->arena, 1024, MENU_MAX);
    struct buf cards = buf_new(r->arena, 64, MENU_MAX);
    const char *group = NULL;
    bool more = r->account_id != 0;

    for (size_t i = 0; i < PLACES; i++) {
        const struct menu_item *m = &places[i];
        struct place place;
        bool on;

        if (!menu_may(r, m) || is_away(r, m))
            continue;
        if (m->level == ADMIN && more) {
            more_add(r, menu, l, &nav);
            more = false;
        }
        on = is_current(r, m);
        place = place_counted(r, m, menu->of[l][i], on);
        if (!group || strcmp(group, m->group) != 0)
            drawn_add(&nav, place.group[!group]);
        group = m->group;
        drawn_add(&nav, place.item[on]);
        if (is_tab(r, m))
            drawn_add(&tabs, place.tab[on]);
        if (m->level == ADMIN && !on)
            drawn_add(&cards, place.card);
    }
    if (more)
        more_add(r, menu, l, &nav);
    html_add(page, "nav", &nav);
    html_add(page, "tabs", &tabs);
    if (r->is_admin)
        html_add(page, "admin_nav", &cards);
}
