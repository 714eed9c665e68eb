/* Work to be done after a commit: the outbox and what webhooks brought. A job is a row,
 * written in the transaction of its cause; the worker leases it. */
#ifndef JOB_H
#define JOB_H

#include "db/db.h"

/* Jobs of one lane never wait for those of another. A message is of the lane of its
 * provider: 'chat', 'push:<origin>' or 'hook:<id>'. */
enum job_lane {
    JOB_WORK,     /* 'webhook', 'media', 'remind': done here */
    JOB_OTPS,     /* 'otp' */
    JOB_MESSAGES, /* 'message' in the chat */
    JOB_PUSHES,   /* 'message' to a browser */
    JOB_HOOKS,    /* 'message' to an account's own address */
};

/* Tried once, and again after each pause of job_pause_ms(). */
enum { JOB_LANES = 5, JOB_TRIES = 7 };

/* Adds a job within a transaction. `kind`: 'otp' {code, lang} to the recipient, 'message'
 * {to, ...}, 'webhook', 'media', 'remind'. `recipient` keeps the order of jobs for the
 * same one ("": no order). `payload` is stored as it is now. `key` makes it happen once: a
 * second job with the key is silently not added; what is sent out without one (NULL) gets
 * one made, for the provider to tell doubles by. `due_ms` 0: now; `expires_ms` 0: never. */
enum db_rc job_add(struct db *db, const char *kind, const char *recipient,
                   const json_t *payload, const char *key, int64_t due_ms,
                   int64_t expires_ms);

/* A 'message' through a provider of its own. One that is due later holds up nobody until
 * its time has come. */
enum db_rc job_send(struct db *db, const char *provider, const char *recipient,
                    const json_t *payload, const char *key, int64_t due_ms);

/* Leases the next due job of the lane whose recipient has no earlier one there waiting or
 * leased; through a provider that is out of reach only one, and that as a probe when it is
 * time for it. A lease that ran out (the process died) is given again and uses up a try.
 * DB_NONE: nothing to do; `*next_ms` then is when there may be (0: not before something
 * is added). The row: id, kind, provider, recipient, payload_json, key, tries. */
MUST_USE enum db_rc job_lease(struct db *db, enum job_lane lane, int64_t lease_ms,
                              json_t **job, int64_t *next_ms);

/* At the program's start, when nobody can be at work yet: leases of a process that died
 * have run out. */
MUST_USE enum db_rc job_recover(struct db *db);

/* How a leased job ended; DB_NONE when it isn't leased (any more). All may be part of a
 * transaction. Done: `provider_id` is the provider's of what was sent; then an OTP's code
 * is wiped. Without one (shown in the outbox only) the code stays until used or expired.
 * Retry: waits `wait_ms`; `counts` says whether it uses up a try (an outage doesn't);
 * after JOB_TRIES tries it has failed. */
MUST_USE enum db_rc job_done(struct db *db, int64_t id, const char *provider_id);
MUST_USE enum db_rc job_retry(struct db *db, int64_t id, int64_t wait_ms, bool counts,
                              const char *error);
MUST_USE enum db_rc job_failed(struct db *db, int64_t id, const char *error);

/* Wipes the code from the job with this key, and sends it no more: it was used, replaced or
 * is over its time. Within a transaction. */
void job_forget_code(struct db *db, const char *key);

/* The provider refused it: tried again after job_pause_ms(), at last failed. `is_aside`:
 * for what is in it, so that later ones to the same recipient need not wait. */
MUST_USE enum db_rc job_refused(struct db *db, int64_t id, bool is_aside,
                                const char *error);

/* The pause after the n-th try (from 0): 10 s, 1 min, 5 min, 30 min, 2 h, 12 h. */
int64_t job_pause_ms(int64_t tries);

/* The provider of the leased job is out of reach: the job waits without using up a try,
 * and nothing goes through the provider but one probe, after `wait_ms` (0: longer each
 * time, at most `most_ms`). It ends by itself when a probe was answered. */
MUST_USE enum db_rc job_outage(struct db *db, int64_t id, int64_t wait_ms, int64_t most_ms,
                               const char *error);

/* Providers that are out of reach: provider, since_ms, failures, probe_ms, error. */
MUST_USE enum db_rc job_circuits(struct db *db, json_t **rows);

/* The recipient can be reached again: what was refused is tried now. Within a
 * transaction. */
enum db_rc job_hurry(struct db *db, const char *recipient);

/* Ends what waits for a recipient that is no more, as expired. Within a transaction. */
enum db_rc job_drop(struct db *db, const char *recipient, const char *error);

/* The provider knows what we sent with this key, though its answer didn't reach us: it is
 * not sent again. Within a transaction; DB_NONE when no such job waits. */
enum db_rc job_sent(struct db *db, const char *key, const char *provider_id);

/* The provider's word on something sent; never goes back (sent < delivered < read <
 * played; 'failed' only before 'delivered'). DB_NONE when the id isn't ours. */
MUST_USE enum db_rc job_status(struct db *db, const char *provider_id, const char *status,
                               const char *error);

/* The admin's outbox, newest first, older than `before_id` (0: from the newest): id,
 * kind, provider, recipient, payload_json, state, tries, error, status, next_ms,
 * created_ms, done_ms. `state` NULL: all. */
MUST_USE enum db_rc job_list(struct db *db, const char *state, int64_t before_id,
                             int limit, json_t **rows);

#define JOB_GIVEN_UP "given up" /* the error of one that an admin ended */

/* Sends a failed one again (an OTP not: its code is gone); ends one that waits. DB_NONE
 * when it is in another state. */
MUST_USE enum db_rc job_again(struct db *db, int64_t id);
MUST_USE enum db_rc job_give_up(struct db *db, int64_t id);

/* How many jobs are in each state: state, n. */
MUST_USE enum db_rc job_counts(struct db *db, json_t **rows);

/* Expires and wipes what is over its time; forgets one-time keys older than two days,
 * sessions that ended, webhook messages older than 30 days, finished jobs and
 * notifications that were read older than 90. Called every minute. */
MUST_USE enum db_rc job_sweep(struct db *db);

#endif
