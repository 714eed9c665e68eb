/* What the tests of media share: the test program itself plays the child, started as
 * `media VERB`. */
#ifndef MEDIA_GROUND_H
#define MEDIA_GROUND_H

#include "server/documents/media.h"
#include "server/documents/media_child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct media *media;
    struct picture picture;
    json_t *bill; /* freed with it */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new();
    f->media = media_new("/proc/self/exe", 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    json_decref(f->bill);
    media_free(f->media);
    arena_free(f->arena);
    free(f);
    return 0;
}

#endif
