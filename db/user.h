/* Users: persons, known by a mobile number (ACC-1). */
#ifndef USER_H
#define USER_H

#include "db/actor.h"
#include "db/db.h"

struct user_details {
    const char *mobile, *name, *lang;
    const char *address, *makes; /* may be "" */
};

/* id, mobile, name, lang, address, makes, state, is_admin. DB_NONE: no such user. */
MUST_USE enum db_rc user_by_mobile(struct db *db, const char *mobile, json_t **row);
MUST_USE enum db_rc user_find(struct db *db, int64_t user_id, json_t **row);

/* Makes a user; 'waiting' when the setting signup_approval is on. The first user of an
 * installation is never kept waiting. Counter sales and such that named the number are
 * theirs from now on. DB_OK also when the number is a user's already: then that one. */
MUST_USE enum db_rc user_create(struct db *db, const struct user_details *details,
                                int64_t *user_id);

/* Makes the user of the number an admin; DB_NONE: nobody has signed up with it. */
MUST_USE enum db_rc user_make_admin(struct db *db, const char *mobile);

/* Users waiting for approval: id, name, mobile, address, makes, created_ms. */
MUST_USE enum db_rc user_waiting(struct db *db, int limit, json_t **rows);
MUST_USE enum db_rc user_approve(struct db *db, const struct actor *admin,
                                 int64_t user_id);

/* For the admin, newest first, those before `before_id` (0: from the newest): id, mobile,
 * name, state, is_admin, created_ms. */
MUST_USE enum db_rc user_list(struct db *db, int64_t before_id, int limit, json_t **rows);

/* Takes effect on the next request. DB_NONE: no such user, or it is so already. Nobody
 * suspends themselves. */
MUST_USE enum db_rc user_suspend(struct db *db, const struct actor *admin,
                                 int64_t user_id);
MUST_USE enum db_rc user_restore(struct db *db, const struct actor *admin,
                                 int64_t user_id);

#endif
