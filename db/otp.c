/* The clear code stands in the outbox row alone, and is wiped there when it is used,
 * replaced or over its time. The hash is keyed with a key outside of the database: six
 * digits are soon tried out by whoever has only the file. */
#include "db/otp.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/job.h"

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
static enum db_rc window_check(struct db *db, const char *sql, const char *who, int max,
                               int64_t window)
{
    int64_t oldest, now = clock_ms();

    if (db_int(db, sql, DB_ARGS(DB_TEXT(who), DB_INT(max - 1)), &oldest) != DB_OK ||
        oldest <= now - window)
        return DB_OK;
    return db_refuse(db, 429, "mobile", "refusal.otp_wait",
                     json_pack("{s:I}", "n",
                               (json_int_t)((oldest + window - now) / CLOCK_MINUTE + 1)));
}

static enum db_rc limits_check(struct db *db, const struct otp_request *o)
{
    enum db_rc rc = window_check(db,
                                 "SELECT created_ms FROM otp WHERE mobile = ?1"
                                 " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
                                 o->mobile, OTP_PER_NUMBER, NUMBER_WINDOW);

    if (rc != DB_OK || !o->address || !*o->address)
        return rc;
    return window_check(db,
                        "SELECT created_ms FROM otp WHERE address = ?1"
                        " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
                        o->address, OTP_PER_ADDRESS, ADDRESS_WINDOW);
}

/* What was given on asking goes with the code, in both tables. */
static void codes_close(struct db *db, const char *mobile, const char *state)
{
    db_exec(
        db,
        "UPDATE otp SET state = ?2, details = '{}' WHERE mobile = ?1 AND state = 'open'",
        DB_ARGS(DB_TEXT(mobile), DB_TEXT(state)));
    db_exec(db,
            "UPDATE job SET payload = json_remove(payload, '$.code'), state = 'expired',"
            " expires_ms = NULL, done_ms = ?2 WHERE recipient = ?1 AND kind = 'otp'"
            " AND state IN ('waiting', 'leased')",
            DB_ARGS(DB_TEXT(mobile), DB_INT(clock_ms())));
    job_forget_codes(db, mobile);
}

/* Two out for each one in keeps the table at about a day of them. */
static void codes_thin(struct db *db, int64_t now)
{
    db_exec(db,
            "DELETE FROM otp WHERE created_ms < ?1"
            " AND id IN (SELECT id FROM otp ORDER BY id LIMIT 2)",
            DB_ARGS(DB_INT(now - CLOCK_DAY)));
}

enum db_rc otp_send(struct db *db, const struct otp_request *o)
{
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
    codes_thin(db, now);
    codes_close(db, o->mobile, "replaced");
    rc = db_insert(
        db,
        "INSERT INTO otp(mobile, purpose, browser, code_hash, details, address,"
        " created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        DB_ARGS(DB_TEXT(o->mobile), DB_TEXT(o->purpose), DB_BLOB(o->browser, 32),
                DB_BLOB(hash, 32), DB_TEXT(o->details ? o->details : "{}"),
                DB_TEXT(o->address ? o->address : ""), DB_INT(now),
                DB_INT(now + LIFETIME)),
        &id);
    if (rc == DB_OK)
        rc = job_add(db, "otp", o->mobile,
                     json_pack("{s:s,s:s,s:s}", "mobile", o->mobile, "code", code, "lang",
                               o->lang),
                     arena_printf(db_arena(db), "otp:%lld", (long long)id), 0,
                     now + LIFETIME);
    sodium_memzero(code, sizeof code);
    return db_end(db, rc);
}

struct check {
    const char *mobile, *code, *why; /* why: refusal key, NULL when right */
    const unsigned char *key, *browser;
    int64_t left;
    json_t *row;
};

/* Counts the try and judges it; whatever comes of it is committed. */
static enum db_rc check_count(struct db *db, struct check *c)
{
    unsigned char hash[32];
    const char *stored, *given;
    int64_t id;

    if (db_row(db,
               "SELECT id, purpose, details, tries, code_hash, expires_ms FROM otp"
               " WHERE mobile = ?1 AND browser = ?2 AND state = 'open'",
               DB_ARGS(DB_TEXT(c->mobile), DB_BLOB(c->browser, 32)), &c->row) != DB_OK) {
        c->why = "refusal.otp_expired";
        return DB_OK;
    }
    id = json_integer_value(json_object_get(c->row, "id"));
    if (json_integer_value(json_object_get(c->row, "expires_ms")) <= clock_ms()) {
        codes_close(db, c->mobile, "expired");
        c->why = "refusal.otp_expired";
        return DB_OK;
    }
    c->left = OTP_TRIES - 1 - json_integer_value(json_object_get(c->row, "tries"));
    code_hash(c->key, c->mobile, c->browser, c->code, hash);
    stored = json_string_value(json_object_get(c->row, "code_hash"));
    given = text_hex(db_arena(db), hash, sizeof hash);
    if (sodium_memcmp(stored, given, 64) == 0) {
        codes_close(db, c->mobile, "used");
        return DB_OK;
    }
    c->why = c->left > 0 ? "refusal.otp_wrong" : "refusal.otp_locked";
    db_exec(db, "UPDATE otp SET tries = tries + 1 WHERE id = ?1", DB_ARGS(DB_INT(id)));
    if (c->left <= 0)
        codes_close(db, c->mobile, "locked");
    return DB_OK;
}

enum db_rc otp_check(struct db *db, const unsigned char key[32], const char *mobile,
                     const unsigned char browser[32], const char *code,
                     const char **purpose, const char **details)
{
    struct check c = { .mobile = mobile, .code = code, .key = key, .browser = browser };
    enum db_rc rc;

    db_begin(db);
    rc = check_count(db, &c);
    if (c.why)
        db_once_cancel(db);
    rc = db_end(db, rc);
    if (rc != DB_OK)
        return rc;
    if (c.why)
        return db_refuse(db, 422, "code", c.why,
                         json_pack("{s:I}", "n", (json_int_t)c.left));
    *purpose = json_string_value(json_object_get(c.row, "purpose"));
    *details = json_string_value(json_object_get(c.row, "details"));
    return DB_OK;
}
