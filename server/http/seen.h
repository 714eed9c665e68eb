/* Sessions that were used, until the worker notes it: a read doesn't wait for the writer. */
#ifndef SEEN_H
#define SEEN_H

#include "db/db.h"

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *s);

/* Remembers the session; once is enough. When there are too many it is forgotten, until the
 * session is used again. From any thread. */
void seen_add(struct seen *s, int64_t session_id);

/* Notes what was remembered, in one transaction; on failure it is remembered on. */
MUST_USE enum db_rc seen_write(struct seen *s, struct db *db);

#endif
