/* Shared by db.c (statements), writer.c (transactions) and connection.c; nobody else. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include "db/db.h"

#include <pthread.h>
#include <sqlite3.h>

enum { STATEMENT_SLOTS = 1024 };

struct connection {
    sqlite3 *handle;
    struct statement {
        uint64_t hash;
        sqlite3_stmt *stmt;
    } slots[STATEMENT_SLOTS];
    int cached;
};

/* One who waits in line, on their own stack. */
struct waiter {
    struct waiter *next;
    pthread_cond_t turn;
    bool granted;
};

struct queue {
    struct waiter *first, *last;
    int length;
};

/* Transactions that share one commit; freed by the last who holds it. It has a lock of its
 * own, so that those who wake up for the outcome don't stand in the next writer's way. */
struct group {
    pthread_mutex_t lock; /* of `done` */
    pthread_cond_t over;
    _Atomic int refs;
    int members;
    bool done, failed, full;
};

struct db_file {
    char *path;

    pthread_mutex_t read_lock;
    struct queue readers_waiting;
    struct connection **readers;
    struct connection **idle;
    int reader_count, idle_count;
    int promised; /* idle ones that a granted waiter is about to take */

    pthread_mutex_t write_lock;
    struct queue writers_waiting;
    pthread_cond_t writer_idle;
    bool writing;
    struct group *group; /* open: BEGIN was done, COMMIT was not */
    struct connection *writer;
    int wal_pages;
    _Atomic uint64_t commits;
};

struct db {
    struct db_file *file;
    struct arena *arena;
    struct connection *reader; /* borrowed, or NULL */
    int depth;                 /* of db_begin */
    bool trying;
    bool failed;   /* sticky until the outermost db_end */
    bool full;     /* the last failure: disk or line full */
    bool lost;     /* the writer's transaction is gone: nothing of the group can commit */
    bool overload; /* the writer was never reached */
    bool unopened; /* no savepoint was made */
    bool failed_before; /* db_try: it was too late already */
    struct refusal refusal;
    const char *once_key;
    bool twice; /* the key was used before */
    unsigned char once_digest[16];
    int64_t made;
};

/* connection.c */
struct connection *connection_open(const char *path, bool write, bool create);
void connection_close(struct connection *c);
/* The statement for `sql`, reset, from the cache; NULL on failure (logged). */
sqlite3_stmt *connection_statement(struct connection *c, const char *sql);
int connection_step(struct connection *c, const char *sql); /* cached; SQLite's code */
enum db_rc connection_run(struct connection *c, const char *sql);

/* queue in order of arrival; the lock is held. False after `wait_ms` without a turn. */
bool queue_wait(struct queue *q, pthread_mutex_t *lock, int64_t wait_ms);
/* Grants the first in line its turn; false when nobody waits. */
bool queue_grant(struct queue *q);

/* Marks the view's transaction as failed, after `rc` of SQLite on `c`. */
void db_fail(struct db *db, struct connection *c, int rc, const char *sql);

/* The connection for the next statement; NULL when there is none (logged). */
struct connection *db_connection(struct db *db);

#endif
