/* A page is read in two steps: the ids of one page by key, then all that is shown of them
 * in one query, variants nested as JSON. Prices to pay are computed here, so that a page,
 * the cart and the order cannot differ. */
#include "catalog.h"

#include "listing_internal.h"

enum { FEW_MILLI = 5000 }; /* "only 5 left" where the vendor has set no low level */

/* --- products --- */

static int64_t each_paise(struct price p, enum price_tax tax)
{
    struct amounts sum;

    price_line(&p, 1000, tax, &sum);
    return sum.total_paise;
}

static void variant_price(json_t *v, enum price_tax tax)
{
    struct price p = row_price(v), full = p;
    bool ask = row_is_null(v, "price_paise");
    int64_t each = ask ? 0 : each_paise(p, tax), was;

    full.discount_paise = full.discount_bp = 0;
    was = ask ? 0 : each_paise(full, tax);
    json_object_set_new(v, "is_ask", json_boolean(ask));
    json_object_set_new(v, "each_paise", ask ? json_null() : json_integer(each));
    json_object_set_new(v, "was_paise", was > each ? json_integer(was) : json_null());
    json_object_set_new(v, "off_bp",
                        json_integer(was > each ? (was - each) * 10000 / was : 0));
    json_object_del(v, "price_paise");
    json_object_del(v, "discount_paise");
    json_object_del(v, "discount_bp");
    json_object_del(v, "is_inclusive");
}

static void variant_stock(json_t *v, bool any)
{
    int64_t left = row_int(v, "left_milli");
    int64_t low = row_is_null(v, "low_milli") ? FEW_MILLI : row_int(v, "low_milli");

    json_object_set_new(v, "has_stock", json_boolean(left > 0));
    json_object_set_new(v, "can_order", json_boolean(any || left > 0));
    if (left <= 0 || left > low)
        json_object_set_new(v, "left_milli", json_null());
    json_object_del(v, "low_milli");
}

/* What the variants say of the product together. */
static void product_sum(json_t *product, json_t *variants)
{
    int64_t from = -1, to = -1;
    bool stock = false;
    json_t *v;
    size_t i;

    json_array_foreach(variants, i, v)
    {
        int64_t each = row_int(v, "each_paise");

        stock = stock || row_true(v, "has_stock");
        if (row_true(v, "is_ask"))
            continue;
        from = from < 0 || each < from ? each : from;
        to = each > to ? each : to;
    }
    json_object_set_new(product, "from_paise",
                        from < 0 ? json_null() : json_integer(from));
    json_object_set_new(product, "has_many_prices", json_boolean(from != to));
    json_object_set_new(product, "has_stock", json_boolean(stock));
}

static void product_finish(json_t *product)
{
    json_t *variants = json_object_get(product, "variants_json"), *v;
    enum price_tax tax = price_tax_for(row_text(product, "gst_status"), "", "");
    bool any = strcmp(row_text(product, "stock_rule"), "any") == 0;
    size_t i;

    json_array_foreach(variants, i, v)
    {
        json_object_set_new(v, "is_inclusive", json_boolean(row_int(v, "is_inclusive")));
        variant_price(v, tax);
        variant_stock(v, any);
    }
    product_sum(product, variants);
    json_object_set(product, "variants", variants);
    json_object_del(product, "variants_json");
    json_object_del(product, "gst_status");
    json_object_del(product, "stock_rule");
}

enum db_rc catalog_rows(struct db *db, const json_t *ids, json_t **rows)
{
    json_t *product;
    enum db_rc rc;
    size_t i;

    rc = db_rows(
        db,
        "SELECT p.id AS id, p.name AS name, p.code AS code, p.description AS description,"
        " p.category_id AS category_id, ifnull(c.name, '') AS category,"
        " ifnull(d.name, '') AS subcategory, f.name AS photo_name,"
        " f.thumb_width AS photo_width, f.thumb_height AS photo_height,"
        " n.handle AS handle, n.trade_name AS trade_name, n.gst_status AS gst_status,"
        " n.stock_rule AS stock_rule,"
        " (SELECT json_group_array(json(o.v)) FROM (SELECT json_object('id', l.id,"
        " 'variant', " VARIANT_SQL ", 'unit', u.name, 'decimals', u.decimals,"
        " 'price_paise', l.price_paise, 'discount_paise', l.discount_paise,"
        " 'discount_bp', l.discount_bp, 'gst_bp', l.gst_bp, 'is_inclusive', "
        "l.is_inclusive,"
        " 'left_milli', s.on_hand_milli - s.reserved_milli, 'low_milli', s.low_milli) AS "
        "v"
        " FROM listing l JOIN sku s ON s.id = l.sku_id JOIN unit u ON u.id = "
        "s.unit_id" VARIANT_JOINS
        " WHERE l.product_id = p.id AND l.is_on_sale = 1 ORDER BY l.id) o)"
        " AS variants_json"
        " FROM json_each(?1) j JOIN product p ON p.id = j.value"
        " JOIN vendor n ON n.account_id = p.account_id AND " VENDOR_OPEN_SQL
        " LEFT JOIN photo f ON f.id = " PHOTO_SQL(
            "id") " LEFT JOIN category c ON c.id = p.category_id"
                  " LEFT JOIN category d ON d.id = p.subcategory_id"
                  " WHERE EXISTS (SELECT 1 FROM listing l WHERE l.product_id = p.id"
                  " AND l.is_on_sale = 1) ORDER BY j.key",
        DB_ARGS(DB_TEXT(json_dumps(ids, JSON_COMPACT))), rows);
    json_array_foreach(*rows, i, product) product_finish(product);
    return rc;
}

/* --- the shop --- */

enum db_rc catalog_shop(struct db *db, const char *handle, json_t **shop)
{
    static const char *const shown[] = { "handle", "trade_name", "is_suspended" };
    json_t *bare;
    enum db_rc rc;

    rc = db_row(
        db,
        "SELECT n.account_id AS account_id, n.handle AS handle,"
        " n.trade_name AS trade_name, n.about AS about, n.address AS address,"
        " n.state_code AS state_code, n.mobile AS mobile, n.gst_status AS gst_status,"
        " n.stock_rule AS stock_rule, n.is_doorstep AS is_doorstep,"
        " n.doorstep_paise AS doorstep_paise, n.version AS version,"
        " NOT (" VENDOR_OPEN_SQL ") AS is_suspended FROM vendor n"
        " WHERE n.handle = ?1 AND n.state IN ('approved', 'suspended')",
        DB_ARGS(DB_TEXT(handle)), shop);
    if (rc != DB_OK || !row_true(*shop, "is_suspended"))
        return rc;
    bare = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        json_object_set(bare, shown[i], json_object_get(*shop, shown[i]));
    *shop = bare;
    return DB_OK;
}

enum db_rc catalog_version(struct db *db, const char *handle, int64_t *version)
{
    return db_int(db,
                  "SELECT version FROM vendor WHERE handle = ?1"
                  " AND state IN ('approved', 'suspended')",
                  DB_ARGS(DB_TEXT(handle)), version);
}

/* --- pages --- */

static enum db_rc category_chips(struct db *db, int64_t account_id, int64_t current,
                                 json_t **rows)
{
    return db_rows(db,
                   "SELECT c.id AS id, c.name AS name, count(DISTINCT p.id) AS count,"
                   " c.id = ?2 AS is_current FROM listing l"
                   " JOIN product p ON p.id = l.product_id"
                   " JOIN category c ON c.id = p.category_id"
                   " WHERE l.account_id = ?1 AND l.is_on_sale = 1"
                   " GROUP BY c.id ORDER BY c.folded LIMIT 100",
                   DB_ARGS(DB_INT(account_id), DB_INT(current)), rows);
}

/* The ids of one page; `*next` is the last of them when there are more. */
static enum db_rc page_ids(struct db *db, int64_t account_id, int64_t category_id,
                           int64_t before_id, json_t **ids, int64_t *next)
{
    json_t *rows, *row;
    enum db_rc rc;
    size_t i;

    rc = db_rows(db,
                 "SELECT p.id AS id FROM product p WHERE p.account_id = ?1 AND p.id < ?2"
                 " AND (?3 = 0 OR p.category_id = ?3) AND EXISTS (SELECT 1 FROM listing l"
                 " WHERE l.product_id = p.id AND l.is_on_sale = 1)"
                 " ORDER BY p.id DESC LIMIT ?4",
                 DB_ARGS(DB_INT(account_id), DB_INT(page_before(before_id)),
                         DB_INT(category_id), DB_INT(CATALOG_PAGE + 1)),
                 &rows);
    *ids = json_array();
    json_array_foreach(rows, i, row) if (i < CATALOG_PAGE)
        json_array_append(*ids, json_object_get(row, "id"));
    *next = 0;
    if (json_array_size(rows) > CATALOG_PAGE)
        *next = json_integer_value(json_array_get(*ids, CATALOG_PAGE - 1));
    return rc;
}

enum db_rc catalog_page(struct db *db, const char *handle, int64_t category_id,
                        int64_t before_id, json_t **page)
{
    json_t *shop, *ids, *products = json_array(), *chips = json_array();
    int64_t account_id, next = 0;
    enum db_rc rc = catalog_shop(db, handle, &shop);

    if (rc == DB_OK && !row_true(shop, "is_suspended")) {
        account_id = row_int(shop, "account_id");
        rc = page_ids(db, account_id, category_id, before_id, &ids, &next);
        if (rc == DB_OK)
            rc = catalog_rows(db, ids, &products);
        if (rc == DB_OK)
            rc = category_chips(db, account_id, category_id, &chips);
    }
    *page = rc != DB_OK
                ? NULL
                : json_pack("{s:O, s:O, s:O, s:I}", "shop", shop, "products", products,
                            "categories", chips, "next", (json_int_t)next);
    return rc;
}

enum db_rc catalog_product(struct db *db, const char *handle, int64_t product_id,
                           json_t **page)
{
    json_t *shop, *rows, *product, *photos;
    enum db_rc rc = catalog_shop(db, handle, &shop);

    *page = NULL;
    if (rc == DB_OK && row_true(shop, "is_suspended")) {
        *page = json_pack("{s:O, s:n}", "shop", shop, "product");
        return DB_OK;
    }
    if (rc == DB_OK)
        rc = catalog_rows(db, json_pack("[I]", (json_int_t)product_id), &rows);
    if (rc != DB_OK)
        return rc;
    product = json_array_get(rows, 0);
    if (!product || strcmp(row_text(product, "handle"), row_text(shop, "handle")) != 0)
        return DB_NONE;
    rc = db_rows(db,
                 "SELECT name, width, height, thumb_width, thumb_height FROM photo"
                 " WHERE product_id = ?1 ORDER BY position, id",
                 DB_ARGS(DB_INT(product_id)), &photos);
    json_object_set(product, "photos", photos);
    *page = json_pack("{s:O, s:O}", "shop", shop, "product", product);
    return rc;
}
