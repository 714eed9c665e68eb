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
 * when it is taken, and when the user has as many accounts as the setting allows. */
MUST_USE enum db_rc account_create(struct db *db, int64_t user_id,
                                   const struct account_details *details,
                                   int64_t *account_id);

/* Changes the account's name, display name, address and time zone (`lang` isn't looked at);
 * an `email` that is NULL stays. Refused at "email" when it is another's, and at "zone". */
MUST_USE enum db_rc account_update(struct db *db, const struct actor *actor,
                                   const struct account_details *details);

/* The user's accounts, by name: id, email ("": none yet), name, is_primary, vendor_state. */
MUST_USE enum db_rc account_list_of_user(struct db *db, int64_t user_id, json_t **rows);

/* The e-mail of account `a` as it is shown: "" for one that was made up. */
#define ACCOUNT_EMAIL_SQL(a) "iif(" a ".has_made_email, '', " a ".email)"

/* id, email ("": none yet), name, address, zone. */
MUST_USE enum db_rc account_find(struct db *db, int64_t account_id, json_t **row);

/* The user's own account to sell from: one with the vendor role, else the oldest.
 * DB_NONE (and 0): they are nobody's primary user. */
MUST_USE enum db_rc account_own(struct db *db, int64_t user_id, int64_t *account_id);

struct chat_registration {
    const char *mobile, *name, *lang;
    const char *address;
    const char *makes;      /* kinds of product */
    const char *upi;        /* "" none */
    const char *state_code; /* "": that of the PIN code in the address */
};

/* Registers an artisan who proved the number in a chat: user, account under a made name,
 * and the request for the vendor role, granted at once when the setting says so. A user
 * who is known goes on with the account of theirs that sells, or else their first one.
 * Refused at "address" when neither State nor PIN code is known. */
MUST_USE enum db_rc account_register_chat(struct db *db,
                                          const struct chat_registration *r,
                                          int64_t *user_id, int64_t *account_id);

struct account_filter {
    const char *q;     /* in the name, the account name or the shop's; "" any */
    const char *state; /* "active", "suspended", "vendor"; "" any */
};

/* For the admin, newest first, those before `before_id` (0: from the newest): id, email,
 * name, state, vendor_state, user_name and user_mobile of the primary user, created_ms.
 * What is in an account's books isn't in it. */
MUST_USE enum db_rc account_list(struct db *db, const struct account_filter *filter,
                                 int64_t before_id, int limit, json_t **rows);

/* all, active, suspended, vendor: how many of them there are. */
MUST_USE enum db_rc account_counts(struct db *db, json_t **row);

/* For the admin, one of them: the same, user_id, members (how many), trade_name, handle,
 * vendor_reason, and modules_off_json {module: 1}. */
MUST_USE enum db_rc account_card(struct db *db, int64_t account_id, json_t **row);

/* Takes effect on the next request. DB_NONE: no such account. Refused when it is so
 * already. */
MUST_USE enum db_rc account_suspend(struct db *db, const struct actor *admin,
                                    int64_t account_id);
MUST_USE enum db_rc account_restore(struct db *db, const struct actor *admin,
                                    int64_t account_id);

/* The modules that the admin provides are the ceiling of every permission in the account.
 * DB_NONE: no such account or module; DB_OK also when it is so already. */
MUST_USE enum db_rc account_module_take(struct db *db, const struct actor *admin,
                                        int64_t account_id, const char *module);
MUST_USE enum db_rc account_module_give(struct db *db, const struct actor *admin,
                                        int64_t account_id, const char *module);

#endif
