/* Users and accounts as people use and misuse them: getting in by invitation and request,
 * levels that change under an open form, removed users, passwords, numbers, sessions, the
 * audit log, and what strangers can learn from the answers. */
#include "ground.h"

#include <time.h>

struct world {
    struct shop shop;
    struct browser admin, owner;
    int64_t account;
    char admin_cookie[512], owner_cookie[512];
};

/* One server for all tests; each begins with the same database. */
static struct world world;

static int world_up(void **state)
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

static int world_down(void **state)
{
    struct world *w = &world;

    (void)state;
    browser_free(&w->admin);
    browser_free(&w->owner);
    shop_free(&w->shop);
    return 0;
}

static int setup(void **state)
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

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    return 0;
}

/* Changes the file from outside; false when it was refused. */
static bool sql_try(const struct world *w, const char *sql)
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
static void new_code(const struct world *w, const char *mobile, char code[8])
{
    shop_rests(&w->shop);
    code_of(&w->shop, mobile, code);
}

/* Signs up, or in: a browser with no account of its own. */
static void person_up(struct browser *b, struct world *w, const char *mobile,
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

static int64_t user_id(const struct world *w, const char *mobile)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT id FROM user WHERE mobile = '%s'", mobile);
    return sql_int(&w->shop, sql);
}

/* A secondary user of the owner's account, in it, with a preset. */
static void staff_up(struct browser *b, struct world *w, const char *mobile,
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

static const char *message(const struct browser *b)
{
    const char *text = json_string_value(
        json_object_get(json_object_get(b->json, "error"), "message"));

    return text ? text : "";
}

static bool page_has(struct browser *b, const char *path, const char *text)
{
    browser_send(b, path, NULL, NULL, "Accept: text/html");
    return strstr(b->body, text) != NULL;
}

/* --- getting in --- */

static void test_invited(void **state)
{
    struct world *w = *state;
    struct browser known, wrong, unknown;
    char path[80];
    int64_t id;

    person_up(&known, w, "+919000000011", "Ravi");
    person_up(&wrong, w, "+919000000012", "Mala");
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000011\",\"preset\":\"seller\"}"),
                     201);
    id = answer_int(&w->owner, "id");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM membership WHERE account_id = 2"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job WHERE recipient ="
                                       " '+919000000011' AND kind = 'message'"),
                     1);
    assert_true(page_has(&known, "/accounts", "Pots"));
    snprintf(path, sizeof path, "/join/invitations/%lld/accept", (long long)id);
    assert_int_equal(post(&wrong, path, "{}"), 404);
    assert_int_equal(post(&known, path, "{}"), 201);
    assert_int_equal(get(&known, "/sell/orders"), 200);
    assert_int_equal(get(&known, "/settings/units"), 403);
    assert_int_equal(post(&known, path, "{\"again\":\"1\"}"), 409);
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000013\",\"preset\":\"viewer\"}"),
                     201);
    person_up(&unknown, w, "+919000000013", "Usha");
    assert_int_equal(json_array_size(json_object_get(unknown.json, "accounts")), 1);
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000012\",\"preset\":\"viewer\"}"),
                     201);
    snprintf(path, sizeof path, "/join/invitations/%lld/accept",
             (long long)answer_int(&w->owner, "id"));
    assert_true(sql_try(w, "UPDATE invitation SET expires_ms = 1 WHERE state = 'waiting'"));
    assert_int_equal(post(&wrong, path, "{}"), 410);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM membership WHERE account_id = 2"),
                     3);
    browser_free(&known);
    browser_free(&wrong);
    browser_free(&unknown);
}

static void test_asked(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];
    int64_t id;

    person_up(&b, w, "+919000000011", "Ravi");
    assert_int_equal(post(&b, "/join", "{\"email\":\"nobody@example.com\"}"), 422);
    assert_int_equal(post(&b, "/join", "{\"email\":\"A919000000002@example.com\"}"), 201);
    id = answer_int(&b, "id");
    assert_true(page_has(&w->owner, "/account/users", "Ravi"));
    snprintf(path, sizeof path, "/account/requests/%lld/refuse", (long long)id);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"no\"}"), 404);
    assert_int_equal(post(&w->owner, path, "{}"), 422);
    assert_int_equal(post(&w->owner, path, "{\"reason\":\"not now\"}"), 200);
    assert_true(page_has(&b, "/join", "not now"));
    assert_int_equal(post(&b, "/join", "{\"email\":\"a919000000002@example.com\"}"), 201);
    snprintf(path, sizeof path, "/account/requests/%lld/approve",
             (long long)answer_int(&b, "id"));
    assert_int_equal(post(&w->owner, path, "{\"preset\":\"viewer\"}"), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    assert_int_equal(json_array_size(json_object_get(b.json, "accounts")), 1);
    browser_free(&b);
}

static void test_approval(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8], path[80];

    assert_true(sql_try(w, "INSERT OR REPLACE INTO setting VALUES ('signup_approval', '1')"));
    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"9000000011\",\"name\":\"Ravi\","
                                         "\"lang\":\"en\"}"),
                     200);
    new_code(w, "+919000000011", code);
    snprintf(path, sizeof path, "code=%s", code);
    assert_int_equal(browser_send(&b, "/signup/verify", "application/x-www-form-urlencoded",
                                  path, "Accept: text/html"),
                     403);
    assert_non_null(strstr(b.body, "The admin has to let you in"));
    assert_null(strstr(b.body, "name=\"code\""));
    assert_int_equal(get(&b, "/accounts"), 401);
    assert_true(page_has(&w->admin, "/admin/requests", "Ravi"));
    snprintf(path, sizeof path, "/admin/users/%lld/refuse",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"reason\":\"no\"}"), 404);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"not known here\"}"), 200);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"not known here\"}"), 404);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"9000000011\"}"), 200);
    new_code(w, "+919000000011", code);
    assert_int_equal(post(&b, "/signin/verify", "{\"code\":\"%s\"}", code), 403);
    assert_non_null(strstr(message(&b), "not known here"));
    assert_int_equal(get(&b, "/accounts"), 401);
    snprintf(path, sizeof path, "/admin/users/%lld/approve",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"9000000011\"}"), 200);
    new_code(w, "+919000000011", code);
    assert_int_equal(post(&b, "/signin/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    browser_free(&b);
}

static void test_first_link(void **state)
{
    struct shop s;
    struct browser b, late;
    char path[128], *log, *at;

    (void)state;
    shop_new(&s);
    for (int i = 0; i < 100; i++) {
        log = file_read(s.log);
        at = strstr(log, "/first/");
        if (at && strchr(at, '\n'))
            break;
        free(log);
        usleep(20 * 1000);
    }
    assert_non_null(at);
    snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "\n"), at);
    free(log);
    browser_new(&b, &s);
    browser_new(&late, &s);
    assert_int_equal(get(&b, "/first/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 404);
    assert_int_equal(get(&b, path), 200);
    assert_int_equal(post(&b, path, "{\"mobile\":\"9000000001\"}"), 422);
    assert_int_equal(post(&b, path, "{\"mobile\":\"9000000001\",\"name\":\"Asha\"}"), 200);
    assert_int_equal(get(&b, "/admin/requests"), 200);
    assert_int_equal(post(&late, path, "{\"mobile\":\"9000000009\",\"name\":\"Eve\"}"), 404);
    assert_int_equal(get(&late, path), 404);
    assert_int_equal(sql_int(&s, "SELECT count(*) FROM user WHERE is_admin = 1"), 1);
    shop_stop(&s);
    shop_start(&s);
    log = file_read(s.log);
    assert_null(strstr(log, "/first/"));
    free(log);
    browser_free(&b);
    browser_free(&late);
    shop_free(&s);
}

/* --- levels --- */

static void test_taken_while_open(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];

    staff_up(&b, w, "+919000000011", "helper");
    assert_int_equal(get(&b, "/inventory/receive"), 200);
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"inventory\":\"view\"}"), 200);
    assert_int_equal(post(&b, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     403);
    assert_non_null(strstr(message(&b), "Nothing was changed"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku"), 0);
    assert_int_equal(get(&b, "/inventory"), 200);
    assert_int_equal(post(&w->owner, path, "{\"inventory\":\"change\",\"users\":\"change\"}"),
                     200);
    assert_int_equal(post(&b, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_int_equal(post(&b, path, "{\"reports\":\"change\"}"), 409);
    assert_int_equal(post(&w->owner, path, "{\"inventory\":\"own\"}"), 422);
    assert_true(sql_try(w, "INSERT INTO module_off VALUES (2, 'inventory')"));
    assert_int_equal(get(&b, "/inventory"), 403);
    assert_int_equal(get(&w->owner, "/inventory"), 403);
    assert_true(page_has(&w->owner, path, "has taken this away"));
    browser_free(&b);
}

static void test_menu_asks(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];

    staff_up(&b, w, "+919000000011", "seller");
    assert_true(page_has(&b, "/sell/orders", "href=\"/cash\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/settings/units\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/account/users\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/admin"));
    assert_true(page_has(&w->owner, "/sell/orders", "href=\"/account/users\""));
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"cash_register\":\"none\"}"), 200);
    assert_false(page_has(&b, "/sell/orders", "href=\"/cash\""));
    assert_int_equal(get(&b, "/cash"), 403);
    assert_true(page_has(&w->owner, "/sell/orders", "href=\"/cash\""));
    assert_true(sql_try(w, "INSERT INTO module_off VALUES (2, 'cash_register')"));
    assert_false(page_has(&w->owner, "/sell/orders", "href=\"/cash\""));
    browser_free(&b);
}

static void test_removed(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80], location[300] = "";
    char *at = NULL;

    staff_up(&b, w, "+919000000011", "helper");
    assert_int_equal(get(&b, "/inventory"), 200);
    snprintf(path, sizeof path, "/account/users/%lld/remove",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{}"), 200);
    assert_int_equal(get(&b, "/inventory"), 403);
    assert_int_equal(post(&b, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     403);
    assert_int_equal(browser_send(&b, "/inventory", NULL, NULL, "Accept: text/html"), 303);
    curl_easy_getinfo(b.curl, CURLINFO_REDIRECT_URL, &at);
    snprintf(location, sizeof location, "%s", at ? at : "");
    assert_non_null(strstr(location, "/accounts"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku"), 0);
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(post(&b, path, "{}"), 404);
    browser_free(&b);
}

static void test_primary_stays(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];
    long long owner = (long long)user_id(w, "+919000000002"), staff;

    assert_int_equal(post(&w->owner, "/account/leave", "{}"), 409);
    snprintf(path, sizeof path, "/account/users/%lld/remove", owner);
    assert_int_equal(post(&w->owner, path, "{}"), 409);
    staff_up(&b, w, "+919000000011", "helper");
    staff = (long long)user_id(w, "+919000000011");
    snprintf(path, sizeof path, "/account/users/%lld/primary", staff);
    assert_int_equal(post(&b, path, "{}"), 403);
    assert_int_equal(post(&w->owner, path, "{}"), 200);
    assert_int_equal(post(&w->owner, path, "{\"again\":1}"), 403);
    assert_int_equal(sql_int(&w->shop, "SELECT user_id FROM membership WHERE account_id = 2"
                                       " AND is_primary = 1"),
                     staff);
    assert_int_equal(post(&b, "/account/leave", "{}"), 409);
    assert_int_equal(post(&w->owner, "/account/leave", "{}"), 200);
    assert_int_equal(get(&w->owner, "/inventory"), 403);
    browser_free(&b);
}

/* The form of one account sent after another tab went over to the other. */
static void test_other_tab(void **state)
{
    struct world *w = *state;
    char body[300], path[80];
    int64_t second;

    assert_int_equal(post(&w->owner, "/accounts",
                          "{\"name\":\"Home\",\"email\":\"home@example.com\"}"),
                     201);
    second = answer_int(&w->owner, "id");
    snprintf(body, sizeof body, "name=Pot&qty=9&unit=piece&acting=%lld",
             (long long)w->account);
    assert_int_equal(browser_send(&w->owner, "/inventory/receive",
                                  "application/x-www-form-urlencoded", body, NULL),
                     409);
    assert_non_null(strstr(message(&w->owner), "Home"));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku"), 0);
    snprintf(body, sizeof body, "name=Pot&qty=9&unit=piece&acting=%lld", (long long)second);
    assert_int_equal(browser_send(&w->owner, "/inventory/receive",
                                  "application/x-www-form-urlencoded", body, NULL),
                     201);
    snprintf(body, sizeof body, "acting=%lld", (long long)second);
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(browser_send(&w->owner, path, "application/x-www-form-urlencoded", body,
                                  NULL),
                     200);
}

/* Each page of somebody signed in, also of an error, has the other account one press away. */
static void test_switcher(void **state)
{
    struct world *w = *state;
    struct browser public;
    const char *path;
    json_t *paths, *methods;
    char want[80];
    int pages = 0;

    assert_int_equal(post(&w->owner, "/accounts",
                          "{\"name\":\"Home\",\"email\":\"home@example.com\"}"),
                     201);
    snprintf(want, sizeof want, "/accounts/%lld/enter", (long long)answer_int(&w->owner, "id"));
    char back[80];

    snprintf(back, sizeof back, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(post(&w->owner, back, "{}"), 200);
    browser_new(&public, &w->shop);
    assert_int_equal(get(&public, "/openapi.json"), 200);
    paths = json_object_get(public.json, "paths");
    json_object_foreach(paths, path, methods)
    {
        const char *type = NULL;

        if (!json_object_get(methods, "get") || strchr(path, '{'))
            continue;
        browser_send(&w->owner, path, NULL, NULL, "Accept: text/html");
        curl_easy_getinfo(w->owner.curl, CURLINFO_CONTENT_TYPE, &type);
        if (!type || !strstr(type, "html") || !strstr(w->owner.body, "<html") ||
            w->owner.status == 303)
            continue;
        if (!strstr(w->owner.body, want))
            fail_msg("%s has no way to the other account", path);
        pages++;
    }
    assert_true(pages > 20);
    assert_true(page_has(&w->owner, "/inventory/999", want));
    browser_free(&public);
}

/* A shop's kept page is the same for everyone; the piece that it fetches has the visitor's
 * accounts, and a browser without scripts a link to them. */
static void test_switcher_in_shop(void **state)
{
    struct world *w = *state;
    struct browser public;
    struct curl_header *h;
    char want[80], back[80], csrf[80], body[200], tag[100];
    long long home;

    assert_int_equal(post(&w->owner, "/accounts",
                          "{\"name\":\"Home\",\"email\":\"home@example.com\"}"),
                     201);
    home = answer_int(&w->owner, "id");
    snprintf(want, sizeof want, "/accounts/%lld/enter", home);
    snprintf(back, sizeof back, "/accounts/%lld/enter", (long long)w->account);
    browser_new(&public, &w->shop);
    assert_true(page_has(&public, "/v/pots", "href=\"/accounts?to=/v/pots\""));
    assert_true(page_has(&w->owner, "/v/pots", "href=\"/accounts?to=/v/pots\""));
    assert_string_equal(public.body, w->owner.body);
    assert_null(strstr(w->owner.body, "enter\""));
    assert_true(page_has(&public, "/v/pots/basket", "href=\"/accounts?to=/v/pots\""));
    assert_false(page_has(&public, "/v/pots/basket", "enter\""));

    assert_true(page_has(&w->owner, "/v/pots/basket", back));
    assert_null(strstr(w->owner.body, want));
    assert_null(strstr(w->owner.body, "@example.com"));
    assert_int_equal(curl_easy_header(w->owner.curl, "ETag", 0, CURLH_HEADER, -1, &h),
                     CURLHE_OK);
    snprintf(tag, sizeof tag, "%s", h->value);
    assert_int_equal(sscanf(strstr(w->owner.body, "name=\"csrf\" value=\"") + 19, "%79[^\"]",
                            csrf),
                     1);
    *w->owner.csrf = '\0'; /* no header: the form's counts */
    snprintf(body, sizeof body, "csrf=%.79s&to=/v/pots", "wrong");
    assert_int_equal(browser_send(&w->owner, back, "application/x-www-form-urlencoded", body,
                                  "Accept: text/html"),
                     403);
    snprintf(body, sizeof body, "csrf=%s&to=/v/pots", csrf);
    assert_int_equal(browser_send(&w->owner, back, "application/x-www-form-urlencoded", body,
                                  "Accept: text/html"),
                     303);
    assert_int_equal(sql_int(&w->shop, "SELECT max(account_id) FROM session s JOIN user u ON"
                                       " u.id = s.user_id WHERE u.mobile = '+919000000002'"),
                     w->account);
    assert_true(page_has(&w->owner, "/v/pots/basket", want));
    assert_int_equal(curl_easy_header(w->owner.curl, "ETag", 0, CURLH_HEADER, -1, &h),
                     CURLHE_OK);
    assert_string_not_equal(h->value, tag);
    browser_free(&public);
}

/* The primary user changes what the account is called; another member doesn't. */
static void test_details(void **state)
{
    struct world *w = *state;
    struct browser b;
    const char *is = "SELECT count(*) FROM account WHERE email = 'pots@new.example' AND name ="
                     " 'Pots & Pans' AND zone = 'Asia/Dubai'";
    const char *form = "{\"name\":\"Pots & Pans\",\"email\":\"%s\",\"zone\":\"%s\"}";
    char path[80];

    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000021\",\"preset\":\"helper\"}"),
                     201);
    person_up(&b, w, "+919000000021", "Helper");
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(post(&b, path, "{}"), 200);
    assert_int_equal(post(&b, "/account", form, "pots@new.example", "Asia/Dubai"), 403);
    assert_int_equal(get(&b, "/account/edit"), 403);
    assert_int_equal(post(&w->owner, "/account", form, "nothing", "Asia/Dubai"), 422);
    assert_int_equal(post(&w->owner, "/account", form, "a919000000001@example.com",
                          "Asia/Dubai"),
                     422);
    assert_int_equal(post(&w->owner, "/account", form, "pots@new.example", "Moon"), 422);
    assert_int_equal(sql_int(&w->shop, is), 0);
    assert_int_equal(post(&w->owner, "/account", form, "pots@new.example", "Asia/Dubai"), 200);
    assert_int_equal(sql_int(&w->shop, is), 1);
    assert_true(page_has(&w->owner, "/account/edit", "value=\"pots@new.example\""));
    assert_true(page_has(&w->owner, "/accounts", "Pots &amp; Pans"));

    assert_int_equal(post(&b, "/me", "{\"name\":\"\"}"), 422);
    assert_int_equal(post(&b, "/me", "{\"name\":\"Usha\",\"makes\":\"lamps\"}"), 200);
    assert_true(page_has(&b, "/me", "value=\"Usha\""));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'user.name' AND before = 'Helper' AND after ="
                                       " 'Usha' AND account_id IS NULL"),
                     1);
    browser_free(&b);
}

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
    assert_int_equal(post(&b, "/me/password/remove", "{\"current\":\"five blue pot\"}"), 422);
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

static void test_tells_nothing(void **state)
{
    struct world *w = *state;
    double took[2] = { 0 };

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
        double start;

        browser_new(&b, &w->shop);
        start = seconds();
        assert_int_equal(password_in(&b, n % 2 ? "9000000078" : "9000000002", "wrong one"),
                         422);
        took[n % 2] += seconds() - start;
        browser_free(&b);
    }
    assert_true(took[0] < took[1] * 2 && took[1] < took[0] * 2);
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

/* --- the log --- */

static bool kind_is(struct browser *b, const char *query, const char *kind)
{
    char path[300];
    const json_t *row;
    size_t i;

    snprintf(path, sizeof path, "/account/audit%s", query);
    assert_int_equal(get(b, path), 200);
    json_array_foreach(json_object_get(b->json, "entries"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0)
            return true;
    }
    return false;
}

static void test_log(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80];
    const char *page;

    staff_up(&b, w, "+919000000011", "none");
    assert_int_equal(post(&w->owner, "/inventory/receive",
                          "{\"name\":\"=2+3\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_int_equal(post(&w->owner, "/sell/catalog/new",
                          "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                          (long long)answer_int(&w->owner, "id")),
                     201);
    assert_true(kind_is(&w->owner, "", "stock.received"));
    assert_true(kind_is(&w->owner, "", "listing.price"));
    assert_true(kind_is(&w->owner, "", "member.joined"));
    assert_true(kind_is(&w->owner, "", "vendor.approved"));
    assert_false(kind_is(&w->owner, "?group=stock", "listing.price"));
    assert_true(kind_is(&w->owner, "?group=stock", "stock.received"));
    assert_true(kind_is(&w->owner, "?q=%3D2", "listing.price"));
    assert_false(kind_is(&w->owner, "?q=%3D2", "member.joined"));
    assert_false(kind_is(&w->owner, "?from=2099-01-01", "member.joined"));
    assert_true(page_has(&w->owner, "/account/audit", "₹250, GST 0%"));
    assert_int_equal(get(&w->owner, "/account/audit/csv"), 200);
    assert_non_null(strstr(w->owner.body, "\"'=2+3\""));
    assert_null(strstr(w->owner.body, "\"=2+3\""));
    assert_int_equal(get(&b, "/account/audit"), 403);
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"users\":\"view\",\"inventory\":\"view\"}"),
                     200);
    assert_true(kind_is(&b, "", "member.levels"));
    assert_true(kind_is(&b, "", "stock.received"));
    assert_false(kind_is(&b, "", "listing.price"));
    assert_false(kind_is(&b, "?group=listing", "listing.price"));
    assert_int_equal(get(&b, "/account/audit/csv"), 200);
    assert_null(strstr(b.body, "250"));
    assert_int_equal(get(&w->admin, "/admin/audit"), 200);
    page = w->admin.body;
    assert_null(strstr(page, "=2+3"));
    assert_int_equal(get(&w->owner, "/admin/audit"), 404);
    assert_false(sql_try(w, "UPDATE audit_entry SET after = ''"));
    assert_false(sql_try(w, "DELETE FROM audit_entry"));
    browser_free(&b);
}

/* 50 a page, the next one by the last id. */
static void test_log_paged(void **state)
{
    struct world *w = *state;
    const char *next;
    int64_t first;

    assert_true(sql_try(w, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < 120) INSERT INTO audit_entry(account_id, kind,"
                           " subject, at_ms) SELECT 2, 'order.ordered', i, i FROM n"));
    assert_int_equal(get(&w->owner, "/account/audit?group=order"), 200);
    first = json_integer_value(json_object_get(
        json_array_get(json_object_get(w->owner.json, "entries"), 0), "id"));
    next = json_string_value(json_object_get(json_object_get(w->owner.json, "list"), "next"));
    assert_non_null(next);
    char path[200];

    snprintf(path, sizeof path, "%s", next);
    assert_int_equal(get(&w->owner, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->owner.json, "entries")), 50);
    assert_int_equal(json_integer_value(json_object_get(
                         json_array_get(json_object_get(w->owner.json, "entries"), 0), "id")),
                     first - 50);
    next = json_string_value(json_object_get(json_object_get(w->owner.json, "list"), "next"));
    snprintf(path, sizeof path, "%s", next);
    assert_int_equal(get(&w->owner, path), 200);
    assert_int_equal(json_array_size(json_object_get(w->owner.json, "entries")), 20);
}

#define TEST(name, fn) { name, fn, setup, teardown, NULL }

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-5 invited before and after signing up", test_invited),
        TEST("ACC-5 asked, refused, let in", test_asked),
        TEST("ACC-1 ACC-8 sign-ups wait for the admin", test_approval),
        { "ACC-8 the link of the first start", test_first_link, NULL, NULL, NULL },
        TEST("ACC-4 ACC-6 SEC-15 taken away while the form is open", test_taken_while_open),
        TEST("ACC-6 the menu asks the same table", test_menu_asks),
        TEST("ACC-6 SEC-03 a removed user's session", test_removed),
        TEST("ACC-9 the primary user stays, or hands over", test_primary_stays),
        TEST("ACC-2 the form of another account", test_other_tab),
        TEST("ACC-2 another account is one press away", test_switcher),
        TEST("ACC-2 another account from a shop's page", test_switcher_in_shop),
        TEST("ACC-1 ACC-3 details of account and user", test_details),
        TEST("ACC-2 the password", test_password),
        TEST("ACC-9 SEC-06 the number", test_number),
        TEST("ACC-9 SEC-05 sessions", test_sessions),
        TEST("ACC-1 ACC-2 ACC-5 SEC-11 known and unknown numbers", test_tells_nothing),
        TEST("ACC-1 ACC-2 ACC-5 SEC-11 known and unknown numbers take the same time",
             test_takes_no_longer),
        TEST("ACC-2 a crowd of passwords costs the memory of two", test_crowd),
        TEST("SYS-4 a form that came back knows its page", test_came_back),
        TEST("ACC-10 SEC-21 the log of the account", test_log),
        TEST("ACC-10 the log page by page", test_log_paged),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, world_up, world_down);
}
