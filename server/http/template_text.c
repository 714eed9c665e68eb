/* Texts of a language: words with {name} or {name|filter} between them, compiled to the
 * nodes that templates consist of. */
#include "template_internal.h"

#include <stdlib.h>
#include <string.h>

struct span span_of(const char *s)
{
    return (struct span) { s, strlen(s) };
}

bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

const struct path *path_parse(struct arena *a, struct span name)
{
    const char *p = name.s, *end = name.s + name.len;
    struct path *path;
    size_t parts = 1;

    for (size_t i = 0; i < name.len; i++) {
        if (strchr("|{}", name.s[i]))
            return NULL; /* NUL included */
        parts += name.s[i] == '.';
    }
    path = arena_alloc(a, 1, sizeof *path + parts * sizeof path->part[0]);
    if (name.len == 1 && *p == '.')
        return path;
    for (; p <= end && path->count < parts; path->count++) {
        const char *dot = memchr(p, '.', (size_t)(end - p));
        size_t len = (size_t)((dot ? dot : end) - p);

        if (len == 0)
            return NULL;
        path->part[path->count] = name_of(arena_dupn(a, p, len), len);
        p = dot ? dot + 1 : end;
    }
    return path;
}

static void literal_add(struct arena *a, struct node *n, const char *s, size_t len)
{
    *n = (struct node) { .op = NODE_LITERAL, .skip = 1 };
    n->text = (struct span) { arena_dupn(a, s, len), len };
}

static bool value_add(struct arena *a, struct node *n, const char *from, const char *to)
{
    const char *bar = memchr(from, '|', (size_t)(to - from));
    struct span name = { from, (size_t)((bar ? bar : to) - from) };
    int filter = FILTER_NONE;

    *n = (struct node) { .op = NODE_VALUE, .skip = 1 };
    n->path = path_parse(a, name);
    if (bar)
        filter = filter_find((struct span) { bar + 1, (size_t)(to - bar - 1) });
    n->filter = filter < 0 ? 0 : (uint8_t)filter;
    return n->path && filter >= 0;
}

static bool text_compile(struct arena *a, struct program *p, const json_t *text)
{
    const char *s, *end;
    struct node *nodes;
    size_t most = 1;

    if (!json_is_string(text))
        return false;
    s = json_string_value(text);
    end = s + json_string_length(text);
    for (const char *q = s; q < end; q++)
        most += *q == '{' ? 2 : 0;
    p->nodes = nodes = arena_alloc(a, most, sizeof *nodes);
    while (s < end) {
        const char *brace = memchr(s, '{', (size_t)(end - s));
        const char *close = brace ? memchr(brace, '}', (size_t)(end - brace)) : NULL;
        const char *stop = brace ? brace : end;

        if (stop > s)
            literal_add(a, &nodes[p->count++], s, (size_t)(stop - s));
        if (brace && (!close || !value_add(a, &nodes[p->count++], brace + 1, close)))
            return false;
        s = close ? close + 1 : end;
    }
    return true;
}

static bool message_compile(struct arena *a, struct message *m, const json_t *text)
{
    if (!json_is_object(text)) {
        if (!text_compile(a, &m->other, text))
            return false;
        m->one = m->other;
        return true;
    }
    return json_object_size(text) == 2 &&
           text_compile(a, &m->one, json_object_get(text, "one")) &&
           text_compile(a, &m->other, json_object_get(text, "other"));
}

static int message_order(const void *a, const void *b)
{
    return strcmp(((const struct message *)a)->key, ((const struct message *)b)->key);
}

void messages_compile(struct arena *a, struct language *l, const json_t *texts,
                      struct errors *errors)
{
    struct message *m = arena_alloc(a, json_object_size(texts) + 1, sizeof *m);
    const char *key;
    json_t *text;

    l->messages = m;
    json_object_foreach((json_t *)texts, key, text) {
        m->key = arena_dup(a, key);
        if (!message_compile(a, m, text))
            errors_add(errors, l->file, 0,
                       "\"%s\" is neither a text with well-formed "
                       "{names} nor {\"one\": text, \"other\": text}",
                       key);
        m++;
    }
    l->message_count = (size_t)(m - l->messages);
    qsort(l->messages, l->message_count, sizeof *m, message_order);
}

int name_order(const char *name, size_t len, const char *other)
{
    size_t n = strlen(other);
    int order = memcmp(name, other, len < n ? len : n);

    return order ? order : (len > n) - (len < n);
}

struct message *message_find(const struct language *l, const char *key, size_t len)
{
    size_t low = 0, high = l->message_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_order(key, len, l->messages[middle].key);

        if (order == 0)
            return &l->messages[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct program *message_choose(const struct language *l, const struct message *m,
                                     struct cell n)
{
    int64_t count = n.kind == CELL_INT ? n.i : 2;

    return count == 1 || (count == 0 && l->zero_is_one) ? &m->one : &m->other;
}
