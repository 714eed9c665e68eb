/* What a vendor puts on sale: a listing is a SKU with a price; listings that share name,
 * product ID, category and sub-category are variants of one product, which has the photos
 * and the description. */
#ifndef LISTING_H
#define LISTING_H

#include "db/actor.h"
#include "db/db.h"

enum { LISTING_PHOTOS = 8 };

struct listing_price {
    bool is_ask;            /* "ask price": the rest but gst_bp, is_inclusive, hsn is 0 */
    int64_t price_paise;    /* a unit */
    int64_t discount_paise; /* one of the two */
    int64_t discount_bp;
    int64_t gst_bp;
    bool is_inclusive;
    const char *hsn; /* "" or 4, 6 or 8 digits */
};

/* Puts a SKU of actor.account_id on sale, or back on sale, or changes its price: always
 * the whole of `price`. The product is found or made, search learns of it. DB_NONE: not a
 * SKU of the account. Refuses an account that neither has the vendor role nor asked for
 * it (what it lists meanwhile shows once it is approved), and prices that can't be.
 * `*listing_id` may be NULL. */
MUST_USE enum db_rc listing_put(struct db *db, const struct actor *actor, int64_t sku_id,
                                const struct listing_price *price, int64_t *listing_id);

/* Takes off sale. Already off: DB_OK. DB_NONE: not the account's. */
MUST_USE enum db_rc listing_take_off(struct db *db, const struct actor *actor,
                                     int64_t listing_id);

/* Called by whoever changes the name, product ID, category or sub-category of a SKU,
 * within that transaction: the listing moves to the product that fits now, photos and
 * description come along when it was the last one there. DB_OK also when the SKU isn't
 * listed. */
enum db_rc listing_regroup(struct db *db, int64_t account_id, int64_t sku_id);

/* The vendor's own view, newest first, older than listing id `before_id` (0: newest):
 * id, sku_id, product_id, name, variant, unit, decimals, code, category, photo_name,
 * is_on_sale, is_ask, price_paise, discount_paise, discount_bp, gst_bp, is_inclusive,
 * hsn, each_paise (what a customer pays for one; null: ask), on_hand_milli,
 * reserved_milli. `q` (NULL: all) is part of the name or the product ID; `on_sale` -1:
 * all, 0: off, 1: on. */
MUST_USE enum db_rc listing_list(struct db *db, int64_t account_id, const char *q,
                                 int on_sale, int64_t before_id, int limit,
                                 json_t **rows);

/* One of the account, by listing id or by SKU id (the other is 0): the same keys and
 * description, category_id, subcategory_id. DB_NONE: not there or not yours. */
MUST_USE enum db_rc listing_find(struct db *db, int64_t account_id, int64_t listing_id,
                                 int64_t sku_id, json_t **row);

/* How many are on sale and off sale. */
MUST_USE enum db_rc listing_counts(struct db *db, int64_t account_id, int64_t *on,
                                   int64_t *off);

/* At most 2000 characters. DB_NONE: not a product of the account. */
MUST_USE enum db_rc product_describe(struct db *db, const struct actor *actor,
                                     int64_t product_id, const char *text);

struct photo {
    const char *name; /* of the files: media/<name>.jpg and <name>-t.jpg */
    int width, height, thumb_width, thumb_height;
};

/* Adds a photo behind the others; the ninth is refused. DB_NONE: not your product. */
MUST_USE enum db_rc photo_add(struct db *db, const struct actor *actor,
                              int64_t product_id, const struct photo *photo,
                              int64_t *photo_id);

/* Removes it; `*name` tells the files that nobody needs any more. DB_NONE: not yours. */
MUST_USE enum db_rc photo_remove(struct db *db, const struct actor *actor,
                                 int64_t photo_id, const char **name);

/* Makes it the product's first photo. */
MUST_USE enum db_rc photo_first(struct db *db, const struct actor *actor,
                                int64_t photo_id);

/* Of a product of the account, in order: id, name, width, height, thumb_width,
 * thumb_height. */
MUST_USE enum db_rc photo_list(struct db *db, int64_t account_id, int64_t product_id,
                               json_t **rows);

/* Whether the file name belongs to a product that anyone may see (it has something on
 * sale of an approved vendor), or to `account_id` (0: nobody's). DB_NONE: no. */
MUST_USE enum db_rc photo_visible(struct db *db, const char *name, int64_t account_id);

#endif
