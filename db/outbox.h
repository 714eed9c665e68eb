/* The admin's view of jobs: what was sent or waits to be, and what is done in the
 * background. */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "db/actor.h"
#include "db/db.h"

/* Jobs that send ('otp', 'message') or, with `work`, all others; newest first, older than
 * `before_id` (0: from the newest), in `state` (NULL: any): id, kind, recipient,
 * payload_json, state, tries, error, status, next_ms, created_ms, done_ms. */
MUST_USE enum db_rc outbox_list(struct db *db, bool work, const char *state,
                                int64_t before_id, int limit, json_t **rows);

/* all, waiting, leased, done, failed, expired: how many of them there are. */
MUST_USE enum db_rc outbox_counts(struct db *db, bool work, json_t **row);

/* job_again and job_give_up with an entry in the installation's audit log. Refused when the
 * job is no longer in a state for it. */
MUST_USE enum db_rc outbox_again(struct db *db, const struct actor *admin, int64_t id);
MUST_USE enum db_rc outbox_give_up(struct db *db, const struct actor *admin, int64_t id);

#endif
