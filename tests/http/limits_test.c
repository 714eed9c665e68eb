/* Limits against strangers, and that nothing is done by half, or twice. */
#include "ground.h"

#include "wire.h"

#include <sodium.h>

#define HOOK "/webhooks/whatsapp"
#define SIGNED "X-Hub-Signature-256: sha256=%064d\r\n"

struct world {
    struct shop shop;
    struct browser admin, vendor;
    int64_t vendor_id, listing;
    char handle[60];
};

/* The proxy in front stands on loopback, so that addresses can be made up. */
static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    signal(SIGPIPE, SIG_IGN);
    setenv("INVICHAT_TRUSTED_PROXY", "127.0.0.1", 1);
    shop_new(&w->shop);
    unsetenv("INVICHAT_TRUSTED_PROXY");
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"50\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 299);
    w->listing = sql_int(&w->shop, "SELECT max(id) FROM listing");
    get(&w->vendor, "/account");
    snprintf(w->handle, sizeof w->handle, "%s",
             json_string_value(json_object_get(json_object_get(w->vendor.json, "vendor"),
                                               "handle")));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(waitpid(w->shop.pid, NULL, WNOHANG), 0);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static const char *answer_header(struct browser *b, const char *name)
{
    struct curl_header *h;

    return curl_easy_header(b->curl, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                 : "";
}

/* --- SEC-25 SEC-38: visitors of an address --- */

/* A browser that keeps no cookie. */
static long visit(struct world *w, const char *from, char *retry, size_t size)
{
    struct browser b;
    long status;

    browser_new(&b, &w->shop);
    status = browser_send(&b, "/me/language", "application/json", "{\"lang\":\"hi\"}", from);
    snprintf(retry, size, "%s", answer_header(&b, "Retry-After"));
    if (status == 429)
        assert_non_null(strstr(b.body, "network"));
    browser_free(&b);
    return status;
}

static void test_visitors(void **state)
{
    struct world *w = *state;
    char text[4096], ask[400], retry[40];

    for (int i = 0; i < 300; i++)
        assert_int_equal(visit(w, "X-Forwarded-For: 203.0.113.7", retry, sizeof retry), 200);
    assert_int_equal(visit(w, "X-Forwarded-For: 203.0.113.7", retry, sizeof retry), 429);
    assert_in_range(atoi(retry), 59 * 60, 61 * 60);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM session WHERE user_id IS NULL"),
                     300);
    /* What the client says of itself doesn't help, on the same line or one of its own. */
    assert_int_equal(visit(w, "X-Forwarded-For: 198.51.100.1, 203.0.113.7", retry,
                           sizeof retry),
                     429);
    snprintf(ask, sizeof ask,
             "POST /v/%s/cart HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n"
             "X-Forwarded-For: 203.0.113.7\r\nContent-Length: 9\r\n"
             "Content-Type: application/x-www-form-urlencoded\r\n\r\nlisting=%lld",
             w->handle, (long long)w->listing);
    assert_int_equal(wire_ask(&w->shop, ask, text, sizeof text), 429);
    assert_int_equal(visit(w, "X-Forwarded-For: 203.0.113.8", retry, sizeof retry), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
}

/* Of IPv6 a client has a whole network of addresses. */
static void test_visitors_of_a_network(void **state)
{
    struct world *w = *state;
    char from[80], retry[40];

    for (int i = 0; i < 300; i++) {
        snprintf(from, sizeof from, "X-Forwarded-For: 2001:db8:1:2::%x", i + 1);
        assert_int_equal(visit(w, from, retry, sizeof retry), 200);
    }
    assert_int_equal(visit(w, "X-Forwarded-For: 2001:db8:1:2:9::9", retry, sizeof retry),
                     429);
    assert_int_equal(visit(w, "X-Forwarded-For: 2001:db8:1:3::1", retry, sizeof retry), 200);
}

/* --- SEC-30: what the webhook reads of whom --- */

static int hook_head(struct world *w, const char *lines, int length, char *text, size_t size)
{
    char ask[800];
    int fd = wire_open(&w->shop), status;

    snprintf(ask, sizeof ask,
             "POST " HOOK " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             "Content-Length: %d\r\n%s\r\n",
             length, lines);
    wire_send(fd, ask);
    status = wire_status(fd, text, size);
    close(fd);
    return status;
}

static void test_webhook_unread(void **state)
{
    static const char *const unsigned_ones[] = {
        "", "X-Hub-Signature-256: sha256=\r\n",
        "X-Hub-Signature-256: sha256=" /* upper case */
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
        "X-Hub-Signature-256: sha1=0000000000000000000000000000000000000000\r\n",
    };
    struct world *w = *state;
    char text[4096], line[200], two[400];
    int64_t start = wire_ms();

    for (size_t i = 0; i < sizeof unsigned_ones / sizeof *unsigned_ones; i++)
        assert_int_equal(hook_head(w, unsigned_ones[i], 3000000, text, sizeof text), 403);
    snprintf(line, sizeof line, SIGNED, 1);
    snprintf(two, sizeof two, "%s%s", line, line);
    assert_int_equal(hook_head(w, two, 3000000, text, sizeof text), 403);
    assert_non_null(strstr(text, "Connection: close"));
    assert_int_equal(hook_head(w, line, 3 * 1024 * 1024 + 1, text, sizeof text), 413);
    assert_true(wire_ms() - start < 3000); /* no body came, none was waited for */
}

/* Large ones that somebody holds open: few are, and a usual one goes on beside them. */
static void test_webhook_memory(void **state)
{
    static const char body[] = "{\"object\":\"x\"}";
    struct world *w = *state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state hash;
    char text[4096], ask[600], line[200], hex[65], *large = calloc(1, 70001);
    int held[4], status;

    snprintf(line, sizeof line, SIGNED, 1);
    snprintf(ask, sizeof ask,
             "POST " HOOK " HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n%s\r\n{", line);
    for (int i = 0; i < 4; i++) {
        held[i] = wire_open(&w->shop);
        wire_send(held[i], ask);
    }
    usleep(300 * 1000);
    assert_int_equal(hook_head(w, line, 3000000, text, sizeof text), 503);
    assert_non_null(strstr(text, "Retry-After:"));
    crypto_auth_hmacsha256_init(&hash, (const unsigned char *)"fixture-app-secret", 18);
    crypto_auth_hmacsha256_update(&hash, (const unsigned char *)body, sizeof body - 1);
    crypto_auth_hmacsha256_final(&hash, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    snprintf(ask, sizeof ask,
             "POST " HOOK " HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
             "X-Hub-Signature-256: sha256=%s\r\n\r\n%s",
             sizeof body - 1, hex, body);
    status = wire_ask(&w->shop, ask, text, sizeof text);
    assert_int_not_equal(status, 403);
    assert_int_not_equal(status, 503);
    for (int i = 0; i < 4; i++)
        close(held[i]);
    usleep(300 * 1000); /* their places are given back */
    snprintf(ask, sizeof ask,
             "POST " HOOK " HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n%s\r\n", line);
    memset(large, ' ', 70000);
    held[0] = wire_open(&w->shop);
    wire_send(held[0], ask);
    wire_send(held[0], large);
    assert_int_equal(wire_status(held[0], text, sizeof text), 403);
    close(held[0]);
    free(large);
}

/* Bodies that never come, more of them than there are connections to the database: they hold
 * none of those, and who asks for a page gets it. */
static void test_slow_bodies(void **state)
{
    static const char ask[] =
        "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded"
        "\r\nContent-Length: 100\r\n"
        "Cookie: session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n\r\nmobile=";
    static const char page[] = "GET /search?q=pot HTTP/1.1\r\nHost: x\r\n\r\n";
    struct world *w = *state;
    char text[4096];
    int held[24];

    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        held[i] = wire_open(&w->shop);
        wire_send(held[i], ask);
    }
    usleep(300 * 1000);
    assert_int_equal(wire_ask(&w->shop, page, text, sizeof text), 200);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        close(held[i]);
}

/* --- SEC-09: a thousand wrong codes from fifty addresses --- */

static void test_thousand_wrong_codes(void **state)
{
    static const char mobile[] = "+919000000002"; /* the vendor's */
    struct world *w = *state;
    struct browser guess;
    char from[80], body[80], code[8], before[8];
    int locked = 0, waits = 0, in = 0;

    for (int i = 0; i < 50; i++) {
        snprintf(from, sizeof from, "X-Forwarded-For: 203.0.113.%d", i + 1);
        browser_new(&guess, &w->shop);
        snprintf(body, sizeof body, "{\"mobile\":\"%s\"}", mobile);
        waits += browser_send(&guess, "/signin", "application/json", body, from) == 429;
        for (int k = 0; k < 20; k++) {
            snprintf(body, sizeof body, "{\"code\":\"%06d\"}", i * 20 + k);
            browser_send(&guess, "/signin/verify", "application/json", body, from);
            locked += guess.status == 422;
            in += get(&guess, "/accounts") == 200;
        }
        browser_free(&guess);
    }
    if (in) /* 15 tries of a million: not in this life */
        fail_msg("guessed");
    assert_true(waits >= 47);
    assert_true(locked > 0);
    assert_true(sql_int(&w->shop, "SELECT sum(tries) FROM otp") <= 15);
    /* Others are not concerned, nor is the owner where they are, */
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    browser_new(&guess, &w->shop);
    assert_int_equal(post(&guess, "/signin", "{\"mobile\":\"+919000000001\"}"), 200);
    for (int k = 0; k < 4; k++) {
        assert_int_equal(post(&guess, "/signin/verify", "{\"code\":\"00000%d\"}", k), 422);
        assert_non_null(strstr(guess.body, k < 3 ? "tries" : "try"));
    }
    browser_free(&guess);
    code_of(&w->shop, mobile, before);
    assert_int_equal(post(&w->vendor, "/signout", "{}"), 200);
    /* nor when they come back: this browser was in before. */
    assert_int_equal(post(&w->vendor, "/signin", "{\"mobile\":\"%s\"}", mobile), 200);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, mobile, code);
    } while (strcmp(code, before) == 0);
    assert_int_equal(post(&w->vendor, "/signin/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    /* Elsewhere they are told how long to wait. */
    browser_new(&guess, &w->shop);
    assert_int_equal(post(&guess, "/signin", "{\"mobile\":\"%s\"}", mobile), 429);
    assert_non_null(strstr(guess.body, "minutes"));
    assert_in_range(atoi(answer_header(&guess, "Retry-After")), 60, 16 * 60);
    browser_free(&guess);
}

/* A proof of another number, or of another browser, is none. */
static void test_made_up_device(void **state)
{
    static const char *const made_up[] = {
        "Cookie: device=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBB",
        "Cookie: device=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.",
        "Cookie: device=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Cookie: device=short.BBBBBBBBBBBBBBBBBBBBBB", "Cookie: device=", "Cookie: device=%00",
    };
    struct world *w = *state;
    struct browser b;
    long status = 0;

    for (int i = 0; i < 3; i++) {
        browser_new(&b, &w->shop);
        status = post(&b, "/signin", "{\"mobile\":\"+919000000077\"}");
        browser_free(&b);
    }
    assert_int_equal(status, 200);
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        browser_new(&b, &w->shop);
        assert_int_equal(browser_send(&b, "/signin", "application/json",
                                      "{\"mobile\":\"+919000000077\"}", made_up[i]),
                         429);
        browser_free(&b);
    }
    /* Known for its own number alone, and still after it asked for another. */
    assert_int_equal(post(&w->vendor, "/signout", "{}"), 200);
    assert_int_equal(post(&w->vendor, "/signin", "{\"mobile\":\"+919000000077\"}"), 429);
    assert_int_equal(post(&w->vendor, "/signin", "{\"mobile\":\"+919000000078\"}"), 200);
    for (int i = 0; i < 3; i++) {
        browser_new(&b, &w->shop);
        post(&b, "/signin", "{\"mobile\":\"+919000000002\"}");
        status = b.status;
        browser_free(&b);
    }
    assert_int_equal(status, 429); /* one was the vendor's own signing up */
    assert_int_equal(post(&w->vendor, "/signin", "{\"mobile\":\"+919000000002\"}"), 200);
}

/* --- SEC-19: whole operations --- */

/* Something fails in the middle of signing in: nothing of it was done, and the same code
 * signs in when it works again. */
static void test_signin_is_whole(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000041\",\"name\":\"Asha\","
                                         "\"lang\":\"en\"}"),
                     200);
    code_of(&w->shop, "+919000000041", code);
    sql_run(&w->shop, "CREATE TRIGGER broken BEFORE INSERT ON session"
                      " BEGIN SELECT RAISE(ABORT, 'broken'); END");
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\"}", code), 500);
    /* SEC-40: the page and the log share a number, and nothing else is told. */
    assert_null(strstr(b.body, "broken"));
    assert_null(strstr(b.body, "INSERT"));
    {
        char id[9] = "", *log = file_read(w->shop.log);
        const char *at = strrchr(b.body, '(');

        assert_non_null(at);
        snprintf(id, sizeof id, "%.8s", at + 1);
        assert_int_equal(strspn(id, "0123456789abcdef"), 8);
        assert_non_null(strstr(log, id));
        free(log);
    }
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE mobile ="
                                       " '+919000000041'"),
                     0);
    sql_run(&w->shop, "DROP TRIGGER broken");
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    browser_free(&b);
}

static void test_account_is_whole(void **state)
{
    static const char body[] = "{\"name\":\"Second\",\"email\":\"second@example.com\"}";
    struct world *w = *state;

    sql_run(&w->shop, "CREATE TRIGGER broken BEFORE UPDATE OF account_id ON session"
                      " BEGIN SELECT RAISE(ABORT, 'broken'); END");
    assert_int_equal(browser_send(&w->vendor, "/accounts", "application/json", body,
                                  "Idempotency-Key: one"),
                     500);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account WHERE name = 'Second'"),
                     0);
    sql_run(&w->shop, "DROP TRIGGER broken");
    for (int i = 0; i < 2; i++)
        assert_int_equal(browser_send(&w->vendor, "/accounts", "application/json", body,
                                      "Idempotency-Key: one"),
                         201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account WHERE name = 'Second'"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM session s JOIN account a"
                                       " ON a.id = s.account_id WHERE a.name = 'Second'"),
                     1);
}

/* --- CAT-5: a button pressed twice on a page that is kept for all --- */

static long press(struct world *w, struct browser *b, const char *qty)
{
    char path[100], body[100], here[80];

    snprintf(path, sizeof path, "/v/%s/cart", w->handle);
    snprintf(body, sizeof body, "listing=%lld&qty=%s", (long long)w->listing, qty);
    snprintf(here, sizeof here, "Accept: text/html\r\nOrigin: http://127.0.0.1:%d",
             w->shop.port);
    return browser_send(b, path, "application/x-www-form-urlencoded", body, here);
}

static void test_pressed_twice(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[100], body[100], here[80];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/me/language", "{\"lang\":\"en\"}"), 200);
    assert_int_equal(press(w, &b, "2"), 303);
    assert_int_equal(press(w, &b, "2"), 303);
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 2000);
    assert_int_equal(press(w, &b, "1"), 303); /* another quantity was meant */
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 3000);
    usleep(2100 * 1000);
    assert_int_equal(press(w, &b, "1"), 303); /* some more */
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 4000);
    snprintf(path, sizeof path, "/v/%s/cart", w->handle);
    snprintf(body, sizeof body, "{\"listing\":%lld,\"qty\":\"1\"}", (long long)w->listing);
    snprintf(here, sizeof here, "Origin: http://127.0.0.1:%d", w->shop.port);
    for (int i = 0; i < 2; i++) /* a program says what it means */
        assert_in_range(browser_send(&b, path, "application/json", body, here), 200, 299);
    assert_int_equal(sql_int(&w->shop, "SELECT qty_milli FROM requirement"), 6000);
    browser_free(&b);
}

/* --- SYS-1: who reads doesn't wait for who writes --- */

static void test_reads_while_written(void **state)
{
    struct world *w = *state;
    char path[128];
    sqlite3 *db;
    int64_t start;

    sql_run(&w->shop, "UPDATE session SET seen_ms = 1");
    snprintf(path, sizeof path, "%s/invichat.db", w->shop.dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    start = wire_ms();
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    assert_true(wire_ms() - start < 2000);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_visitors), TEST(test_visitors_of_a_network), TEST(test_webhook_unread),
        TEST(test_webhook_memory), TEST(test_slow_bodies), TEST(test_thousand_wrong_codes),
        TEST(test_made_up_device), TEST(test_signin_is_whole), TEST(test_account_is_whole),
        TEST(test_pressed_twice), TEST(test_reads_while_written),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SEC limits", tests, NULL, NULL);
}
