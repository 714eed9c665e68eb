/* WhatsApp's webhook: recorded payloads, odd ones, and signatures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/base/text.h"
#include "server/bot/whatsapp_parse.h"
#include "server/bot/whatsapp_signature.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

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
    json_array_foreach(cases, i, one)
    {
        const char *header = text_in(one, "x_hub_signature_256");
        size_t n;
        char *bytes = file_read(text_in(one, "file"), &n);

        assert_int_equal(n, json_integer_value(json_object_get(one, "bytes")));
        assert_true(whatsapp_signature_ok(SECRET, header, bytes, n));
        bytes[n / 2] ^= 1;
        assert_false(whatsapp_signature_ok(SECRET, header, bytes, n));
    }
}

/* SEC-30 */
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
    json_array_foreach(cases, i, one)
    {
        const char *name = text_in(one, "file");
        struct whatsapp_batch b = parsed(name);
        json_int_t messages = json_integer_value(json_object_get(one, "messages"));
        json_int_t statuses = json_integer_value(json_object_get(one, "statuses"));

        if ((json_int_t)b.message_count != messages ||
            (json_int_t)b.status_count != statuses)
            fail_msg("%s: %zu messages, %zu statuses", name, b.message_count,
                     b.status_count);
        if (messages + statuses == 0)
            assert_true(b.ignored > 0);
    }
}

static const struct {
    const char *file; /* beginning of its name */
    enum whatsapp_kind kind;
} kinds[] = {
    { "message-text", WHATSAPP_TEXT },
    { "batch", WHATSAPP_TEXT },
    { "message-audio", WHATSAPP_VOICE },
    { "message-button", WHATSAPP_CHOICE },
    { "message-contacts", WHATSAPP_CONTACTS },
    { "message-document", WHATSAPP_DOCUMENT },
    { "message-image", WHATSAPP_IMAGE },
    { "message-interactive-button_reply", WHATSAPP_CHOICE },
    { "message-interactive-list_reply", WHATSAPP_CHOICE },
    { "message-interactive-call_permission_reply", WHATSAPP_SILENT },
    { "message-interactive-nfm_reply", WHATSAPP_UNKNOWN },
    { "message-location", WHATSAPP_LOCATION },
    { "message-order", WHATSAPP_ORDER },
    { "message-reaction", WHATSAPP_SILENT },
    { "message-sticker", WHATSAPP_STICKER },
    { "message-system-01", WHATSAPP_SILENT },
    { "message-system-02", WHATSAPP_MOVED },
    { "message-unknown", WHATSAPP_UNKNOWN },
    { "message-unsupported", WHATSAPP_UNKNOWN },
    { "message-video", WHATSAPP_VIDEO },
};

static void test_kinds(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i, found = 0;

    (void)state;
    json_array_foreach(cases, i, one) for (size_t k = 0; k < sizeof kinds / sizeof *kinds;
                                           k++)
    {
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

#define WRAP(value)                                                                      \
    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"changes\":[{\"field\":"     \
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
    b = parsed_text(
        WRAP("{\"messages\":[{\"from\":\"919999900011\",\"id\":\"w1\","
             "\"type\":\"text\",\"text\":{\"body\":\"  a\\u0007\\u001b b \"}}]}"));
    assert_string_equal(b.messages[0].text, "a b");
    assert_int_equal(b.messages[0].sent_ms, 0);
    b = parsed_text(WRAP("{\"messages\":[{\"from\":\"919999900011\",\"type\":\"text\"},"
                         "{\"from\":\"x\",\"id\":\"w 2\"},7,null,{}]}"));
    assert_int_equal(b.message_count, 0);
    assert_int_equal(b.ignored, 5);
    b = parsed_text(
        WRAP("{\"messages\":{\"id\":\"w\"},\"statuses\":\"x\",\"contacts\":5}"));
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
    b = parsed_text(arena_printf(a,
                                 WRAP("{\"messages\":[{\"from\":\"919999900011\",\"id\":"
                                      "\"w\",\"type\":\"text\",\"text\":{\"body\":"
                                      "\"%s\"}}]}"),
                                 words));
    assert_int_equal(text_chars(b.messages[0].text), WHATSAPP_TEXT_CHARS);
}

static void test_kept_and_read_back(void **state)
{
    json_t *cases = fixtures(), *one;
    size_t i;

    (void)state;
    json_array_foreach(cases, i, one)
    {
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

int main(void)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, open_arena, close_arena, NULL                                          \
    }
    const struct CMUnitTest tests[] = {
        TEST("WA-8 signatures of all payloads", test_signatures),
        TEST("WA-8 wrong signatures", test_wrong_signatures),
        TEST("WA-8 messages and statuses of all payloads", test_counts),
        TEST("WA-7 every kind of message is told apart", test_kinds),
        TEST("WA-8 who sent it", test_senders),
        TEST("WA-8 odd payloads", test_odd_payloads),
        TEST("WA-8 long texts are cut", test_long_text_is_cut),
        TEST("WA-8 kept and read back", test_kept_and_read_back),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
