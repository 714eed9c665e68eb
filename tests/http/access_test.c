/* Getting in and out: codes, sessions, accounts, the vendor role, and requests that come
 * from elsewhere or carry more than they should. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* A new browser that has asked for a code to sign in. */
static void code_asked(struct browser *b, struct world *w, const char *mobile)
{
    browser_new(b, &w->shop);
    assert_int_equal(post(b, "/signin", "{\"mobile\":\"%s\"}", mobile), 200);
}

static long code_enter(struct browser *b, const char *code)
{
    return post(b, "/signin/verify", "{\"code\":\"%s\"}", code);
}

static void signed_in(struct browser *b, struct world *w, const char *mobile)
{
    char before[8] = "", code[8];

    code_of(&w->shop, mobile, before);
    code_asked(b, w, mobile);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, mobile, code);
    } while (strcmp(code, before) == 0);
    assert_int_equal(code_enter(b, code), 200);
}

/* The answer's cookie of the name: "name=value; attributes". */
static const char *set_cookie(struct browser *b, const char *name)
{
    struct curl_header *h;
    size_t n = strlen(name);

    for (size_t i = 0; curl_easy_header(b->curl, "Set-Cookie", i, CURLH_HEADER, -1, &h) ==
                       CURLHE_OK; i++)
        if (strncmp(h->value, name, n) == 0 && h->value[n] == '=')
            return h->value;
    fail_msg("no cookie %s", name);
    return "";
}

static void cookie_header(struct browser *b, const char *name, char *out, size_t size)
{
    const char *cookie = set_cookie(b, name);

    snprintf(out, size, "Cookie: %.*s", (int)strcspn(cookie, ";"), cookie);
}

static const char *field_error(const struct browser *b, const char *field)
{
    const json_t *error = json_object_get(b->json, "error");

    return json_string_value(json_object_get(json_object_get(error, "fields"), field));
}

static const char *said(const struct browser *b)
{
    const char *text = json_string_value(json_object_get(b->json, "message"));

    return text ? text : "";
}

/* Not the code, whatever it is. */
static void code_other(char *code)
{
    code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
}

static void test_signs_up_and_in(void **state)
{
    struct world *w = *state;
    struct browser b, c;

    sign_up(&b, &w->shop, "+919000000011", "Asha");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE name = 'Asha' AND"
                                       " mobile = '+919000000011' AND state = 'active'"),
                     1);
    signed_in(&c, w, "+919000000011");
    assert_string_equal(said(&c), ""); /* no welcome: it is their own */
    assert_int_equal(get(&c, "/accounts"), 200);
    assert_int_equal(json_array_size(json_object_get(c.json, "accounts")), 1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM session s JOIN user u"
                                       " ON u.id = s.user_id WHERE u.name = 'Asha'"),
                     2);
    assert_int_equal(sql_int(&w->shop, "SELECT count(DISTINCT token_hash) FROM session"),
                     sql_int(&w->shop, "SELECT count(*) FROM session"));
    browser_free(&b);
    browser_free(&c);
}

/* What was given on signing up is the user's; name and language are asked for. */
static void test_signs_up_with(void **state)
{
    static const char *const lacking[] = {
        "\"mobile\":\"9000000031\",\"lang\":\"hi\"",
        "\"mobile\":\"9000000031\",\"lang\":\"hi\",\"name\":\"  \"",
        "\"mobile\":\"9000000031\",\"name\":\"Asha\"",
        "\"mobile\":\"9000000031\",\"name\":\"Asha\",\"lang\":\"xx\"",
        "\"mobile\":\"12345\",\"name\":\"Asha\",\"lang\":\"hi\"",
        "\"name\":\"Asha\",\"lang\":\"hi\"",
    };
    struct world *w = *state;
    struct browser b;
    char code[8];

    browser_new(&b, &w->shop);
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        assert_int_equal(post(&b, "/signup", "{%s}", lacking[i]), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM job WHERE recipient ="
                                       " '+919000000031'"),
                     0);
    assert_int_equal(post(&b, "/signup",
                          "{\"mobile\":\"9000000031\",\"name\":\"Asha\",\"lang\":\"hi\","
                          "\"address\":\"Pune\",\"makes\":\"Diyas\"}"),
                     200);
    code_of(&w->shop, "+919000000031", code);
    assert_int_equal(code_enter(&b, code), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE name = 'Asha' AND"
                                       " lang = 'hi' AND address = 'Pune' AND"
                                       " makes = 'Diyas' AND mobile = '+919000000031'"),
                     1);
    browser_free(&b);
}

/* ACC-2: As a Hindi keyboard types them, or half of them. */
static void test_digits_of_any_script(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8], typed[30] = "";

    code_asked(&b, w, "९०००० 00०0१");
    do {
        usleep(20 * 1000);
        code_of(&w->shop, "+919000000001", code);
    } while (sql_int(&w->shop, "SELECT count(*) FROM job WHERE state = 'waiting'"));
    code_of(&w->shop, "+919000000001", code);
    for (int i = 0; i < 6; i++)
        snprintf(typed + strlen(typed), 4, i % 3 ? "\xe0\xa5%c" : "%c",
                 i % 3 ? 0xa6 + code[i] - '0' : code[i]);
    assert_int_equal(code_enter(&b, typed), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    browser_free(&b);
}

/* SEC-09 */
static void test_locked_after_five(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8], wrong[8];

    code_asked(&b, w, "+919000000001");
    do {
        usleep(20 * 1000);
        code_of(&w->shop, "+919000000001", code);
    } while (sql_int(&w->shop, "SELECT count(*) FROM job WHERE state = 'waiting'"));
    code_of(&w->shop, "+919000000001", code);
    strcpy(wrong, code);
    code_other(wrong);
    assert_int_equal(get(&b, "/signup/verify"), 200);
    assert_true(json_is_true(json_object_get(b.json, "is_signup")));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(code_enter(&b, wrong), 422);
        assert_non_null(field_error(&b, "code"));
        assert_int_equal(sql_int(&w->shop, "SELECT tries FROM otp ORDER BY id DESC"), i + 1);
    }
    assert_int_equal(code_enter(&b, code), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT state = 'locked' FROM otp ORDER BY id DESC"), 1);
    assert_int_equal(get(&b, "/accounts"), 401);
    browser_free(&b);
}

/* SEC-08: The code goes with the browser that asked for it, whoever knows it. */
static void test_code_of_another_browser(void **state)
{
    struct world *w = *state;
    struct browser asked, thief;
    char code[8], cookie[400], forged[400], body[40];
    const char *token;

    sign_up(&asked, &w->shop, "+919000000012", "Asha");
    browser_free(&asked);
    browser_new(&asked, &w->shop);
    assert_int_equal(post(&asked, "/signup", "{\"mobile\":\"+919000000013\",\"name\":\"X\","
                                             "\"lang\":\"en\"}"),
                     200);
    code_of(&w->shop, "+919000000013", code);
    browser_new(&thief, &w->shop);
    assert_int_equal(code_enter(&thief, code), 200); /* sent back to ask for one */
    assert_int_equal(get(&thief, "/accounts"), 401);
    browser_free(&thief);

    code_asked(&thief, w, "+919000000014");
    cookie_header(&thief, "pending", cookie, sizeof cookie);
    assert_int_equal(code_enter(&thief, code), 422);
    token = strchr(cookie, '=') + 1;
    snprintf(forged, sizeof forged, "Cookie: pending=%.43s.919000000013.", token);
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    browser_free(&thief);
    browser_new(&thief, &w->shop);
    assert_int_equal(browser_send(&thief, "/signin/verify", "application/json", body, forged),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user"
                                       " WHERE mobile = '+919000000013'"),
                     0);
    assert_int_equal(code_enter(&asked, code), 200);
    assert_int_equal(get(&asked, "/accounts"), 200);
    browser_free(&asked);
    browser_free(&thief);
}

/* Status, text, headers that count, and the cookie with its random part made equal. */
static void answer_shape(struct browser *b, const char *mobile, char *out, size_t size)
{
    const char *cookie = set_cookie(b, "pending");
    char *at;

    snprintf(out, size, "%ld|%s|%zu|%s", b->status, b->body, strlen(cookie), cookie);
    at = strstr(out, "pending=");
    memset(at + 8, 'x', 43);
    while ((at = strstr(out, mobile + 1)))
        memset(at, 'n', strlen(mobile + 1));
}

/* SEC-11 */
static void test_strangers_learn_nothing(void **state)
{
    static const char *const mobiles[2] = { "+919000000001", "+919000000099" };
    struct world *w = *state;
    struct browser b[2];
    char shape[2][2000], wrong[2][1000];

    for (int i = 0; i < 2; i++) {
        code_asked(&b[i], w, mobiles[i]);
        answer_shape(&b[i], mobiles[i], shape[i], sizeof shape[i]);
        assert_int_equal(code_enter(&b[i], "000000"), 422);
        snprintf(wrong[i], sizeof wrong[i], "%s", b[i].body);
        browser_free(&b[i]);
    }
    assert_string_equal(shape[0], shape[1]);
    assert_string_equal(wrong[0], wrong[1]);
}

/* SEC-08 */
static void test_second_code_ends_the_first(void **state)
{
    struct world *w = *state;
    struct browser b;
    char first[8], second[8], old[400], body[40];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000015\",\"name\":\"Two\","
                                         "\"lang\":\"hi\"}"),
                     200);
    cookie_header(&b, "pending", old, sizeof old);
    code_of(&w->shop, "+919000000015", first);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000015\",\"name\":\"Two\","
                                         "\"lang\":\"hi\"}"),
                     200);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, "+919000000015", second);
    } while (strcmp(first, second) == 0);
    assert_int_equal(code_enter(&b, first), 422);
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", first);
    {
        struct browser with_old;

        browser_new(&with_old, &w->shop);
        assert_int_equal(browser_send(&with_old, "/signin/verify", "application/json", body,
                                      old),
                         422);
        browser_free(&with_old);
    }
    assert_int_equal(code_enter(&b, second), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    assert_int_equal(code_enter(&b, second), 200); /* used: sent back to sign in */
    assert_string_equal(json_string_value(json_object_get(b.json, "location")), "/signin");
    browser_free(&b);
}

/* SEC-03 */
static void test_signs_out(void **state)
{
    struct world *w = *state;
    struct browser b, copy;
    char cookie[200];

    code_of(&w->shop, "+919000000001", cookie);
    signed_in(&b, w, "+919000000001");
    cookie_header(&b, "session", cookie, sizeof cookie);
    browser_new(&copy, &w->shop);
    assert_int_equal(browser_send(&copy, "/accounts", NULL, NULL, cookie), 200);
    assert_int_equal(get(&b, "/accounts"), 200);
    assert_int_equal(post(&b, "/signout", "{}"), 200);
    assert_int_equal(browser_send(&copy, "/accounts", NULL, NULL, cookie), 401);
    assert_int_equal(get(&b, "/accounts"), 401);
    browser_free(&b);
    browser_free(&copy);
}

/* SEC-01 */
static void test_session_cookie(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8], pending[400], body[40];
    const char *cookie;

    code_of(&w->shop, "+919000000001", code);
    signed_in(&b, w, "+919000000001");
    cookie = set_cookie(&b, "session");
    assert_int_equal(strcspn(cookie, ";"), strlen("session=") + 43);
    assert_non_null(strstr(cookie, "HttpOnly"));
    assert_non_null(strstr(cookie, "SameSite=Lax"));
    assert_non_null(strstr(cookie, "Path=/"));
    assert_null(strstr(cookie, "Secure"));
    browser_free(&b);

    shop_stop(&w->shop);
    setenv("INVICHAT_PUBLIC_URL", "https://shop.example", 1);
    shop_start(&w->shop);
    unsetenv("INVICHAT_PUBLIC_URL");
    code_asked(&b, w, "+919000000016");
    cookie_header(&b, "__Host-pending", pending, sizeof pending);
    code_of(&w->shop, "+919000000016", code);
    browser_free(&b);
    code_asked(&b, w, "+919000000001");
    cookie_header(&b, "__Host-pending", pending, sizeof pending);
    code_of(&w->shop, "+919000000001", code);
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    assert_int_equal(browser_send(&b, "/signin/verify", "application/json", body, pending),
                     200);
    cookie = set_cookie(&b, "__Host-session");
    assert_non_null(strstr(cookie, "Secure"));
    assert_non_null(strstr(cookie, "HttpOnly"));
    assert_non_null(strstr(cookie, "Path=/"));
    assert_null(strstr(cookie, "Domain"));
    browser_free(&b);
}

/* Whoever signs up on the way to ordering has an account of their name at once; others make
 * theirs, with an e-mail or without. */
static void test_account_without_mail(void **state)
{
    struct world *w = *state;
    struct browser b, c;
    char code[8];

    browser_new(&b, &w->shop);
    assert_int_equal(get(&b, "/signin?to=/cart/order"), 200);
    assert_true(json_is_true(json_object_get(b.json, "is_ordering")));
    assert_int_equal(get(&b, "/signin?to=/orders"), 200);
    assert_false(json_is_true(json_object_get(b.json, "is_ordering")));
    assert_int_equal(browser_send(&b, "/signup", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(b.body, "name=\"makes\""));
    assert_int_equal(browser_send(&b, "/signup?to=/cart/order", NULL, NULL,
                                  "Accept: text/html"),
                     200);
    assert_non_null(strstr(b.body, "Your cart is kept"));
    assert_null(strstr(b.body, "name=\"makes\""));
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000071\",\"name\":\"Anita\","
                                         "\"lang\":\"hi\",\"to\":\"/cart/order\"}"),
                     200);
    code_of(&w->shop, "+919000000071", code);
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_string_equal(json_string_value(json_object_get(b.json, "location")), "/cart/order");
    assert_string_equal(said(&b), "");
    assert_int_equal(get(&b, "/account"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM unit u JOIN account a ON a.id ="
                                       " u.account_id WHERE a.name = 'Anita' AND"
                                       " u.name = 'नग'"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account a JOIN membership m"
                                       " ON m.account_id = a.id JOIN user u ON u.id ="
                                       " m.user_id WHERE u.mobile = '+919000000071' AND"
                                       " a.name = 'Anita' AND a.has_made_email AND"
                                       " m.is_primary"),
                     1);
    assert_int_equal(get(&b, "/accounts"), 200);
    assert_null(strstr(b.body, "chat.invalid"));
    browser_new(&c, &w->shop);
    assert_int_equal(post(&c, "/signup", "{\"mobile\":\"+919000000072\",\"name\":\"Ramesh\","
                                         "\"lang\":\"en\",\"to\":\"//evil.example/cart\"}"),
                     200);
    code_of(&w->shop, "+919000000072", code);
    assert_int_equal(post(&c, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(&c, "/accounts"), 200);
    assert_int_equal(json_array_size(json_object_get(c.json, "accounts")), 0);
    assert_int_equal(post(&c, "/accounts", "{\"name\":\"\"}"), 422);
    assert_int_equal(post(&c, "/accounts", "{\"name\":\"Pots\",\"email\":\"\"}"), 201);
    assert_int_equal(post(&c, "/accounts", "{\"name\":\"Pots too\"}"), 201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account WHERE name LIKE 'Pots%'"
                                       " AND has_made_email"),
                     2);
    assert_int_equal(get(&c, "/accounts"), 200);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(c.json, "accounts"), 0), "email")),
                        "");
    browser_free(&b);
    browser_free(&c);
}

/* ACC-1: the page of the code leads back, and sends another one, with what was given to sign up and
 * with where it was to lead; of a number that signed in it makes nobody. */
static void test_code_again(void **state)
{
    struct world *w = *state;
    struct browser b;
    char first[8], second[8];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000073\",\"name\":\"Anita\","
                                         "\"lang\":\"hi\",\"to\":\"/cart/order\"}"),
                     200);
    code_of(&w->shop, "+919000000073", first);
    assert_int_equal(browser_send(&b, "/signup/verify", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(b.body, "href=\"/signup?to=%2Fcart%2Forder\""));
    assert_non_null(strstr(b.body, "name=\"to\" value=\"/cart/order\"><input type=\"hidden\""
                                   " name=\"again\" value=\"1\">"));
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"+919000000073\",\"again\":true,"
                                         "\"to\":\"/cart/order\"}"),
                     200);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, "+919000000073", second);
    } while (strcmp(first, second) == 0);
    assert_int_equal(get(&b, "/signin/verify"), 200);
    assert_false(json_is_true(json_object_get(b.json, "is_signup")));
    assert_int_equal(code_enter(&b, second), 200);
    assert_string_equal(json_string_value(json_object_get(b.json, "location")), "/cart/order");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user u JOIN membership m ON"
                                       " m.user_id = u.id WHERE u.name = 'Anita' AND"
                                       " u.lang = 'hi' AND u.mobile = '+919000000073'"),
                     1);
    browser_free(&b);

    code_asked(&b, w, "+919000000074");
    assert_int_equal(browser_send(&b, "/signin/verify", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(b.body, "<a href=\"/signup\">"));
    code_of(&w->shop, "+919000000074", first);
    assert_int_equal(post(&b, "/signin", "{\"mobile\":\"+919000000074\",\"again\":true}"), 200);
    do {
        usleep(10 * 1000);
        code_of(&w->shop, "+919000000074", second);
    } while (strcmp(first, second) == 0);
    assert_int_equal(code_enter(&b, second), 422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE"
                                       " mobile = '+919000000074'"),
                     0);
    browser_free(&b);
}

static void test_accounts(void **state)
{
    struct world *w = *state;
    struct browser b, other;
    int64_t first = sign_up(&b, &w->shop, "+919000000017", "Two accounts"), second, theirs;
    char path[60];

    theirs = sign_up(&other, &w->shop, "+919000000018", "Other");
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Mine\","
                                           "\"email\":\"A919000000018@example.com\"}"),
                     422);
    assert_non_null(field_error(&b, "email"));
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Mine\",\"email\":\"no\"}"), 422);
    assert_non_null(field_error(&b, "email"));
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Mine\",\"email\":\"d@example.com\","
                                           "\"zone\":\"Mars/Olympus\"}"),
                     422);
    assert_non_null(field_error(&b, "zone"));
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Mine\",\"email\":\"d@example.com\","
                                           "\"address\":\"Deira\",\"zone\":\"Asia/Dubai\"}"),
                     201);
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Mine\",\"email\":\"m@example.com\"}"),
                     201);
    second = answer_int(&b, "id");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account WHERE name = 'Mine' AND"
                                       " address || zone IN ('DeiraAsia/Dubai',"
                                       " 'Asia/Kolkata')"),
                     2);
    assert_int_equal(browser_send(&b, "/accounts", NULL, NULL, "Accept: text/html"), 200);
    assert_non_null(strstr(b.body, "<option selected>Asia/Kolkata</option>"));
    assert_int_equal(get(&b, "/account"), 200);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(b.json, "account"),
                                                        "id")),
                     second);
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)first);
    assert_int_equal(post(&b, path, "{}"), 200);
    assert_int_equal(get(&b, "/account"), 200);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(b.json, "account"),
                                                        "id")),
                     first);
    snprintf(path, sizeof path, "/accounts/%lld/enter", (long long)theirs);
    assert_int_equal(post(&b, path, "{}"), 404);
    browser_free(&other);
    /* With several, one chooses by name and e-mail; none is entered before. */
    signed_in(&other, w, "+919000000017");
    assert_string_equal(json_string_value(json_object_get(other.json, "location")), "/accounts");
    assert_int_equal(sql_int(&w->shop, "SELECT account_id IS NULL FROM session"
                                       " ORDER BY id DESC"),
                     1);
    assert_int_equal(get(&other, "/accounts"), 200);
    assert_non_null(strstr(other.body, "\"a919000000017@example.com\""));
    assert_non_null(strstr(other.body, "\"m@example.com\""));
    browser_free(&b);
    browser_free(&other);
}

static long vendor_ask(struct browser *b, const char *status, const char *gstin)
{
    return post(b, "/account/vendor",
                "{\"trade_name\":\"Kumhar\",\"address\":\"Jaipur\",\"state_code\":\"27\","
                "\"gst_status\":\"%s\",\"gstin\":\"%s\",\"upi\":\"shop@bank\"}",
                status, gstin);
}

static void test_vendor_role(void **state)
{
    struct world *w = *state;
    struct browser b;
    int64_t id = sign_up(&b, &w->shop, "+919000000019", "Kumhar");
    const json_t *f, *states;
    char path[80];

    /* The way to a shop, and what is known filled in. */
    assert_int_equal(post(&b, "/me", "{\"name\":\"Ram\",\"address\":\"Khurja\","
                                          "\"makes\":\"Pots\"}"),
                     200);
    assert_int_equal(get(&b, "/"), 200);
    assert_true(json_is_true(json_object_get(b.json, "can_ask")));
    assert_int_equal(get(&b, "/account"), 200);
    f = json_object_get(b.json, "f");
    assert_string_equal(json_string_value(json_object_get(f, "trade_name")), "Kumhar");
    assert_string_equal(json_string_value(json_object_get(f, "address")), "Khurja");
    assert_int_equal(post(&b, "/account", "{\"name\":\"Kumhar\",\"address\":\"Delhi\","
                                          "\"zone\":\"Asia/Kolkata\","
                                          "\"email\":\"a919000000019@example.com\"}"),
                     200);
    assert_int_equal(get(&b, "/account"), 200);
    f = json_object_get(b.json, "f");
    assert_string_equal(json_string_value(json_object_get(f, "address")), "Delhi");
    states = json_object_get(b.json, "states");
    assert_string_equal(json_string_value(json_object_get(json_array_get(states, 0), "name")),
                        "Andaman and Nicobar Islands");
    assert_int_equal(vendor_ask(&b, "regular", "27NOTAGSTIN"), 422);
    assert_non_null(field_error(&b, "gstin"));
    /* Both fields that are wrong say so. */
    assert_int_equal(post(&b, "/account/vendor",
                          "{\"trade_name\":\"Kumhar\",\"address\":\"Jaipur\","
                          "\"state_code\":\"27\",\"gst_status\":\"regular\",\"upi\":\"nobank\"}"),
                     422);
    assert_non_null(field_error(&b, "gstin"));
    assert_non_null(field_error(&b, "upi"));
    /* With something missing as well, on the page. */
    assert_int_equal(browser_send(&b, "/account/vendor", "application/x-www-form-urlencoded",
                                  "trade_name=Kumhar&state_code=27&gst_status=regular"
                                  "&gstin=27ABC&upi=nobank",
                                  "Accept: text/html"),
                     422);
    assert_non_null(strstr(b.body, "Enter a UPI id like"));
    assert_non_null(strstr(b.body, "all 15 characters of the GSTIN"));
    assert_non_null(strstr(b.body, "Enter the address"));
    assert_int_equal(vendor_ask(&b, "regular", "08AAPFU0939F1ZV"), 422); /* another State */
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM vendor"), 0);
    assert_int_equal(vendor_ask(&b, "regular", "27AAPFU0939F1ZA"), 201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM vendor WHERE about = 'Pots'"), 1);
    assert_int_equal(get(&b, "/"), 200);
    assert_false(json_is_true(json_object_get(b.json, "can_ask")));
    assert_int_equal(get(&b, "/sell/orders"), 403);
    assert_int_equal(get(&w->admin, "/admin/requests"), 200);
    assert_true(json_is_true(json_object_get(
        json_array_get(json_object_get(w->admin.json, "vendors"), 0), "is_doubtful")));

    snprintf(path, sizeof path, "/admin/requests/%lld/decline", (long long)id);
    assert_int_equal(post(&w->admin, path, "{}"), 422);
    assert_non_null(field_error(&w->admin, "reason"));
    assert_int_equal(post(&w->admin, path, "{\"reason\":\"The GSTIN is not yours\"}"), 200);
    assert_int_equal(get(&b, "/account"), 200);
    assert_non_null(strstr(b.body, "The GSTIN is not yours"));
    assert_int_equal(get(&b, "/sell/orders"), 403);
    assert_int_equal(vendor_ask(&b, "regular", "27AAPFU0939F1ZV"), 201);
    snprintf(path, sizeof path, "/admin/requests/%lld/approve", (long long)id);
    assert_int_equal(post(&w->admin, path, "{}"), 200);
    assert_int_equal(get(&b, "/sell/orders"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT state = 'approved' FROM vendor"), 1);
    assert_int_equal(get(&b, "/"), 200);
    assert_true(json_is_true(json_object_get(b.json, "has_steps")));
    /* Nobody else opens a link to 127.0.0.1. */
    assert_int_equal(get(&b, "/sell/settings"), 200);
    assert_true(json_is_true(json_object_get(json_object_get(b.json, "share"), "is_loopback")));
    assert_int_equal(get(&w->admin, "/admin"), 200);
    assert_non_null(strstr(w->admin.body, "Only this computer"));
    browser_free(&b);
}

static void test_admin_pages(void **state)
{
    struct world *w = *state;
    struct browser b;
    json_t *paths, *methods;
    const char *path;
    int seen = 0;

    sign_up(&b, &w->shop, "+919000000020", "Curious");
    assert_int_equal(get(&w->admin, "/openapi.json"), 200);
    paths = json_object_get(w->admin.json, "paths");
    json_object_foreach(paths, path, methods)
    {
        if (strncmp(path, "/admin", 6) != 0)
            continue;
        seen++;
        if (json_object_get(methods, "get"))
            assert_int_equal(get(&b, path), 404);
        if (json_object_get(methods, "post") && !strchr(path, '{'))
            assert_int_equal(post(&b, path, "{}"), 404);
    }
    assert_true(seen >= 5);
    browser_free(&b);
}

/* SEC-13 */
static void test_from_elsewhere(void **state)
{
    static const char *const elsewhere[] = {
        "Origin: https://evil.example", "Origin: null", "Origin: http://127.0.0.1",
        "Origin: http://127.0.0.1.evil.example", "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    };
    static const char body[] = "{\"name\":\"Forged\",\"email\":\"forged@example.com\"}";
    struct world *w = *state;
    struct browser b;
    char csrf[64], here[80];

    sign_up(&b, &w->shop, "+919000000021", "Asha");
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
        assert_int_equal(browser_send(&b, "/accounts", "application/json", body, elsewhere[i]),
                         403);
        assert_int_equal(browser_send(&b, "/signin", "application/json",
                                      "{\"mobile\":\"+919000000022\"}", elsewhere[i]),
                         403);
    }
    strcpy(csrf, b.csrf);
    strcpy(b.csrf, "");
    assert_int_equal(post(&b, "/accounts", "%s", body), 403);
    snprintf(b.csrf, sizeof b.csrf, "%s", w->admin.csrf);
    assert_int_equal(post(&b, "/accounts", "%s", body), 403);
    strcpy(b.csrf, "");
    assert_int_equal(browser_send(&b, "/accounts", "text/plain", body, NULL), 415);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM account WHERE name = 'Forged'"),
                     0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM otp"
                                       " WHERE mobile = '+919000000022'"),
                     0);
    strcpy(b.csrf, csrf);
    snprintf(here, sizeof here, "Origin: http://127.0.0.1:%d", w->shop.port);
    assert_int_equal(browser_send(&b, "/accounts", "application/json", body, here), 201);
    browser_free(&b);
}

/* SEC-17 */
static void test_extra_fields(void **state)
{
    struct world *w = *state;
    struct browser b;
    char code[8];

    browser_new(&b, &w->shop);
    assert_int_equal(post(&b, "/signup", "{\"mobile\":\"+919000000023\",\"name\":\"Sly\","
                                         "\"lang\":\"en\",\"is_admin\":true,\"id\":1,"
                                         "\"state\":\"active\",\"user_id\":1}"),
                     200);
    code_of(&w->shop, "+919000000023", code);
    assert_int_equal(post(&b, "/signup/verify", "{\"code\":\"%s\",\"user_id\":1,"
                                                "\"mobile\":\"+919000000001\"}",
                          code),
                     200);
    assert_int_equal(get(&b, "/admin/requests"), 404);
    assert_int_equal(post(&b, "/accounts", "{\"name\":\"Sly\",\"email\":\"sly@example.com\","
                                           "\"account_id\":1,\"user_id\":1,\"id\":1}"),
                     201);
    assert_true(answer_int(&b, "id") > 1);
    assert_int_equal(post(&b, "/inventory/receive",
                          "{\"name\":\"Sly pot\",\"qty\":\"2\",\"unit\":\"piece\","
                          "\"account_id\":1,\"on_hand_milli\":9,\"id\":77}"),
                     201);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user WHERE is_admin = 1"), 1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM membership WHERE account_id = 1"),
                     1);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku s JOIN account a"
                                       " ON a.id = s.account_id WHERE a.name = 'Sly'"
                                       " AND s.on_hand_milli = 2000"),
                     1);
    browser_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_signs_up_and_in), TEST(test_signs_up_with),
        TEST(test_digits_of_any_script), TEST(test_locked_after_five),
        TEST(test_code_of_another_browser), TEST(test_strangers_learn_nothing),
        TEST(test_second_code_ends_the_first), TEST(test_signs_out),
        TEST(test_session_cookie), TEST(test_accounts), TEST(test_account_without_mail),
        TEST(test_code_again),
        TEST(test_vendor_role),
        TEST(test_admin_pages), TEST(test_from_elsewhere), TEST(test_extra_fields),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("ACC-1 ACC-2 ACC-3 ACC-7 ACC-8 ACC-9 access", tests,
                                       NULL, NULL);
}
