/* Forms, queries, path segments and JSON as browsers, tools and attackers send them. */
#include "body_ground.h"

#include <sodium.h>
#include <string.h>

static const char *value_of(const struct fixture *f, const char *name)
{
    const struct part *p = form_part(&f->form, name);

    return p ? p->value : NULL;
}

static void urlencoded_good(void **state)
{
    static const struct {
        const char *body, *name, *value;
        size_t count;
    } rows[] = {
        { "", "a", NULL, 0 },
        { "a=1", "a", "1", 1 },
        { "a=1&b=2", "b", "2", 2 },
        { "&a=1&&b=2&", "b", "2", 2 },
        { "a", "a", "", 1 },
        { "a=", "a", "", 1 },
        { "a=b=c", "a", "b=c", 1 },
        { "a=1&a=2", "a", "1", 2 },
        { "a=x+y%2Bz", "a", "x y+z", 1 },
        { "a+b=%26%3d", "a b", "&=", 1 },
        { "a=%2527", "a", "%27", 1 },
        { "a=%25%32%37", "a", "%27", 1 },
        { "a=%e0%a4%9a%E0%A4%BE%E0%A4%AF", "a", "चाय", 1 },
        { "a=चाय", "a", "चाय", 1 },
        { "a=line%0D%0Atwo", "a", "line\r\ntwo", 1 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *value;

        assert_int_equal(urlencoded_parse(f->arena, rows[i].body, strlen(rows[i].body),
                                          &limits, &f->form),
                         BODY_OK);
        assert_int_equal(f->form.count, rows[i].count);
        value = value_of(f, rows[i].name);
        if (rows[i].value)
            assert_string_equal(value, rows[i].value);
        else
            assert_null(value);
    }
}

/* SEC-24 */
static void urlencoded_bad(void **state)
{
    static const struct {
        const char *body;
        size_t n;
    } rows[] = {
#define ROW(text) { text, sizeof text - 1 }
        ROW("a=%00"),          ROW("a=x%00y"),     ROW("%00=1"),
        ROW("a=\0"),           ROW("a\0b=1"),      ROW("a=%"),
        ROW("a=%4"),           ROW("a=%4&b=1"),    ROW("a=%zz"),
        ROW("a=% 41"),         ROW("=1"),          ROW("="),
        ROW("a=%C0%AF"),       ROW("a=\xc0\xaf"),  ROW("a=%e0%80%af"),
        ROW("a=%f0%80%80%af"), ROW("a=%ed%a0%80"), ROW("a=%f4%90%80%80"),
        ROW("a=%ff"),          ROW("a=%e0%a4"),    ROW("a=%1b%5b2J"),
        ROW("a=%e0%a4&b=%9a"), ROW("%e0=%a4%9a"),
#undef ROW
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            urlencoded_parse(f->arena, rows[i].body, rows[i].n, &limits, &f->form),
            BODY_MALFORMED);
        assert_int_equal(f->form.count, 0);
    }
}

/* `n` fields a=1& ; caller frees. */
static char *many_fields(size_t n)
{
    char *s = malloc(n * 4 + 1);

    for (size_t i = 0; i < n; i++)
        memcpy(s + i * 4, "a=1&", 4);
    s[n * 4] = '\0';
    return s;
}

static enum body_rc urlencoded_with(struct fixture *f, const char *name, size_t name_len,
                                    size_t value_len)
{
    char *s = malloc(name_len + value_len + 2);
    enum body_rc rc;

    memset(s, *name, name_len);
    s[name_len] = '=';
    memset(s + name_len + 1, 'v', value_len);
    rc = urlencoded_parse(f->arena, s, name_len + 1 + value_len, &limits, &f->form);
    free(s);
    return rc;
}

static void urlencoded_limits(void **state)
{
    struct fixture *f = *state;
    char *s = many_fields(10000);

    assert_int_equal(urlencoded_parse(f->arena, s, 800, &limits, &f->form), BODY_OK);
    assert_int_equal(f->form.count, 200);
    assert_int_equal(urlencoded_parse(f->arena, s, 804, &limits, &f->form),
                     BODY_TOO_MANY);
    assert_int_equal(urlencoded_parse(f->arena, s, 40000, &limits, &f->form),
                     BODY_TOO_MANY);
    free(s);
    assert_int_equal(urlencoded_with(f, "n", 64, 4096), BODY_OK);
    assert_int_equal(urlencoded_with(f, "n", 65, 1), BODY_TOO_LARGE);
    assert_int_equal(urlencoded_with(f, "n", 1, 4097), BODY_TOO_LARGE);
    assert_int_equal(urlencoded_with(f, "n", 1, limits.bytes), BODY_TOO_LARGE);
}

/* SEC-24 */
static void query_and_path(void **state)
{
    static const struct {
        const char *raw, *decoded;
    } rows[] = {
        { "", "" },
        { "abc", "abc" },
        { "a%20b+c", "a b+c" },
        { "%2527", "%27" },
        { "...", "..." },
        { ".a", ".a" },
        { "%e0%a4%9a", "च" },
        { "a%2Fb", NULL },
        { "a%5cb", NULL },
        { "a/b", NULL },
        { "a\\b", NULL },
        { ".", NULL },
        { "..", NULL },
        { "%2e%2e", NULL },
        { ".%2E", NULL },
        { "%2e", NULL },
        { "..%2f", NULL },
        { "%00", NULL },
        { "a%00b", NULL },
        { "%c0%ae", NULL },
        { "%c0%ae%c0%ae", NULL },
        { "%", NULL },
        { "%4", NULL },
        { "%g0", NULL },
        { "%252e%252e", "%2e%2e" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *s = path_decode(f->arena, rows[i].raw, strlen(rows[i].raw));

        if (rows[i].decoded)
            assert_string_equal(s, rows[i].decoded);
        else
            assert_null(s);
    }
    assert_int_equal(query_parse(f->arena, NULL, &limits, &f->form), BODY_OK);
    assert_int_equal(f->form.count, 0);
    assert_int_equal(query_parse(f->arena, "q=%E0%A4%9A&page=2", &limits, &f->form),
                     BODY_OK);
    assert_string_equal(value_of(f, "page"), "2");
}

static void json_bodies(void **state)
{
    static const struct {
        const char *body;
        enum body_rc rc;
    } rows[] = {
        { "{}", BODY_OK },
        { " {\"a\": [1, 2.5, true, null, \"चाय\"]}\n", BODY_OK },
        { "{\"a\": \"}]}][{[,\\\\\"}", BODY_OK },
        { "{\"a\": \"\\u091a\\ud83d\\ude00\\n\"}", BODY_OK },
        { "{\"a\": 9223372036854775807, \"b\": -9223372036854775808}", BODY_OK },
        { "{\"a\": 9223372036854775808}", BODY_MALFORMED },
        { "{\"a\": 1e309}", BODY_MALFORMED },
        { "{\"a\": -1e309}", BODY_MALFORMED },
        { "{\"a\": NaN}", BODY_MALFORMED },
        { "{\"a\": Infinity}", BODY_MALFORMED },
        { "{\"a\": 01}", BODY_MALFORMED },
        { "{\"a\": 1, \"a\": 2}", BODY_MALFORMED },
        { "{\"a\": 1, \"\\u0061\": 2}", BODY_MALFORMED },
        { "{\"a\": {\"b\": 1, \"b\": 2}}", BODY_MALFORMED },
        { "{\"a\": \"\\u0000\"}", BODY_MALFORMED },
        { "{\"\\u0000a\": 1}", BODY_MALFORMED },
        { "{\"a\": \"\\u001b[2J\"}", BODY_MALFORMED },
        { "{\"\\u0007\": 1}", BODY_MALFORMED },
        { "{\"a\": [[\"\\u0007\"]]}", BODY_MALFORMED },
        { "{\"a\": \"\\ud83d\"}", BODY_MALFORMED },
        { "{\"a\": \"\xc0\xaf\"}", BODY_MALFORMED },
        { "", BODY_MALFORMED },
        { "1", BODY_MALFORMED },
        { "null", BODY_MALFORMED },
        { "[]", BODY_MALFORMED },
        { "\"a\"", BODY_MALFORMED },
        { "{} {}", BODY_MALFORMED },
        { "{}x", BODY_MALFORMED },
        { "{\"a\": 1,}", BODY_MALFORMED },
        { "{\"a\"", BODY_MALFORMED },
        { "{\"a", BODY_MALFORMED },
        { "{\"a\\", BODY_MALFORMED },
        { "}{", BODY_MALFORMED },
        { "{]", BODY_MALFORMED },
        { "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", BODY_OK },
        { "{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", BODY_TOO_MANY },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *json;
        enum body_rc rc = json_body_parse(f->arena, rows[i].body, strlen(rows[i].body),
                                          &limits, &json);

        if (rc != rows[i].rc)
            print_error("%s\n", rows[i].body);
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(json != NULL, rc == BODY_OK);
    }
}

/* SEC-25 */
static void json_limits(void **state)
{
    struct fixture *f = *state;
    json_t *json;
    size_t n = 1000000;
    char *s = malloc(n + 1);

    memset(s, '[', n);
    assert_int_equal(json_body_parse(f->arena, s, n, &limits, &json), BODY_TOO_MANY);
    memcpy(s, "{\"a\":[", 6);
    for (size_t i = 6; i < n; i++)
        s[i] = i % 2 ? ',' : '1';
    assert_int_equal(json_body_parse(f->arena, s, n, &limits, &json), BODY_TOO_MANY);
    assert_int_equal(json_body_parse(f->arena, s, limits.bytes + 1, &limits, &json),
                     BODY_TOO_LARGE);
    free(s);
    assert_int_equal(json_body_parse(f->arena, "{}\0", 3, &limits, &json),
                     BODY_MALFORMED);
}

static void json_without_arena(void **state)
{
    struct fixture *f = *state;
    json_t *json;

    arena_json(NULL);
    assert_int_equal(json_body_parse(f->arena, "{\"a\":[1]}", 9, &limits, &json),
                     BODY_OK);
    assert_int_equal(json_body_parse(f->arena, "[1]", 3, &limits, &json), BODY_MALFORMED);
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("form: + and %XX decoded once, duplicate names kept in order",
             urlencoded_good),
        TEST("form: NUL, overlong UTF-8, stray % refused", urlencoded_bad),
        TEST("form: fields, names, values bounded", urlencoded_limits),
        TEST("path: decoded once, no traversal", query_and_path),
        TEST("JSON: good and bad bodies", json_bodies),
        TEST("JSON: size, depth and values bounded", json_limits),
        TEST("JSON: freed without the thread's arena too", json_without_arena),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}
