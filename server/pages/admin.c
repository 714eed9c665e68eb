/* The admin's start: how the installation is, and the way to all else. */
#include "server/pages/admin.h"
#include "server/pages/list.h"
#include "server/pages/pages.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/installation.h"
#include "server/http/header.h"
#include "server/jobs/backup_folder.h"
#include "server/services/services.h"

#include <string.h>
#include <sys/stat.h>

enum { DISK_LOW_MB = 500, WAIT_LONG_MINUTES = 10, BACKUP_OLD_DAYS = 3 };

const char *admin_state(struct req *r, const char *const *states)
{
    const char *asked = req_text(r, "state");

    for (const char *const *state = states + 1; *state; state++)
        if (strcmp(*state, asked) == 0)
            return *state;
    return "";
}

void admin_chip(struct req *r, json_t *row, const char *kind, const char *key)
{
    (void)r;
    json_object_set_new(row, "state_key", json_string(key));
    json_object_set_new(row, "chip", json_pack("{s:s,s:s}", "kind", kind, "state_key", key));
}

/* A list by its states; the search goes along. */
static const char *state_href(struct req *r, const struct admin_list *list,
                              const char *state)
{
    static const char *const params[] = { "state", "q", NULL };

    return list_href(r, list->path, params, "state", state);
}

json_t *admin_list_frame(struct req *r, const struct admin_list *list)
{
    const char *q = list->has_search ? req_text(r, "q") : "";
    const char *now = admin_state(r, list->states), *all = *list->states;
    const char *current = *now ? now : all;
    size_t n = json_array_size(list->rows);
    static const char *const params[] = { "state", "q", NULL };
    json_t *filters = json_array();

    for (const char *const *state = list->states; *state; state++)
        json_array_append_new(
            filters,
            json_pack("{s:s,s:s,s:b,s:I}", "key",
                      arena_printf(r->arena, "%s%s", list->prefix, *state), "href",
                      state_href(r, list, *state), "is_current", *state == current ||
                      strcmp(*state, current) == 0, "count",
                      (json_int_t)row_int(list->counts, *state)));
    return json_pack(
        "{s:b,s:I,s:b,s:s,s:[{s:s,s:s}],s:b,s:o,s:s?,s:s?,s:s?,s:s?}", "has_rows", n > 0, "n",
        (json_int_t)(*q ? (int64_t)n : row_int(list->counts, current)), "has_search",
        list->has_search, "q", q, "keep", "name", "state", "value", current, "has_filters",
        true, "filters", filters, "all",
        *q || *now ? list->path : NULL, "csv",
        list->has_csv ? list_href(r, arena_printf(r->arena, "%s/csv", list->path), params,
                                  NULL, NULL)
                      : NULL,
        "first",
        req_has(r, "before") ? list_href(r, list->path, params, NULL, NULL) : NULL, "next",
        list_next(r, list->path, params,
                  cell_json(json_array_get(list->rows, ADMIN_ROWS - 1))));
}

static int64_t file_bytes(struct req *r, const char *name)
{
    struct stat st;

    return stat(arena_printf(r->arena, "%s/%s", r->app->data, name), &st) == 0
               ? (int64_t)st.st_size
               : 0;
}

/* One line of how things are: {key, value, is_bad}. */
static void fact(json_t *facts, const char *key, const char *value, bool bad)
{
    json_array_append_new(facts, json_pack("{s:s,s:s,s:b}", "key", key, "value", value,
                                           "is_bad", bad));
}

static const char *number(struct req *r, int64_t n)
{
    return arena_printf(r->arena, "%lld", (long long)n);
}

const char *admin_megabytes(struct req *r, int64_t bytes)
{
    if (bytes < 0)
        return "?";
    if (bytes >= (int64_t)1 << 30)
        return arena_printf(r->arena, "%.1f GB", (double)bytes / 1073741824.0);
    return arena_printf(r->arena, "%.1f MB", (double)bytes / 1048576.0);
}

static const char *uptime(struct req *r)
{
    int64_t minutes = (clock_ms() - r->app->started_ms) / CLOCK_MINUTE;

    return req_say(r, "admin.uptime_is",
                   json_pack("{s:I,s:I,s:I}", "days", (json_int_t)(minutes / 1440), "hours",
                             (json_int_t)(minutes / 60 % 24), "minutes",
                             (json_int_t)(minutes % 60)));
}

static const char *migration_short(struct req *r, const json_t *n)
{
    const char *name = row_text(n, "migration"), *slash = strrchr(name, '/');

    name = slash ? slash + 1 : name;
    return arena_printf(r->arena, "%s, %.*s", INVICHAT_VERSION, (int)strcspn(name, "."), name);
}

static void queue_facts(struct req *r, json_t *facts, const json_t *n)
{
    int64_t oldest = row_int(n, "oldest_ms");
    int64_t late = oldest ? (clock_ms() - oldest) / CLOCK_MINUTE : 0;

    fact(facts, "admin.sends_waiting", number(r, row_int(n, "sends_waiting")), false);
    fact(facts, "admin.work_waiting", number(r, row_int(n, "work_waiting")), false);
    fact(facts, "admin.late", req_say(r, "admin.minutes", json_pack("{s:I}", "n",
                                                                    (json_int_t)late)),
         late >= WAIT_LONG_MINUTES);
    fact(facts, "admin.failed", number(r, row_int(n, "failed")), row_int(n, "failed") > 0);
    fact(facts, "admin.warnings", number(r, (int64_t)log_count(LOG_WARN)), false);
    fact(facts, "admin.errors", number(r, (int64_t)log_count(LOG_ERROR)),
         log_count(LOG_ERROR) > 0);
}

static json_t *facts_of(struct req *r, const json_t *n)
{
    json_t *facts = json_array(), *backups = backup_files(r->arena, r->app->data);
    int64_t room = folder_free(r->app->data);
    int64_t last = row_int(json_array_get(backups, 0), "at_ms");
    int64_t days = last ? (clock_ms() - last) / CLOCK_DAY : -1;

    fact(facts, "admin.links",
         origin_is_loopback(r->origin) ? req_say(r, "admin.links_local", NULL) : r->origin,
         origin_is_loopback(r->origin));
    fact(facts, "admin.disk_free", admin_megabytes(r, room), room < (int64_t)DISK_LOW_MB << 20);
    fact(facts, "admin.database",
         admin_megabytes(r, file_bytes(r, "invichat.db") + file_bytes(r, "invichat.db-wal")),
         false);
    fact(facts, "admin.last_backup",
         days < 1
             ? req_say(r, days < 0 ? "admin.never" : "admin.today", NULL)
             : req_say(r, "admin.days_ago", json_pack("{s:I}", "n", (json_int_t)days)),
         days < 0 || days >= BACKUP_OLD_DAYS);
    queue_facts(r, facts, n);
    fact(facts, "admin.uptime", uptime(r), false);
    fact(facts, "admin.version", migration_short(r, n), false);
    return facts;
}

static int admin_show(struct req *r)
{
    json_t *numbers;
    int64_t asking;

    if (installation_numbers(r->db, &numbers) != DB_OK)
        return reply_error(r, 500);
    asking = row_int(numbers, "requests") + row_int(numbers, "users_waiting");
    return reply_page(
        r, 200, "admin/home",
        json_pack("{s:O,s:o,s:o?,s:b}", "numbers", numbers, "facts", facts_of(r, numbers),
                  "asking", asking ? json_pack("{s:I}", "n", (json_int_t)asking) : NULL,
                  "is_local", services_local_only(r->app->services)));
}

/* Every part of the pages, for those who write them; not in a shop's installation. */
/* What the parts that show rows are shown with. */
static json_t *parts_model(void)
{
    json_t *list = json_pack(
        "{s:b,s:i,s:b,s:s,s:b,s:[{s:s,s:s,s:b,s:i},{s:s,s:s,s:b}],s:s,s:s,s:s}",
        "has_rows", 1, "n", 120, "has_search", 1, "q", "", "has_filters", 1, "filters",
        "name", "All", "href", "#list", "is_current", 1, "count", 120, "name",
        "Low stock", "href", "#list", "is_current", 0, "csv", "#list", "first", "#list",
        "next", "#list");
    json_t *goods = json_pack(
        "[{s:s,s:s,s:i,s:i,s:s,s:s},{s:s,s:s,s:s}]", "name", "Basmati rice 5 kg", "href",
        "#goods", "price_paise", 64900, "was_paise", 72000, "off", 10,
        "stock_text", "24 in stock", "name",
        "Hand-woven cotton saree with a border of temple towers", "href", "#goods",
        "stock_text", "Made to order");
    json_t *orders = json_pack(
        "[{s:s,s:s,s:i,s:I,s:i,s:b,s:s,s:s,s:s},{s:s,s:s,s:i,s:I,s:i,s:b,s:s,s:s,s:s,s:i}]",
        "href", "#orders", "party", "Meera Stores", "number", 1042, "placed_ms",
        (json_int_t)1795345200000, "total_paise", 124000, "is_priced", 0, "chip", "wait",
        "state_key", "orders.state_ordered", "goods", "Rice, Dal", "href", "#orders",
        "party", "Lakshmi Narayan Electrical and Hardware Goods", "number", 1038,
        "placed_ms", (json_int_t)1795100400000, "total_paise", 8250, "is_priced", 1,
        "chip", "ok", "state_key", "orders.state_delivered", "goods", "Wire",
        "paid_paise", 8250);

    return json_pack("{s:o,s:o,s:o,s:{s:b,s:[{s:s,s:s},{s:s,s:s}]}}", "list", list, "goods",
                     goods, "orders", orders, "wrong", "has_errors", 1, "errors", "field",
                     "title", "text", "Enter the product's name", "field", "mobile", "text",
                     "Enter the customer's mobile number");
}

static int parts_show(struct req *r)
{
    if (!r->app->dev)
        return reply_error(r, 404);
    return reply_page(r, 200, "admin/parts", parts_model());
}

const struct route admin_routes[] = {
    { GET, "/admin", MOD_NONE, ADMIN, admin_show, NULL, "How the installation is" },
    { GET, "/admin/parts", MOD_NONE, PUBLIC, parts_show, NULL,
      "Every part of the pages (INVICHAT_DEV=1)" },
    { 0 }
};
