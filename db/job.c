/* A lane is a list of kinds. Within it the oldest job of a recipient is its head; only
 * heads are leased, so a message never overtakes an earlier one to the same number, while
 * other recipients go on. Looking for work reads first and takes the writer only when
 * there is some. */
#include "db/job.h"

#include "db/base/clock.h"

#include <string.h>

enum {
    ERROR_CHARS = 300,
    SWEEP_ROWS = 500,
    WEBHOOK_DAYS = 30,
    JOB_DAYS = 90,
    ONCE_DAYS = 2
};

enum db_rc job_add(struct db *db, const char *kind, const char *recipient,
                   const json_t *payload, const char *key, int64_t due_ms,
                   int64_t expires_ms)
{
    int64_t now = clock_ms();
    const char *text = json_dumps(payload, JSON_COMPACT);
    enum db_rc rc;

    rc = db_exec(db,
                 "INSERT INTO job(kind, recipient, payload, key, next_ms, expires_ms,"
                 " created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                 " ON CONFLICT(key) DO NOTHING",
                 DB_ARGS(DB_TEXT(kind), DB_TEXT(recipient), DB_TEXT(text ? text : "{}"),
                         DB_TEXT(key), DB_INT(due_ms ? due_ms : now), DB_REF(expires_ms),
                         DB_INT(now)));
    return rc == DB_NONE ? DB_OK : rc;
}

/* ?1 is now. A job is a head when its recipient has no earlier one that can still be
 * done. */
#define OPEN_IN(kinds)                                                                   \
    " FROM job j WHERE j.kind IN (" kinds ")"                                            \
    " AND j.state IN ('waiting', 'leased')"                                              \
    " AND (j.expires_ms IS NULL OR j.expires_ms > ?1)"
#define HEAD_IN(kinds)                                                                   \
    " AND (j.recipient = '' OR NOT EXISTS (SELECT 1 FROM job e"                          \
    " WHERE e.recipient = j.recipient AND e.id < j.id"                                   \
    " AND e.state IN ('waiting', 'leased') AND e.kind IN (" kinds ")"                    \
    " AND (e.expires_ms IS NULL OR e.expires_ms > ?1)))"
#define FIND(kinds)                                                                      \
    "SELECT j.id AS id" OPEN_IN(kinds) " AND j.next_ms <= ?1 AND (j.state = 'waiting' "  \
                                       "OR j.leased_until_ms <= ?1)" HEAD_IN(            \
                                           kinds) " ORDER BY j.next_ms, j.id LIMIT 1"
#define NEXT(kinds)                                                                      \
    "SELECT min(max(j.next_ms, CASE j.state WHEN 'leased'"                               \
    " THEN j.leased_until_ms ELSE 0 END))" OPEN_IN(kinds) HEAD_IN(kinds)

#define WORK_KINDS "'webhook', 'media', 'remind'"

static const struct lane {
    const char *find, *next;
} lanes[JOB_LANES] = {
    [JOB_WORK] = { FIND(WORK_KINDS), NEXT(WORK_KINDS) },
    [JOB_OTPS] = { FIND("'otp'"), NEXT("'otp'") },
    [JOB_MESSAGES] = { FIND("'message'"), NEXT("'message'") },
};

/* Ends a job at which the process died time and again; DB_NONE for any other. */
static enum db_rc lease_fatal(struct db *db, int64_t id, int64_t now)
{
    return db_exec(db,
                   "UPDATE job SET state = 'failed', done_ms = ?2, tries = tries + 1,"
                   " error = 'the program ended while at it', payload = CASE kind"
                   " WHEN 'otp' THEN json_remove(payload, '$.code') ELSE payload END"
                   " WHERE id = ?1 AND state = 'leased' AND tries + 1 >= ?3",
                   DB_ARGS(DB_INT(id), DB_INT(now), DB_INT(JOB_TRIES)));
}

static enum db_rc lease_take(struct db *db, int64_t id, int64_t until, json_t **job)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "UPDATE job SET tries = tries + (state = 'leased'), state = 'leased',"
                 " leased_until_ms = ?2 WHERE id = ?1",
                 DB_ARGS(DB_INT(id), DB_INT(until)));
    if (rc != DB_OK)
        return rc;
    return db_row(db,
                  "SELECT id, kind, recipient, payload AS payload_json, tries FROM job"
                  " WHERE id = ?1",
                  DB_ARGS(DB_INT(id)), job);
}

enum db_rc job_lease(struct db *db, enum job_lane lane, int64_t lease_ms, json_t **job,
                     int64_t *next_ms)
{
    int64_t now = clock_ms(), id, next;
    enum db_rc rc;

    *job = NULL;
    *next_ms = 0;
    rc = db_int(db, lanes[lane].find, DB_ARGS(DB_INT(now)), &id);
    if (rc == DB_OK) {
        db_begin(db);
        do
            rc = db_int(db, lanes[lane].find, DB_ARGS(DB_INT(now)), &id);
        while (rc == DB_OK && lease_fatal(db, id, now) == DB_OK);
        if (rc == DB_OK)
            rc = lease_take(db, id, now + lease_ms, job);
        if (db_end(db, rc == DB_NONE ? DB_OK : rc) != DB_OK)
            rc = DB_ERR;
    }
    if (rc == DB_NONE &&
        db_int(db, lanes[lane].next, DB_ARGS(DB_INT(now)), &next) == DB_OK)
        *next_ms = next;
    db_release(db);
    return rc;
}

enum db_rc job_recover(struct db *db)
{
    db_begin(db);
    db_exec(db, "UPDATE job SET leased_until_ms = 0 WHERE state = 'leased'", DB_NO_ARGS);
    return db_end(db, DB_OK);
}

static const char *error_cut(struct db *db, const char *error)
{
    return error ? arena_dupn(db_arena(db), error, strnlen(error, ERROR_CHARS)) : "";
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
    return job_end(db, id, "waiting", "given up");
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
    "SELECT id, kind, recipient, payload AS payload_json, state, tries, error,"          \
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
        "UPDATE job SET state = 'waiting', tries = 0, next_ms = ?2, done_ms = NULL,"
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
