/* How a user wants to hear of what. A kind without a row is told in every way that there is,
 * so that one that is added later is not missed; WhatsApp is one for who has written to us
 * there, or has chosen it. */
#include "db/notify.h"

#include "db/base/clock.h"

#include <string.h>

static const struct {
    const char *kind;
    bool of_vendor, of_admin;
} kinds[] = {
    { "customer_orders", true, false }, { "catalog", true, false },
    { "cash_register", true, false },   { "orders", false, false },
    { "requirements", false, false },   { "inventory", false, false },
    { "account", false, false },        { "admin", false, true },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

const char *notify_kind(const char *module)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].kind, module) == 0)
            return kinds[i].kind;
    return "account";
}

static enum db_rc choice_read(struct db *db, int64_t user_id, const char *kind,
                              bool has_chat, json_t *rows)
{
    json_t *row;
    enum db_rc rc;

    rc = db_row(db,
                "SELECT app AS is_app, chat AS is_chat, push AS is_push"
                " FROM notify_choice WHERE user_id = ?1 AND kind = ?2",
                DB_ARGS(DB_INT(user_id), DB_TEXT(kind)), &row);
    if (rc == DB_NONE) {
        row = json_pack("{s:b, s:b, s:b}", "is_app", 1, "is_chat", has_chat,
                        "is_push", 1);
        rc = DB_OK;
    }
    if (rc != DB_OK)
        return rc;
    json_object_set_new(row, "kind", json_string(kind));
    json_array_append(rows, row);
    return DB_OK;
}

enum db_rc notify_choices(struct db *db, int64_t user_id, json_t **rows)
{
    json_t *user;
    enum db_rc rc;

    *rows = json_array();
    rc = db_row(db,
                "SELECT is_admin, EXISTS (SELECT 1 FROM membership m JOIN vendor v"
                " ON v.account_id = m.account_id WHERE m.user_id = user.id) AS is_vendor,"
                " EXISTS (SELECT 1 FROM dialogue d WHERE d.chat = substr(user.mobile, 2)"
                "  AND d.user_id = user.id AND d.authenticated_until_ms > 0) AS has_chat"
                " FROM user WHERE id = ?1",
                DB_ARGS(DB_INT(user_id)), &user);
    for (size_t i = 0; i < KINDS && rc == DB_OK; i++)
        if ((!kinds[i].of_vendor || json_is_true(json_object_get(user, "is_vendor"))) &&
            (!kinds[i].of_admin || json_is_true(json_object_get(user, "is_admin"))))
            rc = choice_read(db, user_id, kinds[i].kind,
                             json_is_true(json_object_get(user, "has_chat")), *rows);
    return rc;
}

enum db_rc notify_quiet(struct db *db, int64_t user_id, json_t **row)
{
    return db_row(db,
                  "SELECT from_minute, to_minute, zone FROM notify_quiet"
                  " WHERE user_id = ?1",
                  DB_ARGS(DB_INT(user_id)), row);
}

static enum db_rc quiet_set(struct db *db, int64_t user_id, int from_minute,
                            int to_minute, const char *zone)
{
    if (!clock_zone_known(zone))
        return db_refuse(db, 422, "zone", "refusal.zone", NULL);
    db_exec(db, "DELETE FROM notify_quiet WHERE user_id = ?1", DB_ARGS(DB_INT(user_id)));
    if (from_minute == to_minute)
        return DB_OK;
    return db_exec(db,
                   "INSERT INTO notify_quiet(user_id, from_minute, to_minute, zone)"
                   " VALUES (?1, ?2, ?3, ?4)",
                   DB_ARGS(DB_INT(user_id), DB_INT(from_minute), DB_INT(to_minute),
                           DB_TEXT(zone)));
}

enum db_rc notify_set(struct db *db, int64_t user_id,
                      const struct notify_choice *choices, size_t count,
                      int from_minute, int to_minute, const char *zone)
{
    enum db_rc rc;

    db_begin(db);
    rc = quiet_set(db, user_id, from_minute, to_minute, zone);
    for (size_t i = 0; i < count && rc == DB_OK; i++)
        rc = db_exec(db,
                     "INSERT INTO notify_choice(user_id, kind, app, chat, push)"
                     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT(user_id, kind) DO UPDATE"
                     " SET app = ?3, chat = ?4, push = ?5",
                     DB_ARGS(DB_INT(user_id), DB_TEXT(choices[i].kind),
                             DB_INT(choices[i].app), DB_INT(choices[i].chat),
                             DB_INT(choices[i].push)));
    return db_end(db, rc);
}
