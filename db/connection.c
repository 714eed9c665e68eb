/* One SQLite connection with its cache of statements, and the line in which threads wait
 * for one. The cache is an open-addressed table keyed by a hash of the text, compared by
 * text; it is emptied when it gets crowded, which only generated SQL could bring about. */
#include "db/db_internal.h"

#include "db/base/clock.h"
#include "db/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char settings[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA busy_timeout=15000;"
                               "PRAGMA cache_size=-4000;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA mmap_size=2147418112;"
                               "PRAGMA wal_autocheckpoint=0;"
                               "PRAGMA journal_size_limit=67108864;";

enum db_rc connection_run(struct connection *c, const char *sql)
{
    int rc;

    if (!c)
        return DB_ERR; /* of a transaction that could not begin */
    rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return DB_OK;
    log_error("db sql=%.40s rc=%d cause=%s", sql, rc, sqlite3_errmsg(c->handle));
    return DB_ERR;
}

void connection_defensive(struct connection *c, bool on)
{
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DEFENSIVE, on, NULL);
}

struct connection *connection_open(const char *path, bool write, bool create)
{
    struct connection *c = calloc(1, sizeof *c);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;

    if (!c)
        abort();
    if (sqlite3_open_v2(path, &c->handle, flags | (create ? SQLITE_OPEN_CREATE : 0),
                        NULL) != SQLITE_OK) {
        log_error("db open=%s cause=%s", path, sqlite3_errmsg(c->handle));
        connection_close(c);
        return NULL;
    }
    sqlite3_extended_result_codes(c->handle, 1);
    connection_defensive(c, true);
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (connection_run(c, settings) != DB_OK ||
        (!write && connection_run(c, "PRAGMA query_only=ON") != DB_OK)) {
        connection_close(c);
        return NULL;
    }
    return c;
}

static void statements_clear(struct connection *c)
{
    for (int i = 0; i < STATEMENT_SLOTS; i++) {
        sqlite3_finalize(c->slots[i].stmt);
        c->slots[i].stmt = NULL;
    }
    memset(c->recent, 0, sizeof c->recent);
    c->cached = 0;
}

void connection_close(struct connection *c)
{
    if (!c)
        return;
    statements_clear(c);
    sqlite3_close(c->handle);
    free(c);
}

/* FNV-1a by words of eight bytes: some statements are longer than a thousand. */
static uint64_t text_hash(const char *s)
{
    uint64_t h = 14695981039346656037u, word;
    size_t n = strlen(s);

    for (; n >= sizeof word; n -= sizeof word, s += sizeof word) {
        memcpy(&word, s, sizeof word);
        h = (h ^ word) * 1099511628211u;
        h ^= h >> 29;
    }
    for (; n > 0; n--, s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h ^ h >> 32;
}

static sqlite3_stmt *statement_find(struct connection *c, const char *sql)
{
    uint64_t hash = text_hash(sql);
    size_t i = hash % STATEMENT_SLOTS;
    sqlite3_stmt *stmt;

    for (; c->slots[i].stmt; i = (i + 1) % STATEMENT_SLOTS)
        if (c->slots[i].hash == hash && strcmp(sqlite3_sql(c->slots[i].stmt), sql) == 0)
            return c->slots[i].stmt;
    if (sqlite3_prepare_v3(c->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
            SQLITE_OK ||
        !stmt) {
        log_error("db prepare=%.200s cause=%s", sql, sqlite3_errmsg(c->handle));
        return NULL;
    }
    if (c->cached >= STATEMENT_SLOTS / 2) {
        statements_clear(c);
        i = hash % STATEMENT_SLOTS;
    }
    c->slots[i] = (struct statement){ hash, stmt };
    c->cached++;
    return stmt;
}

/* Most texts are literals: what stood at the address last time stands there still, and to see
 * that costs less than to hash it. */
sqlite3_stmt *connection_statement(struct connection *c, const char *sql)
{
    struct recent *r = &c->recent[((uintptr_t)sql >> 3) % RECENT_SLOTS];

    if (r->sql != sql || strcmp(sqlite3_sql(r->stmt), sql) != 0)
        *r = (struct recent){ sql, statement_find(c, sql) };
    if (!r->stmt)
        r->sql = NULL;
    return r->stmt;
}

int connection_step(struct connection *c, const char *sql)
{
    sqlite3_stmt *stmt = connection_statement(c, sql);
    int rc;

    if (!stmt)
        return SQLITE_ERROR;
    rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}
