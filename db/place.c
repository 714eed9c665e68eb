/* Places form a tree of three levels; a name is unique within its parent. The list is in
 * the order of the paths, which the names of the levels above give. */
#include "db/place.h"

#include "db/custom.h"

#include <string.h>

enum { NAME_MAX_CHARS = 60, LEVELS = 3 };

#define PATH_SQL PLACE_PATH_SQL("p.id")
#define PLACE_COLUMNS                                                                    \
    "SELECT p.id, p.parent_id, p.level, p.name, " PATH_SQL " AS path,"                   \
    " (SELECT count(*) FROM lot l WHERE l.place_id = p.id AND l.qty_milli > 0)"          \
    " AS lot_count,"                                                                     \
    " EXISTS (SELECT 1 FROM lot l WHERE l.place_id = p.id AND l.qty_milli > 0)"          \
    " OR EXISTS (SELECT 1 FROM place k WHERE k.parent_id = p.id) AS is_used,"            \
    " p.level < 3 AS can_hold FROM place p"                                              \
    " LEFT JOIN place up ON up.id = p.parent_id"                                         \
    " LEFT JOIN place top ON top.id = up.parent_id"

enum db_rc place_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   PLACE_COLUMNS
                   " WHERE p.account_id = ?1"
                   " ORDER BY coalesce(top.folded, up.folded, p.folded),"
                   " CASE p.level WHEN 1 THEN '' WHEN 2 THEN p.folded ELSE up.folded END,"
                   " CASE p.level WHEN 3 THEN p.folded ELSE '' END LIMIT ?2",
                   DB_ARGS(DB_INT(account_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

enum db_rc place_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, PLACE_COLUMNS " WHERE p.account_id = ?1 AND p.id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

static enum db_rc name_find(struct db *db, int64_t account_id, int64_t parent_id,
                            const char *folded, int64_t *id)
{
    return db_int(db,
                  "SELECT id FROM place WHERE account_id = ?1"
                  " AND ifnull(parent_id, 0) = ?2 AND folded = ?3",
                  DB_ARGS(DB_INT(account_id), DB_INT(parent_id), DB_TEXT(folded)), id);
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

static enum db_rc room_check(struct db *db, int64_t account_id)
{
    int64_t count;
    enum db_rc rc = db_int(db, "SELECT count(*) FROM place WHERE account_id = ?1",
                           DB_ARGS(DB_INT(account_id)), &count);

    return rc == DB_OK && count >= CUSTOM_MAX ? custom_refuse_many(db) : rc;
}

static enum db_rc place_insert(struct db *db, int64_t account_id, int64_t parent_id,
                               int64_t level, const struct custom_name *name, int64_t *id)
{
    return db_insert(db,
                     "INSERT INTO place(account_id, parent_id, level, name, folded)"
                     " VALUES (?1, ?2, ?3, ?4, ?5)",
                     DB_ARGS(DB_INT(account_id), DB_REF(parent_id), DB_INT(level),
                             DB_TEXT(name->name), DB_TEXT(name->folded)),
                     id);
}

enum db_rc place_add(struct db *db, const struct actor *actor, int64_t parent_id,
                     const char *name, int64_t *id)
{
    struct custom_name n;
    int64_t level;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = level_find(db, actor->account_id, parent_id, &level);
    if (rc == DB_OK && level >= LEVELS)
        rc = db_refuse(db, 422, "parent", "refusal.place_deep", NULL);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = room_check(db, actor->account_id);
    if (rc == DB_OK) {
        rc = name_find(db, actor->account_id, parent_id, n.folded, id);
        if (rc == DB_OK)
            rc = custom_refuse_taken(db, "name");
        else if (rc == DB_NONE)
            rc = place_insert(db, actor->account_id, parent_id, level + 1, &n, id);
    }
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc place_rename(struct db *db, const struct actor *actor, int64_t id,
                        const char *name)
{
    struct custom_name n;
    int64_t parent, other;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(
        db, "SELECT ifnull(parent_id, 0) FROM place WHERE id = ?1 AND account_id = ?2",
        DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &parent);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK &&
        name_find(db, actor->account_id, parent, n.folded, &other) == DB_OK &&
        other != id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE place SET name = ?3, folded = ?4"
                     " WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(n.name),
                             DB_TEXT(n.folded)));
    return db_end(db, rc);
}

enum db_rc place_delete(struct db *db, const struct actor *actor, int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT (SELECT count(*) FROM lot l WHERE l.place_id = p.id"
                "        AND l.qty_milli > 0)"
                " + (SELECT count(*) FROM place k WHERE k.parent_id = p.id)"
                " FROM place p WHERE p.id = ?1 AND p.account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK) {
        db_exec(db,
                "UPDATE lot SET place_id = NULL WHERE place_id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
        rc = db_exec(db, "DELETE FROM place WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    }
    return db_end(db, rc);
}

/* One name of a path, under the place found so far. */
static enum db_rc step_get(struct db *db, int64_t account_id, int64_t level,
                           const char *name, int64_t *id)
{
    int64_t parent = *id;
    struct custom_name n;
    enum db_rc rc;

    if (level > LEVELS)
        return db_refuse(db, 422, "place", "refusal.place_deep", NULL);
    rc = custom_name(db, "place", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK) {
        rc = name_find(db, account_id, parent, n.folded, id);
        if (rc == DB_NONE)
            rc = place_insert(db, account_id, parent, level, &n, id);
    }
    return rc;
}

enum db_rc place_get(struct db *db, int64_t account_id, const char *path, int64_t *id)
{
    char *name = arena_dup(db_arena(db), path ? path : "");
    enum db_rc rc = DB_OK;

    *id = 0;
    db_begin(db);
    for (int64_t level = 1; rc == DB_OK && name; level++) {
        char *end = strchr(name, '/');

        if (end)
            *end++ = '\0';
        rc = step_get(db, account_id, level, name, id);
        name = end;
    }
    return db_end(db, rc);
}
