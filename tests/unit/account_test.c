/* Users, accounts and settings, and what registering in a chat makes of them. */
#include "tests/unit/access_ground.h"

#include "db/setting.h"
#include "db/vendor.h"

static const struct actor boss = { 1, 0, "203.0.113.1" };

static enum db_rc create(struct ground *g, int64_t user, const char *email, int64_t *id)
{
    struct account_details d = { email, "Home", "Pune", "Asia/Dubai", "hi" };

    return account_create(g->db, user, &d, id);
}

static void account_made(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678"), id, again;
    json_t *row, *rows;

    assert_int_equal(create(g, user, "asha@example.in", &id), DB_OK);
    assert_int_equal(account_find(g->db, id, &row), DB_OK);
    assert_string_equal(text_in(row, "email"), "asha@example.in");
    assert_string_equal(text_in(row, "name"), "Home");
    assert_string_equal(text_in(row, "address"), "Pune");
    assert_string_equal(text_in(row, "zone"), "Asia/Dubai");
    refused(g, create(g, user, "ASHA@example.in", &again), 422, "email",
            "refusal.email_taken");
    assert_int_equal(create(g, user, "b@example.in", &again), DB_OK);
    assert_int_equal(account_list_of_user(g->db, user, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 2);
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "is_primary")));
    assert_true(number_of(g, "SELECT count(*) FROM unit WHERE account_id = 1") > 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE account_id = 1"
                                  " AND kind = 'account.created'"),
                     1);
    assert_int_equal(account_list_of_user(g->db, user_new(g, "+919812345679"), &rows),
                     DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(account_find(g->db, 99, &row), DB_NONE);
}

static void listed(void **state)
{
    struct ground *g = *state;
    const char *const names[] = { "Workshop", "Home", "Shop" };
    int64_t user = user_new(g, "+919812345678"), other = user_new(g, "+919812345679"), id;
    json_t *rows;

    for (int i = 0; i < 3; i++) {
        struct account_details d = { names[i], names[i], "", "Asia/Kolkata", "en" };

        assert_int_equal(account_create(g->db, user, &d, &id), DB_OK);
    }
    account_new(g, other, "other@example.in");
    assert_int_equal(account_list_of_user(g->db, user, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 3);
    assert_string_equal(text_in(json_array_get(rows, 0), "name"), "Home");
    assert_string_equal(text_in(json_array_get(rows, 1), "name"), "Shop");
    assert_string_equal(text_in(json_array_get(rows, 2), "name"), "Workshop");
}

/* A module is taken from one account and given back to it, whatever others have. */
static void modules(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678");
    int64_t one = account_new(g, user, "a@b.in"), two = account_new(g, user, "c@d.in");

    assert_int_equal(account_module_take(g->db, &boss, one, "orders"), DB_OK);
    assert_int_equal(account_module_take(g->db, &boss, two, "orders"), DB_OK);
    assert_int_equal(account_module_take(g->db, &boss, two, "inventory"), DB_OK);
    assert_int_equal(account_module_give(g->db, &boss, one, "orders"), DB_OK);
    assert_string_equal(text_of(g, "SELECT group_concat(account_id || module) FROM"
                                   " (SELECT * FROM module_off ORDER BY module)"),
                        "2inventory,2orders");
    assert_int_equal(account_module_take(g->db, &boss, one, "everything"), DB_NONE);
}

static void of_nobody(void **state)
{
    struct ground *g = *state;
    int64_t id;

    assert_int_equal(create(g, 77, "x@example.in", &id), DB_ERR);
    assert_int_equal(number_of(g, "SELECT count(*) FROM account"), 0);
}

static void user_once(void **state)
{
    struct ground *g = *state;
    struct user_details d = { "+919812345678", "Asha", "hi", "Pune 411001", "Diyas" };
    struct user_details other = { "+919812345678", "Somebody", "en", "", "" };
    int64_t id, again;
    json_t *row;

    assert_int_equal(user_by_mobile(g->db, d.mobile, &row), DB_NONE);
    assert_int_equal(user_create(g->db, &d, &id), DB_OK);
    assert_int_equal(user_create(g->db, &other, &again), DB_OK);
    assert_int_equal(id, again);
    assert_int_equal(user_by_mobile(g->db, d.mobile, &row), DB_OK);
    assert_string_equal(text_in(row, "name"), "Asha");
    assert_string_equal(text_in(row, "lang"), "hi");
    assert_string_equal(text_in(row, "address"), "Pune 411001");
    assert_string_equal(text_in(row, "makes"), "Diyas");
    assert_string_equal(text_in(row, "state"), "active");
    user_new(g, "+919800000007"); /* nobody waits unless it is set so */
    assert_int_equal(number_of(g, "SELECT count(*) FROM user WHERE state = 'active'"), 2);
}

static void approval(void **state)
{
    struct ground *g = *state;
    int64_t first, second;
    json_t *rows;

    assert_int_equal(setting_change(g->db, &boss, "signup_approval", "1"), DB_ERR);
    run(g, "INSERT INTO setting VALUES ('signup_approval', '1')");
    first = user_new(g, "+919800000000");
    second = user_new(g, "+919812345678");
    assert_int_equal(user_waiting(g->db, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(int_in(json_array_get(rows, 0), "id"), second);
    assert_int_equal(user_approve(g->db, &boss, first), DB_NONE);
    assert_int_equal(user_approve(g->db, &boss, second), DB_OK);
    assert_int_equal(user_approve(g->db, &boss, second), DB_NONE);
    assert_int_equal(number_of(g, "SELECT count(*) FROM user WHERE state = 'active'"), 2);
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE user_id = 2"),
                     1);
    assert_int_equal(setting_change(g->db, &boss, "signup_approval", ""), DB_OK);
    user_new(g, "+919812345679");
    assert_int_equal(number_of(g, "SELECT count(*) FROM user WHERE state = 'waiting'"),
                     0);
}

static void admin_made(void **state)
{
    struct ground *g = *state;
    json_t *row;

    assert_int_equal(user_make_admin(g->db, "+919812345678"), DB_NONE);
    user_new(g, "+919812345678");
    assert_int_equal(user_make_admin(g->db, "+919812345678"), DB_OK);
    assert_int_equal(user_find(g->db, 1, &row), DB_OK);
    assert_true(json_is_true(json_object_get(row, "is_admin")));
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE user_id IS NULL"
                                  " AND account_id IS NULL AND kind = 'user.admin'"),
                     1);
}

static void admin_sees(void **state)
{
    const struct user_filter any_user = { "", "" };
    const struct account_filter any_account = { "", "" };
    struct ground *g = *state;
    int64_t admin = user_new(g, "+919800000000"), user = user_new(g, "+919812345678");
    int64_t account = account_new(g, user, "a@b.in");
    json_t *rows;

    assert_int_equal(user_list(g->db, &any_user, 0, 1, &rows), DB_OK);
    assert_int_equal(int_in(json_array_get(rows, 0), "id"), user);
    assert_int_equal(user_list(g->db, &any_user, user, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(account_list(g->db, &any_account, 0, 10, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "user_mobile"), "+919812345678");
    refused(g, user_suspend(g->db, &boss, admin), 409, NULL, "refusal.yourself");
    refused(g, user_restore(g->db, &boss, user), 409, NULL, "refusal.state_already");
    assert_int_equal(user_restore(g->db, &boss, 99), DB_NONE);
    assert_int_equal(user_suspend(g->db, &boss, user), DB_OK);
    refused(g, user_suspend(g->db, &boss, user), 409, NULL, "refusal.state_already");
    assert_int_equal(account_suspend(g->db, &boss, account), DB_OK);
    refused(g, account_suspend(g->db, &boss, account), 409, NULL, "refusal.state_already");
    assert_int_equal(account_suspend(g->db, &boss, 99), DB_NONE);
    assert_int_equal(account_list_of_user(g->db, user, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE user_id = 1"),
                     2);
}

static void settings(void **state)
{
    struct ground *g = *state;

    user_new(g, "+919800000000");
    assert_string_equal(setting_get(g->db, "x"), "");
    assert_int_equal(setting_change(g->db, &boss, "x", "1"), DB_OK);
    assert_int_equal(setting_change(g->db, &boss, "x", "1"), DB_OK);
    assert_int_equal(setting_change(g->db, &boss, "x", "2"), DB_OK);
    assert_string_equal(setting_get(g->db, "x"), "2");
    assert_string_equal(text_of(g,
                                "SELECT group_concat(subject || before || '>' || after)"
                                " FROM audit_entry WHERE kind = 'setting.changed'"),
                        "x>1,x1>2");
}

static void changed(void **state)
{
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678");
    int64_t one = account_new(g, user, "one@b.in"), two = account_new(g, user, "two@b.in");
    const struct actor actor = { user, one, "203.0.113.7" };
    struct account_details d = { "TWO@b.in", "Pots", "Pune", "Asia/Dubai", NULL };

    refused(g, account_update(g->db, &actor, &d), 422, "email", "refusal.email_taken");
    d.email = "New@b.in";
    d.zone = "Moon/Base";
    refused(g, account_update(g->db, &actor, &d), 422, "zone", "refusal.zone");
    d.zone = "Asia/Dubai";
    run(g, "UPDATE account SET has_made_email = 1 WHERE email = 'one@b.in'");
    assert_int_equal(account_update(g->db, &actor, &d), DB_OK);
    assert_string_equal(text_of(g, "SELECT printf('%s|%s|%s|%s|%d', email, name, address,"
                                   " zone, has_made_email) FROM account WHERE id = 1"),
                        "New@b.in|Pots|Pune|Asia/Dubai|0");
    assert_string_equal(text_of(g, "SELECT before || ' > ' || after FROM audit_entry WHERE"
                                   " kind = 'account.changed'"),
                        "Asha's home, , Asia/Kolkata > New@b.in, Pots, Pune,"
                        " Asia/Dubai");
    /* Its own name in other letters is not another's; left out, it stays. */
    d.email = "new@B.in";
    assert_int_equal(account_update(g->db, &actor, &d), DB_OK);
    d.email = NULL;
    d.name = "Pots and pans";
    assert_int_equal(account_update(g->db, &actor, &d), DB_OK);
    assert_string_equal(text_of(g, "SELECT email || name FROM account WHERE id = 1"),
                        "new@B.inPots and pans");
    assert_string_equal(text_of(g, "SELECT name FROM account WHERE id = 2"), "Asha's home");
    assert_int_equal(two, 2);
}

static void user_changed(void **state)
{
    struct ground *g = *state;
    const struct actor actor = { user_new(g, "+919812345678"), 0, "203.0.113.7" };
    struct user_details d = { NULL, "", NULL, "Pune", "pots" };

    refused(g, user_update(g->db, &actor, &d), 422, "name", "refusal.name_missing");
    d.name = "Asha Devi";
    assert_int_equal(user_update(g->db, &actor, &d), DB_OK);
    assert_string_equal(text_of(g, "SELECT name || mobile || lang || address || makes FROM"
                                   " user"),
                        "Asha Devi+919812345678enPunepots");
    assert_string_equal(text_of(g, "SELECT before || ' > ' || after FROM audit_entry WHERE"
                                   " kind = 'user.name'"),
                        "Asha > Asha Devi");
}

static struct chat_registration artisan(void)
{
    return (struct chat_registration) {
        "+919812345678", "Ravi Kumhar", "hi", "Khurja, 203131", "Diyas", "", ""
    };
}

static void chat_makes_all(void **state)
{
    struct ground *g = *state;
    struct chat_registration r = artisan();
    int64_t user, account, user2, account2;
    json_t *row;

    assert_int_equal(account_register_chat(g->db, &r, &user, &account), DB_OK);
    assert_int_equal(account_find(g->db, account, &row), DB_OK);
    assert_string_equal(text_in(row, "email"), ""); /* one that no mail reaches is not shown */
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE subject LIKE"
                                  " '%.invalid'"), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM account WHERE has_made_email = 1 AND"
                                  " email LIKE '%@chat.invalid'"), 1);
    assert_int_equal(vendor_find(g->db, account, &row), DB_OK);
    assert_string_equal(text_in(row, "trade_name"), "Ravi Kumhar");
    assert_string_equal(text_in(row, "state"), "asked");
    assert_string_equal(text_in(row, "state_code"), "09");
    assert_string_equal(text_in(row, "gst_status"), "unregistered");
    assert_string_equal(text_in(row, "mobile"), "+919812345678");
    assert_int_equal(account_register_chat(g->db, &r, &user2, &account2), DB_OK);
    assert_int_equal(user, user2);
    assert_int_equal(account, account2);
    assert_int_equal(number_of(g, "SELECT count(*) FROM account"), 1);
    r.mobile = "+919812345679";
    assert_int_equal(account_register_chat(g->db, &r, &user2, &account2), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(DISTINCT email) FROM account"), 2);
}

static void chat_needs_a_state(void **state)
{
    struct ground *g = *state;
    struct chat_registration r = artisan();
    int64_t user, account;

    r.address = "Khurja";
    refused(g, account_register_chat(g->db, &r, &user, &account), 422, "address",
            "refusal.address_pin");
    assert_int_equal(number_of(g, "SELECT count(*) FROM user"), 0);
    assert_int_equal(number_of(g, "SELECT count(*) FROM account"), 0);
    r.state_code = "09";
    assert_int_equal(account_register_chat(g->db, &r, &user, &account), DB_OK);
}

static void chat_grants(void **state)
{
    struct ground *g = *state;
    struct chat_registration r = artisan();
    int64_t user, account;

    run(g, "INSERT INTO setting VALUES ('chat_grants_vendor', '1')");
    r.upi = "wrong";
    refused(g, account_register_chat(g->db, &r, &user, &account), 422, "upi",
            "refusal.upi");
    r.upi = "ravi@upi";
    assert_int_equal(account_register_chat(g->db, &r, &user, &account), DB_OK);
    assert_string_equal(text_of(g, "SELECT state || upi FROM vendor"),
                        "approvedravi@upi");
}

static void chat_of_a_user(void **state)
{
    struct ground *g = *state;
    struct chat_registration r = artisan();
    int64_t known = user_new(g, "+919812345678"), mine = account_new(g, known, "r@b.in");
    int64_t shop = account_new(g, known, "s@b.in"), user, account;

    assert_int_equal(account_register_chat(g->db, &r, &user, &account), DB_OK);
    assert_int_equal(user, known);
    assert_int_equal(account, mine);
    run(g, "UPDATE vendor SET account_id = 2, reason = 'x', state = 'declined'");
    assert_int_equal(account_register_chat(g->db, &r, &user, &account), DB_OK);
    assert_int_equal(account, shop);
    assert_string_equal(text_of(g, "SELECT state FROM vendor"), "declined");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "ACC-3 an account and its primary user", account_made, ground_open,
          ground_close, NULL },
        { "ACC-2 the user's accounts, by name", listed, ground_open, ground_close, NULL },
        { "ACC-4 a module taken and given back", modules, ground_open, ground_close, NULL },
        { "ACC-3 an account is somebody's", of_nobody, ground_open, ground_close, NULL },
        { "ACC-1 one user a number", user_once, ground_open, ground_close, NULL },
        { "ACC-1 sign-ups wait when set so", approval, ground_open, ground_close, NULL },
        { "ACC-8 an admin is made", admin_made, ground_open, ground_close, NULL },
        { "ACC-8 the admin sees and suspends", admin_sees, ground_open, ground_close,
          NULL },
        { "ACC-8 ACC-10 settings are in the log", settings, ground_open, ground_close, NULL },
        { "ACC-3 an account's details are changed", changed, ground_open, ground_close, NULL },
        { "ACC-1 a user's details are changed", user_changed, ground_open, ground_close,
          NULL },
        { "WA-1 a chat makes user, account, request", chat_makes_all, ground_open,
          ground_close, NULL },
        { "WA-1 the PIN code tells the State", chat_needs_a_state, ground_open,
          ground_close, NULL },
        { "WA-4 the role granted at once", chat_grants, ground_open, ground_close, NULL },
        { "WA-1 a known user registers in chat", chat_of_a_user, ground_open,
          ground_close, NULL },
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
