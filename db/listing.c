/* A listing is one row a SKU, kept for ever once made; taking off sale is a flag. Its
 * product is found by what the SKU's group shares, so variants come together by
 * themselves. */
#include "listing.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "listing_internal.h"
#include "search.h"

/* --- putting on sale --- */

static enum db_rc vendor_may_sell(struct db *db, int64_t account_id)
{
    const char *state;

    if (db_text(db,
                "SELECT state FROM vendor WHERE account_id = ?1"
                " AND state IN ('asked', 'approved')",
                DB_ARGS(DB_INT(account_id)), &state) == DB_OK)
        return DB_OK;
    return db_refuse(db, 403, NULL, "refusal.not_vendor", NULL);
}

static bool hsn_fits(const char *hsn)
{
    size_t n = strlen(hsn);

    return strspn(hsn, "0123456789") == n && (n == 0 || n == 4 || n == 6 || n == 8);
}

static enum db_rc price_check(struct db *db, const struct listing_price *p)
{
    if (!hsn_fits(p->hsn))
        return db_refuse(db, 422, "hsn", "refusal.hsn", NULL);
    if (p->gst_bp < 0 || p->gst_bp > 4000)
        return db_refuse(db, 422, "gst", "refusal.gst_rate", NULL);
    if (p->is_ask)
        return DB_OK;
    if (p->price_paise == 0)
        return db_refuse(db, 422, "price", "refusal.price_none", NULL);
    if (p->price_paise < 0 || p->price_paise > PRICE_MAX)
        return db_refuse(db, 422, "price", "refusal.price_bounds", NULL);
    if (p->discount_paise > 0 && p->discount_bp > 0)
        return db_refuse(db, 422, "discount", "refusal.discount_twice", NULL);
    if (p->discount_paise < 0 || p->discount_paise > p->price_paise ||
        p->discount_bp < 0 || p->discount_bp > 10000)
        return db_refuse(db, 422, "discount", "refusal.discount_bounds", NULL);
    return DB_OK;
}

/* What an audit entry says of a price: "120.00 -10% GST 5% +". */
static const char *price_words(struct arena *a, const struct listing_price *p)
{
    const char *off = "";

    if (p->is_ask)
        return "?";
    if (p->discount_bp > 0)
        off = arena_printf(a, " -%s%%", text_qty(a, p->discount_bp * 10));
    else if (p->discount_paise > 0)
        off = arena_printf(a, " -%s", text_rupees(a, p->discount_paise, false));
    return arena_printf(a, "%s%s, GST %s%%%s", text_rupees(a, p->price_paise, false), off,
                        text_qty(a, p->gst_bp * 10), p->is_inclusive ? "" : " +");
}

static const char *price_words_of(struct arena *a, const json_t *row)
{
    return price_words(
        a, &(struct listing_price) { .is_ask = row_is_null(row, "price_paise"),
                                     .price_paise = row_int(row, "price_paise"),
                                     .discount_paise = row_int(row, "discount_paise"),
                                     .discount_bp = row_int(row, "discount_bp"),
                                     .gst_bp = row_int(row, "gst_bp"),
                                     .is_inclusive = row_true(row, "is_inclusive") });
}

static enum db_rc product_find(struct db *db, const json_t *sku, int64_t *product_id)
{
    return db_int(
        db,
        "SELECT id FROM product WHERE account_id = ?1 AND folded = ?2"
        " AND code = ?3 AND ifnull(category_id, 0) = ?4"
        " AND ifnull(subcategory_id, 0) = ?5",
        DB_ARGS(DB_INT(row_int(sku, "account_id")), DB_TEXT(row_text(sku, "folded")),
                DB_TEXT(row_text(sku, "code")), DB_INT(row_int(sku, "category_id")),
                DB_INT(row_int(sku, "subcategory_id"))),
        product_id);
}

static enum db_rc product_for(struct db *db, const json_t *sku, int64_t *product_id)
{
    enum db_rc rc = product_find(db, sku, product_id);

    if (rc != DB_NONE)
        return rc;
    return db_insert(
        db,
        "INSERT INTO product(account_id, name, folded, code, category_id,"
        " subcategory_id, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        DB_ARGS(DB_INT(row_int(sku, "account_id")), DB_TEXT(row_text(sku, "name")),
                DB_TEXT(row_text(sku, "folded")), DB_TEXT(row_text(sku, "code")),
                DB_REF(row_int(sku, "category_id")),
                DB_REF(row_int(sku, "subcategory_id")), DB_INT(clock_ms())),
        product_id);
}

static enum db_rc sku_of(struct db *db, int64_t account_id, int64_t sku_id, json_t **sku)
{
    return db_row(db,
                  "SELECT id, account_id, name, folded, code, category_id, subcategory_id"
                  " FROM sku WHERE id = ?1 AND account_id = ?2",
                  DB_ARGS(DB_INT(sku_id), DB_INT(account_id)), sku);
}

static enum db_rc listing_write(struct db *db, const json_t *sku, int64_t product_id,
                                const struct listing_price *p)
{
    bool ask = p->is_ask;

    return db_exec(
        db,
        "INSERT INTO listing(account_id, product_id, sku_id, price_paise,"
        " discount_paise, discount_bp, gst_bp, is_inclusive, hsn, created_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT (sku_id) DO UPDATE SET product_id = ?2, is_on_sale = 1,"
        " price_paise = ?4, discount_paise = ?5, discount_bp = ?6, gst_bp = ?7,"
        " is_inclusive = ?8, hsn = ?9",
        DB_ARGS(DB_INT(row_int(sku, "account_id")), DB_INT(product_id),
                DB_INT(row_int(sku, "id")), ask ? DB_NULL : DB_INT(p->price_paise),
                DB_INT(ask ? 0 : p->discount_paise), DB_INT(ask ? 0 : p->discount_bp),
                DB_INT(p->gst_bp), DB_INT(p->is_inclusive), DB_TEXT(p->hsn),
                DB_INT(clock_ms())));
}

enum db_rc listing_put(struct db *db, const struct actor *actor, int64_t sku_id,
                       const struct listing_price *price, int64_t *listing_id)
{
    struct listing_price p = *price;
    json_t *sku, *was;
    int64_t product_id = 0, id;
    enum db_rc rc;

    p.hsn = text_digits(db_arena(db), p.hsn ? p.hsn : "");
    db_begin(db);
    rc = sku_of(db, actor->account_id, sku_id, &sku);
    if (rc != DB_OK || vendor_may_sell(db, actor->account_id) != DB_OK ||
        price_check(db, &p) != DB_OK)
        return db_end(db, rc);
    rc = db_row(
        db,
        "SELECT id, product_id, is_on_sale, price_paise, discount_paise, discount_bp,"
        " gst_bp, is_inclusive FROM listing WHERE sku_id = ?1",
        DB_ARGS(DB_INT(sku_id)), &was);
    product_for(db, sku, &product_id);
    listing_write(db, sku, product_id, &p);
    id = db_number(db, "SELECT id FROM listing WHERE sku_id = ?1",
                   DB_ARGS(DB_INT(sku_id)));
    search_product_changed(db, product_id);
    if (rc == DB_OK && row_int(was, "product_id") != product_id)
        search_product_changed(db, row_int(was, "product_id"));
    rc = audit_write(
        db, actor, "listing.price", row_text(sku, "name"),
        was && row_true(was, "is_on_sale") ? price_words_of(db_arena(db), was) : NULL,
        price_words(db_arena(db), &p));
    if (listing_id)
        *listing_id = id;
    db_made(db, id);
    return db_end(db, rc);
}

enum db_rc listing_take_off(struct db *db, const struct actor *actor, int64_t listing_id)
{
    json_t *was;
    enum db_rc rc;

    db_begin(db);
    rc = db_row(db,
                "SELECT l.is_on_sale, l.product_id, l.price_paise, l.discount_paise,"
                " l.discount_bp, l.gst_bp, l.is_inclusive, p.name FROM listing l"
                " JOIN product p ON p.id = l.product_id"
                " WHERE l.id = ?1 AND l.account_id = ?2",
                DB_ARGS(DB_INT(listing_id), DB_INT(actor->account_id)), &was);
    if (rc != DB_OK || !row_true(was, "is_on_sale"))
        return db_end(db, rc);
    db_exec(db, "UPDATE listing SET is_on_sale = 0 WHERE id = ?1 AND account_id = ?2",
            DB_ARGS(DB_INT(listing_id), DB_INT(actor->account_id)));
    search_product_changed(db, row_int(was, "product_id"));
    rc = audit_write(db, actor, "listing.off", row_text(was, "name"),
                     price_words_of(db_arena(db), was), NULL);
    return db_end(db, rc);
}

/* --- when the SKU changes its group --- */

static enum db_rc product_rename(struct db *db, int64_t product_id, const json_t *sku)
{
    return db_exec(
        db,
        "UPDATE product SET name = ?2, folded = ?3, code = ?4, category_id = ?5,"
        " subcategory_id = ?6 WHERE id = ?1",
        DB_ARGS(DB_INT(product_id), DB_TEXT(row_text(sku, "name")),
                DB_TEXT(row_text(sku, "folded")), DB_TEXT(row_text(sku, "code")),
                DB_REF(row_int(sku, "category_id")),
                DB_REF(row_int(sku, "subcategory_id"))));
}

/* The last variant left `from` for `to`: what `to` lacks comes along. */
static enum db_rc product_merge(struct db *db, int64_t from, int64_t to)
{
    db_exec(
        db,
        "UPDATE product SET description = (SELECT description FROM product WHERE id = ?1)"
        " WHERE id = ?2 AND description = ''",
        DB_ARGS(DB_INT(from), DB_INT(to)));
    db_exec(db,
            "UPDATE photo SET product_id = ?2 WHERE product_id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM photo WHERE product_id = ?2)",
            DB_ARGS(DB_INT(from), DB_INT(to)));
    return search_product_changed(db, from);
}

static enum db_rc listing_move(struct db *db, int64_t listing_id, int64_t from,
                               const json_t *sku)
{
    int64_t to = 0, others;
    enum db_rc found = product_find(db, sku, &to);

    others = db_number(db,
                       "SELECT count(*) FROM listing WHERE product_id = ?1 AND id <> ?2",
                       DB_ARGS(DB_INT(from), DB_INT(listing_id)));
    if (found == DB_NONE && others == 0)
        to = from;
    else if (found == DB_NONE)
        product_for(db, sku, &to);
    if (to != from) {
        db_exec(db, "UPDATE listing SET product_id = ?2 WHERE id = ?1",
                DB_ARGS(DB_INT(listing_id), DB_INT(to)));
        if (others == 0)
            product_merge(db, from, to);
        else
            search_product_changed(db, from);
    } else {
        product_rename(db, from, sku);
    }
    return search_product_changed(db, to);
}

enum db_rc listing_regroup(struct db *db, int64_t account_id, int64_t sku_id)
{
    json_t *sku, *listing;
    enum db_rc rc;

    db_begin(db);
    rc = db_row(
        db, "SELECT id, product_id FROM listing WHERE sku_id = ?1 AND account_id = ?2",
        DB_ARGS(DB_INT(sku_id), DB_INT(account_id)), &listing);
    if (rc == DB_NONE)
        return db_end(db, DB_OK);
    if (rc == DB_OK)
        rc = sku_of(db, account_id, sku_id, &sku);
    if (rc == DB_OK)
        rc = listing_move(db, row_int(listing, "id"), row_int(listing, "product_id"),
                          sku);
    return db_end(db, rc);
}
