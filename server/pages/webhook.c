/* WhatsApp's webhook (WA-8): the signature is checked over the raw bytes, what came is
 * stored, the answer is 200; the worker does the rest. */
#include "server/pages/pages.h"

#include "server/bot/bot.h"
#include "server/bot/whatsapp_signature.h"
#include "server/jobs/worker.h"

#include "db/base/log.h"

#include <sodium.h>
#include <string.h>

static const struct services_config *config_of(const struct req *r)
{
    return &services_now(r->app->services)->config;
}

/* The parameters' names have a dot in them. */
static int whatsapp_verify(struct req *r)
{
    const char *token = config_of(r)->whatsapp.verify_token;
    const char *given = req_text(r, "hub.verify_token");
    const char *challenge = req_text(r, "hub.challenge");

    if (!token || !*token || !req_is(r, "hub.mode", "subscribe") ||
        strlen(token) != strlen(given) || sodium_memcmp(token, given, strlen(token)) != 0)
        return reply_error(r, 403);
    return reply_bytes(r, 200, "text/plain; charset=utf-8", challenge, strlen(challenge),
                       NULL);
}

/* What has no signature, or two, is not even read. */
static int whatsapp_gate(struct req *r)
{
    const char *secret = config_of(r)->whatsapp.app_secret;

    if (secret && *secret && req_header_count(r, "X-Hub-Signature-256") == 1 &&
        whatsapp_signature_formed(req_header(r, "X-Hub-Signature-256")))
        return 0;
    log_warn("webhook without signature client=%s", r->client);
    return reply_error(r, 403);
}

static int whatsapp_receive(struct req *r)
{
    const char *secret = config_of(r)->whatsapp.app_secret;
    struct bot_received got = { 0 };

    if (!secret || !*secret ||
        !whatsapp_signature_ok(secret, req_header(r, "X-Hub-Signature-256"), r->raw,
                               r->raw_size)) {
        log_warn("webhook signature refused client=%s", r->client);
        return reply_error(r, 403);
    }
    switch (bot_receive(r->db, r->raw, r->raw_size, &got)) {
    case DB_OK: break;
    case DB_NONE: return reply_error(r, 400);
    default: return reply_error(r, db_full(r->db) ? 503 : 500);
    }
    worker_wake(r->app->worker);
    return reply_bytes(r, 200, "text/plain; charset=utf-8", "ok\n", 3, NULL);
}

static const struct field verify_fields[] = {
    { "hub.mode", FIELD_TEXT, .max = 20 },
    { "hub.verify_token", FIELD_TEXT, .max = 200 },
    { "hub.challenge", FIELD_TEXT, .max = 200 },
    { 0 }
};

const struct route webhook_routes[] = {
    { GET, "/webhooks/whatsapp", MOD_NONE, PUBLIC, whatsapp_verify, verify_fields,
      "WhatsApp's first call" },
    { POST, "/webhooks/whatsapp", MOD_NONE, PUBLIC, whatsapp_receive, NULL,
      "Messages and statuses from WhatsApp, signed", .is_raw = true,
      .gate = whatsapp_gate },
    { 0 }
};
