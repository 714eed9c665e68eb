/* Users and accounts as people use and misuse them: getting in by invitation and request,
 * what one may do there, handing over, leaving, the other account. */
#include "people_ground.h"

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
    snprintf(path, sizeof path, "/account/invitations/%lld/again", (long long)id);
    assert_int_equal(browser_send(&w->owner, path, "application/x-www-form-urlencoded",
                                  "again=1", "Accept: text/html"),
                     429);
    assert_non_null(strstr(w->owner.body, "It was sent a moment ago"));
    assert_non_null(strstr(w->owner.body, "id=\"f-mobile-error\"></div>"));
    assert_true(page_has(&known, "/accounts", "Pots"));
    snprintf(path, sizeof path, "/join/invitations/%lld/accept", (long long)id);
    assert_int_equal(post(&wrong, path, "{}"), 404);
    assert_int_equal(post(&known, path, "{}"), 201);
    /* With no name from the inviter, theirs. */
    assert_int_equal(get(&w->owner, "/account/users"), 200);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(w->owner.json, "invitations"), 0),
                            "name")),
                        "Ravi");
    assert_int_equal(get(&known, "/sell/orders"), 200);
    assert_int_equal(get(&known, "/settings/units"), 403);
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_true(page_has(&w->owner, path, "value=\"seller\" checked"));
    snprintf(path, sizeof path, "/join/invitations/%lld/accept", (long long)id);
    assert_int_equal(post(&known, path, "{\"again\":\"1\"}"), 409);
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000013\",\"name\":\"Usha of the fair\","
                          "\"preset\":\"viewer\"}"),
                     201);
    person_up(&unknown, w, "+919000000013", "Usha");
    assert_int_equal(json_array_size(json_object_get(unknown.json, "accounts")), 1);
    assert_int_equal(get(&w->owner, "/account/users"), 200);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(w->owner.json, "invitations"), 0),
                            "name")),
                        "Usha of the fair");
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

/* Whoever came by an invitation is told where they are: one who has just signed up, and one
 * who pressed the button. */
static void test_welcome(void **state)
{
    struct world *w = *state;
    struct browser fresh, known;
    char code[8], path[80];

    person_up(&known, w, "+919000000011", "Ravi");
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000011\",\"preset\":\"viewer\"}"),
                     201);
    snprintf(path, sizeof path, "/join/invitations/%lld/accept",
             (long long)answer_int(&w->owner, "id"));
    assert_int_equal(browser_send(&known, path, "application/x-www-form-urlencoded", "a=1",
                                  "Accept: text/html"),
                     303);
    assert_true(page_has(&known, "/", "Welcome to &quot;Pots&quot;"));
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000013\",\"preset\":\"viewer\"}"),
                     201);
    browser_new(&fresh, &w->shop);
    assert_int_equal(post(&fresh, "/signup", "{\"mobile\":\"9000000013\",\"name\":\"Usha\","
                                             "\"lang\":\"en\"}"),
                     200);
    new_code(w, "+919000000013", code);
    assert_int_equal(post(&fresh, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_string_equal(json_string_value(json_object_get(fresh.json, "message")),
                        "Welcome to \"Pots\". The menu shows what you may do here.");
    browser_free(&fresh);
    browser_free(&known);
}

/* Who is invited and comes by way of the cart chooses: no account is made for them. */
static void test_invited_ordering(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8];

    person_up(&b, w, "+919000000011", "Ravi");
    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000011\",\"preset\":\"viewer\"}"),
                     201);
    assert_int_equal(post(&b, "/signout", "{}"), 200);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"9000000011\","
                                         "\"to\":\"/cart/order\"}"),
                     200);
    new_code(w, "+919000000011", code);
    assert_int_equal(post(&b, "/signin/verify", "{\"code\":\"%s\"}", code), 200);
    assert_string_equal(json_string_value(json_object_get(b.json, "location")),
                        "/accounts?to=%2Fcart%2Forder");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM membership m JOIN user u ON u.id ="
                                       " m.user_id WHERE u.mobile = '+919000000011'"),
                     0);
    browser_free(&b);
}

static void test_asked(void **state)
{
    struct world *w = *state;
    struct browser b;
    char path[80], link[80];
    int64_t id;

    person_up(&b, w, "+919000000011", "Ravi");
    assert_int_equal(post(&b, "/join", "{\"email\":\"nobody@example.com\"}"), 422);
    assert_int_equal(post(&b, "/join", "{\"email\":\"A919000000002@example.com\"}"), 201);
    id = answer_int(&b, "id");
    assert_true(page_has(&w->owner, "/account/users", "Ravi"));
    snprintf(path, sizeof path, "/account/requests/%lld/refuse", (long long)id);
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"no\"}"), 404);
    assert_int_equal(post(&w->owner, path, "{}"), 422);
    assert_int_equal(browser_send(&w->owner, path, "application/x-www-form-urlencoded",
                                  "reason=", "Accept: text/html"),
                     422);
    snprintf(link, sizeof link, "href=\"#f-reason-%lld\"", (long long)id);
    assert_non_null(strstr(w->owner.body, link));
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
    assert_int_equal(browser_send(&w->admin, path, "application/x-www-form-urlencoded",
                                  "reason=", "Accept: text/html"),
                     422);
    assert_non_null(strstr(w->admin.body, "<details class=\"confirm\" open>"));
    assert_non_null(strstr(w->admin.body, "-error\">Say why.</div>"));
    assert_non_null(strstr(w->admin.body, "<a href=\"#f-reason-u"));
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

static int times(const char *text, const char *what)
{
    int n = 0;

    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

/* A reason that is missing stands at the request it is about, and the link above leads there;
 * not at a user who happens to have the account's number. */
static void wrong_at(struct world *w, const char *path, const char *body, const char *at,
                     const char *says)
{
    char text[80];

    assert_int_equal(browser_send(&w->admin, path, "application/x-www-form-urlencoded", body,
                                  "Accept: text/html"),
                     422);
    snprintf(text, sizeof text, "-error\">%s</div>", says);
    assert_int_equal(times(w->admin.body, text), 1);
    snprintf(text, sizeof text, "id=\"f-reason-%s-error\">%s</div>", at, says);
    assert_non_null(strstr(w->admin.body, text));
    snprintf(text, sizeof text, "<a href=\"#f-reason-%s\">", at);
    assert_int_equal(times(w->admin.body, "<a href=\"#f-"), 1);
    assert_non_null(strstr(w->admin.body, text));
}

static void test_wrong_request(void **state)
{
    static const char ask[] = "{\"trade_name\":\"Shop\",\"address\":\"Jaipur\","
                              "\"state_code\":\"%s\",\"gst_status\":\"unregistered\"}";
    struct world *w = *state;
    struct browser asks, waits, other;
    char path[80], at[20], body[60];
    int64_t user;

    sign_up(&asks, &w->shop, "+919000000051", "Asks");
    assert_true(sql_try(w, "INSERT OR REPLACE INTO setting VALUES ('signup_approval', '1')"));
    browser_new(&waits, &w->shop);
    browser_new(&other, &w->shop);
    for (int i = 0; i < 2; i++) {
        struct browser *b = i ? &other : &waits;
        char mobile[16], code[8];

        snprintf(mobile, sizeof mobile, "+91900000002%d", i);
        assert_int_equal(post(b, "/signup", "{\"mobile\":\"%s\",\"name\":\"Ravi\","
                                            "\"lang\":\"en\"}", mobile),
                         200);
        new_code(w, mobile, code);
        assert_int_equal(post(b, "/signup/verify", "{\"code\":\"%s\"}", code), 403);
    }
    user = user_id(w, "+919000000020");
    assert_int_equal(post(&asks, "/accounts", "{\"name\":\"Shop\"}"), 201);
    assert_int_equal(answer_int(&asks, "id"), user); /* the same number */
    assert_int_equal(post(&asks, "/account/vendor", ask, "08"), 201);
    assert_int_equal(post(&w->owner, "/account/vendor/details", ask, "27"), 201);

    snprintf(path, sizeof path, "/admin/requests/%lld/decline", (long long)user);
    snprintf(at, sizeof at, "%lld", (long long)user);
    wrong_at(w, path, "reason=", at, "Give a reason.");
    snprintf(path, sizeof path, "/admin/users/%lld/refuse", (long long)user);
    snprintf(at, sizeof at, "u%lld", (long long)user);
    wrong_at(w, path, "reason=", at, "Say why.");
    snprintf(path, sizeof path, "/admin/requests/%lld/change/decline", (long long)w->account);
    snprintf(at, sizeof at, "c%lld", (long long)w->account);
    snprintf(body, sizeof body, "reason=&asked=%lld",
             (long long)sql_int(&w->shop, "SELECT asked_ms FROM vendor_change"));
    wrong_at(w, path, body, at, "Give a reason.");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE state = 'waiting'"), 2);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM vendor WHERE state = 'asked'"), 1);
    browser_free(&asks);
    browser_free(&waits);
    browser_free(&other);
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
    char path[80], none[100];

    staff_up(&b, w, "+919000000011", "seller");
    assert_false(page_has(&w->owner, "/account/users", " open><summary>"));
    assert_int_equal(browser_send(&w->owner, "/account/users",
                                  "application/x-www-form-urlencoded", "mobile=12&preset=none",
                                  "Accept: text/html"),
                     422);
    assert_non_null(strstr(w->owner.body, "<details class=\"card stack\" open><summary>"));
    assert_int_equal(times(w->owner.body, "role=\"alert\""), 1);
    assert_true(page_has(&b, "/sell/orders", "href=\"/cash\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/settings/units\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/account/users\""));
    assert_false(page_has(&b, "/sell/orders", "href=\"/admin"));
    assert_true(page_has(&w->owner, "/sell/orders", "href=\"/account/users\""));
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000011"));
    assert_int_equal(post(&w->owner, path, "{\"cash_register\":\"none\"}"), 200);
    assert_false(page_has(&w->owner, path, "value=\"seller\" checked"));
    assert_false(page_has(&b, "/sell/orders", "href=\"/cash\""));
    assert_int_equal(get(&b, "/cash"), 403);
    assert_true(page_has(&w->owner, "/sell/orders", "href=\"/cash\""));
    assert_true(sql_try(w, "INSERT INTO module_off VALUES (2, 'cash_register')"));
    assert_false(page_has(&w->owner, "/sell/orders", "href=\"/cash\""));
    snprintf(none, sizeof none, "%s/preset", path);
    assert_int_equal(post(&w->owner, none, "{\"preset\":\"none\"}"), 200);
    assert_true(page_has(&w->owner, path, "value=\"none\" checked"));
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
    snprintf(path, sizeof path, "/account/users/%lld",
             (long long)user_id(w, "+919000000002"));
    assert_true(page_has(&w->owner, path, "first make somebody else its owner"));
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
    const char *shop = "{\"trade_name\":\"Mine\",\"address\":\"Pune\",\"state_code\":\"27\","
                       "\"gst_status\":\"unregistered\"}";
    const char *form = "{\"name\":\"Pots & Pans\",\"email\":\"%s\",\"zone\":\"%s\"}";
    char path[80];

    assert_int_equal(post(&w->owner, "/account/users",
                          "{\"mobile\":\"9000000021\",\"preset\":\"helper\"}"),
                     201);
    person_up(&b, w, "+919000000021", "Helper");
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)w->account);
    assert_int_equal(post(&b, path, "{}"), 200);
    assert_int_equal(post(&b, "/account", form, "pots@new.example", "Asia/Dubai"), 403);
    assert_int_equal(post(&b, "/account/vendor", "%s", shop), 403);
    assert_int_equal(post(&b, "/account/vendor/details", "%s", shop), 403);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM vendor_change"), 0);
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
    assert_int_equal(browser_send(&b, "/me/number", "application/x-www-form-urlencoded",
                                  "mobile=12", "Accept: text/html"),
                     422);
    assert_non_null(strstr(b.body, "value=\"12\""));
    assert_null(strstr(b.body, "<dd>12</dd>"));
    assert_int_equal(post(&b, "/me", "{\"name\":\"Usha\",\"makes\":\"lamps\"}"), 200);
    assert_true(page_has(&b, "/me", "value=\"Usha\""));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'user.name' AND before = 'Helper' AND after ="
                                       " 'Usha' AND account_id IS NULL"),
                     1);
    browser_free(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-5 invited before and after signing up", test_invited),
        TEST("ACC-5 the invited are welcomed", test_welcome),
        TEST("ACC-2 ACC-5 invited, on the way to an order", test_invited_ordering),
        TEST("ACC-5 asked, refused, let in", test_asked),
        TEST("ACC-1 ACC-8 sign-ups wait for the admin", test_approval),
        TEST("ACC-7 ACC-8 what is wrong stands at its request", test_wrong_request),
        { "ACC-8 the link of the first start", test_first_link, NULL, NULL, NULL },
        TEST("ACC-4 ACC-6 SEC-15 taken away while the form is open", test_taken_while_open),
        TEST("ACC-6 the menu asks the same table", test_menu_asks),
        TEST("ACC-6 SEC-03 a removed user's session", test_removed),
        TEST("ACC-9 the primary user stays, or hands over", test_primary_stays),
        TEST("ACC-2 the form of another account", test_other_tab),
        TEST("ACC-2 another account is one press away", test_switcher),
        TEST("ACC-2 another account from a shop's page", test_switcher_in_shop),
        TEST("ACC-1 ACC-3 details of account and user", test_details),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests(tests, world_up, world_down);
}
