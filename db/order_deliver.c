/* Delivering: one transaction takes the goods out of the vendor's stock, brings them into
 * the customer's, writes the books and issues the bill. The delivery code is not stored:
 * it is four digits of a keyed hash over the order's nonce. A wrong code commits its
 * count and is refused only then. */
#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/stock.h"
#include "document.h"
#include "ledger.h"
#include "order_internal.h"

#include <sodium.h>

/* --- the code --- */

enum { CODE_DIGITS = 4 };

static const char *code_make(struct arena *a, const json_t *order,
                             const unsigned char *key)
{
    const char *text = arena_printf(a, "deliver:%lld:%s", (long long)row_int(order, "id"),
                                    row_text(order, "nonce"));
    unsigned char hash[16];
    uint32_t n = 0;

    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), key,
                       ORDER_KEY_BYTES);
    for (int i = 0; i < 4; i++)
        n = n << 8 | hash[i];
    return arena_printf(a, "%04u", n % 10000);
}

enum db_rc order_code(struct db *db, int64_t customer_account_id, int64_t order_id,
                      const unsigned char *key, const char **code)
{
    json_t *order;
    struct order_facts facts;
    enum db_rc rc = order_load(db, ORDER_CUSTOMER, customer_account_id, order_id, &order);

    *code = NULL;
    if (rc != DB_OK)
        return rc;
    facts = order_facts(order);
    if (facts.state != ORDER_ORDERED && facts.state != ORDER_ACCEPTED)
        return DB_NONE;
    *code = code_make(db_arena(db), order, key);
    return DB_OK;
}

static bool code_is_right(struct arena *a, const json_t *order, const struct delivery *d)
{
    const char *right = code_make(a, order, d->key);

    return sodium_memcmp(d->code, right, CODE_DIGITS) == 0;
}

/* Counts a wrong code, so that the count stays; the refusal comes after the commit. */
static enum db_rc code_wrong(struct db *db, const struct actor *actor,
                             const json_t *order)
{
    int64_t id = row_int(order, "id"), tries = row_int(order, "code_tries") + 1;
    enum db_rc rc;

    db_once_cancel(db);
    db_exec(db, "UPDATE orders SET code_tries = ?2 WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_INT(tries)));
    rc = order_event(db, actor, ORDER_VENDOR, id, "wrong_code", NULL);
    if (tries >= ORDER_CODE_TRIES)
        rc = order_audit(db, actor, "order.code_locked", order, NULL, NULL);
    db_made(db, id);
    rc = db_end(db, rc);
    if (rc != DB_OK)
        return rc;
    if (tries >= ORDER_CODE_TRIES)
        return db_refuse(db, 409, "reason", "refusal.code_locked", NULL);
    return db_refuse(db, 422, "code", "refusal.code_wrong",
                     json_pack("{s:I}", "left", (json_int_t)(ORDER_CODE_TRIES - tries)));
}

/* --- checks --- */

/* What isn't paid by UPI. */
static int64_t rest_of(const json_t *order)
{
    int64_t rest = row_int(order, "total_paise") - row_int(order, "paid_paise");

    return rest > 0 ? rest : 0;
}

static enum db_rc payment_check(struct db *db, const json_t *order,
                                const struct delivery *d)
{
    struct order_facts facts = order_facts(order);

    int64_t rest = rest_of(order);

    if (!d->is_upi && facts.is_claimed)
        return db_refuse(db, 409, "pay", "refusal.claim_open", NULL);
    if (d->part_paise < 0 || (!d->is_upi && d->part_paise > rest))
        return db_refuse(db, 422, "amount", "refusal.more_than_owed",
                         json_pack("{s:I}", "owed_paise", (json_int_t)rest));
    return DB_OK;
}

/* The word of who hands the goods over is as good as a confirmation before. */
static enum db_rc upi_settle(struct db *db, const struct actor *actor,
                             const struct delivery *d, json_t **order)
{
    int64_t id = row_int(*order, "id");
    enum db_rc rc;

    if (!d->is_upi || !order_facts(*order).is_due)
        return DB_OK;
    rc = order_upi_confirm(db, actor, id, NULL);
    return rc == DB_OK ? order_load(db, ORDER_VENDOR, actor->account_id, id, order) : rc;
}

static bool code_is_locked(const json_t *order)
{
    return row_int(order, "code_tries") >= ORDER_CODE_TRIES;
}

static enum db_rc code_check(struct db *db, const json_t *order, const struct delivery *d)
{
    bool has_code = d->code && *d->code, has_reason = d->reason && *d->reason;

    if (!has_code && has_reason)
        return DB_OK;
    if (code_is_locked(order))
        return db_refuse(db, 409, "reason", "refusal.code_locked", NULL);
    if (!has_code)
        return db_refuse(db, 422, "code", "refusal.code_needed", NULL);
    if (strlen(d->code) != CODE_DIGITS) /* a digit that wasn't typed is no guess */
        return db_refuse(db, 422, "code", "refusal.code_digits", NULL);
    return DB_OK;
}

/* --- goods --- */

/* The customer's stock grew by the vendor's hand: their log says so, by the shop's name. */
static enum db_rc receipt_audit(struct db *db, const json_t *order, const json_t *line,
                                int64_t qty_milli)
{
    const struct actor there = { 0, row_int(order, "customer_account_id"), NULL };
    struct arena *a = db_arena(db);

    return audit_write(db, &there, "stock.received", row_text(line, "name"), NULL,
                       arena_printf(a, "+%s, %s #%lld",
                                    text_amount(a, qty_milli, row_text(line, "unit")),
                                    row_text(order, "trade_name"),
                                    (long long)row_int(order, "number")));
}

static enum db_rc line_deliver(struct db *db, const struct actor *actor,
                               const json_t *order, const struct delivery *d,
                               const json_t *line)
{
    int64_t qty = row_int(line, "accepted_milli"), left = row_int(line, "left_milli");
    struct stock_delivery out = { .order_id = row_int(order, "id"),
                                  .order_line_id = row_int(line, "id"),
                                  .sku_id = row_int(line, "sku_id"),
                                  .qty_milli = qty,
                                  .is_more_ok = d->oversell_confirmed };
    struct stock_copy in = { .from_account_id = actor->account_id,
                             .to_account_id = row_int(order, "customer_account_id"),
                             .sku_id = out.sku_id,
                             .name = row_text(line, "name"),
                             .order_id = out.order_id,
                             .order_line_id = out.order_line_id,
                             .qty_milli = qty };
    enum db_rc rc;

    if (left < qty && !d->oversell_confirmed)
        return order_refuse_short(db, "oversell", "refusal.short_deliver", line, left);
    in.cost_paise = (row_int(line, "total_paise") * 1000 + qty / 2) / qty;
    rc = stock_deliver_out(db, actor, &out, NULL);
    if (rc == DB_OK)
        rc = stock_copy_in(db, &in, NULL, NULL);
    if (rc == DB_OK)
        rc = receipt_audit(db, order, line, qty);
    if (rc == DB_OK)
        rc = db_exec(
            db, "UPDATE order_line SET delivered_milli = accepted_milli WHERE id = ?1",
            DB_ARGS(DB_INT(out.order_line_id)));
    return rc;
}

static enum db_rc goods_deliver(struct db *db, const struct actor *actor,
                                const json_t *order, const struct delivery *d)
{
    json_t *lines, *line;
    enum db_rc rc;
    size_t i;

    order_release(db, row_int(order, "id"));
    rc = db_rows(
        db,
        "SELECT i.id AS id, i.sku_id AS sku_id, i.name AS name, i.variant AS variant,"
        " i.unit AS unit, i.accepted_milli AS accepted_milli,"
        " i.total_paise AS total_paise,"
        " s.on_hand_milli - s.reserved_milli AS left_milli FROM order_line i"
        " JOIN sku s ON s.id = i.sku_id WHERE i.order_id = ?1"
        " AND i.accepted_milli > 0 ORDER BY i.id",
        DB_ARGS(DB_INT(row_int(order, "id"))), &lines);
    json_array_foreach(lines, i, line) if (rc == DB_OK)
        rc = line_deliver(db, actor, order, d, line);
    return rc;
}

/* --- the whole --- */

static enum db_rc books_write(struct db *db, const struct actor *actor,
                              const json_t *order, const struct delivery *d)
{
    int64_t id = row_int(order, "id"), total = row_int(order, "total_paise");
    int64_t rest = rest_of(order), upi = total - rest, cash, document_id;
    bool no_code = !d->code || !*d->code;
    const char *after = text_rupees(db_arena(db), total, false);

    cash = d->is_upi ? 0 : d->is_cash_in ? rest : d->part_paise;
    db_exec(db, "UPDATE orders SET state = 'delivered', closed_ms = ?2 WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_INT(clock_ms())));
    ledger_sale(db, actor, row_int(order, "party_id"), id, total, upi, cash);
    if (document_issue(db, id, upi + cash, &document_id) != DB_OK)
        return DB_ERR;
    order_moved(db, actor, ORDER_VENDOR, order, "delivered", no_code ? d->reason : NULL);
    if (cash > 0)
        order_event(db, actor, ORDER_VENDOR, id, "cash",
                    text_rupees(db_arena(db), cash, false));
    if (rest > cash)
        order_event(db, actor, ORDER_VENDOR, id, "owed",
                    text_rupees(db_arena(db), rest - cash, false));
    return no_code ? order_audit(db, actor, "order.delivered_no_code", order, d->reason,
                                 after)
                   : order_audit(db, actor, "order.delivered", order, NULL, after);
}

enum db_rc order_deliver(struct db *db, const struct actor *actor, int64_t order_id,
                         const struct delivery *delivery)
{
    struct delivery d = *delivery;
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_VENDOR, actor, order_id, ORDER_DELIVER, &order);
    if (rc == DB_OK && code_is_locked(order))
        d.code = NULL; /* right or wrong, it counts no more */
    if (rc == DB_OK)
        rc = payment_check(db, order, &d);
    if (rc == DB_OK)
        rc = code_check(db, order, &d);
    if (rc != DB_OK)
        return db_end(db, rc);
    if (d.code && *d.code && !code_is_right(db_arena(db), order, &d))
        return code_wrong(db, actor, order);
    rc = upi_settle(db, actor, &d, &order);
    if (rc == DB_OK)
        rc = goods_deliver(db, actor, order, &d);
    if (rc == DB_OK)
        rc = books_write(db, actor, order, &d);
    return db_end(db, rc);
}
