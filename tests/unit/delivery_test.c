#include "selling.h"

#include "db/document.h"
#include "db/ledger.h"

static int64_t accepted(struct world *w, int64_t listing, int64_t qty_milli)
{
    int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, qty_milli);

    assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
    return id;
}

static int64_t rice(struct world *w, int64_t qty_milli)
{
    return sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Rice", "kg", qty_milli),
                10000);
}

static int64_t party(struct world *w)
{
    return number(w->db, "SELECT min(id) FROM party");
}

/* --- goods and books --- */

static void goods_move_into_the_inventory(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 2500);
    json_t *order;

    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, id);
    assert_string_equal(text(order, "state"), "delivered");
    assert_int_equal(number_of(w->db,
                               "SELECT on_hand_milli FROM sku WHERE account_id = ?1",
                               w->seller.account_id),
                     6500);
    assert_int_equal(number_of(w->db,
                               "SELECT on_hand_milli FROM sku WHERE account_id = ?1",
                               w->buyer.account_id),
                     2500);
    assert_int_equal(number_of(w->db,
                               "SELECT l.cost_paise FROM lot l JOIN order_line i"
                               " ON i.id = l.order_line_id WHERE l.account_id = ?1",
                               w->buyer.account_id),
                     10000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM reservation"), 0);
    assert_int_equal(number(w->db, "SELECT delivered_milli FROM order_line"), 2500);
    assert_adds_up(w);
}

/* Of the accounts of one user the one that ordered has the order, and gets the goods. */
static void of_the_account_that_ordered(void **state)
{
    struct world *w = *state;
    struct actor home = person_new(w->db, "Home", 77);
    int64_t id;
    json_t *rows;

    db_begin(w->db);
    db_exec(w->db,
            "INSERT INTO membership(account_id, user_id, is_primary, created_ms)"
            " VALUES (?1, ?2, 0, 1)",
            DB_ARGS(DB_INT(home.account_id), DB_INT(w->buyer.user_id)));
    assert_int_equal(db_end(w->db, DB_OK), DB_OK);
    home.user_id = w->buyer.user_id;
    id = accepted(w, rice(w, 9000), 2500);
    assert_int_equal(order_list(w->db, ORDER_CUSTOMER, home.account_id, ORDER_ALL, NULL, 0, 9,
                                &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    assert_int_equal(number_of(w->db, "SELECT count(*) FROM lot WHERE account_id = ?1",
                               home.account_id),
                     0);
    assert_int_equal(number_of(w->db, "SELECT sum(qty_milli) FROM lot WHERE account_id = ?1",
                               w->buyer.account_id),
                     2500);
    assert_int_equal(order_list(w->db, ORDER_CUSTOMER, w->buyer.account_id, ORDER_ALL, NULL, 0,
                                9, &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 1);
}

static void cash_not_received_is_owed(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000), entry, paise, parties;
    json_t *rows, *row;

    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, false), DB_OK);
    assert_int_equal(ledger_owed(w->db, w->seller.account_id, &paise, &parties), DB_OK);
    assert_int_equal(paise, 10000);
    assert_int_equal(parties, 1);
    assert_refused(
        w->db, ledger_receive(w->db, &w->seller, party(w), 10001, "cash", "", "", &entry),
        "refusal.more_than_owed");
    assert_refused(w->db,
                   ledger_receive(w->db, &w->seller, party(w), 0, "cash", "", "", &entry),
                   "refusal.amount_none");
    assert_refused(
        w->db, ledger_receive(w->db, &w->seller, party(w), -5, "cash", "", "", &entry),
        "refusal.amount_none");
    assert_refused(w->db,
                   ledger_receive(w->db, &w->seller, party(w), 5, "gold", "", "", &entry),
                   "refusal.pay_method");
    assert_int_equal(
        ledger_receive(w->db, &w->rival, party(w), 5, "cash", "", "", &entry), DB_NONE);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 4000, "cash", "", "a part", &entry),
        DB_OK);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 6000, "upi", "UTR", "", NULL), DB_OK);
    assert_refused(w->db,
                   ledger_receive(w->db, &w->seller, party(w), 1, "cash", "", "", NULL),
                   "refusal.nothing_owed");
    assert_int_equal(number(w->db, "SELECT count(*) FROM audit_entry WHERE"
                                   " kind = 'cash.received' AND before || '>' || after IN"
                                   " ('100.00>60.00', '60.00>0.00')"),
                     2);
    assert_int_equal(ledger_entries(w->db, w->seller.account_id, party(w), 0, 50, &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 3);
    assert_int_equal(get(json_array_get(rows, 0), "balance_paise"), 0);
    assert_int_equal(get(json_array_get(rows, 1), "balance_paise"), 6000);
    assert_int_equal(get(json_array_get(rows, 2), "balance_paise"), 10000);
    assert_int_equal(ledger_entries(w->db, w->seller.account_id, party(w),
                                    get(json_array_get(rows, 0), "id"), 1, &rows),
                     DB_OK);
    assert_int_equal(get(json_array_get(rows, 0), "balance_paise"), 6000);
    assert_int_equal(
        ledger_parties(w->db, w->seller.account_id, "bel", false, 0, 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(
        ledger_parties(w->db, w->seller.account_id, "98765 ", false, 0, 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(get(json_array_get(rows, 0), "balance_paise"), 0);
    assert_int_equal(
        ledger_parties(w->db, w->seller.account_id, NULL, true, 0, 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(ledger_party(w->db, w->rival.account_id, party(w), &row), DB_NONE);
    assert_adds_up(w);
}

static void a_mistake_is_reversed_once(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000), entry;
    json_t *sums;

    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, false), DB_OK);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 10000, "cash", "", "", &entry),
        DB_OK);
    assert_int_equal(ledger_reverse(w->db, &w->rival, entry, "x"), DB_NONE);
    assert_refused(w->db, ledger_reverse(w->db, &w->seller, entry, ""),
                   "refusal.reason_needed");
    assert_int_equal(ledger_reverse(w->db, &w->seller, entry, "wrong person"), DB_OK);
    assert_refused(w->db, ledger_reverse(w->db, &w->seller, entry, "again"),
                   "refusal.reversed_already");
    assert_refused(
        w->db,
        ledger_reverse(w->db, &w->seller,
                       number(w->db, "SELECT id FROM ledger_entry WHERE kind = 'sale'"),
                       "x"),
        "refusal.reverse_payment_only");
    assert_int_equal(number(w->db, "SELECT balance_paise FROM party"), 10000);
    assert_int_equal(ledger_period(w->db, w->seller.account_id, 0, INT64_MAX, &sums),
                     DB_OK);
    assert_int_equal(get(sums, "cash_paise"), 0);
    assert_int_equal(get(sums, "sale_paise"), 10000);
    db_begin(w->db);
    db_exec(w->db, "UPDATE ledger_entry SET paise = 1 WHERE kind = 'sale'", DB_NO_ARGS);
    assert_int_equal(db_end(w->db, DB_OK), DB_ERR);
    db_begin(w->db);
    db_exec(w->db, "DELETE FROM ledger_entry", DB_NO_ARGS);
    assert_int_equal(db_end(w->db, DB_OK), DB_ERR);
    assert_adds_up(w);
}

/* Whoever hands over says that the money is in: that is the confirmation. */
static void upi_is_confirmed_by_handing_over(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000);
    struct delivery d = { .code = "", .is_upi = true, .key = code_key };

    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.code_needed");
    d.code = strcmp(code_of(w->db, &w->buyer, id), "0000") == 0 ? "0001" : "0000";
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.code_wrong");
    assert_int_equal(number(w->db, "SELECT paid_upi_paise FROM orders"), 0);
    assert_int_equal(order_upi_claim(w->db, &w->buyer, id), DB_OK);
    d.code = code_of(w->db, &w->buyer, id);
    d.is_upi = false;
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.claim_open");
    d.is_upi = true;
    assert_int_equal(order_deliver(w->db, &w->seller, id, &d), DB_OK);
    assert_int_equal(number(w->db, "SELECT paid_upi_paise FROM orders"
                                   " WHERE upi_claimed_ms IS NULL"),
                     10000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_event WHERE kind = 'paid'"), 1);
    assert_int_equal(number(w->db, "SELECT balance_paise FROM party"), 0);
    assert_int_equal(number(w->db, "SELECT paise FROM ledger_entry WHERE method = 'upi'"),
                     -10000);
    assert_adds_up(w);
}

static void upi_confirmed_before_is_not_paid_twice(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000);
    struct delivery d = { .code = code_of(w->db, &w->buyer, id),
                          .is_upi = true,
                          .key = code_key };

    assert_int_equal(order_upi_confirm(w->db, &w->seller, id, "UTR 7"), DB_OK);
    assert_int_equal(order_deliver(w->db, &w->seller, id, &d), DB_OK);
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_event WHERE kind = 'paid'"), 1);
    assert_int_equal(number(w->db, "SELECT sum(paise) FROM ledger_entry"), 0);
    assert_int_equal(number(w->db, "SELECT code_tries FROM orders"), 0);
    assert_adds_up(w);
}

static void a_part_is_paid_on_delivery(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000);
    struct delivery d = { .code = code_of(w->db, &w->buyer, id),
                          .part_paise = 10001,
                          .key = code_key };

    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.more_than_owed");
    d.part_paise = -1;
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.more_than_owed");
    assert_int_equal(number(w->db, "SELECT count(*) FROM ledger_entry"), 0);
    d.part_paise = 4000;
    assert_int_equal(order_deliver(w->db, &w->seller, id, &d), DB_OK);
    assert_int_equal(number(w->db, "SELECT balance_paise FROM party"), 6000);
    assert_int_equal(number(w->db, "SELECT paise FROM ledger_entry WHERE method = 'cash'"),
                     -4000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM order_event WHERE kind || note IN"
                                   " ('cash40.00', 'owed60.00')"),
                     2);
    assert_adds_up(w);
}

static int64_t owed(struct world *w, int64_t order_id)
{
    int64_t vendor = get(order_seen(w->db, ORDER_VENDOR, &w->seller, order_id), "owed_paise");

    assert_int_equal(
        get(order_seen(w->db, ORDER_CUSTOMER, &w->buyer, order_id), "owed_paise"), vendor);
    return vendor;
}

/* Money for no order in particular clears the oldest first, on both sides alike. */
static void dues_are_seen_on_both_sides(void **state)
{
    struct world *w = *state;
    int64_t listing = rice(w, 9000), first = accepted(w, listing, 1000), second, entry;
    json_t *rows, *due;

    assert_int_equal(owed(w, first), 0);
    assert_int_equal(ledger_dues(w->db, w->buyer.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, first, false), DB_OK);
    second = accepted(w, listing, 2000);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, second, false), DB_OK);
    assert_int_equal(owed(w, first), 10000);
    assert_int_equal(owed(w, second), 20000);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 4000, "cash", "", "", NULL), DB_OK);
    assert_int_equal(owed(w, first), 6000);
    assert_int_equal(owed(w, second), 20000);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 11000, "upi", "", "", &entry), DB_OK);
    assert_int_equal(owed(w, first), 0);
    assert_int_equal(owed(w, second), 15000);
    assert_int_equal(ledger_dues(w->db, w->buyer.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(get(json_array_get(rows, 0), "balance_paise"), 15000);
    assert_int_equal(ledger_dues(w->db, w->rival.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(ledger_due(w->db, w->rival.account_id, party(w), &due), DB_NONE);
    assert_int_equal(ledger_reverse(w->db, &w->seller, entry, "not theirs"), DB_OK);
    assert_int_equal(owed(w, first), 6000);
    assert_int_equal(
        ledger_receive(w->db, &w->seller, party(w), 26000, "cash", "", "", NULL), DB_OK);
    assert_int_equal(owed(w, first) + owed(w, second), 0);
    assert_int_equal(ledger_dues(w->db, w->buyer.account_id, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(ledger_due(w->db, w->buyer.account_id, party(w), &due), DB_OK);
    assert_int_equal(get(due, "balance_paise"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM notification WHERE href LIKE"
                                   " '/dues/%' AND key = 'notify.money_came'"),
                     2);
    assert_int_equal(number(w->db, "SELECT count(*) FROM notification WHERE href LIKE"
                                   " '/dues/%' AND key IN ('notify.money_undone',"
                                   " 'notify.money_all')"),
                     2);
    assert_adds_up(w);
}

/* --- the code --- */

static void wrong_codes_lock(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000);
    const char *right = code_of(w->db, &w->buyer, id);
    struct delivery d = { .code = strcmp(right, "0000") == 0 ? "0001" : "0000",
                          .key = code_key };

    assert_int_equal(strlen(right), 4);
    d.code = "";
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.code_needed");
    d.code = "12345";
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.code_digits");
    d.code = arena_dupn(db_arena(w->db), right, 3);
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.code_digits");
    assert_int_equal(number(w->db, "SELECT code_tries FROM orders"), 0);
    d.code = strcmp(right, "0000") == 0 ? "0001" : "0000";
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d), "refusal.code_wrong");
    assert_int_equal(get(db_refusal(w->db)->args, "left"), 4);
    for (int i = 2; i < ORDER_CODE_TRIES; i++)
        assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                       "refusal.code_wrong");
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.code_locked");
    assert_int_equal(number(w->db, "SELECT code_tries FROM orders"), 5);
    d.code = right;
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.code_locked");
    assert_true(yes(order_seen(w->db, ORDER_VENDOR, &w->seller, id), "is_locked"));
    d.reason = "she showed the phone, I typed wrongly"; /* the code counts no more */
    assert_int_equal(order_deliver(w->db, &w->seller, id, &d), DB_OK);
    assert_int_equal(number(w->db,
                            "SELECT count(*) FROM audit_entry WHERE kind ="
                            " 'order.delivered_no_code' AND before LIKE 'she showed%'"),
                     1);
    assert_int_equal(
        number(w->db, "SELECT count(*) FROM order_event WHERE kind = 'wrong_code'"), 5);
}

static void codes_differ_and_need_the_key(void **state)
{
    struct world *w = *state;
    int64_t listing = rice(w, 900000);
    unsigned char other_key[ORDER_KEY_BYTES] = "another key";
    int same = 0;
    const char *code;

    for (int i = 0; i < 20; i++) {
        int64_t id = accepted(w, listing, 1000);

        assert_int_equal(order_code(w->db, w->buyer.account_id, id, other_key, &code),
                         DB_OK);
        same += strcmp(code, code_of(w->db, &w->buyer, id)) == 0;
    }
    assert_true(same < 3);
    assert_null(
        strstr(json_dumps(order_seen(w->db, ORDER_VENDOR, &w->seller, 1), 0), "nonce"));
}

/* --- more than the books have --- */

static void delivering_more_than_there_is_asks(void **state)
{
    struct world *w = *state;
    int64_t listing = rice(w, 1000), id;
    struct delivery d = { .key = code_key, .is_cash_in = true };

    run(w->db, "UPDATE vendor SET stock_rule = 'any' WHERE handle = 'asha'");
    id = accepted(w, listing, 2500);
    d.code = code_of(w->db, &w->buyer, id);
    assert_refused(w->db, order_deliver(w->db, &w->seller, id, &d),
                   "refusal.short_deliver");
    assert_int_equal(get(db_refusal(w->db)->args, "left_milli"), 1000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM ledger_entry"), 0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM document"), 0);
    d.oversell_confirmed = true;
    assert_int_equal(order_deliver(w->db, &w->seller, id, &d), DB_OK);
    assert_int_equal(number_of(w->db,
                               "SELECT on_hand_milli FROM sku WHERE account_id = ?1",
                               w->seller.account_id),
                     0);
    assert_int_equal(number_of(w->db,
                               "SELECT on_hand_milli FROM sku WHERE account_id = ?1",
                               w->buyer.account_id),
                     2500);
    assert_adds_up(w);
}

/* --- bills --- */

static json_t *bill_of(struct world *w, int64_t order_id, const char *kind,
                       const char *number)
{
    json_t *row, *order = order_seen(w->db, ORDER_CUSTOMER, &w->buyer, order_id);
    json_t *head = json_array_get(json_object_get(order, "documents"), 0);

    assert_string_equal(text(head, "kind"), kind);
    assert_string_equal(text(head, "number"), number);
    assert_int_equal(document_find(w->db, w->other.account_id, get(head, "id"), &row),
                     DB_NONE);
    assert_int_equal(document_find(w->db, w->buyer.account_id, get(head, "id"), &row),
                     DB_OK);
    return json_object_get(row, "body_json");
}

static void a_tax_invoice_adds_up(void **state)
{
    struct world *w = *state;
    int64_t listing = rice(w, 9000), id;
    struct placing p = { .vendor_account_id = w->seller.account_id,
                         .fulfil = "doorstep",
                         .address = "5 Lake Road\nPune 411001",
                         .expected_total_paise = -1 };
    struct placed placed;
    json_t *body, *line, *totals;
    int64_t sum = 0;
    size_t i;

    want(w->db, &w->buyer, listing, 1500);
    assert_int_equal(order_place(w->db, &w->buyer, NULL, &p, 1, &placed), DB_OK);
    id = placed.order_id;
    assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, false), DB_OK);
    body = bill_of(w, id, "tax_invoice",
                   arena_printf(w->a, "%02d-%02d/000001",
                                clock_financial_year(clock_ms()) % 100,
                                (clock_financial_year(clock_ms()) + 1) % 100));
    totals = json_object_get(body, "totals");
    json_array_foreach(json_object_get(body, "lines"), i, line)
        sum += get(line, "total_paise");
    assert_int_equal(i, 2);
    assert_int_equal(sum, 19000);
    assert_int_equal(get(totals, "total_paise"), 19000);
    assert_int_equal(get(totals, "taxable_paise") + 2 * get(totals, "cgst_paise"), 19000);
    assert_int_equal(get(body, "due_paise"), 19000);
    assert_string_equal(text(json_object_get(body, "seller"), "gstin"),
                        "27AAPFU0939F1ZV");
    assert_string_equal(text(body, "place_of_supply"), "27 Maharashtra");
    assert_string_equal(text(json_array_get(json_object_get(body, "lines"), 0), "qty"),
                        "1.5");
    assert_string_equal(text(json_object_get(body, "buyer"), "deliver_to"), p.address);
}

static void numbers_have_no_gap(void **state)
{
    struct world *w = *state;
    int64_t listing = rice(w, 90000), id = accepted(w, listing, 1000);
    struct delivery wrong = { .key = code_key };
    const char *right;
    json_t *rows;

    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    id = accepted(w, listing, 1000);
    right = code_of(w->db, &w->buyer, id);
    wrong.code = strcmp(right, "0000") == 0 ? "0001" : "0000";
    assert_int_equal(order_deliver(w->db, &w->seller, id, &wrong), DB_REFUSED);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    assert_int_equal(number(w->db, "SELECT max(serial) FROM document"), 2);
    run(w->db, "UPDATE vendor SET gst_status = 'composition' WHERE handle = 'asha'");
    id = accepted(w, listing, 1000);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    assert_int_equal(
        number(w->db, "SELECT serial FROM document WHERE kind = 'bill_of_supply'"), 1);
    assert_int_equal(number(w->db, "SELECT sum(cgst_paise + igst_paise) FROM order_line"
                                   " WHERE order_id = 3"),
                     0);
    run(w->db, "UPDATE vendor SET gst_status = 'unregistered' WHERE handle = 'asha'");
    id = accepted(w, listing, 1000);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    assert_int_equal(number(w->db, "SELECT count(*) FROM document WHERE kind = 'invoice'"
                                   " AND body NOT LIKE '%gstin%'"),
                     1);
    assert_int_equal(document_list(w->db, w->seller.account_id, 0, 50, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 4);
    db_begin(w->db);
    db_exec(w->db, "DELETE FROM document", DB_NO_ARGS);
    assert_int_equal(db_end(w->db, DB_OK), DB_ERR);
}

/* Between accepting and delivering the shop moved to another State and registered anew. */
static void a_bill_is_of_the_taxes_accepted(void **state)
{
    struct world *w = *state;
    int64_t id = accepted(w, rice(w, 9000), 1000);
    json_t *body;

    run(w->db, "UPDATE vendor SET state_code = '29', gstin = '29AAPFU0939F1ZR'"
               " WHERE handle = 'asha'");
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, true), DB_OK);
    body = bill_of(w, id, "tax_invoice",
                   arena_printf(w->a, "%02d-%02d/000001",
                                clock_financial_year(clock_ms()) % 100,
                                (clock_financial_year(clock_ms()) + 1) % 100));
    assert_string_equal(text(json_object_get(body, "seller"), "state_code"), "27");
    assert_string_equal(text(json_object_get(body, "seller"), "gstin"), "27AAPFU0939F1ZV");
    assert_string_equal(text(body, "place_of_supply"), "27 Maharashtra");
    assert_adds_up(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        named("ORD-9 goods move into the inventory", goods_move_into_the_inventory),
        named("ORD-1 of the account that ordered", of_the_account_that_ordered),
        named("CASH-1 CASH-2 ACC-10 cash not received is owed", cash_not_received_is_owed),
        named("CASH-5 a mistake is reversed once, never erased",
              a_mistake_is_reversed_once),
        named("CASH-2 ORD-8 dues are seen on both sides, the oldest cleared first",
              dues_are_seen_on_both_sides),
        named("VORD-8 handing over confirms a UPI payment",
              upi_is_confirmed_by_handing_over),
        named("VORD-8 UPI that was confirmed before is not paid twice",
              upi_confirmed_before_is_not_paid_twice),
        named("VORD-8 CASH-2 a part is paid on delivery, the rest is owed",
              a_part_is_paid_on_delivery),
        named("VORD-8 wrong codes lock, a reason is kept", wrong_codes_lock),
        named("VORD-8 codes differ and need the key", codes_differ_and_need_the_key),
        named("VORD-4 delivering more than there is asks",
              delivering_more_than_there_is_asks),
        named("VORD-8 a tax invoice adds up", a_tax_invoice_adds_up),
        named("VORD-8 a bill is of the taxes that were accepted",
              a_bill_is_of_the_taxes_accepted),
        named("VORD-8 numbers have no gap, kinds follow the GST status",
              numbers_have_no_gap),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
