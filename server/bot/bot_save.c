/* Saving uses the same operations as the pages do, within the transaction of the message.
 */
#include "server/bot/bot_save.h"

#include "db/base/text.h"
#include "db/stock.h"
#include "db/unit.h"
#include "db/vendor.h"

#include <string.h>

/* The account's unit of that name in either language, else one made in the chat's. */
static enum db_rc unit_of(struct talk *t, json_t *p, int64_t *id)
{
    const char *en = draft_text(p, "unit_en"), *hi = draft_text(p, "unit_hi");
    json_t *units, *one;
    size_t i;
    enum db_rc rc = unit_list(t->db, t->d.account_id, &units);

    if (rc != DB_OK)
        return rc;
    json_array_foreach(units, i, one)
    {
        const char *name = draft_text(one, "name");

        if (strcmp(name, en) == 0 || strcmp(name, hi) == 0) {
            *id = draft_int(one, "id");
            return DB_OK;
        }
    }
    return unit_get(t->db, t->d.account_id, strcmp(t->d.lang, "hi") == 0 ? hi : en,
                    (int)draft_int(p, "decimals"), id);
}

static enum db_rc photos_add(struct talk *t, const struct actor *actor, json_t *p,
                             int64_t product_id)
{
    json_t *there, *one;
    size_t i, have;
    enum db_rc rc = photo_list(t->db, t->d.account_id, product_id, &there);

    have = json_array_size(there);
    json_array_foreach(json_object_get(p, "photos"), i, one)
    {
        const struct photo photo = {
            .name = draft_text(one, "name"),
            .width = (int)draft_int(one, "w"),
            .height = (int)draft_int(one, "h"),
            .thumb_width = (int)draft_int(one, "tw"),
            .thumb_height = (int)draft_int(one, "th"),
        };

        if (have + i >= LISTING_PHOTOS)
            json_array_append(t->unlink, json_object_get(one, "name"));
        else if (rc == DB_OK)
            rc = photo_add(t->db, actor, product_id, &photo, NULL);
    }
    return rc;
}

static enum db_rc save(struct talk *t, json_t *p, int64_t *product_id)
{
    const struct actor actor = { t->d.user_id, t->d.account_id, NULL };
    int64_t price = draft_int(p, "price"), sku_id = 0, listing_id = 0;
    struct receipt receipt = {
        .spec = { .name = draft_text(p, "name") },
        .qty_milli = draft_int(p, "qty"),
        .cost_paise = -1,
        .low_milli = -1,
        .source = "chat",
    };
    const struct listing_price sell = {
        .is_ask = price == PRICE_ASK,
        .price_paise = price == PRICE_ASK ? 0 : price,
        .is_inclusive = true,
        .hsn = "",
    };
    json_t *listing;
    enum db_rc rc = unit_of(t, p, &receipt.spec.unit_id);

    if (rc == DB_OK)
        rc = stock_receive(t->db, &actor, &receipt, NULL, &sku_id);
    if (rc == DB_OK)
        rc = listing_put(t->db, &actor, sku_id, &sell, &listing_id);
    if (rc == DB_OK)
        rc = listing_find(t->db, t->d.account_id, listing_id, 0, &listing);
    if (rc != DB_OK)
        return rc;
    *product_id = draft_int(listing, "product_id");
    if (*draft_text(p, "about"))
        rc = product_describe(t->db, &actor, *product_id, draft_text(p, "about"));
    return rc == DB_OK ? photos_add(t, &actor, p, *product_id) : rc;
}

/* Two messages to pass on: the product with its picture, and the shop. */
static void say_links(struct talk *t, json_t *p, const json_t *vendor, int64_t product_id)
{
    const char *handle = json_string_value(json_object_get(vendor, "handle"));
    const char *photo = draft_text(json_array_get(json_object_get(p, "photos"), 0),
                                   "name");
    int64_t price = draft_int(p, "price");
    const char *url = shop_url(t, handle, product_id);
    const char *body = price == PRICE_ASK
                           ? arena_printf(t->a, "*%s*\n%s", draft_text(p, "name"), url)
                           : arena_printf(t->a, "*%s* – %s\n%s", draft_text(p, "name"),
                                          money(t, price), url);

    if (*photo)
        say_photo(t, photo, body);
    else
        say_text(t, body);
    say(t, "bot.shop_link",
        json_pack("{s:O, s:s}", "name", json_object_get(vendor, "trade_name"), "url",
                  shop_url(t, handle, 0)));
}

static enum answer refused(struct talk *t)
{
    const struct refusal *r = db_refusal(t->db);

    say(t, r->key, r->args);
    t->d.step = "product_change";
    return ANSWER_NEXT;
}

enum answer product_save(struct talk *t)
{
    json_t *p = draft_part(t, "product"), *vendor, *args;
    int64_t product_id = 0;
    enum db_rc rc;

    if (!talk_may_add(t)) {
        t->d.step = "menu";
        return ANSWER_NEXT;
    }
    rc = shop_ready(t, NULL);
    if (rc == DB_NONE) {
        t->d.step = "shop_state";
        return ANSWER_NEXT;
    }
    db_try(t->db);
    rc = db_try_end(t->db, rc == DB_OK ? save(t, p, &product_id) : rc);
    if (rc == DB_REFUSED)
        return refused(t);
    if (rc == DB_OK)
        rc = vendor_find(t->db, t->d.account_id, &vendor);
    if (rc != DB_OK) {
        t->rc = DB_ERR;
        return ANSWER_SAID;
    }
    args = json_pack("{s:s}", "name", draft_text(p, "name"));
    t->d.is_waiting = strcmp(draft_text(vendor, "state"), "approved") != 0;
    say(t, t->d.is_waiting ? "bot.saved_draft" : "bot.saved", args);
    if (!t->d.is_waiting)
        say_links(t, p, vendor, product_id);
    draft_drop(t, "product");
    t->d.step = "menu";
    return ANSWER_NEXT;
}
