/* One query finds all that a request needs to know of who asks. */
#include "db/session.h"

#include "db/base/clock.h"
#include "db/permission.h"

#define IDLE_MS (30 * CLOCK_DAY)
#define VISITOR_MS (60 * CLOCK_DAY)
#define LONGEST_MS (180 * CLOCK_DAY)
#define FRESH_MS (15 * CLOCK_MINUTE)

enum db_rc session_find(struct db *db, const unsigned char hash[32], json_t **row)
{
    return db_row(
        db,
        "SELECT s.id, s.user_id, u.name AS user_name, u.mobile,"
        " coalesce(s.lang, u.lang, '') AS lang, ifnull(u.is_admin, 0) AS is_admin,"
        " a.name AS account_name, a.zone, ifnull(v.handle, '') AS handle,"
        " " PERMISSION_COLUMNS ","
        " CASE WHEN a.id IS NULL"
        "   THEN (SELECT count(*) FROM requirement WHERE session_id = s.id)"
        "   ELSE (SELECT count(*) FROM requirement WHERE account_id = a.id) END"
        "   AS cart_count,"
        " (SELECT count(*) FROM (SELECT 1 FROM notification n WHERE n.user_id = u.id"
        "   AND n.read_ms IS NULL LIMIT 100)) AS unread_count, s.seen_ms,"
        " NOT EXISTS (SELECT 1 FROM membership o WHERE o.user_id = u.id"
        "   AND o.account_id <> a.id) AS is_only"
        " FROM session s LEFT JOIN user u ON u.id = s.user_id"
        " LEFT JOIN membership m ON m.account_id = s.account_id AND m.user_id = u.id"
        " LEFT JOIN account a ON a.id = m.account_id AND a.state = 'active'"
        " LEFT JOIN vendor v ON v.account_id = a.id"
        " WHERE s.token_hash = ?1 AND s.expires_ms > ?2"
        " AND (s.user_id IS NULL OR u.state = 'active')",
        DB_ARGS(DB_BLOB(hash, 32), DB_INT(clock_ms())), row);
}

static enum db_rc session_insert(struct db *db, const unsigned char hash[32],
                                 int64_t user_id, const char *lang, const char *agent,
                                 const char *address, bool by_password, int64_t *id)
{
    int64_t now = clock_ms();

    return db_insert(db,
                     "INSERT INTO session(token_hash, user_id, lang, agent, address,"
                     " created_ms, seen_ms, expires_ms, by_password)"
                     " VALUES (?1, ?2, ?3, substr(?4, 1, 200), ?5, ?6, ?6, ?7, ?8)",
                     DB_ARGS(DB_BLOB(hash, 32), DB_REF(user_id), DB_TEXT(lang),
                             DB_TEXT(agent ? agent : ""), DB_TEXT(address ? address : ""),
                             DB_INT(now), DB_INT(now + (user_id ? IDLE_MS : VISITOR_MS)),
                             DB_INT(by_password)),
                     id);
}

enum db_rc session_start(struct db *db, const unsigned char hash[32], int64_t user_id,
                         int64_t visitor_id, const char *agent, const char *address,
                         bool by_password, int64_t *id)
{
    enum db_rc rc;

    db_begin(db);
    rc = session_insert(db, hash, user_id, NULL, agent, address, by_password, id);
    if (rc == DB_OK && visitor_id) {
        db_exec(db, "UPDATE requirement SET session_id = ?1 WHERE session_id = ?2",
                DB_ARGS(DB_INT(*id), DB_INT(visitor_id)));
        db_exec(db, "DELETE FROM session WHERE id = ?1 AND user_id IS NULL",
                DB_ARGS(DB_INT(visitor_id)));
    }
    return db_end(db, rc);
}

static enum db_rc visitors_check(struct db *db, const char *address)
{
    int64_t oldest, now = clock_ms();

    if (!address || !*address ||
        db_int(db,
               "SELECT created_ms FROM session WHERE user_id IS NULL AND address = ?1"
               " ORDER BY created_ms DESC LIMIT 1 OFFSET ?2",
               DB_ARGS(DB_TEXT(address), DB_INT(VISITORS_PER_HOUR - 1)), &oldest) != DB_OK ||
        oldest <= now - CLOCK_HOUR)
        return DB_OK;
    return db_refuse(db, 429, NULL, "refusal.visitors_many",
                     json_pack("{s:I}", "n",
                               (json_int_t)((oldest + CLOCK_HOUR - now) / CLOCK_MINUTE + 1)));
}

enum db_rc session_visitor(struct db *db, const unsigned char hash[32], const char *lang,
                           const char *address, int64_t *id)
{
    enum db_rc rc = visitors_check(db, address);

    if (rc != DB_OK)
        return rc; /* a flood of them doesn't reach the writer */
    db_begin(db);
    rc = visitors_check(db, address);
    if (rc == DB_OK)
        rc = session_insert(db, hash, 0, lang, "", address, false, id);
    return db_end(db, rc);
}

/* Lines of the visitor's cart join the account's: quantities add up to the table's limit;
 * the account's own goods stay behind, nobody orders those. */
static void cart_join(struct db *db, int64_t session_id, int64_t user_id,
                      int64_t account_id)
{
    db_exec(db,
            "INSERT INTO requirement(account_id, user_id, listing_id, qty_milli, due_ms,"
            " note, created_ms)"
            " SELECT ?2, ?3, r.listing_id, r.qty_milli, r.due_ms, r.note, r.created_ms"
            " FROM requirement r JOIN listing l ON l.id = r.listing_id"
            " WHERE r.session_id = ?1 AND l.account_id <> ?2"
            " ON CONFLICT(account_id, listing_id) WHERE account_id IS NOT NULL DO UPDATE"
            " SET qty_milli = min(qty_milli + excluded.qty_milli, 1000000000)",
            DB_ARGS(DB_INT(session_id), DB_INT(account_id), DB_INT(user_id)));
    db_exec(db, "DELETE FROM requirement WHERE session_id = ?1",
            DB_ARGS(DB_INT(session_id)));
}

enum db_rc session_enter_account(struct db *db, int64_t session_id, int64_t user_id,
                                 int64_t account_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE session SET account_id = ?3 WHERE id = ?1 AND user_id = ?2"
                 " AND EXISTS (SELECT 1 FROM membership m JOIN account a"
                 "   ON a.id = m.account_id WHERE m.account_id = ?3 AND m.user_id = ?2"
                 "   AND a.state = 'active')",
                 DB_ARGS(DB_INT(session_id), DB_INT(user_id), DB_INT(account_id)));
    if (rc == DB_OK)
        cart_join(db, session_id, user_id, account_id);
    return db_end(db, rc);
}

enum db_rc session_seen(struct db *db, int64_t session_id)
{
    int64_t now = clock_ms();
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE session SET seen_ms = ?2, expires_ms = min(created_ms + ?3,"
                 " ?2 + iif(user_id IS NULL, ?4, ?5)) WHERE id = ?1",
                 DB_ARGS(DB_INT(session_id), DB_INT(now), DB_INT(LONGEST_MS),
                         DB_INT(VISITOR_MS), DB_INT(IDLE_MS)));
    return db_end(db, rc);
}

enum db_rc session_language(struct db *db, int64_t session_id, int64_t user_id,
                            const char *lang)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "UPDATE session SET lang = ?2 WHERE id = ?1",
                 DB_ARGS(DB_INT(session_id), DB_TEXT(lang)));
    if (user_id)
        db_exec(db, "UPDATE user SET lang = ?2 WHERE id = ?1",
                DB_ARGS(DB_INT(user_id), DB_TEXT(lang)));
    return db_end(db, rc);
}

enum db_rc session_end(struct db *db, int64_t session_id, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM session WHERE id = ?1 AND user_id = ?2",
                 DB_ARGS(DB_INT(session_id), DB_INT(user_id)));
    return db_end(db, rc);
}

enum db_rc session_end_all(struct db *db, int64_t user_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM session WHERE user_id = ?1", DB_ARGS(DB_INT(user_id)));
    return db_end(db, rc);
}

enum db_rc session_end_others(struct db *db, int64_t user_id, int64_t session_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, "DELETE FROM session WHERE user_id = ?1 AND id <> ?2",
                 DB_ARGS(DB_INT(user_id), DB_INT(session_id)));
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}

enum db_rc session_list(struct db *db, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT s.id, s.agent, s.address, s.created_ms, s.seen_ms,"
                   " s.by_password AS is_by_password, ifnull(a.name, '') AS account_name"
                   " FROM session s LEFT JOIN account a ON a.id = s.account_id"
                   " WHERE s.user_id = ?1 AND s.expires_ms > ?2"
                   " ORDER BY s.seen_ms DESC, s.id DESC LIMIT 100",
                   DB_ARGS(DB_INT(user_id), DB_INT(clock_ms())), rows);
}

enum db_rc session_is_fresh(struct db *db, int64_t session_id)
{
    int64_t id;

    return db_int(db,
                  "SELECT id FROM session WHERE id = ?1 AND by_password = 0"
                  " AND created_ms > ?2",
                  DB_ARGS(DB_INT(session_id), DB_INT(clock_ms() - FRESH_MS)), &id);
}
