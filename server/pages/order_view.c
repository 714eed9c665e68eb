/* An order is shown alike to both sides; only the words for a new one differ. What a page
 * says of a state is a text key made of the state's name. */
#include "server/pages/order_view.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/document.h"
#include "server/documents/media.h"
#include "server/documents/words.h"
#include "server/pages/list.h"

#include <string.h>

enum { PAGE_ROWS = 50, SEARCH_ROWS = 200 };

const struct field order_list_fields[] = {
    { "state", FIELD_CHOICE, .choices = "active completed cancelled all" },
    { "q", FIELD_TEXT, .max = 100 },
    { "before", FIELD_ID },
    { 0 }
};

static const char *const groups[] = { "active", "completed", "cancelled", "all" };

/* --- states in words --- */

static const char *chip_of(const char *state, bool partial)
{
    if (strcmp(state, "ordered") == 0)
        return "wait";
    if (strcmp(state, "accepted") == 0)
        return partial ? "warn" : "info";
    return strcmp(state, "delivered") == 0 ? "ok" : "bad";
}

static void state_dress(struct req *r, enum order_side side, json_t *row)
{
    const char *state = row_text(row, "state");
    bool partial = row_true(row, "is_partial") && strcmp(state, "accepted") == 0;
    bool fresh = side == ORDER_VENDOR && strcmp(state, "ordered") == 0;

    json_object_set_new(row, "chip", json_string(chip_of(state, partial)));
    json_object_set_new(
        row, "state_key",
        json_string(arena_printf(r->arena, "%s.state_%s", fresh ? "sell" : "orders",
                                 partial ? "partial" : state)));
}

/* --- the list --- */

/* What is asked for; else the active ones, and for a customer who has none of those, all. */
static enum order_group group_of(const struct req *r, enum order_side side,
                                 const json_t *counts)
{
    for (enum order_group g = ORDER_ACTIVE; g <= ORDER_ALL; g++)
        if (req_is(r, "state", groups[g]))
            return g;
    return side == ORDER_CUSTOMER && row_int(counts, groups[ORDER_ACTIVE]) == 0
               ? ORDER_ALL
               : ORDER_ACTIVE;
}

static const char *const params[] = { "state", "q", NULL };

/* Another group is shown whole. */
static json_t *filters_of(struct req *r, const char *path, enum order_group group,
                          const json_t *counts)
{
    json_t *filters = json_array();

    for (enum order_group g = ORDER_ACTIVE; g <= ORDER_ALL; g++)
        json_array_append_new(
            filters, json_pack("{s:s,s:s,s:s,s:b,s:I}", "key",
                               arena_printf(r->arena, "orders.group_%s", groups[g]),
                               "name", "", "href",
                               arena_printf(r->arena, "%s?state=%s", path, groups[g]),
                               "is_current", g == group, "count",
                               (json_int_t)row_int(counts, groups[g])));
    return filters;
}

static json_t *list_frame(struct req *r, const char *path, const json_t *rows,
                          const json_t *counts, enum order_group group, int limit)
{
    const char *q = req_text(r, "q");
    const char *csv = arena_printf(r->arena, "%s/csv", path);
    size_t n = json_array_size(rows);

    return json_pack(
        "{s:b,s:I,s:b,s:s,s:[{s:s,s:s}],s:b,s:o,s:s?,s:s,s:s?,s:s?}", "has_rows", n > 0,
        "n", (json_int_t)(*q ? (int64_t)n : row_int(counts, groups[group])), "has_search",
        row_int(counts, "all") > 0, "q", q, "keep", "name", "state", "value",
        groups[group], "has_filters", row_int(counts, "all") > 0, "filters",
        filters_of(r, path, group, counts), "all",
        *q ? arena_printf(r->arena, "%s?state=all", path) : NULL, "csv",
        list_href(r, csv, params, NULL, NULL), "first",
        req_has(r, "before") ? list_href(r, path, params, NULL, NULL) : NULL, "next",
        list_next(r, path, params, cell_json(json_array_get(rows, (size_t)limit - 1))));
}

#define FIRST_COLUMNS                                                                    \
    { "number", "orders.number_head", CSV_TEXT }, { "placed_ms", "admin.at", CSV_TIME }, \
    {                                                                                    \
        "state_key", "orders.state", CSV_SAY                                             \
    }
#define LAST_COLUMNS                                                                     \
    { "goods", "orders.product", CSV_TEXT },                                             \
        { "total_paise", "orders.total", CSV_MONEY },                                    \
        { "paid_paise", "orders.paid_upi", CSV_MONEY },                                  \
    {                                                                                    \
        NULL                                                                             \
    }

static const struct csv_column customer_columns[] = {
    FIRST_COLUMNS, { "party", "orders.shop", CSV_TEXT }, LAST_COLUMNS
};
static const struct csv_column vendor_columns[] = {
    FIRST_COLUMNS,
    { "party", "orders.customer", CSV_TEXT },
    { "mobile", "look.mobile", CSV_TEXT },
    LAST_COLUMNS
};

static enum db_rc rows_read(struct req *r, enum order_side side, const char *path,
                            enum order_group group, int limit, json_t **rows)
{
    const char *q = req_text(r, "q");
    enum db_rc rc = order_list(r->db, side, r->account_id, group, *q ? q : NULL,
                               list_is_csv(r) ? 0 : req_int(r, "before"), limit, rows);
    json_t *row;
    size_t i;

    json_array_foreach(*rows, i, row)
    {
        state_dress(r, side, row);
        json_object_set_new(row, "href",
                            json_string(arena_printf(r->arena, "%s/%lld", path,
                                                     (long long)row_int(row, "id"))));
    }
    return rc;
}

int order_list_page(struct req *r, enum order_side side, const char *path,
                    const char *template)
{
    bool is_vendor = side == ORDER_VENDOR, csv = list_is_csv(r);
    int limit = csv ? CSV_ROWS : req_has(r, "q") ? SEARCH_ROWS : PAGE_ROWS;
    json_t *rows, *counts;
    int64_t waiting = 0, newest = 0;
    enum order_group group;

    /* First: what comes while the list is read is shown as new once more, not left out. */
    if ((is_vendor && order_newest(r->db, r->account_id, &newest) == DB_ERR) ||
        order_counts(r->db, side, r->account_id, &counts) != DB_OK)
        return reply_error(r, 500);
    group = group_of(r, side, counts);
    if (rows_read(r, side, path, group, limit, &rows) != DB_OK)
        return reply_error(r, 500);
    if (csv)
        return list_csv(r, "orders", is_vendor ? vendor_columns : customer_columns,
                        cell_json(rows));
    if (is_vendor && order_waiting(r->db, r->account_id, &waiting) == DB_ERR)
        return reply_error(r, 500);
    return reply_page(r, 200, template,
                      json_pack("{s:O,s:O,s:I,s:I,s:s,s:o}", "orders", rows, "counts", counts,
                                "waiting", (json_int_t)waiting, "newest",
                                (json_int_t)newest, "origin", r->origin,
                                "list", list_frame(r, path, rows, counts, group, limit)));
}

/* --- one order --- */

static void lines_dress(json_t *order)
{
    int64_t goods = 0, tax = 0;
    json_t *line;
    size_t i;

    json_array_foreach(json_object_get(order, "lines"), i, line)
    {
        json_t *price = json_object_get(line, "price_paise");

        goods += row_int(line, "taxable_paise");
        tax += row_int(line, "cgst_paise") + row_int(line, "sgst_paise") +
               row_int(line, "igst_paise");
        json_object_set_new(line, "has_price", json_boolean(json_is_integer(price)));
        json_object_set_new(line, "each_paise",
                            json_is_integer(price)
                                ? json_integer(json_integer_value(price) -
                                               row_int(line, "discount_paise"))
                                : json_null());
        json_object_set_new(
            line, "has_accepted",
            json_boolean(json_is_integer(json_object_get(line, "accepted_milli"))));
    }
    json_object_set_new(order, "goods_paise", json_integer(goods));
    json_object_set_new(order, "tax_paise", json_integer(tax));
}

/* Wrong codes in a row are one line of the history, at the time of the last: `n` of them. */
static void wrong_codes_join(json_t *events)
{
    int64_t n = 0;

    for (size_t i = 0; i < json_array_size(events);) {
        json_t *event = json_array_get(events, i);
        const json_t *next = json_array_get(events, i + 1);

        n++;
        if (strcmp(row_text(event, "kind"), "wrong_code") == 0 &&
            strcmp(row_text(next, "kind"), "wrong_code") == 0) {
            json_array_remove(events, i);
            continue;
        }
        json_object_set_new(event, "n", json_integer(n));
        n = 0;
        i++;
    }
}

static void events_dress(struct req *r, json_t *order)
{
    json_t *event;
    size_t i;

    wrong_codes_join(json_object_get(order, "events"));
    json_array_foreach(json_object_get(order, "events"), i, event)
    {
        const char *kind = row_text(event, "kind");
        bool cancelled = strcmp(kind, "cancelled") == 0;
        bool money = strcmp(kind, "cash") == 0 || strcmp(kind, "owed") == 0;
        int64_t paise;

        json_object_set_new(
            event, "text_key",
            json_string(arena_printf(r->arena, "orders.event_%s%s%s", kind,
                                     cancelled ? "_" : "",
                                     cancelled ? row_text(event, "by") : "")));
        if (money && text_number(row_text(event, "note"), 2, 2, &paise))
            json_object_set_new(
                event, "note",
                json_string(
                    arena_printf(r->arena, "₹%s", text_rupees(r->arena, paise, true))));
    }
}

static void flag_set(json_t *order, const char *name, const char *key, const char *value)
{
    json_object_set_new(order, name,
                        json_boolean(strcmp(row_text(order, key), value) == 0));
}

void order_dress(struct req *r, enum order_side side, json_t *order)
{
    const char *state = row_text(order, "state");

    state_dress(r, side, order);
    flag_set(order, "is_ordered", "state", "ordered");
    flag_set(order, "is_accepted", "state", "accepted");
    flag_set(order, "is_delivered", "state", "delivered");
    flag_set(order, "is_doorstep", "fulfil", "doorstep");
    json_object_set_new(
        order, "is_open",
        json_boolean(strcmp(state, "ordered") == 0 || strcmp(state, "accepted") == 0));
    json_object_set_new(
        order, "has_documents",
        json_boolean(json_array_size(json_object_get(order, "documents")) > 0));
    lines_dress(order);
    events_dress(r, order);
}

/* --- telling --- */

json_t *chat_url(struct req *r, const char *mobile, const char *say)
{
    struct buf b = buf_new(r->arena, 256, 4096);

    if (*mobile != '+')
        return json_null();
    buf_printf(&b, "https://wa.me/%s?text=", mobile + 1);
    buf_url(&b, say, strlen(say));
    return json_string(buf_str(&b));
}

/* --- the bill --- */

/* All words of a bill; the page's own {n} and {m} are filled in where it is drawn. */
static json_t *labels_of(struct req *r, const char *kind)
{
    static const char *const names[] = { "number",
                                         "date",
                                         "place_of_supply",
                                         "reverse_charge",
                                         "yes",
                                         "no",
                                         "gstin",
                                         "state",
                                         "mobile",
                                         "bill_to",
                                         "deliver_to",
                                         "item",
                                         "hsn",
                                         "qty",
                                         "price",
                                         "discount",
                                         "taxable",
                                         "gst",
                                         "cgst",
                                         "sgst",
                                         "igst",
                                         "amount",
                                         "subtotal",
                                         "round_off",
                                         "total",
                                         "paid",
                                         "due",
                                         "in_words",
                                         "scan_to_pay",
                                         "composition",
                                         "signatory",
                                         "for",
                                         "computer_made",
                                         "page",
                                         "continued",
                                         NULL };
    json_t *labels = json_object();
    json_t *args = json_pack("{s:s,s:s,s:I}", "n", "{n}", "m", "{m}", "now_ms",
                             (json_int_t)clock_ms());

    for (const char *const *name = names; *name; name++)
        json_object_set_new(
            labels, *name,
            json_string(req_say(r, arena_printf(r->arena, "invoice.%s", *name), args)));
    json_object_set_new(
        labels, "title",
        json_string(req_say(r, arena_printf(r->arena, "invoice.title_%s", kind), NULL)));
    return labels;
}

/* "08 Rajasthan", as the document keeps it, in the reader's words. */
static void place_say(struct req *r, json_t *bill)
{
    const char *place = row_text(bill, "place_of_supply");

    if (strlen(place) > 3)
        json_object_set_new(
            bill, "place_of_supply",
            json_string(arena_printf(
                r->arena, "%.2s %s", place,
                req_say(r, arena_printf(r->arena, "state.%.2s", place), NULL))));
}

static void party_say(struct req *r, json_t *party)
{
    const char *code = row_text(party, "state_code");

    if (*code)
        json_object_set_new(
            party, "state_name",
            json_string(req_say(r, arena_printf(r->arena, "state.%s", code), NULL)));
}

/* As it was issued, but for the money: what is owed of it now. */
static json_t *bill_of(struct req *r, const json_t *document, int64_t owed_paise)
{
    json_t *bill = json_deep_copy(json_object_get(document, "body_json")), *line;
    int64_t total = row_int(json_object_get(bill, "totals"), "total_paise");
    int zone = r->zone;
    size_t i;

    json_object_set_new(bill, "paid_paise", json_integer(total - owed_paise));
    json_object_set_new(bill, "due_paise", json_integer(owed_paise));
    r->zone = IST_MINUTES; /* a bill's day is the same for whoever reads it */
    json_object_set_new(
        bill, "date",
        json_string(req_say(r, "invoice.issued",
                            json_pack("{s:O}", "issued_ms",
                                      json_object_get(document, "issued_ms")))));
    r->zone = zone;
    json_object_set_new(bill, "labels", labels_of(r, row_text(document, "kind")));
    party_say(r, json_object_get(bill, "seller"));
    party_say(r, json_object_get(bill, "buyer"));
    place_say(r, bill);
    json_object_set_new(
        bill, "in_words",
        json_string(words_rupees(r->arena, total, r->lang)));
    json_object_set_new(
        bill, "facts",
        json_pack(
            "[[s,s]]", req_say(r, "invoice.order", NULL),
            arena_printf(r->arena, "%lld", (long long)row_int(bill, "order_number"))));
    json_array_foreach(json_object_get(bill, "lines"), i,
                       line) if (row_true(line, "is_charge"))
        json_object_set_new(line, "name",
                            json_string(req_say(r, "invoice.doorstep", NULL)));
    return bill;
}

static int invoice_send(struct req *r, const json_t *document, int64_t owed_paise)
{
    char *pdf, *name = arena_dup(r->arena, row_text(document, "number"));
    size_t size;

    /* Drawing takes a while and needs no data. */
    db_release(r->db);
    if (media_invoice(r->app->media, r->arena, bill_of(r, document, owed_paise), &pdf, &size) !=
        MEDIA_OK) {
        log_error("invoice not drawn document=%lld", (long long)row_int(document, "id"));
        return reply_error(r, 503);
    }
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '-' : *c;
    reply_header(r, "Content-Disposition",
                 arena_printf(r->arena, "inline; filename=\"invoice-%s.pdf\"", name));
    return reply_bytes(r, 200, "application/pdf", pdf, size, NULL);
}

int order_invoice(struct req *r, enum order_side side)
{
    json_t *order, *documents, *document;
    enum db_rc rc = order_find(r->db, side, r->account_id, req_arg_id(r, 0), &order);

    if (rc == DB_OK) {
        documents = json_object_get(order, "documents");
        rc = document_find(r->db, r->account_id,
                           row_int(json_array_get(documents, 0), "id"), &document);
    }
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    return invoice_send(r, document, row_int(order, "owed_paise"));
}
