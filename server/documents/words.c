/* Crores are counted in words themselves, so that there is no largest amount. */
#include "server/documents/words.h"

#include "db/base/buf.h"

#include <string.h>

static const char *const small_words[] = {
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",     "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",   "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
};

static const char *const tens_words[] = {
    "", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"
};

/* Hindi has a word of its own for each. */
/* clang-format off */
static const char *const hindi_words[100] = {
    "शून्य", "एक", "दो", "तीन", "चार",
    "पाँच", "छह", "सात", "आठ", "नौ",
    "दस", "ग्यारह", "बारह", "तेरह", "चौदह",
    "पंद्रह", "सोलह", "सत्रह", "अठारह", "उन्नीस",
    "बीस", "इक्कीस", "बाईस", "तेईस", "चौबीस",
    "पच्चीस", "छब्बीस", "सत्ताईस", "अट्ठाईस", "उनतीस",
    "तीस", "इकतीस", "बत्तीस", "तैंतीस", "चौंतीस",
    "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस", "उनतालीस",
    "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस",
    "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस", "उनचास",
    "पचास", "इक्यावन", "बावन", "तिरपन", "चौवन",
    "पचपन", "छप्पन", "सत्तावन", "अट्ठावन", "उनसठ",
    "साठ", "इकसठ", "बासठ", "तिरसठ", "चौंसठ",
    "पैंसठ", "छियासठ", "सड़सठ", "अड़सठ", "उनहत्तर",
    "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर",
    "पचहत्तर", "छिहत्तर", "सतहत्तर", "अठहत्तर", "उन्यासी",
    "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी",
    "पचासी", "छियासी", "सत्तासी", "अट्ठासी", "नवासी",
    "नब्बे", "इक्यानवे", "बानवे", "तिरानवे", "चौरानवे",
    "पचानवे", "छियानवे", "सत्तानवे", "अट्ठानवे", "निन्यानवे",
};
/* clang-format on */

static void english_below_hundred(struct buf *b, uint64_t n)
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

static void hindi_below_hundred(struct buf *b, uint64_t n)
{
    buf_puts(b, hindi_words[n]);
}

static const struct tongue {
    void (*below_hundred)(struct buf *b, uint64_t n);
    const char *units[4]; /* as in words_number() */
    const char *minus, *rupees, *with, *paise, *only;
} english = { english_below_hundred,
              { " Crore", " Lakh", " Thousand", " Hundred" },
              "Minus ",
              "Rupees ",
              " and ",
              " Paise",
              " Only" },
  hindi = { hindi_below_hundred,
            { " करोड़", " लाख", " हज़ार", " सौ" },
            "ऋण ",
            "रुपये ",
            " और ",
            " पैसे",
            " मात्र" };

static void words_number(struct buf *b, const struct tongue *t, uint64_t n)
{
    static const uint64_t units[] = { 10000000, 100000, 1000, 100 };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (n < units[i])
            continue;
        words_number(b, t, n / units[i]);
        buf_puts(b, t->units[i]);
        n %= units[i];
        if (!n)
            return;
        buf_putc(b, ' ');
    }
    t->below_hundred(b, n);
}

char *words_rupees(struct arena *a, int64_t paise, const char *lang)
{
    const struct tongue *t = strcmp(lang, "hi") == 0 ? &hindi : &english;
    uint64_t n = paise < 0 ? 0 - (uint64_t)paise : (uint64_t)paise;
    struct buf b = buf_new(a, 256, 4096);

    if (paise < 0)
        buf_puts(&b, t->minus);
    buf_puts(&b, t->rupees);
    words_number(&b, t, n / 100);
    if (n % 100) {
        buf_puts(&b, t->with);
        words_number(&b, t, n % 100);
        buf_puts(&b, t->paise);
    }
    buf_puts(&b, t->only);
    return arena_dup(a, buf_str(&b));
}
