/* Each list walks the primary key downwards from where the page ended, or the index of the
 * state. */
#include "db/outbox.h"

#include "db/audit.h"
#include "db/job.h"

#define SENDS "kind IN ('otp', 'message')"
#define LISTED                                                                           \
    "SELECT id, kind, recipient, payload AS payload_json, state, tries, error, status,"  \
    " next_ms, created_ms, done_ms FROM job WHERE (" SENDS ") = ?1 AND "

enum db_rc outbox_list(struct db *db, bool work, const char *state, int64_t before_id,
                       int limit, json_t **rows)
{
    int64_t before = before_id ? before_id : INT64_MAX;

    if (state)
        return db_rows(db, LISTED "state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
                       DB_ARGS(DB_INT(!work), DB_TEXT(state), DB_INT(before),
                               DB_INT(limit)),
                       rows);
    return db_rows(db, LISTED "id < ?2 ORDER BY id DESC LIMIT ?3",
                   DB_ARGS(DB_INT(!work), DB_INT(before), DB_INT(limit)), rows);
}

enum db_rc outbox_counts(struct db *db, bool work, json_t **row)
{
    return db_row(db,
                  "SELECT count(*) AS \"all\", ifnull(sum(state = 'waiting'), 0) AS waiting,"
                  " ifnull(sum(state = 'leased'), 0) AS leased,"
                  " ifnull(sum(state = 'done'), 0) AS done,"
                  " ifnull(sum(state = 'failed'), 0) AS failed,"
                  " ifnull(sum(state = 'expired'), 0) AS expired"
                  " FROM job WHERE (" SENDS ") = ?1",
                  DB_ARGS(DB_INT(!work)), row);
}

static enum db_rc change(struct db *db, const struct actor *admin, int64_t id,
                         enum db_rc (*with)(struct db *, int64_t), const char *kind)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *what;
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db,
                 "SELECT kind || ' ' || id || iif(recipient = '', '', ' ' || recipient)"
                 " FROM job WHERE id = ?1",
                 DB_ARGS(DB_INT(id)), &what);
    if (rc == DB_OK) {
        rc = with(db, id);
        if (rc == DB_NONE)
            rc = db_refuse(db, 409, NULL, "refusal.job_state", NULL);
    }
    if (rc == DB_OK)
        rc = audit_write(db, &there, kind, what, NULL, NULL);
    return db_end(db, rc);
}

enum db_rc outbox_again(struct db *db, const struct actor *admin, int64_t id)
{
    return change(db, admin, id, job_again, "job.again");
}

enum db_rc outbox_give_up(struct db *db, const struct actor *admin, int64_t id)
{
    return change(db, admin, id, job_give_up, "job.given_up");
}
