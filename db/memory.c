/* A savepoint keeps what it may need to go back to in pieces of a kilobyte, some 140 an
 * order, all taken and given back at once: more than the C library keeps at hand, so they
 * are kept here. They are its own blocks: any may come from it and go back to it. */
#include "db_internal.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { PIECE = 1024, PIECES = 512 };

/* Whoever finds it in use does without. */
static struct {
    atomic_flag is_used;
    int count;
    void *piece[PIECES];
} kept = { .is_used = ATOMIC_FLAG_INIT };

static bool kept_enter(void)
{
    return !atomic_flag_test_and_set_explicit(&kept.is_used, memory_order_acquire);
}

static void kept_leave(void)
{
    atomic_flag_clear_explicit(&kept.is_used, memory_order_release);
}

static void *memory_take(int size)
{
    void *p = NULL;

    if (size == PIECE && kept_enter()) {
        if (kept.count > 0)
            p = kept.piece[--kept.count];
        kept_leave();
    }
    return p ? p : malloc((size_t)size);
}

static int memory_size(void *p)
{
    return p ? (int)malloc_usable_size(p) : 0;
}

static void memory_give(void *p)
{
    int size = memory_size(p);

    if (size >= PIECE && size < PIECE + 16 && kept_enter()) {
        bool has_room = kept.count < PIECES;

        if (has_room)
            kept.piece[kept.count++] = p;
        kept_leave();
        if (has_room)
            return;
    }
    free(p);
}

static void *memory_resize(void *p, int size)
{
    return realloc(p, (size_t)size);
}

static int memory_round(int size)
{
    return (size + 7) & ~7;
}

static int memory_begin(void *arg)
{
    (void)arg;
    return SQLITE_OK;
}

static void memory_end(void *arg)
{
    (void)arg;
}

const struct sqlite3_mem_methods memory_methods = { memory_take,   memory_give,
                                                    memory_resize, memory_size,
                                                    memory_round,  memory_begin,
                                                    memory_end,    NULL };
