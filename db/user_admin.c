/* What the admin sees of users; nothing of what they keep in their accounts. */
#include "db/user.h"

#include "db/account.h"
#include "db/audit.h"
#include "db/base/row.h"
#include "db/match.h"
#include "db/notify.h"
#include "db/session.h"

#include <string.h>

#define LISTED "id, mobile, name, state, is_admin, created_ms"

enum db_rc user_list(struct db *db, const struct user_filter *f, int64_t before_id,
                     int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT " LISTED " FROM user WHERE id < ?1 AND (?2 = '' OR state = ?2"
                   " OR (?2 = 'admin' AND is_admin = 1))"
                   " AND (?3 = '' OR name LIKE ?3 ESCAPE '!' OR (?4 <> ''"
                   "  AND instr(mobile, ?4) > 0)) ORDER BY id DESC LIMIT ?5",
                   DB_ARGS(DB_INT(before_id ? before_id : INT64_MAX), DB_TEXT(f->state),
                           DB_TEXT(match_like(db_arena(db), f->q)),
                           DB_TEXT(match_digits(db_arena(db), f->q)), DB_INT(limit)),
                   rows);
}

enum db_rc user_counts(struct db *db, json_t **row)
{
    return db_row(db,
                  "SELECT count(*) AS \"all\", ifnull(sum(state = 'waiting'), 0) AS waiting,"
                  " ifnull(sum(state = 'active'), 0) AS active,"
                  " ifnull(sum(state = 'suspended'), 0) AS suspended,"
                  " ifnull(sum(is_admin), 0) AS admin FROM user",
                  DB_NO_ARGS, row);
}

enum db_rc user_card(struct db *db, int64_t user_id, json_t **row)
{
    return db_row(db,
                  "SELECT " LISTED ", lang, address, makes,"
                  " (SELECT count(*) FROM session s WHERE s.user_id = u.id) AS sessions,"
                  " (SELECT max(seen_ms) FROM session s WHERE s.user_id = u.id) AS seen_ms,"
                  " (SELECT json_group_array(json_object('id', a.id, 'email',"
                  "   " ACCOUNT_EMAIL_SQL("a") ", 'name', a.name, 'is_primary',"
                  "   json(iif(m.is_primary, 'true', 'false')))) FROM membership m"
                  "   JOIN account a ON a.id = m.account_id"
                  "   WHERE m.user_id = u.id) AS accounts_json"
                  " FROM user u WHERE u.id = ?1",
                  DB_ARGS(DB_INT(user_id)), row);
}

/* Whether one admin may give or take another's right. */
static enum db_rc right_check(struct db *db, const struct actor *admin, int64_t user_id,
                              bool give, json_t **user)
{
    int64_t others;
    enum db_rc rc = db_row(db, "SELECT name, mobile, state, is_admin FROM user WHERE id = ?1",
                           DB_ARGS(DB_INT(user_id)), user);

    if (rc != DB_OK)
        return rc;
    if (user_id == admin->user_id)
        return db_refuse(db, 409, NULL, "refusal.admin_yourself", NULL);
    if (row_true(*user, "is_admin") == give)
        return db_refuse(db, 409, NULL, "refusal.state_already", NULL);
    if (give)
        return strcmp(row_text(*user, "state"), "active") == 0
                   ? DB_OK
                   : db_refuse(db, 409, NULL, "refusal.admin_not_in", NULL);
    /* Two who take it from each other at once: the second is none any more, or the last. */
    rc = db_int(db,
                "SELECT count(*) FROM user WHERE is_admin = 1 AND state = 'active'"
                " AND id <> ?1",
                DB_ARGS(DB_INT(user_id)), &others);
    if (rc == DB_OK && others == 0)
        rc = db_refuse(db, 409, NULL, "refusal.last_admin", NULL);
    return rc;
}

static enum db_rc right_tell(struct db *db, const struct actor *admin, int64_t user_id,
                             const json_t *user, bool give)
{
    const char *by;
    json_t *args;
    enum db_rc rc = db_text(db, "SELECT name FROM user WHERE id = ?1",
                            DB_ARGS(DB_INT(admin->user_id)), &by);

    if (rc != DB_OK)
        return rc;
    args = json_pack("{s:O,s:s}", "name", json_object_get(user, "name"), "by", by);
    rc = notify_admins(db, give ? "notify.admin_given" : "notify.admin_taken", args,
                       arena_printf(db_arena(db), "/admin/users/%lld", (long long)user_id));
    if (rc == DB_OK && !give)
        rc = notify_user(db, user_id, 0, "notify.admin_no_more", args, "");
    return rc;
}

static enum db_rc right_set(struct db *db, const struct actor *admin, int64_t user_id,
                            bool give)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    json_t *user;
    enum db_rc rc;

    db_begin(db);
    rc = right_check(db, admin, user_id, give, &user);
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE user SET is_admin = ?2 WHERE id = ?1",
                     DB_ARGS(DB_INT(user_id), DB_INT(give)));
    if (rc == DB_OK)
        rc = audit_write(db, &there, give ? "user.admin" : "user.admin_taken",
                         arena_printf(db_arena(db), "%s (%s)", row_text(user, "name"),
                                      row_text(user, "mobile")),
                         give ? NULL : "admin", give ? "admin" : NULL);
    if (rc == DB_OK)
        rc = right_tell(db, admin, user_id, user, give);
    return db_end(db, rc);
}

enum db_rc user_admin_give(struct db *db, const struct actor *admin, int64_t user_id)
{
    return right_set(db, admin, user_id, true);
}

enum db_rc user_admin_take(struct db *db, const struct actor *admin, int64_t user_id)
{
    return right_set(db, admin, user_id, false);
}

enum db_rc user_sign_out(struct db *db, const struct actor *admin, int64_t user_id)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *mobile;
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db, "SELECT mobile FROM user WHERE id = ?1", DB_ARGS(DB_INT(user_id)),
                 &mobile);
    if (rc == DB_OK && session_end_all(db, user_id) == DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK)
        rc = audit_write(db, &there, "user.signed_out", mobile, NULL, NULL);
    return db_end(db, rc);
}
