/* Any bytes as an upload, read twice: as much at a time as fits, then in pieces of random
 * size; both must come to the same. To get far quickly, the first byte may ask for
 * headers to stand in front and a last boundary behind, and "~" and a digit stand for
 * many bytes, so that small inputs reach the disk. */
#include "server/http/body.h"

#include "db/base/buf.h"
#include "db/base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct body_limits limits = { .bytes = 600 * 1024,
                                           .fields = 6,
                                           .name = 24,
                                           .value = 2048,
                                           .file = 200 * 1024,
                                           .files = 3 };

struct feed {
    const char *data;
    size_t size, at;
    uint32_t random; /* 0: as much as fits */
};

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static ssize_t feed_read(void *arg, char *to, size_t size)
{
    struct feed *f = arg;
    size_t n = f->size - f->at;

    expect(size > 0);
    if (n > size)
        n = size;
    if (f->random) {
        size_t most;

        f->random = f->random * 1664525 + 1013904223;
        most = f->random >> 30 ? 1 + (f->random >> 8) % 40 : 1 + (f->random >> 8) % 20000;
        f->random |= 1;
        if (n > most)
            n = most;
    }
    if (n)
        memcpy(to, f->data + f->at, n);
    f->at += n;
    return (ssize_t)n;
}

static const char *body_make(struct arena *a, const uint8_t *data, size_t size, size_t *n)
{
    static const char *const heads[] = {
        "",
        "--b\r\n",
        "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        "--b\r\nContent-Disposition: form-data; name=a; filename=\"",
        "--b\r\nContent-Disposition: form-data; name=a; filename=x\r\n\r\n",
    };
    struct buf b = buf_new(a, 4096, 1 << 20);
    int mode = size ? data[0] : 0;

    buf_puts(&b, heads[mode % 5]);
    for (size_t i = 1; i < size; i++) {
        if (data[i] == '~' && i + 1 < size && data[i + 1] >= '0' && data[i + 1] <= '9') {
            size_t run = (size_t)5000 * (size_t)(data[++i] - '0' + 1);
            char *to = buf_reserve(&b, run);

            if (to) {
                memset(to, 'x', run);
                b.len += run;
            }
        } else {
            buf_putc(&b, (char)data[i]);
        }
    }
    if (mode & 128)
        buf_puts(&b, "\r\n--b--\r\n");
    *n = b.len;
    return b.data;
}

static void part_check(const struct part *p)
{
    struct stat st;

    expect(p->name_len && p->name_len <= limits.name && strlen(p->name) == p->name_len);
    expect(text_valid(p->name, p->name_len));
    if (!p->is_file) {
        expect(p->value_len <= limits.value && strlen(p->value) == p->value_len);
        expect(text_valid(p->value, p->value_len) && !p->path && !p->file_name);
        return;
    }
    expect(p->size >= 0 && (size_t)p->size <= limits.file && p->content_type != NULL);
    expect(*p->file_name && strlen(p->file_name) <= 120);
    expect(!strpbrk(p->file_name, "/\\\"\r\n\t"));
    expect(text_valid(p->file_name, strlen(p->file_name)));
    if (p->path)
        expect(!stat(p->path, &st) && st.st_size == p->size && p->size > 65536);
    else
        expect(p->size <= 65536 && p->value_len == (size_t)p->size);
}

static void forms_compare(const struct form *x, const struct form *y)
{
    expect(x->count == y->count && !memcmp(x->digest, y->digest, BODY_DIGEST));
    for (size_t i = 0; i < x->count; i++) {
        const struct part *p = &x->parts[i], *q = &y->parts[i];

        part_check(p);
        part_check(q);
        expect(p->size == q->size && p->is_file == q->is_file && !p->path == !q->path);
        expect(!strcmp(p->name, q->name) && !memcmp(p->head, q->head, sizeof p->head));
        if (!p->path)
            expect(!memcmp(p->value, q->value, p->value_len));
        if (p->is_file)
            expect(!strcmp(p->file_name, q->file_name));
    }
}

static enum body_rc body_parse(struct arena *a, struct feed feed, struct form *form)
{
    return multipart_read(a, "multipart/form-data; boundary=b", feed_read, &feed, &limits,
                          "/tmp", form);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a;
    struct feed feed = { 0 };
    struct form whole, split;
    enum body_rc rc;

    if (sodium_init() < 0)
        abort();
    a = arena_new();
    feed.data = body_make(a, data, size, &feed.size);
    rc = body_parse(a, feed, &whole);
    feed.random = 1 + (uint32_t)size * 7919 + (size ? data[size - 1] : 0);
    expect(rc != BODY_FAILED && body_parse(a, feed, &split) == rc);
    forms_compare(&whole, &split);
    if (size) {
        char *type = arena_printf(a, "multipart/form-data%.*s", (int)size,
                                  (const char *)data);

        feed.at = 0;
        (void)!multipart_read(a, type, feed_read, &feed, &limits, "/tmp", &split);
    }
    arena_free(a);
    return 0;
}
