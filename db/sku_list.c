/* Lists of SKUs. The statement is put together from fixed pieces, one for each filter
 * that is set, with numbered parameters: so each combination has a plan of its own and
 * stays in the statement cache. What a page shows is looked up for its rows only. */
#include "db/sku.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/custom.h"
#include "db/listing_internal.h"

enum { ARGS_MAX = 32, SQL_MAX = 8192, PAGE_DEFAULT = 50, PAGE_MAX = 10000, CODE_ROWS = 50 };
enum { EXPIRING_DAYS = 30 };

struct select {
    struct buf sql;
    struct db_arg args[ARGS_MAX];
    size_t count;
};

/* Adds a parameter and answers its number. */
static int arg_add(struct select *q, struct db_arg arg)
{
    q->args[q->count++] = arg;
    return (int)q->count;
}

/* Of a page of many: what a list shows. */
#define LIST_COLUMNS                                                                     \
    "SELECT s.id, s.name, s.code, u.name AS unit, u.decimals, " VARIANT_SQL              \
    " AS variant, ifnull(c.name, '') AS category, s.on_hand_milli, s.reserved_milli,"    \
    " s.on_hand_milli - s.reserved_milli AS available_milli, s.low_milli,"               \
    " ifnull(s.on_hand_milli - s.reserved_milli <= s.low_milli, 0) AS is_low,"           \
    " (SELECT min(l.expires_ms) FROM lot l WHERE l.sku_id = s.id AND l.qty_milli > 0"    \
    "  AND l.expires_ms IS NOT NULL) AS expires_ms,"                                     \
    " ifnull(li.is_on_sale, 0) AS is_on_sale, li.price_paise"

#define SKU_COLUMNS                                                                      \
    LIST_COLUMNS ", s.unit_id, ifnull(v1.name, '') AS value1,"                           \
                 " ifnull(v2.name, '') AS value2, ifnull(v3.name, '') AS value3,"        \
                 " s.value1_id, s.value2_id, s.value3_id, s.category_id,"                \
                 " s.subcategory_id, ifnull(k.name, '') AS subcategory,"                 \
                 " (SELECT count(*) FROM lot l WHERE l.sku_id = s.id"                    \
                 "  AND l.qty_milli > 0) AS lot_count, ifnull((SELECT p.name FROM "      \
                 "photo p WHERE p.product_id = li.product_id ORDER BY p.position, p.id " \
                 "LIMIT 1), '') AS photo, li.id AS listing_id,"                          \
                 " li.product_id, s.created_ms"

#define LIST_JOINS                                                                       \
    " JOIN unit u ON u.id = s.unit_id" VARIANT_JOINS                                     \
    " LEFT JOIN category c ON c.id = s.category_id"                                      \
    " LEFT JOIN listing li INDEXED BY listing_sku ON li.sku_id = s.id"
#define SKU_JOINS LIST_JOINS " LEFT JOIN category k ON k.id = s.subcategory_id"

static void id_filter(struct select *q, const char *column, int64_t id)
{
    if (id)
        buf_printf(&q->sql, " AND s.%s = ?%d", column, arg_add(q, DB_INT(id)));
}

static void query_filter(struct db *db, struct select *q, const char *query)
{
    const char *words[CUSTOM_WORDS];

    custom_words(db, query, words);
    for (int i = 0; i < CUSTOM_WORDS && words[i]; i++) {
        int n = arg_add(q, DB_TEXT(words[i]));

        buf_printf(&q->sql, " AND (instr(s.folded, ?%d) OR instr(lower(s.code), ?%d))", n,
                   n);
    }
}

/* What depends on the lots. */
static void lot_filters(struct select *q, const struct sku_filter *f, int account)
{
    if (f->place_id) {
        int n = arg_add(q, DB_INT(f->place_id));

        buf_printf(&q->sql,
                   " AND s.id IN (SELECT l.sku_id FROM lot l WHERE l.qty_milli > 0"
                   " AND l.place_id IN (SELECT ?%d UNION ALL SELECT p.id FROM place p"
                   "  WHERE p.parent_id = ?%d UNION ALL SELECT p.id FROM place p"
                   "  JOIN place up ON up.id = p.parent_id WHERE up.parent_id = ?%d))",
                   n, n, n);
    }
    if (f->supplier_id)
        buf_printf(&q->sql,
                   " AND s.id IN (SELECT l.sku_id FROM lot l WHERE l.supplier_id = ?%d)",
                   arg_add(q, DB_INT(f->supplier_id)));
    if (f->is_expiring)
        buf_printf(&q->sql,
                   " AND s.id IN (SELECT l.sku_id FROM lot l WHERE l.account_id = ?%d"
                   " AND l.qty_milli > 0 AND l.expires_ms IS NOT NULL"
                   " AND l.expires_ms <= ?%d)",
                   account, arg_add(q, DB_INT(clock_ms() + EXPIRING_DAYS * CLOCK_DAY)));
}

static void page_filter(struct select *q, const struct sku_filter *f, int account)
{
    int before;

    if (!f->before_id)
        return;
    before = arg_add(q, DB_INT(f->before_id));
    if (f->sort == SKU_NEWEST)
        buf_printf(&q->sql, " AND s.id < ?%d", before);
    else
        buf_printf(&q->sql,
                   " AND (s.folded, s.id) > (SELECT b.folded, b.id FROM sku b"
                   " WHERE b.id = ?%d AND b.account_id = ?%d)",
                   before, account);
}

static void filter_add(struct db *db, struct select *q, int64_t account_id,
                       const struct sku_filter *f)
{
    int account = arg_add(q, DB_INT(account_id));

    buf_printf(&q->sql, " WHERE s.account_id = ?%d", account);
    id_filter(q, "category_id", f->category_id);
    id_filter(q, "subcategory_id", f->subcategory_id);
    id_filter(q, "value1_id", f->value_ids[0]);
    id_filter(q, "value2_id", f->value_ids[1]);
    id_filter(q, "value3_id", f->value_ids[2]);
    query_filter(db, q, f->query);
    lot_filters(q, f, account);
    if (f->is_low)
        buf_puts(&q->sql, " AND s.low_milli IS NOT NULL"
                          " AND s.on_hand_milli - s.reserved_milli <= s.low_milli");
    if (f->is_in_stock)
        buf_puts(&q->sql, " AND s.on_hand_milli > 0");
    if (f->is_off_sale)
        buf_puts(&q->sql, " AND NOT EXISTS (SELECT 1 FROM listing o WHERE o.sku_id = s.id"
                          " AND o.is_on_sale = 1)");
}

static struct select select_new(struct db *db, const char *start)
{
    struct select q = { .sql = buf_new(db_arena(db), 2048, SQL_MAX) };

    buf_puts(&q.sql, start);
    return q;
}

static struct db_args select_args(const struct select *q)
{
    return (struct db_args) { q->args, q->count };
}

enum db_rc sku_list(struct db *db, int64_t account_id, const struct sku_filter *f,
                    struct cell *rows)
{
    struct select q = select_new(db, LIST_COLUMNS " FROM sku s" LIST_JOINS);
    int limit = f->limit < 1 ? PAGE_DEFAULT : f->limit > PAGE_MAX ? PAGE_MAX : f->limit;

    filter_add(db, &q, account_id, f);
    page_filter(&q, f, 1);
    buf_printf(&q.sql, " ORDER BY %s LIMIT ?%d",
               f->sort == SKU_NAME ? "s.folded, s.id" : "s.id DESC",
               arg_add(&q, DB_INT(limit)));
    return db_list(db, buf_str(&q.sql), select_args(&q), rows);
}

enum db_rc sku_count(struct db *db, int64_t account_id, const struct sku_filter *f,
                     int64_t *count)
{
    struct select q = select_new(db, "SELECT count(*) FROM (SELECT 1 FROM sku s");

    filter_add(db, &q, account_id, f);
    buf_printf(&q.sql, " LIMIT ?%d)", arg_add(&q, DB_INT(SKU_COUNT_MAX + 1)));
    return db_int(db, buf_str(&q.sql), select_args(&q), count);
}

enum db_rc sku_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(
        db, SKU_COLUMNS " FROM sku s" SKU_JOINS " WHERE s.account_id = ?1 AND s.id = ?2",
        DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

enum db_rc sku_by_code(struct db *db, int64_t account_id, const char *code, json_t **rows)
{
    const char *stored;
    enum db_rc rc = sku_code(db, code, &stored);

    *rows = json_array();
    if (rc != DB_OK || !*stored)
        return rc;
    return db_rows(db,
                   SKU_COLUMNS " FROM sku s" SKU_JOINS
                               " WHERE s.account_id = ?1 AND s.code = ?2 AND s.code <> ''"
                               " ORDER BY s.id DESC LIMIT ?3",
                   DB_ARGS(DB_INT(account_id), DB_TEXT(stored), DB_INT(CODE_ROWS)), rows);
}
