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

/* A product's cells and their names in JSON. */
enum product_cell {
    PRODUCT_ID,          /* id */
    PRODUCT_NAME,        /* name */
    PRODUCT_CATEGORY,    /* category_id; null: none */
    PRODUCT_PHOTO,       /* photo_name, of the first; null: none */
    PRODUCT_VARIANTS,    /* variants */
    PRODUCT_FROM,        /* from_paise: the lowest price to pay for one; null: ask */
    PRODUCT_MANY_PRICES, /* has_many_prices */
    PRODUCT_HAS_STOCK,   /* has_stock */
    PRODUCT_CAN_ORDER,   /* can_order */
    PRODUCT_HANDLE, /* handle and trade_name of the shop; not of a page of one shop */
    PRODUCT_SHOP,
    /* Left to the page that shows it: */
    PRODUCT_HREF,
    PRODUCT_PHOTO_URL,
    PRODUCT_IS_EAGER,
    PRODUCT_PRICE,
    PRODUCT_WAS,
    PRODUCT_OFF,
    PRODUCT_STOCK_TEXT,
    PRODUCT_N,
    PRODUCT_ONE, /* the only variant */
    PRODUCT_CELLS
};

enum variant_cell {
    VARIANT_ID,        /* id, of the listing */
    VARIANT_NAME,      /* variant: "Red, Large" */
    VARIANT_UNIT,      /* unit */
    VARIANT_DECIMALS,  /* decimals */
    VARIANT_IS_ASK,    /* is_ask */
    VARIANT_EACH,      /* each_paise: what one costs, discount and tax done; null: ask */
    VARIANT_WAS,       /* was_paise: the same without the discount; null: none */
    VARIANT_OFF_BP,    /* off_bp; 0: none */
    VARIANT_HAS_STOCK, /* has_stock */
    VARIANT_CAN_ORDER, /* can_order */
    VARIANT_LEFT,      /* left_milli, when little is left; else null */
    /* Left to the page that shows it: */
    VARIANT_STOCK_TEXT,
    VARIANT_OFF,
    VARIANT_LABEL,
    VARIANT_IS_FIRST,
    VARIANT_CELLS
};

/* Products, and the variants of all of them, the oldest of each product first. */
struct goods {
    struct table products, variants;
};

/* One page: {shop: as above, categories: [{id, name, is_current}], next (id to pass as
 * `before_id`, 0: no more)}, and its products. `category_id` 0: all. */
MUST_USE enum db_rc catalog_page(struct db *db, const char *handle, int64_t category_id,
                                 int64_t before_id, json_t **page, struct goods *goods);

/* One product: {shop, product: {code, description, category, subcategory, photos: [{name,
 * width, height, thumb_width, thumb_height}]}}, and what its cells have. DB_NONE: not in
 * this catalog now. Suspended: product is null. */
MUST_USE enum db_rc catalog_product(struct db *db, const char *handle, int64_t product_id,
                                    json_t **page, struct goods *goods);

/* Moves whenever something that the catalog's pages show does. DB_NONE as above. */
MUST_USE enum db_rc catalog_version(struct db *db, const char *handle, int64_t *version);

#endif
