/* Crores are counted in words themselves, so that there is no largest amount. */
#include "server/documents/words.h"

#include "db/base/buf.h"

static const char *const small_words[] = {
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",     "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",   "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
};

static const char *const tens_words[] = {
    "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"
};

static void words_below_hundred(struct buf *b, uint64_t n)
{
    if (n < 20) {
        buf_puts(b, small_words[n]);
        return;
    }
    buf_puts(b, tens_words[n / 10]);
    if (n % 10) {
        buf_putc(b, '-');
        buf_puts(b, small_words[n % 10]);
    }
}

static void words_number(struct buf *b, uint64_t n)
{
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = { { 10000000, " Crore" },
                  { 100000, " Lakh" },
                  { 1000, " Thousand" },
                  { 100, " Hundred" } };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (n < units[i].unit)
            continue;
        words_number(b, n / units[i].unit);
        buf_puts(b, units[i].name);
        n %= units[i].unit;
        if (!n)
            return;
        buf_putc(b, ' ');
    }
    words_below_hundred(b, n);
}

char *words_rupees(struct arena *a, int64_t paise)
{
    uint64_t n = paise < 0 ? 0 - (uint64_t)paise : (uint64_t)paise;
    struct buf b = buf_new(a, 256, 4096);

    if (paise < 0)
        buf_puts(&b, "Minus ");
    buf_puts(&b, "Rupees ");
    words_number(&b, n / 100);
    if (n % 100) {
        buf_puts(&b, " and ");
        words_number(&b, n % 100);
        buf_puts(&b, " Paise");
    }
    buf_puts(&b, " Only");
    return arena_dup(a, buf_str(&b));
}
