/* A window of 16 KB slides over the body. Content is handed on as far as it can't be the
 * start of the delimiter (CRLF, two dashes, the boundary); a CRLF that nobody sent stands
 * before the body, so that the first delimiter is like the others. What is decided never
 * depends on how the bytes were split into reads. */
#include "server/http/body_internal.h"

#include "server/http/header.h"

#include <assert.h>
#include <string.h>

enum { WINDOW = 16 * 1024, HEAD_MAX = 8 * 1024, BOUNDARY_MAX = 70 };

struct source {
    body_read *read;
    void *arg;
    char *data;
    size_t start, end; /* what is in the window and not yet used */
    size_t left;       /* bytes the limit still allows */
    char delimiter[4 + BOUNDARY_MAX];
    size_t delimiter_len;
};

static bool boundary_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("'()+_,-./:=? ", c));
}

static bool delimiter_make(struct source *s, const char *boundary)
{
    size_t n = strlen(boundary);

    if (n < 1 || n > BOUNDARY_MAX || boundary[n - 1] == ' ')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!boundary_char(boundary[i]))
            return false;
    memcpy(s->delimiter, "\r\n--", 4);
    memcpy(s->delimiter + 4, boundary, n);
    s->delimiter_len = n + 4;
    return true;
}

static bool boundary_find(struct source *s, struct arena *a, const char *content_type)
{
    static const char type[] = "multipart/form-data";
    const char *end, *at;
    struct header_param param;
    enum header_rc rc;
    bool found = false;

    if (!content_type || strlen(content_type) < strlen(type) ||
        !header_same(content_type, strlen(type), type))
        return false;
    end = content_type + strlen(content_type);
    at = content_type + strlen(type);
    while ((rc = header_param_next(a, &at, end, &param)) == HEADER_OK) {
        if (!header_same(param.name, param.name_len, "boundary"))
            continue;
        if (found || !delimiter_make(s, param.value))
            return false;
        found = true;
    }
    return found && rc == HEADER_END;
}

static enum body_rc source_fill(struct source *s)
{
    char beyond;
    size_t room;
    ssize_t got;

    if (!s->left)
        return s->read(s->arg, &beyond, 1) > 0 ? BODY_TOO_LARGE : BODY_SHORT;
    if (s->end == WINDOW) {
        memmove(s->data, s->data + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
    }
    room = WINDOW - s->end;
    assert(room > 0);
    got = s->read(s->arg, s->data + s->end, room < s->left ? room : s->left);
    if (got <= 0)
        return BODY_SHORT;
    s->end += (size_t)got;
    s->left -= (size_t)got;
    return BODY_OK;
}

/* Header lines up to and with the empty one; `used` counts them without it. */
static enum body_rc head_find(struct source *s, size_t *used)
{
    size_t from = 0;

    for (;;) {
        const char *at = s->data + s->start;
        size_t have = s->end - s->start < HEAD_MAX ? s->end - s->start : HEAD_MAX;
        const char *hit = memmem(at + from, have - from, "\r\n\r\n", 4);
        enum body_rc rc;

        if (hit) {
            *used = (size_t)(hit - at) + 2;
            return BODY_OK;
        }
        if (have == HEAD_MAX)
            return BODY_TOO_LARGE;
        from = have > 3 ? have - 3 : 0;
        rc = source_fill(s);
        if (rc != BODY_OK)
            return rc;
    }
}

/* Hands on what stands before the next delimiter and steps behind that. */
static enum body_rc content_read(struct source *s, struct upload *u)
{
    for (;;) {
        const char *at = s->data + s->start;
        size_t have = s->end - s->start;
        const char *hit = memmem(at, have, s->delimiter, s->delimiter_len);
        size_t keep = have < s->delimiter_len - 1 ? have : s->delimiter_len - 1;
        size_t n = hit ? (size_t)(hit - at) : have - keep;
        enum body_rc rc = upload_add(u, at, n);

        s->start += n;
        if (rc != BODY_OK)
            return rc;
        if (hit) {
            s->start += s->delimiter_len;
            return upload_end(u);
        }
        rc = source_fill(s);
        if (rc != BODY_OK)
            return rc;
    }
}

static enum body_rc source_need(struct source *s, size_t n)
{
    enum body_rc rc = BODY_OK;

    while (rc == BODY_OK && s->end - s->start < n)
        rc = source_fill(s);
    return rc;
}

/* The two bytes behind a delimiter: a line's end before one more part, or dashes. */
static enum body_rc delimiter_tail(struct source *s, bool *last)
{
    enum body_rc rc = source_need(s, 2);
    const char *at = s->data + s->start;

    if (rc != BODY_OK)
        return rc;
    *last = !memcmp(at, "--", 2);
    if (!*last && memcmp(at, "\r\n", 2))
        return BODY_MALFORMED;
    s->start += 2;
    return BODY_OK;
}

/* Nothing may follow but a line's end. */
static enum body_rc epilogue_check(struct source *s)
{
    enum body_rc rc = source_need(s, 3);
    size_t have = s->end - s->start;

    if (rc == BODY_TOO_LARGE)
        return rc;
    if (have == 0 || (have == 2 && !memcmp(s->data + s->start, "\r\n", 2)))
        return BODY_OK;
    return BODY_MALFORMED;
}

static enum body_rc part_read(struct source *s, struct upload *u)
{
    size_t head;
    enum body_rc rc = source_need(s, 2);

    if (rc == BODY_OK && !memcmp(s->data + s->start, "\r\n", 2))
        return BODY_MALFORMED;
    if (rc == BODY_OK)
        rc = head_find(s, &head);
    if (rc == BODY_OK)
        rc = part_head_parse(u, s->data + s->start, head);
    if (rc != BODY_OK)
        return rc;
    s->start += head + 2;
    rc = upload_start(u);
    return rc == BODY_OK ? content_read(s, u) : rc;
}

static enum body_rc parts_read(struct source *s, struct upload *u)
{
    const struct body_limits *limits = u->maker->limits;
    bool last = false;
    enum body_rc rc = source_need(s, s->delimiter_len);

    if (rc != BODY_OK)
        return rc;
    if (memcmp(s->data, s->delimiter, s->delimiter_len))
        return BODY_MALFORMED;
    s->start = s->delimiter_len;
    rc = delimiter_tail(s, &last);
    for (size_t seen = 0; rc == BODY_OK && !last; seen++) {
        /* Inputs left empty are not counted as files, but they are not endless either. */
        if (seen > limits->fields && seen - limits->fields > limits->files + 16)
            return BODY_TOO_MANY;
        rc = part_read(s, u);
        if (rc == BODY_OK)
            rc = delimiter_tail(s, &last);
    }
    return rc == BODY_OK ? epilogue_check(s) : rc;
}

enum body_rc multipart_read(struct arena *a, const char *content_type, body_read *read,
                            void *arg, const struct body_limits *limits, const char *dir,
                            struct form *out)
{
    struct form_maker maker;
    struct upload upload = { .maker = &maker, .dir = dir, .fd = -1 };
    struct source source = { .read = read, .arg = arg, .left = limits->bytes, .end = 2 };
    enum body_rc rc;

    memset(out, 0, sizeof *out);
    if (!boundary_find(&source, a, content_type))
        return BODY_MALFORMED;
    form_start(&maker, a, limits);
    source.data = arena_bytes(a, WINDOW);
    memcpy(source.data, "\r\n", 2);
    rc = parts_read(&source, &upload);
    upload_abandon(&upload);
    if (rc == BODY_OK)
        form_end(&maker, out);
    return rc;
}
