/* What the account owes its shops: the shops, and the statement of one as its own books have
 * it, with a link and a QR to pay by UPI. The shop writes down what comes in. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/ledger.h"
#include "server/documents/code.h"
#include "server/documents/upi.h"
#include "server/pages/order_view.h"

#include <string.h>

enum { PAGE_ROWS = 50 };

static void due_dress(json_t *row)
{
    int64_t balance = row_int(row, "balance_paise");

    json_object_set_new(row, "is_owing", json_boolean(balance > 0));
    json_object_set_new(row, "ahead_paise", json_integer(balance < 0 ? -balance : 0));
}

static int dues_list(struct req *r)
{
    int64_t owed = 0;
    json_t *rows, *row;
    size_t i;

    if (ledger_dues(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row)
    {
        due_dress(row);
        owed += row_int(row, "balance_paise") > 0 ? row_int(row, "balance_paise") : 0;
    }
    return reply_page(r, 200, "dues/list",
                      json_pack("{s:O,s:b,s:I}", "dues", rows, "has_dues",
                                json_array_size(rows) > 0, "owed_paise", (json_int_t)owed));
}

/* Null when nothing is owed, or the shop has no UPI address. */
static json_t *pay_model(struct req *r, const json_t *due)
{
    const char *link = NULL, *svg = NULL, *why;

    if (row_true(due, "is_owing") && *row_text(due, "upi"))
        link = upi_link(r->arena, row_text(due, "upi"), row_text(due, "name"),
                        arena_printf(r->arena, "D%lld", (long long)row_int(due, "id")),
                        row_text(r->session, "account_name"), row_int(due, "balance_paise"));
    if (link)
        svg = code_qr_svg(r->arena, link, req_say(r, "orders.upi_qr", NULL), &why);
    if (!svg)
        return json_null();
    return json_pack("{s:s,s:s,s:o}", "link", link, "qr_svg", svg, "tell",
                     chat_url(r, row_text(due, "mobile"),
                              req_say(r, "dues.tell_say",
                                      json_pack("{s:O}", "balance_paise",
                                                json_object_get(due, "balance_paise")))));
}

static int due_show(struct req *r)
{
    json_t *due, *entries;
    size_t n;
    enum db_rc rc = ledger_due(r->db, r->account_id, req_arg_id(r, 0), &due);

    if (rc == DB_OK)
        rc = ledger_entries(r->db, row_int(due, "account_id"), req_arg_id(r, 0),
                            req_int(r, "before"), PAGE_ROWS, &entries);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    due_dress(due);
    ledger_entries_dress(r, entries);
    n = json_array_size(entries);
    return reply_page(r, 200, "dues/show",
                      json_pack("{s:O,s:O,s:o,s:O?}", "due", due, "entries", entries, "pay",
                                pay_model(r, due), "next",
                                n == PAGE_ROWS ? json_object_get(
                                                     json_array_get(entries, n - 1), "id")
                                               : NULL));
}

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };

const struct route dues_routes[] = {
    { GET, "/dues", MOD_ORDERS, VIEW, dues_list, NULL, "What the account owes its shops" },
    { GET, "/dues/{id}", MOD_ORDERS, VIEW, due_show, before_fields,
      "The account's statement at one shop" },
    { 0 }
};
