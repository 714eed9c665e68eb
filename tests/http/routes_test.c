/* Every route, asked by nobody, by another account, and by staff without the permission. */
#include "routes_ground.h"

static bool nobody_asks(struct world *w, const char *path, const char *method,
                        const json_t *route)
{
    struct browser b;
    char at[300];
    const json_t *error;
    long status;

    if (!json_object_get(route, "security"))
        return false;
    browser_new(&b, &w->shop);
    status = route_ask(&b, path_of_a(w, path, at, sizeof at), method, route);
    error = json_object_get(b.json, "error");
    expect(status == 401 && json_integer_value(json_object_get(error, "status")) == 401,
           "signed out", method, at, status);
    browser_free(&b);
    return true;
}

/* SEC-14 */
static void test_signed_out(void **state)
{
    struct world *w = *state;
    uint64_t before = database_digest(w);

    failures = 0;
    assert_true(walk(w, nobody_asks) > 40);
    assert_int_equal(failures, 0);
    assert_true(database_digest(w) == before);
}

static bool other_asks(struct world *w, const char *path, const char *method,
                       const json_t *route)
{
    char at[300];
    uint64_t before, after;
    long status;

    if (!strstr(path, "{id}") || strncmp(path, "/v/", 3) == 0)
        return false;
    path_of_a(w, path, at, sizeof at);
    before = database_digest(w);
    status = route_ask(&w->b, at, method, route);
    after = database_digest(w);
    expect(status == 404, "another account", method, path, status);
    expect(after == before, "another account changed something", method, path, status);
    if (*method == 'g' && !strstr(path, "/invoice")) { /* there is none yet */
        status = get(strncmp(path, "/admin/", 7) == 0 ? &w->admin : &w->a, at);
        expect(status == 200, "whose it is", method, path, status);
    }
    return true;
}

/* SEC-14 */
static void test_another_account(void **state)
{
    failures = 0;
    assert_true(walk(*state, other_asks) > 25);
    assert_int_equal(failures, 0);
}

/* --- staff --- */

static const char *missing; /* the module that the staff may not use; "": none may be */
static int want_level;

/* As routes_ground's, and what to expect of it. */
static void staff_may_but(struct world *w, int level, const char *without)
{
    staff_may(w, level, without);
    want_level = level;
    missing = without;
}

static bool staff_asks(struct world *w, const char *path, const char *method,
                       const json_t *route)
{
    bool is_get = strcmp(method, "get") == 0;
    const char *module;
    char at[300];
    long status;

    if (!json_object_get(route, "security") || !(module = module_of(path)))
        return false;
    if (want_level == 2 && !is_get && strcmp(module, missing) != 0)
        return false;
    path_of_a(w, path, at, sizeof at);
    status = route_ask(&w->staff, at, method, route);
    if (want_level == 0 || strcmp(module, missing) == 0)
        expect(status == 403, "without permission", method, path, status);
    else if (!is_get)
        expect(status == 403, "who may only view", method, path, status);
    else if (want_level == 2 || (!strstr(path, "/new") && !strstr(path, "/receive") &&
                                  !strstr(path, "/edit")))
        expect(status != 403 && status != 401, "with permission", method, path, status);
    return true;
}

/* SEC-03 SEC-13 SEC-15 */
static void test_staff(void **state)
{
    struct world *w = *state;
    long long a = (long long)w->a_id, user = (long long)w->staff_user;
    uint64_t before;
    char path[60];

    failures = 0;
    sql_run(&w->shop, "INSERT INTO membership VALUES (%lld, %lld, 0, 1)", a, user);
    snprintf(path, sizeof path, "/accounts/%lld/enter", a);
    assert_int_equal(post(&w->staff, path, "{}"), 200);
    staff_may_but(w, 0, "");
    before = database_digest(w);
    assert_true(walk(w, staff_asks) > 30);
    assert_true(database_digest(w) == before);

    staff_may_but(w, 1, "");
    before = database_digest(w);
    assert_true(walk(w, staff_asks) > 30);
    assert_true(database_digest(w) == before);

    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (modules[i].module) {
            staff_may_but(w, 2, modules[i].module);
            assert_true(walk(w, staff_asks) > 10);
        }
    sql_run(&w->shop, "DELETE FROM membership WHERE account_id = %lld AND user_id = %lld", a, user);
    assert_true(get(&w->staff, "/inventory") != 200 ||
                json_object_get(w->staff.json, "location"));
    assert_int_equal(failures, 0);
}

#define TEST(name, fn) { name, fn, setup, teardown, NULL }

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-2 SEC-14 signed out nothing opens", test_signed_out),
        TEST("ACC-4 SEC-14 nothing of another account opens", test_another_account),
        TEST("ACC-6 SEC-03 SEC-13 SEC-15 nothing opens without its permission", test_staff),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("ACC-4 ACC-6 ACC-7 SYS-5 every route", tests, NULL,
                                       NULL);
}
