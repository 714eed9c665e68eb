/* The lists of both sides and one order with all that belongs to it. Each list is one
 * statement, chosen by side and group so that each walks an index of its own. */
#include "db/base/text.h"
#include "ledger.h"
#include "match.h"
#include "order_internal.h"
#include "requirement.h"

/* --- lists --- */

#define LIST(party, who, states)                                                         \
    "SELECT o.id AS id, o.number AS number, o.state AS state, " party                    \
    " AS party, o.fulfil AS fulfil, o.total_paise AS total_paise,"                       \
    " o.is_priced AS is_priced, o.is_partial AS is_partial,"                             \
    " o.upi_claimed_ms IS NOT NULL AS is_claimed, o.paid_upi_paise AS paid_paise,"       \
    " (SELECT count(*) FROM order_line i WHERE i.order_id = o.id) AS line_count,"        \
    " (" ORDER_GOODS_SQL("o.id", "4") ") AS goods,"                                      \
    " o.placed_ms AS placed_ms FROM orders o"                                            \
    " JOIN vendor n ON n.account_id = o.vendor_account_id WHERE o." who " = ?1" states   \
    " AND o.id < ?2 AND (?3 IS NULL OR o.number = ?4 OR EXISTS (SELECT 1"                \
    " FROM order_line i WHERE i.order_id = o.id AND i.name LIKE ?3 ESCAPE '\\')"

#define VENDOR_LIST(states)                                                              \
    LIST("o.mobile AS mobile, o.customer_name", "vendor_account_id", states)             \
    " OR o.customer_name LIKE ?3 ESCAPE '\\'"                                            \
    " OR (?6 <> '' AND instr(o.mobile, ?6) > 0))"                                        \
    " ORDER BY o.id DESC LIMIT ?5"
#define CUSTOMER_LIST(states)                                                            \
    LIST("n.handle AS handle, n.trade_name", "customer_account_id", states)              \
    " OR n.trade_name LIKE ?3 ESCAPE '\\'"                                              \
    " OR (?6 <> '' AND instr(n.mobile, ?6) > 0)) ORDER BY o.id DESC LIMIT ?5"

#define ACTIVE_SQL " AND o.state IN ('ordered', 'accepted')"
#define COMPLETED_SQL " AND o.state = 'delivered'"
#define CANCELLED_SQL " AND o.state IN ('declined', 'cancelled')"

static const char *const lists[ORDER_SIDES][ORDER_ALL + 1] = {
    [ORDER_VENDOR] = { VENDOR_LIST(ACTIVE_SQL), VENDOR_LIST(COMPLETED_SQL),
                       VENDOR_LIST(CANCELLED_SQL), VENDOR_LIST("") },
    [ORDER_CUSTOMER] = { CUSTOMER_LIST(ACTIVE_SQL), CUSTOMER_LIST(COMPLETED_SQL),
                         CUSTOMER_LIST(CANCELLED_SQL), CUSTOMER_LIST("") },
};

/* "17" or "#17"; -1: no number. */
static int64_t number_of(const char *q)
{
    int64_t n;

    if (q && *q == '#')
        q++;
    return q && *q && text_number(q, 0, 0, &n) ? n : -1;
}

enum db_rc order_list(struct db *db, enum order_side side, int64_t account_id,
                      enum order_group group, const char *q, int64_t before_id, int limit,
                      json_t **rows)
{
    return db_rows(db, lists[side][group],
                   DB_ARGS(DB_INT(account_id), DB_INT(page_before(before_id)),
                           DB_TEXT(like_part(db_arena(db), q)), DB_INT(number_of(q)),
                           DB_INT(limit),
                           DB_TEXT(match_digits(db_arena(db), q ? q : ""))),
                   rows);
}

#define COUNTS(who)                                                                      \
    "SELECT ifnull(sum(state IN ('ordered', 'accepted')), 0) AS active,"                 \
    " ifnull(sum(state = 'delivered'), 0) AS completed,"                                 \
    " ifnull(sum(state IN ('declined', 'cancelled')), 0) AS cancelled, count(*) AS "     \
    "\"all\""                                                                            \
    " FROM orders WHERE " who " = ?1"

enum db_rc order_counts(struct db *db, enum order_side side, int64_t account_id,
                        json_t **counts)
{
    return db_row(db,
                  side == ORDER_VENDOR ? COUNTS("vendor_account_id")
                                       : COUNTS("customer_account_id"),
                  DB_ARGS(DB_INT(account_id)), counts);
}

enum db_rc order_waiting(struct db *db, int64_t vendor_account_id, int64_t *count)
{
    return db_int(db,
                  "SELECT count(*) FROM orders WHERE vendor_account_id = ?1"
                  " AND state = 'ordered'",
                  DB_ARGS(DB_INT(vendor_account_id)), count);
}

enum db_rc order_newest(struct db *db, int64_t vendor_account_id, int64_t *id)
{
    return db_int(db,
                  "SELECT ifnull(max(id), 0) FROM orders WHERE vendor_account_id = ?1",
                  DB_ARGS(DB_INT(vendor_account_id)), id);
}

enum db_rc order_newer(struct db *db, int64_t vendor_account_id, int64_t after_id,
                       int64_t *count)
{
    return db_int(db,
                  "SELECT count(*) FROM orders WHERE vendor_account_id = ?1"
                  " AND state = 'ordered' AND id > ?2",
                  DB_ARGS(DB_INT(vendor_account_id), DB_INT(after_id)), count);
}

/* --- one order --- */

#define ONE(who)                                                                         \
    "SELECT o.id AS id, o.number AS number, o.state AS state, o.kind AS kind,"           \
    " o.customer_name AS customer_name, o.mobile AS mobile, n.trade_name AS "            \
    "vendor_name,"                                                                       \
    " n.handle AS handle, n.mobile AS vendor_mobile, n.upi AS upi,"                      \
    " n.address AS vendor_address, o.vendor_account_id AS vendor_account_id,"            \
    " o.customer_account_id AS customer_account_id, o.party_id AS party_id,"             \
    " o.fulfil AS fulfil, o.address AS address, o.buyer_state_code AS buyer_state_code," \
    " o.note AS note, o.stock_rule AS stock_rule, o.charge_paise AS charge_paise,"       \
    " o.total_paise AS total_paise, o.is_priced AS is_priced, o.is_partial AS "          \
    "is_partial,"                                                                        \
    " o.upi_claimed_ms IS NOT NULL AS is_claimed, o.paid_upi_paise AS paid_paise,"       \
    " o.refunded_paise AS refunded_paise, o.reason AS reason, o.placed_ms AS placed_ms," \
    " o.accepted_ms AS accepted_ms, o.closed_ms AS closed_ms,"                           \
    " o.code_tries >= 5 AS is_locked, " LEDGER_ORDER_OWED_SQL " AS owed_paise"           \
    " FROM orders o"                                                                     \
    " JOIN vendor n ON n.account_id = o.vendor_account_id WHERE o.id = ?1 AND o." who    \
    " = ?2"

static void order_flags(json_t *order, enum order_side side)
{
    static const char *const names[ORDER_ACTIONS] = {
        [ORDER_ACCEPT] = "can_accept", [ORDER_DECLINE] = "can_decline",
        [ORDER_CANCEL] = "can_cancel", [ORDER_DELIVER] = "can_deliver",
        [ORDER_CLAIM] = "can_claim",   [ORDER_CONFIRM] = "can_confirm",
        [ORDER_DENY] = "can_deny",     [ORDER_REFUND] = "can_refund",
        [ORDER_UNCLAIM] = "can_unclaim",
    };
    struct order_facts facts = order_facts(order);
    const char *why;

    for (enum order_action action = 0; action < ORDER_ACTIONS; action++)
        json_object_set_new(order, names[action],
                            json_boolean(!order_may(side, &facts, action)));
    why = order_may(side, &facts, ORDER_CANCEL);
    json_object_set_new(order, "cancel_why", why ? json_string(why) : json_null());
}

static void order_sums(json_t *order)
{
    int64_t total = row_int(order, "total_paise"), paid = row_int(order, "paid_paise");
    struct order_facts facts = order_facts(order);
    bool open = facts.state == ORDER_ORDERED || facts.state == ORDER_ACCEPTED;
    bool back = facts.state == ORDER_DECLINED || facts.state == ORDER_CANCELLED;

    json_object_set_new(order, "due_paise",
                        json_integer(open && total > paid ? total - paid : 0));
    json_object_set_new(order, "refund_due_paise",
                        json_integer(back ? paid - row_int(order, "refunded_paise") : 0));
}

static enum db_rc lines_of(struct db *db, enum order_side side, int64_t order_id,
                           json_t **rows)
{
    json_t *row;
    size_t i;
    enum db_rc rc;

    rc = db_rows(
        db,
        "SELECT i.id AS id, i.listing_id AS listing_id, i.sku_id AS sku_id,"
        " i.name AS name, i.variant AS variant, i.unit AS unit,"
        " i.decimals AS decimals, i.hsn AS hsn, i.gst_bp AS gst_bp,"
        " i.is_inclusive AS is_inclusive, i.is_ask AS is_ask,"
        " i.price_paise AS price_paise, i.discount_paise AS discount_paise,"
        " i.asked_milli AS asked_milli, i.accepted_milli AS accepted_milli,"
        " i.delivered_milli AS delivered_milli, i.taxable_paise AS taxable_paise,"
        " i.cgst_paise AS cgst_paise, i.sgst_paise AS sgst_paise,"
        " i.igst_paise AS igst_paise, i.total_paise AS total_paise,"
        " s.on_hand_milli - s.reserved_milli + ifnull(r.qty_milli, 0) AS left_milli"
        " FROM order_line i JOIN sku s ON s.id = i.sku_id"
        " LEFT JOIN reservation r ON r.order_line_id = i.id"
        " WHERE i.order_id = ?1 ORDER BY i.id",
        DB_ARGS(DB_INT(order_id)), rows);
    json_array_foreach(*rows, i, row) if (side == ORDER_CUSTOMER)
        json_object_del(row, "left_milli");
    return rc;
}

static enum db_rc events_of(struct db *db, enum order_side side, int64_t order_id,
                            json_t **rows)
{
    return db_rows(
        db,
        "SELECT e.kind AS kind, e.by AS \"by\", CASE e.by WHEN ?2"
        " THEN ifnull(u.name, '') ELSE '' END AS user_name, e.note AS note,"
        " e.at_ms AS at_ms FROM order_event e LEFT JOIN user u ON u.id = e.user_id"
        " WHERE e.order_id = ?1 ORDER BY e.id",
        DB_ARGS(DB_INT(order_id), DB_TEXT(side == ORDER_VENDOR ? "vendor" : "customer")),
        rows);
}

enum db_rc order_find(struct db *db, enum order_side side, int64_t account_id,
                      int64_t order_id, json_t **order)
{
    json_t *lines, *events, *documents;
    enum db_rc rc;

    rc = db_row(
        db, side == ORDER_VENDOR ? ONE("vendor_account_id") : ONE("customer_account_id"),
        DB_ARGS(DB_INT(order_id), DB_INT(account_id)), order);
    if (rc == DB_OK)
        rc = lines_of(db, side, order_id, &lines);
    if (rc == DB_OK)
        rc = events_of(db, side, order_id, &events);
    if (rc == DB_OK)
        rc = db_rows(
            db,
            "SELECT id, kind, number, issued_ms FROM document WHERE order_id = ?1"
            " ORDER BY id",
            DB_ARGS(DB_INT(order_id)), &documents);
    if (rc != DB_OK)
        return rc;
    order_flags(*order, side);
    order_sums(*order);
    json_object_set(*order, "lines", lines);
    json_object_set(*order, "events", events);
    json_object_set(*order, "documents", documents);
    return DB_OK;
}

/* --- order again --- */

enum db_rc order_again(struct db *db, const struct actor *actor, int64_t order_id,
                       int *added)
{
    struct cart_owner owner = { .account_id = actor->account_id,
                                .user_id = actor->user_id };
    json_t *order, *lines, *line;
    enum db_rc rc;
    size_t i;

    *added = 0;
    db_begin(db);
    rc = order_load(db, ORDER_CUSTOMER, actor->account_id, order_id, &order);
    if (rc == DB_OK)
        rc = lines_of(db, ORDER_CUSTOMER, order_id, &lines);
    if (rc != DB_OK)
        return db_end(db, rc);
    json_array_foreach(lines, i, line)
    {
        db_try(db);
        rc = requirement_add(db, &owner, row_int(line, "listing_id"),
                             row_int(line, "asked_milli"), 0, NULL, NULL);
        if (db_try_end(db, rc) == DB_OK)
            ++*added;
    }
    if (*added == 0)
        rc = db_refuse(db, 409, NULL, "refusal.again_none", NULL);
    else
        rc = DB_OK;
    db_made(db, order_id);
    return db_end(db, rc);
}
