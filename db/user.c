/* Users are told apart by their number alone. */
#include "db/user.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/notify.h"

#define COLUMNS "id, mobile, name, lang, address, makes, state, is_admin"

enum db_rc user_by_mobile(struct db *db, const char *mobile, json_t **row)
{
    return db_row(db, "SELECT " COLUMNS " FROM user WHERE mobile = ?1",
                  DB_ARGS(DB_TEXT(mobile)), row);
}

enum db_rc user_find(struct db *db, int64_t user_id, json_t **row)
{
    return db_row(db, "SELECT " COLUMNS " FROM user WHERE id = ?1",
                  DB_ARGS(DB_INT(user_id)), row);
}

enum db_rc user_create(struct db *db, const struct user_details *d, int64_t *user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT id FROM user WHERE mobile = ?1", DB_ARGS(DB_TEXT(d->mobile)),
                user_id);
    if (rc == DB_NONE)
        rc = db_insert(db,
                       "INSERT INTO user(mobile, name, lang, address, makes, state,"
                       " created_ms) SELECT ?1, substr(?2, 1, 80), ?3, ?4, ?5,"
                       " iif(EXISTS (SELECT 1 FROM user) AND ifnull((SELECT value FROM"
                       "  setting WHERE key = 'signup_approval'), '') = '1',"
                       "  'waiting', 'active'), ?6",
                       DB_ARGS(DB_TEXT(d->mobile), DB_TEXT(d->name), DB_TEXT(d->lang),
                               DB_TEXT(d->address), DB_TEXT(d->makes),
                               DB_INT(clock_ms())),
                       user_id);
    return db_end(db, rc);
}

enum db_rc user_make_admin(struct db *db, const char *mobile)
{
    const struct actor system = { 0, 0, NULL };
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "UPDATE user SET is_admin = 1, state = 'active' WHERE mobile = ?1",
                 DB_ARGS(DB_TEXT(mobile)));
    if (rc == DB_OK)
        audit_write(db, &system, "user.admin", mobile, NULL, "admin");
    return db_end(db, rc);
}

enum db_rc user_waiting(struct db *db, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT id, name, mobile, address, makes, created_ms FROM user"
                   " WHERE state = 'waiting' ORDER BY id LIMIT ?1",
                   DB_ARGS(DB_INT(limit)), rows);
}

static enum db_rc state_set(struct db *db, const struct actor *admin, int64_t user_id,
                            const char *from, const char *to, const char *kind)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *mobile;
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "UPDATE user SET state = ?3 WHERE id = ?1 AND state = ?2",
                 DB_ARGS(DB_INT(user_id), DB_TEXT(from), DB_TEXT(to)));
    if (rc == DB_OK)
        rc = db_text(db, "SELECT mobile FROM user WHERE id = ?1",
                     DB_ARGS(DB_INT(user_id)), &mobile);
    if (rc == DB_OK)
        rc = audit_write(db, &there, kind, mobile, from, to);
    return db_end(db, rc);
}

enum db_rc user_approve(struct db *db, const struct actor *admin, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = state_set(db, admin, user_id, "waiting", "active", "user.approved");
    if (rc == DB_OK)
        rc = notify_user(db, user_id, 0, "notify.user_approved", NULL, "/");
    return db_end(db, rc);
}

enum db_rc user_suspend(struct db *db, const struct actor *admin, int64_t user_id)
{
    if (user_id == admin->user_id)
        return db_refuse(db, 409, NULL, "refusal.yourself", NULL);
    return state_set(db, admin, user_id, "active", "suspended", "user.suspended");
}

enum db_rc user_restore(struct db *db, const struct actor *admin, int64_t user_id)
{
    return state_set(db, admin, user_id, "suspended", "active", "user.restored");
}

enum db_rc user_list(struct db *db, int64_t before_id, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT id, mobile, name, state, is_admin, created_ms FROM user"
                   " WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
                   DB_ARGS(DB_INT(before_id ? before_id : INT64_MAX), DB_INT(limit)),
                   rows);
}
