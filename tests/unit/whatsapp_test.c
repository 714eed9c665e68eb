/* WhatsApp's webhook and sending: the recorded payloads, signatures, and what our messages
 * look like on the wire. A stand-in server on loopback speaks the recorded protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/base/clock.h"
#include "db/base/text.h"
#include "server/bot/whatsapp_parse.h"
#include "server/bot/whatsapp_signature.h"
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

#define FOLDER "tests/fixtures/whatsapp/"
#define SECRET "fixture-app-secret"

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

static char *file_read(const char *name, size_t *n)
{
    FILE *f = fopen(arena_printf(a, FOLDER "%s", name), "rb");
    char *bytes = arena_bytes(a, 1 << 20);

    assert_non_null(f);
    *n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    bytes[*n] = '\0';
    return bytes;
}

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static json_t *fixtures(void)
{
    size_t n;
    char *bytes = file_read("INDEX.json", &n);
    json_t *cases = json_object_get(json_loadb(bytes, n, 0, NULL), "cases");

    assert_int_equal(json_array_size(cases), 63);
    return cases;
}

static struct whatsapp_batch parsed(const char *name)
{
    struct whatsapp_batch batch;
    size_t n;
    char *bytes = file_read(name, &n);

    assert_true(whatsapp_parse(a, bytes, n, &batch));
    return batch;
}

static struct whatsapp_batch parsed_text(const char *body)
{
    struct whatsapp_batch batch;

    assert_true(whatsapp_parse(a, body, strlen(body), &batch));
    return batch;
}

/* --- signatures --- */

static void test_signatures(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i;

    (void)state;
    json_array_foreach(cases, i, one) {
        const char *header = text_in(one, "x_hub_signature_256");
        size_t n;
        char *bytes = file_read(text_in(one, "file"), &n);

        assert_int_equal(n, json_integer_value(json_object_get(one, "bytes")));
        assert_true(whatsapp_signature_ok(SECRET, header, bytes, n));
        bytes[n / 2] ^= 1;
        assert_false(whatsapp_signature_ok(SECRET, header, bytes, n));
    }
}

static void test_wrong_signatures(void **state)
{
    json_t *one = json_array_get(fixtures(), 0);
    const char *good = text_in(one, "x_hub_signature_256");
    char *upper = arena_dup(a, good), *shorter = arena_dup(a, good);
    size_t n;
    char *bytes = file_read(text_in(one, "file"), &n);

    (void)state;
    for (char *p = upper + 7; *p; p++)
        if (*p >= 'a' && *p <= 'f')
            *p = (char)(*p - 32);
    shorter[strlen(shorter) - 1] = '\0';
    assert_false(whatsapp_signature_ok(SECRET, NULL, bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, "", bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, good + 7, bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, upper, bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, shorter, bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, arena_printf(a, "%s0", good), bytes, n));
    assert_false(whatsapp_signature_ok("", good, bytes, n));
    assert_false(whatsapp_signature_ok(NULL, good, bytes, n));
    assert_false(whatsapp_signature_ok("another", good, bytes, n));
    assert_false(whatsapp_signature_ok(SECRET, good, bytes, n - 1));
}

/* --- payloads --- */

static void test_counts(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i;

    (void)state;
    json_array_foreach(cases, i, one) {
        const char *name = text_in(one, "file");
        struct whatsapp_batch b = parsed(name);
        json_int_t messages = json_integer_value(json_object_get(one, "messages"));
        json_int_t statuses = json_integer_value(json_object_get(one, "statuses"));

        if ((json_int_t)b.message_count != messages || (json_int_t)b.status_count != statuses)
            fail_msg("%s: %zu messages, %zu statuses", name, b.message_count, b.status_count);
        if (messages + statuses == 0)
            assert_true(b.ignored > 0);
    }
}

static const struct {
    const char *file; /* beginning of its name */
    enum whatsapp_kind kind;
} kinds[] = {
    { "message-text", WHATSAPP_TEXT }, { "batch", WHATSAPP_TEXT },
    { "message-audio", WHATSAPP_VOICE }, { "message-button", WHATSAPP_CHOICE },
    { "message-contacts", WHATSAPP_CONTACTS }, { "message-document", WHATSAPP_DOCUMENT },
    { "message-image", WHATSAPP_IMAGE },
    { "message-interactive-button_reply", WHATSAPP_CHOICE },
    { "message-interactive-list_reply", WHATSAPP_CHOICE },
    { "message-interactive-call_permission_reply", WHATSAPP_SILENT },
    { "message-interactive-nfm_reply", WHATSAPP_UNKNOWN },
    { "message-location", WHATSAPP_LOCATION }, { "message-order", WHATSAPP_ORDER },
    { "message-reaction", WHATSAPP_SILENT }, { "message-sticker", WHATSAPP_STICKER },
    { "message-system-01", WHATSAPP_SILENT }, { "message-system-02", WHATSAPP_MOVED },
    { "message-unknown", WHATSAPP_UNKNOWN }, { "message-unsupported", WHATSAPP_UNKNOWN },
    { "message-video", WHATSAPP_VIDEO },
};

static void test_kinds(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i, found = 0;

    (void)state;
    json_array_foreach(cases, i, one)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            const char *name = text_in(one, "file");
            struct whatsapp_batch b;

            if (strncmp(name, kinds[k].file, strlen(kinds[k].file)) != 0)
                continue;
            b = parsed(name);
            for (size_t m = 0; m < b.message_count; m++, found++)
                if (b.messages[m].kind != kinds[k].kind || !b.messages[m].sent_ms)
                    fail_msg("%s: kind %d", name, (int)b.messages[m].kind);
        }
    assert_int_equal(found, 40);
}

static void test_senders(void **state)
{
    struct whatsapp_batch b = parsed("message-text-05.json");

    (void)state;
    assert_string_equal(b.messages[0].chat, "BSUID_123"); /* hides the number */
    assert_string_equal(b.messages[0].alias, "");
    assert_string_equal(b.messages[0].name, "Ravi Kumar");
    b = parsed("message-text-07.json");
    assert_string_equal(b.messages[0].chat, "919999900011");
    assert_string_equal(b.messages[0].alias, "US.13491208655302741918");
    b = parsed("message-text-06.json");
    assert_string_equal(b.messages[0].chat, "919999900011");
    assert_string_equal(b.messages[0].alias, "US.13491208655302741918");
    b = parsed("message-system-02.json");
    assert_string_equal(b.messages[0].chat, "919999900011");
    assert_string_equal(b.messages[0].moved_to, "919999900012");
    b = parsed("message-image-02.json");
    assert_string_equal(b.messages[0].media_id, "IMAGE_ID");
    assert_string_equal(b.messages[0].text, "CAPTION_TEXT");
    b = parsed("message-interactive-list_reply-01.json");
    assert_true(*b.messages[0].choice);
    b = parsed("status-failed-01.json");
    assert_string_equal(b.statuses[0].status, "failed");
    assert_string_equal(b.statuses[0].error, "131047 Re-engagement message");
}

#define WRAP(value)                                                                        \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{\"field\":"       \
    "\"messages\",\"value\":" value "}]}]}"

static void test_odd_payloads(void **state)
{
    struct whatsapp_batch b;

    (void)state;
    b = parsed_text(WRAP("{\"messages\":[{\"from\":\"919999900011\",\"id\":\"w1\","
                         "\"timestamp\":1669233778,\"type\":\"text\",\"text\":{\"body\":"
                         "\"a\\u0000b\"}}]}"));
    assert_int_equal(b.messages[0].sent_ms, 1669233778000);
    assert_string_equal(b.messages[0].text, "a");
    b = parsed_text(WRAP("{\"messages\":[{\"from\":\"919999900011\",\"id\":\"w1\","
                         "\"type\":\"text\",\"text\":{\"body\":\"  a\\u0007\\u001b b \"}}]}"));
    assert_string_equal(b.messages[0].text, "a b");
    assert_int_equal(b.messages[0].sent_ms, 0);
    b = parsed_text(WRAP("{\"messages\":[{\"from\":\"919999900011\",\"type\":\"text\"},"
                         "{\"from\":\"x\",\"id\":\"w 2\"},7,null,{}]}"));
    assert_int_equal(b.message_count, 0);
    assert_int_equal(b.ignored, 5);
    b = parsed_text(WRAP("{\"messages\":{\"id\":\"w\"},\"statuses\":\"x\",\"contacts\":5}"));
    assert_int_equal(b.message_count + b.status_count, 0);
    b = parsed_text(WRAP("{\"statuses\":[{\"id\":\"w\",\"status\":\"in_orbit\"}]}"));
    assert_int_equal(b.status_count, 0);
    b = parsed_text("{\"object\":\"page\",\"entry\":[]}");
    assert_int_equal(b.ignored, 1);
    b = parsed_text("{\"object\":\"whatsapp_business_account\",\"entry\":[]}");
    assert_int_equal(b.message_count, 0);
    assert_false(whatsapp_parse(a, "", 0, &b));
    assert_false(whatsapp_parse(a, "[]", 2, &b));
    assert_false(whatsapp_parse(a, "{\"object\":", 10, &b));
}

static void test_long_text_is_cut(void **state)
{
    char *words = arena_alloc(a, 5000 * 3 + 1, 1);
    struct whatsapp_batch b;

    (void)state;
    for (int i = 0; i < 5000; i++)
        memcpy(words + 3 * i, "न", 3);
    b = parsed_text(arena_printf(a, WRAP("{\"messages\":[{\"from\":\"919999900011\",\"id\":"
                                         "\"w\",\"type\":\"text\",\"text\":{\"body\":"
                                         "\"%s\"}}]}"), words));
    assert_int_equal(text_chars(b.messages[0].text), WHATSAPP_TEXT_CHARS);
}

static void test_kept_and_read_back(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i;

    (void)state;
    json_array_foreach(cases, i, one) {
        struct whatsapp_batch b = parsed(text_in(one, "file"));

        for (size_t k = 0; k < b.message_count; k++) {
            const struct whatsapp_message *in = &b.messages[k];
            struct whatsapp_message out;
            json_t *kept = json_loads(json_dumps(whatsapp_message_pack(in), 0), 0, NULL);

            assert_int_equal(whatsapp_message_unpack(a, kept, &out), *in->chat != '\0');
            assert_string_equal(out.text, in->text);
            assert_string_equal(out.choice, in->choice);
            assert_int_equal(out.kind, in->kind);
            assert_int_equal(out.sent_ms, in->sent_ms);
        }
    }
}

/* --- what we send --- */

static json_t *many(const char *id, const char *title, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", id, "title", title,
                                              "description", title));
    return list;
}

static const char *const long_title = "यह शीर्षक बीस अक्षरों से कहीं ज़्यादा लंबा है और काटा जाता है";

static void test_limits(void **state)
{
    json_t *m = json_pack("{s:s, s:s, s:s, s:o}", "to", "+919800000001", "type", "buttons",
                          "body", "?", "buttons", many("yes", long_title, 5));
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
    json_array_foreach(list, i, one) {
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

static void test_code_template(void **state)
{
    const struct otp_message otp = { "+919800000001", "123456", "hi", "123456 is the code" };
    json_t *out = whatsapp_otp_body(a, &otp, "shop_code");
    const char *text = json_dumps(json_object_get(out, "template"), JSON_SORT_KEYS);

    (void)state;
    assert_string_equal(
        text, "{\"components\": [{\"parameters\": [{\"text\": \"123456\", \"type\": \"text\"}],"
              " \"type\": \"body\"}, {\"index\": \"0\", \"parameters\": [{\"text\": \"123456\","
              " \"type\": \"text\"}], \"sub_type\": \"url\", \"type\": \"button\"}],"
              " \"language\": {\"code\": \"hi\"}, \"name\": \"shop_code\"}");
    out = whatsapp_otp_body(a, &otp, "");
    assert_string_equal(text_in(json_object_get(out, "text"), "body"), "123456 is the code");
}

static void test_error_codes(void **state)
{
    static const struct {
        int code, status;
        enum send_rc rc;
        bool is_alert;
    } rows[] = {
        { 190, 401, SEND_OUTAGE, true }, { 0, 401, SEND_OUTAGE, true },
        { 10, 403, SEND_OUTAGE, true }, { 131005, 403, SEND_OUTAGE, true },
        { 130429, 429, SEND_OUTAGE, false }, { 131056, 400, SEND_RETRY, false },
        { 131049, 400, SEND_RETRY, false }, { 131026, 400, SEND_FAILED, false },
        { 131047, 400, SEND_FAILED, false }, { 131000, 500, SEND_RETRY, false },
        { 131016, 500, SEND_OUTAGE, false }, { 100, 400, SEND_FAILED, false },
        { 132001, 404, SEND_FAILED, true }, { 131042, 400, SEND_OUTAGE, true },
        { -1, 502, SEND_OUTAGE, false }, { -1, 429, SEND_OUTAGE, false },
        { -1, 404, SEND_FAILED, false }, { 999999, 400, SEND_FAILED, false },
    };
    struct send_result r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r = (struct send_result){ 0 };
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
    size_t repeat;    /* the body so many times */
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
    struct services_config c = { .whatsapp = { .token = "token-1", .phone_number_id = "106" } };

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
    return json_pack("{s:s, s:s, s:s}", "to", "+919800000001", "type", "text", "body", "नमस्ते");
}

static void test_send(void **state)
{
    static const struct answer answers[] = {
        { "/v23.0/106/messages", "200 OK",
          "{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":\"wamid.42\"}]}", 0 },
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
    stand_in_over(s);
}

static void test_send_refused(void **state)
{
    static const struct answer late[] = {
        { "/messages", "400 Bad Request",
          "{\"error\":{\"message\":\"(#131047) Re-engagement message\",\"code\":131047,"
          "\"error_data\":{\"details\":\"more than 24 hours\"}}}", 0 },
        { 0 }
    };
    static const struct answer portal[] = { { "/messages", "200 OK", "<html>hotel</html>", 0 },
                                            { 0 } };
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

static void test_send_nobody_there(void **state)
{
    struct services_config c = { .whatsapp = { .token = "t", .phone_number_id = "1",
                                               .url = "http://127.0.0.1:1" } };
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
    struct answer answers[] = {
        { "GET /v23.0/777?phone_number_id=106", "200 OK", NULL, 0 },
        { "GET /photo", "200 OK", "JPEG", 5 },
        { 0 }
    };
    const char *path = photo_path();
    struct services *s = stand_in(answers);
    struct send_result r;
    char bytes[100] = "";
    FILE *f;

    (void)state;
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/photo\",\"file_size\":20}",
                                   server.port);
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

static void test_media_refused(void **state)
{
    static const char *const urls[] = {
        "http://10.0.0.1/x", "https://evil.example/x", "https://lookaside.fbsbx.com.evil.example/",
        "file:///etc/passwd", "http://lookaside.fbsbx.com/x", "", "https://u@lookaside.fbsbx.com/",
    };
    struct answer answers[] = { { "GET /v23.0/777", "200 OK", NULL, 0 },
                                { "GET /big", "200 OK", "0123456789abcdef", 1100000 },
                                { "GET /gone", "404 Not Found", "", 0 },
                                { "GET /away", "302 Found\r\nLocation: http://127.0.0.1:1/", "", 0 },
                                { 0 } };
    const char *path = photo_path();
    struct services *s = stand_in(answers);
    struct send_result r;

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        answers[0].body = arena_printf(a, "{\"url\":\"%s\"}", urls[i]);
        assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_FAILED);
    }
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/big\"}", server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_FAILED);
    assert_string_equal(r.error, "larger than 16 MB");
    assert_int_equal(access(path, F_OK), -1);
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/gone\"}", server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_RETRY);
    answers[0].body = arena_printf(a, "{\"url\":\"http://127.0.0.1:%d/away\"}", server.port);
    assert_int_equal(s->calls->media(s, a, "777", path, &r), SEND_RETRY);
    assert_int_equal(access(path, F_OK), -1);
    stand_in_over(s);
}

static void test_private_addresses(void **state)
{
    static const char *const urls[] = {
        "https://127.0.0.1:9/", "https://localhost:9/", "https://10.1.2.3:9/",
        "https://192.168.0.1:9/", "https://169.254.169.254/", "https://[::1]:9/",
        "https://[fe80::1]:9/", "https://[::ffff:127.0.0.1]:9/", "https://0.0.0.0:9/",
        "https://2130706433:9/", "http://example.com/",
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
#define TEST(name, fn) { name, fn, open_arena, close_arena, NULL }
    const struct CMUnitTest tests[] = {
        TEST("WA-8 signatures of all payloads", test_signatures),
        TEST("WA-8 wrong signatures", test_wrong_signatures),
        TEST("WA-8 messages and statuses of all payloads", test_counts),
        TEST("WA-7 every kind of message is told apart", test_kinds),
        TEST("WA-8 who sent it", test_senders),
        TEST("WA-8 odd payloads", test_odd_payloads),
        TEST("WA-8 long texts are cut", test_long_text_is_cut),
        TEST("WA-8 kept and read back", test_kept_and_read_back),
        TEST("SYS-3 limits are counted in characters", test_limits),
        TEST("SYS-3 pictures by link, else their words", test_pictures_and_texts),
        TEST("SYS-3 codes by template", test_code_template),
        TEST("NOTE-3 what each error code means", test_error_codes),
        TEST("SYS-3 sending", test_send),
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
