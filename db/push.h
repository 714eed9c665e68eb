/* Browsers that take push messages (NOTE-2). */
#ifndef PUSH_H
#define PUSH_H

#include "db/db.h"

enum { PUSH_PER_USER = 20 };

struct push_browser {
    int64_t user_id, session_id;
    const char *endpoint;      /* where its push service takes messages */
    const char *origin;        /* "https://push.example" of it */
    const char *p256dh, *auth; /* base64url without padding, checked by the caller */
};

/* Keeps the browser until its session ends; one that was another user's is no longer
 * theirs. Beyond PUSH_PER_USER the user's oldest goes. */
MUST_USE enum db_rc push_subscribe(struct db *db, const struct push_browser *browser);

/* Forgets the browsers of the session. */
MUST_USE enum db_rc push_unsubscribe(struct db *db, int64_t session_id);

/* True when the session's browser takes push messages. */
bool push_is_on(struct db *db, int64_t session_id);

/* Within a transaction: a browser that is no more, and what waits for it; all of them. */
enum db_rc push_forget(struct db *db, int64_t id);
enum db_rc push_forget_all(struct db *db);

/* endpoint, p256dh, auth. */
MUST_USE enum db_rc push_find(struct db *db, int64_t id, json_t **row);

/* A message for each browser of the user, within a transaction: {text_key, args, lang,
 * href}. */
enum db_rc push_tell(struct db *db, int64_t user_id, const json_t *payload,
                     int64_t due_ms);

#endif
