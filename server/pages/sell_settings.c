/* What the vendor sets: words about the shop, the rule of stock, doorstep delivery, where
 * money comes in; and the link to the catalog, to be shared and scanned. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/vendor.h"
#include "server/documents/code.h"
#include "server/http/header.h"
#include "server/pages/order_view.h"

#include <string.h>

static json_t *share_model(struct req *r, const json_t *vendor)
{
    const char *url = arena_printf(r->arena, "%s/v/%s", r->origin,
                                   row_text(vendor, "handle"));
    const char *say = req_say(r, "sell.share_say",
                              json_pack("{s:s}", "name", row_text(vendor, "trade_name")));
    const char *why, *svg = code_qr_svg(r->arena, url, url, &why);
    struct buf enc = buf_new(r->arena, 256, 4096);

    buf_url(&enc, say, strlen(say));
    buf_puts(&enc, "%20");
    buf_url(&enc, url, strlen(url));
    return json_pack("{s:s,s:s,s:s,s:s?,s:b}", "url", url, "say", say, "encoded",
                     buf_str(&enc), "qr_svg", svg, "is_loopback",
                     origin_is_loopback(r->origin));
}

static json_t *rules_of(struct req *r, const char *chosen)
{
    static const char *const rules[] = { "any", "available", "reserve", NULL };
    json_t *list = json_array();

    for (const char *const *rule = rules; *rule; rule++)
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:b}", "value", *rule, "text_key",
                            arena_printf(r->arena, "sell.rule_%s", *rule), "hint_key",
                            arena_printf(r->arena, "sell.rule_%s_hint", *rule),
                            "is_chosen", strcmp(*rule, chosen) == 0));
    return list;
}

static int settings_show(struct req *r)
{
    const char *typed = json_string_value(json_object_get(r->typed, "stock_rule"));
    bool doorstep;
    json_t *vendor, *f;

    if (vendor_find(r->db, r->account_id, &vendor) != DB_OK)
        return reply_error(r, 500);
    doorstep = r->method == POST ? req_int(r, "is_doorstep") != 0
                                 : row_true(vendor, "is_doorstep");
    f = json_pack("{s:s,s:s,s:s,s:s}", "about", row_text(vendor, "about"), "upi",
                  row_text(vendor, "upi"), "mobile", row_text(vendor, "mobile"),
                  "doorstep",
                  row_int(vendor, "doorstep_paise")
                      ? text_rupees(r->arena, row_int(vendor, "doorstep_paise"), true)
                      : "");
    return reply_page(
        r, 200, "sell/settings",
        json_pack("{s:O,s:o,s:o,s:b,s:o,s:b,s:b}", "vendor", vendor, "f", f, "rules",
                  rules_of(r, typed ? typed : row_text(vendor, "stock_rule")),
                  "is_doorstep", doorstep, "share", share_model(r, vendor),
                  "is_suspended", strcmp(row_text(vendor, "state"), "suspended") == 0,
                  "can_change", req_level(r, MOD_CATALOG) >= LEVEL_CHANGE));
}

static int settings_save(struct req *r)
{
    struct vendor_settings s = { .about = req_text(r, "about"),
                                 .stock_rule = req_text(r, "stock_rule"),
                                 .upi = req_text(r, "upi"),
                                 .mobile = req_text(r, "mobile"),
                                 .is_doorstep = req_int(r, "is_doorstep") != 0,
                                 .doorstep_paise = req_int(r, "doorstep") };

    return reply_outcome(r, vendor_settings_update(r->db, &r->actor, &s), r->account_id);
}

static const struct field settings_fields[] = {
    { "about", FIELD_LINES, .max = 500 },
    { "stock_rule", FIELD_CHOICE, .required = true, .choices = "any available reserve" },
    { "is_doorstep", FIELD_BOOL },
    { "doorstep", FIELD_MONEY, .min = 0, .max = 1000000 },
    { "upi", FIELD_TEXT, .max = 100 },
    { "mobile", FIELD_MOBILE },
    { 0 }
};

const struct route sell_settings_routes[] = {
    { GET, "/sell/settings", MOD_CATALOG, VIEW, settings_show, NULL,
      "The shop's settings and its link" },
    { POST, "/sell/settings", MOD_CATALOG, CHANGE, settings_save, settings_fields,
      "Changes the shop's settings", .form = settings_show, .done = "/sell/settings",
      .said = "sell.settings_done" },
    { 0 }
};
