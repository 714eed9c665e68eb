/* Vendor Connect: vendors and products of all approved vendors. Names are compared folded
 * (without case and accents); words and their beginnings count first, then parts of
 * words, so that typing errors are forgiven. */
#ifndef SEARCH_H
#define SEARCH_H

#include "db/catalog.h"

enum { SEARCH_MAX_CHARS = 80 };

/* Vendors: account_id, handle, trade_name, about, address, product_count, photo_name. */
MUST_USE enum db_rc search_vendors(struct db *db, const char *q, int limit,
                                   json_t **rows);

/* Products on sale. */
MUST_USE enum db_rc search_products(struct db *db, const char *q, int limit,
                                    struct goods *goods);

/* The vendors of the home screen, newest first, those before `before_id` (an account_id;
 * 0: the newest): as search_vendors(). Only those with something on sale. */
MUST_USE enum db_rc search_home(struct db *db, int64_t before_id, int limit,
                                json_t **rows);

/* Brings the index up to date, within the transaction of the change. Of a vendor: whoever
 * writes its trade name, about, address or state. Of a product: listing.c. */
enum db_rc search_vendor_changed(struct db *db, int64_t account_id);
enum db_rc search_product_changed(struct db *db, int64_t product_id);

/* The same of all products of a category or sub-category whose name changed. */
enum db_rc search_category_changed(struct db *db, int64_t category_id);

#endif
