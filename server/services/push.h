/* Browser push: RFC 8030 with the content of RFC 8291 (aes128gcm), signed by RFC 8292. */
#ifndef PUSH_SEND_H
#define PUSH_SEND_H

#include "server/services/services.h"

enum { PUSH_TEXT_MAX = 3000, PUSH_POINT = 65, PUSH_AUTH = 16 };

/* What a browser said of itself, from base64url (padding is taken); false when it can't be
 * right: lengths, or a point that isn't on the curve. */
bool push_keys_read(const char *p256dh, const char *auth, unsigned char point[PUSH_POINT],
                    unsigned char secret[PUSH_AUTH]);

/* The body of a message: header and the one record. `own` is a pair for this message
 * alone, `salt` 16 random bytes. NULL when it can't be encrypted. */
const unsigned char *push_encrypt(struct arena *a, const char *text,
                                  const unsigned char point[PUSH_POINT],
                                  const unsigned char secret[PUSH_AUTH],
                                  const struct push_key *own,
                                  const unsigned char salt[16], size_t *size);

/* The Authorization header's value: a token for the push service at `origin`, valid for
 * 12 hours from `now_s`. `subject` "" : none. NULL on failure. */
const char *push_vapid(struct arena *a, const struct push_key *key, const char *origin,
                       const char *subject, int64_t now_s);

/* "https://host" (with its port) of an endpoint that we may send to: https, or the stand-in
 * of the configuration. NULL for any other. */
const char *push_origin(const struct services *s, struct arena *a, const char *endpoint);

/* Sends the JSON text to the browser {endpoint, p256dh, auth}; `is_gone` when it takes no
 * more. */
enum send_rc push_send(const struct services *s, struct arena *a, const json_t *browser,
                       const char *text, const char *key, struct send_result *result);

#endif
