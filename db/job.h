/* Work to be done after a commit: the outbox and what webhooks brought. A job is a row,
 * written in the transaction of its cause; the worker leases it. */
#ifndef JOB_H
#define JOB_H

#include "db/db.h"

/* Adds a job within a transaction. `kind`: 'otp' {mobile, code, lang}, 'message' {to, ...},
 * 'webhook', 'media', 'remind'. `recipient` keeps the order of jobs for the same one.
 * `payload` is stored as it is now. `key` (may be NULL) makes it happen once: a second job
 * with the key is silently not added. `due_ms` 0: now; `expires_ms` 0: never. */
enum db_rc job_add(struct db *db, const char *kind, const char *recipient,
                   const json_t *payload, const char *key, int64_t due_ms,
                   int64_t expires_ms);

/* Leases the next due job whose recipient has no earlier one waiting or leased; OTPs
 * ('otp') are a lane of their own. DB_NONE: nothing to do; `*next_ms` then is when there may
 * be (0: unknown). The row: id, kind, recipient, payload_json, tries. */
MUST_USE enum db_rc job_lease(struct db *db, bool otp_lane, int64_t lease_ms, json_t **job,
                              int64_t *next_ms);

/* How a leased job ended. Done: `provider_id` may be NULL; an OTP's code is wiped. Retry:
 * waits `wait_ms`; `counts` says whether it uses up a try (an outage doesn't). */
MUST_USE enum db_rc job_done(struct db *db, int64_t id, const char *provider_id);
MUST_USE enum db_rc job_retry(struct db *db, int64_t id, int64_t wait_ms, bool counts,
                              const char *error);
MUST_USE enum db_rc job_failed(struct db *db, int64_t id, const char *error);

/* The provider's word on something sent; never goes back (queued < sent < delivered < read).
 * DB_NONE when the id isn't ours. */
MUST_USE enum db_rc job_status(struct db *db, const char *provider_id, const char *status,
                               const char *error);

/* The admin's outbox, newest first, older than `before_id`: id, kind, recipient,
 * payload_json, state, tries, error, status, next_ms, created_ms, done_ms. */
MUST_USE enum db_rc job_list(struct db *db, const char *state, int64_t before_id, int limit,
                             json_t **rows);
MUST_USE enum db_rc job_again(struct db *db, int64_t id);  /* send again */
MUST_USE enum db_rc job_give_up(struct db *db, int64_t id);

/* Expires and wipes what is over its time; forgets one-time keys older than two days and
 * sessions that ended. Called every minute. */
MUST_USE enum db_rc job_sweep(struct db *db);

#endif
