/* A header's value is walked once, from the left; quoted strings are stepped over so that
 * a comma or semicolon in them separates nothing. */
#include "server/http/header.h"

#include <string.h>
#include <strings.h>

enum { COOKIE_VALUE = 4096 };

bool header_is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool header_same(const char *s, size_t n, const char *token)
{
    return strlen(token) == n && !strncasecmp(s, token, n);
}

static const char *skip_space(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    return s;
}

static const char *skip_token(const char *s, const char *end)
{
    while (s < end && header_is_token(*s))
        s++;
    return s;
}

/* `s` stands behind the opening quote; returns the place behind the closing one. */
static const char *unquote(const char *s, const char *end, char *to)
{
    while (s < end && *s != '"') {
        if (*s == '\\' && end - s > 1 && (s[1] == '"' || s[1] == '\\'))
            s++;
        *to++ = *s++;
    }
    *to = '\0';
    return s < end ? s + 1 : NULL;
}

static const char *value_read(struct arena *a, const char *s, const char *end, char **out)
{
    const char *stop;

    if (s < end && *s == '"') {
        *out = arena_bytes(a, (size_t)(end - s));
        return unquote(s + 1, end, *out);
    }
    stop = skip_token(s, end);
    *out = arena_dupn(a, s, (size_t)(stop - s));
    return stop > s ? stop : NULL;
}

enum header_rc header_param_next(struct arena *a, const char **s, const char *end,
                                 struct header_param *out)
{
    const char *at = skip_space(*s, end);
    const char *name;

    /* Empty parameters are allowed: "a; ;b=1;" */
    while (at < end && *at == ';') {
        name = skip_space(at + 1, end);
        at = name;
        if (at == end || *at == ';')
            continue;
        at = skip_token(name, end);
        if (at == name || at == end || *at != '=')
            return HEADER_BAD;
        out->name = name;
        out->name_len = (size_t)(at - name);
        at = value_read(a, at + 1, end, &out->value);
        if (!at)
            return HEADER_BAD;
        *s = at;
        return HEADER_OK;
    }
    return at == end ? HEADER_END : HEADER_BAD;
}

/* The end of the list's entry at `s`: a comma outside of quotes, or the end. */
static const char *entry_end(const char *s)
{
    bool quoted = false;

    for (; *s && (quoted || *s != ','); s++) {
        if (*s == '"')
            quoted = !quoted;
        else if (quoted && *s == '\\' && s[1])
            s++;
    }
    return s;
}

/* The weight of an entry in thousandths: 1000 unless it has a q; 0 for one that is wrong.
 */
static int entry_weight(const char *s, const char *end)
{
    int weight = 1000, digit = 1000;

    while ((s = memchr(s, ';', (size_t)(end - s)))) {
        s = skip_space(s + 1, end);
        if (end - s >= 2 && (*s == 'q' || *s == 'Q') && s[1] == '=')
            break;
    }
    if (!s)
        return weight;
    s += 2;
    if (s == end || (*s != '0' && *s != '1'))
        return 0;
    weight = (*s++ - '0') * 1000;
    if (s < end && *s == '.')
        for (s++; s < end && *s >= '0' && *s <= '9'; s++)
            weight += (*s - '0') * (digit /= 10);
    return weight > 1000 ? 1000 : weight;
}

bool header_token_list_has(const char *value, const char *token)
{
    while (value && *value) {
        const char *end = entry_end(value);
        const char *s = skip_space(value, end);
        const char *stop = s;

        while (stop < end && *stop != ';' && *stop != ' ' && *stop != '\t')
            stop++;
        if (header_same(s, (size_t)(stop - s), token))
            return entry_weight(stop, end) > 0;
        value = *end ? end + 1 : end;
    }
    return false;
}

/* "hi" and "hi-IN" are hi; * is the first language. */
static const char *language_find(const char *s, const char *end,
                                 const char *const *languages)
{
    size_t n = 0;

    while (s + n < end && header_is_token(s[n]) && s[n] != '-')
        n++;
    if (n == 1 && *s == '*')
        return *languages;
    for (; *languages; languages++)
        if (header_same(s, n, *languages))
            return *languages;
    return NULL;
}

const char *accept_language(const char *header, const char *const *languages)
{
    const char *best = *languages;
    int best_weight = 0;

    while (header && *header) {
        const char *end = entry_end(header);
        const char *found = language_find(skip_space(header, end), end, languages);
        int weight = found ? entry_weight(header, end) : 0;

        if (weight > best_weight) {
            best = found;
            best_weight = weight;
        }
        header = *end ? end + 1 : end;
    }
    return best;
}

static bool cookie_valid(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~' || strchr("\",;\\", s[i]))
            return false;
    return n <= COOKIE_VALUE;
}

char *cookie_find(struct arena *a, const char *header, const char *name)
{
    size_t name_len = strlen(name);

    while (header && *header) {
        const char *end = strchrnul(header, ';');
        const char *s = skip_space(header, end);

        if ((size_t)(end - s) > name_len && s[name_len] == '=' &&
            !memcmp(s, name, name_len)) {
            const char *stop = end;

            s += name_len + 1;
            while (stop > s && (stop[-1] == ' ' || stop[-1] == '\t'))
                stop--;
            if (stop - s >= 2 && *s == '"' && stop[-1] == '"')
                s++, stop--;
            return cookie_valid(s, (size_t)(stop - s))
                       ? arena_dupn(a, s, (size_t)(stop - s))
                       : NULL;
        }
        header = *end ? end + 1 : end;
    }
    return NULL;
}
