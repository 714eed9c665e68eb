/* Ground for walks over every route of /openapi.json. What A has is made once; the tables
 * below say how to name it in a path, so that a new route with an {id} fails until it stands
 * in one. */
#ifndef ROUTES_GROUND_H
#define ROUTES_GROUND_H

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
    { "/dues/{id}", "SELECT id FROM party WHERE customer_account_id = %lld" },
    { "/cash/customers/{id}", "SELECT id FROM party WHERE account_id = %lld" },
    { "/cash/entries/{id}", "SELECT id FROM ledger_entry WHERE account_id = %lld" },
    { "/inventory/{id}/moves/{id}", "SELECT id FROM stock_move WHERE account_id = %lld" },
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
    { "/dues", "orders" },
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

    sql_run(&w->shop,
            "INSERT INTO attribute(account_id, slot, name, folded)"
            " VALUES (%lld, 1, 'Colour', 'colour');"
            "INSERT INTO attribute_value(attribute_id, name, folded)"
            " VALUES (last_insert_rowid(), 'Red', 'red');"
            "INSERT INTO category(account_id, name, folded) VALUES (%lld, 'Clay', 'clay');"
            "INSERT INTO place(account_id, level, name, folded)"
            " VALUES (%lld, 1, 'Shelf', 'shelf');"
            "INSERT INTO supplier(account_id, name, folded) VALUES (%lld, 'Mill', 'mill');",
            a, a, a, a);
    sql_run(&w->shop,
            "INSERT INTO invitation(account_id, mobile, levels, invited_by, created_ms,"
            " sent_ms, expires_ms) SELECT %lld, '+919000000077', '{}', user_id, 1, 1,"
            " 9999999999999 FROM membership WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO join_request(account_id, user_id, asked_ms)"
            " SELECT %lld, user_id, 1 FROM membership WHERE account_id = %lld",
            a, a, a, (long long)w->c_id);
    sql_run(&w->shop,
            "INSERT INTO user(mobile, name, created_ms) VALUES ('+919000000006', 'Helper', 1);"
            "INSERT INTO membership VALUES (%lld, last_insert_rowid(), 0, 1)",
            a);
    sql_run(&w->shop,
            "INSERT INTO photo(account_id, product_id, name, width, height, thumb_width,"
            " thumb_height, position, created_ms) SELECT account_id, id, 'abc', 9, 9, 9, 9, 1,"
            " 1 FROM product WHERE account_id = %lld;"
            "INSERT INTO ledger_entry(account_id, party_id, kind, method, paise, at_ms)"
            " SELECT account_id, id, 'payment', 'cash', -100, 1 FROM party"
            " WHERE account_id = %lld",
            a, a);
    sql_run(&w->shop,
            "INSERT INTO api_token(account_id, user_id, name, token_hash, created_ms)"
            " SELECT account_id, user_id, 'Books', zeroblob(32), 1 FROM membership"
            " WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO hook(account_id, user_id, url, secret, has_orders, has_stock,"
            " created_ms) SELECT account_id, user_id, 'https://a.example/', 'x', 1, 0, 1"
            " FROM membership WHERE account_id = %lld AND is_primary = 1;"
            "INSERT INTO job(kind, provider, recipient, payload, state, next_ms, created_ms,"
            " done_ms) SELECT 'message', 'hook:' || id, 'hook:' || id, '{}', 'expired', 1, 1,"
            " 1000 * CAST(strftime('%%s', 'now') AS INTEGER) FROM hook WHERE account_id = %lld",
            a, a, a); /* done now: the sweep is once a minute */
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

/* --- the database, as a number --- */

enum { TABLES = 100 };

/* Of each table all rows, in order of their names; read anew with each digest. */
static sqlite3_stmt *tables[TABLES];
static int table_count;

/* All but what asking itself moves: sessions seen, one-time keys, the outbox at work. */
static void tables_open(void)
{
    char sql[200];
    sqlite3_stmt *stmt;

    assert_int_equal(sqlite3_prepare_v2(ground_look,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                        " AND name NOT LIKE 'sqlite%' AND name NOT LIKE"
                                        " '%\\_words%' ESCAPE '\\' AND name NOT LIKE"
                                        " '%\\_trigrams%' ESCAPE '\\' AND name NOT LIKE"
                                        " '%\\_terms' ESCAPE '\\' AND name NOT IN"
                                        " ('session', 'once', 'job') ORDER BY name",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    for (table_count = 0; sqlite3_step(stmt) == SQLITE_ROW; table_count++) {
        assert_true(table_count < TABLES);
        snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", sqlite3_column_text(stmt, 0));
        assert_int_equal(
            sqlite3_prepare_v2(ground_look, sql, -1, &tables[table_count], NULL), SQLITE_OK);
    }
    sqlite3_finalize(stmt);
    assert_true(table_count > 20);
}

static void tables_close(void)
{
    while (table_count > 0)
        sqlite3_finalize(tables[--table_count]);
}

static uint64_t table_digest(sqlite3_stmt *stmt, uint64_t sum)
{
    while (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const unsigned char *bytes = sqlite3_column_blob(stmt, i);
            int n = sqlite3_column_bytes(stmt, i);

            for (int k = 0; k < n; k++)
                sum = (sum ^ bytes[k]) * 1099511628211u;
            sum = (sum ^ 255u) * 1099511628211u;
        }
    assert_int_equal(sqlite3_reset(stmt), SQLITE_OK); /* else a row was not read */
    return sum;
}

static uint64_t database_digest(const struct world *w)
{
    uint64_t sum = 14695981039346656037u;

    (void)w;
    for (int i = 0; i < table_count; i++)
        sum = table_digest(tables[i], sum);
    return sum;
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
    ground_look = look_open(&w->shop);
    tables_open();
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    tables_close();
    sqlite3_close(ground_look);
    ground_look = NULL;
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

static const char *name_for(const char *at)
{
    static const char *const names[][2] = { { "{handle}", "shop-a" },
                                            { "{module}", "inventory" },
                                            { "{service}", "sms" } };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(at, names[i][0], strlen(names[i][0])) == 0)
            return names[i][1];
    return NULL;
}

/* The path with A's ids and names in it. */
static const char *path_of_a(const struct world *w, const char *path, char *out, size_t size)
{
    const char *named;
    size_t n = 0;

    for (const char *c = path; *c && n + 24 < size;) {
        if (strncmp(c, "{id}", 4) == 0) {
            c += 4;
            n += (size_t)sprintf(out + n, "%lld",
                                 (long long)id_for(w, path, (size_t)(c - path)));
        } else if ((named = name_for(c))) {
            n += (size_t)sprintf(out + n, "%s", named);
            c = strchr(c, '}') + 1;
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

/* --- staff --- */

/* All modules at the level, but for `without`; takes effect on the next request. */
static void staff_may(struct world *w, int level, const char *without)
{
    long long a = (long long)w->a_id, user = (long long)w->staff_user;

    sql_run(&w->shop, "DELETE FROM permission WHERE account_id = %lld AND user_id = %lld", a, user);
    for (size_t i = 0; level > 0 && i < sizeof modules / sizeof *modules; i++)
        if (modules[i].module && strcmp(modules[i].module, without) != 0)
            sql_run(&w->shop, "INSERT OR IGNORE INTO permission VALUES (%lld, %lld, '%s', %d)", a,
                    user, modules[i].module, level);
}

#endif
