/* Placing: the lines of the cart are read under the writer as the cart's page reads them,
 * checked, copied into an order, and taken out of the cart, all in one part of the
 * transaction for each vendor; a part that is refused leaves nothing behind. */
#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "ledger.h"
#include "order_internal.h"
#include "requirement.h"

#include <sodium.h>

enum { NONCE_BYTES = 16, ADDRESS_CHARS = 500, NOTE_CHARS_MAX = 500 };

struct buyer {
    const char *name, *mobile;
};

/* One vendor's part while it is being placed. */
struct part {
    const struct placing *p;
    json_t *rows;         /* the lines of the cart that are ordered */
    const json_t *vendor; /* the first of them: all carry the vendor's columns */
    int64_t charge_paise, total_paise;
    bool is_doorstep, is_priced;
};

/* --- checks --- */

static bool is_chosen(const struct placing *p, const json_t *row)
{
    for (size_t i = 0; i < p->requirement_count; i++)
        if (p->requirement_ids[i] == row_int(row, "id"))
            return !p->shown_milli || p->shown_milli[i] == row_int(row, "qty_milli");
    return !p->requirement_ids;
}

static enum db_rc part_rows(struct db *db, const struct actor *actor, struct part *part)
{
    struct cart_owner owner = { .account_id = actor->account_id,
                                .user_id = actor->user_id };
    json_t *all, *row;
    enum db_rc rc;
    size_t i;

    part->rows = json_array();
    rc = requirement_rows(db, &owner, part->p->vendor_account_id, &all);
    if (rc != DB_OK)
        return rc;
    json_array_foreach(all, i, row) if (is_chosen(part->p, row))
        json_array_append(part->rows, row);
    part->vendor = json_array_get(part->rows, 0);
    if (part->p->requirement_ids &&
        json_array_size(part->rows) != part->p->requirement_count)
        return db_refuse(db, 409, NULL, "refusal.cart_changed", NULL);
    return part->vendor ? DB_OK : db_refuse(db, 409, NULL, "refusal.cart_empty", NULL);
}

static enum db_rc line_check(struct db *db, const json_t *row)
{
    const char *problem = row_text(row, "problem");

    if (strcmp(problem, "vendor_off") == 0)
        return db_refuse(db, 409, NULL, "refusal.vendor_off",
                         json_pack("{s:s}", "vendor", row_text(row, "trade_name")));
    if (strcmp(problem, "own") == 0)
        return db_refuse(db, 409, NULL, "refusal.own_goods", NULL);
    if (strcmp(problem, "off_sale") == 0)
        return db_refuse(db, 409, NULL, "refusal.line_off_sale",
                         json_pack("{s:s}", "product", row_text(row, "name")));
    if (*problem)
        return order_refuse_short(
            db, NULL, strcmp(problem, "gone") == 0 ? "refusal.gone" : "refusal.short",
            row, row_int(row, "available_milli"));
    /* The unit may have lost decimals since the line was put into the cart. */
    return qty_fit_check(db, 409, NULL, row_int(row, "qty_milli"), row);
}

static enum db_rc wishes_check(struct db *db, struct part *part)
{
    const struct placing *p = part->p;
    const char *state = p->buyer_state_code;

    part->is_doorstep = strcmp(p->fulfil, "doorstep") == 0;
    if (!part->is_doorstep && strcmp(p->fulfil, "pickup") != 0)
        return db_refuse(db, 422, "fulfil", "refusal.fulfil", NULL);
    if (part->is_doorstep && !row_true(part->vendor, "is_doorstep"))
        return db_refuse(
            db, 422, "fulfil", "refusal.no_doorstep",
            json_pack("{s:s}", "vendor", row_text(part->vendor, "trade_name")));
    if (part->is_doorstep && (!p->address || !*p->address))
        return db_refuse(db, 422, "address", "refusal.address_needed", NULL);
    if (p->address && text_chars(p->address) > ADDRESS_CHARS)
        return db_refuse(db, 422, "address", "refusal.address_long", NULL);
    if (p->note && text_chars(p->note) > NOTE_CHARS_MAX)
        return db_refuse(db, 422, "note", "refusal.note_long", NULL);
    if (state && *state && !gst_state_known(state))
        return db_refuse(db, 422, "state", "refusal.state_choose", NULL);
    return DB_OK;
}

static enum db_rc part_sum(struct db *db, struct part *part)
{
    struct amounts sum;
    json_t *row;
    size_t i;

    if (part->is_doorstep)
        part->charge_paise = row_int(part->vendor, "doorstep_paise");
    part->total_paise = part->charge_paise;
    part->is_priced = true;
    json_array_foreach(part->rows, i, row)
    {
        if (row_true(row, "is_ask"))
            part->is_priced = false;
        else if (!requirement_amounts(row, part->p->buyer_state_code, &sum))
            return db_refuse(db, 422, NULL, "refusal.too_much", NULL);
        else
            part->total_paise += sum.total_paise;
    }
    if (part->total_paise > PRICE_TOTAL_MAX)
        return db_refuse(db, 422, NULL, "refusal.too_much", NULL);
    if (part->p->expected_total_paise >= 0 &&
        part->p->expected_total_paise != part->total_paise)
        return db_refuse(
            db, 409, NULL, "refusal.price_changed",
            json_pack("{s:I}", "total_paise", (json_int_t)part->total_paise));
    return DB_OK;
}

/* --- writing --- */

static enum db_rc head_write(struct db *db, const struct actor *actor,
                             const struct buyer *buyer, const struct part *part,
                             int64_t *order_id)
{
    const struct placing *p = part->p;
    const char *state = p->buyer_state_code && *p->buyer_state_code ? p->buyer_state_code
                                                                    : NULL;
    unsigned char nonce[NONCE_BYTES];
    int64_t party_id = 0, number;

    randombytes_buf(nonce, sizeof nonce);
    ledger_party_of(db, p->vendor_account_id, actor->account_id, buyer->name,
                    buyer->mobile, &party_id);
    number = 1 + db_number(db,
                           "SELECT max(number) FROM orders WHERE vendor_account_id = ?1",
                           DB_ARGS(DB_INT(p->vendor_account_id)));
    return db_insert(
        db,
        "INSERT INTO orders(number, vendor_account_id, customer_account_id, "
        "customer_user_id,"
        " party_id, customer_name, mobile, fulfil, address, buyer_state_code, note,"
        " stock_rule, charge_paise, total_paise, is_priced, gst_status, code_nonce, "
        "placed_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "?17,"
        " ?18)",
        DB_ARGS(DB_INT(number), DB_INT(p->vendor_account_id), DB_INT(actor->account_id),
                DB_INT(actor->user_id), DB_INT(party_id), DB_TEXT(buyer->name),
                DB_TEXT(buyer->mobile), DB_TEXT(p->fulfil),
                DB_TEXT(p->address ? p->address : ""), DB_TEXT(state),
                DB_TEXT(p->note ? p->note : ""),
                DB_TEXT(row_text(part->vendor, "stock_rule")), DB_INT(part->charge_paise),
                DB_INT(part->total_paise), DB_INT(part->is_priced),
                DB_TEXT(row_text(part->vendor, "gst_status")),
                DB_BLOB(nonce, sizeof nonce), DB_INT(clock_ms())),
        order_id);
}

static enum db_rc line_write(struct db *db, const struct part *part, int64_t order_id,
                             const json_t *row)
{
    bool ask = row_true(row, "is_ask");
    struct price price = row_price(row);
    struct amounts sum;
    int64_t line_id = 0;
    enum db_rc rc;

    requirement_amounts(row, part->p->buyer_state_code, &sum);
    rc = db_insert(
        db,
        "INSERT INTO order_line(order_id, listing_id, sku_id, name, variant, unit, "
        "decimals,"
        " hsn, gst_bp, is_inclusive, is_ask, price_paise, discount_paise, asked_milli,"
        " taxable_paise, cgst_paise, sgst_paise, igst_paise, total_paise) VALUES (?1, "
        "?2, ?3,"
        " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        DB_ARGS(DB_INT(order_id), DB_INT(row_int(row, "listing_id")),
                DB_INT(row_int(row, "sku_id")), DB_TEXT(row_text(row, "name")),
                DB_TEXT(row_text(row, "variant")), DB_TEXT(row_text(row, "unit")),
                DB_INT(row_int(row, "decimals")), DB_TEXT(row_text(row, "hsn")),
                DB_INT(price.gst_bp), DB_INT(price.is_inclusive), DB_INT(ask),
                ask ? DB_NULL : DB_INT(price.price_paise),
                DB_INT(ask ? 0 : price_discount(&price)),
                DB_INT(row_int(row, "qty_milli")),
                ask ? DB_NULL : DB_INT(sum.taxable_paise),
                ask ? DB_NULL : DB_INT(sum.cgst_paise),
                ask ? DB_NULL : DB_INT(sum.sgst_paise),
                ask ? DB_NULL : DB_INT(sum.igst_paise),
                ask ? DB_NULL : DB_INT(sum.total_paise)),
        &line_id);
    if (rc == DB_OK && strcmp(row_text(row, "stock_rule"), "reserve") == 0)
        rc = db_exec(db,
                     "INSERT INTO reservation(order_line_id, sku_id, qty_milli)"
                     " VALUES (?1, ?2, ?3)",
                     DB_ARGS(DB_INT(line_id), DB_INT(row_int(row, "sku_id")),
                             DB_INT(row_int(row, "qty_milli"))));
    return rc;
}

static enum db_rc part_write(struct db *db, const struct actor *actor,
                             const struct buyer *buyer, const struct part *part,
                             int64_t *order_id)
{
    enum db_rc rc = head_write(db, actor, buyer, part, order_id);
    json_t *row, *order;
    size_t i;

    if (rc != DB_OK)
        return rc;
    json_array_foreach(part->rows, i, row)
    {
        line_write(db, part, *order_id, row);
        db_exec(db, "DELETE FROM requirement WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(row_int(row, "id")), DB_INT(actor->account_id)));
    }
    rc = order_load(db, ORDER_CUSTOMER, actor->account_id, *order_id, &order);
    if (rc != DB_OK)
        return rc;
    order_audit(db, actor, "order.ordered", order, NULL,
                text_rupees(db_arena(db), part->total_paise, false));
    return order_moved(db, actor, ORDER_CUSTOMER, order, "ordered", part->p->note);
}

static enum db_rc part_place(struct db *db, const struct actor *actor,
                             const struct buyer *buyer, const struct placing *p,
                             int64_t *order_id)
{
    struct part part = { .p = p };
    json_t *row;
    size_t i;
    enum db_rc rc = part_rows(db, actor, &part);

    if (rc != DB_OK)
        return rc;
    json_array_foreach(part.rows, i,
                       row) if (line_check(db, row) != DB_OK) return DB_REFUSED;
    if (wishes_check(db, &part) != DB_OK || part_sum(db, &part) != DB_OK)
        return DB_REFUSED;
    return part_write(db, actor, buyer, &part, order_id);
}

/* --- the whole --- */

static enum db_rc buyer_find(struct db *db, const struct actor *actor, const char *mobile,
                             struct buyer *buyer)
{
    json_t *row;
    enum db_rc rc;

    rc = db_row(db,
                "SELECT a.name AS name, u.mobile AS mobile FROM account a, user u"
                " WHERE a.id = ?1 AND a.state = 'active' AND u.id = ?2",
                DB_ARGS(DB_INT(actor->account_id), DB_INT(actor->user_id)), &row);
    if (rc != DB_OK)
        return rc;
    buyer->name = row_text(row, "name");
    buyer->mobile = row_text(row, "mobile");
    if (mobile && *mobile)
        buyer->mobile = text_mobile(db_arena(db), mobile);
    return buyer->mobile ? DB_OK : db_refuse(db, 422, "mobile", "refusal.mobile", NULL);
}

/* Places one part; only a failure that is nobody's rule spoils the whole. What is `alone`
 * needs no undoing of its own: the transaction has that. */
static enum db_rc part_try(struct db *db, const struct actor *actor,
                           const struct buyer *buyer, const struct placing *p, bool alone,
                           struct placed *placed)
{
    enum db_rc rc;

    *placed = (struct placed) { 0 };
    if (!alone)
        db_try(db);
    rc = part_place(db, actor, buyer, p, &placed->order_id);
    if (!alone)
        rc = db_try_end(db, rc);
    if (rc == DB_OK)
        return DB_OK;
    placed->order_id = 0;
    if (rc == DB_REFUSED)
        placed->refusal = *db_refusal(db);
    return rc;
}

/* All of it, as one transaction. */
struct whole {
    const struct actor *actor;
    const char *mobile;
    const struct placing *parts;
    size_t count;
    struct placed *placed;
};

static enum db_rc whole_place(struct db *db, void *arg)
{
    const struct whole *w = arg;
    struct buyer buyer;
    int64_t first = 0;
    enum db_rc rc = buyer_find(db, w->actor, w->mobile, &buyer);

    if (rc == DB_OK && (w->count == 0 || w->count > PLACING_MAX))
        rc = db_refuse(db, 422, NULL, "refusal.cart_empty", NULL);
    for (size_t i = 0; i < w->count && rc == DB_OK; i++) {
        rc = part_try(db, w->actor, &buyer, &w->parts[i], w->count == 1,
                      &w->placed[i]);
        if (rc == DB_REFUSED)
            rc = DB_OK;
        if (!first)
            first = w->placed[i].order_id;
    }
    if (rc == DB_OK && !first)
        rc = db_refuse(db, w->placed[0].refusal.status, w->placed[0].refusal.field,
                       w->placed[0].refusal.key, w->placed[0].refusal.args);
    db_made(db, first);
    return rc;
}

enum db_rc order_place(struct db *db, const struct actor *actor, const char *mobile,
                       const struct placing *parts, size_t count, struct placed *placed)
{
    struct whole w = { actor, mobile, parts, count, placed };

    return db_run(db, whole_place, &w);
}
