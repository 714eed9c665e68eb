/* Pictures made here, good and hostile, go through the real child: this program itself,
 * started as `media VERB`. */
#include "media_ground.h"

#include <dirent.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/picture_test-XXXXXX";

/* --- files --- */

static const char *in_folder(struct fixture *f, const char *name)
{
    return arena_printf(f->arena, "%s/%s", folder, name);
}

static void file_put(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static bool file_holds(struct fixture *f, const char *name, const char *what)
{
    FILE *file = fopen(in_folder(f, name), "rb");
    unsigned char *bytes = arena_bytes(f->arena, 1 << 20);
    size_t n;

    assert_non_null(file);
    n = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return memmem(bytes, n, what, strlen(what)) != NULL;
}

static size_t file_size(struct fixture *f, const char *name)
{
    struct stat st;

    assert_int_equal(stat(in_folder(f, name), &st), 0);
    return (size_t)st.st_size;
}

static int entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* Writes the bytes as "in" and runs media_picture() to the name "out". */
static enum media_rc picture_of(struct fixture *f, const void *bytes, size_t n)
{
    file_put(in_folder(f, "in"), bytes, n);
    return media_picture(f->media, f->arena, in_folder(f, "in"), folder, "out",
                         &f->picture);
}

static void assert_refused(struct fixture *f, const void *bytes, size_t n,
                           const char *key)
{
    int before;

    file_put(in_folder(f, "in"), "", 0);
    before = entries(folder);
    assert_int_equal(picture_of(f, bytes, n), MEDIA_REFUSED);
    assert_string_equal(f->picture.why, key);
    assert_int_equal(entries(folder), before);
}

static void results_remove(struct fixture *f)
{
    unlink(in_folder(f, "out.jpg"));
    unlink(in_folder(f, "out-t.jpg"));
}

/* --- pictures --- */

enum { RED = 0xc00000ff, GREEN = 0x00c000ff, BLUE = 0x0000c0ff, GREY = 0x808080ff };

static void quadrant(GdkPixbuf *p, int x, int y, int w, int h, guint32 colour)
{
    GdkPixbuf *part = gdk_pixbuf_new_subpixbuf(p, x, y, w, h);

    gdk_pixbuf_fill(part, colour);
    g_object_unref(part);
}

/* Red, green / blue, grey. */
static gchar *picture_save(int w, int h, bool alpha, const char *type, gsize *n)
{
    GdkPixbuf *p = gdk_pixbuf_new(GDK_COLORSPACE_RGB, alpha, 8, w, h);
    gchar *bytes;

    quadrant(p, 0, 0, w / 2, h / 2, RED);
    quadrant(p, w / 2, 0, w / 2, h / 2, alpha ? 0 : GREEN);
    quadrant(p, 0, h / 2, w / 2, h / 2, BLUE);
    quadrant(p, w / 2, h / 2, w / 2, h / 2, GREY);
    assert_true(gdk_pixbuf_save_to_buffer(p, &bytes, n, type, NULL, NULL));
    g_object_unref(p);
    return bytes;
}

/* A JPEG with an EXIF block: the orientation, and a GPS block with a mark in it. */
static unsigned char *picture_exif(struct fixture *f, int w, int h, int orientation,
                                   size_t *size)
{
    static const unsigned char exif[] =
        "\xff\xe1\0\0Exif\0\0MM\0*\0\0\0\x08"
        "\0\x02\x01\x12\0\x03\0\0\0\x01\0\0\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0"
        "\0\x01\0\x1d\0\x02\0\0\0\x20\0\0\0\x38\0\0\0\0GPS-HERE-19.0760N-72.8777E-LEAK";
    size_t exif_size = sizeof exif - 1;
    gsize n;
    gchar *jpeg = picture_save(w, h, false, "jpeg", &n);
    unsigned char *out = arena_bytes(f->arena, n + exif_size + 2);

    memcpy(out, jpeg, 2);
    memcpy(out + 2, exif, exif_size);
    out[4] = (unsigned char)((exif_size - 2) >> 8);
    out[5] = (unsigned char)(exif_size - 2);
    out[2 + 10 + 8 + 2 + 9] = (unsigned char)orientation;
    memcpy(out + 2 + exif_size, jpeg + 2, n - 2);
    g_free(jpeg);
    *size = n + exif_size;
    return out;
}

/* A stored PNG's head that claims w x h, with next to nothing behind it. */
static size_t png_bomb(unsigned char *out, uint32_t w, uint32_t h)
{
    static const unsigned char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    size_t n = sizeof head - 1;

    memcpy(out, head, n);
    for (int i = 0; i < 4; i++) {
        out[n + (size_t)i] = (unsigned char)(w >> (24 - 8 * i));
        out[n + 4 + (size_t)i] = (unsigned char)(h >> (24 - 8 * i));
    }
    memcpy(out + n + 8, "\x08\x06\0\0\0\0\0\0\0\0\0\0\0IDAT\0\0\0\0", 21);
    return n + 29;
}

static int near_colour(const guchar *pixel, guint32 colour)
{
    return abs((int)pixel[0] - (int)(colour >> 24 & 255)) < 24 &&
           abs((int)pixel[1] - (int)(colour >> 16 & 255)) < 24 &&
           abs((int)pixel[2] - (int)(colour >> 8 & 255)) < 24;
}

static void assert_pixel(struct fixture *f, const char *name, double x, double y,
                         guint32 colour)
{
    GdkPixbuf *p = gdk_pixbuf_new_from_file(in_folder(f, name), NULL);
    int px, py;

    assert_non_null(p);
    px = (int)(x * gdk_pixbuf_get_width(p));
    py = (int)(y * gdk_pixbuf_get_height(p));
    assert_true(near_colour(gdk_pixbuf_get_pixels(p) + py * gdk_pixbuf_get_rowstride(p) +
                                px * gdk_pixbuf_get_n_channels(p),
                            colour));
    g_object_unref(p);
}

static void test_picture_is_scaled(void **state)
{
    struct fixture *f = *state;
    gsize n;
    gchar *jpeg = picture_save(3000, 2000, false, "jpeg", &n);

    assert_int_equal(picture_of(f, jpeg, n), MEDIA_OK);
    assert_null(f->picture.why);
    assert_int_equal(f->picture.width, 1200);
    assert_int_equal(f->picture.height, 800);
    assert_int_equal(f->picture.thumb_width, 300);
    assert_int_equal(f->picture.thumb_height, 200);
    assert_int_equal(file_size(f, "out.jpg"), f->picture.bytes);
    assert_int_equal(file_size(f, "out-t.jpg"), f->picture.thumb_bytes);
    assert_pixel(f, "out.jpg", 0.25, 0.25, RED);
    assert_pixel(f, "out-t.jpg", 0.75, 0.75, GREY);
    results_remove(f);
    g_free(jpeg);
}

static void test_small_picture_stays_small(void **state)
{
    static const char gif[] =
        "GIF89a\1\0\1\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    struct fixture *f = *state;
    gsize n;
    gchar *png = picture_save(64, 32, true, "png", &n);

    assert_int_equal(picture_of(f, png, n), MEDIA_OK);
    assert_int_equal(f->picture.width, 64);
    assert_int_equal(f->picture.thumb_height, 32);
    assert_pixel(f, "out.jpg", 0.25, 0.25, RED);
    assert_pixel(f, "out.jpg", 0.75, 0.25, 0xffffffff); /* was transparent */
    assert_int_equal(picture_of(f, gif, sizeof gif - 1), MEDIA_OK);
    assert_int_equal(f->picture.width, 1);
    results_remove(f);
    g_free(png);
}

/* Where the corners of the stored picture are seen: top left, top right. */
static const struct {
    guint32 left, right;
    bool turned;
} orientations[] = {
    [1] = { RED, GREEN, false }, [2] = { GREEN, RED, false }, [3] = { GREY, BLUE, false },
    [4] = { BLUE, GREY, false }, [5] = { RED, BLUE, true },   [6] = { BLUE, RED, true },
    [7] = { GREY, GREEN, true }, [8] = { GREEN, GREY, true },
};

static void test_picture_is_upright_without_metadata(void **state)
{
    struct fixture *f = *state;

    for (int o = 1; o <= 8; o++) {
        size_t n;
        unsigned char *jpeg = picture_exif(f, 1600, 800, o, &n);
        bool turned = orientations[o].turned;

        assert_int_equal(picture_of(f, jpeg, n), MEDIA_OK);
        assert_true(file_holds(f, "in", "GPS-HERE"));
        assert_int_equal(f->picture.width, turned ? 600 : 1200);
        assert_int_equal(f->picture.height, turned ? 1200 : 600);
        assert_pixel(f, "out.jpg", 0.25, 0.25, orientations[o].left);
        assert_pixel(f, "out-t.jpg", 0.75, 0.25, orientations[o].right);
        assert_false(file_holds(f, "out.jpg", "GPS-HERE"));
        assert_false(file_holds(f, "out.jpg", "Exif"));
        assert_false(file_holds(f, "out-t.jpg", "GPS-HERE"));
    }
    results_remove(f);
}

static void test_thumb_fits_a_slow_network(void **state)
{
    struct fixture *f = *state;
    GdkPixbuf *p = gdk_pixbuf_new(GDK_COLORSPACE_RGB, FALSE, 8, 600, 600);
    guchar *pixels = gdk_pixbuf_get_pixels(p);
    gchar *jpeg;
    gsize n;

    srandom(1);
    for (size_t i = 0; i < gdk_pixbuf_get_byte_length(p); i++)
        pixels[i] = (guchar)random();
    assert_true(
        gdk_pixbuf_save_to_buffer(p, &jpeg, &n, "jpeg", NULL, "quality", "95", NULL));
    assert_int_equal(picture_of(f, jpeg, n), MEDIA_OK);
    assert_in_range(f->picture.thumb_bytes, 500, 10 * 1024);
    assert_in_range(f->picture.bytes, 500, 300 * 1024); /* of a link's preview */
    assert_in_range(f->picture.thumb_width, 192, 300);
    results_remove(f);
    g_free(jpeg);
    g_object_unref(p);
}

/* SEC-26 */
static void test_what_is_no_picture_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *key;
    } rows[] = {
        { "", 0, "photo.kind" },
        { "\xff", 1, "photo.kind" },
        { "hello", 5, "photo.kind" },
        { "<svg xmlns='http://www.w3.org/2000/svg'/>", 41, "photo.kind" },
        { "<!doctype html><script>alert(1)</script>", 40, "photo.kind" },
        { "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0", 14, "photo.kind" },
        { "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0", 20, "photo.webp" },
        { "\0\0\0\x18"
          "ftypheic\0\0\0\0",
          16, "photo.heic" },
        { "\xff\xd8\xff\xe0\0\x10JFIF\0", 11, "photo.broken" },
        { "\xff\xd8\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, "photo.broken" },
        { "\x89PNG\r\n\x1a\n", 8, "photo.broken" },
        { "GIF89a", 6, "photo.broken" },
        { "GIF89a\x10\0\x10\0\x80\0\0", 13, "photo.broken" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused(*state, rows[i].bytes, rows[i].size, rows[i].key);
}

/* SEC-26 */
static void test_bombs_are_refused(void **state)
{
    struct fixture *f = *state;
    unsigned char bomb[64];
    size_t n = png_bomb(bomb, 50000, 50000);
    char *heavy = calloc(1, (20 << 20) + 1);

    assert_refused(f, bomb, n, "photo.pixels");
    assert_refused(f, bomb, png_bomb(bomb, 0xffffffff, 0xffffffff), "photo.pixels");
    assert_refused(f, bomb, png_bomb(bomb, 40000001, 1), "photo.pixels");
    assert_refused(f, bomb, png_bomb(bomb, 0, 10), "photo.broken");
    assert_refused(f, bomb, png_bomb(bomb, 6000, 6000), "photo.broken");
    assert_refused(f, "GIF89a\xff\xff\xff\xff\x80\0\0", 13, "photo.pixels");
    assert_refused(f, heavy, (20 << 20) + 1, "photo.bytes");
    free(heavy);
}

static void test_cut_and_spoilt_pictures(void **state)
{
    static const char *const types[] = { "jpeg", "png" };
    struct fixture *f = *state;

    for (size_t t = 0; t < 2; t++) {
        gsize n;
        gchar *bytes = picture_save(800, 600, false, types[t], &n);

        assert_refused(f, bytes, n / 2, "photo.broken");
        assert_refused(f, bytes, 60, "photo.broken");
        srandom(7);
        for (gsize i = 64; i < n; i++)
            bytes[i] = (gchar)random();
        /* Noise may still decode; what counts is an answer. */
        if (picture_of(f, bytes, n) == MEDIA_OK)
            results_remove(f);
        else
            assert_string_equal(f->picture.why, "photo.broken");
        g_free(bytes);
    }
}

static void test_answers_are_not_believed(void **state)
{
    struct fixture *f = *state;
    static const char script[] =
        "#!/bin/sh\nprintf '\\0\\0\\0\\1\\0\\0\\0\\1\\377\\0\\0\\0junk'\n";
    const char *liar = in_folder(f, "liar.sh");
    gsize n;
    gchar *jpeg = picture_save(64, 64, false, "jpeg", &n);
    int before;

    media_free(f->media);
    file_put(liar, script, strlen(script));
    chmod(liar, 0700);
    f->media = media_new(liar, 0);
    file_put(in_folder(f, "in"), "", 0);
    before = entries(folder);
    assert_int_equal(picture_of(f, jpeg, n), MEDIA_FAILED);
    assert_int_equal(entries(folder), before);
    unlink(liar);
    g_free(jpeg);
}

static void test_names_stay_in_the_folder(void **state)
{
    static const char *const names[] = { "", "../out", "a/b", ".hidden" };
    struct fixture *f = *state;
    gsize n;
    gchar *jpeg = picture_save(64, 64, false, "jpeg", &n);

    file_put(in_folder(f, "in"), jpeg, n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(media_picture(f->media, f->arena, in_folder(f, "in"), folder,
                                       names[i], &f->picture),
                         MEDIA_FAILED);
    assert_int_equal(media_picture(f->media, f->arena, in_folder(f, "in"),
                                   "/nonexistent/folder", "out", &f->picture),
                     MEDIA_FAILED);
    assert_int_equal(media_picture(f->media, f->arena, "/nonexistent/file", folder, "out",
                                   &f->picture),
                     MEDIA_FAILED);
    g_free(jpeg);
}

struct worker {
    pthread_t thread;
    struct media *media;
    int number;
    enum media_rc rc;
};

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new();
    char in[64], name[16];
    struct picture picture;

    snprintf(in, sizeof in, "%s/in", folder);
    snprintf(name, sizeof name, "w%d", w->number);
    w->rc = media_picture(w->media, a, in, folder, name, &picture);
    arena_free(a);
    return NULL;
}

static void test_many_threads_at_once(void **state)
{
    enum { WORKERS = 8 };
    struct fixture *f = *state;
    struct worker workers[WORKERS] = { 0 };
    int fds = entries("/proc/self/fd");
    gsize n;
    gchar *jpeg = picture_save(1600, 1200, false, "jpeg", &n);

    file_put(in_folder(f, "in"), jpeg, n);
    for (int i = 0; i < WORKERS; i++) {
        workers[i].media = f->media;
        workers[i].number = i;
        assert_int_equal(
            pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].rc, MEDIA_OK);
        assert_int_equal(unlink(in_folder(f, arena_printf(f->arena, "w%d.jpg", i))), 0);
        assert_int_equal(unlink(in_folder(f, arena_printf(f->arena, "w%d-t.jpg", i))), 0);
    }
    assert_int_equal(entries("/proc/self/fd"), fds);
    g_free(jpeg);
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }
    const struct CMUnitTest tests[] = {
        TEST("CAT-3 a photo is scaled to two sizes", test_picture_is_scaled),
        TEST("CAT-3 a small photo stays small", test_small_picture_stays_small),
        TEST("CAT-3 a photo is upright and tells no place",
             test_picture_is_upright_without_metadata),
        TEST("CAT-4 a thumb fits a slow network", test_thumb_fits_a_slow_network),
        TEST("CAT-3 what is no photo is refused", test_what_is_no_picture_is_refused),
        TEST("CAT-3 pixel bombs are refused", test_bombs_are_refused),
        TEST("CAT-3 cut and spoilt photos", test_cut_and_spoilt_pictures),
        TEST("SYS-1 a child's answer is not believed", test_answers_are_not_believed),
        TEST("SYS-1 files stay in their folder", test_names_stay_in_the_folder),
        TEST("SYS-1 many threads at once", test_many_threads_at_once),
    };
    int failed;

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (!mkdtemp(folder))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (chdir(folder) == 0)
        unlink("in");
    return rmdir(folder) == 0 ? failed : 1;
}
