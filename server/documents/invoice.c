/* The same drawing runs twice: muted, to count the pages, then for good. A block that
 * must stay whole (a row, the totals) is measured muted before it is drawn. */
#include "server/documents/invoice.h"

#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "server/documents/bill.h"
#include "server/documents/upi.h"
#include "server/documents/words.h"

#include <cairo-pdf.h>
#include <string.h>

enum { LINES_MAX = 2000, PDF_BYTES_MAX = 32 * 1024 * 1024, FACTS_MAX = 8 };

#define HALF (BILL_WIDTH / 2)
#define TOTALS_WIDTH 218.0
#define TOTALS_LEFT (BILL_LEFT + BILL_WIDTH - TOTALS_WIDTH)
#define QR_SIDE 92.0

static const struct sheet_style name_style = { .size = 15, .bold = true, .lines = 3 };
static const struct sheet_style title_style = {
    .size = 15, .bold = true, .colour = SHEET_ACCENT, .align = SHEET_RIGHT, .lines = 2
};
static const struct sheet_style body_style = { .size = 9, .lines = 8 };
static const struct sheet_style bold_style = { .size = 9, .bold = true, .lines = 4 };
static const struct sheet_style soft_style = { .size = 9,
                                               .colour = SHEET_SOFT,
                                               .lines = 3 };
static const struct sheet_style small_style = { .size = 7.5,
                                                .colour = SHEET_SOFT,
                                                .lines = 12 };

const char *bill_label(const struct bill *b, const char *key)
{
    const char *s = json_string_value(json_object_get(b->labels, key));

    return s ? s : key;
}

static struct sheet_style aligned(struct sheet_style style, enum sheet_align align)
{
    style.align = align;
    return style;
}

static bool kind_is(const struct bill *b, const char *kind)
{
    return strcmp(row_text(b->data, "kind"), kind) == 0;
}

/* "GSTIN 27AAPFU0939F1ZV", or nothing. */
static double named_draw(struct bill *b, double x, double y, double width,
                         const char *label, const char *value)
{
    if (!*value)
        return 0;
    return sheet_text(&b->sheet, body_style, x, y, width,
                      arena_printf(b->arena, "%s %s", bill_label(b, label), value));
}

static double party_details(struct bill *b, const json_t *party, double x, double y,
                            double width)
{
    const char *state = row_text(party, "state_name");
    const char *code = row_text(party, "state_code");
    double from = y;

    y += sheet_text(&b->sheet, body_style, x, y, width, row_text(party, "address"));
    y += named_draw(b, x, y, width, "mobile", row_text(party, "mobile"));
    y += named_draw(b, x, y, width, "gstin", row_text(party, "gstin"));
    if (*state)
        y += named_draw(b, x, y, width, "state",
                        *code ? arena_printf(b->arena, "%s (%s)", state, code) : state);
    return y - from;
}

static double fact_draw(struct bill *b, double x, double y, double width,
                        const char *label, const char *value)
{
    double h1, h2;

    if (!*value)
        return 0;
    h1 = sheet_text(&b->sheet, aligned(soft_style, SHEET_RIGHT), x, y, width * 0.52 - 8,
                    label);
    h2 = sheet_text(&b->sheet, aligned(bold_style, SHEET_RIGHT), x + width * 0.52, y,
                    width * 0.48, value);
    return h1 > h2 ? h1 : h2;
}

static double facts_draw(struct bill *b, double x, double y, double width)
{
    const json_t *more = json_object_get(b->data, "facts");
    double from = y;

    y += fact_draw(b, x, y, width, bill_label(b, "number"), row_text(b->data, "number"));
    y += fact_draw(b, x, y, width, bill_label(b, "date"), row_text(b->data, "date"));
    y += fact_draw(b, x, y, width, bill_label(b, "place_of_supply"),
                   row_text(b->data, "place_of_supply"));
    if (kind_is(b, "tax_invoice"))
        y += fact_draw(b, x, y, width, bill_label(b, "reverse_charge"),
                       bill_label(b, row_true(b->data, "reverse_charge") ? "yes" : "no"));
    for (size_t i = 0; i < json_array_size(more) && i < FACTS_MAX; i++) {
        const char *label = json_string_value(json_array_get(json_array_get(more, i), 0));
        const char *value = json_string_value(json_array_get(json_array_get(more, i), 1));

        if (label && value)
            y += fact_draw(b, x, y, width, label, value);
    }
    return y - from;
}

static void buyer_draw(struct bill *b)
{
    const char *deliver_to = row_text(b->buyer, "deliver_to");
    double left = b->y, right = b->y, width = HALF - 12, x = BILL_LEFT + HALF + 12;

    if (*row_text(b->buyer, "name") || *row_text(b->buyer, "address") ||
        *row_text(b->buyer, "mobile")) {
        left += sheet_text(&b->sheet, small_style, BILL_LEFT, left, width,
                           bill_label(b, "bill_to"));
        left += sheet_text(&b->sheet, bold_style, BILL_LEFT, left, width,
                           row_text(b->buyer, "name"));
        left += party_details(b, b->buyer, BILL_LEFT, left, width);
    }
    if (*deliver_to) {
        right += sheet_text(&b->sheet, small_style, x, right, width,
                            bill_label(b, "deliver_to"));
        right += sheet_text(&b->sheet, body_style, x, right, width, deliver_to);
    }
    b->y = left > right ? left : right;
}

static void first_head_draw(struct bill *b)
{
    double left = BILL_TOP, right = BILL_TOP, x = BILL_LEFT + HALF + 12;

    left += sheet_text(&b->sheet, name_style, BILL_LEFT, left, HALF - 12,
                       row_text(b->seller, "trade_name"));
    left += party_details(b, b->seller, BILL_LEFT, left + 2, HALF - 12) + 2;
    right += sheet_text(&b->sheet, title_style, x, right, HALF - 12,
                        bill_label(b, "title"));
    right += 2 + facts_draw(b, x, right + 2, HALF - 12);
    b->y = (left > right ? left : right) + 8;
    if (row_true(b->data, "composition"))
        b->y += 4 + sheet_text(&b->sheet, bold_style, BILL_LEFT, b->y, BILL_WIDTH,
                               bill_label(b, "composition"));
    sheet_rule(&b->sheet, BILL_LEFT, b->y, BILL_WIDTH, 0.8, SHEET_LINE);
    b->y += 7;
    buyer_draw(b);
    b->y += 10;
}

static void next_head_draw(struct bill *b)
{
    struct sheet_style name = bold_style;
    double h1, h2;

    name.lines = 1;
    h1 = sheet_text(&b->sheet, name, BILL_LEFT, BILL_TOP, HALF,
                    row_text(b->seller, "trade_name"));
    h2 = sheet_text(
        &b->sheet, aligned(soft_style, SHEET_RIGHT), BILL_LEFT + HALF, BILL_TOP, HALF,
        arena_printf(b->arena, "%s %s · %s", bill_label(b, "title"),
                     row_text(b->data, "number"), bill_label(b, "continued")));
    b->y = BILL_TOP + (h1 > h2 ? h1 : h2) + 6;
}

/* "Page {n} of {m}" filled in; translators may put the two in any order. */
static const char *page_text(const struct bill *b)
{
    struct buf out = buf_new(b->arena, 64, 4096);

    for (const char *p = bill_label(b, "page"); *p; p++) {
        if (strncmp(p, "{n}", 3) == 0 || strncmp(p, "{m}", 3) == 0) {
            buf_int(&out, p[1] == 'n' ? b->page : b->pages);
            p += 2;
        } else {
            buf_putc(&out, *p);
        }
    }
    return buf_str(&out);
}

static void foot_draw(struct bill *b)
{
    struct sheet_style style = small_style;
    double y = SHEET_HEIGHT - 38;

    style.lines = 1;
    sheet_text(&b->sheet, style, BILL_LEFT, y, BILL_WIDTH * 0.7,
               bill_label(b, "computer_made"));
    sheet_text(&b->sheet, aligned(style, SHEET_RIGHT), BILL_LEFT + BILL_WIDTH * 0.7, y,
               BILL_WIDTH * 0.3, page_text(b));
}

static void page_break(struct bill *b)
{
    foot_draw(b);
    sheet_next(&b->sheet);
    b->page++;
    next_head_draw(b);
}

static void lines_draw(struct bill *b)
{
    b->y += bill_table_head(b, b->y);
    for (size_t i = 0; i < json_array_size(b->lines); i++) {
        double height;

        b->sheet.mute++;
        height = bill_table_row(b, i, b->y);
        b->sheet.mute--;
        if (b->y + height > BILL_BOTTOM) {
            page_break(b);
            b->y += bill_table_head(b, b->y);
        }
        b->y += bill_table_row(b, i, b->y);
    }
}

static double amount_draw(struct bill *b, double y, struct sheet_style style,
                          const char *label, const char *amount)
{
    double h1 = sheet_text(&b->sheet, style, TOTALS_LEFT, y, TOTALS_WIDTH * 0.55,
                           bill_label(b, label));
    double h2 = sheet_text(&b->sheet, aligned(style, SHEET_RIGHT),
                           TOTALS_LEFT + TOTALS_WIDTH * 0.55, y,
                           TOTALS_WIDTH * 0.45 - 3.5, amount);

    return (h1 > h2 ? h1 : h2) + 2;
}

static double sum_draw(struct bill *b, double y, const char *label, int64_t paise)
{
    return amount_draw(b, y, body_style, label, text_rupees(b->arena, paise, false));
}

static double sum_draw_any(struct bill *b, double y, const char *label, int64_t paise)
{
    return paise ? sum_draw(b, y, label, paise) : 0;
}

static double taxes_draw(struct bill *b, double y)
{
    double from = y;

    if (!b->taxed)
        return 0;
    y += sum_draw(b, y, "taxable", row_int(b->totals, "taxable_paise"));
    if (b->inter) {
        y += sum_draw(b, y, "igst", row_int(b->totals, "igst_paise"));
    } else {
        y += sum_draw(b, y, "cgst", row_int(b->totals, "cgst_paise"));
        y += sum_draw(b, y, "sgst", row_int(b->totals, "sgst_paise"));
    }
    return y - from;
}

static const char *rupees(const struct bill *b, int64_t paise)
{
    return arena_printf(b->arena, "₹%s", text_rupees(b->arena, paise, false));
}

static double totals_draw(struct bill *b, double y)
{
    struct sheet_style total = bold_style;
    int64_t due = row_int(b->data, "due_paise");
    double from = y, h;

    total.size = 12;
    y += sum_draw_any(b, y, "subtotal", row_int(b->totals, "subtotal_paise"));
    y += sum_draw_any(b, y, "discount", row_int(b->totals, "discount_paise"));
    y += taxes_draw(b, y);
    y += sum_draw_any(b, y, "round_off", row_int(b->data, "round_off_paise"));
    sheet_rule(&b->sheet, TOTALS_LEFT, y + 1, TOTALS_WIDTH, 0.8, SHEET_INK);
    h = amount_draw(b, y + 4, total, "total",
                    rupees(b, row_int(b->totals, "total_paise")));
    y += h + 5;
    y += sum_draw_any(b, y, "paid", row_int(b->data, "paid_paise"));
    if (due != 0)
        y += amount_draw(b, y, bold_style, "due", rupees(b, due));
    return y - from;
}

/* What a scanner gets: the seller's address, the bill's number and what is due. */
static const struct code *payment_code(struct bill *b, const char *upi)
{
    const char *number = row_text(b->data, "number"), *why;
    int64_t due = row_int(b->data, "due_paise");
    const char *link;

    if (due <= 0 || !*upi || kind_is(b, "credit_note"))
        return NULL;
    link = upi_link(b->arena, upi, row_text(b->seller, "trade_name"), number, number,
                    due);
    return link ? code_qr(b->arena, link, &why) : NULL;
}

static double payment_draw(struct bill *b, double x, double y)
{
    const char *upi = row_text(b->seller, "upi");
    const struct code *code = payment_code(b, upi);
    double text_x = x + QR_SIDE + 6, width = TOTALS_LEFT - 16 - text_x, top = y + 10;

    if (!code)
        return 0;
    sheet_code(&b->sheet, code, x - 8, y, QR_SIDE);
    top += sheet_text(&b->sheet, body_style, text_x, top, width,
                      bill_label(b, "scan_to_pay"));
    top += sheet_text(&b->sheet, bold_style, text_x, top, width,
                      rupees(b, row_int(b->data, "due_paise")));
    sheet_text(&b->sheet, soft_style, text_x, top, width, upi);
    return QR_SIDE;
}

static double left_draw(struct bill *b, double y)
{
    const char *words = row_text(b->data, "in_words");
    double from = y, width = TOTALS_LEFT - BILL_LEFT - 20;

    if (!*words)
        words = words_rupees(b->arena, row_int(b->totals, "total_paise"), "en");
    y += sheet_text(&b->sheet, small_style, BILL_LEFT, y, width,
                    bill_label(b, "in_words"));
    y += sheet_text(&b->sheet, body_style, BILL_LEFT, y, width, words) + 6;
    y += payment_draw(b, BILL_LEFT, y);
    return y - from;
}

static double signatory_draw(struct bill *b, double y)
{
    struct sheet_style style = aligned(body_style, SHEET_RIGHT);
    double x = TOTALS_LEFT, from = y;

    if (kind_is(b, "invoice"))
        return 0;
    style.lines = 2;
    y += 12;
    y += sheet_text(&b->sheet, style, x, y, TOTALS_WIDTH - 3.5,
                    arena_printf(b->arena, "%s %s", bill_label(b, "for"),
                                 row_text(b->seller, "trade_name")));
    y += 30;
    y += sheet_text(&b->sheet, aligned(soft_style, SHEET_RIGHT), x, y, TOTALS_WIDTH - 3.5,
                    bill_label(b, "signatory"));
    return y - from;
}

static double end_draw(struct bill *b, double y)
{
    double left = y + 8, right = y + 8;

    left += left_draw(b, left);
    right += totals_draw(b, right);
    right += signatory_draw(b, right);
    left = left > right ? left : right;
    if (*row_text(b->data, "notes")) {
        left += 8;
        left += sheet_text(&b->sheet, small_style, BILL_LEFT, left, BILL_WIDTH,
                           row_text(b->data, "notes"));
    }
    return left - y;
}

static void bill_draw(struct bill *b)
{
    double height;

    b->page = 1;
    first_head_draw(b);
    lines_draw(b);
    b->sheet.mute++;
    height = end_draw(b, b->y);
    b->sheet.mute--;
    if (b->y + height > BILL_BOTTOM)
        page_break(b);
    end_draw(b, b->y);
    foot_draw(b);
    sheet_next(&b->sheet);
}

static bool lines_have_igst(const json_t *lines)
{
    const json_t *line;
    size_t i;

    json_array_foreach(lines, i, line) if (row_int(line, "igst_paise") != 0) return true;
    return false;
}

static void bill_take(struct bill *b, const json_t *data)
{
    b->data = data;
    b->labels = json_object_get(data, "labels");
    b->seller = json_object_get(data, "seller");
    b->buyer = json_object_get(data, "buyer");
    b->lines = json_object_get(data, "lines");
    b->totals = json_object_get(data, "totals");
    b->taxed = kind_is(b, "tax_invoice") || kind_is(b, "credit_note");
    b->inter = lines_have_igst(b->lines);
}

static cairo_status_t pdf_write(void *buf, const unsigned char *bytes, unsigned int n)
{
    struct buf *b = buf;

    buf_add(b, (const char *)bytes, n);
    return b->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void pdf_name(cairo_surface_t *pdf, struct bill *b)
{
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_TITLE,
                                   arena_printf(b->arena, "%s %s", bill_label(b, "title"),
                                                row_text(b->data, "number")));
    cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_AUTHOR,
                                   row_text(b->seller, "trade_name"));
}

static bool bill_to_pdf(struct bill *b, struct buf *to)
{
    cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(pdf_write, to, SHEET_WIDTH,
                                                               SHEET_HEIGHT);
    bool ok = sheet_open(&b->sheet, pdf);

    if (ok) {
        pdf_name(pdf, b);
        bill_table_fit(b);
        b->sheet.mute = 1;
        bill_draw(b);
        b->pages = b->page;
        b->sheet.mute = 0;
        bill_draw(b);
    }
    sheet_close(&b->sheet);
    cairo_surface_finish(pdf);
    ok = ok && cairo_surface_status(pdf) == CAIRO_STATUS_SUCCESS && !to->full;
    cairo_surface_destroy(pdf);
    return ok;
}

bool invoice_draw(struct arena *a, const char *json, size_t n, struct invoice_pdf *out)
{
    struct bill b = { .arena = a };
    struct buf to = buf_new(a, 128 * 1024, PDF_BYTES_MAX);
    json_t *data = json_loadb(json, n, 0, NULL);

    *out = (struct invoice_pdf) { .why = NULL };
    if (!json_is_object(data))
        out->why = "not a JSON object";
    else if (json_array_size(json_object_get(data, "lines")) > LINES_MAX)
        out->why = "too many lines";
    if (!out->why) {
        bill_take(&b, data);
        if (!bill_to_pdf(&b, &to))
            out->why = "drawing failed";
    }
    json_decref(data);
    out->bytes = to.data;
    out->size = to.len;
    return !out->why;
}

void invoice_prepare(void)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    struct sheet s;

    if (sheet_open(&s, surface))
        sheet_text(&s, body_style, 0, 0, 100, "₹ क्षि");
    sheet_close(&s);
    cairo_surface_destroy(surface);
}
