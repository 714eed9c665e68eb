/* Values of headers: lists, weights, cookies, and whose address counts. */
#include "server/http/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_free(f->arena);
    free(f);
    return 0;
}

static void token_lists(void **state)
{
    static const struct {
        const char *value, *token;
        bool has;
    } rows[] = {
        { "gzip", "gzip", true },
        { "gzip, deflate, br", "br", true },
        { "deflate,GZIP;q=0.5", "gzip", true },
        { "gzip;q=0", "gzip", false },
        { "gzip; q=0.000, br", "gzip", false },
        { "gzip ; q=0.001", "gzip", true },
        { "gzip;q=x", "gzip", false },
        { "gzip;q=", "gzip", false },
        { "gzipx, xgzip", "gzip", false },
        { "*", "gzip", false },
        { "text/html,application/json;q=0.9,*/*;q=0.8", "application/json", true },
        { "text/html;x=\"a,application/json\"", "application/json", false },
        { "text/html;x=\"\\\",application/json", "application/json", false },
        { ",,  ,close", "close", true },
        { "", "gzip", false },
        { NULL, "gzip", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(header_token_list_has(rows[i].value, rows[i].token),
                         rows[i].has);
}

static void languages_by_weight(void **state)
{
    static const char *const languages[] = { "en", "hi", "ta", NULL };
    static const struct {
        const char *header, *language;
    } rows[] = {
        { NULL, "en" },
        { "", "en" },
        { "hi", "hi" },
        { "hi-IN,hi;q=0.9,en-US;q=0.8", "hi" },
        { "HI-in", "hi" },
        { "en;q=0.5, ta;q=0.7, hi;q=0.6", "ta" },
        { "fr, de;q=0.9, ta;q=0.1", "ta" },
        { "fr, hi;q=0", "en" },
        { "ta;q=0.8,hi;q=0.8", "ta" },
        { "*", "en" },
        { "hindi", "en" },
        { ";;,,=q", "en" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(accept_language(rows[i].header, languages), rows[i].language);
}

static void cookies(void **state)
{
    static const struct {
        const char *header, *value;
    } rows[] = {
        { "sid=abc", "abc" },
        { "a=1; sid=abc; b=2", "abc" },
        { "a=1;sid=abc", "abc" },
        { "a=1;  sid=\"abc\"  ; b", "abc" },
        { "sid=a=b", "a=b" },
        { "sid=", "" },
        { "xsid=1; sid=2", "2" },
        { "sidx=1; sid=2", "2" },
        { "SID=1; sid=2", "2" },
        { "sid=first; sid=second", "first" },
        { "sid", NULL },
        { "a=sid=1", NULL },
        { "sid=a b", NULL },
        { "sid=\"a", NULL },
        { "sid=a,b", NULL },
        { "sid=\xe0\xa4\x9a", NULL },
        { "", NULL },
        { NULL, NULL },
    };
    struct fixture *f = *state;
    char large[5000] = "sid=";

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *value = cookie_find(f->arena, rows[i].header, "sid");

        if (rows[i].value)
            assert_string_equal(value, rows[i].value);
        else
            assert_null(value);
    }
    memset(large + 4, 'x', 4097);
    assert_null(cookie_find(f->arena, large, "sid"));
}

/* SEC-38 */
static void client_addresses(void **state)
{
    static const char trusted[] = "127.0.0.1, 10.0.0.0/8,2001:db8::/32, ::1";
    static const struct {
        const char *remote, *xff, *trusted, *client;
    } rows[] = {
        { "127.0.0.1", "203.0.113.9", trusted, "203.0.113.9" },
        { "127.0.0.1", "6.6.6.6, 203.0.113.9", trusted, "203.0.113.9" },
        { "127.0.0.1", "6.6.6.6, 203.0.113.9, 10.1.2.3", trusted, "203.0.113.9" },
        { "203.0.113.1", "6.6.6.6", trusted, "203.0.113.1" },
        { "127.0.0.1", NULL, trusted, "127.0.0.1" },
        { "127.0.0.1", "", trusted, "127.0.0.1" },
        { "127.0.0.1", "6.6.6.6", NULL, "127.0.0.1" },
        { "127.0.0.1", "6.6.6.6", "", "127.0.0.1" },
        { "127.0.0.1", "10.1.1.1, 10.2.2.2", trusted, "127.0.0.1" },
        { "127.0.0.1", "6.6.6.6, unknown", trusted, "127.0.0.1" },
        { "127.0.0.1", "6.6.6.6,", trusted, "127.0.0.1" },
        { "127.0.0.1", "6.6.6.6, 1.2.3.4.5", trusted, "127.0.0.1" },
        { "127.0.0.1", "203.0.113.9:4711", trusted, "203.0.113.9" },
        { "127.0.0.1", "2001:DB9:0::7", trusted, "2001:db9::7" },
        { "127.0.0.1", "[2001:db9::7]:443", trusted, "2001:db9::7" },
        { "127.0.0.1", "[2001:db9::7]443", trusted, "127.0.0.1" },
        { "::ffff:127.0.0.1", "::ffff:203.0.113.9", trusted, "203.0.113.9" },
        { "::1", "203.0.113.9, 2001:db8::5", trusted, "203.0.113.9" },
        { "11.0.0.1", "6.6.6.6", trusted, "11.0.0.1" },
        { "9.1.2.3", "6.6.6.6", "8.0.0.0/7", "6.6.6.6" },
        { "9.1.2.3", "6.6.6.6", "8.0.0.0/8", "9.1.2.3" },
        { "9.1.2.3", "6.6.6.6", "0.0.0.0/33, nonsense/8, 9.1.2.3/, /8", "9.1.2.3" },
        { "::2", "6.6.6.6", "0.0.0.0/0", "::2" },
        { "::2", "6.6.6.6", "0.0.0.0/0,::/127", "::2" },
        { "::2", "6.6.6.6", "::/126", "6.6.6.6" },
        { "garbage", "6.6.6.6", "0.0.0.0/0,::/0", "garbage" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(
            forwarded_client(f->arena, rows[i].remote, rows[i].xff, rows[i].trusted),
            rows[i].client);
    assert_true(forwarded_list_valid(trusted));
    assert_true(forwarded_list_valid(NULL));
    assert_false(forwarded_list_valid("127.0.0.1,10.0.0.0/33"));
    assert_false(forwarded_list_valid("localhost"));
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("header: token lists and q=0", token_lists),
        TEST("header: language by weight", languages_by_weight),
        TEST("header: cookies", cookies),
        TEST("header: client behind trusted proxies only", client_addresses),
    };

    return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
