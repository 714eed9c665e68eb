/* Both sizes are drawn for themselves, since that is quicker than scaling, and small ones
 * are sharper. */
#include "server/demo_picture.h"

#include "db/base/log.h"
#include "server/documents/picture.h"

#include <cairo.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cairo keeps a pixel as one number, gdk-pixbuf as three bytes. */
static GdkPixbuf *pixbuf_from(cairo_surface_t *surface, int side)
{
    GdkPixbuf *to = gdk_pixbuf_new(GDK_COLORSPACE_RGB, FALSE, 8, side, side);
    const unsigned char *from = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);

    if (!to || !from)
        return to;
    for (int y = 0; y < side; y++) {
        guchar *out = gdk_pixbuf_get_pixels(to) + y * gdk_pixbuf_get_rowstride(to);

        for (int x = 0; x < side; x++) {
            uint32_t pixel;

            memcpy(&pixel, from + y * stride + x * 4, 4);
            *out++ = (guchar)(pixel >> 16);
            *out++ = (guchar)(pixel >> 8);
            *out++ = (guchar)pixel;
        }
    }
    return to;
}

/* In lower quality where it must not get larger than `most` bytes. */
static bool jpeg_write(GdkPixbuf *pixbuf, const char *path, size_t most)
{
    gchar *bytes = NULL;
    gsize size = 0;
    bool good = false;
    FILE *f;

    for (int quality = 82; quality >= 42; quality -= 10) {
        char text[8];

        snprintf(text, sizeof text, "%d", quality);
        g_free(bytes);
        bytes = NULL;
        good = gdk_pixbuf_save_to_buffer(pixbuf, &bytes, &size, "jpeg", NULL, "quality",
                                         text, NULL);
        if (!good || size <= most)
            break;
    }
    f = good ? fopen(path, "wbe") : NULL;
    good = f && fwrite(bytes, 1, size, f) == size;
    if (f)
        good = fclose(f) == 0 && good;
    g_free(bytes);
    return good;
}

static bool picture_write(const char *path, enum demo_shape shape, unsigned colour,
                          unsigned seed, int side, size_t most)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    cairo_t *cr = cairo_create(surface);
    GdkPixbuf *pixbuf;
    bool good;

    cairo_scale(cr, side, side);
    demo_draw(cr, shape, colour, seed);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    pixbuf = pixbuf_from(surface, side);
    cairo_surface_destroy(surface);
    good = pixbuf && jpeg_write(pixbuf, path, most);
    if (pixbuf)
        g_object_unref(pixbuf);
    return good;
}

bool demo_picture(const char *folder, const char *name, enum demo_shape shape,
                  unsigned colour, unsigned seed)
{
    char large[4096], small[4096];
    bool good;

    snprintf(large, sizeof large, "%s/%s.jpg", folder, name);
    snprintf(small, sizeof small, "%s/%s-t.jpg", folder, name);
    good = picture_write(large, shape, colour, seed, DEMO_PICTURE_SIDE,
                         PICTURE_OUT_MAX) &&
           picture_write(small, shape, colour, seed, DEMO_THUMB_SIDE,
                         PICTURE_THUMB_BYTES);
    if (!good)
        log_error("cannot write picture=%s", large);
    return good;
}
