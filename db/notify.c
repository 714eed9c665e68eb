/* One row a reader; texts stay keys, so that a change of language reaches old ones too. */
#include "db/notify.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/job.h"
#include "db/push.h"

#include <string.h>

/* What is told to one reader after the other. */
struct news {
    const char *kind, *key, *href;
    const json_t *args;
    int64_t account_id;
};

/* At the door somebody waits for it; and that messages can't be sent is no message. */
static bool is_urgent(const char *key)
{
    return strncmp(key, "notify.order_deliver", 20) == 0 ||
           strncmp(key, "notify.delivery", 15) == 0;
}

static bool goes_by_chat(const char *key)
{
    return strcmp(key, "notify.sending_stopped") != 0;
}

int64_t notify_quiet_end(int64_t now, int from_minute, int to_minute, int zone_minutes)
{
    struct calendar c = clock_calendar(now, zone_minutes);
    int minute = c.hour * 60 + c.minute;
    int length = (to_minute - from_minute + 1440) % 1440;
    int in = (minute - from_minute + 1440) % 1440;
    int64_t begun;

    if (in >= length)
        return now;
    begun = now - c.second * CLOCK_SECOND - now % CLOCK_SECOND;
    return begun + (int64_t)(length - in) * CLOCK_MINUTE;
}

static int64_t due_of(const json_t *reader, const struct news *n)
{
    int64_t now = clock_ms();

    if (is_urgent(n->key) || !*row_text(reader, "zone"))
        return now;
    return notify_quiet_end(now, (int)row_int(reader, "from_minute"),
                            (int)row_int(reader, "to_minute"),
                            clock_zone_minutes(row_text(reader, "zone")));
}

static enum db_rc app_tell(struct db *db, int64_t user_id, const struct news *n)
{
    const char *args = n->args ? json_dumps(n->args, JSON_COMPACT) : NULL;

    return db_exec(db,
                   "INSERT INTO notification(user_id, account_id, kind, key, args, href,"
                   " at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   DB_ARGS(DB_INT(user_id), DB_REF(n->account_id), DB_TEXT(n->kind),
                           DB_TEXT(n->key), DB_TEXT(args ? args : "{}"),
                           DB_TEXT(n->href ? n->href : ""), DB_INT(clock_ms())));
}

static enum db_rc chat_tell(struct db *db, const json_t *reader, const json_t *words,
                            int64_t due_ms)
{
    const char *mobile = row_text(reader, "mobile");
    json_t *payload = json_copy((json_t *)(uintptr_t)words);

    json_object_set_new(payload, "to", json_string(mobile));
    json_object_set_new(payload, "type", json_string("text"));
    return job_send(db, "chat", mobile, payload, NULL, due_ms);
}

/* Who said nothing about it is told in the chat of their own number, once that was
 * authenticated: another person's chat that they once signed in from is not told. Who chose
 * WhatsApp is told there without ever having written. Who is suspended finds it in the app
 * when they are let in again, and hears of nothing until then. */
static enum db_rc reader_find(struct db *db, int64_t user_id, const char *kind,
                              json_t **reader)
{
    return db_row(
        db,
        "SELECT u.mobile, coalesce(nullif(d.lang, ''), u.lang) AS lang,"
        " ifnull(c.app, 1) AS is_app,"
        " u.state = 'active' AND ifnull(c.chat, d.chat IS NOT NULL) AS is_chat,"
        " u.state = 'active' AND ifnull(c.push, 1) AND EXISTS (SELECT 1 FROM push_subscription p"
        "  WHERE p.user_id = u.id) AS is_push,"
        " q.from_minute, q.to_minute, q.zone FROM user u"
        " LEFT JOIN dialogue d ON d.chat = substr(u.mobile, 2) AND d.user_id = u.id"
        "  AND d.authenticated_until_ms > 0"
        " LEFT JOIN notify_choice c ON c.user_id = u.id AND c.kind = ?2"
        " LEFT JOIN notify_quiet q ON q.user_id = u.id WHERE u.id = ?1",
        DB_ARGS(DB_INT(user_id), DB_TEXT(kind)), reader);
}

static enum db_rc tell(struct db *db, int64_t user_id, const struct news *n)
{
    json_t *reader, *words;
    enum db_rc rc = reader_find(db, user_id, n->kind, &reader);
    int64_t due;

    if (rc != DB_OK)
        return rc;
    due = due_of(reader, n);
    words = json_pack("{s:s, s:O, s:O*, s:s}", "text_key", n->key, "lang",
                      json_object_get(reader, "lang"), "args", n->args, "href",
                      n->href ? n->href : "");
    if (row_true(reader, "is_app"))
        rc = app_tell(db, user_id, n);
    if (rc == DB_OK && row_true(reader, "is_chat") && goes_by_chat(n->key))
        rc = chat_tell(db, reader, words, due);
    if (rc == DB_OK && row_true(reader, "is_push"))
        rc = push_tell(db, user_id, words, due);
    return rc;
}

static enum db_rc tell_all(struct db *db, const json_t *users, const struct news *n)
{
    const json_t *user;
    size_t i;
    enum db_rc rc = DB_OK;

    json_array_foreach(users, i, user) if (rc == DB_OK) rc =
        tell(db, row_int(user, "id"), n);
    return rc;
}

enum db_rc notify_user(struct db *db, int64_t user_id, int64_t account_id,
                       const char *key, const json_t *args, const char *href)
{
    const struct news n = { "account", key, href, args, account_id };

    return tell(db, user_id, &n);
}

enum db_rc notify_account(struct db *db, int64_t account_id, const char *module,
                          const char *key, const json_t *args, const char *href)
{
    const struct news n = { notify_kind(module), key, href, args, account_id };
    json_t *users;
    enum db_rc rc;

    rc = db_rows(db,
                 "SELECT m.user_id AS id FROM membership m WHERE m.account_id = ?1"
                 " AND (m.is_primary = 1 OR EXISTS (SELECT 1 FROM permission p"
                 " WHERE p.account_id = m.account_id AND p.user_id = m.user_id"
                 " AND p.module = ?2 AND p.level >= 1))"
                 " AND NOT EXISTS (SELECT 1 FROM module_off o"
                 " WHERE o.account_id = m.account_id AND o.module = ?2)",
                 DB_ARGS(DB_INT(account_id), DB_TEXT(module)), &users);
    return rc == DB_OK ? tell_all(db, users, &n) : rc;
}

enum db_rc notify_admins(struct db *db, const char *key, const json_t *args,
                         const char *href)
{
    const struct news n = { "admin", key, href, args, 0 };
    json_t *users;
    enum db_rc rc;

    rc = db_rows(db, "SELECT id FROM user WHERE is_admin = 1", DB_NO_ARGS, &users);
    return rc == DB_OK ? tell_all(db, users, &n) : rc;
}

enum db_rc notify_number(struct db *db, const char *mobile, const char *lang,
                         const char *key, const json_t *args, const char *href,
                         const char *job_key)
{
    return job_add(db, "message", mobile,
                   json_pack("{s:s, s:s, s:s, s:s, s:s, s:O*}", "to", mobile, "type", "text",
                             "text_key", key, "lang", lang, "href", href, "args", args),
                   job_key, 0, 0);
}

/* --- reading --- */

enum db_rc notify_list(struct db *db, int64_t user_id, int64_t before_id, int limit,
                       json_t **rows)
{
    return db_rows(db,
                   "SELECT n.id, n.key, n.args AS args_json, n.href, n.kind,"
                   " n.account_id, a.name AS account_name, n.at_ms,"
                   " n.read_ms IS NOT NULL AS is_read FROM notification n"
                   " LEFT JOIN account a ON a.id = n.account_id"
                   " WHERE n.user_id = ?1 AND n.id < ?2 ORDER BY n.id DESC LIMIT ?3",
                   DB_ARGS(DB_INT(user_id), DB_INT(before_id ? before_id : INT64_MAX),
                           DB_INT(limit)),
                   rows);
}

enum db_rc notify_unread(struct db *db, int64_t user_id, int64_t *count)
{
    return db_int(db,
                  "SELECT count(*) FROM (SELECT 1 FROM notification WHERE user_id = ?1"
                  " AND read_ms IS NULL LIMIT ?2)",
                  DB_ARGS(DB_INT(user_id), DB_INT(NOTIFY_MOST)), count);
}

enum db_rc notify_read_all(struct db *db, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(
        db, "UPDATE notification SET read_ms = ?2 WHERE user_id = ?1 AND read_ms IS NULL",
        DB_ARGS(DB_INT(user_id), DB_INT(clock_ms())));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

enum db_rc notify_open(struct db *db, int64_t user_id, int64_t id, json_t **row)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_row(db,
                "SELECT href, account_id FROM notification WHERE id = ?1 AND user_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(user_id)), row);
    if (rc == DB_OK)
        db_exec(db,
                "UPDATE notification SET read_ms = ?2 WHERE id = ?1 AND read_ms IS NULL",
                DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
    return db_end(db, rc);
}
