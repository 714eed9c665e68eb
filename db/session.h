/* Browsers: signed in, or of a visitor with a cart. Only a hash of the token is kept. */
#ifndef SESSION_H
#define SESSION_H

#include "db/db.h"

/* The session with this token hash (32 bytes), if it has not ended: id, user_id (null: a
 * visitor), user_name, mobile, lang ("": none chosen), is_admin, account_id (null: none
 * entered, or no longer a member, or suspended), account_name, zone, is_primary,
 * vendor_state ("": none), handle, levels_json {module: 1 or 2}, modules_off_json
 * {module: 1} (either is null when it would be empty), cart_count, unread_count (at most
 * 100), seen_ms, is_only (the user has no other account). One query, all by index. A
 * suspended user has no session. */
MUST_USE enum db_rc session_find(struct db *db, const unsigned char hash[32],
                                 json_t **row);

/* Signs a user in under a new token; what a visitor's session `visitor_id` (0: none) had
 * in its cart goes along. Ends that session. */
MUST_USE enum db_rc session_start(struct db *db, const unsigned char hash[32],
                                  int64_t user_id, int64_t visitor_id, const char *agent,
                                  const char *address, bool by_password, int64_t *id);

enum { VISITORS_PER_HOUR = 300 }; /* of an address; a carrier's customers share one */

/* A session without a user, for a cart. Refused with 429 ({n}: minutes to wait) when
 * `address` (NULL: not counted) made VISITORS_PER_HOUR. */
MUST_USE enum db_rc session_visitor(struct db *db, const unsigned char hash[32],
                                    const char *lang, const char *address, int64_t *id);

/* Enters an account of the user; lines that the session still holds as a visitor's cart
 * join the account's. DB_NONE: not a member. */
MUST_USE enum db_rc session_enter_account(struct db *db, int64_t session_id,
                                          int64_t user_id, int64_t account_id);

/* Notes that it was used; called when seen_ms is older than five minutes. */
MUST_USE enum db_rc session_seen(struct db *db, int64_t session_id);

MUST_USE enum db_rc session_language(struct db *db, int64_t session_id, int64_t user_id,
                                     const char *lang);
MUST_USE enum db_rc session_end(struct db *db, int64_t session_id, int64_t user_id);
MUST_USE enum db_rc session_end_all(struct db *db, int64_t user_id);
MUST_USE enum db_rc session_end_others(struct db *db, int64_t user_id,
                                       int64_t session_id);

/* Where the user is signed in, last used first: id, agent, address, created_ms, seen_ms,
 * is_by_password, account_name ("": none). */
MUST_USE enum db_rc session_list(struct db *db, int64_t user_id, json_t **rows);

/* DB_OK within 15 minutes of having signed in with a code, DB_NONE otherwise. */
MUST_USE enum db_rc session_is_fresh(struct db *db, int64_t session_id);

#endif
