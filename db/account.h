/* Accounts: households, shops, workshops, known by an e-mail id (ACC-3). */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "db/actor.h"
#include "db/db.h"

struct account_details {
    const char *email; /* NULL: one is made, to be replaced later */
    const char *name, *address, *zone, *lang;
};

/* Makes an account with its first units; the user is its primary user. Refused at "email"
 * when it is taken. */
MUST_USE enum db_rc account_create(struct db *db, int64_t user_id,
                                   const struct account_details *details,
                                   int64_t *account_id);

/* The user's accounts, by name: id, email, name, is_primary, vendor_state. */
MUST_USE enum db_rc account_list_of_user(struct db *db, int64_t user_id, json_t **rows);

/* id, email, has_made_email, name, address, zone. */
MUST_USE enum db_rc account_find(struct db *db, int64_t account_id, json_t **row);

#endif
