/* The codes are bound to the session by a keyed hash, so that no cookie of the sign-in
 * can stand for it. */
#include "db/number.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/notify.h"
#include "db/otp.h"
#include "db/session.h"
#include "db/setting.h"

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
                            const struct number_request *q, const char *mobile,
                            bool is_own)
{
    unsigned char browser[32];
    const struct otp_request otp = { .key = q->key,
                                     .mobile = mobile,
                                     .purpose = "signin",
                                     .browser = browser,
                                     .lang = q->lang,
                                     .address = q->address,
                                     .is_known = is_own };

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
        rc = code_send(db, actor, q, old, true);
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

static bool is_old_proven(const json_t *row)
{
    return row_true(row, "is_old_proven");
}

/* The number whose code is awaited. */
static const char *awaited(const json_t *row)
{
    return row_text(row, is_old_proven(row) ? "mobile" : "old_mobile");
}

enum db_rc number_again(struct db *db, const struct actor *actor,
                        const struct number_request *q)
{
    json_t *row;
    enum db_rc rc = number_find(db, actor, q->session_id, &row);

    return rc == DB_OK ? code_send(db, actor, q, awaited(row), !is_old_proven(row)) : rc;
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
    const char *old = row_text(row, "old_mobile"), *mobile = row_text(row, "mobile"), *name;
    enum db_rc rc = db_exec(db, "UPDATE user SET mobile = ?3 WHERE id = ?1 AND mobile = ?2",
                            DB_ARGS(DB_INT(actor->user_id), DB_TEXT(old), DB_TEXT(mobile)));

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
                           json_pack("{s:s, s:s}", "name", name, "site", setting_name(db)), "",
                           NULL);
    return rc;
}

static bool number_is_taken(struct db *db, const char *mobile)
{
    int64_t other;

    return db_int(db, "SELECT id FROM user WHERE mobile = ?1", DB_ARGS(DB_TEXT(mobile)),
                  &other) == DB_OK;
}

/* What a right code leads to. */
static enum db_rc step_on(struct db *db, const struct actor *actor,
                          const struct number_request *q, const json_t *row, bool *is_taken)
{
    if (!is_old_proven(row))
        return db_exec(db,
                       "UPDATE number_change SET is_old_proven = 1, expires_ms = ?2"
                       " WHERE user_id = ?1",
                       DB_ARGS(DB_INT(actor->user_id), DB_INT(clock_ms() + LASTS_MS)));
    db_exec(db, "DELETE FROM number_change WHERE user_id = ?1",
            DB_ARGS(DB_INT(actor->user_id)));
    *is_taken = number_is_taken(db, row_text(row, "mobile"));
    return *is_taken ? DB_OK : number_write(db, actor, q, row);
}

/* A try is counted and a right code used up with what it leads to, in one transaction;
 * what is refused is refused behind it. */
enum db_rc number_prove(struct db *db, const struct actor *actor,
                        const struct number_request *q, const char *code, bool *is_done)
{
    unsigned char browser[32];
    struct otp_try t = { .key = q->key, .browser = browser, .code = code };
    bool is_taken = false;
    json_t *row;
    enum db_rc rc;

    *is_done = false;
    binding(actor, q, browser);
    db_begin(db);
    rc = number_find(db, actor, q->session_id, &row);
    if (rc == DB_NONE)
        rc = db_refuse(db, 410, NULL, "refusal.number_over", NULL);
    t.mobile = rc == DB_OK ? awaited(row) : "";
    if (rc == DB_OK)
        rc = otp_judge(db, &t);
    if (rc == DB_OK && !t.why)
        rc = step_on(db, actor, q, row, &is_taken);
    if (t.why || is_taken)
        db_once_cancel(db);
    rc = db_end(db, rc);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_ERR : rc;
    if (t.why)
        return otp_refuse(db, &t);
    if (is_taken)
        return db_refuse(db, 409, NULL, "refusal.number_taken", NULL);
    *is_done = is_old_proven(row);
    return *is_done ? DB_OK : code_send(db, actor, q, row_text(row, "mobile"), false);
}

enum db_rc number_stop(struct db *db, const struct actor *actor)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM number_change WHERE user_id = ?1",
                 DB_ARGS(DB_INT(actor->user_id)));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}
