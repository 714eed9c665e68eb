/* The process is killed at any moment, and the disk is full: what was answered is there,
 * once; what was not is there at most once after it was sent again. */
#include "ground.h"

#include <sched.h>
#include <sodium.h>
#include <sys/mount.h>
#include <time.h>

/* A start under TSan takes seconds; what it looks for shows in a few of them. */
#ifdef __SANITIZE_THREAD__
enum { KILLS = 8, LOAD_MS = 90 };
#else
enum { KILLS = 50, LOAD_MS = 90 };
#endif
enum { BUYS, TAKES_MONEY, WRITES, KINDS }; /* a message, by WhatsApp's webhook */
enum { EACH = 4, THREADS = EACH * KINDS };

/* One browser that keeps sending. */
struct press {
    struct browser b;
    struct world *w;
    int number, kind;
    int64_t count, answered; /* keys used; of them with an answer of success */
    char key[60], body[900]; /* of the request that had no answer; "" for none */
    bool refused;
};

struct world {
    struct shop shop;
    struct browser admin, vendor;
    int64_t vendor_id, listing_id, party_id, first[KINDS];
    struct press press[THREADS];
};

static int64_t rows(const struct world *w, const char *sql)
{
    return sql_int(&w->shop, sql);
}

static const char *const counts[KINDS] = {
    [BUYS] = "SELECT count(*) FROM orders",
    [TAKES_MONEY] = "SELECT count(*) FROM ledger_entry",
    [WRITES] = "SELECT count(*) FROM webhook_message",
};

/* The vendor's session in a browser of its own, for a thread of its own. */
static void browser_copy(struct browser *b, const struct browser *from)
{
    struct curl_slist *cookies;

    browser_new(b, from->shop);
    curl_easy_getinfo(from->curl, CURLINFO_COOKIELIST, &cookies);
    for (struct curl_slist *c = cookies; c; c = c->next)
        curl_easy_setopt(b->curl, CURLOPT_COOKIELIST, c->data);
    curl_slist_free_all(cookies);
    strcpy(b->csrf, from->csrf);
}

static void pot_on_sale(struct world *w)
{
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"100000\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 299);
    w->listing_id = rows(w, "SELECT max(id) FROM listing");
}

static bool pot_in_cart(struct press *p, const char *qty)
{
    return post(&p->b, "/cart/items", "{\"listing\":%lld,\"qty\":\"%s\"}",
                (long long)p->w->listing_id, qty) < 300 &&
           p->b.status;
}

/* A customer who owes a lot, for the payments to come. */
static void debt_make(struct world *w)
{
    struct press *p = &w->press[0];
    char path[80], body[80];
    int64_t id;

    assert_true(pot_in_cart(p, "2000"));
    assert_in_range(post(&p->b, "/cart/order", "{\"vendor\":%lld,\"fulfil\":\"pickup\"}",
                         (long long)w->vendor_id),
                    200, 299);
    id = rows(w, "SELECT max(id) FROM orders");
    snprintf(path, sizeof path, "/sell/orders/%lld/accept", (long long)id);
    assert_in_range(post(&w->vendor, path, "{}"), 200, 299);
    snprintf(path, sizeof path, "/orders/%lld", (long long)id);
    assert_int_equal(get(&p->b, path), 200);
    snprintf(body, sizeof body, "{\"code\":\"%s\",\"pay\":\"later\"}",
             json_string_value(json_object_get(p->b.json, "code")));
    snprintf(path, sizeof path, "/sell/orders/%lld/deliver", (long long)id);
    assert_in_range(post(&w->vendor, path, "%s", body), 200, 299);
    w->party_id = rows(w, "SELECT id FROM party");
    assert_int_equal(rows(w, "SELECT balance_paise FROM party"), 50000000);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char mobile[20];

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->vendor_id = vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    pot_on_sale(w);
    for (int i = 0; i < THREADS; i++) {
        struct press *p = &w->press[i];

        p->w = w;
        p->number = i;
        p->kind = i / EACH;
        snprintf(mobile, sizeof mobile, "+9190000001%02d", i);
        if (p->kind == BUYS)
            sign_up(&p->b, &w->shop, mobile, "Buyer");
        else
            browser_copy(&p->b, &w->vendor);
    }
    debt_make(w);
    for (int kind = 0; kind < KINDS; kind++)
        w->first[kind] = rows(w, counts[kind]);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < THREADS; i++)
        browser_free(&w->press[i].b);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* --- the load --- */

static const char *press_path(const struct press *p, char path[80])
{
    strcpy(path, p->kind == BUYS ? "/cart/order" : "/webhooks/whatsapp");
    if (p->kind == TAKES_MONEY)
        snprintf(path, 80, "/cash/customers/%lld/receive", (long long)p->w->party_id);
    return path;
}

/* What tells a request that is sent again: its key, a message by its id. */
static void press_header(const struct press *p, char header[120])
{
    static const char secret[] = "fixture-app-secret";
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    char hex[2 * sizeof mac + 1];

    snprintf(header, 120, "Idempotency-Key: %s", p->key);
    if (p->kind != WRITES)
        return;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)p->body, strlen(p->body));
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    snprintf(header, 120, "X-Hub-Signature-256: sha256=%s", hex);
}

static void press_body(struct press *p)
{
    if (p->kind == BUYS)
        snprintf(p->body, sizeof p->body, "{\"vendor\":%lld,\"fulfil\":\"pickup\"}",
                 (long long)p->w->vendor_id);
    else if (p->kind == TAKES_MONEY)
        snprintf(p->body, sizeof p->body, "{\"amount\":\"1\",\"method\":\"cash\"}");
    else
        snprintf(p->body, sizeof p->body,
                 "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\","
                 "\"changes\":[{\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":"
                 "{\"display_phone_number\":\"15550783881\",\"phone_number_id\":\"1065\"},"
                 "\"contacts\":[{\"profile\":{\"name\":\"A\"},\"wa_id\":\"9190000005%02d\"}],"
                 "\"messages\":[{\"from\":\"9190000005%02d\",\"id\":\"wamid.%s\",\"timestamp\":"
                 "\"%lld\",\"type\":\"text\",\"text\":{\"body\":\"hi\"}}]},"
                 "\"field\":\"messages\"}]}]}",
                 p->number, p->number, p->key, (long long)time(NULL));
}

/* Sends the pending request; forgets it once it has an answer. */
static void press_send(struct press *p)
{
    char path[80], header[120];
    long status;

    press_header(p, header);
    status = browser_send(&p->b, press_path(p, path), "application/json", p->body,
                          header);
    if (status == 0)
        return;
    if (status < 300) {
        p->answered++;
    } else {
        p->refused = true;
        fprintf(stderr, "%s %s: %ld %s\n", path, p->key, status, p->b.body);
    }
    p->key[0] = '\0';
}

static void *press_run(void *arg)
{
    struct press *p = arg;

    do {
        if (p->kind == BUYS && !pot_in_cart(p, "1"))
            break;
        snprintf(p->key, sizeof p->key, "press-%d-%lld", p->number,
                 (long long)++p->count);
        press_body(p);
        press_send(p);
    } while (!p->key[0] && !p->refused);
    return NULL;
}

static void load_and_kill(struct world *w)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, press_run, &w->press[i]), 0);
    usleep((useconds_t)(random() % LOAD_MS) * 1000);
    shop_kill(&w->shop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* Whether it is there, though it was not answered. */
static int64_t made_by_key(const struct world *w, const struct press *p)
{
    char sql[120];

    snprintf(sql, sizeof sql,
             p->kind == WRITES
                 ? "SELECT count(*) FROM webhook_message WHERE message_id = 'wamid.%s'"
                 : "SELECT count(*) FROM once WHERE key GLOB 'h*:%s'",
             p->key);
    return rows(w, sql);
}

/* What is there, against what was answered; then all that had no answer is sent again. */
static void books_compare(struct world *w)
{
    int64_t sure[KINDS] = { 0 };

    for (int i = 0; i < THREADS; i++) {
        struct press *p = &w->press[i];

        assert_false(p->refused);
        sure[p->kind] += p->answered;
        if (p->key[0])
            sure[p->kind] += made_by_key(w, p);
    }
    for (int kind = 0; kind < KINDS; kind++)
        assert_int_equal(rows(w, counts[kind]), w->first[kind] + sure[kind]);
}

/* Each message was handled, and answered once; the shop was told of each order once. */
static void messages_compare(struct world *w, int64_t orders, int64_t written)
{
    for (int i = 0; i < 300 && rows(w, "SELECT count(*) FROM webhook_message"
                                       " WHERE state = 'waiting'"); i++)
        usleep(100 * 1000);
    assert_int_equal(rows(w, "SELECT count(*) FROM webhook_message WHERE state = 'done'"),
                     written);
    assert_int_equal(rows(w, "SELECT count(*) FROM job WHERE kind = 'message'"
                             " AND recipient GLOB '*90000005[0-9][0-9]'"),
                     written);
    assert_int_equal(rows(w, "SELECT count(*) FROM notification"
                             " WHERE key = 'notify.order_ordered'"),
                     orders + w->first[BUYS]);
}

static void test_killed(void **state)
{
    struct world *w = *state;
    int64_t made[KINDS] = { 0 };

    srandom(20261122);
    for (int round = 0; round < KILLS; round++) {
        load_and_kill(w);
        assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
        books_compare(w);
        shop_start(&w->shop);
        for (int i = 0; i < THREADS; i++)
            if (w->press[i].key[0]) {
                press_send(&w->press[i]);
                assert_string_equal(w->press[i].key, "");
            }
        books_compare(w);
    }
    for (int i = 0; i < THREADS; i++) {
        struct press *p = &w->press[i];

        assert_int_equal(p->answered, p->count);
        made[p->kind] += p->count;
    }
    print_message("%d kills, %lld orders, %lld payments, %lld messages\n", KILLS,
                  (long long)made[BUYS], (long long)made[TAKES_MONEY],
                  (long long)made[WRITES]);
    for (int kind = 0; kind < KINDS; kind++)
        assert_true(made[kind] > KILLS);
    assert_int_equal(rows(w, "SELECT count(*) FROM once WHERE key GLOB 'h*:press-*'"),
                     made[BUYS] + made[TAKES_MONEY]);
    assert_int_equal(rows(w, "SELECT balance_paise FROM party WHERE id = 1"),
                     50000000 - made[TAKES_MONEY] * 100);
    messages_compare(w, made[BUYS], made[WRITES]);
}

/* --- the disk is full --- */

static int small_setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct shop *s = &w->shop;

    strcpy(s->dir, "/tmp/invichat-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->log, sizeof s->log, "%s.log", s->dir);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("small", s->dir, "tmpfs", 0, "size=24m,mode=0700") != 0)
        fail_msg("a full disk needs a mount, and mounting failed");
    shop_start(s);
    sign_up(&w->vendor, s, "+919000000002", "Kumhar");
    *state = w;
    return 0;
}

static int small_teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->vendor);
    shop_stop(&w->shop);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    assert_int_equal(umount(w->shop.dir), 0);
    rmdir(w->shop.dir);
    unlink(w->shop.log);
    free(w);
    return 0;
}

static void disk_fill(const struct shop *s, char path[120])
{
    static char block[64 * 1024];
    size_t size = sizeof block;
    int fd;

    snprintf(path, 120, "%s/filler", s->dir);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(fd >= 0);
    while (size >= 1024)
        if (write(fd, block, size) <= 0)
            size /= 2;
    close(fd);
}

static long pot_receive(struct world *w, int number)
{
    return post(
        &w->vendor, "/inventory/receive",
        "{\"name\":\"Pot %d\",\"qty\":\"1\",\"unit\":\"piece\",\"note\":\"%0200d\"}",
        number, number);
}

static void test_disk_full(void **state)
{
    struct world *w = *state;
    struct curl_header *h;
    int64_t kept = 0, moves;
    char filler[120];
    long status = 0;

    assert_int_equal(pot_receive(w, 0), 201);
    kept++;
    disk_fill(&w->shop, filler);
    for (int i = 1; i < 2000 && status != 503; i++) {
        status = pot_receive(w, i);
        assert_true(status == 201 || status == 503);
        kept += status == 201;
    }
    assert_int_equal(status, 503);
    assert_int_equal(
        curl_easy_header(w->vendor.curl, "Retry-After", 0, CURLH_HEADER, -1, &h),
        CURLHE_OK);
    assert_true(atoi(h->value) > 0);
    assert_non_null(json_object_get(w->vendor.json, "error"));
    assert_int_equal(browser_send(&w->vendor, "/inventory/receive", "application/json",
                                  "{\"name\":\"Page\",\"qty\":\"1\",\"unit\":\"piece\"}",
                                  "Accept: text/html"),
                     503);
    assert_non_null(strstr(w->vendor.body, "<html"));
    assert_null(strstr(w->vendor.body, "SQL"));
    assert_null(strstr(w->vendor.body, "/tmp/"));
    for (int i = 0; i < 20; i++) {
        assert_int_equal(get(&w->vendor, "/inventory"), 200);
        assert_int_equal(get(&w->vendor, "/healthz"), 200);
        assert_int_equal(pot_receive(w, 5000 + i), 503);
    }
    assert_int_equal(unlink(filler), 0);
    status = pot_receive(w, 9000);
    for (int i = 0; i < 20 && status == 503; i++) {
        usleep(100 * 1000);
        status = pot_receive(w, 9000);
    }
    assert_int_equal(status, 201);
    kept++;
    moves = rows(w, "SELECT count(*) FROM stock_move");
    assert_int_equal(rows(w, "SELECT count(*) FROM sku"), kept);
    assert_int_equal(rows(w, "SELECT count(*) FROM lot"), kept);
    assert_int_equal(moves, kept);
    assert_int_equal(rows(w, "SELECT sum(on_hand_milli) FROM sku"), kept * 1000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_disk_full, small_setup, small_teardown),
    };

    (void)argc;
    /* Who isn't root becomes it in a user namespace, or couldn't mount. */
    if (geteuid() != 0)
        execlp("unshare", "unshare", "--user", "--map-root-user", "--mount", argv[0], NULL);
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SYS-1 SYS-6 SYS-8 NOTE-3 WA-8 killed, out of room",
                                       tests, NULL, NULL);
}
