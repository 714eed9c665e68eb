/* What lists share: addresses with what was asked for, and the list as CSV. The route of
 * the CSV is the list's own with "/csv" behind it, its handler the same, which asks
 * list_is_csv(). */
#ifndef LIST_H
#define LIST_H

#include "db/base/cell.h"
#include "server/http/req.h"

enum { CSV_ROWS = 10000 }; /* the most that one file has */

enum csv_kind {
    CSV_TEXT, /* or a whole number, as it is */
    CSV_SAY,  /* a text key */
    CSV_QTY,  /* thousandths */
    CSV_MONEY, /* paise, as rupees without sign and grouping */
    CSV_TIME,  /* in the account's zone */
    CSV_DATE
};

struct csv_column {
    const char *key;  /* of the row */
    const char *head; /* text key */
    enum csv_kind kind;
};

bool list_is_csv(const struct req *r);

/* The list `rows` as a file `name`.csv for spreadsheets; `columns` end with a NULL key.
 */
int list_csv(struct req *r, const char *name, const struct csv_column *columns,
             struct cell rows);

/* `path` with those of the request's parameters that `params` (NULL-terminated) names, as
 * they were given; but `change` (NULL: none) is `value` ("" leaves it out). */
const char *list_href(struct req *r, const char *path, const char *const *params,
                      const char *change, const char *value);

/* The same with "before=ID" of `last`, the page's last row; NULL for CELL_NONE. */
const char *list_next(struct req *r, const char *path, const char *const *params,
                      struct cell last);

#endif
