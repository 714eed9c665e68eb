/* Chooses by what is configured. */
#include "server/services/services.h"

#include "db/base/log.h"
#include "server/services/http_client.h"
#include "server/services/sms.h"

#include <stdlib.h>

static bool is_set(const char *s)
{
    return s && *s;
}

struct services *services_new(const struct services_config *config)
{
    struct services *s = calloc(1, sizeof *s);

    if (!s)
        abort();
    s->config = *config;
    if (!is_set(s->config.whatsapp.url))
        s->config.whatsapp.url = "https://graph.facebook.com";
    if (!is_set(s->config.whatsapp.version))
        s->config.whatsapp.version = "v23.0";
    if (!s->config.public_url)
        s->config.public_url = "";
    s->calls = &services_local;
    if (is_set(config->whatsapp.token) && is_set(config->whatsapp.phone_number_id)) {
        s->calls = sms_is_set(s) ? &services_both : &services_whatsapp;
    } else if (sms_is_set(s)) {
        s->calls = &services_sms;
    }
    s->http = http_client_new();
    if ((s->calls == &services_whatsapp || s->calls == &services_both) &&
        !is_set(config->whatsapp.app_secret))
        log_warn("whatsapp has no app secret: its webhook is refused");
    return s;
}

void services_free(struct services *s)
{
    if (s) {
        http_client_free(s->http);
        switch_free(s->choice);
    }
    free(s);
}

bool services_local_only(const struct services *s)
{
    const struct services_calls *calls = services_now(s)->calls;

    return calls == &services_local || calls == &services_sms;
}

bool services_local_codes(const struct services *s)
{
    return services_now(s)->calls == &services_local;
}
