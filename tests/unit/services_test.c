/* What our messages look like on the wire, and what becomes of them. A stand-in server on
 * loopback speaks the recorded protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/base/clock.h"
#include "db/base/text.h"
#include "server/services/http_client.h"
#include "server/services/services.h"
#include "server/services/whatsapp_error.h"
#include "server/services/whatsapp_message.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct arena *a;

static int open_arena(void **state)
{
    (void)state;
    a = arena_new();
    arena_json(a);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_json(NULL);
    arena_free(a);
    return 0;
}

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static json_t *many(const char *id, const char *title, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", id, "title", title,
                                              "description", title));
    return list;
}

static const char *const long_title =
    "यह शीर्षक बीस अक्षरों से कहीं ज़्यादा लंबा है और काटा जाता है";

static void test_limits(void **state)
{
    json_t *m = json_pack("{s:s, s:s, s:s, s:o}", "to", "+919800000001", "type",
                          "buttons", "body", "?", "buttons", many("yes", long_title, 5));
    json_t *out = whatsapp_message_body(a, m, ""), *part, *list, *one;
    size_t i;

    (void)state;
    assert_string_equal(text_in(out, "to"), "+919800000001");
    part = json_object_get(out, "interactive");
    assert_string_equal(text_in(part, "type"), "button");
    list = json_object_get(json_object_get(part, "action"), "buttons");
    assert_int_equal(json_array_size(list), 3);
    json_array_foreach(list, i, one)
        assert_int_equal(text_chars(text_in(json_object_get(one, "reply"), "title")), 20);
    m = json_pack("{s:s, s:s, s:s, s:s, s:o}", "to", "IN.2081", "type", "list", "body",
                  "?", "button", long_title, "rows", many("pick:1", long_title, 15));
    out = whatsapp_message_body(a, m, "");
    assert_string_equal(text_in(out, "recipient"), "IN.2081");
    assert_null(json_object_get(out, "to"));
    part = json_object_get(json_object_get(out, "interactive"), "action");
    assert_int_equal(text_chars(text_in(part, "button")), 20);
    list = json_object_get(json_array_get(json_object_get(part, "sections"), 0), "rows");
    assert_int_equal(json_array_size(list), 10);
    json_array_foreach(list, i, one)
    {
        assert_int_equal(text_chars(text_in(one, "title")), 24);
        assert_true(text_chars(text_in(one, "description")) <= 72);
    }
}

static void test_pictures_and_texts(void **state)
{
    json_t *m = json_pack("{s:s, s:s, s:s, s:s}", "to", "+919800000001", "type", "image",
                          "body", "Vase", "image_photo", "wa1");
    json_t *out = whatsapp_message_body(a, m, "https://shop.example");

    (void)state;
    assert_string_equal(text_in(json_object_get(out, "image"), "link"),
                        "https://shop.example/media/wa1.jpg");
    assert_string_equal(text_in(json_object_get(out, "image"), "caption"), "Vase");
    out = whatsapp_message_body(a, m, "http://127.0.0.1:8080");
    assert_string_equal(text_in(json_object_get(out, "text"), "body"), "Vase");
    assert_null(whatsapp_message_body(a, json_pack("{s:s}", "body", "nobody"), ""));
    assert_null(whatsapp_message_body(a, json_pack("{s:s}", "to", "+91"), ""));
}

/* SEC-12 */
static void test_code_template(void **state)
{
    const struct otp_message otp = { "+919800000001", "123456", "hi",
                                     "123456 is the code" };
    json_t *out = whatsapp_otp_body(a, &otp, "shop_code");
    const char *text = json_dumps(json_object_get(out, "template"), JSON_SORT_KEYS);

    (void)state;
    assert_string_equal(
        text,
        "{\"components\": [{\"parameters\": [{\"text\": \"123456\", \"type\": \"text\"}],"
        " \"type\": \"body\"}, {\"index\": \"0\", \"parameters\": [{\"text\": \"123456\","
        " \"type\": \"text\"}], \"sub_type\": \"url\", \"type\": \"button\"}],"
        " \"language\": {\"code\": \"hi\"}, \"name\": \"shop_code\"}");
    out = whatsapp_otp_body(a, &otp, "");
    assert_string_equal(text_in(json_object_get(out, "text"), "body"),
                        "123456 is the code");
}

static void test_message_template(void **state)
{
    const json_t *message = json_pack("{s:s,s:s,s:s,s:s,s:s}", "to", "+919800000001", "type",
                                      "buttons", "lang", "hi", "from", "Asha's  shop", "body",
                                      "  One\n\n\ttwo   https://a.in/b \n");
    json_t *out = whatsapp_template_body(a, message, "shop_news");
    char *long_text = arena_alloc(a, 3001, 1);
    const json_t *parameters;

    (void)state;
    assert_string_equal(text_in(out, "to"), "+919800000001");
    assert_string_equal(text_in(out, "type"), "template");
    assert_string_equal(
        json_dumps(json_object_get(out, "template"), JSON_SORT_KEYS),
        "{\"components\": [{\"parameters\": [{\"text\": \"Asha's shop\", \"type\": \"text\"},"
        " {\"text\": \"One two https://a.in/b\", \"type\": \"text\"}], \"type\": \"body\"}],"
        " \"language\": {\"code\": \"hi\"}, \"name\": \"shop_news\"}");
    memset(long_text, 'x', 3000);
    out = whatsapp_template_body(
        a, json_pack("{s:s,s:s,s:s}", "to", "+911", "from", "A", "body", long_text), "t");
    parameters = json_object_get(
        json_array_get(json_object_get(json_object_get(out, "template"), "components"), 0),
        "parameters");
    assert_int_equal(text_chars(text_in(json_array_get(parameters, 1), "text")), 900);
    assert_string_equal(text_in(json_object_get(json_object_get(out, "template"), "language"),
                                "code"),
                        "en");
    assert_null(whatsapp_template_body(a, json_pack("{s:s}", "to", "+911"), "t"));
}

static void test_error_codes(void **state)
{
    static const struct {
        int code, status;
        enum send_rc rc;
        bool is_alert;
    } rows[] = {
        { 190, 401, SEND_OUTAGE, true },     { 0, 401, SEND_OUTAGE, true },
        { 10, 403, SEND_OUTAGE, true },      { 131005, 403, SEND_OUTAGE, true },
        { 130429, 429, SEND_OUTAGE, false }, { 131056, 400, SEND_RETRY, false },
        { 131049, 400, SEND_RETRY, false },  { 131026, 400, SEND_FAILED, false },
        { 131047, 400, SEND_FAILED, false }, { 131000, 500, SEND_RETRY, false },
        { 131016, 500, SEND_OUTAGE, false }, { 100, 400, SEND_FAILED, false },
        { 132001, 404, SEND_FAILED, true },  { 131042, 400, SEND_OUTAGE, true },
        { -1, 502, SEND_OUTAGE, false },     { -1, 429, SEND_OUTAGE, false },
        { -1, 404, SEND_FAILED, false },     { 999999, 400, SEND_FAILED, false },
    };
    struct send_result r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r = (struct send_result) { 0 };
        if (whatsapp_error(rows[i].code, rows[i].status, 0, &r) != rows[i].rc ||
            r.is_alert != rows[i].is_alert)
            fail_msg("code %d", rows[i].code);
    }
    whatsapp_error(131056, 400, 3, &r);
    assert_int_equal(r.wait_ms, 64 * CLOCK_SECOND);
    whatsapp_error(131049, 400, 0, &r);
    assert_int_equal(r.wait_ms, 24 * CLOCK_HOUR);
}

/* --- the stand-in --- */

struct answer {
    const char *path; /* beginning of the request line's path */
    const char *head; /* "200 OK" and further lines */
    const char *body;
    size_t repeat; /* the body so many times */
};

static struct stand_in {
    int fd, port;
    pthread_t thread;
    const struct answer *answers;
    char request[8192];
} server;

static void serve_one(int fd)
{
    size_t n = 0;
    char head[600];
    const struct answer *at = server.answers;

    for (ssize_t got; n < sizeof server.request - 1; n += (size_t)got) {
        const char *end, *length;

        got = read(fd, server.request + n, sizeof server.request - 1 - n);
        if (got <= 0)
            break;
        server.request[n + (size_t)got] = '\0';
        end = strstr(server.request, "\r\n\r\n");
        length = strstr(server.request, "Content-Length: ");
        if (end && n + (size_t)got >= (size_t)(end + 4 - server.request) +
                                          (length ? strtoul(length + 16, NULL, 10) : 0))
            break;
    }
    while (at->path && !strstr(server.request, at->path))
        at++;
    if (!at->path) {
        dprintf(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nConnection: close\r\n\r\n", at->head);
    dprintf(fd, "%s", head);
    for (size_t i = 0; i < (at->repeat ? at->repeat : 1); i++)
        if (send(fd, at->body, strlen(at->body), MSG_NOSIGNAL) < 0)
            break;
}

static void *serve(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
        serve_one(fd);
        shutdown(fd, SHUT_RDWR);
        close(fd);
    }
    return NULL;
}

static struct services *stand_in(const struct answer *answers)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;
    struct services_config c = { .whatsapp = { .token = "token-1",
                                               .phone_number_id = "106" } };

    server.answers = answers;
    server.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(server.fd, 8), 0);
    getsockname(server.fd, (struct sockaddr *)&at, &n);
    server.port = ntohs(at.sin_port);
    pthread_create(&server.thread, NULL, serve, NULL);
    c.whatsapp.url = arena_printf(a, "http://127.0.0.1:%d", server.port);
    return services_new(&c);
}

static void stand_in_over(struct services *s)
{
    shutdown(server.fd, SHUT_RDWR);
    pthread_join(server.thread, NULL);
    close(server.fd);
    services_free(s);
}

static const json_t *hello(void)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "to", "+919800000001", "type", "text", "body",
                     "नमस्ते", "key", "0123456789abcdef");
}

static void test_send(void **state)
{
    static const struct answer answers[] = {
        { "/v23.0/106/messages", "200 OK",
          "{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"wamid.42\"}]}",
          0 },
        { 0 }
    };
    struct services *s = stand_in(answers);
    struct send_result r;

    (void)state;
    assert_string_equal(s->calls->name, "whatsapp");
    assert_int_equal(s->calls->message(s, a, hello(), 0, &r), SEND_DONE);
    assert_string_equal(r.provider_id, "wamid.42");
    assert_non_null(strstr(server.request, "Authorization: Bearer token-1\r\n"));
    assert_non_null(strstr(server.request, "\"to\":\"+919800000001\""));
    assert_non_null(strstr(server.request, "\\u0928"));
    assert_non_null(strstr(server.request,
                           "\"biz_opaque_callback_data\":\"0123456789abcdef\""));
    stand_in_over(s);
}

static void test_send_refused(void **state)
{
    static const struct answer late[] = {
        { "/messages", "400 Bad Request",
          "{\"error\":{\"message\":\"(#131047) Re-engagement message\",\"code\":131047,"
          "\"error_data\":{\"details\":\"more than 24 hours\"}}}",
          0 },
        { 0 }
    };
    static const struct answer portal[] = {
        { "/messages", "200 OK", "<html>hotel</html>", 0 }, { 0 }
    };
    static const struct answer moved[] = {
        { "/messages", "302 Found\r\nLocation: http://127.0.0.1:1/", "", 0 }, { 0 }
    };
    struct services *s = stand_in(late);
    struct send_result r;

    (void)state;
    assert_int_equal(s->calls->message(s, a, hello(), 0, &r), SEND_FAILED);
    assert_non_null(strstr(r.error, "131047"));
    server.answers = portal;
    assert_int_equal(s->calls->message(s, a, hello(), 0, &r), SEND_OUTAGE);
    server.answers = moved;
    assert_int_equal(s->calls->message(s, a, hello(), 0, &r), SEND_OUTAGE);
    stand_in_over(s);
}

/* SEC-29 */
static void test_send_nobody_there(void **state)
{
    struct services_config c = {
        .whatsapp = { .token = "t", .phone_number_id = "1", .url = "http://127.0.0.1:1" }
    };
    struct services *s = services_new(&c);
    struct send_result r;

    (void)state;
    assert_int_equal(s->calls->message(s, a, hello(), 0, &r), SEND_OUTAGE);
    assert_non_null(r.error);
    services_free(s);
}

static const char *photo_path(void)
{
    const char *path = arena_printf(a, "/tmp/whatsapp-test-%d.in", (int)getpid());

    unlink(path);
    return path;
}

static void test_media(void **state)
{
    struct answer answers[] = { { "GET /v23.0/777?phone_number_id=106", "200 OK", NULL,
                                  0 },
                                { "GET /photo", "200 OK", "JPEG", 5 },
                                { 0 } };
    const char *path = photo_path();
    struct services *s = stand_in(answers);
    struct send_result r;
    char bytes[100] = "";
    FILE *f;

    (void)state;
    answers[0].body = arena_printf(
        a, "{\"url\":\"http://127.0.0.1:%d/photo\",\"file_size\":20}", server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_DONE);
    f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(bytes, 1, sizeof bytes, f), 20);
    fclose(f);
    assert_non_null(strstr(server.request, "Authorization: Bearer token-1"));
    assert_int_equal(s->calls->media(s, a, "../me", path, &r), SEND_FAILED);
    unlink(path);
    stand_in_over(s);
}

/* SEC-28 */
static void test_media_refused(void **state)
{
    static const char *const urls[] = {
        "http://10.0.0.1/x",
        "https://evil.example/x",
        "https://lookaside.fbsbx.com.evil.example/",
        "file:///etc/passwd",
        "http://lookaside.fbsbx.com/x",
        "",
        "https://u@lookaside.fbsbx.com/",
    };
    struct answer answers[] = { { "GET /v23.0/777", "200 OK", NULL, 0 },
                                { "GET /big", "200 OK", "0123456789abcdef", 1100000 },
                                { "GET /gone", "404 Not Found", "", 0 },
                                { "GET /away",
                                  "302 Found\r\nLocation: http://127.0.0.1:1/", "", 0 },
                                { 0 } };
    const char *path = photo_path();
    struct services *s = stand_in(answers);
    struct send_result r;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        answers[0].body = arena_printf(a, "{\"url\":\"%s\"}", urls[i]);
        assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_FAILED);
    }
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/big\"}",
                                   server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_FAILED);
    assert_string_equal(r.error, "larger than 16 MB");
    assert_int_equal(access(path, F_OK), -1);
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/gone\"}",
                                   server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_RETRY);
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/away\"}",
                                   server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_RETRY);
    assert_int_equal(access(path, F_OK), -1);
    stand_in_over(s);
}

/* SEC-28 */
static void test_private_addresses(void **state)
{
    static const char *const urls[] = {
        "https://127.0.0.1:9/",   "https://localhost:9/",          "https://10.1.2.3:9/",
        "https://192.168.0.1:9/", "https://169.254.169.254/",      "https://[::1]:9/",
        "https://[fe80::1]:9/",   "https://[::ffff:127.0.0.1]:9/", "https://0.0.0.0:9/",
        "https://2130706433:9/",  "http://example.com/",
    };
    static const struct answer answers[] = { { 0 } };
    struct http_client *c = http_client_new();
    struct http_call call = { .max = 10, .timeout_s = 5 };
    struct http_answer answer;
    struct services *s;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        call.url = urls[i];
        assert_false(http_client_call(c, a, &call, &answer));
        assert_non_null(answer.error);
    }
    /* Somebody listens there, and hears nothing. */
    s = stand_in(answers);
    server.request[0] = '\0';
    call.url = arena_printf(a, "https://127.0.0.1:%d/", server.port);
    assert_false(http_client_call(c, a, &call, &answer));
    assert_string_equal(server.request, "");
    call.private_ok = true;
    assert_false(http_client_call(c, a, &call, &answer)); /* no TLS there */
    stand_in_over(s);
    assert_string_not_equal(server.request, "");
    http_client_free(c);
}

int main(void)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, open_arena, close_arena, NULL                                          \
    }
    const struct CMUnitTest tests[] = {
        TEST("SYS-3 limits are counted in characters", test_limits),
        TEST("SYS-3 pictures by link, else their words", test_pictures_and_texts),
        TEST("SYS-3 codes by template", test_code_template),
        TEST("SYS-3 what is said after a day, by template", test_message_template),
        TEST("NOTE-3 what each error code means", test_error_codes),
        TEST("SYS-3 NOTE-3 sending", test_send),
        TEST("NOTE-3 sending, refused", test_send_refused),
        TEST("NOTE-3 sending, nobody there", test_send_nobody_there),
        TEST("WA-3 loading a photo", test_media),
        TEST("WA-3 photos that are not loaded", test_media_refused),
        TEST("SYS-3 no calls into the network", test_private_addresses),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
