/* The embedded default: a message counts as done once the outbox page can show it. */
#include "server/services/services.h"

#include "db/base/log.h"

static enum send_rc local_otp(const struct services *s, struct arena *a,
                              const struct otp_message *otp, struct send_result *result)
{
    (void)a;
    *result = (struct send_result) { 0 };
    if (s->config.log_otp)
        log_info("otp to=%s code=%s", otp->mobile, otp->code);
    return SEND_DONE;
}

static enum send_rc local_message(const struct services *s, struct arena *a,
                                  const json_t *message, int64_t tries,
                                  struct send_result *result)
{
    (void)s;
    (void)a;
    (void)message;
    (void)tries;
    *result = (struct send_result) { 0 };
    return SEND_DONE;
}

static enum send_rc local_media(const struct services *s, struct arena *a,
                                const char *media_id, const char *path,
                                struct send_result *result)
{
    (void)s;
    (void)a;
    (void)media_id;
    (void)path;
    *result = (struct send_result) { .error = "no WhatsApp account is configured" };
    return SEND_FAILED;
}

static enum send_rc local_check(const struct services *s, struct arena *a,
                                struct send_result *result)
{
    (void)s;
    (void)a;
    *result = (struct send_result) { .error = "no WhatsApp account is configured" };
    return SEND_FAILED;
}

const struct services_calls services_local = { "local", local_otp, local_message,
                                               local_media, local_check };
