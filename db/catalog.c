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

static void variant_fill(struct cell *v, const struct db_each *row, const struct offer *o)
{
    int64_t low = db_each_is_null(row, LOW) ? FEW_MILLI : db_each_int(row, LOW);
    int64_t off = o->was_paise - o->each_paise;
    bool few = o->left_milli > 0 && o->left_milli <= low;

    v[VARIANT_ID] = cell_int(db_each_int(row, LISTING));
    v[VARIANT_NAME] = db_each_cell(row, VARIANT);
    v[VARIANT_UNIT] = db_each_cell(row, UNIT);
    v[VARIANT_DECIMALS] = cell_int(db_each_int(row, DECIMALS));
    v[VARIANT_IS_ASK] = cell_bool(o->is_ask);
    v[VARIANT_EACH] = o->is_ask ? cell_null() : cell_int(o->each_paise);
    v[VARIANT_WAS] = off > 0 ? cell_int(o->was_paise) : cell_null();
    v[VARIANT_OFF_BP] = cell_int(off > 0 ? off * 10000 / o->was_paise : 0);
    v[VARIANT_HAS_STOCK] = cell_bool(o->left_milli > 0);
    v[VARIANT_CAN_ORDER] = cell_bool(o->can_order);
    v[VARIANT_LEFT] = few ? cell_int(o->left_milli) : cell_null();
}

/* Products while their rows are read: product by product, the variants of one from the
 * newest down. */
struct reading {
    struct goods *goods;
    int64_t id, from_paise, to_paise; /* of the last product; from -1: none has a price */
    size_t first;                     /* its first variant */
    bool has_stock, can_order;
};

static struct reading reading_new(struct db *db, struct goods *goods)
{
    static const char *const product[PRODUCT_CELLS] = {
        [PRODUCT_ID] = "id",
        [PRODUCT_NAME] = "name",
        [PRODUCT_CATEGORY] = "category_id",
        [PRODUCT_PHOTO] = "photo_name",
        [PRODUCT_VARIANTS] = "variants",
        [PRODUCT_FROM] = "from_paise",
        [PRODUCT_MANY_PRICES] = "has_many_prices",
        [PRODUCT_HAS_STOCK] = "has_stock",
        [PRODUCT_CAN_ORDER] = "can_order",
        [PRODUCT_HANDLE] = "handle",
        [PRODUCT_SHOP] = "trade_name",
        [PRODUCT_HREF] = "href",
        [PRODUCT_PHOTO_URL] = "photo_url",
        [PRODUCT_IS_EAGER] = "is_eager",
        [PRODUCT_PRICE] = "price_paise",
        [PRODUCT_WAS] = "was_paise",
        [PRODUCT_OFF] = "off",
        [PRODUCT_STOCK_TEXT] = "stock_text",
        [PRODUCT_N] = "n",
        [PRODUCT_ONE] = "one"
    };
    static const char *const variant[VARIANT_CELLS] = {
        [VARIANT_ID] = "id",
        [VARIANT_NAME] = "variant",
        [VARIANT_UNIT] = "unit",
        [VARIANT_DECIMALS] = "decimals",
        [VARIANT_IS_ASK] = "is_ask",
        [VARIANT_EACH] = "each_paise",
        [VARIANT_WAS] = "was_paise",
        [VARIANT_OFF_BP] = "off_bp",
        [VARIANT_HAS_STOCK] = "has_stock",
        [VARIANT_CAN_ORDER] = "can_order",
        [VARIANT_LEFT] = "left_milli",
        [VARIANT_STOCK_TEXT] = "stock_text",
        [VARIANT_OFF] = "off",
        [VARIANT_LABEL] = "label",
        [VARIANT_IS_FIRST] = "is_first"
    };
    struct arena *a = db_arena(db);

    *goods = (struct goods) { table_new(a, shape_new(a, product, PRODUCT_CELLS)),
                              table_new(a, shape_new(a, variant, VARIANT_CELLS)) };
    return (struct reading) { .goods = goods };
}

static void rows_turn(struct table *t, size_t from, size_t to)
{
    size_t row = t->shape->width * sizeof(struct cell);
    struct cell *spare = arena_bytes(t->arena, row);

    for (; from + 1 < to; from++, to--) {
        memcpy(spare, table_row(t, from), row);
        memcpy(table_row(t, from), table_row(t, to - 1), row);
        memcpy(table_row(t, to - 1), spare, row);
    }
}

/* What the variants of the last product say together. Until all are read, their cell has
 * the number of the first. */
static void product_end(const struct reading *at)
{
    struct goods *goods = at->goods;
    size_t end = goods->variants.count;
    struct cell *p;

    if (goods->products.count == 0)
        return;
    if (end - at->first > 1)
        rows_turn(&goods->variants, at->first, end);
    p = table_row(&goods->products, goods->products.count - 1);
    p[PRODUCT_VARIANTS] = (struct cell) { .kind = CELL_ROWS,
                                          .count = (uint32_t)(end - at->first),
                                          .i = (int64_t)at->first };
    p[PRODUCT_FROM] = at->from_paise < 0 ? cell_null() : cell_int(at->from_paise);
    p[PRODUCT_MANY_PRICES] = cell_bool(at->from_paise != at->to_paise);
    p[PRODUCT_HAS_STOCK] = cell_bool(at->has_stock);
    p[PRODUCT_CAN_ORDER] = cell_bool(at->can_order);
}

static void product_begin(struct reading *at, const struct db_each *row)
{
    struct cell *p = table_add(&at->goods->products);

    *at = (struct reading) { .goods = at->goods,
                             .first = at->goods->variants.count,
                             .id = db_each_int(row, PRODUCT),
                             .from_paise = -1,
                             .to_paise = -1 };
    p[PRODUCT_ID] = cell_int(at->id);
    p[PRODUCT_NAME] = db_each_cell(row, NAME);
    p[PRODUCT_CATEGORY] = db_each_cell(row, CATEGORY);
    p[PRODUCT_PHOTO] = db_each_cell(row, PHOTO);
}

static void row_add(struct reading *at, const struct db_each *row,
                    const struct selling *how)
{
    struct offer o = offer_of(row, how);

    if (db_each_int(row, PRODUCT) != at->id) {
        product_end(at);
        product_begin(at, row);
    }
    variant_fill(table_add(&at->goods->variants), row, &o);
    at->has_stock = at->has_stock || o.left_milli > 0;
    at->can_order = at->can_order || o.can_order;
    if (o.is_ask)
        return;
    if (at->from_paise < 0 || o.each_paise < at->from_paise)
        at->from_paise = o.each_paise;
    if (o.each_paise > at->to_paise)
        at->to_paise = o.each_paise;
}

static void reading_end(const struct reading *at)
{
    struct goods *goods = at->goods;

    product_end(at);
    for (size_t i = 0; i < goods->products.count; i++) {
        struct cell *variants = &table_row(&goods->products, i)[PRODUCT_VARIANTS];

        *variants = table_rows(&goods->variants, (size_t)variants->i, variants->count);
    }
}

enum db_rc catalog_rows(struct db *db, const json_t *ids, struct goods *goods)
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
    struct reading at = reading_new(db, goods);
    struct cell *p;
    size_t n;

    while (db_each_next(&row)) {
        struct selling how = selling_of(db_each_text(&row, GST_STATUS, &n),
                                        db_each_text(&row, STOCK_RULE, &n));
        bool is_new = db_each_int(&row, PRODUCT) != at.id;

        row_add(&at, &row, &how);
        if (!is_new)
            continue;
        p = table_row(&goods->products, goods->products.count - 1);
        p[PRODUCT_HANDLE] = db_each_cell(&row, HANDLE);
        p[PRODUCT_SHOP] = db_each_cell(&row, TRADE_NAME);
    }
    reading_end(&at);
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
                                int64_t before_id, struct goods *goods, int64_t *next)
{
    struct selling how = selling_of(row_text(shop, "gst_status"),
                                    row_text(shop, "stock_rule"));
    struct db_arg args[] = { DB_INT(row_int(shop, "account_id")),
                             DB_INT(page_before(before_id)), DB_INT(category_id) };
    struct db_each row = category_id
                             ? db_each(db, OF_CATEGORY, (struct db_args) { args, 3 })
                             : db_each(db, OF_SHOP, (struct db_args) { args, 2 });
    struct reading at = reading_new(db, goods);

    *next = 0;
    while (!*next && db_each_next(&row)) {
        if (goods->products.count == CATALOG_PAGE && db_each_int(&row, PRODUCT) != at.id)
            *next = at.id;
        else
            row_add(&at, &row, &how);
    }
    reading_end(&at);
    return db_each_end(&row);
}

enum db_rc catalog_page(struct db *db, const char *handle, int64_t category_id,
                        int64_t before_id, json_t **page, struct goods *goods)
{
    json_t *shop, *chips = json_array();
    int64_t next = 0;
    enum db_rc rc = catalog_shop(db, handle, &shop);

    reading_new(db, goods);
    if (rc == DB_OK && !row_true(shop, "is_suspended")) {
        rc = page_products(db, shop, category_id, before_id, goods, &next);
        if (rc == DB_OK)
            rc = category_chips(db, row_int(shop, "account_id"), category_id, &chips);
    }
    *page = rc != DB_OK ? NULL
                        : json_pack("{s:O, s:O, s:I}", "shop", shop, "categories", chips,
                                    "next", (json_int_t)next);
    return rc;
}

/* What only the product's own page shows. */
static enum db_rc product_more(struct db *db, int64_t id, json_t **product)
{
    json_t *photos;
    enum db_rc rc = db_row(
        db,
        "SELECT p.code, p.description, ifnull(c.name, '') AS category,"
        " ifnull(d.name, '') AS subcategory FROM product p"
        " LEFT JOIN category c ON c.id = p.category_id"
        " LEFT JOIN category d ON d.id = p.subcategory_id WHERE p.id = ?1",
        DB_ARGS(DB_INT(id)), product);

    if (rc == DB_OK)
        rc = db_rows(db,
                     "SELECT name, width, height, thumb_width, thumb_height FROM photo"
                     " WHERE product_id = ?1 ORDER BY position, id",
                     DB_ARGS(DB_INT(id)), &photos);
    if (rc != DB_OK)
        return rc;
    json_object_set(*product, "photos", photos);
    return DB_OK;
}

enum db_rc catalog_product(struct db *db, const char *handle, int64_t product_id,
                           json_t **page, struct goods *goods)
{
    json_t *shop, *product;
    const char *of = "";
    enum db_rc rc = catalog_shop(db, handle, &shop);

    *page = NULL;
    reading_new(db, goods);
    if (rc == DB_OK && row_true(shop, "is_suspended")) {
        *page = json_pack("{s:O, s:n}", "shop", shop, "product");
        return DB_OK;
    }
    if (rc == DB_OK)
        rc = catalog_rows(db, json_pack("[I]", (json_int_t)product_id), goods);
    if (rc != DB_OK)
        return rc;
    if (goods->products.count > 0)
        of = cell_string(table_row(&goods->products, 0)[PRODUCT_HANDLE]);
    if (strcmp(of, row_text(shop, "handle")) != 0)
        return DB_NONE;
    rc = product_more(db, product_id, &product);
    if (rc == DB_OK)
        *page = json_pack("{s:O, s:O}", "shop", shop, "product", product);
    return rc;
}
