/* The outside world behind a struct of functions, chosen by the configuration: `local`,
 * the default, where the admin's outbox page shows what would have been sent, or
 * `whatsapp`, and for codes an SMS gateway. */
#ifndef SERVICES_H
#define SERVICES_H

#include "db/base/arena.h"

#include "server/services/push_key.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* As configured; texts may be NULL or "" for "not set". They must outlive the services.
 */
struct services_config {
    struct {
        const char *url;   /* default https://graph.facebook.com */
        const char *token; /* set: WhatsApp is used */
        const char *phone_number_id;
        const char *app_secret;   /* of the webhook's signature */
        const char *verify_token; /* of the webhook's first call */
        const char *otp_template; /* name of the authentication template; else text */
        /* Name of the utility template that carries what is said to who has not written for a
         * day: {{1}} the installation's name, {{2}} the message; else text, which WhatsApp
         * refuses then. In each language that is offered. */
        const char *message_template;
        const char *version; /* default v23.0 */
    } whatsapp;
    /* {to} 919812345678, {to10} 9812345678, {code}, {text}, {key} stand for their values. */
    struct {
        const char *url;      /* set: codes go by SMS; https, or this machine's */
        const char *body;     /* JSON to POST; else a GET */
        const char *header;   /* "authkey: {key}" */
        const char *key;
        const char *expected; /* words in the answer when it was taken */
    } sms;
    const char *push_url; /* a push service that stands in for the browsers' own; "" none */
    bool hooks_lan, hooks_any; /* webhooks may go into the LAN; to this machine too */
    const char *public_url; /* without a slash at the end; pictures are sent by link */
    bool log_otp;           /* local: log each OTP ("otp to=+91... code=123456") */
};

/* What became of something sent. FAILED: it was refused for what it is or whom it is for.
 * OUTAGE: the provider or the network is down, or it refuses us altogether: nothing else
 * is worth trying until it is over. */
enum send_rc { SEND_DONE, SEND_RETRY, SEND_FAILED, SEND_OUTAGE };

struct send_result {
    const char *provider_id; /* NULL: shown in the outbox only */
    const char *error;       /* in words, for the admin */
    int64_t wait_ms;         /* before trying again; 0: the caller's choice */
    bool is_alert;           /* somebody has to put it right: the admin is told */
    bool is_aside;           /* refused for what is in it: the next may get through */
    bool is_gone;            /* the recipient is no more */
};

struct otp_message {
    const char *mobile, *code, *lang;
    const char *text; /* the whole sentence, in that language */
    const char *key;  /* tells a second sending of the same from a new one */
};

struct services;

/* Any thread. Results are of the arena. `tries`: made before. */
struct services_calls {
    const char *name;
    enum send_rc (*otp)(const struct services *s, struct arena *a,
                        const struct otp_message *otp, struct send_result *result);
    /* {to: "+91..." or a user id, type: text|image|buttons|list, body, buttons: [{id,
     * title}], button, rows: [{id, title, description}], image_photo, key, lang; is_outside:
     * the recipient has not written for a day; from: the installation's name}; what is
     * longer than WhatsApp allows is cut. */
    enum send_rc (*message)(const struct services *s, struct arena *a,
                            const json_t *message, int64_t tries,
                            struct send_result *result);
    /* Loads a photo that was sent to us into the new file `path`, at most 16 MB. */
    enum send_rc (*media)(const struct services *s, struct arena *a, const char *media_id,
                          const char *path, struct send_result *result);
    /* Asks the provider whether it knows us, without sending anything: SEND_DONE, and
     * provider_id is who it says we are. */
    enum send_rc (*check)(const struct services *s, struct arena *a,
                          struct send_result *result);
};

struct http_client;
struct services_switch;

struct services {
    const struct services_calls *calls;
    struct services_config config;  /* with the defaults filled in */
    struct http_client *http;
    struct push_key push;           /* of this installation, see push.h; not set: no push */
    const unsigned char *key;       /* of the key file, for what is sealed; NULL: none */
    struct services_switch *choice; /* of switch.h; NULL: these are always the ones */
};

/* Once, before threads are started. */
struct services *services_new(const struct services_config *config);
void services_free(struct services *s);

/* Those that are current, for their config and name; `s` itself unless it is a switch. */
const struct services *services_now(const struct services *s);
void switch_free(struct services_switch *choice);

/* True while messages are only shown in the outbox; the same for codes. */
bool services_local_only(const struct services *s);
bool services_local_codes(const struct services *s);

extern const struct services_calls services_local, services_whatsapp;

#endif
