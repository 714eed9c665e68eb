/* The dialogue with one chat: where it stands, and what was answered so far. */
#ifndef DIALOGUE_H
#define DIALOGUE_H

#include "db/db.h"

#include <stdbool.h>

struct dialogue {
    const char *chat;   /* digits of the number, or the business-scoped user id */
    int64_t user_id;    /* linked by an OTP; 0: nobody */
    int64_t account_id; /* what is spoken about; 0: none */
    const char *lang;   /* "": not chosen yet */
    const char *step;   /* "": new */
    json_t *draft;      /* an object */
    int64_t authenticated_until_ms;
    bool is_waiting; /* to be told when the account has the vendor role */
};

/* The chat's dialogue; a new one (and DB_NONE) when there is none. */
MUST_USE enum db_rc dialogue_find(struct db *db, const char *chat, struct dialogue *out);

/* Stores it within a transaction. */
enum db_rc dialogue_save(struct db *db, const struct dialogue *d);

/* The chat goes by another name from now on (a changed number, or a phone number learned
 * for an id), within a transaction. It has to be authenticated anew. When the new name
 * has a dialogue of its own, that stays and the old one goes. */
enum db_rc dialogue_rename(struct db *db, const char *from, const char *to);

/* Dialogues to be told now (is_waiting, and the vendor role was granted): chat, lang,
 * handle. */
MUST_USE enum db_rc dialogue_granted(struct db *db, int limit, json_t **rows);
enum db_rc dialogue_told(struct db *db, const char *chat);

#endif
