/* The kind comes from the first bytes, the size from the header, both before a decoder
 * sees the picture. gdk-pixbuf then decodes at nearly the wanted size (JPEG) or scales
 * down after decoding; what is written is made of pixels only, so no metadata survives.
 */
#include "server/documents/picture.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE_QUALITY = 82, CHUNK = 65536 };

struct kind {
    const char *name; /* of gdk-pixbuf's loader */
    const char *refusal;
};

static bool starts(const unsigned char *in, size_t n, size_t at, const char *magic,
                   size_t size)
{
    return n >= at + size && memcmp(in + at, magic, size) == 0;
}

static struct kind picture_kind(const unsigned char *in, size_t n)
{
    static const char *const heic[] = { "heic", "heix", "heif", "mif1", "msf1", "avif" };

    if (starts(in, n, 0, "\xff\xd8\xff", 3))
        return (struct kind) { "jpeg", NULL };
    if (starts(in, n, 0, "\x89PNG\r\n\x1a\n", 8))
        return (struct kind) { "png", NULL };
    if (starts(in, n, 0, "GIF87a", 6) || starts(in, n, 0, "GIF89a", 6))
        return (struct kind) { "gif", NULL };
    if (starts(in, n, 0, "RIFF", 4) && starts(in, n, 8, "WEBP", 4))
        return (struct kind) { NULL, "photo.webp" };
    if (starts(in, n, 4, "ftyp", 4))
        for (size_t i = 0; i < sizeof heic / sizeof *heic; i++)
            if (starts(in, n, 8, heic[i], 4))
                return (struct kind) { NULL, "photo.heic" };
    return (struct kind) { NULL, "photo.kind" };
}

static uint32_t get16(const unsigned char *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const unsigned char *p)
{
    return get16(p) << 16 | get16(p + 2);
}

/* Where the scan's coded data end: at a marker that is neither a stuffed zero nor a
 * restart. */
static size_t jpeg_scan_end(const unsigned char *in, size_t n, size_t at)
{
    while (at + 1 < n && (in[at] != 0xff || in[at + 1] == 0 ||
                          (in[at + 1] >= 0xd0 && in[at + 1] <= 0xd7)))
        at++;
    return at;
}

/* Start-of-frame markers are C0-CF except DHT (C4), JPG (C8) and DAC (CC). */
static bool jpeg_is_frame(unsigned char marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
           marker != 0xcc;
}

/* Walks the segments up to the end marker: without it the file was cut off, and the
 * decoder would fill in grey. */
static bool jpeg_size(const unsigned char *in, size_t n, uint64_t *w, uint64_t *h)
{
    size_t at = 2;

    while (at + 2 <= n) {
        unsigned char marker = in[at + 1];

        if (in[at] != 0xff)
            return false;
        if (marker == 0xd9)
            return true;
        if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            at += marker == 0xff ? 1 : 2;
            continue;
        }
        if (at + 9 > n)
            return false;
        if (jpeg_is_frame(marker) && !*w) {
            *h = get16(in + at + 5);
            *w = get16(in + at + 7);
        }
        at += 2 + get16(in + at + 2);
        if (marker == 0xda)
            at = jpeg_scan_end(in, n, at);
    }
    return false;
}

static const char *picture_size_fault(const char *kind, const unsigned char *in, size_t n)
{
    uint64_t w = 0, h = 0;

    if (strcmp(kind, "jpeg") == 0) {
        if (!jpeg_size(in, n, &w, &h))
            return "photo.broken";
    } else if (strcmp(kind, "png") == 0) {
        if (!starts(in, n, 12, "IHDR", 4) || n < 24)
            return "photo.broken";
        w = get32(in + 16);
        h = get32(in + 20);
    } else if (n >= 10) {
        w = in[6] | (uint64_t)in[7] << 8;
        h = in[8] | (uint64_t)in[9] << 8;
    }
    if (w == 0 || h == 0)
        return "photo.broken";
    return w * h > PICTURE_PIXELS ? "photo.pixels" : NULL;
}

/* What the loader tells while it works. */
struct progress {
    int orientation; /* EXIF: 1-8 */
    int rows, all;   /* decoded so far, and to be decoded */
};

static void fit(int side, int *w, int *h)
{
    int longer = *w > *h ? *w : *h;

    if (longer <= side)
        return;
    *w = (int)(((int64_t)*w * side + longer / 2) / longer);
    *h = (int)(((int64_t)*h * side + longer / 2) / longer);
    if (*w < 1)
        *w = 1;
    if (*h < 1)
        *h = 1;
}

static void on_size(GdkPixbufLoader *loader, int w, int h, gpointer unused)
{
    int to_w = w, to_h = h;

    (void)unused;
    fit(PICTURE_LARGE, &to_w, &to_h);
    if (to_w != w || to_h != h)
        gdk_pixbuf_loader_set_size(loader, to_w, to_h);
}

static void on_prepared(GdkPixbufLoader *loader, gpointer data)
{
    GdkPixbuf *pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
    const char *value = pixbuf ? gdk_pixbuf_get_option(pixbuf, "orientation") : NULL;
    struct progress *p = data;

    if (pixbuf)
        p->all = gdk_pixbuf_get_height(pixbuf);
    if (value && value[0] >= '1' && value[0] <= '8' && !value[1])
        p->orientation = value[0] - '0';
}

static void on_updated(GdkPixbufLoader *loader, int x, int y, int w, int h, gpointer data)
{
    struct progress *p = data;

    (void)loader;
    (void)x;
    (void)w;
    if (y + h > p->rows)
        p->rows = y + h;
}

/* The picture at about the large size, as stored; NULL when it is broken. */
static GdkPixbuf *picture_decode(const char *kind, const unsigned char *in, size_t n,
                                 struct progress *p)
{
    GdkPixbufLoader *loader = gdk_pixbuf_loader_new_with_type(kind, NULL);
    GdkPixbuf *pixbuf;
    bool ok = loader != NULL;

    if (!ok)
        return NULL;
    g_signal_connect(loader, "size-prepared", G_CALLBACK(on_size), p);
    g_signal_connect(loader, "area-prepared", G_CALLBACK(on_prepared), p);
    g_signal_connect(loader, "area-updated", G_CALLBACK(on_updated), p);
    for (size_t at = 0; ok && at < n; at += CHUNK)
        ok = gdk_pixbuf_loader_write(loader, in + at, n - at < CHUNK ? n - at : CHUNK,
                                     NULL);
    if (!gdk_pixbuf_loader_close(loader, NULL))
        ok = false;
    /* A file that just ends is no error to the loaders. */
    if (p->rows < p->all)
        ok = false;
    pixbuf = ok ? gdk_pixbuf_loader_get_pixbuf(loader) : NULL;
    if (pixbuf)
        g_object_ref(pixbuf);
    g_object_unref(loader);
    return pixbuf;
}

/* Takes `pixbuf` over and gives back what replaces it. */
static GdkPixbuf *replaced(GdkPixbuf *pixbuf, GdkPixbuf *by)
{
    g_object_unref(pixbuf);
    return by;
}

static GdkPixbuf *picture_upright(GdkPixbuf *pixbuf, int orientation)
{
    static const struct {
        bool flip; /* left to right, before turning */
        GdkPixbufRotation turn;
    } steps[] = {
        [1] = { false, GDK_PIXBUF_ROTATE_NONE },
        [2] = { true, GDK_PIXBUF_ROTATE_NONE },
        [3] = { false, GDK_PIXBUF_ROTATE_UPSIDEDOWN },
        [4] = { true, GDK_PIXBUF_ROTATE_UPSIDEDOWN },
        [5] = { true, GDK_PIXBUF_ROTATE_COUNTERCLOCKWISE },
        [6] = { false, GDK_PIXBUF_ROTATE_CLOCKWISE },
        [7] = { true, GDK_PIXBUF_ROTATE_CLOCKWISE },
        [8] = { false, GDK_PIXBUF_ROTATE_COUNTERCLOCKWISE },
    };

    if (pixbuf && steps[orientation].flip)
        pixbuf = replaced(pixbuf, gdk_pixbuf_flip(pixbuf, TRUE));
    if (pixbuf && steps[orientation].turn != GDK_PIXBUF_ROTATE_NONE)
        pixbuf = replaced(pixbuf,
                          gdk_pixbuf_rotate_simple(pixbuf, steps[orientation].turn));
    return pixbuf;
}

/* Never larger than it is; a new one in any case. */
static GdkPixbuf *picture_fit(GdkPixbuf *pixbuf, int side)
{
    int w = gdk_pixbuf_get_width(pixbuf), h = gdk_pixbuf_get_height(pixbuf);

    fit(side, &w, &h);
    return gdk_pixbuf_scale_simple(pixbuf, w, h, GDK_INTERP_BILINEAR);
}

static GdkPixbuf *picture_on_white(GdkPixbuf *pixbuf)
{
    int w, h;

    if (!pixbuf || !gdk_pixbuf_get_has_alpha(pixbuf))
        return pixbuf;
    w = gdk_pixbuf_get_width(pixbuf);
    h = gdk_pixbuf_get_height(pixbuf);
    return replaced(pixbuf,
                    gdk_pixbuf_composite_color_simple(pixbuf, w, h, GDK_INTERP_NEAREST,
                                                      255, 8, 0xffffff, 0xffffff));
}

struct jpeg {
    int width, height;
    gchar *bytes;
    gsize size;
};

static bool jpeg_make(GdkPixbuf *pixbuf, int quality, struct jpeg *out)
{
    char text[16];

    g_snprintf(text, sizeof text, "%d", quality);
    g_free(out->bytes);
    *out = (struct jpeg) { gdk_pixbuf_get_width(pixbuf), gdk_pixbuf_get_height(pixbuf),
                           NULL, 0 };
    return gdk_pixbuf_save_to_buffer(pixbuf, &out->bytes, &out->size, "jpeg", NULL,
                                     "quality", text, NULL);
}

/* Messengers show no preview of a link whose picture is heavy. */
static bool large_make(GdkPixbuf *pixbuf, struct jpeg *out)
{
    bool ok = jpeg_make(pixbuf, LARGE_QUALITY, out);

    for (int quality = LARGE_QUALITY - 10;
         ok && out->size > PICTURE_LARGE_BYTES && quality >= 30; quality -= 10)
        ok = jpeg_make(pixbuf, quality, out);
    return ok;
}

/* Lower quality first, then smaller: a thumb is loaded over the slowest networks. */
static bool thumb_make(GdkPixbuf *pixbuf, struct jpeg *out)
{
    static const int sides[] = { PICTURE_THUMB, 240, 192 };
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof sides / sizeof *sides; i++) {
        GdkPixbuf *small = picture_fit(pixbuf, sides[i]);

        ok = small != NULL;
        for (int quality = 75; ok && quality >= 45; quality -= 10) {
            ok = jpeg_make(small, quality, out);
            if (ok && out->size <= PICTURE_THUMB_BYTES)
                break;
        }
        if (small)
            g_object_unref(small);
        if (ok && out->size <= PICTURE_THUMB_BYTES)
            break;
    }
    return ok;
}

static unsigned char *put32(unsigned char *p, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *p++ = (unsigned char)(v >> shift);
    return p;
}

static unsigned char *put_part(unsigned char *p, const struct jpeg *jpeg)
{
    p = put32(p, (uint32_t)jpeg->width);
    p = put32(p, (uint32_t)jpeg->height);
    p = put32(p, (uint32_t)jpeg->size);
    memcpy(p, jpeg->bytes, jpeg->size);
    return p + jpeg->size;
}

static bool picture_answer(GdkPixbuf *pixbuf, struct picture_answer *out)
{
    struct jpeg large = { 0 }, thumb = { 0 };
    bool ok = large_make(pixbuf, &large) && thumb_make(pixbuf, &thumb);

    if (ok) {
        out->size = 2 * PICTURE_PART_HEAD + large.size + thumb.size;
        out->bytes = malloc(out->size);
        ok = out->bytes != NULL;
    }
    if (ok)
        put_part(put_part(out->bytes, &large), &thumb);
    g_free(large.bytes);
    g_free(thumb.bytes);
    return ok;
}

const char *picture_make(const unsigned char *in, size_t n, struct picture_answer *out)
{
    struct progress progress = { .orientation = 1 };
    struct kind kind = picture_kind(in, n);
    const char *fault = kind.refusal;
    GdkPixbuf *pixbuf;
    bool ok;

    if (!fault)
        fault = picture_size_fault(kind.name, in, n);
    if (fault)
        return fault;
    pixbuf = picture_decode(kind.name, in, n, &progress);
    if (pixbuf)
        pixbuf = replaced(pixbuf, picture_fit(pixbuf, PICTURE_LARGE));
    pixbuf = picture_on_white(picture_upright(pixbuf, progress.orientation));
    ok = pixbuf && picture_answer(pixbuf, out);
    if (pixbuf)
        g_object_unref(pixbuf);
    return ok ? NULL : "photo.broken";
}

void picture_prepare(void)
{
    static const unsigned char gif[] =
        "GIF89a\1\0\1\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    static const char *const kinds[] = { "jpeg", "png" };
    struct progress progress = { .orientation = 1 };
    GdkPixbuf *pixbuf = picture_decode("gif", gif, sizeof gif - 1, &progress);

    for (size_t i = 0; pixbuf && i < sizeof kinds / sizeof *kinds; i++) {
        gchar *bytes = NULL;
        gsize size = 0;

        if (gdk_pixbuf_save_to_buffer(pixbuf, &bytes, &size, kinds[i], NULL, NULL)) {
            GdkPixbuf *again = picture_decode(kinds[i], (unsigned char *)bytes, size,
                                              &progress);

            if (again)
                g_object_unref(again);
        }
        g_free(bytes);
    }
    if (pixbuf)
        g_object_unref(pixbuf);
}
