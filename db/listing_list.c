/* The vendor's own view of what is on sale and what was. */
#include "db/base/text.h"
#include "listing.h"
#include "listing_internal.h"

#define LISTING_COLUMNS                                                                  \
    "SELECT l.id AS id, l.sku_id AS sku_id, l.product_id AS product_id, p.name AS "      \
    "name, " VARIANT_SQL                                                                 \
    " AS variant, u.name AS unit, u.decimals AS decimals, p.code AS code,"               \
    " ifnull(c.name, '') AS category, " PHOTO_SQL(                                       \
        "name") " AS photo_name,"                                                        \
                " l.is_on_sale AS is_on_sale, l.price_paise IS NULL AS is_ask,"          \
                " l.price_paise AS price_paise, l.discount_paise AS discount_paise,"     \
                " l.discount_bp AS discount_bp, l.gst_bp AS gst_bp, l.is_inclusive AS "  \
                "is_inclusive,"                                                          \
                " l.hsn AS hsn, s.on_hand_milli AS on_hand_milli, s.reserved_milli AS "  \
                "reserved_milli,"                                                        \
                " n.gst_status AS gst_status, p.description AS description,"             \
                " p.category_id AS category_id, p.subcategory_id AS subcategory_id"      \
                " FROM listing l JOIN product p ON p.id = l.product_id JOIN sku s ON "   \
                "s.id = l.sku_id"                                                        \
                " JOIN unit u ON u.id = s.unit_id JOIN vendor n ON n.account_id = "      \
                "l.account_id"                                                           \
                " LEFT JOIN category c ON c.id = p.category_id" VARIANT_JOINS

static void listing_finish(json_t *row)
{
    struct price p = row_price(row);
    struct amounts sum;
    bool ask = row_true(row, "is_ask");

    price_line(&p, 1000, price_tax_for(row_text(row, "gst_status"), "", ""), &sum);
    json_object_set_new(row, "each_paise",
                        ask ? json_null() : json_integer(sum.total_paise));
    json_object_del(row, "gst_status");
}

enum db_rc listing_list(struct db *db, int64_t account_id, const char *q, int on_sale,
                        int64_t before_id, int limit, json_t **rows)
{
    struct arena *a = db_arena(db);
    const char *folded = q && *q ? like_part(a, text_fold(a, q)) : NULL;
    enum db_rc rc;
    json_t *row;
    size_t i;

    rc = db_rows(db,
                 LISTING_COLUMNS " WHERE l.account_id = ?1 AND l.id < ?2"
                                 " AND (?3 < 0 OR l.is_on_sale = ?3)"
                                 " AND (?4 IS NULL OR p.folded LIKE ?4 ESCAPE '\\'"
                                 " OR p.code LIKE ?5 ESCAPE '\\')"
                                 " ORDER BY l.id DESC LIMIT ?6",
                 DB_ARGS(DB_INT(account_id), DB_INT(page_before(before_id)),
                         DB_INT(on_sale), DB_TEXT(folded), DB_TEXT(like_part(a, q)),
                         DB_INT(limit)),
                 rows);
    json_array_foreach(*rows, i, row) listing_finish(row);
    return rc;
}

enum db_rc listing_find(struct db *db, int64_t account_id, int64_t listing_id,
                        int64_t sku_id, json_t **row)
{
    enum db_rc rc;

    rc = db_row(
        db,
        listing_id > 0 ? LISTING_COLUMNS " WHERE l.account_id = ?1 AND l.id = ?2"
                       : LISTING_COLUMNS " WHERE l.account_id = ?1 AND l.sku_id = ?2",
        DB_ARGS(DB_INT(account_id), DB_INT(listing_id > 0 ? listing_id : sku_id)), row);
    if (rc == DB_OK)
        listing_finish(*row);
    return rc;
}

enum db_rc listing_counts(struct db *db, int64_t account_id, int64_t *on, int64_t *off)
{
    json_t *row;
    enum db_rc rc;

    rc = db_row(db,
                "SELECT ifnull(sum(is_on_sale), 0) AS n_on, count(*) AS n FROM listing"
                " WHERE account_id = ?1",
                DB_ARGS(DB_INT(account_id)), &row);
    *on = row_int(row, "n_on");
    *off = row_int(row, "n") - *on;
    return rc;
}
