/* The vendor's answer: how much of each line, at which price where it was asked for. The
 * amounts are computed anew from what is accepted. */
#include "db/base/clock.h"
#include "db/base/text.h"
#include "order_internal.h"

/* What was answered for the whole order, line by line. */
struct answer {
    const struct order_answer *lines;
    size_t count;
    enum price_tax tax;
    const char *rule; /* of stock */
    int64_t total_paise;
    bool is_partial, is_any; /* less than asked; something at all */
};

static enum db_rc answers_check(struct db *db, const struct answer *answer,
                                const json_t *rows)
{
    const json_t *row;
    size_t i;

    for (size_t k = 0; k < answer->count; k++) {
        bool known = false;

        json_array_foreach(rows, i, row)
            known = known || row_int(row, "id") == answer->lines[k].line_id;
        if (!known)
            return db_refuse(db, 422, NULL, "refusal.order_line", NULL);
    }
    return DB_OK;
}

static struct order_answer answer_for(const struct answer *answer, const json_t *row)
{
    struct order_answer all = { .line_id = row_int(row, "id"),
                                .accepted_milli = row_int(row, "asked_milli"),
                                .price_paise = -1 };

    for (size_t k = 0; k < answer->count; k++)
        if (answer->lines[k].line_id == all.line_id)
            return answer->lines[k];
    return all;
}

static const char *field_of(struct db *db, const char *name, const json_t *row)
{
    return arena_printf(db_arena(db), "%s_%lld", name, (long long)row_int(row, "id"));
}

static enum db_rc line_check(struct db *db, const json_t *row,
                             const struct order_answer *a)
{
    const char *qty = field_of(db, "qty", row);

    if (a->accepted_milli < 0 || a->accepted_milli > row_int(row, "asked_milli"))
        return db_refuse(db, 422, qty,
                         a->accepted_milli < 0 ? "refusal.accept_below" : "refusal.accept_more",
                         json_pack("{s:O, s:O}", "asked_milli",
                                   json_object_get(row, "asked_milli"), "unit",
                                   json_object_get(row, "unit")));
    if (qty_fit_check(db, 422, qty, a->accepted_milli, row) != DB_OK)
        return DB_REFUSED;
    if (row_true(row, "is_ask") && a->accepted_milli > 0 &&
        (a->price_paise < 0 || a->price_paise > PRICE_MAX))
        return db_refuse(db, 422, field_of(db, "price", row), "refusal.price_needed",
                         json_pack("{s:s}", "product", row_text(row, "name")));
    return DB_OK;
}

/* Keeps exactly what is accepted reserved; under 'any' nothing is. */
static enum db_rc line_reserve(struct db *db, const struct answer *answer,
                               const json_t *row, int64_t accepted_milli)
{
    struct db_args args = DB_ARGS(DB_INT(row_int(row, "id")), DB_INT(accepted_milli));
    int64_t left;

    if (strcmp(answer->rule, "any") == 0)
        return DB_OK;
    if (strcmp(answer->rule, "reserve") == 0) {
        if (accepted_milli > 0)
            return db_exec(
                db, "UPDATE reservation SET qty_milli = ?2 WHERE order_line_id = ?1",
                args);
        return db_exec(db, "DELETE FROM reservation WHERE order_line_id = ?1",
                       DB_ARGS(DB_INT(row_int(row, "id"))));
    }
    if (accepted_milli == 0)
        return DB_OK;
    left = db_number(db, "SELECT on_hand_milli - reserved_milli FROM sku WHERE id = ?1",
                     DB_ARGS(DB_INT(row_int(row, "sku_id"))));
    if (left < accepted_milli)
        return order_refuse_short(db, field_of(db, "qty", row), "refusal.short_accept",
                                  row, left);
    return db_exec(db,
                   "INSERT INTO reservation(order_line_id, sku_id, qty_milli)"
                   " SELECT id, sku_id, ?2 FROM order_line WHERE id = ?1",
                   args);
}

static enum db_rc line_accept(struct db *db, struct answer *answer, const json_t *row)
{
    struct order_answer a = answer_for(answer, row);
    bool named = row_true(row, "is_ask") && a.accepted_milli > 0;
    struct price price = row_price(row);
    struct amounts sum;

    if (line_check(db, row, &a) != DB_OK)
        return DB_REFUSED;
    if (named)
        price.price_paise = a.price_paise;
    if (!price_line(&price, a.accepted_milli, answer->tax, &sum))
        return db_refuse(db, 422, NULL, "refusal.too_much", NULL);
    answer->total_paise += sum.total_paise;
    answer->is_any = answer->is_any || a.accepted_milli > 0;
    answer->is_partial = answer->is_partial ||
                         a.accepted_milli < row_int(row, "asked_milli");
    db_exec(db,
            "UPDATE order_line SET accepted_milli = ?2, price_paise = coalesce(?3, "
            "price_paise),"
            " taxable_paise = ?4, cgst_paise = ?5, sgst_paise = ?6, igst_paise = ?7,"
            " total_paise = ?8 WHERE id = ?1",
            DB_ARGS(DB_INT(a.line_id), DB_INT(a.accepted_milli),
                    named ? DB_INT(a.price_paise) : DB_NULL, DB_INT(sum.taxable_paise),
                    DB_INT(sum.cgst_paise), DB_INT(sum.sgst_paise),
                    DB_INT(sum.igst_paise), DB_INT(sum.total_paise)));
    return line_reserve(db, answer, row, a.accepted_milli);
}

static enum db_rc lines_accept(struct db *db, const json_t *order, struct answer *answer)
{
    json_t *rows, *row;
    enum db_rc rc;
    size_t i;

    rc = db_rows(db,
                 "SELECT id, sku_id, name, variant, unit, decimals, gst_bp, is_inclusive,"
                 " is_ask, price_paise, discount_paise, asked_milli FROM order_line"
                 " WHERE order_id = ?1 ORDER BY id",
                 DB_ARGS(DB_INT(row_int(order, "id"))), &rows);
    if (rc == DB_OK)
        rc = answers_check(db, answer, rows);
    json_array_foreach(rows, i, row) if (rc == DB_OK) rc = line_accept(db, answer, row);
    if (rc == DB_OK && !answer->is_any)
        rc = db_refuse(db, 422, NULL, "refusal.accept_none", NULL);
    if (rc == DB_OK && answer->total_paise > PRICE_TOTAL_MAX)
        rc = db_refuse(db, 422, NULL, "refusal.too_much", NULL);
    return rc;
}

static enum db_rc head_accept(struct db *db, const struct actor *actor,
                              const json_t *order, const struct answer *answer)
{
    int64_t id = row_int(order, "id");
    struct arena *a = db_arena(db);
    const char *kind = answer->is_partial ? "partial" : "accepted";

    db_exec(db,
            "UPDATE orders SET state = 'accepted', is_partial = ?2, is_priced = 1,"
            " total_paise = ?3, gst_status = ?4, accepted_ms = ?5, seller_state_code = ?6,"
            " seller_gstin = (SELECT gstin FROM vendor WHERE account_id = vendor_account_id)"
            " WHERE id = ?1",
            DB_ARGS(DB_INT(id), DB_INT(answer->is_partial), DB_INT(answer->total_paise),
                    DB_TEXT(row_text(order, "gst_status")), DB_INT(clock_ms()),
                    DB_TEXT(row_text(order, "state_code"))));
    order_moved(db, actor, ORDER_VENDOR, order, kind, NULL);
    return order_audit(db, actor, arena_printf(a, "order.%s", kind), order,
                       text_rupees(a, row_int(order, "total_paise"), false),
                       text_rupees(a, answer->total_paise, false));
}

enum db_rc order_accept(struct db *db, const struct actor *actor, int64_t order_id,
                        const struct order_answer *answers, size_t count)
{
    struct answer answer = { .lines = answers, .count = count };
    json_t *order;
    enum db_rc rc;

    db_begin(db);
    rc = order_load_for(db, ORDER_VENDOR, actor, order_id, ORDER_ACCEPT, &order);
    if (rc != DB_OK)
        return db_end(db, rc);
    answer.tax = price_tax_for(row_text(order, "gst_status"),
                               row_text(order, "state_code"),
                               row_text(order, "buyer_state_code"));
    answer.rule = row_text(order, "stock_rule");
    answer.total_paise = row_int(order, "charge_paise");
    rc = lines_accept(db, order, &answer);
    if (rc == DB_OK)
        rc = head_accept(db, actor, order, &answer);
    return db_end(db, rc);
}
