/* The clear code stands in the outbox row alone, and is wiped there when it is used,
 * replaced or over its time. The hash is keyed with a key outside of the database: six
 * digits are soon tried out by whoever has only the file. */
#include "db/otp.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/job.h"
#include "db/setting.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LIFETIME (10 * CLOCK_MINUTE)
#define NUMBER_WINDOW (15 * CLOCK_MINUTE)
#define ADDRESS_WINDOW CLOCK_HOUR

static void code_hash(const unsigned char key[32], const char *mobile,
                      const unsigned char browser[32], const char *code,
                      unsigned char out[32])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key, 32, 32);
    crypto_generichash_update(&state, (const unsigned char *)"otp", 3);
    crypto_generichash_update(&state, (const unsigned char *)mobile, strlen(mobile) + 1);
    crypto_generichash_update(&state, browser, 32);
    crypto_generichash_update(&state, (const unsigned char *)code, strlen(code));
    crypto_generichash_final(&state, out, 32);
}

/* Refuses while `max` codes stand within the window; `sql` answers the max-th newest. */
static enum db_rc window_check(struct db *db, const char *sql, struct db_args args,
                               int64_t window)
{
    int64_t oldest, now = clock_ms();

    if (db_int(db, sql, args, &oldest) != DB_OK || oldest <= now - window)
        return DB_OK;
    return db_refuse(db, 429, "mobile", "refusal.otp_wait",
                     json_pack("{s:I}", "n",
                               (json_int_t)((oldest + window - now) / CLOCK_MINUTE + 1)));
}

/* Whoever knows a number can ask for codes to it; were there one count for all, they could
 * keep its owner out. So a browser that signed in with the number before has a count of its
 * own, and the others share one. */
static enum db_rc number_check(struct db *db, const struct otp_request *o)
{
    if (o->is_known)
        return window_check(db,
                            "SELECT created_ms FROM otp WHERE mobile = ?1 AND browser = ?3"
                            " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
                            DB_ARGS(DB_TEXT(o->mobile), DB_INT(OTP_PER_NUMBER - 1),
                                    DB_BLOB(o->browser, 32)),
                            NUMBER_WINDOW);
    return window_check(db,
                        "SELECT created_ms FROM otp WHERE mobile = ?1"
                        " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
                        DB_ARGS(DB_TEXT(o->mobile), DB_INT(OTP_PER_NUMBER - 1)),
                        NUMBER_WINDOW);
}

static enum db_rc limits_check(struct db *db, const struct otp_request *o)
{
    enum db_rc rc = number_check(db, o);

    if (rc == DB_OK && !o->is_known)
        rc = window_check(db,
                          "SELECT created_ms FROM otp WHERE is_known = 0"
                          " ORDER BY id DESC LIMIT 1 OFFSET ?1",
                          DB_ARGS(DB_INT(setting_int(db, "codes_per_day") - 1)), CLOCK_DAY);
    if (rc != DB_OK || !o->address || !*o->address)
        return rc;
    return window_check(db,
                        "SELECT created_ms FROM otp WHERE address = ?1"
                        " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
                        DB_ARGS(DB_TEXT(o->address), DB_INT(OTP_PER_ADDRESS - 1)),
                        ADDRESS_WINDOW);
}

/* Ends the code that this browser has open for the number; those of other browsers stay,
 * or a stranger could end the owner's. What was given on asking goes with the code, in both
 * tables. */
static void code_close(struct db *db, const char *mobile, const unsigned char browser[32],
                       const char *state)
{
    int64_t id;

    if (db_int(db,
               "SELECT id FROM otp WHERE mobile = ?1 AND browser = ?2 AND state = 'open'",
               DB_ARGS(DB_TEXT(mobile), DB_BLOB(browser, 32)), &id) != DB_OK)
        return;
    db_exec(db, "UPDATE otp SET state = ?2, details = '{}' WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_TEXT(state)));
    job_forget_code(db, arena_printf(db_arena(db), "otp:%lld", (long long)id));
}

/* Two out for each one in keeps the table at about a day of them. Called when the new one
 * is there: an id that was given twice would find the job of its first code. */
static void codes_thin(struct db *db, int64_t now)
{
    db_exec(db,
            "DELETE FROM otp WHERE created_ms < ?1"
            " AND id IN (SELECT id FROM otp ORDER BY id LIMIT 2)",
            DB_ARGS(DB_INT(now - CLOCK_DAY)));
}

/* What the code that this browser has open for the number was asked for. */
static void as_before(struct db *db, const struct otp_request *o, const char **purpose,
                      const char **details)
{
    json_t *row;

    if (!o->is_again ||
        db_row(db,
               "SELECT purpose, details FROM otp WHERE mobile = ?1 AND browser = ?2"
               " AND state = 'open' AND purpose = 'signup'",
               DB_ARGS(DB_TEXT(o->mobile), DB_BLOB(o->browser, 32)), &row) != DB_OK)
        return;
    *purpose = row_text(row, "purpose");
    *details = row_text(row, "details");
}

enum db_rc otp_send(struct db *db, const struct otp_request *o)
{
    const char *purpose = o->purpose, *details = o->details ? o->details : "{}";
    int64_t id, now = clock_ms();
    unsigned char hash[32];
    char code[8];
    enum db_rc rc;

    snprintf(code, sizeof code, "%06u", randombytes_uniform(1000000));
    code_hash(o->key, o->mobile, o->browser, code, hash);
    db_begin(db);
    rc = limits_check(db, o);
    if (rc != DB_OK)
        return db_end(db, rc);
    as_before(db, o, &purpose, &details);
    code_close(db, o->mobile, o->browser, "replaced");
    rc = db_insert(
        db,
        "INSERT INTO otp(mobile, purpose, browser, code_hash, details, address,"
        " created_ms, expires_ms, is_known) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        DB_ARGS(DB_TEXT(o->mobile), DB_TEXT(purpose), DB_BLOB(o->browser, 32),
                DB_BLOB(hash, 32), DB_TEXT(details),
                DB_TEXT(o->address ? o->address : ""), DB_INT(now),
                DB_INT(now + LIFETIME), DB_INT(o->is_known)),
        &id);
    codes_thin(db, now);
    if (rc == DB_OK)
        rc = job_add(db, "otp", o->mobile,
                     json_pack("{s:s,s:s,s:s}", "mobile", o->mobile, "code", code, "lang",
                               o->lang),
                     arena_printf(db_arena(db), "otp:%lld", (long long)id), 0,
                     now + LIFETIME);
    sodium_memzero(code, sizeof code);
    return db_end(db, rc);
}

/* How often a code may be tried: where strangers guess at a number, theirs once each, so
 * that guessing stays slow and a right code still gets in. */
static int64_t tries_of(struct db *db, const char *mobile, const json_t *row)
{
    int64_t wrong;

    if (json_is_true(json_object_get(row, "is_known")) ||
        db_int(db,
               "SELECT sum(tries) FROM otp WHERE mobile = ?1 AND created_ms > ?2"
               " AND is_known = 0",
               DB_ARGS(DB_TEXT(mobile), DB_INT(clock_ms() - CLOCK_HOUR)), &wrong) != DB_OK)
        return OTP_TRIES;
    wrong -= json_integer_value(json_object_get(row, "tries"));
    return wrong >= OTP_STRANGERS_TRIES ? 1 : OTP_TRIES;
}

static bool code_right(struct db *db, const struct otp_try *t, const json_t *row)
{
    unsigned char hash[32];
    const char *stored = json_string_value(json_object_get(row, "code_hash")), *given;

    code_hash(t->key, t->mobile, t->browser, t->code, hash);
    given = text_hex(db_arena(db), hash, sizeof hash);
    return sodium_memcmp(stored, given, 64) == 0;
}

enum db_rc otp_judge(struct db *db, struct otp_try *t)
{
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = db_row(db,
                "SELECT id, purpose, details, tries, code_hash, expires_ms, is_known FROM otp"
                " WHERE mobile = ?1 AND browser = ?2 AND state = 'open'",
                DB_ARGS(DB_TEXT(t->mobile), DB_BLOB(t->browser, 32)), &row);
    if (rc == DB_ERR)
        return db_end(db, rc);
    t->why = NULL;
    if (rc == DB_NONE ||
        json_integer_value(json_object_get(row, "expires_ms")) <= clock_ms()) {
        code_close(db, t->mobile, t->browser, "expired");
        t->why = "refusal.otp_expired";
    } else if (code_right(db, t, row)) {
        code_close(db, t->mobile, t->browser, "used");
        t->purpose = row_text(row, "purpose");
        t->details = row_text(row, "details");
    } else {
        t->left = tries_of(db, t->mobile, row) - 1 -
                  json_integer_value(json_object_get(row, "tries"));
        t->left = t->left > 0 ? t->left : 0;
        t->why = t->left > 0 ? "refusal.otp_wrong" : "refusal.otp_locked";
        db_exec(db, "UPDATE otp SET tries = tries + 1 WHERE id = ?1",
                DB_ARGS(DB_INT(json_integer_value(json_object_get(row, "id")))));
        if (t->left <= 0)
            code_close(db, t->mobile, t->browser, "locked");
    }
    if (t->why)
        db_once_cancel(db);
    return db_end(db, DB_OK);
}

enum db_rc otp_refuse(struct db *db, const struct otp_try *t)
{
    return db_refuse(db, 422, "code", t->why, json_pack("{s:I}", "n", (json_int_t)t->left));
}

enum db_rc otp_check(struct db *db, const unsigned char key[32], const char *mobile,
                     const unsigned char browser[32], const char *code,
                     const char **purpose, const char **details)
{
    struct otp_try t = { .key = key, .mobile = mobile, .browser = browser, .code = code };
    enum db_rc rc = otp_judge(db, &t);

    if (rc != DB_OK)
        return rc;
    if (t.why)
        return otp_refuse(db, &t);
    *purpose = t.purpose;
    *details = t.details;
    return DB_OK;
}
