/* The server blocks signals that its children have to hear. */
#include "server/jobs/child.h"

#include "db/base/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 20 * 1000 };

static pid_t child_start(const char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    pid_t pid;
    int error;

    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setpgroup(&attr, 0); /* its own children end with it */
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    error = posix_spawn(&pid, "/proc/self/exe", &actions, &attr,
                        (char *const *)(uintptr_t)argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error ? -1 : pid;
}

bool child_run(const char *const *argv, int64_t most_ms, bool (*stop)(void *), void *arg)
{
    int64_t deadline = clock_steady_ms() + most_ms;
    pid_t pid = child_start(argv), got;
    int status = -1;

    if (pid < 0)
        return false;
    while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
        if (stop(arg) || clock_steady_ms() > deadline) {
            kill(-pid, SIGTERM);
            waitpid(pid, &status, 0);
            return false;
        }
        usleep(LOOK_US);
    }
    return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
