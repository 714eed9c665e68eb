/* A4 pages with text set by pango; lengths are points, y grows downwards. One thread. */
#ifndef SHEET_H
#define SHEET_H

#include "server/documents/code.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#define SHEET_WIDTH 595.28
#define SHEET_HEIGHT 841.89

enum sheet_align { SHEET_LEFT, SHEET_RIGHT, SHEET_CENTRE };

enum sheet_colour { SHEET_INK, SHEET_SOFT, SHEET_ACCENT, SHEET_LINE, SHEET_SHADE };

struct sheet {
    cairo_t *cr;
    PangoLayout *layout;
    int mute; /* above 0, everything is measured and nothing drawn */
};

/* How and where a text stands. */
struct sheet_style {
    double size;
    bool bold;
    enum sheet_colour colour;
    enum sheet_align align;
    int lines; /* at most; what is longer ends in an ellipsis */
};

bool sheet_open(struct sheet *s, cairo_surface_t *surface);
void sheet_close(struct sheet *s);

/* Sets `text` into the width from (x, y) on; gives the height it takes. Texts of one size
 * and y share a first baseline whatever their script. Empty text takes no height. */
double sheet_text(struct sheet *s, struct sheet_style style, double x, double y,
                  double width, const char *text);

/* Width of the text on one line, and of its widest word. */
double sheet_text_width(struct sheet *s, struct sheet_style style, const char *text);
double sheet_word_width(struct sheet *s, struct sheet_style style, const char *text);

void sheet_rule(struct sheet *s, double x, double y, double width, double thickness,
                enum sheet_colour colour);
void sheet_fill(struct sheet *s, double x, double y, double width, double height,
                enum sheet_colour colour);

/* A QR code or barcode's bars `width` points wide. */
void sheet_code(struct sheet *s, const struct code *code, double x, double y,
                double width);

/* Ends the page. */
void sheet_next(struct sheet *s);

#endif
