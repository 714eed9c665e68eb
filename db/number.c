/* The codes are bound to the session by a keyed hash, so that no cookie of the sign-in
 * can stand for it. */
#include "db/number.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/notify.h"
#include "db/otp.h"
#include "db/session.h"

#include <sodium.h>
#include <string.h>

#define LASTS_MS (30 * (int64_t)CLOCK_MINUTE)

static void binding(const struct actor *actor, const struct number_request *q,
                    unsigned char out[32])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, q->key, 32, 32);
    crypto_generichash_update(&state, (const unsigned char *)"number", 6);
    crypto_generichash_update(&state, (const unsigned char *)&actor->user_id,
                              sizeof actor->user_id);
    crypto_generichash_update(&state, (const unsigned char *)&q->session_id,
                              sizeof q->session_id);
    crypto_generichash_final(&state, out, 32);
}

static enum db_rc code_send(struct db *db, const struct actor *actor,
                            const struct number_request *q, const char *mobile)
{
    unsigned char browser[32];
    const struct otp_request otp = { .key = q->key,
                                     .mobile = mobile,
                                     .purpose = "signin",
                                     .browser = browser,
                                     .lang = q->lang,
                                     .address = actor->address };

    binding(actor, q, browser);
    return otp_send(db, &otp);
}

static enum db_rc mobile_of(struct db *db, int64_t user_id, const char **mobile)
{
    return db_text(db, "SELECT mobile FROM user WHERE id = ?1", DB_ARGS(DB_INT(user_id)),
                   mobile);
}

enum db_rc number_start(struct db *db, const struct actor *actor,
                        const struct number_request *q, const char *mobile)
{
    const char *old;
    enum db_rc rc;

    db_begin(db);
    rc = mobile_of(db, actor->user_id, &old);
    if (rc == DB_OK && strcmp(old, mobile) == 0)
        rc = db_refuse(db, 422, "mobile", "refusal.number_same", NULL);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "INSERT INTO number_change(user_id, session_id, mobile, expires_ms)"
                     " VALUES (?1, ?2, ?3, ?4) ON CONFLICT(user_id) DO UPDATE"
                     " SET session_id = ?2, mobile = ?3, is_old_proven = 0,"
                     " expires_ms = ?4",
                     DB_ARGS(DB_INT(actor->user_id), DB_INT(q->session_id),
                             DB_TEXT(mobile), DB_INT(clock_ms() + LASTS_MS)));
    if (rc == DB_OK)
        rc = code_send(db, actor, q, old);
    return db_end(db, rc);
}

enum db_rc number_find(struct db *db, const struct actor *actor, int64_t session_id,
                       json_t **row)
{
    return db_row(db,
                  "SELECT n.mobile, n.is_old_proven, u.mobile AS old_mobile"
                  " FROM number_change n JOIN user u ON u.id = n.user_id"
                  " WHERE n.user_id = ?1 AND n.session_id = ?2 AND n.expires_ms > ?3",
                  DB_ARGS(DB_INT(actor->user_id), DB_INT(session_id), DB_INT(clock_ms())),
                  row);
}

/* The number whose code is awaited. */
static const char *awaited(const json_t *row)
{
    bool proven = json_is_true(json_object_get(row, "is_old_proven"));

    return json_string_value(json_object_get(row, proven ? "mobile" : "old_mobile"));
}

enum db_rc number_again(struct db *db, const struct actor *actor,
                        const struct number_request *q)
{
    json_t *row;
    enum db_rc rc = number_find(db, actor, q->session_id, &row);

    return rc == DB_OK ? code_send(db, actor, q, awaited(row)) : rc;
}

static enum db_rc old_proven(struct db *db, const struct actor *actor,
                             const struct number_request *q, const char *mobile)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE number_change SET is_old_proven = 1, expires_ms = ?2"
                 " WHERE user_id = ?1",
                 DB_ARGS(DB_INT(actor->user_id), DB_INT(clock_ms() + LASTS_MS)));
    rc = db_end(db, rc);
    return rc == DB_OK ? code_send(db, actor, q, mobile) : rc;
}

/* Whoever has the old number one day has nothing of the user's in its chat; and what was
 * another's in the chat of the new number ends too. */
static void chats_end(struct db *db, const char *old, const char *mobile)
{
    db_exec(db,
            "UPDATE dialogue SET user_id = NULL, account_id = NULL, step = '',"
            " draft = '{}', authenticated_until_ms = 0, is_waiting = 0"
            " WHERE chat IN (substr(?1, 2), substr(?2, 2))",
            DB_ARGS(DB_TEXT(old), DB_TEXT(mobile)));
}

static enum db_rc number_write(struct db *db, const struct actor *actor,
                               const struct number_request *q, const json_t *row)
{
    const struct actor there = { actor->user_id, 0, actor->address };
    const char *old = json_string_value(json_object_get(row, "old_mobile"));
    const char *mobile = json_string_value(json_object_get(row, "mobile")), *name;
    int64_t other;
    enum db_rc rc;

    db_begin(db);
    if (db_int(db, "SELECT id FROM user WHERE mobile = ?1", DB_ARGS(DB_TEXT(mobile)),
               &other) == DB_OK)
        return db_end(db, db_refuse(db, 409, NULL, "refusal.number_taken", NULL));
    rc = db_exec(db, "UPDATE user SET mobile = ?3 WHERE id = ?1 AND mobile = ?2",
                 DB_ARGS(DB_INT(actor->user_id), DB_TEXT(old), DB_TEXT(mobile)));
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM number_change WHERE user_id = ?1",
                     DB_ARGS(DB_INT(actor->user_id)));
    if (rc == DB_OK)
        rc = session_end_others(db, actor->user_id, q->session_id);
    chats_end(db, old, mobile);
    if (rc == DB_OK)
        rc = db_text(db, "SELECT name FROM user WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->user_id)), &name);
    if (rc == DB_OK)
        rc = audit_write(db, &there, "user.number", name, old, mobile);
    if (rc == DB_OK)
        rc = notify_user(db, actor->user_id, 0, "notify.number_changed", NULL, "/me");
    if (rc == DB_OK)
        rc = notify_number(db, old, q->lang, "message.number_left",
                           json_pack("{s:s}", "name", name), NULL);
    return db_end(db, rc);
}

enum db_rc number_prove(struct db *db, const struct actor *actor,
                        const struct number_request *q, const char *code, bool *is_done)
{
    const char *purpose, *details;
    unsigned char browser[32];
    json_t *row;
    enum db_rc rc = number_find(db, actor, q->session_id, &row);

    *is_done = false;
    if (rc == DB_NONE)
        return db_refuse(db, 410, NULL, "refusal.number_over", NULL);
    if (rc != DB_OK)
        return rc;
    binding(actor, q, browser);
    rc = otp_check(db, q->key, awaited(row), browser, code, &purpose, &details);
    if (rc != DB_OK)
        return rc;
    if (!json_is_true(json_object_get(row, "is_old_proven")))
        return old_proven(db, actor, q, json_string_value(json_object_get(row, "mobile")));
    *is_done = true;
    return number_write(db, actor, q, row);
}

enum db_rc number_stop(struct db *db, const struct actor *actor)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM number_change WHERE user_id = ?1",
                 DB_ARGS(DB_INT(actor->user_id)));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}
