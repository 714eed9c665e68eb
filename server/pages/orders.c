/* The customer's orders: what was asked, what the shop answered, what is to pay, and the
 * code that is told when the goods are handed over. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "server/documents/code.h"
#include "server/documents/upi.h"
#include "server/jobs/worker.h"
#include "server/pages/order_view.h"

#include <string.h>

static int orders_list(struct req *r)
{
    return order_list_page(r, ORDER_CUSTOMER, "/orders", "orders/list");
}

/* Link and QR for what is due, once the shop has accepted and as long as it isn't
 * claimed; null when the shop has no UPI address. */
static json_t *pay_model(struct req *r, const json_t *order)
{
    struct arena *a = r->arena;
    const char *link = NULL, *svg = NULL, *why;
    long long number = row_int(order, "number");

    if (row_true(order, "can_claim"))
        link = upi_link(
            a, row_text(order, "upi"), row_text(order, "vendor_name"),
            arena_printf(a, "O%lldN%lld", (long long)row_int(order, "id"), number),
            req_say(r, "orders.upi_note",
                    json_pack("{s:I}", "number", (json_int_t)number)),
            row_int(order, "due_paise"));
    if (link)
        svg = code_qr_svg(a, link, req_say(r, "orders.upi_qr", NULL), &why);
    return svg ? json_pack("{s:s,s:s}", "link", link, "qr_svg", svg) : json_null();
}

static int order_show(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    const char *code = NULL;
    json_t *order;
    enum db_rc rc = order_find(r->db, ORDER_CUSTOMER, r->account_id, id, &order);

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    if (order_code(r->db, r->account_id, id, r->app->key, &code) == DB_ERR)
        return reply_error(r, 500);
    order_dress(r, ORDER_CUSTOMER, order);
    json_object_set_new(
        order, "says_key",
        json_string(arena_printf(
            r->arena, "orders.says_%s%s", row_text(order, "state"),
            row_true(order, "is_partial") && row_true(order, "is_accepted") ? "_partial"
                                                                            : "")));
    return reply_page(r, 200, "orders/show",
                      json_pack("{s:O,s:s?,s:o,s:b}", "order", order, "code", code, "pay",
                                pay_model(r, order), "can_change",
                                req_level(r, MOD_ORDERS) >= LEVEL_CHANGE));
}

static int moved(struct req *r, enum db_rc rc)
{
    if (rc == DB_OK)
        worker_wake(r->app->worker);
    return reply_outcome(r, rc, req_arg_id(r, 0));
}

static int order_claim(struct req *r)
{
    return moved(r, order_upi_claim(r->db, &r->actor, req_arg_id(r, 0)));
}

static int order_unclaim(struct req *r)
{
    return moved(r, order_upi_unclaim(r->db, &r->actor, req_arg_id(r, 0)));
}

static int order_cancel_post(struct req *r)
{
    return moved(r, order_cancel(r->db, &r->actor, ORDER_CUSTOMER, req_arg_id(r, 0),
                                 req_text(r, "reason")));
}

static int order_again_post(struct req *r)
{
    int added = 0;
    enum db_rc rc = order_again(r->db, &r->actor, req_arg_id(r, 0), &added);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    return reply_goto(r, "/cart", "orders.again_done", json_pack("{s:i}", "n", added));
}

static int invoice_show(struct req *r)
{
    return order_invoice(r, ORDER_CUSTOMER);
}

static const struct field reason_fields[] = { { "reason", FIELD_TEXT, .max = 300 },
                                              { 0 } };

const struct route orders_routes[] = {
    { GET, "/orders", MOD_ORDERS, VIEW, orders_list, order_list_fields,
      "The account's orders" },
    { GET, "/orders/csv", MOD_ORDERS, VIEW, orders_list, order_list_fields,
      "The same as CSV", .gives = "text/csv" },
    { GET, "/orders/{id}", MOD_ORDERS, VIEW, order_show, NULL, "One order" },
    { POST, "/orders/{id}/claim", MOD_ORDERS, CHANGE, order_claim, NULL,
      "Says that what is due was paid by UPI", .form = order_show, .done = "/orders/{1}",
      .said = "orders.claim_done" },
    { POST, "/orders/{id}/unclaim", MOD_ORDERS, CHANGE, order_unclaim, NULL,
      "Takes that back, as long as the shop has not answered", .form = order_show,
      .done = "/orders/{1}", .said = "orders.unclaim_done" },
    { POST, "/orders/{id}/cancel", MOD_ORDERS, CHANGE, order_cancel_post, reason_fields,
      "Cancels an order", .form = order_show, .done = "/orders/{1}",
      .said = "orders.cancel_done" },
    { POST, "/orders/{id}/again", MOD_ORDERS, CHANGE, order_again_post, NULL,
      "Puts the same goods into the cart", .form = order_show, .done = "/cart" },
    { GET, "/orders/{id}/invoice", MOD_ORDERS, VIEW, invoice_show, NULL,
      "The bill of a delivered order, as PDF",
      .gives = "application/pdf" },
    { 0 }
};
