/* A part's content comes in pieces: a field's into memory; a file's into memory too until
 * it is over 64 KB, then all of it into a temporary file. A file input left empty is only
 * known to be so at its end, and counts for nothing until its first byte. */
#include "server/http/body_internal.h"

#include "db/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_FILE = 64 * 1024, FIRST_SIZE = 512 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t upload_max(const struct upload *u)
{
    return u->part.is_file ? u->maker->limits->file : u->maker->limits->value;
}

static enum body_rc upload_admit(struct upload *u)
{
    if (u->admitted)
        return BODY_OK;
    u->admitted = true;
    return form_admit(u->maker, &u->part);
}

enum body_rc upload_start(struct upload *u)
{
    size_t max = smaller(upload_max(u), u->maker->limits->bytes);

    if (u->part.is_file)
        max = smaller(max, MEMORY_FILE);
    u->admitted = false;
    u->fd = -1;
    /* One byte more: buf_str()'s zero. */
    u->memory = buf_new(u->maker->arena, smaller(max + 1, FIRST_SIZE), max + 1);
    return u->nameless ? BODY_OK : upload_admit(u);
}

static void file_remove(void *path)
{
    unlink(path);
}

static enum body_rc file_write(int fd, const char *s, size_t n)
{
    while (n) {
        ssize_t wrote = write(fd, s, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return BODY_FAILED;
        s += wrote;
        n -= (size_t)wrote;
    }
    return BODY_OK;
}

static enum body_rc file_start(struct upload *u)
{
    char *path = arena_printf(u->maker->arena, "%s/upload-XXXXXX", u->dir);

    u->fd = mkostemp(path, O_CLOEXEC);
    if (u->fd < 0)
        return BODY_FAILED;
    arena_defer(u->maker->arena, file_remove, path);
    u->part.path = path;
    return file_write(u->fd, u->memory.data, u->memory.len);
}

static void head_add(struct part *p, const char *s, size_t n)
{
    size_t at = (size_t)p->size;

    if (at < sizeof p->head)
        memcpy(p->head + at, s, smaller(n, sizeof p->head - at));
}

enum body_rc upload_add(struct upload *u, const char *s, size_t n)
{
    struct part *p = &u->part;
    enum body_rc rc;

    if (!n)
        return BODY_OK;
    rc = upload_admit(u);
    if (rc == BODY_OK && n > upload_max(u) - (size_t)p->size)
        rc = BODY_TOO_LARGE;
    if (rc != BODY_OK)
        return rc;
    if (p->is_file)
        head_add(p, s, n);
    if (p->is_file && u->fd < 0 && (size_t)p->size + n > MEMORY_FILE)
        rc = file_start(u);
    form_content(u->maker, s, n);
    p->size += (int64_t)n;
    if (rc == BODY_OK && u->fd >= 0)
        return file_write(u->fd, s, n);
    buf_add(&u->memory, s, n);
    return rc;
}

enum body_rc upload_end(struct upload *u)
{
    struct part *p = &u->part;
    enum body_rc rc;

    if (u->nameless && p->size == 0)
        return BODY_OK;
    rc = upload_admit(u);
    if (rc != BODY_OK)
        return rc;
    if (u->fd >= 0) {
        int failed = close(u->fd);

        u->fd = -1;
        if (failed)
            return BODY_FAILED;
    } else {
        p->value = buf_str(&u->memory);
        p->value_len = u->memory.len;
    }
    if (!p->is_file && !text_valid(p->value, p->value_len))
        return BODY_MALFORMED;
    form_add(u->maker, p);
    return BODY_OK;
}

void upload_abandon(struct upload *u)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
}
