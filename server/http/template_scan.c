/* The source's lines and tags, as far as one can tell by looking at them alone. */
#include "template_internal.h"

#include <string.h>

enum { LINE_TAGS = 16 };

static bool blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

bool space(char ch)
{
    return blank(ch) || ch == '\n' || ch == '\r';
}

const char *blanks_skip(const char *p, const char *end)
{
    while (p < end && blank(*p))
        p++;
    return p;
}

const char *line_end(const char *p, const char *end)
{
    if (p == end)
        return p;
    if (*p == '\n')
        return p + 1;
    return *p == '\r' && p + 1 < end && p[1] == '\n' ? p + 2 : NULL;
}

bool starts(const char *p, const char *end, struct span with)
{
    return with.len == 0 ||
           ((size_t)(end - p) >= with.len && memcmp(p, with.s, with.len) == 0);
}

struct span trimmed(const char *from, const char *to)
{
    while (from < to && space(*from))
        from++;
    while (to > from && space(to[-1]))
        to--;
    return (struct span) { from, (size_t)(to - from) };
}

static const char *find(const char *p, const char *end, char before, struct span close)
{
    for (; (p = memmem(p, (size_t)(end - p), close.s, close.len)) != NULL; p++)
        if (!before || p[-1] == before)
            return p;
    return NULL;
}

/* {{{name}}} closes with a brace more, {{=a b=}} with an equals sign before. */
static const char *tag_close(const char *p, const char *end, char kind, struct span close)
{
    const char *at;

    if (kind == '=')
        return p < end ? find(p + 1, end, '=', close) : NULL;
    if (kind != '{')
        return find(p, end, 0, close);
    for (at = p; (at = memchr(at, '}', (size_t)(end - at))) != NULL; at++)
        if (starts(at + 1, end, close))
            return at;
    return NULL;
}

static bool tag_filter(struct tag *tag)
{
    const char *bar = memchr(tag->name.s, '|', tag->name.len);
    const char *end = tag->name.s + tag->name.len;
    int filter;

    if (!bar || (tag->kind != 'v' && tag->kind != '&'))
        return true;
    filter = filter_find(trimmed(bar + 1, end));
    tag->name = trimmed(tag->name.s, bar);
    tag->filter = filter < 0 ? FILTER_NONE : (enum filter)filter;
    return filter >= 0;
}

const char *tag_parse(const char *p, const char *end, struct delimiters d,
                      struct tag *tag)
{
    const char *from = p + d.open.len, *close;
    char kind = from < end && *from && strchr("{&#^/>=<$!~", *from) ? *from++ : 'v';

    *tag = (struct tag) { .kind = kind == '{' ? '&' : kind };
    close = tag_close(from, end, kind, d.close);
    if (!close)
        return "a tag is not closed: %.*s";
    tag->end = close + d.close.len + (kind == '{' ? 1 : 0);
    tag->name = trimmed(from, kind == '=' ? close - 1 : close);
    if (strchr("></~", kind) && tag->name.len > 0 && tag->name.s[0] == '*') {
        tag->dynamic = true;
        tag->name = trimmed(tag->name.s + 1, close);
    }
    if (kind == '!' || kind == '=')
        return NULL;
    if (!tag_filter(tag))
        return "unknown filter for %.*s";
    if (tag->name.len == 0)
        return "a tag without a name%.*s";
    for (size_t i = 0; i < tag->name.len; i++)
        if (space(tag->name.s[i]) || tag->name.s[i] == '\0')
            return "white space in the name %.*s";
    return NULL;
}

/* What the look ahead at a line has seen. */
struct line {
    const char *p, *end;
    struct delimiters delimiters;
    char opened[LINE_TAGS];
    size_t depth, tags;
    bool several; /* tags that may stand together */
    char first, last;
};

static bool line_in_parent(const struct line *l)
{
    return memchr(l->opened, '<', l->depth) != NULL;
}

/* Takes in a tag; false when the line can't stand alone with it. A block that opens and
 * closes on the line is shown there, unless a parent tag is around it. */
static bool line_tag(struct line *l)
{
    struct tag tag;
    bool inside = line_in_parent(l);

    if (l->tags++ == LINE_TAGS || tag_parse(l->p, l->end, l->delimiters, &tag))
        return false;
    l->p = blanks_skip(tag.end, l->end);
    l->last = tag.kind;
    l->first = l->first ? l->first : tag.kind;
    if (tag.kind == '=' && !line_end(l->p, l->end))
        return false;
    if (tag.kind == '/' && l->depth > 0)
        return l->opened[--l->depth] != '$' || line_in_parent(l);
    if (strchr("#^<$", tag.kind))
        l->opened[l->depth++] = tag.kind;
    l->several = l->several && (inside || strchr("<$/", tag.kind));
    return inside || !strchr("v&~", tag.kind);
}

bool line_standalone(const char *p, const char *end, struct delimiters d, bool *content)
{
    struct line l = {
        .p = blanks_skip(p, end), .end = end, .delimiters = d, .several = true
    };

    while (!line_end(l.p, end)) {
        if (starts(l.p, end, d.open)) {
            if (!line_tag(&l))
                return false;
        } else {
            if (!line_in_parent(&l))
                return false;
            l.p = blanks_skip(l.p + 1, end);
            l.last = ' ';
        }
    }
    *content = l.first == '<' && l.tags > 1;
    if (*content && l.depth > 0 && l.opened[l.depth - 1] != '<' && l.last != '$')
        return false;
    return l.tags == 1 || (l.tags > 1 && l.several);
}
