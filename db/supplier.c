/* A supplier is an account's own record by name; one that is an account here is tied to
 * it, so that a later change of its trade name makes no second record. */
#include "db/supplier.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "db/custom.h"

#include <string.h>

enum { NAME_MAX_CHARS = 80, ADDRESS_MAX_CHARS = 300, PAGE_MAX = 10000 };

#define SUPPLIER_COLUMNS                                                                 \
    "SELECT s.id, s.name, s.mobile, s.gstin, s.address,"                                 \
    " s.vendor_account_id IS NOT NULL AS is_onboarded, ifnull(v.handle, '') AS handle,"  \
    " (SELECT count(*) FROM lot l WHERE l.supplier_id = s.id) AS lot_count,"             \
    " EXISTS (SELECT 1 FROM lot l WHERE l.supplier_id = s.id) AS is_used"                \
    " FROM supplier s LEFT JOIN vendor v ON v.account_id = s.vendor_account_id"          \
    " AND v.state = 'approved'"

enum db_rc supplier_list(struct db *db, int64_t account_id, const char *query,
                         int64_t after_id, int limit, json_t **rows)
{
    const char *w[CUSTOM_WORDS];

    custom_words(db, query, w);
    return db_rows(db,
                   SUPPLIER_COLUMNS
                   " WHERE s.account_id = ?1 AND s.folded > ifnull((SELECT a.folded"
                   "  FROM supplier a WHERE a.id = ?2 AND a.account_id = ?1), '')"
                   " AND (?4 IS NULL OR instr(s.folded, ?4))"
                   " AND (?5 IS NULL OR instr(s.folded, ?5))"
                   " AND (?6 IS NULL OR instr(s.folded, ?6))"
                   " AND (?7 IS NULL OR instr(s.folded, ?7))"
                   " ORDER BY s.folded LIMIT ?3",
                   DB_ARGS(DB_INT(account_id), DB_INT(after_id),
                           DB_INT(limit < 1 || limit > PAGE_MAX ? PAGE_MAX : limit),
                           DB_TEXT(w[0]), DB_TEXT(w[1]), DB_TEXT(w[2]), DB_TEXT(w[3])),
                   rows);
}

enum db_rc supplier_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, SUPPLIER_COLUMNS " WHERE s.account_id = ?1 AND s.id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

/* Details as they are stored. */
struct checked {
    struct custom_name name;
    const char *mobile, *gstin, *address;
};

static enum db_rc gstin_check(struct db *db, const char *text, const char **gstin)
{
    char *s = arena_dup(db_arena(db), text ? text : "");
    size_t n = 0;

    for (char *p = s; *p; p++)
        if (*p != ' ' && *p != '\t')
            s[n++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    s[n] = '\0';
    *gstin = s;
    if (!*s)
        return DB_OK;
    switch (text_gstin(s)) {
    case GSTIN_OK: return DB_OK;
    case GSTIN_CHECK_DIGIT:
        return db_refuse(db, 422, "gstin", "refusal.gstin_check_digit", NULL);
    case GSTIN_BAD: break;
    }
    return db_refuse(db, 422, "gstin", "refusal.gstin", NULL);
}

static enum db_rc details_check(struct db *db, const struct supplier_details *d,
                                struct checked *out)
{
    enum db_rc rc = custom_name(db, "name", d->name, NAME_MAX_CHARS, &out->name);
    const char *note = custom_note(db, d->address);

    out->address = arena_dupn(db_arena(db), note, text_cut(note, ADDRESS_MAX_CHARS));
    out->mobile = "";
    if (rc == DB_OK && d->mobile && d->mobile[strspn(d->mobile, " \t")]) {
        out->mobile = text_mobile(db_arena(db), d->mobile);
        if (!out->mobile)
            rc = db_refuse(db, 422, "mobile", "refusal.mobile", NULL);
    }
    return rc == DB_OK ? gstin_check(db, d->gstin, &out->gstin) : rc;
}

static enum db_rc name_find(struct db *db, int64_t account_id, const char *folded,
                            int64_t *id)
{
    return db_int(db, "SELECT id FROM supplier WHERE account_id = ?1 AND folded = ?2",
                  DB_ARGS(DB_INT(account_id), DB_TEXT(folded)), id);
}

static enum db_rc supplier_insert(struct db *db, int64_t account_id, int64_t vendor_id,
                                  const struct checked *c, int64_t *id)
{
    return db_insert(db,
                     "INSERT INTO supplier(account_id, vendor_account_id, name, folded,"
                     " mobile, gstin, address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     DB_ARGS(DB_INT(account_id), DB_REF(vendor_id), DB_TEXT(c->name.name),
                             DB_TEXT(c->name.folded), DB_TEXT(c->mobile),
                             DB_TEXT(c->gstin), DB_TEXT(c->address)),
                     id);
}

enum db_rc supplier_add(struct db *db, const struct actor *actor,
                        const struct supplier_details *details, int64_t *id)
{
    struct checked c = { 0 };
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = details_check(db, details, &c);
    if (rc == DB_OK && name_find(db, actor->account_id, c.name.folded, id) == DB_OK)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = supplier_insert(db, actor->account_id, 0, &c, id);
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc supplier_update(struct db *db, const struct actor *actor, int64_t id,
                           const struct supplier_details *details)
{
    struct checked c = { 0 };
    int64_t other;
    enum db_rc rc;

    db_begin(db);
    rc = details_check(db, details, &c);
    if (rc == DB_OK && name_find(db, actor->account_id, c.name.folded, &other) == DB_OK &&
        other != id)
        rc = custom_refuse_taken(db, "name");
    if (rc == DB_OK)
        rc = db_exec(
            db,
            "UPDATE supplier SET name = ?3, folded = ?4, mobile = ?5, gstin = ?6,"
            " address = ?7 WHERE id = ?1 AND account_id = ?2",
            DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(c.name.name),
                    DB_TEXT(c.name.folded), DB_TEXT(c.mobile), DB_TEXT(c.gstin),
                    DB_TEXT(c.address)));
    return db_end(db, rc);
}

enum db_rc supplier_delete(struct db *db, const struct actor *actor, int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT (SELECT count(*) FROM lot l WHERE l.supplier_id = s.id)"
                " FROM supplier s WHERE s.id = ?1 AND s.account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM supplier WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    return db_end(db, rc);
}

enum db_rc supplier_get(struct db *db, int64_t account_id, const char *name, int64_t *id)
{
    struct checked c = { .mobile = "", .gstin = "", .address = "" };
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, "supplier", name, NAME_MAX_CHARS, &c.name);
    if (rc == DB_OK) {
        rc = name_find(db, account_id, c.name.folded, id);
        if (rc == DB_NONE)
            rc = supplier_insert(db, account_id, 0, &c, id);
    }
    return db_end(db, rc);
}

/* Ties the account's own record of that name to the sender, or makes a record. When the
 * name is tied to a third account, the sender's number tells the two apart. */
static enum db_rc sender_tie(struct db *db, int64_t account_id, int64_t sender_id,
                             struct checked *c, int64_t *id)
{
    struct arena *a = db_arena(db);
    enum db_rc rc = name_find(db, account_id, c->name.folded, id);

    if (rc == DB_NONE)
        return supplier_insert(db, account_id, sender_id, c, id);
    if (rc != DB_OK)
        return rc;
    rc = db_exec(db,
                 "UPDATE supplier SET vendor_account_id = ?2"
                 " WHERE id = ?1 AND vendor_account_id IS NULL",
                 DB_ARGS(DB_INT(*id), DB_INT(sender_id)));
    if (rc != DB_NONE)
        return rc;
    c->name.name = arena_printf(a, "%.*s (%lld)", (int)text_cut(c->name.name, 60),
                                c->name.name, (long long)sender_id);
    c->name.folded = text_fold(a, c->name.name);
    return supplier_insert(db, account_id, sender_id, c, id);
}

static enum db_rc sender_get(struct db *db, int64_t account_id, int64_t sender_id,
                             int64_t *id)
{
    struct checked c = { 0 };
    json_t *row;
    enum db_rc rc = db_row(
        db,
        "SELECT ifnull(v.trade_name, a.name) AS name,"
        " ifnull(v.mobile, '') AS mobile, ifnull(v.gstin, '') AS gstin,"
        " ifnull(v.address, '') AS address FROM account a"
        " LEFT JOIN vendor v ON v.account_id = a.id"
        " AND v.state IN ('approved', 'suspended') WHERE a.id = ?1",
        DB_ARGS(DB_INT(sender_id)), &row);

    if (rc == DB_OK)
        rc = custom_name(db, "supplier", row_text(row, "name"), NAME_MAX_CHARS, &c.name);
    if (rc != DB_OK)
        return rc;
    c.mobile = row_text(row, "mobile");
    c.gstin = row_text(row, "gstin");
    c.address = row_text(row, "address");
    return sender_tie(db, account_id, sender_id, &c, id);
}

enum db_rc supplier_of_account(struct db *db, int64_t account_id, int64_t sender_id,
                               int64_t *id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_int(
        db, "SELECT id FROM supplier WHERE account_id = ?1 AND vendor_account_id = ?2",
        DB_ARGS(DB_INT(account_id), DB_INT(sender_id)), id);
    if (rc == DB_NONE)
        rc = sender_get(db, account_id, sender_id, id);
    return db_end(db, rc);
}
