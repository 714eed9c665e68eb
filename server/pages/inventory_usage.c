/* What was used over a period, by SKU and by category (INV-8). Units can't be added up, so
 * a category has a row for each unit, and bars are as long as their part of the largest of
 * the same unit. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/stock.h"
#include "server/pages/list.h"

#include <string.h>

enum { DAYS = 30, SHOWN = 200, BAR = 1000 };

static const char *const parts[] = { "consumed", "expired", "delivered", "returned" };
enum { PARTS = sizeof parts / sizeof *parts };

static const char *part_key(struct req *r, size_t i)
{
    return arena_printf(r->arena, "%s_milli", parts[i]);
}

static int64_t total_of(struct req *r, const json_t *row)
{
    int64_t total = 0;

    for (size_t i = 0; i < PARTS; i++)
        total += row_int(row, part_key(r, i));
    return total;
}

/* The row's category in its unit; the first of them is put behind those of the category. */
static json_t *group_of(json_t *groups, const json_t *row)
{
    size_t i, at = json_array_size(groups);
    json_t *group;

    json_array_foreach(groups, i, group)
    {
        if (strcmp(row_text(group, "category"), row_text(row, "category")) != 0)
            continue;
        if (strcmp(row_text(group, "unit"), row_text(row, "unit")) == 0)
            return group;
        at = i + 1;
    }
    group = json_pack("{s:O,s:O}", "category", json_object_get(row, "category"), "unit",
                      json_object_get(row, "unit"));
    json_array_insert_new(groups, at, group);
    return group;
}

static json_t *groups_of(struct req *r, const json_t *rows)
{
    json_t *groups = json_array(), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_t *group = group_of(groups, row);

        for (size_t k = 0; k < PARTS; k++) {
            const char *key = part_key(r, k);

            json_object_set_new(group, key,
                                json_integer(row_int(group, key) + row_int(row, key)));
        }
    }
    return groups;
}

/* Where each part of the row's bar begins and how long it is, in thousandths of the
 * largest of its unit. */
static void bar_set(struct req *r, json_t *row, int64_t largest)
{
    json_t *bar = json_array();
    int64_t before = 0;

    for (size_t i = 0; i < PARTS; i++) {
        int64_t from = before * BAR / largest, milli = row_int(row, part_key(r, i));

        before += milli;
        if (milli > 0)
            json_array_append_new(
                bar, json_pack("{s:I,s:I,s:b,s:b,s:b}", "x", (json_int_t)from, "width",
                               (json_int_t)(before * BAR / largest - from), "is_used",
                               i == 0, "is_spoilt", i == 1, "is_sold", i == 2));
    }
    json_object_set_new(row, "bar", bar);
}

static void bars_set(struct req *r, json_t *rows)
{
    json_t *largest = json_object(), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *unit = row_text(row, "unit");
        int64_t total = total_of(r, row);

        if (total > row_int(largest, unit))
            json_object_set_new(largest, unit, json_integer(total));
        json_object_set_new(row, "total_milli", json_integer(total));
    }
    json_array_foreach(rows, i, row)
    {
        int64_t most = row_int(largest, row_text(row, "unit"));

        bar_set(r, row, most > 0 ? most : 1);
    }
}

#define PART_COLUMNS                                                                     \
    { "unit", "inventory.unit", CSV_TEXT },                                              \
        { "consumed_milli", "inventory.kind_consume", CSV_QTY },                         \
        { "expired_milli", "inventory.kind_expire", CSV_QTY },                           \
        { "delivered_milli", "inventory.kind_deliver", CSV_QTY },                        \
        { "returned_milli", "inventory.kind_return", CSV_QTY }

static const struct csv_column sku_columns[] = {
    { "sku", "inventory.name", CSV_TEXT },
    { "variant", "inventory.variant", CSV_TEXT },
    { "category", "inventory.category", CSV_TEXT },
    PART_COLUMNS,
    { "cost_paise", "inventory.usage_cost", CSV_MONEY },
    { NULL }
};

static const struct csv_column category_columns[] = {
    { "category", "inventory.category", CSV_TEXT }, PART_COLUMNS, { NULL }
};

static const char *day_text(struct req *r, int64_t ms)
{
    struct calendar c = clock_calendar(ms, r->zone);

    return arena_printf(r->arena, "%04d-%02d-%02d", c.year, c.month, c.day);
}

/* The last 30 days, today among them, unless it is said otherwise. */
static void period_of(struct req *r, int64_t *from, int64_t *to)
{
    struct calendar now = clock_calendar(clock_ms(), r->zone);
    int64_t today = clock_day_start(now.year, now.month, now.day, r->zone);

    *to = req_has(r, "to") ? req_int(r, "to") : today;
    *from = req_has(r, "from") ? req_int(r, "from") : *to - (DAYS - 1) * CLOCK_DAY;
}

static json_t *rows_shown(json_t *rows)
{
    json_t *shown = json_array(), *row;
    size_t i;

    json_array_foreach(rows, i, row) if (i < SHOWN) json_array_append(shown, row);
    return shown;
}

static int usage(struct req *r)
{
    bool by_category = req_is(r, "by", "category");
    const char *asked;
    int64_t from, to;
    json_t *rows, *groups;

    period_of(r, &from, &to);
    if (stock_usage(r->db, r->account_id, from, to + CLOCK_DAY, &rows) != DB_OK)
        return reply_error(r, 500);
    groups = groups_of(r, rows);
    if (list_is_csv(r))
        return by_category
                   ? list_csv(r, "usage-by-category", category_columns, cell_json(groups))
                   : list_csv(r, "usage", sku_columns, cell_json(rows));
    bars_set(r, rows);
    bars_set(r, groups);
    asked = arena_printf(r->arena, "/inventory/usage/csv?from=%s&to=%s",
                         day_text(r, from), day_text(r, to));
    return reply_page(
        r, 200, "inventory/usage",
        json_pack("{s:o,s:o,s:{s:s,s:s},s:{s:b,s:I,s:s},s:s}", "skus", rows_shown(rows),
                  "categories", groups, "f", "from", day_text(r, from), "to",
                  day_text(r, to), "list", "has_rows", json_array_size(rows) > 0, "n",
                  (json_int_t)json_array_size(rows), "csv", asked, "category_csv",
                  arena_printf(r->arena, "%s&by=category", asked)));
}

static const struct field usage_fields[] = {
    { "from", FIELD_DATE },
    { "to", FIELD_DATE },
    { "by", FIELD_CHOICE, .choices = "product category" },
    { 0 }
};

const struct route inventory_usage_routes[] = {
    { GET, "/inventory/usage", MOD_INVENTORY, VIEW, usage, usage_fields,
      "What was used over a period, by SKU and category" },
    { GET, "/inventory/usage/csv", MOD_INVENTORY, VIEW, usage, usage_fields,
      "The same as CSV", .gives = "text/csv" },
    { 0 }
};
