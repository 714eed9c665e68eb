/* The journal. Every change of stock is an INSERT into stock_move; triggers keep the
 * balances of lot and SKU beside it, and their CHECKs hold the line below zero and below
 * what is reserved. What is refused in words here is looked up under the writer, so it
 * stays true until the transaction ends. Receiving, using and reversing stand here; what
 * goes between accounts is in stock_delivery.c, the lists in stock_list.c. */
#include "db/stock_internal.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/custom.h"
#include "db/hook.h"
#include "db/price.h"
#include "db/supplier.h"
#include "db/unit.h"

#include <string.h>

static enum db_rc holding_read(enum db_rc rc, const json_t *row, struct holding *h)
{
    if (rc == DB_OK)
        *h = (struct holding) { .sku_id = row_int(row, "id"),
                                .name = row_text(row, "name"),
                                .unit = row_text(row, "unit"),
                                .decimals = row_int(row, "decimals"),
                                .on_hand = row_int(row, "on_hand_milli"),
                                .reserved = row_int(row, "reserved_milli") };
    return rc;
}

enum db_rc holding_find(struct db *db, int64_t account_id, int64_t sku_id,
                        struct holding *h)
{
    json_t *row;
    enum db_rc rc = db_row(db,
                           "SELECT s.id, s.name, u.name AS unit, u.decimals,"
                           " s.on_hand_milli, s.reserved_milli FROM sku s"
                           " JOIN unit u ON u.id = s.unit_id"
                           " WHERE s.id = ?1 AND s.account_id = ?2",
                           DB_ARGS(DB_INT(sku_id), DB_INT(account_id)), &row);

    return holding_read(rc, row, h);
}

enum db_rc holding_of_lot(struct db *db, int64_t account_id, int64_t lot_id,
                          struct holding *h, int64_t *lot_milli)
{
    json_t *row;
    enum db_rc rc = db_row(
        db,
        "SELECT s.id, s.name, u.name AS unit, u.decimals,"
        " s.on_hand_milli, s.reserved_milli, l.qty_milli FROM lot l"
        " JOIN sku s ON s.id = l.sku_id JOIN unit u ON u.id = s.unit_id"
        " WHERE l.id = ?1 AND l.account_id = ?2",
        DB_ARGS(DB_INT(lot_id), DB_INT(account_id)), &row);

    *lot_milli = rc == DB_OK ? row_int(row, "qty_milli") : 0;
    return holding_read(rc, row, h);
}

enum db_rc lot_insert(struct db *db, const struct lot *lot, int64_t *id)
{
    return db_insert(
        db,
        "INSERT INTO lot(account_id, sku_id, source, order_line_id, supplier_id,"
        " place_id, cost_paise, expires_ms, kept_values, note, received_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        DB_ARGS(DB_INT(lot->account_id), DB_INT(lot->sku_id), DB_TEXT(lot->source),
                DB_REF(lot->order_line_id), DB_REF(lot->supplier_id),
                DB_REF(lot->place_id),
                lot->cost_paise < 0 ? DB_NULL : DB_INT(lot->cost_paise),
                DB_REF(lot->expires_ms), DB_TEXT(lot->kept_values), DB_TEXT(lot->note),
                DB_INT(clock_ms())),
        id);
}

enum db_rc move_insert(struct db *db, const struct move *m, int64_t *group)
{
    int64_t id = 0;
    enum db_rc rc = db_insert(
        db,
        "INSERT INTO stock_move(id, account_id, sku_id, lot_id, kind, qty_milli,"
        " order_id, group_id, reverses_id, note, user_id, at_ms)"
        " SELECT n.id, ?1, ?2, ?3, ?4, ?5, ?6,"
        " ifnull(?7, n.id), ?8, ?9, ?10, ?11"
        " FROM (SELECT ifnull(max(id), 0) + 1 AS id FROM stock_move) n",
        DB_ARGS(DB_INT(m->account_id), DB_INT(m->sku_id), DB_INT(m->lot_id),
                DB_TEXT(m->kind), DB_INT(m->qty_milli), DB_REF(m->order_id),
                DB_REF(*group), DB_REF(m->reverses_id), DB_TEXT(m->note),
                DB_REF(m->user_id), DB_INT(clock_ms())),
        &id);

    if (!*group)
        *group = id;
    return rc == DB_OK ? hook_stock(db, id) : rc;
}

/* Adds what `qty_milli` of a lot cost to `*cost`, which turns to -1 once that isn't
 * known. */
static void cost_add(int64_t *cost, const json_t *lot, int64_t qty_milli)
{
    int64_t paise = price_times(row_int(lot, "cost_paise"), qty_milli);

    if (*cost < 0)
        return;
    if (row_is_null(lot, "cost_paise") || paise == INT64_MAX ||
        __builtin_add_overflow(*cost, paise, cost))
        *cost = -1;
}

enum db_rc lots_take(struct db *db, const struct move *move, int64_t qty_milli,
                     int64_t from_ms, int64_t *group, int64_t *cost_paise)
{
    struct move m = *move;
    int64_t cost = 0;
    json_t *lot;
    enum db_rc rc = DB_OK;

    while (rc == DB_OK && qty_milli > 0) {
        int64_t there;

        rc = db_row(db,
                    "SELECT id, qty_milli, cost_paise FROM lot WHERE sku_id = ?1"
                    " AND qty_milli > 0"
                    " AND ifnull(expires_ms, 9223372036854775807) > ?2"
                    " ORDER BY ifnull(expires_ms, 9223372036854775807), id LIMIT 1",
                    DB_ARGS(DB_INT(m.sku_id), DB_INT(from_ms)), &lot);
        if (rc == DB_NONE && from_ms > 0) {
            from_ms = 0;
            rc = DB_OK;
            continue;
        }
        if (rc != DB_OK)
            break;
        there = row_int(lot, "qty_milli");
        m.lot_id = row_int(lot, "id");
        m.qty_milli = -(there < qty_milli ? there : qty_milli);
        cost_add(&cost, lot, -m.qty_milli);
        qty_milli += m.qty_milli;
        rc = move_insert(db, &m, group);
    }
    if (rc == DB_NONE) {
        log_error("stock sku=%lld has fewer in its lots than on hand",
                  (long long)m.sku_id);
        rc = DB_ERR;
    }
    if (cost_paise)
        *cost_paise = cost;
    return rc;
}

enum db_rc qty_check(struct db *db, const struct holding *h, int64_t qty_milli)
{
    if (qty_milli <= 0)
        return db_refuse(db, 422, "qty", "refusal.qty_missing", NULL);
    if (qty_milli > STOCK_QTY_MAX)
        return db_refuse(db, 422, "qty", "refusal.qty_large", NULL);
    if (unit_fits(qty_milli, h->decimals))
        return DB_OK;
    if (h->decimals == 0)
        return db_refuse(db, 422, "qty", "refusal.qty_whole",
                         json_pack("{s:s}", "unit", h->unit));
    return db_refuse(db, 422, "qty", "refusal.qty_decimals",
                     json_pack("{s:I}", "n", (json_int_t)h->decimals));
}

enum db_rc qty_short(struct db *db, const struct holding *h, int64_t have_milli)
{
    return db_refuse(db, 409, "qty", "refusal.stock_short",
                     json_pack("{s:s, s:I, s:s}", "name", h->name, "have_milli",
                               (json_int_t)have_milli, "unit", h->unit));
}

enum db_rc place_check(struct db *db, int64_t account_id, int64_t place_id)
{
    int64_t id;
    enum db_rc rc;

    if (!place_id)
        return DB_OK;
    rc = db_int(db, "SELECT id FROM place WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(place_id), DB_INT(account_id)), &id);
    return rc == DB_NONE ? custom_refuse_gone(db, "place") : rc;
}

enum db_rc stock_audit(struct db *db, const struct actor *actor, const char *kind,
                       const struct holding *h, int64_t qty_milli)
{
    const char *after = arena_printf(db_arena(db), "%s%s", qty_milli > 0 ? "+" : "",
                                     text_amount(db_arena(db), qty_milli, h->unit));

    return audit_write(db, actor, kind, h->name, NULL, after);
}

/* --- receiving --- */

static enum db_rc supplier_resolve(struct db *db, int64_t account_id,
                                   const struct receipt *r, int64_t *id)
{
    enum db_rc rc;

    *id = 0;
    if (!r->supplier_id) {
        if (!r->supplier || !r->supplier[strspn(r->supplier, " \t\r\n")])
            return DB_OK;
        return supplier_get(db, account_id, r->supplier, id);
    }
    rc = db_int(db, "SELECT id FROM supplier WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(r->supplier_id), DB_INT(account_id)), id);
    return rc == DB_NONE ? custom_refuse_gone(db, "supplier") : rc;
}

static enum db_rc receipt_check(struct db *db, const struct holding *h,
                                const struct receipt *r)
{
    enum db_rc rc = qty_check(db, h, r->qty_milli);

    if (rc == DB_OK && (r->cost_paise < -1 || r->cost_paise > STOCK_COST_MAX))
        rc = db_refuse(db, 422, "cost", "refusal.cost", NULL);
    return rc;
}

/* The lot and its move, once the SKU is known. */
static enum db_rc receipt_book(struct db *db, const struct actor *actor,
                               const struct receipt *r, const struct holding *h,
                               int64_t *lot_id)
{
    struct lot lot = { .account_id = actor->account_id,
                       .sku_id = h->sku_id,
                       .source = r->source ? r->source : "hand",
                       .place_id = r->place_id,
                       .cost_paise = r->cost_paise,
                       .expires_ms = r->expires_ms > 0 ? r->expires_ms : 0,
                       .kept_values = "",
                       .note = custom_note(db, r->note) };
    struct move m = { .account_id = actor->account_id,
                      .sku_id = h->sku_id,
                      .kind = "receive",
                      .qty_milli = r->qty_milli,
                      .note = lot.note,
                      .user_id = actor->user_id };
    int64_t group = 0;
    enum db_rc rc = place_check(db, actor->account_id, r->place_id);

    if (rc == DB_OK)
        rc = supplier_resolve(db, actor->account_id, r, &lot.supplier_id);
    if (rc == DB_OK)
        rc = lot_insert(db, &lot, &m.lot_id);
    if (rc == DB_OK)
        rc = move_insert(db, &m, &group);
    *lot_id = m.lot_id;
    return rc == DB_OK ? stock_audit(db, actor, "stock.received", h, r->qty_milli) : rc;
}

enum db_rc stock_receive(struct db *db, const struct actor *actor,
                         const struct receipt *r, int64_t *lot_id, int64_t *sku_id)
{
    struct holding h = { .sku_id = r->sku_id };
    int64_t lot = 0;
    enum db_rc rc = DB_OK;

    db_begin(db);
    if (!r->sku_id)
        rc = sku_get(db, actor, &r->spec, &h.sku_id, NULL);
    if (rc == DB_OK)
        rc = holding_find(db, actor->account_id, h.sku_id, &h);
    if (rc == DB_OK)
        rc = receipt_check(db, &h, r);
    if (rc == DB_OK && r->low_milli >= 0)
        rc = sku_set_low(db, actor, h.sku_id, r->low_milli);
    if (rc == DB_OK)
        rc = receipt_book(db, actor, r, &h, &lot);
    if (lot_id)
        *lot_id = lot;
    if (sku_id)
        *sku_id = h.sku_id;
    db_made(db, h.sku_id);
    return db_end(db, rc);
}

/* --- using --- */

static enum db_rc use_book(struct db *db, const struct actor *actor, const char *kind,
                           const struct stock_use *use, const struct holding *h,
                           int64_t *group)
{
    struct move m = { .account_id = actor->account_id,
                      .sku_id = h->sku_id,
                      .lot_id = use->lot_id,
                      .kind = kind,
                      .qty_milli = -use->qty_milli,
                      .note = custom_note(db, use->note),
                      .user_id = actor->user_id };

    if (use->lot_id)
        return move_insert(db, &m, group);
    return lots_take(db, &m, use->qty_milli, 0, group, NULL);
}

static enum db_rc stock_take_out(struct db *db, const struct actor *actor,
                                 const char *kind, const char *audit,
                                 const struct stock_use *use, int64_t *group_id)
{
    struct holding h;
    int64_t have, group = 0;
    enum db_rc rc;

    db_begin(db);
    if (use->lot_id)
        rc = holding_of_lot(db, actor->account_id, use->lot_id, &h, &have);
    else
        rc = holding_find(db, actor->account_id, use->sku_id, &h);
    if (rc == DB_OK && use->sku_id && use->sku_id != h.sku_id)
        rc = DB_NONE;
    if (rc == DB_OK)
        rc = qty_check(db, &h, use->qty_milli);
    if (rc == DB_OK) {
        int64_t free_milli = h.on_hand - h.reserved;

        if (!use->lot_id || free_milli < have)
            have = free_milli;
        if (use->qty_milli > have)
            rc = qty_short(db, &h, have);
    }
    if (rc == DB_OK)
        rc = use_book(db, actor, kind, use, &h, &group);
    if (rc == DB_OK)
        rc = stock_audit(db, actor, audit, &h, -use->qty_milli);
    if (group_id)
        *group_id = group;
    db_made(db, group);
    return db_end(db, rc);
}

enum db_rc stock_consume(struct db *db, const struct actor *actor,
                         const struct stock_use *use, int64_t *group_id)
{
    return stock_take_out(db, actor, "consume", "stock.consumed", use, group_id);
}

enum db_rc stock_expire(struct db *db, const struct actor *actor,
                        const struct stock_use *use, int64_t *group_id)
{
    return stock_take_out(db, actor, "expire", "stock.expired", use, group_id);
}

static enum db_rc counted_check(struct db *db, const struct holding *h, int64_t lot_milli,
                                int64_t counted_milli)
{
    enum db_rc rc = counted_milli == 0 ? DB_OK : qty_check(db, h, counted_milli);

    if (rc == DB_OK && lot_milli - counted_milli > h->on_hand - h->reserved)
        rc = db_refuse(db, 409, "qty", "refusal.stock_reserved",
                       json_pack("{s:I, s:s}", "reserved_milli", (json_int_t)h->reserved,
                                 "unit", h->unit));
    return rc;
}

enum db_rc stock_count(struct db *db, const struct actor *actor, int64_t lot_id,
                       int64_t counted_milli, const char *note, int64_t *group_id)
{
    struct holding h;
    int64_t have, group = 0;
    enum db_rc rc;

    db_begin(db);
    rc = holding_of_lot(db, actor->account_id, lot_id, &h, &have);
    if (rc == DB_OK)
        rc = counted_check(db, &h, have, counted_milli);
    if (rc == DB_OK && counted_milli != have) {
        struct move m = { .account_id = actor->account_id,
                          .sku_id = h.sku_id,
                          .lot_id = lot_id,
                          .kind = "count",
                          .qty_milli = counted_milli - have,
                          .note = custom_note(db, note),
                          .user_id = actor->user_id };

        rc = move_insert(db, &m, &group);
        if (rc == DB_OK)
            rc = stock_audit(db, actor, "stock.counted", &h, m.qty_milli);
    }
    if (group_id)
        *group_id = group;
    db_made(db, group);
    return db_end(db, rc);
}

/* --- moving --- */

/* A lot like `lot_id` in another place, still empty. */
static enum db_rc lot_split(struct db *db, int64_t lot_id, int64_t place_id, int64_t *id)
{
    return db_insert(
        db,
        "INSERT INTO lot(account_id, sku_id, source, order_line_id, supplier_id,"
        " place_id, cost_paise, expires_ms, kept_values, note, received_ms)"
        " SELECT account_id, sku_id, source, order_line_id, supplier_id, ?2,"
        " cost_paise, expires_ms, kept_values, note, received_ms"
        " FROM lot WHERE id = ?1",
        DB_ARGS(DB_INT(lot_id), DB_REF(place_id)), id);
}

static enum db_rc place_differs(struct db *db, int64_t lot_id, int64_t place_id)
{
    int64_t now;
    enum db_rc rc = db_int(db, "SELECT ifnull(place_id, 0) FROM lot WHERE id = ?1",
                           DB_ARGS(DB_INT(lot_id)), &now);

    if (rc == DB_OK && now == place_id)
        return db_refuse(db, 422, "place", "refusal.place_same", NULL);
    return rc;
}

enum db_rc stock_place(struct db *db, const struct actor *actor, int64_t lot_id,
                       int64_t place_id, int64_t qty_milli, int64_t *group_id)
{
    struct move m = { .account_id = actor->account_id,
                      .kind = "place",
                      .note = "",
                      .user_id = actor->user_id };
    struct holding h;
    int64_t have, group = 0;
    enum db_rc rc;

    db_begin(db);
    rc = holding_of_lot(db, actor->account_id, lot_id, &h, &have);
    if (rc == DB_OK)
        rc = place_check(db, actor->account_id, place_id);
    if (rc == DB_OK)
        rc = place_differs(db, lot_id, place_id);
    if (rc == DB_OK)
        rc = qty_check(db, &h, qty_milli);
    if (rc == DB_OK && qty_milli > have)
        rc = qty_short(db, &h, have);
    if (rc == DB_OK)
        rc = lot_split(db, lot_id, place_id, &m.lot_id);
    if (rc == DB_OK) {
        /* In before out, so that reserved stock can be moved too. */
        m.sku_id = h.sku_id;
        m.qty_milli = qty_milli;
        move_insert(db, &m, &group);
        m.lot_id = lot_id;
        m.qty_milli = -qty_milli;
        rc = move_insert(db, &m, &group);
    }
    if (rc == DB_OK)
        rc = stock_audit(db, actor, "stock.placed", &h, qty_milli);
    if (group_id)
        *group_id = group;
    db_made(db, group);
    return db_end(db, rc);
}
