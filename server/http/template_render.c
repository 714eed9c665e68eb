/* Walks the nodes over a stack of contexts. What a block is overridden with is found in a
 * chain of frames, one for each parent tag that is being rendered; the outermost one
 * wins, being that of the most derived template. The body it gives is rendered with the
 * frames that were there when its own template was.
 *
 * Every way to go deeper passes render_inside(), which bounds the depth; visited nodes
 * are counted, so that templates that call each other without end stop soon. */
#include "template_internal.h"

#include "db/base/text.h"

#include <string.h>

struct frame {
    const struct frame *outer;
    const struct node *parent; /* the parent tag; the nodes within may override */
};

/* Where a name was found in the rows of a shape, since the rows of a list are asked for
 * the same names in turn. */
struct place {
    const struct shape *shape;
    const struct name *name;
    size_t column; /* shape_find() */
};

enum { PLACES = 128 };

struct render {
    const struct language *language;
    struct buf *out;
    int zone_minutes;
    bool plain, failed;
    bool line_start; /* the next byte begins a line; kept while indenting */
    unsigned depth, steps;
    const struct frame *frames;
    size_t top, indent_len;
    struct cell stack[TEMPLATE_DEPTH + 3];
    char indent[TEMPLATE_INDENT];
    struct name unit, n; /* what filters and plurals look for */
    struct place places[PLACES];
};

static void nodes_render(struct render *r, const struct node *n, const struct node *end);

static void render_inside(struct render *r, const struct node *n, const struct node *end)
{
    if (r->depth == TEMPLATE_DEPTH) {
        r->failed = true;
        return;
    }
    r->depth++;
    nodes_render(r, n, end);
    r->depth--;
}

/* `name` stands as long as the render does, and is known by its address. */
static size_t column_find(struct render *r, const struct shape *shape,
                          const struct name *name)
{
    uintptr_t key = (uintptr_t)name / sizeof *name + (uintptr_t)shape / 64;
    struct place *p = &r->places[key % PLACES];

    if (p->name != name || p->shape != shape)
        *p = (struct place) { shape, name, shape_find(shape, name) };
    return p->column;
}

static struct cell lookup_name(struct render *r, const struct name *name)
{
    for (size_t i = r->top; i-- > 0;) {
        const struct cell *at = &r->stack[i];

        if (at->kind == CELL_ROW) {
            size_t column = column_find(r, at->shape, name);

            if (column > 0 && at->cells[column - 1].kind != CELL_NONE)
                return at->cells[column - 1];
        } else if (at->kind == CELL_JSON) {
            struct cell value = cell_find(at, name);

            if (value.kind != CELL_NONE)
                return value;
        }
    }
    return (struct cell) { .kind = CELL_NONE };
}

static struct cell lookup(struct render *r, const struct path *path)
{
    struct cell value;

    if (path->count == 1)
        return lookup_name(r, &path->part[0]);
    if (path->count == 0)
        return r->stack[r->top - 1];
    value = lookup_name(r, &path->part[0]);
    for (size_t i = 1; i < path->count; i++)
        value = cell_find(&value, &path->part[i]);
    return value;
}

static bool truthy(struct cell value)
{
    switch ((enum cell_kind)value.kind) {
    case CELL_NONE:
    case CELL_NULL:
    case CELL_FALSE: return false;
    case CELL_TEXT:
    case CELL_ROWS: return value.count > 0;
    case CELL_INT: return value.i != 0;
    case CELL_REAL: return value.real < 0 || value.real > 0;
    case CELL_JSON: return json_is_object(value.json) || json_array_size(value.json) > 0;
    case CELL_TRUE:
    case CELL_ROW: break;
    }
    return true;
}

static void indent_add(struct render *r)
{
    if (r->indent_len && r->line_start)
        buf_add(r->out, r->indent, r->indent_len);
    r->line_start = false;
}

/* Lines of a template get the indentation, empty ones excepted. */
static void lines_add(struct render *r, const char *s, size_t n)
{
    while (n > 0) {
        const char *newline = memchr(s, '\n', n);
        size_t line = newline ? (size_t)(newline - s) + 1 : n;

        if (*s != '\n' && *s != '\r')
            indent_add(r);
        buf_add(r->out, s, line);
        r->line_start = newline != NULL;
        s += line;
        n -= line;
    }
}

static size_t indent_push(struct render *r, struct span indent, bool line_start)
{
    size_t before = r->indent_len;

    if (indent.len > 0 && indent.len <= TEMPLATE_INDENT - r->indent_len) {
        if (r->indent_len == 0)
            r->line_start = line_start;
        memcpy(r->indent + r->indent_len, indent.s, indent.len);
        r->indent_len += indent.len;
    }
    return before;
}

/* The unit that stands where the value does: "a.b.unit" for a.b.qty. */
static void unit_add(struct render *r, const struct path *path, struct cell qty,
                     bool escape)
{
    struct cell unit;
    size_t keep;
    const char *end;

    if (path->count > 1) {
        unit = lookup_name(r, &path->part[0]);
        for (size_t i = 1; i + 1 < path->count; i++)
            unit = cell_find(&unit, &path->part[i]);
        unit = cell_find(&unit, &r->unit);
    } else {
        unit = lookup_name(r, &r->unit);
    }
    if (unit.kind != CELL_TEXT || qty.kind != CELL_INT)
        return;
    end = text_unit_end(unit.text, qty.i, &keep);
    buf_putc(r->out, ' ');
    text_add(r->out, unit.text, keep, escape);
    buf_puts(r->out, end);
}

static void value_node(struct render *r, const struct node *n)
{
    struct cell value = lookup(r, n->path);
    bool escape = n->op == NODE_VALUE && !r->plain;

    if (r->indent_len)
        indent_add(r);
    if (n->filter == FILTER_NONE ||
        !filter_render(r->language, (enum filter)n->filter, value, r->zone_minutes,
                       escape, r->out))
        value_render(value, escape, r->out);
    if (n->filter == FILTER_AMOUNT)
        unit_add(r, n->path, value, escape);
}

static void section_node(struct render *r, const struct node *n)
{
    struct cell value = lookup(r, n->path);
    bool shown = truthy(value);

    if (n->op == NODE_INVERTED) {
        if (!shown)
            render_inside(r, n + 1, n + n->skip);
        return;
    }
    if (!shown)
        return;
    r->top++;
    if (value.kind == CELL_ROWS ||
        (value.kind == CELL_JSON && json_is_array(value.json))) {
        for (size_t i = 0, count = cell_size(value); i < count && !r->failed; i++) {
            r->stack[r->top - 1] = cell_item(value, i);
            render_inside(r, n + 1, n + n->skip);
        }
    } else {
        r->stack[r->top - 1] = value;
        render_inside(r, n + 1, n + n->skip);
    }
    r->top--;
}

static void partial_node(struct render *r, const struct node *n)
{
    const struct program *p = n->program;
    const struct frame *before = r->frames;
    struct frame frame = { before, n };
    size_t indent;

    if (n->path) {
        struct cell name = lookup(r, n->path);

        p = name.kind == CELL_TEXT ? program_find(r->language, name.text, name.count)
                                   : NULL;
    }
    if (!p)
        return;
    if (n->op == NODE_PARENT)
        r->frames = &frame;
    indent = indent_push(r, n->indent, n->standalone);
    render_inside(r, p->nodes, p->nodes + p->count);
    r->indent_len = indent;
    r->frames = before;
}

/* The outermost override of the block `name`; `*frame` is where it stands. */
static const struct node *override_find(const struct render *r, struct span name,
                                        const struct frame **frame)
{
    const struct node *found = NULL;

    for (const struct frame *f = r->frames; f; f = f->outer) {
        const struct node *end = f->parent + f->parent->skip;

        for (const struct node *n = f->parent + 1; n < end; n += n->skip)
            if (n->op == NODE_BLOCK && span_equal(n->text, name)) {
                found = n;
                *frame = f;
            }
    }
    return found;
}

static void block_node(struct render *r, const struct node *n)
{
    const struct frame *before = r->frames, *frame = NULL;
    const struct node *body = override_find(r, n->text, &frame);
    size_t indent = r->indent_len;

    if (body)
        r->frames = frame->outer;
    if (body || n->standalone)
        indent_push(r, n->indent, n->standalone);
    if (!body)
        body = n;
    render_inside(r, body + 1, body + body->skip);
    r->indent_len = indent;
    r->frames = before;
}

static void message_node(struct render *r, const struct node *n)
{
    const struct message *m = n->message;
    const struct program *p;

    if (r->indent_len)
        indent_add(r);
    if (n->path) {
        struct cell key = lookup(r, n->path);

        if (key.kind != CELL_TEXT)
            return;
        m = message_find(r->language, key.text, key.count);
        if (!m) {
            value_render(key, !r->plain, r->out);
            return;
        }
    }
    p = &m->other;
    if (m->one.nodes != m->other.nodes)
        p = message_choose(r->language, m, lookup_name(r, &r->n));
    render_inside(r, p->nodes, p->nodes + p->count);
}

static void literal_node(struct render *r, const struct node *n)
{
    text_add(r->out, n->text.s, n->text.len, !r->plain);
}

static void nodes_render(struct render *r, const struct node *n, const struct node *end)
{
    for (; n < end && !r->failed; n += n->skip) {
        if (++r->steps > TEMPLATE_STEPS || r->out->full) {
            r->failed = true;
            return;
        }
        switch ((enum node_op)n->op) {
        case NODE_TEXT:
            if (r->indent_len)
                lines_add(r, n->text.s, n->text.len);
            else
                buf_add(r->out, n->text.s, n->text.len);
            break;
        case NODE_LITERAL: literal_node(r, n); break;
        case NODE_VALUE:
        case NODE_RAW: value_node(r, n); break;
        case NODE_SECTION:
        case NODE_INVERTED: section_node(r, n); break;
        case NODE_PARTIAL:
        case NODE_PARENT: partial_node(r, n); break;
        case NODE_BLOCK: block_node(r, n); break;
        case NODE_MESSAGE: message_node(r, n); break;
        }
    }
}

bool program_render(const struct language *l, const struct program *p, int zone_minutes,
                    bool plain, const json_t *model, struct cell rows, struct buf *out)
{
    struct render r;

    r.language = l;
    r.out = out;
    r.zone_minutes = zone_minutes;
    r.plain = plain;
    r.failed = r.line_start = false;
    r.depth = r.steps = 0;
    r.frames = NULL;
    r.indent_len = 0;
    r.unit = name_of("unit", 4);
    r.n = name_of("n", 1);
    memset(r.places, 0, sizeof r.places);
    r.stack[0] = rows;
    r.stack[1] = cell_json(model);
    r.top = 2;
    nodes_render(&r, p->nodes, p->nodes + p->count);
    return !r.failed && !out->full;
}
