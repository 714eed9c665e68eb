/* A bill while it is drawn: what invoice.c and bill_table.c share. */
#ifndef BILL_H
#define BILL_H

#include "server/documents/sheet.h"

#include <jansson.h>
#include <stdint.h>

#define BILL_LEFT 40.0
#define BILL_WIDTH (SHEET_WIDTH - 2 * BILL_LEFT)
#define BILL_TOP 40.0
#define BILL_BOTTOM (SHEET_HEIGHT - 52)

enum { BILL_COLUMNS = 12 };

enum bill_column_kind {
    BILL_NO,
    BILL_ITEM,
    BILL_HSN,
    BILL_QTY,
    BILL_PRICE,
    BILL_DISCOUNT,
    BILL_TAXABLE,
    BILL_GST,
    BILL_CGST,
    BILL_SGST,
    BILL_IGST,
    BILL_AMOUNT
};

struct bill_column {
    enum bill_column_kind kind;
    double x, width;
};

struct bill {
    struct arena *arena;
    struct sheet sheet;
    const json_t *data, *labels, *seller, *buyer, *lines, *totals;
    bool taxed;      /* tax columns are printed */
    bool inter;      /* IGST instead of CGST and SGST */
    int page, pages; /* from 1; `pages` is 0 while they are counted */
    double y;
    double size; /* of the table's type */
    struct bill_column columns[BILL_COLUMNS];
    int column_count;
};

const char *bill_label(const struct bill *b, const char *key);

/* Chooses columns and their widths from all lines. */
void bill_table_fit(struct bill *b);

/* Draw at `y`; give the height. */
double bill_table_head(struct bill *b, double y);
double bill_table_row(struct bill *b, size_t line, double y);

#endif
