/* What the readers of bodies share. */
#ifndef BODY_INTERNAL_H
#define BODY_INTERNAL_H

#include "server/http/body.h"

#include "db/base/buf.h"

#include <sodium.h>

/* A form under construction. */
struct form_maker {
    struct arena *arena;
    const struct body_limits *limits;
    struct form form;
    size_t room;          /* parts allocated */
    size_t fields, files; /* kept so far */
    crypto_generichash_state hash;
};

void form_start(struct form_maker *m, struct arena *a, const struct body_limits *limits);

/* Counts one more part and takes its name into the digest; its content follows through
 * form_content(), then form_add(). */
enum body_rc form_admit(struct form_maker *m, const struct part *p);
void form_content(struct form_maker *m, const char *s, size_t n);
void form_add(struct form_maker *m, const struct part *p);
void form_end(struct form_maker *m, struct form *out);

/* The part whose headers were read and whose content is coming. */
struct upload {
    struct form_maker *maker;
    const char *dir;
    struct part part;
    struct buf memory;
    int fd;        /* of a file that outgrew the memory, else -1 */
    bool nameless; /* a file input that may turn out empty */
    bool admitted;
};

enum body_rc upload_start(struct upload *u);
enum body_rc upload_add(struct upload *u, const char *s, size_t n);
enum body_rc upload_end(struct upload *u);
void upload_abandon(struct upload *u);

/* Reads a part's header lines, from the first byte to the CRLF of the last line, into
 * name, file_name, content_type, is_file of the part. */
enum body_rc part_head_parse(struct upload *u, const char *s, size_t n);

/* A file's name without folders, control and direction characters and what Windows
 * forbids; at most 120 bytes, "file" when nothing is left. */
const char *file_name_clean(struct arena *a, const char *s);

#endif
