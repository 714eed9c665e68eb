/* Memory that lives exactly as long as one request (or one job, or one test). */
#ifndef ARENA_H
#define ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Makes an arena. Never NULL: an empty heap ends the process (the database file is safe
 * and a supervisor starts the server again). One thread uses an arena at a time. */
struct arena *arena_new(void);

/* Runs the clean-ups, newest first, and gives everything back. NULL is fine. */
void arena_free(struct arena *a);

/* Runs the clean-ups, newest first, and takes all memory back for the next request. Keeps
 * at most 64 KB for it, so that idle threads stay small. */
void arena_reset(struct arena *a);

/* Returns `count * size` zeroed bytes, aligned for any type. Never NULL: an overflow or an
 * empty heap ends the process. The caller never frees. */
void *arena_alloc(struct arena *a, size_t count, size_t size) __attribute__((malloc));

/* The same without the zeroing, for `size` bytes that are overwritten at once. */
void *arena_bytes(struct arena *a, size_t size) __attribute__((malloc));

/* Makes the newest allocation `p` of `old` bytes `size` bytes long without moving it;
 * false when something was allocated after it or the block is full. */
bool arena_extend(struct arena *a, void *p, size_t old, size_t size);

/* Copies of text, zero-terminated. `n` counts bytes. */
char *arena_dup(struct arena *a, const char *s);
char *arena_dupn(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Three texts as one; for lists, where arena_printf would show in the time. */
char *arena_concat(struct arena *a, const char *x, const char *y, const char *z);

/* Has `fn(arg)` called when the arena is reset or freed. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

/* True when `p` was allocated from the arena. */
bool arena_owns(const struct arena *a, const void *p);

/* Has jansson allocate from `a` on this thread until called again; NULL goes back to
 * malloc. Values made while an arena is set die with it and need no json_decref. Returns
 * what was set before. */
struct arena *arena_json(struct arena *a);

/* Hooks jansson's allocator; once, before the first thread is started. */
void arena_json_init(void);

#endif
