/* What the admin sees and decides of accounts; nothing of their books (ACC-8). */
#include "db/account.h"

#include "db/audit.h"
#include "db/match.h"
#include "db/permission.h"

#include <string.h>

#define LISTED                                                                           \
    "a.id, " ACCOUNT_EMAIL_SQL("a") " AS email, a.name, a.state,"                        \
    " ifnull(v.state, '') AS vendor_state,"                                             \
    " u.name AS user_name, u.mobile AS user_mobile, a.created_ms"
#define FROM                                                                             \
    " FROM account a JOIN membership m ON m.account_id = a.id AND m.is_primary = 1"      \
    " JOIN user u ON u.id = m.user_id LEFT JOIN vendor v ON v.account_id = a.id"

enum db_rc account_list(struct db *db, const struct account_filter *f, int64_t before_id,
                        int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT " LISTED FROM " WHERE a.id < ?1 AND (?2 = '' OR a.state = ?2"
                   " OR (?2 = 'vendor' AND v.state IN ('approved', 'suspended')))"
                   " AND (?3 = '' OR a.name LIKE ?3 ESCAPE '!'"
                   "  OR a.email LIKE ?3 ESCAPE '!' OR v.trade_name LIKE ?3 ESCAPE '!'"
                   "  OR (?4 <> '' AND instr(u.mobile, ?4) > 0))"
                   " ORDER BY a.id DESC LIMIT ?5",
                   DB_ARGS(DB_INT(before_id ? before_id : INT64_MAX), DB_TEXT(f->state),
                           DB_TEXT(match_like(db_arena(db), f->q)),
                           DB_TEXT(match_digits(db_arena(db), f->q)), DB_INT(limit)),
                   rows);
}

enum db_rc account_counts(struct db *db, json_t **row)
{
    return db_row(db,
                  "SELECT count(*) AS \"all\", ifnull(sum(state = 'active'), 0) AS active,"
                  " ifnull(sum(state = 'suspended'), 0) AS suspended,"
                  " (SELECT count(*) FROM vendor WHERE state IN ('approved', 'suspended'))"
                  " AS vendor FROM account",
                  DB_NO_ARGS, row);
}

enum db_rc account_card(struct db *db, int64_t account_id, json_t **row)
{
    return db_row(db,
                  "SELECT " LISTED ", u.id AS user_id, ifnull(v.trade_name, '') AS"
                  " trade_name, ifnull(v.handle, '') AS handle, ifnull(v.reason, '') AS"
                  " vendor_reason, (SELECT count(*) FROM membership x WHERE x.account_id ="
                  " a.id) AS members, ifnull((SELECT json_group_object(o.module, 1) FROM"
                  " module_off o WHERE o.account_id = a.id), '{}') AS modules_off_json" FROM
                  " WHERE a.id = ?1",
                  DB_ARGS(DB_INT(account_id)), row);
}

static enum db_rc email_of(struct db *db, int64_t account_id, const char **email)
{
    return db_text(db, "SELECT email FROM account WHERE id = ?1",
                   DB_ARGS(DB_INT(account_id)), email);
}

static enum db_rc state_set(struct db *db, const struct actor *admin, int64_t account_id,
                            const char *from, const char *to)
{
    const struct actor there = { admin->user_id, account_id, admin->address };
    const char *email;
    enum db_rc rc;

    db_begin(db);
    rc = email_of(db, account_id, &email);
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE account SET state = ?3 WHERE id = ?1 AND state = ?2",
                     DB_ARGS(DB_INT(account_id), DB_TEXT(from), DB_TEXT(to)));
    else
        return db_end(db, rc);
    if (rc == DB_NONE)
        rc = db_refuse(db, 409, NULL, "refusal.state_already", NULL);
    if (rc == DB_OK)
        rc = audit_write(db, &there, "account.state", email, from, to);
    return db_end(db, rc);
}

enum db_rc account_suspend(struct db *db, const struct actor *admin, int64_t account_id)
{
    return state_set(db, admin, account_id, "active", "suspended");
}

enum db_rc account_restore(struct db *db, const struct actor *admin, int64_t account_id)
{
    return state_set(db, admin, account_id, "suspended", "active");
}

static bool module_known(const char *name)
{
    for (int m = MOD_NONE + 1; m < MODULES; m++)
        if (strcmp(module_name((enum module)m), name) == 0)
            return true;
    return false;
}

static enum db_rc module_set(struct db *db, const struct actor *admin, int64_t account_id,
                             const char *module, const char *sql, bool off)
{
    const struct actor there = { admin->user_id, account_id, admin->address };
    const char *email;
    enum db_rc rc;

    if (!module_known(module))
        return DB_NONE;
    db_begin(db);
    rc = email_of(db, account_id, &email);
    if (rc != DB_OK)
        return db_end(db, rc);
    rc = db_exec(db, sql, DB_ARGS(DB_INT(account_id), DB_TEXT(module)));
    if (rc == DB_OK)
        rc = audit_write(db, &there, "account.module", module, off ? "on" : "off",
                         off ? "off" : "on");
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

enum db_rc account_module_take(struct db *db, const struct actor *admin,
                               int64_t account_id, const char *module)
{
    return module_set(db, admin, account_id, module,
                      "INSERT INTO module_off(account_id, module) VALUES (?1, ?2)"
                      " ON CONFLICT DO NOTHING",
                      true);
}

enum db_rc account_module_give(struct db *db, const struct actor *admin,
                               int64_t account_id, const char *module)
{
    return module_set(db, admin, account_id, module,
                      "DELETE FROM module_off WHERE account_id = ?1 AND module = ?2",
                      false);
}
