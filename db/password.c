/* Tries are rows of their own, for numbers that are nobody's too. Two rows out for each
 * one in keep the table at about a day of them. */
#include "db/password.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/notify.h"
#include "db/session.h"

#include <string.h>

#define NUMBER_WINDOW (15 * (int64_t)CLOCK_MINUTE)
#define ADDRESS_WINDOW ((int64_t)CLOCK_HOUR)

enum { DIFFERENT = 5 };

/* How many different bytes it has. */
static int variety(const char *s)
{
    bool seen[256] = { false };
    int n = 0;

    for (; *s; s++) {
        n += !seen[(unsigned char)*s];
        seen[(unsigned char)*s] = true;
    }
    return n;
}

enum db_rc password_check(struct db *db, const char *password, const char *mobile)
{
    if (text_chars(password) < PASSWORD_LEAST)
        return db_refuse(db, 422, "password", "refusal.password_short",
                         json_pack("{s:i}", "n", PASSWORD_LEAST));
    if (variety(password) < DIFFERENT || strstr(password, mobile + 3))
        return db_refuse(db, 422, "password", "refusal.password_easy", NULL);
    return DB_OK;
}

/* Refuses while `max` tries stand within the window; `sql` answers the max-th newest. */
static enum db_rc window_check(struct db *db, const char *sql, const char *who, int max,
                               int64_t window)
{
    int64_t oldest, now = clock_ms();

    if (db_int(db, sql, DB_ARGS(DB_TEXT(who), DB_INT(max - 1)), &oldest) != DB_OK ||
        oldest <= now - window)
        return DB_OK;
    return db_refuse(db, 429, "password", "refusal.password_wait",
                     json_pack("{s:I}", "n",
                               (json_int_t)((oldest + window - now) / CLOCK_MINUTE + 1)));
}

enum db_rc password_try(struct db *db, const char *mobile, const char *address,
                        const char **hash)
{
    int64_t now = clock_ms();
    enum db_rc rc;

    *hash = NULL;
    db_begin(db);
    rc = window_check(db,
                      "SELECT at_ms FROM password_try WHERE mobile = ?1"
                      " ORDER BY at_ms DESC LIMIT 1 OFFSET ?2",
                      mobile, PASSWORD_TRIES, NUMBER_WINDOW);
    if (rc == DB_OK && *address)
        rc = window_check(db,
                          "SELECT at_ms FROM password_try WHERE address = ?1"
                          " ORDER BY at_ms DESC LIMIT 1 OFFSET ?2",
                          address, PASSWORD_TRIES_ADDRESS, ADDRESS_WINDOW);
    if (rc == DB_OK) {
        db_exec(db,
                "DELETE FROM password_try WHERE at_ms < ?1"
                " AND id IN (SELECT id FROM password_try ORDER BY id LIMIT 2)",
                DB_ARGS(DB_INT(now - CLOCK_DAY)));
        rc = db_exec(db,
                     "INSERT INTO password_try(mobile, address, at_ms) VALUES (?1, ?2, ?3)",
                     DB_ARGS(DB_TEXT(mobile), DB_TEXT(address), DB_INT(now)));
    }
    if (rc == DB_OK &&
        db_text(db, "SELECT password_hash FROM user WHERE mobile = ?1",
                DB_ARGS(DB_TEXT(mobile)), hash) == DB_ERR)
        rc = DB_ERR;
    db_once_cancel(db);
    return db_end(db, rc);
}

enum db_rc password_right(struct db *db, const char *mobile)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM password_try WHERE mobile = ?1",
                 DB_ARGS(DB_TEXT(mobile)));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

enum db_rc password_hash_of(struct db *db, int64_t user_id, const char **hash)
{
    enum db_rc rc = db_text(db, "SELECT password_hash FROM user WHERE id = ?1",
                            DB_ARGS(DB_INT(user_id)), hash);

    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc password_set(struct db *db, const struct actor *actor, int64_t session_id,
                        const char *hash)
{
    const struct actor there = { actor->user_id, 0, actor->address };
    const char *before, *mobile;
    enum db_rc rc;

    db_begin(db);
    rc = password_hash_of(db, actor->user_id, &before);
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE user SET password_hash = ?2 WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->user_id), DB_TEXT(hash)));
    if (rc == DB_OK)
        rc = session_end_others(db, actor->user_id, session_id);
    if (rc == DB_OK)
        rc = db_text(db, "SELECT mobile FROM user WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->user_id)), &mobile);
    if (rc == DB_OK)
        rc = audit_write(db, &there, "user.password", mobile, before ? "set" : "none",
                         hash ? "set" : "none");
    if (rc == DB_OK)
        rc = notify_user(db, actor->user_id, 0,
                         hash ? "notify.password_set" : "notify.password_removed", NULL,
                         "/me");
    return db_end(db, rc);
}
