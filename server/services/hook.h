/* Webhooks that go out: signed, and only to where the configuration allows. */
#ifndef HOOK_SEND_H
#define HOOK_SEND_H

#include "server/services/services.h"

/* Whether the URL may be registered: https, or http into the LAN where that is allowed. */
bool hook_url_may(const struct services *s, struct arena *a, const char *url);

/* "t=SECONDS,v1=HEX": HMAC-SHA-256 by the secret over "SECONDS.BODY". */
const char *hook_signature(struct arena *a, const char *secret, int64_t now_s,
                           const char *body);

struct hook_post {
    const char *url, *secret, *body, *event;
    const char *key; /* of the delivery */
};

enum send_rc hook_send(const struct services *s, struct arena *a,
                       const struct hook_post *post, struct send_result *result);

#endif
