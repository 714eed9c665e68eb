/* What is compressed comes back the same; what would not get smaller is left alone. */
#include "server/http/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

static void same_after_unpacking(void **state)
{
    static const char text[] = "<li class=\"sku\">चाय 250 g</li>\n";
    struct arena *a = arena_new();
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    char data[20000], back[sizeof data];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(text[i % (sizeof text - 1)] + (i % 211 == 0));
    for (int level = 1; level <= 12; level++) {
        char *out;
        size_t n, size;

        assert_true(gzip_bytes(a, data, sizeof data, level, &out, &n));
        assert_true(n < sizeof data / 4);
        assert_int_equal(libdeflate_gzip_decompress(d, out, n, back, sizeof back, &size),
                         0);
        assert_int_equal(size, sizeof data);
        assert_memory_equal(back, data, size);
    }
    libdeflate_free_decompressor(d);
    arena_free(a);
}

static void not_smaller(void **state)
{
    struct arena *a = arena_new();
    unsigned seed = 1;
    char noise[3000], *out = NULL;
    size_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)rand_r(&seed);
    assert_false(gzip_bytes(a, noise, sizeof noise, 6, &out, &n));
    assert_false(gzip_bytes(a, "a", 1, 6, &out, &n));
    assert_false(gzip_bytes(a, NULL, 0, 6, &out, &n));
    assert_null(out);
    assert_int_equal(n, 7);
    arena_free(a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        { "gzip: the same after unpacking", same_after_unpacking, NULL, NULL, NULL },
        { "gzip: noise is sent as it is", not_smaller, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
