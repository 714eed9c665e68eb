/* Lists of lots and movements. The running balance of a page of movements starts from
 * what is on hand now, less all that was booked since; so it is right on every page
 * without adding up from the first movement. */
#include "db/stock.h"

#include "db/base/clock.h"
#include "db/place.h"

enum { LOTS_OPEN = 200, PAGE_DEFAULT = 50, PAGE_MAX = 10000, USAGE_ROWS = 10000 };

static struct db_arg page_limit(int limit)
{
    return DB_INT(limit < 1 ? PAGE_DEFAULT : limit > PAGE_MAX ? PAGE_MAX : limit);
}

static struct db_arg page_before(int64_t before_id)
{
    return DB_INT(before_id > 0 ? before_id : INT64_MAX);
}

#define LOT_PATH_SQL PLACE_PATH_SQL("l.place_id")

/* ?1 is the account, ?2 now. */
#define LOT_COLUMNS                                                                      \
    "SELECT l.id, l.sku_id, l.qty_milli, (SELECT m.qty_milli FROM stock_move m"          \
    " WHERE m.lot_id = l.id ORDER BY m.id LIMIT 1) AS received_milli, l.cost_paise,"     \
    " l.expires_ms, ifnull(l.expires_ms <= ?2, 0) AS is_expired, l.source,"              \
    " o.id AS order_id, o.number AS order_number, l.supplier_id,"                        \
    " ifnull(f.name, '') AS supplier, l.place_id,"                                       \
    " ifnull(" LOT_PATH_SQL ", '') AS place, l.kept_values, l.note,"                     \
    " l.received_ms"

#define LOT_JOINS                                                                        \
    " LEFT JOIN supplier f ON f.id = l.supplier_id"                                      \
    " LEFT JOIN order_line ol ON ol.id = l.order_line_id"                                \
    " LEFT JOIN orders o ON o.id = ol.order_id"

#define VALUE_SQL(ref)                                                                   \
    "ifnull((SELECT ', ' || v.name FROM attribute_value v WHERE v.id = " ref "), '')"

#define VARIANT_SQL                                                                      \
    "substr(" VALUE_SQL("s.value1_id") " || " VALUE_SQL("s.value2_id") " || " VALUE_SQL( \
        "s.value3_id") ", 3) AS variant"

enum db_rc stock_lots(struct db *db, int64_t account_id, int64_t sku_id, json_t **rows)
{
    return db_rows(db,
                   LOT_COLUMNS " FROM lot l" LOT_JOINS
                               " WHERE l.sku_id = ?3 AND l.account_id = ?1"
                               " AND l.qty_milli > 0"
                               " ORDER BY ifnull(l.expires_ms, 9223372036854775807), l.id"
                               " LIMIT ?4",
                   DB_ARGS(DB_INT(account_id), DB_INT(clock_ms()), DB_INT(sku_id),
                           DB_INT(LOTS_OPEN)),
                   rows);
}

enum db_rc stock_lots_all(struct db *db, int64_t account_id, int64_t sku_id,
                          int64_t before_id, int limit, json_t **rows)
{
    return db_rows(db,
                   LOT_COLUMNS " FROM lot l" LOT_JOINS
                               " WHERE l.sku_id = ?3 AND l.account_id = ?1 AND l.id < ?4"
                               " ORDER BY l.id DESC LIMIT ?5",
                   DB_ARGS(DB_INT(account_id), DB_INT(clock_ms()), DB_INT(sku_id),
                           page_before(before_id), page_limit(limit)),
                   rows);
}

enum db_rc stock_lot_find(struct db *db, int64_t account_id, int64_t lot_id, json_t **row)
{
    return db_row(db,
                  LOT_COLUMNS ", s.name AS sku, " VARIANT_SQL
                              ", u.name AS unit, u.decimals"
                              " FROM lot l JOIN sku s ON s.id = l.sku_id"
                              " JOIN unit u ON u.id = s.unit_id" LOT_JOINS
                              " WHERE l.id = ?3 AND l.account_id = ?1",
                  DB_ARGS(DB_INT(account_id), DB_INT(clock_ms()), DB_INT(lot_id)), row);
}

enum db_rc stock_lot_move(struct db *db, int64_t account_id, int64_t lot_id,
                          int64_t *move_id)
{
    return db_int(db,
                  "SELECT m.id FROM stock_move m WHERE m.lot_id = ?2"
                  " AND m.account_id = ?1 ORDER BY m.id LIMIT 1",
                  DB_ARGS(DB_INT(account_id), DB_INT(lot_id)), move_id);
}

#define MOVE_COLUMNS                                                                     \
    "SELECT m.id, m.at_ms, m.kind, m.qty_milli, m.lot_id,"                               \
    " ifnull((SELECT " LOT_PATH_SQL " FROM lot l WHERE l.id = m.lot_id), '')"            \
    " AS place, m.order_id, o.number AS order_number,"                                   \
    " (SELECT n.trade_name FROM vendor n WHERE n.account_id = o.vendor_account_id"       \
    "  AND n.account_id <> ?1) AS order_shop, m.note,"                                   \
    " ifnull(w.name, '') AS user_name, m.reverses_id, r.id IS NOT NULL AS is_reversed,"  \
    " m.kind <> 'reverse' AND m.order_id IS NULL AND r.id IS NULL AS can_reverse"

#define MOVE_JOINS                                                                       \
    " LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN user w ON w.id = m.user_id"      \
    " LEFT JOIN stock_move r ON r.reverses_id = m.id"

enum db_rc stock_moves(struct db *db, int64_t account_id, int64_t sku_id,
                       int64_t before_id, int limit, json_t **rows)
{
    return db_rows(db,
                   MOVE_COLUMNS
                   ", m.start_milli - ifnull(sum(m.qty_milli) OVER (ORDER BY m.id DESC"
                   "  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)"
                   " AS balance_milli FROM (SELECT q.id, q.at_ms, q.kind, q.qty_milli,"
                   "  q.lot_id, q.order_id, q.note, q.user_id, q.reverses_id,"
                   "  (SELECT s.on_hand_milli FROM sku s WHERE s.id = ?2)"
                   "  - (SELECT ifnull(sum(n.qty_milli), 0) FROM stock_move n"
                   "     WHERE n.sku_id = ?2 AND n.id >= ?3) AS start_milli"
                   "  FROM stock_move q WHERE q.sku_id = ?2 AND q.account_id = ?1"
                   "  AND q.id < ?3 ORDER BY q.id DESC LIMIT ?4) m" MOVE_JOINS
                   " ORDER BY m.id DESC",
                   DB_ARGS(DB_INT(account_id), DB_INT(sku_id), page_before(before_id),
                           page_limit(limit)),
                   rows);
}

enum db_rc stock_journal(struct db *db, int64_t account_id, int64_t before_id, int limit,
                         json_t **rows)
{
    return db_rows(db,
                   MOVE_COLUMNS ", m.sku_id, s.name AS sku, " VARIANT_SQL
                                ", u.name AS unit, u.decimals FROM stock_move m"
                                " JOIN sku s ON s.id = m.sku_id"
                                " JOIN unit u ON u.id = s.unit_id" MOVE_JOINS
                                " WHERE m.account_id = ?1 AND m.id < ?2"
                                " ORDER BY m.id DESC LIMIT ?3",
                   DB_ARGS(DB_INT(account_id), page_before(before_id), page_limit(limit)),
                   rows);
}

enum db_rc stock_usage(struct db *db, int64_t account_id, int64_t from_ms, int64_t to_ms,
                       json_t **rows)
{
    return db_rows(
        db,
        "SELECT t.sku_id, s.name AS sku, " VARIANT_SQL ", u.name AS unit, u.decimals,"
        " ifnull(c.name, '') AS category, t.consumed_milli, t.expired_milli,"
        " t.delivered_milli, t.returned_milli, t.cost_paise FROM ("
        "SELECT m.sku_id, max(m.id) AS newest_id,"
        " ifnull(-sum(m.qty_milli) FILTER (WHERE m.kind = 'consume'), 0)"
        " AS consumed_milli,"
        " ifnull(-sum(m.qty_milli) FILTER (WHERE m.kind = 'expire'), 0)"
        " AS expired_milli,"
        " ifnull(-sum(m.qty_milli) FILTER (WHERE m.kind = 'deliver'), 0)"
        " AS delivered_milli,"
        " ifnull(-sum(m.qty_milli) FILTER (WHERE m.kind = 'return'), 0)"
        " AS returned_milli,"
        " CASE WHEN count(l.cost_paise) = count(m.id) THEN"
        "  CAST(round(sum(-m.qty_milli * 1.0 * l.cost_paise) / 1000) AS INTEGER) END"
        " AS cost_paise"
        " FROM stock_move m JOIN lot l ON l.id = m.lot_id"
        " WHERE m.account_id = ?1 AND m.at_ms >= ?2 AND m.at_ms < ?3"
        " AND m.kind IN ('consume', 'expire', 'deliver', 'return')"
        " AND NOT EXISTS (SELECT 1 FROM stock_move r WHERE r.reverses_id = m.id)"
        " GROUP BY m.sku_id) t"
        " JOIN sku s ON s.id = t.sku_id JOIN unit u ON u.id = s.unit_id"
        " LEFT JOIN category c ON c.id = s.category_id"
        " ORDER BY t.newest_id DESC LIMIT ?4",
        DB_ARGS(DB_INT(account_id), DB_INT(from_ms), DB_INT(to_ms), DB_INT(USAGE_ROWS)),
        rows);
}
