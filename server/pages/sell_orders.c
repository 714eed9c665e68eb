/* The vendor's side of orders: the three lists, and one order with what can be done next.
 * The price and quantity of each line come as accepted[line] and price[line]. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "server/jobs/worker.h"
#include "server/pages/order_view.h"

#include <stdlib.h>
#include <string.h>

static int sell_list(struct req *r)
{
    return order_list_page(r, ORDER_VENDOR, "/sell/orders", "sell/orders");
}

/* For an open page: rings when it grows, and says what the list doesn't have. */
static int waiting_show(struct req *r)
{
    int64_t waiting = 0, n = 0;

    if (order_waiting(r->db, r->account_id, &waiting) == DB_ERR ||
        (req_has(r, "after") &&
         order_newer(r->db, r->account_id, req_int(r, "after"), &n) == DB_ERR))
        return reply_error(r, 500);
    return reply_piece(
        r, "sell/waiting",
        json_pack("{s:I,s:I}", "waiting", (json_int_t)waiting, "n", (json_int_t)n),
        arena_printf(r->arena, "\"w%lld-%lld\"", (long long)waiting, (long long)n));
}

/* --- one order --- */

static const char *error_of(const struct req *r, const char *field)
{
    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field && strcmp(r->errors[i].field, field) == 0)
            return r->errors[i].text;
    return "";
}

/* The value of a line's field as typed, else `first`, and its error. */
static void input_set(struct req *r, json_t *line, const char *name, const char *first)
{
    const char *field = arena_printf(r->arena, "%s[%lld]", name,
                                     (long long)row_int(line, "id"));
    const char *typed = json_string_value(json_object_get(r->typed, field));
    const char *value = arena_printf(r->arena, "%s_value", name);
    const char *error = arena_printf(r->arena, "%s_error", name);

    json_object_set_new(line, value, json_string(typed ? typed : first));
    json_object_set_new(line, error, json_string(error_of(r, field)));
}

static void answers_dress(struct req *r, json_t *order)
{
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(order, "lines"), i, line)
    {
        int64_t asked = row_int(line, "asked_milli");

        input_set(r, line, "accepted", text_qty(r->arena, asked));
        input_set(r, line, "price", "");
        json_object_set_new(line, "is_short",
                            json_boolean(row_int(line, "left_milli") < asked));
    }
}

/* "/sell/orders/{id}/cancel" was sent: its part of the page stands open. */
static bool was_sent(const struct req *r, const char *action)
{
    const char *slash = strrchr(r->route->path, '/');

    return r->method == POST && slash && strcmp(slash + 1, action) == 0;
}

static json_t *sent_model(const struct req *r)
{
    return json_pack("{s:b,s:b,s:b,s:b,s:b}", "decline", was_sent(r, "decline"), "cancel",
                     was_sent(r, "cancel"), "deliver", was_sent(r, "deliver"), "confirm",
                     was_sent(r, "confirm"), "refund", was_sent(r, "refund"));
}

#define DELIVER "/sell/orders/{id}/deliver"

/* Handed over with nothing filled in: the code is asked for along with what is noted, which
 * is found before it. */
static void code_ask(struct req *r, const json_t *order)
{
    bool delivers = r->method == POST && strcmp(r->route->path, DELIVER) == 0;
    bool locked = row_true(order, "is_locked");

    if (delivers && !req_has(r, "pay") && !*req_text(r, "code") && !*req_text(r, "reason"))
        req_error(r, locked ? "reason" : "code",
                  req_say(r, locked ? "refusal.reason_needed" : "refusal.code_needed", NULL));
}

static int sell_order_show(struct req *r)
{
    json_t *order;
    enum db_rc rc = order_find(r->db, ORDER_VENDOR, r->account_id, req_arg_id(r, 0),
                               &order);
    const char *pay = json_string_value(json_object_get(r->typed, "pay"));

    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    order_dress(r, ORDER_VENDOR, order);
    answers_dress(r, order);
    code_ask(r, order);
    pay = pay ? pay : "";
    return reply_page(
        r, 200, "sell/order",
        json_pack("{s:O,s:b,s:b,s:o,s:b,s:b,s:b,s:b}", "order", order, "can_change",
                  req_level(r, MOD_CUSTOMER_ORDERS) >= LEVEL_CHANGE, "can_cash",
                  req_level(r, MOD_CASH) >= LEVEL_VIEW, "sent", sent_model(r),
                  "pays_cash", strcmp(pay, "cash") == 0, "pays_later",
                  strcmp(pay, "later") == 0, "pays_upi", strcmp(pay, "upi") == 0, "pays_part",
                  strcmp(pay, "part") == 0));
}

static int moved(struct req *r, enum db_rc rc)
{
    if (rc == DB_OK)
        worker_wake(r->app->worker);
    return reply_outcome(r, rc, req_arg_id(r, 0));
}

/* --- answering --- */

static const struct field_value *each_of(const struct req *r, const char *name,
                                         int64_t id)
{
    const struct field_value *v;

    for (int i = 0; (v = req_each(r, name, i)); i++)
        if (v->id == id)
            return v;
    return NULL;
}

/* A quantity that was emptied is no "all of it". */
static bool is_emptied(struct req *r, int64_t line_id)
{
    const char *field = arena_printf(r->arena, "accepted[%lld]", (long long)line_id);
    const char *typed = json_string_value(json_object_get(r->typed, field));

    return typed && !*typed;
}

/* An answer for each line; lines that aren't the order's are passed on to be refused. */
static struct order_answer *answers_of(struct req *r, const json_t *lines, size_t *count,
                                       int64_t *emptied)
{
    size_t n = json_array_size(lines), used = n, i;
    struct order_answer *answers = arena_alloc(r->arena, n + (size_t)r->value_count + 1,
                                               sizeof *answers);
    const struct field_value *v;
    const json_t *line;

    json_array_foreach(lines, i, line)
    {
        int64_t id = row_int(line, "id");
        const struct field_value *qty = each_of(r, "accepted", id);
        const struct field_value *price = each_of(r, "price", id);

        answers[i] = (struct order_answer) {
            .line_id = id,
            .accepted_milli = qty ? qty->number : row_int(line, "asked_milli"),
            .price_paise = price ? price->number : -1,
        };
        if (is_emptied(r, id))
            *emptied = id;
    }
    for (int k = 0; (v = req_each(r, "accepted", k)); k++) {
        bool known = false;

        for (i = 0; i < n; i++)
            known = known || answers[i].line_id == v->id;
        if (!known)
            answers[used++] = (struct order_answer) { v->id, v->number, -1 };
    }
    *count = used;
    return answers;
}

/* The field of a refusal, "qty_12" or "price_12", as the form names it. */
static const char *form_field(struct req *r, const char *field)
{
    const char *id = field ? strchr(field, '_') : NULL;

    if (id && strncmp(field, "qty_", 4) == 0)
        return arena_printf(r->arena, "accepted[%s]", id + 1);
    if (id && strncmp(field, "price_", 6) == 0)
        return arena_printf(r->arena, "price[%s]", id + 1);
    return NULL;
}

static int sell_accept(struct req *r)
{
    const struct order_answer *answers;
    int64_t id = req_arg_id(r, 0), emptied = 0;
    const struct refusal *no;
    const char *field;
    json_t *order;
    size_t count;
    enum db_rc rc = order_find(r->db, ORDER_VENDOR, r->account_id, id, &order);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    answers = answers_of(r, json_object_get(order, "lines"), &count, &emptied);
    if (emptied)
        return reply_wrong(r, 422,
                           arena_printf(r->arena, "accepted[%lld]", (long long)emptied),
                           "sell.qty_emptied", NULL);
    rc = order_accept(r->db, &r->actor, id, answers, count);
    no = rc == DB_REFUSED ? db_refusal(r->db) : NULL;
    field = no ? form_field(r, no->field) : NULL;
    if (field)
        return reply_wrong(r, no->status, field, no->key, no->args);
    return moved(r, rc);
}

static int sell_decline(struct req *r)
{
    return moved(
        r, order_decline(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason")));
}

static int sell_cancel(struct req *r)
{
    return moved(r, order_cancel(r->db, &r->actor, ORDER_VENDOR, req_arg_id(r, 0),
                                 req_text(r, "reason")));
}

/* --- handing over, money --- */

static int sell_deliver(struct req *r)
{
    bool no_part = req_is(r, "pay", "part") && !req_has(r, "amount");
    struct delivery d = { .code = req_text(r, "code"),
                          .reason = req_text(r, "reason"),
                          .is_upi = req_is(r, "pay", "upi"),
                          .is_cash_in = req_is(r, "pay", "cash"),
                          .part_paise = req_is(r, "pay", "part") ? req_int(r, "amount") : 0,
                          .oversell_confirmed = req_int(r, "oversell") != 0,
                          .key = r->app->key };

    if (no_part)
        return reply_wrong(r, 422, "amount", "refusal.amount_none", NULL);
    return moved(r, order_deliver(r->db, &r->actor, req_arg_id(r, 0), &d));
}

static int sell_confirm(struct req *r)
{
    return moved(r, order_upi_confirm(r->db, &r->actor, req_arg_id(r, 0),
                                      req_text(r, "reference")));
}

static int sell_deny(struct req *r)
{
    return moved(r, order_upi_deny(r->db, &r->actor, req_arg_id(r, 0)));
}

static int sell_refund(struct req *r)
{
    return moved(
        r, order_refund(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reference")));
}

static int sell_invoice(struct req *r)
{
    return order_invoice(r, ORDER_VENDOR);
}

static const struct field accept_fields[] = { { "accepted", FIELD_QTY, .each = true },
                                              { "price", FIELD_MONEY, .each = true },
                                              { 0 } };

static const struct field reason_fields[] = { { "reason", FIELD_TEXT, .max = 300 },
                                              { 0 } };

static const struct field deliver_fields[] = { { "code", FIELD_CODE },
                                               { "reason", FIELD_TEXT, .max = 300 },
                                               { "pay", FIELD_CHOICE, .required = true,
                                                 .choices = "cash later upi part" },
                                               { "amount", FIELD_MONEY, .min = 1,
                                                 .max = 100000000000 },
                                               { "oversell", FIELD_BOOL },
                                               { 0 } };

static const struct field reference_fields[] = { { "reference", FIELD_TEXT, .max = 60 },
                                                 { 0 } };

static const struct field waiting_fields[] = { { "after", FIELD_INT, .max = INT64_MAX },
                                               { 0 } };

const struct route sell_order_routes[] = {
    { GET, "/sell/orders", MOD_CUSTOMER_ORDERS, VIEW, sell_list, order_list_fields,
      "Orders of customers" },
    { GET, "/sell/orders/csv", MOD_CUSTOMER_ORDERS, VIEW, sell_list, order_list_fields,
      "The same as CSV", .gives = "text/csv" },
    { GET, "/sell/orders/waiting", MOD_CUSTOMER_ORDERS, VIEW, waiting_show, waiting_fields,
      "How many orders wait for an answer, and how many of them came after one" },
    { GET, "/sell/orders/{id}", MOD_CUSTOMER_ORDERS, VIEW, sell_order_show, NULL,
      "One order of a customer" },
    { POST, "/sell/orders/{id}/accept", MOD_CUSTOMER_ORDERS, CHANGE, sell_accept,
      accept_fields, "Accepts an order, in full or in part", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.accept_done" },
    { POST, "/sell/orders/{id}/decline", MOD_CUSTOMER_ORDERS, CHANGE, sell_decline,
      reason_fields, "Declines an order, with a reason", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.decline_done" },
    { POST, "/sell/orders/{id}/cancel", MOD_CUSTOMER_ORDERS, CHANGE, sell_cancel,
      reason_fields, "Cancels an order, with a reason", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.cancel_done" },
    { POST, DELIVER, MOD_CUSTOMER_ORDERS, CHANGE, sell_deliver,
      deliver_fields, "Hands the goods over, with the customer's code",
      .form = sell_order_show, .done = "/sell/orders/{1}", .said = "sell.deliver_done" },
    { POST, "/sell/orders/{id}/confirm", MOD_CUSTOMER_ORDERS, CHANGE, sell_confirm,
      reference_fields, "Confirms that the money came in by UPI", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.confirm_done" },
    { POST, "/sell/orders/{id}/deny", MOD_CUSTOMER_ORDERS, CHANGE, sell_deny, NULL,
      "Says that no money came in by UPI", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.deny_done" },
    { POST, "/sell/orders/{id}/refund", MOD_CUSTOMER_ORDERS, CHANGE, sell_refund,
      reference_fields, "Notes that the money was sent back", .form = sell_order_show,
      .done = "/sell/orders/{1}", .said = "sell.refund_done" },
    { GET, "/sell/orders/{id}/invoice", MOD_CUSTOMER_ORDERS, VIEW, sell_invoice, NULL,
      "The bill of a delivered order, as PDF",
      .gives = "application/pdf" },
    { 0 }
};
