/* The statements come from the table's own file; the order of the checks is the same for
 * all. */
#include "db/tree.h"

#include "db/custom.h"

enum { NAME_MAX_CHARS = 60 };

static enum db_rc name_find(struct db *db, const struct tree *t, int64_t account_id,
                            int64_t parent_id, const struct custom_name *n, int64_t *id)
{
    return db_int(db, t->named,
                  DB_ARGS(DB_INT(account_id), DB_INT(parent_id), DB_TEXT(n->folded)), id);
}

static enum db_rc name_insert(struct db *db, const struct tree *t, int64_t account_id,
                              int64_t parent_id, const struct custom_name *n, int64_t *id)
{
    return db_insert(db, t->insert,
                     DB_ARGS(DB_INT(account_id), DB_REF(parent_id), DB_TEXT(n->name),
                             DB_TEXT(n->folded)),
                     id);
}

static enum db_rc room_check(struct db *db, const struct tree *t, int64_t account_id)
{
    int64_t count;
    enum db_rc rc = db_int(db, t->count, DB_ARGS(DB_INT(account_id)), &count);

    return rc == DB_OK && count >= CUSTOM_MAX ? custom_refuse_many(db) : rc;
}

enum db_rc tree_add(struct db *db, const struct tree *t, int64_t account_id,
                    int64_t parent_id, const char *name, int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = room_check(db, t, account_id);
    if (rc == DB_OK) {
        rc = name_find(db, t, account_id, parent_id, &n, id);
        if (rc == DB_OK)
            rc = custom_refuse_taken(db, "name");
        else if (rc == DB_NONE)
            rc = name_insert(db, t, account_id, parent_id, &n, id);
    }
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc tree_get(struct db *db, const struct tree *t, int64_t account_id,
                    int64_t parent_id, const char *field, const char *name, int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, field, name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK) {
        rc = name_find(db, t, account_id, parent_id, &n, id);
        if (rc == DB_NONE)
            rc = name_insert(db, t, account_id, parent_id, &n, id);
    }
    return db_end(db, rc);
}

enum db_rc tree_rename(struct db *db, const struct tree *t, int64_t account_id,
                       int64_t id, const char *name)
{
    struct custom_name n;
    int64_t parent, other;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, t->parent, DB_ARGS(DB_INT(account_id), DB_INT(id)), &parent);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK && name_find(db, t, account_id, parent, &n, &other) == DB_OK &&
        other != id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(db, t->rename,
                     DB_ARGS(DB_INT(account_id), DB_INT(id), DB_TEXT(n.name),
                             DB_TEXT(n.folded)));
    return db_end(db, rc);
}

enum db_rc tree_delete(struct db *db, const struct tree *t, int64_t account_id,
                       int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, t->uses, DB_ARGS(DB_INT(account_id), DB_INT(id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK)
        rc = db_exec(db, t->drop, DB_ARGS(DB_INT(account_id), DB_INT(id)));
    return db_end(db, rc);
}
