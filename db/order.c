/* The table of rules, and the moves that close an order before it is delivered. Every
 * move loads the order under the writer and asks the table first; the table order_step
 * and its trigger hold against a mistake here. */
#include "order.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/hook.h"
#include "db/notify.h"
#include "order_internal.h"

/* --- rules --- */

enum rule {
    NEVER,
    ALWAYS,
    UNPAID, /* nothing is paid or claimed by UPI */
    UNPAID_OR_PARTIAL,
    DUE_UNCLAIMED,
    DUE_OR_CLAIMED,
    CLAIMED,
    PAID
};

static const enum rule rules[ORDER_SIDES][ORDER_ACTIONS][ORDER_STATES] = {
    [ORDER_CUSTOMER] = {
        [ORDER_CANCEL] = { [ORDER_ORDERED] = UNPAID, [ORDER_ACCEPTED] = UNPAID_OR_PARTIAL },
        [ORDER_CLAIM] = { [ORDER_ACCEPTED] = DUE_UNCLAIMED },
        [ORDER_UNCLAIM] = { [ORDER_ACCEPTED] = CLAIMED, [ORDER_CANCELLED] = CLAIMED },
    },
    [ORDER_VENDOR] = {
        [ORDER_ACCEPT] = { [ORDER_ORDERED] = ALWAYS },
        [ORDER_DECLINE] = { [ORDER_ORDERED] = ALWAYS },
        [ORDER_CANCEL] = { [ORDER_ORDERED] = ALWAYS, [ORDER_ACCEPTED] = ALWAYS },
        [ORDER_DELIVER] = { [ORDER_ACCEPTED] = ALWAYS },
        [ORDER_CONFIRM] = { [ORDER_ACCEPTED] = DUE_OR_CLAIMED, [ORDER_CANCELLED] = CLAIMED },
        [ORDER_DENY] = { [ORDER_ACCEPTED] = CLAIMED, [ORDER_CANCELLED] = CLAIMED },
        [ORDER_REFUND] = { [ORDER_CANCELLED] = PAID },
    },
};

static const char *const state_names[ORDER_STATES] = {
    [ORDER_ORDERED] = "ordered",     [ORDER_ACCEPTED] = "accepted",
    [ORDER_DELIVERED] = "delivered", [ORDER_DECLINED] = "declined",
    [ORDER_CANCELLED] = "cancelled",
};

static const char *const state_refusals[ORDER_STATES] = {
    [ORDER_ORDERED] = "refusal.order_ordered",
    [ORDER_ACCEPTED] = "refusal.order_accepted",
    [ORDER_DELIVERED] = "refusal.order_delivered",
    [ORDER_DECLINED] = "refusal.order_declined",
    [ORDER_CANCELLED] = "refusal.order_cancelled",
};

static bool side_ever_may(enum order_side side, enum order_action action)
{
    for (enum order_state s = 0; s < ORDER_STATES; s++)
        if (rules[side][action][s] != NEVER)
            return true;
    return false;
}

const char *order_may(enum order_side side, const struct order_facts *f,
                      enum order_action action)
{
    bool money = f->is_paid || f->is_claimed;
    const char *paid = f->is_paid ? "refusal.cancel_paid" : "refusal.cancel_claimed";

    if (!side_ever_may(side, action))
        return "refusal.order_other_side";
    switch (rules[side][action][f->state]) {
    case NEVER: return state_refusals[f->state];
    case ALWAYS: return NULL;
    case UNPAID: return money ? paid : NULL;
    case UNPAID_OR_PARTIAL: return money && !f->is_partial ? paid : NULL;
    case DUE_UNCLAIMED:
        if (f->is_claimed)
            return "refusal.claimed_already";
        return f->is_due ? NULL : "refusal.nothing_due";
    case DUE_OR_CLAIMED: return f->is_due || f->is_claimed ? NULL : "refusal.nothing_due";
    case CLAIMED:
        if (f->is_claimed)
            return NULL;
        return side == ORDER_CUSTOMER ? "refusal.claim_over" : "refusal.not_claimed";
    case PAID: return f->is_paid ? NULL : "refusal.nothing_to_refund";
    }
    return state_refusals[f->state];
}

const char *order_state_name(enum order_state state)
{
    return state_names[state];
}

struct order_facts order_facts(const json_t *order)
{
    struct order_facts f = { .is_partial = row_true(order, "is_partial"),
                             .is_claimed = row_true(order, "is_claimed") };
    int64_t paid = row_int(order, "paid_paise");

    while (f.state < ORDER_STATES - 1 &&
           strcmp(state_names[f.state], row_text(order, "state")) != 0)
        f.state++;
    f.is_paid = paid > row_int(order, "refunded_paise");
    f.is_due = row_int(order, "total_paise") > paid;
    return f;
}

/* --- what all moves use --- */

#define LOAD(who)                                                                        \
    "SELECT o.id AS id, o.number AS number, o.state AS state,"                           \
    " o.vendor_account_id AS account_id, o.customer_account_id AS customer_account_id,"  \
    " o.party_id AS party_id, o.customer_name AS customer_name,"                         \
    " n.trade_name AS trade_name, o.stock_rule AS stock_rule,"                           \
    " o.charge_paise AS charge_paise, o.total_paise AS total_paise,"                     \
    " o.is_partial AS is_partial, o.upi_claimed_ms IS NOT NULL AS is_claimed,"           \
    " o.paid_upi_paise AS paid_paise, o.refunded_paise AS refunded_paise,"               \
    " o.buyer_state_code AS buyer_state_code, n.state_code AS state_code,"               \
    " n.gst_status AS gst_status, o.code_tries AS code_tries, o.code_nonce AS nonce"     \
    " FROM orders o JOIN vendor n ON n.account_id = o.vendor_account_id"                 \
    " WHERE o.id = ?1 AND o." who " = ?2"

enum db_rc order_load(struct db *db, enum order_side side, int64_t account_id,
                      int64_t order_id, json_t **order)
{
    return db_row(db,
                  side == ORDER_VENDOR ? LOAD("vendor_account_id")
                                       : LOAD("customer_account_id"),
                  DB_ARGS(DB_INT(order_id), DB_INT(account_id)), order);
}

enum db_rc order_load_for(struct db *db, enum order_side side, const struct actor *actor,
                          int64_t order_id, enum order_action action, json_t **order)
{
    enum db_rc rc = order_load(db, side, actor->account_id, order_id, order);
    struct order_facts facts;
    const char *why;

    if (rc != DB_OK)
        return rc;
    facts = order_facts(*order);
    why = order_may(side, &facts, action);
    return why ? db_refuse(db, 409, NULL, why, NULL) : DB_OK;
}

enum db_rc order_event(struct db *db, const struct actor *actor, enum order_side side,
                       int64_t order_id, const char *kind, const char *note)
{
    int64_t id;
    enum db_rc rc;

    rc = db_insert(db,
                   "INSERT INTO order_event(order_id, kind, user_id, by, note, at_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                   DB_ARGS(DB_INT(order_id), DB_TEXT(kind), DB_REF(actor->user_id),
                           DB_TEXT(side == ORDER_VENDOR ? "vendor" : "customer"),
                           DB_TEXT(note ? note : ""), DB_INT(clock_ms())),
                   &id);
    return rc == DB_OK ? hook_order(db, id) : rc;
}

enum db_rc order_release(struct db *db, int64_t order_id)
{
    enum db_rc rc;

    rc = db_exec(db,
                 "DELETE FROM reservation WHERE order_line_id IN"
                 " (SELECT id FROM order_line WHERE order_id = ?1)",
                 DB_ARGS(DB_INT(order_id)));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc order_tell(struct db *db, enum order_side side, const json_t *order,
                      const char *key, const char *reason)
{
    bool to_vendor = side == ORDER_CUSTOMER;
    int64_t id = row_int(order, "id");
    const char *goods = "", *href;
    json_t *args;

    if (db_text(db, ORDER_GOODS_SQL("?1", "3"), DB_ARGS(DB_INT(id)), &goods) != DB_OK)
        goods = "";
    args = json_pack("{s:O, s:s, s:s, s:s*}", "number", json_object_get(order, "number"),
                     "name", row_text(order, to_vendor ? "customer_name" : "trade_name"),
                     "goods", goods, "reason", reason);
    href = arena_printf(db_arena(db), "%s/%lld", to_vendor ? "/sell/orders" : "/orders",
                        (long long)id);
    return notify_account(
        db, row_int(order, to_vendor ? "account_id" : "customer_account_id"),
        to_vendor ? "customer_orders" : "orders", key, args, href);
}

enum db_rc order_moved(struct db *db, const struct actor *actor, enum order_side side,
                       const json_t *order, const char *kind, const char *note)
{
    int64_t id = row_int(order, "id");

    order_event(db, actor, side, id, kind, note);
    db_made(db, id);
    return order_tell(db, side, order,
                      arena_printf(db_arena(db), "notify.order_%s", kind), NULL);
}

enum db_rc order_audit(struct db *db, const struct actor *actor, const char *kind,
                       const json_t *order, const char *before, const char *after)
{
    const char *subject = arena_printf(db_arena(db), "%s #%lld",
                                       row_text(order, "trade_name"),
                                       (long long)row_int(order, "number"));

    return audit_write(db, actor, kind, subject, before, after);
}

enum db_rc order_refuse_short(struct db *db, const char *field, const char *key,
                              const json_t *line, int64_t left_milli)
{
    const char *variant = row_text(line, "variant");
    const char *name = row_text(line, "name");

    if (*variant)
        name = arena_printf(db_arena(db), "%s (%s)", name, variant);
    return db_refuse(db, 409, field, key,
                     json_pack("{s:s, s:I, s:s}", "product", name, "left_milli",
                               (json_int_t)(left_milli > 0 ? left_milli : 0), "unit",
                               row_text(line, "unit")));
}

/* --- declining and cancelling --- */

static enum db_rc order_close(struct db *db, const struct actor *actor,
                              enum order_side side, const json_t *order,
                              enum order_state state, const char *reason)
{
    int64_t id = row_int(order, "id");
    const char *name = state_names[state];
    struct arena *a = db_arena(db);

    order_release(db, id);
    db_exec(db, "UPDATE orders SET state = ?2, reason = ?3, closed_ms = ?4 WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_TEXT(name), DB_TEXT(reason), DB_INT(clock_ms())));
    order_event(db, actor, side, id, name, reason);
    order_tell(db, side, order,
               arena_printf(a, "notify.order_%s%s", name,
                            side == ORDER_CUSTOMER ? "_by_customer" : ""),
               reason);
    db_made(db, id);
    return order_audit(db, actor, arena_printf(a, "order.%s", name), order,
                       row_text(order, "state"), *reason ? reason : name);
}

enum db_rc order_decline(struct db *db, const struct actor *actor, int64_t order_id,
                         const char *reason)
{
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_VENDOR, actor, order_id, ORDER_DECLINE, &order);
    if (rc == DB_OK && (!reason || !*reason))
        rc = db_refuse(db, 422, "reason", "refusal.reason_needed", NULL);
    if (rc == DB_OK)
        rc = order_close(db, actor, ORDER_VENDOR, order, ORDER_DECLINED, reason);
    return db_end(db, rc);
}

enum db_rc order_cancel(struct db *db, const struct actor *actor, enum order_side side,
                        int64_t order_id, const char *reason)
{
    json_t *order;
    enum db_rc rc;

    reason = reason ? reason : "";
    db_begin(db);
    rc = order_load_for(db, side, actor, order_id, ORDER_CANCEL, &order);
    if (rc == DB_OK && side == ORDER_VENDOR && !*reason)
        rc = db_refuse(db, 422, "reason", "refusal.reason_needed", NULL);
    if (rc == DB_OK)
        rc = order_close(db, actor, side, order, ORDER_CANCELLED, reason);
    return db_end(db, rc);
}
