/* The words people write: commands, prices, quantities, captions, in both languages and
 * in Hindi with Latin letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/bot/bot_words.h"

#include <string.h>

static int open_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void test_words(void **state)
{
    static const struct {
        const char *text;
        enum word word;
    } rows[] = {
        { "Yes", WORD_YES },        { " haan ", WORD_YES },
        { "हाँ!", WORD_YES },        { "ji haan", WORD_YES },
        { "NAHI", WORD_NO },        { "नहीं।", WORD_NO },
        { "wapas", WORD_BACK },     { "पीछे", WORD_BACK },
        { "Radd", WORD_CANCEL },    { "रद्द करें", WORD_CANCEL },
        { "madad", WORD_HELP },     { "मदद", WORD_HELP },
        { "?", WORD_HELP },         { "menu", WORD_MENU },
        { "मेन्यू", WORD_MENU },       { "*", WORD_REPEAT },
        { "phir se", WORD_REPEAT }, { "hogaya", WORD_DONE },
        { "हो गया", WORD_DONE },    { "छोड़ें", WORD_SKIP },
        { "puchho", WORD_ASK },     { "Yes, a vase", WORD_NONE },
        { "", WORD_NONE },          { "help my friends", WORD_NONE },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (word_of(a, rows[i].text) != rows[i].word)
            fail_msg("'%s' is %d", rows[i].text, (int)word_of(a, rows[i].text));
    assert_int_equal(word_of_choice("yes#17"), WORD_YES);
    assert_int_equal(word_of_choice("yesterday"), WORD_NONE);
}

static void test_prices(void **state)
{
    static const struct {
        const char *text;
        int64_t paise; /* 0: none */
    } rows[] = {
        { "250", 25000 },
        { "२५०", 25000 },
        { "Rs 250/-", 25000 },
        { "Rs.250/- only", 25000 },
        { "₹1,200.50", 120050 },
        { "250 rupees", 25000 },
        { "रु 99", 9900 },
        { "250 रुपये", 25000 },
        { "ढाई सौ", 25000 },
        { "dhai sau", 25000 },
        { "dedh hazaar", 150000 },
        { "साढ़े तीन सौ", 35000 },
        { "paune do sau", 17500 },
        { "sava sau", 12500 },
        { "do hazaar paanch sau", 250000 },
        { "one hundred", 10000 },
        { "price 75", 7500 },
        { "two hundred and fifty", 25000 },
        { "एक सौ अठारह", 11800 },
        { "teen sau solah", 31600 },
        { "नौ सौ निन्यानवे रुपये", 99900 },
        { "fifteen", 1500 },
        { "250 ka ek", 25000 },
        { "२५० रुपये का एक", 25000 },
        { "50 per piece", 5000 },
        { "one and two", 0 },
        { "0", 0 },
        { "-5", 0 },
        { "free", 0 },
        { "", 0 },
        { "1.234", 0 },
        { "100000000", 0 },
        { "sadhe", 0 },
        { "12 or 13", 0 },
        { "lakh lakh lakh lakh lakh lakh", 0 },
        { "99999999999999999999", 0 },
    };
    struct arena *a = *state;
    int64_t paise;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is = words_price(a, rows[i].text, &paise);

        if (is != (rows[i].paise > 0) || (is && paise != rows[i].paise))
            fail_msg("'%s' is %lld", rows[i].text, is ? (long long)paise : -1);
    }
}

static void test_quantities(void **state)
{
    static const struct {
        const char *text;
        int64_t milli;
        const char *unit;
    } rows[] = {
        { "5", 5000, "" },
        { "पाँच", 5000, "" },
        { "10 kg", 10000, "kg" },
        { "10kg", 10000, "kg" },
        { "1.5 kilo", 1500, "kg" },
        { "2 dozen", 24000, "piece" },
        { "do darjan", 24000, "piece" },
        { "७ नग", 7000, "piece" },
        { "3 jodi", 3000, "pair" },
        { "1.5", 0, "" },
        { "1.5 pieces", 0, "" },
        { "0", 0, "" },
        { "-1", 0, "" },
        { "many", 0, "" },
        { "99999999", 0, "" },
        { "kg", 0, "" },
    };
    struct arena *a = *state;
    struct quantity q;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool is = words_quantity(a, rows[i].text, &q);

        if (is != (rows[i].milli > 0) ||
            (is && (q.milli != rows[i].milli ||
                    strcmp(q.unit_en ? q.unit_en : "", rows[i].unit) != 0)))
            fail_msg("'%s' is %lld", rows[i].text, is ? (long long)q.milli : -1);
    }
}

static void test_captions(void **state)
{
    static const struct {
        const char *text;
        int64_t paise;
        const char *rest;
    } rows[] = {
        { "Blue vase Rs 250", 25000, "Blue vase" },
        { "₹99 bowl", 9900, "bowl" },
        { "Blue vase 250", 25000, "Blue vase" },
        { "5 inch vase", 0, "5 inch vase" },
        { "do rang ka diya", 0, "do rang ka diya" },
        { "", 0, "" },
        { "120", 12000, "" },
        { "दीया 20 रुपये", 2000, "दीया" },
        { "Vase, ₹ 1,250/-", 125000, "Vase," },
    };
    struct arena *a = *state;
    const char *rest;
    int64_t paise;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        words_caption(a, rows[i].text, &paise, &rest);
        if (paise != rows[i].paise || strcmp(rest, rows[i].rest) != 0)
            fail_msg("'%s' is %lld, '%s'", rows[i].text, (long long)paise, rest);
    }
}

static void test_states(void **state)
{
    static const struct {
        const char *text, *code;
    } rows[] = {
        { "Sanganer, Jaipur, Rajasthan", "08" },
        { "Delhi Road, Meerut, UP", "09" },
        { "जयपुर, राजस्थान", "08" },
        { "Kolkata, West Bengal", "19" },
        { "jaipur", "" },
        { "goat farm", "" },
        { "mp", "23" },
    };
    struct arena *a = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *code = words_state(a, rows[i].text);

        assert_string_equal(code ? code : "", rows[i].code);
    }
}

int main(void)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, open_arena, close_arena, NULL                                          \
    }
    const struct CMUnitTest tests[] = {
        TEST("WA-7 words in both languages", test_words),
        TEST("WA-3 prices as they are written", test_prices),
        TEST("WA-3 quantities as they are written", test_quantities),
        TEST("WA-7 captions", test_captions),
        TEST("WA-1 States", test_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
