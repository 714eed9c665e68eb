/* One row a chat, replaced whole. */
#include "db/dialogue.h"

#include "db/base/clock.h"
#include "db/base/row.h"

enum db_rc dialogue_find(struct db *db, const char *chat, struct dialogue *out)
{
    json_t *row, *draft;
    enum db_rc rc;

    rc = db_row(db,
                "SELECT user_id, account_id, lang, step, draft AS draft_json,"
                " authenticated_until_ms, is_waiting FROM dialogue WHERE chat = ?1",
                DB_ARGS(DB_TEXT(chat)), &row);
    draft = row ? json_object_get(row, "draft_json") : NULL;
    *out = (struct dialogue) {
        .chat = chat,
        .user_id = row_int(row, "user_id"),
        .account_id = row_int(row, "account_id"),
        .lang = row_text(row, "lang"),
        .step = row_text(row, "step"),
        .draft = json_is_object(draft) ? draft : json_object(),
        .authenticated_until_ms = row_int(row, "authenticated_until_ms"),
        .is_waiting = row_true(row, "is_waiting"),
    };
    return rc;
}

enum db_rc dialogue_save(struct db *db, const struct dialogue *d)
{
    const char *draft = json_dumps(d->draft, JSON_COMPACT);

    if (!draft)
        return DB_ERR;
    return db_exec(db,
                   "INSERT INTO dialogue(chat, user_id, account_id, lang, step, draft,"
                   " authenticated_until_ms, updated_ms, is_waiting)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                   " ON CONFLICT(chat) DO UPDATE SET user_id = ?2, account_id = ?3,"
                   " lang = ?4, step = ?5, draft = ?6, authenticated_until_ms = ?7,"
                   " updated_ms = ?8, is_waiting = ?9",
                   DB_ARGS(DB_TEXT(d->chat), DB_REF(d->user_id), DB_REF(d->account_id),
                           DB_TEXT(d->lang), DB_TEXT(d->step), DB_TEXT(draft),
                           DB_INT(d->authenticated_until_ms), DB_INT(clock_ms()),
                           DB_INT(d->is_waiting)));
}

enum db_rc dialogue_rename(struct db *db, const char *from, const char *to)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "UPDATE OR IGNORE dialogue SET chat = ?2, authenticated_until_ms = 0,"
                 " updated_ms = ?3 WHERE chat = ?1",
                 DB_ARGS(DB_TEXT(from), DB_TEXT(to), DB_INT(clock_ms())));
    if (rc == DB_NONE)
        rc = db_exec(db, "DELETE FROM dialogue WHERE chat = ?1", DB_ARGS(DB_TEXT(from)));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc dialogue_granted(struct db *db, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT d.chat, d.lang, v.handle FROM dialogue d"
                   " JOIN vendor v ON v.account_id = d.account_id"
                   " WHERE d.is_waiting = 1 AND v.state = 'approved' LIMIT ?1",
                   DB_ARGS(DB_INT(limit)), rows);
}

enum db_rc dialogue_told(struct db *db, const char *chat)
{
    return db_exec(db, "UPDATE dialogue SET is_waiting = 0 WHERE chat = ?1",
                   DB_ARGS(DB_TEXT(chat)));
}
