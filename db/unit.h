/* Stock units of an account (CUS-1): kg, piece, box, own ones, with 0 to 3 decimals. */
#ifndef UNIT_H
#define UNIT_H

#include "db/actor.h"
#include "db/db.h"

#include <stdbool.h>

/* All units by name: id, name, decimals, sku_count, is_used. */
MUST_USE enum db_rc unit_list(struct db *db, int64_t account_id, json_t **rows);

/* One such row; DB_NONE when it isn't the account's. */
MUST_USE enum db_rc unit_find(struct db *db, int64_t account_id, int64_t id,
                              json_t **row);

/* Adds one. Refused at "name" when taken, at "decimals" when not 0 to 3. */
MUST_USE enum db_rc unit_add(struct db *db, const struct actor *actor, const char *name,
                             int decimals, int64_t *id);

/* Renames it everywhere and sets its decimals; refused at "decimals" when a quantity
 * booked in it has more. */
MUST_USE enum db_rc unit_update(struct db *db, const struct actor *actor, int64_t id,
                                const char *name, int decimals);

/* Refused while a SKU has it. */
MUST_USE enum db_rc unit_delete(struct db *db, const struct actor *actor, int64_t id);

/* The unit of that name, made with `decimals` when the account lacks it. Refused at
 * "unit". */
MUST_USE enum db_rc unit_get(struct db *db, int64_t account_id, const char *name,
                             int decimals, int64_t *id);

/* Gives a new account its first units, named in `lang` ("hi", else English); within the
 * transaction that makes the account. */
MUST_USE enum db_rc unit_seed(struct db *db, int64_t account_id, const char *lang);

/* True when the quantity has no more than `decimals` decimals. */
bool unit_fits(int64_t qty_milli, int64_t decimals);

#endif
