/* Places form a tree of three levels; a name is unique within its parent. The list is in
 * the order of the paths, which the names of the levels above give. */
#include "db/place.h"

#include "db/custom.h"
#include "db/tree.h"

#include <string.h>

enum { LEVELS = 3 };

#define LOTS_SQL                                                                         \
    "(SELECT count(*) FROM lot l WHERE l.place_id = t.id AND l.qty_milli > 0)"

static const struct tree tree = TREE(
    "place", ", level", ", ifnull((SELECT u.level FROM place u WHERE u.id = ?2), 0) + 1",
    LOTS_SQL " + (SELECT count(*) FROM place k WHERE k.parent_id = t.id)");

#define PATH_SQL PLACE_PATH_SQL("t.id")
#define PLACE_COLUMNS                                                                    \
    "SELECT t.id, t.parent_id, t.level, t.name, " PATH_SQL " AS path,"                   \
    " " LOTS_SQL " AS lot_count,"                                                        \
    " EXISTS (SELECT 1 FROM lot l WHERE l.place_id = t.id AND l.qty_milli > 0)"          \
    " OR EXISTS (SELECT 1 FROM place k WHERE k.parent_id = t.id) AS is_used,"            \
    " t.level < 3 AS can_hold FROM place t"                                              \
    " LEFT JOIN place up ON up.id = t.parent_id"                                         \
    " LEFT JOIN place top ON top.id = up.parent_id"

enum db_rc place_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   PLACE_COLUMNS
                   " WHERE t.account_id = ?1"
                   " ORDER BY coalesce(top.folded, up.folded, t.folded),"
                   " CASE t.level WHEN 1 THEN '' WHEN 2 THEN t.folded ELSE up.folded END,"
                   " CASE t.level WHEN 3 THEN t.folded ELSE '' END LIMIT ?2",
                   DB_ARGS(DB_INT(account_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

enum db_rc place_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, PLACE_COLUMNS " WHERE t.account_id = ?1 AND t.id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

/* The level of the account's place; 0 for id 0. DB_NONE when it isn't there. */
static enum db_rc level_find(struct db *db, int64_t account_id, int64_t id,
                             int64_t *level)
{
    *level = 0;
    if (!id)
        return DB_OK;
    return db_int(db, "SELECT level FROM place WHERE id = ?1 AND account_id = ?2",
                  DB_ARGS(DB_INT(id), DB_INT(account_id)), level);
}

enum db_rc place_add(struct db *db, const struct actor *actor, int64_t parent_id,
                     const char *name, int64_t *id)
{
    int64_t level;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = level_find(db, actor->account_id, parent_id, &level);
    if (rc == DB_OK && level >= LEVELS)
        rc = db_refuse(db, 422, "parent", "refusal.place_deep", NULL);
    if (rc == DB_OK)
        rc = tree_add(db, &tree, actor->account_id, parent_id, name, id);
    return db_end(db, rc);
}

enum db_rc place_rename(struct db *db, const struct actor *actor, int64_t id,
                        const char *name)
{
    return tree_rename(db, &tree, actor->account_id, id, name);
}

enum db_rc place_delete(struct db *db, const struct actor *actor, int64_t id)
{
    db_begin(db);
    db_exec(db,
            "UPDATE lot SET place_id = NULL WHERE place_id = ?1 AND account_id = ?2"
            " AND qty_milli = 0",
            DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    return db_end(db, tree_delete(db, &tree, actor->account_id, id));
}

enum db_rc place_get(struct db *db, int64_t account_id, const char *path, int64_t *id)
{
    char *name = arena_dup(db_arena(db), path ? path : "");
    enum db_rc rc = DB_OK;

    *id = 0;
    db_begin(db);
    for (int level = 1; rc == DB_OK && name; level++) {
        char *end = strchr(name, '/');

        if (end)
            *end++ = '\0';
        if (level > LEVELS)
            rc = db_refuse(db, 422, "place", "refusal.place_deep", NULL);
        else
            rc = tree_get(db, &tree, account_id, *id, "place", name, id);
        name = end;
    }
    return db_end(db, rc);
}
