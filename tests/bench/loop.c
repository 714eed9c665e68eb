/* What SQLite alone can do: `loop DATABASE RECORD ORDERS` runs the recorded statements of
 * orders again, prepared once and bound, ORDERS orders a commit, on a copy of the file that
 * they were recorded on. Prints orders a second. Statements of other threads than the one
 * that placed orders are left out; a statement that fails ends the run. */
#include "record.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXTS_MAX = 512 };

struct step {
    struct record_head head;
    char *sql;
    sqlite3_stmt *stmt; /* NULL: begins or ends a transaction */
    bool is_commit;
    struct record_arg *args;
};

static struct {
    char *sql;
    sqlite3_stmt *stmt;
} texts[TEXTS_MAX];

static sqlite3 *db;

static void die(const char *what)
{
    fprintf(stderr, "loop: %s: %s\n", what, db ? sqlite3_errmsg(db) : "");
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql);
}

static sqlite3_stmt *prepared(const char *sql)
{
    int i = 0;

    while (i < TEXTS_MAX && texts[i].sql && strcmp(texts[i].sql, sql) != 0)
        i++;
    if (i == TEXTS_MAX)
        die("too many statements");
    if (!texts[i].sql) {
        texts[i].sql = strdup(sql);
        if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &texts[i].stmt,
                               NULL) != SQLITE_OK)
            die(sql);
    }
    return texts[i].stmt;
}

static void take(FILE *in, void *to, size_t n)
{
    if (n && fread(to, 1, n, in) != n)
        die("record cut short");
}

static bool step_read(FILE *in, struct step *s, int *thread)
{
    char *sql;

    if (fread(&s->head, sizeof s->head, 1, in) != 1)
        return false;
    sql = calloc(1, s->head.sql_size + 1);
    s->args = calloc((size_t)s->head.args + 1, sizeof *s->args);
    if (!sql || !s->args)
        abort();
    take(in, sql, s->head.sql_size);
    for (int i = 0; i < s->head.args; i++) {
        char *bytes;

        take(in, &s->args[i], sizeof s->args[i]);
        bytes = malloc(s->args[i].size + 1);
        if (!bytes)
            abort();
        take(in, bytes, s->args[i].size);
        s->args[i].bytes = bytes;
    }
    if (strncmp(sql, "INSERT INTO orders(", 19) == 0)
        *thread = s->head.thread;
    s->is_commit = strcmp(sql, "COMMIT") == 0;
    s->sql = sql;
    return true;
}

/* The BEGIN and COMMIT around what is only read: the loop has one transaction for all. */
static bool is_of_reading(const struct step *s)
{
    static bool reading;
    bool begins = strcmp(s->sql, "BEGIN") == 0, ends = reading && s->is_commit;

    reading = begins || (reading && !ends);
    return begins || ends;
}

static struct step *steps_read(const char *path, size_t *count)
{
    FILE *in = fopen(path, "rb");
    size_t n = 0, room = 0, kept = 0;
    struct step *steps = NULL;
    int thread = 0;

    if (!in)
        die(path);
    do {
        if (n == room) {
            room = room ? room * 2 : 4096;
            steps = realloc(steps, room * sizeof *steps);
            if (!steps)
                abort();
        }
    } while (step_read(in, &steps[n], &thread) && ++n);
    fclose(in);
    for (size_t i = 0; i < n; i++) {
        struct step *s = &steps[kept];

        if (steps[i].head.thread != thread || is_of_reading(&steps[i]))
            continue;
        *s = steps[i];
        s->stmt = s->is_commit || strncmp(s->sql, "BEGIN", 5) == 0 ? NULL
                                                                   : prepared(s->sql);
        kept++;
    }
    *count = kept;
    return steps;
}

static void step_run(const struct step *s)
{
    int rc;

    for (int i = 0; i < s->head.args; i++) {
        const struct record_arg *a = &s->args[i];

        if (a->type == RECORD_NULL)
            sqlite3_bind_null(s->stmt, i + 1);
        else if (a->type == RECORD_INT)
            sqlite3_bind_int64(s->stmt, i + 1, a->i);
        else if (a->type == RECORD_TEXT)
            sqlite3_bind_text64(s->stmt, i + 1, a->bytes, a->size, SQLITE_STATIC,
                                SQLITE_UTF8);
        else
            sqlite3_bind_blob64(s->stmt, i + 1, a->bytes, a->size, SQLITE_STATIC);
    }
    while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW)
        ;
    if (rc != SQLITE_DONE)
        die(sqlite3_sql(s->stmt));
    sqlite3_reset(s->stmt);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct step *steps;
    size_t count;
    int orders = 0, each;
    double start;

    if (argc != 4 || sqlite3_open(argv[1], &db) != SQLITE_OK)
        die("usage: loop DATABASE RECORD ORDERS");
    each = atoi(argv[3]) > 0 ? atoi(argv[3]) : 1;
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
        "PRAGMA wal_autocheckpoint=4000");
    steps = steps_read(argv[2], &count);
    start = now();
    run("BEGIN IMMEDIATE");
    for (size_t i = 0; i < count; i++) {
        if (steps[i].stmt)
            step_run(&steps[i]);
        else if (steps[i].is_commit && ++orders % each == 0)
            run("COMMIT; BEGIN IMMEDIATE");
    }
    run("COMMIT");
    printf("%.1f\n", orders / (now() - start));
    return orders == 0;
}
