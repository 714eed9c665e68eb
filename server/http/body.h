/* Bodies of requests, read within limits: forms, uploads, JSON; query strings and path
 * segments too. Knows memory and a read function, no sockets.
 *
 * Each parser allocates from the arena it is given, also when it fails; what it returns
 * lives as long as the arena. sodium_init() comes first. */
#ifndef BODY_H
#define BODY_H

#include "db/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { BODY_DIGEST = 32 };

/* At most; 0 allows none. Memory of a form is up to fields * (name + value) plus files *
 * 128 KB, whatever `bytes` says, since larger files go to disk. */
struct body_limits {
    size_t bytes;      /* of the whole body */
    size_t fields;     /* fields of a form; in JSON opening brackets and commas */
    size_t name;       /* bytes of a field's name, decoded */
    size_t value;      /* bytes of a field's value, decoded */
    size_t file;       /* bytes of one file */
    size_t files;      /* files, not counting inputs left empty */
    size_t json_depth; /* objects and arrays within each other */
};

enum body_rc {
    BODY_OK,
    BODY_MALFORMED,
    BODY_TOO_LARGE, /* the body, a name, a value, a file, a part's headers */
    BODY_TOO_MANY,  /* fields, files, or levels of JSON */
    BODY_SHORT,     /* ended early or timed out */
    BODY_FAILED,    /* our disk, or memory for it is short just now */
    BODY_UNKNOWN    /* of a type that nobody here reads */
};

/* A field, or a file. Names and values are zero-terminated besides, and text_valid(); a
 * file's `value` is any bytes. A file has either `value` (up to 64 KB) or `path`: a file
 * of mode 0600 that is removed when the arena ends. */
struct part {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
    const char *file_name; /* to be shown only: no folder, at most 120 bytes, never "" */
    const char *content_type; /* what the sender claims: type/subtype in lower case */
    const char *path;
    int64_t size; /* bytes of the value or the file */
    bool is_file;
    unsigned char head[16]; /* a file's first bytes, zeros behind */
};

/* In the order sent; a name may come more than once. The digest covers names, values and
 * contents of files, so that a form sent again has the same one whatever its boundary. */
struct form {
    struct part *parts;
    size_t count;
    unsigned char digest[BODY_DIGEST];
};

/* The first field or file of that name; NULL when there is none. */
const struct part *form_part(const struct form *form, const char *name);

/* application/x-www-form-urlencoded. + and %XX are decoded once; a stray %, an empty
 * name, and text that is not text_valid() are BODY_MALFORMED. */
enum body_rc urlencoded_parse(struct arena *a, const char *s, size_t n,
                              const struct body_limits *limits, struct form *out)
    __attribute__((warn_unused_result));

/* The same for what follows the ? of a URL; NULL is none. */
enum body_rc query_parse(struct arena *a, const char *query,
                         const struct body_limits *limits, struct form *out)
    __attribute__((warn_unused_result));

/* Up to `size` (never 0) bytes of the body; 0 at its end; less than 0 on failure. */
typedef ssize_t body_read(void *arg, char *to, size_t size);

/* multipart/form-data (RFC 7578), strictly: no preamble, no epilogue, no nesting, no
 * Content-Transfer-Encoding, the final boundary must be there. `content_type` is the
 * request's header. Files over 64 KB are written to `dir` as upload-XXXXXX while they
 * come. Stops reading at the first error; the rest of the body is then unread. */
enum body_rc multipart_read(struct arena *a, const char *content_type, body_read *read,
                            void *arg, const struct body_limits *limits, const char *dir,
                            struct form *out) __attribute__((warn_unused_result));

/* A JSON object without duplicate keys. Depth and number of values are counted before
 * anything is allocated; keys and strings are text_valid(); numbers that don't fit are
 * BODY_MALFORMED. `*out` dies with the arena: no json_decref(). */
enum body_rc json_body_parse(struct arena *a, const char *s, size_t n,
                             const struct body_limits *limits, json_t **out)
    __attribute__((warn_unused_result));

/* One segment of a path, percent-decoded once. NULL when it is not text_valid(), is . or
 * .. or has a slash or backslash in it, or a stray %. */
char *path_decode(struct arena *a, const char *raw, size_t n);

#endif
