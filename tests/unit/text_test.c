/* Text of strangers: what is taken, what is refused, and how amounts are written. */
#include "db/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void same(const char *got, const char *expected)
{
    if (!got || !expected)
        assert_ptr_equal(got, expected);
    else
        assert_string_equal(got, expected);
}

static void valid(void **state)
{
    static const char *const bad[] = {
        "\x80", "a\xff", "\xc3", "\xf0\x9f\x98", "\x01", "a\x7f", "\xc2\x85",
        "\xc0\xaf", "\xe0\x80\xaf", /* overlong forms of / */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
    };

    (void)state;
    assert_true(text_valid("कलम ₹ 😀\t\r\n", strlen("कलम ₹ 😀\t\r\n")));
    assert_true(text_valid("", 0));
    assert_false(text_valid("a\0b", 3));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_valid(bad[i], strlen(bad[i])));
}

static void lengths(void **state)
{
    (void)state;
    assert_int_equal(text_chars("कलम!"), 4);
    assert_int_equal(text_cut("कलम!", 2), 6);
    assert_int_equal(text_cut("कलम!", 9), 10);
    assert_int_equal(text_cut("abc", 0), 0);
}

static void trim(void **state)
{
    static const struct {
        const char *in, *line, *lines;
    } cases[] = {
        { "  a  b ", "a b", "a b" },
        { "\r\n a \t\r\n\r\n  b\n", "a b", "a\n\nb" },
        { "\u00a0\u3000x\u2003y", "x y", "x y" },
        { " \n ", "", "" },
        { "a\rb", "a b", "a\nb" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *in = cases[i].in;

        same(text_trim(*state, in, strlen(in), false), cases[i].line);
        same(text_trim(*state, in, strlen(in), true), cases[i].lines);
    }
}

static void fold(void **state)
{
    static const char *const alike[][2] = {
        { "Café ", "cafe" },        { "CAFE\u0301", "cafe" }, { "Straße", "STRASSE" },
        { "Ærø", "aero" },          { "Œuvre", "oeuvre" },    { "Łódź", "lodz" },
        { "ŽIŽEK  x", " zizek x" }, { "क़लम", "कलम" },         { "\u0958लम", "कलम" },
        { "फ़\u200dर\u200c", "फर" }, { "१२३ kg", "123 KG" },   { "\u0929", "न" },
    };

    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        same(text_fold(*state, alike[i][0]), text_fold(*state, alike[i][1]));
    same(text_fold(*state, "Crème  BRÛLÉE ÿ"), "creme brulee y");
    same(text_fold(*state, "3×4÷2"), "3×4÷2");
    same(text_fold(*state, "bad \xff\xc3"), "bad \xff\xc3");
    same(text_fold(*state, " "), "");
}

static void mobile(void **state)
{
    static const char *const cases[][2] = {
        { "9876543210", "+919876543210" },
        { "+91 98765-43210", "+919876543210" },
        { "09876543210", "+919876543210" },
        { "919876543210", "+919876543210" },
        { "00919876543210", "+919876543210" },
        { "+91 (0) 98765 43210", "+919876543210" },
        { "9123456789", "+919123456789" },
        { "\u202a+91\u00a098765\u201143210\u202c", "+919876543210" },
        { "+44 20 7946 0958", "+442079460958" },
        { "+1 (415) 555-2671", "+14155552671" },
        { "९८७६५४३२१०", "+919876543210" },
        { "+९१ 98765 ४३210", "+919876543210" },
        { "৯৮৭৬৫৪৩২১০", "+919876543210" },
        { "૯૮૭૬૫૪૩૨૧૦", "+919876543210" },
        { "൯൮൭൬൫൪൩൨൧൦", "+919876543210" },
        { "५876543210", NULL },
        { "९८७६५४३२१", NULL },
        { "5876543210", NULL },
        { "987654321", NULL },
        { "98765432101", NULL },
        { "+915876543210", NULL },
        { "+9198765432", NULL },
        { "98765x3210", NULL },
        { "9876543210+", NULL },
        { "+0123456789", NULL },
        { "+1234567890123456", NULL },
        { "+123", NULL },
        { "", NULL },
        { "+", NULL },
        { "999999999999999999999999999999999", NULL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        same(text_mobile(*state, cases[i][0]), cases[i][1]);
}

static void email(void **state)
{
    static const char *const bad[] = {
        "",          "a",           "@b.in",    "a@",      "a@b",
        "a@b.c",     "a b@c.in",    "a@b..in",  ".a@b.in", "a.@b.in",
        "a..b@c.in", "a@-b.in",     "a@b-.in",  "a@b.in.", "a@b@c.in",
        "a@b.in\n",  "a@[1.2.3.4]", "<a@b.in>", "a@b.1n",
    };

    same(text_email(*state, "Ravi.Kumar+shop@Mail.Example.CO.IN"),
         "ravi.kumar+shop@mail.example.co.in");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        same(text_email(*state, bad[i]), NULL);
    {
        char *label = arena_alloc(*state, 400, 1);

        memset(label, 'a', 300);
        memcpy(label + 64, "@b.in", 6);
        assert_non_null(text_email(*state, label));
        memset(label, 'a', 300);
        memcpy(label + 65, "@b.in", 6);
        assert_null(text_email(*state, label));
        memset(label, 'a', 300);
        memcpy(label, "a@", 2);
        memcpy(label + 66, ".in", 4);
        assert_null(text_email(*state, label));
    }
}

static void gstin(void **state)
{
    (void)state;
    assert_int_equal(text_gstin("27AAPFU0939F1ZV"), GSTIN_OK);
    assert_int_equal(text_gstin("29AAGCB7383J1Z4"), GSTIN_OK);
    assert_int_equal(text_gstin("24AAQCA8719H1ZC"), GSTIN_OK);
    assert_int_equal(text_gstin("22AAAAA0000A1ZC"), GSTIN_OK);
    assert_int_equal(text_gstin("06AABCU9605R1ZP"), GSTIN_OK);
    assert_int_equal(text_gstin("22AAAAA0000A1Z5"), GSTIN_CHECK_DIGIT);
    assert_int_equal(text_gstin("06AABCU9605R1ZR"), GSTIN_CHECK_DIGIT);
    assert_int_equal(text_gstin(""), GSTIN_BAD);
    assert_int_equal(text_gstin("27AAPFU0939F1Z"), GSTIN_BAD);
    assert_int_equal(text_gstin("27AAPFU0939F1ZVV"), GSTIN_BAD);
    assert_int_equal(text_gstin("27aapfu0939f1zv"), GSTIN_BAD);
    assert_int_equal(text_gstin("27AAPFU0939F0ZV"), GSTIN_BAD);
    assert_int_equal(text_gstin("27AAPFU0939F1CV"), GSTIN_BAD);
    assert_int_equal(text_gstin("27AAPFU0939F1Z*"), GSTIN_BAD);
}

static void gtin(void **state)
{
    static const char *const right[] = {
        "8901234567890", "4006381333931", "12345670",     "96385074",      "036000291452",
        "9780306406157", "2001234567893", "012345000065", "00012345600012"
    };
    static const char *const wrong[] = { "",
                                         "8901234567891",
                                         "12345671",
                                         "1234567",
                                         "123456789012x",
                                         "036000291453",
                                         "89012345678900000",
                                         "1234567O" };

    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_true(text_gtin(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(text_gtin(wrong[i]));
}

static void upi_and_pin(void **state)
{
    (void)state;
    assert_true(text_upi("shop.one-2_x@okbank"));
    assert_true(text_upi("9876543210@ybl"));
    assert_false(text_upi("a@okbank"));
    assert_false(text_upi("shop@"));
    assert_false(text_upi("shop@x"));
    assert_false(text_upi("shop@1bank"));
    assert_false(text_upi("shop@a@b"));
    assert_false(text_upi("sh op@okbank"));
    assert_false(text_upi("shop@okbank&am=1"));
    assert_true(text_pin("110001"));
    assert_false(text_pin("010001"));
    assert_false(text_pin("11000"));
    assert_false(text_pin("1100011"));
    assert_false(text_pin("11000a"));
}

static void numbers(void **state)
{
    static const struct {
        const char *in;
        int decimals, scale;
        int64_t value; /* INT64_MIN: refused */
    } cases[] = {
        { "1,23,456.50", 2, 2, 12345650 },
        { "123,456.5", 2, 2, 12345650 },
        { "₹45", 2, 2, 4500 },
        { "₹ 1,000", 2, 2, 100000 },
        { "Rs. 45/-", 2, 2, 4500 },
        { " 1.5 ", 3, 3, 1500 },
        { ".5", 3, 3, 500 },
        { "5.", 2, 2, 500 },
        { "007", 0, 3, 7000 },
        { "१,२३४.५०", 2, 2, 123450 },
        { "१2३.५", 2, 2, 12350 },
        { "౧౨", 0, 0, 12 },
        { "-12.5", 2, 2, -1250 },
        { "₹-12", 2, 2, -1200 },
        { "-₹12", 2, 2, -1200 },
        { "0.00", 2, 2, 0 },
        { "999999999999999", 0, 0, 999999999999999 },
        { "9,999,999,999,999.99", 2, 2, 999999999999999 },
        { "0000000000000000000001", 0, 0, 1 },
        { "1000000000000000", 0, 0, INT64_MIN },
        { "10000000000000", 2, 2, INT64_MIN },
        { "99999999999999999999999999", 2, 2, INT64_MIN },
        { "9223372036854775808", 0, 0, INT64_MIN },
        { "1.234", 2, 2, INT64_MIN },
        { "1.5", 0, 3, INT64_MIN },
        { "", 2, 2, INT64_MIN },
        { ".", 2, 2, INT64_MIN },
        { "-", 2, 2, INT64_MIN },
        { "₹", 2, 2, INT64_MIN },
        { "1,5", 2, 2, INT64_MIN },
        { "1,23,45", 2, 2, INT64_MIN },
        { "1234,567", 2, 2, INT64_MIN },
        { ",123", 2, 2, INT64_MIN },
        { "1,,000", 2, 2, INT64_MIN },
        { "1,000,", 2, 2, INT64_MIN },
        { "1.2,3", 3, 3, INT64_MIN },
        { "1.2.3", 3, 3, INT64_MIN },
        { "--1", 2, 2, INT64_MIN },
        { "-₹-1", 2, 2, INT64_MIN },
        { "1e3", 2, 2, INT64_MIN },
        { "0x10", 2, 2, INT64_MIN },
        { "1 000", 2, 2, INT64_MIN },
        { "ten", 2, 2, INT64_MIN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = INT64_MIN;
        bool ok = text_number(cases[i].in, cases[i].decimals, cases[i].scale, &value);

        if (ok != (cases[i].value != INT64_MIN) || value != cases[i].value)
            fail_msg("%s: %lld", cases[i].in, (long long)value);
    }
}

static void amounts(void **state)
{
    same(text_rupees(*state, 0, false), "0.00");
    same(text_rupees(*state, 5, false), "0.05");
    same(text_rupees(*state, 99900, false), "999.00");
    same(text_rupees(*state, 100000, false), "1,000.00");
    same(text_rupees(*state, 12345650, false), "1,23,456.50");
    same(text_rupees(*state, 12345650, true), "1,23,456.50");
    same(text_rupees(*state, 1000000000, true), "1,00,00,000");
    same(text_rupees(*state, -123450, false), "-1,234.50");
    same(text_rupees(*state, INT64_MIN, false), "-92,23,37,20,36,85,47,758.08");
    same(text_qty(*state, 1500), "1.5");
    same(text_qty(*state, 12000), "12");
    same(text_qty(*state, 125), "0.125");
    same(text_qty(*state, 0), "0");
    same(text_qty(*state, -50), "-0.05");
    same(text_qty(*state, INT64_MIN), "-9223372036854775.808");
}

/* Only words whose plural is sure; a shop's own word stays as it typed it. */
static void units(void **state)
{
    static const struct {
        int64_t milli;
        const char *unit, *said;
    } lines[] = {
        { 1000, "piece", "1 piece" },   { 5000, "piece", "5 pieces" },
        { 0, "piece", "0 pieces" },     { 500, "litre", "0.5 litres" },
        { 1500, "box", "1.5 boxes" },   { -1000, "piece", "-1 piece" },
        { -3000, "piece", "-3 pieces" }, { 5000, "Piece", "5 Pieces" },
        { 5000, "kg", "5 kg" },         { 5000, "dozen", "5 dozen" },
        { 5000, "loaf", "5 loaves" },   { 5000, "foot", "5 feet" },
        { 5000, "pieces", "5 pieces" }, { 5000, "tray of 30", "5 tray of 30" },
        { 5000, "नग", "5 नग" },          { 5000, "डिब्बा", "5 डिब्बे" },
        { 1000, "डिब्बा", "1 डिब्बा" },   { 500, "डिब्बा", "0.5 डिब्बा" },
        { 1500, "डिब्बा", "1.5 डिब्बे" }, { 5000, "", "5" },
        { 2000, "टुकड\u093cा", "2 टुकड\u093cे" },
        { 2000, "टुक\u095cा", "2 टुक\u095cे" },
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        same(text_amount(*state, lines[i].milli, lines[i].unit), lines[i].said);
}

static void encodings(void **state)
{
    same(text_hex(*state, "\x00\xff\x1a", 3), "00ff1a");
    same(text_base64url(*state, "", 0), "");
    same(text_base64url(*state, "f", 1), "Zg");
    same(text_base64url(*state, "fo", 2), "Zm8");
    same(text_base64url(*state, "foobar", 6), "Zm9vYmFy");
    same(text_base64url(*state, "\xfb\xff\xfe", 3), "-__-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "SYS-4 text is UTF-8 without control characters", valid, NULL, NULL, NULL },
        { "SYS-4 text is cut between characters", lengths, NULL, NULL, NULL },
        { "SYS-4 white space is trimmed", trim, NULL, NULL, NULL },
        { "CUS-9 names match without case, accents and nukta", fold, NULL, NULL, NULL },
        { "ACC-1 mobile numbers as people write them", mobile, NULL, NULL, NULL },
        { "ACC-1 e-mail addresses", email, NULL, NULL, NULL },
        { "CUS-6 GSTIN form and check digit", gstin, NULL, NULL, NULL },
        { "CUS-5 EAN and UPC check digits", gtin, NULL, NULL, NULL },
        { "SYS-2 UPI addresses and PIN codes", upi_and_pin, NULL, NULL, NULL },
        { "CUS-1 amounts and quantities as people type them", numbers, NULL, NULL, NULL },
        { "SYS-4 Indian grouping of amounts", amounts, NULL, NULL, NULL },
        { "CUS-1 one piece, five pieces", units, NULL, NULL, NULL },
        { "SYS-4 hexadecimal and base64", encodings, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
