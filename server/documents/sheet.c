/* One pango layout is used over and over. Devanagari and Latin fonts differ in ascent, so
 * a text is placed by its baseline, a fixed part of the size below y. */
#include "server/documents/sheet.h"

#include <string.h>

static const double ASCENT = 1.1;
static const char FONTS[] = "Noto Sans, Noto Sans Devanagari, sans-serif";

static const double colours[][3] = {
    [SHEET_INK] = { 0.11, 0.11, 0.13 },    [SHEET_SOFT] = { 0.38, 0.38, 0.42 },
    [SHEET_ACCENT] = { 0.18, 0.24, 0.62 }, [SHEET_LINE] = { 0.82, 0.82, 0.85 },
    [SHEET_SHADE] = { 0.95, 0.95, 0.97 },
};

static void ink(struct sheet *s, enum sheet_colour colour)
{
    cairo_set_source_rgb(s->cr, colours[colour][0], colours[colour][1],
                         colours[colour][2]);
}

bool sheet_open(struct sheet *s, cairo_surface_t *surface)
{
    *s = (struct sheet) { .cr = cairo_create(surface) };
    s->layout = pango_cairo_create_layout(s->cr);
    if (!s->layout)
        return false;
    /* Pango takes a PDF for a screen of 96 dpi and would set all sizes a third too large.
     */
    pango_cairo_context_set_resolution(pango_layout_get_context(s->layout), 72);
    pango_layout_context_changed(s->layout);
    pango_layout_set_wrap(s->layout, PANGO_WRAP_WORD_CHAR);
    return cairo_status(s->cr) == CAIRO_STATUS_SUCCESS;
}

void sheet_close(struct sheet *s)
{
    if (s->layout)
        g_object_unref(s->layout);
    cairo_destroy(s->cr);
}

static void layout_set(struct sheet *s, struct sheet_style style, double width,
                       const char *text, int n)
{
    static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT,
                                             PANGO_ALIGN_CENTER };
    PangoFontDescription *font = pango_font_description_from_string(FONTS);

    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD
                                                       : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(s->layout, font);
    pango_font_description_free(font);
    pango_layout_set_alignment(s->layout, aligns[style.align]);
    pango_layout_set_width(s->layout, width < 0 ? -1 : (int)(width * PANGO_SCALE));
    pango_layout_set_height(s->layout, style.lines > 0 ? -style.lines : -1);
    pango_layout_set_ellipsize(s->layout, style.lines > 0 ? PANGO_ELLIPSIZE_END
                                                          : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_text(s->layout, text, n);
}

double sheet_text(struct sheet *s, struct sheet_style style, double x, double y,
                  double width, const char *text)
{
    double lift;
    int height;

    if (!*text)
        return 0;
    layout_set(s, style, width, text, -1);
    pango_layout_get_size(s->layout, NULL, &height);
    lift = style.size * ASCENT -
           (double)pango_layout_get_baseline(s->layout) / PANGO_SCALE;
    if (!s->mute) {
        ink(s, style.colour);
        cairo_move_to(s->cr, x, y + lift);
        pango_cairo_show_layout(s->cr, s->layout);
    }
    return (double)height / PANGO_SCALE + lift;
}

static double width_of(struct sheet *s, struct sheet_style style, const char *text, int n)
{
    int width;

    style.lines = 0;
    layout_set(s, style, -1, text, n);
    pango_layout_get_size(s->layout, &width, NULL);
    return (double)width / PANGO_SCALE;
}

double sheet_text_width(struct sheet *s, struct sheet_style style, const char *text)
{
    return width_of(s, style, text, -1);
}

double sheet_word_width(struct sheet *s, struct sheet_style style, const char *text)
{
    double widest = 0;

    while (*text) {
        size_t n = strcspn(text, " ");
        double width = width_of(s, style, text, (int)n);

        widest = width > widest ? width : widest;
        text += n + (text[n] == ' ');
    }
    return widest;
}

void sheet_fill(struct sheet *s, double x, double y, double width, double height,
                enum sheet_colour colour)
{
    if (s->mute)
        return;
    ink(s, colour);
    cairo_rectangle(s->cr, x, y, width, height);
    cairo_fill(s->cr);
}

void sheet_rule(struct sheet *s, double x, double y, double width, double thickness,
                enum sheet_colour colour)
{
    sheet_fill(s, x, y - thickness / 2, width, thickness, colour);
}

void sheet_code(struct sheet *s, const struct code *code, double x, double y,
                double width)
{
    double scale = width / code->width;

    if (s->mute)
        return;
    cairo_set_source_rgb(s->cr, 0, 0, 0);
    for (size_t i = 0; i < code->bar_count; i++)
        cairo_rectangle(s->cr, x + code->bars[i].x * scale, y + code->bars[i].y * scale,
                        code->bars[i].width * scale, code->bars[i].height * scale);
    cairo_fill(s->cr);
}

void sheet_next(struct sheet *s)
{
    if (!s->mute)
        cairo_show_page(s->cr);
}
