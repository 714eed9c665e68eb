/* Money by UPI outside the program's sight: the customer says that it was sent, the
 * vendor looks at their own account and confirms or denies; sending back works the same
 * way. */
#include "db/base/clock.h"
#include "db/base/text.h"
#include "order_internal.h"

enum db_rc order_upi_claim(struct db *db, const struct actor *actor, int64_t order_id)
{
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_CUSTOMER, actor, order_id, ORDER_CLAIM, &order);
    if (rc == DB_OK) {
        db_exec(db, "UPDATE orders SET upi_claimed_ms = ?2 WHERE id = ?1",
                DB_ARGS(DB_INT(order_id), DB_INT(clock_ms())));
        order_moved(db, actor, ORDER_CUSTOMER, order, "claimed", NULL);
        rc = order_audit(db, actor, "order.claimed", order, NULL,
                         text_rupees(db_arena(db), row_int(order, "total_paise"), false));
    }
    return db_end(db, rc);
}

/* The claim is over without money. */
static enum db_rc claim_drop(struct db *db, const struct actor *actor, enum order_side side,
                             int64_t order_id, enum order_action action, const char *kind)
{
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, side, actor, order_id, action, &order);
    if (rc == DB_OK) {
        db_exec(db, "UPDATE orders SET upi_claimed_ms = NULL WHERE id = ?1",
                DB_ARGS(DB_INT(order_id)));
        order_moved(db, actor, side, order, kind, NULL);
        rc = order_audit(db, actor, arena_printf(db_arena(db), "order.%s", kind), order, NULL,
                         NULL);
    }
    return db_end(db, rc);
}

enum db_rc order_upi_unclaim(struct db *db, const struct actor *actor, int64_t order_id)
{
    return claim_drop(db, actor, ORDER_CUSTOMER, order_id, ORDER_UNCLAIM, "unclaimed");
}

enum db_rc order_upi_deny(struct db *db, const struct actor *actor, int64_t order_id)
{
    return claim_drop(db, actor, ORDER_VENDOR, order_id, ORDER_DENY, "denied");
}

enum db_rc order_upi_confirm(struct db *db, const struct actor *actor, int64_t order_id,
                             const char *reference)
{
    struct arena *a = db_arena(db);
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_VENDOR, actor, order_id, ORDER_CONFIRM, &order);
    if (rc == DB_OK) {
        db_exec(db,
                "UPDATE orders SET paid_upi_paise = total_paise, upi_claimed_ms = NULL"
                " WHERE id = ?1",
                DB_ARGS(DB_INT(order_id)));
        order_moved(db, actor, ORDER_VENDOR, order, "paid", reference);
        rc = order_audit(db, actor, "order.paid", order,
                         text_rupees(a, row_int(order, "paid_paise"), false),
                         text_rupees(a, row_int(order, "total_paise"), false));
    }
    return db_end(db, rc);
}

enum db_rc order_refund(struct db *db, const struct actor *actor, int64_t order_id,
                        const char *reference)
{
    struct arena *a = db_arena(db);
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_VENDOR, actor, order_id, ORDER_REFUND, &order);
    if (rc == DB_OK && (!reference || !*reference))
        rc = db_refuse(db, 422, "reference", "refusal.reference_needed", NULL);
    if (rc == DB_OK) {
        db_exec(db, "UPDATE orders SET refunded_paise = paid_upi_paise WHERE id = ?1",
                DB_ARGS(DB_INT(order_id)));
        order_moved(db, actor, ORDER_VENDOR, order, "refunded", reference);
        rc = order_audit(db, actor, "order.refunded", order,
                         text_rupees(a, row_int(order, "paid_paise"), false), reference);
    }
    return db_end(db, rc);
}
