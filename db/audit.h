/* The audit log (ACC-10): who, when, from where, what, before and after. Append-only. */
#ifndef AUDIT_H
#define AUDIT_H

#include "db/actor.h"
#include "db/db.h"
#include "db/permission.h"

/* Adds an entry within the transaction that makes the change. `kind` is a text key without
 * its "audit." ("vendor.approved"); `subject` names what was changed in words that stay
 * readable; `before` and `after` may be NULL. actor.account_id 0: of the installation. */
enum db_rc audit_write(struct db *db, const struct actor *actor, const char *kind,
                       const char *subject, const char *before, const char *after);

struct audit_filter {
    int64_t account_id; /* 0: of the installation */
    const char *groups; /* JSON array of what stands before the dot in kinds; NULL: all */
    const char *q;      /* words within subject, user, before, after, address; "" none */
    int64_t from_ms, to_ms; /* 0: no limit; to_ms itself is out */
    int64_t before_id;      /* 0: from the newest */
};

/* The entries that the filter lets through, newest first: id, at_ms, user_name, address,
 * kind, subject, before, after. */
MUST_USE enum db_rc audit_list(struct db *db, const struct audit_filter *filter, int limit,
                               json_t **rows);

/* How many there are, on all pages; counted up to `most`. */
MUST_USE enum db_rc audit_count(struct db *db, const struct audit_filter *filter, int most,
                                int64_t *n);

/* The groups of kinds in an account's log, ended by a NULL name. Who may view one of the
 * two modules sees them: a log that tells prices and money must not be a way around the
 * permissions. Of any other group only the primary user sees something. */
extern const struct audit_group {
    const char *name;
    enum module module, other;
} audit_groups[];

#endif
