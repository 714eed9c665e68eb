/* Stock: receiving, using, reversing, moving; never below zero, and the books agree. */
#include "stock_ground.h"

#include "db/place.h"

#include <pthread.h>

static enum db_rc consume(struct ground *g, const struct actor *a, int64_t lot,
                          int64_t sku, int64_t qty, int64_t *group)
{
    struct stock_use use = {
        .lot_id = lot, .sku_id = sku, .qty_milli = qty, .note = "x"
    };

    return stock_consume(g->db, a, &use, group);
}

static void receiving(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    struct receipt r = receipt_of("Flour", "kg", 2500);
    int64_t lot, sku, again, place;
    json_t *row;

    r.cost_paise = 4550;
    r.supplier = "Ravi Traders";
    r.spec.category = "Grain";
    r.note = "  first sack ";
    r.low_milli = 500;
    assert_int_equal(place_get(g->db, a.account_id, "Store", &r.place_id), DB_OK);
    assert_int_equal(stock_receive(g->db, &a, &r, &lot, &sku), DB_OK);
    assert_int_equal(stock_lot_find(g->db, a.account_id, lot, &row), DB_OK);
    assert_string_equal(text_in(row, "sku"), "Flour");
    assert_string_equal(text_in(row, "place"), "Store");
    assert_string_equal(text_in(row, "supplier"), "Ravi Traders");
    assert_string_equal(text_in(row, "note"), "first sack");
    assert_string_equal(text_in(row, "source"), "hand");
    assert_int_equal(int_in(row, "cost_paise"), 4550);
    assert_int_equal(int_in(row, "received_milli"), 2500);
    assert_int_equal(stock_lot_find(g->db, b.account_id, lot, &row), DB_NONE);
    r = (struct receipt) {
        .sku_id = sku, .qty_milli = 500, .cost_paise = -1, .low_milli = -1
    };
    assert_int_equal(stock_receive(g->db, &a, &r, &lot, &again), DB_OK);
    assert_int_equal(again, sku);
    assert_int_equal(stock_receive(g->db, &b, &r, &lot, &again), DB_NONE);
    assert_int_equal(sku_find(g->db, a.account_id, sku, &row), DB_OK);
    assert_int_equal(int_in(row, "on_hand_milli"), 3000);
    assert_int_equal(int_in(row, "low_milli"), 500);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry"
                                  " WHERE kind = 'stock.received' AND after = '+2.5 kg'"),
                     1);
    assert_int_equal(place_get(g->db, b.account_id, "Hers", &place), DB_OK);
    r.place_id = place;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "place",
            "refusal.choose_again");
    assert_int_equal(number_of(g, "SELECT count(*) FROM lot"), 2);
}

static void receiving_wrong(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    struct receipt r = receipt_of("Cup", "piece", 1500);
    int64_t lot;

    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "qty", "refusal.qty_whole");
    r.spec.unit = "metre";
    r.qty_milli = 1;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "qty",
            "refusal.qty_decimals");
    r.qty_milli = 0;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "qty",
            "refusal.qty_missing");
    r.qty_milli = -1000;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "qty",
            "refusal.qty_missing");
    r.qty_milli = INT64_MAX;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "qty", "refusal.qty_large");
    r.qty_milli = 1000;
    r.cost_paise = STOCK_COST_MAX + 1;
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "cost", "refusal.cost");
    r.cost_paise = -1;
    r.spec.name = "";
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "name",
            "refusal.name_missing");
    r.spec.name = "Cup";
    r.spec.code = "4006381333932";
    refused(g, stock_receive(g->db, &a, &r, &lot, NULL), 422, "code",
            "refusal.code_check_digit");
    assert_int_equal(number_of(g, "SELECT count(*) FROM sku"), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM lot"), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry"
                                  " WHERE kind LIKE 'stock.%'"),
                     0);
}

static void using(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, late = receive(g, &a, "Milk", 1000, clock_ms() + 9 * CLOCK_DAY, &sku);
    int64_t never = receive(g, &a, "Milk", 1000, 0, NULL);
    int64_t soon = receive(g, &a, "Milk", 1000, clock_ms() + CLOCK_DAY, NULL), group;

    assert_int_equal(consume(g, &a, 0, sku, 1500, &group), DB_OK);
    assert_int_equal(lot_qty(g, soon), 0);
    assert_int_equal(lot_qty(g, late), 500);
    assert_int_equal(lot_qty(g, never), 1000);
    refused(g, consume(g, &a, late, 0, 501, NULL), 409, "qty", "refusal.stock_short");
    assert_int_equal(int_in(db_refusal(g->db)->args, "have_milli"), 500);
    assert_string_equal(text_in(db_refusal(g->db)->args, "unit"), "kg");
    refused(g, consume(g, &a, 0, sku, 1501, NULL), 409, "qty", "refusal.stock_short");
    refused(g, consume(g, &a, 0, sku, 0, NULL), 422, "qty", "refusal.qty_missing");
    refused(g, consume(g, &a, late, 0, -5, NULL), 422, "qty", "refusal.qty_missing");
    assert_int_equal(consume(g, &b, late, 0, 1, NULL), DB_NONE);
    assert_int_equal(consume(g, &a, late, sku + 1, 1, NULL), DB_NONE);
    assert_int_equal(consume(g, &b, 0, sku, 1, NULL), DB_NONE);
    assert_int_equal(
        stock_expire(g->db, &a,
                     &(struct stock_use) { .lot_id = never, .qty_milli = 1000 }, &group),
        DB_OK);
    assert_int_equal(lot_qty(g, never), 0);
    assert_int_equal(
        number_of(g, "SELECT count(*) FROM stock_move WHERE kind = 'expire'"), 1);
    assert_int_equal(check_balances(g->file), 0);
}

static void reserved_stays(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, lot = receive(g, &a, "Bowl", 5000, 0, &sku), group;

    reserve(g, order_new(g, &a, &b, sku, 3000));
    refused(g, consume(g, &a, lot, 0, 2001, NULL), 409, "qty", "refusal.stock_short");
    assert_int_equal(int_in(db_refusal(g->db)->args, "have_milli"), 2000);
    refused(g, stock_count(g->db, &a, lot, 2000, "", NULL), 409, "qty",
            "refusal.stock_reserved");
    assert_int_equal(consume(g, &a, lot, 0, 2000, &group), DB_OK);
    refused(g, consume(g, &a, 0, sku, 1, NULL), 409, "qty", "refusal.stock_short");
    assert_int_equal(lot_qty(g, lot), 3000);
}

static void reversing(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, one = receive(g, &a, "Rice", 1000, 0, &sku);
    int64_t two = receive(g, &a, "Rice", 1000, 0, NULL), group, back, received;

    received = number_of(g, "SELECT min(id) FROM stock_move");
    assert_int_equal(consume(g, &a, 0, sku, 1500, &group), DB_OK);
    refused(g, stock_reverse(g->db, &a, received, "", NULL), 409, NULL,
            "refusal.used_since");
    assert_int_equal(stock_reverse(g->db, &b, group, "", NULL), DB_NONE);
    assert_int_equal(stock_reverse(g->db, &a, group + 1, "typed wrongly", &back), DB_OK);
    assert_int_equal(lot_qty(g, one), 1000);
    assert_int_equal(lot_qty(g, two), 1000);
    assert_int_equal(
        number_of(g, "SELECT count(*) FROM stock_move WHERE kind = 'reverse'"), 2);
    refused(g, stock_reverse(g->db, &a, group, "", NULL), 409, NULL,
            "refusal.reversed_already");
    refused(g, stock_reverse(g->db, &a, back, "", NULL), 409, NULL,
            "refusal.is_reversal");
    assert_int_equal(stock_reverse(g->db, &a, received, "", NULL), DB_OK);
    assert_int_equal(lot_qty(g, one), 0);
    reserve(g, order_new(g, &a, &b, sku, 1000));
    refused(g, stock_reverse(g->db, &a, received + 1, "", NULL), 409, NULL,
            "refusal.used_since");
    assert_int_equal(lot_qty(g, two), 1000);
    assert_int_equal(check_balances(g->file), 0);
}

static void equal_receipts(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    int64_t sku, one = receive(g, &a, "Oil", 1000, 0, &sku);
    int64_t two = receive(g, &a, "Oil", 1000, 0, NULL);

    assert_int_equal(stock_reverse(g->db, &a,
                                   number_of(g, "SELECT max(id) FROM stock_move"), "",
                                   NULL),
                     DB_OK);
    assert_int_equal(lot_qty(g, one), 1000);
    assert_int_equal(lot_qty(g, two), 0);
}

static void counting_and_places(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, lot = receive(g, &a, "Wool", 4000, 0, &sku), group, place, hers;
    json_t *rows;

    assert_int_equal(stock_count(g->db, &a, lot, 4000, "", &group), DB_OK);
    assert_int_equal(group, 0);
    assert_int_equal(stock_count(g->db, &a, lot, 4500, "shelf", &group), DB_OK);
    assert_int_equal(stock_count(g->db, &b, lot, 1, "", NULL), DB_NONE);
    assert_int_equal(place_get(g->db, a.account_id, "Store / Rack", &place), DB_OK);
    assert_int_equal(place_get(g->db, b.account_id, "Hers", &hers), DB_OK);
    refused(g, stock_place(g->db, &a, lot, hers, 1000, NULL), 422, "place",
            "refusal.choose_again");
    refused(g, stock_place(g->db, &a, lot, 0, 1000, NULL), 422, "place",
            "refusal.place_same");
    refused(g, stock_place(g->db, &a, lot, place, 4501, NULL), 409, "qty",
            "refusal.stock_short");
    reserve(g, order_new(g, &a, &b, sku, 4500));
    assert_int_equal(stock_place(g->db, &a, lot, place, 4500, &group), DB_OK);
    assert_int_equal(lot_qty(g, lot), 0);
    assert_int_equal(stock_lots(g->db, a.account_id, sku, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "place"), "Store / Rack");
    refused(g, place_delete(g->db, &a, place), 409, NULL, "refusal.value_in_use");
    assert_int_equal(stock_reverse(g->db, &a, group, "", NULL), DB_OK);
    assert_int_equal(lot_qty(g, lot), 4500);
    assert_int_equal(place_delete(g->db, &a, place), DB_OK);
    assert_int_equal(check_balances(g->file), 0);
}

static void history(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int64_t sku, lot = receive(g, &a, "Tea", 10000, 0, &sku), group, balance = -1;
    int64_t before = 0, seen = 0;
    json_t *rows, *row;
    size_t i;

    for (int n = 1; n <= 6; n++)
        assert_int_equal(consume(g, &a, lot, 0, n * 100, &group), DB_OK);
    assert_int_equal(stock_reverse(g->db, &a, group, "", NULL), DB_OK);
    do {
        assert_int_equal(stock_moves(g->db, a.account_id, sku, before, 3, &rows), DB_OK);
        json_array_foreach(rows, i, row)
        {
            if (balance >= 0)
                assert_int_equal(int_in(row, "balance_milli"), balance);
            balance = int_in(row, "balance_milli") - int_in(row, "qty_milli");
            before = int_in(row, "id");
            assert_string_equal(text_in(row, "user_name"), "Asha");
            assert_int_equal(is_true(row, "is_reversed"), before == group);
            assert_int_equal(is_true(row, "can_reverse"),
                             before != group &&
                                 strcmp(text_in(row, "kind"), "reverse") != 0);
            seen++;
        }
    } while (json_array_size(rows) > 0);
    assert_int_equal(seen, 8);
    assert_int_equal(balance, 0);
    assert_int_equal(stock_moves(g->db, a.account_id, sku, 0, 1, &rows), DB_OK);
    assert_int_equal(int_in(json_array_get(rows, 0), "balance_milli"), 8500);
    assert_int_equal(stock_moves(g->db, b.account_id, sku, 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(stock_journal(g->db, a.account_id, 0, 50, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 8);
    assert_int_equal(stock_usage(g->db, a.account_id, 0, clock_ms() + 1, &rows), DB_OK);
    assert_int_equal(int_in(json_array_get(rows, 0), "consumed_milli"), 1500);
    assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "cost_paise")));
    assert_int_equal(stock_expire(g->db, &a,
                                  &(struct stock_use) { .lot_id = lot, .qty_milli = 500 },
                                  NULL),
                     DB_OK);
    assert_int_equal(stock_moves(g->db, a.account_id, sku, 0, 9, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 9);
    assert_string_equal(text_in(json_array_get(rows, 0), "kind"), "expire");
    assert_int_equal(int_in(json_array_get(rows, 0), "balance_milli"), 8000);
    assert_int_equal(int_in(json_array_get(rows, 1), "balance_milli"), 8500);
}

static void not_erased(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);

    receive(g, &a, "Ink", 1000, 0, NULL);
    db_begin(g->db);
    assert_int_equal(db_exec(g->db, "DELETE FROM stock_move", DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    db_begin(g->db);
    assert_int_equal(db_exec(g->db, "UPDATE stock_move SET qty_milli = 1", DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    db_begin(g->db);
    assert_int_equal(db_exec(g->db,
                             "INSERT INTO stock_move(account_id, sku_id, lot_id, kind,"
                             " qty_milli, group_id, at_ms) SELECT account_id, sku_id,"
                             " lot_id, 'consume', -1001, 1, 1 FROM stock_move",
                             DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    assert_int_equal(number_of(g, "SELECT qty_milli FROM lot"), 1000);
}

/* --- races --- */

enum { THREADS = 16, TRIES = 10, PIECES = 50 };

struct racer {
    pthread_t thread;
    struct db_file *file;
    struct actor actor;
    int64_t lot;
    int taken, refused, failed;
};

static void *racer_run(void *arg)
{
    struct racer *r = arg;

    for (int i = 0; i < TRIES; i++) {
        struct arena *a = arena_new();
        struct stock_use use = { .lot_id = r->lot, .qty_milli = 1000, .note = "" };
        enum db_rc rc;

        arena_json(a);
        rc = stock_consume(db_new(r->file, a), &r->actor, &use, NULL);
        r->taken += rc == DB_OK;
        r->refused += rc == DB_REFUSED;
        r->failed += rc != DB_OK && rc != DB_REFUSED;
        arena_json(NULL);
        arena_free(a);
    }
    return NULL;
}

static void last_pieces(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    struct racer racers[THREADS] = { 0 };
    int64_t lot = receive(g, &a, "Last", PIECES * 1000, 0, NULL);
    int taken = 0, refusals = 0;

    db_release(g->db);
    for (int i = 0; i < THREADS; i++) {
        racers[i].file = g->file;
        racers[i].actor = a;
        racers[i].lot = lot;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, racer_run, &racers[i]),
                         0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
        taken += racers[i].taken;
        refusals += racers[i].refused;
        assert_int_equal(racers[i].failed, 0);
    }
    assert_int_equal(taken, PIECES);
    assert_int_equal(refusals, THREADS * TRIES - PIECES);
    assert_int_equal(lot_qty(g, lot), 0);
    assert_int_equal(number_of(g, "SELECT -sum(qty_milli) FROM stock_move"
                                  " WHERE kind = 'consume'"),
                     PIECES * 1000);
    assert_int_equal(check_balances(g->file), 0);
}

/* --- random moves --- */

static uint32_t seed;

static int64_t random_to(int64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (int64_t)(seed % (uint32_t)n);
}

static int64_t random_id(struct ground *g, const char *sql)
{
    int64_t n = number_of(g, sql);

    return 1 + random_to(n + 1);
}

static enum db_rc random_step(struct ground *g, const struct actor *a, int64_t place)
{
    int64_t qty = 100 * (1 + random_to(40));
    int64_t lot = random_id(g, "SELECT max(id) FROM lot");
    int64_t sku = random_id(g, "SELECT max(id) FROM sku");
    struct stock_use use = { .qty_milli = qty, .note = "" };

    switch (random_to(8)) {
    case 0:
    case 1:
        receive(g, a, random_to(2) ? "Rice" : "Dal", qty,
                random_to(2) ? 0 : clock_ms() + random_to(9) * CLOCK_DAY - CLOCK_DAY,
                NULL);
        return DB_OK;
    case 2: use.lot_id = lot; return stock_consume(g->db, a, &use, NULL);
    case 3: use.sku_id = sku; return stock_consume(g->db, a, &use, NULL);
    case 4: use.sku_id = sku; return stock_expire(g->db, a, &use, NULL);
    case 5: return stock_count(g->db, a, lot, qty, "", NULL);
    case 6: return stock_place(g->db, a, lot, random_to(2) ? place : 0, qty, NULL);
    default: break;
    }
    return stock_reverse(g->db, a, random_id(g, "SELECT max(id) FROM stock_move"), "",
                         NULL);
}

static void random_moves(void **state)
{
    struct ground *g = *state;
    struct actor a = asha(g);
    int done = 0, refusals = 0;
    int64_t place;

    seed = 20261122;
    assert_int_equal(place_get(g->db, a.account_id, "Store", &place), DB_OK);
    receive(g, &a, "Rice", 1000, 0, NULL);
    for (int i = 0; i < 400; i++) {
        enum db_rc rc = random_step(g, &a, place);

        assert_int_not_equal(rc, DB_ERR);
        done += rc == DB_OK;
        refusals += rc == DB_REFUSED;
    }
    assert_true(done > 150 && refusals > 20);
    assert_int_equal(check_balances(g->file), 0);
    assert_int_equal(db_integrity(g->file), 0);
}

/* What a bug, or a hand in the file, could do; each must be found. */
static void findings(void **state)
{
    static const char *const harm[] = {
        "UPDATE sku SET on_hand_milli = on_hand_milli + 1",
        "UPDATE lot SET qty_milli = qty_milli + 2",
        "UPDATE sku SET reserved_milli = reserved_milli + 1",
        "UPDATE party SET balance_paise = 1",
        "UPDATE orders SET total_paise = total_paise + 1",
        "UPDATE order_line SET accepted_milli = 1000, delivered_milli = 1000",
        "INSERT INTO document(account_id, order_id, kind, year, serial, number, body,"
        " issued_ms) SELECT vendor_account_id, id, 'invoice', 2026, 2, '2', '{}', 1"
        " FROM orders",
    };
    struct ground *g = *state;
    struct actor a = asha(g), b = bina(g);
    int found = 0;
    int64_t sku;

    receive(g, &a, "Rice", 5000, 0, &sku);
    order_new(g, &a, &b, sku, 1000);
    assert_int_equal(check_balances(g->file), 0);
    for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++) {
        int before = found;

        run(g, harm[i]);
        found = check_balances(g->file);
        assert_true(found > before);
    }
}

#define T(name, fn)                                                                      \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T("INV-1 a receipt makes the SKU, a lot and its move", receiving),
        T("INV-1 a wrong receipt leaves nothing behind", receiving_wrong),
        T("INV-3 use takes the earliest expiry first, never below zero", using),
        T("INV-3 what is reserved stays", reserved_stays),
        T("INV-3 a mistake is reversed as a whole, once", reversing),
        T("INV-3 of two equal receipts one is reversed", equal_receipts),
        T("INV-8 counting, and moving between places", counting_and_places),
        T("INV-8 the history adds up, page by page", history),
        T("INV-3 movements can't be erased, lots can't go below zero", not_erased),
        T("INV-3 sixteen threads and the last pieces of a lot", last_pieces),
        T("INV-8 random moves and reversals agree", random_moves),
        T("SYS-6 check finds what does not add up", findings),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
