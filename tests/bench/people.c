/* Fills a file for the part "notify", by SQL alone.
 *
 *   people FILE members USERS    so many users, with three memberships each and the
 *                                permissions of staff, and notifications that they read
 *   people FILE messages COUNT   so many messages that wait to be sent
 *   people FILE sent             prints how many messages are done
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *db;

static void die(const char *what)
{
    fprintf(stderr, "people: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *format, int count)
{
    char sql[2000];

    snprintf(sql, sizeof sql, format, count);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql);
}

#define EACH "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d) "

static void members(int users)
{
    run("PRAGMA synchronous=OFF; BEGIN;", 0);
    run(EACH "INSERT INTO user(mobile, name, created_ms)"
             " SELECT printf('+9170%%08d', i), 'Member ' || i, 1 FROM n", users);
    run(EACH "INSERT OR IGNORE INTO membership(account_id, user_id, created_ms)"
             " SELECT 1 + (i * 7 + k.value * 31) %% a.n, u.id, 1 FROM n,"
             " json_each('[0,1,2]') k, (SELECT count(*) AS n FROM account) a"
             " JOIN user u ON u.mobile = printf('+9170%%08d', i)", users);
    run("INSERT INTO permission(account_id, user_id, module, level) SELECT m.account_id,"
        " m.user_id, p.value, 1 + m.user_id %% 2 FROM membership m,"
        " json_each('[\"orders\",\"inventory\",\"catalog\"]') p WHERE m.is_primary = 0", 0);
    run(EACH "INSERT INTO notification(user_id, account_id, key, at_ms, read_ms)"
             " SELECT u.id, 1, 'notify.trial', 1, 1 FROM n"
             " JOIN user u ON u.mobile = printf('+9170%%08d', i)", users);
    run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);", 0);
}

static void messages(int count)
{
    run(EACH "INSERT INTO job(kind, provider, recipient, payload, key, next_ms, created_ms)"
             " SELECT 'message', 'chat', printf('+9170%%08d', i %% 3000),"
             " json_object('to', '+91', 'type', 'text', 'body', 'Your order is accepted'),"
             " 'bench' || i, 1, 1 FROM n", count);
}

static void sent(void)
{
    sqlite3_stmt *stmt;

    if (sqlite3_prepare_v2(db, "SELECT count(*) FROM job WHERE key GLOB 'bench*'"
                               " AND state = 'done'", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        die("sent");
    printf("%d\n", sqlite3_column_int(stmt, 0));
    sqlite3_finalize(stmt);
}

int main(int argc, char **argv)
{
    if (argc < 3 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die("usage: people FILE members USERS | messages COUNT | sent");
    sqlite3_busy_timeout(db, 15000);
    if (strcmp(argv[2], "members") == 0 && argc == 4)
        members(atoi(argv[3]));
    else if (strcmp(argv[2], "messages") == 0 && argc == 4)
        messages(atoi(argv[3]));
    else if (strcmp(argv[2], "sent") == 0)
        sent();
    sqlite3_close(db);
    return 0;
}
