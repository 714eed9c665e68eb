/* Online orders between a customer's account and a vendor: placing, answering, paying by
 * UPI, delivering, cancelling, and the lists of both sides. */
#ifndef ORDER_H
#define ORDER_H

#include "db/actor.h"
#include "db/db.h"

/* --- the one table of who may do what when (ORD-5, ORD-7, VORD-6, VORD-8) --- */

enum order_side { ORDER_CUSTOMER, ORDER_VENDOR, ORDER_SIDES };

enum order_state {
    ORDER_ORDERED,
    ORDER_ACCEPTED,
    ORDER_DELIVERED,
    ORDER_DECLINED,
    ORDER_CANCELLED,
    ORDER_STATES
};

enum order_action {
    ORDER_ACCEPT,
    ORDER_DECLINE,
    ORDER_CANCEL,
    ORDER_DELIVER,
    ORDER_CLAIM,   /* the customer: "I have paid by UPI" */
    ORDER_CONFIRM, /* the vendor: it has come in */
    ORDER_DENY,    /* the vendor: it has not */
    ORDER_REFUND,  /* the vendor: money paid for what was cancelled was sent back */
    ORDER_UNCLAIM, /* the customer, before the vendor answered: not paid after all */
    ORDER_ACTIONS
};

struct order_facts {
    enum order_state state;
    bool is_partial; /* accepted for less than was asked */
    bool is_claimed; /* a UPI payment that is not confirmed yet */
    bool is_paid;    /* something was paid by UPI and not refunded */
    bool is_due;     /* something is left to pay */
};

/* NULL when `side` may do it, else the key of the refusal that says why not. */
const char *order_may(enum order_side side, const struct order_facts *facts,
                      enum order_action action);

/* --- placing (CART-5) --- */

struct placing {
    int64_t vendor_account_id;
    const int64_t *requirement_ids; /* NULL: all that the cart has of the vendor */
    const int64_t *shown_milli;     /* the quantities that the customer was shown of them;
                                       NULL: whatever the cart has */
    size_t requirement_count;
    const char *fulfil;           /* "pickup" or "doorstep" */
    const char *address;          /* needed for doorstep */
    const char *buyer_state_code; /* of the address; NULL: the vendor's State */
    const char *note;
    int64_t expected_total_paise; /* what the customer was shown for this vendor (goods
                                     with a price and the doorstep charge); -1: nothing */
};

struct placed {
    int64_t order_id; /* 0: not placed, the lines are still in the cart */
    struct refusal refusal;
};

enum { PLACING_MAX = 50 };

/* Turns requirements of actor.account_id into one order a vendor, each whole or not at
 * all; one that can't be placed does not hold up the others. `placed` has room for
 * `count`. `mobile` (NULL: the user's own) is for the vendor. DB_OK when at least one was
 * placed (db_made() is the first of them), else the refusal of the first. */
MUST_USE enum db_rc order_place(struct db *db, const struct actor *actor,
                                const char *mobile, const struct placing *parts,
                                size_t count, struct placed *placed);

/* --- moves; each answers DB_NONE when the order is not the actor's account's (in the
 * role of the move), and refuses with 409 what the table above does not allow --- */

struct order_answer {
    int64_t line_id;
    int64_t accepted_milli;
    int64_t price_paise; /* a unit, for an ask-price line; -1: none named */
};

/* The vendor accepts; lines that `answers` doesn't name are accepted in full. Reserves
 * under the rule 'available', gives back what isn't accepted, recomputes the totals.
 * Refuses to accept nothing at all (decline instead), more than asked, an ask-price line
 * without its price, and what is not there under 'available'; the field is qty_<line id>
 * or price_<line id>. */
MUST_USE enum db_rc order_accept(struct db *db, const struct actor *actor,
                                 int64_t order_id, const struct order_answer *answers,
                                 size_t count);

/* The vendor declines; a reason is needed. */
MUST_USE enum db_rc order_decline(struct db *db, const struct actor *actor,
                                  int64_t order_id, const char *reason);

/* Cancels; the vendor has to give a reason, the customer may ("" or NULL: none). */
MUST_USE enum db_rc order_cancel(struct db *db, const struct actor *actor,
                                 enum order_side side, int64_t order_id,
                                 const char *reason);

/* UPI: claimed by the customer, then confirmed (with the reference, may be "") or denied,
 * or taken back by the customer. */
MUST_USE enum db_rc order_upi_claim(struct db *db, const struct actor *actor,
                                    int64_t order_id);
MUST_USE enum db_rc order_upi_unclaim(struct db *db, const struct actor *actor,
                                      int64_t order_id);
MUST_USE enum db_rc order_upi_confirm(struct db *db, const struct actor *actor,
                                      int64_t order_id, const char *reference);
MUST_USE enum db_rc order_upi_deny(struct db *db, const struct actor *actor,
                                   int64_t order_id);

/* The vendor has sent back all that is to be refunded; the reference is needed. */
MUST_USE enum db_rc order_refund(struct db *db, const struct actor *actor,
                                 int64_t order_id, const char *reference);

enum { ORDER_KEY_BYTES = 32, ORDER_CODE_TRIES = 5 };

struct delivery {
    const char *code;         /* that the customer told; "" or NULL with a reason */
    const char *reason;       /* why without the code; the audit log keeps it */
    bool is_upi;              /* all of it came in by UPI, which this confirms; else cash: */
    bool is_cash_in;          /* it was received now; else it is owed (CASH-1), */
    int64_t part_paise;       /* but for so much of it, if more than 0 */
    bool oversell_confirmed;  /* deliver more than the books have (rule 'any') */
    const unsigned char *key; /* ORDER_KEY_BYTES that the codes are made with */
};

/* Delivers what was accepted: checks the code (a wrong one counts even though the call is
 * refused; after ORDER_CODE_TRIES only a reason helps), takes the goods out of stock,
 * brings them into the customer's inventory, writes what is owed and paid, issues the
 * invoice. */
MUST_USE enum db_rc order_deliver(struct db *db, const struct actor *actor,
                                  int64_t order_id, const struct delivery *delivery);

/* The four digits that the customer shows on delivery; only for the customer's own page.
 * DB_NONE: not their order, or it isn't open. */
MUST_USE enum db_rc order_code(struct db *db, int64_t customer_account_id,
                               int64_t order_id, const unsigned char *key,
                               const char **code);

/* Puts the goods of an order back into the customer's cart, those that are still on sale;
 * `*added` of them. */
MUST_USE enum db_rc order_again(struct db *db, const struct actor *actor,
                                int64_t order_id, int *added);

/* --- lists --- */

enum order_group { ORDER_ACTIVE, ORDER_COMPLETED, ORDER_CANCELLED_GROUP, ORDER_ALL };

/* Newest first, older than `before_id` (0: the newest); `q` (NULL: all) is looked for in
 * the number, the other side's name, the mobile (vendor's list) and the products: id,
 * number, state, party (the other side's name), mobile (vendor's list), fulfil,
 * total_paise, is_priced, is_partial, is_claimed, paid_paise, line_count, goods ("Rice,
 * Dal"), placed_ms. A customer's also handle. */
MUST_USE enum db_rc order_list(struct db *db, enum order_side side, int64_t account_id,
                               enum order_group group, const char *q, int64_t before_id,
                               int limit, json_t **rows);

/* {active, completed, cancelled, all}: how many. */
MUST_USE enum db_rc order_counts(struct db *db, enum order_side side, int64_t account_id,
                                 json_t **counts);

/* How many wait for the vendor's answer, for the ring on an open page. */
MUST_USE enum db_rc order_waiting(struct db *db, int64_t vendor_account_id,
                                  int64_t *count);

/* The vendor's newest order (0: none yet), and how many came after one and wait. */
MUST_USE enum db_rc order_newest(struct db *db, int64_t vendor_account_id, int64_t *id);
MUST_USE enum db_rc order_newer(struct db *db, int64_t vendor_account_id,
                                int64_t after_id, int64_t *count);

/* One order as `side` sees it: id, number, state, kind, customer_name, mobile,
 * vendor_name, handle, vendor_mobile, upi (of the vendor), vendor_account_id,
 * customer_account_id, party_id, fulfil, address, buyer_state_code, note, stock_rule,
 * charge_paise, total_paise, is_priced, is_partial, is_claimed, paid_paise (by UPI),
 * owed_paise (of a delivered one, now),
 * due_paise (of an open order), refund_due_paise, refunded_paise, reason, placed_ms,
 * accepted_ms, closed_ms, is_locked (the code was wrong too often), can_accept,
 * can_decline, can_cancel, can_deliver, can_claim, can_confirm, can_deny, can_refund, can_unclaim,
 * cancel_why (refusal key when can_cancel is false), lines, events, documents. A line:
 * id, listing_id, sku_id, name, variant, unit, decimals, hsn, gst_bp, is_inclusive,
 * is_ask, price_paise (null: not named yet), discount_paise, asked_milli, accepted_milli,
 * delivered_milli, taxable_paise, cgst_paise, sgst_paise, igst_paise, total_paise, and
 * for the vendor left_milli (on hand and not promised to others). An event: kind, by,
 * user_name (of the side's own people), note, at_ms. A document: id, kind, number,
 * issued_ms. */
MUST_USE enum db_rc order_find(struct db *db, enum order_side side, int64_t account_id,
                               int64_t order_id, json_t **order);

#endif
