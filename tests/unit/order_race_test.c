#include "selling.h"

#include "db/ledger.h"

#include <pthread.h>

enum { RACERS = 16 };

/* --- threads --- */

struct racer {
    struct world *w;
    struct actor actor;
    int64_t id;    /* what the race is about */
    enum db_rc rc; /* how it ended */
    int64_t made;
    void (*run)(struct racer *racer, struct db *db);
    pthread_t thread;
    pthread_barrier_t *start;
};

static void *racer_main(void *arg)
{
    struct racer *r = arg;
    struct arena *a = arena_new();

    arena_json(a);
    pthread_barrier_wait(r->start);
    r->run(r, db_new(r->w->file, a));
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

/* Lets all of them start at once; answers how many ended with DB_OK. */
static int race(struct racer *racers, int count)
{
    pthread_barrier_t start;
    int good = 0;

    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (int i = 0; i < count; i++) {
        racers[i].start = &start;
        pthread_create(&racers[i].thread, NULL, racer_main, &racers[i]);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(racers[i].thread, NULL);
        good += racers[i].rc == DB_OK;
    }
    pthread_barrier_destroy(&start);
    return good;
}

/* Sixteen customers with the last piece in their carts. */
static void racers_new(struct world *w, struct racer *racers, int64_t listing,
                       void (*run)(struct racer *, struct db *))
{
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer) { .w = w, .run = run, .id = w->seller.account_id };
        racers[i].actor = person_new(w->db, arena_printf(w->a, "Customer %d", i),
                                     100 + i);
        want(w->db, &racers[i].actor, listing, 1000);
    }
    db_release(w->db);
}

static int64_t last_piece(struct world *w, const char *rule)
{
    db_begin(w->db);
    assert_int_equal(db_end(w->db, db_exec(w->db,
                                           "UPDATE vendor SET stock_rule = ?1"
                                           " WHERE handle = 'asha'",
                                           DB_ARGS(DB_TEXT(rule)))),
                     DB_OK);
    return sell(w->db, &w->seller, sku_new(w->db, &w->seller, "Pot", "piece", 1000),
                5000);
}

static void run_place(struct racer *r, struct db *db)
{
    struct actor seller = { .account_id = r->id };

    r->rc = place(db, &r->actor, &seller, &r->made);
    if (r->rc == DB_REFUSED)
        assert_non_null(strstr("refusal.gone refusal.cart_empty", db_refusal(db)->key));
}

static void run_accept(struct racer *r, struct db *db)
{
    r->rc = order_accept(db, &r->w->seller, r->made, NULL, 0);
    if (r->rc == DB_REFUSED)
        assert_string_equal(db_refusal(db)->key, "refusal.short_accept");
}

static void run_deliver(struct racer *r, struct db *db)
{
    r->rc = deliver_cash(db, &r->w->seller, &r->actor, r->made, true);
    if (r->rc == DB_REFUSED)
        assert_string_equal(db_refusal(db)->key, "refusal.short_deliver");
}

/* SEC-19 */
static void reserve_promises_once(void **state)
{
    struct world *w = *state;
    struct racer racers[RACERS];

    racers_new(w, racers, last_piece(w, "reserve"), run_place);
    assert_int_equal(race(racers, RACERS), 1);
    assert_int_equal(number(w->db, "SELECT count(*) FROM orders"), 1);
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Pot'"),
                     1000);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), RACERS - 1);
    assert_adds_up(w);
}

static void available_promises_once_accepted(void **state)
{
    struct world *w = *state;
    struct racer racers[RACERS];

    racers_new(w, racers, last_piece(w, "available"), run_place);
    assert_int_equal(race(racers, RACERS), RACERS);
    for (int i = 0; i < RACERS; i++)
        racers[i].run = run_accept;
    db_release(w->db);
    assert_int_equal(race(racers, RACERS), 1);
    for (int i = 0; i < RACERS; i++) /* refused in words, not stopped by the tables */
        assert_true(racers[i].rc == DB_OK || racers[i].rc == DB_REFUSED);
    assert_int_equal(
        number(w->db, "SELECT count(*) FROM orders WHERE state = 'accepted'"), 1);
    assert_int_equal(number(w->db, "SELECT reserved_milli FROM sku WHERE name = 'Pot'"),
                     1000);
    assert_adds_up(w);
}

static void any_delivers_once_without_asking(void **state)
{
    struct world *w = *state;
    struct racer racers[RACERS];

    racers_new(w, racers, last_piece(w, "any"), run_place);
    assert_int_equal(race(racers, RACERS), RACERS);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(order_accept(w->db, &w->seller, racers[i].made, NULL, 0), DB_OK);
        racers[i].run = run_deliver;
    }
    db_release(w->db);
    assert_int_equal(race(racers, RACERS), 1);
    assert_int_equal(
        number(w->db, "SELECT count(*) FROM orders WHERE state = 'delivered'"), 1);
    assert_int_equal(number_of(w->db,
                               "SELECT on_hand_milli FROM sku WHERE account_id = ?1",
                               w->seller.account_id),
                     0);
    assert_int_equal(number(w->db, "SELECT count(*) FROM document"), 1);
    assert_adds_up(w);
}

static void one_order_however_often_pressed(void **state)
{
    struct world *w = *state;
    struct racer racers[8];
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 90000), 5000);

    want(w->db, &w->buyer, listing, 1000);
    for (int i = 0; i < 8; i++)
        racers[i] = (struct racer) {
            .w = w, .actor = w->buyer, .id = w->seller.account_id, .run = run_place
        };
    db_release(w->db);
    assert_int_equal(race(racers, 8), 1);
    assert_int_equal(number(w->db, "SELECT count(*) FROM orders"), 1);
    assert_int_equal(number(w->db, "SELECT count(*) FROM requirement"), 0);
    assert_adds_up(w);
}

static void run_cancel_or_deliver(struct racer *r, struct db *db)
{
    struct delivery d = { .reason = "seen it", .is_cash_in = true, .key = code_key };

    r->rc = r->id ? order_cancel(db, &r->actor, ORDER_CUSTOMER, r->made, NULL)
                  : order_deliver(db, &r->w->seller, r->made, &d);
}

static void cancelled_or_delivered(void **state)
{
    struct world *w = *state;
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 90000), 5000);

    for (int round = 0; round < 10; round++) {
        struct racer racers[4];
        int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, 1000);

        assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
        for (int i = 0; i < 4; i++)
            racers[i] = (struct racer) { .w = w,
                                         .actor = w->buyer,
                                         .id = i & 1,
                                         .made = id,
                                         .run = run_cancel_or_deliver };
        db_release(w->db);
        assert_int_equal(race(racers, 4), 1);
    }
    assert_int_equal(number(w->db,
                            "SELECT count(*) FROM orders o WHERE (state = 'delivered') <>"
                            " EXISTS (SELECT 1 FROM ledger_entry WHERE order_id = o.id)"),
                     0);
    assert_adds_up(w);
}

static void run_receive(struct racer *r, struct db *db)
{
    r->rc = ledger_receive(db, &r->w->seller, r->id, 3000, "cash", "", "", NULL);
}

static void never_more_than_owed(void **state)
{
    struct world *w = *state;
    struct racer racers[RACERS];
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 90000), 10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, 1000);

    assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
    assert_int_equal(deliver_cash(w->db, &w->seller, &w->buyer, id, false), DB_OK);
    for (int i = 0; i < RACERS; i++)
        racers[i] = (struct racer) { .w = w,
                                     .id = number(w->db, "SELECT id FROM party"),
                                     .run = run_receive };
    db_release(w->db);
    assert_int_equal(race(racers, RACERS), 3);
    assert_int_equal(number(w->db, "SELECT balance_paise FROM party"), 1000);
    assert_adds_up(w);
}

static void run_guess(struct racer *r, struct db *db)
{
    const char *right = code_of(db, &r->w->buyer, r->made);
    struct delivery d = { .code = strcmp(right, "0000") == 0 ? "0001" : "0000",
                          .key = code_key };

    r->rc = order_deliver(db, &r->w->seller, r->made, &d);
}

static void guesses_at_once_are_all_counted(void **state)
{
    struct world *w = *state;
    struct racer racers[RACERS];
    int64_t listing = sell(w->db, &w->seller,
                           sku_new(w->db, &w->seller, "Pot", "piece", 90000), 10000);
    int64_t id = ordered(w->db, &w->buyer, &w->seller, listing, 1000);

    assert_int_equal(order_accept(w->db, &w->seller, id, NULL, 0), DB_OK);
    for (int i = 0; i < RACERS; i++)
        racers[i] = (struct racer) { .w = w, .made = id, .run = run_guess };
    db_release(w->db);
    assert_int_equal(race(racers, RACERS), 0);
    assert_int_equal(number(w->db, "SELECT code_tries FROM orders"), ORDER_CODE_TRIES);
    assert_int_equal(
        number(w->db, "SELECT count(*) FROM order_event WHERE kind = 'wrong_code'"),
        ORDER_CODE_TRIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        named("VORD-4 reserve: the last piece is promised once", reserve_promises_once),
        named("VORD-4 available: the last piece is accepted once",
              available_promises_once_accepted),
        named("VORD-4 any: the last piece is delivered once",
              any_delivers_once_without_asking),
        named("CART-5 one order however often pressed", one_order_however_often_pressed),
        named("ORD-5 cancelled or delivered, not both", cancelled_or_delivered),
        named("CASH-2 never more than owed", never_more_than_owed),
        named("VORD-8 guesses at once are all counted", guesses_at_once_are_all_counted),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
