/* Decoded text is never longer than the coded one, so that one block holds all names and
 * values of a form: each ends with a zero where its = or & stood. */
#include "server/http/body_internal.h"

#include "db/base/text.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Writes a zero behind; `to` has room for n + 1. */
static bool percent_decode(const char *s, size_t n, bool plus, char *to, size_t *len)
{
    size_t out = 0;

    for (size_t i = 0; i < n; i++) {
        char c = s[i];

        if (c == '%') {
            int high = n - i > 2 ? hex_digit(s[i + 1]) : -1;
            int low = n - i > 2 ? hex_digit(s[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(unsigned char)(high << 4 | low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        to[out++] = c;
    }
    to[out] = '\0';
    *len = out;
    return text_valid(to, out);
}

/* One name=value; moves *to behind what it wrote. */
static enum body_rc pair_decode(struct form_maker *m, const char *s, size_t n, char **to)
{
    const char *equals = memchr(s, '=', n);
    size_t name_raw = equals ? (size_t)(equals - s) : n;
    struct part p = { .name = *to, .value = "" };
    enum body_rc rc;

    if (!percent_decode(s, name_raw, true, *to, &p.name_len) || !p.name_len)
        return BODY_MALFORMED;
    *to += p.name_len + 1;
    if (equals) {
        p.value = *to;
        if (!percent_decode(equals + 1, n - name_raw - 1, true, *to, &p.value_len))
            return BODY_MALFORMED;
        *to += p.value_len + 1;
    }
    if (p.name_len > m->limits->name || p.value_len > m->limits->value)
        return BODY_TOO_LARGE;
    p.size = (int64_t)p.value_len;
    rc = form_admit(m, &p);
    if (rc == BODY_OK) {
        form_content(m, p.value, p.value_len);
        form_add(m, &p);
    }
    return rc;
}

enum body_rc urlencoded_parse(struct arena *a, const char *s, size_t n,
                              const struct body_limits *limits, struct form *out)
{
    const char *end = s + n;
    struct form_maker m;
    char *to;

    memset(out, 0, sizeof *out);
    if (n > limits->bytes)
        return BODY_TOO_LARGE;
    form_start(&m, a, limits);
    to = arena_bytes(a, n + 1);
    while (s < end) {
        const char *amp = memchr(s, '&', (size_t)(end - s));
        size_t len = (size_t)((amp ? amp : end) - s);
        enum body_rc rc = len ? pair_decode(&m, s, len, &to) : BODY_OK;

        if (rc != BODY_OK)
            return rc;
        s = amp ? amp + 1 : end;
    }
    form_end(&m, out);
    return BODY_OK;
}

enum body_rc query_parse(struct arena *a, const char *query,
                         const struct body_limits *limits, struct form *out)
{
    return urlencoded_parse(a, query ? query : "", query ? strlen(query) : 0, limits,
                            out);
}

char *path_decode(struct arena *a, const char *raw, size_t n)
{
    char *s = arena_bytes(a, n + 1);
    size_t len;

    if (!percent_decode(raw, n, false, s, &len))
        return NULL;
    if (!strcmp(s, ".") || !strcmp(s, "..") || strpbrk(s, "/\\"))
        return NULL;
    return s;
}
