/* A SKU is found by its group: folded name, product ID and the ids of its custom values.
 * Names of custom values are turned into ids first, so that finding, making and changing
 * all compare the same nine columns, which a unique index guards. */
#include "db/sku.h"

#include "db/attribute.h"
#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/category.h"
#include "db/custom.h"
#include "db/listing.h"
#include "db/unit.h"

#include <string.h>

enum { NAME_MAX_CHARS = 120, CODE_MAX = 60 };

struct group {
    struct custom_name name;
    const char *code;
    int64_t unit_id, value_ids[3], category_id, subcategory_id;
};

static bool is_blank(const char *s)
{
    return !s || !s[strspn(s, " \t\r\n")];
}

enum db_rc sku_code(struct db *db, const char *text, const char **code)
{
    struct arena *a = db_arena(db);
    size_t n;

    *code = "";
    if (is_blank(text))
        return DB_OK;
    text = text_digits(a, text);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p >= 0x7f || (*p < ' ' && !strchr("\t\r\n", *p)))
            return db_refuse(db, 422, "code", "refusal.code_letters", NULL);
    text = text_trim(a, text, strlen(text), false);
    n = strlen(text);
    if (n > CODE_MAX)
        return db_refuse(db, 422, "code", "refusal.code_letters", NULL);
    if ((n == 8 || n == 12 || n == 13 || n == 14) && strspn(text, "0123456789") == n &&
        !text_gtin(text))
        return db_refuse(db, 422, "code", "refusal.code_check_digit", NULL);
    if (n == 12 && strspn(text, "0123456789") == n)
        text = arena_printf(a, "0%s", text);
    *code = text;
    return DB_OK;
}

static enum db_rc unit_resolve(struct db *db, int64_t account_id,
                               const struct sku_spec *spec, struct group *g)
{
    enum db_rc rc;

    if (!spec->unit_id && is_blank(spec->unit))
        return db_refuse(db, 422, "unit", "refusal.unit_missing", NULL);
    if (!spec->unit_id)
        return unit_get(db, account_id, spec->unit, 0, &g->unit_id);
    rc = db_int(db, "SELECT id FROM unit WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(spec->unit_id), DB_INT(account_id)), &g->unit_id);
    return rc == DB_NONE ? custom_refuse_gone(db, "unit") : rc;
}

static enum db_rc value_resolve(struct db *db, int64_t account_id,
                                const struct sku_spec *spec, int slot, struct group *g)
{
    static const char *const fields[] = { "value1", "value2", "value3" };
    int64_t *id = &g->value_ids[slot - 1];
    enum db_rc rc;

    if (spec->value_ids[slot - 1]) {
        rc = db_int(
            db,
            "SELECT v.id FROM attribute_value v"
            " JOIN attribute a ON a.id = v.attribute_id"
            " WHERE v.id = ?1 AND a.account_id = ?2 AND a.slot = ?3",
            DB_ARGS(DB_INT(spec->value_ids[slot - 1]), DB_INT(account_id), DB_INT(slot)),
            id);
        return rc == DB_NONE ? custom_refuse_gone(db, fields[slot - 1]) : rc;
    }
    if (is_blank(spec->values[slot - 1]))
        return DB_OK;
    return attribute_value_get(db, account_id, slot, spec->values[slot - 1], id);
}

static enum db_rc category_resolve(struct db *db, int64_t account_id, int64_t parent_id,
                                   int64_t wanted_id, const char *name, int64_t *id)
{
    enum db_rc rc;

    if (!wanted_id && is_blank(name))
        return DB_OK;
    if (!wanted_id)
        return category_get(db, account_id, parent_id, name, id);
    rc = db_int(db,
                "SELECT id FROM category WHERE id = ?1 AND account_id = ?2"
                " AND ifnull(parent_id, 0) = ?3",
                DB_ARGS(DB_INT(wanted_id), DB_INT(account_id), DB_INT(parent_id)), id);
    if (rc == DB_NONE)
        return custom_refuse_gone(db, parent_id ? "subcategory" : "category");
    return rc;
}

static enum db_rc categories_resolve(struct db *db, int64_t account_id,
                                     const struct sku_spec *spec, struct group *g)
{
    enum db_rc rc = category_resolve(db, account_id, 0, spec->category_id, spec->category,
                                     &g->category_id);

    if (rc != DB_OK || (!spec->subcategory_id && is_blank(spec->subcategory)))
        return rc;
    if (!g->category_id)
        return db_refuse(db, 422, "category", "refusal.category_missing", NULL);
    return category_resolve(db, account_id, g->category_id, spec->subcategory_id,
                            spec->subcategory, &g->subcategory_id);
}

static enum db_rc group_resolve(struct db *db, int64_t account_id,
                                const struct sku_spec *spec, struct group *g)
{
    enum db_rc rc = custom_name(db, "name", spec->name, NAME_MAX_CHARS, &g->name);

    if (rc == DB_OK)
        rc = sku_code(db, spec->code, &g->code);
    if (rc == DB_OK)
        rc = unit_resolve(db, account_id, spec, g);
    for (int slot = 1; rc == DB_OK && slot <= 3; slot++)
        rc = value_resolve(db, account_id, spec, slot, g);
    return rc == DB_OK ? categories_resolve(db, account_id, spec, g) : rc;
}

static enum db_rc group_find(struct db *db, int64_t account_id, const struct group *g,
                             int64_t *id)
{
    return db_int(db,
                  "SELECT id FROM sku WHERE account_id = ?1 AND folded = ?2 AND code = ?3"
                  " AND unit_id = ?4 AND ifnull(value1_id, 0) = ?5"
                  " AND ifnull(value2_id, 0) = ?6 AND ifnull(value3_id, 0) = ?7"
                  " AND ifnull(category_id, 0) = ?8 AND ifnull(subcategory_id, 0) = ?9",
                  DB_ARGS(DB_INT(account_id), DB_TEXT(g->name.folded), DB_TEXT(g->code),
                          DB_INT(g->unit_id), DB_INT(g->value_ids[0]),
                          DB_INT(g->value_ids[1]), DB_INT(g->value_ids[2]),
                          DB_INT(g->category_id), DB_INT(g->subcategory_id)),
                  id);
}

static enum db_rc group_insert(struct db *db, int64_t account_id, const struct group *g,
                               int64_t *id)
{
    return db_insert(
        db,
        "INSERT INTO sku(account_id, name, folded, code, unit_id, value1_id,"
        " value2_id, value3_id, category_id, subcategory_id, created_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        DB_ARGS(DB_INT(account_id), DB_TEXT(g->name.name), DB_TEXT(g->name.folded),
                DB_TEXT(g->code), DB_INT(g->unit_id), DB_REF(g->value_ids[0]),
                DB_REF(g->value_ids[1]), DB_REF(g->value_ids[2]), DB_REF(g->category_id),
                DB_REF(g->subcategory_id), DB_INT(clock_ms())),
        id);
}

enum db_rc sku_get(struct db *db, const struct actor *actor, const struct sku_spec *spec,
                   int64_t *id, bool *is_new)
{
    struct group g = { 0 };
    enum db_rc rc;
    bool made = false;

    *id = 0;
    db_begin(db);
    rc = group_resolve(db, actor->account_id, spec, &g);
    if (rc == DB_OK) {
        rc = group_find(db, actor->account_id, &g, id);
        made = rc == DB_NONE;
        if (made)
            rc = group_insert(db, actor->account_id, &g, id);
    }
    if (is_new)
        *is_new = made;
    return db_end(db, rc);
}

/* Refuses another unit while customers wait for goods counted in the old one, and one
 * that has too few decimals for what was booked. */
static enum db_rc unit_change_check(struct db *db, int64_t id, int64_t unit_id)
{
    int64_t found;
    enum db_rc rc = db_int(
        db,
        "SELECT l.id FROM order_line l JOIN orders o ON o.id = l.order_id"
        " WHERE l.sku_id = ?1 AND o.state IN ('ordered', 'accepted')"
        " LIMIT 1",
        DB_ARGS(DB_INT(id)), &found);

    if (rc == DB_OK)
        return db_refuse(db, 409, "unit", "refusal.unit_promised", NULL);
    if (rc != DB_NONE)
        return rc;
    rc = db_int(
        db,
        "SELECT m.id FROM stock_move m JOIN unit u ON u.id = ?2 WHERE m.sku_id = ?1"
        " AND m.qty_milli % CASE u.decimals WHEN 0 THEN 1000 WHEN 1 THEN 100"
        " WHEN 2 THEN 10 ELSE 1 END <> 0 LIMIT 1",
        DB_ARGS(DB_INT(id), DB_INT(unit_id)), &found);
    if (rc == DB_OK)
        return db_refuse(db, 409, "unit", "refusal.unit_decimals", NULL);
    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc low_check(struct db *db, int64_t unit_id, int64_t low_milli)
{
    json_t *unit;
    int64_t decimals;
    enum db_rc rc;

    if (low_milli < 0)
        return DB_OK;
    rc = db_row(db, "SELECT decimals AS n, name AS unit FROM unit WHERE id = ?1",
                DB_ARGS(DB_INT(unit_id)), &unit);
    if (rc != DB_OK)
        return rc;
    decimals = json_integer_value(json_object_get(unit, "n"));
    return unit_fits(low_milli, decimals)
               ? DB_OK
               : db_refuse(db, 422, "low",
                           decimals ? "refusal.qty_decimals" : "refusal.qty_whole", unit);
}

/* The row as the audit log shows it. */
static const char *sku_words(struct db *db, int64_t id)
{
    const char *words;

    if (db_text(
            db,
            "SELECT s.name || CASE s.code WHEN '' THEN '' ELSE ' (' || s.code || ')' END"
            " || ', ' || u.name"
            " || ifnull(', ' || v1.name, '') || ifnull(', ' || v2.name, '')"
            " || ifnull(', ' || v3.name, '') || ifnull(', ' || c.name, '')"
            " || ifnull(' / ' || k.name, '')"
            " || ifnull(', ≤ ' || printf('%g', s.low_milli / 1000.0), '')"
            " FROM sku s JOIN unit u ON u.id = s.unit_id"
            " LEFT JOIN attribute_value v1 ON v1.id = s.value1_id"
            " LEFT JOIN attribute_value v2 ON v2.id = s.value2_id"
            " LEFT JOIN attribute_value v3 ON v3.id = s.value3_id"
            " LEFT JOIN category c ON c.id = s.category_id"
            " LEFT JOIN category k ON k.id = s.subcategory_id WHERE s.id = ?1",
            DB_ARGS(DB_INT(id)), &words) != DB_OK)
        return "";
    return words;
}

static enum db_rc sku_store(struct db *db, int64_t id, const struct group *g,
                            int64_t low_milli)
{
    return db_exec(db,
                   "UPDATE sku SET name = ?2, folded = ?3, code = ?4, unit_id = ?5,"
                   " value1_id = ?6, value2_id = ?7, value3_id = ?8, category_id = ?9,"
                   " subcategory_id = ?10, low_milli = ?11 WHERE id = ?1",
                   DB_ARGS(DB_INT(id), DB_TEXT(g->name.name), DB_TEXT(g->name.folded),
                           DB_TEXT(g->code), DB_INT(g->unit_id), DB_REF(g->value_ids[0]),
                           DB_REF(g->value_ids[1]), DB_REF(g->value_ids[2]),
                           DB_REF(g->category_id), DB_REF(g->subcategory_id),
                           low_milli < 0 ? DB_NULL : DB_INT(low_milli)));
}

/* Everything that can stand against the change of the SKU `id`. */
static enum db_rc change_check(struct db *db, int64_t account_id, int64_t id,
                               const struct group *g, int64_t old_unit, int64_t low_milli)
{
    int64_t other;
    enum db_rc rc = group_find(db, account_id, g, &other);

    if (rc == DB_OK && other != id)
        return db_refuse(db, 409, "name", "refusal.sku_same",
                         json_pack("{s:s}", "name", g->name.name));
    if (rc == DB_ERR)
        return rc;
    rc = g->unit_id == old_unit ? DB_OK : unit_change_check(db, id, g->unit_id);
    return rc == DB_OK ? low_check(db, g->unit_id, low_milli) : rc;
}

enum db_rc sku_update(struct db *db, const struct actor *actor, int64_t id,
                      const struct sku_spec *spec, int64_t low_milli)
{
    struct group g = { 0 };
    const char *before = "";
    int64_t old_unit;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT unit_id FROM sku WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &old_unit);
    if (rc == DB_OK)
        rc = group_resolve(db, actor->account_id, spec, &g);
    if (rc == DB_OK)
        rc = change_check(db, actor->account_id, id, &g, old_unit, low_milli);
    if (rc == DB_OK) {
        before = sku_words(db, id);
        rc = sku_store(db, id, &g, low_milli);
    }
    if (rc == DB_OK)
        rc = listing_regroup(db, actor->account_id, id);
    if (rc == DB_OK)
        rc = audit_write(db, actor, "sku.updated", g.name.name, before,
                         sku_words(db, id));
    return db_end(db, rc);
}

enum db_rc sku_set_low(struct db *db, const struct actor *actor, int64_t id,
                       int64_t low_milli)
{
    int64_t unit_id;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT unit_id FROM sku WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &unit_id);
    if (rc == DB_OK)
        rc = low_check(db, unit_id, low_milli);
    if (rc == DB_OK)
        rc = db_exec(db, "UPDATE sku SET low_milli = ?2 WHERE id = ?1",
                     DB_ARGS(DB_INT(id), low_milli < 0 ? DB_NULL : DB_INT(low_milli)));
    return db_end(db, rc);
}
