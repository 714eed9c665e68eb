/* A fresh, migrated database for each test, with shorthands to look into its tables and
 * users and accounts to act with. */
#ifndef ACCESS_GROUND_H
#define ACCESS_GROUND_H

#include "db/account.h"
#include "db/base/clock.h"
#include "db/db.h"
#include "db/db_internal.h"
#include "db/migrate.h"
#include "db/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ground {
    char folder[32], path[64];
    struct arena *arena;
    struct db_file *file;
    struct db *db;
};

static inline int ground_open(void **state)
{
    struct ground *g = calloc(1, sizeof *g);

    strcpy(g->folder, "/tmp/access-XXXXXX");
    assert_non_null(mkdtemp(g->folder));
    snprintf(g->path, sizeof g->path, "%s/shop.db", g->folder);
    g->file = db_file_open(g->path, 4, true);
    assert_non_null(g->file);
    assert_int_equal(migrate_apply(g->file), DB_OK);
    g->arena = arena_new();
    arena_json(g->arena);
    g->db = db_new(g->file, g->arena);
    *state = g;
    return 0;
}

/* What the statements of a connection have done so far, in steps of SQLite's machine. */
static inline int64_t steps_of(struct connection *c)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = 0;

    while (c && (stmt = sqlite3_next_stmt(c->handle, stmt)))
        n += sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
    return n;
}

static inline int64_t steps(struct ground *g)
{
    int64_t n = steps_of(g->file->writer);

    for (int i = 0; i < g->file->reader_count; i++)
        n += steps_of(g->file->readers[i]);
    return n;
}

/* Closes and opens the file, as a restart of the program does. */
static inline void ground_restart(struct ground *g)
{
    arena_json(NULL);
    arena_free(g->arena);
    db_file_close(g->file);
    g->file = db_file_open(g->path, 4, false);
    assert_non_null(g->file);
    g->arena = arena_new();
    arena_json(g->arena);
    g->db = db_new(g->file, g->arena);
}

static inline int ground_close(void **state)
{
    struct ground *g = *state;

    arena_json(NULL);
    arena_free(g->arena);
    db_file_close(g->file);
    unlink(g->path);
    rmdir(g->folder);
    free(g);
    return 0;
}

static inline int64_t number_of(struct ground *g, const char *sql)
{
    int64_t n;

    assert_int_not_equal(db_int(g->db, sql, DB_NO_ARGS, &n), DB_ERR);
    return n;
}

static inline const char *text_of(struct ground *g, const char *sql)
{
    const char *text;

    assert_int_not_equal(db_text(g->db, sql, DB_NO_ARGS, &text), DB_ERR);
    return text ? text : "";
}

static inline void run(struct ground *g, const char *sql)
{
    db_begin(g->db);
    assert_int_not_equal(db_exec(g->db, sql, DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

static inline json_int_t int_in(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static inline const char *text_in(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

static inline void refused(struct ground *g, enum db_rc rc, int status, const char *field,
                           const char *key)
{
    assert_int_equal(rc, DB_REFUSED);
    assert_non_null(db_refusal(g->db));
    assert_string_equal(db_refusal(g->db)->key, key);
    assert_int_equal(db_refusal(g->db)->status, status);
    if (field)
        assert_string_equal(db_refusal(g->db)->field, field);
    else
        assert_null(db_refusal(g->db)->field);
}

static inline int64_t user_new(struct ground *g, const char *mobile)
{
    struct user_details d = { mobile, "Asha", "en", "", "" };
    int64_t id;

    assert_int_equal(user_create(g->db, &d, &id), DB_OK);
    return id;
}

static inline int64_t account_new(struct ground *g, int64_t user_id, const char *email)
{
    struct account_details d = { email, "Asha's home", "", "Asia/Kolkata", "en" };
    int64_t id;

    assert_int_equal(account_create(g->db, user_id, &d, &id), DB_OK);
    return id;
}

/* A vendor on sale with one listing; answers the listing's id. */
static inline int64_t listing_new(struct ground *g, int64_t account_id)
{
    int64_t n = account_id;
    struct db_args one = DB_ARGS(DB_INT(n));

    db_begin(g->db);
    db_exec(g->db,
            "INSERT INTO vendor(account_id, handle, trade_name, state_code, gst_status,"
            " state, asked_ms) VALUES (?1, 'shop-' || ?1, 'Shop', '27', 'unregistered',"
            " 'approved', 1)",
            one);
    db_exec(g->db,
            "INSERT INTO unit(id, account_id, name, folded) VALUES (-?1, ?1, 'pot',"
            " 'pot')",
            one);
    db_exec(g->db,
            "INSERT INTO sku(id, account_id, name, folded, unit_id, created_ms)"
            " VALUES (?1, ?1, 'Diya', 'diya', -?1, 1)",
            one);
    db_exec(g->db,
            "INSERT INTO product(id, account_id, name, folded, created_ms)"
            " VALUES (?1, ?1, 'Diya', 'diya', 1)",
            one);
    db_exec(
        g->db,
        "INSERT INTO listing(id, account_id, product_id, sku_id, price_paise, created_ms)"
        " VALUES (?1, ?1, ?1, ?1, 1500, 1)",
        one);
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
    return n;
}

#endif
