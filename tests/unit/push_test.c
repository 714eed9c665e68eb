/* Browser push: the RFC's own example, the signature, and a push service on loopback that
 * decrypts what the worker sends. */
#include "bot_ground.h"

#include "db/base/text.h"
#include "db/notify.h"
#include "db/push.h"
#include "server/jobs/worker.h"
#include "server/services/push.h"
#include "server/services/seal.h"

#include <arpa/inet.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <pthread.h>
#include <sys/socket.h>

static size_t bytes_of(const char *text, unsigned char *to, size_t size)
{
    size_t n = 0;

    assert_int_equal(sodium_base642bin(to, size, text, strlen(text), NULL, &n, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    return n;
}

/* RFC 8291, section 5 and appendix A. */
static const char rfc_point[] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4"
                                "bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
static const char rfc_auth[] = "BTBZMqHH6r4Tts7J_aSIgg";
static const char rfc_body[] =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmY"
    "WAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexS"
    "gSxsj_Qulcy4a-fN";

static void test_rfc_example(void **state)
{
    struct chat *c = *state;
    unsigned char point[65], auth[16], secret[32], salt[16];
    struct push_key own;
    const unsigned char *body;
    size_t size;

    assert_int_equal(bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", secret, 32), 32);
    assert_int_equal(bytes_of("DGv6ra1nlYgDCS1FRnbzlw", salt, 16), 16);
    assert_true(push_keys_read(rfc_point, rfc_auth, point, auth));
    assert_true(push_key_from(&own, secret));
    assert_string_equal(text_base64url(c->g->arena, own.open, 65),
                        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
                        "AC8wEqKK6PBru3jl7A8");
    body = push_encrypt(c->g->arena, "When I grow up, I want to be a watermelon", point, auth,
                        &own, salt, &size);
    assert_non_null(body);
    assert_int_equal(size, 144);
    assert_string_equal(text_base64url(c->g->arena, body, size), rfc_body);
}

static void test_keys_of_strangers(void **state)
{
    struct chat *c = *state;
    unsigned char point[65], auth[16];
    char *off = arena_dup(c->g->arena, rfc_point);

    assert_true(push_keys_read(arena_printf(c->g->arena, "%s=", rfc_point),
                               arena_printf(c->g->arena, "%s==", rfc_auth), point, auth));
    off[20] = off[20] == 'A' ? 'B' : 'A'; /* no point of the curve */
    assert_false(push_keys_read(off, rfc_auth, point, auth));
    assert_false(push_keys_read("", "", point, auth));
    assert_false(push_keys_read(rfc_auth, rfc_auth, point, auth));
    assert_false(push_keys_read(rfc_point, "AAAA", point, auth));
    assert_false(push_keys_read("BA\"; DROP", rfc_auth, point, auth));
}

/* Checks the token's signature with nothing but the public key in the header. */
static bool vapid_holds(struct arena *a, const char *header, json_t **claims)
{
    const char *t = strstr(header, "vapid t=") + 8, *k = strstr(header, ", k=");
    const char *first = strchr(t, '.'), *last = strchr(first + 1, '.');
    unsigned char raw[64], open[65], text[500];
    unsigned char *der = NULL;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY *key = NULL;
    OSSL_PARAM params[3];
    size_t n;
    int der_size;
    bool ok;

    bytes_of(arena_dupn(a, last + 1, (size_t)(k - last - 1)), raw, 64);
    assert_int_equal(bytes_of(k + 4, open, 65), 65);
    n = bytes_of(arena_dupn(a, first + 1, (size_t)(last - first - 1)), text, sizeof text);
    *claims = json_loadb((char *)text, n, 0, NULL);
    ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    der_size = i2d_ECDSA_SIG(sig, &der);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                 arena_dup(a, "prime256v1"), 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, open, 65);
    params[2] = OSSL_PARAM_construct_end();
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    assert_int_equal(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key), 1);
    ok = EVP_DigestVerify(md, der, (size_t)der_size, (const unsigned char *)t,
                          (size_t)(last - t)) == 1;
    OPENSSL_free(der);
    ECDSA_SIG_free(sig);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
    EVP_MD_CTX_free(md);
    return ok;
}

static void test_vapid(void **state)
{
    struct chat *c = *state;
    struct push_key key;
    json_t *claims;
    const char *header;
    char *bad;

    for (int i = 0; i < 40; i++) { /* r and s with zeros in front among them, by chance */
        assert_true(push_key_new(&key));
        header = push_vapid(c->g->arena, &key, "https://p.example", "https://shop.example",
                            1790000000 + i);
        assert_true(vapid_holds(c->g->arena, header, &claims));
        assert_string_equal(text_in(claims, "aud"), "https://p.example");
        assert_string_equal(text_in(claims, "sub"), "https://shop.example");
        assert_int_equal(int_in(claims, "exp"), 1790000000 + i + 12 * 3600);
    }
    bad = arena_dup(c->g->arena, header);
    bad[60] = bad[60] == 'A' ? 'B' : 'A';
    assert_false(vapid_holds(c->g->arena, bad, &claims) && claims);
}

/* The installation's pair outlives a restart, and another key file makes a new one. */
static void test_key_is_kept(void **state)
{
    struct chat *c = *state;
    unsigned char seal[32] = { 1 }, other[32] = { 2 };
    struct push_key first, again, new;

    assert_true(push_key_load(c->g->db, seal, &first));
    assert_true(push_key_load(c->g->db, seal, &again));
    assert_memory_equal(first.open, again.open, 65);
    assert_null(strstr(text_of(c->g, "SELECT value FROM setting WHERE key = 'push_key'"),
                       text_hex(c->g->arena, first.secret, 32)));
    assert_true(push_key_load(c->g->db, other, &new));
    assert_memory_not_equal(first.open, new.open, 65);
    assert_string_equal(seal_open(c->g->arena, seal, seal_text(c->g->arena, seal, "कुंजी")),
                        "कुंजी");
    assert_null(seal_open(c->g->arena, other, seal_text(c->g->arena, seal, "x")));
    assert_null(seal_open(c->g->arena, seal, "AAAA"));
}

/* --- a push service --- */

static struct service {
    int fd, port;
    pthread_t thread;
    _Atomic int status, asked;
    char head[4096];
    unsigned char body[4096];
    size_t size;
} service;

static void service_one(int fd)
{
    char in[9000];
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
    snprintf(service.head, sizeof service.head, "%.*s", (int)(end - in), in);
    memcpy(service.body, end + 4, length);
    service.size = length;
    dprintf(fd, "HTTP/1.1 %d x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            service.status);
    service.asked++;
}

static void *service_run(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(service.fd, NULL, NULL)) >= 0) {
        service_one(fd);
        shutdown(fd, SHUT_RDWR);
        close(fd);
    }
    return NULL;
}

static void service_start(int status)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof at;

    service.status = status;
    service.asked = 0;
    service.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(service.fd, (struct sockaddr *)&at, n), 0);
    assert_int_equal(listen(service.fd, 8), 0);
    getsockname(service.fd, (struct sockaddr *)&at, &n);
    service.port = ntohs(at.sin_port);
    pthread_create(&service.thread, NULL, service_run, NULL);
}

static void service_stop(void)
{
    shutdown(service.fd, SHUT_RDWR);
    pthread_join(service.thread, NULL);
    close(service.fd);
}

/* What a browser does, with OpenSSL's own HKDF. */
static void hkdf(const unsigned char *salt, size_t salt_size, const unsigned char *key,
                 const void *info, size_t info_size, unsigned char *out, size_t size)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, 32),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt,
                                          salt_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info,
                                          info_size),
        OSSL_PARAM_construct_end()
    };

    assert_int_equal(EVP_KDF_derive(ctx, out, size, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* x of the product: the shared secret of ECDH. */
static void shared_secret(const struct push_key *own, const unsigned char *point,
                          unsigned char out[32])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *p = EC_POINT_new(group), *product = EC_POINT_new(group);
    BIGNUM *n = BN_bin2bn(own->secret, 32, NULL), *x = BN_new();

    assert_int_equal(EC_POINT_oct2point(group, p, point, 65, NULL), 1);
    assert_int_equal(EC_POINT_mul(group, product, NULL, p, n, NULL), 1);
    assert_int_equal(EC_POINT_get_affine_coordinates(group, product, x, NULL, NULL), 1);
    assert_int_equal(BN_bn2binpad(x, out, 32), 32);
    BN_free(x);
    BN_free(n);
    EC_POINT_free(p);
    EC_POINT_free(product);
    EC_GROUP_free(group);
}

static json_t *decrypted(const struct push_key *browser, const unsigned char auth[16])
{
    unsigned char info[144] = "WebPush: info", shared[32], ikm[32], key[16], nonce[12];
    unsigned char text[4096];
    const unsigned char *salt = service.body, *sender = service.body + 21;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t size = service.size - 86 - 16;
    int n = 0, end = 0;
    json_t *root;

    assert_int_equal(service.body[20], 65);
    assert_int_equal(service.body[18] << 8 | service.body[19], 4096);
    memcpy(info + 14, browser->open, 65);
    memcpy(info + 79, sender, 65);
    shared_secret(browser, sender, shared);
    hkdf(auth, 16, shared, info, sizeof info, ikm, 32);
    hkdf(salt, 16, ikm, "Content-Encoding: aes128gcm", 28, key, 16);
    hkdf(salt, 16, ikm, "Content-Encoding: nonce", 24, nonce, 12);
    assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce), 1);
    assert_int_equal(EVP_DecryptUpdate(ctx, text, &n, service.body + 86, (int)size), 1);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, service.body + 86 + size);
    assert_int_equal(EVP_DecryptFinal_ex(ctx, text + n, &end), 1);
    EVP_CIPHER_CTX_free(ctx);
    assert_int_equal(text[n - 1], 2);
    root = json_loadb((char *)text, (size_t)n - 1, 0, NULL);
    assert_non_null(root);
    return root;
}

static void subscribe(struct chat *c, const struct push_key *browser,
                      const unsigned char auth[16])
{
    struct arena *a = c->g->arena;
    struct push_browser b = { .user_id = 1, .session_id = 1 };

    run(c->g, "INSERT OR IGNORE INTO user(id, mobile, name, lang, created_ms)"
              " VALUES (1, '+919811111111', 'Asha', 'hi', 1)");
    run(c->g, "INSERT OR IGNORE INTO session(id, token_hash, user_id, created_ms, seen_ms,"
              " expires_ms) VALUES (1, x'01', 1, 1, 1, 99999999999999)");
    b.origin = arena_printf(a, "http://127.0.0.1:%d", service.port);
    b.endpoint = arena_printf(a, "%s/push/abc", b.origin);
    b.p256dh = text_base64url(a, browser->open, 65);
    b.auth = text_base64url(a, auth, 16);
    assert_int_equal(push_subscribe(c->g->db, &b), DB_OK);
}

static void tell(struct chat *c)
{
    db_begin(c->g->db);
    notify_user(c->g->db, 1, 0, "notify.vendor_declined",
                json_pack("{s:s}", "reason", "\"quoted\" & short"), "/account");
    assert_int_equal(db_end(c->g->db, DB_OK), DB_OK);
    db_release(c->g->db);
}

static void until(struct chat *c, const char *sql, int64_t n)
{
    for (int i = 0; number_of(c->g, sql) != n; i++) {
        db_release(c->g->db);
        if (i > 1000)
            fail_msg("%s is %lld", sql, (long long)number_of(c->g, sql));
        usleep(5000);
    }
    db_release(c->g->db);
}

static void test_worker_sends(void **state)
{
    struct chat *c = *state;
    struct services_config config = { .public_url = "https://shop.example" };
    unsigned char auth[16];
    struct push_key browser;
    struct services *services;
    struct worker_config work = { .db = c->g->file, .texts = c->texts, .bot = &c->bot };
    struct worker *w;
    json_t *news, *claims;

    randombytes_buf(auth, sizeof auth);
    assert_true(push_key_new(&browser));
    service_start(201);
    config.push_url = arena_printf(c->g->arena, "http://127.0.0.1:%d", service.port);
    services = services_new(&config);
    assert_true(push_key_new(&services->push));
    subscribe(c, &browser, auth);
    tell(c);
    work.services = services;
    w = worker_start(&work);
    until(c, "SELECT count(*) FROM job WHERE state = 'done'", 1);
    while (service.asked < 1)
        usleep(1000);
    news = decrypted(&browser, auth);
    assert_string_equal(text_in(news, "url"), "/account");
    assert_non_null(strstr(text_in(news, "body"), "\"quoted\" & short"));
    assert_non_null(strstr(service.head, "POST /push/abc "));
    assert_non_null(strstr(service.head, "Content-Encoding: aes128gcm"));
    assert_non_null(strstr(service.head, "TTL: "));
    assert_true(vapid_holds(
        c->g->arena,
        arena_dupn(c->g->arena, strstr(service.head, "vapid "),
                   strcspn(strstr(service.head, "vapid "), "\r")),
        &claims));
    assert_string_equal(text_in(claims, "aud"), config.push_url);

    service.status = 503; /* an outage: it waits, the browser stays */
    tell(c);
    until(c, "SELECT count(*) FROM circuit", 1);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM push_subscription"), 1);
    assert_int_equal(number_of(c->g, "SELECT tries FROM job WHERE state = 'waiting'"), 0);

    service.status = 410; /* gone: the browser is forgotten */
    run(c->g, "UPDATE circuit SET probe_ms = 1");
    worker_wake(w);
    until(c, "SELECT count(*) FROM push_subscription", 0);
    until(c, "SELECT count(*) FROM job WHERE state = 'expired'", 1);
    worker_stop(w);
    services_free(services);
    service_stop();
}

/* An endpoint is a stranger's word: it leads nowhere inside. */
static void test_no_way_inside(void **state)
{
    struct chat *c = *state;
    struct arena *a = c->g->arena;
    struct services_config config = { .push_url = "http://127.0.0.1:9" };
    struct services *s = services_new(&config);
    unsigned char auth[16] = { 0 };
    struct push_key browser;
    struct send_result result;
    json_t *row;

    assert_non_null(push_origin(s, a, "https://push.example/x"));
    assert_string_equal(push_origin(s, a, "https://push.example:8443/x?y"),
                        "https://push.example:8443");
    assert_null(push_origin(s, a, "http://push.example/x"));
    assert_null(push_origin(s, a, "http://127.0.0.1:90/x"));
    assert_null(push_origin(s, a, "https://me@push.example/x"));
    assert_null(push_origin(s, a, "file:///etc/passwd"));
    assert_null(push_origin(s, a, "https://push.example/\r\nX: y"));
    service_start(201);
    assert_true(push_key_new(&browser) && push_key_new(&s->push));
    row = json_pack("{s:s, s:s, s:s}", "endpoint",
                    arena_printf(a, "https://127.0.0.1:%d/x", service.port), "p256dh",
                    text_base64url(a, browser.open, 65), "auth", text_base64url(a, auth, 16));
    assert_int_equal(push_send(s, a, row, "{}", "key", &result), SEND_FAILED);
    assert_true(result.is_gone);
    assert_int_equal(service.asked, 0);
    service_stop();
    services_free(s);
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, chat_open, chat_close, NULL                                            \
    }
    const struct CMUnitTest tests[] = {
        TEST("NOTE-2 the example of RFC 8291, byte for byte", test_rfc_example),
        TEST("NOTE-2 keys of strangers are checked", test_keys_of_strangers),
        TEST("NOTE-2 the token of RFC 8292 holds", test_vapid),
        TEST("NOTE-2 the installation's key is kept, sealed", test_key_is_kept),
        TEST("NOTE-2 a push service decrypts what is sent; 410 forgets the browser",
             test_worker_sends),
        TEST("NOTE-2 an endpoint leads nowhere inside", test_no_way_inside),
    };

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
