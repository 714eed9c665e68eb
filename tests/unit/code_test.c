/* What is coded is read back by another library (zbar), from the PNG and from the shapes
 * that SVG and PDF are made of. */
#include "db/base/text.h"
#include "server/documents/code.h"
#include "server/documents/upi.h"
#include "server/documents/words.h"

#include <cairo.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zbar.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

struct png {
    const unsigned char *bytes;
    size_t left;
};

static cairo_status_t png_read(void *closure, unsigned char *to, unsigned int n)
{
    struct png *png = closure;

    if (n > png->left)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(to, png->bytes, n);
    png->bytes += n;
    png->left -= n;
    return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *png_open(const void *bytes, size_t n)
{
    struct png png = { bytes, n };
    cairo_surface_t *s = cairo_image_surface_create_from_png_stream(png_read, &png);

    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    return s;
}

/* Paints the shapes as a browser would, four pixels a unit. */
static cairo_surface_t *shapes_paint(const struct code *c)
{
    cairo_surface_t *s = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)ceil(c->width * 4), (int)ceil(c->height * 4));
    cairo_t *cr = cairo_create(s);

    cairo_scale(cr, 4, 4);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_set_source_rgb(cr, 0, 0, 0);
    for (size_t i = 0; i < c->bar_count; i++)
        cairo_rectangle(cr, c->bars[i].x, c->bars[i].y, c->bars[i].width,
                        c->bars[i].height);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(s);
    return s;
}

static unsigned char *surface_grey(cairo_surface_t *s, unsigned *w, unsigned *h)
{
    int width = cairo_image_surface_get_width(s);
    int height = cairo_image_surface_get_height(s);
    const unsigned char *pixels = cairo_image_surface_get_data(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    unsigned char *grey = malloc((size_t)width * (size_t)height);

    assert_non_null(grey);
    for (size_t y = 0; y < (size_t)height; y++)
        for (size_t x = 0; x < (size_t)width; x++)
            grey[y * (size_t)width + x] = pixels[y * stride + x * 4 + 1];
    *w = (unsigned)width;
    *h = (unsigned)height;
    return grey;
}

/* Takes the surface over; asserts that it shows `text` as a code of the type. */
static void assert_reads(cairo_surface_t *s, zbar_symbol_type_t type, const char *text)
{
    static const zbar_symbol_type_t wanted[] = { ZBAR_EAN13, ZBAR_EAN8, ZBAR_UPCA,
                                                 ZBAR_CODE128, ZBAR_QRCODE };
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    const zbar_symbol_t *symbol;
    unsigned w, h;
    unsigned char *grey = surface_grey(s, &w, &h);

    zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        zbar_image_scanner_set_config(scanner, wanted[i], ZBAR_CFG_ENABLE, 1);
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, w, h);
    zbar_image_set_data(image, grey, (unsigned long)w * h, NULL);
    assert_int_equal(zbar_scan_image(scanner, image), 1);
    symbol = zbar_image_first_symbol(image);
    assert_int_equal(zbar_symbol_get_type(symbol), type);
    assert_string_equal(zbar_symbol_get_data(symbol), text);
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    cairo_surface_destroy(s);
    free(grey);
}

static const struct {
    const char *text;
    zbar_symbol_type_t type;
} barcodes[] = {
    { "8901234567890", ZBAR_EAN13 }, /* GS1's check digits */
    { "4006381333931", ZBAR_EAN13 },
    { "12345670", ZBAR_EAN8 },
    { "036000291452", ZBAR_UPCA },
    { "8901234567891", ZBAR_CODE128 }, /* a wrong one: an own code */
    { "1234567", ZBAR_CODE128 },
    { "DIYA-BRASS-07", ZBAR_CODE128 },
    { "a b/c <&> \"q\" ~", ZBAR_CODE128 },
};

static void test_barcodes_read_back(void **state)
{
    for (size_t i = 0; i < sizeof barcodes / sizeof *barcodes; i++) {
        const char *text = barcodes[i].text, *why;
        const struct code *shapes = code_barcode(*state, text, &why);
        size_t size;
        const void *png = code_barcode_png(*state, text, 2, &size, &why);

        assert_non_null(shapes);
        assert_non_null(png);
        assert_reads(png_open(png, size), barcodes[i].type, text);
        assert_reads(shapes_paint(shapes), barcodes[i].type, text);
    }
}

static void test_qr_reads_back(void **state)
{
    static const char *const texts[] = {
        "upi://pay?pa=shop@okaxis&pn=Shop&am=1.00&cu=INR",
        "https://shop.example/t/3f9c",
        "दीपक — ₹45",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *why;
        const struct code *shapes = code_qr(*state, texts[i], &why);
        size_t size;
        const void *png = code_qr_png(*state, texts[i], 3, &size, &why);

        assert_non_null(shapes);
        assert_non_null(png);
        assert_reads(png_open(png, size), ZBAR_QRCODE, texts[i]);
        assert_reads(shapes_paint(shapes), ZBAR_QRCODE, texts[i]);
    }
}

static size_t count(const char *in, const char *what)
{
    size_t n = 0;

    for (; (in = strstr(in, what)); in += strlen(what))
        n++;
    return n;
}

static void test_svg_is_one_escaped_picture(void **state)
{
    const char *why;
    const char *svg = code_barcode_svg(*state, "A<b>\"&'", NULL, &why);
    const char *qr = code_qr_svg(*state, "upi://pay?pa=a@b&pn=<x>", "Pay \"₹45\"", &why);
    const char *ean = code_barcode_svg(*state, "8901234567890", NULL, &why);

    assert_non_null(svg);
    assert_int_equal(count(svg, "<path "), 1);
    assert_int_equal(count(svg, "viewBox=\"0 0 "), 1);
    assert_int_equal(count(svg, "role=\"img\""), 1);
    assert_non_null(strstr(svg, "aria-label=\"A&lt;b&gt;&quot;&amp;&#39;\""));
    assert_non_null(strstr(svg, ">A&lt;b&gt;&quot;&amp;&#39;</text>"));
    assert_null(strstr(svg, "<b>"));
    assert_non_null(strstr(qr, "aria-label=\"Pay &quot;₹45&quot;\""));
    assert_int_equal(count(qr, "<path "), 1);
    assert_null(strstr(qr, "<text"));
    assert_non_null(strstr(ean, ">901234</text>"));
    assert_null(strstr(ean, "style="));
}

static void assert_fault(struct arena *a, const char *text, const char *key)
{
    const char *why = NULL;
    size_t size;

    assert_null(code_barcode(a, text, &why));
    assert_string_equal(why, key);
    assert_null(code_barcode_svg(a, text, NULL, &why));
    assert_null(code_barcode_png(a, text, 1, &size, &why));
    assert_string_equal(why, key);
}

static void test_what_cannot_be_coded_says_why(void **state)
{
    char text[2001], longest[49];
    const char *why = NULL;

    memset(text, 'x', 2000);
    text[2000] = '\0';
    memset(longest, 'x', 48);
    longest[48] = '\0';
    assert_non_null(code_barcode(*state, longest, &why));
    assert_fault(*state, "", "code.empty");
    assert_fault(*state, "दीपक", "code.characters");
    assert_fault(*state, "a\nb", "code.characters");
    assert_fault(*state, text, "code.long");
    assert_null(code_qr(*state, text, &why));
    assert_string_equal(why, "code.long");
    assert_null(code_qr(*state, "", &why));
    assert_string_equal(why, "code.empty");
    text[1000] = '\0';
    assert_non_null(code_qr_svg(*state, text, NULL, &why));
}

static void test_upi_link_text(void **state)
{
    struct arena *a = *state;

    assert_string_equal(
        upi_link(a, "shree.ganesh@okaxis", "श्री गणेश", "26-27/000123", "Order A-17",
                 123450),
        "upi://pay?pa=shree.ganesh@okaxis"
        "&pn=%E0%A4%B6%E0%A5%8D%E0%A4%B0%E0%A5%80%20%E0%A4%97%E0%A4%A3%E0%A5%87%E0%A4%B6"
        "&tr=2627000123&tn=Order%20A-17&am=1234.50&cu=INR");
    assert_string_equal(upi_link(a, "a.b@upi", "A & B + C=D", NULL, NULL, 0),
                        "upi://pay?pa=a.b@upi&pn=A%20%26%20B%20%2B%20C%3DD&cu=INR");
    assert_string_equal(upi_link(a, "ab@upi", "A", "", "", 5),
                        "upi://pay?pa=ab@upi&pn=A&am=0.05&cu=INR");
    assert_string_equal(upi_link(a, "ab@upi", "A", NULL, NULL, -100),
                        "upi://pay?pa=ab@upi&pn=A&cu=INR");
    assert_null(upi_link(a, "ab@upi&am=1", "A", NULL, NULL, 100));
    assert_null(upi_link(a, "nobody", "A", NULL, NULL, 100));
}

static void test_upi_link_is_bounded(void **state)
{
    char text[5001];
    const char *link, *note, *why;

    memset(text, 'n', 5000);
    text[5000] = '\0';
    link = upi_link(*state, "ab@upi", text, text, text, 100);
    note = strstr(link, "&tn=");
    assert_int_equal(strspn(strstr(link, "&tr=") + 4, "n"), 35);
    assert_int_equal(strspn(note + 4, "n"), 50);
    assert_true(strlen(link) < 300);
    assert_non_null(code_qr(*state, link, &why));
}

static void test_amounts_in_words(void **state)
{
    static const struct {
        int64_t paise;
        const char *words;
    } rows[] = {
        { 0, "Rupees Zero Only" },
        { 50, "Rupees Zero and Fifty Paise Only" },
        { 1900, "Rupees Nineteen Only" },
        { 10000, "Rupees One Hundred Only" },
        { 100100, "Rupees One Thousand One Only" },
        { 12345650, "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and "
                    "Fifty Paise Only" },
        { 1000000000, "Rupees One Crore Only" },
        { 1200000000000, "Rupees One Thousand Two Hundred Crore Only" },
        { -4000, "Minus Rupees Forty Only" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(words_rupees(*state, rows[i].paise, "en"), rows[i].words);
    assert_non_null(words_rupees(*state, INT64_MIN, "en"));
    assert_string_equal(words_rupees(*state, 12345650, "hi"),
                        "रुपये एक लाख तेईस हज़ार चार सौ छप्पन और पचास पैसे मात्र");
    assert_string_equal(words_rupees(*state, 9900, "hi"), "रुपये निन्यानवे मात्र");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "CUS-5 barcodes are read back as what was typed", test_barcodes_read_back,
          set_up, tear_down, NULL },
        { "POS-1 QR codes are read back", test_qr_reads_back, set_up, tear_down, NULL },
        { "CUS-5 a barcode's SVG is one escaped picture", test_svg_is_one_escaped_picture,
          set_up, tear_down, NULL },
        { "CUS-5 what can't be coded says why", test_what_cannot_be_coded_says_why,
          set_up, tear_down, NULL },
        { "POS-1 the UPI link's exact text", test_upi_link_text, set_up, tear_down,
          NULL },
        { "POS-7 a UPI link is bounded", test_upi_link_is_bounded, set_up, tear_down,
          NULL },
        { "VORD-8 amounts in words", test_amounts_in_words, set_up, tear_down, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
