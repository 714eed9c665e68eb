/* Values as a page shows them: numbers, texts, JSON, and lists of rows whose names stand
 * once for all rows of a list. Such a list is made and read without hashing a name for
 * each of its values, which is most of what a list of JSON objects costs. */
#ifndef CELL_H
#define CELL_H

#include "arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
    const char *s;
    uint32_t len, hash;
};

enum { SHAPE_WIDTH = 255, SHAPE_CHAINS = 64 };

/* The names of a row's values, in order, and found by their hash: chain `hash %
 * SHAPE_CHAINS` begins at name first[] - 1 and goes on at next[] - 1; 0 ends it. */
struct shape {
    size_t width;
    const struct name *names;
    uint8_t first[SHAPE_CHAINS], next[SHAPE_WIDTH];
};

enum cell_kind {
    CELL_NONE, /* there is no such value */
    CELL_NULL,
    CELL_FALSE,
    CELL_TRUE,
    CELL_INT,
    CELL_REAL,
    CELL_TEXT,
    CELL_JSON, /* an object or a list */
    CELL_ROW,  /* `shape->width` cells */
    CELL_ROWS  /* `count` rows, one behind the other */
};

/* What it points to is borrowed. */
struct cell {
    uint8_t kind;
    uint32_t count; /* bytes of a text, rows */
    union {
        int64_t i;
        double real;
        const char *text; /* zero-terminated */
        const json_t *json;
        const struct cell *cells;
    };
    const struct shape *shape;
};

struct name name_of(const char *s, size_t len);

/* At most SHAPE_WIDTH names, which live as long as the shape. */
struct shape *shape_new(struct arena *a, const char *const *names, size_t count);

/* The place of the name in a row, from 1 on; 0: rows of this shape have no such value. */
size_t shape_find(const struct shape *shape, const struct name *name);

static inline struct cell cell_bool(bool value)
{
    return (struct cell) { .kind = value ? CELL_TRUE : CELL_FALSE };
}

static inline struct cell cell_null(void)
{
    return (struct cell) { .kind = CELL_NULL };
}

static inline struct cell cell_int(int64_t value)
{
    return (struct cell) { .kind = CELL_INT, .i = value };
}

struct cell cell_text(const char *text);
struct cell cell_json(const json_t *value); /* NULL: CELL_NONE */

/* 0, "" and false for values of another kind. */
static inline int64_t cell_number(struct cell c)
{
    return c.kind == CELL_INT ? c.i : 0;
}

static inline const char *cell_string(struct cell c)
{
    return c.kind == CELL_TEXT ? c.text : "";
}

static inline bool cell_is_true(struct cell c)
{
    return c.kind == CELL_TRUE;
}

/* How many a list has; 0 for what is none. */
size_t cell_size(struct cell list);

/* The i-th of a list; CELL_NONE behind the last. */
struct cell cell_item(struct cell list, size_t i);

/* The value called so of a row or an object. */
struct cell cell_find(const struct cell *row, const struct name *name);
struct cell cell_get(struct cell row, const char *name);

/* All of it as JSON; names without a value are left out. */
json_t *cell_to_json(struct cell c);

/* --- making a list --- */

struct table {
    struct arena *arena;
    const struct shape *shape;
    struct cell *cells;
    size_t count, room; /* rows */
};

struct table table_new(struct arena *a, const struct shape *shape);

/* One row more, its cells all CELL_NONE; good until the next is added. */
struct cell *table_add(struct table *t);
struct cell *table_row(const struct table *t, size_t i);

/* `count` rows from the `first` on; good until one is added. */
struct cell table_rows(const struct table *t, size_t first, size_t count);

#endif
