/* Who is in an account: the primary user and secondary ones with their levels (ACC-4 to
 * ACC-6, ACC-9). Every change here is in the account's audit log, and whom it concerns is
 * told. A secondary user who may change users gives and takes no more than they have. */
#ifndef MEMBER_H
#define MEMBER_H

#include "db/actor.h"
#include "db/permission.h"

/* The account's users, the primary one first, then by name: id, name, mobile, is_primary,
 * levels_json, created_ms, seen_ms (null: not signed in). */
MUST_USE enum db_rc member_list(struct db *db, int64_t account_id, json_t **rows);

/* One of them, the same keys. */
MUST_USE enum db_rc member_find(struct db *db, int64_t account_id, int64_t user_id,
                                json_t **row);

/* The modules that the admin took away from the account: {name: 1}. */
MUST_USE enum db_rc member_modules_off(struct db *db, int64_t account_id, json_t **off);

/* The levels of somebody in the account, all of them for its primary user, whatever the
 * admin took away. DB_NONE: not in it. */
MUST_USE enum db_rc member_levels(struct db *db, int64_t account_id, int64_t user_id,
                                  struct levels *levels, bool *is_primary);

/* What the actor may give to others; refused with 403 when they may not change the
 * account's users (any more). */
MUST_USE enum db_rc member_granter(struct db *db, const struct actor *actor,
                                   struct levels *most);

/* Sets all levels of a secondary user. Refused: the primary user's, one's own, and (at
 * the module) more than the actor has. DB_NONE: not in the account. */
MUST_USE enum db_rc member_levels_set(struct db *db, const struct actor *actor,
                                      int64_t user_id, const struct levels *levels);

/* Takes a secondary user out; their open invitations go along. Refused for the primary
 * user, and for somebody who may do more than the actor. */
MUST_USE enum db_rc member_remove(struct db *db, const struct actor *actor,
                                  int64_t user_id);

/* The actor leaves; refused for the primary user. */
MUST_USE enum db_rc member_leave(struct db *db, const struct actor *actor);

/* The actor, primary user, makes a secondary one the primary user and stays with all
 * levels. Refused when the actor isn't the primary user (any more). */
MUST_USE enum db_rc member_hand_over(struct db *db, const struct actor *actor,
                                     int64_t user_id);

/* Lets a user in, within a transaction: closes what is open between the two. `by` is who
 * let them in, for the audit log. DB_OK also when they were in already. */
enum db_rc member_add(struct db *db, const struct actor *by, int64_t user_id,
                      const struct levels *levels);

#endif
