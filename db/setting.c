/* One row a setting; a setting without a row has its normal value. */
#include "db/setting.h"

#include "db/audit.h"
#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

const struct setting_rule setting_rules[] = {
    { "name", SETTING_TEXT, 0, 0, 30 },
    { "languages", SETTING_TEXT, 0, 0, 60 },
    { "signup_approval", SETTING_FLAG },
    { "chat_grants_vendor", SETTING_FLAG },
    { "accounts_per_user", SETTING_INT, 20, 1, 1000 },
    { "codes_per_day", SETTING_INT, 5000, 10, 1000000 },
    { "backup_off", SETTING_FLAG },
    { "backup_hour", SETTING_INT, 2, 0, 23 },
    { "backup_keep", SETTING_INT, 7, 1, 60 },
    { 0 }
};

static const struct setting_rule *rule_of(const char *key)
{
    const struct setting_rule *rule = setting_rules;

    while (rule->key && strcmp(rule->key, key) != 0)
        rule++;
    return rule->key ? rule : NULL;
}

const char *setting_name(struct db *db)
{
    const char *name = setting_get(db, "name");

    return *name ? name : "InviChat";
}

const char *setting_get(struct db *db, const char *key)
{
    const char *value;

    if (db_text(db, "SELECT value FROM setting WHERE key = ?1", DB_ARGS(DB_TEXT(key)),
                &value) != DB_OK)
        return "";
    return value;
}

int64_t setting_int(struct db *db, const char *key)
{
    const struct setting_rule *rule = rule_of(key);
    const char *value = setting_get(db, key);

    return *value || !rule ? strtoll(value, NULL, 10) : rule->normal;
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

static enum db_rc rule_check(struct db *db, const char *key, const char *value)
{
    const struct setting_rule *rule = rule_of(key);
    int64_t n = 0;

    if (!rule || rule->type == SETTING_FLAG)
        return !rule || !*value || strcmp(value, "1") == 0
                   ? DB_OK
                   : db_refuse(db, 422, key, "refusal.setting", NULL);
    if (rule->type == SETTING_TEXT)
        return (int64_t)text_chars(value) <= rule->max
                   ? DB_OK
                   : db_refuse(db, 422, key, "refusal.setting_long",
                               json_pack("{s:I}", "n", (json_int_t)rule->max));
    if (*value && text_number(value, 0, 0, &n) && n >= rule->min && n <= rule->max)
        return DB_OK;
    return db_refuse(db, 422, key, "refusal.setting_range",
                     json_pack("{s:I,s:I}", "min", (json_int_t)rule->min, "max",
                               (json_int_t)rule->max));
}

enum db_rc setting_change(struct db *db, const struct actor *admin, const char *key,
                          const char *value)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *before;
    enum db_rc rc = DB_OK;

    db_begin(db);
    rc = rule_check(db, key, value);
    before = setting_get(db, key);
    if (rc == DB_OK && strcmp(before, value) != 0) {
        rc = setting_put(db, key, value);
        audit_write(db, &there, "setting.changed", key, before, value);
    }
    return db_end(db, rc);
}

enum db_rc settings_change(struct db *db, const struct actor *admin,
                           const struct setting_pair *pairs)
{
    enum db_rc rc = DB_OK;

    db_begin(db);
    for (; pairs->key && rc == DB_OK; pairs++)
        rc = setting_change(db, admin, pairs->key, pairs->value);
    return db_end(db, rc);
}

enum db_rc setting_reachable(struct db *db)
{
    int64_t n;

    return db_int(db, "SELECT count(*) FROM setting", DB_NO_ARGS, &n);
}
