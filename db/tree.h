/* Names in a tree of an account, each unique under its parent: what categories and places
 * have in common. Shared by their files; nobody else. */
#ifndef TREE_H
#define TREE_H

#include "db/db.h"

/* The statements of one table; ?1 is the account. */
struct tree {
    const char *named;  /* the id of the folded name ?3 under ?2 (0: at the top) */
    const char *count;  /* all there are */
    const char *insert; /* ?2: parent or NULL, ?3: name, ?4: folded */
    const char *parent; /* of ?2; 0 at the top */
    const char *rename; /* ?2 to ?3, folded ?4 */
    const char *uses;   /* how many rows use ?2 */
    const char *drop;   /* ?2 */
};

/* `more` and `values`: columns beside the name, as ", x". `uses` is an expression over
 * the row t. */
#define TREE(table, more, values, uses_sql)                                              \
    {                                                                                    \
        .named = "SELECT id FROM " table " WHERE account_id = ?1"                        \
                 " AND ifnull(parent_id, 0) = ?2 AND folded = ?3",                       \
        .count = "SELECT count(*) FROM " table " WHERE account_id = ?1",                 \
        .insert = "INSERT INTO " table "(account_id, parent_id, name, folded" more ")"   \
                  " VALUES (?1, ?2, ?3, ?4" values ")",                                  \
        .parent = "SELECT ifnull(parent_id, 0) FROM " table                              \
                  " WHERE account_id = ?1 AND id = ?2",                                  \
        .rename = "UPDATE " table " SET name = ?3, folded = ?4"                          \
                  " WHERE account_id = ?1 AND id = ?2",                                  \
        .uses = "SELECT " uses_sql " FROM " table " t WHERE t.account_id = ?1"           \
                " AND t.id = ?2",                                                        \
        .drop = "DELETE FROM " table " WHERE account_id = ?1 AND id = ?2",               \
    }

/* Adds a name under a parent of the account (0: at the top), typed by hand: refused at
 * "name", and when there are too many. */
MUST_USE enum db_rc tree_add(struct db *db, const struct tree *tree, int64_t account_id,
                             int64_t parent_id, const char *name, int64_t *id);

/* The one of that name, made when it lacks. Refused at `field`. */
MUST_USE enum db_rc tree_get(struct db *db, const struct tree *tree, int64_t account_id,
                             int64_t parent_id, const char *field, const char *name,
                             int64_t *id);

MUST_USE enum db_rc tree_rename(struct db *db, const struct tree *tree,
                                int64_t account_id, int64_t id, const char *name);

/* Refused while something uses it. */
MUST_USE enum db_rc tree_delete(struct db *db, const struct tree *tree,
                                int64_t account_id, int64_t id);

#endif
