/* The WhatsApp Cloud API: sending, and loading photos that were sent to us. A photo is
 * two calls: its id gives a URL, valid for minutes, on a host of Meta. The token goes to
 * Meta's hosts and the configured one only. */
#include "server/services/services.h"

#include "db/base/log.h"
#include "db/base/row.h"
#include "server/services/http_client.h"
#include "server/services/whatsapp_error.h"
#include "server/services/whatsapp_message.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ANSWER_MAX = 64 * 1024,
    MEDIA_MAX = 16 * 1024 * 1024,
    SEND_SECONDS = 20,
    MEDIA_SECONDS = 60
};

static bool base_is_loopback(const struct services *s, struct arena *a)
{
    const char *host = http_url_host(a, s->config.whatsapp.url, NULL);

    return host && http_host_is_loopback(host);
}

/* An answer with an error in it, in words and as what to do. */
static enum send_rc answer_error(struct arena *a, const struct http_answer *answer,
                                 const json_t *root, int64_t tries,
                                 struct send_result *result)
{
    const json_t *error = json_object_get(root, "error");
    const json_t *number = json_object_get(error, "code");
    int64_t code = json_is_integer(number) ? json_integer_value(number) : -1;
    enum send_rc rc = whatsapp_error(code, answer->status, tries, result);

    result->error = arena_printf(
        a, "%lld %.200s (HTTP %ld) %.200s", (long long)code, row_text(error, "message"),
        answer->status, row_text(json_object_get(error, "error_data"), "details"));
    return rc;
}

/* One call; `*root` is what it answered, on SEND_DONE a success. */
static enum send_rc api_call(const struct services *s, struct arena *a,
                             struct http_call *call, int64_t tries, json_t **root,
                             struct send_result *result)
{
    struct http_answer answer;

    *root = NULL;
    *result = (struct send_result) { 0 };
    call->bearer = s->config.whatsapp.token;
    call->max = ANSWER_MAX;
    call->timeout_s = SEND_SECONDS;
    call->private_ok = base_is_loopback(s, a);
    if (!http_client_call(s->http, a, call, &answer)) {
        result->error = answer.error;
        return SEND_OUTAGE;
    }
    *root = json_loadb(answer.body, answer.size, 0, NULL);
    if (answer.status == 200 && json_is_object(*root) && !json_object_get(*root, "error"))
        return SEND_DONE;
    return answer_error(a, &answer, *root, tries, result);
}

static enum send_rc body_send(const struct services *s, struct arena *a,
                              json_t *body, const char *key, int64_t tries,
                              struct send_result *result)
{
    struct http_call call = {
        .url = arena_printf(a, "%s/%s/%s/messages", s->config.whatsapp.url,
                            s->config.whatsapp.version,
                            s->config.whatsapp.phone_number_id),
    };
    json_t *root;
    const char *id;
    enum send_rc rc;

    if (body && key && *key)
        json_object_set_new(body, "biz_opaque_callback_data", json_string(key));
    call.json = body ? json_dumps(body, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    *result = (struct send_result) {
        .error = "nothing to send, or nobody to send it to", .is_aside = true
    };
    if (!call.json)
        return SEND_FAILED;
    rc = api_call(s, a, &call, tries, &root, result);
    if (rc != SEND_DONE)
        return rc;
    id = row_text(json_array_get(json_object_get(root, "messages"), 0), "id");
    if (!*id) {
        result->error = "an answer without a message id";
        return SEND_RETRY;
    }
    result->provider_id = id;
    return SEND_DONE;
}

static enum send_rc whatsapp_otp(const struct services *s, struct arena *a,
                                 const struct otp_message *otp,
                                 struct send_result *result)
{
    return body_send(s, a, whatsapp_otp_body(a, otp, s->config.whatsapp.otp_template),
                     otp->key, 0, result);
}

static enum send_rc whatsapp_message(const struct services *s, struct arena *a,
                                     const json_t *message, int64_t tries,
                                     struct send_result *result)
{
    const char *template = s->config.whatsapp.message_template;
    bool outside = row_true(message, "is_outside") && template && *template;

    return body_send(s, a,
                     outside ? whatsapp_template_body(a, message, template)
                             : whatsapp_message_body(a, message, s->config.public_url),
                     row_text(message, "key"), tries, result);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

/* Whether the token may go there. */
static bool host_is_trusted(const struct services *s, struct arena *a, const char *url)
{
    static const char *const meta[] = { ".facebook.com", ".fbsbx.com", ".fbcdn.net",
                                        ".whatsapp.net" };
    const char *base = http_url_host(a, s->config.whatsapp.url, NULL);
    bool is_https = false;
    const char *host = http_url_host(a, url, &is_https);

    if (!host)
        return false;
    if (base && strcmp(base, host) == 0 && (is_https || http_host_is_loopback(host)))
        return true;
    for (size_t i = 0; i < sizeof meta / sizeof *meta; i++)
        if (is_https && ends_with(host, meta[i]))
            return true;
    return false;
}

static enum send_rc media_load(const struct services *s, struct arena *a, const char *url,
                               const char *path, struct send_result *result)
{
    struct http_answer answer;
    struct http_call call = {
        .url = url,
        .bearer = s->config.whatsapp.token,
        .max = MEDIA_MAX,
        .timeout_s = MEDIA_SECONDS,
        .private_ok = base_is_loopback(s, a),
        .file = fopen(path, "wbxe"),
    };
    bool ok;

    if (!call.file) {
        result->error = "the photo's file can't be written";
        return SEND_RETRY;
    }
    ok = http_client_call(s->http, a, &call, &answer);
    if (fclose(call.file) != 0 && ok) {
        result->error = "the photo's file can't be written";
        ok = false;
    } else if (answer.error) {
        result->error = answer.error;
    }
    if (ok && answer.status == 200)
        return SEND_DONE;
    unlink(path);
    if (answer.too_big) {
        result->error = "larger than 16 MB";
        return SEND_FAILED;
    }
    /* Behind a URL that has run out a fresh one is had by asking again. */
    if (answer.status)
        result->error = arena_printf(a, "photo: HTTP %ld", answer.status);
    return SEND_RETRY;
}

static bool id_is_plain(const char *id)
{
    size_t n = strlen(id);

    return n > 0 && n <= 200 &&
           strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz"
                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == n;
}

static enum send_rc whatsapp_media(const struct services *s, struct arena *a,
                                   const char *media_id, const char *path,
                                   struct send_result *result)
{
    struct http_call call = {
        .url = arena_printf(a, "%s/%s/%s?phone_number_id=%s", s->config.whatsapp.url,
                            s->config.whatsapp.version, media_id,
                            s->config.whatsapp.phone_number_id),
    };
    json_t *root;
    const char *url;
    enum send_rc rc;

    *result = (struct send_result) { .error = "an id that can't be one of a photo" };
    if (!id_is_plain(media_id))
        return SEND_FAILED;
    rc = api_call(s, a, &call, 0, &root, result);
    if (rc != SEND_DONE)
        return rc;
    url = row_text(root, "url");
    if (row_int(root, "file_size") > MEDIA_MAX) {
        result->error = "larger than 16 MB";
        return SEND_FAILED;
    }
    if (!host_is_trusted(s, a, url)) {
        result->error = "the photo is on a host that isn't WhatsApp's";
        log_warn("whatsapp media refused host=%s",
                 http_url_host(a, url, NULL) ? http_url_host(a, url, NULL) : "?");
        return SEND_FAILED;
    }
    return media_load(s, a, url, path, result);
}

static enum send_rc whatsapp_check(const struct services *s, struct arena *a,
                                   struct send_result *result)
{
    struct http_call call = {
        .url = arena_printf(a, "%s/%s/%s?fields=display_phone_number,verified_name",
                            s->config.whatsapp.url, s->config.whatsapp.version,
                            s->config.whatsapp.phone_number_id),
    };
    json_t *root;
    enum send_rc rc = SEND_FAILED;

    *result = (struct send_result) { .error = "the phone number id is no number" };
    if (id_is_plain(s->config.whatsapp.phone_number_id))
        rc = api_call(s, a, &call, 0, &root, result);
    if (rc == SEND_DONE)
        result->provider_id = arena_printf(a, "%.80s %.40s", row_text(root, "verified_name"),
                                           row_text(root, "display_phone_number"));
    return rc;
}

const struct services_calls services_whatsapp = { "whatsapp", whatsapp_otp,
                                                  whatsapp_message, whatsapp_media,
                                                  whatsapp_check };
