/* What is to be done with backups, one task after another: asked for by an admin or the
 * schedule, done by the keeper (server/jobs/keeper.h). The files themselves say which
 * backups there are. */
#ifndef BACKUP_H
#define BACKUP_H

#include "db/actor.h"
#include "db/db.h"

/* "2026-11-23-0200-auto.tar": letters, digits, dashes; nothing that leads elsewhere. */
bool backup_name_valid(const char *name);

/* Of a new one: by the clock in India. */
const char *backup_name_made(struct arena *a, bool is_scheduled);

/* Asks for 'make', 'check' or 'restore' of `name`. `admin` NULL: the schedule. Refused
 * while another task is open. */
MUST_USE enum db_rc backup_ask(struct db *db, const struct actor *admin, const char *kind,
                               const char *name, int64_t *id);

/* Of the request that asked, in its transaction: the one-time key. */
enum db_rc backup_once(struct db *db, int64_t id, const char *key,
                       const unsigned char digest[16]);

/* The waiting task, now running: id, kind, name, user_name, address, once_key, once_digest
 * (hexadecimal). DB_NONE: nothing to do. */
MUST_USE enum db_rc backup_take(struct db *db, json_t **task);

/* How it ended; `error` is the key of a text, NULL: well. */
MUST_USE enum db_rc backup_end(struct db *db, int64_t id, const char *error);

/* At the start: what ran when the program ended has failed. */
MUST_USE enum db_rc backup_recover(struct db *db);

/* An admin deleted or loaded down a file. */
MUST_USE enum db_rc backup_note(struct db *db, const struct actor *admin, const char *kind,
                                const char *name);

struct backup_note {
    const char *name, *by;   /* by: in words, the user may be unknown in the backup */
    const char *once_key;    /* of the request that asked; "" none */
    unsigned char digest[16];
    int64_t task_id;         /* what the request made */
};

/* The restored database says who restored it, and knows the request that asked, so that it
 * has no second effect. `is_good` false: it could not be put in place. */
MUST_USE enum db_rc backup_restored(struct db *db, const struct backup_note *note,
                                    bool is_good);

/* The newest tasks: id, kind, name, state, error, user_name, asked_ms, done_ms. */
MUST_USE enum db_rc backup_tasks(struct db *db, int limit, json_t **rows);

/* When the file was last found good or broken: {name: {is_good, at_ms}}. */
MUST_USE enum db_rc backup_checks(struct db *db, json_t **by_name);

/* When the schedule last asked for one; before the first one, when the database was made. */
MUST_USE enum db_rc backup_scheduled(struct db *db, int64_t *asked_ms);

#endif
