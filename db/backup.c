/* One open task at a time stands as a unique index. */
#include "db/backup.h"

#include "db/audit.h"
#include "db/base/clock.h"

#include <string.h>

bool backup_name_valid(const char *name)
{
    size_t n = strlen(name);

    return n >= 5 && n <= 60 && *name != '.' && *name != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == n &&
           !strstr(name, "..") && strcmp(name + n - 4, ".tar") == 0;
}

const char *backup_name_made(struct arena *a, bool is_scheduled)
{
    struct calendar c = clock_calendar(clock_ms(), clock_zone_minutes("Asia/Kolkata"));

    return arena_printf(a, "%04d-%02d-%02d-%02d%02d%02d%s.tar", c.year, c.month, c.day,
                        c.hour, c.minute, c.second, is_scheduled ? "-auto" : "");
}

enum db_rc backup_ask(struct db *db, const struct actor *admin, const char *kind,
                      const char *name, int64_t *id)
{
    int64_t open;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = db_int(db, "SELECT id FROM backup_task WHERE state IN ('waiting', 'running')",
                DB_NO_ARGS, &open);
    if (rc == DB_OK)
        return db_end(db, db_refuse(db, 409, NULL, "refusal.backup_busy", NULL));
    rc = db_insert(db,
                   "INSERT INTO backup_task(kind, name, user_id, address, asked_ms)"
                   " VALUES (?1, ?2, ?3, ?4, ?5)",
                   DB_ARGS(DB_TEXT(kind), DB_TEXT(name), DB_REF(admin ? admin->user_id : 0),
                           DB_TEXT(admin && admin->address ? admin->address : ""),
                           DB_INT(clock_ms())),
                   id);
    if (rc == DB_OK && admin)
        rc = backup_note(db, admin, arena_printf(db_arena(db), "backup.%s", kind), name);
    db_made(db, *id);
    return db_end(db, rc);
}

enum db_rc backup_once(struct db *db, int64_t id, const char *key,
                       const unsigned char digest[16])
{
    return db_exec(db,
                   "UPDATE backup_task SET once_key = ?2, once_digest = ?3 WHERE id = ?1",
                   DB_ARGS(DB_INT(id), DB_TEXT(key), DB_BLOB(digest, 16)));
}

enum db_rc backup_take(struct db *db, json_t **task)
{
    int64_t id;
    enum db_rc rc = db_int(db, "SELECT id FROM backup_task WHERE state = 'waiting'",
                           DB_NO_ARGS, &id);

    if (rc != DB_OK)
        return rc;
    db_begin(db);
    rc = db_exec(db,
                 "UPDATE backup_task SET state = 'running' WHERE id = ?1"
                 " AND state = 'waiting'",
                 DB_ARGS(DB_INT(id)));
    if (rc == DB_OK)
        rc = db_row(db,
                    "SELECT t.id, t.kind, t.name, t.address, t.once_key, t.once_digest,"
                    " ifnull(u.name, '') AS user_name FROM backup_task t"
                    " LEFT JOIN user u ON u.id = t.user_id"
                    " WHERE t.id = ?1",
                    DB_ARGS(DB_INT(id)), task);
    return db_end(db, rc);
}

enum db_rc backup_end(struct db *db, int64_t id, const char *error)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE backup_task SET state = iif(?2 IS NULL, 'done', 'failed'),"
                 " error = ifnull(?2, ''), done_ms = ?3 WHERE id = ?1"
                 " AND state = 'running'",
                 DB_ARGS(DB_INT(id), DB_TEXT(error), DB_INT(clock_ms())));
    return db_end(db, rc);
}

enum db_rc backup_recover(struct db *db)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE backup_task SET state = 'failed', done_ms = ?1,"
                 " error = 'backup.stopped' WHERE state = 'running'",
                 DB_ARGS(DB_INT(clock_ms())));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

enum db_rc backup_note(struct db *db, const struct actor *admin, const char *kind,
                       const char *name)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    enum db_rc rc;

    db_begin(db);
    rc = audit_write(db, &there, kind, name, NULL, NULL);
    return db_end(db, rc);
}

/* The page lists it in the database that came; the backup holds its own making as not ended,
 * which it was. */
static void restore_listed(struct db *db, const char *name)
{
    db_exec(db,
            "UPDATE backup_task SET state = 'done', done_ms = ?2 WHERE name = ?1"
            " AND kind = 'make' AND state = 'running'",
            DB_ARGS(DB_TEXT(name), DB_INT(clock_ms())));
    db_exec(db,
            "INSERT INTO backup_task(kind, name, state, asked_ms, done_ms)"
            " VALUES ('restore', ?1, 'done', ?2, ?2)",
            DB_ARGS(DB_TEXT(name), DB_INT(clock_ms())));
}

enum db_rc backup_restored(struct db *db, const struct backup_note *note, bool is_good)
{
    const struct actor system = { 0, 0, NULL };
    enum db_rc rc;

    db_begin(db);
    if (is_good)
        restore_listed(db, note->name);
    /* Tasks that were open when the backup was made are none of this database's. */
    db_exec(db,
            "UPDATE backup_task SET state = 'failed', done_ms = ?1,"
            " error = 'backup.stopped' WHERE state IN ('waiting', 'running')",
            DB_ARGS(DB_INT(clock_ms())));
    if (*note->once_key)
        db_exec(db,
                "INSERT INTO once(key, digest, made, at_ms) VALUES (?1, ?2, ?3, ?4)"
                " ON CONFLICT(key) DO NOTHING",
                DB_ARGS(DB_TEXT(note->once_key), DB_BLOB(note->digest, 16),
                        DB_INT(note->task_id), DB_INT(clock_ms())));
    rc = audit_write(db, &system, is_good ? "backup.restored" : "backup.not_restored",
                     note->name, NULL, note->by);
    return db_end(db, rc);
}

enum db_rc backup_tasks(struct db *db, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT t.id, t.kind, t.name, t.state, t.error,"
                   " ifnull(u.name, '') AS user_name, t.asked_ms, t.done_ms"
                   " FROM backup_task t LEFT JOIN user u ON u.id = t.user_id"
                   " ORDER BY t.id DESC LIMIT ?1",
                   DB_ARGS(DB_INT(limit)), rows);
}

enum db_rc backup_checks(struct db *db, json_t **by_name)
{
    json_t *row;
    enum db_rc rc = db_row(
        db,
        "SELECT ifnull(json_group_object(name, json_object('is_good',"
        " json(iif(state = 'done', 'true', 'false')), 'at_ms', done_ms)), '{}') AS all_json"
        " FROM backup_task t WHERE kind = 'check' AND state IN ('done', 'failed')"
        " AND error IN ('', 'backup.broken') AND id = (SELECT max(id) FROM backup_task l"
        " WHERE l.name = t.name AND l.kind = 'check' AND l.state IN ('done', 'failed')"
        " AND l.error IN ('', 'backup.broken'))",
        DB_NO_ARGS, &row);

    *by_name = rc == DB_OK ? json_object_get(row, "all_json") : NULL;
    return rc;
}

enum db_rc backup_scheduled(struct db *db, int64_t *asked_ms)
{
    return db_int(db,
                  "SELECT coalesce((SELECT max(asked_ms) FROM backup_task WHERE"
                  " kind = 'make' AND user_id IS NULL), (SELECT min(at_ms) FROM migration))",
                  DB_NO_ARGS, asked_ms);
}
