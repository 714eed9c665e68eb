/* The header lines of one part: Content-Disposition must be there once, Content-Type may
 * be, Content-Transfer-Encoding must not; others are ignored. */
#include "server/http/body_internal.h"

#include "db/base/text.h"
#include "server/http/header.h"

#include <string.h>

enum { HEAD_LINES = 16, FILE_NAME = 120, TYPE_NAME = 100 };

/* Bytes of the character at `s` that has no place in a file's name; 0 when it has. Those
 * that turn the reading direction make "exe.jpg" of "gpj.exe". Joiners stay: Hindi needs
 * them. */
static size_t unwanted(const char *s)
{
    unsigned char a = (unsigned char)s[0];
    unsigned char b = a ? (unsigned char)s[1] : 0;
    unsigned char c = b ? (unsigned char)s[2] : 0;

    if (a < ' ' || a == 0x7f)
        return 1;
    if (a == 0xc2 && b < 0xa0)
        return 2;
    if (a == 0xe2 && b == 0x80 && (c == 0x8e || c == 0x8f || (c >= 0xa8 && c <= 0xae)))
        return 3;
    if (a == 0xe2 && b == 0x81 && c >= 0xa6 && c <= 0xa9)
        return 3;
    return a == 0xef && b == 0xbb && c == 0xbf ? 3 : 0;
}

const char *file_name_clean(struct arena *a, const char *s)
{
    struct buf name = buf_new(a, 128, 16 * 1024);
    const char *clean;
    size_t n;

    for (const char *c = s; *c; c++)
        if (*c == '/' || *c == '\\')
            s = c + 1;
    while (*s) {
        size_t skip = unwanted(s);

        if (!skip)
            buf_putc(&name, strchr("<>:\"|?*", *s) ? '_' : *s);
        s += skip ? skip : 1;
    }
    clean = text_trim(a, name.data, name.len, false);
    while (*clean == '.' || *clean == ' ')
        clean++;
    n = strlen(clean);
    if (n > FILE_NAME)
        for (n = FILE_NAME; ((unsigned char)clean[n] & 0xc0) == 0x80;)
            n--;
    return n ? arena_dupn(a, clean, n) : "file";
}

static bool part_disposition(struct upload *u, const char *s, const char *end)
{
    struct arena *a = u->maker->arena;
    struct part *p = &u->part;
    struct header_param param;
    enum header_rc rc;
    const char *type = s;

    if (p->name)
        return false;
    while (s < end && header_is_token(*s))
        s++;
    if (!header_same(type, (size_t)(s - type), "form-data"))
        return false;
    while ((rc = header_param_next(a, &s, end, &param)) == HEADER_OK) {
        if (header_same(param.name, param.name_len, "name")) {
            if (p->name)
                return false;
            p->name = param.value;
            p->name_len = strlen(param.value);
        } else if (header_same(param.name, param.name_len, "filename")) {
            if (p->is_file)
                return false;
            p->is_file = true;
            u->nameless = !*param.value;
            p->file_name = file_name_clean(a, param.value);
        }
    }
    return rc == HEADER_END && p->name_len > 0;
}

/* type/subtype in lower case; what is no such thing becomes bytes of no known type. */
static bool part_type(struct upload *u, const char *s, const char *end)
{
    const char *stop = s;
    size_t slashes = 0;
    char *type;

    if (u->part.content_type)
        return false;
    for (; stop < end && (header_is_token(*stop) || *stop == '/'); stop++)
        slashes += *stop == '/';
    if (slashes != 1 || *s == '/' || stop[-1] == '/' || stop - s > TYPE_NAME)
        return true;
    type = arena_dupn(u->maker->arena, s, (size_t)(stop - s));
    for (char *c = type; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 'a' - 'A');
    u->part.content_type = type;
    return true;
}

static bool part_line(struct upload *u, const char *s, size_t n)
{
    const char *end = s + n;
    size_t name = 0;

    while (name < n && header_is_token(s[name]))
        name++;
    if (!name || name == n || s[name] != ':')
        return false;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (n = name + 1; s + n < end && (s[n] == ' ' || s[n] == '\t');)
        n++;
    if (header_same(s, name, "Content-Disposition"))
        return part_disposition(u, s + n, end);
    if (header_same(s, name, "Content-Type"))
        return part_type(u, s + n, end);
    return !header_same(s, name, "Content-Transfer-Encoding");
}

enum body_rc part_head_parse(struct upload *u, const char *s, size_t n)
{
    struct part *p = &u->part;
    const char *end = s + n;
    int lines = 0;

    memset(p, 0, sizeof *p);
    u->nameless = false;
    if (!text_valid(s, n))
        return BODY_MALFORMED;
    while (s < end) {
        const char *stop = memchr(s, '\r', (size_t)(end - s));

        if (!stop || stop + 1 == end || stop[1] != '\n' ||
            memchr(s, '\n', (size_t)(stop - s)))
            return BODY_MALFORMED;
        if (++lines > HEAD_LINES)
            return BODY_TOO_LARGE;
        if (!part_line(u, s, (size_t)(stop - s)))
            return BODY_MALFORMED;
        s = stop + 2;
    }
    if (!p->name)
        return BODY_MALFORMED;
    if (p->is_file && !p->content_type)
        p->content_type = "application/octet-stream";
    return p->name_len > u->maker->limits->name ? BODY_TOO_LARGE : BODY_OK;
}
