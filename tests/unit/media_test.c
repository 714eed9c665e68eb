/* How children are started, watched and shut in. This program plays them: started as
 * `media VERB`, it misbehaves as the verb says. */
#include "media_ground.h"
#include "server/documents/sandbox.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static enum media_rc run(struct fixture *f, const char *verb, struct media_answer *out)
{
    struct media_job job = { .verb = verb,
                             .in = open("/dev/null", O_RDONLY | O_CLOEXEC),
                             .out_max = 100000 };
    enum media_rc rc = media_run(f->media, f->arena, &job, out);

    close(job.in);
    return rc;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void test_late_child_is_killed(void **state)
{
    static const char *const verbs[] = { "sleep", "sleep-silent" };
    struct fixture *f = *state;
    struct media_answer answer;

    media_free(f->media);
    f->media = media_new(NULL, 300);
    for (size_t i = 0; i < 2; i++) {
        int64_t from = now_ms();

        assert_int_equal(run(f, verbs[i], &answer), MEDIA_FAILED);
        assert_string_equal(answer.why, "photo.failed");
        assert_in_range(now_ms() - from, 250, 2500);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
    }
}

static void test_children_that_misbehave(void **state)
{
    struct fixture *f = *state;
    struct media_answer answer;

    assert_int_equal(run(f, "chatty", &answer), MEDIA_FAILED);
    assert_int_equal(run(f, "fail", &answer), MEDIA_FAILED);
    assert_int_equal(run(f, "crash", &answer), MEDIA_REFUSED);
    assert_string_equal(answer.why, "photo.broken");
    assert_int_equal(run(f, "forbidden", &answer), MEDIA_FAILED);
    assert_int_equal(run(f, "invents", &answer), MEDIA_FAILED);
    assert_string_equal(answer.why, "photo.failed");
    assert_int_equal(run(f, "no-such-verb", &answer), MEDIA_FAILED);
    media_free(f->media);
    f->media = media_new("/nonexistent/program", 0);
    assert_int_equal(run(f, "picture", &answer), MEDIA_FAILED);
}

static void test_child_inherits_nothing(void **state)
{
    struct media_answer answer;
    int leaked = open("/etc/passwd", O_RDONLY); /* without O_CLOEXEC */
    int before = entries("/proc/self/fd");

    assert_true(leaked > 2);
    setenv("INVICHAT_SECRET", "shh", 1);
    assert_int_equal(run(*state, "look", &answer), MEDIA_OK);
    assert_string_equal(answer.out, "fds 0 1 2 env 0");
    unsetenv("INVICHAT_SECRET");
    assert_int_equal(entries("/proc/self/fd"), before);
    close(leaked);
}

enum { NAPPERS = 6, NAP_MS = 200 };

static void *napper_run(void *media)
{
    struct fixture f = { arena_new(), media };
    struct media_answer answer;
    enum media_rc rc = run(&f, "nap", &answer);

    arena_free(f.arena);
    return rc == MEDIA_OK ? media : NULL;
}

static void test_two_children_at_a_time(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[NAPPERS];
    int64_t from = now_ms();

    for (int i = 0; i < NAPPERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, napper_run, f->media), 0);
    for (int i = 0; i < NAPPERS; i++) {
        void *ok;

        pthread_join(threads[i], &ok);
        assert_non_null(ok);
    }
    assert_true(now_ms() - from >= NAPPERS / 2 * NAP_MS);
}

/* --- the sandbox --- */

enum attempt { READ_FILE, WRITE_FILE, CONNECT, RUN_PROGRAM, NEW_PROCESS };

/* How a process ends that shuts itself in and then tries something. */
static int attempt_status(enum sandbox kind, enum attempt what)
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        if (!sandbox_limits(2000, 5) || !sandbox_enter(kind))
            _exit(9);
        switch (what) {
        case READ_FILE: _exit(open("/etc/hostname", O_RDONLY) >= 0 ? 0 : 1);
        case WRITE_FILE: _exit(open("/dev/null", O_WRONLY) >= 0 ? 0 : 1);
        case CONNECT: _exit(socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : 1);
        case RUN_PROGRAM: _exit(execl("/bin/true", "true", (char *)NULL) ? 1 : 0);
        case NEW_PROCESS: _exit(fork() >= 0 ? 0 : 1);
        }
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* SEC-26 SEC-44 */
static void test_sandbox_takes_rights_away(void **state)
{
    (void)state;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    for (enum attempt what = READ_FILE; what <= NEW_PROCESS; what++)
        assert_int_equal(attempt_status(SANDBOX_COMPUTE, what), 1000 + SIGSYS);
    assert_int_equal(attempt_status(SANDBOX_READ, READ_FILE), 0);
    assert_int_equal(attempt_status(SANDBOX_READ, WRITE_FILE), 1);
    for (enum attempt what = CONNECT; what <= NEW_PROCESS; what++)
        assert_int_equal(attempt_status(SANDBOX_READ, what), 1000 + SIGSYS);
#else
    assert_int_equal(attempt_status(SANDBOX_COMPUTE, READ_FILE), 0);
#endif
}

/* --- children for the tests above --- */

static int child_look(char **env)
{
    int secrets = 0;

    printf("fds");
    for (int fd = 0; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf(" %d", fd);
    for (; *env; env++)
        secrets += strncmp(*env, "INVICHAT", 8) == 0;
    printf(" env %d", secrets);
    return 0;
}

static int child_main(const char *verb)
{
    if (strcmp(verb, "sleep-silent") == 0)
        for (int fd = 0; fd < 3; fd++)
            close(fd);
    if (strncmp(verb, "sleep", 5) == 0)
        sleep(60);
    while (strcmp(verb, "chatty") == 0)
        if (write(1, verb, 6) < 0)
            return 1;
    if (strcmp(verb, "crash") == 0)
        abort();
    if (strcmp(verb, "forbidden") == 0)
        raise(SIGSYS);
    if (strcmp(verb, "invents") == 0)
        return printf("photo.invented") > 0 ? MEDIA_EXIT_REFUSED : 1;
    if (strcmp(verb, "nap") == 0)
        return usleep(NAP_MS * 1000);
    if (strcmp(verb, "look") == 0)
        return child_look(environ);
    fprintf(stderr, "failed on\npurpose");
    return 1;
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }
    const struct CMUnitTest tests[] = {
        TEST("SYS-1 a late child is killed", test_late_child_is_killed),
        TEST("SYS-1 children that misbehave", test_children_that_misbehave),
        TEST("SYS-1 a child inherits nothing", test_child_inherits_nothing),
        TEST("SYS-1 the sandbox takes rights away", test_sandbox_takes_rights_away),
        TEST("SYS-1 two children at a time", test_two_children_at_a_time),
    };

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return child_main(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
