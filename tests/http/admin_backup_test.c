/* Backups on the admin's page: made while it serves, loaded down whole, checked, put in place
 * with the present state kept; a broken or foreign file changes nothing (SYS-6). */
#include "ground.h"

#include <dirent.h>

struct world {
    struct shop shop;
    struct browser admin, other;
    char name[80];
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    sign_up(&w->other, &w->shop, "+919000000003", "Other");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    browser_free(&w->other);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

/* Until no task is open; the newest one. */
static const json_t *task_wait(struct world *w)
{
    for (int i = 0; i < 600; i++) {
        assert_int_equal(get(&w->admin, "/admin/backups"), 200);
        if (json_is_false(json_object_get(w->admin.json, "is_open")))
            break;
        usleep(50 * 1000);
    }
    assert_true(json_is_false(json_object_get(w->admin.json, "is_open")));
    return json_array_get(json_object_get(w->admin.json, "tasks"), 0);
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static void backup_now(struct world *w)
{
    const json_t *task;

    assert_int_equal(post(&w->admin, "/admin/backups", "{}"), 201);
    task = task_wait(w);
    assert_string_equal(text(task, "state"), "done");
    snprintf(w->name, sizeof w->name, "%s", text(task, "name"));
}

static long do_with(struct world *w, const char *name, const char *what)
{
    char path[200];

    snprintf(path, sizeof path, "/admin/backups/%s/%s", name, what);
    return post(&w->admin, path, "{}");
}

static void file_write(const struct world *w, const char *name, const void *bytes, size_t n)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof path, "%s/backups/%s", w->shop.dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static int folders(const struct world *w, const char *prefix)
{
    DIR *d = opendir(w->shop.dir);
    struct dirent *e;
    int n = 0;

    while ((e = readdir(d)))
        n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    closedir(d);
    return n;
}

static void test_made_loaded_checked(void **state)
{
    struct world *w = *state;
    char path[200];
    struct stat st;

    assert_int_equal(get(&w->admin, "/admin/backups"), 200);
    assert_true(json_is_false(json_object_get(w->admin.json, "has_files")));
    backup_now(w);
    snprintf(path, sizeof path, "%s/backups/%s", w->shop.dir, w->name);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    snprintf(path, sizeof path, "/admin/backups/%s", w->name);
    assert_int_equal(get(&w->other, path), 404);
    assert_int_equal(get(&w->admin, path), 200);
    assert_int_equal(w->admin.size, (size_t)st.st_size);
    assert_memory_equal(w->admin.body + 257, "ustar", 5);
    file_write(w, "moved-here.tar", w->admin.body, w->admin.size);
    assert_int_equal(do_with(w, "moved-here.tar", "check"), 201);
    assert_string_equal(text(task_wait(w), "state"), "done");
    assert_non_null(strstr(w->admin.body, "\"is_good\":true"));
    assert_int_equal(folders(w, "before-"), 0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind IN"
                                       " ('backup.make', 'backup.downloaded',"
                                       " 'backup.check')"),
                     3);
    assert_int_equal(do_with(w, "moved-here.tar", "delete"), 200);
    assert_int_equal(do_with(w, "moved-here.tar", "delete"), 404);
    assert_int_equal(do_with(w, w->name, "delete"), 200);
    assert_int_equal(get(&w->admin, path), 404);
}

static void test_names(void **state)
{
    struct world *w = *state;
    static const char *const wrong[] = {
        "..", "%2e%2e", "..%2finvichat.db", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "invichat.db",
        "..%2fkey", "x.tar", ".tar", "a..tar", "A.TAR", "a%00.tar", "-x.tar", "a%20b.tar",
        "%2fetc%2fpasswd.tar",
    };
    char path[200];

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(path, sizeof path, "/admin/backups/%s", wrong[i]);
        curl_easy_setopt(w->admin.curl, CURLOPT_PATH_AS_IS, 1L);
        assert_in_range(get(&w->admin, path), 400, 499);
        assert_in_range(do_with(w, wrong[i], "restore"), 400, 499);
        assert_in_range(do_with(w, wrong[i], "delete"), 400, 499);
    }
    snprintf(path, sizeof path, "%s/backups/link.tar", w->shop.dir);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(get(&w->admin, "/admin/backups/link.tar"), 404);
    assert_int_equal(do_with(w, "link.tar", "check"), 404);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM backup_task"), 0);
}

/* Nothing was changed by it, and the page says so. */
static void broken(struct world *w, const char *name)
{
    const json_t *task;

    assert_int_equal(do_with(w, name, "restore"), 201);
    task = task_wait(w);
    assert_string_equal(text(task, "state"), "failed");
    assert_string_equal(text(task, "error"), "backup.broken");
    assert_int_equal(folders(w, "before-"), 0);
    assert_int_equal(folders(w, "restore-"), 0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user"), 2);
}

static void test_broken(void **state)
{
    struct world *w = *state;
    char *bytes;
    size_t n;
    char path[200];

    backup_now(w);
    snprintf(path, sizeof path, "/admin/backups/%s", w->name);
    assert_int_equal(get(&w->admin, path), 200);
    n = w->admin.size;
    bytes = malloc(n);
    memcpy(bytes, w->admin.body, n);
    file_write(w, "empty.tar", "", 0);
    file_write(w, "words.tar", "no archive at all", 17);
    file_write(w, "half.tar", bytes, n / 2);
    memset(bytes + n / 3, 0x55, 20000);
    file_write(w, "damaged.tar", bytes, n);
    free(bytes);
    broken(w, "empty.tar");
    broken(w, "words.tar");
    broken(w, "half.tar");
    broken(w, "damaged.tar");
    assert_int_equal(browser_send(&w->admin, "/admin/backups", NULL, NULL, "Accept: text/html"),
                     200);
    assert_non_null(strstr(w->admin.body, "no whole backup"));
    assert_int_equal(get(&w->admin, "/admin/backups"), 200);
}

/* Whole, but a balance isn't the sum of its entries. */
static void test_out_of_balance(void **state)
{
    struct world *w = *state;

    assert_int_equal(post(&w->other, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"9\",\"unit\":\"piece\"}"),
                     201);
    sql_int(&w->shop, "UPDATE sku SET on_hand_milli = on_hand_milli + 1000");
    assert_int_equal(sql_int(&w->shop, "SELECT on_hand_milli FROM sku"), 10000);
    backup_now(w);
    broken(w, w->name);
    sql_int(&w->shop, "UPDATE sku SET on_hand_milli = on_hand_milli - 1000");
}

static void test_restored(void **state)
{
    struct world *w = *state;
    struct browser late;

    backup_now(w);
    sign_up(&late, &w->shop, "+919000000009", "Late");
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user"), 3);
    assert_int_equal(do_with(w, w->name, "restore"), 201);
    for (int i = 0; i < 600 && folders(w, "before-") == 0; i++)
        usleep(50 * 1000);
    assert_int_equal(folders(w, "before-"), 1);
    for (int i = 0; i < 200 && get(&w->admin, "/admin/backups") != 200; i++)
        usleep(50 * 1000);

    /* The same port, the same session, the state of then; the sign-up after it is gone. */
    assert_int_equal(w->admin.status, 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM user"), 2);
    assert_int_equal(get(&late, "/me"), 401);
    assert_int_equal(get(&w->other, "/me"), 200);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'backup.restored' AND after = 'Admin'"),
                     1);
    /* The page says that it was done, and nothing of what is there failed. */
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM backup_task WHERE state <> 'done'"),
                     0);
    assert_int_equal(sql_int(&w->shop, "SELECT kind = 'restore' FROM backup_task"
                                       " ORDER BY id DESC LIMIT 1"),
                     1);
    assert_int_equal(folders(w, "restore-"), 0);
    backup_now(w);
    browser_free(&late);
}

static long restore_by_form(struct world *w, const char *csrf, const char *once)
{
    char path[200], body[300];

    snprintf(path, sizeof path, "/admin/backups/%s/restore", w->name);
    snprintf(body, sizeof body, "csrf=%s&once=%s", csrf, once);
    return browser_send(&w->admin, path, "application/x-www-form-urlencoded", body,
                        "Accept: text/html");
}

/* What the browser sends again after a restore is the same request still. */
static void test_restored_once(void **state)
{
    struct world *w = *state;
    const char *tasks = "SELECT count(*) FROM backup_task WHERE kind = 'restore'"
                        " AND state <> 'done'";
    char csrf[80];

    assert_int_equal(get(&w->admin, "/admin/backups"), 200);
    snprintf(csrf, sizeof csrf, "%s", w->admin.csrf);
    backup_now(w);
    assert_int_equal(restore_by_form(w, csrf, "0123456789abcdef01234567"), 303);
    for (int i = 0; i < 600 && folders(w, "before-") == 0; i++)
        usleep(50 * 1000);
    for (int i = 0; i < 200 && get(&w->admin, "/admin/backups") != 200; i++)
        usleep(50 * 1000);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM audit_entry WHERE kind ="
                                       " 'backup.restored'"),
                     1);
    assert_int_equal(sql_int(&w->shop, tasks), 0);
    assert_int_equal(restore_by_form(w, csrf, "0123456789abcdef01234567"), 303);
    assert_int_equal(sql_int(&w->shop, tasks), 0);
    usleep(300 * 1000);
    assert_int_equal(folders(w, "before-"), 1);
    /* Another press is another request. */
    assert_int_equal(restore_by_form(w, csrf, "0123456789abcdef01234568"), 303);
    assert_int_equal(sql_int(&w->shop, tasks), 1);
    for (int i = 0; i < 600 && folders(w, "before-") < 2; i++)
        usleep(50 * 1000);
    assert_int_equal(folders(w, "before-"), 2);
    for (int i = 0; i < 200 && get(&w->admin, "/admin/backups") != 200; i++)
        usleep(50 * 1000);
}

/* Two presses: one is done, the other is told so. Pages go on meanwhile. */
static void test_busy(void **state)
{
    struct world *w = *state;
    int64_t one = post(&w->admin, "/admin/backups", "{}");
    int64_t other = post(&w->admin, "/admin/backups", "{}");

    assert_int_equal(one, 201);
    assert_true(other == 409 || sql_int(&w->shop, "SELECT count(*) FROM backup_task"
                                                  " WHERE state = 'done'") > 0);
    assert_int_equal(get(&w->admin, "/inventory"), 200);
    task_wait(w);
    shop_stop(&w->shop);
    sql_int(&w->shop, "INSERT INTO backup_task(kind, name, state, asked_ms) VALUES ('make',"
                      " 'then.tar', 'running', 1)");
    shop_start(&w->shop);
    for (int i = 0; i < 100 && sql_int(&w->shop, "SELECT count(*) FROM backup_task WHERE"
                                                 " state = 'running'");
         i++)
        usleep(50 * 1000);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM backup_task WHERE error ="
                                       " 'backup.stopped' AND state = 'failed'"),
                     1);
}

static void test_schedule(void **state)
{
    struct world *w = *state;

    assert_int_equal(post(&w->admin, "/admin/backups/schedule",
                          "{\"daily\":true,\"backup_hour\":24,\"backup_keep\":7}"),
                     422);
    assert_int_equal(post(&w->admin, "/admin/backups/schedule",
                          "{\"daily\":true,\"backup_hour\":0,\"backup_keep\":0}"),
                     422);
    assert_int_equal(post(&w->admin, "/admin/backups/schedule",
                          "{\"daily\":true,\"backup_hour\":0,\"backup_keep\":1000000000}"),
                     422);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM setting WHERE key NOT IN"
                                       " ('first_admin', 'push_key')"),
                     0);
    for (int i = 1; i <= 4; i++) {
        char name[40];

        snprintf(name, sizeof name, "2020-01-0%d-020000-auto.tar", i);
        file_write(w, name, "x", 1);
        usleep(20 * 1000);
    }
    file_write(w, "by-hand.tar", "x", 1); /* what was put there by hand stays */
    /* The installation is older than the day's hour: one is owed at once, two are kept. */
    sql_int(&w->shop, "UPDATE migration SET at_ms = 1000");
    assert_int_equal(post(&w->admin, "/admin/backups/schedule",
                          "{\"daily\":true,\"backup_hour\":0,\"backup_keep\":2}"),
                     200);
    for (int i = 0; i < 200 && sql_int(&w->shop, "SELECT count(*) FROM backup_task WHERE"
                                                 " state = 'done'") < 1;
         i++)
        usleep(50 * 1000);
    usleep(200 * 1000);
    assert_int_equal(get(&w->admin, "/admin/backups"), 200);
    assert_int_equal(json_array_size(json_object_get(w->admin.json, "files")), 3);
    assert_non_null(strstr(w->admin.body, "\"by-hand.tar\""));
    assert_null(strstr(w->admin.body, "\"2020-01-03-020000-auto.tar\""));
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM backup_task WHERE user_id IS"
                                       " NULL"),
                     1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_made_loaded_checked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out_of_balance, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restored, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restored_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_schedule, setup, teardown),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SYS-6 backups", tests, NULL, NULL);
}
