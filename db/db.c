/* The pool of read connections, lent in order of arrival, and statements: bound, stepped,
 * read out as JSON. A view keeps the connection it borrowed until its arena ends, it starts
 * a transaction, or it is told to give it back; in between all that it reads is of one moment,
 * and the file is locked and looked at once, not by each statement. */
#include "db/db_internal.h"

#include "db/base/log.h"
#include "db/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { READ_WAIT_MS = 15 * 1000 };

static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct db_file *f = arg;

    (void)handle;
    (void)name;
    f->wal_pages = pages;
    return SQLITE_OK;
}

struct db_file *db_file_open(const char *path, int readers, bool create)
{
    struct db_file *f = calloc(1, sizeof *f);
    pthread_condattr_t steady;

    if (!f)
        abort();
    /* Its counters of memory stand behind one lock that all threads would meet at. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory_methods);
    f->path = strdup(path);
    f->readers = calloc((size_t)readers, sizeof(struct connection *));
    f->idle = calloc((size_t)readers, sizeof(struct connection *));
    pthread_mutex_init(&f->read_lock, NULL);
    pthread_mutex_init(&f->write_lock, NULL);
    pthread_cond_init(&f->writer_idle, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&f->arrived, &steady);
    pthread_condattr_destroy(&steady);
    f->writer = connection_open(path, true, create);
    if (f->writer)
        sqlite3_wal_hook(f->writer->handle, on_commit, f);
    for (int i = 0; f->writer && i < readers; i++) {
        struct connection *c = connection_open(path, false, false);

        if (!c)
            break;
        f->readers[f->reader_count++] = c;
        f->idle[f->idle_count++] = c;
    }
    if (f->reader_count < readers) {
        db_file_close(f);
        return NULL;
    }
    return f;
}

void db_file_close(struct db_file *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->write_lock);
    while (f->writing)
        pthread_cond_wait(&f->writer_idle, &f->write_lock);
    pthread_mutex_unlock(&f->write_lock);
    for (int i = 0; i < f->reader_count; i++)
        connection_close(f->readers[i]);
    if (f->writer)
        sqlite3_wal_checkpoint_v2(f->writer->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                  NULL);
    connection_close(f->writer);
    pthread_cond_destroy(&f->writer_idle);
    pthread_cond_destroy(&f->arrived);
    pthread_mutex_destroy(&f->read_lock);
    pthread_mutex_destroy(&f->write_lock);
    free(f->readers);
    free(f->idle);
    free(f->path);
    free(f);
}

const char *db_file_path(const struct db_file *f)
{
    return f->path;
}

uint64_t db_file_commits(const struct db_file *f)
{
    return f->commits;
}

int db_file_waiting(struct db_file *f)
{
    int n;

    pthread_mutex_lock(&f->write_lock);
    n = f->writers_waiting.length;
    pthread_mutex_unlock(&f->write_lock);
    return n;
}

/* One who waits for a connection is given it by hand. */
struct reader {
    struct waiter waiter;
    struct connection *given;
};

static struct connection *reader_take(struct db_file *f)
{
    struct reader self = { .given = NULL };

    pthread_mutex_lock(&f->read_lock);
    if (f->idle_count > 0) {
        self.given = f->idle[--f->idle_count];
        pthread_mutex_unlock(&f->read_lock);
    } else {
        queue_wait(&f->readers_waiting, &self.waiter, &f->read_lock, READ_WAIT_MS);
    }
    return self.given;
}

static void reader_give(struct db_file *f, struct connection *c)
{
    struct reader *next;

    pthread_mutex_lock(&f->read_lock);
    next = (struct reader *)queue_take(&f->readers_waiting);
    if (!next)
        f->idle[f->idle_count++] = c;
    pthread_mutex_unlock(&f->read_lock);
    if (next) {
        next->given = c;
        waiter_wake(&next->waiter);
    }
}

void db_release(struct db *db)
{
    if (!db->reader)
        return;
    if (!sqlite3_get_autocommit(db->reader->handle))
        connection_step(db->reader, "COMMIT");
    reader_give(db->file, db->reader);
    db->reader = NULL;
}

static void db_over(void *arg)
{
    struct db *db = arg;

    assert(db->depth == 0);
    db_release(db);
}

struct db *db_new(struct db_file *file, struct arena *a)
{
    struct db *db = arena_alloc(a, 1, sizeof *db);

    db->file = file;
    db->arena = a;
    arena_defer(a, db_over, db);
    return db;
}

struct arena *db_arena(struct db *db)
{
    return db->arena;
}

struct connection *db_connection(struct db *db)
{
    if (db->depth > 0)
        return db->failed ? NULL : db->file->writer;
    if (db->reader)
        return db->reader;
    db->reader = reader_take(db->file);
    if (!db->reader) {
        db->full = true;
        log_warn("db readers overloaded");
    } else {
        connection_step(db->reader, "BEGIN");
    }
    return db->reader;
}

struct db_arg db_arg_text(const char *s)
{
    if (!s)
        return DB_NULL;
    return (struct db_arg){ .type = DB_ARG_TEXT, .p = s, .n = strlen(s) };
}

static void statement_bind(sqlite3_stmt *stmt, struct db_args args)
{
    assert((size_t)sqlite3_bind_parameter_count(stmt) == args.count);
    for (size_t k = 0; k < args.count; k++) {
        const struct db_arg *a = &args.args[k];
        int at = (int)k + 1;

        switch (a->type) {
        case DB_ARG_NULL: sqlite3_bind_null(stmt, at); break;
        case DB_ARG_INT: sqlite3_bind_int64(stmt, at, a->i); break;
        case DB_ARG_TEXT:
            sqlite3_bind_text64(stmt, at, a->p, a->n, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case DB_ARG_BLOB: sqlite3_bind_blob64(stmt, at, a->p, a->n, SQLITE_STATIC); break;
        }
    }
}

/* The bound statement on the view's connection; NULL when there can be none. */
static sqlite3_stmt *statement_ready(struct db *db, const char *sql, struct db_args args)
{
    struct connection *c = db_connection(db);
    sqlite3_stmt *stmt = c ? connection_statement(c, sql) : NULL;

    if (stmt)
        statement_bind(stmt, args);
    else if (c && db->depth > 0)
        db->failed = true;
    return stmt;
}

/* Resets; tells the end of the rows from a failure. */
static enum db_rc statement_over(struct db *db, sqlite3_stmt *stmt, int rc, const char *sql)
{
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        db_fail(db, db_connection(db), rc, sql);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? DB_OK : DB_ERR;
}

static bool has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);

    return n >= m && strcmp(s + n - m, suffix) == 0;
}

enum column_kind { COLUMN_PLAIN, COLUMN_BOOL, COLUMN_JSON };

struct column {
    const char *name;
    size_t length;
    enum column_kind kind;
};

static enum column_kind column_kind(const char *name)
{
    if (has_prefix(name, "is_") || has_prefix(name, "has_") || has_prefix(name, "can_"))
        return COLUMN_BOOL;
    return has_suffix(name, "_json") ? COLUMN_JSON : COLUMN_PLAIN;
}

/* To be called after a step: a step may prepare the statement anew, and then its names go. */
static struct column *columns_of(struct db *db, sqlite3_stmt *stmt)
{
    int n = sqlite3_column_count(stmt);
    struct column *columns = arena_alloc(db->arena, (size_t)n + 1, sizeof *columns);

    for (int i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(stmt, i);

        columns[i].length = strlen(name);
        columns[i].name = name;
        columns[i].kind = column_kind(name);
    }
    return columns;
}

static json_t *column_value(struct db *db, sqlite3_stmt *stmt, int i, enum column_kind kind)
{
    int type = sqlite3_column_type(stmt, i);
    const char *text;

    if (kind == COLUMN_BOOL)
        return json_boolean(sqlite3_column_int64(stmt, i));
    switch (type) {
    case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(stmt, i));
    case SQLITE_FLOAT: return json_real(sqlite3_column_double(stmt, i));
    case SQLITE_NULL: return json_null();
    case SQLITE_BLOB:
        return json_string_nocheck(text_hex(db->arena, sqlite3_column_blob(stmt, i),
                                            (size_t)sqlite3_column_bytes(stmt, i)));
    default: break;
    }
    text = (const char *)sqlite3_column_text(stmt, i);
    if (kind == COLUMN_JSON)
        return json_loads(text, JSON_DECODE_ANY, NULL);
    return json_stringn_nocheck(text, (size_t)sqlite3_column_bytes(stmt, i));
}

static json_t *row_object(struct db *db, sqlite3_stmt *stmt, const struct column *columns)
{
    json_t *row = json_object();

    for (int i = 0; columns[i].name; i++)
        json_object_setn_new_nocheck(row, columns[i].name, columns[i].length,
                                     column_value(db, stmt, i, columns[i].kind));
    return row;
}

static struct shape *columns_shape(struct db *db, sqlite3_stmt *stmt,
                                   const struct column *columns)
{
    size_t n = (size_t)sqlite3_column_count(stmt);
    const char **names = arena_alloc(db->arena, n, sizeof *names);

    for (size_t i = 0; i < n; i++)
        names[i] = arena_dupn(db->arena, columns[i].name, columns[i].length);
    return shape_new(db->arena, names, n);
}

/* A value may be read without its statement, since connections have no mutex
 * (SQLITE_CONFIG_MULTITHREAD), and that is several times as fast. */
static struct cell column_cell(struct db *db, sqlite3_stmt *stmt, int i,
                               enum column_kind kind)
{
    sqlite3_value *value = sqlite3_column_value(stmt, i);
    int type = sqlite3_value_type(value);
    const char *text;
    size_t n;

    if (kind == COLUMN_BOOL)
        return cell_bool(sqlite3_value_int64(value) != 0);
    if (type == SQLITE_NULL)
        return cell_null();
    if (kind == COLUMN_PLAIN && type == SQLITE_INTEGER)
        return cell_int(sqlite3_value_int64(value));
    if (kind != COLUMN_PLAIN || type != SQLITE_TEXT)
        return cell_json(column_value(db, stmt, i, kind));
    text = (const char *)sqlite3_value_text(value);
    n = (size_t)sqlite3_value_bytes(value);
    return (struct cell) { .kind = CELL_TEXT,
                           .count = (uint32_t)n,
                           .text = arena_dupn(db->arena, text, n) };
}

enum db_rc db_list(struct db *db, const char *sql, struct db_args args, struct cell *rows)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);
    struct column *columns = NULL;
    struct table t = { 0 };
    struct cell *row;
    int rc;

    *rows = (struct cell) { .kind = CELL_JSON, .json = json_array() };
    if (!stmt)
        return DB_ERR;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!columns) {
            columns = columns_of(db, stmt);
            t = table_new(db->arena, columns_shape(db, stmt, columns));
        }
        row = table_add(&t);
        for (int i = 0; columns[i].name; i++)
            row[i] = column_cell(db, stmt, i, columns[i].kind);
    }
    if (t.count > 0)
        *rows = table_rows(&t, 0, t.count);
    return statement_over(db, stmt, rc, sql);
}

enum db_rc db_rows(struct db *db, const char *sql, struct db_args args, json_t **rows)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);
    struct column *columns = NULL;
    int rc;

    *rows = json_array();
    if (!stmt)
        return DB_ERR;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!columns)
            columns = columns_of(db, stmt);
        json_array_append_new(*rows, row_object(db, stmt, columns));
    }
    return statement_over(db, stmt, rc, sql);
}

struct db_each db_each(struct db *db, const char *sql, struct db_args args)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);

    return (struct db_each){ db, sql, stmt, stmt ? DB_OK : DB_ERR };
}

static void each_over(struct db_each *e, int rc)
{
    if (e->stmt)
        e->rc = statement_over(e->db, e->stmt, rc, e->sql);
    e->stmt = NULL;
}

bool db_each_next(struct db_each *e)
{
    int rc = e->stmt ? sqlite3_step(e->stmt) : SQLITE_DONE;

    if (rc != SQLITE_ROW)
        each_over(e, rc);
    return rc == SQLITE_ROW;
}

enum db_rc db_each_end(struct db_each *e)
{
    each_over(e, SQLITE_DONE);
    return e->rc;
}

bool db_each_is_null(const struct db_each *e, int column)
{
    return sqlite3_column_type(e->stmt, column) == SQLITE_NULL;
}

int64_t db_each_int(const struct db_each *e, int column)
{
    return sqlite3_column_int64(e->stmt, column);
}

const char *db_each_text(const struct db_each *e, int column, size_t *length)
{
    const unsigned char *text = sqlite3_column_text(e->stmt, column);

    *length = text ? (size_t)sqlite3_column_bytes(e->stmt, column) : 0;
    return text ? (const char *)text : "";
}

struct cell db_each_cell(const struct db_each *e, int column)
{
    return column_cell(e->db, e->stmt, column, COLUMN_PLAIN);
}

enum db_rc db_row(struct db *db, const char *sql, struct db_args args, json_t **row)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);
    int rc;

    *row = NULL;
    if (!stmt)
        return DB_ERR;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW)
        *row = row_object(db, stmt, columns_of(db, stmt));
    if (statement_over(db, stmt, rc, sql) != DB_OK)
        return DB_ERR;
    return *row ? DB_OK : DB_NONE;
}

enum db_rc db_int(struct db *db, const char *sql, struct db_args args, int64_t *value)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);
    bool there;
    int rc;

    *value = 0;
    if (!stmt)
        return DB_ERR;
    rc = sqlite3_step(stmt);
    there = rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
    if (there)
        *value = sqlite3_column_int64(stmt, 0);
    if (statement_over(db, stmt, rc, sql) != DB_OK)
        return DB_ERR;
    return there ? DB_OK : DB_NONE;
}

enum db_rc db_text(struct db *db, const char *sql, struct db_args args, const char **value)
{
    sqlite3_stmt *stmt = statement_ready(db, sql, args);
    int rc;

    *value = NULL;
    if (!stmt)
        return DB_ERR;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);

        *value = arena_dupn(db->arena, text, (size_t)sqlite3_column_bytes(stmt, 0));
    }
    if (statement_over(db, stmt, rc, sql) != DB_OK)
        return DB_ERR;
    return *value ? DB_OK : DB_NONE;
}

enum db_rc db_exec(struct db *db, const char *sql, struct db_args args)
{
    return db_insert(db, sql, args, NULL);
}

enum db_rc db_insert(struct db *db, const char *sql, struct db_args args, int64_t *id)
{
    sqlite3_stmt *stmt;
    sqlite3 *handle = db->file->writer->handle;
    int rc;

    assert(db->depth > 0);
    stmt = statement_ready(db, sql, args);
    if (!stmt)
        return DB_ERR;
    rc = sqlite3_step(stmt);
    if (statement_over(db, stmt, rc, sql) != DB_OK)
        return DB_ERR;
    if (id)
        *id = sqlite3_last_insert_rowid(handle);
    return sqlite3_changes(handle) > 0 ? DB_OK : DB_NONE;
}

enum db_rc db_copy(struct db_file *f, const char *path)
{
    struct connection *c = connection_open(f->path, true, false);
    sqlite3_stmt *stmt;
    enum db_rc rc = DB_ERR;

    if (!c)
        return DB_ERR;
    stmt = connection_statement(c, "VACUUM INTO ?1");
    if (stmt) {
        sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
        rc = sqlite3_step(stmt) == SQLITE_DONE ? DB_OK : DB_ERR;
        if (rc != DB_OK)
            log_error("db copy cause=%s", sqlite3_errmsg(c->handle));
    }
    connection_close(c);
    return rc;
}

static int finding_count(struct connection *c, const char *sql, const char *good)
{
    sqlite3_stmt *stmt = connection_statement(c, sql);
    int rc, n = 0;

    if (!stmt)
        return -1;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);

        if (good && text && strcmp(text, good) == 0)
            continue;
        log_error("check %s found=%s", sql, text ? text : "");
        n++;
    }
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? n : -1;
}

int db_integrity(struct db_file *f)
{
    struct connection *c = connection_open(f->path, false, false);
    int pages, keys;

    if (!c)
        return -1;
    pages = finding_count(c, "PRAGMA integrity_check", "ok");
    keys = finding_count(c, "PRAGMA foreign_key_check", NULL);
    connection_close(c);
    return pages < 0 || keys < 0 ? -1 : pages + keys;
}
