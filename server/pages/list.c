/* A file begins with the mark of UTF-8, without which Excel takes it for something else. */
#include "server/pages/list.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/text.h"

#include <string.h>

enum { BYTES_MAX = 8 << 20 };

bool list_is_csv(const struct req *r)
{
    size_t n = strlen(r->path);

    return n > 4 && strcmp(r->path + n - 4, "/csv") == 0;
}

/* A cell that no spreadsheet takes for a formula (OWASP: CSV injection). */
static void text_cell(struct buf *b, const char *text)
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
}

static void money_cell(struct buf *b, int64_t paise)
{
    long long whole = paise < 0 ? -paise : paise;

    buf_printf(b, "%s%lld.%02lld", paise < 0 ? "-" : "", whole / 100, whole % 100);
}

static void time_cell(struct req *r, struct buf *b, int64_t ms, bool is_day)
{
    struct calendar c = clock_calendar(ms, r->zone);

    buf_printf(b, "%04d-%02d-%02d", c.year, c.month, c.day);
    if (!is_day)
        buf_printf(b, " %02d:%02d:%02d", c.hour, c.minute, c.second);
}

static void cell_add(struct req *r, struct buf *b, const struct csv_column *column,
                     struct cell value)
{
    int64_t n = cell_number(value);

    if (value.kind == CELL_TEXT) {
        text_cell(b, column->kind == CSV_SAY ? req_say(r, value.text, NULL) : value.text);
        return;
    }
    if (value.kind != CELL_INT)
        return;
    switch (column->kind) {
    case CSV_TEXT:
    case CSV_SAY: buf_int(b, n); break;
    case CSV_QTY: buf_puts(b, text_qty(r->arena, n)); break;
    case CSV_MONEY: money_cell(b, n); break;
    case CSV_TIME:
    case CSV_DATE: time_cell(r, b, n, column->kind == CSV_DATE); break;
    }
}

int list_csv(struct req *r, const char *name, const struct csv_column *columns,
             struct cell rows)
{
    struct buf b = buf_new(r->arena, 64 * 1024, BYTES_MAX);

    buf_puts(&b, "\xef\xbb\xbf");
    for (const struct csv_column *c = columns; c->key; c++) {
        text_cell(&b, req_say(r, c->head, NULL));
        buf_puts(&b, c[1].key ? "," : "\r\n");
    }
    for (size_t i = 0, n = cell_size(rows); i < n; i++)
        for (const struct csv_column *c = columns; c->key; c++) {
            cell_add(r, &b, c, cell_get(cell_item(rows, i), c->key));
            buf_puts(&b, c[1].key ? "," : "\r\n");
        }
    if (b.full)
        return reply_error(r, 413);
    reply_header(r, "Content-Disposition",
                 arena_printf(r->arena, "attachment; filename=\"%s.csv\"", name));
    return reply_bytes(r, 200, "text/csv; charset=utf-8", b.data, b.len, NULL);
}

const char *list_href(struct req *r, const char *path, const char *const *params,
                      const char *change, const char *value)
{
    struct buf b = buf_new(r->arena, 128, 4096);
    const char *sep = "?";

    buf_puts(&b, path);
    for (; *params; params++) {
        bool is_changed = change && strcmp(change, *params) == 0;
        const char *typed = json_string_value(json_object_get(r->typed, *params));
        const char *text = is_changed ? value : req_has(r, *params) ? typed : "";

        if (!text || !*text)
            continue;
        buf_printf(&b, "%s%s=", sep, *params);
        buf_url(&b, text, strlen(text));
        sep = "&";
    }
    return buf_str(&b);
}

const char *list_next(struct req *r, const char *path, const char *const *params,
                      struct cell last)
{
    const char *first = list_href(r, path, params, NULL, NULL);

    return last.kind ? arena_printf(r->arena, "%s%sbefore=%lld", first,
                                    strchr(first, '?') ? "&" : "?",
                                    (long long)cell_number(cell_get(last, "id")))
                     : NULL;
}
