/* Categories of an account and sub-categories under them (CUS-4). */
#ifndef CATEGORY_H
#define CATEGORY_H

#include "db/actor.h"
#include "db/db.h"

/* All of them, each category followed by its sub-categories, by name: id, parent_id
 * (null: a category), name, parent_name, sku_count, is_used. */
MUST_USE enum db_rc category_list(struct db *db, int64_t account_id, json_t **rows);

/* Categories only (parent_id 0), or the sub-categories of one: id, name. */
MUST_USE enum db_rc category_under(struct db *db, int64_t account_id, int64_t parent_id,
                                   json_t **rows);

/* One row as category_list gives it; DB_NONE when it isn't the account's. */
MUST_USE enum db_rc category_find(struct db *db, int64_t account_id, int64_t id,
                                  json_t **row);

/* Adds a category (parent_id 0) or a sub-category. DB_NONE when the parent isn't a
 * category of the account. */
MUST_USE enum db_rc category_add(struct db *db, const struct actor *actor,
                                 int64_t parent_id, const char *name, int64_t *id);
MUST_USE enum db_rc category_rename(struct db *db, const struct actor *actor, int64_t id,
                                    const char *name);

/* Refused while SKUs, products or sub-categories use it. */
MUST_USE enum db_rc category_delete(struct db *db, const struct actor *actor, int64_t id);

/* The one of that name, made when it lacks. Refused at "category" or "subcategory". */
MUST_USE enum db_rc category_get(struct db *db, int64_t account_id, int64_t parent_id,
                                 const char *name, int64_t *id);

#endif
