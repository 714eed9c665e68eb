/* Source to nodes, in one pass from line to line. At the start of each line it looks
 * ahead whether only tags stand on it: then the blanks around them and the line's end are
 * left out (the specification's "standalone"). Text between two tags is gathered, texts
 * of the language included, and becomes one node.
 *
 * A block that begins with a line's end loses its lines' common indentation here, and
 * gets that of the place where it is shown when it is rendered. */
#include "template_internal.h"

#include <string.h>

enum { DELIMITER_MAX = 16, FIRST_NODES = 32 };

struct open_tag {
    struct open_tag *outer;
    uint32_t node;
    char kind;
    bool dynamic;
    struct span name;
    int line;
    struct span dedent; /* of the lines around it */
};

struct compiler {
    struct arena *arena;
    const struct language *language;
    struct program *program;
    struct errors *errors;
    bool strict, failed;
    const char *p, *end;
    int line;
    struct delimiters delimiters;
    struct node *nodes;
    size_t count, size;
    struct buf text;
    struct open_tag *open;
    struct span dedent; /* left out at the start of each line */
    struct span lead;   /* blanks at the line's start while nothing else came */
};

static void fail(struct compiler *c, const char *message, struct span what)
{
    errors_add(c->errors, c->program->file, c->line, message, (int)what.len, what.s);
    c->failed = true;
}

static void complain(struct compiler *c, const char *message, struct span what)
{
    fail(c, message, what);
    c->failed = false; /* worth going on: the next line may have another one */
}

static void text_flush(struct compiler *c);

static struct node *node_add(struct compiler *c, enum node_op op)
{
    struct node *n;

    if (op != NODE_TEXT)
        text_flush(c);
    if (c->count == c->size) {
        struct node *grown = arena_alloc(c->arena, c->size * 2, sizeof *grown);

        memcpy(grown, c->nodes, c->count * sizeof *grown);
        c->nodes = grown;
        c->size *= 2;
    }
    n = &c->nodes[c->count++];
    *n = (struct node) { .op = (uint8_t)op, .skip = 1 };
    return n;
}

static void text_flush(struct compiler *c)
{
    struct node *n;

    if (c->text.len == 0)
        return;
    n = node_add(c, NODE_TEXT);
    n->text.s = arena_dupn(c->arena, c->text.data, c->text.len);
    n->text.len = c->text.len;
    c->text.len = 0;
}

static const struct path *tag_path(struct compiler *c, struct span name)
{
    const struct path *path = path_parse(c->arena, name);

    if (!path)
        complain(c, "bad name %.*s", name);
    return path;
}

/* A text without placeholders becomes part of the text around it. */
static void message_add(struct compiler *c, const struct tag *tag)
{
    const struct message *m;
    struct node *n;

    if (tag->dynamic) {
        n = node_add(c, NODE_MESSAGE);
        n->path = tag_path(c, tag->name);
        return;
    }
    m = message_find(c->language, tag->name.s, tag->name.len);
    if (!m) {
        errors_add(c->errors, c->program->file, c->line, "no text \"%.*s\" in %s",
                   (int)tag->name.len, tag->name.s, c->language->file);
    } else if (m->one.nodes == m->other.nodes && m->other.count == 1 &&
               m->other.nodes->op == NODE_LITERAL) {
        buf_html(&c->text, m->other.nodes->text.s, m->other.nodes->text.len);
    } else {
        n = node_add(c, NODE_MESSAGE);
        n->message = m;
    }
}

static struct node *partial_add(struct compiler *c, const struct tag *tag,
                                bool standalone)
{
    struct node *n = node_add(c, tag->kind == '>' ? NODE_PARTIAL : NODE_PARENT);

    n->standalone = standalone;
    if (standalone)
        n->indent = c->lead;
    if (tag->dynamic) {
        n->path = tag_path(c, tag->name);
        return n;
    }
    n->program = program_find(c->language, tag->name.s, tag->name.len);
    if (!n->program && c->strict)
        complain(c, "no template %.*s", tag->name);
    return n;
}

static void section_open(struct compiler *c, const struct tag *tag)
{
    struct open_tag *o = arena_alloc(c->arena, 1, sizeof *o);

    *o = (struct open_tag) { .outer = c->open,
                             .node = (uint32_t)(c->count - 1),
                             .kind = tag->kind,
                             .dynamic = tag->dynamic,
                             .name = tag->name,
                             .line = c->line,
                             .dedent = c->dedent };
    c->open = o;
}

static void section_close(struct compiler *c, const struct tag *tag)
{
    struct open_tag *o = c->open;

    if (!o) {
        fail(c, "nothing is open that %.*s could close", tag->name);
    } else if (o->dynamic != tag->dynamic || !span_equal(o->name, tag->name)) {
        errors_add(c->errors, c->program->file, c->line,
                   "\"%.*s\" of line %d is open here", (int)o->name.len, o->name.s,
                   o->line);
        c->failed = true;
    } else {
        text_flush(c);
        c->nodes[o->node].skip = (uint32_t)(c->count - o->node);
        c->dedent = o->dedent;
        c->open = o->outer;
    }
}

/* The blanks that begin the first line with something on it; false when that is the
 * block's end. */
static bool body_indent(const struct compiler *c, const char *p, struct span *indent)
{
    const struct span open = c->delimiters.open;
    const char *word = blanks_skip(p, c->end), *next;

    while (word < c->end && (next = line_end(word, c->end)) != NULL) {
        p = next;
        word = blanks_skip(p, c->end);
    }
    *indent = (struct span) { p, (size_t)(word - p) };
    return word < c->end && !(starts(word, c->end, open) && word + open.len < c->end &&
                              word[open.len] == '/');
}

static void block_open(struct compiler *c, const struct tag *tag, bool standalone)
{
    struct node *n = node_add(c, NODE_BLOCK);
    const char *body = line_end(blanks_skip(tag->end, c->end), c->end);
    struct span indent;

    n->text = tag->name;
    n->indent = c->lead;
    section_open(c, tag);
    if (!standalone || !body)
        return;
    n->standalone = true;
    if (!body_indent(c, body, &indent))
        return;
    n->indent.len = 0;
    if (starts(indent.s, indent.s + indent.len, c->dedent)) {
        n->indent = (struct span) { indent.s + c->dedent.len,
                                    indent.len - c->dedent.len };
        c->dedent = indent;
    }
}

static void delimiters_set(struct compiler *c, const struct tag *tag)
{
    const char *p = tag->name.s, *end = p + tag->name.len, *q = p;
    struct delimiters d;

    while (q < end && !space(*q))
        q++;
    d.open = (struct span) { p, (size_t)(q - p) };
    d.close = trimmed(q, end);
    for (size_t i = 0; i < d.close.len; i++)
        if (space(d.close.s[i]))
            d.close.len = 0;
    if (d.open.len == 0 || d.close.len == 0 || d.open.len > DELIMITER_MAX ||
        d.close.len > DELIMITER_MAX || memchr(p, '=', tag->name.len))
        fail(c, "bad delimiters %.*s", tag->name);
    else
        c->delimiters = d;
}

static void tag_add(struct compiler *c, const struct tag *tag, bool standalone)
{
    struct node *n;

    switch (tag->kind) {
    case '!': break;
    case '=': delimiters_set(c, tag); break;
    case '/': section_close(c, tag); break;
    case '~': message_add(c, tag); break;
    case '>': partial_add(c, tag, standalone); break;
    case '<':
        partial_add(c, tag, standalone);
        section_open(c, tag);
        break;
    case '$': block_open(c, tag, standalone); break;
    case '#':
    case '^':
        n = node_add(c, tag->kind == '#' ? NODE_SECTION : NODE_INVERTED);
        n->path = tag_path(c, tag->name);
        section_open(c, tag);
        break;
    default:
        n = node_add(c, tag->kind == '&' ? NODE_RAW : NODE_VALUE);
        n->filter = (uint8_t)tag->filter;
        n->path = tag_path(c, tag->name);
    }
}

/* Reads the tag at c->p, which begins with the opening delimiter. */
static void tag_read(struct compiler *c, bool standalone)
{
    struct tag tag;
    const char *wrong = tag_parse(c->p, c->end, c->delimiters, &tag);

    if (wrong) {
        const char *newline = memchr(c->p, '\n', (size_t)(c->end - c->p));
        struct span line = { c->p, (size_t)((newline ? newline : c->end) - c->p) };

        fail(c, wrong, tag.end ? tag.name : line);
        return;
    }
    tag_add(c, &tag, standalone);
    for (const char *p = c->p; p < tag.end; p++)
        c->line += *p == '\n';
    c->p = tag.end;
}

static void line_of_tags(struct compiler *c, bool content)
{
    const char *next = NULL;

    while (!c->failed) {
        const char *word = blanks_skip(c->p, c->end);

        if ((next = line_end(word, c->end)) != NULL)
            break;
        if (content && c->lead.len == 0)
            buf_add(&c->text, c->p, (size_t)(word - c->p));
        c->p = word;
        if (starts(c->p, c->end, c->delimiters.open)) {
            tag_read(c, true);
            c->lead.len = 0;
        } else {
            buf_add(&c->text, c->p++, 1);
        }
    }
    if (!c->failed) {
        c->line += next > c->p;
        c->p = next;
    }
}

static void line_of_text(struct compiler *c)
{
    const char *newline = memchr(c->p, '\n', (size_t)(c->end - c->p));
    const char *stop = newline ? newline + 1 : c->end;

    while (!c->failed && c->p < stop) {
        const char *at = memmem(c->p, (size_t)(stop - c->p), c->delimiters.open.s,
                                c->delimiters.open.len);

        if (!at) {
            buf_add(&c->text, c->p, (size_t)(stop - c->p));
            c->line += newline != NULL;
            c->p = stop;
            return;
        }
        if (at > c->lead.s + c->lead.len)
            c->lead.len = 0;
        buf_add(&c->text, c->p, (size_t)(at - c->p));
        c->p = at;
        tag_read(c, false);
        c->lead.len = 0;
        if (c->p > stop) { /* the tag went on over the line's end */
            newline = memchr(c->p, '\n', (size_t)(c->end - c->p));
            stop = newline ? newline + 1 : c->end;
        }
    }
}

static void line_read(struct compiler *c)
{
    const char *p = c->p;
    bool content;

    for (size_t i = 0; i < c->dedent.len && p < c->end && *p == c->dedent.s[i]; i++)
        p++;
    c->p = p;
    c->lead = (struct span) { p, (size_t)(blanks_skip(p, c->end) - p) };
    if (line_standalone(c->p, c->end, c->delimiters, &content))
        line_of_tags(c, content);
    else
        line_of_text(c);
}

void program_compile(struct arena *a, const struct language *l, struct program *p,
                     bool strict, struct errors *errors)
{
    struct compiler c = { .arena = a,
                          .language = l,
                          .program = p,
                          .errors = errors,
                          .strict = strict,
                          .p = p->source.s,
                          .end = p->source.s + p->source.len,
                          .line = 1,
                          .delimiters = { { "{{", 2 }, { "}}", 2 } },
                          .text = buf_new(a, 1024, (size_t)1 << 30),
                          .nodes = arena_alloc(a, FIRST_NODES, sizeof(struct node)),
                          .size = FIRST_NODES };

    while (!c.failed && c.p < c.end)
        line_read(&c);
    if (!c.failed && c.open) {
        c.line = c.open->line;
        fail(&c, "%.*s is never closed", c.open->name);
    }
    text_flush(&c);
    p->nodes = c.nodes;
    p->count = c.count;
}
