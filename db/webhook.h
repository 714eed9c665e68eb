/* What webhooks brought: each message once, kept until handled. A 'webhook' job says that
 * a message of its sender waits; the one handled then is the sender's oldest. */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include "db/db.h"

#include <stdbool.h>

struct webhook_item {
    const char *source;     /* "whatsapp" */
    const char *message_id; /* the provider's; for a status "id:status" */
    const char *sender;
    const json_t *payload;
    int64_t sent_ms; /* by the provider's clock */
};

/* Stores it within a transaction; DB_NONE when it was known. With `is_work` the job that
 * handles it is added too, else it is only remembered. */
enum db_rc webhook_store(struct db *db, const struct webhook_item *item, bool is_work);

/* The sender's oldest waiting message: id, message_id, sender, payload_json, sent_ms. */
MUST_USE enum db_rc webhook_oldest(struct db *db, const char *source, const char *sender,
                                   json_t **row);

/* How many of the sender's messages wait. */
MUST_USE enum db_rc webhook_waiting(struct db *db, const char *source, const char *sender,
                                    int64_t *count);

/* When the sender last wrote, by the provider's clock; 0: never, or long ago. */
MUST_USE enum db_rc webhook_heard(struct db *db, const char *source, const char *sender,
                                  int64_t *sent_ms);

/* Ends a waiting one within a transaction: 'done', 'ignored' or 'failed'; DB_NONE when it
 * doesn't wait (any more). */
enum db_rc webhook_mark(struct db *db, int64_t id, const char *state);

#endif
