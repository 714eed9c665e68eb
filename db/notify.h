/* Notifications (NOTE-1, NOTE-2): in the app, by WhatsApp and by browser push, as each user
 * chose for each kind. Texts are keys with arguments, so that each reads them in their own
 * language. A kind is a permission's module ("customer_orders", "orders", ...), "account"
 * or "admin". */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "db/db.h"

/* More unread ones than that are not counted. */
enum { NOTIFY_MOST = 100 };

/* Tells one user of their account or themselves, within a transaction. `args` may be NULL;
 * `href` is a path of ours. */
enum db_rc notify_user(struct db *db, int64_t user_id, int64_t account_id,
                       const char *key, const json_t *args, const char *href);

/* Tells the primary user of the account and each secondary one who may view `module`
 * (a permission's name: "customer_orders", "orders", ...). In the chat only those whose own
 * number has an authenticated one; a 'message' job {to, text_key, args, lang}. Quiet hours
 * hold chat and push back until they end, but for what somebody stands and waits for. */
enum db_rc notify_account(struct db *db, int64_t account_id, const char *module,
                          const char *key, const json_t *args, const char *href);

/* Tells each admin; for what somebody has to put right. Within a transaction. */
enum db_rc notify_admins(struct db *db, const char *key, const json_t *args,
                         const char *href);

/* A message to a number, whoever has it, within a transaction: a 'message' job {to,
 * text_key, args, lang, href}. `href`: a path of ours, "" none. `job_key` (may be NULL)
 * makes it happen once. */
enum db_rc notify_number(struct db *db, const char *mobile, const char *lang,
                         const char *key, const json_t *args, const char *href,
                         const char *job_key);

/* The newest first: id, key, args_json, href, kind, account_id, account_name, at_ms,
 * is_read. */
MUST_USE enum db_rc notify_list(struct db *db, int64_t user_id, int64_t before_id,
                                int limit, json_t **rows);
/* Up to NOTIFY_MOST. */
MUST_USE enum db_rc notify_unread(struct db *db, int64_t user_id, int64_t *count);
MUST_USE enum db_rc notify_read_all(struct db *db, int64_t user_id);
/* Marks one as read: href, account_id. DB_NONE when it isn't the user's. */
MUST_USE enum db_rc notify_open(struct db *db, int64_t user_id, int64_t id, json_t **row);

/* --- as each user wants it --- */

/* The kind of a permission's module. */
const char *notify_kind(const char *module);

struct notify_choice {
    const char *kind;
    bool app, chat, push;
};

/* The kinds that can concern the user: kind, app, chat, push as is_*. */
MUST_USE enum db_rc notify_choices(struct db *db, int64_t user_id, json_t **rows);
/* from_minute, to_minute, zone; DB_NONE: no quiet hours. */
MUST_USE enum db_rc notify_quiet(struct db *db, int64_t user_id, json_t **row);

/* Quiet hours with from == to: none. Refused at "zone" when it isn't known. */
MUST_USE enum db_rc notify_set(struct db *db, int64_t user_id,
                               const struct notify_choice *choices, size_t count,
                               int from_minute, int to_minute, const char *zone);

/* The millisecond at which something may be said, `now` or the end of the quiet hours. */
int64_t notify_quiet_end(int64_t now, int from_minute, int to_minute, int zone_minutes);

#endif
