/* An account's own lists (CUS-1 to CUS-4, CUS-6): units, categories, places, attributes
 * and suppliers. Each is one page: a form to add on top, below it a row for each that
 * opens to be renamed or deleted. A refused change shows the page again with that row
 * open. Shared by the settings_*.c files. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "server/pages/pages.h"

/* The row whose form came in, of the path's argument `arg`; 0: that for adding, or none.
 */
int64_t settings_edited(const struct req *r, int arg);

/* Gives each row what its form needs: is_open, `in` (what stands in its fields), `n` (how
 * many use it, as `count_key` tells). */
void settings_rows(struct req *r, const json_t *rows, const char *count_key,
                   int64_t edited);

/* The rows, as `name`, and what every page has beside them: has_none, is_editing,
 * can_change. */
json_t *settings_model(struct req *r, const char *name, json_t *rows);

/* What the forms do: the row that the path's argument `arg` names is renamed or deleted. */
int settings_renamed(struct req *r, int arg,
                     enum db_rc (*rename)(struct db *, const struct actor *, int64_t id,
                                          const char *name));
int settings_deleted(struct req *r, int arg,
                     enum db_rc (*drop)(struct db *, const struct actor *, int64_t id));

/* Routes of one list: its page, and what adds, changes and deletes a row. */
#define SHOW(path, fn, fields, about)                                                    \
    {                                                                                    \
        GET, "/settings/" path, MOD_CUSTOMIZATIONS, VIEW, fn, fields, about              \
    }
#define DO(path, fn, fields, about, page, form_fn, said_key)                             \
    {                                                                                    \
        POST, "/settings/" path, MOD_CUSTOMIZATIONS, CHANGE, fn, fields, about,          \
            .form = form_fn, .done = "/settings/" page, .said = said_key                 \
    }
#define ADD(path, fn, fields, about, page, form)                                         \
    DO(path, fn, fields, about, page, form, "settings.added")
#define SET(path, fn, fields, about, page, form)                                         \
    DO(path, fn, fields, about, page, form, "settings.saved")
#define DELETE(path, fn, about, page, form)                                              \
    DO(path, fn, NULL, about, page, form, "settings.deleted")

#endif
