/* Every route of /openapi.json, asked by nobody, by another account, and by staff without
 * the permission. What A has is made once; the tables below say how to name it in a path, so
 * that a new route with an {id} fails here until it stands in one. */
#include "ground.h"

struct world {
    struct shop shop;
    struct browser admin, a, b, c, staff;
    int64_t a_id, b_id, c_id, staff_user;
    json_t *paths;
};

/* Longest beginnings first. "%lld" is A's account. */
static const struct {
    const char *prefix, *sql;
} ids[] = {
    { "/settings/attributes/{id}/values/{id}",
      "SELECT v.id FROM attribute_value v JOIN attribute a ON a.id = v.attribute_id"
      " WHERE a.account_id = %lld" },
    { "/sell/catalog/{id}/photos/{id}", "SELECT id FROM photo WHERE account_id = %lld" },
    { "/me/sessions/{id}",
      "SELECT s.id FROM session s JOIN membership m ON m.user_id = s.user_id"
      " WHERE m.account_id = %lld AND m.is_primary = 1" },
    { "/account/users/{id}",
      "SELECT max(user_id) FROM membership WHERE is_primary = 0 AND account_id = %lld" },
    { "/account/invitations/{id}", "SELECT id FROM invitation WHERE account_id = %lld" },
    { "/account/requests/{id}", "SELECT id FROM join_request WHERE account_id = %lld" },
    { "/join/invitations/{id}", "SELECT id FROM invitation WHERE account_id = %lld" },
    { "/join/{id}", "SELECT id FROM join_request WHERE account_id = %lld" },
    { "/v/{handle}/p/{id}", "SELECT id FROM product WHERE account_id = %lld" },
    { "/account/hooks/{id}/deliveries/{id}",
      "SELECT id + 0 * %lld FROM job WHERE provider LIKE 'hook:%%' AND state = 'expired'" },
    { "/account/hooks/{id}", "SELECT id FROM hook WHERE account_id = %lld" },
    { "/account/tokens/{id}", "SELECT id FROM api_token WHERE account_id = %lld" },
    { "/notifications/{id}", "SELECT min(id) FROM notification WHERE account_id = %lld" },
    { "/accounts/{id}", "SELECT %lld" },
    { "/admin/accounts/{id}", "SELECT %lld" },
    { "/admin/jobs/{id}", "SELECT min(id) + 0 * %lld FROM job" },
    { "/admin/requests/{id}", "SELECT %lld" },
    { "/admin/users/{id}", "SELECT user_id FROM membership WHERE account_id = %lld" },
    { "/admin/outbox/{id}", "SELECT min(id) + 0 * %lld FROM job" },
    { "/cart/items/{id}", "SELECT id FROM requirement WHERE account_id = %lld" },
    { "/cash/customers/{id}", "SELECT id FROM party WHERE account_id = %lld" },
    { "/cash/entries/{id}", "SELECT id FROM ledger_entry WHERE account_id = %lld" },
    { "/inventory/moves/{id}", "SELECT id FROM stock_move WHERE account_id = %lld" },
    { "/inventory/{id}", "SELECT id FROM sku WHERE account_id = %lld" },
    { "/orders/{id}", "SELECT id FROM orders WHERE customer_account_id = %lld" },
    { "/sell/catalog/{id}", "SELECT id FROM listing WHERE account_id = %lld" },
    { "/sell/orders/{id}", "SELECT id FROM orders WHERE vendor_account_id = %lld" },
    { "/settings/attributes/{id}", "SELECT id FROM attribute WHERE account_id = %lld" },
    { "/settings/categories/{id}", "SELECT id FROM category WHERE account_id = %lld" },
    { "/settings/places/{id}", "SELECT id FROM place WHERE account_id = %lld" },
    { "/settings/units/{id}", "SELECT id FROM unit WHERE account_id = %lld" },
    { "/settings/vendors/{id}", "SELECT id FROM supplier WHERE account_id = %lld" },
};

/* Whose permission opens a path; NULL: the user's own, or the admin's. */
static const struct {
    const char *prefix, *module;
} modules[] = {
    { "/sell/orders", "customer_orders" }, { "/sell/catalog", "catalog" },
    { "/sell/settings", "catalog" },       { "/settings", "customizations" },
    { "/inventory", "inventory" },         { "/orders", "orders" },
    { "/cash", "cash_register" },          { "/accounts", NULL },
    { "/account/users", "users" },         { "/account/invitations", "users" },
    { "/account/requests", "users" },      { "/account/audit", "users" },
    { "/account", NULL },                  { "/admin", NULL },
    { "/join", NULL },                     { "/cart", "requirements" },
    { "/me", NULL },                       { "/notifications", NULL },
    { "/signout", NULL },
};

static const char *module_of(const char *path)
{
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        size_t n = strlen(modules[i].prefix);

        if (strncmp(path, modules[i].prefix, n) == 0 && (!path[n] || path[n] == '/'))
            return modules[i].module;
    }
    fail_msg("no line in `modules` for %s", path);
    return NULL;
}

/* --- what A has --- */

static void sql_run(const struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void sql_run(const struct world *w, const char *format, ...)
{
    char sql[1000], path[128], *error = NULL;
    sqlite3 *db;
    va_list args;

    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    snprintf(path, sizeof path, "%s/invichat.db", w->shop.dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    sqlite3_close(db);
}

static int64_t pot_on_sale(struct world *w, struct browser *b)
{
    assert_int_equal(post(b, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(b, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(b, "id")),
                    200, 299);
    return sql_int(&w->shop, "SELECT max(id) FROM listing");
}

static void order(struct browser *b, int64_t listing, int64_t vendor)
{
    assert_in_range(post(b, "/cart/items", "{\"listing\":%lld,\"qty\":\"1\"}",
                         (long long)listing),
                    200, 299);
    if (vendor)
        assert_in_range(post(b, "/cart/order", "{\"vendor\":%lld,\"fulfil\":\"pickup\"}",
                             (long long)vendor),
                        200, 299);
}

static void rows_make(struct world *w)
{
    long long a = (long long)w->a_id;

    sql_run(w,
            "INSERT INTO attribute(account_id, slot, name, folded)"
            " VALUES (%lld, 1, 'Colour', 'colour');"
            "INSERT INTO attribute_value(attribute_id, name, folded)"
            " VALUES (last_insert_rowid(), 'Red', 'red');"
            "INSERT INTO category(account_id, name, folded) VALUES (%lld, 'Clay', 'clay');"
            "INSERT INTO place(account_id, level, name, folded)"
            " VALUES (%lld, 1, 'Shelf', 'shelf');"
            "INSERT INTO supplier(account_id, name, folded) VALUES (%lld, 'Mill', 'mill');",
            a, a, a, a);
    sql_run(w,
            "INSERT INTO invitation(account_id, mobile, levels, invited_by, created_ms,"
            " sent_ms, expires_ms) SELECT %lld, '+919000000077', '{}', user_id, 1, 1,"
            " 9999999999999 FROM membership WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO join_request(account_id, user_id, asked_ms)"
            " SELECT %lld, user_id, 1 FROM membership WHERE account_id = %lld",
            a, a, a, (long long)w->c_id);
    sql_run(w,
            "INSERT INTO user(mobile, name, created_ms) VALUES ('+919000000006', 'Helper', 1);"
            "INSERT INTO membership VALUES (%lld, last_insert_rowid(), 0, 1)",
            a);
    sql_run(w,
            "INSERT INTO photo(account_id, product_id, name, width, height, thumb_width,"
            " thumb_height, position, created_ms) SELECT account_id, id, 'abc', 9, 9, 9, 9, 1,"
            " 1 FROM product WHERE account_id = %lld;"
            "INSERT INTO ledger_entry(account_id, party_id, kind, method, paise, at_ms)"
            " SELECT account_id, id, 'payment', 'cash', -100, 1 FROM party"
            " WHERE account_id = %lld",
            a, a);
    sql_run(w,
            "INSERT INTO api_token(account_id, user_id, name, token_hash, created_ms)"
            " SELECT account_id, user_id, 'Books', zeroblob(32), 1 FROM membership"
            " WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO hook(account_id, user_id, url, secret, has_orders, has_stock,"
            " created_ms) SELECT account_id, user_id, 'https://a.example/', 'x', 1, 0, 1"
            " FROM membership WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO job(kind, provider, recipient, payload, state, next_ms, created_ms,"
            " done_ms) SELECT 'message', 'hook:' || id, 'hook:' || id, '{}', 'expired', 1, 1,"
            " 1 FROM hook WHERE account_id = %lld",
            a, a, a);
}

/* A second {id} is {id2} there, and {id} in the tables here. */
static json_t *paths_plain(json_t *paths)
{
    json_t *out = json_object(), *methods;
    const char *path;

    json_object_foreach(paths, path, methods)
    {
        char plain[300];
        size_t k = 0;

        for (const char *c = path; *c && k + 1 < sizeof plain; c++)
            if (c < path + 3 || strncmp(c - 3, "{id2}", 5) != 0)
                plain[k++] = *c;
        plain[k] = '\0';
        json_object_set(out, plain, methods);
    }
    return out;
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct browser public;
    int64_t of_a, of_c;

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    w->a_id = vendor_up(&w->a, &w->shop, &w->admin, "+919000000002", "Shop A");
    w->b_id = vendor_up(&w->b, &w->shop, &w->admin, "+919000000003", "Shop B");
    w->c_id = vendor_up(&w->c, &w->shop, &w->admin, "+919000000004", "Shop C");
    sign_up(&w->staff, &w->shop, "+919000000005", "Staff");
    w->staff_user = sql_int(&w->shop, "SELECT max(id) FROM user");
    of_a = pot_on_sale(w, &w->a);
    of_c = pot_on_sale(w, &w->c);
    order(&w->c, of_a, w->a_id);
    order(&w->a, of_c, w->c_id);
    order(&w->a, of_c, 0);
    rows_make(w);
    browser_new(&public, &w->shop);
    assert_int_equal(get(&public, "/openapi.json"), 200);
    w->paths = paths_plain(json_object_get(public.json, "paths"));
    assert_true(json_object_size(w->paths) > 50);
    browser_free(&public);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    json_decref(w->paths);
    browser_free(&w->admin);
    browser_free(&w->a);
    browser_free(&w->b);
    browser_free(&w->c);
    browser_free(&w->staff);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* --- a request of a route --- */

static int64_t id_for(const struct world *w, const char *path, size_t upto)
{
    char sql[300];

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        size_t n = strlen(ids[i].prefix);
        int64_t id;

        if (n != upto || strncmp(path, ids[i].prefix, n) != 0)
            continue;
        snprintf(sql, sizeof sql, ids[i].sql, (long long)w->a_id);
        id = sql_int(&w->shop, sql);
        if (id <= 0)
            fail_msg("A has nothing for %s", ids[i].prefix);
        return id;
    }
    fail_msg("no line in `ids` for %.*s", (int)upto, path);
    return 0;
}

/* The path with A's ids in it. */
static const char *path_of_a(const struct world *w, const char *path, char *out, size_t size)
{
    size_t n = 0;

    for (const char *c = path; *c && n + 24 < size;) {
        if (strncmp(c, "{id}", 4) == 0) {
            c += 4;
            n += (size_t)sprintf(out + n, "%lld",
                                 (long long)id_for(w, path, (size_t)(c - path)));
        } else if (strncmp(c, "{handle}", 8) == 0) {
            c += 8;
            n += (size_t)sprintf(out + n, "shop-a");
        } else {
            out[n++] = *c++;
        }
    }
    out[n] = '\0';
    return out;
}

static json_t *value_of(const char *name, const json_t *schema)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    const char *about = json_string_value(json_object_get(schema, "description"));
    const json_t *choices = json_object_get(schema, "enum");

    if (choices)
        return json_incref(json_array_get(choices, 0));
    if (type && strcmp(type, "boolean") == 0)
        return json_true();
    if (type && strcmp(type, "integer") == 0)
        return json_integer(1);
    if (type && strcmp(type, "object") == 0)
        return json_pack("{s:o}", "1", value_of(name, json_object_get(
                                                          schema, "additionalProperties")));
    if (about && strstr(about, "date"))
        return json_string("2030-01-31");
    if (about && strstr(about, "mobile"))
        return json_string("+919000000088");
    if (about && strstr(about, "e-mail"))
        return json_string("x@example.com");
    if (about && strstr(about, "digits"))
        return json_string("12345");
    return json_string(about ? "1" : "Xy");
}

/* A body that the fields let through: what is required, filled in. */
static long route_ask(struct browser *b, const char *path, const char *method,
                      const json_t *route)
{
    static const char file[] = "--b\r\nContent-Disposition: form-data; name=\"photo\";"
                               " filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nx\r\n"
                               "--b--\r\n";
    const json_t *content = json_object_get(json_object_get(route, "requestBody"), "content");
    const json_t *schema, *name;
    json_t *body = json_object();
    size_t i;
    long status;

    if (strcmp(method, "get") == 0 || json_object_get(content, "multipart/form-data")) {
        json_decref(body);
        return *method == 'g' ? get(b, path)
                              : browser_send(b, path, "multipart/form-data; boundary=b", file,
                                             NULL);
    }
    schema = json_object_get(json_object_get(content, "application/json"), "schema");
    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        const char *key = json_string_value(name);

        json_object_set_new(body, key,
                            value_of(key, json_object_get(json_object_get(schema, "properties"),
                                                          key)));
    }
    char *text = json_dumps(body, 0);

    status = browser_send(b, path, "application/json", text, NULL);
    free(text);
    json_decref(body);
    return status;
}

/* --- the database, as a number --- */

static uint64_t table_digest(sqlite3 *db, const char *table, uint64_t sum)
{
    char sql[200];
    sqlite3_stmt *stmt;

    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const unsigned char *bytes = sqlite3_column_blob(stmt, i);
            int n = sqlite3_column_bytes(stmt, i);

            for (int k = 0; k < n; k++)
                sum = (sum ^ bytes[k]) * 1099511628211u;
            sum = (sum ^ 255u) * 1099511628211u;
        }
    sqlite3_finalize(stmt);
    return sum;
}

/* All but what asking itself moves: sessions seen, one-time keys, the outbox at work. */
static uint64_t database_digest(const struct world *w)
{
    char path[128];
    uint64_t sum = 14695981039346656037u;
    sqlite3 *db;
    sqlite3_stmt *stmt;

    snprintf(path, sizeof path, "%s/invichat.db", w->shop.dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE"
                                        " '%\\_words%' ESCAPE '\\' AND name NOT LIKE"
                                        " '%\\_trigrams%' ESCAPE '\\' AND name NOT LIKE"
                                        " '%\\_terms' ESCAPE '\\' AND name NOT IN"
                                        " ('session', 'once', 'job') ORDER BY name",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        sum = table_digest(db, (const char *)sqlite3_column_text(stmt, 0), sum);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return sum;
}

/* --- the walks --- */

/* Calls `one` with every route; the number of them it looked at. */
typedef bool walk_fn(struct world *w, const char *path, const char *method,
                     const json_t *route);

static int walk(struct world *w, walk_fn *one)
{
    const char *path, *method;
    json_t *methods, *route;
    int n = 0;

    json_object_foreach(w->paths, path, methods)
        json_object_foreach(methods, method, route)
            n += one(w, path, method, route);
    return n;
}

static int failures;

static void expect(bool is, const char *who, const char *method, const char *path, long got)
{
    if (is)
        return;
    failures++;
    fprintf(stderr, "%s: %s %s answered %ld\n", who, method, path, got);
}

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
static long want_level;

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
    else if (want_level == 2 || (!strstr(path, "/new") && !strstr(path, "/receive")))
        expect(status != 403 && status != 401, "with permission", method, path, status);
    return true;
}

/* All modules at the level, but for `without`; takes effect on the next request. */
static void staff_may(struct world *w, int level, const char *without)
{
    long long a = (long long)w->a_id, user = (long long)w->staff_user;

    sql_run(w, "DELETE FROM permission WHERE account_id = %lld AND user_id = %lld", a, user);
    for (size_t i = 0; level > 0 && i < sizeof modules / sizeof *modules; i++)
        if (modules[i].module && strcmp(modules[i].module, without) != 0)
            sql_run(w, "INSERT OR IGNORE INTO permission VALUES (%lld, %lld, '%s', %d)", a,
                    user, modules[i].module, level);
    want_level = level;
    missing = without;
}

/* SEC-03 SEC-13 SEC-15 */
static void test_staff(void **state)
{
    struct world *w = *state;
    long long a = (long long)w->a_id, user = (long long)w->staff_user;
    uint64_t before;
    char path[60];

    failures = 0;
    sql_run(w, "INSERT INTO membership VALUES (%lld, %lld, 0, 1)", a, user);
    snprintf(path, sizeof path, "/accounts/%lld/enter", a);
    assert_int_equal(post(&w->staff, path, "{}"), 200);
    staff_may(w, 0, "");
    before = database_digest(w);
    assert_true(walk(w, staff_asks) > 30);
    assert_true(database_digest(w) == before);

    staff_may(w, 1, "");
    before = database_digest(w);
    assert_true(walk(w, staff_asks) > 30);
    assert_true(database_digest(w) == before);

    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (modules[i].module) {
            staff_may(w, 2, modules[i].module);
            assert_true(walk(w, staff_asks) > 10);
        }
    sql_run(w, "DELETE FROM membership WHERE account_id = %lld AND user_id = %lld", a, user);
    assert_true(get(&w->staff, "/inventory") != 200 ||
                json_object_get(w->staff.json, "location"));
    assert_int_equal(failures, 0);
}

/* --- every route at every level, with the exact status --- */

/* Of the levels: 'p' anyone, 's' who is signed in, 'a' the admin, 'v' view, 'c' change.
 * `status` is the answer to a secondary user who may, with the body of route_ask(). */
static const struct line {
    const char *method, *path;
    char level;
    int status;
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
static int line_status(const struct line *l, int level)
{
    switch (l->level) {
    case 'a': return 404;
    case 'v': return level >= 1 ? l->status : 403;
    case 'c': return level >= 2 ? l->status : 403;
    default: return l->status;
    }
}

static char session_cookie[512];
static int matrix_level;

static void world_back(struct world *w)
{
    shop_back(&w->shop);
    session_back(&w->staff, session_cookie);
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

static bool cell_asks(struct world *w, const char *path, const char *method,
                      const json_t *route)
{
    const struct line *l = line_find(method, path);
    bool is_get = *method == 'g';
    char at[300];
    uint64_t before;
    int64_t entries;
    long status;
    int want;

    path_of_a(w, path, at, sizeof at);
    before = database_digest(w);
    entries = sql_int(&w->shop, "SELECT count(*) FROM audit_entry");
    status = route_ask(&w->staff, at, method, route);
    if (l && l->level == 'c' && !is_get && (status == 200 || status == 201) &&
        is_logged(path) && database_digest(w) != before)
        expect(sql_int(&w->shop, "SELECT count(*) FROM audit_entry") > entries,
               "not in the audit log", method, path, status);
    if (!l) {
        failures++;
        fprintf(stderr, "no line for it: { \"%s\", \"%s\", '%c', %ld },\n",
                is_get ? "GET" : "POST", path,
                !json_object_get(route, "security") ? 'p'
                : strncmp(path, "/admin", 6) == 0   ? 'a'
                : !module_of(path)                  ? 's'
                : is_get                            ? 'v'
                                                    : 'c',
                status);
    } else {
        want = line_status(l, matrix_level);
        expect(status == want, matrix_level == 0   ? "nothing allowed"
                               : matrix_level == 1 ? "view"
                                                   : "change",
               method, path, status);
        if (want == 401 || want == 403 || want == 404)
            expect(database_digest(w) == before, "changed something", method, path, status);
    }
    if (!is_get)
        world_back(w);
    return true;
}

static void test_matrix(void **state)
{
    struct world *w = *state;
    long long a = (long long)w->a_id, user = (long long)w->staff_user;
    char path[60];

    failures = 0;
    sql_run(w, "INSERT INTO membership VALUES (%lld, %lld, 0, 1)", a, user);
    snprintf(path, sizeof path, "/accounts/%lld/enter", a);
    assert_int_equal(post(&w->staff, path, "{}"), 200);
    assert_int_equal(get(&w->staff, "/me"), 200);
    session_keep(&w->staff, session_cookie, sizeof session_cookie);
    for (matrix_level = 0; matrix_level <= 2; matrix_level++) {
        staff_may(w, matrix_level, "");
        shop_keep(&w->shop);
        assert_true(walk(w, cell_asks) > 100);
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char method[8] = { 0 };

        for (int k = 0; lines[i].method[k]; k++)
            method[k] = (char)(lines[i].method[k] | 32);
        expect(json_object_get(json_object_get(w->paths, lines[i].path), method) != NULL,
               "no such route (any more)", lines[i].method, lines[i].path, 0);
    }
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_signed_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_account, setup, teardown),
        cmocka_unit_test_setup_teardown(test_staff, setup, teardown),
        cmocka_unit_test_setup_teardown(test_matrix, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("ACC-4 ACC-6 ACC-7 SYS-5 every route", tests, NULL,
                                       NULL);
}
