/* Shared by the order_*.c files. */
#ifndef ORDER_INTERNAL_H
#define ORDER_INTERNAL_H

#include "listing_internal.h"
#include "order.h"

/* --- order.c --- */

const char *order_state_name(enum order_state state);

/* Of a row with state, is_partial, is_claimed, total_paise, paid_paise, refunded_paise.
 */
struct order_facts order_facts(const json_t *order);

/* The order if it is the account's in the role of `side`: id, number, state, account_id
 * (the vendor's), customer_account_id, party_id, customer_name, trade_name, stock_rule,
 * charge_paise, total_paise, is_partial, is_claimed, paid_paise, refunded_paise,
 * buyer_state_code, state_code and gst_status (the vendor's of now), code_tries, nonce.
 */
enum db_rc order_load(struct db *db, enum order_side side, int64_t account_id,
                      int64_t order_id, json_t **order);

/* Loads it and refuses what the table of rules does not allow. */
enum db_rc order_load_for(struct db *db, enum order_side side, const struct actor *actor,
                          int64_t order_id, enum order_action action, json_t **order);

enum db_rc order_event(struct db *db, const struct actor *actor, enum order_side side,
                       int64_t order_id, const char *kind, const char *note);

/* Gives back what is reserved for the order. */
enum db_rc order_release(struct db *db, int64_t order_id);

/* The first lines of the order `id`, those not given left out: "Rice × 1.5, Salt". */
#define ORDER_GOODS_SQL(id, count)                                                       \
    "SELECT group_concat(iif(x.milli = 1000, x.name, x.name || ' × ' ||"                 \
    " rtrim(rtrim(format('%.3f', x.milli / 1000.0), '0'), '.')), ', ') FROM (SELECT"     \
    " i.name AS name, ifnull(i.accepted_milli, i.asked_milli) AS milli"                  \
    " FROM order_line i WHERE i.order_id = " id " AND ifnull(i.accepted_milli, 1) > 0"   \
    " ORDER BY i.id LIMIT " count ") x"

/* Tells the other side than `side`, with {number, name, goods, reason} (NULL: none). */
enum db_rc order_tell(struct db *db, enum order_side side, const json_t *order,
                      const char *key, const char *reason);

/* What every move of an order leaves, its row once changed: `kind` in its history, word
 * to the other side ("notify.order_" and the kind), and the order as what was made. */
enum db_rc order_moved(struct db *db, const struct actor *actor, enum order_side side,
                       const json_t *order, const char *kind, const char *note);

enum db_rc order_audit(struct db *db, const struct actor *actor, const char *kind,
                       const json_t *order, const char *before, const char *after);

/* Too little is there: names the product, what is left, and the unit. */
enum db_rc order_refuse_short(struct db *db, const char *field, const char *key,
                              const json_t *line, int64_t left_milli);

#endif
