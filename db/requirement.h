/* Requirements: the shopping cart of an account, or of a visitor. They stay tied to the
 * listing, so prices are the ones of now. */
#ifndef REQUIREMENT_H
#define REQUIREMENT_H

#include "db/db.h"

enum { REQUIREMENT_MAX = 200 }; /* lines a cart */

struct cart_owner {
    int64_t account_id; /* 0: a visitor */
    int64_t session_id; /* of the visitor; not used with an account */
    int64_t user_id;    /* who adds; 0: a visitor */
};

/* Adds `qty_milli` of a listing; what is there already is added up. `due_ms` 0 and `note`
 * NULL: none, or as they were. Refuses what is not on sale of an approved vendor (404),
 * the account's own goods, quantities with more decimals than the unit has, and too much.
 * `*id` may be NULL. */
MUST_USE enum db_rc requirement_add(struct db *db, const struct cart_owner *owner,
                                    int64_t listing_id, int64_t qty_milli, int64_t due_ms,
                                    const char *note, int64_t *id);

/* The same from a form without a one-time key, where a button pressed twice comes twice: the
 * same quantity of the same listing within PRESS_MS is the same press. */
enum { PRESS_MS = 2000 };
MUST_USE enum db_rc requirement_press(struct db *db, const struct cart_owner *owner,
                                      int64_t listing_id, int64_t qty_milli, int64_t *id);

/* Sets quantity, date (0: none) and note. DB_NONE: not the owner's. */
MUST_USE enum db_rc requirement_set(struct db *db, const struct cart_owner *owner,
                                    int64_t id, int64_t qty_milli, int64_t due_ms,
                                    const char *note);

/* Sets the quantities of several lines, all or none; the field of a refusal is qty[<id>].
 * What is not in the cart any more is passed over. */
struct requirement_qty {
    int64_t id, qty_milli;
};
MUST_USE enum db_rc requirement_quantities(struct db *db, const struct cart_owner *owner,
                                           const struct requirement_qty *lines, size_t count);

MUST_USE enum db_rc requirement_remove(struct db *db, const struct cart_owner *owner,
                                       int64_t id);

/* The shops whose goods an account's cart has: account_id, trade_name, can_order (true). */
MUST_USE enum db_rc requirement_vendors(struct db *db, int64_t account_id, json_t **vendors);

/* The cart by vendor: [{account_id, handle, trade_name, state_code, upi, is_doorstep,
 * doorstep_paise, goods_paise (of lines with a price), is_priced (every line has one),
 * can_order (no line has a problem), count, lines: [...]}]. A line: id, listing_id,
 * product_id, name, variant, unit, decimals, photo_name, qty_milli, due_ms, note, is_ask,
 * each_paise, total_paise (null: ask), left_milli (what can be had, null: no limit),
 * problem (null, "off_sale", "short", "gone" (nothing left), "own", "vendor_off") .
 * `buyer_state` (NULL: each vendor's) decides the taxes, and with them exact totals.
 * `vendor_account_id` 0: all. */
MUST_USE enum db_rc requirement_list(struct db *db, const struct cart_owner *owner,
                                     int64_t vendor_account_id, const char *buyer_state,
                                     json_t **vendors);

/* A line of which the cart has more than can be ordered: name, unit, left_milli, problem
 * ("short" or "gone"). DB_NONE: there is enough. */
MUST_USE enum db_rc requirement_short(struct db *db, const struct cart_owner *owner,
                                      int64_t id, json_t **line);

/* Lines in the cart. */
MUST_USE enum db_rc requirement_count(struct db *db, const struct cart_owner *owner,
                                      int64_t *count);

#endif
