/* Columns are as wide as their widest cell; the item's name gets the rest. When that is
 * too little, the table is set smaller. */
#include "server/documents/bill.h"

#include "db/base/row.h"
#include "db/base/text.h"

#include <string.h>

static const double PAD = 3.5, ROW_PAD = 4.5;
enum {
    ITEM_WIDTH = 128,
    ITEM_WIDTH_LEAST = 60,
    QTY_WIDTH = 46,
    NAME_LINES = 6,
    CELL_LINES = 4
};

static const struct {
    const char *label;
    enum sheet_align align;
    const char *paise; /* the amount shown */
} kinds[] = {
    [BILL_NO] = { NULL, SHEET_LEFT, NULL },
    [BILL_ITEM] = { "item", SHEET_LEFT, NULL },
    [BILL_HSN] = { "hsn", SHEET_LEFT, NULL },
    [BILL_QTY] = { "qty", SHEET_RIGHT, NULL },
    [BILL_PRICE] = { "price", SHEET_RIGHT, "price_paise" },
    [BILL_DISCOUNT] = { "discount", SHEET_RIGHT, "discount_paise" },
    [BILL_TAXABLE] = { "taxable", SHEET_RIGHT, "taxable_paise" },
    [BILL_GST] = { "gst", SHEET_RIGHT, NULL },
    [BILL_CGST] = { "cgst", SHEET_RIGHT, "cgst_paise" },
    [BILL_SGST] = { "sgst", SHEET_RIGHT, "sgst_paise" },
    [BILL_IGST] = { "igst", SHEET_RIGHT, "igst_paise" },
    [BILL_AMOUNT] = { "amount", SHEET_RIGHT, "total_paise" },
};

/* A document keeps its quantity as text. */
static const char *qty_text(const struct bill *b, const json_t *line)
{
    const char *qty = row_text(line, "qty"), *unit = row_text(line, "unit");
    int64_t milli;

    return text_number(qty, 3, 3, &milli) ? text_amount(b->arena, milli, unit)
                                          : arena_printf(b->arena, "%s %s", qty, unit);
}

static const char *column_label(const struct bill *b, enum bill_column_kind kind)
{
    return kinds[kind].label ? bill_label(b, kinds[kind].label) : "#";
}

static const char *cell_text(const struct bill *b, enum bill_column_kind kind, size_t i)
{
    const json_t *line = json_array_get(b->lines, i);

    if (kind == BILL_DISCOUNT && row_int(line, kinds[kind].paise) == 0)
        return "–";
    if (kinds[kind].paise)
        return text_rupees(b->arena, row_int(line, kinds[kind].paise), false);
    switch (kind) {
    case BILL_NO: return arena_printf(b->arena, "%zu", i + 1);
    case BILL_HSN: return row_text(line, "hsn");
    case BILL_QTY: return qty_text(b, line);
    case BILL_GST: {
        int64_t bp = row_int(line, "gst_bp");

        return arena_printf(b->arena, "%s%%",
                            text_qty(b->arena, bp < 0 || bp > 100000 ? 0 : bp * 10));
    }
    default: return row_text(line, "name");
    }
}

static bool lines_have(const struct bill *b, enum bill_column_kind kind)
{
    const json_t *line;
    size_t i;

    json_array_foreach(b->lines, i,
                       line) if (kind == BILL_HSN
                                     ? *row_text(line, "hsn") != '\0'
                                     : row_int(line, kinds[kind].paise) != 0) return true;
    return false;
}

static bool column_wanted(const struct bill *b, enum bill_column_kind kind)
{
    switch (kind) {
    case BILL_HSN:
    case BILL_DISCOUNT: return lines_have(b, kind);
    case BILL_TAXABLE:
    case BILL_GST: return b->taxed;
    case BILL_CGST:
    case BILL_SGST: return b->taxed && !b->inter;
    case BILL_IGST: return b->taxed && b->inter;
    default: return true;
    }
}

static struct sheet_style cell_style(const struct bill *b, enum bill_column_kind kind)
{
    return (struct sheet_style) { .size = b->size,
                                  .align = kinds[kind].align,
                                  .colour = kind == BILL_NO || kind == BILL_HSN ||
                                                    kind == BILL_GST
                                                ? SHEET_SOFT
                                                : SHEET_INK,
                                  .lines = CELL_LINES };
}

static struct sheet_style head_style(const struct bill *b, enum bill_column_kind kind)
{
    return (struct sheet_style) { .size = b->size - 0.5,
                                  .bold = true,
                                  .align = kinds[kind].align,
                                  .colour = SHEET_SOFT,
                                  .lines = 2 };
}

/* A long quantity may break between number and unit, an amount nowhere. */
static double column_natural(struct bill *b, enum bill_column_kind kind)
{
    double widest = sheet_word_width(&b->sheet, head_style(b, kind),
                                     column_label(b, kind));

    for (size_t i = 0; i < json_array_size(b->lines); i++) {
        const char *text = cell_text(b, kind, i);
        double width = sheet_text_width(&b->sheet, cell_style(b, kind), text);

        if (kind == BILL_QTY && width > QTY_WIDTH)
            width = sheet_word_width(&b->sheet, cell_style(b, kind), text);
        widest = width > widest ? width : widest;
    }
    return widest + 2 * PAD + 0.5;
}

/* Sets all widths but the item's; gives what is left for that. */
static double columns_measure(struct bill *b)
{
    double left = BILL_WIDTH;

    for (int i = 0; i < b->column_count; i++) {
        struct bill_column *c = &b->columns[i];

        c->width = c->kind == BILL_ITEM ? 0 : column_natural(b, c->kind);
        left -= c->width;
    }
    return left;
}

/* `left` is for the item; where it is next to nothing, the others give. */
static void columns_place(struct bill *b, double left)
{
    double x = BILL_LEFT, give = 1;

    if (left < ITEM_WIDTH_LEAST) {
        give = (BILL_WIDTH - ITEM_WIDTH_LEAST) / (BILL_WIDTH - left);
        left = ITEM_WIDTH_LEAST;
    }
    for (int i = 0; i < b->column_count; i++) {
        struct bill_column *c = &b->columns[i];

        c->width = c->kind == BILL_ITEM ? left : c->width * give;
        c->x = x;
        x += c->width;
    }
}

void bill_table_fit(struct bill *b)
{
    static const double sizes[] = { 8.5, 8, 7.5, 7, 6.5 };
    double left = 0;

    b->column_count = 0;
    for (int kind = BILL_NO; kind <= BILL_AMOUNT; kind++)
        if (column_wanted(b, (enum bill_column_kind)kind))
            b->columns[b->column_count++].kind = (enum bill_column_kind)kind;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && left < ITEM_WIDTH; i++) {
        b->size = sizes[i];
        left = columns_measure(b);
    }
    columns_place(b, left);
}

static double cell_draw(struct bill *b, const struct bill_column *c,
                        struct sheet_style style, double y, const char *text)
{
    return sheet_text(&b->sheet, style, c->x + PAD, y, c->width - 2 * PAD, text);
}

double bill_table_head(struct bill *b, double y)
{
    double height = 0;

    for (int pass = 0; pass < 2; pass++) {
        b->sheet.mute += pass == 0;
        if (pass == 1)
            sheet_fill(&b->sheet, BILL_LEFT, y, BILL_WIDTH, height + 2 * ROW_PAD,
                       SHEET_SHADE);
        for (int i = 0; i < b->column_count; i++) {
            const struct bill_column *c = &b->columns[i];
            double h = cell_draw(b, c, head_style(b, c->kind), y + ROW_PAD,
                                 column_label(b, c->kind));

            height = h > height ? h : height;
        }
        b->sheet.mute -= pass == 0;
    }
    return height + 2 * ROW_PAD;
}

double bill_table_row(struct bill *b, size_t line, double y)
{
    const char *detail = row_text(json_array_get(b->lines, line), "detail");
    double height = 0;

    for (int i = 0; i < b->column_count; i++) {
        const struct bill_column *c = &b->columns[i];
        struct sheet_style style = cell_style(b, c->kind);
        double h;

        if (c->kind == BILL_ITEM)
            style.lines = NAME_LINES;
        h = cell_draw(b, c, style, y + ROW_PAD, cell_text(b, c->kind, line));
        if (c->kind == BILL_ITEM) {
            style.colour = SHEET_SOFT;
            style.size -= 1;
            h += cell_draw(b, c, style, y + ROW_PAD + h, detail);
        }
        height = h > height ? h : height;
    }
    height += 2 * ROW_PAD;
    sheet_rule(&b->sheet, BILL_LEFT, y + height, BILL_WIDTH, 0.5, SHEET_LINE);
    return height;
}
