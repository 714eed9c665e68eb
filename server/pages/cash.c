/* The cash register: who owes what, one customer's statement, money that comes in, and
 * the counter-entry that undoes a payment written by mistake. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/ledger.h"
#include "server/pages/list.h"
#include "server/pages/order_view.h"

#include <string.h>

enum { PAGE_ROWS = 50, SEARCH_ROWS = 200 };

/* --- who owes what --- */

static const char *const params[] = { "show", "q", NULL };

static json_t *filter_of(bool all, bool is_current, int64_t count)
{
    return json_pack("{s:s,s:s,s:s,s:b,s:I}", "key",
                     all ? "cash.show_all" : "cash.show_owing", "name", "", "href",
                     all ? "/cash?show=all" : "/cash?show=owing", "is_current",
                     is_current, "count", (json_int_t)count);
}

/* Ordered by what they owe: the next page needs that too. */
static const char *next_href(struct req *r, const json_t *last)
{
    static const char *const none[] = { NULL };

    return last ? arena_printf(
                      r->arena, "%s&after=%lld&after_paise=%lld",
                      req_has(r, "q") || req_has(r, "show")
                          ? list_href(r, "/cash", params, NULL, NULL)
                          : list_href(r, "/cash?show=owing", none, NULL, NULL),
                      (long long)row_int(last, "id"),
                      (long long)row_int(last, "balance_paise"))
                : NULL;
}

static json_t *list_frame(struct req *r, const json_t *rows, int limit, int64_t owing)
{
    const char *q = req_text(r, "q");
    bool all = req_is(r, "show", "all");
    size_t n = json_array_size(rows);

    return json_pack("{s:b,s:I,s:b,s:s,s:[{s:s,s:s}],s:b,s:[o,o],s:s?,s:s,s:s?,s:s?}",
                     "has_rows", n > 0, "n", (json_int_t)(*q || all ? (int64_t)n : owing),
                     "has_search", 1, "q", q, "keep", "name", "show", "value",
                     all ? "all" : "owing", "has_filters", 1, "filters",
                     filter_of(false, !all, owing), filter_of(true, all, 0), "all",
                     *q ? "/cash?show=all" : NULL, "csv",
                     list_href(r, "/cash/csv", params, NULL, NULL), "first",
                     req_has(r, "after") ? list_href(r, "/cash", params, NULL, NULL)
                                         : NULL,
                     "next", next_href(r, json_array_get(rows, (size_t)limit - 1)));
}

static void party_dress(struct req *r, json_t *row)
{
    int64_t balance = row_int(row, "balance_paise");

    json_object_set_new(row, "is_owing", json_boolean(balance > 0));
    json_object_set_new(row, "is_ahead", json_boolean(balance < 0));
    json_object_set_new(row, "ahead_paise", json_integer(balance < 0 ? -balance : 0));
    json_object_set_new(row, "href",
                        json_string(arena_printf(r->arena, "/cash/customers/%lld",
                                                 (long long)row_int(row, "id"))));
}

static int64_t today_start(const struct req *r)
{
    struct calendar c = clock_calendar(clock_ms(), r->zone);

    return clock_day_start(c.year, c.month, c.day, r->zone);
}

static const struct csv_column party_columns[] = {
    { "name", "orders.customer", CSV_TEXT },
    { "mobile", "look.mobile", CSV_TEXT },
    { "balance_paise", "cash.owes_big", CSV_MONEY },
    { "last_ms", "cash.last", CSV_TIME },
    { NULL }
};

static int cash_list(struct req *r)
{
    const char *q = req_text(r, "q");
    int64_t owed, owing, today = today_start(r);
    bool csv = list_is_csv(r);
    int limit = csv ? CSV_ROWS : *q ? SEARCH_ROWS : PAGE_ROWS;
    json_t *rows, *row, *sums;
    size_t i;

    if (ledger_parties(r->db, r->account_id, *q ? q : NULL, !req_is(r, "show", "all"),
                       csv ? 0 : req_int(r, "after_paise"), csv ? 0 : req_int(r, "after"),
                       limit, &rows) != DB_OK)
        return reply_error(r, 500);
    if (csv)
        return list_csv(r, "dues", party_columns, cell_json(rows));
    if (ledger_owed(r->db, r->account_id, &owed, &owing) != DB_OK ||
        ledger_period(r->db, r->account_id, today, today + CLOCK_DAY, &sums) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row) party_dress(r, row);
    return reply_page(r, 200, "cash/list",
                      json_pack("{s:O,s:I,s:I,s:O,s:o}", "customers", rows, "owed_paise",
                                (json_int_t)owed, "owing", (json_int_t)owing, "today",
                                sums, "list", list_frame(r, rows, limit, owing)));
}

/* --- one customer --- */

static json_t *remind_url(struct req *r, const json_t *party)
{
    if (row_int(party, "balance_paise") <= 0)
        return json_null();
    return chat_url(r, row_text(party, "mobile"),
                    req_say(r, "cash.remind_say",
                            json_pack("{s:O,s:O,s:O}", "name", json_object_get(party, "name"),
                                      "balance_paise",
                                      json_object_get(party, "balance_paise"), "shop",
                                      json_object_get(r->session, "account_name"))));
}

/* Whether a form of /cash/entries came back with something wrong. */
static bool is_wrong_entry(const struct req *r)
{
    return r->error_count > 0 && strncmp(r->path, "/cash/entries/", 14) == 0;
}

void ledger_entries_dress(struct req *r, json_t *entries)
{
    json_t *entry;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        int64_t paise = row_int(entry, "paise");
        bool payment = strcmp(row_text(entry, "kind"), "payment") == 0;

        json_object_set_new(
            entry, "text_key",
            json_string(arena_printf(r->arena, "cash.entry_%s%s%s",
                                     row_text(entry, "kind"), payment ? "_" : "",
                                     payment ? row_text(entry, "method") : "")));
        json_object_set_new(entry, "amount_paise",
                            json_integer(paise < 0 ? -paise : paise));
        json_object_set_new(entry, "is_in", json_boolean(paise < 0));
        json_object_set_new(
            entry, "is_wrong",
            json_boolean(is_wrong_entry(r) && row_int(entry, "id") == req_arg_id(r, 0)));
    }
}

static int customer_page(struct req *r, int64_t party_id)
{
    int64_t before = req_int(r, "before");
    bool upi = req_is(r, "method", "upi");
    json_t *party, *entries;
    size_t n;
    enum db_rc rc = ledger_party(r->db, r->account_id, party_id, &party);

    if (rc == DB_OK)
        rc = ledger_entries(r->db, r->account_id, party_id, before, PAGE_ROWS, &entries);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    party_dress(r, party);
    ledger_entries_dress(r, entries);
    n = json_array_size(entries);
    return reply_page(
        r, 200, "cash/customer",
        json_pack(
            "{s:O,s:O,s:b,s:b,s:b,s:b,s:o,s:b,s:b,s:O?,s:b}", "customer", party,
            "entries", entries, "has_wrong_entry", is_wrong_entry(r), "is_receiving",
            r->error_count > 0 && !is_wrong_entry(r), "has_entries", n > 0, "can_change",
            req_level(r, MOD_CASH) >= LEVEL_CHANGE, "remind_url", remind_url(r, party),
            "by_cash", !upi, "by_upi", upi, "next",
            n == PAGE_ROWS ? json_object_get(json_array_get(entries, n - 1), "id") : NULL,
            "can_orders", req_level(r, MOD_CUSTOMER_ORDERS) >= LEVEL_VIEW));
}

static const struct csv_column entry_columns[] = {
    { "at_ms", "admin.at", CSV_TIME },
    { "text_key", "inventory.what", CSV_SAY },
    { "paise", "look.amount", CSV_MONEY },
    { "balance_paise", "cash.balance_head", CSV_MONEY },
    { "order_number", "orders.number_head", CSV_TEXT },
    { "reference", "cash.reference", CSV_TEXT },
    { "note", "cash.note", CSV_TEXT },
    { "user_name", "audit.who", CSV_TEXT },
    { NULL }
};

static int customer_csv(struct req *r)
{
    json_t *party, *entries;
    enum db_rc rc = ledger_party(r->db, r->account_id, req_arg_id(r, 0), &party);

    if (rc == DB_OK)
        rc = ledger_entries(r->db, r->account_id, req_arg_id(r, 0), 0, CSV_ROWS, &entries);
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    ledger_entries_dress(r, entries);
    return list_csv(
        r, arena_printf(r->arena, "statement-%lld", (long long)row_int(party, "id")),
        entry_columns, cell_json(entries));
}

static int customer_show(struct req *r)
{
    return customer_page(r, req_arg_id(r, 0));
}

static int cash_receive(struct req *r)
{
    int64_t id = 0;
    enum db_rc rc = ledger_receive(r->db, &r->actor, req_arg_id(r, 0),
                                   req_int(r, "amount"),
                                   req_is(r, "method", "upi") ? "upi" : "cash",
                                   req_text(r, "reference"), req_text(r, "note"), &id);

    return reply_outcome(r, rc, id);
}

/* The path names the entry; the form tells whose page it stood on. */
static int entry_form(struct req *r)
{
    return req_int(r, "customer") > 0 ? customer_page(r, req_int(r, "customer"))
                                      : reply_error(r, r->reply.status);
}

static int entry_reverse(struct req *r)
{
    int64_t customer = req_int(r, "customer");
    enum db_rc rc = ledger_reverse(r->db, &r->actor, req_arg_id(r, 0),
                                   req_text(r, "reason"));

    if (rc != DB_OK || r->wants_json)
        return reply_outcome(r, rc, req_arg_id(r, 0));
    return reply_goto(
        r,
        customer > 0 ? arena_printf(r->arena, "/cash/customers/%lld", (long long)customer)
                     : "/cash",
        "cash.reverse_done", NULL);
}

/* From the message right behind the payment: no reason is typed there. */
static int entry_undo(struct req *r)
{
    enum db_rc rc = ledger_reverse(r->db, &r->actor, req_arg_id(r, 0),
                                   req_say(r, "cash.undone_reason", NULL));

    return reply_outcome(r, rc, req_arg_id(r, 0));
}

static const struct field list_fields[] = { { "show", FIELD_CHOICE,
                                              .choices = "owing all" },
                                            { "q", FIELD_TEXT, .max = 100 },
                                            { "after", FIELD_ID },
                                            { "after_paise", FIELD_INT },
                                            { 0 } };

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };

static const struct field receive_fields[] = {
    { "amount", FIELD_MONEY, .required = true, .min = 1, .max = 100000000000 },
    { "method", FIELD_CHOICE, .choices = "cash upi" },
    { "reference", FIELD_TEXT, .max = 60 },
    { "note", FIELD_TEXT, .max = 200 },
    { 0 }
};

static const struct field reverse_fields[] = { { "reason", FIELD_TEXT, .max = 200 },
                                               { "customer", FIELD_ID },
                                               { 0 } };

const struct route cash_routes[] = {
    { GET, "/cash", MOD_CASH, VIEW, cash_list, list_fields, "Who owes what" },
    { GET, "/cash/csv", MOD_CASH, VIEW, cash_list, list_fields, "The same as CSV",
      .gives = "text/csv" },
    { GET, "/cash/customers/{id}", MOD_CASH, VIEW, customer_show, before_fields,
      "The statement of one customer" },
    { GET, "/cash/customers/{id}/csv", MOD_CASH, VIEW, customer_csv, NULL,
      "The same as CSV", .gives = "text/csv" },
    { POST, "/cash/customers/{id}/receive", MOD_CASH, CHANGE, cash_receive,
      receive_fields, "Money came in, a part or all of what is owed",
      .form = customer_show, .done = "/cash/customers/{1}", .said = "cash.receive_done",
      .undo = "/cash/entries/{made}/undo" },
    { POST, "/cash/entries/{id}/undo", MOD_CASH, CHANGE, entry_undo, NULL,
      "Undoes a payment at once", .done = "/cash", .said = "cash.reverse_done" },
    { POST, "/cash/entries/{id}/reverse", MOD_CASH, CHANGE, entry_reverse, reverse_fields,
      "Undoes a payment that was written by mistake", .form = entry_form, .done = "/cash",
      .said = "cash.reverse_done" },
    { 0 }
};
