/* Values as people read them. Everything is written into the buffer itself: a page has
 * thousands of values, and none of them is worth an allocation. */
#include "template_internal.h"

#include "db/base/clock.h"
#include "db/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum filter filter;
} filters[] = {
    { "money", FILTER_MONEY }, { "rupees", FILTER_RUPEES }, { "qty", FILTER_QTY },
    { "time", FILTER_TIME },   { "date", FILTER_DATE },     { "day", FILTER_DAY },
    { "url", FILTER_URL },     { "json", FILTER_JSON },     { "amount", FILTER_AMOUNT },
    { "phone", FILTER_PHONE },
};

int filter_find(struct span name)
{
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        if (span_equal(span_of(filters[i].name), name))
            return (int)filters[i].filter;
    return -1;
}

/* Most values hold nothing to escape; those are copied whole. */
static void html_add(struct buf *out, const char *s, size_t n)
{
    static const bool special[256] = {
        ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true
    };

    for (size_t i = 0; i < n; i++)
        if (special[(unsigned char)s[i]]) {
            buf_html(out, s, n);
            return;
        }
    buf_add(out, s, n);
}

void text_add(struct buf *out, const char *s, size_t n, bool escape)
{
    if (escape)
        html_add(out, s, n);
    else
        buf_add(out, s, n);
}

/* The shortest form that reads back as the same number. */
static void real_add(struct buf *out, double value)
{
    char digits[40];
    int len = snprintf(digits, sizeof digits, "%.15g", value);

    if (strtod(digits, NULL) != value)
        len = snprintf(digits, sizeof digits, "%.17g", value);
    buf_add(out, digits, (size_t)len);
}

void value_render(struct cell value, bool escape, struct buf *out)
{
    switch ((enum cell_kind)value.kind) {
    case CELL_TEXT: text_add(out, value.text, value.count, escape); break;
    case CELL_INT: buf_int(out, value.i); break;
    case CELL_REAL: real_add(out, value.real); break;
    case CELL_TRUE: buf_add(out, "true", 4); break;
    case CELL_FALSE: buf_add(out, "false", 5); break;
    case CELL_NONE:
    case CELL_NULL:
    case CELL_JSON:
    case CELL_ROW:
    case CELL_ROWS: break;
    }
}

static void money_add(struct buf *out, int64_t paise)
{
    char digits[TEXT_NUMBER_SIZE];
    size_t len = text_rupees_to(digits, paise, true), sign = digits[0] == '-';

    buf_add(out, digits, sign);
    buf_add(out, "₹", strlen("₹"));
    buf_add(out, digits + sign, len - sign);
}

static void span_add(struct buf *out, struct span s, bool escape)
{
    text_add(out, s.s, s.len, escape);
}

/* "Sun 22 Nov, 4:30 pm", "Sun 22 Nov 2026", "22 Nov" */
static void time_add(const struct language *l, enum filter filter, int64_t ms, int zone,
                     bool escape, struct buf *out)
{
    struct calendar at = clock_calendar(ms, zone);
    int hour = at.hour % 12 ? at.hour % 12 : 12;

    if (filter != FILTER_DAY) {
        span_add(out, l->weekdays[at.weekday], escape);
        buf_putc(out, ' ');
    }
    buf_int(out, at.day);
    buf_putc(out, ' ');
    span_add(out, l->months[at.month - 1], escape);
    if (filter == FILTER_DATE) {
        buf_putc(out, ' ');
        buf_int(out, at.year);
    } else if (filter == FILTER_TIME) {
        buf_add(out, ", ", 2);
        if (l->part_first) {
            span_add(out, l->parts[at.hour], escape);
            buf_putc(out, ' ');
        }
        buf_int(out, hour);
        buf_putc(out, ':');
        buf_putc(out, (char)('0' + at.minute / 10));
        buf_putc(out, (char)('0' + at.minute % 10));
        if (!l->part_first) {
            buf_putc(out, ' ');
            span_add(out, l->parts[at.hour], escape);
        }
    }
}

/* "+919876543210" as it is read: +91 98765 43210, which does not break over two lines. */
static void phone_add(struct buf *out, const char *s, bool escape)
{
    static const char gap[] = "\u00a0";
    const char *at, *from = s;

    while ((at = strstr(from, "+91"))) {
        size_t n = strspn(at + 3, "0123456789");

        text_add(out, from, (size_t)(at - from) + 3, escape);
        from = at + 3;
        if (n != 10)
            continue;
        buf_puts(out, gap);
        buf_add(out, from, 5);
        buf_puts(out, gap);
        buf_add(out, from + 5, 5);
        from += 10;
    }
    text_add(out, from, strlen(from), escape);
}

struct json_output {
    struct buf *out;
    bool escape;
};

/* JSON that may stand in a script element as well: < > & are written as \u003c. */
static int json_add(const char *s, size_t n, void *arg)
{
    struct json_output *o = arg;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == '<' || s[i] == '>' || s[i] == '&')
            buf_printf(o->out, "\\u%04x", (unsigned)s[i]);
        else
            text_add(o->out, s + i, 1, o->escape);
    }
    return o->out->full ? -1 : 0;
}

static bool int_filter(const struct language *l, enum filter filter, int64_t n, int zone,
                       bool escape, struct buf *out)
{
    char digits[TEXT_NUMBER_SIZE];

    switch (filter) {
    case FILTER_MONEY: money_add(out, n); return true;
    case FILTER_RUPEES:
        buf_add(out, digits, text_rupees_to(digits, n, false));
        return true;
    case FILTER_AMOUNT:
    case FILTER_QTY: buf_add(out, digits, text_qty_to(digits, n)); return true;
    case FILTER_TIME:
    case FILTER_DATE:
    case FILTER_DAY: time_add(l, filter, n, zone, escape, out); return true;
    case FILTER_URL: buf_int(out, n); return true;
    case FILTER_NONE:
    case FILTER_PHONE:
    case FILTER_JSON: break;
    }
    return false;
}

bool filter_render(const struct language *l, enum filter filter, struct cell value,
                   int zone_minutes, bool escape, struct buf *out)
{
    struct json_output json = { out, escape };

    if (value.kind == CELL_NONE)
        return false;
    if (filter == FILTER_JSON) {
        json_t *whole = cell_to_json(value);

        json_dump_callback(whole, json_add, &json, JSON_COMPACT | JSON_ENCODE_ANY);
        json_decref(whole);
        return true;
    }
    if (filter == FILTER_URL && value.kind == CELL_TEXT) {
        buf_url(out, value.text, value.count);
        return true;
    }
    if (filter == FILTER_PHONE && value.kind == CELL_TEXT) {
        phone_add(out, value.text, escape);
        return true;
    }
    return value.kind == CELL_INT &&
           int_filter(l, filter, value.i, zone_minutes, escape, out);
}

/* "Jan Feb ...": `count` words of the text `key`. */
static void words_read(const struct language *l, const char *key, struct span *words,
                       size_t count, struct errors *errors)
{
    const struct message *m = message_find(l, key, strlen(key));
    const struct program *text = m ? &m->other : NULL;
    const char *p, *end;
    size_t n = 0;

    if (text && text->count == 1 && text->nodes->op == NODE_LITERAL) {
        p = text->nodes->text.s;
        end = p + text->nodes->text.len;
        while (p < end && n < count) {
            const char *space = memchr(p, ' ', (size_t)(end - p));

            words[n++] = (struct span) { p, (size_t)((space ? space : end) - p) };
            p = space ? space + 1 : end;
        }
        if (n == count && p == end)
            return;
    }
    errors_add(errors, l->file, 0, "\"%s\" must be %zu words", key, count);
}

void calendar_compile(struct language *l, struct errors *errors)
{
    words_read(l, "clock.months", l->months, 12, errors);
    words_read(l, "clock.weekdays", l->weekdays, 7, errors);
    words_read(l, "clock.hours", l->parts, 24, errors);
}
