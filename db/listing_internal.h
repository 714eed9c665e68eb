/* What the files about selling share: pieces of SQL and reading rows. */
#ifndef LISTING_INTERNAL_H
#define LISTING_INTERNAL_H

#include "db/base/row.h"
#include "db/db.h"
#include "db/price.h"

#include <string.h>

/* "Red, Large" of a sku s. */
#define VARIANT_SQL                                                                      \
    "iif(s.value1_id IS NULL AND s.value2_id IS NULL AND s.value3_id IS NULL, '',"       \
    " ltrim(ifnull(', ' || v1.name, '') || ifnull(', ' || v2.name, '')"                  \
    " || ifnull(', ' || v3.name, ''), ', '))"
#define VARIANT_JOINS                                                                    \
    " LEFT JOIN attribute_value v1 ON v1.id = s.value1_id"                               \
    " LEFT JOIN attribute_value v2 ON v2.id = s.value2_id"                               \
    " LEFT JOIN attribute_value v3 ON v3.id = s.value3_id"

/* A column of the first photo of a product p. */
#define PHOTO_SQL(column)                                                                \
    "(SELECT f." column " FROM photo f WHERE f.product_id = p.id"                        \
    " ORDER BY f.position, f.id LIMIT 1)"

/* Whether a vendor n sells to the public. */
#define VENDOR_OPEN_SQL                                                                  \
    "n.state = 'approved'"                                                               \
    " AND (SELECT a.state FROM account a WHERE a.id = n.account_id) = 'active'"

/* "A page from id n on" where 0 is the newest. */
static inline int64_t page_before(int64_t before_id)
{
    return before_id > 0 ? before_id : INT64_MAX;
}

/* A number within a transaction, whose errors are sticky: 0 when there is none. */
static inline int64_t db_number(struct db *db, const char *sql, struct db_args args)
{
    int64_t n;

    return db_int(db, sql, args, &n) == DB_OK ? n : 0;
}

/* Of the columns price_paise, discount_paise, discount_bp, gst_bp, is_inclusive. */
static inline struct price row_price(const json_t *row)
{
    return (struct price) { .price_paise = row_int(row, "price_paise"),
                            .discount_paise = row_int(row, "discount_paise"),
                            .discount_bp = row_int(row, "discount_bp"),
                            .gst_bp = row_int(row, "gst_bp"),
                            .is_inclusive = row_true(row, "is_inclusive") };
}

/* Text of a stranger as part of a LIKE pattern with ESCAPE '\'; NULL for none. */
static inline const char *like_part(struct arena *a, const char *q)
{
    char *out, *p;

    if (!q || !*q)
        return NULL;
    p = out = arena_alloc(a, strlen(q) + 2, 2);
    *p++ = '%';
    for (; *q; q++) {
        if (*q == '%' || *q == '_' || *q == '\\')
            *p++ = '\\';
        *p++ = *q;
    }
    *p++ = '%';
    *p = '\0';
    return out;
}

/* catalog.c: public products of the JSON array of ids, in its order, with handle and
 * trade_name; those not on sale of an open vendor are left out. */
struct goods;
enum db_rc catalog_rows(struct db *db, const json_t *ids, struct goods *goods);

/* requirement.c: the lines of a cart of one vendor, flat, with what an order is made of: id,
 * listing_id, sku_id, name, variant, unit, decimals, qty_milli, price_paise, is_ask,
 * discount_paise, discount_bp, gst_bp, is_inclusive, hsn, available_milli, problem,
 * left_milli, and of the vendor account_id, trade_name, state_code, is_doorstep,
 * doorstep_paise, gst_status, stock_rule. */
struct cart_owner;
enum db_rc requirement_rows(struct db *db, const struct cart_owner *owner,
                            int64_t vendor_account_id, json_t **rows);

/* What such a line costs; false when it is to be asked for, or too much. */
bool requirement_amounts(const json_t *row, const char *buyer_state, struct amounts *out);

/* requirement.c: refuses a quantity with more decimals than the unit of a row with
 * decimals and unit. */
enum db_rc qty_fit_check(struct db *db, int status, const char *field, int64_t qty_milli,
                         const json_t *row);

#endif
