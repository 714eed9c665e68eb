/* The one SQLite file: a pool of read connections, one write connection, statements cached
 * by their text, rows as JSON, transactions that share their commit. */
#ifndef DB_H
#define DB_H

#include "db/base/arena.h"
#include "db/base/cell.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an operation ended. A failure was logged; db_full() tells a full disk or an overloaded
 * writer from other failures. A refusal is a rule of the business: db_refusal() has it. */
enum db_rc { DB_REFUSED = -2, DB_ERR = -1, DB_NONE = 0, DB_OK = 1 };

#define MUST_USE __attribute__((warn_unused_result))

struct db_file; /* the open file; shared by threads */
struct db;      /* one request's (or job's) view of it; one thread at a time */

/* Opens `path` with `readers` read connections. NULL on failure, which was logged. With
 * `create` the file is made when it isn't there. */
struct db_file *db_file_open(const char *path, int readers, bool create);

/* Waits for transactions under way, truncates the WAL and closes. */
void db_file_close(struct db_file *file);

const char *db_file_path(const struct db_file *file);

/* Counts the commits of this process. While it stands still nothing in the file has
 * changed, so what was read stays true. */
uint64_t db_file_commits(const struct db_file *file);

/* Transactions that wait for the writer, for /metrics. */
int db_file_waiting(struct db_file *file);

/* A view that allocates from `a`; it ends with the arena. */
struct db *db_new(struct db_file *file, struct arena *a);

/* Gives the read connection back early: before slow work that needs no data. What a view
 * reads until then, or until it begins a transaction, is of one moment; afterwards it is of
 * the next. */
void db_release(struct db *db);

struct arena *db_arena(struct db *db);

/* --- parameters --- */

struct db_arg {
    enum { DB_ARG_NULL, DB_ARG_INT, DB_ARG_TEXT, DB_ARG_BLOB } type;
    int64_t i;
    const void *p;
    size_t n;
};

struct db_args {
    const struct db_arg *args;
    size_t count;
};

struct db_arg db_arg_text(const char *s); /* NULL is SQL NULL */

#define DB_INT(value) ((struct db_arg){ .type = DB_ARG_INT, .i = (value) })
#define DB_TEXT(value) db_arg_text(value)
#define DB_BLOB(bytes, length)                                                             \
    ((struct db_arg){ .type = DB_ARG_BLOB, .p = (bytes), .n = (length) })
#define DB_NULL ((struct db_arg){ .type = DB_ARG_NULL })
/* An id of which 0 means "none": NULL in the table. */
#define DB_REF(id)                                                                         \
    ((struct db_arg){ .type = (id) ? DB_ARG_INT : DB_ARG_NULL, .i = (id) })

/* The parameters ?1, ?2 ... of a statement; their number is checked when it runs. */
#define DB_ARGS(...)                                                                       \
    ((struct db_args){ (const struct db_arg[]){ __VA_ARGS__ },                             \
                       sizeof((const struct db_arg[]){ __VA_ARGS__ }) /                    \
                           sizeof(struct db_arg) })
#define DB_NO_ARGS ((struct db_args){ NULL, 0 })

/* --- statements; within a transaction they see and go to the write connection --- */

/* All rows as an array of objects whose keys are the column aliases: INTEGER, TEXT and NULL
 * as themselves, a BLOB as hexadecimal; columns named is_*, has_* or can_* as booleans;
 * columns named *_json as the value that they hold. DB_OK also for none. Borrowed from the
 * arena. */
MUST_USE enum db_rc db_rows(struct db *db, const char *sql, struct db_args args,
                            json_t **rows);

/* The same as a list of cells (CELL_ROWS): for long lists. */
MUST_USE enum db_rc db_list(struct db *db, const char *sql, struct db_args args,
                            struct cell *rows);

/* The first row as such an object; DB_NONE (and NULL) when there is none. */
MUST_USE enum db_rc db_row(struct db *db, const char *sql, struct db_args args,
                           json_t **row);

/* The first column of the first row; DB_NONE (and 0, NULL) when there is none or it is
 * NULL. */
MUST_USE enum db_rc db_int(struct db *db, const char *sql, struct db_args args,
                           int64_t *value);
MUST_USE enum db_rc db_text(struct db *db, const char *sql, struct db_args args,
                            const char **value);

/* Rows one at a time, for lists where an object a row would cost more than the query. Ends
 * by itself after the last row, db_each_end() before that; it may be called always and
 * answers DB_OK, or DB_ERR when a row could not be read. Texts live until the next row. The
 * same statement must not be run in between. */
struct db_each {
    struct db *db;
    const char *sql;
    void *stmt;
    enum db_rc rc;
};

struct db_each db_each(struct db *db, const char *sql, struct db_args args);
bool db_each_next(struct db_each *each);
MUST_USE enum db_rc db_each_end(struct db_each *each);
bool db_each_is_null(const struct db_each *each, int column);
int64_t db_each_int(const struct db_each *each, int column);
const char *db_each_text(const struct db_each *each, int column, size_t *length);
struct cell db_each_cell(const struct db_each *each, int column); /* in the arena */

/* Runs a statement that changes something; only between db_begin and db_end. DB_NONE when
 * it changed no row. */
enum db_rc db_exec(struct db *db, const char *sql, struct db_args args);

/* The same for an INSERT: its new rowid goes to `*id` (NULL: not wanted). */
enum db_rc db_insert(struct db *db, const char *sql, struct db_args args, int64_t *id);

/* --- transactions --- */

/* Starts a transaction on the one writer, in order of arrival; nested calls join the outer
 * one. From the first DB_ERR or refusal on, every statement up to the outermost db_end
 * answers DB_ERR without running. */
void db_begin(struct db *db);

/* Ends it. Commits when `rc` is DB_OK and nothing failed, and returns only once that is on
 * disk; else nothing of it stays. Transactions that waited meanwhile share one commit.
 * Answers `rc`, or what went wrong. */
MUST_USE enum db_rc db_end(struct db *db, enum db_rc rc);

/* The same in one call: begins, runs `work` with `arg`, ends with what it answered. Several
 * that wait for the writer are run one after the other by the thread that has it, which saves
 * handing it over: for what many do at once. `work` allocates from db_arena() alone and
 * leaves other threads' business alone. */
typedef enum db_rc db_work(struct db *db, void *arg);
MUST_USE enum db_rc db_run(struct db *db, db_work *work, void *arg);

/* A part of a transaction that may fail alone: after db_try_end answered other than DB_OK
 * nothing of the part stays and the transaction can go on (unless the file itself failed).
 * Parts don't nest. */
void db_try(struct db *db);
MUST_USE enum db_rc db_try_end(struct db *db, enum db_rc rc);

/* True when the last failure was a full disk or a writer with too many waiting. */
bool db_full(const struct db *db);

/* --- refusals --- */

struct refusal {
    int status;        /* 403, 404, 409, 410, 422 or 429 */
    const char *field; /* of the form; NULL: the whole of it */
    const char *key;   /* of the text, "refusal.*" */
    json_t *args;      /* for the text; NULL: none */
};

/* Refuses: fills the refusal, makes the transaction fail, answers DB_REFUSED. `args` may be
 * NULL. The newest refusal counts. */
enum db_rc db_refuse(struct db *db, int status, const char *field, const char *key,
                     json_t *args);
const struct refusal *db_refusal(const struct db *db); /* NULL: none */

/* --- once: the same request twice has the effect of one --- */

/* Makes the next outermost transaction carry the one-time key: it is recorded with it, and
 * refused (with DB_REFUSED and db_replayed()) when it was recorded before. `key` includes
 * whose it is; `digest` is 16 bytes that tell what was asked. */
void db_once(struct db *db, const char *key, const unsigned char digest[16]);

/* The request turns out to be refused, though something of it is kept (a wrong try that is
 * counted): the key is not recorded, or sending it again would look like success. */
void db_once_cancel(struct db *db);

/* True while the key was given and no transaction of this view has carried it. */
bool db_once_open(const struct db *db);

/* What the transaction made: an id that a replay answers again. */
void db_made(struct db *db, int64_t id);

enum db_replay { DB_FRESH, DB_REPLAYED, DB_KEY_MISUSED /* same key, other request */ };

/* Whether the key was used before; `*made` is what that made. Looks it up itself. */
enum db_replay db_replayed(struct db *db, const char *key, const unsigned char digest[16],
                           int64_t *made);

/* --- upkeep --- */

/* Copies the whole database to `path` while writers go on (VACUUM INTO). */
MUST_USE enum db_rc db_copy(struct db_file *file, const char *path);

/* PRAGMA integrity_check and foreign_key_check; logs each finding, answers their number, -1
 * on failure. */
int db_integrity(struct db_file *file);

#endif
