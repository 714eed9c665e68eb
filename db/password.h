/* A password as a second way in (ACC-2). Hashing is not done here: it takes long, and no
 * transaction waits for it. Whether a number is a user's shows in nothing. */
#ifndef PASSWORD_H
#define PASSWORD_H

#include "db/actor.h"
#include "db/db.h"

enum { PASSWORD_LEAST = 10, PASSWORD_MOST = 128 };
enum { PASSWORD_TRIES = 5, PASSWORD_TRIES_ADDRESS = 60 };

/* Fit to be one: long enough, not the own number, more than a few different characters.
 * Refused with 422 at "password". */
MUST_USE enum db_rc password_check(struct db *db, const char *password,
                                   const char *mobile);

/* Counts a try at the number, to be called before the password is looked at. `*hash` NULL:
 * no such user, or without a password. Refused with 429 at "password" after five tries
 * within 15 minutes, or 60 by an address within an hour ({n}: minutes to wait). */
MUST_USE enum db_rc password_try(struct db *db, const char *mobile, const char *address,
                                 const char **hash);

/* It was right: the tries at the number are forgotten. */
MUST_USE enum db_rc password_right(struct db *db, const char *mobile);

/* The hash of the actor's password; NULL: none. */
MUST_USE enum db_rc password_hash_of(struct db *db, int64_t user_id, const char **hash);

/* Sets (NULL: removes) the actor's own; they are told, and their other sessions end. */
MUST_USE enum db_rc password_set(struct db *db, const struct actor *actor,
                                 int64_t session_id, const char *hash);

#endif
