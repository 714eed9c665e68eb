/* Any gateway that takes one call a message: the admin gives its address, and where in it
 * number and code go. Values are encoded for where they stand. */
#include "server/services/sms.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "server/services/http_client.h"

#include <string.h>

enum { ANSWER_MAX = 16 * 1024, SEND_SECONDS = 20, CALL_MAX = 8192 };

enum place { IN_URL, IN_JSON, IN_HEADER };

struct words {
    const char *name, *value;
};

static void value_add(struct buf *b, const char *value, enum place place)
{
    if (place == IN_URL) {
        buf_url(b, value, strlen(value));
        return;
    }
    for (; *value; value++) {
        if ((unsigned char)*value < ' ')
            buf_puts(b, " ");
        else if (place == IN_JSON && strchr("\"\\", *value))
            buf_printf(b, "\\%c", *value);
        else
            buf_putc(b, *value);
    }
}

/* {name} becomes its value; any other brace stays. */
static const char *filled(struct arena *a, const char *pattern, const struct words *words,
                          enum place place)
{
    struct buf b = buf_new(a, 256, CALL_MAX);

    for (const char *c = pattern; *c; c++) {
        const struct words *w = words;

        while (w->name && (*c != '{' || strncmp(c + 1, w->name, strlen(w->name)) != 0 ||
                           c[1 + strlen(w->name)] != '}'))
            w++;
        if (w->name) {
            value_add(&b, w->value, place);
            c += strlen(w->name) + 1;
        } else {
            buf_putc(&b, *c);
        }
    }
    return buf_str(&b);
}

static bool is_set(const char *s)
{
    return s && *s;
}

bool sms_is_set(const struct services *s)
{
    return is_set(s->config.sms.url);
}

static bool url_is_loopback(struct arena *a, const char *url)
{
    const char *host = http_url_host(a, url, NULL);

    return host && http_host_is_loopback(host);
}

/* 2xx, and the words that the gateway says when it took it. */
static enum send_rc answer_read(const struct services *s, struct arena *a,
                                const struct http_answer *answer, struct send_result *result)
{
    const char *expected = s->config.sms.expected;

    if (answer->status / 100 == 2 && (!is_set(expected) || strstr(answer->body, expected))) {
        result->provider_id = arena_printf(a, "sms:%lld", (long long)clock_ms());
        return SEND_DONE;
    }
    result->error = arena_printf(a, "SMS gateway: HTTP %ld %.120s", answer->status,
                                 answer->body);
    result->is_alert = true;
    return answer->status == 429 || answer->status >= 500 ? SEND_RETRY : SEND_FAILED;
}

enum send_rc sms_otp(const struct services *s, struct arena *a, const struct otp_message *otp,
                     struct send_result *result)
{
    const char *number = *otp->mobile == '+' ? otp->mobile + 1 : otp->mobile;
    const char *key = is_set(s->config.sms.key) ? s->config.sms.key : "";
    size_t n = strlen(number);
    const struct words words[] = { { "to", number },
                                   { "to10", n > 10 ? number + n - 10 : number },
                                   { "code", otp->code },
                                   { "text", otp->text },
                                   { "key", key },
                                   { NULL, NULL } };
    const char *body = is_set(s->config.sms.body) ? s->config.sms.body : NULL;
    const char *header = is_set(s->config.sms.header) ? s->config.sms.header : NULL;
    const char *headers[] = { header ? filled(a, header, words, IN_HEADER) : NULL, NULL };
    struct http_call call = {
        .url = filled(a, s->config.sms.url, words, IN_URL),
        .json = body ? filled(a, body, words, IN_JSON) : NULL,
        .headers = headers,
        .max = ANSWER_MAX,
        .timeout_s = SEND_SECONDS,
        .private_ok = url_is_loopback(a, s->config.sms.url),
    };
    struct http_answer answer;

    *result = (struct send_result) { 0 };
    if (http_client_call(s->http, a, &call, &answer))
        return answer_read(s, a, &answer, result);
    result->error = answer.error;
    return SEND_OUTAGE;
}

/* Without WhatsApp only codes are sent. */
static enum send_rc sms_message(const struct services *s, struct arena *a,
                                const json_t *message, int64_t tries,
                                struct send_result *result)
{
    return services_local.message(s, a, message, tries, result);
}

static enum send_rc sms_media(const struct services *s, struct arena *a,
                              const char *media_id, const char *path,
                              struct send_result *result)
{
    return services_local.media(s, a, media_id, path, result);
}

static enum send_rc sms_check(const struct services *s, struct arena *a,
                              struct send_result *result)
{
    return services_local.check(s, a, result);
}

const struct services_calls services_sms = { "sms", sms_otp, sms_message, sms_media,
                                             sms_check };

/* WhatsApp first where it has a template for codes; SMS for whom it can't reach. */
static enum send_rc both_otp(const struct services *s, struct arena *a,
                             const struct otp_message *otp, struct send_result *result)
{
    enum send_rc rc = SEND_FAILED;

    if (is_set(s->config.whatsapp.otp_template))
        rc = services_whatsapp.otp(s, a, otp, result);
    return rc == SEND_FAILED ? sms_otp(s, a, otp, result) : rc;
}

static enum send_rc both_message(const struct services *s, struct arena *a,
                                 const json_t *message, int64_t tries,
                                 struct send_result *result)
{
    return services_whatsapp.message(s, a, message, tries, result);
}

static enum send_rc both_media(const struct services *s, struct arena *a,
                               const char *media_id, const char *path,
                               struct send_result *result)
{
    return services_whatsapp.media(s, a, media_id, path, result);
}

static enum send_rc both_check(const struct services *s, struct arena *a,
                               struct send_result *result)
{
    return services_whatsapp.check(s, a, result);
}

const struct services_calls services_both = { "whatsapp and sms", both_otp, both_message,
                                              both_media, both_check };
