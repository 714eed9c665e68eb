/* Checks of tests/security.md that a browser, or a client that is none, can see. */
#include "ground.h"

#include "wire.h"

struct world {
    struct shop shop;
    struct browser admin, vendor, customer;
    int64_t vendor_id, listing, product;
    char handle[60];
};

static const char *handle_of(struct browser *b)
{
    assert_int_equal(get(b, "/account"), 200);
    return json_string_value(json_object_get(json_object_get(b->json, "vendor"), "handle"));
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    signal(SIGPIPE, SIG_IGN);
    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"47\",\"unit\":\"piece\","
                          "\"cost\":\"123.45\",\"supplier\":\"Hidden mill\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 299);
    w->listing = sql_int(&w->shop, "SELECT max(id) FROM listing");
    w->product = sql_int(&w->shop, "SELECT max(id) FROM product");
    snprintf(w->handle, sizeof w->handle, "%s", handle_of(&w->vendor));
    sign_up(&w->customer, &w->shop, "+919000000003", "Asha");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(waitpid(w->shop.pid, NULL, WNOHANG), 0);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->customer);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static const char *header(struct browser *b, const char *name)
{
    struct curl_header *h;

    return curl_easy_header(b->curl, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                 : "";
}

static void cookie_of(struct browser *b, const char *name, char *out, size_t size)
{
    struct curl_slist *cookies;
    char want[40];

    *out = '\0';
    snprintf(want, sizeof want, "\t%s\t", name);
    curl_easy_getinfo(b->curl, CURLINFO_COOKIELIST, &cookies);
    for (struct curl_slist *c = cookies; c; c = c->next)
        if (strstr(c->data, want))
            snprintf(out, size, "Cookie: %s=%s", name, strrchr(c->data, '\t') + 1);
    curl_slist_free_all(cookies);
    assert_true(*out);
}

static long page(struct browser *b, const char *path)
{
    return browser_send(b, path, NULL, NULL, "Accept: text/html");
}

/* --- SEC-02 SEC-03 --- */

static void test_sessions(void **state)
{
    struct world *w = *state;
    struct browser thief;
    char old[200], now[200], code[8], before[8];

    cookie_of(&w->customer, "session", old, sizeof old);
    assert_int_equal(strlen(strchr(old, '=') + 1), 43); /* 256 bits */
    code_of(&w->shop, "+919000000003", before);
    assert_int_equal(post(&w->customer, "/signin", "{\"mobile\":\"+919000000003\"}"), 200);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, "+919000000003", code);
    } while (strcmp(code, before) == 0);
    assert_int_equal(post(&w->customer, "/signin/verify", "{\"code\":\"%s\"}", code), 200);
    cookie_of(&w->customer, "session", now, sizeof now);
    assert_string_not_equal(old, now);
    browser_new(&thief, &w->shop);
    assert_int_equal(browser_send(&thief, "/accounts", NULL, NULL, old), 401);
    assert_int_equal(browser_send(&thief, "/accounts", NULL, NULL, now), 200);
    {
        char path[128], *file;
        const char *token = strchr(now, '=') + 1;
        struct stat st;

        snprintf(path, sizeof path, "%s/invichat.db-wal", w->shop.dir);
        assert_int_equal(stat(path, &st), 0);
        file = calloc(1, (size_t)st.st_size + 1);
        FILE *f = fopen(path, "r");
        assert_int_equal(fread(file, 1, (size_t)st.st_size, f), st.st_size);
        fclose(f);
        assert_null(memmem(file, (size_t)st.st_size, token, 43)); /* its hash alone */
        free(file);
    }
    browser_free(&thief);
    /* Who is suspended is out at once. */
    {
        char path[128], sql[200];
        sqlite3 *db;

        snprintf(path, sizeof path, "%s/invichat.db", w->shop.dir);
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
        snprintf(sql, sizeof sql, "UPDATE user SET state = 'suspended' WHERE mobile ="
                                  " '+919000000003'");
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
    }
    assert_int_equal(get(&w->customer, "/accounts"), 401);
}

/* --- SEC-05 SEC-35: signing out --- */

static void test_signing_out(void **state)
{
    static const char *const paths[] = { "/", "/cart", "/orders", "/inventory", "/account",
                                         "/sell/orders", "/cash", "/settings/units" };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(page(&w->vendor, paths[i]), 200);
        if (!strstr(w->vendor.body, "action=\"/signout\""))
            fail_msg("no way out on %s", paths[i]);
    }
    assert_int_equal(post(&w->vendor, "/signout", "{}"), 200);
    assert_non_null(strstr(header(&w->vendor, "Clear-Site-Data"), "\"storage\""));
    assert_non_null(strstr(header(&w->vendor, "Clear-Site-Data"), "\"cache\""));
}

/* --- SEC-32 SEC-33 SEC-34: headers of every answer --- */

static void headers_check(struct browser *b, const char *path)
{
    const char *csp = header(b, "Content-Security-Policy");
    const char *type = header(b, "Content-Type");

    if (!strstr(csp, "default-src 'self'") && !strstr(csp, "default-src 'none'; sandbox"))
        fail_msg("%s: %s", path, csp);
    if (!strstr(csp, "sandbox") &&
        (!strstr(csp, "object-src 'none'") || !strstr(csp, "base-uri 'none'") ||
         !strstr(csp, "frame-ancestors 'none'") || !strstr(csp, "form-action 'self'")))
        fail_msg("%s: %s", path, csp);
    if (strstr(csp, "unsafe"))
        fail_msg("%s: %s", path, csp);
    assert_string_equal(header(b, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(b, "Referrer-Policy"), "same-origin");
    assert_string_equal(header(b, "Cross-Origin-Opener-Policy"), "same-origin");
    assert_string_equal(header(b, "Cross-Origin-Resource-Policy"), "same-origin");
    if (b->size && !*type)
        fail_msg("%s: no type", path);
    if ((strncmp(type, "text/", 5) == 0 || strstr(type, "json")) &&
        !strstr(type, "charset=utf-8") && !strstr(type, "manifest"))
        fail_msg("%s: %s", path, type);
    assert_string_equal(header(b, "Server"), "");
}

static void test_headers(void **state)
{
    struct world *w = *state;
    json_t *paths, *methods;
    const char *path;
    char at[300];
    int seen = 0;

    assert_int_equal(get(&w->vendor, "/openapi.json"), 200);
    paths = json_incref(json_object_get(w->vendor.json, "paths"));
    json_object_foreach(paths, path, methods)
    {
        const json_t *route = json_object_get(methods, "get");
        char *to = at;

        for (const char *c = path; *c && to < at + 280; c++) {
            if (*c == '{') {
                to += sprintf(to, "%d", 1);
                c = strchr(c, '}');
            } else {
                *to++ = *c;
            }
        }
        *to = '\0';
        for (int i = 0; i < 2; i++) { /* as a page and as JSON */
            browser_send(&w->vendor, at, NULL, NULL, i ? "Accept: text/html" : NULL);
            headers_check(&w->vendor, at);
            if (route && json_object_get(route, "security") && w->vendor.status == 200 &&
                !strstr(header(&w->vendor, "Cache-Control"), "no-store"))
                fail_msg("%s: %s", at, header(&w->vendor, "Cache-Control"));
            seen++;
        }
    }
    json_decref(paths);
    assert_true(seen > 100);
    browser_send(&w->vendor, "/signin", "text/xml", "<a/>", NULL);
    headers_check(&w->vendor, "an error");
    assert_int_equal(w->vendor.status, 415);
}

static void test_https(void **state)
{
    struct world *w = *state;
    char ask[300], *text = calloc(1, 200000);
    int fd;

    assert_string_equal(header(&w->vendor, "Strict-Transport-Security"), "");
    shop_stop(&w->shop);
    setenv("INVICHAT_PUBLIC_URL", "https://shop.example", 1);
    shop_start(&w->shop);
    unsetenv("INVICHAT_PUBLIC_URL");
    page(&w->vendor, "/");
    assert_string_equal(header(&w->vendor, "Strict-Transport-Security"),
                        "max-age=31536000; includeSubDomains");
    /* Links are made with the configured name, whatever the request says. */
    snprintf(ask, sizeof ask,
             "GET /v/%s HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n"
             "Connection: close\r\n\r\n",
             w->handle);
    fd = wire_open(&w->shop);
    wire_send(fd, ask);
    wire_all(fd, text, 200000);
    close(fd);
    assert_null(strstr(text, "evil.example"));
    assert_non_null(strstr(text, "https://shop.example/v/"));
    free(text);
}

/* --- SEC-16: what strangers and customers don't learn --- */

static void test_hidden_fields(void **state)
{
    static const char *const secrets[] = { "123.45", "12345", "Hidden mill", "cost" };
    struct world *w = *state;
    struct browser b;
    char paths[3][100];

    browser_new(&b, &w->shop);
    snprintf(paths[0], sizeof paths[0], "/v/%s", w->handle);
    snprintf(paths[1], sizeof paths[1], "/v/%s/p/%lld", w->handle, (long long)w->product);
    snprintf(paths[2], sizeof paths[2], "/search?q=pot");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++) {
            assert_int_equal(browser_send(&b, paths[i], NULL, NULL,
                                          k ? "Accept: text/html" : NULL),
                             200);
            for (size_t n = 0; n < sizeof secrets / sizeof *secrets; n++)
                if (strstr(b.body, secrets[n]))
                    fail_msg("%s tells %s", paths[i], secrets[n]);
            assert_null(strstr(b.body, "47000")); /* nor how much there is */
        }
    assert_in_range(post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                         (long long)w->listing),
                    200, 299);
    assert_int_equal(get(&w->customer, "/cart"), 200);
    for (size_t n = 0; n < sizeof secrets / sizeof *secrets; n++)
        assert_null(strstr(w->customer.body, secrets[n]));
    browser_free(&b);
}

/* --- SEC-17: a name given twice --- */

static void test_twice_the_same_name(void **state)
{
    struct world *w = *state;
    char body[200], here[100];

    snprintf(here, sizeof here, "Origin: http://127.0.0.1:%d", w->shop.port);
    snprintf(body, sizeof body, "listing=%lld&qty=1&qty=5", (long long)w->listing);
    browser_send(&w->customer, "/cart/items", "application/x-www-form-urlencoded", body, here);
    if (w->customer.status < 300) /* then the same one counts always: the first */
        assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 1000);
    else
        assert_in_range(w->customer.status, 400, 422);
    assert_int_equal(post(&w->customer, "/cart/items",
                          "{\"listing\":%lld,\"qty\":\"1\",\"qty\":\"5\"}",
                          (long long)w->listing),
                     400);
}

/* --- SEC-18: the server's numbers count --- */

static void test_numbers(void **state)
{
    static const char *const bad[] = { "-1", "0", "1e9", "NaN", "Infinity", "99999999999999",
                                       "1e309", "9223372036854775808", "0x10", "1,5,5", "٣" };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (post(&w->customer, "/cart/items", "{\"listing\":%lld,\"qty\":\"%s\"}",
                 (long long)w->listing, bad[i]) != 422)
            fail_msg("a quantity of %s: %ld", bad[i], w->customer.status);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM requirement"), 0);
    assert_in_range(post(&w->customer, "/cart/items",
                         "{\"listing\":%lld,\"qty\":\"2\",\"price\":\"1\",\"each_paise\":1,"
                         "\"total_paise\":1,\"account_id\":1}",
                         (long long)w->listing),
                    200, 299);
    /* A price that is not the shop's is refused, not taken. */
    assert_int_equal(post(&w->customer, "/cart/order",
                          "{\"vendor\":%lld,\"fulfil\":\"pickup\",\"goods_paise\":2}",
                          (long long)w->vendor_id) < 300,
                     0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM orders"), 0);
    assert_in_range(post(&w->customer, "/cart/order",
                         "{\"vendor\":%lld,\"fulfil\":\"pickup\",\"total_paise\":2}",
                         (long long)w->vendor_id),
                    200, 299);
    assert_int_equal(sql_int(&w->shop, "SELECT total_paise FROM orders"), 50000);
}

/* --- SEC-20: no value becomes SQL --- */

static void test_sql(void **state)
{
    static const char *const bad[] = { "%27%20OR%201=1--", "%22%20OR%20%22%22=%22",
                                       "1);DROP%20TABLE%20user;--", "%25_%25", "*%22NEAR(",
                                       "%27%27%27", "x%20AND%20x%20OR%20NOT%20-*" };
    static const char *const paths[] = { "/search?q=%s", "/inventory?q=%s&sort=%s&order=%s",
                                         "/v/%s", "/sell/orders?state=%s", "/?before=%s",
                                         "/inventory?category=%s&place=%s", "/cash?q=%s" };
    struct world *w = *state;
    char path[400], *log;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
            char *to = path;

            for (const char *c = paths[k]; *c; c++)
                if (*c == '%' && c[1] == 's') {
                    to += sprintf(to, "%s", bad[i]);
                    c++;
                } else {
                    *to++ = *c;
                }
            *to = '\0';
            get(&w->vendor, path);
            if (w->vendor.status != 200 && w->vendor.status != 404)
                fail_msg("%s: %ld", path, w->vendor.status);
        }
    log = file_read(w->shop.log);
    assert_null(strstr(log, " error "));
    free(log);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user"), 3);
}

/* --- SEC-21: what strangers write stays text --- */

static void test_text_stays_text(void **state)
{
    static const char *const bad[] = { "<script>alert(1)</script>", "\\\"><img src=x>",
                                       "'onmouseover='x", "{{{page.csrf}}}",
                                       "=cmd|' /C calc'!A0", "</title><b>" };
    struct world *w = *state;
    int shown = 0;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[100];
        const char *tag;

        if (post(&w->vendor, "/inventory/receive",
                 "{\"name\":\"%s\",\"qty\":\"1\",\"unit\":\"piece\"}", bad[i]) != 201)
            continue; /* refused is as good */
        shown++;
        assert_in_range(post(&w->vendor, "/sell/catalog/new",
                             "{\"sku\":%lld,\"price\":\"5\",\"inclusive\":true}",
                             (long long)answer_int(&w->vendor, "id")),
                        200, 299);
        snprintf(path, sizeof path, "/v/%s", w->handle);
        assert_int_equal(page(&w->vendor, path), 200);
        for (tag = w->vendor.body; (tag = strstr(tag, "<script")); tag++)
            if (strncmp(tag, "<script src=\"/static/", 21) != 0)
                fail_msg("a script: %.60s", tag);
        assert_null(strstr(w->vendor.body, "<img src=x"));
        assert_null(strstr(w->vendor.body, "</title><b>"));
        assert_null(strstr(w->vendor.body, "'onmouseover='"));
        assert_int_equal(page(&w->vendor, "/inventory"), 200);
        assert_null(strstr(w->vendor.body, "<img src=x"));
        assert_null(strstr(w->vendor.body, "</title><b>"));
    }
    assert_true(shown >= 5);
    /* In a header: no line of its own. */
    {
        char text[8192];

        wire_ask(&w->shop,
                 "GET /orders?a=%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: x\r\n"
                 "Connection: close\r\n\r\n",
                 text, sizeof text);
        assert_null(strstr(text, "\nSet-Cookie: x"));
        wire_ask(&w->shop,
                 "GET /v/a%0d%0aX-Bad:%20y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                 text, sizeof text);
        assert_null(strstr(text, "\nX-Bad"));
    }
}

/* --- SEC-22: only our own paths --- */

static void test_no_open_redirect(void **state)
{
    static const char *const away[] = {
        "//evil.example", "https://evil.example", "/\\\\evil.example", "/\\t/evil.example",
        "javascript:alert(1)", "/%2f/evil.example", "\\\\\\\\evil.example", "/\\n/evil.example",
        "http:evil.example", "data:text/html,x", "///evil.example", " //evil.example",
    };
    struct world *w = *state;
    char body[200], here[160];
    int led = 0;

    for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
        const char *to;

        snprintf(body, sizeof body, "{\"lang\":\"en\",\"back\":\"%s\"}", away[i]);
        snprintf(here, sizeof here, "Accept: text/html\r\nOrigin: http://127.0.0.1:%d",
                 w->shop.port);
        if (browser_send(&w->customer, "/me/language", "application/json", body, here) == 422)
            continue;
        led++;
        assert_int_equal(w->customer.status, 303);
        to = header(&w->customer, "Location");
        if (to[0] != '/' || to[1] == '/' || to[1] == '\\' || strpbrk(to, "\t\n \\"))
            fail_msg("%s leads to %s", away[i], to);
    }
    assert_true(led >= 9);
    led = 0;
    snprintf(here, sizeof here, "/accounts/%lld/enter", (long long)w->vendor_id);
    for (size_t i = 0; i < sizeof away / sizeof *away; i++) {
        const char *to;

        snprintf(body, sizeof body, "{\"to\":\"%s\"}", away[i]);
        post(&w->vendor, here, "%s", body);
        if (w->vendor.status != 200)
            continue;
        led++;
        to = json_string_value(json_object_get(w->vendor.json, "location"));
        if (to[0] != '/' || to[1] == '/' || strpbrk(to, "\t\n \\"))
            fail_msg("%s leads to %s", away[i], to);
    }
    assert_true(led >= 9);
}

/* A message that somebody else put into the browser: no form of it leads away. */
static void test_message_of_others(void **state)
{
    /* {"text":"hi","undo":"https://evil"}, "//evil", {"text":{}}, and a good one, "/x" */
    static const char *const flashes[] = {
        "eyJ0ZXh0IjoiaGkiLCJ1bmRvIjoiaHR0cHM6Ly9ldmlsIn0",
        "eyJ0ZXh0IjoiaGkiLCJ1bmRvIjoiLy9ldmlsIn0", "eyJ0ZXh0Ijp7fX0", "W10",
    };
    struct world *w = *state;
    struct browser b;
    char line[200];

    browser_new(&b, &w->shop);
    for (size_t i = 0; i < sizeof flashes / sizeof *flashes; i++) {
        snprintf(line, sizeof line, "Accept: text/html\r\nCookie: flash=%s", flashes[i]);
        assert_int_equal(browser_send(&b, "/cart", NULL, NULL, line), 200);
        assert_null(strstr(b.body, "evil"));
    }
    assert_int_equal(browser_send(&b, "/cart", NULL, NULL,
                                  "Accept: text/html\r\nCookie: flash="
                                  "eyJ0ZXh0IjoiPGI-aGkiLCJ1bmRvIjoiL3gifQ"),
                     200);
    assert_non_null(strstr(b.body, "&lt;b&gt;hi"));
    assert_non_null(strstr(b.body, "action=\"/x\""));
    browser_free(&b);
}

/* --- SEC-27: photos as they are served --- */

static void test_served_photo(void **state)
{
    struct world *w = *state;
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/media/abc.jpg", w->shop.dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("<script>alert(1)</script>", f);
    fclose(f);
    assert_int_equal(get(&w->vendor, "/media/abc.jpg"), 200);
    assert_string_equal(header(&w->vendor, "Content-Type"), "image/jpeg");
    assert_string_equal(header(&w->vendor, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(&w->vendor, "Content-Security-Policy"),
                        "default-src 'none'; sandbox");
    assert_string_equal(header(&w->vendor, "Content-Disposition"),
                        "inline; filename=\"abc.jpg\"");
}

/* --- SEC-34: kept pages, and whose they are --- */

static void test_kept_pages(void **state)
{
    struct world *w = *state;
    char ask[500], plain[80] = "", small[80] = "", *text = calloc(1, 200000);
    const char *at;

    /* A tag names bytes: compressed and plain ones have two. */
    for (int i = 0; i < 2; i++) {
        snprintf(ask, sizeof ask,
                 "GET /v/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", w->handle,
                 i ? "Accept-Encoding: gzip\r\n" : "");
        assert_int_equal(wire_ask(&w->shop, ask, text, 200000), 200);
        at = strstr(text, "\r\nETag: ");
        assert_non_null(at);
        snprintf(i ? small : plain, 80, "%.*s", (int)strcspn(at + 8, "\r"), at + 8);
    }
    assert_string_not_equal(plain, small);
    for (int i = 0; i < 4; i++) {
        snprintf(ask, sizeof ask,
                 "GET /v/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                 "If-None-Match: %s\r\n%s\r\n",
                 w->handle, i & 2 ? small : plain, i & 1 ? "Accept-Encoding: gzip\r\n" : "");
        assert_int_equal(wire_ask(&w->shop, ask, text, 200000), (i & 1) == i / 2 ? 304 : 200);
    }
    /* What one visitor says of the host stays in their page. */
    snprintf(ask, sizeof ask,
             "GET /v/%s HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil2.example\r\n"
             "Forwarded: host=evil3.example\r\nX-Original-URL: /admin\r\n"
             "Connection: close\r\n\r\n",
             w->handle);
    assert_int_equal(wire_ask(&w->shop, ask, text, 200000), 200);
    snprintf(ask, sizeof ask, "GET /v/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
             w->handle);
    {
        int fd = wire_open(&w->shop);

        wire_send(fd, ask);
        wire_all(fd, text, 200000);
        close(fd);
    }
    assert_null(strstr(text, "evil"));
    assert_non_null(strstr(text, "Vary: "));
    free(text);
}

/* --- SEC-37: where a request ends, and the connection --- */

static void test_connection(void **state)
{
    static const struct {
        const char *ask, *says;
    } asks[] = {
        { "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "close" },
        { "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n", "close" },
        { "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "keep-alive" },
        { "GET /healthz HTTP/1.0\r\n\r\n", "close" },
    };
    struct world *w = *state;
    char text[4096], want[40];

    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        assert_int_equal(wire_ask(&w->shop, asks[i].ask, text, sizeof text), 200);
        snprintf(want, sizeof want, "\r\nConnection: %s\r\n", asks[i].says);
        if (!strstr(text, want))
            fail_msg("%s: %s", asks[i].ask, text);
    }
    {
        int fd = wire_open(&w->shop);

        wire_send(fd, asks[0].ask);
        assert_true(wire_all(fd, text, sizeof text) > 0); /* and then it is closed */
        close(fd);
        assert_non_null(strstr(text, "\r\n\r\nok\n"));
    }
}

static void test_hosts(void **state)
{
    static const char *const bad[] = { "a b", "x\"><b>", "x/y", "x@y", "x?y", "x,y", "" };
    struct world *w = *state;
    char ask[200], text[4096];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(ask, sizeof ask, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
                 bad[i]);
        if (wire_ask(&w->shop, ask, text, sizeof text) != 400)
            fail_msg("host %s: %.60s", bad[i], text);
    }
}

/* --- SEC-36: nothing of the inside --- */

static void test_nothing_inside(void **state)
{
    static const char *const paths[] = { "/admin/parts", "/static/", "/media", "/server-status",
                                         "/debug", "/.env", "/key", "/lock", "/tmp/x",
                                         "/static/../server/main.c", "/migrations" };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (get(&w->customer, paths[i]) != 404)
            fail_msg("%s: %ld", paths[i], w->customer.status);
    get(&w->customer, "/openapi.json");
    assert_null(strstr(w->customer.body, w->shop.dir));
}

/* --- SEC-07 SEC-15: JSON of who has entered no account --- */

static void test_without_account(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000031\",\"name\":\"New\","
                                         "\"lang\":\"en\"}"),
                     200);
    code_of(&w->shop, "+919000000031", code);
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    get(&b, "/accounts");
    assert_int_equal(get(&b, "/inventory"), 403);
    assert_non_null(strstr(b.body, "account"));
    assert_int_equal(post(&b, "/inventory/receive", "{\"name\":\"x\"}"), 403);
    assert_int_equal(get(&b, "/account"), 403);
    assert_int_equal(page(&b, "/inventory"), 303);
    assert_string_equal(header(&b, "Location"), "/accounts");
    browser_free(&b);
}

/* --- SEC-41 SEC-42: what the log tells --- */

static void test_log(void **state)
{
    struct world *w = *state;
    char session[200], *log, *line, *save;

    cookie_of(&w->customer, "session", session, sizeof session);
    post(&w->customer, "/signin", "{\"mobile\":\"+919000000003\"}");
    post(&w->customer, "/signin/verify", "{\"code\":\"000000\"}");
    get(&w->customer, "/sell/orders");
    browser_send(&w->customer, "/accounts", "application/json", "{}",
                 "Origin: https://evil.example");
    post(&w->customer, "/signout", "{}");
    log = file_read(w->shop.log);
    assert_non_null(strstr(log, "Z info signed in user="));
    assert_non_null(strstr(log, "Z warn sign-in refused client=127.0.0.1"));
    assert_non_null(strstr(log, "Z warn refused user="));
    assert_non_null(strstr(log, "Z warn refused cross-site"));
    assert_non_null(strstr(log, "Z info signed out user="));
    assert_null(strstr(log, strchr(session, '=') + 1));
    for (line = strtok_r(log, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (!strstr(line, "info otp to=") && !strstr(line, "the first admin") &&
            strstr(line, "+91"))
            fail_msg("a number: %s", line);
    free(log);
}

/* --- SEC-43: secrets on disk --- */

static void test_secrets(void **state)
{
    static const char *const names[] = { "key", "invichat.db", "lock" };
    struct world *w = *state;
    char path[128];
    struct stat st;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", w->shop.dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        if (st.st_mode & 077)
            fail_msg("%s is %o", names[i], st.st_mode & 0777);
    }
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE mobile NOT IN"
                                       " ('+919000000001', '+919000000002', '+919000000003')"),
                     0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sessions), TEST(test_signing_out), TEST(test_headers), TEST(test_https),
        TEST(test_hidden_fields), TEST(test_twice_the_same_name), TEST(test_numbers),
        TEST(test_sql), TEST(test_text_stays_text), TEST(test_no_open_redirect),
        TEST(test_message_of_others),
        TEST(test_served_photo),
        TEST(test_kept_pages), TEST(test_connection), TEST(test_hosts),
        TEST(test_nothing_inside), TEST(test_without_account), TEST(test_log),
        TEST(test_secrets),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SEC what can be seen", tests, NULL, NULL);
}
