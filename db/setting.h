/* Settings of the installation: "signup_approval", "chat_grants_vendor" ("1" or ""). */
#ifndef SETTING_H
#define SETTING_H

#include "db/actor.h"
#include "db/db.h"

/* The value; "" when it was never set. Borrowed from the arena. */
const char *setting_get(struct db *db, const char *key);
MUST_USE enum db_rc setting_put(struct db *db, const char *key, const char *value);

/* The same with an entry in the installation's audit log, unless it is so already. */
MUST_USE enum db_rc setting_change(struct db *db, const struct actor *admin,
                                   const char *key, const char *value);

/* DB_OK when the database answers. */
MUST_USE enum db_rc setting_reachable(struct db *db);

#endif
