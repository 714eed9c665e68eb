/* Under the admin's pages: bounds of settings, sealed secrets, the last admin, names of
 * backups, what is typed to search. */
#include "access_ground.h"

#include "db/backup.h"
#include "db/base/text.h"
#include "db/match.h"
#include "db/outbox.h"
#include "db/service.h"
#include "db/setting.h"

static const struct actor boss = { 1, 0, "203.0.113.1" };

static enum db_rc run_raw(struct ground *g, const char *sql)
{
    db_begin(g->db);
    return db_end(g->db, db_exec(g->db, sql, DB_NO_ARGS));
}

static void setting_bounds(void **state)
{
    struct ground *g = *state;
    static const struct {
        const char *key, *good, *bad[6];
    } rules[] = {
        { "accounts_per_user", "1000", { "0", "-1", "1001", "1e3", "x", "1000000000" } },
        { "codes_per_day", "10", { "9", "0", "-5", "1000001", "", "ten" } },
        { "backup_hour", "0", { "-1", "24", "2.5", "", "x", "99999999999999999999" } },
        { "backup_keep", "60", { "0", "61", "-7", "", " ", "1000000000" } },
        { "signup_approval", "1", { "0", "2", "yes", "-1", "11", "true" } },
    };

    user_new(g, "+919800000000");
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        for (int k = 0; k < 6; k++) {
            assert_int_equal(setting_change(g->db, &boss, rules[i].key, rules[i].bad[k]),
                             DB_REFUSED);
            assert_int_equal(db_refusal(g->db)->status, 422);
            assert_string_equal(db_refusal(g->db)->field, rules[i].key);
            g->db = db_new(g->file, g->arena);
        }
        assert_string_equal(setting_get(g->db, rules[i].key), "");
        assert_int_equal(setting_change(g->db, &boss, rules[i].key, rules[i].good), DB_OK);
        assert_string_equal(setting_get(g->db, rules[i].key), rules[i].good);
    }
    assert_int_equal(setting_int(g->db, "backup_keep"), 60);
    assert_int_equal(setting_int(g->db, "backup_hour"), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry"), 5);

    /* Several are all or none; and the table itself takes no nonsense. */
    assert_int_equal(settings_change(g->db, &boss,
                                     (const struct setting_pair[]) { { "name", "Bazaar" },
                                                                     { "backup_keep", "0" },
                                                                     { 0 } }),
                     DB_REFUSED);
    g->db = db_new(g->file, g->arena);
    assert_string_equal(setting_get(g->db, "name"), "");
    assert_int_equal(setting_put(g->db, "accounts_per_user", "-1"), DB_ERR);
    assert_int_equal(setting_put(g->db, "backup_keep", "0"), DB_ERR);
}

static const char *opened(struct ground *g, const unsigned char key[32], const char *service,
                          const char *name)
{
    json_t *values;

    assert_int_equal(service_values(g->db, key, service, &values), DB_OK);
    return json_string_value(json_object_get(values, name));
}

static void secrets_sealed(void **state)
{
    struct ground *g = *state;
    unsigned char key[32] = "one key", other[32] = "another";
    struct service_value v = { "whatsapp", "token", "Geheimnis-4711", true };
    json_t *values;

    user_new(g, "+919800000000");
    assert_int_equal(service_set(g->db, &boss, key, &v), DB_OK);
    assert_string_equal(opened(g, key, "whatsapp", "token"), "Geheimnis-4711");
    assert_null(opened(g, other, "whatsapp", "token"));
    assert_int_equal(service_values(g->db, other, "whatsapp", &values), DB_OK);
    assert_true(json_is_null(json_object_get(values, "token")));
    assert_int_equal(number_of(g, "SELECT instr(CAST(sealed AS TEXT), 'Geheimnis') FROM"
                                  " service_value"),
                     0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE after || before ||"
                                  " subject LIKE '%Geheimnis%'"),
                     0);

    /* The same value is sealed differently each time; a box opens nowhere else. */
    assert_int_equal(run_raw(g, "INSERT INTO service_value SELECT 'whatsapp', 'app_secret',"
                                " NULL, sealed, 1 FROM service_value"),
                     DB_OK);
    assert_null(opened(g, key, "whatsapp", "app_secret"));
    assert_int_equal(service_set(g->db, &boss, key, &v), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(DISTINCT sealed) FROM service_value"), 2);
    assert_int_equal(run_raw(g, "UPDATE service_value SET sealed = substr(sealed, 1, 30)"),
                     DB_OK);
    assert_null(opened(g, key, "whatsapp", "token"));

    v = (struct service_value) { "whatsapp", "phone_number_id", "123", false };
    assert_int_equal(service_set(g->db, &boss, key, &v), DB_OK);
    assert_string_equal(opened(g, other, "whatsapp", "phone_number_id"), "123");
    v.value = "";
    assert_int_equal(service_set(g->db, &boss, key, &v), DB_OK);
    assert_int_equal(service_set(g->db, &boss, key, &v), DB_OK);
    assert_null(opened(g, key, "whatsapp", "phone_number_id"));
    assert_int_equal(run_raw(g, "INSERT INTO service_value VALUES ('a', 'b', 'c', x'00', 1)"),
                     DB_ERR);
}

static void last_admin(void **state)
{
    struct ground *g = *state;
    int64_t one = user_new(g, "+919800000000"), two = user_new(g, "+919800000001");
    const struct actor second = { two, 0, NULL };

    assert_int_equal(user_make_admin(g->db, "+919800000000"), DB_OK);
    assert_int_equal(user_suspend(g->db, &second, one), DB_REFUSED);
    assert_string_equal(db_refusal(g->db)->key, "refusal.last_admin");
    g->db = db_new(g->file, g->arena);
    assert_int_equal(run_raw(g, "UPDATE user SET state = 'suspended' WHERE id = 1"), DB_ERR);
    assert_int_equal(run_raw(g, "UPDATE user SET is_admin = 0"), DB_ERR);
    assert_int_equal(user_make_admin(g->db, "+919800000001"), DB_OK);
    assert_int_equal(user_suspend(g->db, &second, one), DB_OK);
    assert_int_equal(run_raw(g, "UPDATE user SET is_admin = 0 WHERE id = 2"), DB_ERR);
    assert_int_equal(number_of(g, "SELECT sum(is_admin AND state = 'active') FROM user"), 1);
}

static void role_steps(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678");

    account_new(g, user, "a@b.in");
    assert_int_equal(run_raw(g, "INSERT INTO vendor(account_id, handle, trade_name, state_code,"
                                " gst_status, asked_ms) VALUES (1, 'abc', 'Abc', '27',"
                                " 'unregistered', 1)"),
                     DB_OK);
    assert_int_equal(run_raw(g, "UPDATE vendor SET state = 'suspended', reason = 'x'"), DB_ERR);
    assert_int_equal(run_raw(g, "UPDATE vendor SET state = 'declined', reason = ' '"), DB_ERR);
    assert_int_equal(run_raw(g, "UPDATE vendor SET state = 'approved'"), DB_OK);
    assert_int_equal(run_raw(g, "UPDATE vendor SET state = 'asked'"), DB_ERR);
    assert_int_equal(run_raw(g, "UPDATE vendor SET state = 'suspended', reason = 'x'"), DB_OK);
}

static void backup_names(void **state)
{
    static const char *const good[] = { "2026-11-23-020000-auto.tar", "a.tar", "x-1.2.tar" };
    static const char *const bad[] = {
        "", ".tar", "..", "../a.tar", "a/b.tar", "a..tar", "A.tar", "a.tar ", "a.TAR", "-a.tar",
        "a\n.tar", ".a.tar", "a.db",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.tar",
    };
    struct ground *g = *state;
    int64_t id;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(backup_name_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(backup_name_valid(bad[i]));
        assert_int_equal(backup_ask(g->db, NULL, "make", bad[i], &id), DB_ERR);
        g->db = db_new(g->file, g->arena);
    }
    assert_true(backup_name_valid(backup_name_made(g->arena, true)));
    assert_true(backup_name_valid(backup_name_made(g->arena, false)));
}

static void one_task(void **state)
{
    struct ground *g = *state;
    int64_t id, other;
    json_t *task;

    assert_int_equal(backup_take(g->db, &task), DB_NONE);
    assert_int_equal(backup_ask(g->db, NULL, "make", "a.tar", &id), DB_OK);
    assert_int_equal(backup_ask(g->db, NULL, "make", "b.tar", &other), DB_REFUSED);
    g->db = db_new(g->file, g->arena);
    assert_int_equal(run_raw(g, "INSERT INTO backup_task(kind, name, asked_ms) VALUES"
                                " ('make', 'c.tar', 1)"),
                     DB_ERR);
    assert_int_equal(backup_take(g->db, &task), DB_OK);
    assert_int_equal(backup_take(g->db, &task), DB_NONE);
    assert_int_equal(backup_ask(g->db, NULL, "check", "a.tar", &other), DB_REFUSED);
    g->db = db_new(g->file, g->arena);
    assert_int_equal(backup_end(g->db, id, NULL), DB_OK);
    assert_int_equal(backup_end(g->db, id, "backup.failed"), DB_NONE);
    assert_int_equal(backup_ask(g->db, NULL, "check", "a.tar", &other), DB_OK);
    assert_int_equal(backup_take(g->db, &task), DB_OK);
    assert_int_equal(backup_recover(g->db), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM backup_task WHERE state = 'failed'"),
                     1);
}

static void typed(void **state)
{
    struct ground *g = *state;

    assert_string_equal(match_like(g->arena, ""), "");
    assert_string_equal(match_like(g->arena, "50%_!"), "%50!%!_!!%");
    assert_string_equal(match_digits(g->arena, "+91 98123-45678"), "9812345678");
    assert_string_equal(match_digits(g->arena, "+91\u00a098123\u00a045678"), "9812345678");
    assert_string_equal(match_digits(g->arena, "098123 45678"), "9812345678");
    assert_string_equal(match_digits(g->arena, "९८१२३ ४5678"), "9812345678");
    assert_string_equal(match_digits(g->arena, "456"), "456");
    assert_string_equal(match_digits(g->arena, "45"), "");
    assert_string_equal(match_digits(g->arena, "4567x"), "");
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, ground_open, ground_close, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-8 settings have bounds", setting_bounds),
        TEST("SYS-6 ACC-8 secrets are sealed", secrets_sealed),
        TEST("ACC-8 the last admin stays", last_admin),
        TEST("ACC-7 the role goes only these ways", role_steps),
        TEST("SYS-6 names of backups", backup_names),
        TEST("SYS-6 one task at a time", one_task),
        TEST("ACC-8 what is typed to search", typed),
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
