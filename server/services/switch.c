/* A provider that hands each call on to the newest set of services. A set, once made, is
 * never changed; the sets are a chain, freed at the end. */
#include "server/services/switch.h"

#include "db/base/log.h"
#include "db/service.h"
#include "server/services/http_client.h"
#include "server/services/push_key.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct services_config, member)

const struct service_field service_fields[] = {
    { "whatsapp", "token", "INVICHAT_WHATSAPP_TOKEN", true, true },
    { "whatsapp", "phone_number_id", "INVICHAT_WHATSAPP_PHONE_NUMBER_ID", false, true },
    { "whatsapp", "app_secret", "INVICHAT_WHATSAPP_APP_SECRET", true, true },
    { "whatsapp", "verify_token", "INVICHAT_WHATSAPP_VERIFY_TOKEN", true, true },
    { "whatsapp", "otp_template", "INVICHAT_WHATSAPP_OTP_TEMPLATE", false, false },
    { "whatsapp", "message_template", "INVICHAT_WHATSAPP_MESSAGE_TEMPLATE", false, false },
    { "sms", "url", "INVICHAT_SMS_URL", false, true },
    { "sms", "body", "INVICHAT_SMS_BODY", false, false },
    { "sms", "header", "INVICHAT_SMS_HEADER", false, false },
    { "sms", "key", "INVICHAT_SMS_KEY", true, false },
    { "sms", "expected", "INVICHAT_SMS_EXPECTED", false, false },
    { 0 }
};

/* Where the fields go, in their order. */
static const size_t places[] = { AT(whatsapp.token), AT(whatsapp.phone_number_id),
                                 AT(whatsapp.app_secret), AT(whatsapp.verify_token),
                                 AT(whatsapp.otp_template), AT(whatsapp.message_template),
                                 AT(sms.url), AT(sms.body), AT(sms.header), AT(sms.key),
                                 AT(sms.expected) };

struct set {
    struct arena *arena;
    struct services *services;
    struct set *before;
};

struct services_switch {
    _Atomic(struct set *) now;
    pthread_mutex_t lock; /* of those who make a new set */
    unsigned char key[32];
};

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

const char *service_env(const struct service_field *f)
{
    return env(f->env);
}

/* What can be set goes over what is fixed. */
static bool config_read(struct arena *a, struct db *db, const struct services_switch *w,
                        struct services_config *c)
{
    const char *service = "";
    json_t *values = NULL;

    for (size_t i = 0; service_fields[i].service; i++) {
        const char *set = env(service_fields[i].env);
        const json_t *stored;

        if (strcmp(service, service_fields[i].service) != 0) {
            service = service_fields[i].service;
            if (service_values(db, w->key, service, &values) != DB_OK)
                return false;
        }
        stored = json_object_get(values, service_fields[i].name);

        if (json_is_null(stored) && !*set)
            log_warn("service secret of another key service=%s name=%s",
                     service_fields[i].service, service_fields[i].name);
        if (!*set && json_is_string(stored))
            set = json_string_value(stored);
        *(const char **)(void *)((char *)c + places[i]) = arena_dup(a, set);
    }
    return true;
}

bool services_reload(const struct services *s, struct db *db)
{
    struct services_switch *w = s->choice;
    struct set *set = calloc(1, sizeof *set);
    struct services_config config = s->config;

    if (!set)
        abort();
    set->arena = arena_new();
    if (!config_read(set->arena, db, w, &config)) {
        arena_free(set->arena);
        free(set);
        return false;
    }
    set->services = services_new(&config);
    pthread_mutex_lock(&w->lock);
    set->before = atomic_load(&w->now);
    atomic_store(&w->now, set);
    pthread_mutex_unlock(&w->lock);
    return true;
}

const struct services *services_now(const struct services *s)
{
    return s->choice ? atomic_load(&s->choice->now)->services : s;
}

static enum send_rc now_otp(const struct services *s, struct arena *a,
                            const struct otp_message *otp, struct send_result *result)
{
    s = services_now(s);
    return s->calls->otp(s, a, otp, result);
}

static enum send_rc now_message(const struct services *s, struct arena *a,
                                const json_t *message, int64_t tries,
                                struct send_result *result)
{
    s = services_now(s);
    return s->calls->message(s, a, message, tries, result);
}

static enum send_rc now_media(const struct services *s, struct arena *a,
                              const char *media_id, const char *path,
                              struct send_result *result)
{
    s = services_now(s);
    return s->calls->media(s, a, media_id, path, result);
}

static enum send_rc now_check(const struct services *s, struct arena *a,
                              struct send_result *result)
{
    s = services_now(s);
    return s->calls->check(s, a, result);
}

static const struct services_calls services_switch = { "switch", now_otp, now_message,
                                                       now_media, now_check };

struct services *services_open(struct db *db, const unsigned char key[32],
                               const struct services_config *fixed)
{
    struct services *s = calloc(1, sizeof *s);
    struct services_switch *w = calloc(1, sizeof *w);

    if (!s || !w)
        abort();
    memcpy(w->key, key, sizeof w->key);
    pthread_mutex_init(&w->lock, NULL);
    s->calls = &services_switch;
    s->config = *fixed;
    s->http = http_client_new();
    s->choice = w;
    s->key = w->key;
    if (!push_key_load(db, key, &s->push))
        log_warn("no push messages");
    if (services_reload(s, db))
        return s;
    services_free(s);
    return NULL;
}

void switch_free(struct services_switch *w)
{
    struct set *set = w ? atomic_load(&w->now) : NULL;

    while (set) {
        struct set *before = set->before;

        services_free(set->services);
        arena_free(set->arena);
        free(set);
        set = before;
    }
    if (w)
        pthread_mutex_destroy(&w->lock);
    free(w);
}
