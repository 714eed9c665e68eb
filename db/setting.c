/* One row a setting. */
#include "db/setting.h"

#include "db/audit.h"

#include <string.h>

const char *setting_get(struct db *db, const char *key)
{
    const char *value;

    if (db_text(db, "SELECT value FROM setting WHERE key = ?1", DB_ARGS(DB_TEXT(key)),
                &value) != DB_OK)
        return "";
    return value;
}

enum db_rc setting_put(struct db *db, const char *key, const char *value)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "INSERT INTO setting(key, value) VALUES (?1, ?2)"
                 " ON CONFLICT(key) DO UPDATE SET value = ?2",
                 DB_ARGS(DB_TEXT(key), DB_TEXT(value)));
    return db_end(db, rc);
}

enum db_rc setting_change(struct db *db, const struct actor *admin, const char *key,
                          const char *value)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *before;
    enum db_rc rc = DB_OK;

    db_begin(db);
    before = setting_get(db, key);
    if (strcmp(before, value) != 0) {
        rc = setting_put(db, key, value);
        audit_write(db, &there, "setting.changed", key, before, value);
    }
    return db_end(db, rc);
}

enum db_rc setting_reachable(struct db *db)
{
    int64_t n;

    return db_int(db, "SELECT count(*) FROM setting", DB_NO_ARGS, &n);
}
