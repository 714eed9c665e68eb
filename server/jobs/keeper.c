/* A backup is checked by restoring it into a folder of its own. One that is to be restored
 * for good is checked so first; then a note is left for the server, which stops serving,
 * puts the backup in place and goes on. */
#include "server/jobs/keeper.h"

#include "db/backup.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/setting.h"
#include "server/command.h"
#include "server/jobs/backup_folder.h"
#include "server/jobs/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TICK_SECONDS = 30, DAY_SECONDS = 86400, CHILD_HOURS = 3, SPARE_BYTES = 32 << 20 };

struct keeper {
    struct db_file *db;
    const char *data;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t news;
    bool stopping, woken;
};

static bool is_stopping(void *arg)
{
    struct keeper *k = arg;
    bool stopping;

    pthread_mutex_lock(&k->lock);
    stopping = k->stopping;
    pthread_mutex_unlock(&k->lock);
    return stopping;
}

static bool run(struct keeper *k, const char *const *argv)
{
    return child_run(argv, CHILD_HOURS * (int64_t)CLOCK_HOUR, is_stopping, k);
}

/* --- tasks; each answers the key of what went wrong, NULL: nothing --- */

static bool has_room(const struct keeper *k, int64_t bytes)
{
    int64_t room = folder_free(k->data);

    return room < 0 || bytes < 0 || room > bytes + SPARE_BYTES;
}

static const char *task_make(struct keeper *k, struct arena *a, const char *name)
{
    const char *path = backup_path(a, k->data, name);
    const char *database = arena_printf(a, "%s/invichat.db", k->data);
    int64_t bytes = folder_bytes(arena_printf(a, "%s/media", k->data));
    struct stat st;

    if (stat(database, &st) == 0)
        bytes += 2 * (int64_t)st.st_size;
    if (!path || !has_room(k, bytes))
        return path ? "backup.no_room" : "backup.failed";
    if (run(k, (const char *const[]) { "invichat", "backup", "--data", k->data, path, NULL }))
        return NULL;
    unlink(arena_printf(a, "%s.new", path));
    return is_stopping(k) ? "backup.stopped" : "backup.failed";
}

static const char *task_check(struct keeper *k, struct arena *a, const char *name)
{
    const char *path = backup_path(a, k->data, name);
    const char *folder = arena_printf(a, "%s/tmp/check", k->data);
    struct stat st;
    bool good;

    if (!path || lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return "backup.gone";
    if (!has_room(k, (int64_t)st.st_size))
        return "backup.no_room";
    folder_remove(folder);
    good = run(k, (const char *const[]) { "invichat", "restore", "--data", folder, path,
                                          NULL });
    folder_remove(folder);
    if (good)
        return NULL;
    return is_stopping(k) ? "backup.stopped" : "backup.broken";
}

static const char *note_path(struct arena *a, const char *data)
{
    return arena_printf(a, "%s/restore-next", data);
}

static bool note_write(struct arena *a, const char *data, const json_t *task)
{
    const char *path = note_path(a, data), *temp = arena_printf(a, "%s.new", path);
    char *text = json_dumps(json_pack("{s:s,s:s,s:s,s:s,s:I}", "name", row_text(task, "name"),
                                      "by", row_text(task, "user_name"), "once",
                                      row_text(task, "once_key"), "digest",
                                      row_text(task, "once_digest"), "task",
                                      (json_int_t)row_int(task, "id")),
                            JSON_COMPACT);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = text && fd >= 0 &&
                write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good && rename(temp, path) == 0;
}

static const char *task_restore(struct keeper *k, struct arena *a, const json_t *task)
{
    const char *name = row_text(task, "name");
    const char *error = task_check(k, a, name);

    if (error)
        return error;
    if (!note_write(a, k->data, task))
        return "backup.failed";
    return NULL;
}

static void task_run(struct keeper *k, struct db *db, const json_t *task)
{
    const char *kind = row_text(task, "kind");
    const char *name = row_text(task, "name");
    bool restores = strcmp(kind, "restore") == 0;
    struct arena *a = db_arena(db);
    const char *error;

    db_release(db);
    if (restores)
        error = task_restore(k, a, task);
    else
        error = strcmp(kind, "make") == 0 ? task_make(k, a, name) : task_check(k, a, name);
    log_info("backup %s name=%s end=%s", kind, name, error ? error : "well");
    if (backup_end(db, row_int(task, "id"), error) != DB_OK)
        log_warn("backup task not booked");
    if (!error && strcmp(kind, "make") == 0)
        backup_rotate(a, k->data, setting_int(db, "backup_keep"));
    if (!error && restores)
        kill(getpid(), SIGUSR1);
}

/* --- the schedule --- */

/* Once a day from the hour on; a night that the machine was off for is made up for. */
static void schedule(struct db *db)
{
    int64_t now = clock_ms(), last, due;
    int zone = clock_zone_minutes("Asia/Kolkata");
    struct calendar c = clock_calendar(now, zone);
    enum db_rc rc;

    if (*setting_get(db, "backup_off") || backup_scheduled(db, &last) != DB_OK)
        return;
    due = clock_day_start(c.year, c.month, c.day, zone) +
          setting_int(db, "backup_hour") * CLOCK_HOUR;
    if (due > now)
        due -= CLOCK_DAY;
    if (last >= due)
        return;
    rc = backup_ask(db, NULL, "make", backup_name_made(db_arena(db), true), &last);
    if (rc == DB_ERR)
        log_warn("backup not scheduled");
}

static void keeper_step(struct keeper *k, struct arena *a)
{
    struct db *db = db_new(k->db, a);
    json_t *task;

    schedule(db);
    if (backup_take(db, &task) == DB_OK)
        task_run(k, db, task);
    db_release(db);
}

static void keeper_sleep(struct keeper *k)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TICK_SECONDS;
    while (!k->stopping && !k->woken)
        if (pthread_cond_timedwait(&k->news, &k->lock, &until) == ETIMEDOUT)
            break;
    k->woken = false;
}

static void *keeper_run(void *arg)
{
    struct keeper *k = arg;
    struct arena *a = arena_new();

    arena_json(a);
    if (backup_recover(db_new(k->db, a)) != DB_OK)
        log_warn("backup tasks not recovered");
    pthread_mutex_lock(&k->lock);
    while (!k->stopping) {
        pthread_mutex_unlock(&k->lock);
        keeper_step(k, a);
        arena_reset(a);
        pthread_mutex_lock(&k->lock);
        keeper_sleep(k);
    }
    pthread_mutex_unlock(&k->lock);
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

struct keeper *keeper_start(struct db_file *db, const char *data)
{
    struct keeper *k = calloc(1, sizeof *k);
    struct arena *a = arena_new();
    pthread_condattr_t attr;

    if (!k)
        abort();
    k->db = db;
    k->data = data;
    if (mkdir(arena_printf(a, "%s/backups", data), 0700) != 0 && errno != EEXIST)
        log_error("backup folder cause=%s", strerror(errno));
    folder_remove(arena_printf(a, "%s/tmp/check", data));
    folder_sweep(a, arena_printf(a, "%s/tmp", data), "backup-", DAY_SECONDS);
    folder_sweep(a, arena_printf(a, "%s/backups", data), ".tar.new", DAY_SECONDS);
    arena_free(a);
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&k->news, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&k->thread, NULL, keeper_run, k) != 0)
        abort();
    return k;
}

void keeper_wake(struct keeper *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->woken = true;
    pthread_cond_signal(&k->news);
    pthread_mutex_unlock(&k->lock);
}

void keeper_stop(struct keeper *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->news);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->news);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* --- the note --- */

static void note_read(struct arena *a, const json_t *root, struct backup_note *note)
{
    const char *digest = row_text(root, "digest");
    size_t n = 0;

    note->name = arena_dup(a, row_text(root, "name"));
    note->by = arena_dup(a, row_text(root, "by"));
    note->once_key = "";
    note->task_id = row_int(root, "task");
    if (sodium_hex2bin(note->digest, sizeof note->digest, digest, strlen(digest), NULL, &n,
                       NULL) == 0 &&
        n == sizeof note->digest)
        note->once_key = arena_dup(a, row_text(root, "once"));
}

bool keeper_restore(struct arena *a, const char *data, struct backup_note *note)
{
    const char *file = note_path(a, data), *path = NULL;
    json_t *root = json_load_file(file, 0, NULL);
    bool good;

    *note = (struct backup_note) { 0 };
    if (!root)
        return true;
    note_read(a, root, note);
    path = backup_path(a, data, note->name);
    good = path && data_restore(data, path);
    unlink(file);
    if (!good)
        log_error("backup not restored name=%s", note->name);
    return good;
}
