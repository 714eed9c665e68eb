/* The writer and its shared commit, parts, refusals, one-time keys, reading as JSON, and the
 * migrations (SYS-1). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/db.h"
#include "db/migrate.h"

struct ground {
    char dir[40], path[64];
    struct db_file *file;
    struct arena *arena;
    struct db *db;
};

static int setup(void **state)
{
    struct ground *g = calloc(1, sizeof *g);

    strcpy(g->dir, "/tmp/invichat-db-XXXXXX");
    assert_non_null(mkdtemp(g->dir));
    snprintf(g->path, sizeof g->path, "%s/t.db", g->dir);
    g->file = db_file_open(g->path, 3, true);
    assert_non_null(g->file);
    assert_int_equal(migrate_apply(g->file), DB_OK);
    g->arena = arena_new();
    arena_json(g->arena);
    g->db = db_new(g->file, g->arena);
    *state = g;
    return 0;
}

static int teardown(void **state)
{
    struct ground *g = *state;
    char command[80];

    arena_json(NULL);
    arena_free(g->arena);
    db_file_close(g->file);
    unlink(g->path);
    snprintf(command, sizeof command, "%s-wal", g->path);
    unlink(command);
    snprintf(command, sizeof command, "%s-shm", g->path);
    unlink(command);
    rmdir(g->dir);
    free(g);
    return 0;
}

static int64_t count(struct db *db, const char *sql)
{
    int64_t n = -1;

    assert_int_not_equal(db_int(db, sql, DB_NO_ARGS, &n), DB_ERR);
    return n;
}

static enum db_rc put(struct db *db, const char *key, const char *value)
{
    return db_exec(db, "INSERT INTO setting(key, value) VALUES (?1, ?2)",
                   DB_ARGS(DB_TEXT(key), DB_TEXT(value)));
}

static void test_errors_stick(void **state)
{
    struct ground *g = *state;

    db_begin(g->db);
    assert_int_equal(put(g->db, "a", "1"), DB_OK);
    assert_int_equal(put(g->db, "a", "2"), DB_ERR); /* the key is there */
    assert_int_equal(put(g->db, "b", "3"), DB_ERR); /* does not run any more */
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 0);
    db_begin(g->db);
    assert_int_equal(put(g->db, "a", "1"), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 1);
}

static void test_refusal_undoes(void **state)
{
    struct ground *g = *state;

    db_begin(g->db);
    assert_int_equal(put(g->db, "a", "1"), DB_OK);
    assert_int_equal(db_end(g->db, db_refuse(g->db, 422, "qty", "refusal.x", NULL)),
                     DB_REFUSED);
    assert_string_equal(db_refusal(g->db)->field, "qty");
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 0);
}

static void test_part_fails_alone(void **state)
{
    struct ground *g = *state;

    db_begin(g->db);
    assert_int_equal(put(g->db, "a", "1"), DB_OK);
    db_try(g->db);
    put(g->db, "b", "1");
    assert_int_equal(db_try_end(g->db, db_refuse(g->db, 409, NULL, "refusal.x", NULL)),
                     DB_REFUSED);
    db_try(g->db);
    assert_int_equal(put(g->db, "c", "1"), DB_OK);
    assert_int_equal(db_try_end(g->db, DB_OK), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting WHERE key IN ('a', 'c')"), 2);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 2);
}

static void test_once(void **state)
{
    struct ground *g = *state;
    const unsigned char digest[16] = "one", other[16] = "two";
    int64_t made;

    db_once(g->db, "k", digest);
    db_begin(g->db);
    put(g->db, "a", "1");
    db_made(g->db, 42);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(db_replayed(g->db, "k", digest, &made), DB_REPLAYED);
    assert_int_equal(made, 42);
    assert_int_equal(db_replayed(g->db, "k", other, &made), DB_KEY_MISUSED);
    db_once(g->db, "k", digest);
    db_begin(g->db);
    put(g->db, "b", "1");
    assert_int_equal(db_end(g->db, DB_OK), DB_REFUSED);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 1);
    db_once(g->db, "wrong", digest);
    db_begin(g->db);
    put(g->db, "tries", "1");
    db_once_cancel(g->db);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(db_replayed(g->db, "wrong", digest, &made), DB_FRESH);
}

static void test_rows(void **state)
{
    struct ground *g = *state;
    json_t *rows, *row;

    assert_int_equal(db_rows(g->db,
                             "SELECT 1 AS is_x, 0 AS can_y, 'नमस्ते' AS t, NULL AS n,"
                             " '{\"a\":[1]}' AS d_json, x'00ff' AS b WHERE ?1 = 7",
                             DB_ARGS(DB_INT(7)), &rows),
                     DB_OK);
    row = json_array_get(rows, 0);
    assert_true(json_is_true(json_object_get(row, "is_x")));
    assert_true(json_is_false(json_object_get(row, "can_y")));
    assert_string_equal(json_string_value(json_object_get(row, "t")), "नमस्ते");
    assert_true(json_is_null(json_object_get(row, "n")));
    assert_true(json_is_array(json_object_get(json_object_get(row, "d_json"), "a")));
    assert_string_equal(json_string_value(json_object_get(row, "b")), "00ff");
    assert_int_equal(db_row(g->db, "SELECT 1 AS a WHERE 0", DB_NO_ARGS, &row), DB_NONE);
}

/* Writers at once: each transaction whole or not at all, every good one there, and fewer
 * commits than transactions. */
enum { THREADS = 24, EACH = 60 };

struct writer {
    struct db_file *file;
    int id, good;
};

static void *writer_run(void *arg)
{
    struct writer *w = arg;
    struct arena *a = arena_new();
    struct db *db = db_new(w->file, a);

    for (int i = 0; i < EACH; i++) {
        char key[40], twin[60];

        snprintf(key, sizeof key, "t%d-%d", w->id, i);
        snprintf(twin, sizeof twin, "%s-twin", key);
        db_begin(db);
        put(db, key, "1");
        put(db, i % 3 == 0 ? key : twin, "1"); /* every third fails half-way */
        w->good += db_end(db, DB_OK) == DB_OK;
    }
    arena_free(a);
    return NULL;
}

static void test_shared_commit(void **state)
{
    struct ground *g = *state;
    struct writer w[THREADS];
    pthread_t threads[THREADS];
    uint64_t before = db_file_commits(g->file);
    int good = 0;

    for (int i = 0; i < THREADS; i++) {
        w[i] = (struct writer){ g->file, i, 0 };
        pthread_create(&threads[i], NULL, writer_run, &w[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += w[i].good;
    }
    assert_int_equal(good, THREADS * EACH * 2 / 3);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), good * 2);
    assert_true(db_file_commits(g->file) - before < (uint64_t)THREADS * EACH);
}

/* Pages of the file run out: told as full, nothing of it stays, and it goes on later. */
static void test_full(void **state)
{
    struct ground *g = *state;
    char *big = arena_alloc(g->arena, 1, 200001);
    int64_t pages = count(g->db, "PRAGMA page_count");
    char limit[60];

    memset(big, 'x', 200000);
    snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld", (long long)pages + 4);
    db_begin(g->db);
    assert_int_not_equal(db_exec(g->db, limit, DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    db_begin(g->db);
    assert_int_equal(put(g->db, "big", big), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    assert_true(db_full(g->db));
    db_begin(g->db);
    assert_int_not_equal(db_exec(g->db, "PRAGMA max_page_count = 1000000", DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    db_begin(g->db);
    assert_int_equal(put(g->db, "big", big), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

static void test_migration_changed(void **state)
{
    struct ground *g = *state;
    sqlite3 *raw;

    assert_int_equal(migrate_apply(g->file), DB_OK); /* each once */
    assert_int_equal(sqlite3_open(g->path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "UPDATE migration SET checksum = 'x' WHERE name LIKE"
                                       " '%0002%'", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(raw);
    assert_int_equal(migrate_apply(g->file), DB_ERR);
}

static void test_copy_is_whole(void **state)
{
    struct ground *g = *state;
    char copy[80];
    struct db_file *f;

    db_begin(g->db);
    put(g->db, "a", "1");
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    snprintf(copy, sizeof copy, "%s/copy", g->dir);
    assert_int_equal(db_copy(g->file, copy), DB_OK);
    f = db_file_open(copy, 1, false);
    assert_non_null(f);
    assert_int_equal(db_integrity(f), 0);
    db_file_close(f);
    unlink(copy);
}

#define T(name, f) { name, f, setup, teardown, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {
        T("SYS-1 an error sticks until the end of the transaction", test_errors_stick),
        T("SYS-1 a refusal leaves nothing", test_refusal_undoes),
        T("CART-5 a part of a transaction fails alone", test_part_fails_alone),
        T("CART-5 a one-time key has one effect", test_once),
        T("SYS-5 rows are JSON", test_rows),
        T("SYS-1 writers share commits, each whole", test_shared_commit),
        T("SYS-1 a full disk is told and gone on from", test_full),
        T("SYS-1 a changed migration stops the start", test_migration_changed),
        T("SYS-6 a copy while in use is whole", test_copy_is_whole),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
