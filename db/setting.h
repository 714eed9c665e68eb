/* Settings of the installation: one table says which there are and within which bounds. */
#ifndef SETTING_H
#define SETTING_H

#include "db/actor.h"
#include "db/db.h"

enum setting_type { SETTING_TEXT, SETTING_FLAG /* "1" or "" */, SETTING_INT };

struct setting_rule {
    const char *key;
    enum setting_type type;
    int64_t normal;   /* a number that was never set */
    int64_t min, max; /* of a number; characters of a text */
};

/* name (of the installation; "": InviChat), languages (offered, "en hi"; "": all),
 * signup_approval, chat_grants_vendor, accounts_per_user, codes_per_day, backup_off,
 * backup_hour, backup_keep; ends with a NULL key. */
extern const struct setting_rule setting_rules[];

/* The value; "" when it was never set. Borrowed from the arena. */
const char *setting_get(struct db *db, const char *key);

/* The name of the installation, "InviChat" where it has none of its own. */
const char *setting_name(struct db *db);

/* A number, or its normal value. */
int64_t setting_int(struct db *db, const char *key);

/* As it is, without a look at the rules; for what is no setting of the admin's. */
MUST_USE enum db_rc setting_put(struct db *db, const char *key, const char *value);

/* The same with an entry in the installation's audit log, unless it is so already.
 * Refused at the key when it is out of bounds. */
MUST_USE enum db_rc setting_change(struct db *db, const struct actor *admin,
                                   const char *key, const char *value);

struct setting_pair {
    const char *key, *value;
};

/* Several, all or none; the last one has a NULL key. */
MUST_USE enum db_rc settings_change(struct db *db, const struct actor *admin,
                                    const struct setting_pair *pairs);

/* DB_OK when the database answers. */
MUST_USE enum db_rc setting_reachable(struct db *db);

#endif
