/* ECDH, AES and ECDSA by OpenSSL; HKDF is HMAC-SHA-256 twice, by libsodium. */
#include "server/services/push.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "server/services/http_client.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

enum { TAG = 16, RECORD = 4096, HEAD = 16 + 4 + 1 + PUSH_POINT, SEND_SECONDS = 15,
       ANSWER_MAX = 16 * 1024, TTL_SECONDS = 7 * 24 * 60 * 60, VAPID_SECONDS = 12 * 60 * 60 };

static bool base64_read(const char *text, unsigned char *to, size_t size)
{
    size_t n = 0, length = strcspn(text, "=");

    return sodium_base642bin(to, size, text, length, NULL, &n, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           n == size && strspn(text + length, "=") == strlen(text + length);
}

bool push_keys_read(const char *p256dh, const char *auth, unsigned char point[PUSH_POINT],
                    unsigned char secret[PUSH_AUTH])
{
    return base64_read(p256dh, point, PUSH_POINT) && push_point_valid(point) &&
           base64_read(auth, secret, PUSH_AUTH);
}

/* HKDF (RFC 5869) with at most 32 bytes of output. */
static void hkdf(const unsigned char *salt, size_t salt_size, const unsigned char *secret,
                 const void *info, size_t info_size, unsigned char *out, size_t size)
{
    crypto_auth_hmacsha256_state state;
    unsigned char key[32], block[32];

    crypto_auth_hmacsha256_init(&state, salt, salt_size);
    crypto_auth_hmacsha256_update(&state, secret, 32);
    crypto_auth_hmacsha256_final(&state, key);
    crypto_auth_hmacsha256_init(&state, key, sizeof key);
    crypto_auth_hmacsha256_update(&state, info, info_size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)"\1", 1);
    crypto_auth_hmacsha256_final(&state, block);
    memcpy(out, block, size);
    sodium_memzero(key, sizeof key);
    sodium_memzero(block, sizeof block);
}

/* A key of P-256; `secret` NULL: a public one. */
static EVP_PKEY *pkey_of(const unsigned char *open, const unsigned char *secret)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = secret ? BN_bin2bn(secret, 32, NULL) : NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;

    if (build && ctx &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, open,
                                         PUSH_POINT) &&
        (!n || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, n)))
        params = OSSL_PARAM_BLD_to_param(build);
    if (params && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          params) != 1)
        key = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    BN_clear_free(n);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static bool ecdh(const struct push_key *own, const unsigned char *point,
                 unsigned char out[32])
{
    EVP_PKEY *mine = pkey_of(own->open, own->secret), *theirs = pkey_of(point, NULL);
    EVP_PKEY_CTX *ctx = mine ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
    size_t n = 32;
    bool ok = ctx && theirs && EVP_PKEY_derive_init(ctx) == 1 &&
              EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
              EVP_PKEY_derive(ctx, out, &n) == 1 && n == 32;

    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    return ok;
}

static bool gcm(const unsigned char key[16], const unsigned char nonce[12],
                const unsigned char *text, size_t size, unsigned char *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, end = 0;
    bool ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce) == 1 &&
              EVP_EncryptUpdate(ctx, out, &n, text, (int)size) == 1 &&
              EVP_EncryptFinal_ex(ctx, out + n, &end) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + size) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

const unsigned char *push_encrypt(struct arena *a, const char *text,
                                  const unsigned char point[PUSH_POINT],
                                  const unsigned char secret[PUSH_AUTH],
                                  const struct push_key *own,
                                  const unsigned char salt[16], size_t *size)
{
    unsigned char info[14 + 2 * PUSH_POINT] = "WebPush: info";
    unsigned char shared[32], ikm[32], key[16], nonce[12], *body, *plain;
    size_t n = strlen(text);

    if (n > PUSH_TEXT_MAX || !ecdh(own, point, shared))
        return NULL;
    memcpy(info + 14, point, PUSH_POINT);
    memcpy(info + 14 + PUSH_POINT, own->open, PUSH_POINT);
    hkdf(secret, PUSH_AUTH, shared, info, sizeof info, ikm, 32);
    hkdf(salt, 16, ikm, "Content-Encoding: aes128gcm", 28, key, 16);
    hkdf(salt, 16, ikm, "Content-Encoding: nonce", 24, nonce, 12);
    body = arena_alloc(a, HEAD + n + 1 + TAG, 1);
    memcpy(body, salt, 16);
    body[18] = RECORD >> 8; /* big-endian */
    body[20] = PUSH_POINT;
    memcpy(body + 21, own->open, PUSH_POINT);
    plain = arena_alloc(a, n + 1, 1);
    memcpy(plain, text, n);
    plain[n] = 2; /* the last record */
    *size = HEAD + n + 1 + TAG;
    return gcm(key, nonce, plain, n + 1, body + HEAD) ? body : NULL;
}

/* ECDSA's DER as r and s of 32 bytes each. */
static bool signature_raw(const unsigned char *der, size_t size, unsigned char out[64])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)size);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;

    ECDSA_SIG_free(sig);
    return ok;
}

static bool sign(const struct push_key *key, const char *text, unsigned char out[64])
{
    EVP_PKEY *pkey = pkey_of(key->open, key->secret);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char der[80];
    size_t n = sizeof der;
    bool ok = pkey && ctx &&
              EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
              EVP_DigestSign(ctx, der, &n, (const unsigned char *)text, strlen(text)) ==
                  1 &&
              signature_raw(der, n, out);

    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

const char *push_vapid(struct arena *a, const struct push_key *key, const char *origin,
                       const char *subject, int64_t now_s)
{
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    json_t *claims = json_pack("{s:s, s:I}", "aud", origin, "exp",
                               (json_int_t)(now_s + VAPID_SECONDS));
    unsigned char signature[64];
    const char *body, *text;

    if (*subject)
        json_object_set_new(claims, "sub", json_string(subject));
    body = json_dumps(claims, JSON_COMPACT);
    if (!body)
        return NULL;
    text = arena_printf(a, "%s.%s", text_base64url(a, head, sizeof head - 1),
                        text_base64url(a, body, strlen(body)));
    if (!sign(key, text, signature))
        return NULL;
    return arena_printf(a, "vapid t=%s.%s, k=%s", text, text_base64url(a, signature, 64),
                        text_base64url(a, key->open, PUSH_POINT));
}

static bool is_stand_in(const struct services *s, const char *endpoint)
{
    const char *url = s->config.push_url;
    size_t n = url ? strlen(url) : 0;

    return n > 0 && strncmp(endpoint, url, n) == 0 && endpoint[n] == '/';
}

const char *push_origin(const struct services *s, struct arena *a, const char *endpoint)
{
    const char *end = strstr(endpoint, "://");
    bool is_https = false;

    if (!end || strcspn(endpoint, " \t\r\n\"<>\\") != strlen(endpoint) ||
        !http_url_host(a, endpoint, &is_https) || (!is_https && !is_stand_in(s, endpoint)))
        return NULL;
    return arena_dupn(a, endpoint, (size_t)(end + 3 - endpoint) + strcspn(end + 3, "/?#"));
}

static enum send_rc answer_read(struct arena *a, const struct http_answer *answer,
                                struct send_result *result)
{
    if (answer->status >= 200 && answer->status < 300) {
        *result = (struct send_result) { 0 };
        return SEND_DONE;
    }
    result->error = arena_printf(a, "push: HTTP %ld %.100s", answer->status, answer->body);
    result->is_gone = answer->status == 404 || answer->status == 410;
    result->is_aside = answer->status == 413;
    if (answer->status == 429 || answer->status == 408 || answer->status >= 500)
        return SEND_OUTAGE;
    return SEND_FAILED;
}

enum send_rc push_send(const struct services *s, struct arena *a, const json_t *browser,
                       const char *text, const char *key, struct send_result *result)
{
    const char *endpoint = json_string_value(json_object_get(browser, "endpoint"));
    const char *origin = push_origin(s, a, endpoint), *vapid;
    bool secure = strncmp(s->config.public_url, "https://", 8) == 0;
    const char *lines[] = { "Content-Type: application/octet-stream",
                            "Content-Encoding: aes128gcm", "Urgency: normal", NULL, NULL,
                            NULL, NULL };
    unsigned char point[PUSH_POINT], secret[PUSH_AUTH], salt[16];
    struct http_call call = { .url = endpoint, .headers = lines, .max = ANSWER_MAX,
                              .timeout_s = SEND_SECONDS,
                              .private_ok = is_stand_in(s, endpoint) };
    struct push_key own;
    struct http_answer answer;

    *result = (struct send_result) { .error = "no address that push messages go to",
                                     .is_gone = true };
    if (!origin || !s->push.is_set ||
        !push_keys_read(json_string_value(json_object_get(browser, "p256dh")),
                        json_string_value(json_object_get(browser, "auth")), point, secret))
        return SEND_FAILED;
    *result = (struct send_result) { .error = "it could not be encrypted" };
    randombytes_buf(salt, sizeof salt);
    vapid = push_vapid(a, &s->push, origin, secure ? s->config.public_url : "",
                       clock_ms() / 1000);
    if (push_key_new(&own))
        call.bytes = push_encrypt(a, text, point, secret, &own, salt, &call.byte_count);
    if (!vapid || !call.bytes)
        return SEND_FAILED;
    lines[3] = arena_printf(a, "TTL: %d", TTL_SECONDS);
    lines[4] = arena_printf(a, "Topic: %.32s", key);
    lines[5] = arena_printf(a, "Authorization: %s", vapid);
    if (!http_client_call(s->http, a, &call, &answer)) {
        result->error = answer.is_refused ? "its address is not a public one" : answer.error;
        result->is_gone = answer.is_refused;
        return answer.is_refused ? SEND_FAILED : SEND_OUTAGE;
    }
    return answer_read(a, &answer, result);
}
