/* API tokens and webhooks out, over HTTP: what a token opens and what not, deliveries that a
 * server on loopback checks the signature of. */
#include "ground.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <sys/socket.h>
#include <time.h>

struct world {
    struct shop shop;
    struct browser admin, vendor, staff, program;
    int64_t vendor_id;
};

static char clock_file[64];

static void clock_set(long long ms)
{
    FILE *f = fopen(clock_file, "w");

    fprintf(f, "%lld\n", ms);
    fclose(f);
}

static long long now_ms(void)
{
    return (long long)time(NULL) * 1000;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    snprintf(clock_file, sizeof clock_file, "/tmp/api-clock-%d", (int)getpid());
    clock_set(now_ms());
    setenv("INVICHAT_CLOCK", clock_file, 1);
    setenv("INVICHAT_WEBHOOKS_TO", "any", 1);
    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    sign_up(&w->staff, &w->shop, "+919000000003", "Staff");
    browser_new(&w->program, &w->shop);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->vendor);
    browser_free(&w->staff);
    browser_free(&w->program);
    shop_free(&w->shop);
    unlink(clock_file);
    free(w);
    return 0;
}

static void token_new(struct browser *b, const char *levels, char out[80])
{
    assert_int_equal(post(b, "/account/tokens", "{\"name\":\"Books\",%s}", levels), 201);
    snprintf(out, 80, "%s", json_string_value(json_object_get(b->json, "token")));
    assert_int_equal(strlen(out), 47);
}

static long ask(struct world *w, const char *token, const char *path, const char *body)
{
    char line[160];

    snprintf(line, sizeof line, "Authorization: Bearer %s", token);
    w->program.csrf[0] = '\0';
    return browser_send(&w->program, path, body ? "application/json" : NULL, body, line);
}

static void test_token_works(void **state)
{
    struct world *w = *state;
    char token[80];

    token_new(&w->vendor, "\"inventory\":\"change\",\"orders\":\"view\"", token);
    assert_int_equal(ask(w, token, "/inventory", NULL), 200);
    assert_null(json_object_get(w->program.json, "csrf"));
    assert_int_equal(ask(w, token, "/inventory/receive",
                         "{\"name\":\"Pot\",\"qty\":\"2\",\"unit\":\"piece\"}"),
                     201);
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku"), 2000);
    assert_int_equal(ask(w, token, "/v/kumhar", NULL), 200);
    assert_int_equal(ask(w, token, "/orders", NULL), 200);
    /* What was not chosen, what is the person's own, what is the admin's. */
    assert_int_equal(ask(w, token, "/cash", NULL), 403);
    assert_int_equal(ask(w, token, "/sell/catalog", NULL), 403);
    assert_int_equal(ask(w, token, "/settings/units", NULL), 403);
    assert_int_equal(ask(w, token, "/me", NULL), 403);
    assert_int_equal(ask(w, token, "/account/tokens", "{\"name\":\"x\",\"orders\":\"view\"}"),
                     403);
    assert_int_equal(ask(w, token, "/me/language", "{\"lang\":\"hi\"}"), 403);
    assert_int_equal(ask(w, token, "/signin", "{\"mobile\":\"9000000002\"}"), 403);
    assert_int_equal(ask(w, token, "/cart/items", "{\"listing\":1,\"qty\":\"1\"}"), 403);
    assert_int_equal(ask(w, token, "/admin/outbox", NULL), 404);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM session WHERE user_id IS NULL"),
                     0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM api_token WHERE used_ms > 0"), 1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry"
                                       " WHERE kind = 'token.made'"),
                     1);
    assert_int_equal(get(&w->vendor, "/account/tokens"), 200);
    assert_null(strstr(w->vendor.body, token)); /* shown once */
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM api_token"
                                       " WHERE instr(CAST(token_hash AS TEXT), 'ivc_')"),
                     0);
}

static void test_one_character(void **state)
{
    struct world *w = *state;
    char token[80];

    token_new(&w->vendor, "\"inventory\":\"view\"", token);
    for (size_t i = 0; token[i]; i++) {
        char was = token[i];

        token[i] = was == 'A' ? 'B' : 'A';
        assert_int_equal(ask(w, token, i % 2 ? "/inventory" : "/v/kumhar", NULL), 401);
        token[i] = was;
    }
    assert_int_equal(ask(w, token, "/inventory", NULL), 200);
    token[46] = '\0';
    assert_int_equal(ask(w, token, "/inventory", NULL), 401);
    assert_int_equal(ask(w, "", "/inventory", NULL), 401);
    /* A good cookie doesn't help a bad token. */
    assert_int_equal(browser_send(&w->vendor, "/inventory", NULL, NULL,
                                  "Authorization: Bearer ivc_x"),
                     401);
}

/* Never above the maker's: when it is made, and when it is used. */
static void test_never_above(void **state)
{
    struct world *w = *state;
    char token[80], path[60], sql[200];
    long long a = (long long)w->vendor_id;
    long long user = (long long)sql_int(&w->shop, "SELECT max(id) FROM user");

    snprintf(sql, sizeof sql, "INSERT INTO membership VALUES (%lld, %lld, 0, 1)", a, user);
    sql_int(&w->shop, sql);
    snprintf(sql, sizeof sql, "INSERT INTO permission VALUES (%lld, %lld, 'inventory', 2)", a,
             user);
    sql_int(&w->shop, sql);
    snprintf(path, sizeof path, "/accounts/%lld/enter", a);
    assert_int_equal(post(&w->staff, path, "{}"), 200);
    assert_int_equal(post(&w->staff, "/account/tokens",
                          "{\"name\":\"x\",\"orders\":\"view\"}"),
                     422);
    assert_non_null(json_object_get(
        json_object_get(json_object_get(w->staff.json, "error"), "fields"), "orders"));
    assert_int_equal(post(&w->staff, "/account/tokens", "{\"name\":\"x\"}"), 422);
    assert_int_equal(post(&w->staff, "/account/hooks",
                          "{\"url\":\"https://a.example\",\"orders\":true}"),
                     403);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM api_token"), 0);
    token_new(&w->staff, "\"inventory\":\"change\"", token);
    assert_int_equal(ask(w, token, "/inventory/receive",
                         "{\"name\":\"Pot\",\"qty\":\"2\",\"unit\":\"piece\"}"),
                     201);
    snprintf(sql, sizeof sql, "UPDATE permission SET level = 1 WHERE user_id = %lld", user);
    sql_int(&w->shop, sql);
    assert_int_equal(ask(w, token, "/inventory", NULL), 200);
    assert_int_equal(ask(w, token, "/inventory/receive",
                         "{\"name\":\"Pot\",\"qty\":\"2\",\"unit\":\"piece\"}"),
                     403);
    snprintf(sql, sizeof sql, "DELETE FROM permission WHERE user_id = %lld", user);
    sql_int(&w->shop, sql);
    assert_int_equal(ask(w, token, "/inventory", NULL), 403);
    snprintf(sql, sizeof sql,
             "DELETE FROM membership WHERE user_id = %lld AND account_id = %lld", user, a);
    sql_int(&w->shop, sql);
    assert_int_equal(ask(w, token, "/inventory", NULL), 401);
    /* The owner sees and ends it. */
    snprintf(path, sizeof path, "/account/tokens/%lld/revoke",
             (long long)sql_int(&w->shop, "SELECT id FROM api_token"));
    assert_int_equal(post(&w->admin, path, "{}"), 404);
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    assert_int_equal(post(&w->vendor, path, "{}"), 404);
}

/* What was chosen for it is all, though its maker may more; and what ends a person's way in
 * ends the token's. */
static void test_what_was_chosen(void **state)
{
    static const char *const ends[][3] = {
        { "INSERT INTO module_off VALUES (2, 'inventory')", "DELETE FROM module_off", "403" },
        { "UPDATE account SET state = 'suspended' WHERE id = 2",
          "UPDATE account SET state = 'active'", "401" },
        { "UPDATE user SET state = 'suspended' WHERE mobile = '+919000000002'",
          "UPDATE user SET state = 'active'", "401" },
        { "UPDATE membership SET is_primary = 0 WHERE account_id = 2",
          "UPDATE membership SET is_primary = 1 WHERE account_id = 2", "403" },
    };
    struct world *w = *state;
    char token[80], path[60];

    assert_int_equal(w->vendor_id, 2);
    token_new(&w->vendor, "\"inventory\":\"view\"", token);
    assert_int_equal(ask(w, token, "/inventory", NULL), 200);
    assert_int_equal(ask(w, token, "/inventory/receive",
                         "{\"name\":\"Pot\",\"qty\":\"2\",\"unit\":\"piece\"}"),
                     403);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku"), 0);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        sql_int(&w->shop, ends[i][0]);
        assert_int_equal(ask(w, token, "/inventory", NULL), atoi(ends[i][2]));
        sql_int(&w->shop, ends[i][1]);
        assert_int_equal(ask(w, token, "/inventory", NULL), 200);
    }
    snprintf(path, sizeof path, "/account/tokens/%lld/revoke",
             (long long)sql_int(&w->shop, "SELECT id FROM api_token"));
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    assert_int_equal(ask(w, token, "/inventory", NULL), 401);
}

/* The description says how each route can be refused. */
static void test_described(void **state)
{
    struct world *w = *state;
    const char *path, *method;
    json_t *methods, *route;
    int n = 0;

    assert_int_equal(get(&w->admin, "/openapi.json"), 200);
    json_object_foreach(json_object_get(w->admin.json, "paths"), path, methods)
        json_object_foreach(methods, method, route)
        {
            const json_t *answers = json_object_get(route, "responses");
            bool posts = strcmp(method, "post") == 0;

            n++;
            assert_non_null(json_object_get(answers, "200"));
            assert_non_null(json_object_get(answers, "429"));
            assert_int_equal(json_object_get(answers, "422") != NULL, posts);
            assert_int_equal(json_object_get(answers, "409") != NULL, posts);
            assert_int_equal(json_object_get(answers, "401") != NULL,
                             json_object_get(route, "security") != NULL);
            assert_true(!strchr(path, '{') || json_object_get(answers, "404"));
        }
    assert_true(n > 150);
}

static void test_rate(void **state)
{
    struct world *w = *state;
    char token[80];
    int asked = 0;

    token_new(&w->vendor, "\"inventory\":\"view\"", token);
    while (asked < 1500 && ask(w, token, "/cart/count", NULL) != 429)
        asked++;
    assert_in_range(asked, 600, 1400);
    assert_int_equal(get(&w->vendor, "/inventory"), 200); /* the person goes on */
    for (asked = 0; asked < 400 && ask(w, "ivc_wrong", "/inventory", NULL) != 429;)
        asked++;
    assert_in_range(asked, 100, 399);
}

/* --- the other side of a webhook --- */

static struct side {
    int fd, port;
    pthread_t thread;
    _Atomic int status, asked;
    char head[4096], body[8192];
} side;

static void side_one(int fd)
{
    char in[16000];
    size_t n = 0, length = 0;
    const char *end = NULL;

    while (n < sizeof in - 1 && (!end || n < (size_t)(end + 4 - in) + length)) {
        ssize_t got = read(fd, in + n, sizeof in - 1 - n);

        if (got <= 0)
            break;
        n += (size_t)got;
        in[n] = '\0';
        if (!end && (end = strstr(in, "\r\n\r\n")))
            length = strtoul(strstr(in, "Content-Length: ") + 16, NULL, 10);
    }
    if (!end)
        return;
    snprintf(side.head, sizeof side.head, "%.*s", (int)(end - in), in);
    snprintf(side.body, sizeof side.body, "%.*s", (int)length, end + 4);
    dprintf(fd, "HTTP/1.1 %d x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", side.status);
    side.asked++;
}

static void *side_run(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(side.fd, NULL, NULL)) >= 0) {
        side_one(fd);
        shutdown(fd, SHUT_RDWR);
        close(fd);
    }
    return NULL;
}

static void side_start(int status)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;

    side.status = status;
    side.asked = 0;
    side.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(side.fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(side.fd, 8), 0);
    getsockname(side.fd, (struct sockaddr *)&at, &n);
    side.port = ntohs(at.sin_port);
    pthread_create(&side.thread, NULL, side_run, NULL);
}

static void side_stop(void)
{
    shutdown(side.fd, SHUT_RDWR);
    pthread_join(side.thread, NULL);
    close(side.fd);
}

static void until(struct world *w, const char *sql, int64_t n)
{
    for (int i = 0; sql_int(&w->shop, sql) != n; i++) {
        if (i > 600)
            fail_msg("%s is %lld", sql, (long long)sql_int(&w->shop, sql));
        usleep(20 * 1000);
    }
}

static bool signature_holds(const char *secret)
{
    const char *at = strstr(side.head, "X-InviChat-Signature: t="), *mac;
    char text[9000], hex[65];
    unsigned char bytes[32];
    crypto_auth_hmacsha256_state s;

    if (!at || !(mac = strstr(at, ",v1=")))
        return false;
    at += 24;
    snprintf(text, sizeof text, "%.*s.%s", (int)(mac - at), at, side.body);
    crypto_auth_hmacsha256_init(&s, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&s, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&s, bytes);
    sodium_bin2hex(hex, sizeof hex, bytes, 32);
    return strncmp(mac + 4, hex, 64) == 0;
}

static bool is_ticked(const char *html, const char *id)
{
    char want[60];
    const char *at;

    snprintf(want, sizeof want, "id=\"%s\"", id);
    at = strstr(html, want);
    assert_non_null(at);
    return memmem(at, (size_t)(strchr(at, '>') - at), "checked", 7) != NULL;
}

/* The form is empty again, so that the address isn't added twice. */
static void test_hook_made(void **state)
{
    struct world *w = *state;

    assert_int_equal(browser_send(&w->vendor, "/account/hooks",
                                  "application/x-www-form-urlencoded",
                                  "url=https%3A%2F%2Fonce.example%2F&orders=1&stock=1",
                                  "Accept: text/html"),
                     201);
    assert_non_null(strstr(w->vendor.body, "<strong>https://once.example/</strong>"));
    assert_null(strstr(w->vendor.body, "value=\"https://once.example/\""));
    assert_true(is_ticked(w->vendor.body, "f-orders"));
    assert_false(is_ticked(w->vendor.body, "f-stock"));
}

static int64_t hook_new(struct world *w, char secret[80])
{
    assert_int_equal(post(&w->vendor, "/account/hooks",
                          "{\"url\":\"http://127.0.0.1:%d/in\",\"orders\":true,"
                          "\"stock\":true}",
                          side.port),
                     201);
    snprintf(secret, 80, "%s", json_string_value(json_object_get(w->vendor.json, "secret")));
    return sql_int(&w->shop, "SELECT max(id) FROM hook");
}

static void pot_in(struct world *w)
{
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"5\",\"unit\":\"piece\"}"),
                     201);
}

/* So many requests have come in whole. */
static void side_until(int asked)
{
    for (int i = 0; i < 600 && side.asked < asked; i++)
        usleep(20 * 1000);
    assert_int_equal(side.asked, asked);
}

#define DONE "SELECT count(*) FROM job WHERE provider LIKE 'hook:%' AND state = 'done'"

static void test_hook_delivers(void **state)
{
    struct world *w = *state;
    char secret[80], path[80];
    int64_t id, sku;
    json_t *body;

    side_start(200);
    id = hook_new(w, secret);
    assert_int_equal(sql_int(&w->shop, "SELECT instr(secret, 'whs_') FROM hook"), 0);
    pot_in(w);
    sku = answer_int(&w->vendor, "id");
    until(w, DONE, 1);
    side_until(1);
    assert_true(signature_holds(secret));
    assert_false(signature_holds("whs_other"));
    body = json_loads(side.body, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(body, "event")), "stock.changed");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "sku"),
                                                        "on_hand_milli")),
                     5000);
    assert_non_null(strstr(side.head, json_string_value(json_object_get(body, "id"))));
    json_decref(body);

    assert_in_range(post(&w->vendor, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"250\"}",
                         (long long)sku),
                    200, 201);
    assert_in_range(post(&w->staff, "/cart/items", "{\"listing\":%lld,\"qty\":\"2\"}",
                         (long long)sql_int(&w->shop, "SELECT id FROM listing")),
                    200, 201);
    assert_in_range(post(&w->staff, "/cart/order", "{}"), 200, 201);
    until(w, DONE, 2);
    side_until(2);
    assert_true(signature_holds(secret));
    body = json_loads(side.body, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(body, "event")), "order.ordered");
    assert_string_equal(json_string_value(json_object_get(body, "role")), "vendor");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "order"),
                                                        "total_paise")),
                     50000);
    json_decref(body);

    snprintf(path, sizeof path, "/account/hooks/%lld", (long long)id);
    assert_int_equal(get(&w->vendor, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->vendor.json, "deliveries")), 2);
    assert_null(strstr(w->vendor.body, secret));
    assert_int_equal(post(&w->staff, "/inventory/receive", /* another account's stock */
                          "{\"name\":\"Cup\",\"qty\":\"5\",\"unit\":\"piece\"}"),
                     201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"
                                       " WHERE provider LIKE 'hook:%'"),
                     2);
    assert_int_equal(get(&w->staff, path), 404);
    snprintf(path, sizeof path, "/account/hooks/%lld/remove", (long long)id);
    assert_int_equal(post(&w->staff, path, "{}"), 404);
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    pot_in(w);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"
                                       " WHERE provider LIKE 'hook:%'"),
                     2);
    side_stop();
}

static void test_hook_retries(void **state)
{
    struct world *w = *state;
    char secret[80], path[100];
    long long now = now_ms();
    int64_t id, job;

    clock_set(now);
    side_start(400);
    id = hook_new(w, secret);
    pot_in(w);
    until(w, "SELECT tries FROM job WHERE provider LIKE 'hook:%'", 1);
    now += 10 * 1000;
    clock_set(now);
    until(w, "SELECT tries FROM job WHERE provider LIKE 'hook:%'", 2);
    side.status = 503; /* an outage uses up none */
    now += 60 * 1000;
    clock_set(now);
    until(w, "SELECT count(*) FROM circuit", 1);
    assert_int_equal(sql_int(&w->shop, "SELECT tries FROM job WHERE provider LIKE 'hook:%'"),
                     2);
    side.status = 200;
    now += 60 * 1000;
    clock_set(now);
    until(w, DONE, 1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM hook"
                                       " WHERE failing_since_ms IS NULL"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM circuit"), 0);
    job = sql_int(&w->shop, "SELECT id FROM job WHERE provider LIKE 'hook:%'");
    snprintf(path, sizeof path, "/account/hooks/%lld/deliveries/%lld/again", (long long)id,
             (long long)job);
    assert_int_equal(post(&w->staff, path, "{}"), 404);
    assert_int_equal(post(&w->vendor, path, "{}"), 200);
    side_until(5);

    /* Three days without an answer: switched off, and its maker told. */
    side.status = 500;
    pot_in(w);
    until(w, "SELECT count(*) FROM circuit", 1);
    now += 73 * 3600 * 1000LL;
    clock_set(now);
    until(w, "SELECT count(*) FROM hook WHERE state = 'off'", 1);
    until(w, "SELECT count(*) FROM notification WHERE key = 'notify.hook_off'", 1);
    until(w, "SELECT count(*) FROM job WHERE provider LIKE 'hook:%' AND state = 'failed'", 1);
    pot_in(w);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"
                                       " WHERE provider LIKE 'hook:%'"),
                     2);
    side_stop();
}

/* The customer's address hears of an order too, whether or not the shop has one. */
static void test_hook_of_customer(void **state)
{
    struct world *w = *state;
    json_t *body;

    side_start(200);
    assert_int_equal(post(&w->staff, "/account/hooks",
                          "{\"url\":\"http://127.0.0.1:%d/in\",\"orders\":true}", side.port),
                     201);
    pot_in(w);
    assert_in_range(post(&w->vendor, "/sell/catalog/new", "{\"sku\":%lld,\"price\":\"250\"}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 201);
    assert_in_range(post(&w->staff, "/cart/items", "{\"listing\":%lld,\"qty\":\"2\"}",
                         (long long)sql_int(&w->shop, "SELECT id FROM listing")),
                    200, 201);
    assert_in_range(post(&w->staff, "/cart/order", "{}"), 200, 201);
    until(w, DONE, 1);
    side_until(1);
    body = json_loads(side.body, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(body, "event")), "order.ordered");
    assert_string_equal(json_string_value(json_object_get(body, "role")), "customer");
    json_decref(body);
    side_stop();
}

static void test_hook_addresses(void **state)
{
    static const char *const bad[] = { "ftp://a.example/", "javascript:alert(1)", "a.example",
                                       "https://me:pw@a.example/", "https://",
                                       "http://a b/" };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(post(&w->vendor, "/account/hooks",
                              "{\"url\":\"%s\",\"orders\":true}", bad[i]),
                         422);
    assert_int_equal(post(&w->vendor, "/account/hooks", "{\"url\":\"https://a.example/\"}"),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM hook"), 0);
    assert_int_equal(post(&w->vendor, "/account/hooks",
                          "{\"url\":\"https://a.example/\",\"orders\":true}"),
                     201);
    assert_int_equal(post(&w->vendor, "/account/hooks",
                          "{\"url\":\"https://a.example/\",\"stock\":true}"),
                     409);
}

/* Unless the admin allows it, an account's address leads neither to this machine nor to
 * what is beside it. */
static void test_hook_ssrf(void **state)
{
    static const char *const inside[] = {
        "http://127.0.0.1:%d/",  "https://127.0.0.1:%d/", "http://localhost:%d/",
        "https://localhost:%d/", "http://[::1]:%d/",      "http://169.254.169.254:%d/",
        "http://0.0.0.0:%d/",    "https://224.0.0.1:%d/", "http://8.8.8.8:%d/"
    };
    static const char *const later[] = { "https://127.1:%d/", "http://2130706433:%d/",
                                         "http://0x7f000001:%d/" };
    struct world *w = *state;
    char url[80];

    shop_stop(&w->shop);
    unsetenv("INVICHAT_WEBHOOKS_TO");
    shop_start(&w->shop);
    side_start(200);
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        snprintf(url, sizeof url, inside[i], side.port);
        if (post(&w->vendor, "/account/hooks", "{\"url\":\"%s\",\"stock\":true}", url) != 422)
            fail_msg("%s was taken", url);
    }
    assert_int_equal(post(&w->vendor, "/account/hooks",
                          "{\"url\":\"http://192.168.1.20/\",\"orders\":true}"),
                     201); /* the shop's own network */
    /* What only the look-up tells is refused when it is called. */
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        snprintf(url, sizeof url, later[i], side.port);
        post(&w->vendor, "/account/hooks", "{\"url\":\"%s\",\"stock\":true}", url);
    }
    pot_in(w);
    until(w, "SELECT count(*) FROM job WHERE provider LIKE 'hook:%' AND error = ''", 0);
    assert_int_equal(side.asked, 0);
    side_stop();
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                     \
    {                                                                                      \
        name, fn, setup, teardown, NULL                                                    \
    }
    const struct CMUnitTest tests[] = {
        TEST("SYS-5 a token opens what was chosen", test_token_works),
        TEST("SYS-5 a token with one character changed is none", test_one_character),
        TEST("SYS-5 a token is never above its maker", test_never_above),
        TEST("SYS-5 a token may what was chosen, as long as its maker may", test_what_was_chosen),
        TEST("SYS-5 the description has fields and answers", test_described),
        TEST("SYS-5 tokens are limited in rate", test_rate),
        TEST("SYS-5 a webhook is added once", test_hook_made),
        TEST("SYS-5 webhooks are delivered, signed", test_hook_delivers),
        TEST("NOTE-3 SYS-5 webhooks are tried again, and switched off at last", test_hook_retries),
        TEST("SYS-5 a customer's webhook", test_hook_of_customer),
        TEST("SYS-5 webhook addresses are checked", test_hook_addresses),
        TEST("SYS-5 webhooks lead nowhere inside", test_hook_ssrf),
    };

    (void)argc;
    if (sodium_init() < 0)
        return 1;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
