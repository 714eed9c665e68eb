/* A sub-category is a category with a parent; names are unique under one parent. */
#include "db/category.h"

#include "db/custom.h"
#include "db/search.h"
#include "db/tree.h"

#define USES_SQL                                                                         \
    "(SELECT count(*) FROM sku s WHERE s.category_id = t.id)"                            \
    " + (SELECT count(*) FROM sku s WHERE s.subcategory_id = t.id)"

#define OTHER_USES_SQL                                                                   \
    "(SELECT count(*) FROM product d WHERE d.category_id = t.id)"                        \
    " + (SELECT count(*) FROM product d WHERE d.subcategory_id = t.id)"                  \
    " + (SELECT count(*) FROM category k WHERE k.parent_id = t.id)"

#define CATEGORY_COLUMNS                                                                 \
    "SELECT t.id, t.parent_id, t.name, ifnull(p.name, '') AS parent_name,"               \
    " " USES_SQL " AS sku_count, " USES_SQL " + " OTHER_USES_SQL " > 0 AS is_used"       \
    " FROM category t LEFT JOIN category p ON p.id = t.parent_id"

static const struct tree tree = TREE("category", "", "", USES_SQL " + " OTHER_USES_SQL);

enum db_rc category_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   CATEGORY_COLUMNS
                   " WHERE t.account_id = ?1"
                   " ORDER BY ifnull(p.folded, t.folded), p.id IS NOT NULL, t.folded"
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
    return db_row(db, CATEGORY_COLUMNS " WHERE t.account_id = ?1 AND t.id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
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

enum db_rc category_add(struct db *db, const struct actor *actor, int64_t parent_id,
                        const char *name, int64_t *id)
{
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = parent_check(db, actor->account_id, parent_id);
    if (rc == DB_OK)
        rc = tree_add(db, &tree, actor->account_id, parent_id, name, id);
    return db_end(db, rc);
}

enum db_rc category_rename(struct db *db, const struct actor *actor, int64_t id,
                           const char *name)
{
    enum db_rc rc;

    db_begin(db);
    rc = tree_rename(db, &tree, actor->account_id, id, name);
    if (rc == DB_OK)
        rc = search_category_changed(db, id);
    return db_end(db, rc);
}

enum db_rc category_delete(struct db *db, const struct actor *actor, int64_t id)
{
    return tree_delete(db, &tree, actor->account_id, id);
}

enum db_rc category_get(struct db *db, int64_t account_id, int64_t parent_id,
                        const char *name, int64_t *id)
{
    const char *field = parent_id ? "subcategory" : "category";
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = parent_check(db, account_id, parent_id);
    if (rc == DB_NONE)
        rc = custom_refuse_gone(db, "category");
    if (rc == DB_OK)
        rc = tree_get(db, &tree, account_id, parent_id, field, name, id);
    return db_end(db, rc);
}
