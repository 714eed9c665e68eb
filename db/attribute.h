/* Up to three attributes an account, named by it ("Colour", "Size"), each with the list
 * of its values (CUS-3). An attribute has a slot, 1 to 3: a SKU has one value for each
 * slot. */
#ifndef ATTRIBUTE_H
#define ATTRIBUTE_H

#include "db/actor.h"
#include "db/db.h"

enum { ATTRIBUTE_SLOTS = 3 };

/* The attributes by slot: id, slot, name, value_count, is_used, values_json (an array of
 * {id, name}, by name). */
MUST_USE enum db_rc attribute_list(struct db *db, int64_t account_id, json_t **rows);

/* Adds one in the first free slot; refused when there are three. */
MUST_USE enum db_rc attribute_add(struct db *db, const struct actor *actor,
                                  const char *name, int64_t *id);
MUST_USE enum db_rc attribute_rename(struct db *db, const struct actor *actor, int64_t id,
                                     const char *name);

/* Deletes it with its values; refused while a SKU has one of them. */
MUST_USE enum db_rc attribute_delete(struct db *db, const struct actor *actor,
                                     int64_t id);

/* The slot of the attribute of that name, made when it lacks; `*slot` 0 when it lacks and
 * there is no room. */
MUST_USE enum db_rc attribute_get(struct db *db, int64_t account_id, const char *name,
                                  int *slot);

/* The values of one by name: id, name, sku_count, is_used. DB_NONE when the attribute
 * isn't the account's. */
MUST_USE enum db_rc attribute_values(struct db *db, int64_t account_id,
                                     int64_t attribute_id, json_t **rows);
MUST_USE enum db_rc attribute_value_add(struct db *db, const struct actor *actor,
                                        int64_t attribute_id, const char *name,
                                        int64_t *id);
MUST_USE enum db_rc attribute_value_rename(struct db *db, const struct actor *actor,
                                           int64_t value_id, const char *name);

/* Refused while a SKU has it. */
MUST_USE enum db_rc attribute_value_delete(struct db *db, const struct actor *actor,
                                           int64_t value_id);

/* The value of that name of the attribute in `slot`, made when it lacks. Refused at
 * "value1" to "value3" when the slot has no attribute. */
MUST_USE enum db_rc attribute_value_get(struct db *db, int64_t account_id, int slot,
                                        const char *name, int64_t *id);

#endif
