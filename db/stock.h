/* Stock: lots, and the journal of what moves them (INV-1, INV-3, INV-8). Quantities are
 * thousandths of the SKU's unit. Nothing goes below zero or below what is reserved. Rows
 * of one action share a group and are reversed together. Functions with `group_id`: it
 * may be NULL, and is what stock_reverse() takes. */
#ifndef STOCK_H
#define STOCK_H

#include "db/actor.h"
#include "db/db.h"
#include "db/sku.h"

#include <stdbool.h>

#define STOCK_QTY_MAX 1000000000000 /* thousandths in one booking */
#define STOCK_COST_MAX 100000000000 /* paise a unit */

struct receipt {
    int64_t sku_id; /* more of this SKU; 0: the one that `spec` tells */
    struct sku_spec spec;
    int64_t place_id;    /* 0: none */
    int64_t supplier_id; /* by id, or by name (made when it lacks); 0, NULL or "": none */
    const char *supplier;
    int64_t qty_milli;
    int64_t cost_paise; /* a unit; -1: not known */
    int64_t expires_ms; /* 0: never */
    int64_t low_milli;  /* the SKU's new low level; -1: as it was */
    const char *note;
    const char *source; /* "hand" (or NULL), "chat", "csv" */
};

/* Adds a lot with a 'receive' move, finding or making its SKU (and the custom values it
 * names). Refused at a field of the spec, or "place", "supplier", "qty", "cost", "low".
 * The transaction's db_made() is the SKU. `lot_id` and `sku_id` may be NULL. */
MUST_USE enum db_rc stock_receive(struct db *db, const struct actor *actor,
                                  const struct receipt *receipt, int64_t *lot_id,
                                  int64_t *sku_id);

struct stock_use {
    int64_t lot_id; /* from this lot; 0: from the lots of the SKU, those that expire */
    int64_t sku_id; /* first first, then the oldest. Both: a lot of that SKU */
    int64_t qty_milli;
    const char *note;
};

/* Takes stock out as used up, or as expired (spoilt, broken, lost). DB_NONE when the lot
 * or SKU isn't the account's; refused at "qty" with 409 and {have_milli, unit} when there
 * is less. db_made() is the group. */
MUST_USE enum db_rc stock_consume(struct db *db, const struct actor *actor,
                                  const struct stock_use *use, int64_t *group_id);
MUST_USE enum db_rc stock_expire(struct db *db, const struct actor *actor,
                                 const struct stock_use *use, int64_t *group_id);

/* Sets a lot to what was counted; equal to the books: DB_OK and nothing is written. */
MUST_USE enum db_rc stock_count(struct db *db, const struct actor *actor, int64_t lot_id,
                                int64_t counted_milli, const char *note,
                                int64_t *group_id);

/* Moves `qty_milli` of a lot to another place: a new lot there with the same origin, cost
 * and expiry. place_id 0: no place. Refused at "place" or "qty". */
MUST_USE enum db_rc stock_place(struct db *db, const struct actor *actor, int64_t lot_id,
                                int64_t place_id, int64_t qty_milli, int64_t *group_id);

/* Reverses the whole action that the move belongs to by counter-entries. DB_NONE when it
 * isn't the account's; refused with 409 when it was reversed, is itself a reversal, is of
 * an order, or when too little is left of it. */
MUST_USE enum db_rc stock_reverse(struct db *db, const struct actor *actor,
                                  int64_t move_id, const char *note, int64_t *group_id);

struct stock_delivery {
    int64_t order_id, order_line_id;
    int64_t sku_id; /* the vendor's */
    int64_t qty_milli;
    bool is_more_ok; /* what lacks is first booked in as counted, instead of refusing */
};

/* Takes a delivered line out of the vendor's stock (actor->account_id), within the
 * caller's transaction, its reservation deleted before: lots not yet expired by expiry,
 * then those without one from the oldest, expired ones last. Refused with 409 at "qty"
 * and {name, have_milli, unit}. `cost_paise` (may be NULL): what these goods cost in all, -1
 * when not known. */
MUST_USE enum db_rc stock_deliver_out(struct db *db, const struct actor *actor,
                                      const struct stock_delivery *delivery,
                                      int64_t *cost_paise);

struct stock_copy {
    int64_t from_account_id, to_account_id;
    int64_t sku_id;   /* the sender's */
    const char *name; /* as ordered; NULL: as the sender calls it now */
    int64_t order_id, order_line_id;
    int64_t qty_milli;
    int64_t cost_paise; /* a unit, as paid; -1: not known */
};

/* Brings a delivered line into the receiver's stock as a lot, within the caller's
 * transaction and after stock_deliver_out() (the earliest expiry delivered comes along).
 * Unit, category, sub-category, attributes with values, product ID and the sender as
 * supplier are matched by name and made where they lack; attribute values that find no
 * free attribute are kept on the lot ("Size: Large") (CUS-9). */
MUST_USE enum db_rc stock_copy_in(struct db *db, const struct stock_copy *copy,
                                  int64_t *lot_id, int64_t *sku_id);

/* Lots of a SKU with stock, as they are used up: id, sku_id, qty_milli, received_milli,
 * cost_paise, expires_ms, is_expired, source, order_id, order_number (null: of no order),
 * supplier_id, supplier, place_id, place (path), kept_values, note, received_ms. At most
 * 200. */
MUST_USE enum db_rc stock_lots(struct db *db, int64_t account_id, int64_t sku_id,
                               json_t **rows);

/* The same of all its lots, newest first, older than before_id (0: from the newest). */
MUST_USE enum db_rc stock_lots_all(struct db *db, int64_t account_id, int64_t sku_id,
                                   int64_t before_id, int limit, json_t **rows);

/* One lot, with sku (its name), variant, unit and decimals. */
MUST_USE enum db_rc stock_lot_find(struct db *db, int64_t account_id, int64_t lot_id,
                                   json_t **row);

/* The movement that brought a lot in, which stock_reverse() takes; DB_NONE when the lot
 * isn't the account's. */
MUST_USE enum db_rc stock_lot_move(struct db *db, int64_t account_id, int64_t lot_id,
                                   int64_t *move_id);

/* History of a SKU, newest first, older than before_id: id, at_ms, kind, qty_milli,
 * balance_milli (of the SKU behind it), lot_id, place, order_id, order_number,
 * order_shop (null: an own one), note, user_name (""), reverses_id, is_reversed,
 * can_reverse. */
MUST_USE enum db_rc stock_moves(struct db *db, int64_t account_id, int64_t sku_id,
                                int64_t before_id, int limit, json_t **rows);

/* History of the account: the same without balance_milli, with sku_id, sku, variant,
 * unit, decimals. */
MUST_USE enum db_rc stock_journal(struct db *db, int64_t account_id, int64_t before_id,
                                  int limit, json_t **rows);

/* What was used from `from_ms` to before `to_ms`, by SKU, most recently used first, at
 * most 10,000: sku_id, sku, variant, unit, decimals, category, consumed_milli,
 * expired_milli, delivered_milli, returned_milli, cost_paise (null: not known of all).
 * Reversed entries don't count. */
MUST_USE enum db_rc stock_usage(struct db *db, int64_t account_id, int64_t from_ms,
                                int64_t to_ms, json_t **rows);

#endif
