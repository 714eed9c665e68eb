/* A browser's jobs go to "push:<id>" through "push:<origin>": one that doesn't answer holds
 * up its own push service alone. */
#include "db/push.h"

#include "db/base/clock.h"
#include "db/job.h"

enum db_rc push_subscribe(struct db *db, const struct push_browser *b)
{
    const char *provider = arena_printf(db_arena(db), "push:%s", b->origin);
    int64_t id;
    enum db_rc rc;

    db_begin(db);
    db_exec(db, "DELETE FROM push_subscription WHERE endpoint = ?1 OR session_id = ?2",
            DB_ARGS(DB_TEXT(b->endpoint), DB_INT(b->session_id)));
    db_exec(db,
            "DELETE FROM push_subscription WHERE user_id = ?1 AND id <= (SELECT id FROM"
            " push_subscription WHERE user_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            DB_ARGS(DB_INT(b->user_id), DB_INT(PUSH_PER_USER - 1)));
    rc = db_insert(db,
                   "INSERT INTO push_subscription(user_id, session_id, endpoint, provider,"
                   " p256dh, auth, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   DB_ARGS(DB_INT(b->user_id), DB_INT(b->session_id),
                           DB_TEXT(b->endpoint), DB_TEXT(provider), DB_TEXT(b->p256dh),
                           DB_TEXT(b->auth), DB_INT(clock_ms())),
                   &id);
    return db_end(db, rc);
}

enum db_rc push_unsubscribe(struct db *db, int64_t session_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM push_subscription WHERE session_id = ?1",
                 DB_ARGS(DB_INT(session_id)));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

bool push_is_on(struct db *db, int64_t session_id)
{
    int64_t n;

    return db_int(db, "SELECT 1 FROM push_subscription WHERE session_id = ?1",
                  DB_ARGS(DB_INT(session_id)), &n) == DB_OK;
}

enum db_rc push_forget(struct db *db, int64_t id)
{
    db_exec(db, "DELETE FROM push_subscription WHERE id = ?1", DB_ARGS(DB_INT(id)));
    return job_drop(db, arena_printf(db_arena(db), "push:%lld", (long long)id),
                    "the browser takes no more messages");
}

enum db_rc push_forget_all(struct db *db)
{
    enum db_rc rc = db_exec(db, "DELETE FROM push_subscription", DB_NO_ARGS);

    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc push_find(struct db *db, int64_t id, json_t **row)
{
    return db_row(db,
                  "SELECT endpoint, p256dh, auth FROM push_subscription WHERE id = ?1",
                  DB_ARGS(DB_INT(id)), row);
}

enum db_rc push_tell(struct db *db, int64_t user_id, const json_t *payload,
                     int64_t due_ms)
{
    json_t *browsers, *one;
    size_t i;
    enum db_rc rc;

    rc = db_rows(db,
                 "SELECT id, provider FROM push_subscription WHERE user_id = ?1"
                 " ORDER BY id",
                 DB_ARGS(DB_INT(user_id)), &browsers);
    json_array_foreach(browsers, i, one)
    {
        int64_t id = json_integer_value(json_object_get(one, "id"));

        if (rc == DB_OK)
            rc = job_send(db, json_string_value(json_object_get(one, "provider")),
                          arena_printf(db_arena(db), "push:%lld", (long long)id), payload,
                          NULL, due_ms);
    }
    return rc;
}
