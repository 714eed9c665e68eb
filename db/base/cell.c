#include "cell.h"

#include <assert.h>
#include <string.h>

enum { ROOM = 64 };

/* FNV-1a. */
struct name name_of(const char *s, size_t len)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)s[i]) * 16777619U;
    return (struct name) { s, (uint32_t)len, hash };
}

struct shape *shape_new(struct arena *a, const char *const *names, size_t count)
{
    struct shape *shape = arena_alloc(a, 1, sizeof *shape);
    struct name *own = arena_alloc(a, count, sizeof *own);

    assert(count <= SHAPE_WIDTH);
    shape->width = count;
    shape->names = own;
    for (size_t i = count; i-- > 0;) {
        uint8_t *first;

        own[i] = name_of(names[i], strlen(names[i]));
        first = &shape->first[own[i].hash % SHAPE_CHAINS];
        shape->next[i] = *first;
        *first = (uint8_t)(i + 1);
    }
    return shape;
}

struct cell cell_text(const char *text)
{
    return (struct cell) { .kind = CELL_TEXT, .count = (uint32_t)strlen(text), .text = text };
}

struct cell cell_json(const json_t *value)
{
    if (!value)
        return (struct cell) { .kind = CELL_NONE };
    switch (json_typeof(value)) {
    case JSON_NULL: return cell_null();
    case JSON_FALSE: return cell_bool(false);
    case JSON_TRUE: return cell_bool(true);
    case JSON_INTEGER: return cell_int(json_integer_value(value));
    case JSON_REAL:
        return (struct cell) { .kind = CELL_REAL, .real = json_real_value(value) };
    case JSON_STRING:
        return (struct cell) { .kind = CELL_TEXT,
                               .count = (uint32_t)json_string_length(value),
                               .text = json_string_value(value) };
    case JSON_OBJECT:
    case JSON_ARRAY: break;
    }
    return (struct cell) { .kind = CELL_JSON, .json = value };
}

size_t cell_size(struct cell list)
{
    if (list.kind == CELL_ROWS)
        return list.count;
    return list.kind == CELL_JSON ? json_array_size(list.json) : 0;
}

struct cell cell_item(struct cell list, size_t i)
{
    if (list.kind == CELL_JSON)
        return cell_json(json_array_get(list.json, i));
    if (list.kind != CELL_ROWS || i >= list.count)
        return (struct cell) { .kind = CELL_NONE };
    return (struct cell) { .kind = CELL_ROW,
                           .cells = list.cells + i * list.shape->width,
                           .shape = list.shape };
}

size_t shape_find(const struct shape *shape, const struct name *name)
{
    size_t i = shape->first[name->hash % SHAPE_CHAINS];

    for (; i > 0; i = shape->next[i - 1]) {
        const struct name *own = &shape->names[i - 1];

        if (own->hash == name->hash && own->len == name->len &&
            memcmp(own->s, name->s, name->len) == 0)
            break;
    }
    return i;
}

struct cell cell_find(const struct cell *row, const struct name *name)
{
    size_t i = row->kind == CELL_ROW ? shape_find(row->shape, name) : 0;

    if (i > 0)
        return row->cells[i - 1];
    if (row->kind == CELL_JSON)
        return cell_json(json_object_getn(row->json, name->s, name->len));
    return (struct cell) { .kind = CELL_NONE };
}

struct cell cell_get(struct cell row, const char *name)
{
    struct name sought = name_of(name, strlen(name));

    return cell_find(&row, &sought);
}

static json_t *row_to_json(struct cell row)
{
    json_t *object = json_object();

    for (size_t i = 0; i < row.shape->width; i++)
        if (row.cells[i].kind != CELL_NONE)
            json_object_setn_new_nocheck(object, row.shape->names[i].s,
                                         row.shape->names[i].len,
                                         cell_to_json(row.cells[i]));
    return object;
}

static json_t *rows_to_json(struct cell rows)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rows.count; i++)
        json_array_append_new(list, row_to_json(cell_item(rows, i)));
    return list;
}

json_t *cell_to_json(struct cell c)
{
    switch ((enum cell_kind)c.kind) {
    case CELL_NONE:
    case CELL_NULL: break;
    case CELL_FALSE: return json_false();
    case CELL_TRUE: return json_true();
    case CELL_INT: return json_integer(c.i);
    case CELL_REAL: return json_real(c.real);
    case CELL_TEXT: return json_stringn_nocheck(c.text, c.count);
    case CELL_JSON: return json_incref((json_t *)c.json);
    case CELL_ROW: return row_to_json(c);
    case CELL_ROWS: return rows_to_json(c);
    }
    return json_null();
}

struct table table_new(struct arena *a, const struct shape *shape)
{
    return (struct table) { .arena = a, .shape = shape };
}

struct cell *table_add(struct table *t)
{
    size_t row = t->shape->width * sizeof *t->cells;
    struct cell *added;

    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : ROOM;
        struct cell *cells = arena_bytes(t->arena, room * row);

        if (t->count)
            memcpy(cells, t->cells, t->count * row);
        t->cells = cells;
        t->room = room;
    }
    added = table_row(t, t->count++);
    memset(added, 0, row);
    return added;
}

struct cell *table_row(const struct table *t, size_t i)
{
    return t->cells + i * t->shape->width;
}

struct cell table_rows(const struct table *t, size_t first, size_t count)
{
    return (struct cell) { .kind = CELL_ROWS,
                           .count = (uint32_t)count,
                           .cells = t->cells + first * t->shape->width,
                           .shape = t->shape };
}
