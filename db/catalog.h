/* A vendor's catalog as anyone sees it: only what is on sale of an approved vendor. A
 * price that is to be asked for isn't in the tables at all, so nothing here can give it
 * away. */
#ifndef CATALOG_H
#define CATALOG_H

#include "db/db.h"

enum { CATALOG_PAGE = 50 };

/* The shop: account_id, handle, trade_name, about, address, state_code, mobile,
 * gst_status, stock_rule, is_doorstep, doorstep_paise, version, is_suspended. DB_NONE: no
 * such handle, or never approved. Suspended: is_suspended, and only handle and trade_name
 * are filled. */
MUST_USE enum db_rc catalog_shop(struct db *db, const char *handle, json_t **shop);

/* One page: {shop: as above, products: [...], categories: [{id, name, is_current}], next
 * (id to pass as `before_id`, 0: no more)}. `category_id` 0: all. A product: id, name,
 * category_id, photo_name (null: none), from_paise (the lowest price to pay for one of a
 * variant, null: ask), has_many_prices, has_stock, can_order, variants. A variant: id (of the
 * listing), variant ("Red, Large"), unit, decimals, is_ask, each_paise (what one costs a
 * customer, discount and tax done; null: ask), was_paise (the same without the discount;
 * null: none), off_bp (0: none), has_stock, left_milli (when little is left, else
 * null), can_order. */
MUST_USE enum db_rc catalog_page(struct db *db, const char *handle, int64_t category_id,
                                 int64_t before_id, json_t **page);

/* One product: {shop, product: as above and handle, trade_name, code, description,
 * category, subcategory, photos: [{name, width, height, thumb_width,
 * thumb_height}]}. DB_NONE: not in this catalog now. Suspended: product is null. */
MUST_USE enum db_rc catalog_product(struct db *db, const char *handle, int64_t product_id,
                                    json_t **page);

/* Moves whenever something that the catalog's pages show does. DB_NONE as above. */
MUST_USE enum db_rc catalog_version(struct db *db, const char *handle, int64_t *version);

#endif
