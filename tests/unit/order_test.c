#include "selling.h"

#include "db/document.h"
#include "db/ledger.h"

/* --- placing --- */

static void one_order_a_vendor(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 9000),
                        10000);
    int64_t tea = sell(w->db, &w->rival, sku_new(w->db, &w->rival, "Tea", "kg", 0),
                       20000);
    struct placing parts[2] = {
        { .vendor_account_id = w->seller.account_id,
          .fulfil = "doorstep",
          .address = "5 Lake Road, Bengaluru 560001",
          .buyer_state_code = "29",
          .expected_total_paise = 25000 + 4000 },
        { .vendor_account_id = w->rival.account_id,
          .fulfil = "pickup",
          .note = "Friday",
          .expected_total_paise = -1 },
    };
    struct placed placed[2];
    json_t *order, *line;

    want(w->db, &w->buyer, rice, 2500);
    want(w->db, &w->buyer, tea, 1000);
    assert_int_equal(order_place(w->db, &w->buyer, NULL, parts, 2, placed), DB_OK);
    assert_true(placed[0].order_id > 0 && placed[1].order_id > 0);
    order = order_seen(w->db, ORDER_VENDOR, &w->seller, placed[0].order_id);
    assert_int_equal(get(order, "number"), 1);
    assert_int_equal(get(order, "total_paise"), 29000);
    assert_int_equal(get(order, "charge_paise"), 4000);
    line = json_array_get(json_object_get(order, "lines"), 0);
    assert_int_equal(get(line, "igst_paise"), 3814);
    assert_int_equal(get(line, "cgst_paise"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM party"), 2);
    assert_int_equal(number(w->db, "SELECT count(*) FROM notification WHERE key ="
                                   " 'notify.order_ordered'"),
                     2);
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Rice'"),
                     2500);
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Tea'"),
                     0);
    assert_adds_up(w);
}

static void what_cannot_be_placed_stays(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 1000),
                        10000);
    int64_t dal = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Dal", "kg", 9000),
                       10000);
    int64_t tea = sell(w->db, &w->rival, sku_new(w->db, &w->rival, "Tea", "kg", 0),
                       20000);
    struct placing parts[2] = {
        { .vendor_account_id = w->seller.account_id,
          .fulfil = "pickup",
          .expected_total_paise = -1 },
        { .vendor_account_id = w->rival.account_id,
          .fulfil = "pickup",
          .expected_total_paise = -1 },
    };
    struct placed placed[2];

    want(w->db, &w->buyer, dal, 1000);
    want(w->db, &w->buyer, rice, 1001);
    want(w->db, &w->buyer, tea, 1000);
    assert_int_equal(order_place(w->db, &w->buyer, NULL, parts, 2, placed), DB_OK);
    assert_int_equal(placed[0].order_id, 0);
    assert_string_equal(placed[0].refusal.key, "refusal.short");
    assert_string_equal(text(placed[0].refusal.args, "product"), "Rice");
    assert_int_equal(get(placed[0].refusal.args, "left_milli"), 1000);
    assert_true(placed[1].order_id > 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM orders"), 1);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), 2);
    assert_int_equal(number(w->db, "SELECT sum(reserved_milli) FROM sku"), 0);
    assert_refused(w->db, order_place(w->db, &w->buyer, NULL, parts, 1, placed),
                   "refusal.short");
}

/* The unit lost decimals, which no booking of stock had needed. */
static void placing_asks_the_unit_again(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 9000),
                        10000);
    struct cart_owner owner = cart_of(&w->buyer);
    int64_t id, line = want(w->db, &w->buyer, rice, 2500);

    run(w->db, "UPDATE unit SET decimals = 0 WHERE name = 'kg'");
    assert_refused(w->db, place(w->db, &w->buyer, &w->seller, &id), "refusal.qty_whole");
    assert_int_equal(number(w->db, "SELECT count(*) FROM orders"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), 1);
    assert_int_equal(requirement_set(w->db, &owner, line, 3000, 0, NULL), DB_OK);
    assert_int_equal(place(w->db, &w->buyer, &w->seller, &id), DB_OK);
}

static void placing_is_checked(void **state)
{
    struct world *w = *state;
    int64_t sku = sku_new(w->db, &w->seller, "Rice", "kg", 9000);
    int64_t rice = sell(w->db, &w->seller, sku, 10000),
            id = want(w->db, &w->buyer, rice, 1000);
    int64_t two[2] = { id, id + 50 };
    struct placed placed;
    struct placing good = { .vendor_account_id = w->seller.account_id,
                            .fulfil = "pickup",
                            .requirement_ids = &id,
                            .requirement_count = 1,
                            .expected_total_paise = 10000 },
                   p;

#define PLACE(change, key)                                                               \
    p = good;                                                                            \
    change;                                                                              \
    assert_refused(w->db, order_place(w->db, &w->buyer, NULL, &p, 1, &placed), key)
    PLACE(p.fulfil = "drone", "refusal.fulfil");
    PLACE(p.fulfil = "doorstep", "refusal.address_needed");
    PLACE(p.buyer_state_code = "28", "refusal.state_choose");
    PLACE(p.expected_total_paise = 9999, "refusal.price_changed");
    PLACE((p.requirement_ids = two, p.requirement_count = 2), "refusal.cart_changed");
    PLACE((p.vendor_account_id = w->rival.account_id, p.requirement_ids = NULL),
          "refusal.cart_empty");
    assert_refused(w->db, order_place(w->db, &w->other, NULL, &good, 1, &placed),
                   "refusal.cart_changed");
    assert_refused(w->db, order_place(w->db, &w->buyer, "123", &good, 1, &placed),
                   "refusal.mobile");
    run(w->db, "UPDATE vendor SET is_doorstep = 0 WHERE handle = 'asha'");
    PLACE((p.fulfil = "doorstep", p.address = "x"), "refusal.no_doorstep");
    sell(w->db, &w->seller, sku, 10001);
    PLACE((void)0, "refusal.price_changed");
    assert_int_equal(number(w->db, "SELECT count(*) FROM orders"), 0);
    good.expected_total_paise = 10001;
    assert_int_equal(order_place(w->db, &w->buyer, NULL, &good, 1, &placed), DB_OK);
}

/* --- the table of rules --- */

/* What may be done, cell by cell: side, action, then by state; a letter a state of money:
 * '.' never, 'a' always, 'u' unpaid, 'p' unpaid or partly accepted, 'd' due and
 * unclaimed, 'e' due or claimed, 'c' claimed, 'r' paid. */
static const struct {
    enum order_side side;
    enum order_action action;
    const char *states; /* ordered accepted delivered declined cancelled */
} cells[] = {
    { ORDER_CUSTOMER, ORDER_ACCEPT, "....." }, { ORDER_CUSTOMER, ORDER_DECLINE, "....." },
    { ORDER_CUSTOMER, ORDER_CANCEL, "up..." }, { ORDER_CUSTOMER, ORDER_DELIVER, "....." },
    { ORDER_CUSTOMER, ORDER_CLAIM, ".d..." },  { ORDER_CUSTOMER, ORDER_CONFIRM, "....." },
    { ORDER_CUSTOMER, ORDER_DENY, "....." },   { ORDER_CUSTOMER, ORDER_REFUND, "....." },
    { ORDER_CUSTOMER, ORDER_UNCLAIM, ".c..c" }, { ORDER_VENDOR, ORDER_UNCLAIM, "....." },
    { ORDER_VENDOR, ORDER_ACCEPT, "a...." },   { ORDER_VENDOR, ORDER_DECLINE, "a...." },
    { ORDER_VENDOR, ORDER_CANCEL, "aa..." },   { ORDER_VENDOR, ORDER_DELIVER, ".a..." },
    { ORDER_VENDOR, ORDER_CLAIM, "....." },    { ORDER_VENDOR, ORDER_CONFIRM, ".e..c" },
    { ORDER_VENDOR, ORDER_DENY, ".c..c" },     { ORDER_VENDOR, ORDER_REFUND, "....r" },
};

static bool expected(char cell, const struct order_facts *f)
{
    bool money = f->is_claimed || f->is_paid;

    switch (cell) {
    case 'a': return true;
    case 'u': return !money;
    case 'p': return !money || f->is_partial;
    case 'd': return f->is_due && !f->is_claimed;
    case 'e': return f->is_due || f->is_claimed;
    case 'c': return f->is_claimed;
    case 'r': return f->is_paid;
    default: return false;
    }
}

static void every_cell_of_the_table(void **state)
{
    int seen = 0;

    (void)state;
    assert_int_equal(sizeof cells / sizeof *cells, ORDER_SIDES * ORDER_ACTIONS);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (int s = 0; s < ORDER_STATES; s++)
            for (int bits = 0; bits < 16; bits++) {
                struct order_facts f = { .state = (enum order_state)s,
                                         .is_partial = bits & 1,
                                         .is_claimed = bits & 2,
                                         .is_paid = bits & 4,
                                         .is_due = bits & 8 };
                const char *why = order_may(cells[i].side, &f, cells[i].action);

                seen++;
                if ((why == NULL) != expected(cells[i].states[s], &f))
                    fail_msg("side %d action %d state %d bits %d: %s", cells[i].side,
                             cells[i].action, s, bits, why ? why : "allowed");
            }
    assert_int_equal(seen, 2 * 9 * 5 * 16);
}

static enum db_rc act(struct world *w, enum order_side side, enum order_action action,
                      int64_t id)
{
    const struct actor *who = side == ORDER_VENDOR ? &w->seller : &w->buyer;
    struct delivery d = { .reason = "known to me", .key = code_key };

    switch (action) {
    case ORDER_ACCEPT: return order_accept(w->db, who, id, NULL, 0);
    case ORDER_DECLINE: return order_decline(w->db, who, id, "closed");
    case ORDER_CANCEL: return order_cancel(w->db, who, side, id, "changed my mind");
    case ORDER_DELIVER: return order_deliver(w->db, who, id, &d);
    case ORDER_CLAIM: return order_upi_claim(w->db, who, id);
    case ORDER_CONFIRM: return order_upi_confirm(w->db, who, id, "");
    case ORDER_DENY: return order_upi_deny(w->db, who, id);
    case ORDER_UNCLAIM: return order_upi_unclaim(w->db, who, id);
    default: return order_refund(w->db, who, id, "UTR 1");
    }
}

static const char *const state_names[] = { "ordered", "accepted", "delivered", "declined",
                                           "cancelled" };

/* An order brought to the state; `money`: 0 none, 1 claimed, 2 paid. 0 when it can't be.
 */
static int64_t order_in(struct world *w, int64_t listing, int s, int money, bool partial)
{
    int64_t id;
    struct order_answer answer = { .accepted_milli = 1000, .price_paise = -1 };

    if ((money || partial) && (s == ORDER_ORDERED || s == ORDER_DECLINED))
        return 0;
    id = ordered(w->db, &w->buyer, &w->seller, listing, 2000);
    answer.line_id = number_of(w->db, "SELECT id FROM order_line WHERE order_id = ?1",
                               id);
    if (s == ORDER_DECLINED)
        assert_int_equal(act(w, ORDER_VENDOR, ORDER_DECLINE, id), DB_OK);
    if (s == ORDER_ORDERED || s == ORDER_DECLINED)
        return id;
    assert_int_equal(order_accept(w->db, &w->seller, id, &answer, partial), DB_OK);
    if (money)
        assert_int_equal(act(w, ORDER_CUSTOMER, ORDER_CLAIM, id), DB_OK);
    if (money == 2)
        assert_int_equal(act(w, ORDER_VENDOR, ORDER_CONFIRM, id), DB_OK);
    if (s == ORDER_DELIVERED && money == 1)
        assert_int_equal(act(w, ORDER_VENDOR, ORDER_DENY, id), DB_OK);
    if (s == ORDER_DELIVERED)
        assert_int_equal(act(w, ORDER_VENDOR, ORDER_DELIVER, id), DB_OK);
    if (s == ORDER_CANCELLED)
        assert_int_equal(act(w, ORDER_VENDOR, ORDER_CANCEL, id), DB_OK);
    return id;
}

/* The same cells by real calls: what the page offers, what the call does, and the state.
 */
static void every_move_by_real_calls(void **state)
{
    struct world *w = *state;
    static const char *const flags[] = { "can_accept",  "can_decline", "can_cancel",
                                         "can_deliver", "can_claim",   "can_confirm",
                                         "can_deny",    "can_refund",  "can_unclaim" };
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Rice", "kg", 100000000), 10000),
            id;
    int tried = 0;

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (int s = 0; s < ORDER_STATES; s++)
            for (int k = 0; k < 6; k++) {
                const struct actor *who = cells[i].side == ORDER_VENDOR ? &w->seller
                                                                        : &w->buyer;
                json_t *order;
                bool may;

                id = order_in(w, listing, s, k % 3, k > 2);
                if (!id)
                    continue;
                order = order_seen(w->db, cells[i].side, who, id);
                assert_string_equal(text(order, "state"), state_names[s]);
                may = yes(order, flags[cells[i].action]);
                if (cells[i].action == ORDER_DELIVER && k % 3 == 1 && may)
                    may = false; /* a claim is answered before cash is taken */
                assert_int_equal(act(w, cells[i].side, cells[i].action, id) == DB_OK,
                                 may);
                order = order_seen(w->db, cells[i].side, who, id);
                if (!may || cells[i].action >= ORDER_CLAIM)
                    assert_string_equal(text(order, "state"), state_names[s]);
                else
                    assert_string_not_equal(text(order, "state"), state_names[s]);
                tried++;
            }
    assert_true(tried > 300);
    assert_adds_up(w);
}

static void not_by_strangers(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Rice", "kg", 9000), 10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, 1000);
    struct delivery d = { .reason = "x", .key = code_key };
    json_t *order;
    const char *code;

    assert_int_equal(order_accept(w->db, &w->rival, id, NULL, 0), DB_NONE);
    assert_int_equal(order_accept(w->db, &w->buyer, id, NULL, 0), DB_NONE);
    assert_int_equal(order_decline(w->db, &w->rival, id, "x"), DB_NONE);
    assert_int_equal(order_cancel(w->db, &w->other, ORDER_CUSTOMER, id, "x"), DB_NONE);
    assert_int_equal(order_cancel(w->db, &w->buyer, ORDER_VENDOR, id, "x"), DB_NONE);
    assert_int_equal(order_upi_claim(w->db, &w->other, id), DB_NONE);
    assert_int_equal(order_upi_confirm(w->db, &w->buyer, id, "x"), DB_NONE);
    assert_int_equal(order_deliver(w->db, &w->buyer, id, &d), DB_NONE);
    assert_int_equal(order_find(w->db, ORDER_VENDOR, w->rival.account_id, id, &order),
                     DB_NONE);
    assert_int_equal(order_find(w->db, ORDER_CUSTOMER, w->other.account_id, id, &order),
                     DB_NONE);
    assert_int_equal(order_code(w->db, w->seller.account_id, id, code_key, &code),
                     DB_NONE);
    assert_string_equal(text(order_seen(w->db, ORDER_VENDOR, &w->seller, id), "state"),
                        "ordered");
}

static void the_database_knows_the_steps_too(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Rice", "kg", 9000), 10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, 1000);

    db_begin(w->db);
    db_exec(w->db, "UPDATE orders SET state = 'delivered' WHERE id = ?1",
            DB_ARGS(DB_INT(id)));
    assert_int_equal(db_end(w->db, DB_OK), DB_ERR);
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_step"), 5);
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_step WHERE kind || from_state"
                                   " || to_state IN ('onlineorderedaccepted',"
                                   " 'onlineordereddeclined', 'onlineorderedcancelled',"
                                   " 'onlineaccepteddelivered', 'onlineacceptedcancelled')"),
                     5);
    db_begin(w->db);
    db_exec(w->db, "DELETE FROM order_event WHERE order_id = ?1", DB_ARGS(DB_INT(id)));
    assert_int_equal(db_end(w->db, DB_OK), DB_ERR);
}

/* --- answering --- */

static void accepting_in_part(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 9000),
                        10000);
    int64_t dal = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Dal", "kg", 9000),
                       9900);
    struct order_answer answers[2] = { { .accepted_milli = 1500, .price_paise = -1 },
                                       { .accepted_milli = 0, .price_paise = -1 } };
    int64_t id;
    json_t *order;

    want(w->db, &w->buyer, rice, 2000);
    id = ordered(w->db, &w->buyer, &w->seller, dal, 1000);
    answers[0].line_id = number(w->db, "SELECT id FROM order_line WHERE name = 'Rice'");
    answers[1].line_id = number(w->db, "SELECT id FROM order_line WHERE name = 'Dal'");
    answers[0].accepted_milli = 2001;
    assert_refused(w->db, order_accept(w->db, &w->seller, id, answers, 2),
                   "refusal.accept_more");
    answers[0].accepted_milli = -1000;
    assert_refused(w->db, order_accept(w->db, &w->seller, id, answers, 2),
                   "refusal.accept_below");
    answers[0].accepted_milli = 0;
    assert_refused(w->db, order_accept(w->db, &w->seller, id, answers, 2),
                   "refusal.accept_none");
    answers[0].accepted_milli = 1500;
    assert_int_equal(order_accept(w->db, &w->seller, id, answers, 2), DB_OK);
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_int_equal(get(order, "total_paise"), 15000);
    assert_true(yes(order, "is_partial"));
    assert_true(yes(order, "can_cancel"));
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Rice'"),
                     1500);
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Dal'"),
                     0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM notification WHERE key ="
                                   " 'notify.order_partial'"),
                     1);
    assert_adds_up(w);
    assert_int_equal(order_cancel(w->db, &w->buyer, ORDER_CUSTOMER, id, NULL), DB_OK);
    assert_int_equal(number(w->db, "SELECT sum(reserved_milli) FROM sku"), 0);
}

static void ask_price_is_named_on_accepting(void **state)
{
    struct world *w = *state;
    int64_t saree = sell(w->db, &w->seller,
                         sku_new(w->db, &w->seller, "Saree", "piece", 9000), -1);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, saree, 2000), line;
    struct order_answer answer = { .accepted_milli = 2000, .price_paise = -1 };
    json_t *order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);

    assert_false(yes(order, "is_priced"));
    assert_int_equal(get(order, "total_paise"), 0);
    assert_refused(w->db, order_accept(w->db, &w->seller, id, NULL, 0),
                   "refusal.price_needed");
    line = number(w->db, "SELECT id FROM order_line");
    answer.line_id = line;
    assert_refused(w->db, order_accept(w->db, &w->seller, id, &answer, 1),
                   "refusal.price_needed");
    assert_string_equal(db_refusal(w->db)->field,
                        arena_printf(w->a, "price_%lld", (long long)line));
    answer.price_paise = 250000;
    assert_int_equal(order_accept(w->db, &w->seller, id, &answer, 1), DB_OK);
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_true(yes(order, "is_priced"));
    assert_int_equal(get(order, "total_paise"), 500000);
    assert_int_equal(
        number(w->db, "SELECT count(*) FROM listing WHERE price_paise IS NULL"), 1);
    assert_adds_up(w);
}

static void reasons_are_needed(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 9000),
                        10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, rice, 1000);

    assert_refused(w->db, order_decline(w->db, &w->seller, id, ""),
                   "refusal.reason_needed");
    assert_refused(w->db, order_cancel(w->db, &w->seller, ORDER_VENDOR, id, NULL),
                   "refusal.reason_needed");
    assert_int_equal(order_decline(w->db, &w->seller, id, "no rice today"), DB_OK);
    assert_string_equal(text(order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id), "reason"),
                        "no rice today");
    assert_int_equal(number(w->db, "SELECT sum(reserved_milli) FROM sku"), 0);
}

/* --- paying and cancelling --- */

static void a_claimed_payment_counts_as_paid(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", 9000),
                        10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, rice, 1000);
    json_t *order;

    assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
    assert_int_equal(order_upi_claim(w->db, &w->buyer, id), DB_OK);
    assert_refused(w->db, order_cancel(w->db, &w->buyer, ORDER_CUSTOMER, id, NULL),
                   "refusal.cancel_claimed");
    assert_int_equal(order_upi_unclaim(w->db, &w->buyer, id), DB_OK);
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_true(yes(order, "can_cancel"));
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_event WHERE kind IN"
                                   " ('claimed', 'unclaimed') AND by = 'customer'"),
                     2);
    assert_int_equal(number(w->db, "SELECT count(*) FROM notification WHERE key ="
                                   " 'notify.order_unclaimed' AND href LIKE '/sell/%'"),
                     1);
    assert_refused(w->db, order_upi_unclaim(w->db, &w->buyer, id), "refusal.claim_over");
    assert_int_equal(order_upi_claim(w->db, &w->buyer, id), DB_OK);
    assert_refused(w->db, order_upi_claim(w->db, &w->buyer, id),
                   "refusal.claimed_already");
    assert_int_equal(order_upi_confirm(w->db, &w->seller, id, "UTR 42"), DB_OK);
    assert_refused(w->db, order_cancel(w->db, &w->buyer, ORDER_CUSTOMER, id, NULL),
                   "refusal.cancel_paid");
    assert_int_equal(order_cancel(w->db, &w->seller, ORDER_VENDOR, id, "burnt down"),
                     DB_OK);
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_int_equal(get(order, "refund_due_paise"), 10000);
    assert_refused(w->db, order_refund(w->db, &w->seller, id, ""),
                   "refusal.reference_needed");
    assert_int_equal(order_refund(w->db, &w->seller, id, "UTR 43"), DB_OK);
    assert_refused(w->db, order_refund(w->db, &w->seller, id, "UTR 44"),
                   "refusal.nothing_to_refund");
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_int_equal(get(order, "refund_due_paise"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM ledger_entry"), 0);
}

/* --- lists --- */

static void lists_and_search(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller,
                        sku_new(w->db, &w->seller, "Rice", "kg", 99000), 10000);
    int64_t dal = sell(w->db, &w->seller,
                       sku_new(w->db, &w->seller, "Dal 100%", "kg", 99000), 10000);
    int64_t one = ordered(w->db, &w->buyer, &w->seller, rice, 1000), waiting;
    int64_t two = ordered(w->db, &w->other, &w->seller, dal, 1000);
    int64_t three = ordered(w->db, &w->buyer, &w->seller, dal, 1000);
    json_t *rows, *counts;
    static const struct {
        const char *q;
        size_t count;
    } searches[] = { { NULL, 2 },    { "", 2 },   { "Bela", 1 }, { "bel", 1 },
                     { "#1", 1 },    { "#2", 1 }, { "Dal", 1 },  { "100%", 1 },
                     { "%", 1 },     { "_", 0 },  { "'", 0 },    { "98765", 2 },
                     { "+91 98765", 2 }, { "nobody", 0 } };

    assert_int_equal(order_decline(w->db, &w->seller, three, "no"), DB_OK);
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
        assert_int_equal(order_list(w->db, ORDER_VENDOR, w->seller.account_id,
                                    ORDER_ACTIVE, searches[i].q, 0, 50, &rows),
                         DB_OK);
        if (json_array_size(rows) != searches[i].count)
            fail_msg("%s finds %zu", searches[i].q, json_array_size(rows));
    }
    assert_int_equal(order_list(w->db, ORDER_VENDOR, w->seller.account_id, ORDER_ALL,
                                NULL, two, 50, &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(get(json_array_get(rows, 0), "id"), one);
    assert_string_equal(text(json_array_get(rows, 0), "party"), "Bela");
    assert_int_equal(order_list(w->db, ORDER_CUSTOMER, w->buyer.account_id,
                                ORDER_CANCELLED_GROUP, "asha", 0, 50, &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    for (int side = 0; side < ORDER_SIDES; side++) {
        const struct actor *who = side == ORDER_VENDOR ? &w->seller : &w->buyer;
        json_t *none;

        assert_int_equal(order_list(w->db, (enum order_side)side, who->account_id,
                                    ORDER_COMPLETED, NULL, 0, 50, &none),
                         DB_OK);
        assert_int_equal(json_array_size(none), 0);
    }
    assert_string_equal(text(json_array_get(rows, 0), "party"), "Asha Stores");
    assert_null(json_object_get(json_array_get(rows, 0), "mobile"));
    assert_int_equal(order_counts(w->db, ORDER_VENDOR, w->seller.account_id, &counts),
                     DB_OK);
    assert_int_equal(get(counts, "active"), 2);
    assert_int_equal(get(counts, "cancelled"), 1);
    assert_int_equal(get(counts, "all"), 3);
    assert_int_equal(order_waiting(w->db, w->seller.account_id, &waiting), DB_OK);
    assert_int_equal(waiting, 2);
    assert_int_equal(order_cancel(w->db, &w->seller, ORDER_VENDOR, two, "gone"), DB_OK);
    for (int group = 0; group < ORDER_ALL; group++) {
        static const size_t sizes[] = { [ORDER_ACTIVE] = 1, [ORDER_COMPLETED] = 0,
                                        [ORDER_CANCELLED_GROUP] = 2 };

        assert_int_equal(order_list(w->db, ORDER_VENDOR, w->seller.account_id,
                                    (enum order_group)group, NULL, 0, 50, &rows),
                         DB_OK);
        assert_int_equal(json_array_size(rows), sizes[group]);
    }
}

static void ordering_again(void **state)
{
    struct world *w = *state;
    int64_t rice = sell(w->db, &w->seller,
                        sku_new(w->db, &w->seller, "Rice", "kg", 99000), 10000);
    int64_t dal = sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Dal", "kg", 99000),
                       10000);
    int64_t id;
    int added;

    want(w->db, &w->buyer, rice, 2000);
    id = ordered(w->db, &w->buyer, &w->seller, dal, 1000);
    assert_int_equal(listing_take_off(w->db, &w->seller, dal), DB_OK);
    assert_int_equal(order_again(w->db, &w->buyer, id, &added), DB_OK);
    assert_int_equal(added, 1);
    assert_int_equal(number(w->db, "SELECT qty_milli FROM requirement"), 2000);
    assert_int_equal(order_again(w->db, &w->other, id, &added), DB_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        named("CART-5 one order a vendor", one_order_a_vendor),
        named("CART-5 what can't be placed stays in the cart",
              what_cannot_be_placed_stays),
        named("CART-5 placing is checked", placing_is_checked),
        named("CART-5 CUS-1 placing asks the unit again", placing_asks_the_unit_again),
        named("ORD-4 ORD-5 ORD-7 every cell of the table", every_cell_of_the_table),
        named("ORD-5 ORD-7 every move by real calls", every_move_by_real_calls),
        named("ORD-4 not by strangers", not_by_strangers),
        named("ORD-5 the database knows the steps too", the_database_knows_the_steps_too),
        named("VORD-4 VORD-6 accepting in part", accepting_in_part),
        named("CAT-1 VORD-6 an ask price is named on accepting",
              ask_price_is_named_on_accepting),
        named("VORD-6 VORD-9 reasons are needed", reasons_are_needed),
        named("ORD-7 a claimed payment counts as paid", a_claimed_payment_counts_as_paid),
        named("VORD-5 ORD-10 lists and search", lists_and_search),
        named("ORD-10 ordering again", ordering_again),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
