/* Users are told apart by their number alone. */
#include "db/user.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/notify.h"

#include <string.h>

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
                               DB_TEXT(d->address), DB_TEXT(d->makes), DB_INT(clock_ms())),
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

enum db_rc user_approve(struct db *db, const struct actor *admin, int64_t user_id)
{
    const char *mobile;
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "UPDATE user SET state = 'active' WHERE id = ?1 AND state = 'waiting'",
                 DB_ARGS(DB_INT(user_id)));
    if (rc == DB_OK && db_text(db, "SELECT mobile FROM user WHERE id = ?1",
                               DB_ARGS(DB_INT(user_id)), &mobile) == DB_OK) {
        audit_write(db, &(struct actor){ admin->user_id, 0, admin->address },
                    "user.approved", mobile, "waiting", "active");
        notify_user(db, user_id, 0, "notify.user_approved", NULL, "/");
    }
    return db_end(db, rc);
}
