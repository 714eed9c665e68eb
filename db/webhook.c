/* The unique (source, message_id) decides which of two simultaneous copies counts;
 * messages of one sender are handled in the order of the provider's clock as far as they
 * are here. */
#include "db/webhook.h"

#include "db/base/clock.h"
#include "db/job.h"

enum db_rc webhook_store(struct db *db, const struct webhook_item *item, bool is_work)
{
    const char *text = json_dumps(item->payload, JSON_COMPACT);
    json_t *payload;
    enum db_rc rc;

    if (!text)
        return DB_ERR;
    rc = db_exec(db,
                 "INSERT INTO webhook_message(source, message_id, sender, payload, state,"
                 " sent_ms, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                 " ON CONFLICT(source, message_id) DO NOTHING",
                 DB_ARGS(DB_TEXT(item->source), DB_TEXT(item->message_id),
                         DB_TEXT(item->sender), DB_TEXT(text),
                         DB_TEXT(is_work ? "waiting" : "done"), DB_INT(item->sent_ms),
                         DB_INT(clock_ms())));
    if (rc != DB_OK || !is_work)
        return rc;
    /* Who writes can be written to. */
    job_hurry(db, *item->sender >= '0' && *item->sender <= '9'
                      ? arena_printf(db_arena(db), "+%s", item->sender)
                      : item->sender);
    payload = json_pack("{s:s, s:s}", "source", item->source, "sender", item->sender);
    return job_add(db, "webhook",
                   arena_printf(db_arena(db), "%s:%s", item->source, item->sender),
                   payload, NULL, 0, 0);
}

enum db_rc webhook_oldest(struct db *db, const char *source, const char *sender,
                          json_t **row)
{
    return db_row(db,
                  "SELECT id, message_id, sender, payload AS payload_json, sent_ms"
                  " FROM webhook_message WHERE sender = ?2 AND state = 'waiting'"
                  " AND source = ?1 ORDER BY sent_ms, id LIMIT 1",
                  DB_ARGS(DB_TEXT(source), DB_TEXT(sender)), row);
}

enum db_rc webhook_waiting(struct db *db, const char *source, const char *sender,
                           int64_t *count)
{
    return db_int(db,
                  "SELECT count(*) FROM webhook_message WHERE sender = ?2"
                  " AND state = 'waiting' AND source = ?1",
                  DB_ARGS(DB_TEXT(source), DB_TEXT(sender)), count);
}

enum db_rc webhook_heard(struct db *db, const char *source, const char *sender,
                         int64_t *sent_ms)
{
    return db_int(db,
                  "SELECT ifnull(max(sent_ms), 0) FROM webhook_message WHERE sender = ?2"
                  " AND sender <> '' AND source = ?1",
                  DB_ARGS(DB_TEXT(source), DB_TEXT(sender)), sent_ms);
}

enum db_rc webhook_mark(struct db *db, int64_t id, const char *state)
{
    return db_exec(db,
                   "UPDATE webhook_message SET state = ?2 WHERE id = ?1"
                   " AND state = 'waiting'",
                   DB_ARGS(DB_INT(id), DB_TEXT(state)));
}
