/* The catalog as anyone sees it. The shop and its products are kept rendered, keyed by
 * address, language and host, as long as the vendor's version stands; what differs by
 * visitor is a piece that the page asks for by itself. */
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/catalog.h"
#include "server/http/keep.h"
#include "server/pages/cart.h"

#include <sodium.h>
#include <string.h>

enum { EAGER_PHOTOS = 4 };

/* --- what is shown of a product --- */

static json_t *photo_url(struct req *r, const json_t *row, const char *end)
{
    const char *name = row_text(row, json_object_get(row, "photo_name") ? "photo_name"
                                                                        : "name");

    if (!*name)
        return json_null();
    return json_string_nocheck(arena_concat(r->arena, "/media/", name, end));
}

json_t *photo_thumb(struct req *r, const json_t *row)
{
    return photo_url(r, row, "-t.jpg");
}

json_t *photo_large(struct req *r, const json_t *row)
{
    return photo_url(r, row, ".jpg");
}

/* What the shop says of its stock, honestly and no more: "Only 3 kg left". */
struct stock_words {
    const char *in_stock, *on_order, *none_left;
};

static struct stock_words stock_words_of(struct req *r)
{
    return (struct stock_words) { req_say(r, "catalog.in_stock", NULL),
                                  req_say(r, "catalog.on_order", NULL),
                                  req_say(r, "catalog.none_left", NULL) };
}

static const char *stock_text(const struct stock_words *w, bool has_stock, bool can_order)
{
    return has_stock ? w->in_stock : can_order ? w->on_order : w->none_left;
}

static const char *variant_stock(struct req *r, const struct stock_words *w,
                                 const struct cell *v)
{
    int64_t left = cell_number(v[VARIANT_LEFT]);

    if (left > 0)
        return req_say(r, "catalog.few_left",
                       json_pack("{s:I}", "left_milli", (json_int_t)left));
    return stock_text(w, cell_is_true(v[VARIANT_HAS_STOCK]),
                      cell_is_true(v[VARIANT_CAN_ORDER]));
}

/* In whole percent; null: less than one. */
static struct cell off_of(const struct cell *v)
{
    int64_t bp = cell_number(v[VARIANT_OFF_BP]);

    return bp < 100 ? cell_null() : cell_int(bp / 100);
}

/* To choose from on a product's own page. */
static void variants_view(struct req *r, const struct table *variants)
{
    struct stock_words words = stock_words_of(r);
    bool chosen = false;

    for (size_t i = 0; i < variants->count; i++) {
        struct cell *v = table_row(variants, i);
        bool can = cell_is_true(v[VARIANT_CAN_ORDER]);

        v[VARIANT_STOCK_TEXT] = cell_text(variant_stock(r, &words, v));
        v[VARIANT_OFF] = off_of(v);
        v[VARIANT_LABEL] = v[VARIANT_NAME].count ? v[VARIANT_NAME] : v[VARIANT_UNIT];
        v[VARIANT_IS_FIRST] = cell_bool(can && !chosen);
        chosen = chosen || can;
    }
}

static void product_card(struct req *r, const struct stock_words *words, struct cell *p)
{
    const struct cell *one = p[PRODUCT_VARIANTS].count == 1 ? p[PRODUCT_VARIANTS].cells
                                                            : NULL;
    const char *photo = cell_string(p[PRODUCT_PHOTO]);
    struct buf href = buf_new(r->arena, 64, 8192);

    buf_puts(&href, "/v/");
    buf_puts(&href, cell_string(p[PRODUCT_HANDLE]));
    buf_puts(&href, "/p/");
    buf_int(&href, cell_number(p[PRODUCT_ID]));
    p[PRODUCT_HREF] = cell_text(buf_str(&href));
    p[PRODUCT_PHOTO_URL] = *photo ? cell_text(arena_concat(r->arena, "/media/", photo,
                                                           "-t.jpg"))
                                  : cell_null();
    p[PRODUCT_PRICE] = p[PRODUCT_FROM];
    p[PRODUCT_N] = cell_int(p[PRODUCT_VARIANTS].count);
    if (!one) {
        p[PRODUCT_STOCK_TEXT] = cell_text(stock_text(words,
                                                     cell_is_true(p[PRODUCT_HAS_STOCK]),
                                                     cell_is_true(p[PRODUCT_CAN_ORDER])));
        return;
    }
    p[PRODUCT_STOCK_TEXT] = cell_text(variant_stock(r, words, one));
    p[PRODUCT_WAS] = one[VARIANT_WAS];
    p[PRODUCT_OFF] = off_of(one);
    p[PRODUCT_ONE] = cell_item(p[PRODUCT_VARIANTS], 0);
}

void goods_cards(struct req *r, const struct goods *goods)
{
    struct stock_words words = stock_words_of(r);

    for (size_t i = 0; i < goods->products.count; i++)
        product_card(r, &words, table_row(&goods->products, i));
}

/* The first photos come with the page; the others when they are near. */
static void products_view(struct req *r, const json_t *shop, const struct goods *goods)
{
    struct cell handle = cell_json(json_object_get(shop, "handle"));
    int photos = 0;

    for (size_t i = 0; i < goods->products.count; i++) {
        struct cell *p = table_row(&goods->products, i);

        p[PRODUCT_HANDLE] = handle;
        p[PRODUCT_IS_EAGER] = cell_bool(p[PRODUCT_PHOTO].count > 0 &&
                                        photos++ < EAGER_PHOTOS);
    }
    goods_cards(r, goods);
}

/* --- sharing --- */

/* What WhatsApp shows of the link, and the link to pass on. */
static json_t *share_view(struct req *r, const char *path, const char *say)
{
    const char *url = arena_printf(r->arena, "%s%s", r->origin, path);
    struct buf enc = buf_new(r->arena, 256, 8192);

    buf_url(&enc, say, strlen(say));
    buf_puts(&enc, "%20");
    buf_url(&enc, url, strlen(url));
    return json_pack("{s:s,s:s,s:s}", "url", url, "say", say, "enc", buf_str(&enc));
}

/* The first photo of all, with its host. */
static json_t *picture_url(struct req *r, const struct goods *goods)
{
    for (size_t i = 0; i < goods->products.count; i++) {
        const char *name = cell_string(table_row(&goods->products, i)[PRODUCT_PHOTO]);

        if (*name)
            return json_string(
                arena_printf(r->arena, "%s/media/%s.jpg", r->origin, name));
    }
    return json_null();
}

/* --- kept pages --- */

struct view {
    const char *handle, *path;
    int64_t product_id, category_id, before;
};

static int64_t version_now(struct req *r, const void *handle)
{
    int64_t version;

    return catalog_version(r->db, handle, &version) == DB_OK ? version : -1;
}

static const char *shop_path(struct req *r, const char *handle, int64_t category_id,
                             int64_t before)
{
    struct buf path = buf_new(r->arena, 64, 8192);

    buf_puts(&path, "/v/");
    buf_puts(&path, handle);
    if (category_id) {
        buf_puts(&path, "?category=");
        buf_int(&path, category_id);
    }
    if (before) {
        buf_puts(&path, category_id ? "&before=" : "?before=");
        buf_int(&path, before);
    }
    return buf_str(&path);
}

static void chips_view(struct req *r, const struct view *v, json_t *chips)
{
    json_t *c;
    size_t i;

    json_array_foreach(chips, i, c) json_object_set_new(
        c, "href", json_string(shop_path(r, v->handle, row_int(c, "id"), 0)));
}

static int shop_reply(struct req *r, const struct view *v)
{
    json_t *page, *shop, *chips;
    struct goods goods;
    const char *name, *path = v->path;
    enum db_rc rc = catalog_page(r->db, v->handle, v->category_id, v->before, &page,
                                 &goods);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    shop = json_object_get(page, "shop");
    chips = json_object_get(page, "categories");
    name = row_text(shop, "trade_name");
    products_view(r, shop, &goods);
    reply_list(r, "products", table_rows(&goods.products, 0, goods.products.count));
    chips_view(r, v, chips);
    json_object_set_new(page, "has_products", json_boolean(goods.products.count > 0));
    json_object_set_new(page, "has_categories", json_boolean(json_array_size(chips) > 1));
    json_object_set_new(page, "is_all", json_boolean(!v->category_id));
    json_object_set_new(page, "all_href", json_string(shop_path(r, v->handle, 0, 0)));
    if (row_int(page, "next"))
        json_object_set_new(
            page, "next_href",
            json_string(shop_path(r, v->handle, v->category_id, row_int(page, "next"))));
    json_object_set_new(page, "picture", picture_url(r, &goods));
    json_object_set_new(
        page, "share",
        share_view(r, shop_path(r, v->handle, 0, 0),
                   req_say(r, "catalog.share_shop", json_pack("{s:s}", "shop", name))));
    return reply_public_page(r, 200, "catalog/shop", json_incref(page), path);
}

static void photos_view(struct req *r, json_t *photos)
{
    json_t *p;
    size_t i;

    json_array_foreach(photos, i, p)
    {
        json_object_set_new(p, "large_url", photo_large(r, p));
        json_object_set_new(p, "thumb_url", photo_thumb(r, p));
    }
}

/* "Rice, ₹240", as the message that goes along with the link. */
static const char *product_words(struct req *r, const json_t *product, const json_t *shop)
{
    bool ask = json_is_null(json_object_get(product, "from_paise"));

    return req_say(r, ask ? "catalog.share_ask" : "catalog.share_product",
                   json_pack("{s:O,s:O,s:O}", "name", json_object_get(product, "name"),
                             "price", json_object_get(product, "from_paise"), "shop",
                             json_object_get(shop, "trade_name")));
}

static int product_reply(struct req *r, const struct view *v)
{
    json_t *page, *shop, *product, *photos;
    struct goods goods;
    enum db_rc rc = catalog_product(r->db, v->handle, v->product_id, &page, &goods);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    shop = json_object_get(page, "shop");
    product = json_object_get(page, "product");
    if (!json_is_object(product))
        return reply_public_page(r, 200, "catalog/shop", json_incref(page), v->path);
    variants_view(r, &goods.variants);
    goods_cards(r, &goods);
    json_object_update_missing(
        product, cell_to_json(cell_item(table_rows(&goods.products, 0, 1), 0)));
    photos = json_object_get(product, "photos");
    photos_view(r, photos);
    json_object_set_new(product, "has_many", json_boolean(goods.variants.count > 1));
    json_object_set_new(product, "has_photos", json_boolean(json_array_size(photos) > 1));
    json_object_set_new(product, "first_photo",
                        json_array_size(photos) ? json_incref(json_array_get(photos, 0))
                                                : json_null());
    json_object_set_new(page, "picture", picture_url(r, &goods));
    json_object_set_new(page, "share",
                        share_view(r, v->path, product_words(r, product, shop)));
    return reply_public_page(r, 200, "catalog/product", json_incref(page), v->path);
}

/* Answers from what is kept, else makes it and keeps it. It is compressed when it is
 * kept, harder than a page of one request. */
static int kept(struct req *r, const struct view *v,
                int (*make)(struct req *, const struct view *))
{
    const char *key = arena_printf(r->arena, "%s %s %s", v->path, r->lang, r->origin);
    uint64_t commits;
    bool gzip = r->takes_gzip;
    int64_t version;

    if (r->wants_json)
        return make(r, v);
    db_release(r->db); /* what is read from here on is not older than the counter */
    commits = db_file_commits(r->app->db);
    if (keep_reply(r, key, version_now, v->handle)) {
        reply_inline_style(r);
        return r->reply.status;
    }
    version = version_now(r, v->handle);
    r->takes_gzip = false;
    make(r, v);
    r->takes_gzip = gzip;
    if (r->reply.status == 200 && version >= 0)
        keep_put(r, key, version, commits, 0);
    if (r->reply.status < 400)
        reply_inline_style(r);
    return r->reply.status;
}

static int shop_show(struct req *r)
{
    struct view v = { .handle = req_arg(r, 0),
                      .category_id = req_int(r, "category"),
                      .before = req_int(r, "before") };

    v.path = shop_path(r, v.handle, v.category_id, v.before);
    return kept(r, &v, shop_reply);
}

static int product_show(struct req *r)
{
    struct view v = { .handle = req_arg(r, 0), .product_id = req_arg_id(r, 1) };

    v.path = arena_printf(r->arena, "/v/%s/p/%lld", v.handle, (long long)v.product_id);
    return kept(r, &v, product_reply);
}

/* --- the visitor's own part --- */

/* What the cart has of this shop; an empty one when there is nothing. */
static enum db_rc basket_read(struct req *r, json_t **model)
{
    struct cart_owner owner = cart_owner_of(r);
    json_t *shop, *vendors = NULL, *vendor;
    enum db_rc rc = catalog_shop(r->db, req_arg(r, 0), &shop);

    if (rc == DB_OK && (owner.account_id || owner.session_id) &&
        row_int(shop, "account_id"))
        rc = requirement_list(r->db, &owner, row_int(shop, "account_id"), NULL, &vendors);
    if (rc != DB_OK)
        return rc;
    vendor = json_array_get(vendors, 0);
    json_object_set(vendor, "n", json_object_get(vendor, "count"));
    *model = json_pack("{s:O,s:O*}", "shop", shop, "basket", vendor);
    json_object_set_new(*model, "has_basket", json_boolean(vendor != NULL));
    return DB_OK;
}

/* The accounts of somebody signed in, to change over; NULL: nobody is. */
static json_t *who_of(struct req *r)
{
    json_t *accounts, *one;
    size_t i;

    if (!r->signed_in || account_list_of_user(r->db, r->user_id, &accounts) != DB_OK)
        return NULL;
    json_array_foreach(accounts, i, one) {
        json_object_set_new(one, "is_current",
                            json_boolean(row_int(one, "id") == r->account_id));
        json_object_del(one, "email");
    }
    return json_pack("{s:O,s:s}", "accounts", accounts, "csrf", r->csrf);
}

static const char *who_tag(struct req *r, const json_t *who)
{
    char *text = who ? json_dumps(who, JSON_COMPACT) : NULL;
    unsigned char tag[crypto_generichash_BYTES_MIN];

    if (!text)
        return "";
    crypto_generichash(tag, sizeof tag, (const unsigned char *)text, strlen(text),
                       r->app->key, sizeof r->app->key);
    return text_hex(r->arena, tag, sizeof tag);
}

static int basket_show(struct req *r)
{
    json_t *model, *basket, *who;
    enum db_rc rc = basket_read(r, &model);
    const char *etag;

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    basket = json_object_get(model, "basket");
    who = who_of(r);
    if (who)
        json_object_set_new(model, "who", who);
    etag = arena_printf(r->arena, "\"%s-%lld-%lld%s\"", r->lang,
                        (long long)row_int(basket, "count"),
                        (long long)row_int(basket, "goods_paise"), who_tag(r, who));
    return reply_piece(r, "catalog/live", model, etag);
}

/* After something was put in; also where a refusal is shown. */
static int shop_cart_show(struct req *r)
{
    json_t *model, *line;
    size_t i;
    enum db_rc rc = basket_read(r, &model);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    json_object_set_new(model, "who", who_of(r));
    json_array_foreach(json_object_get(json_object_get(model, "basket"), "lines"), i,
                       line) json_object_set_new(line, "photo_url", photo_thumb(r, line));
    reply_inline_style(r);
    return reply_page(r, 200, "catalog/cart", model);
}

static int shop_cart_add(struct req *r)
{
    int64_t qty = req_has(r, "qty") ? req_int(r, "qty") : 1000, id = 0;
    struct cart_owner owner;
    int reply;
    enum db_rc rc;

    if (!cart_owner_change(r, &owner, &reply))
        return reply;
    if (r->once_key || r->wants_json)
        rc = requirement_add(r->db, &owner, req_int(r, "listing"), qty, 0, NULL, &id);
    else
        rc = requirement_press(r->db, &owner, req_int(r, "listing"), qty, &id);
    return cart_added(r, &owner, rc, id);
}

static const struct field shop_fields[] = { { "category", FIELD_ID },
                                            { "before", FIELD_ID },
                                            { 0 } };

static const struct field add_fields[] = { { "listing", FIELD_ID, .required = true,
                                             .min = 1, .max = INT64_MAX },
                                           { "qty", FIELD_QTY },
                                           { 0 } };

const struct route catalog_routes[] = {
    { GET, "/v/{handle}", MOD_NONE, PUBLIC, shop_show, shop_fields, "A shop's catalog" },
    { GET, "/v/{handle}/p/{id}", MOD_NONE, PUBLIC, product_show, NULL, "A product" },
    { GET, "/v/{handle}/basket", MOD_NONE, PUBLIC, basket_show, NULL,
      "What the cart has of the shop, for the catalog's bar" },
    { GET, "/v/{handle}/cart", MOD_NONE, PUBLIC, shop_cart_show, NULL,
      "What the cart has of the shop" },
    { POST, "/v/{handle}/cart", MOD_REQUIREMENTS, PUBLIC, shop_cart_add, add_fields,
      "Puts goods of the shop into the cart", .form = shop_cart_show,
      .done = "/v/{1}/cart", .said = "cart.added", .is_kept_form = true },
    { 0 }
};
