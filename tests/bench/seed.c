/* Fills a migrated file with shops, by SQL alone, so that a million SKUs take a minute.
 *
 *   seed FILE shops VENDORS PRODUCTS CUSTOMERS   vendor v has account v, handle shop-v, and
 *                                                products of one SKU each, on sale
 *   seed FILE carts                              every customer's cart: 3 lines of one shop
 *   seed FILE grow MEGABYTES                     until the file is that large
 *
 * The session of customer c has the token of 43 digits c; of vendor 1, of 900000001. */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *db;

static void die(const char *what)
{
    fprintf(stderr, "seed: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql);
}

static long long number(const char *sql)
{
    sqlite3_stmt *stmt;
    long long n;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        die(sql);
    n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

/* token_hash(n): the hash of the token that is the number n in 43 digits. */
static void token_hash(sqlite3_context *c, int count, sqlite3_value **args)
{
    unsigned char hash[32];
    char token[64];

    (void)count;
    snprintf(token, sizeof token, "%043lld", (long long)sqlite3_value_int64(args[0]));
    crypto_generichash(hash, sizeof hash, (const unsigned char *)token, strlen(token), NULL,
                       0);
    sqlite3_result_blob(c, hash, sizeof hash, SQLITE_TRANSIENT);
}

#define NOW "CAST(unixepoch() * 1000 AS INTEGER)"
#define VENDORS "WITH RECURSIVE v(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM v" \
                " WHERE i < (SELECT vendors FROM plan)) "
#define CUSTOMERS "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c" \
                  " WHERE i + 1 < (SELECT customers FROM plan)) "
#define PRODUCTS "WITH RECURSIVE p(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM p" \
                 " WHERE i + 1 < (SELECT vendors * products FROM plan)) "
#define SHOP "i / (SELECT products FROM plan) + 1" /* of product i */
#define NAME                                                                             \
    "CASE i % 5 WHEN 0 THEN 'Basmati rice' WHEN 1 THEN 'Toor dal' WHEN 2 THEN"           \
    " 'Groundnut oil' WHEN 3 THEN 'Assam tea' ELSE 'Cotton towel' END || ' ' || i"

static const char *const people[] = {
    VENDORS "INSERT INTO user(id, mobile, name, created_ms)"
            " SELECT i, printf('+9190%08d', i), 'Owner ' || i, " NOW " FROM v",
    VENDORS "INSERT INTO account(id, email, name, created_ms)"
            " SELECT i, 'shop' || i || '@example.com', 'Shop ' || i, " NOW " FROM v",
    VENDORS "INSERT INTO vendor(account_id, handle, trade_name, about, address, state_code,"
            " gst_status, gstin, upi, mobile, state, asked_ms) SELECT i, 'shop-' || i,"
            " 'Shop ' || i, 'Groceries and household goods', '12 Market Road, Mysuru 570001',"
            " '29', 'regular', '29ABCDE1234F1Z5', 'shop@upi', printf('+9190%08d', i),"
            " 'approved', " NOW " FROM v",
    VENDORS "INSERT INTO unit(id, account_id, name, folded)"
            " SELECT i, i, 'piece', 'piece' FROM v",
    VENDORS "INSERT INTO category(id, account_id, name, folded) SELECT i * 5 + k.value, i,"
            " 'Shelf ' || k.value, 'shelf ' || k.value FROM v, json_each('[0,1,2,3,4]') k",
    CUSTOMERS "INSERT INTO user(id, mobile, name, created_ms)"
              " SELECT vendors + i + 1, printf('+9180%08d', i), 'Customer ' || i, " NOW
              " FROM c, plan",
    CUSTOMERS "INSERT INTO account(id, email, name, created_ms) SELECT vendors + i + 1,"
              " 'home' || i || '@example.com', 'Customer ' || i, " NOW " FROM c, plan",
    "INSERT INTO membership(account_id, user_id, is_primary, created_ms)"
    " SELECT id, id, 1, created_ms FROM account",
    CUSTOMERS "INSERT INTO session(token_hash, user_id, account_id, created_ms, seen_ms,"
              " expires_ms) SELECT token_hash(i), vendors + i + 1, vendors + i + 1, " NOW ", "
              NOW ", " NOW " + 864000000 FROM c, plan",
    "INSERT INTO session(token_hash, user_id, account_id, created_ms, seen_ms, expires_ms)"
    " VALUES (token_hash(900000001), 1, 1, " NOW ", " NOW ", " NOW " + 864000000)",
    NULL
};

static const char *const goods[] = {
    PRODUCTS "INSERT INTO sku(id, account_id, name, folded, code, unit_id, category_id,"
             " low_milli, on_hand_milli, created_ms) SELECT i + 1, " SHOP ", " NAME ","
             " lower(" NAME "), printf('890%010d', i), " SHOP ", (" SHOP ") * 5 + i % 5, 5000,"
             " 1000000000, " NOW " FROM p",
    "INSERT INTO product(id, account_id, name, folded, code, category_id, description,"
    " created_ms) SELECT id, account_id, name, folded, code, category_id,"
    " 'Good everyday quality, packed in the shop and sold by the piece.', created_ms FROM sku",
    "INSERT INTO listing(id, account_id, product_id, sku_id, price_paise, discount_bp,"
    " gst_bp, hsn, created_ms) SELECT id, account_id, id, id, 5000 + id % 977 * 100,"
    " id % 3 * 500, 500, '1006', created_ms FROM sku",
    "INSERT INTO photo(account_id, product_id, name, width, height, thumb_width,"
    " thumb_height, position, created_ms) SELECT account_id, id, printf('%032x', id), 1200,"
    " 900, 320, 240, 0, created_ms FROM sku",
    "INSERT INTO lot(id, account_id, sku_id, source, cost_paise, qty_milli, received_ms)"
    " SELECT id, account_id, id, 'hand', 4000, on_hand_milli, created_ms FROM sku",
    "INSERT INTO stock_move(id, account_id, sku_id, lot_id, kind, qty_milli, group_id,"
    " user_id, at_ms) SELECT id, account_id, id, id, 'receive', on_hand_milli, id,"
    " account_id, created_ms FROM sku",
    NULL
};

static void all_run(const char *const *statements)
{
    for (; *statements; statements++)
        run(*statements);
}

/* Triggers off: the balances are written as the journal would have made them. */
static void shops_seed(int vendors, int products, int customers)
{
    char plan[200];

    run("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA foreign_keys=OFF");
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    snprintf(plan, sizeof plan,
             "CREATE TEMP TABLE plan AS SELECT %d AS vendors, %d AS products, %d AS customers",
             vendors, products, customers);
    run(plan);
    run("BEGIN");
    all_run(people);
    all_run(goods);
    run("COMMIT");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
}

/* Customer c takes 3 products of shop c modulo the shops. */
static void carts_seed(void)
{
    run("PRAGMA busy_timeout=15000; BEGIN IMMEDIATE; DELETE FROM requirement;"
        "INSERT INTO requirement(account_id, user_id, listing_id, qty_milli, created_ms)"
        " SELECT a.id, a.id, (SELECT min(id) FROM listing WHERE account_id = 1 + a.id % n)"
        "  + (a.id * 3 + k.value) % 48, 1000, a.created_ms"
        " FROM account a, (SELECT count(*) AS n FROM vendor), json_each('[0,1,2]') k"
        " WHERE a.id > n; COMMIT");
}

static void file_grow(long long megabytes)
{
    run("PRAGMA synchronous=OFF");
    while (number("SELECT page_count * page_size / 1048576 FROM pragma_page_count,"
                  " pragma_page_size") < megabytes)
        run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
            " INSERT INTO audit_entry(account_id, user_id, user_name, kind, subject, after,"
            " at_ms) SELECT 1, 1, 'Owner 1', 'sku.changed', 'Basmati rice ' || i,"
            " printf('%0500d', i), " NOW " FROM n");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
}

int main(int argc, char **argv)
{
    if (argc < 3 || sodium_init() < 0 ||
        sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die("usage: seed FILE shops VENDORS PRODUCTS CUSTOMERS | carts | grow MEGABYTES");
    sqlite3_create_function(db, "token_hash", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                            token_hash, NULL, NULL);
    if (strcmp(argv[2], "shops") == 0 && argc == 6)
        shops_seed(atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
    else if (strcmp(argv[2], "carts") == 0)
        carts_seed();
    else if (strcmp(argv[2], "grow") == 0 && argc == 4)
        file_grow(atoll(argv[3]));
    sqlite3_close(db);
    return 0;
}
