/* The first page and the search. Whoever isn't signed in sees the shops and what this is;
 * the same templates stand in the frame that fits. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/listing.h"
#include "db/order.h"
#include "db/search.h"
#include "server/pages/cart.h"

#include <string.h>

enum { HOME_SHOPS = 24, FOUND_SHOPS = 12, FOUND_PRODUCTS = 48 };

/* For those signed in the frame with the menu, else that of the public pages. */
static void frame_add(struct req *r, json_t *model)
{
    json_object_set_new(model, "frame", json_string(r->signed_in ? "layout" : "public"));
    if (!r->signed_in)
        reply_inline_style(r);
}

static void shops_view(struct req *r, json_t *shops)
{
    json_t *s;
    size_t i;

    json_array_foreach(shops, i, s)
    {
        const char *handle = json_string_value(json_object_get(s, "handle"));

        json_object_set_new(s, "href",
                            json_string(arena_printf(r->arena, "/v/%s", handle)));
        json_object_set_new(s, "photo_url", photo_thumb(r, s));
        json_object_set(s, "n", json_object_get(s, "product_count"));
    }
}

/* A page of shops, one more asked for to know whether there is a next one. */
static enum db_rc shops_read(struct req *r, int64_t before, json_t *model)
{
    json_t *shops, *last;
    enum db_rc rc = search_home(r->db, before, HOME_SHOPS + 1, &shops);

    if (rc != DB_OK)
        return rc;
    if (json_array_size(shops) > HOME_SHOPS) {
        json_array_remove(shops, HOME_SHOPS);
        last = json_array_get(shops, HOME_SHOPS - 1);
        json_object_set_new(
            model, "next_href",
            json_string(arena_printf(r->arena, "/?before=%lld",
                                     (long long)row_int(last, "account_id"))));
    }
    shops_view(r, shops);
    json_object_set(model, "shops", shops);
    json_object_set_new(model, "has_shops", json_boolean(json_array_size(shops) > 0));
    return DB_OK;
}

/* Orders that wait for a vendor's answer stand on top of its home. */
static enum db_rc waiting_read(struct req *r, json_t *model)
{
    int64_t n;
    enum db_rc rc;

    if (!r->account_id || req_level(r, MOD_CUSTOMER_ORDERS) < LEVEL_VIEW)
        return DB_OK;
    rc = order_waiting(r->db, r->account_id, &n);
    if (rc == DB_OK && n > 0)
        json_object_set_new(model, "waiting", json_pack("{s:I}", "n", (json_int_t)n));
    return rc == DB_ERR ? rc : DB_OK;
}

/* The owner of an account that is no shop is told how to sell, a shop without goods what
 * comes next. */
static enum db_rc selling_read(struct req *r, json_t *model)
{
    const char *vendor = row_text(r->session, "vendor_state");
    json_t *any;
    enum db_rc rc;

    if (!r->account_id)
        return DB_OK;
    json_object_set_new(model, "can_ask",
                        json_boolean(row_true(r->session, "is_primary") &&
                                     (!*vendor || strcmp(vendor, "declined") == 0)));
    if (strcmp(vendor, "approved") != 0 || req_level(r, MOD_CATALOG) < LEVEL_CHANGE)
        return DB_OK;
    rc = listing_list(r->db, r->account_id, NULL, -1, 0, 1, &any);
    json_object_set_new(model, "has_steps",
                        json_boolean(rc == DB_OK && json_array_size(any) == 0));
    return rc;
}

static int home_show(struct req *r)
{
    json_t *model = json_object();

    if (shops_read(r, req_int(r, "before"), model) != DB_OK ||
        waiting_read(r, model) != DB_OK || selling_read(r, model) != DB_OK)
        return reply_error(r, 500);
    json_object_set_new(model, "is_first", json_boolean(!req_has(r, "before")));
    json_object_set_new(model, "needs_account",
                        json_boolean(r->signed_in && !r->account_id));
    frame_add(r, model);
    return reply_page(r, 200, r->signed_in ? "home/home" : "home/start", model);
}

static int search_show(struct req *r)
{
    const char *q = req_text(r, "q");
    json_t *model = json_pack("{s:s,s:b}", "q", q, "has_q", *q != '\0');
    json_t *shops = NULL;
    struct goods goods;

    if (!*q) {
        if (shops_read(r, 0, model) != DB_OK)
            return reply_error(r, 500);
    } else {
        if (search_vendors(r->db, q, FOUND_SHOPS, &shops) != DB_OK ||
            search_products(r->db, q, FOUND_PRODUCTS, &goods) != DB_OK)
            return reply_error(r, 500);
        shops_view(r, shops);
        goods_cards(r, &goods);
        json_object_set(model, "shops", shops);
        reply_list(r, "products", table_rows(&goods.products, 0, goods.products.count));
        json_object_set_new(model, "has_shops", json_boolean(json_array_size(shops) > 0));
        json_object_set_new(model, "has_products",
                            json_boolean(goods.products.count > 0));
    }
    frame_add(r, model);
    return reply_page(r, 200, "home/search", model);
}

static const struct field home_fields[] = { { "before", FIELD_ID }, { 0 } };
static const struct field search_fields[] = {
    { "q", FIELD_TEXT, .max = SEARCH_MAX_CHARS }, { 0 }
};

const struct route home_routes[] = {
    { GET, "/", MOD_NONE, PUBLIC, home_show, home_fields, "Home: the shops" },
    { GET, "/search", MOD_NONE, PUBLIC, search_show, search_fields,
      "Searches shops and their products" },
    { 0 }
};
