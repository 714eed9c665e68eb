/* Backup and restore: one tar archive of a copy of the database (made while writers go on)
 * and the photos. The key stays out of it. tar is Debian's, run without a shell. A restore
 * is checked in a folder of its own before anything is moved, and what was there is kept. */
#include "server/command.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool run(const char *const *argv)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

int command_backup(const struct options *o)
{
    struct app app = { 0 };
    struct arena *a;
    const char *folder, *copy, *temp;
    bool good;

    if (!data_open(o->data, false, &app))
        return 1;
    a = arena_new();
    folder = arena_printf(a, "%s/tmp/backup-%lld", o->data, (long long)clock_ms());
    copy = arena_printf(a, "%s/invichat.db", folder);
    temp = arena_printf(a, "%s.new", o->word);
    good = mkdir(folder, 0700) == 0 && db_copy(app.db, copy) == DB_OK;
    good = good && run((const char *const[]){ "tar", "--create", "--file", temp,
                                              "--exclude=media/in", "--directory", folder,
                                              "invichat.db", "--directory", o->data,
                                              "media", NULL });
    good = good && sync_path(temp) && rename(temp, o->word) == 0;
    unlink(copy);
    rmdir(folder);
    if (good)
        printf("backed up to %s; keep %s/key apart from it\n", o->word, o->data);
    else
        fprintf(stderr, "no backup: %s\n", strerror(errno));
    arena_free(a);
    data_close(&app);
    return good ? 0 : 1;
}

bool data_lock(const char *folder)
{
    char path[4096];
    int fd;

    if ((size_t)snprintf(path, sizeof path, "%s/lock", folder) >= sizeof path)
        return false;
    mkdir(folder, 0700);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* held until the process ends */
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    log_error("%s folder=%s", fd >= 0 ? "another server uses the" : "cannot write in the",
              folder);
    if (fd >= 0)
        close(fd);
    return false;
}

/* The archive's database is whole and its balances agree. */
static bool restored_good(const char *path)
{
    struct db_file *f = db_file_open(path, 1, false);
    bool good = f && db_integrity(f) == 0 && check_balances(f) == 0;

    db_file_close(f);
    return good;
}

/* Moves DATA/<name> to `aside`, and `fresh`/<name> in its place. */
static bool swap_in(struct arena *a, const char *data, const char *fresh, const char *aside,
                    const char *name)
{
    const char *there = arena_printf(a, "%s/%s", data, name);

    if (rename(there, arena_printf(a, "%s/%s", aside, name)) != 0 && errno != ENOENT)
        return false;
    return rename(arena_printf(a, "%s/%s", fresh, name), there) == 0;
}

int command_restore(const struct options *o)
{
    struct arena *a = arena_new();
    const char *fresh = arena_printf(a, "%s/restore-%lld", o->data, (long long)clock_ms());
    const char *aside = arena_printf(a, "%s/before-%lld", o->data, (long long)clock_ms());
    const char *file = arena_printf(a, "%s/invichat.db", fresh);
    bool good;

    mkdir(o->data, 0700);
    good = data_lock(o->data) && mkdir(fresh, 0700) == 0 &&
           run((const char *const[]){ "tar", "--extract", "--no-same-owner", "--file",
                                      o->word, "--directory", fresh, "invichat.db", "media",
                                      NULL }) &&
           restored_good(file) && sync_path(file);
    if (!good) {
        fprintf(stderr, "%s is no whole backup, or the server runs; nothing was changed\n",
                o->word);
    } else {
        good = mkdir(aside, 0700) == 0 && swap_in(a, o->data, fresh, aside, "media");
        for (int i = 0; good && i < 2; i++) {
            const char *tail = i ? "-shm" : "-wal";

            rename(arena_printf(a, "%s/invichat.db%s", o->data, tail),
                   arena_printf(a, "%s/invichat.db%s", aside, tail));
        }
        good = good && swap_in(a, o->data, fresh, aside, "invichat.db") &&
               sync_path(o->data);
        printf("%s; what was there is in %s\n", good ? "restored" : "not restored", aside);
    }
    run((const char *const[]){ "rm", "-rf", fresh, NULL });
    arena_free(a);
    return good ? 0 : 1;
}
