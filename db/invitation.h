/* Invitations of an account to a mobile number (ACC-5). What the inviter is told doesn't
 * depend on whether the number is a user's. A user accepts or declines; who signs up
 * later is in at once. */
#ifndef INVITATION_H
#define INVITATION_H

#include "db/actor.h"
#include "db/permission.h"

enum { INVITATION_DAYS = 14, INVITATION_SENDS = 5, INVITATIONS_OPEN = 20 };

struct invitation {
    const char *mobile, *name; /* name: as the inviter calls them; may be "" */
    const struct levels *levels;
    const char *lang; /* of the message */
    const char *url;  /* where the message leads */
};

/* Invites, or sends an open invitation to the number again with these levels. Levels that
 * the actor lacks are left out. Refused at "mobile" when its user is in the account, and
 * when too many are open or were sent. */
MUST_USE enum db_rc invitation_send(struct db *db, const struct actor *actor,
                                    const struct invitation *invitation, int64_t *id);

/* Sends a waiting or expired one again, from ten minutes after the last time, five times
 * at most. DB_NONE: no such, or it was answered. */
MUST_USE enum db_rc invitation_again(struct db *db, const struct actor *actor, int64_t id,
                                     const char *lang, const char *url);

/* Takes it back. DB_NONE: no such, or it was answered. */
MUST_USE enum db_rc invitation_withdraw(struct db *db, const struct actor *actor,
                                        int64_t id);

/* The user (actor->user_id) joins, or not; `*account_id` is what they joined. Refused
 * with 410 when it is over its time or was taken back, 409 when it was answered. DB_NONE:
 * none to this user's number. */
MUST_USE enum db_rc invitation_accept(struct db *db, const struct actor *actor,
                                      int64_t id, int64_t *account_id);
MUST_USE enum db_rc invitation_decline(struct db *db, const struct actor *actor,
                                       int64_t id);

/* Whoever just became a user joins all that wait for the number; in a transaction. */
enum db_rc invitation_join_all(struct db *db, int64_t user_id);

/* Of an account, newest first: id, mobile, name (the inviter's for them; else
 * their own, once they have answered), levels_json, state, inviter, sends, sent_ms,
 * expires_ms, decided_ms. */
MUST_USE enum db_rc invitation_list(struct db *db, int64_t account_id, int limit,
                                    json_t **rows);

/* Those that wait for the user: id, account_name, inviter, expires_ms. */
MUST_USE enum db_rc invitation_list_of_user(struct db *db, int64_t user_id,
                                            json_t **rows);

/* Ends those over their time and tells who invited. */
MUST_USE enum db_rc invitation_sweep(struct db *db);

#endif
