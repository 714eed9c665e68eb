/* WhatsApp's webhook as WhatsApp calls it: the 63 recorded payloads with their
 * signatures, sent once, again, and by many at once; and whoever is not WhatsApp. */
#include "ground.h"

#include <sodium.h>
#include <time.h>

#define FIXTURES "tests/fixtures/whatsapp/"
#define HOOK "/webhooks/whatsapp"

enum { SENDERS = 20, COPIES = 50 };

static const char secret[] = "fixture-app-secret";

struct world {
    struct shop shop;
    json_t *index, *cases;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->index = json_load_file(FIXTURES "INDEX.json", 0, NULL);
    w->cases = json_object_get(w->index, "cases");
    assert_int_equal(json_array_size(w->cases), 63);
    shop_new(&w->shop);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    json_decref(w->index);
    free(w);
    return 0;
}

static char *fixture(const json_t *one)
{
    char path[200];
    char *text;

    snprintf(path, sizeof path, FIXTURES "%s",
             json_string_value(json_object_get(one, "file")));
    text = file_read(path);
    assert_true(*text);
    return text;
}

static long hook_post(struct browser *b, const char *body, const char *signature)
{
    char header[200];

    snprintf(header, sizeof header, "X-Hub-Signature-256: %s",
             signature ? signature : "");
    return browser_send(b, HOOK, "application/json", body, signature ? header : NULL);
}

static void sign(const char *body, char out[80])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
    crypto_auth_hmacsha256_final(&state, mac);
    strcpy(out, "sha256=");
    sodium_bin2hex(out + 7, 65, mac, sizeof mac);
}

static int64_t rows(const struct world *w)
{
    return sql_int(&w->shop, "SELECT count(*) FROM webhook_message");
}

/* --- WA-8: verification --- */

static void test_verification(void **state)
{
    static const char *const refused[] = {
        HOOK,
        HOOK "?hub.mode=subscribe&hub.challenge=1158201444",
        HOOK "?hub.mode=subscribe&hub.verify_token=verify-you&hub.challenge=1158201444",
        HOOK "?hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444",
        HOOK "?hub.mode=subscribe&hub.verify_token=verify-me2&hub.challenge=1158201444",
        HOOK "?hub.mode=unsubscribe&hub.verify_token=verify-me&hub.challenge=1158201444",
    };
    struct world *w = *state;
    struct browser b;

    browser_new(&b, &w->shop);
    assert_int_equal(get(&b, HOOK "?hub.mode=subscribe&hub.verify_token=verify-me"
                                  "&hub.challenge=1158201444"),
                     200);
    assert_string_equal(b.body, "1158201444");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(get(&b, refused[i]), 403);
        assert_null(strstr(b.body, "1158201444"));
    }
    browser_free(&b);
}

/* --- WA-8: who is not WhatsApp --- */

/* SEC-30 */
static void test_forged(void **state)
{
    struct world *w = *state;
    struct browser b;
    char *body = fixture(json_array_get(w->cases, 0)), right[80], wrong[200],
         longer[8192];

    sign(body, right);
    browser_new(&b, &w->shop);
    assert_int_equal(hook_post(&b, body, NULL), 403);
    assert_int_equal(hook_post(&b, body, "sha256="), 403);
    assert_int_equal(hook_post(&b, body, right + 7), 403);
    snprintf(wrong, sizeof wrong, "sha256=%064d", 0);
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "%.70s", right);
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "%s0", right);
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "SHA256=%s", right + 7);
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "%s", right);
    for (char *c = wrong + 7; *c; c++)
        *c = (char)(*c >= 'a' ? *c - 32 : *c);
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "%s", right);
    wrong[70] = wrong[70] == '0' ? '1' : '0';
    assert_int_equal(hook_post(&b, body, wrong), 403);
    snprintf(wrong, sizeof wrong, "sha256=%064d\nX-Hub-Signature-256: %s", 1, right);
    assert_true(hook_post(&b, body, wrong) >= 400);
    snprintf(longer, sizeof longer, "%s ", body);
    assert_int_equal(hook_post(&b, longer, right), 403);
    assert_int_equal(hook_post(&b, "", right), 403);
    assert_int_equal(rows(w), 0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"), 0);

    sign("{\"object\":", wrong);
    assert_int_equal(hook_post(&b, "{\"object\":", wrong), 400);
    assert_int_equal(rows(w), 0);
    free(body);
    browser_free(&b);
}

/* --- WA-8: the recorded payloads --- */

static void ids_add(json_t *ids, const json_t *value)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(value, "messages"), i, one)
    {
        json_object_set_new(ids, json_string_value(json_object_get(one, "id")),
                            json_true());
    }
    json_array_foreach(json_object_get(value, "statuses"), i, one)
    {
        char key[300];

        snprintf(key, sizeof key, "%s:%s", json_string_value(json_object_get(one, "id")),
                 json_string_value(json_object_get(one, "status")));
        json_object_set_new(ids, key, json_true());
    }
}

/* What the payloads tell of, each once, by reading them another way than the program. */
static size_t ids_count(const struct world *w)
{
    json_t *ids = json_object(), *one, *entry, *change;
    size_t i, j, k, n;

    json_array_foreach(w->cases, i, one)
    {
        char *text = fixture(one);
        json_t *root = json_loads(text, 0, NULL);

        json_array_foreach(json_object_get(root, "entry"), j, entry) json_array_foreach(
            json_object_get(entry, "changes"), k,
            change) if (strcmp(json_string_value(json_object_get(change, "field")),
                               "messages") == 0)
            ids_add(ids, json_object_get(change, "value"));
        json_decref(root);
        free(text);
    }
    n = json_object_size(ids);
    json_decref(ids);
    return n;
}

static int all_send(const struct world *w, struct browser *b)
{
    json_t *one;
    size_t i;
    int accepted = 0;

    json_array_foreach(w->cases, i, one)
    {
        char *body = fixture(one);
        const char *signature = json_string_value(
            json_object_get(one, "x_hub_signature_256"));

        if (hook_post(b, body, signature) == 200)
            accepted++;
        else
            fprintf(stderr, "%s: %ld %s\n",
                    json_string_value(json_object_get(one, "file")), b->status, b->body);
        free(body);
    }
    return accepted;
}

static void test_every_fixture(void **state)
{
    struct world *w = *state;
    struct browser b;
    int64_t want = (int64_t)ids_count(w), jobs;

    browser_new(&b, &w->shop);
    assert_int_equal(all_send(w, &b), 63);
    assert_true(want > 40);
    assert_int_equal(rows(w), want);
    jobs = sql_int(&w->shop, "SELECT count(*) FROM job");
    assert_int_equal(all_send(w, &b), 63);
    assert_int_equal(rows(w), want);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job"), jobs);
    browser_free(&b);
}

struct sender {
    const struct world *w;
    const char *body, *signature; /* NULL: all the payloads */
    int copies, accepted;
};

static void *sender_run(void *arg)
{
    struct sender *s = arg;
    struct browser b;

    browser_new(&b, &s->w->shop);
    if (!s->body)
        s->accepted = all_send(s->w, &b);
    for (int i = 0; i < s->copies; i++)
        s->accepted += hook_post(&b, s->body, s->signature) == 200;
    browser_free(&b);
    return NULL;
}

static void senders_run(struct sender model, int count, int each)
{
    struct sender s[SENDERS];
    pthread_t threads[SENDERS];

    assert_in_range(count, 1, SENDERS);
    for (int i = 0; i < count; i++) {
        s[i] = model;
        assert_int_equal(pthread_create(&threads[i], NULL, sender_run, &s[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(s[i].accepted, each);
    }
}

/* SEC-31 */
static void test_twenty_at_once(void **state)
{
    struct world *w = *state;

    senders_run((struct sender) { .w = w }, SENDERS, 63);
    assert_int_equal(rows(w), (int64_t)ids_count(w));
}

/* --- WA-8: a message of now has one effect --- */

static void message_now(char *body, size_t size, const char *chat, const char *id)
{
    snprintf(
        body, size,
        "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1022\","
        "\"changes\":[{\"field\":\"messages\",\"value\":{\"messaging_product\":"
        "\"whatsapp\",\"metadata\":{\"display_phone_number\":\"919999900001\","
        "\"phone_number_id\":\"1065\"},\"contacts\":[{\"profile\":{\"name\":\"Asha\"},"
        "\"wa_id\":\"%s\"}],\"messages\":[{\"from\":\"%s\",\"id\":\"%s\","
        "\"timestamp\":\"%lld\",\"type\":\"text\",\"text\":{\"body\":\"Hi\"}}]}}]}]}",
        chat, chat, id, (long long)time(NULL));
}

static int64_t replies(const struct world *w, const char *chat)
{
    char sql[160];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM job WHERE kind = 'message' AND recipient LIKE '%%%s'",
             chat);
    return sql_int(&w->shop, sql);
}

static void handled_wait(const struct world *w)
{
    for (int i = 0; i < 200; i++) {
        if (sql_int(&w->shop, "SELECT count(*) FROM webhook_message"
                              " WHERE state = 'waiting'") == 0)
            return;
        usleep(50 * 1000);
    }
    fail_msg("messages are still waiting");
}

/* SEC-31 */
static void test_one_effect(void **state)
{
    struct world *w = *state;
    char body[2048], signature[80];
    int64_t once;

    message_now(body, sizeof body, "919999900071", "wamid.ONCE");
    sign(body, signature);
    senders_run((struct sender) { w, body, signature, 1, 0 }, 1, 1);
    handled_wait(w);
    once = replies(w, "919999900071");
    assert_true(once > 0);

    message_now(body, sizeof body, "919999900072", "wamid.MANY");
    sign(body, signature);
    senders_run((struct sender) { w, body, signature, COPIES / 10, 0 }, 10, COPIES / 10);
    handled_wait(w);
    assert_int_equal(replies(w, "919999900072"), once);
    assert_int_equal(rows(w), 2);

    shop_stop(&w->shop);
    shop_start(&w->shop);
    senders_run((struct sender) { w, body, signature, 1, 0 }, 1, 1);
    handled_wait(w);
    assert_int_equal(replies(w, "919999900072"), once);
    assert_int_equal(rows(w), 2);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM webhook_message"
                                       " WHERE state = 'done'"),
                     2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verification, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_fixture, setup, teardown),
        cmocka_unit_test_setup_teardown(test_twenty_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_effect, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("WA-8 the webhook", tests, NULL, NULL);
}
