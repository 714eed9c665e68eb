/* Signing in and up with a code (ACC-1, ACC-2). */
#ifndef SIGNIN_H
#define SIGNIN_H

#include "db/db.h"
#include "db/otp.h"

struct signin {
    struct otp_try code;             /* who, and what was typed */
    const unsigned char *token_hash; /* of the session to come, 32 bytes */
    int64_t session_id, session_user; /* of the browser till now; 0: none, a visitor */
    const char *agent, *address;
    bool by_password;
    int64_t user_id;
    bool needs_account; /* on the way to where one is needed: who has none gets their first */
    int accounts;    /* how many there are; the only one is entered */
    const char *account_name; /* of that one; NULL: it was just made */
    int invitations; /* how many wait for an answer */
};

/* All or nothing: the code is used up, the user made where signing up, the new session
 * started, the old one ended, the only account entered. A wrong try is counted, and a user
 * who has to wait for the admin is made, though both are refused. */
MUST_USE enum db_rc signin_finish(struct db *db, struct signin *s);

/* The same without a code: a password was right, that of `hash`. Refused like there; a
 * password that was changed meanwhile is wrong. */
MUST_USE enum db_rc signin_by_password(struct db *db, struct signin *s, const char *mobile,
                                       const char *hash);

/* The same for who is known otherwise. */
MUST_USE enum db_rc signin_as(struct db *db, struct signin *s, int64_t user_id);

#endif
