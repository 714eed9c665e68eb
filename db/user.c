/* Users are told apart by their number alone. */
#include "db/user.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/invitation.h"
#include "db/notify.h"

#include <string.h>

#define COLUMNS                                                                          \
    "id, mobile, name, lang, address, makes, state, refused_reason, is_admin,"           \
    " password_hash IS NOT NULL AS has_password"

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

/* A new user is in where they were invited, or the admins hear who waits. */
static enum db_rc user_arrived(struct db *db, int64_t user_id)
{
    const char *name;

    if (db_text(db, "SELECT name FROM user WHERE id = ?1 AND state = 'waiting'",
                DB_ARGS(DB_INT(user_id)), &name) == DB_OK)
        return notify_admins(db, "notify.user_waits", json_pack("{s:s}", "name", name),
                             "/admin/requests");
    return invitation_join_all(db, user_id);
}

enum db_rc user_create(struct db *db, const struct user_details *d, int64_t *user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT id FROM user WHERE mobile = ?1", DB_ARGS(DB_TEXT(d->mobile)),
                user_id);
    if (rc != DB_NONE)
        return db_end(db, rc);
    rc = db_insert(db,
                   "INSERT INTO user(mobile, name, lang, address, makes, state,"
                   " created_ms) SELECT ?1, substr(?2, 1, 80), ?3, ?4, ?5,"
                   " iif(EXISTS (SELECT 1 FROM user) AND ifnull((SELECT value FROM"
                   "  setting WHERE key = 'signup_approval'), '') = '1',"
                   "  'waiting', 'active'), ?6",
                   DB_ARGS(DB_TEXT(d->mobile), DB_TEXT(d->name), DB_TEXT(d->lang),
                           DB_TEXT(d->address), DB_TEXT(d->makes), DB_INT(clock_ms())),
                   user_id);
    if (rc == DB_OK)
        rc = user_arrived(db, *user_id);
    return db_end(db, rc);
}

enum db_rc user_update(struct db *db, const struct actor *actor, const struct user_details *d)
{
    const struct actor self = { actor->user_id, 0, actor->address };
    json_t *was;
    enum db_rc rc;

    if (!*d->name)
        return db_refuse(db, 422, "name", "refusal.name_missing", NULL);
    db_begin(db);
    rc = user_find(db, actor->user_id, &was);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE user SET name = substr(?2, 1, 80), address = ?3, makes = ?4"
                     " WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->user_id), DB_TEXT(d->name), DB_TEXT(d->address),
                             DB_TEXT(d->makes)));
    if (rc == DB_OK && strcmp(row_text(was, "name"), d->name) != 0)
        rc = audit_write(db, &self, "user.name", row_text(was, "mobile"),
                         row_text(was, "name"), d->name);
    return db_end(db, rc);
}

/* --- the first user --- */

enum db_rc user_first_link(struct db *db, const char *hash)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "INSERT INTO setting(key, value) SELECT 'first_admin', ?1"
                 " WHERE NOT EXISTS (SELECT 1 FROM user)"
                 " ON CONFLICT(key) DO UPDATE SET value = ?1",
                 DB_ARGS(DB_TEXT(hash)));
    return db_end(db, rc);
}

enum db_rc user_first_open(struct db *db, const char *hash)
{
    int64_t one;

    return db_int(db,
                  "SELECT 1 FROM setting WHERE key = 'first_admin' AND value = ?1"
                  " AND NOT EXISTS (SELECT 1 FROM user)",
                  DB_ARGS(DB_TEXT(hash)), &one);
}

enum db_rc user_first(struct db *db, const char *hash, const struct user_details *details,
                      const char *address, int64_t *user_id)
{
    struct actor self = { 0, 0, address };
    enum db_rc rc;

    *user_id = 0;
    db_begin(db);
    rc = user_first_open(db, hash);
    if (rc == DB_OK)
        rc = user_create(db, details, user_id);
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE user SET is_admin = 1 WHERE id = ?1",
                     DB_ARGS(DB_INT(*user_id)));
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM setting WHERE key = 'first_admin'", DB_NO_ARGS);
    self.user_id = *user_id;
    if (rc == DB_OK)
        rc = audit_write(db, &self, "user.admin", details->mobile, NULL, "admin");
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

enum db_rc user_refused(struct db *db, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT id, name, mobile, address, makes, created_ms, refused_reason"
                   " FROM user WHERE refused_reason <> '' AND state = 'suspended'"
                   " ORDER BY id DESC LIMIT ?1",
                   DB_ARGS(DB_INT(limit)), rows);
}

static enum db_rc state_set(struct db *db, const struct actor *admin, int64_t user_id,
                            const char *from, const char *to, const char *kind)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *mobile;
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE user SET state = ?3, refused_reason = ''"
                 " WHERE id = ?1 AND state = ?2",
                 DB_ARGS(DB_INT(user_id), DB_TEXT(from), DB_TEXT(to)));
    if (rc == DB_OK)
        rc = db_text(db, "SELECT mobile FROM user WHERE id = ?1",
                     DB_ARGS(DB_INT(user_id)), &mobile);
    if (rc == DB_OK)
        rc = audit_write(db, &there, kind, mobile, from, to);
    return db_end(db, rc);
}

/* The number is told: whoever is not in has no page to see it on. */
static enum db_rc number_told(struct db *db, int64_t user_id, const char *key,
                              const json_t *args, const char *href)
{
    json_t *user;
    enum db_rc rc = user_find(db, user_id, &user);

    if (rc == DB_OK)
        rc = notify_number(db, json_string_value(json_object_get(user, "mobile")),
                           json_string_value(json_object_get(user, "lang")), key, args,
                           href, NULL);
    return rc;
}

enum db_rc user_approve(struct db *db, const struct actor *admin, int64_t user_id)
{
    int64_t refused;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT 1 FROM user WHERE id = ?1 AND refused_reason <> ''"
                " AND state = 'suspended'",
                DB_ARGS(DB_INT(user_id)), &refused);
    if (rc != DB_ERR)
        rc = state_set(db, admin, user_id, rc == DB_OK ? "suspended" : "waiting", "active",
                       "user.approved");
    if (rc == DB_OK)
        rc = invitation_join_all(db, user_id);
    if (rc == DB_OK)
        rc = notify_user(db, user_id, 0, "notify.user_approved", NULL, "/");
    if (rc == DB_OK)
        rc = number_told(db, user_id, "notify.user_approved", NULL, "/");
    return db_end(db, rc);
}

enum db_rc user_refuse(struct db *db, const struct actor *admin, int64_t user_id,
                       const char *reason)
{
    enum db_rc rc;

    if (!*reason)
        return db_refuse(db, 422, "reason", "refusal.reason", NULL);
    db_begin(db);
    rc = state_set(db, admin, user_id, "waiting", "suspended", "user.refused");
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE user SET refused_reason = ?2 WHERE id = ?1",
                     DB_ARGS(DB_INT(user_id), DB_TEXT(reason)));
    if (rc == DB_OK)
        rc = number_told(db, user_id, "message.user_refused",
                         json_pack("{s:s}", "reason", reason), "");
    return db_end(db, rc);
}

/* Two admins who suspend each other at the same moment: the second finds himself suspended,
 * or the only one. */
static enum db_rc admin_check(struct db *db, const struct actor *admin, int64_t user_id)
{
    int64_t last;

    if (user_id == admin->user_id)
        return db_refuse(db, 409, NULL, "refusal.yourself", NULL);
    if (db_int(db,
               "SELECT EXISTS (SELECT 1 FROM user WHERE id = ?1 AND is_admin = 1"
               "  AND state = 'active') AND NOT EXISTS (SELECT 1 FROM user"
               "  WHERE is_admin = 1 AND state = 'active' AND id <> ?1)",
               DB_ARGS(DB_INT(user_id)), &last) != DB_OK)
        return DB_ERR;
    return last ? db_refuse(db, 409, NULL, "refusal.last_admin", NULL) : DB_OK;
}

/* DB_NONE of a change of state: no such user, or one in another state. */
static enum db_rc state_missed(struct db *db, int64_t user_id)
{
    int64_t id;

    if (db_int(db, "SELECT id FROM user WHERE id = ?1", DB_ARGS(DB_INT(user_id)), &id) !=
        DB_OK)
        return DB_NONE;
    return db_refuse(db, 409, NULL, "refusal.state_already", NULL);
}

enum db_rc user_suspend(struct db *db, const struct actor *admin, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = admin_check(db, admin, user_id);
    if (rc == DB_OK)
        rc = state_set(db, admin, user_id, "active", "suspended", "user.suspended");
    if (rc == DB_NONE)
        rc = state_missed(db, user_id);
    return db_end(db, rc);
}

enum db_rc user_restore(struct db *db, const struct actor *admin, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = state_set(db, admin, user_id, "suspended", "active", "user.restored");
    if (rc == DB_NONE)
        rc = state_missed(db, user_id);
    return db_end(db, rc);
}
