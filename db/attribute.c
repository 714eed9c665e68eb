/* An attribute takes the first free slot of its account; SKUs refer to values, so a
 * value's attribute and slot never change. */
#include "db/attribute.h"

#include "db/custom.h"

enum { NAME_MAX_CHARS = 40, VALUE_MAX_CHARS = 60 };

/* How many SKUs have the value `v`: the three columns by their indexes. */
#define VALUE_USES_SQL                                                                   \
    "((SELECT count(*) FROM sku s WHERE s.value1_id = v.id)"                             \
    " + (SELECT count(*) FROM sku s WHERE s.value2_id = v.id)"                           \
    " + (SELECT count(*) FROM sku s WHERE s.value3_id = v.id))"

enum db_rc attribute_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(
        db,
        "SELECT a.id, a.slot, a.name,"
        " (SELECT count(*) FROM attribute_value v WHERE v.attribute_id = a.id)"
        " AS value_count,"
        " EXISTS (SELECT 1 FROM attribute_value v WHERE v.attribute_id = a.id"
        "         AND " VALUE_USES_SQL " > 0) AS is_used,"
        " (SELECT json_group_array(json_object('id', o.id, 'name', o.name)) FROM"
        "  (SELECT v.id, v.name FROM attribute_value v WHERE v.attribute_id = a.id"
        "   ORDER BY v.folded LIMIT ?2) o) AS values_json"
        " FROM attribute a WHERE a.account_id = ?1 ORDER BY a.slot",
        DB_ARGS(DB_INT(account_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

static enum db_rc name_find(struct db *db, int64_t account_id, const char *folded,
                            int64_t *id)
{
    return db_int(db, "SELECT id FROM attribute WHERE account_id = ?1 AND folded = ?2",
                  DB_ARGS(DB_INT(account_id), DB_TEXT(folded)), id);
}

/* DB_NONE when all slots are taken. */
static enum db_rc slot_free(struct db *db, int64_t account_id, int64_t *slot)
{
    return db_int(db,
                  "SELECT f.slot FROM (SELECT 1 AS slot UNION ALL SELECT 2"
                  " UNION ALL SELECT 3) f WHERE NOT EXISTS (SELECT 1 FROM attribute a"
                  " WHERE a.account_id = ?1 AND a.slot = f.slot) ORDER BY f.slot LIMIT 1",
                  DB_ARGS(DB_INT(account_id)), slot);
}

static enum db_rc attribute_insert(struct db *db, int64_t account_id, int64_t slot,
                                   const struct custom_name *name, int64_t *id)
{
    return db_insert(db,
                     "INSERT INTO attribute(account_id, slot, name, folded)"
                     " VALUES (?1, ?2, ?3, ?4)",
                     DB_ARGS(DB_INT(account_id), DB_INT(slot), DB_TEXT(name->name),
                             DB_TEXT(name->folded)),
                     id);
}

enum db_rc attribute_add(struct db *db, const struct actor *actor, const char *name,
                         int64_t *id)
{
    struct custom_name n;
    int64_t slot = 0;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK && name_find(db, actor->account_id, n.folded, id) == DB_OK)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK) {
        rc = slot_free(db, actor->account_id, &slot);
        if (rc == DB_NONE)
            rc = db_refuse(db, 409, "name", "refusal.attributes_full", NULL);
    }
    if (rc == DB_OK)
        rc = attribute_insert(db, actor->account_id, slot, &n, id);
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc attribute_rename(struct db *db, const struct actor *actor, int64_t id,
                            const char *name)
{
    struct custom_name n;
    int64_t other;
    enum db_rc rc;

    db_begin(db);
    rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK && name_find(db, actor->account_id, n.folded, &other) == DB_OK &&
        other != id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE attribute SET name = ?3, folded = ?4"
                     " WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(n.name),
                             DB_TEXT(n.folded)));
    return db_end(db, rc);
}

enum db_rc attribute_delete(struct db *db, const struct actor *actor, int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT (SELECT ifnull(sum(" VALUE_USES_SQL "), 0) FROM attribute_value v"
                " WHERE v.attribute_id = a.id) FROM attribute a"
                " WHERE a.id = ?1 AND a.account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK) {
        db_exec(db, "DELETE FROM attribute_value WHERE attribute_id = ?1",
                DB_ARGS(DB_INT(id)));
        rc = db_exec(db, "DELETE FROM attribute WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    }
    return db_end(db, rc);
}

enum db_rc attribute_get(struct db *db, int64_t account_id, const char *name, int *slot)
{
    struct custom_name n;
    int64_t at = 0, id;
    enum db_rc rc;

    db_begin(db);
    rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = db_int(db,
                    "SELECT slot FROM attribute WHERE account_id = ?1 AND folded = ?2",
                    DB_ARGS(DB_INT(account_id), DB_TEXT(n.folded)), &at);
    if (rc == DB_NONE) {
        rc = slot_free(db, account_id, &at);
        if (rc == DB_OK)
            rc = attribute_insert(db, account_id, at, &n, &id);
        else if (rc == DB_NONE)
            rc = DB_OK;
    }
    *slot = (int)at;
    return db_end(db, rc);
}

/* --- values --- */

static enum db_rc attribute_check(struct db *db, int64_t account_id, int64_t attribute_id)
{
    int64_t id;

    return db_int(db, "SELECT id FROM attribute WHERE id = ?1 AND account_id = ?2",
                  DB_ARGS(DB_INT(attribute_id), DB_INT(account_id)), &id);
}

enum db_rc attribute_values(struct db *db, int64_t account_id, int64_t attribute_id,
                            json_t **rows)
{
    enum db_rc rc = attribute_check(db, account_id, attribute_id);

    *rows = NULL;
    if (rc != DB_OK)
        return rc;
    return db_rows(db,
                   "SELECT v.id, v.name, " VALUE_USES_SQL " AS sku_count,"
                   " " VALUE_USES_SQL " > 0 AS is_used FROM attribute_value v"
                   " WHERE v.attribute_id = ?1 ORDER BY v.folded LIMIT ?2",
                   DB_ARGS(DB_INT(attribute_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

static enum db_rc value_find(struct db *db, int64_t attribute_id, const char *folded,
                             int64_t *id)
{
    return db_int(
        db, "SELECT id FROM attribute_value WHERE attribute_id = ?1 AND folded = ?2",
        DB_ARGS(DB_INT(attribute_id), DB_TEXT(folded)), id);
}

static enum db_rc value_insert(struct db *db, int64_t attribute_id,
                               const struct custom_name *name, int64_t *id)
{
    return db_insert(
        db,
        "INSERT INTO attribute_value(attribute_id, name, folded)"
        " VALUES (?1, ?2, ?3)",
        DB_ARGS(DB_INT(attribute_id), DB_TEXT(name->name), DB_TEXT(name->folded)), id);
}

static enum db_rc room_check(struct db *db, int64_t attribute_id)
{
    int64_t count;
    enum db_rc rc = db_int(db,
                           "SELECT count(*) FROM attribute_value WHERE attribute_id = ?1",
                           DB_ARGS(DB_INT(attribute_id)), &count);

    return rc == DB_OK && count >= CUSTOM_MAX ? custom_refuse_many(db) : rc;
}

enum db_rc attribute_value_add(struct db *db, const struct actor *actor,
                               int64_t attribute_id, const char *name, int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = attribute_check(db, actor->account_id, attribute_id);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, VALUE_MAX_CHARS, &n);
    if (rc == DB_OK && value_find(db, attribute_id, n.folded, id) == DB_OK)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = room_check(db, attribute_id);
    if (rc == DB_OK)
        rc = value_insert(db, attribute_id, &n, id);
    db_made(db, *id);
    return db_end(db, rc);
}

/* The attribute of a value of the account. */
static enum db_rc value_owner(struct db *db, int64_t account_id, int64_t value_id,
                              int64_t *attribute_id)
{
    return db_int(
        db,
        "SELECT a.id FROM attribute_value v JOIN attribute a ON a.id = v.attribute_id"
        " WHERE v.id = ?1 AND a.account_id = ?2",
        DB_ARGS(DB_INT(value_id), DB_INT(account_id)), attribute_id);
}

enum db_rc attribute_value_rename(struct db *db, const struct actor *actor,
                                  int64_t value_id, const char *name)
{
    struct custom_name n;
    int64_t attribute, other;
    enum db_rc rc;

    db_begin(db);
    rc = value_owner(db, actor->account_id, value_id, &attribute);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, VALUE_MAX_CHARS, &n);
    if (rc == DB_OK && value_find(db, attribute, n.folded, &other) == DB_OK &&
        other != value_id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE attribute_value SET name = ?3, folded = ?4"
                     " WHERE id = ?1 AND attribute_id = ?2",
                     DB_ARGS(DB_INT(value_id), DB_INT(attribute), DB_TEXT(n.name),
                             DB_TEXT(n.folded)));
    return db_end(db, rc);
}

enum db_rc attribute_value_delete(struct db *db, const struct actor *actor,
                                  int64_t value_id)
{
    int64_t attribute, used;
    enum db_rc rc;

    db_begin(db);
    rc = value_owner(db, actor->account_id, value_id, &attribute);
    if (rc == DB_OK)
        rc = db_int(db,
                    "SELECT " VALUE_USES_SQL " FROM attribute_value v WHERE v.id = ?1",
                    DB_ARGS(DB_INT(value_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "DELETE FROM attribute_value WHERE id = ?1 AND attribute_id = ?2",
                     DB_ARGS(DB_INT(value_id), DB_INT(attribute)));
    return db_end(db, rc);
}

enum db_rc attribute_value_get(struct db *db, int64_t account_id, int slot,
                               const char *name, int64_t *id)
{
    const char *field = arena_printf(db_arena(db), "value%d", slot);
    struct custom_name n;
    int64_t attribute = 0;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = db_int(db, "SELECT id FROM attribute WHERE account_id = ?1 AND slot = ?2",
                DB_ARGS(DB_INT(account_id), DB_INT(slot)), &attribute);
    if (rc == DB_NONE)
        rc = db_refuse(db, 422, field, "refusal.attribute_missing", NULL);
    if (rc == DB_OK)
        rc = custom_name(db, field, name, VALUE_MAX_CHARS, &n);
    if (rc == DB_OK) {
        rc = value_find(db, attribute, n.folded, id);
        if (rc == DB_NONE)
            rc = value_insert(db, attribute, &n, id);
    }
    return db_end(db, rc);
}
