/* The number is all that an invitation knows; who stands behind it is looked up when it
 * is answered. The message goes out for every number alike. */
#include "db/invitation.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/member.h"
#include "db/notify.h"
#include "db/setting.h"

#include <string.h>

#define AGAIN_MS (10 * (int64_t)CLOCK_MINUTE)
#define LASTS_MS (INVITATION_DAYS * CLOCK_DAY)

enum { PER_DAY = 40, PER_NUMBER = 5 }; /* sends of an account; to a number, by all */

static enum db_rc count_check(struct db *db, const char *sql, struct db_args args, int most,
                              const char *key)
{
    int64_t n;
    enum db_rc rc = db_int(db, sql, args, &n);

    if (rc == DB_OK && n >= most)
        return db_refuse(db, 429, "mobile", key, NULL);
    return rc;
}

static enum db_rc limits_check(struct db *db, int64_t account_id, const char *mobile)
{
    int64_t day = clock_ms() - CLOCK_DAY;
    enum db_rc rc;

    rc = count_check(db,
                     "SELECT count(*) FROM invitation WHERE account_id = ?1"
                     " AND state IN ('waiting', 'expired') AND mobile <> ?2",
                     DB_ARGS(DB_INT(account_id), DB_TEXT(mobile)), INVITATIONS_OPEN,
                     "refusal.invitations_open");
    if (rc == DB_OK)
        rc = count_check(db,
                         "SELECT count(*) FROM invitation WHERE account_id = ?1"
                         " AND sent_ms > ?2",
                         DB_ARGS(DB_INT(account_id), DB_INT(day)), PER_DAY,
                         "refusal.invitations_day");
    if (rc == DB_OK)
        rc = count_check(db,
                         "SELECT count(*) FROM invitation WHERE mobile = ?1"
                         " AND sent_ms > ?2",
                         DB_ARGS(DB_TEXT(mobile), DB_INT(day)), PER_NUMBER,
                         "refusal.invitations_number");
    return rc;
}

/* The message, and for who has signed up a line in the app; nothing comes of it that the
 * inviter could see. */
static enum db_rc message_send(struct db *db, const struct actor *actor, int64_t id,
                               const char *lang, const char *url)
{
    json_t *row, *args;
    int64_t user_id;
    enum db_rc rc = db_row(db,
                           "SELECT i.mobile, i.sends, a.name AS account, u.name AS name"
                           " FROM invitation i JOIN account a ON a.id = i.account_id"
                           " JOIN user u ON u.id = ?2 WHERE i.id = ?1",
                           DB_ARGS(DB_INT(id), DB_INT(actor->user_id)), &row);

    if (rc != DB_OK)
        return rc;
    args = json_pack("{s:O,s:O,s:s,s:s}", "name", json_object_get(row, "name"), "account",
                     json_object_get(row, "account"), "url", url, "site",
                     setting_name(db));
    rc = notify_number(db, row_text(row, "mobile"), lang, "message.invited", args, "",
                       arena_printf(db_arena(db), "invitation:%lld:%lld", (long long)id,
                                    (long long)row_int(row, "sends")));
    if (rc == DB_OK &&
        db_int(db, "SELECT id FROM user WHERE mobile = ?1 AND state = 'active'",
               DB_ARGS(DB_TEXT(row_text(row, "mobile"))), &user_id) == DB_OK)
        rc = notify_user(db, user_id, 0, "notify.invited", args, "/join");
    return rc;
}

/* Once more, now. */
static enum db_rc renew(struct db *db, const struct actor *actor, int64_t id,
                        const char *lang, const char *url)
{
    int64_t now = clock_ms();
    enum db_rc rc = db_exec(db,
                            "UPDATE invitation SET state = 'waiting', sends = sends + 1,"
                            " sent_ms = ?2, expires_ms = ?3 WHERE id = ?1"
                            " AND sends < ?4 AND sent_ms <= ?5",
                            DB_ARGS(DB_INT(id), DB_INT(now), DB_INT(now + LASTS_MS),
                                    DB_INT(INVITATION_SENDS), DB_INT(now - AGAIN_MS)));

    if (rc == DB_NONE)
        return db_refuse(db, 429, "mobile", "refusal.invited_now", NULL);
    return rc == DB_OK ? message_send(db, actor, id, lang, url) : rc;
}

static enum db_rc invitation_put(struct db *db, const struct actor *actor,
                                 const struct invitation *in, const struct levels *levels,
                                 int64_t *id)
{
    const char *text = json_dumps(levels_json(levels), JSON_COMPACT);
    int64_t now = clock_ms();
    enum db_rc rc = db_int(db,
                           "SELECT id FROM invitation WHERE account_id = ?1"
                           " AND mobile = ?2 AND state IN ('waiting', 'expired')",
                           DB_ARGS(DB_INT(actor->account_id), DB_TEXT(in->mobile)), id);

    if (rc == DB_OK) {
        db_exec(db, "UPDATE invitation SET levels = ?2, name = ?3 WHERE id = ?1",
                DB_ARGS(DB_INT(*id), DB_TEXT(text), DB_TEXT(in->name)));
        return renew(db, actor, *id, in->lang, in->url);
    }
    if (rc == DB_NONE)
        rc = db_insert(db,
                       "INSERT INTO invitation(account_id, mobile, name, levels,"
                       " invited_by, created_ms, sent_ms, expires_ms)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
                       DB_ARGS(DB_INT(actor->account_id), DB_TEXT(in->mobile),
                               DB_TEXT(in->name), DB_TEXT(text), DB_INT(actor->user_id),
                               DB_INT(now), DB_INT(now + LASTS_MS)),
                       id);
    return rc == DB_OK ? message_send(db, actor, *id, in->lang, in->url) : rc;
}

/* "Asha (+91...)", or the number alone. */
static const char *words_of(struct db *db, const char *name, const char *mobile)
{
    return *name ? arena_printf(db_arena(db), "%s (%s)", name, mobile) : mobile;
}

enum db_rc invitation_send(struct db *db, const struct actor *actor,
                           const struct invitation *in, int64_t *id)
{
    struct levels most, levels;
    int64_t member;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = limits_check(db, actor->account_id, in->mobile);
    if (rc == DB_OK &&
        db_int(db,
               "SELECT u.id FROM user u JOIN membership m ON m.user_id = u.id"
               " WHERE u.mobile = ?1 AND m.account_id = ?2",
               DB_ARGS(DB_TEXT(in->mobile), DB_INT(actor->account_id)), &member) == DB_OK)
        rc = db_refuse(db, 422, "mobile", "refusal.member_already", NULL);
    if (rc == DB_OK) {
        levels = levels_within(*in->levels, &most);
        rc = invitation_put(db, actor, in, &levels, id);
    }
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.invited", words_of(db, in->name, in->mobile),
                         NULL, NULL);
    db_made(db, *id);
    return db_end(db, rc);
}

/* One of the account's own, still open. */
static enum db_rc open_find(struct db *db, const struct actor *actor, int64_t id,
                            json_t **row)
{
    return db_row(db,
                  "SELECT mobile, name FROM invitation WHERE id = ?1 AND account_id = ?2"
                  " AND state IN ('waiting', 'expired')",
                  DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), row);
}

enum db_rc invitation_again(struct db *db, const struct actor *actor, int64_t id,
                            const char *lang, const char *url)
{
    struct levels most;
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = open_find(db, actor, id, &row);
    if (rc == DB_OK)
        rc = limits_check(db, actor->account_id, row_text(row, "mobile"));
    if (rc == DB_OK)
        rc = renew(db, actor, id, lang, url);
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.invited",
                         words_of(db, row_text(row, "name"), row_text(row, "mobile")),
                         NULL, NULL);
    return db_end(db, rc);
}

enum db_rc invitation_withdraw(struct db *db, const struct actor *actor, int64_t id)
{
    struct levels most;
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = member_granter(db, actor, &most);
    if (rc == DB_OK)
        rc = open_find(db, actor, id, &row);
    if (rc == DB_OK)
        rc = db_exec(
            db, "UPDATE invitation SET state = 'withdrawn', decided_ms = ?2 WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
    if (rc == DB_OK)
        rc = audit_write(db, actor, "member.uninvited",
                         words_of(db, row_text(row, "name"), row_text(row, "mobile")),
                         NULL, NULL);
    return db_end(db, rc);
}

/* --- the other side --- */

/* The invitation to the user's own number, if it can still be answered. */
static enum db_rc answer_find(struct db *db, const struct actor *actor, int64_t id,
                              json_t **row)
{
    const char *state;
    enum db_rc rc = db_row(db,
                           "SELECT i.account_id, i.state, i.levels AS levels_json,"
                           " i.invited_by, i.expires_ms, i.mobile, u.name"
                           " FROM invitation i JOIN user u ON u.mobile = i.mobile"
                           " JOIN account a ON a.id = i.account_id"
                           "   AND a.state = 'active'"
                           " WHERE i.id = ?1 AND u.id = ?2",
                           DB_ARGS(DB_INT(id), DB_INT(actor->user_id)), row);

    if (rc != DB_OK)
        return rc;
    state = row_text(*row, "state");
    if (strcmp(state, "joined") == 0 || strcmp(state, "declined") == 0)
        return db_refuse(db, 409, NULL, "refusal.invitation_used", NULL);
    if (strcmp(state, "withdrawn") == 0)
        return db_refuse(db, 410, NULL, "refusal.invitation_withdrawn", NULL);
    if (strcmp(state, "expired") == 0 || row_int(*row, "expires_ms") <= clock_ms())
        return db_refuse(db, 410, NULL, "refusal.invitation_expired", NULL);
    return DB_OK;
}

/* Still in the account, the inviter is told. */
static enum db_rc inviter_tell(struct db *db, const json_t *row, const char *key)
{
    int64_t inviter = row_int(row, "invited_by"), n;

    if (db_int(db, "SELECT 1 FROM membership WHERE account_id = ?1 AND user_id = ?2",
               DB_ARGS(DB_INT(row_int(row, "account_id")), DB_INT(inviter)),
               &n) != DB_OK)
        return DB_OK;
    return notify_user(db, inviter, row_int(row, "account_id"), key,
                       json_pack("{s:O}", "name", json_object_get(row, "name")),
                       "/account/users");
}

static enum db_rc join(struct db *db, const struct actor *actor, const json_t *row)
{
    const struct actor there = { actor->user_id, row_int(row, "account_id"),
                                 actor->address };
    struct levels levels = levels_of(json_object_get(row, "levels_json"));
    enum db_rc rc = member_add(db, &there, actor->user_id, &levels);

    return rc == DB_OK ? inviter_tell(db, row, "notify.joined") : rc;
}

enum db_rc invitation_accept(struct db *db, const struct actor *actor, int64_t id,
                             int64_t *account_id)
{
    json_t *row;
    enum db_rc rc;

    *account_id = 0;
    db_begin(db);
    rc = answer_find(db, actor, id, &row);
    if (rc == DB_OK) {
        *account_id = row_int(row, "account_id");
        rc = join(db, actor, row);
    }
    db_made(db, *account_id);
    return db_end(db, rc);
}

enum db_rc invitation_decline(struct db *db, const struct actor *actor, int64_t id)
{
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = answer_find(db, actor, id, &row);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE invitation SET state = 'declined', user_id = ?2,"
                     " decided_ms = ?3 WHERE id = ?1",
                     DB_ARGS(DB_INT(id), DB_INT(actor->user_id), DB_INT(clock_ms())));
    if (rc == DB_OK)
        rc = inviter_tell(db, row, "notify.invitation_declined");
    return db_end(db, rc);
}

enum db_rc invitation_join_all(struct db *db, int64_t user_id)
{
    const struct actor self = { user_id, 0, NULL };
    json_t *rows, *row;
    size_t i;
    enum db_rc rc = db_rows(db,
                            "SELECT i.account_id, i.levels AS levels_json, i.invited_by,"
                            " u.name FROM invitation i JOIN user u ON u.mobile = i.mobile"
                            " JOIN account a ON a.id = i.account_id"
                            "   AND a.state = 'active'"
                            " WHERE u.id = ?1 AND u.state = 'active'"
                            " AND i.state = 'waiting' AND i.expires_ms > ?2",
                            DB_ARGS(DB_INT(user_id), DB_INT(clock_ms())), &rows);

    json_array_foreach(rows, i, row)
    {
        if (rc == DB_OK)
            rc = join(db, &self, row);
    }
    return rc;
}

/* --- lists --- */

enum db_rc invitation_list(struct db *db, int64_t account_id, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT i.id, i.mobile, ifnull(nullif(i.name, ''), ifnull((SELECT name"
                   "   FROM user WHERE id = i.user_id), '')) AS name,"
                   " i.levels AS levels_json,"
                   " iif(i.state = 'waiting' AND i.expires_ms <= ?3, 'expired', i.state)"
                   "   AS state, u.name AS inviter, i.sends, i.sent_ms, i.expires_ms,"
                   " i.decided_ms FROM invitation i JOIN user u ON u.id = i.invited_by"
                   " WHERE i.account_id = ?1 ORDER BY i.id DESC LIMIT ?2",
                   DB_ARGS(DB_INT(account_id), DB_INT(limit), DB_INT(clock_ms())), rows);
}

enum db_rc invitation_list_of_user(struct db *db, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT i.id, a.name AS account_name, b.name AS inviter, i.expires_ms"
                   " FROM user u JOIN invitation i ON i.mobile = u.mobile"
                   " JOIN account a ON a.id = i.account_id AND a.state = 'active'"
                   " JOIN user b ON b.id = i.invited_by"
                   " WHERE u.id = ?1 AND i.state = 'waiting' AND i.expires_ms > ?2"
                   " ORDER BY i.id DESC LIMIT 50",
                   DB_ARGS(DB_INT(user_id), DB_INT(clock_ms())), rows);
}

enum db_rc invitation_sweep(struct db *db)
{
    int64_t now = clock_ms();
    json_t *rows, *row;
    size_t i;
    enum db_rc rc = db_rows(db,
                            "SELECT id, account_id, invited_by,"
                            " iif(name = '', mobile, name) AS name FROM invitation"
                            " WHERE state = 'waiting' AND expires_ms <= ?1 LIMIT 100",
                            DB_ARGS(DB_INT(now)), &rows);

    if (rc != DB_OK || json_array_size(rows) == 0)
        return rc;
    db_begin(db);
    json_array_foreach(rows, i, row)
    {
        if (db_exec(db,
                    "UPDATE invitation SET state = 'expired' WHERE id = ?1"
                    " AND state = 'waiting' AND expires_ms <= ?2",
                    DB_ARGS(DB_INT(row_int(row, "id")), DB_INT(now))) == DB_OK)
            rc = inviter_tell(db, row, "notify.invitation_expired");
    }
    return db_end(db, rc);
}
