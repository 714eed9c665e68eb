/* Vendor records of an account (CUS-6): own suppliers, and those with an account here. */
#ifndef SUPPLIER_H
#define SUPPLIER_H

#include "db/actor.h"
#include "db/db.h"

struct supplier_details {
    const char *name;
    const char *mobile; /* these three may be NULL or "" */
    const char *gstin;
    const char *address;
};

/* Suppliers by name: id, name, mobile, gstin, address, is_onboarded, handle ("" unless it
 * sells here), lot_count, is_used. Those whose name has each word of `query` (NULL: all),
 * behind the one with `after_id` (0: from the start). */
MUST_USE enum db_rc supplier_list(struct db *db, int64_t account_id, const char *query,
                                  int64_t after_id, int limit, json_t **rows);

/* One such row; DB_NONE when it isn't the account's. */
MUST_USE enum db_rc supplier_find(struct db *db, int64_t account_id, int64_t id,
                                  json_t **row);

/* Refused at "name", "mobile" or "gstin". */
MUST_USE enum db_rc supplier_add(struct db *db, const struct actor *actor,
                                 const struct supplier_details *details, int64_t *id);
MUST_USE enum db_rc supplier_update(struct db *db, const struct actor *actor, int64_t id,
                                    const struct supplier_details *details);

/* Refused while a lot names it. */
MUST_USE enum db_rc supplier_delete(struct db *db, const struct actor *actor, int64_t id);

/* The supplier of that name, made when it lacks. Refused at "supplier". */
MUST_USE enum db_rc supplier_get(struct db *db, int64_t account_id, const char *name,
                                 int64_t *id);

/* The record of another account as supplier: the one tied to it, else the one of its
 * (trade) name, which is tied to it then, else a new one. */
MUST_USE enum db_rc supplier_of_account(struct db *db, int64_t account_id,
                                        int64_t sender_id, int64_t *id);

#endif
