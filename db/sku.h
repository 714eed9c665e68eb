/* SKUs of an account: what shares name, product ID, unit, attributes 1-3, category and
 * sub-category (INV-2). Names are compared without case and accents, product IDs without
 * case. */
#ifndef SKU_H
#define SKU_H

#include "db/actor.h"
#include "db/db.h"

#include <stdbool.h>

/* What tells one SKU from another. Each part by id, or by name (then made when the
 * account lacks it); ids win. All but name and unit may be 0 and NULL (or ""). */
struct sku_spec {
    const char *name;
    const char *code; /* product ID */
    int64_t unit_id;
    const char *unit;
    int64_t value_ids[3];
    const char *values[3];
    int64_t category_id;
    const char *category;
    int64_t subcategory_id;
    const char *subcategory; /* needs a category */
};

/* Finds or makes the SKU. Refused at "name", "code", "unit", "value1" to "value3",
 * "category" or "subcategory". `is_new` may be NULL. */
MUST_USE enum db_rc sku_get(struct db *db, const struct actor *actor,
                            const struct sku_spec *spec, int64_t *id, bool *is_new);

/* Changes it, low_milli (-1: none) included. Refused as above, with 409 when another SKU
 * is already the same, and at "unit" when its quantities don't fit the other unit. Its
 * catalog product follows. DB_NONE when it isn't the account's. */
MUST_USE enum db_rc sku_update(struct db *db, const struct actor *actor, int64_t id,
                               const struct sku_spec *spec, int64_t low_milli);

/* Only the level at or below which it counts as low; -1: none. */
MUST_USE enum db_rc sku_set_low(struct db *db, const struct actor *actor, int64_t id,
                                int64_t low_milli);

enum sku_sort { SKU_NEWEST, SKU_NAME };

struct sku_filter {
    const char *query; /* each word in name or product ID; NULL: any */
    int64_t category_id, subcategory_id, supplier_id; /* 0: any */
    int64_t place_id;                                 /* stock there or below; 0: any */
    int64_t value_ids[3];                             /* by slot; 0: any */
    bool is_low;      /* what is not reserved is at or below the level */
    bool is_expiring; /* stock that expires within 30 days or has expired */
    bool is_in_stock; /* some on hand */
    bool is_off_sale; /* not on sale */
    enum sku_sort sort;
    int64_t before_id; /* the last row of the page before; 0: from the start */
    int limit;         /* 1 to 10,000; 0: 50 */
};

/* Rows: id, name, code, unit, decimals, variant ("Red, Large"), category,
 * on_hand_milli, reserved_milli, available_milli, low_milli (null: none), is_low, expires_ms
 * (the earliest of stock; null), is_on_sale, price_paise (null: not listed, or ask price). */
MUST_USE enum db_rc sku_list(struct db *db, int64_t account_id,
                             const struct sku_filter *filter, struct cell *rows);

enum { SKU_COUNT_MAX = 1000 };

/* How many there are; SKU_COUNT_MAX + 1: more than that. */
MUST_USE enum db_rc sku_count(struct db *db, int64_t account_id,
                              const struct sku_filter *filter, int64_t *count);

/* One such row, with unit_id, value1 to value3 (texts), value1_id to value3_id, category_id,
 * subcategory_id, subcategory, lot_count (with stock), photo (file name; ""), listing_id and
 * product_id (null: not listed), created_ms; DB_NONE when it isn't the account's. */
MUST_USE enum db_rc sku_find(struct db *db, int64_t account_id, int64_t id, json_t **row);

/* Such rows with this product ID as typed or scanned, newest first, at most 50: none, one,
 * or several variants. */
MUST_USE enum db_rc sku_by_code(struct db *db, int64_t account_id, const char *code,
                                json_t **rows);

/* A product ID as it is stored: trimmed; EAN and UPC (8, 12, 13 or 14 digits) with a
 * right check digit, UPC-A made 13 digits; others up to 60 printable ASCII characters.
 * Refused at "code". "" stays "". */
MUST_USE enum db_rc sku_code(struct db *db, const char *text, const char **code);

#endif
