/* Asking to be let in to an account, by its name (ACC-5). */
#ifndef JOIN_H
#define JOIN_H

#include "db/actor.h"
#include "db/permission.h"

enum { JOINS_OPEN = 5, JOINS_DAY = 10 };

/* The user asks; those who may see the account's users are told. Refused at "email" when
 * no account has that name, the user is in it or waits already, and at 429 when too many
 * are open or were asked within a day. */
MUST_USE enum db_rc join_ask(struct db *db, const struct actor *actor, const char *email,
                             const char *note, int64_t *id);

/* The user takes it back. DB_NONE: no such, or it was decided. */
MUST_USE enum db_rc join_withdraw(struct db *db, const struct actor *actor, int64_t id);

/* The account decides; the user is told. Refusing needs a reason. DB_NONE: no such, or it
 * was decided. Levels that the actor lacks are left out. */
MUST_USE enum db_rc join_approve(struct db *db, const struct actor *actor, int64_t id,
                                 const struct levels *levels);
MUST_USE enum db_rc join_refuse(struct db *db, const struct actor *actor, int64_t id,
                                const char *reason);

/* Waiting ones of an account, oldest first: id, user_id, name, mobile, note, asked_ms. */
MUST_USE enum db_rc join_list(struct db *db, int64_t account_id, json_t **rows);

/* The user's own, newest first: id, email, state, reason, asked_ms. */
MUST_USE enum db_rc join_list_of_user(struct db *db, int64_t user_id, json_t **rows);

#endif
