/* The parent's half of a picture: it hands the file to the child and believes little of
 * the answer; sizes are checked before the bytes become files. A file appears under its
 * name only when it is complete and on disk. */
#include "db/base/log.h"
#include "server/documents/media.h"
#include "server/documents/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 120 };

struct part {
    int width, height;
    const char *jpeg;
    size_t size;
};

static uint32_t big_endian(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* Cuts one part off the answer's front. */
static bool part_take(const char **p, size_t *left, int side, struct part *out)
{
    uint32_t width, height, size;

    if (*left < PICTURE_PART_HEAD)
        return false;
    width = big_endian(*p);
    height = big_endian(*p + 4);
    size = big_endian(*p + 8);
    *p += PICTURE_PART_HEAD;
    *left -= PICTURE_PART_HEAD;
    if (width < 1 || height < 1 || width > (uint32_t)side || height > (uint32_t)side ||
        size < 4 || size > *left || memcmp(*p, "\xff\xd8\xff", 3) != 0)
        return false;
    *out = (struct part) { (int)width, (int)height, *p, size };
    *p += size;
    *left -= size;
    return true;
}

static bool file_write(int dir, const char *name, const struct part *part)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    size_t done = 0;
    bool ok = fd >= 0;

    while (ok && done < part->size) {
        ssize_t n = write(fd, part->jpeg + done, part->size - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            ok = false;
    }
    if (ok && fsync(fd) != 0)
        ok = false;
    if (fd >= 0 && close(fd) != 0)
        ok = false;
    return ok;
}

struct names {
    char large[NAME_MAX_BYTES + 16], thumb[NAME_MAX_BYTES + 16];
    char large_new[NAME_MAX_BYTES + 16], thumb_new[NAME_MAX_BYTES + 16];
};

static bool names_make(const char *name, struct names *n)
{
    if (!*name || strlen(name) > NAME_MAX_BYTES || *name == '.' || strchr(name, '/'))
        return false;
    snprintf(n->large, sizeof n->large, "%s.jpg", name);
    snprintf(n->thumb, sizeof n->thumb, "%s-t.jpg", name);
    snprintf(n->large_new, sizeof n->large_new, ".%s.jpg.new", name);
    snprintf(n->thumb_new, sizeof n->thumb_new, ".%s-t.jpg.new", name);
    return true;
}

static bool files_place(int dir, const struct names *n, const struct part *large,
                        const struct part *thumb)
{
    bool ok;

    unlinkat(dir, n->large_new, 0);
    unlinkat(dir, n->thumb_new, 0);
    ok = file_write(dir, n->large_new, large) && file_write(dir, n->thumb_new, thumb) &&
         renameat(dir, n->thumb_new, dir, n->thumb) == 0 &&
         renameat(dir, n->large_new, dir, n->large) == 0 && fsync(dir) == 0;
    if (!ok) {
        int error = errno;

        unlinkat(dir, n->large_new, 0);
        unlinkat(dir, n->thumb_new, 0);
        unlinkat(dir, n->large, 0);
        unlinkat(dir, n->thumb, 0);
        log_error("media write error=%d", error);
    }
    return ok;
}

static enum media_rc picture_save(const struct media_answer *answer, const char *out_dir,
                                  const char *out_name, struct picture *out)
{
    const char *p = answer->out;
    size_t left = answer->size;
    struct part large, thumb;
    struct names names;
    bool ok;
    int dir;

    out->why = "photo.failed";
    if (!part_take(&p, &left, PICTURE_LARGE, &large) ||
        !part_take(&p, &left, PICTURE_THUMB, &thumb) || left != 0 ||
        !names_make(out_name, &names))
        return MEDIA_FAILED;
    dir = open(out_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return MEDIA_FAILED;
    ok = files_place(dir, &names, &large, &thumb);
    close(dir);
    if (!ok)
        return MEDIA_FAILED;
    *out = (struct picture) { large.width, large.height, thumb.width, thumb.height,
                              large.size,  thumb.size,   NULL };
    return MEDIA_OK;
}

static const char *input_fault(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return "photo.kind";
    return st.st_size > PICTURE_IN_MAX ? "photo.bytes" : NULL;
}

enum media_rc media_picture(struct media *m, struct arena *a, const char *in_path,
                            const char *out_dir, const char *out_name,
                            struct picture *out)
{
    struct media_job job = { .verb = "picture", .out_max = PICTURE_OUT_MAX };
    struct media_answer answer;
    enum media_rc rc;

    *out = (struct picture) { .why = "photo.failed" };
    job.in = open(in_path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (job.in < 0)
        return MEDIA_FAILED;
    out->why = input_fault(job.in);
    if (out->why) {
        close(job.in);
        return MEDIA_REFUSED;
    }
    rc = media_run(m, a, &job, &answer);
    close(job.in);
    out->why = answer.why;
    return rc == MEDIA_OK ? picture_save(&answer, out_dir, out_name, out) : rc;
}
