/* QR codes and barcodes, as shapes, SVG and PNG. Any thread. */
#ifndef CODE_H
#define CODE_H

#include "db/base/arena.h"

#include <stddef.h>

/* Where a text can't be coded, these return NULL and set `*why` to a message key:
 * "code.empty", "code.long", or "code.characters" (Code 128 takes printable ASCII only).
 */

struct code_bar {
    double x, y, width, height;
};

struct code_text {
    double x, y; /* of the baseline */
    double size;
    const char *anchor; /* "start", "middle" or "end", as in SVG */
    const char *text;
};

/* Dark bars and texts on a light ground, quiet zone included. */
struct code {
    double width, height;
    const struct code_bar *bars;
    size_t bar_count;
    const struct code_text *texts;
    size_t text_count;
};

/* A QR code of level M of any UTF-8 text (at most about 1,000 bytes). */
const struct code *code_qr(struct arena *a, const char *text, const char **why);

/* EAN-13, EAN-8 or UPC-A where `text` is 13, 8 or 12 digits with a right check digit,
 * else Code 128 (at most 48 characters). The text stands below the bars. */
const struct code *code_barcode(struct arena *a, const char *text, const char **why);

/* The same as an <svg> element for a page. `label` is what a screen reader says (NULL:
 * the text itself). */
const char *code_qr_svg(struct arena *a, const char *text, const char *label,
                        const char **why);
const char *code_barcode_svg(struct arena *a, const char *text, const char *label,
                             const char **why);

/* The same as a PNG file in memory, `scale` (1-20) times 2 pixels a module. */
const void *code_qr_png(struct arena *a, const char *text, int scale, size_t *size,
                        const char **why);
const void *code_barcode_png(struct arena *a, const char *text, int scale, size_t *size,
                             const char **why);

#endif
