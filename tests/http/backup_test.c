/* SYS-6: backups made while everything goes on, and restores that are cut in the middle. */
#include "ground.h"

#include "wire.h"

struct world {
    struct shop shop;
    struct browser admin;
    char tar[96];
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    snprintf(w->tar, sizeof w->tar, "%s.tar", w->shop.dir);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    browser_free(&w->admin);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    unlink(w->tar);
    free(w);
    return 0;
}

static void tool(const char *const *argv)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s %s failed", argv[0], argv[1]);
}

#define TOOL(...) tool((const char *const[]){ __VA_ARGS__, NULL })

static const char *in(const struct world *w, const char *name, char out[200])
{
    snprintf(out, 200, "%s/%s", w->shop.dir, name);
    return out;
}

static bool is_there(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

/* --- photos that come and go --- */

struct painter {
    const struct world *w;
    _Atomic bool over;
};

static void *paint(void *arg)
{
    struct painter *p = arg;
    static char bytes[64 * 1024];
    char path[200], name[40];

    for (int i = 0; !p->over; i++) {
        snprintf(name, sizeof name, "media/new%d.jpg", i % 50);
        in(p->w, name, path);
        if (i % 3 == 2) {
            unlink(path);
        } else {
            int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

            if (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
                close(fd);
        }
    }
    return NULL;
}

static void test_while_photos_change(void **state)
{
    struct world *w = *state;
    struct painter p = { w, false };
    pthread_t thread;
    char path[200], size[40];

    for (int i = 0; i < 60; i++) {
        snprintf(size, sizeof size, "media/old%d.jpg", i);
        TOOL("truncate", "-s", "1M", in(w, size, path));
    }
    assert_int_equal(pthread_create(&thread, NULL, paint, &p), 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(shop_command(&w->shop, "backup", w->tar), 0);
    p.over = true;
    pthread_join(thread, NULL);
    snprintf(path, sizeof path, "%s.out", w->shop.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    TOOL("tar", "xf", w->tar, "-C", path);
    snprintf(path, sizeof path, "%s.out/media/old59.jpg", w->shop.dir);
    assert_true(is_there(path));
    snprintf(path, sizeof path, "%s.out", w->shop.dir);
    nftw(path, path_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- names, and what is left --- */

static void test_names(void **state)
{
    struct world *w = *state;
    char path[200], here[400], folder[200];

    assert_non_null(getcwd(here, sizeof here));
    snprintf(folder, sizeof folder, "%s.here", w->shop.dir);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(chdir(folder), 0);
    if (ground_program[0] != '/') {
        char full[512];

        snprintf(full, sizeof full, "%s/%.100s", here, ground_program);
        strcpy(ground_program, full);
    }
    assert_int_equal(shop_command(&w->shop, "backup", "host:a b.tar"), 0);
    assert_true(is_there("host:a b.tar"));
    assert_int_not_equal(shop_command(&w->shop, "restore", "host:a b.tar"), 0); /* it serves */
    assert_false(is_there("host:a b.tar.new"));
    {
        struct shop beside = w->shop; /* the folder by a relative name */

        assert_true((size_t)snprintf(beside.dir, sizeof beside.dir, "../%s",
                                     strrchr(w->shop.dir, '/') + 1) < sizeof beside.dir);
        assert_int_equal(shop_command(&beside, "backup", "b.tar"), 0);
        assert_true(is_there("b.tar"));
    }
    assert_int_equal(mkdir("taken", 0700), 0);
    assert_int_equal(mkdir("taken/x", 0700), 0);
    assert_int_not_equal(shop_command(&w->shop, "backup", "taken"), 0);
    assert_false(is_there("taken.new"));
    assert_int_equal(chdir(here), 0);
    nftw(folder, path_remove, 16, FTW_DEPTH | FTW_PHYS);
    in(w, "tmp", path);
    assert_int_equal(rmdir(path), 0); /* nothing was left there */
    assert_int_equal(mkdir(path, 0700), 0);
}

/* --- a newer program backs up what an older one serves --- */

static void test_nothing_is_migrated(void **state)
{
    struct world *w = *state;

    sql_int(&w->shop, "CREATE TABLE put_aside AS SELECT checksum AS sum FROM migration"
                      " WHERE name LIKE '%0006-limits%'");
    sql_int(&w->shop, "DELETE FROM migration WHERE name LIKE '%0006-limits%'");
    assert_int_equal(shop_command(&w->shop, "backup", w->tar), 0);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM migration"
                                       " WHERE name LIKE '%0006-limits%'"),
                     0);
    sql_int(&w->shop, "INSERT INTO migration SELECT 'migrations/0006-limits.sql', sum, 1"
                      " FROM put_aside");
    sql_int(&w->shop, "DROP TABLE put_aside");
}

/* --- restores --- */

enum { NOTHING, MEDIA_ASIDE, MEDIA_IN, LOG_ASIDE, BASE_ASIDE, BASE_IN, CUTS };

/* As a power cut leaves it at each step of the way. */
static void cut_at(const struct world *w, int step)
{
    char a[200], b[200];

    TOOL("mkdir", in(w, "restored-77", a));
    TOOL("tar", "xf", w->tar, "-C", a);
    if (step == NOTHING)
        return;
    TOOL("mkdir", in(w, "before-77", a));
    TOOL("mv", in(w, "media", a), in(w, "before-77/media", b));
    if (step == MEDIA_ASIDE)
        return;
    TOOL("mv", in(w, "restored-77/media", a), in(w, "media", b));
    if (step == MEDIA_IN)
        return;
    if (is_there(in(w, "invichat.db-wal", a)))
        TOOL("mv", a, in(w, "before-77/invichat.db-wal", b));
    if (is_there(in(w, "invichat.db-shm", a)))
        TOOL("mv", a, in(w, "before-77/invichat.db-shm", b));
    if (step == LOG_ASIDE)
        return;
    TOOL("mv", in(w, "invichat.db", a), in(w, "before-77/invichat.db", b));
    if (step == BASE_ASIDE)
        return;
    TOOL("mv", in(w, "restored-77/invichat.db", a), in(w, "invichat.db", b));
}

static void test_restore_is_cut(void **state)
{
    struct world *w = *state;
    char path[200], other[200];

    TOOL("touch", in(w, "media/then.jpg", path));
    assert_int_equal(shop_command(&w->shop, "backup", w->tar), 0);
    for (int step = 0; step < CUTS; step++) {
        sql_int(&w->shop, "INSERT INTO setting VALUES ('since', '1')");
        TOOL("touch", in(w, "media/since.jpg", path));
        shop_kill(&w->shop); /* its log of the database stays */
        cut_at(w, step);
        if (step < BASE_IN)
            assert_int_not_equal(shop_command(&w->shop, "check", NULL), 0);
        shop_start(&w->shop);
        assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM setting"
                                           " WHERE key = 'since'"),
                         0);
        assert_true(is_there(in(w, "media/then.jpg", path)));
        assert_false(is_there(in(w, "media/since.jpg", path)));
        assert_false(is_there(in(w, "restored-77", path)));
        assert_true(is_there(in(w, "before-77/media/since.jpg", path)));
        assert_true(is_there(in(w, "before-77/invichat.db", path)));
        assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
        w->admin.shop = &w->shop;
        assert_int_equal(get(&w->admin, "/accounts"), 200);
        TOOL("rm", "-rf", in(w, "before-77", other));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_while_photos_change), TEST(test_names), TEST(test_nothing_is_migrated),
        TEST(test_restore_is_cut),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SYS-6 backup and restore", tests, NULL, NULL);
}
