/* A bill is composed once from the order as it stands and kept as JSON; nothing of it is
 * computed again. The number is counted under the writer, so that there is no gap: a
 * delivery that fails takes its number back with it. */
#include "document.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "listing_internal.h"

/* --- reading --- */

enum db_rc document_find(struct db *db, int64_t account_id, int64_t document_id,
                         json_t **row)
{
    return db_row(db,
                  "SELECT d.id AS id, d.order_id AS order_id, d.kind AS kind,"
                  " d.number AS number, d.issued_ms AS issued_ms, d.body AS body_json"
                  " FROM document d JOIN orders o ON o.id = d.order_id WHERE d.id = ?1"
                  " AND (d.account_id = ?2 OR o.customer_account_id = ?2)",
                  DB_ARGS(DB_INT(document_id), DB_INT(account_id)), row);
}

enum db_rc document_list(struct db *db, int64_t account_id, int64_t before_id, int limit,
                         json_t **rows)
{
    return db_rows(
        db,
        "SELECT d.id AS id, d.order_id AS order_id, o.number AS order_number,"
        " d.kind AS kind, d.number AS number, o.customer_name AS customer_name,"
        " o.total_paise AS total_paise, d.issued_ms AS issued_ms FROM document d"
        " JOIN orders o ON o.id = d.order_id WHERE d.account_id = ?1 AND d.id < ?2"
        " ORDER BY d.id DESC LIMIT ?3",
        DB_ARGS(DB_INT(account_id), DB_INT(page_before(before_id)), DB_INT(limit)), rows);
}

/* --- composing --- */

static const char *kind_of(const char *gst_status)
{
    if (strcmp(gst_status, "regular") == 0)
        return "tax_invoice";
    return strcmp(gst_status, "composition") == 0 ? "bill_of_supply" : "invoice";
}

static const char *date_of(struct arena *a, int64_t ms)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct calendar c = clock_calendar(ms, IST_MINUTES);

    return arena_printf(a, "%d %s %d", c.day, months[c.month - 1], c.year);
}

/* Leaves out what is not there. */
static void put_text(json_t *to, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(to, key, json_string(text));
}

static void put_state(json_t *to, const char *code)
{
    put_text(to, "state_code", code);
    put_text(to, "state_name", gst_state_name(code));
}

static json_t *seller_of(const json_t *order)
{
    json_t *seller = json_object();

    put_text(seller, "trade_name", row_text(order, "trade_name"));
    put_text(seller, "address", row_text(order, "vendor_address"));
    if (strcmp(row_text(order, "gst_status"), "unregistered") != 0)
        put_text(seller, "gstin", row_text(order, "gstin"));
    put_state(seller, row_text(order, "state_code"));
    put_text(seller, "mobile", row_text(order, "vendor_mobile"));
    put_text(seller, "upi", row_text(order, "upi"));
    return seller;
}

static json_t *buyer_of(const json_t *order)
{
    json_t *buyer = json_object();
    bool doorstep = strcmp(row_text(order, "fulfil"), "doorstep") == 0;

    put_text(buyer, "name", row_text(order, "customer_name"));
    put_text(buyer, "address", row_text(order, "address"));
    put_text(buyer, "mobile", row_text(order, "mobile"));
    put_state(buyer, row_text(order, "buyer_state_code"));
    if (doorstep)
        put_text(buyer, "deliver_to", row_text(order, "address"));
    return buyer;
}

static void put_amounts(json_t *to, const struct amounts *sum)
{
    json_object_set_new(to, "discount_paise", json_integer(sum->discount_paise));
    json_object_set_new(to, "taxable_paise", json_integer(sum->taxable_paise));
    json_object_set_new(to, "cgst_paise", json_integer(sum->cgst_paise));
    json_object_set_new(to, "sgst_paise", json_integer(sum->sgst_paise));
    json_object_set_new(to, "igst_paise", json_integer(sum->igst_paise));
    json_object_set_new(to, "total_paise", json_integer(sum->total_paise));
}

static void amounts_add(struct amounts *sum, const struct amounts *more)
{
    sum->discount_paise += more->discount_paise;
    sum->taxable_paise += more->taxable_paise;
    sum->cgst_paise += more->cgst_paise;
    sum->sgst_paise += more->sgst_paise;
    sum->igst_paise += more->igst_paise;
    sum->total_paise += more->total_paise;
}

/* The stored amounts of a line; its discount from the snapshot of the price. */
static struct amounts line_amounts(const json_t *row)
{
    struct price p = row_price(row);
    struct amounts sum;

    price_line(&p, row_int(row, "qty_milli"), PRICE_NO_TAX, &sum);
    sum.taxable_paise = row_int(row, "taxable_paise");
    sum.cgst_paise = row_int(row, "cgst_paise");
    sum.sgst_paise = row_int(row, "sgst_paise");
    sum.igst_paise = row_int(row, "igst_paise");
    sum.total_paise = row_int(row, "total_paise");
    return sum;
}

static json_t *line_of(struct arena *a, const json_t *row, bool taxed)
{
    json_t *line = json_object();
    struct amounts sum = line_amounts(row);

    put_text(line, "name", row_text(row, "name"));
    put_text(line, "detail", row_text(row, "variant"));
    put_text(line, "hsn", row_text(row, "hsn"));
    put_text(line, "qty", text_qty(a, row_int(row, "qty_milli")));
    put_text(line, "unit", row_text(row, "unit"));
    json_object_set(line, "price_paise", json_object_get(row, "price_paise"));
    json_object_set_new(line, "gst_bp", json_integer(taxed ? row_int(row, "gst_bp") : 0));
    put_amounts(line, &sum);
    return line;
}

/* The doorstep charge is part of the same supply, taxed as the goods with the highest
 * rate; what the customer was told is with tax. */
static json_t *charge_line(const json_t *order, int64_t gst_bp, enum price_tax tax,
                           struct amounts *sum)
{
    struct price p = { .price_paise = row_int(order, "charge_paise"),
                       .gst_bp = gst_bp,
                       .is_inclusive = true };
    json_t *line;

    price_line(&p, 1000, tax, sum);
    line = json_pack("{s:b, s:s, s:s, s:s, s:I, s:I}", "is_charge", 1, "name",
                     "Doorstep delivery", "qty", "1", "unit", "", "price_paise",
                     (json_int_t)p.price_paise, "gst_bp",
                     (json_int_t)(tax == PRICE_NO_TAX ? 0 : gst_bp));
    put_amounts(line, sum);
    return line;
}

static json_t *body_of(struct arena *a, const json_t *order, const json_t *rows,
                       const char *number, int64_t now, int64_t paid_paise)
{
    const char *status = row_text(order, "gst_status"), *place;
    const char *buyer_state = row_text(order, "buyer_state_code");
    enum price_tax tax = price_tax_for(status, row_text(order, "state_code"),
                                       buyer_state);
    json_t *lines = json_array(), *totals = json_object(), *body, *row;
    struct amounts all = { 0 }, one;
    int64_t highest_bp = 0;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        one = line_amounts(row);
        amounts_add(&all, &one);
        json_array_append_new(lines, line_of(a, row, tax != PRICE_NO_TAX));
        if (row_int(row, "gst_bp") > highest_bp)
            highest_bp = row_int(row, "gst_bp");
    }
    if (row_int(order, "charge_paise") > 0) {
        json_array_append_new(lines, charge_line(order, highest_bp, tax, &one));
        amounts_add(&all, &one);
    }
    put_amounts(totals, &all);
    body = json_pack(
        "{s:s, s:s, s:s, s:b, s:b, s:O, s:O, s:O, s:O, s:i, s:I, s:I, s:O, s:O}", "kind",
        kind_of(status), "number", number, "date", date_of(a, now), "composition",
        strcmp(status, "composition") == 0, "reverse_charge", 0, "seller",
        seller_of(order), "buyer", buyer_of(order), "lines", lines, "totals", totals,
        "round_off_paise", 0, "paid_paise", (json_int_t)paid_paise, "due_paise",
        (json_int_t)(all.total_paise - paid_paise), "order_id",
        json_object_get(order, "id"), "order_number", json_object_get(order, "number"));
    place = *buyer_state ? buyer_state : row_text(order, "state_code");
    if (tax != PRICE_NO_TAX && gst_state_name(place))
        put_text(body, "place_of_supply",
                 arena_printf(a, "%s %s", place, gst_state_name(place)));
    return body;
}

/* --- issuing --- */

static enum db_rc order_read(struct db *db, int64_t order_id, json_t **order,
                             json_t **lines)
{
    enum db_rc rc;

    rc = db_row(
        db,
        "SELECT o.id AS id, o.number AS number, o.vendor_account_id AS account_id,"
        " o.customer_name AS customer_name, o.mobile AS mobile, o.fulfil AS fulfil,"
        " o.address AS address, o.buyer_state_code AS buyer_state_code,"
        " o.charge_paise AS charge_paise, o.gst_status AS gst_status,"
        " n.trade_name AS trade_name, n.address AS vendor_address,"
        " iif(o.seller_state_code IS NULL, n.gstin, o.seller_gstin) AS gstin,"
        " ifnull(o.seller_state_code, n.state_code) AS state_code,"
        " n.mobile AS vendor_mobile, n.upi AS upi"
        " FROM orders o JOIN vendor n ON n.account_id = o.vendor_account_id"
        " WHERE o.id = ?1",
        DB_ARGS(DB_INT(order_id)), order);
    if (rc != DB_OK)
        return rc;
    return db_rows(
        db,
        "SELECT name, variant, unit, hsn, gst_bp, is_inclusive, price_paise,"
        " discount_paise, accepted_milli AS qty_milli, taxable_paise, cgst_paise,"
        " sgst_paise, igst_paise, total_paise FROM order_line"
        " WHERE order_id = ?1 AND accepted_milli > 0 ORDER BY id",
        DB_ARGS(DB_INT(order_id)), lines);
}

enum db_rc document_issue(struct db *db, int64_t order_id, int64_t paid_paise,
                          int64_t *document_id)
{
    struct arena *a = db_arena(db);
    int64_t now = clock_ms(), serial;
    int year = clock_financial_year(now);
    json_t *order, *lines, *body;
    const char *kind, *number;
    enum db_rc rc = order_read(db, order_id, &order, &lines);

    if (rc != DB_OK)
        return rc;
    kind = kind_of(row_text(order, "gst_status"));
    serial = 1 + db_number(db,
                           "SELECT max(serial) FROM document WHERE account_id = ?1"
                           " AND kind = ?2 AND year = ?3",
                           DB_ARGS(DB_INT(row_int(order, "account_id")), DB_TEXT(kind),
                                   DB_INT(year)));
    number = arena_printf(a, "%02d-%02d/%06lld", year % 100, (year + 1) % 100,
                          (long long)serial);
    body = body_of(a, order, lines, number, now, paid_paise);
    return db_insert(
        db,
        "INSERT INTO document(account_id, order_id, kind, year, serial, number,"
        " body, issued_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        DB_ARGS(DB_INT(row_int(order, "account_id")), DB_INT(order_id), DB_TEXT(kind),
                DB_INT(year), DB_INT(serial), DB_TEXT(number),
                DB_TEXT(json_dumps(body, JSON_COMPACT)), DB_INT(now)),
        document_id);
}
