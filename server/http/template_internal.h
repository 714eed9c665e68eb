/* What the parts of the template engine share: the compiled form of templates and texts.
 */
#ifndef TEMPLATE_INTERNAL_H
#define TEMPLATE_INTERNAL_H

#include "template.h"

#include <stdint.h>

enum {
    TEMPLATE_DEPTH = 64,      /* sections, partials and blocks within each other */
    TEMPLATE_STEPS = 4000000, /* nodes a page may visit: ends runaway templates */
    TEMPLATE_INDENT = 256     /* bytes of indentation; more is left out */
};

enum node_op {
    NODE_TEXT,    /* bytes as they are */
    NODE_LITERAL, /* a text's own words: escaped in pages, not in messages */
    NODE_VALUE,   /* path, filter */
    NODE_RAW,     /* the same unescaped */
    NODE_SECTION, /* path; the nodes within */
    NODE_INVERTED,
    NODE_PARTIAL, /* program, or path when the name is dynamic; indent */
    NODE_PARENT,  /* the same; the blocks among the nodes within override */
    NODE_BLOCK,   /* name; indent; the nodes within are the default */
    NODE_MESSAGE  /* message, or path when the key is dynamic */
};

enum filter {
    FILTER_NONE,
    FILTER_MONEY,
    FILTER_RUPEES,
    FILTER_QTY,
    FILTER_AMOUNT, /* FILTER_QTY with the `unit` beside the value */
    FILTER_TIME,
    FILTER_DATE,
    FILTER_DAY,
    FILTER_PHONE, /* in a text, wherever a number of India stands */
    FILTER_URL,
    FILTER_JSON
};

struct span {
    const char *s;
    size_t len;
};

/* a.b.c; no parts for the implicit iterator. */
struct path {
    size_t count;
    struct name part[];
};

struct node {
    uint8_t op;
    uint8_t filter;
    bool standalone;  /* a block or partial alone on its line */
    uint32_t skip;    /* distance to the next node beside this one */
    struct span text; /* bytes, or a block's name */
    struct span indent;
    const struct path *path;
    union {
        const struct program *program;
        const struct message *message;
    };
};

struct program {
    const char *name; /* "orders/show" */
    const char *file; /* for errors */
    struct span source;
    const struct node *nodes;
    size_t count;
};

/* A text; the variants are the same program when the text has no plural. */
struct message {
    const char *key;
    struct program one, other;
};

struct language {
    const char *code;
    const char *file;
    struct program *programs; /* sorted by name */
    size_t program_count;
    struct message *messages; /* sorted by key */
    size_t message_count;
    struct span months[12], weekdays[7];
    struct span parts[24]; /* of the day, hour by hour: "pm", "शाम" */
    bool zero_is_one; /* the plural form of 0 is "one" */
    bool part_first;  /* "शाम 4:30", else "4:30 pm" */
};

struct templates {
    struct arena *arena;
    struct language *languages; /* "en" first */
    size_t language_count;
    const char **codes;
};

struct delimiters {
    struct span open, close;
};

struct tag {
    char kind;    /* v & # ^ / > < $ ! = ~ */
    bool dynamic; /* {{>*name}} */
    struct span name;
    enum filter filter;
    const char *end; /* behind the closing delimiter */
};

/* Errors are collected, a line each, for as long as there is room. */
struct errors {
    char *text;
    size_t size, len;
    size_t count;
};

void errors_add(struct errors *e, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

struct span span_of(const char *s);
bool span_equal(struct span a, struct span b);

/* As strcmp, for a name of `len` bytes that ends nowhere. */
int name_order(const char *name, size_t len, const char *other);

struct program *program_find(const struct language *l, const char *name, size_t len);
struct message *message_find(const struct language *l, const char *key, size_t len);

bool space(char c);
bool starts(const char *p, const char *end, struct span with);
struct span trimmed(const char *from, const char *to);
const char *blanks_skip(const char *p, const char *end); /* spaces and tabs */

/* Behind the line's end at `p`; `p` at the end of the source, else NULL. */
const char *line_end(const char *p, const char *end);

/* The tag at `p`, where its opening delimiter is. Returns NULL or what is wrong, a format
 * for the tag's name (for the whole tag, when tag->end is NULL). */
const char *tag_parse(const char *p, const char *end, struct delimiters d,
                      struct tag *tag);

/* Whether the line at `p` stands alone: it has one tag of a kind that shows nothing where
 * it stands, or several of inheritance. `*content`: it begins with a parent tag and has
 * more, which may be anything, since what counts there are only the blocks. */
bool line_standalone(const char *p, const char *end, struct delimiters d, bool *content);

/* The name a.b.c (or "."); NULL when it isn't one. Borrows from the arena. */
const struct path *path_parse(struct arena *a, struct span name);

/* The filter called so, or -1. */
int filter_find(struct span name);

/* Compiles p->source. With `strict` a partial that doesn't exist is an error. */
void program_compile(struct arena *a, const struct language *l, struct program *p,
                     bool strict, struct errors *errors);

/* Compiles the texts of a flat JSON object into l->messages, and the language's calendar.
 */
void messages_compile(struct arena *a, struct language *l, const json_t *texts,
                      struct errors *errors);
void calendar_compile(struct language *l, struct errors *errors);

/* Renders into `out`; `plain`: without escaping. What `model` lacks is looked for in
 * `rows`. False when it didn't fit or went too deep. */
bool program_render(const struct language *l, const struct program *p, int zone_minutes,
                    bool plain, const json_t *model, struct cell rows, struct buf *out);
const struct program *message_choose(const struct language *l, const struct message *m,
                                     struct cell n);

/* Appends `value` formatted; returns false when `filter` doesn't apply to it. */
bool filter_render(const struct language *l, enum filter filter, struct cell value,
                   int zone_minutes, bool escape, struct buf *out);

/* Appends text, escaped for HTML or not. */
void text_add(struct buf *out, const char *s, size_t n, bool escape);

/* Appends a value as it is, escaped for HTML or not; nothing for objects and lists. */
void value_render(struct cell value, bool escape, struct buf *out);

#endif
