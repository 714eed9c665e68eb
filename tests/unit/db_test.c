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

/* A list of cells is what the rows are as JSON, however many. */
static void test_list(void **state)
{
    struct ground *g = *state;
    static const char *const sql[] = {
        "SELECT 1 AS is_x, 0 AS can_y, NULL AS has_z, 'नमस्ते' AS t, NULL AS n, 1.5 AS r,"
        " '{\"a\":[1]}' AS d_json, x'00ff' AS b, '' AS e, -7 AS i WHERE ?1 = 7",
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
        " SELECT i AS id, 'thing ' || i AS name, iif(i % ?1 = 0, NULL, i) AS m FROM n",
        "SELECT 1 AS a WHERE ?1 = 8"
    };
    static const size_t counts[] = { 1, 300, 0 };

    for (size_t i = 0; i < 3; i++) {
        json_t *rows;
        struct cell list;

        assert_int_equal(db_rows(g->db, sql[i], DB_ARGS(DB_INT(7)), &rows), DB_OK);
        assert_int_equal(db_list(g->db, sql[i], DB_ARGS(DB_INT(7)), &list), DB_OK);
        assert_int_equal(cell_size(list), counts[i]);
        assert_true(json_equal(cell_to_json(list), rows));
        assert_int_equal(cell_item(list, counts[i]).kind, CELL_NONE);
    }
}

/* The rules on what is written most are comparisons, and hold. */
static void test_rules_hold(void **state)
{
    struct ground *g = *state;
    static const char *const wrong[] = {
        "INSERT INTO job(kind, payload, next_ms, created_ms) VALUES ('wrong', '{}', 1, 1)",
        "INSERT INTO job(kind, payload, next_ms, created_ms, state)"
        " VALUES ('message', '{}', 1, 1, 'wrong')",
    };

    assert_int_equal(count(g->db,
                           "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                           " AND name IN ('lot', 'stock_move', 'orders', 'order_event',"
                           " 'document', 'ledger_entry', 'job', 'webhook_message')"
                           " AND sql GLOB '* OR [a-z]* = ''*'"
                           " AND sql NOT GLOB '*IN (''[a-z]*'', ''[a-z]*'', ''[a-z]*'')*'"),
                     8);
    for (size_t i = 0; i < 2; i++) {
        db_begin(g->db);
        assert_int_equal(db_exec(g->db, wrong[i], DB_NO_ARGS), DB_ERR);
        assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    }
    db_begin(g->db);
    assert_int_equal(db_exec(g->db, "INSERT INTO job(kind, payload, next_ms, created_ms)"
                                    " VALUES ('message', '{}', 1, 1)",
                             DB_NO_ARGS),
                     DB_OK);
    assert_int_equal(db_exec(g->db, "UPDATE sqlite_schema SET sql = '' WHERE name = 'job'",
                             DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
}

/* Names are found among many, of one chain too, and none that isn't there. */
static void test_cells(void **state)
{
    struct ground *g = *state;
    const char *names[SHAPE_WIDTH];
    struct table t;
    struct cell row;

    for (int i = 0; i < SHAPE_WIDTH; i++)
        names[i] = arena_printf(g->arena, "name_%d", i);
    t = table_new(g->arena, shape_new(g->arena, names, SHAPE_WIDTH));
    for (int n = 0; n < 100; n++)
        for (int i = 0; i < SHAPE_WIDTH; i += 2)
            table_add(&t)[i] = cell_int(n * 1000 + i);
    for (int i = 0; i < SHAPE_WIDTH; i++) {
        row = cell_item(table_rows(&t, 0, t.count), 128 * 99 + (size_t)i / 2);
        assert_int_equal(cell_get(row, names[i]).kind, i % 2 ? CELL_NONE : CELL_INT);
        assert_int_equal(cell_number(cell_get(row, names[i])), i % 2 ? 0 : 99000 + i);
    }
    row = cell_item(table_rows(&t, 0, t.count), 3);
    assert_int_equal(cell_get(row, "name_255").kind, CELL_NONE);
    assert_int_equal(cell_get(row, "name_").kind, CELL_NONE);
    assert_int_equal(cell_get(row, "").kind, CELL_NONE);
    assert_int_equal(json_object_size(cell_to_json(row)), 1);
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

/* Work that the leader does for others beside threads that take the lead: each whole or not
 * at all, refusals and what was allocated each their own, and nobody told otherwise than what
 * the file holds, even when a transaction is lost in between. */
struct worker {
    struct db_file *file;
    struct arena *arena;
    int id, good, refused, failed, wrong;
    bool loses;
    char key[40];
    int at;
    const char *said;
};

/* Of these none is refused: each is told of its loss, alone in its transaction or not. */
enum { LOST_AT = EACH / 2 + 1 };

static enum db_rc work_put(struct db *db, void *arg)
{
    struct worker *w = arg;

    w->said = arena_printf(db_arena(db), "said %s", w->key);
    if (put(db, w->key, "1") != DB_OK)
        return DB_ERR;
    if (w->loses && w->at == LOST_AT)
        db_exec(db, "ROLLBACK", DB_NO_ARGS);
    if (w->at % 3 == 0)
        return db_refuse(db, 422, w->key, "refusal.x",
                         json_pack("{s:s}", "key", w->key));
    return DB_OK;
}

static void work_count(struct worker *w, struct db *db, enum db_rc rc)
{
    const struct refusal *no = db_refusal(db);
    bool own = arena_owns(w->arena, w->said) && strcmp(w->said + 5, w->key) == 0;
    int64_t there = 0;

    w->good += rc == DB_OK;
    w->refused += rc == DB_REFUSED;
    w->failed += rc == DB_ERR;
    if (rc == DB_REFUSED)
        own = own && no && strcmp(no->field, w->key) == 0 && arena_owns(w->arena, no->args) &&
              strcmp(json_string_value(json_object_get(no->args, "key")), w->key) == 0;
    if (db_int(db, "SELECT count(*) FROM setting WHERE key = ?1", DB_ARGS(DB_TEXT(w->key)),
               &there) != DB_OK)
        own = false;
    w->wrong += !own || there != (rc == DB_OK);
}

static void *worker_run(void *arg)
{
    struct worker *w = arg;

    w->arena = arena_new();
    arena_json(w->arena);
    for (w->at = 0; w->at < EACH; w->at++) {
        struct db *db = db_new(w->file, w->arena);
        enum db_rc rc;

        snprintf(w->key, sizeof w->key, "w%d-%d", w->id, w->at);
        if (w->id % 4 != 0) {
            rc = db_run(db, work_put, w);
        } else {
            db_begin(db);
            rc = db_end(db, work_put(db, w));
        }
        work_count(w, db, rc);
        arena_reset(w->arena);
    }
    arena_json(NULL);
    arena_free(w->arena);
    return NULL;
}

static void workers_run(struct ground *g, int losers, struct worker *sum)
{
    struct worker w[THREADS];
    pthread_t threads[THREADS];

    *sum = (struct worker){ 0 };
    for (int i = 0; i < THREADS; i++) {
        w[i] = (struct worker){ .file = g->file, .id = i, .loses = i < losers };
        pthread_create(&threads[i], NULL, worker_run, &w[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        sum->good += w[i].good;
        sum->refused += w[i].refused;
        sum->failed += w[i].failed;
        sum->wrong += w[i].wrong;
    }
}

static void test_work_shared(void **state)
{
    struct ground *g = *state;
    uint64_t before = db_file_commits(g->file);
    struct worker sum;

    workers_run(g, 0, &sum);
    assert_int_equal(sum.wrong, 0);
    assert_int_equal(sum.failed, 0);
    assert_int_equal(sum.refused, THREADS * EACH / 3);
    assert_int_equal(sum.good, THREADS * EACH * 2 / 3);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), sum.good);
    assert_true(db_file_commits(g->file) - before < (uint64_t)THREADS * EACH);
}

static void test_work_lost(void **state)
{
    struct ground *g = *state;
    struct worker sum;

    workers_run(g, 6, &sum);
    assert_int_equal(sum.wrong, 0);
    assert_true(sum.failed >= 6);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), sum.good);
}

/* The same key by many at once, as work: one effect, and the others can look up what it made
 * as soon as they are answered. */
static enum db_rc work_once(struct db *db, void *arg)
{
    put(db, arg, "1");
    db_made(db, 42);
    return DB_OK;
}

static void *once_run(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new();
    struct db *db = db_new(w->file, a);
    const unsigned char digest[16] = "same";
    int64_t made;

    arena_json(a);
    for (int i = 0; i < EACH; i++) {
        char key[20];
        enum db_rc rc;

        snprintf(key, sizeof key, "once-%d", i);
        db_once(db, key, digest);
        rc = db_run(db, work_once, key);
        w->good += rc == DB_OK;
        w->wrong += rc == DB_ERR || db_replayed(db, key, digest, &made) != DB_REPLAYED ||
                    made != 42;
    }
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

static void test_work_once(void **state)
{
    struct ground *g = *state;
    struct worker w[THREADS];
    pthread_t threads[THREADS];
    int good = 0;

    for (int i = 0; i < THREADS; i++) {
        w[i] = (struct worker){ .file = g->file, .id = i };
        pthread_create(&threads[i], NULL, once_run, &w[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        good += w[i].good;
        assert_int_equal(w[i].wrong, 0);
    }
    assert_int_equal(good, EACH);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), EACH);
}

/* Within a transaction it is a part of that: its refusal undoes the whole. */
static void test_work_within(void **state)
{
    struct ground *g = *state;
    struct worker w = { .arena = g->arena, .key = "within", .at = 3 };

    db_begin(g->db);
    assert_int_equal(put(g->db, "outer", "1"), DB_OK);
    assert_int_equal(db_run(g->db, work_put, &w), DB_REFUSED);
    assert_int_equal(db_end(g->db, DB_OK), DB_REFUSED);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 0);
    w.at = 1;
    db_begin(g->db);
    assert_int_equal(put(g->db, "outer", "1"), DB_OK);
    assert_int_equal(db_run(g->db, work_put, &w), DB_OK);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 2);
}

/* What a view reads is of one moment, until it gives its connection back or writes. */
static void test_one_moment(void **state)
{
    struct ground *g = *state;
    struct arena *a = arena_new();
    struct db *other = db_new(g->file, a);

    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 0);
    db_begin(other);
    assert_int_equal(put(other, "a", "1"), DB_OK);
    assert_int_equal(db_end(other, DB_OK), DB_OK);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 0);
    db_release(g->db);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 1);
    db_begin(other);
    assert_int_equal(put(other, "b", "1"), DB_OK);
    assert_int_equal(db_end(other, DB_OK), DB_OK);
    db_begin(g->db);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 2);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    assert_int_equal(count(g->db, "SELECT count(*) FROM setting"), 2);
    arena_free(a);
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
        T("SYS-5 a list of cells is what its rows are as JSON", test_list),
        T("SYS-5 a cell is found by its name among many", test_cells),
        T("SYS-1 rules that became comparisons hold, and the schema is closed",
          test_rules_hold),
        T("SYS-1 writers share commits, each whole", test_shared_commit),
        T("SYS-1 work that others do for a thread is its own, each whole", test_work_shared),
        T("SYS-1 a lost transaction fails all that shared it, and they are told",
          test_work_lost),
        T("CART-5 one key many times at once has one effect", test_work_once),
        T("SYS-1 work within a transaction is a part of it", test_work_within),
        T("SYS-1 what a request reads is of one moment", test_one_moment),
        T("SYS-1 a full disk is told and gone on from", test_full),
        T("SYS-1 a changed migration stops the start", test_migration_changed),
        T("SYS-6 a copy while in use is whole", test_copy_is_whole),
    };

    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
