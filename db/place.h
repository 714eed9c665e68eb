/* Storage places of an account in up to three levels (CUS-2), shown as a path:
 * "Room / Rack / Shelf". */
#ifndef PLACE_H
#define PLACE_H

#include "db/actor.h"
#include "db/db.h"

/* All places, each followed by what is in it, by name: id, parent_id, level, name, path,
 * lot_count (lots with stock right there), is_used, can_hold (places below it). */
MUST_USE enum db_rc place_list(struct db *db, int64_t account_id, json_t **rows);

/* One such row; DB_NONE when it isn't the account's. */
MUST_USE enum db_rc place_find(struct db *db, int64_t account_id, int64_t id,
                               json_t **row);

/* Adds one in `parent_id` (0: level 1). DB_NONE when the parent isn't the account's;
 * refused under the third level. */
MUST_USE enum db_rc place_add(struct db *db, const struct actor *actor, int64_t parent_id,
                              const char *name, int64_t *id);
MUST_USE enum db_rc place_rename(struct db *db, const struct actor *actor, int64_t id,
                                 const char *name);

/* Refused while stock is in it or a place below it is there; used-up lots forget it. */
MUST_USE enum db_rc place_delete(struct db *db, const struct actor *actor, int64_t id);

/* The place at a path of one to three names with "/" between, made where it lacks.
 * Refused at "place". */
MUST_USE enum db_rc place_get(struct db *db, int64_t account_id, const char *path,
                              int64_t *id);

/* An SQL expression for the path of the place whose id is in the column `ref`. */
#define PLACE_PATH_SQL(ref)                                                              \
    "(SELECT ifnull(p1.name || ' / ', '') || ifnull(p2.name || ' / ', '') || p3.name"    \
    " FROM place p3 LEFT JOIN place p2 ON p2.id = p3.parent_id"                          \
    " LEFT JOIN place p1 ON p1.id = p2.parent_id WHERE p3.id = " ref ")"

#endif
