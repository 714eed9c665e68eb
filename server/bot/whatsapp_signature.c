/* HMAC-SHA256 over the bytes as they came: a body that was parsed and written again would
 * not have Meta's signature. */
#include "server/bot/whatsapp_signature.h"

#include <sodium.h>
#include <string.h>

bool whatsapp_signature_formed(const char *header)
{
    return header && strncmp(header, "sha256=", 7) == 0 && strlen(header) == 7 + 64 &&
           strspn(header + 7, "0123456789abcdef") == 64;
}

bool whatsapp_signature_ok(const char *secret, const char *header, const void *body,
                           size_t n)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[sizeof mac * 2 + 1];
    crypto_auth_hmacsha256_state state;

    if (!secret || !*secret || !whatsapp_signature_formed(header))
        return false;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, body, n);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    return sodium_memcmp(hex, header + 7, sizeof hex - 1) == 0;
}
