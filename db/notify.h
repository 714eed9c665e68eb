/* Notifications in the app (NOTE-1). Texts are keys with arguments, so that each reads
 * them in their own language. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "db/db.h"

/* Tells one user, within a transaction. `args` may be NULL; `href` is a path of ours. */
enum db_rc notify_user(struct db *db, int64_t user_id, int64_t account_id,
                       const char *key, const json_t *args, const char *href);

/* Tells the primary user of the account and each secondary one who may view `module`
 * (a permission's name: "customer_orders", "orders", ...). Those whose number has an
 * authenticated chat get a 'message' job too: {to, text_key, args, lang}. */
enum db_rc notify_account(struct db *db, int64_t account_id, const char *module,
                          const char *key, const json_t *args, const char *href);

/* Tells each admin; for what somebody has to put right. Within a transaction. */
enum db_rc notify_admins(struct db *db, const char *key, const json_t *args,
                         const char *href);

/* A message to a number, whoever has it, within a transaction: a 'message' job {to,
 * text_key, args, lang}. `job_key` (may be NULL) makes it happen once. */
enum db_rc notify_number(struct db *db, const char *mobile, const char *lang,
                         const char *key, const json_t *args, const char *job_key);

MUST_USE enum db_rc
notify_list(struct db *db, int64_t user_id, int64_t before_id, int limit,
            json_t **rows); /* id, key, args_json, href, at_ms, is_read */
MUST_USE enum db_rc notify_unread(struct db *db, int64_t user_id, int64_t *count);
MUST_USE enum db_rc notify_read_all(struct db *db, int64_t user_id);

#endif
