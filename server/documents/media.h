/* Work on strangers' bytes, done by a child process: this same program, started as
 * `media VERB`, without rights to files, network or other programs (media_child.h). The
 * child reads one opened file and answers on a pipe; all files are written on this side.
 * At most two children run at once, the other callers wait. Any thread. */
#ifndef MEDIA_H
#define MEDIA_H

#include "db/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum media_rc {
    MEDIA_OK,
    MEDIA_REFUSED, /* the fault is in what was sent; a message key says which */
    MEDIA_FAILED   /* the fault is ours, or all children are busy */
};

enum { MEDIA_DEADLINE_MS = 10000 };

struct media;

/* `program` NULL: what INVICHAT_MEDIA_PROGRAM names, else this program. `deadline_ms`
 * 0: MEDIA_DEADLINE_MS. Free it when no thread uses it any more. */
struct media *media_new(const char *program, int deadline_ms);
void media_free(struct media *m);

/* What a child is to do. `in` is an open file, positioned at its start, that becomes the
 * child's standard input; the caller closes it. */
struct media_job {
    const char *verb;
    const char *arg; /* or NULL */
    int in;
    size_t out_max;  /* bytes of answer; a longer one is a failure */
    int deadline_ms; /* 0: the media's own */
};

struct media_answer {
    const char *out; /* what the child wrote, zero-terminated; of the arena */
    size_t size;
    const char *why; /* message key unless MEDIA_OK */
};

/* Runs one child. MEDIA_REFUSED: it said why, or its parser crashed ("photo.broken"). */
enum media_rc media_run(struct media *m, struct arena *a, const struct media_job *job,
                        struct media_answer *out) __attribute__((warn_unused_result));

/* An unnamed file in memory that holds the bytes, for `media_job.in`; -1 on failure. */
int media_memory(const void *bytes, size_t n);

struct picture {
    int width, height;             /* of the large one, at most 1200 */
    int thumb_width, thumb_height; /* at most 300 */
    size_t bytes, thumb_bytes;
    const char *why; /* message key unless MEDIA_OK */
};

/* Turns the JPEG, PNG or GIF at `in_path` into out_dir/out_name.jpg and
 * out_dir/out_name-t.jpg (about 10 KB): upright, without metadata, transparency over
 * white. Both files are on disk when it returns MEDIA_OK, none otherwise. Refusals:
 * "photo.kind" (no picture), "photo.webp", "photo.heic", "photo.pixels" (more than 40
 * megapixels), "photo.bytes" (more than 20 MB), "photo.broken"; failures "photo.failed",
 * "photo.busy". */
enum media_rc media_picture(struct media *m, struct arena *a, const char *in_path,
                            const char *out_dir, const char *out_name,
                            struct picture *out) __attribute__((warn_unused_result));

/* Draws the document that invoice.h describes; `*pdf` is of the arena. */
enum media_rc media_invoice(struct media *m, struct arena *a, const json_t *invoice,
                            char **pdf, size_t *size) __attribute__((warn_unused_result));

#endif
