/* A lane is a kind and a range of providers (or a list of kinds that need none). Within it
 * the oldest job of a recipient is its head; only heads are leased, so a message never
 * overtakes an earlier one to the same number, while other recipients go on. Providers are
 * walked by the index, and those out of reach left out, so that thousands of messages that
 * wait for one cost nothing. Looking for work reads first and takes the writer only when
 * there is some. */
#include "db/job.h"

#include "db/base/clock.h"

enum { FIRST_WAIT_MS = 5 * CLOCK_SECOND };

#define OPEN(j)                                                                          \
    " " j ".state IN ('waiting', 'leased')"                                              \
    " AND (" j ".expires_ms IS NULL OR " j ".expires_ms > ?1)"
#define HEAD(kinds)                                                                      \
    " AND (j.recipient = '' OR NOT EXISTS (SELECT 1 FROM job e"                          \
    " WHERE e.recipient = j.recipient AND e.id < j.id AND e.holds = 1"                   \
    " AND e.kind IN (" kinds ") AND" OPEN("e") "))"
#define DUE                                                                              \
    " AND j.next_ms <= ?1 AND (j.state = 'waiting' OR j.leased_until_ms <= ?1)"

/* Done here: ?1 is now. */
#define WORK "'webhook', 'media', 'remind'"
#define WORK_FIND                                                                        \
    "SELECT j.id FROM job j WHERE j.kind IN (" WORK ") AND" OPEN("j") DUE HEAD(WORK)     \
    " ORDER BY j.next_ms, j.id LIMIT 1"
#define WORK_NEXT                                                                        \
    "SELECT min(max(j.next_ms, CASE j.state WHEN 'leased' THEN j.leased_until_ms"        \
    " ELSE 0 END)) FROM job j WHERE j.kind IN (" WORK ") AND" OPEN("j") HEAD(WORK)

/* Through a provider: ?1 is now, ?2 the kind, its providers from ?3 to before ?4. */
#define NAMES                                                                            \
    "WITH RECURSIVE p(name) AS (SELECT min(provider) FROM job WHERE kind = ?2"           \
    " AND provider >= ?3 AND provider < ?4 AND state IN ('waiting', 'leased')"           \
    " UNION ALL SELECT (SELECT min(provider) FROM job WHERE kind = ?2"                   \
    " AND provider > p.name AND provider < ?4 AND state IN ('waiting', 'leased'))"       \
    " FROM p WHERE p.name IS NOT NULL) "
#define OF_NAME                                                                          \
    " FROM job j WHERE j.kind = ?2 AND j.provider = p.name AND" OPEN("j")
#define SEND_FIND                                                                        \
    NAMES "SELECT f.id FROM p JOIN job f ON f.id = (SELECT j.id" OF_NAME DUE HEAD("?2")  \
    " ORDER BY j.next_ms, j.id LIMIT 1) WHERE p.name IS NOT NULL"                        \
    " AND NOT EXISTS (SELECT 1 FROM circuit c WHERE c.provider = p.name"                 \
    "  AND c.probe_ms > ?1) ORDER BY f.next_ms, f.id LIMIT 1"
/* A leased one's head waits for it; its lease's end is looked at for itself. */
#define SEND_NEXT                                                                        \
    NAMES "SELECT min(at) FROM (SELECT ifnull((SELECT c.probe_ms FROM circuit c"         \
    "  WHERE c.provider = p.name AND c.probe_ms > ?1), (SELECT j.next_ms" OF_NAME        \
    "  AND j.state = 'waiting'" HEAD("?2") " ORDER BY j.next_ms, j.id LIMIT 1)) AS at"   \
    " FROM p WHERE p.name IS NOT NULL UNION ALL"                                         \
    " SELECT leased_until_ms FROM job INDEXED BY job_leased"                             \
    " WHERE state = 'leased' AND kind = ?2 AND provider >= ?3 AND provider < ?4)"

static const struct lane {
    const char *find, *next, *kind, *from, *upto;
} lanes[JOB_LANES] = {
    [JOB_WORK] = { WORK_FIND, WORK_NEXT, NULL, NULL, NULL },
    [JOB_OTPS] = { SEND_FIND, SEND_NEXT, "otp", "", "~" },
    [JOB_MESSAGES] = { SEND_FIND, SEND_NEXT, "message", "", "hook:" },
    [JOB_PUSHES] = { SEND_FIND, SEND_NEXT, "message", "push:", "push;" },
    [JOB_HOOKS] = { SEND_FIND, SEND_NEXT, "message", "hook:", "hook;" },
};

static enum db_rc lane_int(struct db *db, const struct lane *l, const char *sql,
                           int64_t now, int64_t *value)
{
    if (!l->kind)
        return db_int(db, sql, DB_ARGS(DB_INT(now)), value);
    return db_int(db, sql,
                  DB_ARGS(DB_INT(now), DB_TEXT(l->kind), DB_TEXT(l->from),
                          DB_TEXT(l->upto)),
                  value);
}

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

/* From now on its followers wait; and a provider that is out of reach gets no second
 * probe meanwhile. */
static enum db_rc lease_take(struct db *db, int64_t id, int64_t until, json_t **job)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "UPDATE job SET tries = tries + (state = 'leased'), state = 'leased',"
                 " leased_until_ms = ?2, holds = 1 WHERE id = ?1",
                 DB_ARGS(DB_INT(id), DB_INT(until)));
    if (rc != DB_OK)
        return rc;
    db_exec(db,
            "UPDATE circuit SET probe_ms = ?2"
            " WHERE provider = (SELECT provider FROM job WHERE id = ?1)",
            DB_ARGS(DB_INT(id), DB_INT(until)));
    return db_row(db,
                  "SELECT id, kind, provider, recipient, payload AS payload_json, key,"
                  " tries FROM job WHERE id = ?1",
                  DB_ARGS(DB_INT(id)), job);
}

enum db_rc job_lease(struct db *db, enum job_lane lane, int64_t lease_ms, json_t **job,
                     int64_t *next_ms)
{
    const struct lane *l = &lanes[lane];
    int64_t now = clock_ms(), id, next;
    enum db_rc rc;

    *job = NULL;
    *next_ms = 0;
    rc = lane_int(db, l, l->find, now, &id);
    if (rc == DB_OK) {
        db_begin(db);
        do
            rc = lane_int(db, l, l->find, now, &id);
        while (rc == DB_OK && lease_fatal(db, id, now) == DB_OK);
        if (rc == DB_OK)
            rc = lease_take(db, id, now + lease_ms, job);
        if (db_end(db, rc == DB_NONE ? DB_OK : rc) != DB_OK)
            rc = DB_ERR;
    }
    if (rc == DB_NONE && lane_int(db, l, l->next, now, &next) == DB_OK)
        *next_ms = next;
    db_release(db);
    return rc;
}

enum db_rc job_recover(struct db *db)
{
    db_begin(db);
    db_exec(db, "UPDATE job SET leased_until_ms = 0 WHERE state = 'leased'", DB_NO_ARGS);
    db_exec(db, "UPDATE circuit SET probe_ms = min(probe_ms, ?1)",
            DB_ARGS(DB_INT(clock_ms())));
    return db_end(db, DB_OK);
}

/* --- providers out of reach --- */

static int64_t outage_wait(int64_t failures, int64_t most_ms)
{
    int64_t wait = FIRST_WAIT_MS;

    for (int64_t i = 0; i < failures && wait < most_ms; i++)
        wait *= 2;
    return wait < most_ms ? wait : most_ms;
}

enum db_rc job_outage(struct db *db, int64_t id, int64_t wait_ms, int64_t most_ms,
                      const char *error)
{
    int64_t now = clock_ms(), failures = 0;
    const char *provider;
    enum db_rc rc;

    error = error ? error : "";
    db_begin(db);
    rc = db_text(db, "SELECT provider FROM job WHERE id = ?1 AND state = 'leased'",
                 DB_ARGS(DB_INT(id)), &provider);
    if (rc == DB_OK &&
        db_int(db, "SELECT failures FROM circuit WHERE provider = ?1",
               DB_ARGS(DB_TEXT(provider)), &failures) == DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK) {
        if (!wait_ms || wait_ms > most_ms)
            wait_ms = wait_ms ? most_ms : outage_wait(failures, most_ms);
        db_exec(db,
                "INSERT INTO circuit(provider, since_ms, failures, probe_ms, error)"
                " VALUES (?1, ?2, 1, ?3, substr(?4, 1, 300)) ON CONFLICT(provider) DO"
                " UPDATE SET failures = failures + 1, probe_ms = ?3,"
                " error = excluded.error",
                DB_ARGS(DB_TEXT(provider), DB_INT(now), DB_INT(now + wait_ms),
                        DB_TEXT(error)));
        rc = db_exec(db,
                     "UPDATE job SET state = 'waiting', error = substr(?2, 1, 300)"
                     " WHERE id = ?1",
                     DB_ARGS(DB_INT(id), DB_TEXT(error)));
    }
    return db_end(db, rc);
}

enum db_rc job_circuits(struct db *db, json_t **rows)
{
    return db_rows(db,
                   "SELECT provider, since_ms, failures, probe_ms, error FROM circuit"
                   " ORDER BY since_ms LIMIT 100",
                   DB_NO_ARGS, rows);
}
