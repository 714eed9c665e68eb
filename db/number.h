/* A user changes their number: proves the old one, then the new one (ACC-9). */
#ifndef NUMBER_H
#define NUMBER_H

#include "db/actor.h"
#include "db/db.h"

struct number_request {
    const unsigned char *key; /* 32 bytes, not of the database */
    int64_t session_id;       /* which the codes are bound to */
    const char *lang, *address; /* of the messages; of the network, as otp_send() counts it */
};

/* Starts anew: sends a code to the old number. Refused at "mobile" for the own number,
 * and as otp_send() does. Whether the new one is a user's shows only once it is proven. */
MUST_USE enum db_rc number_start(struct db *db, const struct actor *actor,
                                 const struct number_request *request,
                                 const char *mobile);

/* What goes on: mobile (the new one), is_old_proven. DB_NONE: nothing. */
MUST_USE enum db_rc number_find(struct db *db, const struct actor *actor,
                                int64_t session_id, json_t **row);

/* Sends the code that is awaited once more. DB_NONE: nothing goes on. */
MUST_USE enum db_rc number_again(struct db *db, const struct actor *actor,
                                 const struct number_request *request);

/* Takes the code that is awaited. After the old number's one to the new number is sent;
 * after that (`*is_done`) the number is changed, all other sessions and chats end, and the
 * old number is told. Refused as otp_check() does, with 410 when nothing goes on (any
 * more), with 409 when the number became another user's. */
MUST_USE enum db_rc number_prove(struct db *db, const struct actor *actor,
                                 const struct number_request *request, const char *code,
                                 bool *is_done);

MUST_USE enum db_rc number_stop(struct db *db, const struct actor *actor);

#endif
