/* What the tests of stock share: two accounts, receipts in a line, an order by hand. */
#ifndef STOCK_GROUND_H
#define STOCK_GROUND_H

#include "access_ground.h"

#include "db/check.h"
#include "db/stock.h"
#include "db/unit.h"

static inline struct actor actor_new(struct ground *g, const char *mobile,
                                     const char *email)
{
    int64_t user = user_new(g, mobile);

    return (struct actor) { user, account_new(g, user, email), NULL };
}

static inline struct actor asha(struct ground *g)
{
    return actor_new(g, "+919800000001", "asha@home.in");
}

static inline struct actor bina(struct ground *g)
{
    return actor_new(g, "+919800000002", "bina@home.in");
}

static inline struct receipt receipt_of(const char *name, const char *unit,
                                        int64_t qty_milli)
{
    return (struct receipt) { .spec = { .name = name, .unit = unit },
                              .qty_milli = qty_milli,
                              .cost_paise = -1,
                              .low_milli = -1 };
}

/* Receives pieces; answers the lot. */
static inline int64_t receive(struct ground *g, const struct actor *a, const char *name,
                              int64_t qty_milli, int64_t expires_ms, int64_t *sku_id)
{
    struct receipt r = receipt_of(name, "kg", qty_milli);
    int64_t lot;

    r.expires_ms = expires_ms;
    assert_int_equal(stock_receive(g->db, a, &r, &lot, sku_id), DB_OK);
    return lot;
}

static inline int64_t lot_qty(struct ground *g, int64_t lot)
{
    int64_t n;

    assert_int_equal(db_int(g->db, "SELECT qty_milli FROM lot WHERE id = ?1",
                            DB_ARGS(DB_INT(lot)), &n),
                     DB_OK);
    return n;
}

static inline bool is_true(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

/* The approved vendor role, when it lacks. */
static inline void vendor_new(struct ground *g, const struct actor *a)
{
    db_begin(g->db);
    db_exec(g->db,
            "INSERT OR IGNORE INTO vendor(account_id, handle, trade_name, state_code,"
            " gst_status, state, asked_ms) VALUES (?1, 'shop-' || ?1, 'Mitti Crafts',"
            " '27', 'unregistered', 'approved', 1)",
            DB_ARGS(DB_INT(a->account_id)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

/* An order for `qty_milli` of a vendor's SKU with one line, both with the same id. The
 * vendor's listing and role are made when they lack. */
static inline int64_t order_new(struct ground *g, const struct actor *vendor,
                                const struct actor *customer, int64_t sku_id,
                                int64_t qty_milli)
{
    struct db_args by = DB_ARGS(DB_INT(vendor->account_id), DB_INT(sku_id));
    int64_t id;

    vendor_new(g, vendor);
    db_begin(g->db);
    db_exec(g->db,
            "INSERT OR IGNORE INTO product(id, account_id, name, folded, created_ms)"
            " VALUES (?2, ?1, 'p' || ?2, 'p' || ?2, 1)",
            by);
    db_exec(g->db,
            "INSERT OR IGNORE INTO listing(id, account_id, product_id, sku_id,"
            " price_paise, created_ms) VALUES (?2, ?1, ?2, ?2, 1000, 1)",
            by);
    db_exec(g->db,
            "INSERT OR IGNORE INTO party(id, account_id, customer_account_id, name,"
            " created_ms) VALUES (?1 * 1000 + ?2, ?1, ?2, 'c', 1)",
            DB_ARGS(DB_INT(vendor->account_id), DB_INT(customer->account_id)));
    db_insert(g->db,
              "INSERT INTO orders(number, vendor_account_id, customer_account_id,"
              " customer_user_id, party_id, customer_name, mobile, fulfil, stock_rule,"
              " total_paise, is_priced, gst_status, code_nonce, placed_ms)"
              " SELECT ifnull(max(number), 0) + 1, ?1, ?2, ?3, ?1 * 1000 + ?2, 'c',"
              " '+919800000000', 'pickup', 'reserve', 1000, 1, 'unregistered',"
              " x'00', 1 FROM orders",
              DB_ARGS(DB_INT(vendor->account_id), DB_INT(customer->account_id),
                      DB_INT(customer->user_id)),
              &id);
    db_exec(
        g->db,
        "INSERT INTO order_line(id, order_id, listing_id, sku_id, name, variant, unit,"
        " decimals, hsn, gst_bp, is_inclusive, is_ask, price_paise, asked_milli,"
        " taxable_paise, cgst_paise, sgst_paise, igst_paise, total_paise)"
        " VALUES (?1, ?1, ?2, ?2, 'Goods', '', 'kg', 3, '', 0, 1, 0, 1000, ?3,"
        " 1000, 0, 0, 0, 1000)",
        DB_ARGS(DB_INT(id), DB_INT(sku_id), DB_INT(qty_milli)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    return id;
}

static inline void reserve(struct ground *g, int64_t order_id)
{
    db_begin(g->db);
    db_exec(g->db,
            "INSERT INTO reservation(order_line_id, sku_id, qty_milli)"
            " SELECT id, sku_id, asked_milli FROM order_line WHERE order_id = ?1",
            DB_ARGS(DB_INT(order_id)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

#endif
