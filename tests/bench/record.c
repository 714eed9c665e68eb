/* A library to preload: writes every statement that a program runs, with its values, to the
 * file that BENCH_RECORD names, for loop.c to run again. Values are bound and stepped on one
 * thread with nothing in between, so they wait in that thread. The format is record.h's. */
#include "record.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Thread_local struct record_arg args[RECORD_ARGS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name)
{
    void *f = dlsym(RTLD_NEXT, name);

    if (!f)
        abort();
    return f;
}

static void hold(int at, int type, sqlite3_int64 i, const void *bytes, sqlite3_uint64 n)
{
    if (at < 1 || at > RECORD_ARGS)
        abort();
    args[at - 1] = (struct record_arg){ type, i, bytes, (size_t)n };
}

int sqlite3_bind_null(sqlite3_stmt *stmt, int at)
{
    static int (*f)(sqlite3_stmt *, int);

    if (!f)
        f = (int (*)(sqlite3_stmt *, int))real("sqlite3_bind_null");
    hold(at, RECORD_NULL, 0, NULL, 0);
    return f(stmt, at);
}

int sqlite3_bind_int64(sqlite3_stmt *stmt, int at, sqlite3_int64 i)
{
    static int (*f)(sqlite3_stmt *, int, sqlite3_int64);

    if (!f)
        f = (int (*)(sqlite3_stmt *, int, sqlite3_int64))real("sqlite3_bind_int64");
    hold(at, RECORD_INT, i, NULL, 0);
    return f(stmt, at, i);
}

int sqlite3_bind_text64(sqlite3_stmt *stmt, int at, const char *text, sqlite3_uint64 n,
                        void (*over)(void *), unsigned char encoding)
{
    static int (*f)(sqlite3_stmt *, int, const char *, sqlite3_uint64, void (*)(void *),
                    unsigned char);

    if (!f)
        f = (int (*)(sqlite3_stmt *, int, const char *, sqlite3_uint64, void (*)(void *),
                     unsigned char))real("sqlite3_bind_text64");
    hold(at, RECORD_TEXT, 0, text, n);
    return f(stmt, at, text, n, over, encoding);
}

int sqlite3_bind_blob64(sqlite3_stmt *stmt, int at, const void *bytes, sqlite3_uint64 n,
                        void (*over)(void *))
{
    static int (*f)(sqlite3_stmt *, int, const void *, sqlite3_uint64, void (*)(void *));

    if (!f)
        f = (int (*)(sqlite3_stmt *, int, const void *, sqlite3_uint64,
                     void (*)(void *)))real("sqlite3_bind_blob64");
    hold(at, RECORD_BLOB, 0, bytes, n);
    return f(stmt, at, bytes, n, over);
}

static void statement_write(sqlite3_stmt *stmt)
{
    static FILE *out;
    const char *path = getenv("BENCH_RECORD"), *sql = sqlite3_sql(stmt);
    struct record_head head = { gettid(), sqlite3_bind_parameter_count(stmt),
                                sql ? strlen(sql) : 0 };

    pthread_mutex_lock(&lock);
    if (!out && path)
        out = fopen(path, "wb");
    if (out && sql) {
        fwrite(&head, sizeof head, 1, out);
        fwrite(sql, 1, head.sql_size, out);
        for (int i = 0; i < head.args; i++) {
            fwrite(&args[i], sizeof args[i], 1, out);
            if (args[i].size)
                fwrite(args[i].bytes, 1, args[i].size, out);
        }
    }
    pthread_mutex_unlock(&lock);
}

int sqlite3_step(sqlite3_stmt *stmt)
{
    static int (*f)(sqlite3_stmt *);

    if (!f)
        f = (int (*)(sqlite3_stmt *))real("sqlite3_step");
    if (!sqlite3_stmt_busy(stmt))
        statement_write(stmt);
    return f(stmt);
}
