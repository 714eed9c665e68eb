/* nonce, then the box of XSalsa20-Poly1305; the key is made from the file's, so that it is
 * used for nothing else. */
#include "server/services/seal.h"

#include "db/base/text.h"

#include <sodium.h>
#include <string.h>

enum { HEAD = crypto_secretbox_NONCEBYTES, EXTRA = HEAD + crypto_secretbox_MACBYTES };

static void key_derive(const unsigned char key[32], unsigned char out[32])
{
    static const unsigned char use[] = "sealed secrets";

    crypto_generichash(out, 32, use, sizeof use - 1, key, 32);
}

const char *seal_text(struct arena *a, const unsigned char key[32], const char *text)
{
    size_t n = strlen(text);
    unsigned char *out = arena_alloc(a, n + EXTRA, 1), own[32];

    key_derive(key, own);
    randombytes_buf(out, HEAD);
    crypto_secretbox_easy(out + HEAD, (const unsigned char *)text, n, out, own);
    sodium_memzero(own, sizeof own);
    return text_base64url(a, out, n + EXTRA);
}

const char *seal_open(struct arena *a, const unsigned char key[32], const char *sealed)
{
    size_t most = strlen(sealed), n;
    unsigned char *in = arena_alloc(a, most + 1, 1), own[32];
    unsigned char *out = arena_alloc(a, most + 1, 1);
    int rc;

    if (sodium_base642bin(in, most, sealed, most, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        n < EXTRA)
        return NULL;
    key_derive(key, own);
    rc = crypto_secretbox_open_easy(out, in + HEAD, n - HEAD, in, own);
    sodium_memzero(own, sizeof own);
    return rc == 0 ? (const char *)out : NULL;
}
