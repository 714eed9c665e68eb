/* What a token may is worked out when it is used, so that taking a permission from its
 * maker takes it from the token. */
#include "db/token.h"

#include "db/audit.h"
#include "db/base/clock.h"

enum db_rc token_find(struct db *db, const unsigned char hash[32], json_t **row)
{
    return db_row(
        db,
        "SELECT 0 AS id, k.id AS token_id, k.used_ms, u.id AS user_id,"
        " u.name AS user_name, u.mobile, u.lang, 0 AS is_admin, a.id AS account_id,"
        " a.name AS account_name, a.zone, 0 AS is_primary,"
        " ifnull(v.state, '') AS vendor_state, ifnull(v.handle, '') AS handle,"
        " (SELECT json_group_object(t.module, CASE WHEN m.is_primary = 1 THEN t.level"
        "   ELSE min(t.level, p.level) END) FROM api_token_level t LEFT JOIN permission p"
        "   ON p.account_id = a.id AND p.user_id = u.id AND p.module = t.module"
        "   WHERE t.token_id = k.id AND (m.is_primary = 1 OR p.level IS NOT NULL))"
        "   AS levels_json,"
        " ifnull((SELECT json_group_object(o.module, 1) FROM module_off o"
        "   WHERE o.account_id = a.id), '{}') AS modules_off_json,"
        " (SELECT count(*) FROM requirement WHERE account_id = a.id) AS cart_count,"
        " 0 AS unread_count"
        " FROM api_token k JOIN user u ON u.id = k.user_id AND u.state = 'active'"
        " JOIN membership m ON m.account_id = k.account_id AND m.user_id = u.id"
        " JOIN account a ON a.id = k.account_id AND a.state = 'active'"
        " LEFT JOIN vendor v ON v.account_id = a.id"
        " WHERE k.token_hash = ?1 AND k.revoked_ms IS NULL",
        DB_ARGS(DB_BLOB(hash, 32)), row);
}

enum db_rc token_seen(struct db *db, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "UPDATE api_token SET used_ms = ?2 WHERE id = ?1",
                 DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
    return db_end(db, rc);
}

static enum db_rc levels_check(struct db *db, const json_t *session,
                               const enum level levels[MODULES])
{
    bool any = false;

    for (enum module m = MOD_NONE + 1; m < MODULES; m++) {
        if (levels[m] > permission_level(session, m))
            return db_refuse(db, 422, module_name(m), "refusal.token_above", NULL);
        any = any || levels[m] > LEVEL_NONE;
    }
    return any ? DB_OK : db_refuse(db, 422, NULL, "refusal.token_nothing", NULL);
}

static enum db_rc room_check(struct db *db, int64_t account_id)
{
    int64_t n;

    if (db_int(db,
               "SELECT count(*) FROM api_token WHERE account_id = ?1"
               " AND revoked_ms IS NULL",
               DB_ARGS(DB_INT(account_id)), &n) != DB_OK)
        return DB_ERR;
    return n < TOKEN_PER_ACCOUNT ? DB_OK
                                 : db_refuse(db, 409, "name", "refusal.tokens_many", NULL);
}

enum db_rc token_create(struct db *db, const struct actor *actor, const json_t *session,
                        const char *name, const enum level levels[MODULES],
                        const unsigned char hash[32], int64_t *id)
{
    enum db_rc rc;

    db_begin(db);
    rc = levels_check(db, session, levels);
    if (rc == DB_OK)
        rc = room_check(db, actor->account_id);
    if (rc == DB_OK)
        rc = db_insert(db,
                       "INSERT INTO api_token(account_id, user_id, name, token_hash,"
                       " created_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
                       DB_ARGS(DB_INT(actor->account_id), DB_INT(actor->user_id),
                               DB_TEXT(name), DB_BLOB(hash, 32), DB_INT(clock_ms())),
                       id);
    for (enum module m = MOD_NONE + 1; m < MODULES && rc == DB_OK; m++)
        if (levels[m] > LEVEL_NONE)
            rc = db_exec(db, "INSERT INTO api_token_level VALUES (?1, ?2, ?3)",
                         DB_ARGS(DB_INT(*id), DB_TEXT(module_name(m)), DB_INT(levels[m])));
    if (rc == DB_OK) {
        db_made(db, *id);
        rc = audit_write(db, actor, "token.made", name, NULL, NULL);
    }
    return db_end(db, rc);
}

enum db_rc token_list(struct db *db, int64_t account_id, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT k.id, k.name, u.name AS user_name, k.created_ms, k.used_ms,"
                   " (SELECT json_group_object(t.module, t.level) FROM api_token_level t"
                   "  WHERE t.token_id = k.id) AS levels_json"
                   " FROM api_token k JOIN user u ON u.id = k.user_id"
                   " WHERE k.account_id = ?1 AND k.revoked_ms IS NULL"
                   " AND (?2 = 0 OR k.user_id = ?2) ORDER BY k.id DESC",
                   DB_ARGS(DB_INT(account_id), DB_INT(user_id)), rows);
}

enum db_rc token_revoke(struct db *db, const struct actor *actor, int64_t id, bool any)
{
    const char *name;
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db,
                 "SELECT name FROM api_token WHERE id = ?1 AND account_id = ?2"
                 " AND revoked_ms IS NULL AND (?4 = 1 OR user_id = ?3)",
                 DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_INT(actor->user_id),
                         DB_INT(any)),
                 &name);
    if (rc == DB_OK) {
        db_exec(db, "UPDATE api_token SET revoked_ms = ?2 WHERE id = ?1",
                DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
        rc = audit_write(db, actor, "token.revoked", name, NULL, NULL);
    }
    return db_end(db, rc);
}
