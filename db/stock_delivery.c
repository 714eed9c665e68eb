/* Goods that go from one account to another. Out: like any use of stock, but named by the
 * order. In: every custom value of the sender's SKU is matched by its folded name, or
 * made, in the receiver's account (CUS-9), in whose name all is written. */
#include "db/stock_internal.h"

#include "db/attribute.h"
#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/category.h"
#include "db/supplier.h"
#include "db/unit.h"

/* Books in what the books lack, as counted, so that the journal still adds up. */
static enum db_rc lack_book(struct db *db, const struct actor *actor,
                            const struct holding *h, int64_t qty_milli)
{
    struct lot lot = { .account_id = actor->account_id,
                       .sku_id = h->sku_id,
                       .source = "hand",
                       .cost_paise = -1,
                       .kept_values = "",
                       .note = "" };
    struct move m = { .account_id = actor->account_id,
                      .sku_id = h->sku_id,
                      .kind = "count",
                      .qty_milli = qty_milli,
                      .note = "",
                      .user_id = actor->user_id };
    int64_t group = 0;
    enum db_rc rc = lot_insert(db, &lot, &m.lot_id);

    if (rc == DB_OK)
        rc = move_insert(db, &m, &group);
    return rc == DB_OK ? stock_audit(db, actor, "stock.counted", h, qty_milli) : rc;
}

enum db_rc stock_deliver_out(struct db *db, const struct actor *actor,
                             const struct stock_delivery *d, int64_t *cost_paise)
{
    struct move m = { .account_id = actor->account_id,
                      .sku_id = d->sku_id,
                      .kind = "deliver",
                      .order_id = d->order_id,
                      .note = "",
                      .user_id = actor->user_id };
    struct holding h;
    int64_t have, group = 0;
    enum db_rc rc;

    if (cost_paise)
        *cost_paise = -1;
    db_begin(db);
    rc = holding_find(db, actor->account_id, d->sku_id, &h);
    if (rc == DB_OK && (d->qty_milli <= 0 || d->qty_milli > STOCK_QTY_MAX))
        rc = qty_check(db, &h, d->qty_milli);
    if (rc == DB_OK) {
        have = h.on_hand - h.reserved;
        if (d->qty_milli > have)
            rc = d->is_more_ok ? lack_book(db, actor, &h, d->qty_milli - have)
                               : qty_short(db, &h, have);
    }
    if (rc == DB_OK)
        rc = lots_take(db, &m, d->qty_milli, clock_ms(), &group, cost_paise);
    return db_end(db, rc);
}

/* The sender's SKU with the names of its custom values. */
static enum db_rc sender_find(struct db *db, const struct stock_copy *c, json_t **row)
{
    return db_row(db,
                  "SELECT s.name, s.code, u.name AS unit, u.decimals,"
                  " ifnull(a1.name, '') AS attribute1, ifnull(v1.name, '') AS value1,"
                  " ifnull(a2.name, '') AS attribute2, ifnull(v2.name, '') AS value2,"
                  " ifnull(a3.name, '') AS attribute3, ifnull(v3.name, '') AS value3,"
                  " ifnull(c.name, '') AS category, ifnull(k.name, '') AS subcategory"
                  " FROM sku s JOIN unit u ON u.id = s.unit_id"
                  " LEFT JOIN attribute_value v1 ON v1.id = s.value1_id"
                  " LEFT JOIN attribute a1 ON a1.id = v1.attribute_id"
                  " LEFT JOIN attribute_value v2 ON v2.id = s.value2_id"
                  " LEFT JOIN attribute a2 ON a2.id = v2.attribute_id"
                  " LEFT JOIN attribute_value v3 ON v3.id = s.value3_id"
                  " LEFT JOIN attribute a3 ON a3.id = v3.attribute_id"
                  " LEFT JOIN category c ON c.id = s.category_id"
                  " LEFT JOIN category k ON k.id = s.subcategory_id"
                  " WHERE s.id = ?1 AND s.account_id = ?2",
                  DB_ARGS(DB_INT(c->sku_id), DB_INT(c->from_account_id)), row);
}

/* The receiver's unit of that name; given more decimals when the quantity needs them. */
static enum db_rc unit_match(struct db *db, const struct stock_copy *c,
                             const json_t *sender, int64_t *id)
{
    int64_t account = c->to_account_id, decimals, needed = row_int(sender, "decimals");
    enum db_rc rc = unit_get(db, account, row_text(sender, "unit"), (int)needed, id);

    if (rc == DB_OK)
        rc = db_int(db, "SELECT decimals FROM unit WHERE id = ?1 AND account_id = ?2",
                    DB_ARGS(DB_INT(*id), DB_INT(account)), &decimals);
    if (rc != DB_OK || unit_fits(c->qty_milli, decimals))
        return rc;
    while (needed < 3 && !unit_fits(c->qty_milli, needed))
        needed++;
    return db_exec(db, "UPDATE unit SET decimals = ?3 WHERE id = ?1 AND account_id = ?2",
                   DB_ARGS(DB_INT(*id), DB_INT(account), DB_INT(needed)));
}

/* Each attribute that the sender's SKU has: its value there, or words for the lot. */
static enum db_rc values_match(struct db *db, int64_t account_id, const json_t *sender,
                               int64_t ids[3], const char **kept)
{
    struct buf words = buf_new(db_arena(db), 64, 1024);
    enum db_rc rc = DB_OK;

    for (int i = 1; rc == DB_OK && i <= 3; i++) {
        const char *name = row_text(sender, arena_printf(db_arena(db), "attribute%d", i));
        const char *value = row_text(sender, arena_printf(db_arena(db), "value%d", i));
        int slot = 0;

        if (!*name)
            continue;
        rc = attribute_get(db, account_id, name, &slot);
        if (rc == DB_OK && slot)
            rc = attribute_value_get(db, account_id, slot, value, &ids[slot - 1]);
        else if (rc == DB_OK)
            buf_printf(&words, "%s%s: %s", words.len ? ", " : "", name, value);
    }
    *kept = buf_str(&words);
    return rc;
}

static enum db_rc categories_match(struct db *db, int64_t account_id,
                                   const json_t *sender, struct sku_spec *spec)
{
    const char *category = row_text(sender, "category");
    const char *subcategory = row_text(sender, "subcategory");
    enum db_rc rc = DB_OK;

    if (*category)
        rc = category_get(db, account_id, 0, category, &spec->category_id);
    if (rc == DB_OK && *subcategory)
        rc = category_get(db, account_id, spec->category_id, subcategory,
                          &spec->subcategory_id);
    return rc;
}

/* The earliest expiry of what the sender delivered of the SKU with the order; 0: none. */
static enum db_rc expiry_find(struct db *db, const struct stock_copy *c,
                              int64_t *expires_ms)
{
    enum db_rc rc = db_int(
        db,
        "SELECT min(l.expires_ms) FROM stock_move m"
        " JOIN lot l ON l.id = m.lot_id WHERE m.order_id = ?1"
        " AND m.sku_id = ?2 AND m.account_id = ?3 AND m.kind = 'deliver'",
        DB_ARGS(DB_INT(c->order_id), DB_INT(c->sku_id), DB_INT(c->from_account_id)),
        expires_ms);

    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc sku_match(struct db *db, const struct stock_copy *c,
                            const json_t *sender, struct lot *lot)
{
    struct actor receiver = { .account_id = c->to_account_id };
    struct sku_spec spec = { .name = c->name ? c->name : row_text(sender, "name"),
                             .code = row_text(sender, "code") };
    enum db_rc rc = unit_match(db, c, sender, &spec.unit_id);

    if (rc == DB_OK)
        rc = values_match(db, c->to_account_id, sender, spec.value_ids,
                          &lot->kept_values);
    if (rc == DB_OK)
        rc = categories_match(db, c->to_account_id, sender, &spec);
    if (rc == DB_OK)
        rc = sku_get(db, &receiver, &spec, &lot->sku_id, NULL);
    return rc;
}

enum db_rc stock_copy_in(struct db *db, const struct stock_copy *c, int64_t *lot_id,
                         int64_t *sku_id)
{
    struct lot lot = { .account_id = c->to_account_id,
                       .source = "order",
                       .order_line_id = c->order_line_id,
                       .cost_paise = c->cost_paise,
                       .note = "" };
    struct move m = { .account_id = c->to_account_id,
                      .kind = "receive",
                      .qty_milli = c->qty_milli,
                      .order_id = c->order_id,
                      .note = "" };
    int64_t group = 0;
    json_t *sender;
    enum db_rc rc;

    db_begin(db);
    rc = sender_find(db, c, &sender);
    if (rc == DB_OK)
        rc = sku_match(db, c, sender, &lot);
    if (rc == DB_OK)
        rc = supplier_of_account(db, c->to_account_id, c->from_account_id,
                                 &lot.supplier_id);
    if (rc == DB_OK)
        rc = expiry_find(db, c, &lot.expires_ms);
    if (rc == DB_OK)
        rc = lot_insert(db, &lot, &m.lot_id);
    m.sku_id = lot.sku_id;
    if (rc == DB_OK)
        rc = move_insert(db, &m, &group);
    if (lot_id)
        *lot_id = m.lot_id;
    if (sku_id)
        *sku_id = lot.sku_id;
    return db_end(db, rc);
}
