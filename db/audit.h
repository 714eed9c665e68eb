/* The audit log (ACC-10): who, when, from where, what, before and after. Append-only. */
#ifndef AUDIT_H
#define AUDIT_H

#include "db/actor.h"
#include "db/db.h"

/* Adds an entry within the transaction that makes the change. `kind` is a text key without
 * its "audit." ("vendor.approved"); `subject` names what was changed in words that stay
 * readable; `before` and `after` may be NULL. actor.account_id 0: of the installation. */
enum db_rc audit_write(struct db *db, const struct actor *actor, const char *kind,
                       const char *subject, const char *before, const char *after);

/* The newest entries of an account (0: of the installation) older than `before_id` (0: from
 * the newest): id, at_ms, user_name, address, kind, subject, before, after. */
MUST_USE enum db_rc audit_list(struct db *db, int64_t account_id, int64_t before_id,
                               int limit, json_t **rows);

#endif
