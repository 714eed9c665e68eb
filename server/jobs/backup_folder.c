/* Names are checked before they become paths; links are not followed. */
#include "server/jobs/backup_folder.h"

#include "db/backup.h"
#include "db/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 500 };

const char *backup_path(struct arena *a, const char *data, const char *name)
{
    return backup_name_valid(name) ? arena_printf(a, "%s/backups/%s", data, name) : NULL;
}

struct file {
    const char *name;
    struct stat st;
};

static int newest_first(const void *one, const void *other)
{
    const struct file *x = one, *y = other;

    if (x->st.st_mtime != y->st.st_mtime)
        return x->st.st_mtime < y->st.st_mtime ? 1 : -1;
    return -strcmp(x->name, y->name);
}

json_t *backup_files(struct arena *a, const char *data)
{
    struct file *files = arena_alloc(a, FILES_MAX, sizeof *files);
    DIR *folder = opendir(arena_printf(a, "%s/backups", data));
    json_t *list = json_array();
    struct dirent *entry;
    size_t n = 0;

    while (folder && n < FILES_MAX && (entry = readdir(folder))) {
        const char *path = backup_path(a, data, entry->d_name);

        if (!path || lstat(path, &files[n].st) != 0 || !S_ISREG(files[n].st.st_mode))
            continue;
        files[n++].name = arena_dup(a, entry->d_name);
    }
    if (folder)
        closedir(folder);
    qsort(files, n, sizeof *files, newest_first);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            list, json_pack("{s:s,s:I,s:I,s:b}", "name", files[i].name, "bytes",
                            (json_int_t)files[i].st.st_size, "at_ms",
                            (json_int_t)files[i].st.st_mtime * 1000, "is_auto",
                            strstr(files[i].name, "-auto.") != NULL));
    return list;
}

bool backup_delete(struct arena *a, const char *data, const char *name)
{
    const char *path = backup_path(a, data, name);

    return path && unlink(path) == 0;
}

void backup_rotate(struct arena *a, const char *data, int64_t keep)
{
    json_t *files = backup_files(a, data), *file;
    size_t i;

    json_array_foreach(files, i, file) {
        const char *name = json_string_value(json_object_get(file, "name"));

        if (!json_is_true(json_object_get(file, "is_auto")) || keep-- > 0)
            continue;
        if (backup_delete(a, data, name))
            log_info("backup rotated name=%s", name);
    }
}

int64_t folder_free(const char *folder)
{
    struct statvfs st;

    if (statvfs(folder, &st) != 0)
        return -1;
    return (int64_t)st.f_bavail * (int64_t)st.f_frsize;
}

static _Thread_local int64_t counted;

static int bytes_add(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)path;
    (void)ftw;
    if (flag == FTW_F)
        counted += st->st_size;
    return 0;
}

int64_t folder_bytes(const char *folder)
{
    counted = 0;
    return nftw(folder, bytes_add, 16, FTW_PHYS) == 0 ? counted : -1;
}

static int path_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void folder_remove(const char *folder)
{
    if (nftw(folder, path_remove, 16, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        log_warn("folder not removed cause=%s", strerror(errno));
}

void folder_sweep(struct arena *a, const char *folder, const char *part, int64_t seconds)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct stat st;

    while (dir && (entry = readdir(dir))) {
        const char *path = arena_printf(a, "%s/%s", folder, entry->d_name);

        if (strstr(entry->d_name, part) && lstat(path, &st) == 0 &&
            st.st_mtime < time(NULL) - seconds)
            folder_remove(path);
    }
    if (dir)
        closedir(dir);
}
