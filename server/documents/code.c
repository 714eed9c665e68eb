/* zint does the coding. Its vector output becomes our shapes and SVG; its bitmap, which
 * has the digits drawn in, becomes PNG by way of a cairo surface: no fonts are needed. */
#include "server/documents/code.h"

#include "db/base/buf.h"
#include "db/base/text.h"

#include <assert.h>
#include <cairo.h>
#include <string.h>
#include <zint.h>

enum { QR_BYTES = 1000, BARCODE_CHARS = 48, SVG_MAX = 1024 * 1024, PNG_MAX = 4 << 20 };

static const char *code_text_fault(const char *text, int symbology)
{
    size_t n = strlen(text);

    if (!n)
        return "code.empty";
    if (symbology == BARCODE_QRCODE)
        return n > QR_BYTES ? "code.long" : NULL;
    for (size_t i = 0; i < n; i++)
        if (text[i] < 32 || text[i] > 126)
            return "code.characters";
    return n > BARCODE_CHARS ? "code.long" : NULL;
}

static int barcode_symbology(const char *text)
{
    if (!text_gtin(text))
        return BARCODE_CODE128;
    switch (strlen(text)) {
    case 8: return BARCODE_EANX_CHK;
    case 12: return BARCODE_UPCA;
    case 13: return BARCODE_EANX;
    default: return BARCODE_CODE128;
    }
}

static void symbol_delete(void *symbol)
{
    ZBarcode_Delete(symbol);
}

static struct zint_symbol *symbol_new(struct arena *a, const char *text, int symbology,
                                      float scale, const char **why)
{
    struct zint_symbol *s;

    *why = code_text_fault(text, symbology);
    if (*why)
        return NULL;
    s = ZBarcode_Create();
    if (!s) {
        *why = "code.long";
        return NULL;
    }
    arena_defer(a, symbol_delete, s);
    s->symbology = symbology;
    s->input_mode = UNICODE_MODE;
    s->output_options |= BARCODE_QUIET_ZONES;
    s->scale = scale;
    if (symbology == BARCODE_QRCODE)
        s->option_1 = 2;
    return s;
}

/* Below ZINT_ERROR are warnings, such as that a QR code says "UTF-8 follows". */
static const char *symbol_fault(int rc)
{
    if (rc < ZINT_ERROR)
        return NULL;
    return rc == ZINT_ERROR_TOO_LONG ? "code.long" : "code.characters";
}

static void code_copy_bars(struct arena *a, struct code *c, const struct zint_vector *v)
{
    struct code_bar *bars;
    size_t n = 0;

    for (const struct zint_vector_rect *r = v->rectangles; r; r = r->next)
        n++;
    bars = arena_alloc(a, n, sizeof *bars);
    c->bars = bars;
    c->bar_count = n;
    for (const struct zint_vector_rect *r = v->rectangles; r; r = r->next)
        *bars++ = (struct code_bar) { (double)r->x, (double)r->y, (double)r->width,
                                      (double)r->height };
}

static void code_copy_texts(struct arena *a, struct code *c, const struct zint_vector *v)
{
    static const char *const anchors[] = { "middle", "start", "end" };
    struct code_text *texts;
    size_t n = 0;

    for (const struct zint_vector_string *s = v->strings; s; s = s->next)
        n++;
    texts = arena_alloc(a, n, sizeof *texts);
    c->texts = texts;
    c->text_count = n;
    for (const struct zint_vector_string *s = v->strings; s; s = s->next)
        *texts++ = (struct code_text) {
            .x = (double)s->x,
            .y = (double)s->y,
            .size = (double)s->fsize,
            .anchor = anchors[s->halign >= 0 && s->halign <= 2 ? s->halign : 0],
            .text = arena_dup(a, (const char *)s->text),
        };
}

static const struct code *code_new(struct arena *a, const char *text, int symbology,
                                   const char **why)
{
    struct zint_symbol *s = symbol_new(a, text, symbology, 1, why);
    struct code *c;

    if (!s)
        return NULL;
    *why = symbol_fault(
        ZBarcode_Encode_and_Buffer_Vector(s, (const unsigned char *)text, 0, 0));
    if (*why)
        return NULL;
    c = arena_alloc(a, 1, sizeof *c);
    c->width = (double)s->vector->width;
    c->height = (double)s->vector->height;
    code_copy_bars(a, c, s->vector);
    code_copy_texts(a, c, s->vector);
    return c;
}

const struct code *code_qr(struct arena *a, const char *text, const char **why)
{
    return code_new(a, text, BARCODE_QRCODE, why);
}

const struct code *code_barcode(struct arena *a, const char *text, const char **why)
{
    return code_new(a, text, barcode_symbology(text), why);
}

static const char *code_svg(struct arena *a, const struct code *c, const char *label)
{
    struct buf b = buf_new(a, 8192, SVG_MAX);

    buf_printf(
        &b,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\""
        " aria-label=\"",
        c->width, c->height);
    buf_html(&b, label, strlen(label));
    buf_printf(&b, "\"><rect width=\"%g\" height=\"%g\" fill=\"#fff\"/>", c->width,
               c->height);
    buf_puts(&b, "<path shape-rendering=\"crispEdges\" fill=\"#000\" d=\"");
    for (size_t i = 0; i < c->bar_count; i++)
        buf_printf(&b, "M%g %gh%gv%gh-%gz", c->bars[i].x, c->bars[i].y, c->bars[i].width,
                   c->bars[i].height, c->bars[i].width);
    buf_puts(&b, "\"/>");
    for (size_t i = 0; i < c->text_count; i++) {
        const struct code_text *t = &c->texts[i];

        buf_printf(&b,
                   "<text x=\"%g\" y=\"%g\" font-size=\"%g\" text-anchor=\"%s\""
                   " font-family=\"sans-serif\" fill=\"#000\">",
                   t->x, t->y, t->size, t->anchor);
        buf_html(&b, t->text, strlen(t->text));
        buf_puts(&b, "</text>");
    }
    buf_puts(&b, "</svg>");
    assert(!b.full);
    return buf_str(&b);
}

const char *code_qr_svg(struct arena *a, const char *text, const char *label,
                        const char **why)
{
    const struct code *c = code_qr(a, text, why);

    return c ? code_svg(a, c, label ? label : text) : NULL;
}

const char *code_barcode_svg(struct arena *a, const char *text, const char *label,
                             const char **why)
{
    const struct code *c = code_barcode(a, text, why);

    return c ? code_svg(a, c, label ? label : text) : NULL;
}

static void bitmap_paint(cairo_surface_t *to, const struct zint_symbol *s)
{
    unsigned char *pixels = cairo_image_surface_get_data(to);
    int stride = cairo_image_surface_get_stride(to);

    for (int y = 0; y < s->bitmap_height; y++) {
        uint32_t *row = (uint32_t *)(void *)(pixels + (size_t)y * (size_t)stride);

        for (int x = 0; x < s->bitmap_width; x++) {
            const unsigned char *rgb = s->bitmap +
                                       3 * ((size_t)y * (size_t)s->bitmap_width +
                                            (size_t)x);

            row[x] = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
        }
    }
    cairo_surface_mark_dirty(to);
}

static cairo_status_t png_write(void *buf, const unsigned char *bytes, unsigned int n)
{
    struct buf *b = buf;

    buf_add(b, (const char *)bytes, n);
    return b->full ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static const void *code_png(struct arena *a, const char *text, int symbology, int scale,
                            size_t *size, const char **why)
{
    struct zint_symbol *s;
    cairo_surface_t *surface;
    cairo_status_t status;
    struct buf b;

    assert(scale >= 1 && scale <= 20);
    s = symbol_new(a, text, symbology, (float)scale, why);
    if (!s)
        return NULL;
    *why = symbol_fault(ZBarcode_Encode_and_Buffer(s, (const unsigned char *)text, 0, 0));
    if (*why)
        return NULL;
    surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, s->bitmap_width,
                                         s->bitmap_height);
    b = buf_new(a, 16384, PNG_MAX);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        bitmap_paint(surface, s);
    status = cairo_surface_write_to_png_stream(surface, png_write, &b);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        *why = "code.long";
        return NULL;
    }
    *size = b.len;
    return b.data;
}

const void *code_qr_png(struct arena *a, const char *text, int scale, size_t *size,
                        const char **why)
{
    return code_png(a, text, BARCODE_QRCODE, scale, size, why);
}

const void *code_barcode_png(struct arena *a, const char *text, int scale, size_t *size,
                             const char **why)
{
    return code_png(a, text, barcode_symbology(text), scale, size, why);
}
