/* A library to preload: every fsync and fdatasync takes 2 ms more, as on a disk of its own
 * kind; so what a commit costs is the same on every machine. */
#include <dlfcn.h>
#include <time.h>

enum { SLOW_NS = 2 * 1000 * 1000 };

static void sleep_some(void)
{
    struct timespec pause = { .tv_nsec = SLOW_NS };

    nanosleep(&pause, NULL);
}

int fsync(int fd)
{
    static int (*real)(int);

    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    sleep_some();
    return real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);

    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    sleep_some();
    return real(fd);
}
