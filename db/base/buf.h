/* A growing text buffer with a maximum. */
#ifndef BUF_H
#define BUF_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char *data;         /* not zero-terminated; see buf_str() */
    size_t len, size;   /* bytes in use, bytes there */
    size_t max;         /* bytes allowed */
    bool full;          /* something did not fit: it and all after it was left out */
    struct arena *arena;
};

/* Starts a buffer in the arena with room for `size` bytes; it grows up to `max`. */
struct buf buf_new(struct arena *a, size_t size, size_t max);

void buf_add_more(struct buf *b, const char *s, size_t n); /* where it may have to grow */

/* Append. A buffer that is full stays as it is; the caller checks `full` once, at the end. */
static inline void buf_add(struct buf *b, const char *s, size_t n)
{
    if (b->full || n == 0 || n > b->size - b->len) {
        buf_add_more(b, s, n);
        return;
    }
    memcpy(b->data + b->len, s, n);
    b->len += n;
}
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_int(struct buf *b, int64_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends with & < > " ' escaped for HTML text and quoted attributes. */
void buf_html(struct buf *b, const char *s, size_t n);

/* Appends percent-encoded (RFC 3986; unreserved characters stay). */
void buf_url(struct buf *b, const char *s, size_t n);

/* Room for `n` more bytes at data + len, or NULL when that passes the maximum; the caller
 * writes there and adds to len. */
char *buf_reserve(struct buf *b, size_t n);

/* The text, zero-terminated; borrowed from the arena. */
const char *buf_str(struct buf *b);

#endif
