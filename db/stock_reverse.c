/* Reversing: a counter-entry for each row of an action, those that add stock first, so
 * that no balance dips on the way. What later bookings have taken shows as a lot with too
 * little left. */
#include "db/stock_internal.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "db/custom.h"

/* The rows of the action that the move belongs to, those to be given back first. */
static enum db_rc group_rows(struct db *db, int64_t account_id, int64_t move_id,
                             json_t **rows)
{
    enum db_rc rc = db_rows(
        db,
        "SELECT m.id, m.sku_id, m.lot_id, m.qty_milli, l.qty_milli AS lot_milli,"
        " m.kind = 'reverse' AS is_reversal, m.order_id IS NOT NULL AS is_of_order,"
        " EXISTS (SELECT 1 FROM stock_move r WHERE r.reverses_id = m.id) AS is_reversed"
        " FROM stock_move m JOIN lot l ON l.id = m.lot_id"
        " WHERE m.group_id = (SELECT g.group_id FROM stock_move g WHERE g.id = ?1"
        "                     AND g.account_id = ?2)"
        " AND m.account_id = ?2 ORDER BY m.qty_milli, m.id",
        DB_ARGS(DB_INT(move_id), DB_INT(account_id)), rows);

    return rc == DB_OK && json_array_size(*rows) == 0 ? DB_NONE : rc;
}

/* Why the action as a whole can't be reversed. */
static enum db_rc group_check(struct db *db, const json_t *rows)
{
    const json_t *row = json_array_get(rows, 0);

    if (row_true(row, "is_reversal"))
        return db_refuse(db, 409, NULL, "refusal.is_reversal", NULL);
    if (row_true(row, "is_reversed"))
        return db_refuse(db, 409, NULL, "refusal.reversed_already", NULL);
    if (row_true(row, "is_of_order"))
        return db_refuse(db, 409, NULL, "refusal.move_of_order", NULL);
    return DB_OK;
}

static enum db_rc used_since(struct db *db, const struct holding *h, int64_t have)
{
    return db_refuse(db, 409, NULL, "refusal.used_since",
                     json_pack("{s:s, s:I, s:s}", "name", h->name, "have_milli",
                               (json_int_t)have, "unit", h->unit));
}

/* One counter-entry, refused when too little is left to take back. */
static enum db_rc row_reverse(struct db *db, const struct actor *actor, const json_t *row,
                              const char *note, int64_t *group)
{
    int64_t qty = row_int(row, "qty_milli");
    struct move m = { .account_id = actor->account_id,
                      .sku_id = row_int(row, "sku_id"),
                      .lot_id = row_int(row, "lot_id"),
                      .kind = "reverse",
                      .qty_milli = -qty,
                      .reverses_id = row_int(row, "id"),
                      .note = note,
                      .user_id = actor->user_id };
    struct holding h;
    enum db_rc rc = holding_find(db, actor->account_id, m.sku_id, &h);

    if (rc == DB_OK && qty > 0) {
        int64_t have = row_int(row, "lot_milli"), free_milli = h.on_hand - h.reserved;

        if (free_milli < have)
            have = free_milli;
        if (qty > have)
            return used_since(db, &h, have);
    }
    return rc == DB_OK ? move_insert(db, &m, group) : rc;
}

enum db_rc stock_reverse(struct db *db, const struct actor *actor, int64_t move_id,
                         const char *note, int64_t *group_id)
{
    const char *words = custom_note(db, note);
    int64_t group = 0, total = 0;
    struct holding h;
    json_t *rows, *row;
    size_t i;
    enum db_rc rc;

    db_begin(db);
    rc = group_rows(db, actor->account_id, move_id, &rows);
    if (rc == DB_OK)
        rc = group_check(db, rows);
    json_array_foreach(rows, i, row)
    {
        total -= row_int(row, "qty_milli");
        if (rc == DB_OK)
            rc = row_reverse(db, actor, row, words, &group);
    }
    if (rc == DB_OK)
        rc = holding_find(db, actor->account_id,
                          row_int(json_array_get(rows, 0), "sku_id"), &h);
    if (rc == DB_OK)
        rc = stock_audit(db, actor, "stock.reversed", &h, total);
    if (group_id)
        *group_id = group;
    db_made(db, group);
    return db_end(db, rc);
}
