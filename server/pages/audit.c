/* The audit log: of the account, in as far as the reader may see the modules that it tells
 * of, and the installation's for the admin. Read only; searched, paged, and as CSV. */
#include "server/pages/pages.h"

#include "db/audit.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/row.h"

#include <string.h>

enum { PAGE_ROWS = 50, CSV_ROWS = 10000, CSV_BYTES = 8 << 20 };

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

/* The list's own address with what is asked for; `group` as given. */
static const char *href(struct req *r, const char *path, const char *group, int64_t before)
{
    static const char *const kept[] = { "q", "from", "to" };
    struct buf b = buf_new(r->arena, 128, 4096);
    const char *sep = "?";

    buf_puts(&b, path);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        const char *value = req_text(r, kept[i]);

        if (!*value)
            continue;
        buf_printf(&b, "%s%s=", sep, kept[i]);
        buf_url(&b, value, strlen(value));
        sep = "&";
    }
    if (*group) {
        buf_printf(&b, "%sgroup=%s", sep, group);
        sep = "&";
    }
    if (before)
        buf_printf(&b, "%sbefore=%lld", sep, (long long)before);
    return buf_str(&b);
}

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
        for (int k = 0; levels && k < 2; k++) {
            const char *key = k ? "after" : "before";

            json_object_set_new(row, key,
                                json_string(levels_said(r, row_text(row, key), joined)));
        }
        json_object_set_new(row, "has_change", json_boolean(*row_text(row, "before") ||
                                                            *row_text(row, "after")));
    }
}

static json_t *pills(struct req *r, const char *path)
{
    json_t *list = json_array();

    json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:i}", "key", "audit.all", "href",
                                          href(r, path, "", 0), "is_current",
                                          !req_has(r, "group"), "count", 0));
    for (const struct audit_group *g = audit_groups; g->name && !is_admins(r); g++)
        if (req_level(r, g->module) >= LEVEL_VIEW || req_level(r, g->other) >= LEVEL_VIEW)
            json_array_append_new(
                list, json_pack("{s:s,s:s,s:b,s:i}", "key",
                                arena_printf(r->arena, "audit.group_%s", g->name), "href",
                                href(r, path, g->name, 0), "is_current",
                                req_is(r, "group", g->name), "count", 0));
    return list;
}

static int audit_show(struct req *r)
{
    const char *path = is_admins(r) ? "/admin/audit" : "/account/audit";
    const struct audit_filter f = filter_of(r);
    const char *group = req_text(r, "group");
    bool narrowed = *f.q || f.from_ms || f.to_ms || *group;
    json_t *rows, *list, *last;
    int64_t all;
    size_t n;

    if (audit_list(r->db, &f, PAGE_ROWS, &rows) != DB_OK ||
        audit_count(r->db, &f, CSV_ROWS, &all) != DB_OK)
        return reply_error(r, 500);
    rows_dress(r, rows);
    n = json_array_size(rows);
    last = n == PAGE_ROWS ? json_array_get(rows, n - 1) : NULL;
    list = json_pack("{s:b,s:I,s:b,s:o,s:s?,s:s,s:s?,s:s?}", "has_rows", n > 0, "n",
                     (json_int_t)all, "has_filters", !is_admins(r), "filters", pills(r, path),
                     "all", narrowed ? path : NULL, "csv",
                     href(r, arena_printf(r->arena, "%s/csv", path), group, 0), "first",
                     req_has(r, "before") ? href(r, path, group, 0) : NULL, "next",
                     last ? href(r, path, group,
                                 json_integer_value(json_object_get(last, "id")))
                          : NULL);
    return reply_page(r, 200, "accounts/audit",
                      json_pack("{s:O,s:o,s:b,s:s,s:{s:s,s:s,s:s,s:s}}", "entries", rows,
                                "list", list, "is_admins", is_admins(r), "path", path, "f",
                                "q", f.q, "from", req_text(r, "from"), "to",
                                req_text(r, "to"), "group", group));
}

/* A cell that no spreadsheet takes for a formula (OWASP: CSV injection). */
static void cell_add(struct buf *b, const char *text, char end)
{
    buf_putc(b, '"');
    if (*text && strchr("=+-@\t\r\n|", *text))
        buf_putc(b, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(b, '"');
        buf_putc(b, *text);
    }
    buf_putc(b, '"');
    if (end == '\n')
        buf_putc(b, '\r');
    buf_putc(b, end);
}

static void csv_time(struct req *r, struct buf *b, int64_t ms)
{
    struct calendar c = clock_calendar(ms, r->zone);

    cell_add(b,
             arena_printf(r->arena, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day,
                          c.hour, c.minute, c.second),
             ',');
}

static int audit_csv(struct req *r)
{
    static const char *const heads[] = { "admin.at",       "audit.who",  "audit.from_where",
                                         "audit.what",     "audit.whom", "audit.before",
                                         "audit.after" };
    const struct audit_filter f = filter_of(r);
    struct buf b = buf_new(r->arena, 64 * 1024, CSV_BYTES);
    json_t *rows, *row;
    size_t i;

    if (audit_list(r->db, &f, CSV_ROWS, &rows) != DB_OK)
        return reply_error(r, 500);
    rows_dress(r, rows);
    buf_puts(&b, "\xef\xbb\xbf"); /* without it Excel doesn't take it for UTF-8 */
    for (i = 0; i < 7; i++)
        cell_add(&b, req_say(r, heads[i], NULL), i == 6 ? '\n' : ',');
    json_array_foreach(rows, i, row)
    {
        csv_time(r, &b, json_integer_value(json_object_get(row, "at_ms")));
        cell_add(&b, row_text(row, "user_name"), ',');
        cell_add(&b, row_text(row, "address"), ',');
        cell_add(&b, row_text(row, "text"), ',');
        cell_add(&b, row_text(row, "subject"), ',');
        cell_add(&b, row_text(row, "before"), ',');
        cell_add(&b, row_text(row, "after"), '\n');
    }
    if (b.full)
        return reply_error(r, 413);
    reply_header(r, "Content-Disposition", "attachment; filename=\"audit.csv\"");
    return reply_bytes(r, 200, "text/csv; charset=utf-8", b.data, b.len, NULL);
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
