/* Shared by db.c (statements), writer.c (transactions) and connection.c; nobody else. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include "db/db.h"
#include "db/queue.h"

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

enum { STATEMENT_SLOTS = 1024, RECENT_SLOTS = 512 };

struct connection {
    sqlite3 *handle;
    struct statement {
        uint64_t hash;
        sqlite3_stmt *stmt;
    } slots[STATEMENT_SLOTS];
    struct recent {
        const char *sql; /* an address */
        sqlite3_stmt *stmt;
    } recent[RECENT_SLOTS];
    int cached;
};

/* One transaction on its way through the writer, on the stack of the thread that waits. */
struct turn {
    struct waiter waiter; /* first: a line of waiters is one of turns */
    struct db *db;
    db_work *work;      /* NULL: the thread does it itself, once it leads */
    void *arg;
    struct arena *json; /* of that thread */
    bool leads;         /* has the writer */
    enum db_rc rc;      /* what it ended in; a failed commit makes DB_ERR of DB_OK */
};

/* Transactions that share one commit: BEGIN was done, COMMIT was not. Its fields are those
 * of who has the writer. */
struct group {
    struct turn *first; /* who wait for the outcome */
    int members;
    bool failed, full;
    struct timespec patience; /* until then it waits for more; not set yet: 0 */
};

struct db_file {
    char *path;

    pthread_mutex_t read_lock;
    struct queue readers_waiting;
    struct connection **readers;
    struct connection **idle;
    int reader_count, idle_count;

    pthread_mutex_t write_lock;
    struct queue writers_waiting;
    pthread_cond_t writer_idle, arrived;
    bool writing, gathering;
    struct group group;
    int usual;         /* members of a group, of late */
    int64_t commit_us; /* what the last COMMIT took */
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
extern const struct sqlite3_mem_methods memory_methods; /* for all of SQLite */

enum db_rc connection_run(struct connection *c, const char *sql);

/* Whether statements are kept from writing to the schema's own table; at first they are. */
void connection_defensive(struct connection *c, bool on);

/* Marks the view's transaction as failed, after `rc` of SQLite on `c`. */
void db_fail(struct db *db, struct connection *c, int rc, const char *sql);

/* The connection for the next statement; NULL when there is none (logged). */
struct connection *db_connection(struct db *db);

#endif
