/* Doubling in the arena: in place while the buffer is the newest allocation. */
#include "buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct buf buf_new(struct arena *a, size_t size, size_t max)
{
    struct buf b = { .size = size, .max = max, .arena = a };

    assert(size > 0 && size <= max);
    b.data = arena_bytes(a, size);
    return b;
}

char *buf_reserve(struct buf *b, size_t n)
{
    size_t want, size = b->size;

    if (!b->full && n <= b->size - b->len)
        return b->data + b->len;
    if (b->full || n > b->max - b->len) {
        b->full = true;
        return NULL;
    }
    want = b->len + n;
    while (size < want)
        size = size > b->max / 2 ? b->max : size * 2;
    if (!arena_extend(b->arena, b->data, b->size, size)) {
        char *grown = arena_bytes(b->arena, size);

        memcpy(grown, b->data, b->len);
        b->data = grown;
    }
    b->size = size;
    return b->data + b->len;
}

void buf_add_more(struct buf *b, const char *s, size_t n)
{
    char *to = buf_reserve(b, n);

    if (to && n) {
        memcpy(to, s, n);
        b->len += n;
    }
}

void buf_puts(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_int(struct buf *b, int64_t n)
{
    char digits[24], *p = digits + sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    do {
        *--p = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (n < 0)
        *--p = '-';
    buf_add(b, p, (size_t)(digits + sizeof digits - p));
}

void buf_printf(struct buf *b, const char *format, ...)
{
    size_t room = b->full ? 0 : b->size - b->len;
    va_list args, again;
    char *to;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(room ? b->data + b->len : NULL, room, format, args);
    va_end(args);
    assert(n >= 0);
    to = buf_reserve(b, (size_t)n + 1);
    if (to) {
        if ((size_t)n >= room)
            vsnprintf(to, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

static const char *html_escape(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void buf_html(struct buf *b, const char *s, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i < n; i++) {
        const char *escaped = html_escape(s[i]);

        if (escaped) {
            buf_add(b, s + start, i - start);
            buf_puts(b, escaped);
            start = i + 1;
        }
    }
    buf_add(b, s + start, n - start);
}

static bool url_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

void buf_url(struct buf *b, const char *s, size_t n)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (url_unreserved(s[i])) {
            buf_putc(b, s[i]);
        } else {
            char coded[3] = { '%', hex[c >> 4], hex[c & 15] };

            buf_add(b, coded, 3);
        }
    }
}

const char *buf_str(struct buf *b)
{
    char *end;

    if (b->len < b->size) {
        end = b->data + b->len;
    } else {
        size_t max = b->max;
        bool full = b->full;

        b->max += 1;
        b->full = false;
        end = buf_reserve(b, 1);
        b->max = max;
        b->full = full;
    }
    *end = '\0';
    return b->data;
}
