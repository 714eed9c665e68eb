/* The cash register's books: what customers owe a vendor. Every balance is the sum of its
 * entries; entries are never changed, a mistake is reversed. */
#ifndef LEDGER_H
#define LEDGER_H

#include "db/actor.h"
#include "db/db.h"

/* Parties of a vendor, those who owe most first: id, name, mobile, customer_account_id,
 * balance_paise, last_ms (of their newest entry, may be null). `q` (NULL: all) is part of
 * the name or mobile. `only_owing` leaves out balances of 0. Those after the party with
 * `after_paise` and `after_id` (after_id 0: from the top). */
MUST_USE enum db_rc ledger_parties(struct db *db, int64_t account_id, const char *q,
                                   bool only_owing, int64_t after_paise, int64_t after_id,
                                   int limit, json_t **rows);

/* One party: id, name, mobile, customer_account_id, balance_paise. DB_NONE: not yours. */
MUST_USE enum db_rc ledger_party(struct db *db, int64_t account_id, int64_t party_id,
                                 json_t **row);

/* Their entries, newest first, older than `before_id`: id, kind ('sale', 'payment',
 * 'reverse'), method, paise (+ owed, - paid), balance_paise (after it), order_id,
 * order_number, reference, note, reverses_id, is_reversed, can_reverse, user_name, at_ms.
 */
MUST_USE enum db_rc ledger_entries(struct db *db, int64_t account_id, int64_t party_id,
                                   int64_t before_id, int limit, json_t **rows);

/* What of the order `o` is still owed: money that came in for no order in particular clears
 * the oldest first. */
#define LEDGER_ORDER_OWED_SQL                                                            \
    "(SELECT iif(o.state <> 'delivered' OR p.balance_paise <= 0, 0, max(0, min("         \
    "(SELECT ifnull(sum(paise), 0) FROM ledger_entry WHERE order_id = o.id),"            \
    " p.balance_paise - (SELECT ifnull(sum(paise), 0) FROM ledger_entry"                 \
    " WHERE party_id = p.id AND +order_id > o.id))))"                                    \
    " FROM party p WHERE p.id = o.party_id)"

/* To whom a customer's account owes, or who holds money of theirs, oldest first, at most
 * LEDGER_DUES_MAX: id (of the party), account_id, name (the shop's), handle, upi (may be
 * null), balance_paise, last_ms. */
enum { LEDGER_DUES_MAX = 200 };
MUST_USE enum db_rc ledger_dues(struct db *db, int64_t customer_account_id, json_t **rows);

/* One of them, even when nothing is owed: the same without last_ms, with mobile. DB_NONE: not
 * the account's. */
MUST_USE enum db_rc ledger_due(struct db *db, int64_t customer_account_id, int64_t party_id,
                               json_t **row);

/* Money came in: `method` 'cash' or 'upi', part or all of what is owed; more is refused. The
 * customer's account, if any, is told. */
MUST_USE enum db_rc ledger_receive(struct db *db, const struct actor *actor,
                                   int64_t party_id, int64_t paise, const char *method,
                                   const char *reference, const char *note,
                                   int64_t *entry_id);

/* Undoes a payment that was written by mistake, once. A reason is needed. The customer's
 * account is told. DB_NONE: not yours. */
MUST_USE enum db_rc ledger_reverse(struct db *db, const struct actor *actor,
                                   int64_t entry_id, const char *reason);

/* What all parties owe together, and how many do. */
MUST_USE enum db_rc ledger_owed(struct db *db, int64_t account_id, int64_t *paise,
                                int64_t *parties);

/* Money in from `from_ms` up to `to_ms`: {cash_paise, upi_paise, sale_paise}, what was
 * reversed taken off. */
MUST_USE enum db_rc ledger_period(struct db *db, int64_t account_id, int64_t from_ms,
                                  int64_t to_ms, json_t **sums);

/* For order.c, within its transaction: finds or makes the party of a customer's account.
 */
enum db_rc ledger_party_of(struct db *db, int64_t account_id, int64_t customer_account_id,
                           const char *name, const char *mobile, int64_t *party_id);

/* For order.c: what a delivered order owes, and what of it was paid by UPI and in cash.
 */
enum db_rc ledger_sale(struct db *db, const struct actor *actor, int64_t party_id,
                       int64_t order_id, int64_t total_paise, int64_t upi_paise,
                       int64_t cash_paise);

#endif
