/* Amounts as people write them in India: the last three digits are one group, those
 * before go in twos (1,23,456.50). Numbers are integers of their smallest part
 * throughout. */
#include "text.h"

#include <assert.h>
#include <string.h>

enum { MOST_DIGITS = 15 };

/* The Indian digits stand at U+0966 and each 128 characters behind it, up to U+0D66. */
int text_digit(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;

    if (*p >= '0' && *p <= '9') {
        *s += 1;
        return *p - '0';
    }
    if (p[0] == 0xe0 && p[1] >= 0xa5 && p[1] <= 0xb5 && p[1] % 2 && p[2] >= 0xa6 &&
        p[2] <= 0xaf) {
        *s += 3;
        return p[2] - 0xa6;
    }
    return -1;
}

char *text_digits(struct arena *a, const char *s)
{
    char *out = arena_bytes(a, strlen(s) + 1), *to = out;

    while (*s) {
        int digit = text_digit(&s);

        *to++ = digit >= 0 ? (char)('0' + digit) : *s++;
    }
    *to = '\0';
    return out;
}

static bool skip(const char **s, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*s, word, n) != 0)
        return false;
    *s += n;
    return true;
}

static void spaces_skip(const char **s)
{
    while (skip(s, " ") || skip(s, "\t") || skip(s, "\u00a0"))
        ;
}

/* Sign and currency in either order. */
static bool prefix_read(const char **s)
{
    bool negative;

    spaces_skip(s);
    negative = skip(s, "-") || skip(s, "\u2212");
    spaces_skip(s);
    if (skip(s, "₹") || skip(s, "Rs.") || skip(s, "Rs") || skip(s, "rs.") ||
        skip(s, "rs"))
        spaces_skip(s);
    if (!negative)
        negative = skip(s, "-") || skip(s, "\u2212");
    return negative;
}

/* Digits with or without commas: groups of two or three, the last one of three. */
static bool whole_read(const char **s, int64_t *value, int *digits)
{
    int group = 0, digit, any = 0;
    bool grouped = false;

    for (;; any++) {
        if (any && skip(s, ",")) {
            if (group == 0 || group > 3 || (grouped && group < 2))
                return false;
            grouped = true;
            group = 0;
        }
        if ((digit = text_digit(s)) < 0)
            break;
        group++;
        *digits += *digits > 0 || digit > 0;
        if (*digits > MOST_DIGITS)
            return false;
        *value = *value * 10 + digit;
    }
    return grouped ? group == 3 : true;
}

bool text_number(const char *s, int decimals, int scale, int64_t *out)
{
    const char *start;
    int64_t value = 0;
    int digits = 0, behind = 0, digit;
    bool negative = prefix_read(&s), any;

    assert(decimals >= 0 && decimals <= scale && scale <= MOST_DIGITS);
    start = s;
    if (!whole_read(&s, &value, &digits))
        return false;
    any = s > start;
    if (skip(&s, ".")) {
        for (; (digit = text_digit(&s)) >= 0; behind++) {
            if (behind == decimals)
                return false;
            digits += digits > 0 || digit > 0;
            value = value * 10 + digit;
            if (digits > MOST_DIGITS)
                return false;
        }
    }
    if (!any && behind == 0)
        return false;
    for (int i = behind; i < scale; i++) {
        digits += value > 0;
        if (digits > MOST_DIGITS)
            return false;
        value *= 10;
    }
    skip(&s, "/-"); /* 45/- is how a rupee amount is closed on paper */
    spaces_skip(&s);
    if (*s)
        return false;
    *out = negative ? -value : value;
    return true;
}

size_t text_rupees_to(char *to, int64_t paise, bool whole)
{
    char reversed[TEXT_NUMBER_SIZE];
    uint64_t left = paise < 0 ? 0 - (uint64_t)paise : (uint64_t)paise;
    unsigned cents = (unsigned)(left % 100);
    size_t n = 0, len = 0;

    if (!whole || cents) {
        reversed[n++] = (char)('0' + cents % 10);
        reversed[n++] = (char)('0' + cents / 10);
        reversed[n++] = '.';
    }
    left /= 100;
    for (int digits = 0; digits == 0 || left; digits++, left /= 10) {
        if (digits >= 3 && digits % 2 == 1)
            reversed[n++] = ',';
        reversed[n++] = (char)('0' + left % 10);
    }
    if (paise < 0)
        reversed[n++] = '-';
    while (n > 0)
        to[len++] = reversed[--n];
    to[len] = '\0';
    return len;
}

size_t text_qty_to(char *to, int64_t milli)
{
    char reversed[TEXT_NUMBER_SIZE];
    uint64_t left = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;
    size_t n = 0, len = 0;

    for (int i = 0; i < 3; i++, left /= 10)
        if (n > 0 || left % 10)
            reversed[n++] = (char)('0' + left % 10);
    if (n > 0)
        reversed[n++] = '.';
    do {
        reversed[n++] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (milli < 0)
        reversed[n++] = '-';
    while (n > 0)
        to[len++] = reversed[--n];
    to[len] = '\0';
    return len;
}

char *text_rupees(struct arena *a, int64_t paise, bool whole)
{
    char *to = arena_bytes(a, TEXT_NUMBER_SIZE);

    text_rupees_to(to, paise, whole);
    return to;
}

char *text_qty(struct arena *a, int64_t milli)
{
    char *to = arena_bytes(a, TEXT_NUMBER_SIZE);

    text_qty_to(to, milli);
    return to;
}
