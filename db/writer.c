/* Transactions. One write connection is handed from thread to thread in order of arrival.
 * The first one in says BEGIN, each is a savepoint, and whoever finds nobody waiting behind
 * says COMMIT for the whole group; the others wait for that outcome. So many transactions
 * cost one fsync, and none is answered before it is on disk. */
#include "db/db_internal.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP_MAX = 256,
    LINE_MAX = 4096,      /* transactions in line before new ones are told to come back */
    LINE_MS = 15 * 1000,  /* the longest wait for a turn */
    CHECKPOINT_PAGES = 4000,
    TRUNCATE_PAGES = 16000,
};

static struct group *group_new(void)
{
    struct group *g = calloc(1, sizeof *g);

    if (!g)
        abort();
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->over, NULL);
    g->refs = 1;
    return g;
}

static void group_unref(struct group *g)
{
    if (--g->refs == 0) {
        pthread_cond_destroy(&g->over);
        pthread_mutex_destroy(&g->lock);
        free(g);
    }
}

/* A full disk shows as FULL or as a short write; BUSY is another process with the file. */
static bool rc_is_full(int rc)
{
    return (rc & 0xff) == SQLITE_FULL || (rc & 0xff) == SQLITE_BUSY ||
           rc == SQLITE_IOERR_WRITE || rc == SQLITE_IOERR_FSYNC ||
           rc == SQLITE_IOERR_SHMSIZE;
}

void db_fail(struct db *db, struct connection *c, int rc, const char *sql)
{
    db->full = rc_is_full(rc);
    log_error("db rc=%d sql=%.120s cause=%s", rc, sql, sqlite3_errmsg(c->handle));
    if (db->depth > 0) {
        db->refusal = (struct refusal){ 0 }; /* of a part that ended before */
        db->failed = true;
        db->lost = sqlite3_get_autocommit(c->handle) != 0;
    }
}

/* Takes the writer and makes sure that a group is open. */
static void writer_take(struct db *db)
{
    struct db_file *f = db->file;
    bool mine = true;

    pthread_mutex_lock(&f->write_lock);
    if (f->writing) {
        mine = f->writers_waiting.length < LINE_MAX &&
               queue_wait(&f->writers_waiting, &f->write_lock, LINE_MS);
    }
    f->writing = f->writing || mine;
    if (mine && !f->group)
        f->group = group_new();
    pthread_mutex_unlock(&f->write_lock);
    db->overload = !mine;
    db->full = !mine;
    db->failed = !mine;
    if (!mine)
        log_warn("db writer overloaded");
}

/* Under the writer: was the key used while we waited? */
static void once_check(struct db *db)
{
    int64_t made;

    db->twice = db->once_key &&
                db_replayed(db, db->once_key, db->once_digest, &made) != DB_FRESH;
    if (db->twice)
        db_refuse(db, 409, NULL, "refusal.sent_twice", NULL);
}

void db_begin(struct db *db)
{
    struct connection *w = db->file->writer;

    if (db->depth++ > 0)
        return;
    db_release(db);
    db->refusal = (struct refusal){ 0 };
    db->lost = db->unopened = db->twice = false;
    db->made = 0;
    writer_take(db);
    if (db->failed)
        return;
    if (sqlite3_get_autocommit(w->handle) && connection_step(w, "BEGIN IMMEDIATE") != SQLITE_OK) {
        db_fail(db, w, sqlite3_errcode(w->handle), "BEGIN");
        db->unopened = true;
        db->lost = false;
        return;
    }
    if (connection_step(w, "SAVEPOINT one") != SQLITE_OK) {
        db_fail(db, w, sqlite3_errcode(w->handle), "SAVEPOINT");
        db->unopened = true;
        return;
    }
    once_check(db);
}

/* Keeps the WAL from growing without end; between groups. */
static void writer_checkpoint(struct db_file *f)
{
    int mode = f->wal_pages > TRUNCATE_PAGES ? SQLITE_CHECKPOINT_TRUNCATE
                                             : SQLITE_CHECKPOINT_PASSIVE;

    if (f->wal_pages < CHECKPOINT_PAGES)
        return;
    sqlite3_busy_timeout(f->writer->handle, 100);
    if (sqlite3_wal_checkpoint_v2(f->writer->handle, NULL, mode, NULL, NULL) == SQLITE_OK)
        f->wal_pages = mode == SQLITE_CHECKPOINT_TRUNCATE ? 0 : f->wal_pages;
    sqlite3_busy_timeout(f->writer->handle, 15000);
}

/* COMMIT for the group, its outcome to all who wait, the writer to the next in line. */
static void group_commit(struct db_file *f, struct group *g)
{
    struct connection *w = f->writer;
    int rc = SQLITE_OK;

    if (sqlite3_get_autocommit(w->handle))
        g->failed = true;
    else if (!g->failed)
        rc = connection_step(w, "COMMIT");
    if (rc != SQLITE_OK) {
        log_error("db commit rc=%d cause=%s", rc, sqlite3_errmsg(w->handle));
        g->failed = true;
        g->full = rc_is_full(rc);
    }
    if (!sqlite3_get_autocommit(w->handle))
        connection_step(w, "ROLLBACK");
    f->commits += !g->failed;
    pthread_mutex_lock(&f->write_lock);
    f->group = NULL;
    pthread_mutex_unlock(&f->write_lock);
    pthread_mutex_lock(&g->lock);
    g->done = true;
    pthread_cond_broadcast(&g->over);
    pthread_mutex_unlock(&g->lock);
    group_unref(g);
    writer_checkpoint(f);
    pthread_mutex_lock(&f->write_lock);
    if (!queue_grant(&f->writers_waiting)) {
        f->writing = false;
        pthread_cond_broadcast(&f->writer_idle);
    }
    pthread_mutex_unlock(&f->write_lock);
}

/* Hands the writer on, or commits when nobody waits; a member of the group stays for its
 * outcome. True when that was a commit. */
static bool writer_pass(struct db *db, bool member)
{
    struct db_file *f = db->file;
    struct group *g;
    bool last, good = false;

    pthread_mutex_lock(&f->write_lock);
    g = f->group;
    g->refs++;
    g->members += member;
    if (db->lost) {
        g->failed = true;
        g->full = db->full;
    }
    last = g->failed || g->members >= GROUP_MAX || !queue_grant(&f->writers_waiting);
    pthread_mutex_unlock(&f->write_lock);
    if (last)
        group_commit(f, g);
    if (member) {
        pthread_mutex_lock(&g->lock);
        while (!g->done)
            pthread_cond_wait(&g->over, &g->lock);
        good = !g->failed;
        db->full = g->full;
        pthread_mutex_unlock(&g->lock);
    }
    group_unref(g);
    return good;
}

/* Records the one-time key with what was made, in the same savepoint. */
static enum db_rc once_record(struct db *db)
{
    if (!db->once_key)
        return DB_OK;
    return db_exec(db, "INSERT INTO once(key, digest, made, at_ms) VALUES (?1, ?2, ?3, ?4)",
                   DB_ARGS(DB_TEXT(db->once_key), DB_BLOB(db->once_digest, 16),
                           DB_INT(db->made), DB_INT(clock_ms())));
}

static void savepoint_undo(struct db *db, const char *rollback, const char *release)
{
    struct connection *w = db->file->writer;

    if (sqlite3_get_autocommit(w->handle) || connection_step(w, rollback) != SQLITE_OK ||
        connection_step(w, release) != SQLITE_OK)
        db->lost = true;
}

enum db_rc db_end(struct db *db, enum db_rc rc)
{
    struct connection *w = db->file->writer;
    bool kept;

    assert(db->depth > 0);
    if (db->depth > 1) {
        db->depth--;
        return rc == DB_OK && db->failed ? DB_ERR : rc;
    }
    if (rc == DB_OK && !db->failed && once_record(db) != DB_OK)
        rc = DB_ERR;
    kept = rc == DB_OK && !db->failed;
    if (kept && connection_step(w, "RELEASE one") != SQLITE_OK) {
        db_fail(db, w, sqlite3_errcode(w->handle), "RELEASE");
        kept = false;
    }
    if (db->overload) {
        db->depth = 0;
        return DB_ERR;
    }
    if (!kept && !db->unopened)
        savepoint_undo(db, "ROLLBACK TO one", "RELEASE one");
    db->depth = 0;
    if (!kept) {
        /* The first with this key may still be in this group: its outcome is waited for,
         * so that the answer can be looked up. */
        writer_pass(db, db->twice);
        if (db->refusal.key && db->failed)
            return DB_REFUSED;
        return rc == DB_OK ? DB_ERR : rc;
    }
    db->once_key = NULL;
    return writer_pass(db, true) ? DB_OK : DB_ERR;
}

void db_try(struct db *db)
{
    struct connection *w = db->file->writer;

    assert(db->depth > 0 && !db->trying);
    db->trying = true;
    if (!db->failed)
        db->refusal = (struct refusal){ 0 };
    if (!db->failed && connection_step(w, "SAVEPOINT part") != SQLITE_OK)
        db_fail(db, w, sqlite3_errcode(w->handle), "SAVEPOINT");
    db->failed_before = db->failed;
}

enum db_rc db_try_end(struct db *db, enum db_rc rc)
{
    struct connection *w = db->file->writer;

    assert(db->depth > 0 && db->trying);
    db->trying = false;
    if (db->failed_before)
        return DB_ERR;
    if (rc == DB_OK && !db->failed) {
        if (connection_step(w, "RELEASE part") == SQLITE_OK)
            return DB_OK;
        db_fail(db, w, sqlite3_errcode(w->handle), "RELEASE");
        return DB_ERR;
    }
    if (rc == DB_OK)
        rc = db->refusal.key ? DB_REFUSED : DB_ERR;
    savepoint_undo(db, "ROLLBACK TO part", "RELEASE part");
    db->failed = db->lost || db->full;
    return rc;
}

enum db_rc db_refuse(struct db *db, int status, const char *field, const char *key,
                     json_t *args)
{
    db->refusal = (struct refusal){ status, field, key, args };
    if (db->depth > 0)
        db->failed = true;
    return DB_REFUSED;
}

const struct refusal *db_refusal(const struct db *db)
{
    return db->refusal.key ? &db->refusal : NULL;
}

bool db_full(const struct db *db)
{
    return db->full;
}

void db_once(struct db *db, const char *key, const unsigned char digest[16])
{
    db->once_key = key;
    memcpy(db->once_digest, digest, sizeof db->once_digest);
}

void db_once_cancel(struct db *db)
{
    db->once_key = NULL;
}

bool db_once_open(const struct db *db)
{
    return db->once_key != NULL;
}

void db_made(struct db *db, int64_t id)
{
    db->made = id;
}

enum db_replay db_replayed(struct db *db, const char *key, const unsigned char digest[16],
                           int64_t *made)
{
    json_t *row;
    const char *was;

    *made = 0;
    if (db_row(db, "SELECT digest, made FROM once WHERE key = ?1", DB_ARGS(DB_TEXT(key)),
               &row) != DB_OK)
        return DB_FRESH;
    *made = row_int(row, "made");
    was = json_string_value(json_object_get(row, "digest"));
    return strcmp(was, text_hex(db->arena, digest, 16)) == 0 ? DB_REPLAYED : DB_KEY_MISUSED;
}
