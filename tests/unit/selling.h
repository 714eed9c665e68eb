/* A small world for tests of selling: a fresh database with a vendor, customers, and
 * goods. */
#ifndef SELLING_H
#define SELLING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/check.h"
#include "db/listing.h"
#include "db/migrate.h"
#include "db/order.h"
#include "db/requirement.h"
#include "db/search.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHARED static __attribute__((unused))

struct world {
    char folder[32];
    struct db_file *file;
    struct arena *a;
    struct db *db;
    struct actor seller; /* of the shop */
    struct actor buyer;
    struct actor other; /* another customer */
    struct actor rival; /* another vendor */
};

static const unsigned char code_key[ORDER_KEY_BYTES] = "a key for the tests, 32 bytes !";

/* --- plain SQL --- */

SHARED int64_t number(struct db *db, const char *sql)
{
    int64_t n;

    assert_true(db_int(db, sql, DB_NO_ARGS, &n) >= DB_NONE);
    return n;
}

SHARED int64_t number_of(struct db *db, const char *sql, int64_t id)
{
    int64_t n;

    assert_true(db_int(db, sql, DB_ARGS(DB_INT(id)), &n) >= DB_NONE);
    return n;
}

SHARED void run(struct db *db, const char *sql)
{
    db_begin(db);
    assert_int_equal(db_end(db, db_exec(db, sql, DB_NO_ARGS)), DB_OK);
}

SHARED int64_t get(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

SHARED const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));

    return s ? s : "";
}

SHARED bool yes(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

/* The last call was refused with this key. */
#define assert_refused(db, rc, name)                                                     \
    do {                                                                                 \
        assert_int_equal(rc, DB_REFUSED);                                                \
        assert_string_equal(db_refusal(db)->key, name);                                  \
    } while (0)

/* --- people and goods --- */

SHARED struct actor person_new(struct db *db, const char *name, int n)
{
    struct actor actor = { .address = "127.0.0.1" };
    const char *mobile = arena_printf(db_arena(db), "+9198765%05d", n);
    const char *email = arena_printf(db_arena(db), "%d@example.in", n);

    db_begin(db);
    db_insert(db, "INSERT INTO user(mobile, name, created_ms) VALUES (?1, ?2, 1)",
              DB_ARGS(DB_TEXT(mobile), DB_TEXT(name)), &actor.user_id);
    db_insert(db, "INSERT INTO account(email, name, created_ms) VALUES (?1, ?2, 1)",
              DB_ARGS(DB_TEXT(email), DB_TEXT(name)), &actor.account_id);
    db_exec(db,
            "INSERT INTO membership(account_id, user_id, is_primary, created_ms)"
            " VALUES (?1, ?2, 1, 1)",
            DB_ARGS(DB_INT(actor.account_id), DB_INT(actor.user_id)));
    db_exec(
        db,
        "INSERT INTO unit(account_id, name, folded, decimals) VALUES (?1, 'kg', 'kg', 3)",
        DB_ARGS(DB_INT(actor.account_id)));
    db_exec(db,
            "INSERT INTO unit(account_id, name, folded, decimals)"
            " VALUES (?1, 'piece', 'piece', 0)",
            DB_ARGS(DB_INT(actor.account_id)));
    assert_int_equal(db_end(db, DB_OK), DB_OK);
    return actor;
}

SHARED void vendor_new(struct db *db, const struct actor *who, const char *handle,
                       const char *name, const char *rule)
{
    db_begin(db);
    db_exec(
        db,
        "INSERT INTO vendor(account_id, handle, trade_name, address, state_code, "
        "gst_status,"
        " gstin, upi, state, stock_rule, is_doorstep, doorstep_paise, asked_ms)"
        " VALUES (?1, ?2, ?3, '1 Market Road, Pune 411001', '27', 'regular',"
        " '27AAPFU0939F1ZV', 'shop@upi', 'approved', ?4, 1, 4000, 1)",
        DB_ARGS(DB_INT(who->account_id), DB_TEXT(handle), DB_TEXT(name), DB_TEXT(rule)));
    assert_int_equal(db_end(db, search_vendor_changed(db, who->account_id)), DB_OK);
}

SHARED void stock_add(struct db *db, const struct actor *who, int64_t sku,
                      int64_t qty_milli)
{
    int64_t lot;

    db_begin(db);
    db_insert(db,
              "INSERT INTO lot(account_id, sku_id, source, received_ms)"
              " VALUES (?1, ?2, 'hand', 1)",
              DB_ARGS(DB_INT(who->account_id), DB_INT(sku)), &lot);
    assert_int_equal(
        db_end(
            db,
            db_exec(db,
                    "INSERT INTO stock_move(account_id, sku_id, lot_id, kind, qty_milli,"
                    " group_id, at_ms) VALUES (?1, ?2, ?3, 'receive', ?4, 1, 1)",
                    DB_ARGS(DB_INT(who->account_id), DB_INT(sku), DB_INT(lot),
                            DB_INT(qty_milli)))),
        DB_OK);
}

SHARED int64_t sku_new(struct db *db, const struct actor *who, const char *name,
                       const char *unit, int64_t qty_milli)
{
    int64_t id;

    db_begin(db);
    assert_int_equal(
        db_end(db,
               db_insert(db,
                         "INSERT INTO sku(account_id, name, folded, unit_id, created_ms)"
                         " SELECT ?1, ?2, ?3, id, 1 FROM unit WHERE account_id = ?1"
                         " AND name = ?4",
                         DB_ARGS(DB_INT(who->account_id), DB_TEXT(name),
                                 DB_TEXT(text_fold(db_arena(db), name)), DB_TEXT(unit)),
                         &id)),
        DB_OK);
    if (qty_milli > 0)
        stock_add(db, who, id, qty_milli);
    return id;
}

/* Puts it on sale, GST 18 % in the price; a price of -1 is to be asked for. */
SHARED int64_t sell(struct db *db, const struct actor *who, int64_t sku, int64_t paise)
{
    struct listing_price price = { .is_ask = paise < 0,
                                   .price_paise = paise < 0 ? 0 : paise,
                                   .gst_bp = 1800,
                                   .is_inclusive = true,
                                   .hsn = "1006" };
    int64_t id;

    assert_int_equal(listing_put(db, who, sku, &price, &id), DB_OK);
    return id;
}

/* --- orders --- */

SHARED struct cart_owner cart_of(const struct actor *who)
{
    return (struct cart_owner) { .account_id = who->account_id, .user_id = who->user_id };
}

SHARED int64_t want(struct db *db, const struct actor *who, int64_t listing,
                    int64_t qty_milli)
{
    struct cart_owner owner = cart_of(who);
    int64_t id;

    assert_int_equal(requirement_add(db, &owner, listing, qty_milli, 0, NULL, &id),
                     DB_OK);
    return id;
}

SHARED enum db_rc place(struct db *db, const struct actor *who,
                        const struct actor *vendor, int64_t *order_id)
{
    struct placing p = { .vendor_account_id = vendor->account_id,
                         .fulfil = "pickup",
                         .expected_total_paise = -1 };
    struct placed placed;
    enum db_rc rc = order_place(db, who, NULL, &p, 1, &placed);

    *order_id = placed.order_id;
    return rc;
}

SHARED int64_t ordered(struct db *db, const struct actor *who, const struct actor *vendor,
                       int64_t listing, int64_t qty_milli)
{
    int64_t id;

    want(db, who, listing, qty_milli);
    assert_int_equal(place(db, who, vendor, &id), DB_OK);
    return id;
}

SHARED const char *code_of(struct db *db, const struct actor *who, int64_t order_id)
{
    const char *code;

    assert_int_equal(order_code(db, who->account_id, order_id, code_key, &code), DB_OK);
    return code;
}

SHARED enum db_rc deliver_cash(struct db *db, const struct actor *vendor,
                               const struct actor *who, int64_t order_id, bool cash_in)
{
    struct delivery d = { .code = code_of(db, who, order_id),
                          .is_cash_in = cash_in,
                          .key = code_key };

    return order_deliver(db, vendor, order_id, &d);
}

SHARED json_t *order_seen(struct db *db, enum order_side side, const struct actor *who,
                          int64_t order_id)
{
    json_t *order;

    assert_int_equal(order_find(db, side, who->account_id, order_id, &order), DB_OK);
    return order;
}

/* --- the world --- */

SHARED int world_open(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    assert_true(sodium_init() >= 0);
    strcpy(w->folder, "/tmp/invichat-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    w->a = arena_new();
    w->file = db_file_open(arena_printf(w->a, "%s/shop.db", w->folder), 4, true);
    assert_non_null(w->file);
    assert_int_equal(migrate_apply(w->file), DB_OK);
    arena_json(w->a);
    w->db = db_new(w->file, w->a);
    w->seller = person_new(w->db, "Asha", 1);
    w->buyer = person_new(w->db, "Bela", 2);
    w->other = person_new(w->db, "Chand", 3);
    w->rival = person_new(w->db, "Deep", 4);
    vendor_new(w->db, &w->seller, "asha", "Asha Stores", "reserve");
    vendor_new(w->db, &w->rival, "deep", "Deep Traders", "any");
    *state = w;
    return 0;
}

SHARED int world_close(void **state)
{
    struct world *w = *state;
    static const char *const ends[] = { "shop.db", "shop.db-wal", "shop.db-shm" };

    db_release(w->db);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        unlink(arena_printf(w->a, "%s/%s", w->folder, ends[i]));
    db_file_close(w->file);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        unlink(arena_printf(w->a, "%s/%s", w->folder, ends[i]));
    rmdir(w->folder);
    arena_json(NULL);
    arena_free(w->a);
    free(w);
    return 0;
}

#define named(name, f)                                                                   \
    {                                                                                    \
        name, f, world_open, world_close, NULL                                           \
    }

/* Money and stock add up, whatever was done. */
SHARED void assert_adds_up(struct world *w)
{
    db_release(w->db);
    assert_int_equal(check_balances(w->file), 0);
    assert_int_equal(db_integrity(w->file), 0);
}

#endif
