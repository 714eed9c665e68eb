/* Public pages kept rendered and compressed. One is good while nothing in the file was
 * committed since it was looked at, or else while its version stands. */
#ifndef KEEP_H
#define KEEP_H

#include "server/http/req.h"

#include <stdint.h>

struct keep;

/* Keeps up to `bytes` of pages. */
struct keep *keep_new(size_t bytes);
void keep_free(struct keep *k);

/* Answers from what is kept under `key` (language and path included by the caller), when
 * `commits` has not moved or `version(r, arg)` still is the page's version; the function is
 * called only in the second case. False: nothing kept, render it and call keep_put(). */
bool keep_reply(struct req *r, const char *key, int64_t (*version)(struct req *, const void *),
                const void *arg);

/* Keeps the request's reply, which was made of `version`, read when the file stood at
 * `commits`; not longer than until `until_ms` (0: no limit). Gives it an ETag. */
void keep_put(struct req *r, const char *key, int64_t version, uint64_t commits,
              int64_t until_ms);

#endif
