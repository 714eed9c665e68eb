/* What was said in one WhatsApp chat, for the admin's simulator. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "db/db.h"

/* The last messages of the chat (digits), oldest first, among the newest 2,000 of the
 * installation: at_ms, is_in, kind ("message", "otp"), payload_json (ours: the job's; theirs:
 * as webhook_store() kept it). */
MUST_USE enum db_rc transcript_list(struct db *db, const char *chat, int limit,
                                    json_t **rows);

/* How many messages of the chat are still to be handled or sent. */
MUST_USE enum db_rc transcript_pending(struct db *db, const char *chat, int64_t *count);

/* Numbers whose chats had the last messages, newest first: mobile. */
MUST_USE enum db_rc transcript_chats(struct db *db, int limit, json_t **rows);

#endif
