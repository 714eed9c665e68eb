/* Each rule is one statement that answers what breaks it, a line of words a row; so each
 * looks at one moment, and writers may go on meanwhile. */
#include "db/check.h"

#include "db/base/log.h"

#include <string.h>

enum { FINDINGS_MAX = 100 };

/* Rows of `table` (as t) whose kept `column` isn't what the query `sum` says. */
#define KEPT(table, column, sum)                                                         \
    "SELECT printf('" table " %d: " column " is %d, adds up to %d', id, kept, said)"     \
    " FROM (SELECT t.id, t." column " AS kept, (SELECT " sum ") AS said FROM " table     \
    " t) WHERE kept <> said"

static const struct rule {
    const char *name, *sql;
} rules[] = {
    { "lot-moves", KEPT("lot", "qty_milli",
                        "ifnull(sum(m.qty_milli), 0) FROM stock_move m"
                        " WHERE m.lot_id = t.id") },
    { "sku-moves", KEPT("sku", "on_hand_milli",
                        "ifnull(sum(m.qty_milli), 0) FROM stock_move m"
                        " WHERE m.sku_id = t.id") },
    { "sku-lots", KEPT("sku", "on_hand_milli",
                       "ifnull(sum(l.qty_milli), 0) FROM lot l WHERE l.sku_id = t.id") },
    { "sku-reserved", KEPT("sku", "reserved_milli",
                           "ifnull(sum(r.qty_milli), 0) FROM reservation r"
                           " WHERE r.sku_id = t.id") },
    { "party-ledger", KEPT("party", "balance_paise",
                           "ifnull(sum(e.paise), 0) FROM ledger_entry e"
                           " WHERE e.party_id = t.id") },
    { "order-lines", KEPT("orders", "total_paise",
                          "ifnull(sum(l.total_paise), 0) + t.charge_paise"
                          " FROM order_line l WHERE l.order_id = t.id") },
    { "order-sent", KEPT("order_line", "delivered_milli",
                         "ifnull(-sum(m.qty_milli), 0) FROM stock_move m"
                         " WHERE m.order_id = t.order_id AND m.sku_id = t.sku_id"
                         " AND m.kind = 'deliver'") },
    { "order-received", KEPT("order_line", "delivered_milli",
                             "ifnull(sum(m.qty_milli), 0) FROM lot l"
                             " JOIN stock_move m ON m.lot_id = l.id"
                             " WHERE l.order_line_id = t.id AND m.kind = 'receive'") },
    { "order-reserved",
      "SELECT printf('order %d is %s and has stock reserved', o.id, o.state)"
      " FROM reservation r JOIN order_line l ON l.id = r.order_line_id"
      " JOIN orders o ON o.id = l.order_id"
      " WHERE o.state NOT IN ('ordered', 'accepted')" },
    { "order-sale",
      "SELECT printf('order %d is %s, its sale is %d of %d', o.id, o.state,"
      " ifnull(e.paise, 0), o.total_paise) FROM orders o"
      " LEFT JOIN ledger_entry e ON e.order_id = o.id AND e.kind = 'sale'"
      " WHERE ifnull(e.paise, 0)"
      " <> CASE o.state WHEN 'delivered' THEN o.total_paise ELSE 0 END" },
    { "move-pairs",
      "SELECT printf('movement %d does not undo movement %d', r.id, m.id)"
      " FROM stock_move r JOIN stock_move m ON m.id = r.reverses_id"
      " WHERE r.qty_milli <> -m.qty_milli OR r.lot_id <> m.lot_id" },
    { "document-serials",
      "SELECT printf('account %d: %d of kind %s in %d, numbered up to %d', account_id,"
      " count(*), kind, year, max(serial)) FROM document"
      " GROUP BY account_id, kind, year HAVING max(serial) <> count(*)" },
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
