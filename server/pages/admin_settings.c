/* Settings of the installation; what they may be is said by db/setting.c alone. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/setting.h"
#include "server/http/live.h"
#include "server/jobs/keeper.h"

#include <string.h>

static bool language_offered(const char *const *offered, const char *code)
{
    for (; *offered; offered++)
        if (strcmp(*offered, code) == 0)
            return true;
    return false;
}

static json_t *languages_of(struct req *r)
{
    const char *const *all = text_languages(r->app->templates);
    json_t *list = json_array();

    for (const char *const *code = all; *code; code++) {
        const char *name = arena_printf(r->arena, "lang_%s", *code);
        bool on = r->method == POST ? req_int(r, name) != 0
                                    : language_offered(live_languages(r->app->live, all), *code);

        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b}", "name", name, "label_key",
                            arena_printf(r->arena, "admin.lang_%s", *code), "is_on", on));
    }
    return list;
}

static int settings_show(struct req *r)
{
    json_t *f = json_object(), *on = json_object();

    for (const struct setting_rule *rule = setting_rules; rule->key; rule++) {
        const char *value = setting_get(r->db, rule->key);

        if (rule->type == SETTING_INT)
            value = arena_printf(r->arena, "%lld", (long long)setting_int(r->db, rule->key));
        if (rule->type == SETTING_FLAG)
            json_object_set_new(on, rule->key,
                                json_boolean(r->method == POST ? req_int(r, rule->key) != 0
                                                               : *value != '\0'));
        else
            json_object_set_new(f, rule->key, json_string(value));
    }
    return reply_page(r, 200, "admin/settings",
                      json_pack("{s:o,s:o,s:o}", "f", f, "on", on, "languages",
                                languages_of(r)));
}

/* "en hi"; "" when all are offered, and so those that are added later. */
static const char *languages_chosen(struct req *r, bool *none)
{
    const char *const *all = text_languages(r->app->templates);
    struct buf b = buf_new(r->arena, 32, 256);
    int chosen = 0, n = 0;

    for (; all[n]; n++)
        if (req_int(r, arena_printf(r->arena, "lang_%s", all[n]))) {
            buf_printf(&b, "%s%s", chosen ? " " : "", all[n]);
            chosen++;
        }
    *none = chosen == 0;
    return chosen == n ? "" : buf_str(&b);
}

static const char *flag(const struct req *r, const char *key)
{
    return req_int(r, key) ? "1" : "";
}

static const char *number(struct req *r, const char *key)
{
    return arena_printf(r->arena, "%lld", (long long)req_int(r, key));
}

static int settings_save(struct req *r)
{
    bool none;
    const struct setting_pair pairs[] = {
        { "name", req_text(r, "name") },
        { "languages", languages_chosen(r, &none) },
        { "signup_approval", flag(r, "signup_approval") },
        { "chat_grants_vendor", flag(r, "chat_grants_vendor") },
        { "accounts_per_user", number(r, "accounts_per_user") },
        { "codes_per_day", number(r, "codes_per_day") },
        { 0 }
    };
    enum db_rc rc;

    if (none)
        return reply_wrong(r, 422, "languages", "refusal.languages", NULL);
    rc = settings_change(r->db, &r->actor, pairs);
    if (rc == DB_OK)
        live_load(r->app->live, r->db);
    return reply_outcome(r, rc, 0);
}

static const struct field settings_fields[] = {
    { "name", FIELD_TEXT, .max = 60 },
    { "lang_en", FIELD_BOOL },
    { "lang_hi", FIELD_BOOL },
    { "signup_approval", FIELD_BOOL },
    { "chat_grants_vendor", FIELD_BOOL },
    { "accounts_per_user", FIELD_INT, .required = true },
    { "codes_per_day", FIELD_INT, .required = true },
    { 0 }
};

const struct route admin_settings_routes[] = {
    { GET, "/admin/settings", MOD_NONE, ADMIN, settings_show, NULL,
      "Settings of the installation" },
    { POST, "/admin/settings", MOD_NONE, ADMIN, settings_save, settings_fields,
      "Changes the installation's settings", .form = settings_show, .done = "/admin/settings",
      .said = "admin.settings_done" },
    { 0 }
};
