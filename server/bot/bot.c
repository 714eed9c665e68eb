/* In: every message is stored under its id before the webhook is answered. Out: a message
 * is handled in one transaction with the dialogue's new state, the replies, and the end
 * of its job; what is slow (loading a photo) happens before it. A wrong code is the one
 * thing that must stay although its transaction is undone: it is judged again by itself,
 * so that the try counts, and the message is handled once more with that known. */
#include "server/bot/bot.h"

#include "server/bot/bot_internal.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/job.h"
#include "db/otp.h"
#include "db/webhook.h"

#include <string.h>

#define STALE_MS CLOCK_DAY /* after it nobody may be answered, and nobody waits for it   \
                            */

static const char source[] = "whatsapp";

/* --- in --- */

static enum db_rc message_store(struct db *db, const struct whatsapp_message *m,
                                int64_t now, struct bot_received *out)
{
    int64_t sent = m->sent_ms ? m->sent_ms : now;
    bool is_work = *m->chat && m->kind != WHATSAPP_SILENT && sent > now - STALE_MS;
    const struct webhook_item item = { source, m->id, m->chat, whatsapp_message_pack(m),
                                       sent };
    enum db_rc rc = webhook_store(db, &item, is_work);

    out->stored += rc == DB_OK && is_work;
    out->ignored += rc == DB_OK && !is_work;
    out->known += rc == DB_NONE;
    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc status_store(struct db *db, const struct whatsapp_status *s,
                               int64_t now, struct bot_received *out)
{
    const struct webhook_item item = {
        source, arena_printf(db_arena(db), "%s:%s", s->id, s->status), "",
        json_pack("{s:s}", "error", s->error), s->sent_ms ? s->sent_ms : now
    };
    enum db_rc rc = webhook_store(db, &item, false);

    out->known += rc == DB_NONE;
    if (rc == DB_OK) {
        out->status++;
        if (*s->key)
            job_sent(db, s->key, s->id);
        rc = job_status(db, s->id, s->status, s->error);
    }
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc bot_receive(struct db *db, const char *body, size_t n,
                       struct bot_received *out)
{
    struct whatsapp_batch batch;
    int64_t now = clock_ms();
    enum db_rc rc = DB_OK;

    *out = (struct bot_received) { 0 };
    if (!whatsapp_parse(db_arena(db), body, n, &batch))
        return DB_NONE;
    out->ignored = (int)batch.ignored;
    if (batch.message_count + batch.status_count == 0)
        return DB_OK;
    db_begin(db);
    for (size_t i = 0; i < batch.message_count && rc == DB_OK; i++)
        rc = message_store(db, &batch.messages[i], now, out);
    for (size_t i = 0; i < batch.status_count && rc == DB_OK; i++)
        rc = status_store(db, &batch.statuses[i], now, out);
    return db_end(db, rc);
}

/* --- out --- */

struct handling {
    const struct bot *bot;
    struct db *db;
    int64_t job_id, message_id;
    struct whatsapp_message message;
    struct photo photo;
    const char *photo_why;
    bool has_photo;
    bool code_judged;
};

static const char *address_of(struct arena *a, const char *chat)
{
    bool is_number = strspn(chat, "0123456789") == strlen(chat);

    return is_number ? arena_printf(a, "+%s", chat) : chat;
}

static struct talk talk_new(const struct handling *h)
{
    struct arena *a = db_arena(h->db);

    return (struct talk) {
        .bot = h->bot,
        .db = h->db,
        .a = a,
        .message = &h->message,
        .to = address_of(a, h->message.chat),
        .now = clock_ms(),
        .photo = h->has_photo ? &h->photo : NULL,
        .photo_why = h->photo_why,
        .code_judged = h->code_judged,
        .unlink = json_array(),
        .rc = DB_OK,
    };
}

static enum db_rc dialogue_load(const struct handling *h, struct talk *t)
{
    const struct whatsapp_message *m = &h->message;
    enum db_rc rc = DB_OK;

    /* Who was known by an id alone, and now shows a number. */
    if (*m->alias)
        rc = dialogue_rename(h->db, m->alias, m->chat);
    if (rc == DB_OK)
        rc = dialogue_find(h->db, m->chat, &t->d);
    return rc == DB_NONE ? DB_OK : rc;
}

static bool others_wait(const struct handling *h)
{
    int64_t n;

    return webhook_waiting(h->db, source, h->message.chat, &n) == DB_OK && n > 0;
}

static enum db_rc handle_once(const struct handling *h, struct talk *t)
{
    enum db_rc rc;

    db_begin(h->db);
    rc = webhook_mark(h->db, h->message_id, "done");
    if (rc == DB_OK && h->message.kind == WHATSAPP_MOVED) {
        rc = dialogue_rename(h->db, h->message.chat, h->message.moved_to);
    } else if (rc == DB_OK) {
        rc = dialogue_load(h, t);
        t->is_quiet = others_wait(h);
        if (rc == DB_OK)
            talk_handle(t);
        if (rc == DB_OK)
            rc = t->rc;
        if (rc == DB_OK)
            rc = dialogue_save(h->db, &t->d);
    }
    if (rc == DB_OK)
        rc = job_done(h->db, h->job_id, NULL);
    return db_end(h->db, rc);
}

static void files_clear(const struct handling *h, const struct talk *t)
{
    struct arena *a = db_arena(h->db);
    json_t *one;
    size_t i;

    json_array_foreach(t->unlink, i, one) photo_unlink(h->bot, a, json_string_value(one));
    photo_unlink_local(h->bot, a, &h->message);
}

static enum db_rc handle(struct handling *h)
{
    struct talk t = talk_new(h);
    const char *purpose, *details;
    unsigned char browser[32];
    enum db_rc rc = handle_once(h, &t);

    if (rc != DB_OK && t.wrong_code) {
        talk_hash(&t, browser);
        rc = otp_check(h->db, h->bot->key, t.wrong_mobile, browser, t.wrong_code,
                       &purpose, &details);
        if (rc != DB_REFUSED)
            return DB_ERR;
        h->code_judged = true;
        t = talk_new(h);
        rc = handle_once(h, &t);
    }
    if (rc == DB_OK)
        files_clear(h, &t);
    return rc;
}

/* Loads the photo of somebody who may send us some. False: try again later. */
static bool photo_ready(struct handling *h, bool is_last)
{
    struct talk t = talk_new(h);

    if (h->message.kind != WHATSAPP_IMAGE)
        return true;
    if (dialogue_find(h->db, h->message.chat, &t.d) == DB_ERR)
        return false;
    h->photo_why = "bot.photo_failed";
    if (!talk_authenticated(&t))
        return true;
    switch (photo_load(h->bot, h->db, &h->message, &h->photo, &h->photo_why)) {
    case PHOTO_OK: h->has_photo = true; return true;
    case PHOTO_REFUSED: return true;
    case PHOTO_LATER: break;
    }
    return is_last;
}

/* It can't be handled: the sender is told so, and those behind it get their turn. */
static enum db_rc give_up(const struct handling *h)
{
    struct talk t = talk_new(h);
    enum db_rc rc;

    log_error("bot gave up message=%lld", (long long)h->message_id);
    db_begin(h->db);
    rc = webhook_mark(h->db, h->message_id, "failed");
    if (rc == DB_OK && dialogue_find(h->db, h->message.chat, &t.d) == DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK && *t.to)
        say(&t, "bot.trouble", NULL);
    if (rc == DB_OK)
        rc = job_failed(h->db, h->job_id, "the message could not be handled");
    return db_end(h->db, rc);
}

enum db_rc bot_handle_next(const struct bot *bot, struct db *db, const json_t *job,
                           bool is_last)
{
    const json_t *payload = json_object_get(job, "payload_json");
    const char *sender = json_string_value(json_object_get(payload, "sender"));
    struct handling h = { .bot = bot,
                          .db = db,
                          .job_id = json_integer_value(json_object_get(job, "id")) };
    json_t *row;
    enum db_rc rc = webhook_oldest(db, source, sender ? sender : "", &row);

    if (rc == DB_NONE)
        return job_done(db, h.job_id, NULL);
    if (rc != DB_OK)
        return rc;
    h.message_id = json_integer_value(json_object_get(row, "id"));
    if (!whatsapp_message_unpack(db_arena(db), json_object_get(row, "payload_json"),
                                 &h.message))
        return give_up(&h);
    rc = photo_ready(&h, is_last) ? handle(&h) : DB_ERR;
    return rc != DB_OK && is_last ? give_up(&h) : rc;
}

/* --- the vendor role granted --- */

static enum db_rc granted_say(const struct bot *bot, struct db *db, json_t *row)
{
    const char *chat = draft_text(row, "chat"), *url;
    struct talk t = { .bot = bot,
                      .db = db,
                      .a = db_arena(db),
                      .to = address_of(db_arena(db), chat),
                      .rc = DB_OK };

    t.d.lang = draft_text(row, "lang");
    url = shop_url(&t, draft_text(row, "handle"), 0);
    db_begin(db);
    say(&t, "bot.granted", json_pack("{s:s}", "url", url));
    if (t.rc == DB_OK)
        t.rc = dialogue_told(db, chat);
    return db_end(db, t.rc);
}

enum db_rc bot_publish(const struct bot *bot, struct db *db)
{
    json_t *rows, *row;
    size_t i;
    enum db_rc rc = dialogue_granted(db, 100, &rows);

    json_array_foreach(rows, i, row) if (rc == DB_OK) rc = granted_say(bot, db, row);
    return rc;
}
