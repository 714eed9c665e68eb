/* The audit log: of the account, in as far as the reader may see the modules that it tells
 * of, and the installation's for the admin. Read only; searched, paged, and as CSV. */
#include "server/pages/list.h"
#include "server/pages/pages.h"

#include "db/audit.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"

#include <string.h>

enum { PAGE_ROWS = 50 };

static bool is_admins(const struct req *r)
{
    return r->route->level == ADMIN;
}

/* The groups that may be seen, and only the one that is asked for; NULL: all. */
static const char *groups_json(struct req *r)
{
    const char *asked = req_text(r, "group");
    bool all = is_admins(r) || json_is_true(json_object_get(r->session, "is_primary"));
    json_t *list = json_array();

    if (all && !*asked)
        return NULL;
    for (const struct audit_group *g = audit_groups; g->name; g++)
        if ((!*asked || strcmp(asked, g->name) == 0) &&
            (all || req_level(r, g->module) >= LEVEL_VIEW ||
             req_level(r, g->other) >= LEVEL_VIEW))
            json_array_append_new(list, json_string(g->name));
    return json_dumps(list, JSON_COMPACT);
}

static struct audit_filter filter_of(struct req *r)
{
    return (struct audit_filter) {
        .account_id = is_admins(r) ? 0 : r->account_id,
        .groups = is_admins(r) ? NULL : groups_json(r),
        .q = req_text(r, "q"),
        .from_ms = req_int(r, "from"),
        .to_ms = req_int(r, "to") ? req_int(r, "to") + CLOCK_DAY : 0,
        .before_id = req_int(r, "before"),
    };
}

static const char *const params[] = { "q", "from", "to", "group", NULL };

/* "orders:2 cash_register:0" in the reader's words; anything else as it stands. `whole`:
 * these are all levels, so that a preset's name may say it. */
static const char *levels_said(struct req *r, const char *text, bool whole)
{
    static const char *const names[] = { "level.none", "level.view", "level.change" };
    struct buf b = buf_new(r->arena, 256, 4096);
    json_t *all = json_object();
    struct levels levels;

    for (const char *c = text; *c;) {
        size_t n = strcspn(c, ":");
        int level = c[n] ? c[n + 1] - '0' : -1;
        const char *name = arena_dupn(r->arena, c, n);

        if (level < 0 || level > LEVEL_CHANGE || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != n)
            return text;
        buf_printf(&b, "%s%s: %s", b.len ? ", " : "",
                   req_say(r, arena_printf(r->arena, "module.%s", name), NULL),
                   req_say(r, names[level], NULL));
        json_object_set_new(all, name, json_integer(level));
        c += n + 2;
        c += *c == ' ';
    }
    levels = levels_of(all);
    if (whole && levels_name(&levels))
        return req_say(r, arena_printf(r->arena, "preset.%s", levels_name(&levels)), NULL);
    return buf_str(&b);
}

/* An amount that the text begins with as money: "1,311.00" is "₹1,311"; a state and "?"
 * (the price is asked for) in the reader's words. Anything else as it stands. */
static const char *money_said(struct req *r, const char *text)
{
    size_t n = strspn(text, "0123456789,.");
    int64_t paise;

    n -= n && text[n - 1] == ',';
    if (strcmp(text, "ordered") == 0 || strcmp(text, "accepted") == 0)
        return req_say(r, arena_printf(r->arena, "orders.state_%s", text), NULL);
    if (strcmp(text, "?") == 0)
        return req_say(r, "look.ask_price", NULL);
    if (n < 4 || text[n - 3] != '.' ||
        !text_number(arena_dupn(r->arena, text, n), 2, 2, &paise))
        return text;
    return arena_printf(r->arena, "₹%s%s", text_rupees(r->arena, paise, true), text + n);
}

/* The state that the text begins with, in the reader's words: "suspended: no bills" keeps
 * its reason. Anything else as it stands. */
static const char *state_said(struct req *r, const char *text)
{
    static const char *const words[][2] = {
        { "on", "audit.state_on" },
        { "off", "audit.state_off" },
        { "set", "audit.state_on" },
        { "none", "audit.state_off" },
        { "active", "admin.user_active" },
        { "waiting", "admin.user_waiting" },
        { "refused", "admin.refused" },
        { "suspended", "admin.user_suspended" },
        { "admin", "nav.admin" },
        { "asked", "admin.vendor_asked" },
        { "approved", "admin.vendor_approved" },
        { "declined", "admin.vendor_declined" },
        { "regular", "gst.regular" },
        { "composition", "gst.composition" },
        { "unregistered", "gst.unregistered" },
    };
    size_t n = strcspn(text, ":");

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i][0]) == n && strncmp(words[i][0], text, n) == 0)
            return arena_printf(r->arena, "%s%s", req_say(r, words[i][1], NULL), text + n);
    return text;
}

static bool is_of_state(const char *kind)
{
    static const char *const kinds[] = {
        "account.module", "account.state",   "hook.off",      "hook.on",
        "user.admin",     "user.approved",   "user.password", "user.refused",
        "user.restored",  "user.suspended",  "vendor.asked",  "vendor.approved",
        "vendor.declined", "vendor.suspended", "user.admin_taken",
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], kind) == 0)
            return true;
    return false;
}

/* A shop's details as an entry has them, {"upi": "...", ...}, each called what its form calls
 * it. Anything else as it stands. */
static const char *details_said(struct req *r, const char *text)
{
    static const struct {
        const char *key, *label, *words; /* words: before the value, a text's key */
    } details[] = {
        { "trade_name", "vendor.trade_name" }, { "address", "vendor.address" },
        { "state_code", "vendor.state", "state." }, { "gst_status", "vendor.gst_status", "gst." },
        { "gstin", "vendor.gstin" },
        { "stock_rule", "audit.stock_rule", "sell.rule_" },
        { "doorstep_paise", "audit.doorstep" },
        { "upi", "vendor.upi" }, { "mobile", "vendor.mobile" },
        { "reason", "admin.reason_was" },
    };
    const json_t *all = json_loads(text, 0, NULL);
    struct buf b = buf_new(r->arena, 256, 4096);

    if (!json_is_object(all))
        return text;
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        const json_t *value = json_object_get(all, details[i].key);
        const char *said = json_string_value(value);

        if (json_is_integer(value))
            said = arena_printf(r->arena, "₹%s",
                                text_rupees(r->arena, json_integer_value(value), true));
        else if (json_is_null(value))
            said = state_said(r, "off");
        else if (said && details[i].words)
            said = req_say(r, arena_printf(r->arena, "%s%s", details[i].words, said), NULL);
        if (said)
            buf_printf(&b, "%s%s: %s", b.len ? ", " : "", req_say(r, details[i].label, NULL),
                       *said ? said : "–");
    }
    return buf_str(&b);
}

static bool is_of_details(const char *kind)
{
    return strncmp(kind, "vendor.change_", 14) == 0 || strcmp(kind, "vendor.reach") == 0 ||
           strcmp(kind, "vendor.settings") == 0;
}

static const char *module_said(struct req *r, const json_t *row)
{
    return req_say(r, arena_printf(r->arena, "module.%s", row_text(row, "subject")), NULL);
}

/* A setting as its page calls it, and a flag as on or off. */
static void setting_said(struct req *r, json_t *row)
{
    static const struct {
        const char *key, *label, *set, *unset;
    } settings[] = {
        { "name", "admin.name" },
        { "languages", "admin.languages" },
        { "signup_approval", "admin.signup_approval", "on", "off" },
        { "chat_grants_vendor", "admin.chat_grants_vendor", "on", "off" },
        { "accounts_per_user", "admin.accounts_per_user" },
        { "codes_per_day", "admin.codes_per_day" },
        { "backup_off", "backup.daily", "off", "on" },
        { "backup_hour", "backup.hour" },
        { "backup_keep", "backup.keep" },
    };

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (strcmp(settings[i].key, row_text(row, "subject")) != 0)
            continue;
        json_object_set_new(row, "subject",
                            json_string(req_say(r, settings[i].label, NULL)));
        for (int k = 0; settings[i].set && k < 2; k++) {
            const char *key = k ? "after" : "before";
            bool set = *row_text(row, key) != '\0';

            json_object_set_new(row, key,
                                json_string(state_said(r, set ? settings[i].set
                                                              : settings[i].unset)));
        }
        return;
    }
}

static bool is_of_money(const char *kind)
{
    return strncmp(kind, "order.", 6) == 0 || strncmp(kind, "cash.", 5) == 0 ||
           strncmp(kind, "listing.", 8) == 0;
}

static void rows_dress(struct req *r, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *kind = row_text(row, "kind");
        bool joined = strcmp(kind, "member.joined") == 0;
        bool levels = joined || strcmp(kind, "member.levels") == 0;

        json_object_set_new(row, "text",
                            json_string(req_say(
                                r, arena_printf(r->arena, "audit.%s", kind), NULL)));
        for (int k = 0; k < 2; k++) {
            const char *key = k ? "after" : "before", *text = row_text(row, key);

            if (levels)
                text = levels_said(r, text, joined);
            else if (is_of_money(kind))
                text = money_said(r, text);
            else if (is_of_state(kind))
                text = state_said(r, text);
            else if (is_of_details(kind))
                text = details_said(r, text);
            json_object_set_new(row, key, json_string(text));
        }
        if (strcmp(kind, "setting.changed") == 0)
            setting_said(r, row);
        if (strcmp(kind, "account.module") == 0)
            json_object_set_new(row, "subject", json_string(module_said(r, row)));
        json_object_set_new(
            row, "is_same",
            json_boolean(strcmp(row_text(row, "before"), row_text(row, "after")) == 0));
        json_object_set_new(row, "has_change", json_boolean(*row_text(row, "before") ||
                                                            *row_text(row, "after")));
    }
}

static json_t *pills(struct req *r, const char *path)
{
    json_t *list = json_array();

    json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:i}", "key", "audit.all", "href",
                                          list_href(r, path, params, "group", ""),
                                          "is_current",
                                          !req_has(r, "group"), "count", 0));
    for (const struct audit_group *g = audit_groups; g->name && !is_admins(r); g++)
        if (req_level(r, g->module) >= LEVEL_VIEW || req_level(r, g->other) >= LEVEL_VIEW)
            json_array_append_new(
                list, json_pack("{s:s,s:s,s:b,s:i}", "key",
                                arena_printf(r->arena, "audit.group_%s", g->name), "href",
                                list_href(r, path, params, "group", g->name), "is_current",
                                req_is(r, "group", g->name), "count", 0));
    return list;
}

static const struct csv_column columns[] = {
    { "at_ms", "admin.at", CSV_TIME },           { "user_name", "audit.who", CSV_TEXT },
    { "address", "audit.from_where", CSV_TEXT }, { "text", "audit.what", CSV_TEXT },
    { "subject", "audit.whom", CSV_TEXT },       { "before", "audit.before", CSV_TEXT },
    { "after", "audit.after", CSV_TEXT },        { NULL }
};

static int audit_csv(struct req *r)
{
    struct audit_filter f = filter_of(r);
    json_t *rows;

    f.before_id = 0;
    if (audit_list(r->db, &f, CSV_ROWS, &rows) != DB_OK)
        return reply_error(r, 500);
    rows_dress(r, rows);
    return list_csv(r, "audit", columns, cell_json(rows));
}

static int audit_show(struct req *r)
{
    const char *path = is_admins(r) ? "/admin/audit" : "/account/audit";
    const struct audit_filter f = filter_of(r);
    const char *group = req_text(r, "group");
    bool narrowed = *f.q || f.from_ms || f.to_ms || *group;
    json_t *rows, *list;
    int64_t all;

    if (audit_list(r->db, &f, PAGE_ROWS, &rows) != DB_OK ||
        audit_count(r->db, &f, CSV_ROWS, &all) != DB_OK)
        return reply_error(r, 500);
    rows_dress(r, rows);
    list = json_pack(
        "{s:b,s:I,s:b,s:o,s:s?,s:s,s:s?,s:s?}", "has_rows", json_array_size(rows) > 0,
        "n", (json_int_t)all, "has_filters", !is_admins(r), "filters", pills(r, path),
        "all", narrowed ? path : NULL, "csv",
        list_href(r, arena_printf(r->arena, "%s/csv", path), params, NULL, NULL), "first",
        req_has(r, "before") ? list_href(r, path, params, NULL, NULL) : NULL, "next",
        list_next(r, path, params, cell_json(json_array_get(rows, PAGE_ROWS - 1))));
    return reply_page(r, 200, "accounts/audit",
                      json_pack("{s:O,s:o,s:b,s:s,s:{s:s,s:s,s:s,s:s}}", "entries", rows,
                                "list", list, "is_admins", is_admins(r), "path", path, "f",
                                "q", f.q, "from", req_text(r, "from"), "to",
                                req_text(r, "to"), "group", group));
}

static const struct field list_fields[] = {
    { "q", FIELD_TEXT, .max = 100 },
    { "group", FIELD_CHOICE, .choices = "member account vendor order stock sku listing cash" },
    { "from", FIELD_DATE },
    { "to", FIELD_DATE },
    { "before", FIELD_ID },
    { 0 }
};

const struct route audit_routes[] = {
    { GET, "/account/audit", MOD_USERS, VIEW, audit_show, list_fields,
      "What was changed in the account, by whom" },
    { GET, "/account/audit/csv", MOD_USERS, VIEW, audit_csv, list_fields,
      "The same as CSV, the newest 10,000" },
    { GET, "/admin/audit", MOD_NONE, ADMIN, audit_show, list_fields,
      "What was changed in the installation, by whom" },
    { GET, "/admin/audit/csv", MOD_NONE, ADMIN, audit_csv, list_fields,
      "The same as CSV, the newest 10,000" },
    { 0 }
};
