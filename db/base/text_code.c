/* Numbers and names that others hand out: phones, mail, tax, goods, payment, post. */
#include "text.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_alnum(char c)
{
    return is_letter(c) || is_digit(c);
}

/* What stands between the digits of a phone number, copied marks without width included:
 * U+00A0, U+200B-U+2015 (dashes), U+202A-U+202F, U+2060-U+2069. */
static size_t filler(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    if (*p && strchr(" -()[]./\t", *s))
        return 1;
    if (p[0] == 0xc2 && p[1] == 0xa0)
        return 2;
    if (p[0] != 0xe2)
        return 0;
    if (p[1] == 0x80 &&
        ((p[2] >= 0x8b && p[2] <= 0x95) || (p[2] >= 0xaa && p[2] <= 0xaf)))
        return 3;
    return p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xa9 ? 3 : 0;
}

/* The digits of `s` into `to`; false when there is something else or there are too many.
 */
static bool phone_digits(const char *s, char to[static 20], bool *plus)
{
    size_t n = 0, skip;
    int digit;

    *plus = false;
    while (*s) {
        skip = filler(s);
        s += skip;
        if (skip)
            continue;
        digit = text_digit(&s);
        if (digit >= 0 && n < 18)
            to[n++] = (char)('0' + digit);
        else if (*s++ == '+' && n == 0 && !*plus)
            *plus = true;
        else
            return false;
    }
    to[n] = '\0';
    return true;
}

char *text_mobile(struct arena *a, const char *s)
{
    char digits[20], *p = digits;
    bool plus;
    size_t n;

    if (!phone_digits(s, digits, &plus))
        return NULL;
    if (!plus && strncmp(p, "00", 2) == 0) {
        plus = true;
        p += 2;
    }
    n = strlen(p);
    if (plus && strncmp(p, "91", 2) != 0)
        return n >= 8 && n <= 15 && *p != '0' ? arena_printf(a, "+%s", p) : NULL;
    if (plus || (n >= 12 && strncmp(p, "91", 2) == 0)) {
        p += 2;
        n -= 2;
    }
    if (n == 11 && *p == '0') {
        p++;
        n--;
    }
    return n == 10 && *p >= '6' ? arena_printf(a, "+91%s", p) : NULL;
}

/* Letters, digits and `more`, without dots at the ends or side by side. */
static bool dotted(const char *s, size_t n, const char *more)
{
    if (n == 0 || s[0] == '.' || s[n - 1] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.' ? s[i + 1] == '.' : !is_alnum(s[i]) && !strchr(more, s[i]))
            return false;
    }
    return true;
}

static bool domain_valid(const char *s, size_t n)
{
    const char *top = memrchr(s, '.', n), *label = s;

    if (!top || !dotted(s, n, "-") || s + n - top < 3 || !is_letter(top[1]))
        return false;
    for (const char *p = s; p <= s + n; p++) {
        if (p < s + n && *p != '.')
            continue;
        if (p - label > 63 || *label == '-' || p[-1] == '-')
            return false;
        label = p + 1;
    }
    return true;
}

char *text_email(struct arena *a, const char *s)
{
    const char *at = strrchr(s, '@');
    size_t n = strnlen(s, 255);
    char *out;

    if (!at || n > 254 || at - s > 64 ||
        !dotted(s, (size_t)(at - s), "!#$%&'*+/=?^_`{|}~-") ||
        !domain_valid(at + 1, n - (size_t)(at + 1 - s)))
        return NULL;
    out = arena_dupn(a, s, n);
    for (char *p = out; *p; p++)
        *p = is_upper(*p) ? (char)(*p - 'A' + 'a') : *p;
    return out;
}

static int base36(char c)
{
    return is_digit(c) ? c - '0' : c - 'A' + 10;
}

/* ^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABD-J][0-9A-Z]$ */
static bool gstin_form(const char *s)
{
    static const char kinds[] = "99AAAAA9999AXXX";

    if (strnlen(s, 16) != 15)
        return false;
    for (size_t i = 0; i < 15; i++) {
        bool fits = kinds[i] == '9'   ? is_digit(s[i])
                    : kinds[i] == 'A' ? is_upper(s[i])
                                      : is_digit(s[i]) || is_upper(s[i]);

        if (!fits)
            return false;
    }
    return s[12] != '0' && strchr("Z123456789ABDEFGHIJ", s[13]);
}

enum gstin text_gstin(const char *s)
{
    int sum = 0;

    if (!gstin_form(s))
        return GSTIN_BAD;
    for (int i = 0; i < 14; i++) {
        int product = base36(s[i]) * (i % 2 + 1);

        sum += product / 36 + product % 36;
    }
    return base36(s[14]) == (36 - sum % 36) % 36 ? GSTIN_OK : GSTIN_CHECK_DIGIT;
}

bool text_gtin(const char *s)
{
    size_t n = strnlen(s, 15);
    int sum = 0;

    if (n != 8 && n != 12 && n != 13 && n != 14)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]))
            return false;
        sum += (s[i] - '0') * ((n - 1 - i) % 2 ? 3 : 1);
    }
    return sum % 10 == 0;
}

bool text_upi(const char *s)
{
    const char *at = strchr(s, '@');
    size_t handle;

    if (!at || at - s < 2 || at - s > 256)
        return false;
    for (const char *p = s; p < at; p++)
        if (!is_alnum(*p) && !strchr(".-_", *p))
            return false;
    handle = strnlen(at + 1, 66);
    if (handle < 2 || handle > 65 || !is_letter(at[1]))
        return false;
    for (const char *p = at + 1; *p; p++)
        if (!is_alnum(*p) && !strchr(".-", *p))
            return false;
    return true;
}

bool text_pin(const char *s)
{
    if (strnlen(s, 7) != 6 || *s == '0')
        return false;
    for (; *s; s++)
        if (!is_digit(*s))
            return false;
    return true;
}
