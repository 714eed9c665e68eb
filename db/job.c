/* Jobs: how they are added, how they end, and what the admin's outbox shows. job_lease.c
 * gives them out. */
#include "db/job.h"

#include "db/base/clock.h"
#include "db/base/text.h"

#include <sodium.h>
#include <string.h>

enum {
    ERROR_CHARS = 300,
    SWEEP_ROWS = 500,
    WEBHOOK_DAYS = 30,
    JOB_DAYS = 90,
    READ_DAYS = 90,
    ONCE_DAYS = 2
};

static const int64_t pauses[JOB_TRIES - 1] = { 10 * CLOCK_SECOND, CLOCK_MINUTE,
                                               5 * CLOCK_MINUTE, 30 * CLOCK_MINUTE,
                                               2 * CLOCK_HOUR, 12 * CLOCK_HOUR };

int64_t job_pause_ms(int64_t tries)
{
    return pauses[tries < 0 ? 0 : tries < JOB_TRIES - 1 ? tries : JOB_TRIES - 2];
}

/* What goes out has a key, by which a provider that can tells doubles. */
static const char *key_made(struct db *db, const char *kind)
{
    unsigned char bytes[12];

    if (strcmp(kind, "otp") != 0 && strcmp(kind, "message") != 0)
        return NULL;
    randombytes_buf(bytes, sizeof bytes);
    return text_hex(db_arena(db), bytes, sizeof bytes);
}

static enum db_rc job_insert(struct db *db, const char *kind, const char *provider,
                             const char *recipient, const json_t *payload,
                             const char *key, int64_t due_ms, int64_t expires_ms,
                             bool holds)
{
    int64_t now = clock_ms();
    const char *text = json_dumps(payload, JSON_COMPACT);
    enum db_rc rc;

    rc = db_exec(db,
                 "INSERT INTO job(kind, provider, recipient, payload, key, next_ms,"
                 " expires_ms, created_ms, holds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
                 " ?9) ON CONFLICT(key) DO NOTHING",
                 DB_ARGS(DB_TEXT(kind), DB_TEXT(provider), DB_TEXT(recipient),
                         DB_TEXT(text ? text : "{}"),
                         DB_TEXT(key ? key : key_made(db, kind)),
                         DB_INT(due_ms ? due_ms : now), DB_REF(expires_ms), DB_INT(now),
                         DB_INT(holds)));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc job_add(struct db *db, const char *kind, const char *recipient,
                   const json_t *payload, const char *key, int64_t due_ms,
                   int64_t expires_ms)
{
    const char *provider = strcmp(kind, "otp") == 0       ? "otp"
                           : strcmp(kind, "message") == 0 ? "chat"
                                                          : "";

    return job_insert(db, kind, provider, recipient, payload, key, due_ms, expires_ms,
                      true);
}

enum db_rc job_send(struct db *db, const char *provider, const char *recipient,
                    const json_t *payload, const char *key, int64_t due_ms)
{
    return job_insert(db, "message", provider, recipient, payload, key, due_ms, 0,
                      due_ms <= clock_ms());
}

static const char *error_cut(struct db *db, const char *error)
{
    return error ? arena_dupn(db_arena(db), error, strnlen(error, ERROR_CHARS)) : "";
}

/* The provider of the job answered. */
static void circuit_close(struct db *db, int64_t id)
{
    db_exec(db,
            "DELETE FROM circuit WHERE provider = (SELECT provider FROM job"
            " WHERE id = ?1)",
            DB_ARGS(DB_INT(id)));
}

/* The provider's word may come before our own note of its id: look for it. */
static enum db_rc status_catch_up(struct db *db, const char *provider_id)
{
    static const char *const words[] = { "sent", "delivered", "read", "played",
                                         "failed" };
    enum db_rc rc = DB_OK;

    for (size_t i = 0; i < sizeof words / sizeof *words && rc != DB_ERR; i++) {
        const char *key = arena_printf(db_arena(db), "%s:%s", provider_id, words[i]);
        const char *error;

        rc = db_text(
            db,
            "SELECT ifnull(json_extract(payload, '$.error'), '')"
            " FROM webhook_message WHERE source = 'whatsapp' AND message_id = ?1",
            DB_ARGS(DB_TEXT(key)), &error);
        if (rc == DB_OK)
            rc = job_status(db, provider_id, words[i], error);
    }
    return rc == DB_ERR ? DB_ERR : DB_OK;
}

enum db_rc job_done(struct db *db, int64_t id, const char *provider_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(
        db,
        "UPDATE job SET state = 'done', done_ms = ?3, provider_id = ?2, error = '',"
        " payload = CASE WHEN kind = 'otp' AND ?2 IS NOT NULL"
        " THEN json_remove(payload, '$.code') ELSE payload END"
        " WHERE id = ?1 AND state = 'leased'",
        DB_ARGS(DB_INT(id), DB_TEXT(provider_id), DB_INT(clock_ms())));
    if (rc == DB_OK)
        circuit_close(db, id);
    if (rc == DB_OK && provider_id)
        rc = status_catch_up(db, provider_id);
    return db_end(db, rc);
}

enum db_rc job_retry(struct db *db, int64_t id, int64_t wait_ms, bool counts,
                     const char *error)
{
    int64_t now = clock_ms();
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE job SET tries = tries + ?3, error = ?4, next_ms = ?2,"
                 " state = CASE WHEN ?3 = 1 AND tries + 1 >= ?6 THEN 'failed'"
                 " ELSE 'waiting' END,"
                 " done_ms = CASE WHEN ?3 = 1 AND tries + 1 >= ?6 THEN ?5 END"
                 " WHERE id = ?1 AND state = 'leased'",
                 DB_ARGS(DB_INT(id), DB_INT(now + wait_ms), DB_INT(counts),
                         DB_TEXT(error_cut(db, error)), DB_INT(now), DB_INT(JOB_TRIES)));
    return db_end(db, rc);
}

enum db_rc job_refused(struct db *db, int64_t id, bool is_aside, const char *error)
{
    int64_t tries;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT tries FROM job WHERE id = ?1 AND state = 'leased'",
                DB_ARGS(DB_INT(id)), &tries);
    if (rc == DB_OK) {
        circuit_close(db, id);
        if (is_aside)
            db_exec(db, "UPDATE job SET holds = 0 WHERE id = ?1", DB_ARGS(DB_INT(id)));
        rc = job_retry(db, id, job_pause_ms(tries), true, error);
    }
    return db_end(db, rc);
}

enum db_rc job_hurry(struct db *db, const char *recipient)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "UPDATE job SET next_ms = min(next_ms, ?2) WHERE recipient = ?1"
                 " AND state IN ('waiting', 'leased') AND state = 'waiting'"
                 " AND kind = 'message' AND tries > 0",
                 DB_ARGS(DB_TEXT(recipient), DB_INT(clock_ms())));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc job_drop(struct db *db, const char *recipient, const char *error)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "UPDATE job SET state = 'expired', error = ?2, done_ms = ?3"
                 " WHERE recipient = ?1 AND state IN ('waiting', 'leased')",
                 DB_ARGS(DB_TEXT(recipient), DB_TEXT(error), DB_INT(clock_ms())));
    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc job_end(struct db *db, int64_t id, const char *from, const char *error)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE job SET state = 'failed', error = ?3, done_ms = ?4,"
                 " payload = CASE kind WHEN 'otp' THEN json_remove(payload, '$.code')"
                 " ELSE payload END WHERE id = ?1 AND state = ?2",
                 DB_ARGS(DB_INT(id), DB_TEXT(from), DB_TEXT(error_cut(db, error)),
                         DB_INT(clock_ms())));
    return db_end(db, rc);
}

enum db_rc job_failed(struct db *db, int64_t id, const char *error)
{
    return job_end(db, id, "leased", error);
}

enum db_rc job_give_up(struct db *db, int64_t id)
{
    return job_end(db, id, "waiting", JOB_GIVEN_UP);
}

void job_forget_code(struct db *db, const char *key)
{
    db_exec(db,
            "UPDATE job SET payload = json_remove(payload, '$.code'), expires_ms = NULL,"
            " done_ms = iif(state = 'done', done_ms, ?2),"
            " state = iif(state IN ('waiting', 'leased'), 'expired', state)"
            " WHERE key = ?1",
            DB_ARGS(DB_TEXT(key), DB_INT(clock_ms())));
}

enum db_rc job_sent(struct db *db, const char *key, const char *provider_id)
{
    return db_exec(
        db,
        "UPDATE job SET state = 'done', done_ms = ?3, provider_id = ?2, error = '',"
        " payload = CASE kind WHEN 'otp' THEN json_remove(payload, '$.code')"
        " ELSE payload END WHERE key = ?1 AND state = 'waiting'"
        " AND kind IN ('otp', 'message') AND error <> ''",
        DB_ARGS(DB_TEXT(key), DB_TEXT(provider_id), DB_INT(clock_ms())));
}

/* Words of the provider in the order of a message's life; others are kept out. */
#define RANK(x)                                                                          \
    "CASE " x " WHEN 'sent' THEN 1 WHEN 'failed' THEN 2 WHEN 'delivered' THEN 3"         \
    " WHEN 'read' THEN 4 WHEN 'played' THEN 5 ELSE 0 END"

enum db_rc job_status(struct db *db, const char *provider_id, const char *status,
                      const char *error)
{
    int64_t id;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT id FROM job WHERE provider_id = ?1",
                DB_ARGS(DB_TEXT(provider_id)), &id);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE job SET status = ?2, error = CASE ?2 WHEN 'failed' THEN ?3"
                     " ELSE error END WHERE id = ?1 AND " RANK("?2") " > " RANK("status"),
                     DB_ARGS(DB_INT(id), DB_TEXT(status), DB_TEXT(error_cut(db, error))));
    if (rc == DB_NONE && id)
        rc = DB_OK;
    return db_end(db, rc);
}

#define LISTED                                                                           \
    "SELECT id, kind, provider, recipient, payload AS payload_json, state, tries, error,"\
    " status, next_ms, created_ms, done_ms FROM job WHERE "

enum db_rc job_list(struct db *db, const char *state, int64_t before_id, int limit,
                    json_t **rows)
{
    int64_t before = before_id ? before_id : INT64_MAX;

    if (state)
        return db_rows(db, LISTED "state = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
                       DB_ARGS(DB_TEXT(state), DB_INT(before), DB_INT(limit)), rows);
    return db_rows(db, LISTED "id < ?1 ORDER BY id DESC LIMIT ?2",
                   DB_ARGS(DB_INT(before), DB_INT(limit)), rows);
}

enum db_rc job_again(struct db *db, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(
        db,
        "UPDATE job SET state = 'waiting', tries = 0, next_ms = ?2, done_ms = NULL, holds = 1,"
        " status = '', provider_id = NULL WHERE id = ?1 AND kind <> 'otp'"
        " AND (state IN ('failed', 'expired') OR (state = 'done' AND"
        " status = 'failed'))",
        DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
    return db_end(db, rc);
}

enum db_rc job_counts(struct db *db, json_t **rows)
{
    return db_rows(db, "SELECT state, count(*) AS n FROM job GROUP BY state", DB_NO_ARGS,
                   rows);
}

static void sweep_jobs(struct db *db, int64_t now)
{
    db_exec(db,
            "UPDATE job SET state = CASE state WHEN 'waiting' THEN 'expired'"
            " WHEN 'leased' THEN 'expired' ELSE state END,"
            " done_ms = ifnull(done_ms, ?1), expires_ms = NULL,"
            " payload = CASE kind WHEN 'otp' THEN json_remove(payload, '$.code')"
            " ELSE payload END WHERE expires_ms <= ?1"
            " AND (state <> 'leased' OR leased_until_ms <= ?1)",
            DB_ARGS(DB_INT(now)));
    db_exec(db,
            "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE done_ms < ?1"
            " AND +state IN ('done', 'expired') LIMIT ?2)",
            DB_ARGS(DB_INT(now - JOB_DAYS * CLOCK_DAY), DB_INT(SWEEP_ROWS)));
    db_exec(db,
            "DELETE FROM circuit WHERE probe_ms < ?1 AND NOT EXISTS (SELECT 1 FROM job j"
            " WHERE j.kind IN ('otp', 'message') AND j.provider = circuit.provider"
            " AND j.state IN ('waiting', 'leased'))",
            DB_ARGS(DB_INT(now - CLOCK_DAY)));
}

enum db_rc job_sweep(struct db *db)
{
    int64_t now = clock_ms();

    db_begin(db);
    sweep_jobs(db, now);
    db_exec(db,
            "DELETE FROM webhook_message WHERE id IN (SELECT id FROM webhook_message"
            " WHERE at_ms < ?1 AND state <> 'waiting' LIMIT ?2)",
            DB_ARGS(DB_INT(now - WEBHOOK_DAYS * CLOCK_DAY), DB_INT(SWEEP_ROWS)));
    db_exec(db,
            "DELETE FROM notification WHERE id IN (SELECT id FROM notification"
            " WHERE read_ms < ?1 LIMIT ?2)",
            DB_ARGS(DB_INT(now - READ_DAYS * CLOCK_DAY), DB_INT(SWEEP_ROWS)));
    db_exec(
        db,
        "DELETE FROM once WHERE key IN (SELECT key FROM once WHERE at_ms < ?1 LIMIT ?2)",
        DB_ARGS(DB_INT(now - ONCE_DAYS * CLOCK_DAY), DB_INT(SWEEP_ROWS)));
    db_exec(
        db,
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_ms < ?1"
        " LIMIT ?2)",
        DB_ARGS(DB_INT(now), DB_INT(SWEEP_ROWS)));
    return db_end(db, DB_OK);
}
