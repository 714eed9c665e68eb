/* A sub-category is a category with a parent; names are unique under one parent. */
#include "db/category.h"

#include "db/custom.h"

enum { NAME_MAX_CHARS = 60 };

#define USES_SQL                                                                         \
    "(SELECT count(*) FROM sku s WHERE s.category_id = c.id)"                            \
    " + (SELECT count(*) FROM sku s WHERE s.subcategory_id = c.id)"

#define OTHER_USES_SQL                                                                   \
    "(SELECT count(*) FROM product d WHERE d.category_id = c.id)"                        \
    " + (SELECT count(*) FROM product d WHERE d.subcategory_id = c.id)"                  \
    " + (SELECT count(*) FROM category k WHERE k.parent_id = c.id)"

#define CATEGORY_COLUMNS                                                                 \
    "SELECT c.id, c.parent_id, c.name, ifnull(p.name, '') AS parent_name,"               \
    " " USES_SQL " AS sku_count, " USES_SQL " + " OTHER_USES_SQL " > 0 AS is_used"       \
    " FROM category c LEFT JOIN category p ON p.id = c.parent_id"

enum db_rc category_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   CATEGORY_COLUMNS
                   " WHERE c.account_id = ?1"
                   " ORDER BY ifnull(p.folded, c.folded), p.id IS NOT NULL, c.folded"
                   " LIMIT ?2",
                   DB_ARGS(DB_INT(account_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

enum db_rc category_under(struct db *db, int64_t account_id, int64_t parent_id,
                          json_t **rows)
{
    return db_rows(
        db,
        "SELECT id, name FROM category"
        " WHERE account_id = ?1 AND ifnull(parent_id, 0) = ?2"
        " ORDER BY folded LIMIT ?3",
        DB_ARGS(DB_INT(account_id), DB_INT(parent_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

enum db_rc category_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, CATEGORY_COLUMNS " WHERE c.account_id = ?1 AND c.id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

static enum db_rc name_find(struct db *db, int64_t account_id, int64_t parent_id,
                            const char *folded, int64_t *id)
{
    return db_int(db,
                  "SELECT id FROM category WHERE account_id = ?1"
                  " AND ifnull(parent_id, 0) = ?2 AND folded = ?3",
                  DB_ARGS(DB_INT(account_id), DB_INT(parent_id), DB_TEXT(folded)), id);
}

/* DB_NONE when `parent_id` is given but no category of the account. */
static enum db_rc parent_check(struct db *db, int64_t account_id, int64_t parent_id)
{
    int64_t id;

    if (!parent_id)
        return DB_OK;
    return db_int(db,
                  "SELECT id FROM category WHERE id = ?1 AND account_id = ?2"
                  " AND parent_id IS NULL",
                  DB_ARGS(DB_INT(parent_id), DB_INT(account_id)), &id);
}

static enum db_rc room_check(struct db *db, int64_t account_id)
{
    int64_t count;
    enum db_rc rc = db_int(db, "SELECT count(*) FROM category WHERE account_id = ?1",
                           DB_ARGS(DB_INT(account_id)), &count);

    return rc == DB_OK && count >= CUSTOM_MAX ? custom_refuse_many(db) : rc;
}

static enum db_rc category_insert(struct db *db, int64_t account_id, int64_t parent_id,
                                  const struct custom_name *name, int64_t *id)
{
    return db_insert(db,
                     "INSERT INTO category(account_id, parent_id, name, folded)"
                     " VALUES (?1, ?2, ?3, ?4)",
                     DB_ARGS(DB_INT(account_id), DB_REF(parent_id), DB_TEXT(name->name),
                             DB_TEXT(name->folded)),
                     id);
}

enum db_rc category_add(struct db *db, const struct actor *actor, int64_t parent_id,
                        const char *name, int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = parent_check(db, actor->account_id, parent_id);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = room_check(db, actor->account_id);
    if (rc == DB_OK) {
        rc = name_find(db, actor->account_id, parent_id, n.folded, id);
        if (rc == DB_OK)
            rc = custom_refuse_taken(db, "name");
        else if (rc == DB_NONE)
            rc = category_insert(db, actor->account_id, parent_id, &n, id);
    }
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc category_rename(struct db *db, const struct actor *actor, int64_t id,
                           const char *name)
{
    struct custom_name n;
    int64_t parent, other;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(
        db, "SELECT ifnull(parent_id, 0) FROM category WHERE id = ?1 AND account_id = ?2",
        DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &parent);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK &&
        name_find(db, actor->account_id, parent, n.folded, &other) == DB_OK &&
        other != id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE category SET name = ?3, folded = ?4"
                     " WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(n.name),
                             DB_TEXT(n.folded)));
    return db_end(db, rc);
}

enum db_rc category_delete(struct db *db, const struct actor *actor, int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT " USES_SQL " + " OTHER_USES_SQL
                " FROM category c WHERE c.id = ?1 AND c.account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM category WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    return db_end(db, rc);
}

enum db_rc category_get(struct db *db, int64_t account_id, int64_t parent_id,
                        const char *name, int64_t *id)
{
    const char *field = parent_id ? "subcategory" : "category";
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = parent_check(db, account_id, parent_id);
    if (rc == DB_NONE)
        rc = custom_refuse_gone(db, "category");
    if (rc == DB_OK)
        rc = custom_name(db, field, name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK) {
        rc = name_find(db, account_id, parent_id, n.folded, id);
        if (rc == DB_NONE)
            rc = category_insert(db, account_id, parent_id, &n, id);
    }
    return db_end(db, rc);
}
