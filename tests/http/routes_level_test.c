/* Every route at every level, with the exact status: asked by nobody, by a secondary user
 * who may do nothing, view and change, by the primary user, and what is the admin's by the
 * admin. A route without a line in route_lines.h fails, and so does a line without a route. */
#include "routes_ground.h"

enum who { NOBODY, NONE, VIEW, CHANGE, PRIMARY, ADMIN, WHO };

static const char *const names[WHO] = { "nobody", "nothing allowed", "view", "change",
                                        "the primary user", "the admin" };

/* Of the levels: 'p' anyone, 's' who is signed in, 'a' the admin, 'v' view, 'c' change.
 * `status` is the answer to a secondary user who may (of 'a': to the admin), with the body of
 * route_ask(); `primary` to the primary user where that is another (0: the same); `nobody` to
 * who is not signed in (0: not open to them). */
static const struct line {
    const char *method, *path;
    char level;
    int status, primary, nobody;
} lines[] = {
#include "tests/http/route_lines.h"
};

static const struct line *line_find(const char *method, const char *path)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(lines[i].path, path) == 0 && strcasecmp(lines[i].method, method) == 0)
            return &lines[i];
    return NULL;
}

/* What the specification makes of a line. */
static int line_status(const struct line *l, enum who who)
{
    if (who == NOBODY)
        return l->nobody ? l->nobody : 401;
    if (l->level == 'a')
        return who == ADMIN ? l->status : 404;
    if (who == PRIMARY)
        return l->primary ? l->primary : l->status;
    if (l->level == 'v')
        return who >= VIEW ? l->status : 403;
    if (l->level == 'c')
        return who >= CHANGE ? l->status : 403;
    return l->status;
}

static enum who asker;
static struct browser *asking;
static char cookies[WHO][512];

static void world_back(struct world *w)
{
    shop_back(&w->shop);
    if (asker != NOBODY)
        session_back(asking, cookies[asker]);
}

/* What changes neither permission, role, price, stock, order, money nor setting. */
static const char *const unlogged[] = {
    "/settings/", "/cart", "/v/", "/join", "/orders/{id}/again", "/sell/catalog/{id}/photos",
};

static bool is_logged(const char *path)
{
    for (size_t i = 0; i < sizeof unlogged / sizeof *unlogged; i++)
        if (strncmp(path, unlogged[i], strlen(unlogged[i])) == 0)
            return false;
    return true;
}

static void line_missing(const char *path, const char *method, const json_t *route,
                         long status)
{
    bool is_get = *method == 'g';

    failures++;
    fprintf(stderr, "no line for it: { \"%s\", \"%s\", '%c', %ld },\n",
            is_get ? "GET" : "POST", path,
            !json_object_get(route, "security") ? 'p'
            : strncmp(path, "/admin", 6) == 0   ? 'a'
            : !module_of(path)                  ? 's'
            : is_get                            ? 'v'
                                                : 'c',
            status);
}

static bool cell_asks(struct world *w, const char *path, const char *method,
                      const json_t *route)
{
    const struct line *l = line_find(method, path);
    bool is_get = *method == 'g';
    struct browser visitor;
    uint64_t before;
    int64_t entries;
    char at[300];
    long status;
    int want;

    if (asker == ADMIN && (!l || l->level != 'a'))
        return false;
    path_of_a(w, path, at, sizeof at);
    before = database_digest(w);
    entries = sql_int(&w->shop, "SELECT count(*) FROM audit_entry");
    if (asker == NOBODY)
        browser_new(&visitor, &w->shop);
    status = route_ask(asker == NOBODY ? &visitor : asking, at, method, route);
    if (asker == NOBODY)
        browser_free(&visitor);
    if (l && l->level == 'c' && asker != NOBODY && !is_get &&
        (status == 200 || status == 201) && is_logged(path) && database_digest(w) != before)
        expect(sql_int(&w->shop, "SELECT count(*) FROM audit_entry") > entries,
               "not in the audit log", method, path, status);
    if (l) {
        want = line_status(l, asker);
        expect(status == want, names[asker], method, path, status);
        expect(!l->nobody == (json_object_get(route, "security") != NULL),
               "open to nobody", method, path, status);
        if (want == 401 || want == 403 || want == 404)
            expect(database_digest(w) == before, "changed something", method, path, status);
    } else {
        line_missing(path, method, route, status);
    }
    if (!is_get)
        world_back(w);
    return true;
}

/* One column of the table. */
static void column(struct world *w, enum who who, struct browser *b, int at_least)
{
    asker = who;
    asking = b;
    if (b)
        session_keep(b, cookies[who], sizeof cookies[who]);
    shop_keep(&w->shop);
    assert_true(walk(w, cell_asks) > at_least);
}

static void test_staff(void **state)
{
    struct world *w = *state;
    long long a = (long long)w->a_id, user = (long long)w->staff_user;
    char path[60];

    failures = 0;
    sql_run(&w->shop, "INSERT INTO membership VALUES (%lld, %lld, 0, 1)", a, user);
    snprintf(path, sizeof path, "/accounts/%lld/enter", a);
    assert_int_equal(post(&w->staff, path, "{}"), 200);
    assert_int_equal(get(&w->staff, "/me"), 200);
    for (int level = 0; level <= 2; level++) {
        staff_may(w, level, "");
        column(w, NONE + (enum who)level, &w->staff, 100);
    }
    assert_int_equal(failures, 0);
}

static void test_others(void **state)
{
    struct world *w = *state;

    failures = 0;
    column(w, NOBODY, NULL, 100);
    column(w, PRIMARY, &w->a, 100);
    column(w, ADMIN, &w->admin, 40);
    assert_int_equal(failures, 0);
}

static void test_lines(void **state)
{
    struct world *w = *state;

    failures = 0;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char method[8] = { 0 };

        for (int k = 0; lines[i].method[k]; k++)
            method[k] = (char)(lines[i].method[k] | 32);
        expect(json_object_get(json_object_get(w->paths, lines[i].path), method) != NULL,
               "no such route (any more)", lines[i].method, lines[i].path, 0);
    }
    assert_int_equal(failures, 0);
}

#define TEST(name, fn) { name, fn, setup, teardown, NULL }

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-6 ACC-10 SEC-15 every route at none, view and change", test_staff),
        TEST("ACC-2 ACC-4 ACC-8 every route for nobody, the primary user and the admin",
             test_others),
        TEST("SYS-5 every line has its route", test_lines),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
