/* What the admin's pages share. */
#ifndef PAGES_ADMIN_H
#define PAGES_ADMIN_H

#include "server/http/req.h"

enum { ADMIN_ROWS = 50 };

struct admin_list {
    const char *path;           /* "/admin/users" */
    const char *const *states;  /* filters, as in the query; the first is the "all" one */
    const char *prefix;         /* of their texts: "admin.user_" */
    const json_t *counts;       /* of each state */
    const json_t *rows;         /* a full page has ADMIN_ROWS */
    bool has_search;
    bool has_csv;               /* at path/csv */
};

/* The model of parts/list. */
json_t *admin_list_frame(struct req *r, const struct admin_list *list);

/* The state asked for; "" for the first, and for one that isn't among them. */
const char *admin_state(struct req *r, const char *const *states);

/* The chip of a state, {kind, state_key}, and its state_key, into the row. */
void admin_chip(struct req *r, json_t *row, const char *kind, const char *key);

/* What a message says, or will: it may be a text key, worded only when it is sent. */
const char *message_words(struct req *r, const json_t *payload);

/* "12.3 MB"; "?" for -1. */
const char *admin_megabytes(struct req *r, int64_t bytes);

#endif
