/* Shared by the files of stock; nobody else. */
#ifndef STOCK_INTERNAL_H
#define STOCK_INTERNAL_H

#include "db/stock.h"

/* What a SKU is and has at this moment of the transaction. */
struct holding {
    int64_t sku_id;
    const char *name, *unit;
    int64_t decimals, on_hand, reserved;
};

/* DB_NONE when the SKU isn't the account's. */
enum db_rc holding_find(struct db *db, int64_t account_id, int64_t sku_id,
                        struct holding *h);

/* The same of a lot's SKU; `*lot_milli` is what the lot has. */
enum db_rc holding_of_lot(struct db *db, int64_t account_id, int64_t lot_id,
                          struct holding *h, int64_t *lot_milli);

struct lot {
    int64_t account_id, sku_id;
    const char *source;
    int64_t order_line_id, supplier_id, place_id; /* 0: none */
    int64_t cost_paise;                           /* -1: not known */
    int64_t expires_ms;                           /* 0: never */
    const char *kept_values, *note;
};

enum db_rc lot_insert(struct db *db, const struct lot *lot, int64_t *id);

struct move {
    int64_t account_id, sku_id, lot_id;
    const char *kind;
    int64_t qty_milli; /* signed */
    int64_t order_id, reverses_id;
    const char *note;
    int64_t user_id;
};

/* Writes a row of the journal. `*group` 0: it is the first of its action and gives its
 * id. */
enum db_rc move_insert(struct db *db, const struct move *move, int64_t *group);

/* Takes `qty_milli` out of the lots of `move->sku_id` as rows like `move`: with `from_ms`
 * 0 the earliest expiry first, else lots that expire later than it first and expired ones
 * last. The caller made sure that there is enough. `*cost_paise` (may be NULL): see
 * stock_deliver_out(). */
enum db_rc lots_take(struct db *db, const struct move *move, int64_t qty_milli,
                     int64_t from_ms, int64_t *group, int64_t *cost_paise);

/* Refuses at "qty" a quantity that is none, is too large or doesn't fit the unit. */
enum db_rc qty_check(struct db *db, const struct holding *h, int64_t qty_milli);

/* Refuses at "qty" with 409: only `have` is there. */
enum db_rc qty_short(struct db *db, const struct holding *h, int64_t have_milli);

/* Refuses when the place is given but not the account's. */
enum db_rc place_check(struct db *db, int64_t account_id, int64_t place_id);

/* An audit entry: "-2.5 kg" of the SKU. */
enum db_rc stock_audit(struct db *db, const struct actor *actor, const char *kind,
                       const struct holding *h, int64_t qty_milli);

#endif
