/* What the tests of bodies share: the limits, an arena for each test, the form read. */
#ifndef BODY_GROUND_H
#define BODY_GROUND_H

#include "server/http/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct body_limits limits = { .bytes = 1 << 20,
                                           .fields = 200,
                                           .name = 64,
                                           .value = 4096,
                                           .file = 512 * 1024,
                                           .files = 4,
                                           .json_depth = 16 };

struct fixture {
    struct arena *arena;
    struct form form;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new();
    arena_json(f->arena);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    arena_json(NULL);
    arena_free(f->arena);
    free(f);
    return 0;
}

#endif
