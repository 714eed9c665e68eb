/* What the other side answers counts by its status alone. */
#include "server/services/hook.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "server/services/http_client.h"

#include <sodium.h>
#include <string.h>

enum { SEND_SECONDS = 10, ANSWER_MAX = 16 * 1024 };

static struct http_call call_of(const struct services *s, const char *url)
{
    return (struct http_call) { .url = url, .max = ANSWER_MAX, .timeout_s = SEND_SECONDS,
                                .private_ok = s->config.hooks_any,
                                .lan_ok = s->config.hooks_lan };
}

bool hook_url_may(const struct services *s, struct arena *a, const char *url)
{
    struct http_call call = call_of(s, url);

    return strcspn(url, " \t\r\n\"<>\\") == strlen(url) && http_url_may(a, &call);
}

const char *hook_signature(struct arena *a, const char *secret, int64_t now_s,
                           const char *body)
{
    const char *signed_text = arena_printf(a, "%lld.%s", (long long)now_s, body);
    crypto_auth_hmacsha256_state state;
    unsigned char mac[32];

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)signed_text,
                                  strlen(signed_text));
    crypto_auth_hmacsha256_final(&state, mac);
    return arena_printf(a, "t=%lld,v1=%s", (long long)now_s, text_hex(a, mac, 32));
}

enum send_rc hook_send(const struct services *s, struct arena *a,
                       const struct hook_post *post, struct send_result *result)
{
    const char *signature = hook_signature(a, post->secret, clock_ms() / 1000, post->body);
    const char *lines[] = {
        arena_printf(a, "X-InviChat-Signature: %s", signature),
        arena_printf(a, "X-InviChat-Event: %s", post->event),
        arena_printf(a, "Idempotency-Key: %s", post->key), NULL
    };
    struct http_call call = call_of(s, post->url);
    struct http_answer answer;

    call.json = post->body;
    call.headers = lines;
    *result = (struct send_result) { 0 };
    if (!http_client_call(s->http, a, &call, &answer)) {
        result->error = answer.is_refused ? "its address is not one that may be called"
                                          : answer.error;
        return answer.is_refused ? SEND_FAILED : SEND_OUTAGE;
    }
    if (answer.status >= 200 && answer.status < 300)
        return SEND_DONE;
    result->error = arena_printf(a, "HTTP %ld", answer.status);
    if (answer.status == 429 || answer.status == 408 || answer.status >= 500)
        return SEND_OUTAGE;
    return SEND_FAILED;
}
