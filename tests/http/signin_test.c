/* Ways in and out: the password, another number, sessions; and what strangers learn from
 * them. */
#include "people_ground.h"

#include <time.h>

/* --- password, number, sessions --- */

static long password_in(struct browser *b, const char *mobile, const char *password)
{
    return post(b, "/signin/password", "{\"mobile\":\"%s\",\"password\":\"%s\"}", mobile,
                password);
}

static void test_password(void **state)
{
    struct world *w = *state;
    struct browser b;

    assert_int_equal(post(&w->owner, "/me/password", "{\"password\":\"short\"}"), 422);
    assert_int_equal(post(&w->owner, "/me/password", "{\"password\":\"five blue pots\"}"),
                     200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE password_hash LIKE"
                                       " '$argon2id$v=19$m=19456,%'"),
                     1);
    browser_new(&b, &w->shop);
    assert_int_equal(password_in(&b, "9000000002", "five blue pot"), 422);
    assert_int_equal(get(&b, "/accounts"), 401);
    assert_int_equal(password_in(&b, "9000000002", "five blue pots"), 200);
    assert_int_equal(get(&b, "/inventory"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM password_try"), 0);
    assert_int_equal(post(&b, "/me/password", "{\"password\":\"six green pots\"}"), 422);
    assert_int_equal(browser_send(&b, "/me/password/remove",
                                  "application/x-www-form-urlencoded",
                                  "current=five blue pot", "Accept: text/html"),
                     422);
    assert_non_null(strstr(b.body, "<details class=\"confirm\" open>"));
    assert_non_null(strstr(b.body, "id=\"f-current-error\"></div>"));
    assert_int_equal(post(&b, "/me/password", "{\"current\":\"five blue pots\","
                                              "\"password\":\"six green pots\"}"),
                     200);
    assert_int_equal(get(&w->owner, "/accounts"), 401); /* all others are signed out */
    assert_int_equal(post(&b, "/signout", "{}"), 200);
    for (int i = 0; i < 5; i++)
        assert_int_equal(password_in(&b, "9000000002", "five blue pots"), 422);
    assert_int_equal(password_in(&b, "9000000002", "six green pots"), 429);
    assert_int_equal(get(&b, "/accounts"), 401);
    assert_true(sql_try(w, "UPDATE password_try SET at_ms = at_ms - 16 * 60000"));
    assert_int_equal(password_in(&b, "9000000002", "six green pots"), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    assert_int_equal(post(&b, "/me/password/remove", "{\"current\":\"six green pots\"}"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE password_hash IS NOT"
                                       " NULL"),
                     0);
    browser_free(&b);
}

static void test_number(void **state)
{
    struct world *w = *state;
    char code[8];

    assert_int_equal(post(&w->owner, "/me/number", "{\"mobile\":\"9000000002\"}"), 422);
    assert_int_equal(post(&w->owner, "/me/number", "{\"mobile\":\"9000000055\"}"), 200);
    new_code(w, "+919000000002", code);
    assert_int_equal(post(&w->owner, "/me/number/prove", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(user_id(w, "+919000000055"), -1);
    assert_int_equal(post(&w->owner, "/me/number/prove", "{\"code\":\"%s\"}", code), 422);
    new_code(w, "+919000000055", code);
    assert_int_equal(post(&w->owner, "/me/number/prove", "{\"code\":\"%s\"}", code), 200);
    assert_true(user_id(w, "+919000000055") > 0);
    assert_int_equal(user_id(w, "+919000000002"), -1);
    assert_int_equal(get(&w->owner, "/inventory"), 200);
}

static void test_sessions(void **state)
{
    struct world *w = *state;
    struct browser b, c;
    char path[80];
    const json_t *row;
    size_t i;
    long long other = 0;

    assert_int_equal(post(&w->owner, "/me/password", "{\"password\":\"five blue pots\"}"),
                     200);
    browser_new(&b, &w->shop);
    browser_new(&c, &w->shop);
    assert_int_equal(password_in(&b, "9000000002", "five blue pots"), 200);
    assert_int_equal(password_in(&c, "9000000002", "five blue pots"), 200);
    assert_int_equal(get(&b, "/me"), 200);
    json_array_foreach(json_object_get(b.json, "sessions"), i, row)
    {
        if (!json_is_true(json_object_get(row, "is_by_password")))
            other = json_integer_value(json_object_get(row, "id"));
    }
    assert_int_equal(json_array_size(json_object_get(b.json, "sessions")), 3);
    snprintf(path, sizeof path, "/me/sessions/%lld/end", other);
    assert_int_equal(post(&w->admin, path, "{}"), 404);
    assert_int_equal(post(&b, path, "{}"), 200);
    assert_int_equal(get(&w->owner, "/me"), 401);
    assert_int_equal(get(&c, "/me"), 200);
    /* Signing out here too says first what that means. */
    assert_int_equal(browser_send(&b, "/me", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(b.body, "Every phone and computer is signed out"));
    assert_int_equal(post(&b, "/me/sessions/end", "{}"), 200);
    assert_int_equal(get(&c, "/me"), 401);
    assert_int_equal(get(&b, "/me"), 200);
    assert_int_equal(post(&b, "/me/sessions/end", "{\"here\":true}"), 200);
    assert_int_equal(get(&b, "/me"), 401);
    browser_free(&b);
    browser_free(&c);
}

/* --- what strangers learn --- */

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The answer as text, without what differs each time. */
static void answer_of(struct browser *b, char *out, size_t size)
{
    json_t *copy = json_deep_copy(b->json);
    char *text;

    json_object_del(copy, "csrf");
    json_object_del(copy, "id");
    text = json_dumps(copy, JSON_SORT_KEYS);
    snprintf(out, size, "%ld %s", b->status, text);
    free(text);
    json_decref(copy);
}

static void alike(struct world *w, struct browser *b, const char *path, const char *format)
{
    static const char *const numbers[] = { "9000000002", "9000000077" };
    char answers[2][1000];

    for (int i = 0; i < 2; i++) {
        char body[300];
        struct browser fresh;

        browser_new(&fresh, &w->shop);
        snprintf(body, sizeof body, format, numbers[i]);
        browser_send(b ? b : &fresh, path, "application/json", body, NULL);
        answer_of(b ? b : &fresh, answers[i], sizeof answers[i]);
        browser_free(&fresh);
    }
    assert_string_equal(answers[0], answers[1]);
}

/* Ticks of processor time that the server has used: a busy machine doesn't add to it. */
static long server_ticks(const struct shop *s)
{
    char path[40], line[600], *at;
    long user = 0, kernel = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)s->pid);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    at = strrchr(line, ')');
    assert_int_equal(sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld",
                            &user, &kernel),
                     2);
    return user + kernel;
}

static void test_tells_nothing(void **state)
{
    struct world *w = *state;
    long spent[2] = { 0, 0 };

    assert_int_equal(post(&w->owner, "/me/password", "{\"password\":\"five blue pots\"}"),
                     200);
    alike(w, NULL, "/signin", "{\"mobile\":\"%s\"}");
    alike(w, NULL, "/signup", "{\"mobile\":\"%s\",\"name\":\"Eve\",\"lang\":\"en\"}");
    for (int i = 0; i < 6; i++) /* the last is refused, for both */
        alike(w, NULL, "/signin/password", "{\"mobile\":\"%s\",\"password\":\"wrong one\"}");
    alike(w, &w->admin, "/account/users", "{\"mobile\":\"%s\",\"preset\":\"viewer\"}");
    alike(w, &w->admin, "/account/users", "{\"mobile\":\"%s\",\"preset\":\"viewer\"}");
    alike(w, &w->admin, "/me/number", "{\"mobile\":\"%s\"}");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job WHERE recipient ="
                                       " '+919000000077'"),
                     sql_int(&w->shop, "SELECT count(*) FROM job WHERE recipient ="
                                       " '+919000000002'") - 1); /* the sign-up of setup */
    assert_true(sql_try(w, "DELETE FROM password_try"));
    for (int n = 0; n < 8; n++) {
        struct browser b;
        long start;

        browser_new(&b, &w->shop);
        start = server_ticks(&w->shop);
        assert_int_equal(password_in(&b, n % 2 ? "9000000078" : "9000000002", "wrong one"),
                         422);
        spent[n % 2] += server_ticks(&w->shop) - start;
        browser_free(&b);
    }
    assert_true(spent[0] > 0 && spent[0] < spent[1] * 2 && spent[1] < spent[0] * 2);
}

/* The least that a request to the path took so far. */
static void least_of(struct browser *b, const char *path, const char *body, long want,
                     double *least)
{
    double start = seconds(), took;

    assert_int_equal(browser_send(b, path, "application/json", body, NULL), want);
    took = seconds() - start;
    *least = took < *least ? took : *least;
}

/* Signing in and up, a wrong code, an invitation: a number that is a user's takes no longer
 * than one that is nobody's. The least of several tells: twice as much on a busy machine, and
 * 30 ms on one at rest, is a difference. */
static void test_takes_no_longer(void **state)
{
    enum { SIGN_IN, CODE, SIGN_UP, INVITATION, WAYS, ROUNDS = 8 };
    static const char *const names[WAYS] = { "sign in", "a wrong code", "sign up",
                                             "invitation" };
    struct world *w = *state;
    double least[WAYS][2];

    for (int i = 0; i < WAYS; i++)
        least[i][0] = least[i][1] = 60;
    assert_true(sql_try(w, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < 7) INSERT INTO user(mobile, name, created_ms)"
                           " SELECT '+9190000010' || (10 + i), 'Known', 1 FROM n"));
    for (int i = 0; i < 2 * ROUNDS; i++) {
        char body[200];
        int unknown = i % 2;
        struct browser b;

        browser_new(&b, &w->shop);
        assert_int_equal(get(&b, "/signin"), 200);
        snprintf(body, sizeof body, "{\"mobile\":\"90000010%02d\",\"name\":\"Eve\","
                                    "\"lang\":\"en\",\"preset\":\"viewer\"}",
                 10 + i / 2 + unknown * 20);
        least_of(&b, "/signin", body, 200, &least[SIGN_IN][unknown]);
        least_of(&b, "/signin/verify", "{\"code\":\"000000\"}", 422, &least[CODE][unknown]);
        least_of(&b, "/signup", body, 200, &least[SIGN_UP][unknown]);
        least_of(&w->owner, "/account/users", body, 201, &least[INVITATION][unknown]);
        browser_free(&b);
    }
    for (int i = 0; i < WAYS; i++)
        if (least[i][0] > least[i][1] * 2 + 0.03 || least[i][1] > least[i][0] * 2 + 0.03)
            fail_msg("%s: known %.1f ms, unknown %.1f ms", names[i], least[i][0] * 1000,
                     least[i][1] * 1000);
}

/* "VmHWM" or "VmRSS" of the server, in kB. */
static long server_memory(const struct world *w, const char *name)
{
    char path[60], *text, *at;
    long kb;

    snprintf(path, sizeof path, "/proc/%d/status", (int)w->shop.pid);
    text = file_read(path);
    at = strstr(text, name);
    assert_non_null(at);
    kb = strtol(at + strlen(name) + 1, NULL, 10);
    free(text);
    return kb;
}

static void *enters(void *arg)
{
    struct browser *b = arg;

    password_in(b, "9000000078", "wrong one");
    return NULL;
}

/* Twelve who sign in by password at once cost the server the memory of two, 19 MB each. */
static void test_crowd(void **state)
{
    enum { CROWD = 12, EACH_KB = 19456 };
    struct world *w = *state;
    struct browser b[CROWD];
    pthread_t threads[CROWD];
    char path[60];
    FILE *f;
    long before;

    for (int i = 0; i < CROWD; i++) {
        browser_new(&b[i], &w->shop);
        assert_int_equal(get(&b[i], "/signin/password"), 200);
    }
    snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)w->shop.pid);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("5", f);
    fclose(f);
    before = server_memory(w, "VmRSS:");
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, enters, &b[i]), 0);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        assert_true(b[i].status == 422 || b[i].status == 429);
        browser_free(&b[i]);
    }
    assert_in_range(server_memory(w, "VmHWM:") - before, EACH_KB, 3 * EACH_KB);
}

/* What is posted has no page: Reload, Back and the other language lead to the form's. */
static void test_came_back(void **state)
{
    static const char form[] = "application/x-www-form-urlencoded";
    struct world *w = *state;
    struct browser *b = &w->owner;
    char from[100];

    snprintf(from, sizeof from, "http://127.0.0.1:%d/account/users?x=1", w->shop.port);
    curl_easy_setopt(b->curl, CURLOPT_REFERER, from);
    assert_int_equal(browser_send(b, "/account/users", form, "mobile=12", "Accept: text/html"),
                     422);
    assert_non_null(strstr(b->body, "data-here=\"/account/users?x=1\""));
    assert_non_null(strstr(b->body, "name=\"back\" value=\"/account/users?x=1\""));
    curl_easy_setopt(b->curl, CURLOPT_REFERER, "http://shop.example/account");
    browser_send(b, "/account/users", form, "mobile=12", "Accept: text/html");
    assert_non_null(strstr(b->body, "data-here=\"/\""));
    curl_easy_setopt(b->curl, CURLOPT_REFERER, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-2 the password", test_password),
        TEST("ACC-9 SEC-06 the number", test_number),
        TEST("ACC-9 SEC-05 sessions", test_sessions),
        TEST("ACC-1 ACC-2 ACC-5 SEC-11 known and unknown numbers", test_tells_nothing),
        TEST("ACC-1 ACC-2 ACC-5 SEC-11 known and unknown numbers take the same time",
             test_takes_no_longer),
        TEST("ACC-2 a crowd of passwords costs the memory of two", test_crowd),
        TEST("SYS-4 a form that came back knows its page", test_came_back),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, world_up, world_down);
}
