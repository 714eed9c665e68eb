/* Transactions. One write connection goes from one to the next in order of arrival. The first
 * one in says BEGIN, each is a savepoint, and whoever finds nobody waiting behind says COMMIT
 * for the whole group; the others wait for that outcome. So many transactions cost one fsync,
 * and none is answered before it is on disk. Where groups have been larger of late, it waits a
 * moment for those who were answered together and come back one by one: half of what a commit
 * takes, so never long on a quick disk, and not at all where one comes alone.
 *
 * The thread that has the writer leads. Who waits is either a thread, which is handed the
 * lead, or the work of one (db_run), which the leader does in passing: a thread that has to be
 * woken for its turn costs more than the turn. */
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
    GATHER_US = 5000,     /* the longest wait for more members */
    CHECKPOINT_PAGES = 4000,
    TRUNCATE_PAGES = 16000,
};

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

/* Waits until the turn leads or is done; false when neither came in time. */
static bool turn_take(struct turn *t)
{
    struct db_file *f = t->db->file;
    bool there = false;

    pthread_mutex_lock(&f->write_lock);
    if (!f->writing) {
        f->writing = t->leads = there = true;
        pthread_mutex_unlock(&f->write_lock);
    } else if (f->writers_waiting.length < LINE_MAX) {
        if (f->gathering)
            pthread_cond_signal(&f->arrived);
        there = queue_wait(&f->writers_waiting, &t->waiter, &f->write_lock, LINE_MS);
    } else {
        pthread_mutex_unlock(&f->write_lock);
    }
    if (!there)
        log_warn("db writer overloaded");
    return there;
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

static void view_reset(struct db *db)
{
    db_release(db);
    db->refusal = (struct refusal){ 0 };
    db->failed = db->full = db->overload = false;
    db->lost = db->unopened = db->twice = false;
    db->made = 0;
}

static void view_overload(struct db *db)
{
    db->overload = db->full = db->failed = true;
}

/* Under the writer. */
static void savepoint_open(struct db *db)
{
    struct connection *w = db->file->writer;

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

void db_begin(struct db *db)
{
    struct turn self = { .db = db };

    if (db->depth++ > 0)
        return;
    view_reset(db);
    if (turn_take(&self))
        savepoint_open(db);
    else
        view_overload(db);
}

/* Keeps the WAL from growing without end; between groups. */
static void writer_checkpoint(struct db_file *f)
{
    int mode = f->wal_pages > TRUNCATE_PAGES ? SQLITE_CHECKPOINT_TRUNCATE
                                             : SQLITE_CHECKPOINT_PASSIVE;

    sqlite3_busy_timeout(f->writer->handle, 100);
    if (sqlite3_wal_checkpoint_v2(f->writer->handle, NULL, mode, NULL, NULL) == SQLITE_OK)
        f->wal_pages = mode == SQLITE_CHECKPOINT_TRUNCATE ? 0 : f->wal_pages;
    sqlite3_busy_timeout(f->writer->handle, 15000);
}

static void writer_free(struct db_file *f)
{
    struct turn *next;

    pthread_mutex_lock(&f->write_lock);
    next = (struct turn *)queue_take(&f->writers_waiting);
    if (!next) {
        f->writing = false;
        pthread_cond_broadcast(&f->writer_idle);
    }
    pthread_mutex_unlock(&f->write_lock);
    if (next) {
        next->leads = true;
        waiter_wake(&next->waiter);
    }
}

static void group_over(struct group *g)
{
    for (struct turn *t = g->first, *next; t; t = next) {
        next = (struct turn *)t->waiter.next;
        t->db->full = g->full;
        if (g->failed && t->rc == DB_OK)
            t->rc = DB_ERR;
        waiter_wake(&t->waiter);
    }
    *g = (struct group){ 0 };
}

static int commit_timed(struct db_file *f)
{
    int64_t start = clock_steady_us();
    int rc = connection_step(f->writer, "COMMIT");

    f->commit_us = clock_steady_us() - start;
    f->usual = (f->usual + f->group.members) / 2;
    return rc;
}

/* COMMIT for the group, the writer to the next in line, the outcome to all who wait: in this
 * order, as those who are woken take the processor from who wakes them. */
static void group_commit(struct db_file *f)
{
    struct connection *w = f->writer;
    struct group *g = &f->group, over;
    int rc = SQLITE_OK;

    if (sqlite3_get_autocommit(w->handle))
        g->failed = true;
    else if (!g->failed)
        rc = commit_timed(f);
    if (rc != SQLITE_OK) {
        log_error("db commit rc=%d cause=%s", rc, sqlite3_errmsg(w->handle));
        g->failed = true;
        g->full = rc_is_full(rc);
    }
    if (!sqlite3_get_autocommit(w->handle))
        connection_step(w, "ROLLBACK");
    f->commits += !g->failed;
    over = *g;
    *g = (struct group){ 0 };
    if (f->wal_pages >= CHECKPOINT_PAGES) {
        group_over(&over); /* nobody waits for that */
        writer_checkpoint(f);
    }
    writer_free(f);
    group_over(&over);
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

/* Releases the savepoint, or undoes it. What of it the group's outcome decides on: all that
 * was kept; and one that another with its key preceded, maybe in this very group, whose answer
 * can be looked up only then. `rc` becomes the answer if all goes well. */
static bool savepoint_close(struct db *db, enum db_rc *rc)
{
    struct connection *w = db->file->writer;
    struct group *g = &db->file->group;
    bool kept;

    if (*rc == DB_OK && !db->failed && once_record(db) != DB_OK)
        *rc = DB_ERR;
    kept = *rc == DB_OK && !db->failed;
    if (kept && connection_step(w, "RELEASE one") != SQLITE_OK) {
        db_fail(db, w, sqlite3_errcode(w->handle), "RELEASE");
        kept = false;
    }
    if (!kept && !db->unopened)
        savepoint_undo(db, "ROLLBACK TO one", "RELEASE one");
    if (db->lost) {
        g->failed = true;
        g->full = db->full;
    }
    db->depth = 0;
    if (kept)
        db->once_key = NULL;
    else if (db->refusal.key && db->failed)
        *rc = DB_REFUSED;
    else if (*rc == DB_OK)
        *rc = DB_ERR;
    return kept || db->twice;
}

/* Ends the turn's transaction; it waits for the group's outcome, or has its answer now. */
static bool turn_close(struct turn *t, enum db_rc rc)
{
    struct group *g = &t->db->file->group;

    t->rc = rc;
    if (!savepoint_close(t->db, &t->rc))
        return false;
    t->waiter.next = (struct waiter *)g->first;
    g->first = t;
    g->members++;
    return true;
}

/* Does the work of a thread that waits. */
static void turn_do(struct turn *t)
{
    struct arena *mine = arena_json(t->json);

    t->db->depth = 1;
    savepoint_open(t->db);
    if (!turn_close(t, t->work(t->db, t->arg)))
        waiter_wake(&t->waiter);
    arena_json(mine);
}

/* Waits for the next in line, under the lock. */
static void group_gather(struct db_file *f)
{
    struct group *g = &f->group;
    int64_t wait = f->commit_us / 2;
    int64_t until = clock_steady_us() + (wait < GATHER_US ? wait : GATHER_US);

    if (!g->patience.tv_sec)
        g->patience = (struct timespec) { until / 1000000, until % 1000000 * 1000 };
    f->gathering = true;
    while (!f->writers_waiting.first &&
           pthread_cond_timedwait(&f->arrived, &f->write_lock, &g->patience) == 0)
        ;
    f->gathering = false;
}

static struct turn *turn_next(struct db_file *f)
{
    struct turn *next;

    pthread_mutex_lock(&f->write_lock);
    if (!f->writers_waiting.first && f->group.members < f->usual)
        group_gather(f);
    next = (struct turn *)queue_take(&f->writers_waiting);
    pthread_mutex_unlock(&f->write_lock);
    return next;
}

/* Does what waits, as long as that is work; hands the lead on, or commits when nobody waits
 * or the group is full. */
static void writer_pass(struct db_file *f)
{
    struct group *g = &f->group;
    struct turn *next = NULL;

    while (!g->failed && g->members < GROUP_MAX) {
        next = turn_next(f);
        if (!next || !next->work)
            break;
        turn_do(next);
        next = NULL;
    }
    if (!next) {
        group_commit(f);
        return;
    }
    next->leads = true;
    waiter_wake(&next->waiter);
}

/* Ends the transaction of who leads. */
static enum db_rc turn_end(struct turn *t, enum db_rc rc)
{
    bool member;

    waiter_init(&t->waiter);
    member = turn_close(t, rc);
    writer_pass(t->db->file);
    if (member)
        waiter_wait(&t->waiter);
    return t->rc;
}

enum db_rc db_end(struct db *db, enum db_rc rc)
{
    struct turn self = { .db = db };

    assert(db->depth > 0);
    if (db->depth > 1) {
        db->depth--;
        return rc == DB_OK && db->failed ? DB_ERR : rc;
    }
    if (db->overload) {
        db->depth = 0;
        return DB_ERR;
    }
    return turn_end(&self, rc);
}

enum db_rc db_run(struct db *db, db_work *work, void *arg)
{
    struct turn self = { .db = db, .work = work, .arg = arg };

    if (db->depth > 0) {
        db_begin(db);
        return db_end(db, work(db, arg));
    }
    view_reset(db);
    self.json = arena_json(NULL);
    arena_json(self.json);
    if (!turn_take(&self)) {
        view_overload(db);
        return DB_ERR;
    }
    if (!self.leads)
        return self.rc;
    db->depth = 1;
    savepoint_open(db);
    return turn_end(&self, work(db, arg));
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
