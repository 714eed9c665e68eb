/* The Mustache specification's own cases, then what this engine adds to it. Templates and
 * texts of whole programs are written into a folder of their own and read from there. */
#include "db/base/buf.h"
#include "server/http/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLOCK_TEXTS                                                                      \
    "\"clock.months\": \"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec\","             \
    "\"clock.weekdays\": \"Sun Mon Tue Wed Thu Fri Sat\","                               \
    "\"clock.hours\": \"am am am am am am am am am am am am"                            \
    " pm pm pm pm pm pm pm pm pm pm pm pm\""

struct state {
    struct arena *arena;
    char home[PATH_MAX];
    char folder[64];
};

static json_t *json_of(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

    if (!value)
        fail_msg("not JSON: %s", text);
    return value;
}

/* Renders `source`; the result or, when it fails, the error. */
static const char *rendered(struct state *s, const char *source, const json_t *model,
                            const json_t *partials)
{
    struct buf out = buf_new(s->arena, 64, 1 << 20);
    char *error = arena_alloc(s->arena, 512, 1);

    if (!template_render_string(s->arena, source, partials, model, &out, error, 512))
        return error;
    return buf_str(&out);
}

static void check(struct state *s, const char *source, const char *model,
                  const char *partials, const char *expected)
{
    json_t *m = json_of(model), *p = json_of(partials);

    assert_string_equal(rendered(s, source, m, p), expected);
    json_decref(m);
    json_decref(p);
}

/* Runs the cases of one file and counts them. */
static int spec_run(struct state *s, const char *name)
{
    const char *file = arena_printf(s->arena, "tests/fixtures/mustache-spec/%s.json",
                                    name);
    json_t *spec = json_load_file(file, 0, NULL), *test;
    int count = (int)json_array_size(json_object_get(spec, "tests")), wrong = 0;
    size_t i;

    assert_non_null(spec);
    json_array_foreach(json_object_get(spec, "tests"), i, test) {
        const char *expected = json_string_value(json_object_get(test, "expected"));
        const char *source = json_string_value(json_object_get(test, "template"));
        const char *got = rendered(s, source, json_object_get(test, "data"),
                                   json_object_get(test, "partials"));

        if (strcmp(got, expected) != 0) {
            print_error("%s, %s:\n%s\nexpected: %s\ngot: %s\n", name,
                        json_string_value(json_object_get(test, "name")), source,
                        expected, got);
            wrong++;
        }
    }
    json_decref(spec);
    assert_int_equal(wrong, 0);
    return count;
}

static void spec_required(void **state)
{
    static const char *const files[] = { "comments", "delimiters", "interpolation",
                                         "inverted", "partials",   "sections" };
    int count = 0;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        count += spec_run(*state, files[i]);
    assert_int_equal(count, 136);
}

static void spec_optional(void **state)
{
    assert_int_equal(spec_run(*state, "~dynamic-names"), 21);
    assert_int_equal(spec_run(*state, "~inheritance"), 27);
}

static void filters(void **state)
{
    struct state *s = *state;
    /* Sun 22 Nov 2026, 16:30 in India */
    const char *model = "{\"p\": 12345650, \"w\": 24000, \"neg\": -123450, \"q\": 1500,"
                        " \"t\": 1795345200000, \"s\": \"a b/<é>\", \"typed\": \"12x<\","
                        " \"o\": {\"a\": \"</script>'\"}, \"none\": null, \"mid\":"
                        " 1795285800000}";

    check(s, "{{p|money}} {{ w | money }} {{neg|money}}", model, "{}",
          "₹1,23,456.50 ₹240 -₹1,234.50");
    check(s, "{{p|rupees}} {{w|rupees}} {{neg|rupees}}", model, "{}",
          "1,23,456.50 240.00 -1,234.50");
    check(s, "{{q|qty}}", model, "{}", "1.5");
    check(s, "{{#rows}}{{q|amount}}, {{/rows}}{{o.q|amount}} {{gone|amount}}[{{q|amount}}]",
          "{\"rows\": [{\"q\": 1000, \"unit\": \"box\"}, {\"q\": 5000, \"unit\": \"box\"},"
          " {\"q\": 2000, \"unit\": \"<b>\"}], \"o\": {\"q\": 2000, \"unit\": \"pair\"},"
          " \"q\": 3000}",
          "{}", "1 box, 5 boxes, 2 &lt;b&gt;, 2 pairs [3]");
    check(s, "{{t|time}} / {{t|date}} / {{t|day}}", model, "{}",
          "Sun 22 Nov, 4:30 pm / Sun 22 Nov 2026 / 22 Nov");
    check(s, "{{mid|time}}", model, "{}", "Sun 22 Nov, 12:00 am");
    check(s, "/x?q={{s|url}}", model, "{}", "/x?q=a%20b%2F%3C%C3%A9%3E");
    check(s, "{{{o|json}}} {{o|json}}", model, "{}",
          "{\"a\":\"\\u003c/script\\u003e'\"} "
          "{&quot;a&quot;:&quot;\\u003c/script\\u003e&#39;&quot;}");
    check(s, "{{m|phone}}, {{list|phone}}, {{p|phone}} [{{gone|phone}}]",
          "{\"m\": \"+919876543210\", \"p\": 1, \"list\":"
          " \"<Ravi> (+919876543210), +91987654321, +9198765432101, +4915112345678\"}",
          "{}",
          "+91\u00a098765\u00a043210, &lt;Ravi&gt; (+91\u00a098765\u00a043210),"
          " +91987654321, +9198765432101, +4915112345678, 1 []");
    check(s, "{{typed|money}} [{{none|money}}{{gone|time}}]", model, "{}", "12x&lt; []");
}

/* SEC-21 */
static void values(void **state)
{
    struct state *s = *state;
    const char *model = "{\"zero\": 0, \"empty\": \"\", \"no\": false, \"yes\": true,"
                        " \"big\": -9223372036854775807, \"list\": [], \"o\": {},"
                        " \"evil\": \"<b a='1' c=\\\"2\\\">&\"}";

    check(s, "{{#zero}}a{{/zero}}{{#empty}}b{{/empty}}{{#list}}c{{/list}}{{#o}}d{{/o}}",
          model, "{}", "d");
    check(s, "{{zero}} {{big}} {{yes}} {{no}}", model, "{}",
          "0 -9223372036854775807 true false");
    check(s, "{{evil}}", model, "{}", "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    check(s, "{{{evil}}}", model, "{}", "<b a='1' c=\"2\">&");
}

static void texts(void **state)
{
    struct state *s = *state;
    const char *partials =
        "{\"~hello\": \"Hello, {user.name}!\", \"~and\": \"You & <me>\","
        "\"~owes\": \"owes {due|money}\", \"~items\": {\"one\":"
        " \"{n} item\", \"other\": \"{n} items\"}}";

    check(s, "{{~hello}} {{~owes}}", "{\"user\": {\"name\": \"<b>\"}, \"due\": 24000}",
          partials, "Hello, &lt;b&gt;! owes ₹240");
    check(s, "{{~and}}, {{~*k}}, {{~*none}}.", "{\"k\": \"and\"}", partials,
          "You &amp; &lt;me&gt;, You &amp; &lt;me&gt;, .");
    check(s, "{{~*k}}", "{\"k\": \"un<known\"}", partials, "un&lt;known");
    check(s, "{{#c}}{{~items}}, {{/c}}", "{\"c\": [{\"n\": 0}, {\"n\": 1}, {\"n\": 2}]}",
          partials, "0 items, 1 item, 2 items, ");
}

static void errors(void **state)
{
    struct state *s = *state;

    check(s, "a\n{{#b}}", "{}", "{}", "template:2: b is never closed");
    check(s, "a\n{{#b}}\n{{/c}}", "{}", "{}", "template:3: \"b\" of line 2 is open here");
    check(s, "{{/c}}", "{}", "{}", "template:1: nothing is open that c could close");
    check(s, "{{a", "{}", "{}", "template:1: a tag is not closed: {{a");
    check(s, "{{a b}}", "{}", "{}", "template:1: white space in the name a b");
    check(s, "{{a|nosuch}}", "{}", "{}", "template:1: unknown filter for a");
    check(s, "{{a..b}}", "{}", "{}", "template:1: bad name a..b");
    check(s, "{{}}", "{}", "{}", "template:1: a tag without a name");
    check(s, "{{=a=}}", "{}", "{}", "template:1: bad delimiters a");
    check(s, "\n{{~no.key}}", "{}", "{}", "template:2: no text \"no.key\" in texts");
    check(s, "{{~t}}", "{}", "{\"~t\": \"{open\"}",
          "texts: \"t\" is neither a text with well-formed {names} nor "
          "{\"one\": text, \"other\": text}");
}

static void endless(void **state)
{
    struct state *s = *state;

    check(s, "{{>a}}", "{}", "{\"a\": \"x{{>a}}{{>a}}\"}",
          "template: too deep, or too large");
    check(s, "{{<a}}{{$b}}{{$b}}{{/b}}{{/b}}{{/a}}", "{}", "{\"a\": \"{{$b}}{{/b}}\"}",
          "");
}

static void indentation(void **state)
{
    struct state *s = *state;

    check(s, "<a>\n  {{>p}}\n</a>", "{\"v\": \"1\\n2\", \"l\": [1, 2]}",
          "{\"p\": \"<p>\\n{{#l}}\\n  <i>{{.}}</i>\\n{{/l}}\\n\\n{{v}}\\n</p>\\n\"}",
          "<a>\n  <p>\n    <i>1</i>\n    <i>2</i>\n\n  1\n2\n  </p>\n</a>");
}

static void inheritance(void **state)
{
    struct state *s = *state;

    check(s,
          "{{<layout}}\n{{$title}}Home{{/title}}\n{{$main}}\n    <p>\n"
          "    {{<box}}{{$title}}inner{{/title}}{{/box}}\n    "
          "</p>\n{{/main}}\n{{/layout}}\n",
          "{}",
          "{\"layout\": \"<h1>{{$title}}{{/title}}</h1>\\n  {{$main}}\\n  {{/main}}\\n\","
          " \"box\": \"[{{$title}}box{{/title}}]\\n\"}",
          "<h1>Home</h1>\n  <p>\n  [inner]\n  </p>\n");
    check(s, "{{<*which}}{{$a}}1{{/a}}{{/*which}}", "{\"which\": \"p\"}",
          "{\"p\": \"({{$a}}{{/a}})\"}", "(1)");
}

/* Whole programs. */

static void file_write(struct state *s, const char *name, const char *text)
{
    char *path = arena_printf(s->arena, "%s/templates/%s", s->folder, name);
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void program_write(struct state *s, const char *english, const char *hindi,
                          const char *page)
{
    file_write(s, "text/en.json", arena_printf(s->arena, "{%s%s}", CLOCK_TEXTS, english));
    file_write(s, "text/hi.json", arena_printf(s->arena, "{%s%s}", CLOCK_TEXTS, hindi));
    file_write(s, "orders/show.html", page);
    assert_int_equal(chdir(s->folder), 0);
}

static void load_fails(struct state *s, const char *expected)
{
    char error[512];

    assert_null(templates_load(error, sizeof error));
    assert_string_equal(error, expected);
    assert_int_equal(chdir(s->home), 0);
}

static void languages(void **state)
{
    struct state *s = *state;
    struct buf en = buf_new(s->arena, 64, 4096), hi = buf_new(s->arena, 64, 4096);
    json_t *model = json_pack("{s:i, s:s, s:I}", "n", 0, "who", "<A>", "at",
                              (json_int_t)1795345200000);
    struct templates *t;
    char error[512];

    program_write(s,
                  ", \"hi\": \"Hello {who}\", \"c\": {\"one\": \"{n} one\","
                  " \"other\": \"{n} other\"}",
                  ", \"hi\": \"नमस्ते {who}\", \"c\": {\"one\": \"{n} एक\","
                  " \"other\": \"{n} अनेक\"}",
                  "{{~hi}}, {{~c}}, {{at|time}}");
    t = templates_load(error, sizeof error);
    assert_int_equal(chdir(s->home), 0);
    assert_non_null(t);
    assert_true(
        template_render(t, "orders/show", "en", 330, model, (struct cell) { 0 }, &en));
    assert_string_equal(buf_str(&en), "Hello &lt;A&gt;, 0 other, Sun 22 Nov, 4:30 pm");
    assert_true(
        template_render(t, "orders/show", "hi", 330, model, (struct cell) { 0 }, &hi));
    assert_string_equal(buf_str(&hi), "नमस्ते &lt;A&gt;, 0 एक, Sun 22 Nov, pm 4:30");
    hi.len = 0;
    assert_true(
        template_render(t, "orders/show", "xx", 330, model, (struct cell) { 0 }, &hi));
    assert_string_equal(buf_str(&hi), "Hello &lt;A&gt;, 0 other, Sun 22 Nov, 4:30 pm");
    assert_false(
        template_render(t, "orders/none", "en", 330, model, (struct cell) { 0 }, &en));

    assert_string_equal(text_get(t, s->arena, "hi", "hi", 330, model), "नमस्ते <A>");
    assert_string_equal(text_get(t, s->arena, "en", "c", 330, NULL), " other");
    assert_string_equal(text_get(t, s->arena, "en", "no.key", 330, NULL), "no.key");
    assert_true(text_exists(t, "hi"));
    assert_false(text_exists(t, "h"));
    assert_string_equal(text_languages(t)[0], "en");
    assert_string_equal(text_languages(t)[1], "hi");
    assert_null(text_languages(t)[2]);
    json_decref(model);
    templates_free(t);
}

/* Lists beside the model are shown as if the model had them. */
static void lists_beside_the_model(void **state)
{
    static const char *const page_names[] = { "goods", "one" };
    static const char *const names[] = { "name", "qty_milli", "unit", "none",
                                         "off",  "parts",     "n" };
    struct state *s = *state;
    struct buf out = buf_new(s->arena, 64, 4096), same = buf_new(s->arena, 64, 4096);
    struct table t = table_new(s->arena, shape_new(s->arena, names, 7));
    struct cell lists[2], *row;
    json_t *model = json_pack("{s:s, s:i, s:[s, s], s:{s:s}}", "who", "<A>", "off", 7,
                              "words", "x", "y", "shop", "handle", "h"),
           *whole;
    struct templates *t_all;
    char error[512];

    row = table_add(&t);
    row[0] = cell_text("Rice & salt");
    row[1] = cell_int(5000);
    row[2] = cell_text("piece");
    row[3] = cell_null();
    row[6] = cell_int(1);
    row = table_add(&t);
    row[0] = cell_text("");
    row[1] = (struct cell) { .kind = CELL_REAL, .real = 1.5 };
    row[4] = cell_bool(false);
    row[5] = table_rows(&t, 0, 1);
    row[6] = cell_int(0);
    lists[0] = table_rows(&t, 0, 2);
    lists[1] = cell_item(lists[0], 0);
    whole = json_deep_copy(model);
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(whole, page_names[i], cell_to_json(lists[i]));
    program_write(
        s, ", \"c\": {\"one\": \"{n} one\", \"other\": \"{n} other\"}, \"k\": \"K\"",
        ", \"c\": {\"one\": \"1\", \"other\": \"2\"}, \"k\": \"K\"",
        "{{#goods}}[{{name}}/{{{name}}}/{{^name}}nameless{{/name}}/{{qty_milli|amount}}"
        "/{{qty_milli}}/{{#none}}x{{/none}}{{^none}}-{{/none}}/{{off}}"
        "{{#off}}+{{/off}}/{{who}}/{{shop.handle}}/{{~c}}"
        "{{#parts}}({{name}} {{#words}}{{.}}{{/words}}){{/parts}}]{{/goods}}"
        "{{one.name}} {{one.qty_milli|amount}} {{#one}}{{name}}{{/one}}"
        "{{one.missing.more}}{{goods}}{{one}}{{{goods|json}}}");
    t_all = templates_load(error, sizeof error);
    assert_int_equal(chdir(s->home), 0);
    assert_non_null(t_all);
    assert_true(
        template_render(t_all, "orders/show", "en", 330, model,
                        (struct cell) { .kind = CELL_ROW,
                                        .cells = lists,
                                        .shape = shape_new(s->arena, page_names, 2) },
                        &out));
    assert_true(template_render(t_all, "orders/show", "en", 330, whole,
                                (struct cell) { 0 }, &same));
    assert_string_equal(buf_str(&out), buf_str(&same));
    assert_non_null(strstr(buf_str(&out),
                           "[Rice &amp; salt/Rice & salt//5 pieces/5000/-/"
                           "7+/&lt;A&gt;/h/1 one]"
                           "[//nameless/1.5/1.5/-/false/&lt;A&gt;/h/0 other"
                           "(Rice &amp; salt xy)]"
                           "Rice &amp; salt 5 pieces Rice &amp; salt"));
    json_decref(model);
    json_decref(whole);
    templates_free(t_all);
}

static void full_buffer(void **state)
{
    struct state *s = *state;
    struct buf out = buf_new(s->arena, 4, 8);
    struct templates *t;
    char error[64];

    program_write(s, "", "", "0123456789");
    t = templates_load(error, sizeof error);
    assert_int_equal(chdir(s->home), 0);
    assert_non_null(t);
    assert_false(
        template_render(t, "orders/show", "en", 330, NULL, (struct cell) { 0 }, &out));
    templates_free(t);
}

static void load_errors(void **state)
{
    struct state *s = *state;

    program_write(s, ", \"a\": \"\"", "", "x");
    load_fails(s,
               "templates/text/hi.json: no text \"a\", which templates/text/en.json has");
    program_write(s, "", "", "x\n{{~orders.title}}");
    load_fails(s, "templates/orders/show.html:2: no text \"orders.title\" in "
                  "templates/text/en.json\n"
                  "templates/orders/show.html:2: no text \"orders.title\" in "
                  "templates/text/hi.json");
    program_write(s, "", "", "{{>parts/none}}");
    load_fails(s, "templates/orders/show.html:1: no template parts/none\n"
                  "templates/orders/show.html:1: no template parts/none");
    program_write(s, ", \"a\": 1", ", \"a\": \"\"", "x");
    load_fails(s,
               "templates/text/en.json: \"a\" is neither a text with well-formed {names} "
               "nor {\"one\": text, \"other\": text}");
    program_write(s, ", \"clock.hours\": \"twice\"", "", "x");
    assert_int_equal(chdir(s->home), 0);
    assert_int_equal(chdir(s->folder), 0);
    {
        char error[512];

        assert_null(templates_load(error, sizeof error));
        assert_non_null(strstr(error, "templates/text/en.json:1: duplicate object key"));
    }
    assert_int_equal(chdir(s->home), 0);
}

static int setup(void **state)
{
    struct state *s = calloc(1, sizeof *s);

    if (!s || !getcwd(s->home, sizeof s->home))
        return -1;
    s->arena = arena_new();
    strcpy(s->folder, "/tmp/template_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    mkdir(arena_printf(s->arena, "%s/templates", s->folder), 0700);
    mkdir(arena_printf(s->arena, "%s/templates/text", s->folder), 0700);
    mkdir(arena_printf(s->arena, "%s/templates/orders", s->folder), 0700);
    *state = s;
    return setenv("INVICHAT_DEV", "1", 1);
}

static int file_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct state *s = *state;

    nftw(s->folder, file_remove, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(s->arena);
    free(s);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "SYS-4 the Mustache specification's 136 required cases", spec_required, NULL,
          NULL, NULL },
        { "SYS-4 the specification's dynamic names and inheritance", spec_optional, NULL,
          NULL, NULL },
        { "SYS-4 filters show money, quantities, times, URLs and JSON", filters, NULL,
          NULL, NULL },
        { "SYS-4 values are true or false, and escaped", values, NULL, NULL, NULL },
        { "SYS-4 texts hold values and plurals", texts, NULL, NULL, NULL },
        { "SYS-4 errors name line and cause", errors, NULL, NULL, NULL },
        { "SYS-4 templates that call themselves end", endless, NULL, NULL, NULL },
        { "SYS-4 partials are indented, values are not", indentation, NULL, NULL, NULL },
        { "SYS-4 blocks of a page don't reach into its parts", inheritance, NULL, NULL,
          NULL },
        { "SYS-4 a page and a message in English and Hindi", languages, NULL, NULL,
          NULL },
        { "SYS-4 lists beside the model are shown as if it had them",
          lists_beside_the_model, NULL, NULL, NULL },
        { "SYS-4 a full buffer is told", full_buffer, NULL, NULL, NULL },
        { "SYS-4 missing texts and partials stop the start", load_errors, NULL, NULL,
          NULL },
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
