/* Decoding, scaling and re-encoding of one picture; runs in the media child only. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>

enum {
    PICTURE_LARGE = 1200, /* longer side in pixels */
    PICTURE_LARGE_BYTES = 300 * 1024,
    PICTURE_THUMB = 300,
    PICTURE_THUMB_BYTES = 10 * 1024,
    PICTURE_PIXELS = 40 * 1000 * 1000,
    PICTURE_IN_MAX = 20 * 1024 * 1024,
    PICTURE_OUT_MAX = 4 * 1024 * 1024,
    PICTURE_PART_HEAD = 12
};

/* Loads the decoders and the encoder, which can't be loaded once files are closed to us.
 */
void picture_prepare(void);

/* The answer: two parts, large and thumb, each width, height and size (32 bits,
 * big-endian) and a JPEG. */
struct picture_answer {
    unsigned char *bytes; /* malloc'd */
    size_t size;
};

/* NULL when done, else the message key of why not. */
const char *picture_make(const unsigned char *in, size_t n, struct picture_answer *out);

#endif
