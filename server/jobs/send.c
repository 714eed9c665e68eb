/* A refusal is the message's own matter; an outage is its provider's, and uses up none of
 * the message's tries. */
#include "server/jobs/send.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/hook.h"
#include "db/notify.h"
#include "db/push.h"
#include "db/setting.h"
#include "db/webhook.h"
#include "server/services/hook.h"
#include "server/services/push.h"
#include "server/services/seal.h"

#include <stdlib.h>
#include <string.h>

enum {
    OUTAGE_MAX_MS = 5 * 60 * 1000,
    OTP_OUTAGE_MAX_MS = 20 * 1000,
    HOOK_OUTAGE_MAX_MS = 60 * 60 * 1000,
    ALERT_MS = 60 * 60 * 1000
};

/* What stands behind "hook:" or "push:" of the recipient. */
static int64_t recipient_id(const json_t *job)
{
    const char *colon = strchr(row_text(job, "recipient"), ':');

    return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

static void alert_admins(struct sender *s, struct db *db, const char *error)
{
    int64_t now = clock_ms();
    enum db_rc rc;

    if (s->alerted_ms && now - s->alerted_ms < ALERT_MS)
        return;
    s->alerted_ms = now;
    db_begin(db);
    rc = notify_admins(db, "notify.sending_stopped", json_pack("{s:s}", "error", error),
                       "/admin/outbox");
    if (db_end(db, rc) != DB_OK)
        log_warn("worker alert not stored");
}

/* A code is of no use when it comes late; an account's own address may stay away for
 * days. */
static int64_t outage_most(enum job_lane lane)
{
    return lane == JOB_OTPS    ? OTP_OUTAGE_MAX_MS
           : lane == JOB_HOOKS ? HOOK_OUTAGE_MAX_MS
                               : OUTAGE_MAX_MS;
}

static enum db_rc send_book(struct sender *s, struct db *db, const json_t *job,
                            enum send_rc rc, const struct send_result *result)
{
    int64_t id = row_int(job, "id"), wait = result->wait_ms;
    const char *error = result->error ? result->error : "";

    if (rc != SEND_DONE)
        log_warn("worker job=%lld rc=%d cause=%.200s", (long long)id, (int)rc, error);
    if (result->is_alert)
        alert_admins(s, db, error);
    switch (rc) {
    case SEND_DONE: return job_done(db, id, result->provider_id);
    case SEND_FAILED: return job_refused(db, id, result->is_aside, error);
    case SEND_RETRY: break;
    case SEND_OUTAGE: return job_outage(db, id, wait, outage_most(s->lane), error);
    }
    return wait ? job_retry(db, id, wait, true, error) : job_refused(db, id, false, error);
}

static enum db_rc otp_send_job(struct sender *s, struct db *db, const json_t *job)
{
    const struct services *services = s->config->services;
    const json_t *p = json_object_get(job, "payload_json");
    struct arena *a = db_arena(db);
    struct otp_message otp = { .mobile = row_text(job, "recipient"),
                               .code = row_text(p, "code"),
                               .lang = row_text(p, "lang"),
                               .key = row_text(job, "key") };
    struct send_result result;
    enum send_rc rc;

    otp.text = text_get(s->config->texts, a, otp.lang, "bot.otp", 0,
                        json_pack("{s:s, s:s}", "code", otp.code, "site", setting_name(db)));
    rc = services->calls->otp(services, a, &otp, &result);
    return send_book(s, db, job, rc, &result);
}

/* The words of a text key, in the language it was added with. */
static const char *words_of(struct sender *s, struct arena *a, const json_t *p)
{
    return text_get(s->config->texts, a, row_text(p, "lang"), row_text(p, "text_key"),
                    clock_zone_minutes("Asia/Kolkata"), json_object_get(p, "args"));
}

/* The words, and where they lead. */
static const char *body_of(struct sender *s, struct arena *a, const json_t *p)
{
    const char *words = words_of(s, a, p), *href = row_text(p, "href");
    const char *origin = s->config->services->config.public_url;

    return *href && origin && *origin ? arena_printf(a, "%s\n%s%s", words, origin, href)
                                      : words;
}

/* True: the recipient has not written for so long that WhatsApp takes only a template. The
 * last minutes are not counted: the message is under way for a while. */
static bool is_outside(struct db *db, const char *to)
{
    int64_t heard;

    return webhook_heard(db, "whatsapp", *to == '+' ? to + 1 : to, &heard) == DB_OK &&
           heard < clock_ms() - CLOCK_DAY + 10 * CLOCK_MINUTE;
}

static const json_t *message_of(struct sender *s, struct db *db, const json_t *job)
{
    json_t *m = json_copy(json_object_get(job, "payload_json"));

    json_object_set(m, "key", json_object_get(job, "key"));
    if (*row_text(m, "text_key"))
        json_object_set_new(m, "body", json_string(body_of(s, db_arena(db), m)));
    json_object_set_new(m, "is_outside", json_boolean(is_outside(db, row_text(m, "to"))));
    json_object_set_new(m, "from", json_string(setting_name(db)));
    return m;
}

static enum db_rc message_send(struct sender *s, struct db *db, const json_t *job)
{
    const struct services *services = s->config->services;
    struct arena *a = db_arena(db);
    const json_t *message = message_of(s, db, job);
    struct send_result result;
    enum send_rc rc;

    db_release(db);
    rc = services->calls->message(services, a, message, row_int(job, "tries"), &result);
    return send_book(s, db, job, rc, &result);
}

static enum db_rc push_drop(struct db *db, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = push_forget(db, id);
    return db_end(db, rc);
}

static enum db_rc push_job(struct sender *s, struct db *db, const json_t *job)
{
    const json_t *p = json_object_get(job, "payload_json");
    int64_t id = recipient_id(job);
    struct arena *a = db_arena(db);
    struct send_result result;
    json_t *browser, *content;
    enum db_rc found = push_find(db, id, &browser);
    enum send_rc rc;

    if (found == DB_NONE)
        return push_drop(db, id);
    if (found != DB_OK)
        return found;
    db_release(db);
    content = json_pack("{s:s, s:s, s:s}", "body", words_of(s, a, p), "url",
                        row_text(p, "href"), "id", row_text(job, "key"));
    rc = push_send(s->config->services, a, browser, json_dumps(content, JSON_COMPACT),
                   row_text(job, "key"), &result);
    return result.is_gone ? push_drop(db, id) : send_book(s, db, job, rc, &result);
}

/* With its own id, by which the other side tells a delivery that comes twice. */
static const char *hook_body(const json_t *job)
{
    json_t *body = json_pack("{s:s}", "id", row_text(job, "key"));

    json_object_update(body, json_object_get(job, "payload_json"));
    return json_dumps(body, JSON_COMPACT);
}

static enum send_rc hook_post(struct sender *s, struct db *db, const json_t *job,
                              const json_t *hook, struct send_result *result)
{
    const struct services *services = s->config->services;
    struct arena *a = db_arena(db);
    struct hook_post post = {
        .url = row_text(hook, "url"), .key = row_text(job, "key"), .body = hook_body(job),
        .event = row_text(json_object_get(job, "payload_json"), "event")
    };

    *result = (struct send_result) { .error = "its secret was sealed with another key" };
    if (services->key)
        post.secret = seal_open(a, services->key, row_text(hook, "secret"));
    if (!post.secret || !post.body)
        return SEND_FAILED;
    db_release(db);
    return hook_send(services, a, &post, result);
}

static enum db_rc hook_job(struct sender *s, struct db *db, const json_t *job)
{
    int64_t id = recipient_id(job);
    struct send_result result;
    enum db_rc booked;
    enum send_rc rc;
    json_t *hook;

    if (hook_route(db, id, &hook) != DB_OK)
        return DB_ERR;
    if (strcmp(row_text(hook, "state"), "on") != 0)
        return job_failed(db, row_int(job, "id"), "the address was switched off");
    rc = hook_post(s, db, job, hook, &result);
    booked = send_book(s, db, job, rc, &result);
    if ((rc == SEND_DONE ? hook_worked(db, id) : hook_failed(db, id)) != DB_OK)
        log_warn("worker hook=%lld not noted", (long long)id);
    return booked;
}

enum db_rc send_job(struct sender *s, struct db *db, const json_t *job)
{
    switch (s->lane) {
    case JOB_OTPS: return otp_send_job(s, db, job);
    case JOB_MESSAGES: return message_send(s, db, job);
    case JOB_PUSHES: return push_job(s, db, job);
    case JOB_HOOKS: return hook_job(s, db, job);
    case JOB_WORK: break;
    }
    return DB_ERR;
}
