/* Each rule is one statement that answers what breaks it, a line of words a row; so each
 * looks at one moment, and writers may go on meanwhile. */
#include "db/check.h"

#include "db/base/log.h"

#include <string.h>

enum { FINDINGS_MAX = 100 };

static const struct rule {
    const char *name, *sql;
} rules[] = {
    { "lot-moves",
      "SELECT printf('lot %d has %d, its movements say %d', l.id, l.qty_milli, t.n)"
      " FROM lot l JOIN (SELECT k.id, (SELECT ifnull(sum(m.qty_milli), 0) FROM"
      " stock_move m"
      "  WHERE m.lot_id = k.id) AS n FROM lot k) t ON t.id = l.id WHERE l.qty_milli"
      " <> t.n" },
    { "sku-moves",
      "SELECT printf('sku %d has %d on hand, its movements say %d', s.id,"
      " s.on_hand_milli,"
      " t.n) FROM sku s JOIN (SELECT k.id, (SELECT ifnull(sum(m.qty_milli), 0)"
      "  FROM stock_move m WHERE m.sku_id = k.id) AS n FROM sku k) t ON t.id = s.id"
      " WHERE s.on_hand_milli <> t.n" },
    { "sku-lots",
      "SELECT printf('sku %d has %d on hand, its lots %d', s.id, s.on_hand_milli, t.n)"
      " FROM sku s JOIN (SELECT k.id, (SELECT ifnull(sum(l.qty_milli), 0) FROM lot l"
      "  WHERE l.sku_id = k.id) AS n FROM sku k) t ON t.id = s.id"
      " WHERE s.on_hand_milli <> t.n" },
    { "sku-reserved",
      "SELECT printf('sku %d has %d reserved, its reservations say %d', s.id,"
      " s.reserved_milli, t.n) FROM sku s JOIN (SELECT k.id, (SELECT"
      " ifnull(sum(r.qty_milli),"
      "  0) FROM reservation r WHERE r.sku_id = k.id) AS n FROM sku k) t ON t.id = s.id"
      " WHERE s.reserved_milli <> t.n" },
    { "reservation-order",
      "SELECT printf('order %d is %s and still has stock reserved', o.id, o.state)"
      " FROM reservation r JOIN order_line l ON l.id = r.order_line_id"
      " JOIN orders o ON o.id = l.order_id WHERE o.state NOT IN ('ordered',"
      " 'accepted')" },
    { "move-pairs",
      "SELECT printf('movement %d does not undo movement %d', r.id, m.id) FROM"
      " stock_move r"
      " JOIN stock_move m ON m.id = r.reverses_id"
      " WHERE r.qty_milli <> -m.qty_milli OR r.lot_id <> m.lot_id" },
    { "party-ledger",
      "SELECT printf('party %d has a balance of %d, its entries say %d', p.id,"
      " p.balance_paise, t.n) FROM party p JOIN (SELECT k.id, (SELECT"
      " ifnull(sum(e.paise), 0)"
      "  FROM ledger_entry e WHERE e.party_id = k.id) AS n FROM party k) t ON t.id"
      " = p.id"
      " WHERE p.balance_paise <> t.n" },
    { "document-serials",
      "SELECT printf('account %d has %d documents of kind %s in %d, numbered up to %d',"
      " account_id, count(*), kind, year, max(serial)) FROM document"
      " GROUP BY account_id, kind, year HAVING max(serial) <> count(*)" },
    { "order-totals",
      "SELECT printf('order %d has a total of %d, its lines say %d', o.id,"
      " o.total_paise, t.n)"
      " FROM orders o JOIN (SELECT k.id, (SELECT ifnull(sum(l.total_paise), 0)"
      "  FROM order_line l WHERE l.order_id = k.id) + k.charge_paise AS n FROM"
      " orders k) t"
      " ON t.id = o.id WHERE o.total_paise <> t.n" },
    { "order-moves",
      "SELECT printf('order %d delivered %d of sku %d, the movements say %d',"
      " t.order_id,"
      " t.delivered, t.sku_id, t.moved) FROM (SELECT l.order_id, l.sku_id,"
      "  sum(l.delivered_milli) AS delivered, (SELECT ifnull(-sum(m.qty_milli), 0)"
      "   FROM stock_move m WHERE m.order_id = l.order_id AND m.sku_id = l.sku_id"
      "   AND m.kind = 'deliver') AS moved"
      "  FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.kind = 'online'"
      "  GROUP BY l.order_id, l.sku_id) t WHERE t.delivered <> t.moved" },
    { "order-received",
      "SELECT printf('order %d delivered %d in line %d, the customer received %d',"
      " t.order_id, t.delivered_milli, t.id, t.n) FROM (SELECT l.id, l.order_id,"
      "  l.delivered_milli, (SELECT ifnull(sum(m.qty_milli), 0) FROM lot k"
      "   JOIN stock_move m ON m.lot_id = k.id WHERE k.order_line_id = l.id"
      "   AND m.kind = 'receive') AS n"
      "  FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.kind = 'online'"
      "  AND o.state = 'delivered') t WHERE t.delivered_milli <> t.n" },
    { "order-sale",
      "SELECT printf('order %d is %s, its sale in the ledger says %d instead of"
      " %d', o.id,"
      " o.state, ifnull(e.paise, 0), o.total_paise) FROM orders o LEFT JOIN"
      " ledger_entry e"
      " ON e.order_id = o.id AND e.kind = 'sale' WHERE o.kind = 'online' AND"
      " ifnull(e.paise, 0) <> CASE o.state WHEN 'delivered' THEN o.total_paise ELSE"
      " 0 END" },
};

/* The number of findings; -1 on failure. */
static int rule_check(struct db *db, const struct rule *rule)
{
    const char *sql = arena_printf(
        db_arena(db),
        "SELECT group_concat(finding, char(10)) FROM (SELECT NULL"
        " AS finding WHERE 0 UNION ALL %s LIMIT ?1)",
        rule->sql);
    const char *lines;
    int n = 0;
    enum db_rc rc = db_text(db, sql, DB_ARGS(DB_INT(FINDINGS_MAX)), &lines);

    if (rc == DB_ERR) {
        log_error("check rule=%s failed", rule->name);
        return -1;
    }
    for (; lines && *lines; n++) {
        size_t length = strcspn(lines, "\n");

        log_error("check rule=%s found=%.*s", rule->name, (int)length, lines);
        lines += length + (lines[length] == '\n');
    }
    return n;
}

int check_balances(struct db_file *file)
{
    struct arena *a = arena_new();
    struct db *db = db_new(file, a);
    int found = 0;

    for (size_t i = 0; found >= 0 && i < sizeof rules / sizeof rules[0]; i++) {
        int n = rule_check(db, &rules[i]);

        found = n < 0 ? -1 : found + n;
    }
    arena_free(a);
    return found;
}
