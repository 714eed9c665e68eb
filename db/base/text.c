/* UTF-8, decoded one character at a time. Where text is changed the result is never
 * longer than what came in, so that one allocation of that size holds it. */
#include "text.h"

#include <string.h>

/* The character at `s`, of which `n` > 0 bytes are there, and its length. What isn't
 * UTF-8 is a character of one byte with the value -1. */
static int32_t char_decode(const char *s, size_t n, size_t *len)
{
    static const int32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = (const unsigned char *)s;
    size_t want = p[0] < 0x80   ? 1
                  : p[0] < 0xc0 ? 0
                  : p[0] < 0xe0 ? 2
                  : p[0] < 0xf0 ? 3
                                : 4;
    int32_t c;

    *len = 1;
    if (want == 1)
        return p[0];
    if (want == 0 || want > n || p[0] > 0xf4)
        return -1;
    c = p[0] & (0x7f >> want);
    for (size_t i = 1; i < want; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < smallest[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return -1;
    *len = want;
    return c;
}

bool text_valid(const char *s, size_t n)
{
    size_t len;

    for (size_t i = 0; i < n; i += len) {
        int32_t c = char_decode(s + i, n - i, &len);

        if (c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
            (c >= 0x7f && c < 0xa0))
            return false;
    }
    return true;
}

size_t text_chars(const char *s)
{
    size_t count = 0;

    for (; *s; s++)
        count += ((unsigned char)*s & 0xc0) != 0x80;
    return count;
}

size_t text_cut(const char *s, size_t chars)
{
    size_t i = 0;

    for (; s[i]; i++)
        if (((unsigned char)s[i] & 0xc0) != 0x80 && chars-- == 0)
            break;
    return i;
}

static bool char_space(int32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

char *text_trim(struct arena *a, const char *s, size_t n, bool lines)
{
    char *out = arena_bytes(a, n + 1);
    size_t at = 0, len, breaks = 0;
    bool gap = false;

    for (size_t i = 0; i < n; i += len) {
        int32_t c = char_decode(s + i, n - i, &len);

        if (char_space(c)) {
            gap = true;
            breaks += lines &&
                      (c == '\n' || (c == '\r' && (i + 1 == n || s[i + 1] != '\n')));
            continue;
        }
        if (at > 0 && breaks > 0) {
            memset(out + at, '\n', breaks);
            at += breaks;
        } else if (at > 0 && gap) {
            out[at++] = ' ';
        }
        gap = false;
        breaks = 0;
        memcpy(out + at, s + i, len);
        at += len;
    }
    out[at] = '\0';
    return out;
}

/* U+00C0 to U+017F without case and accents; "" where nothing changes. */
static const char latin[][3] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "ss",
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y",
    "a", "a", "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",
    "d", "d", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",
    "g", "g", "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",
    "i", "i", "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",
    "l", "l", "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",
    "s", "s", "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",
    "u", "u", "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s",
};

_Static_assert(sizeof latin / sizeof latin[0] == 0x180 - 0xc0, "one for each letter");

/* Devanagari letters that hold a nukta -> the letter below it; 0 for others. */
static int32_t nukta_base(int32_t c)
{
    static const uint16_t base[] = { 0x915, 0x916, 0x917, 0x91c,
                                     0x921, 0x922, 0x92b, 0x92f };

    if (c >= 0x958 && c <= 0x95f)
        return base[c - 0x958];
    return c == 0x929 ? 0x928 : c == 0x931 ? 0x930 : c == 0x934 ? 0x933 : 0;
}

/* Accents, the nukta, and characters without width. */
static bool char_ignored(int32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || c == 0x93c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || c == 0x2060 || c == 0xfeff;
}

static size_t char_fold(char *to, int32_t c, const char *s, size_t len)
{
    int32_t base = nukta_base(c);
    const char *p = s;
    int digit = text_digit(&p);

    if (c >= 'A' && c <= 'Z') {
        *to = (char)(c - 'A' + 'a');
        return 1;
    }
    if (c >= 0xc0 && c < 0x180 && latin[c - 0xc0][0]) {
        memcpy(to, latin[c - 0xc0], 2);
        return to[1] ? 2 : 1;
    }
    if (digit >= 0) {
        *to = (char)('0' + digit);
        return 1;
    }
    memcpy(to, s, len);
    if (base) {
        to[1] = (char)(0x80 | (base >> 6 & 0x3f));
        to[2] = (char)(0x80 | (base & 0x3f));
    }
    return len;
}

char *text_fold(struct arena *a, const char *s)
{
    size_t n = strlen(s), at = 0, len;
    char *out = arena_bytes(a, n + 2);
    bool gap = false;

    for (size_t i = 0; i < n; i += len) {
        int32_t c = char_decode(s + i, n - i, &len);

        if (char_space(c))
            gap = true;
        if (char_space(c) || char_ignored(c))
            continue;
        if (gap && at > 0)
            out[at++] = ' ';
        gap = false;
        at += char_fold(out + at, c, s + i, len);
    }
    out[at] = '\0';
    return out;
}

char *text_hex(struct arena *a, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    char *out = arena_bytes(a, 2 * n + 1);

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * n] = '\0';
    return out;
}

char *text_base64url(struct arena *a, const void *bytes, size_t n)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *p = bytes;
    char *out = arena_bytes(a, n / 3 * 4 + 5);
    unsigned waiting = 0, bits = 0;
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        waiting = (waiting << 8 | p[i]) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6)
            out[at++] = digits[waiting >> (bits - 6) & 63];
    }
    if (bits > 0)
        out[at++] = digits[waiting << (6 - bits) & 63];
    out[at] = '\0';
    return out;
}
