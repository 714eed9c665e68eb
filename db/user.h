/* Users: persons, known by a mobile number (ACC-1). */
#ifndef USER_H
#define USER_H

#include "db/actor.h"
#include "db/db.h"

struct user_details {
    const char *mobile, *name, *lang;
    const char *address, *makes; /* may be "" */
};

/* id, mobile, name, lang, address, makes, state, refused_reason ("": not refused), is_admin,
 * has_password. DB_NONE: no such user. */
MUST_USE enum db_rc user_by_mobile(struct db *db, const char *mobile, json_t **row);
MUST_USE enum db_rc user_find(struct db *db, int64_t user_id, json_t **row);

/* Makes a user; 'waiting' when the setting signup_approval is on, of which the admins are
 * told. The first user of an installation is never kept waiting. Whoever doesn't wait
 * joins the accounts that invited the number. DB_OK also when the number is a user's
 * already: then that one. */
MUST_USE enum db_rc user_create(struct db *db, const struct user_details *details,
                                int64_t *user_id);

/* The user's own name, address and what they make (the number and the language aren't looked
 * at). Refused at "name". What they did before keeps the name of then. */
MUST_USE enum db_rc user_update(struct db *db, const struct actor *actor,
                                const struct user_details *details);

/* Makes the user of the number an admin; DB_NONE: nobody has signed up with it. */
MUST_USE enum db_rc user_make_admin(struct db *db, const char *mobile);

/* The link of the first start: keeps the hash of its token while there is no user at all;
 * DB_NONE when there is one. A later token replaces it. */
MUST_USE enum db_rc user_first_link(struct db *db, const char *hash);

/* DB_OK while the token with this hash makes the first user the admin. */
MUST_USE enum db_rc user_first_open(struct db *db, const char *hash);

/* Makes the first user, an admin; the link is dead from now on. DB_NONE: it is already. */
MUST_USE enum db_rc user_first(struct db *db, const char *hash,
                               const struct user_details *details, const char *address,
                               int64_t *user_id);

/* Users waiting for approval: id, name, mobile, address, makes, created_ms. The newest of
 * those that were refused: the same and refused_reason. */
MUST_USE enum db_rc user_waiting(struct db *db, int limit, json_t **rows);
MUST_USE enum db_rc user_refused(struct db *db, int limit, json_t **rows);

/* The admin lets in one who waits or was refused, or refuses with a reason. The number is
 * told. DB_NONE: no such user, or it is so already. */
MUST_USE enum db_rc user_approve(struct db *db, const struct actor *admin,
                                 int64_t user_id);
MUST_USE enum db_rc user_refuse(struct db *db, const struct actor *admin, int64_t user_id,
                                const char *reason);

struct user_filter {
    const char *q;     /* in the name, or digits of the number; "" any */
    const char *state; /* "waiting", "active", "suspended", "admin"; "" any */
};

/* For the admin, newest first, those before `before_id` (0: from the newest): id, mobile,
 * name, state, is_admin, created_ms. */
MUST_USE enum db_rc user_list(struct db *db, const struct user_filter *filter,
                              int64_t before_id, int limit, json_t **rows);

/* all, waiting, active, suspended, admin: how many of them there are. */
MUST_USE enum db_rc user_counts(struct db *db, json_t **row);

/* For the admin, one of them: the same, lang, address, makes, sessions (how many browsers
 * are signed in), seen_ms (null: never) and accounts_json: id, email, name, is_primary. */
MUST_USE enum db_rc user_card(struct db *db, int64_t user_id, json_t **row);

/* Takes effect on the next request. DB_NONE: no such user. Refused when it is so already,
 * for oneself, and for the last admin. */
MUST_USE enum db_rc user_suspend(struct db *db, const struct actor *admin,
                                 int64_t user_id);
MUST_USE enum db_rc user_restore(struct db *db, const struct actor *admin,
                                 int64_t user_id);

/* Makes another an admin, or takes that right away, from the next request on; they and all
 * admins are told. DB_NONE: no such user. Refused when it is so already, for who is not in,
 * for oneself, and for the last admin. */
MUST_USE enum db_rc user_admin_give(struct db *db, const struct actor *admin,
                                    int64_t user_id);
MUST_USE enum db_rc user_admin_take(struct db *db, const struct actor *admin,
                                    int64_t user_id);

/* Ends all the user's sessions. */
MUST_USE enum db_rc user_sign_out(struct db *db, const struct actor *admin,
                                  int64_t user_id);

#endif
