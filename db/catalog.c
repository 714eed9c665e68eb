/* Rows are read one at a time, a variant each, and become the products and variants that
 * a page shows, and no more. Prices to pay are computed here, so that a page, the cart
 * and the order cannot differ. */
#include "catalog.h"

#include "listing_internal.h"

/* "Only 5 left" where the vendor has set no low level; the trigger version_stock has it too. */
enum { FEW_MILLI = 5000 };

/* --- products --- */

/* A listing l on sale, a variant of product p. */
enum column {
    PRODUCT,
    NAME,
    CATEGORY,
    PHOTO,
    LISTING,
    VARIANT,
    UNIT,
    DECIMALS,
    PRICE,
    DISCOUNT,
    DISCOUNT_BP,
    GST_BP,
    INCLUSIVE,
    LEFT,
    LOW,
    GST_STATUS, /* of the vendor; from here on only of products of many vendors */
    STOCK_RULE,
    HANDLE,
    TRADE_NAME
};

#define ROW_COLUMNS                                                                      \
    "SELECT p.id, p.name, p.category_id, " PHOTO_SQL(                                    \
        "name") ", l.id, " VARIANT_SQL ","                                               \
                " u.name, u.decimals, l.price_paise, l.discount_paise, l.discount_bp, "  \
                "l.gst_bp,"                                                              \
                " l.is_inclusive, s.on_hand_milli - s.reserved_milli, s.low_milli"
#define ROW_JOINS                                                                        \
    " CROSS JOIN sku s ON s.id = l.sku_id CROSS JOIN unit u ON u.id = "                  \
    "s.unit_id" VARIANT_JOINS

/* How a vendor sells. */
struct selling {
    enum price_tax tax;
    bool is_any; /* also what isn't in stock */
};

static struct selling selling_of(const char *gst_status, const char *stock_rule)
{
    return (struct selling) { price_tax_for(gst_status, "", ""),
                              strcmp(stock_rule, "any") == 0 };
}

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new_nocheck(object, key, value);
}

static json_t *text_value(const struct db_each *row, enum column c)
{
    size_t n;
    const char *text = db_each_text(row, (int)c, &n);

    return json_stringn_nocheck(text, n);
}

static int64_t each_paise(struct price p, enum price_tax tax)
{
    struct amounts sum;

    price_line(&p, 1000, tax, &sum);
    return sum.total_paise;
}

/* What a customer sees of a variant's price and stock. */
struct offer {
    bool is_ask, can_order;
    int64_t each_paise, was_paise; /* was: without the discount */
    int64_t left_milli;
};

static struct offer offer_of(const struct db_each *row, const struct selling *how)
{
    struct price p = { .price_paise = db_each_int(row, PRICE),
                       .discount_paise = db_each_int(row, DISCOUNT),
                       .discount_bp = db_each_int(row, DISCOUNT_BP),
                       .gst_bp = db_each_int(row, GST_BP),
                       .is_inclusive = db_each_int(row, INCLUSIVE) };
    struct offer o = { .is_ask = db_each_is_null(row, PRICE),
                       .left_milli = db_each_int(row, LEFT) };

    o.can_order = how->is_any || o.left_milli > 0;
    if (o.is_ask)
        return o;
    o.each_paise = o.was_paise = each_paise(p, how->tax);
    if (p.discount_paise || p.discount_bp) {
        p.discount_paise = p.discount_bp = 0;
        o.was_paise = each_paise(p, how->tax);
    }
    return o;
}

static json_t *variant_new(const struct db_each *row, const struct offer *o)
{
    int64_t low = db_each_is_null(row, LOW) ? FEW_MILLI : db_each_int(row, LOW);
    int64_t off = o->was_paise - o->each_paise;
    bool few = o->left_milli > 0 && o->left_milli <= low;
    json_t *v = json_object();

    put(v, "id", json_integer(db_each_int(row, LISTING)));
    put(v, "variant", text_value(row, VARIANT));
    put(v, "unit", text_value(row, UNIT));
    put(v, "decimals", json_integer(db_each_int(row, DECIMALS)));
    put(v, "is_ask", json_boolean(o->is_ask));
    put(v, "each_paise", o->is_ask ? json_null() : json_integer(o->each_paise));
    put(v, "was_paise", off > 0 ? json_integer(o->was_paise) : json_null());
    put(v, "off_bp", json_integer(off > 0 ? off * 10000 / o->was_paise : 0));
    put(v, "has_stock", json_boolean(o->left_milli > 0));
    put(v, "can_order", json_boolean(o->can_order));
    put(v, "left_milli", few ? json_integer(o->left_milli) : json_null());
    return v;
}

static json_t *product_new(const struct db_each *row)
{
    json_t *p = json_object();

    put(p, "id", json_integer(db_each_int(row, PRODUCT)));
    put(p, "name", text_value(row, NAME));
    put(p, "category_id",
        db_each_is_null(row, CATEGORY) ? json_null()
                                       : json_integer(db_each_int(row, CATEGORY)));
    put(p, "photo_name",
        db_each_is_null(row, PHOTO) ? json_null() : text_value(row, PHOTO));
    return p;
}

/* Products while their rows are read: product by product, the variants of one from the
 * newest down. */
struct reading {
    json_t *products, *product, *variants;
    int64_t id, from_paise, to_paise; /* of the last product; from -1: none has a price */
    bool has_stock, can_order;
};

/* What the variants of the last product say together. */
static void product_end(const struct reading *at)
{
    if (!at->product)
        return;
    put(at->product, "variants", at->variants);
    put(at->product, "from_paise",
        at->from_paise < 0 ? json_null() : json_integer(at->from_paise));
    put(at->product, "has_many_prices", json_boolean(at->from_paise != at->to_paise));
    put(at->product, "has_stock", json_boolean(at->has_stock));
    put(at->product, "can_order", json_boolean(at->can_order));
}

static void product_begin(struct reading *at, const struct db_each *row)
{
    *at = (struct reading) { .products = at->products,
                             .product = product_new(row),
                             .variants = json_array(),
                             .id = db_each_int(row, PRODUCT),
                             .from_paise = -1,
                             .to_paise = -1 };
    json_array_append_new(at->products, at->product);
}

static void row_add(struct reading *at, const struct db_each *row,
                    const struct selling *how)
{
    struct offer o = offer_of(row, how);

    if (db_each_int(row, PRODUCT) != at->id) {
        product_end(at);
        product_begin(at, row);
    }
    json_array_insert_new(at->variants, 0, variant_new(row, &o));
    at->has_stock = at->has_stock || o.left_milli > 0;
    at->can_order = at->can_order || o.can_order;
    if (o.is_ask)
        return;
    if (at->from_paise < 0 || o.each_paise < at->from_paise)
        at->from_paise = o.each_paise;
    if (o.each_paise > at->to_paise)
        at->to_paise = o.each_paise;
}

enum db_rc catalog_rows(struct db *db, const json_t *ids, json_t **rows)
{
    struct db_each row = db_each(
        db,
        ROW_COLUMNS ", n.gst_status, n.stock_rule, n.handle, n.trade_name"
                    " FROM json_each(?1) j CROSS JOIN product p ON p.id = j.value"
                    " CROSS JOIN vendor n ON n.account_id = p.account_id"
                    " AND " VENDOR_OPEN_SQL
                    " CROSS JOIN listing l ON l.product_id = p.id AND l.is_on_sale = "
                    "1" ROW_JOINS " ORDER BY j.key, l.id DESC",
        DB_ARGS(DB_TEXT(json_dumps(ids, JSON_COMPACT))));
    struct reading at = { .products = json_array() };
    size_t n;

    while (db_each_next(&row)) {
        struct selling how = selling_of(db_each_text(&row, GST_STATUS, &n),
                                        db_each_text(&row, STOCK_RULE, &n));
        bool is_new = db_each_int(&row, PRODUCT) != at.id;

        row_add(&at, &row, &how);
        if (!is_new)
            continue;
        put(at.product, "handle", text_value(&row, HANDLE));
        put(at.product, "trade_name", text_value(&row, TRADE_NAME));
    }
    product_end(&at);
    *rows = at.products;
    return db_each_end(&row);
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
                   "SELECT c.id AS id, c.name AS name, c.id = ?2 AS is_current"
                   " FROM category c WHERE c.account_id = ?1 AND EXISTS (SELECT 1"
                   " FROM product p CROSS JOIN listing l ON l.product_id = p.id"
                   " WHERE p.category_id = c.id AND l.is_on_sale = 1)"
                   " ORDER BY c.folded LIMIT 100",
                   DB_ARGS(DB_INT(account_id), DB_INT(current)), rows);
}

/* Both follow an index from the newest down, and stop where the page ends. */
#define OF_SHOP                                                                          \
    ROW_COLUMNS " FROM listing l CROSS JOIN product p ON p.id = l.product_id" ROW_JOINS  \
                " WHERE l.account_id = ?1 AND l.is_on_sale = 1 AND l.product_id < ?2"    \
                " ORDER BY l.product_id DESC, l.id DESC"
#define OF_CATEGORY                                                                      \
    ROW_COLUMNS " FROM product p CROSS JOIN listing l ON l.product_id = p.id" ROW_JOINS  \
                " WHERE p.category_id = ?3 AND p.id < ?2 AND p.account_id = ?1"          \
                " AND l.is_on_sale = 1 ORDER BY p.id DESC, l.id DESC"

/* `*next` is the id of the last product when there are more. */
static enum db_rc page_products(struct db *db, const json_t *shop, int64_t category_id,
                                int64_t before_id, json_t *products, int64_t *next)
{
    struct selling how = selling_of(row_text(shop, "gst_status"),
                                    row_text(shop, "stock_rule"));
    struct db_arg args[] = { DB_INT(row_int(shop, "account_id")),
                             DB_INT(page_before(before_id)), DB_INT(category_id) };
    struct db_each row = category_id
                             ? db_each(db, OF_CATEGORY, (struct db_args) { args, 3 })
                             : db_each(db, OF_SHOP, (struct db_args) { args, 2 });
    struct reading at = { .products = products };

    *next = 0;
    while (!*next && db_each_next(&row)) {
        if (json_array_size(products) == CATALOG_PAGE &&
            db_each_int(&row, PRODUCT) != at.id)
            *next = at.id;
        else
            row_add(&at, &row, &how);
    }
    product_end(&at);
    return db_each_end(&row);
}

enum db_rc catalog_page(struct db *db, const char *handle, int64_t category_id,
                        int64_t before_id, json_t **page)
{
    json_t *shop, *products = json_array(), *chips = json_array();
    int64_t next = 0;
    enum db_rc rc = catalog_shop(db, handle, &shop);

    if (rc == DB_OK && !row_true(shop, "is_suspended")) {
        rc = page_products(db, shop, category_id, before_id, products, &next);
        if (rc == DB_OK)
            rc = category_chips(db, row_int(shop, "account_id"), category_id, &chips);
    }
    *page = rc != DB_OK
                ? NULL
                : json_pack("{s:O, s:O, s:O, s:I}", "shop", shop, "products", products,
                            "categories", chips, "next", (json_int_t)next);
    return rc;
}

/* What only the product's own page shows. */
static enum db_rc product_more(struct db *db, int64_t id, json_t *product)
{
    json_t *more, *photos;
    enum db_rc rc = db_row(
        db,
        "SELECT p.code, p.description, ifnull(c.name, '') AS category,"
        " ifnull(d.name, '') AS subcategory FROM product p"
        " LEFT JOIN category c ON c.id = p.category_id"
        " LEFT JOIN category d ON d.id = p.subcategory_id WHERE p.id = ?1",
        DB_ARGS(DB_INT(id)), &more);

    if (rc == DB_OK)
        rc = db_rows(db,
                     "SELECT name, width, height, thumb_width, thumb_height FROM photo"
                     " WHERE product_id = ?1 ORDER BY position, id",
                     DB_ARGS(DB_INT(id)), &photos);
    if (rc != DB_OK)
        return rc;
    json_object_update(product, more);
    json_object_set(product, "photos", photos);
    return DB_OK;
}

enum db_rc catalog_product(struct db *db, const char *handle, int64_t product_id,
                           json_t **page)
{
    json_t *shop, *rows, *product;
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
    rc = product_more(db, product_id, product);
    *page = json_pack("{s:O, s:O}", "shop", shop, "product", product);
    return rc;
}
