/* What the admin sees of users; nothing of what they keep in their accounts. */
#include "db/user.h"

#include "db/audit.h"
#include "db/match.h"
#include "db/session.h"

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
                  " (SELECT json_group_array(json_object('id', a.id, 'email', a.email,"
                  "   'name', a.name, 'is_primary', json(iif(m.is_primary, 'true',"
                  "   'false')))) FROM membership m JOIN account a ON a.id = m.account_id"
                  "   WHERE m.user_id = u.id) AS accounts_json"
                  " FROM user u WHERE u.id = ?1",
                  DB_ARGS(DB_INT(user_id)), row);
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
