/* The primary user's levels are no rows: who is primary may do everything. */
#include "db/member.h"

#include "db/audit.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/notify.h"

#include <string.h>

#define COLUMNS                                                                          \
    "SELECT u.id, u.name, u.mobile, m.is_primary, m.created_ms,"                         \
    " (SELECT json_group_object(p.module, p.level) FROM permission p"                    \
    "   WHERE p.account_id = m.account_id AND p.user_id = u.id) AS levels_json,"         \
    " (SELECT max(s.seen_ms) FROM session s WHERE s.user_id = u.id) AS seen_ms"          \
    " FROM membership m JOIN user u ON u.id = m.user_id WHERE m.account_id = ?1"

enum db_rc member_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db, COLUMNS " ORDER BY m.is_primary DESC, u.name, u.id LIMIT 500",
                   DB_ARGS(DB_INT(account_id)), rows);
}

enum db_rc member_find(struct db *db, int64_t account_id, int64_t user_id, json_t **row)
{
    return db_row(db, COLUMNS " AND m.user_id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(user_id)), row);
}

enum db_rc member_modules_off(struct db *db, int64_t account_id, json_t **off)
{
    json_t *row;
    enum db_rc rc = db_row(db,
                           "SELECT ifnull(json_group_object(module, 1), '{}') AS off_json"
                           " FROM module_off WHERE account_id = ?1",
                           DB_ARGS(DB_INT(account_id)), &row);

    *off = rc == DB_OK ? json_object_get(row, "off_json") : NULL;
    return rc;
}

static struct levels levels_all(void)
{
    struct levels all = { 0 };

    for (int i = MOD_NONE + 1; i < MODULES; i++)
        all.of[i] = LEVEL_CHANGE;
    return all;
}

static enum db_rc levels_in(const json_t *row, struct levels *levels, bool *is_primary)
{
    *is_primary = json_is_true(json_object_get(row, "is_primary"));
    *levels = *is_primary ? levels_all() : levels_of(json_object_get(row, "levels_json"));
    return DB_OK;
}

enum db_rc member_levels(struct db *db, int64_t account_id, int64_t user_id,
                         struct levels *levels, bool *is_primary)
{
    json_t *row;
    enum db_rc rc = member_find(db, account_id, user_id, &row);

    *levels = (struct levels) { 0 };
    *is_primary = false;
    return rc == DB_OK ? levels_in(row, levels, is_primary) : rc;
}

enum db_rc member_granter(struct db *db, const struct actor *actor, struct levels *most)
{
    json_t *row;
    bool is_primary;
    enum db_rc rc = permission_find(db, actor->account_id, actor->user_id, &row);

    if (rc == DB_ERR)
        return rc;
    if (rc == DB_NONE || permission_level(row, MOD_USERS) < LEVEL_CHANGE)
        return db_refuse(db, 403, NULL, "refusal.users_not_yours", NULL);
    return levels_in(row, most, &is_primary);
}

/* --- what is told and kept --- */

/* "Asha (+91...)": readable when either changes later. */
static const char *member_words(struct db *db, const json_t *row)
{
    return arena_printf(db_arena(db), "%s (%s)",
                        json_string_value(json_object_get(row, "name")),
                        json_string_value(json_object_get(row, "mobile")));
}

/* "orders:2 cash_register:0" of the modules that differ from `other`. */
static const char *levels_words(struct db *db, const struct levels *levels,
                                const struct levels *other)
{
    struct buf b = buf_new(db_arena(db), 128, 1024);

    for (int i = MOD_NONE + 1; i < MODULES; i++)
        if (levels->of[i] != other->of[i])
            buf_printf(&b, "%s%s:%d", b.len ? " " : "", module_name((enum module)i),
                       (int)levels->of[i]);
    return buf_str(&b);
}

static void member_tell(struct db *db, const struct actor *actor, int64_t user_id,
                        const char *key, const char *href)
{
    const char *name;

    if (db_text(db, "SELECT name FROM account WHERE id = ?1",
                DB_ARGS(DB_INT(actor->account_id)), &name) == DB_OK)
        notify_user(db, user_id, actor->account_id, key,
                    json_pack("{s:s}", "account", name), href);
}

/* --- changes --- */

static enum db_rc levels_write(struct db *db, int64_t account_id, int64_t user_id,
                               const struct levels *levels)
{
    enum db_rc rc = db_exec(
        db, "DELETE FROM permission WHERE account_id = ?1 AND user_id = ?2",
        DB_ARGS(DB_INT(account_id), DB_INT(user_id)));

    for (int i = MOD_NONE + 1; i < MODULES && rc != DB_ERR; i++)
        if (levels->of[i])
            rc = db_exec(db,
                         "INSERT INTO permission(account_id, user_id, module, level)"
                         " VALUES (?1, ?2, ?3, ?4)",
                         DB_ARGS(DB_INT(account_id), DB_INT(user_id),
                                 DB_TEXT(module_name((enum module)i)),
                                 DB_INT(levels->of[i])));
    return rc == DB_NONE ? DB_OK : rc;
}

/* A secondary user of the account, and what they may do now. */
static enum db_rc target_find(struct db *db, const struct actor *actor, int64_t user_id,
                              json_t **row, struct levels *levels)
{
    bool is_primary;
    enum db_rc rc = member_find(db, actor->account_id, user_id, row);

    if (rc != DB_OK)
        return rc;
    levels_in(*row, levels, &is_primary);
    return is_primary ? db_refuse(db, 409, NULL, "refusal.primary_stays", NULL) : DB_OK;
}

static enum db_rc levels_change(struct db *db, const struct actor *actor, int64_t user_id,
                                const struct levels *levels, const struct levels *most)
{
    struct levels was;
    json_t *row;
    enum db_rc rc = target_find(db, actor, user_id, &row, &was);

    if (rc != DB_OK)
        return rc;
    if (user_id == actor->user_id)
        return db_refuse(db, 409, NULL, "refusal.own_levels", NULL);
    for (int i = MOD_NONE + 1; i < MODULES; i++)
        if (levels->of[i] != was.of[i] &&
            (levels->of[i] > most->of[i] || was.of[i] > most->of[i]))
            return db_refuse(db, 403, module_name((enum module)i),
                             "refusal.more_than_own", NULL);
    if (memcmp(levels, &was, sizeof was) == 0)
        return DB_OK;
    rc = levels_write(db, actor->account_id, user_id, levels);
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.levels", member_words(db, row),
                         levels_words(db, &was, levels), levels_words(db, levels, &was));
    member_tell(db, actor, user_id, "notify.levels", "/accounts");
    return rc;
}

enum db_rc member_levels_set(struct db *db, const struct actor *actor, int64_t user_id,
                             const struct levels *levels)
{
    struct levels most;
    enum db_rc rc;

    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = levels_change(db, actor, user_id, levels, &most);
    return db_end(db, rc);
}

/* Sessions that stand in the account leave it; invitations by the user are nobody's. */
static enum db_rc member_take_out(struct db *db, const struct actor *actor,
                                  int64_t user_id, const char *kind, const json_t *row)
{
    enum db_rc rc = db_exec(db,
                            "DELETE FROM membership WHERE account_id = ?1"
                            " AND user_id = ?2 AND is_primary = 0",
                            DB_ARGS(DB_INT(actor->account_id), DB_INT(user_id)));

    if (rc != DB_OK)
        return rc;
    db_exec(db,
            "UPDATE invitation SET state = 'withdrawn', decided_ms = ?3"
            " WHERE account_id = ?1 AND invited_by = ?2"
            " AND state IN ('waiting', 'expired')",
            DB_ARGS(DB_INT(actor->account_id), DB_INT(user_id), DB_INT(clock_ms())));
    db_exec(db,
            "UPDATE session SET account_id = NULL WHERE account_id = ?1"
            " AND user_id = ?2",
            DB_ARGS(DB_INT(actor->account_id), DB_INT(user_id)));
    return audit_write(db, actor, kind, member_words(db, row), NULL, NULL);
}

enum db_rc member_remove(struct db *db, const struct actor *actor, int64_t user_id)
{
    struct levels most, has, within;
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = target_find(db, actor, user_id, &row, &has);
    if (rc == DB_OK) {
        within = levels_within(has, &most);
        if (memcmp(&within, &has, sizeof has) != 0)
            rc = db_refuse(db, 403, NULL, "refusal.more_than_own", NULL);
    }
    if (rc == DB_OK)
        rc = member_take_out(db, actor, user_id, "member.removed", row);
    if (rc == DB_OK)
        member_tell(db, actor, user_id, "notify.removed", "/accounts");
    return db_end(db, rc);
}

enum db_rc member_leave(struct db *db, const struct actor *actor)
{
    struct levels has;
    json_t *row = NULL;
    enum db_rc rc;

    db_begin(db);
    rc = target_find(db, actor, actor->user_id, &row, &has);
    if (rc == DB_OK)
        rc = member_take_out(db, actor, actor->user_id, "member.left", row);
    if (rc == DB_OK)
        rc = notify_account(db, actor->account_id, "users", "notify.left",
                            json_pack("{s:O}", "name", json_object_get(row, "name")),
                            "/account/users");
    return db_end(db, rc);
}

/* First down, then up: at no moment are there two. */
static enum db_rc primary_move(struct db *db, const struct actor *actor, int64_t user_id)
{
    const struct levels all = levels_all();
    enum db_rc rc = db_exec(db,
                            "UPDATE membership SET is_primary = 0 WHERE account_id = ?1"
                            " AND user_id = ?2 AND is_primary = 1",
                            DB_ARGS(DB_INT(actor->account_id), DB_INT(actor->user_id)));

    if (rc == DB_NONE)
        return db_refuse(db, 403, NULL, "refusal.not_primary", NULL);
    if (rc == DB_OK)
        rc = levels_write(db, actor->account_id, actor->user_id, &all);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE membership SET is_primary = 1 WHERE account_id = ?1"
                     " AND user_id = ?2 AND EXISTS (SELECT 1 FROM user"
                     "   WHERE id = ?2 AND state = 'active')",
                     DB_ARGS(DB_INT(actor->account_id), DB_INT(user_id)));
    return rc == DB_NONE ? db_refuse(db, 409, NULL, "refusal.not_active", NULL) : rc;
}

enum db_rc member_hand_over(struct db *db, const struct actor *actor, int64_t user_id)
{
    struct levels ignored;
    json_t *row, *self;
    enum db_rc rc;

    db_begin(db);
    rc = member_find(db, actor->account_id, actor->user_id, &self);
    if (rc == DB_NONE || (rc == DB_OK && !json_is_true(json_object_get(self, "is_primary"))))
        rc = db_refuse(db, 403, NULL, "refusal.not_primary", NULL);
    if (rc == DB_OK)
        rc = target_find(db, actor, user_id, &row, &ignored);
    if (rc == DB_OK)
        rc = primary_move(db, actor, user_id);
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.primary", "", member_words(db, self),
                         member_words(db, row));
    if (rc == DB_OK)
        member_tell(db, actor, user_id, "notify.primary", "/account");
    return db_end(db, rc);
}

enum db_rc member_add(struct db *db, const struct actor *by, int64_t user_id,
                      const struct levels *levels)
{
    const struct levels none = { 0 };
    int64_t now = clock_ms();
    json_t *row;
    enum db_rc rc = db_exec(db,
                            "INSERT INTO membership(account_id, user_id, is_primary,"
                            " created_ms) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING",
                            DB_ARGS(DB_INT(by->account_id), DB_INT(user_id), DB_INT(now)));
    bool was_in = rc == DB_NONE;

    if (rc == DB_OK)
        rc = levels_write(db, by->account_id, user_id, levels);
    if (rc == DB_ERR)
        return rc;
    db_exec(db,
            "UPDATE invitation SET state = 'joined', user_id = ?2, decided_ms = ?3"
            " WHERE account_id = ?1 AND state IN ('waiting', 'expired')"
            " AND mobile = (SELECT mobile FROM user WHERE id = ?2)",
            DB_ARGS(DB_INT(by->account_id), DB_INT(user_id), DB_INT(now)));
    db_exec(db,
            "UPDATE join_request SET state = 'approved', decided_ms = ?3, decided_by = ?4"
            " WHERE account_id = ?1 AND user_id = ?2 AND state = 'waiting'",
            DB_ARGS(DB_INT(by->account_id), DB_INT(user_id), DB_INT(now),
                    DB_REF(by->user_id)));
    if (was_in)
        return DB_OK;
    rc = member_find(db, by->account_id, user_id, &row);
    if (rc == DB_OK)
        rc = audit_write(db, by, "member.joined", member_words(db, row), NULL,
                         levels_words(db, levels, &none));
    return rc;
}
