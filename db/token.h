/* API tokens (SYS-5): a program acts for an account, with levels of its own that are never
 * above what the user who made it may at that moment. */
#ifndef TOKEN_H
#define TOKEN_H

#include "db/actor.h"
#include "db/db.h"
#include "db/permission.h"

enum { TOKEN_PER_ACCOUNT = 20 };

/* A row as session_find's (no session: id 0, not primary, no admin; the levels are the
 * smaller of the token's and the maker's), and token_id, used_ms (null: never). DB_NONE:
 * there is no such token, it was revoked, or its maker is no longer a member. */
MUST_USE enum db_rc token_find(struct db *db, const unsigned char hash[32], json_t **row);

/* Notes that it was used; called when used_ms is older than five minutes. */
MUST_USE enum db_rc token_seen(struct db *db, int64_t id);

/* `session` is the maker's row. Refused at a module's name when its level is above the
 * maker's, at "name" with TOKEN_PER_ACCOUNT already, as a whole when it may nothing. */
MUST_USE enum db_rc token_create(struct db *db, const struct actor *actor,
                                 const json_t *session, const char *name,
                                 const enum level levels[MODULES],
                                 const unsigned char hash[32], int64_t *id);

/* Those that hold; `user_id` 0: of all makers. id, name, user_name, levels_json, created_ms,
 * used_ms. */
MUST_USE enum db_rc token_list(struct db *db, int64_t account_id, int64_t user_id,
                               json_t **rows);

/* Ends one of the maker's own, or with `any` of anybody's in the account. */
MUST_USE enum db_rc token_revoke(struct db *db, const struct actor *actor, int64_t id,
                                 bool any);

#endif
