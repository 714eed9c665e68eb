/* One row a reader; texts stay keys, so that a change of language reaches old ones too.
 */
#include "db/notify.h"

#include "db/base/clock.h"
#include "db/job.h"

static const char *args_text(const json_t *args)
{
    const char *text = args ? json_dumps(args, JSON_COMPACT) : NULL;

    return text ? text : "{}";
}

enum db_rc notify_user(struct db *db, int64_t user_id, int64_t account_id,
                       const char *key, const json_t *args, const char *href)
{
    return db_exec(db,
                   "INSERT INTO notification(user_id, account_id, key, args, href, at_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                   DB_ARGS(DB_INT(user_id), DB_REF(account_id), DB_TEXT(key),
                           DB_TEXT(args_text(args)), DB_TEXT(href ? href : ""),
                           DB_INT(clock_ms())));
}

/* The readers' own numbers that have been in an authenticated dialogue. Another person's
 * chat that they once signed in from is not told. */
static enum db_rc notify_chat(struct db *db, int64_t user_id, const char *key,
                              const json_t *args)
{
    json_t *chat, *payload;
    enum db_rc rc;

    rc = db_row(db,
                "SELECT u.mobile AS mobile, coalesce(nullif(d.lang, ''), u.lang) AS lang"
                " FROM user u JOIN dialogue d ON d.chat = substr(u.mobile, 2)"
                " WHERE u.id = ?1 AND d.user_id = u.id AND d.authenticated_until_ms > 0",
                DB_ARGS(DB_INT(user_id)), &chat);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_OK : rc;
    payload = json_pack("{s:O, s:s, s:s, s:O, s:O*}", "to",
                        json_object_get(chat, "mobile"), "type", "text", "text_key", key,
                        "lang", json_object_get(chat, "lang"), "args", args);
    return job_add(db, "message", json_string_value(json_object_get(chat, "mobile")),
                   payload, NULL, 0, 0);
}

enum db_rc notify_account(struct db *db, int64_t account_id, const char *module,
                          const char *key, const json_t *args, const char *href)
{
    json_t *users, *user;
    size_t i;
    enum db_rc rc;

    rc = db_rows(db,
                 "SELECT m.user_id AS id FROM membership m WHERE m.account_id = ?1"
                 " AND (m.is_primary = 1 OR EXISTS (SELECT 1 FROM permission p"
                 " WHERE p.account_id = m.account_id AND p.user_id = m.user_id"
                 " AND p.module = ?2 AND p.level >= 1))"
                 " AND NOT EXISTS (SELECT 1 FROM module_off o"
                 " WHERE o.account_id = m.account_id AND o.module = ?2)",
                 DB_ARGS(DB_INT(account_id), DB_TEXT(module)), &users);
    json_array_foreach(users, i, user)
    {
        int64_t id = json_integer_value(json_object_get(user, "id"));

        if (rc == DB_OK)
            rc = notify_user(db, id, account_id, key, args, href);
        if (rc == DB_OK)
            rc = notify_chat(db, id, key, args);
    }
    return rc;
}

enum db_rc notify_admins(struct db *db, const char *key, const json_t *args,
                         const char *href)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "INSERT INTO notification(user_id, key, args, href, at_ms)"
                 " SELECT id, ?1, ?2, ?3, ?4 FROM user WHERE is_admin = 1",
                 DB_ARGS(DB_TEXT(key), DB_TEXT(args_text(args)),
                         DB_TEXT(href ? href : ""), DB_INT(clock_ms())));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc notify_number(struct db *db, const char *mobile, const char *lang,
                         const char *key, const json_t *args, const char *job_key)
{
    return job_add(db, "message", mobile,
                   json_pack("{s:s, s:s, s:s, s:s, s:O*}", "to", mobile, "type", "text",
                             "text_key", key, "lang", lang, "args", args),
                   job_key, 0, 0);
}

enum db_rc notify_list(struct db *db, int64_t user_id, int64_t before_id, int limit,
                       json_t **rows)
{
    return db_rows(db,
                   "SELECT id, key, args AS args_json, href, at_ms,"
                   " read_ms IS NOT NULL AS is_read FROM notification"
                   " WHERE user_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
                   DB_ARGS(DB_INT(user_id), DB_INT(before_id ? before_id : INT64_MAX),
                           DB_INT(limit)),
                   rows);
}

enum db_rc notify_unread(struct db *db, int64_t user_id, int64_t *count)
{
    return db_int(
        db, "SELECT count(*) FROM notification WHERE user_id = ?1 AND read_ms IS NULL",
        DB_ARGS(DB_INT(user_id)), count);
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
