/* The data folder: invichat.db, key, media/, tmp/. The key stays out of the database, so
 * that a copy of one is not enough to make codes and tokens. */
#include "server/command.h"

#include "db/base/log.h"
#include "db/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS = 6 };

struct options options_default(void)
{
    const char *listen = getenv("INVICHAT_LISTEN");

    return (struct options){ .data = getenv("INVICHAT_DATA"),
                             .listen = listen ? listen : "127.0.0.1:8080" };
}

static bool folder_make(const char *folder, const char *name)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof path, "%s%s", folder, name) >= sizeof path)
        return false;
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    log_error("cannot make folder=%s cause=%s", path, strerror(errno));
    return false;
}

/* Written under another name first: half a key would lock everybody out for good. */
static bool key_make(const char *path)
{
    unsigned char key[32];
    char temp[4200];
    int fd;
    bool good;

    randombytes_buf(key, sizeof key);
    snprintf(temp, sizeof temp, "%s.new", path);
    fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    good = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    close(fd);
    return good && rename(temp, path) == 0;
}

static bool key_read(const char *folder, unsigned char key[32])
{
    char path[4096];
    int fd;
    bool good;

    if ((size_t)snprintf(path, sizeof path, "%s/key", folder) >= sizeof path)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && key_make(path))
        fd = open(path, O_RDONLY | O_CLOEXEC);
    good = fd >= 0 && read(fd, key, 32) == 32;
    if (!good)
        log_error("cannot read key file=%s", path);
    if (fd >= 0)
        close(fd);
    return good;
}

bool data_open(const char *folder, bool create, struct app *app)
{
    char path[4096];

    umask(0077);
    if (restore_is_waiting(folder)) {
        log_error("a restore is not finished; start the server once folder=%s", folder);
        return false;
    }
    if (create && (!folder_make(folder, "") || !folder_make(folder, "/media") ||
                   !folder_make(folder, "/media/in") || !folder_make(folder, "/tmp")))
        return false;
    if (!key_read(folder, app->key) ||
        (size_t)snprintf(path, sizeof path, "%s/invichat.db", folder) >= sizeof path)
        return false;
    app->data = folder;
    app->db = db_file_open(path, READERS, create);
    if (!app->db)
        return false;
    if (migrate_apply(app->db) == DB_OK)
        return true;
    data_close(app);
    return false;
}

void data_close(struct app *app)
{
    db_file_close(app->db);
    app->db = NULL;
}
