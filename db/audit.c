/* Names are copied into the entry: it stays readable when they change later. */
#include "db/audit.h"

#include "db/base/clock.h"

enum db_rc audit_write(struct db *db, const struct actor *actor, const char *kind,
                       const char *subject, const char *before, const char *after)
{
    return db_exec(
        db,
        "INSERT INTO audit_entry(account_id, user_id, user_name, address, kind,"
        " subject, before, after, at_ms) VALUES (?1, ?2,"
        " ifnull((SELECT name FROM user WHERE id = ?2), ''), ?3, ?4, ?5, ?6, ?7,"
        " ?8)",
        DB_ARGS(DB_REF(actor->account_id), DB_REF(actor->user_id),
                DB_TEXT(actor->address ? actor->address : ""), DB_TEXT(kind),
                DB_TEXT(subject), DB_TEXT(before ? before : ""),
                DB_TEXT(after ? after : ""), DB_INT(clock_ms())));
}

enum db_rc audit_list(struct db *db, int64_t account_id, int64_t before_id, int limit,
                      json_t **rows)
{
    return db_rows(db,
                   "SELECT id, at_ms, user_name, address, kind, subject, before, after"
                   " FROM audit_entry WHERE account_id IS ?1 AND id < ?2"
                   " ORDER BY id DESC LIMIT ?3",
                   DB_ARGS(DB_REF(account_id), DB_INT(before_id ? before_id : INT64_MAX),
                           DB_INT(limit)),
                   rows);
}
