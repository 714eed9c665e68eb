/* The settings that every page needs, kept in memory. They are set anew by the admin while
 * others read: what was current stays until the end. */
#ifndef LIVE_H
#define LIVE_H

#include "db/db.h"

struct live;

struct live *live_new(struct db *db);
void live_free(struct live *l);

/* Reads them again, after a change. */
void live_load(struct live *l, struct db *db);

/* The installation's name; "InviChat" when it was given none. */
const char *live_name(const struct live *l);

/* The languages offered, among `all`; both NULL-terminated. */
const char *const *live_languages(const struct live *l, const char *const *all);

#endif
