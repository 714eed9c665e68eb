/* A request is decided once; being let in by whatever way closes it. */
#include "db/join.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/member.h"
#include "db/notify.h"

static enum db_rc limits_check(struct db *db, int64_t user_id)
{
    int64_t open, day;
    enum db_rc rc = db_int(db,
                           "SELECT count(*) FROM join_request WHERE user_id = ?1"
                           " AND state = 'waiting'",
                           DB_ARGS(DB_INT(user_id)), &open);

    if (rc == DB_OK)
        rc = db_int(db,
                    "SELECT count(*) FROM join_request WHERE user_id = ?1"
                    " AND asked_ms > ?2",
                    DB_ARGS(DB_INT(user_id), DB_INT(clock_ms() - CLOCK_DAY)), &day);
    if (rc == DB_OK && (open >= JOINS_OPEN || day >= JOINS_DAY))
        return db_refuse(db, 429, "email", "refusal.joins_many", NULL);
    return rc;
}

/* The account of the name, that the user is not in and does not wait for. */
static enum db_rc account_of(struct db *db, int64_t user_id, const char *email,
                             json_t **row)
{
    enum db_rc rc = db_row(
        db,
        "SELECT a.id, a.name, EXISTS (SELECT 1 FROM membership m"
        "   WHERE m.account_id = a.id AND m.user_id = ?2) AS is_in,"
        " EXISTS (SELECT 1 FROM join_request j WHERE j.account_id = a.id"
        "   AND j.user_id = ?2 AND j.state = 'waiting') AS is_waiting"
        " FROM account a WHERE a.email = ?1 AND a.state = 'active'",
        DB_ARGS(DB_TEXT(email), DB_INT(user_id)), row);

    if (rc == DB_NONE)
        return db_refuse(db, 422, "email", "refusal.no_such_account", NULL);
    if (rc == DB_OK && json_is_true(json_object_get(*row, "is_in")))
        return db_refuse(db, 422, "email", "refusal.in_already", NULL);
    if (rc == DB_OK && json_is_true(json_object_get(*row, "is_waiting")))
        return db_refuse(db, 422, "email", "refusal.joins_waiting", NULL);
    return rc;
}

enum db_rc join_ask(struct db *db, const struct actor *actor, const char *email,
                    const char *note, int64_t *id)
{
    const char *name;
    json_t *account;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = limits_check(db, actor->user_id);
    if (rc == DB_OK)
        rc = account_of(db, actor->user_id, email, &account);
    if (rc == DB_OK)
        rc = db_insert(db,
                       "INSERT INTO join_request(account_id, user_id, note, asked_ms)"
                       " VALUES (?1, ?2, ?3, ?4)",
                       DB_ARGS(DB_INT(row_int(account, "id")), DB_INT(actor->user_id),
                               DB_TEXT(note), DB_INT(clock_ms())),
                       id);
    if (rc == DB_OK)
        rc = db_text(db, "SELECT name FROM user WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->user_id)), &name);
    if (rc == DB_OK)
        rc = notify_account(db, row_int(account, "id"), "users", "notify.join_asked",
                            json_pack("{s:s,s:O}", "name", name, "account",
                                      json_object_get(account, "name")),
                            "/account/users");
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc join_withdraw(struct db *db, const struct actor *actor, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE join_request SET state = 'withdrawn', decided_ms = ?3"
                 " WHERE id = ?1 AND user_id = ?2 AND state = 'waiting'",
                 DB_ARGS(DB_INT(id), DB_INT(actor->user_id), DB_INT(clock_ms())));
    return db_end(db, rc);
}

static enum db_rc waiting_find(struct db *db, const struct actor *actor, int64_t id,
                               json_t **row)
{
    return db_row(db,
                  "SELECT j.user_id, u.name, u.mobile, a.name AS account"
                  " FROM join_request j JOIN user u ON u.id = j.user_id"
                  " JOIN account a ON a.id = j.account_id"
                  " WHERE j.id = ?1 AND j.account_id = ?2 AND j.state = 'waiting'",
                  DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), row);
}

enum db_rc join_approve(struct db *db, const struct actor *actor, int64_t id,
                        const struct levels *levels)
{
    struct levels most, given;
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = waiting_find(db, actor, id, &row);
    if (rc == DB_OK) {
        given = levels_within(*levels, &most);
        rc = member_add(db, actor, row_int(row, "user_id"), &given);
    }
    if (rc == DB_OK)
        rc = notify_user(db, row_int(row, "user_id"), actor->account_id,
                         "notify.join_approved",
                         json_pack("{s:O}", "account", json_object_get(row, "account")),
                         "/accounts");
    return db_end(db, rc);
}

enum db_rc join_refuse(struct db *db, const struct actor *actor, int64_t id,
                       const char *reason)
{
    struct levels most;
    json_t *row;
    enum db_rc rc;

    if (!*reason)
        return db_refuse(db, 422, "reason", "refusal.reason", NULL);
    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = waiting_find(db, actor, id, &row);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE join_request SET state = 'refused', reason = ?2,"
                     " decided_ms = ?3, decided_by = ?4 WHERE id = ?1",
                     DB_ARGS(DB_INT(id), DB_TEXT(reason), DB_INT(clock_ms()),
                             DB_INT(actor->user_id)));
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.refused",
                         arena_printf(db_arena(db), "%s (%s)", row_text(row, "name"),
                                      row_text(row, "mobile")),
                         NULL, reason);
    if (rc == DB_OK)
        rc = notify_user(db, row_int(row, "user_id"), 0, "notify.join_refused",
                         json_pack("{s:O,s:s}", "account", json_object_get(row, "account"),
                                   "reason", reason),
                         "/join");
    return db_end(db, rc);
}

enum db_rc join_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT j.id, j.user_id, u.name, u.mobile, j.note, j.asked_ms"
                   " FROM join_request j JOIN user u ON u.id = j.user_id"
                   " WHERE j.account_id = ?1 AND j.state = 'waiting' ORDER BY j.id"
                   " LIMIT 100",
                   DB_ARGS(DB_INT(account_id)), rows);
}

enum db_rc join_list_of_user(struct db *db, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT j.id, a.email, j.state, j.reason, j.asked_ms"
                   " FROM join_request j JOIN account a ON a.id = j.account_id"
                   " WHERE j.user_id = ?1 ORDER BY j.id DESC LIMIT 20",
                   DB_ARGS(DB_INT(user_id)), rows);
}
