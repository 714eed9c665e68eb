/* A list of blocks, each a bump allocator; the newest block is the one in use. The first
 * block is kept between requests. jansson's hooks ask the thread's arena first: this
 * thread-local is the one mutable static of the program. */
#include "arena.h"

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 64 * 1024, LARGEST_STEP = 1024 * 1024, ALIGN = 16 };

struct block {
    struct block *older;
    size_t size; /* of data */
    size_t used;
    _Alignas(ALIGN) unsigned char data[];
};

struct cleanup {
    struct cleanup *older;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct block *newest;
    struct cleanup *cleanups;
};

static _Thread_local struct arena *json_arena;

static _Noreturn void out_of_memory(void)
{
    fputs("error out of memory\n", stderr);
    abort();
}

static struct block *block_new(size_t size, struct block *older)
{
    struct block *b = malloc(sizeof *b + size);

    if (!b)
        out_of_memory();
    b->older = older;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);

    if (!a)
        out_of_memory();
    a->newest = block_new(FIRST_BLOCK, NULL);
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->cleanups) {
        struct cleanup *c = a->cleanups;

        a->cleanups = c->older;
        c->fn(c->arg);
    }
    while (a->newest->older) {
        struct block *b = a->newest;

        a->newest = b->older;
        free(b);
    }
    a->newest->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->newest);
    free(a);
}

void *arena_bytes(struct arena *a, size_t size)
{
    struct block *b = a->newest;
    void *p;

    if (size > SIZE_MAX / 2)
        out_of_memory();
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (size > b->size - b->used) {
        size_t step = b->size * 2 < LARGEST_STEP ? b->size * 2 : LARGEST_STEP;

        b = a->newest = block_new(size > step ? size : step, b);
    }
    p = b->data + b->used;
    b->used += size;
    return p;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    void *p;

    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory();
    p = arena_bytes(a, bytes);
    memset(p, 0, bytes);
    return p;
}

bool arena_extend(struct arena *a, void *p, size_t old, size_t size)
{
    struct block *b = a->newest;
    size_t at, end;

    assert(size >= old);
    if ((unsigned char *)p < b->data || (unsigned char *)p >= b->data + b->used)
        return false;
    at = (size_t)((unsigned char *)p - b->data);
    old = (old + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    end = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (at + old != b->used || end < size || end > b->size - at)
        return false;
    b->used = at + end;
    return true;
}

char *arena_dupn(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_bytes(a, n + 1);

    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *arena_dup(struct arena *a, const char *s)
{
    return arena_dupn(a, s, strlen(s));
}

char *arena_concat(struct arena *a, const char *x, const char *y, const char *z)
{
    size_t nx = strlen(x), ny = strlen(y), nz = strlen(z);
    char *s = arena_bytes(a, nx + ny + nz + 1);

    memcpy(s, x, nx);
    memcpy(s + nx, y, ny);
    memcpy(s + nx + ny, z, nz + 1);
    return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;
    char *s;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    s = arena_bytes(a, (size_t)n + 1);
    vsnprintf(s, (size_t)n + 1, format, again);
    va_end(again);
    return s;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct cleanup *c = arena_alloc(a, 1, sizeof *c);

    c->older = a->cleanups;
    c->fn = fn;
    c->arg = arg;
    a->cleanups = c;
}

bool arena_owns(const struct arena *a, const void *p)
{
    for (const struct block *b = a->newest; b; b = b->older)
        if ((const unsigned char *)p >= b->data && (const unsigned char *)p < b->data + b->size)
            return true;
    return false;
}

static void *json_malloc_hook(size_t size)
{
    return json_arena ? arena_bytes(json_arena, size) : malloc(size);
}

static void json_free_hook(void *p)
{
    if (p && !(json_arena && arena_owns(json_arena, p)))
        free(p);
}

struct arena *arena_json(struct arena *a)
{
    struct arena *before = json_arena;

    json_arena = a;
    return before;
}

void arena_json_init(void)
{
    json_set_alloc_funcs(json_malloc_hook, json_free_hook);
    json_object_seed(0);
}
