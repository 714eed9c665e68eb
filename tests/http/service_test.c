/* The WhatsApp account set on the admin's page, against a stand-in of the Cloud API: used at
 * once, tried, its secrets nowhere to be read (SYS-3, SYS-6, ACC-8, SEC-43). */
#include "ground.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define TOKEN "EAAG-very-secret-token-4711"

struct standin {
    int fd, port;
    pthread_t thread;
    char sent[8192]; /* the last message's body */
    pthread_mutex_t lock;
};

struct world {
    struct shop shop;
    struct browser admin;
    struct standin meta;
};

static void answer(int fd, int status, const char *json)
{
    char head[300];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                     "Connection: close\r\n\r\n",
                     status, strlen(json));

    assert_true(write(fd, head, (size_t)n) == n);
    assert_true(write(fd, json, strlen(json)) >= 0);
}

static void *standin_run(void *arg)
{
    struct standin *m = arg;
    char buf[8192];
    int fd;

    while ((fd = accept(m->fd, NULL, NULL)) >= 0) {
        ssize_t n = 0, got;
        const char *end, *length;

        do {
            got = read(fd, buf + n, sizeof buf - 1 - (size_t)n);
            n += got > 0 ? got : 0;
            buf[n] = '\0';
            end = strstr(buf, "\r\n\r\n");
            length = strcasestr(buf, "Content-Length:");
        } while (got > 0 && (!end || (length && strlen(end + 4) < (size_t)atoi(length + 15))));
        if (strstr(buf, "/sms")) {
            pthread_mutex_lock(&m->lock);
            snprintf(m->sent, sizeof m->sent, "%s", buf);
            pthread_mutex_unlock(&m->lock);
            answer(fd, 200, strstr(buf, "authkey: right-key") ? "{\"type\":\"success\"}"
                                                               : "{\"type\":\"error\"}");
        } else if (!strstr(buf, "Bearer " TOKEN)) {
            answer(fd, 401, "{\"error\":{\"code\":190,\"message\":\"Invalid access token\"}}");
        } else if (strstr(buf, "919000000077")) {
            answer(fd, 400, "{\"error\":{\"code\":131026,\"message\":\"Undeliverable\"}}");
        } else if (strncmp(buf, "POST", 4) == 0) {
            pthread_mutex_lock(&m->lock);
            snprintf(m->sent, sizeof m->sent, "%s", end ? end + 4 : "");
            pthread_mutex_unlock(&m->lock);
            answer(fd, 200, "{\"messages\":[{\"id\":\"wamid.1\"}]}");
        } else {
            answer(fd, 200, "{\"verified_name\":\"Asha Crafts\","
                            "\"display_phone_number\":\"+91 90000 00055\",\"id\":\"123\"}");
        }
        close(fd);
    }
    return NULL;
}

static void standin_start(struct standin *m)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    char url[60];

    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(m->fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(m->fd, 20), 0);
    getsockname(m->fd, (struct sockaddr *)&at, &size);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(at.sin_port));
    setenv("INVICHAT_WHATSAPP_URL", url, 1);
    pthread_mutex_init(&m->lock, NULL);
    pthread_create(&m->thread, NULL, standin_run, m);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    standin_start(&w->meta);
    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    *state = w;
    return 0;
}

/* With an address that links can be made with. */
static int setup_public(void **state)
{
    int rc;

    setenv("INVICHAT_PUBLIC_URL", "http://shop.example", 1);
    rc = setup(state);
    unsetenv("INVICHAT_PUBLIC_URL");
    return rc;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    shop_free(&w->shop);
    shutdown(w->meta.fd, SHUT_RDWR);
    pthread_join(w->meta.thread, NULL);
    close(w->meta.fd);
    unsetenv("INVICHAT_WHATSAPP_URL");
    free(w);
    return 0;
}

static json_t *service(struct world *w, size_t i)
{
    assert_int_equal(get(&w->admin, "/admin/services"), 200);
    return json_array_get(json_object_get(w->admin.json, "services"), i);
}

static json_t *field(struct world *w, const char *name)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(service(w, 0), "fields"), i, one)
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
            return one;
    fail();
    return NULL;
}

static bool field_is(struct world *w, const char *name, const char *what)
{
    return json_is_true(json_object_get(field(w, name), what));
}

/* True when the bytes stand in the file. */
static bool file_has(const struct world *w, const char *name, const char *bytes)
{
    char path[200];
    FILE *f;
    char *all = malloc(16 << 20);
    size_t n;
    void *found;

    snprintf(path, sizeof path, "%s/%s", w->shop.dir, name);
    f = fopen(strcmp(name, "log") == 0 ? w->shop.log : path, "r");
    n = f ? fread(all, 1, 16 << 20, f) : 0;
    found = memmem(all, n, bytes, strlen(bytes));
    if (f)
        fclose(f);
    free(all);
    return found != NULL;
}

static bool hidden(const struct world *w, const char *secret)
{
    return !file_has(w, "invichat.db", secret) && !file_has(w, "invichat.db-wal", secret) &&
           !file_has(w, "log", secret);
}

static long save(struct world *w, const char *token, const char *id)
{
    return post(&w->admin, "/admin/services/whatsapp",
                "{\"token\":\"%s\",\"phone_number_id\":\"%s\",\"otp_template\":\"\"}", token,
                id);
}

static void test_set_and_tried(void **state)
{
    struct world *w = *state;
    char code[8];
    struct browser b;

    assert_true(json_is_false(json_object_get(service(w, 0), "is_on")));
    assert_true(field_is(w, "app_secret", "is_env"));
    assert_false(field_is(w, "token", "is_set"));
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/check", "{}"), 409);
    assert_int_equal(save(w, "a token", "123"), 422);
    assert_int_equal(save(w, TOKEN, "12/../3"), 422);
    assert_int_equal(save(w, "", ""), 200);
    assert_non_null(strstr(w->admin.body, "not in use yet"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM service_value"), 0);

    /* A wrong token: what Meta says stands there, but not the token. */
    assert_int_equal(save(w, "EAAG-wrong", "123"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/check", "{}"), 409);
    assert_non_null(strstr(w->admin.body, "Invalid access token"));
    assert_null(strstr(w->admin.body, "EAAG-wrong"));
    assert_int_equal(save(w, TOKEN, "123"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/check", "{}"), 200);
    assert_non_null(strstr(w->admin.body, "Asha Crafts +91 90000 00055"));

    /* In use at once, and texts and codes are hidden from now on. */
    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"+919000000001\"}"), 200);
    for (int i = 0; i < 100 && sql_int(&w->shop, "SELECT count(*) FROM job WHERE provider_id ="
                                                 " 'wamid.1'") < 1;
         i++)
        usleep(50 * 1000);
    pthread_mutex_lock(&w->meta.lock);
    assert_non_null(strstr(w->meta.sent, "919000000001"));
    pthread_mutex_unlock(&w->meta.lock);
    assert_int_equal(get(&w->admin, "/admin/outbox"), 200);
    assert_non_null(strstr(w->admin.body, "\"is_hidden\":true"));
    assert_non_null(strstr(w->admin.body, "\"code\":\"\""));
    code_of(&w->shop, "+919000000001", code);
    assert_null(strstr(w->admin.body, code));
    sql_int(&w->shop, "INSERT INTO job(kind, provider, recipient, payload, state, next_ms,"
                      " created_ms) VALUES ('message', 'chat', '+919000000055',"
                      " '{\"to\":\"+919000000055\",\"type\":\"text\","
                      "\"body\":\"Sonpatta is ready\"}', 'waiting', 9999999999999, 1)");
    assert_int_equal(get(&w->admin, "/admin/outbox"), 200);
    assert_non_null(strstr(w->admin.body, "+919000000055"));
    assert_null(strstr(w->admin.body, "Sonpatta"));
    sql_int(&w->shop, "INSERT INTO job(kind, provider, recipient, payload, next_ms, created_ms)"
                      " VALUES ('message', 'hook:2', 'hook:2', '{}', 9999999999999, 1)");
    assert_int_equal(get(&w->admin, "/admin/outbox"), 200);
    assert_non_null(strstr(w->admin.body, "Webhook no. 2"));
    sql_int(&w->shop, "INSERT INTO job(kind, provider, recipient, payload, next_ms, created_ms)"
                      " VALUES ('message', 'push:a', 'push:7', '{}', 9999999999999, 1)");
    assert_int_equal(get(&w->admin, "/admin/outbox"), 200);
    assert_non_null(strstr(w->admin.body, "Browser no. 7"));
    assert_null(strstr(w->admin.body, "hook:2"));
    assert_int_equal(browser_send(&w->admin, "/admin/outbox", NULL, NULL, "Accept: text/html"),
                     200);
    assert_null(strstr(w->admin.body, "Sonpatta"));
    browser_free(&b);
}

static void test_sealed(void **state)
{
    struct world *w = *state;
    char path[200];

    assert_int_equal(save(w, TOKEN, "123"), 200);
    assert_true(field_is(w, "token", "is_set"));
    assert_null(strstr(w->admin.body, TOKEN));
    assert_int_equal(browser_send(&w->admin, "/admin/services", NULL, NULL,
                                  "Accept: text/html"),
                     200);
    assert_null(strstr(w->admin.body, TOKEN));
    assert_int_equal(browser_send(&w->admin, "/admin/services/whatsapp",
                                  "application/json",
                                  "{\"token\":\"EAAG-typed\",\"phone_number_id\":\"x\"}",
                                  "Accept: text/html"),
                     422);
    assert_null(strstr(w->admin.body, "EAAG-typed"));
    assert_non_null(strstr(w->admin.body, "<a href=\"#f-phone_number_id\">"));
    assert_true(hidden(w, TOKEN));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'service.changed' AND after = '***'"),
                     1);
    /* Left empty it stays; a restart reads it again. */
    assert_int_equal(save(w, "", "123"), 200);
    shop_stop(&w->shop);
    shop_start(&w->shop);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/check", "{}"), 200);
    assert_true(hidden(w, TOKEN));

    /* Without its key (a restore on another machine): nothing works, and it is said. */
    shop_stop(&w->shop);
    snprintf(path, sizeof path, "%s/key", w->shop.dir);
    assert_int_equal(unlink(path), 0);
    shop_start(&w->shop);
    assert_true(field_is(w, "token", "is_lost"));
    assert_true(json_is_false(json_object_get(service(w, 0), "is_on")));
    assert_int_equal(save(w, TOKEN, "123"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/check", "{}"), 200);

    assert_int_equal(post(&w->admin, "/admin/services/whatsapp/forget", "{}"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM service_value"), 0);
    assert_true(json_is_false(json_object_get(service(w, 0), "is_on")));
}

static long sms_save(struct world *w, const char *url, const char *body, const char *key)
{
    return post(&w->admin, "/admin/services/sms",
                "{\"url\":\"%s\",\"body\":\"%s\",\"header\":\"authkey: {key}\","
                "\"key\":\"%s\",\"expected\":\"success\"}",
                url, body, key);
}

static bool sent_has(struct world *w, const char *words)
{
    bool has = false;

    for (int i = 0; i < 100 && !has; i++) {
        pthread_mutex_lock(&w->meta.lock);
        has = strstr(w->meta.sent, words) != NULL;
        pthread_mutex_unlock(&w->meta.lock);
        usleep(20 * 1000);
    }
    return has;
}

/* Any gateway: number and code stand where the admin said. */
static void test_sms(void **state)
{
    struct world *w = *state;
    static const char json[] = "{\\\"to\\\":\\\"{to}\\\",\\\"t\\\":\\\"{text}\\\"}";
    char url[200];

    snprintf(url, sizeof url, "%s/sms?to={to10}&otp={code}", getenv("INVICHAT_WHATSAPP_URL"));
    assert_int_equal(sms_save(w, "http://10.0.0.1/?{to}{code}", "", "k"), 422);
    assert_int_equal(sms_save(w, "ftp://x.example/?{to}{code}", "", "k"), 422);
    assert_int_equal(sms_save(w, "https://x.example/?{to}", "", "k"), 422);
    assert_int_equal(sms_save(w, "https://x.example/", "{to} {code}", "k"), 422);
    assert_int_equal(post(&w->admin, "/admin/services/pigeon", "{}"), 404);
    assert_int_equal(post(&w->admin, "/admin/services/sms", "{\"key\":\"\"}"), 422);
    assert_non_null(strstr(w->admin.body, "\"url\""));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM service_value"), 0);
    assert_int_equal(post(&w->admin, "/admin/services/sms/check", "{}"), 409);

    assert_int_equal(sms_save(w, url, "", "wrong-key"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/sms/check", "{}"), 409);
    assert_non_null(strstr(w->admin.body, "error"));
    assert_int_equal(sms_save(w, url, "", "right-key"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/sms/check", "{}"), 200);
    assert_true(sent_has(w, "GET /sms?to=9000000001&otp=000000 "));
    assert_true(hidden(w, "right-key"));

    /* Real codes go that way, and are hidden; messages are still only shown. */
    assert_int_equal(sms_save(w, url, json, ""), 200);
    assert_int_equal(post(&w->admin, "/admin/services/sms/check", "{}"), 200);
    assert_true(sent_has(w, "{\"to\":\"919000000001\",\"t\":\""));
    assert_true(sent_has(w, "000000 is your InviChat code"));
    assert_int_equal(post(&w->admin, "/admin/settings",
                          "{\"name\":\"Bazaar\",\"lang_en\":true,\"lang_hi\":true,"
                          "\"accounts_per_user\":20,\"codes_per_day\":5000}"),
                     200);
    {
        struct browser b;

        browser_new(&b, &w->shop);
        assert_int_equal(post(&b, "/signin", "{\"mobile\":\"+919000000001\"}"), 200);
        for (int i = 0; i < 100 && sql_int(&w->shop, "SELECT count(*) FROM job WHERE provider_id"
                                                     " LIKE 'sms:%'") < 1;
             i++)
            usleep(50 * 1000);
        assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job WHERE provider_id LIKE"
                                           " 'sms:%' AND json_extract(payload, '$.code')"
                                           " IS NULL"),
                         1);
        assert_true(sent_has(w, " is your Bazaar code"));
        browser_free(&b);
    }
    assert_int_equal(post(&w->admin, "/admin/services/sms/check", "{}"), 200);
    assert_true(sent_has(w, "000000 is your Bazaar code"));
    assert_int_equal(get(&w->admin, "/admin/outbox"), 200);
    assert_true(json_is_true(json_object_get(w->admin.json, "is_local")));
    assert_non_null(strstr(w->admin.body, "\"is_hidden\":true"));
    /* Emptied it is no longer used; its key stays. */
    assert_int_equal(post(&w->admin, "/admin/services/sms", "{\"key\":\"\"}"), 200);
    assert_non_null(strstr(w->admin.body, "not in use yet"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM service_value WHERE name = 'key'"),
                     1);
    assert_true(json_is_false(json_object_get(service(w, 1), "is_on")));
}

static bool sent_as(struct world *w, const char *mobile, const char *provider)
{
    char sql[200];
    struct browser b;
    int64_t n = 0;

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"%s\"}", mobile), 200);
    browser_free(&b);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM job WHERE recipient = '%s' AND provider_id"
                              " LIKE '%s%%'", mobile, provider);
    for (int i = 0; i < 60 && n == 0; i++, usleep(50 * 1000))
        n = sql_int(&w->shop, sql);
    return n == 1;
}

/* WhatsApp first where it has a template, SMS for whom it can't reach, or without one. */
static void test_both(void **state)
{
    struct world *w = *state;
    char url[200];

    snprintf(url, sizeof url, "%s/sms?to={to10}&otp={code}", getenv("INVICHAT_WHATSAPP_URL"));
    assert_int_equal(sms_save(w, url, "", "right-key"), 200);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp",
                          "{\"token\":\"" TOKEN "\",\"phone_number_id\":\"123\","
                          "\"otp_template\":\"code\"}"),
                     200);
    assert_true(sent_as(w, "+919000000066", "wamid."));
    assert_true(sent_as(w, "+919000000077", "sms:"));
    assert_int_equal(save(w, "", "123"), 200);
    assert_true(sent_as(w, "+919000000067", "sms:"));
}

/* Waits until the stand-in got a message with the words; the last one it got. */
static bool got(struct world *w, const char *words)
{
    bool found = false;

    for (int i = 0; i < 100 && !found; i++, usleep(50 * 1000)) {
        pthread_mutex_lock(&w->meta.lock);
        found = strstr(w->meta.sent, words) != NULL;
        pthread_mutex_unlock(&w->meta.lock);
    }
    return found;
}

static bool last_has(struct world *w, const char *words)
{
    bool found;

    pthread_mutex_lock(&w->meta.lock);
    found = strstr(w->meta.sent, words) != NULL;
    pthread_mutex_unlock(&w->meta.lock);
    return found;
}

/* Who has not written for a day is reached by the template only; a link comes along. */
static void test_window(void **state)
{
    struct world *w = *state;
    const struct shop *s = &w->shop;
    char sql[300];

    /* The admin's start says with which address links are made. */
    assert_int_equal(get(&w->admin, "/admin"), 200);
    assert_non_null(strstr(w->admin.body, "\"http://shop.example\""));
    assert_null(strstr(w->admin.body, "Only this computer"));
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp",
                          "{\"token\":\"" TOKEN "\",\"phone_number_id\":\"123\","
                          "\"message_template\":\"no space\"}"),
                     422);
    assert_int_equal(post(&w->admin, "/admin/services/whatsapp",
                          "{\"token\":\"" TOKEN "\",\"phone_number_id\":\"123\","
                          "\"message_template\":\"shop_news\"}"),
                     200);
    assert_int_equal(post(&w->admin, "/account/users",
                          "{\"mobile\":\"+919000000091\",\"name\":\"Ravi\",\"preset\":\"viewer\"}"),
                     201);
    assert_true(got(w, "+919000000091"));
    assert_true(last_has(w, "\"name\":\"shop_news\""));
    assert_true(last_has(w, "\"text\":\"InviChat\""));
    assert_true(last_has(w, "http://shop.example/"));
    assert_false(last_has(w, "\"type\":\"text\",\"text\":{"));

    snprintf(sql, sizeof sql,
             "INSERT INTO webhook_message(source, message_id, sender, payload, state, sent_ms,"
             " at_ms) VALUES ('whatsapp', 'w1', '919000000092', '{}', 'done',"
             " unixepoch() * 1000, 1) RETURNING id");
    assert_true(sql_int(s, sql) > 0);
    assert_int_equal(post(&w->admin, "/account/users",
                          "{\"mobile\":\"+919000000092\",\"name\":\"Asha\",\"preset\":\"viewer\"}"),
                     201);
    assert_true(got(w, "+919000000092"));
    assert_false(last_has(w, "shop_news"));

    /* Whoever chose WhatsApp is told there, with the page it is about; nobody else. */
    assert_int_equal(get(&w->admin, "/me/notifications"), 200);
    assert_non_null(strstr(w->admin.body, "\"is_chat\":false"));
    assert_null(strstr(w->admin.body, "\"is_chat\":true"));
    assert_int_equal(post(&w->admin, "/me/password", "{\"password\":\"blue kite over Pune\"}"),
                     200);
    assert_int_equal(sql_int(s, "SELECT count(*) FROM job WHERE kind = 'message' AND recipient"
                                " = '+919000000001'"),
                     0);
    assert_int_equal(post(&w->admin, "/me/notifications",
                          "{\"chat_account\":true,\"app_account\":true}"),
                     200);
    assert_int_equal(post(&w->admin, "/me/password/remove",
                          "{\"current\":\"blue kite over Pune\"}"),
                     200);
    assert_true(got(w, "Your password was removed. http://shop.example/me"));
    assert_true(last_has(w, "+919000000001"));
    assert_true(last_has(w, "shop_news"));
}

/* Set again and again while the worker sends and pages are read. */
static void *reader(void *arg)
{
    struct browser b;

    browser_new(&b, arg);
    for (int i = 0; i < 40; i++) {
        char mobile[16];

        snprintf(mobile, sizeof mobile, "+9190000001%02d", i);
        post(&b, "/signin", "{\"mobile\":\"%s\"}", mobile);
        get(&b, "/");
    }
    browser_free(&b);
    return NULL;
}

static void test_changed_in_use(void **state)
{
    struct world *w = *state;
    pthread_t thread;

    pthread_create(&thread, NULL, reader, &w->shop);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(save(w, TOKEN, i % 2 ? "123" : "124"), 200);
        if (i % 5 == 4)
            assert_int_equal(post(&w->admin, "/admin/services/whatsapp/forget", "{}"), 200);
    }
    pthread_join(thread, NULL);
    assert_int_equal(get(&w->admin, "/admin/services"), 200);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_set_and_tried, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_both, setup, teardown),
        cmocka_unit_test_setup_teardown(test_window, setup_public, teardown),
        cmocka_unit_test_setup_teardown(test_changed_in_use, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("ACC-8 SYS-3 SYS-6 services", tests, NULL, NULL);
}
