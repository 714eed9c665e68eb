/* What the tests of people share: one server, whose database each test begins with as it was
 * made; an owner, their account, and who comes along. Included once by each program. */
#ifndef PEOPLE_GROUND_H
#define PEOPLE_GROUND_H

#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, owner;
    int64_t account;
    char admin_cookie[512], owner_cookie[512];
};

/* One server for all tests; each begins with the same database. */
static struct world world;

static UNUSED int world_up(void **state)
{
    struct world *w = &world;

    (void)state;
    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->account = vendor_up(&w->owner, &w->shop, &w->admin, "+919000000002", "Pots");
    session_keep(&w->admin, w->admin_cookie, sizeof w->admin_cookie);
    session_keep(&w->owner, w->owner_cookie, sizeof w->owner_cookie);
    shop_keep(&w->shop);
    return 0;
}

static UNUSED int world_down(void **state)
{
    struct world *w = &world;

    (void)state;
    browser_free(&w->admin);
    browser_free(&w->owner);
    shop_free(&w->shop);
    return 0;
}

static UNUSED int setup(void **state)
{
    struct world *w = &world;

    shop_back(&w->shop);
    session_back(&w->admin, w->admin_cookie);
    session_back(&w->owner, w->owner_cookie);
    assert_int_equal(get(&w->admin, "/accounts"), 200);
    assert_int_equal(get(&w->owner, "/accounts"), 200);
    *state = w;
    return 0;
}

static UNUSED int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    return 0;
}

/* Changes the file from outside; false when it was refused. */
static UNUSED bool sql_try(const struct world *w, const char *sql)
{
    char path[128];
    sqlite3 *db;
    int rc;

    snprintf(path, sizeof path, "%s/invichat.db", w->shop.dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return rc == SQLITE_OK;
}

/* The code that was just sent to the number. */
static UNUSED void new_code(const struct world *w, const char *mobile, char code[8])
{
    shop_rests(&w->shop);
    code_of(&w->shop, mobile, code);
}

/* Signs up, or in: a browser with no account of its own. */
static UNUSED void person_up(struct browser *b, struct world *w, const char *mobile,
                      const char *name)
{
    char code[8];

    browser_new(b, &w->shop);
    assert_int_equal(post(b, "/signup", "{\"mobile\":\"%s\",\"name\":\"%s\",\"lang\":\"en\"}",
                          mobile, name),
                     200);
    new_code(w, mobile, code);
    assert_int_equal(post(b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(b, "/accounts"), 200);
}

static UNUSED int64_t user_id(const struct world *w, const char *mobile)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT id FROM user WHERE mobile = '%s'", mobile);
    return sql_int(&w->shop, sql);
}

/* A secondary user of the owner's account, in it, with a preset. */
static UNUSED void staff_up(struct browser *b, struct world *w, const char *mobile,
                     const char *preset)
{
    char path[80];

    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"%s\",\"preset\":\"%s\"}", mobile, preset),
                     201);
    person_up(b, w, mobile, "Staff");
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(post(b, path, "{}"), 200);
}

static UNUSED const char *message(const struct browser *b)
{
    const char *text = json_string_value(
        json_object_get(json_object_get(b->json, "error"), "message"));

    return text ? text : "";
}

static UNUSED bool page_has(struct browser *b, const char *path, const char *text)
{
    browser_send(b, path, NULL, NULL, "Accept: text/html");
    return strstr(b->body, text) != NULL;
}

#define TEST(name, fn) { name, fn, setup, teardown, NULL }

#endif
