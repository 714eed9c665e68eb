/* Backup and restore: one tar archive of a copy of the database (made while writers go on)
 * and the photos. The key stays out of it. tar is Debian's, run without a shell. A restore
 * is checked in a folder of its own before anything is moved, and what was there is kept.
 * That folder's new name "restored-..." says that it is to be moved in: from then on the
 * restore is finished by whoever comes next, after a power cut the next start. */
#include "server/command.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* `most`: the largest exit status that is a success. */
static bool run(const char *const *argv, int most)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) <= most;
}

static bool sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

/* A new name is on disk when its folder is. */
static bool rename_synced(struct arena *a, const char *from, const char *to)
{
    const char *slash = strrchr(to, '/');

    return rename(from, to) == 0 &&
           sync_path(slash ? arena_printf(a, "%.*s", (int)(slash - to) + 1, to) : ".");
}

/* Photos don't change once they are written, but come and go meanwhile, of which tar speaks
 * with status 1: those of the copy are there, and a few besides. */
static bool archive(struct arena *a, const char *folder, const char *data, const char *to)
{
    const char *file = arena_printf(a, "--file=%s", to);

    return run((const char *const[]){ "tar", "--create", "--force-local", file,
                                      "--warning=no-file-changed",
                                      "--warning=no-file-removed", "--exclude=media/in",
                                      "--directory", folder, "invichat.db", "--directory",
                                      data, "media", NULL },
               1) &&
           sync_path(to);
}

/* The database is read only, whichever program's it is: nothing is migrated here. */
static bool copy_make(const char *data, struct arena *a, const char *to)
{
    struct db_file *f = db_file_open(arena_printf(a, "%s/invichat.db", data), 1, false);
    bool good = f && db_copy(f, to) == DB_OK;

    db_file_close(f);
    return good;
}

int command_backup(const struct options *o)
{
    struct arena *a = arena_new();
    const char *folder = arena_printf(a, "%s/tmp/backup-%lld", o->data,
                                      (long long)clock_ms());
    const char *copy = arena_printf(a, "%s/invichat.db", folder);
    const char *temp = arena_printf(a, "%s.new", o->word);
    char *whole = realpath(o->data, NULL);
    bool good;

    umask(0077);
    good = whole && mkdir(folder, 0700) == 0 && copy_make(o->data, a, copy) &&
           archive(a, folder, whole, temp) && rename_synced(a, temp, o->word);
    if (!good)
        unlink(temp);
    unlink(copy);
    rmdir(folder);
    if (good)
        printf("backed up to %s; keep %s/key apart from it\n", o->word, o->data);
    else
        fprintf(stderr, "no backup was made of %s\n", o->data);
    free(whole);
    arena_free(a);
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

static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* Moves DATA/<name> to `aside`, and `fresh`/<name> in its place; what was done before a power
 * cut isn't done again. */
static bool swap_in(struct arena *a, const char *data, const char *fresh, const char *aside,
                    const char *name)
{
    const char *there = arena_printf(a, "%s/%s", data, name);
    const char *from = arena_printf(a, "%s/%s", fresh, name);

    if (!is_there(from))
        return is_there(there);
    if (is_there(there) && rename(there, arena_printf(a, "%s/%s", aside, name)) != 0)
        return false;
    return rename(from, there) == 0;
}

/* Moves a checked restore in: `fresh` is DATA/restored-<stamp>. The log of the database that
 * goes would be read as the new one's, so it goes first. */
static bool move_in(struct arena *a, const char *data, const char *fresh, const char *stamp)
{
    const char *aside = arena_printf(a, "%s/before-%s", data, stamp);
    bool good = (mkdir(aside, 0700) == 0 || errno == EEXIST) &&
                swap_in(a, data, fresh, aside, "media");

    for (int i = 0; good && i < 2 && is_there(arena_printf(a, "%s/invichat.db", fresh)); i++) {
        const char *tail = i ? "-shm" : "-wal";

        good = rename(arena_printf(a, "%s/invichat.db%s", data, tail),
                      arena_printf(a, "%s/invichat.db%s", aside, tail)) == 0 ||
               errno == ENOENT;
    }
    good = good && swap_in(a, data, fresh, aside, "invichat.db") && sync_path(data) &&
           rmdir(fresh) == 0;
    if (good)
        log_info("restored; what was there is in %s", aside);
    else
        log_error("restore stopped folder=%s cause=%s", fresh, strerror(errno));
    return good;
}

/* The stamp of a restore that waits; NULL: none. */
static const char *restore_waiting(struct arena *a, const char *data)
{
    const char *stamp = NULL;
    DIR *dir = opendir(data);
    struct dirent *e;

    while (dir && !stamp && (e = readdir(dir)))
        if (strncmp(e->d_name, "restored-", 9) == 0)
            stamp = arena_dup(a, e->d_name + 9);
    if (dir)
        closedir(dir);
    return stamp;
}

bool restore_finish(const char *data)
{
    struct arena *a = arena_new();
    const char *stamp = restore_waiting(a, data);
    bool good = !stamp ||
                move_in(a, data, arena_printf(a, "%s/restored-%s", data, stamp), stamp);

    arena_free(a);
    return good;
}

bool restore_is_waiting(const char *data)
{
    struct arena *a = arena_new();
    bool waits = restore_waiting(a, data) != NULL;

    arena_free(a);
    return waits;
}

static bool unpack(struct arena *a, const char *from, const char *to)
{
    const char *file = arena_printf(a, "--file=%s", from);
    int fd;
    bool good = mkdir(to, 0700) == 0 &&
                run((const char *const[]){ "tar", "--extract", "--force-local",
                                           "--no-same-owner", file, "--directory", to,
                                           "invichat.db", "media", NULL },
                    0) &&
                restored_good(arena_printf(a, "%s/invichat.db", to));

    /* Checking it left nothing that counts beside it. */
    unlink(arena_printf(a, "%s/invichat.db-wal", to));
    unlink(arena_printf(a, "%s/invichat.db-shm", to));
    fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = good && fd >= 0 && syncfs(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

bool data_restore(const char *data, const char *archive)
{
    const struct options options = { .data = data, .word = archive }, *o = &options;
    struct arena *a = arena_new();
    long long stamp = (long long)clock_ms();
    const char *fresh = arena_printf(a, "%s/restore-%lld", o->data, stamp);
    bool good;

    umask(0077);
    mkdir(o->data, 0700);
    good = restore_finish(o->data) && unpack(a, o->word, fresh) &&
           rename_synced(a, fresh, arena_printf(a, "%s/restored-%lld", o->data, stamp));
    if (!good)
        fprintf(stderr, "%s is no whole backup, or the server runs; nothing was changed\n",
                o->word);
    else if (!(good = restore_finish(o->data)))
        fprintf(stderr, "the restore is not finished; the next start goes on with it\n");
    else
        printf("restored; what was there is in %s/before-%lld\n", o->data, stamp);
    if (is_there(fresh))
        run((const char *const[]){ "rm", "-rf", fresh, NULL }, 0);
    arena_free(a);
    return good;
}

int command_restore(const struct options *o)
{
    return data_lock(o->data) && data_restore(o->data, o->word) ? 0 : 1;
}
