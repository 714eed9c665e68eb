/* Backups: made now or by the schedule, loaded down, checked, put in place. The keeper does
 * it; the page says how far it is. */
#include "server/pages/pages.h"

#include "db/backup.h"
#include "db/base/row.h"
#include "db/setting.h"
#include "server/jobs/backup_folder.h"
#include "server/jobs/keeper.h"
#include "server/pages/admin.h"

#include <string.h>
#include <sys/stat.h>

static json_t *files_of(struct req *r, const json_t *checks)
{
    json_t *files = backup_files(r->arena, r->app->data), *file;
    size_t i;

    json_array_foreach(files, i, file) {
        json_t *check = json_object_get(checks, row_text(file, "name"));
        bool good = row_true(check, "is_good");

        json_object_set_new(file, "size", json_string(admin_megabytes(r, row_int(file, "bytes"))));
        json_object_set_new(file, "is_good", json_boolean(check && good));
        json_object_set_new(file, "is_broken", json_boolean(check && !good));
    }
    return files;
}

static json_t *tasks_of(struct req *r, json_t *tasks, bool *is_open)
{
    json_t *task;
    size_t i;

    *is_open = false;
    json_array_foreach(tasks, i, task) {
        const char *state = row_text(task, "state");
        bool open = strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0;

        *is_open = *is_open || open;
        json_object_set_new(task, "kind_key",
                            json_string(arena_printf(r->arena, "backup.kind_%s",
                                                     row_text(task, "kind"))));
        json_object_set_new(task, "is_open", json_boolean(open));
        admin_chip(r, task, open ? "wait" : strcmp(state, "done") == 0 ? "ok" : "bad",
                   arena_printf(r->arena, "backup.state_%s", state));
    }
    return tasks;
}

static int backups_show(struct req *r)
{
    json_t *checks, *tasks, *files;
    bool is_open;

    if (backup_checks(r->db, &checks) != DB_OK || backup_tasks(r->db, 8, &tasks) != DB_OK)
        return reply_error(r, 500);
    files = files_of(r, checks);
    tasks = tasks_of(r, tasks, &is_open);
    return reply_page(
        r, 200, "admin/backups",
        json_pack("{s:o,s:b,s:O,s:b,s:b,s:s,s:b,s:{s:I,s:I}}", "files", files, "has_files",
                  json_array_size(files) > 0, "tasks", tasks, "has_tasks",
                  json_array_size(tasks) > 0, "is_open", is_open, "room",
                  admin_megabytes(r, folder_free(r->app->data)), "is_daily",
                  r->method == POST && req_has(r, "backup_keep")
                      ? req_int(r, "daily") != 0
                      : !*setting_get(r->db, "backup_off"),
                  "f", "backup_hour", (json_int_t)setting_int(r->db, "backup_hour"),
                  "backup_keep", (json_int_t)setting_int(r->db, "backup_keep")));
}

/* The name in the path, of a file that is there; NULL: no such backup. */
static const char *name_there(struct req *r)
{
    const char *path = backup_path(r->arena, r->app->data, req_arg(r, 0));
    struct stat st;

    return path && lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? req_arg(r, 0) : NULL;
}

static int ask(struct req *r, const char *kind, const char *name)
{
    int64_t id = 0;
    enum db_rc rc = DB_NONE;

    if (name) {
        db_begin(r->db);
        rc = backup_ask(r->db, &r->actor, kind, name, &id);
        if (rc == DB_OK && r->once_key)
            rc = backup_once(r->db, id, r->once_key, r->once_digest);
        rc = db_end(r->db, rc);
    }
    keeper_wake(r->app->keeper);
    return reply_outcome(r, rc, id);
}

static int backup_make(struct req *r)
{
    return ask(r, "make", backup_name_made(r->arena, false));
}

static int backup_check(struct req *r)
{
    return ask(r, "check", name_there(r));
}

static int backup_restore(struct req *r)
{
    return ask(r, "restore", name_there(r));
}

static int backup_load(struct req *r)
{
    const char *name = name_there(r);

    if (!name)
        return reply_error(r, 404);
    if (backup_note(r->db, &r->actor, "backup.downloaded", name) != DB_OK)
        return reply_error(r, 500);
    return reply_file(r, backup_path(r->arena, r->app->data, name), "application/x-tar", name);
}

static int backup_drop(struct req *r)
{
    const char *name = name_there(r);
    enum db_rc rc = name ? backup_note(r->db, &r->actor, "backup.deleted", name) : DB_NONE;

    if (rc == DB_OK && !backup_delete(r->arena, r->app->data, name))
        rc = DB_NONE;
    return reply_outcome(r, rc, 0);
}

static int schedule_save(struct req *r)
{
    const struct setting_pair pairs[] = {
        { "backup_off", req_int(r, "daily") ? "" : "1" },
        { "backup_hour",
          arena_printf(r->arena, "%lld", (long long)req_int(r, "backup_hour")) },
        { "backup_keep",
          arena_printf(r->arena, "%lld", (long long)req_int(r, "backup_keep")) },
        { 0 }
    };
    enum db_rc rc = settings_change(r->db, &r->actor, pairs);

    keeper_wake(r->app->keeper);
    return reply_outcome(r, rc, 0);
}

static const struct field schedule_fields[] = {
    { "daily", FIELD_BOOL },
    { "backup_hour", FIELD_INT, .required = true },
    { "backup_keep", FIELD_INT, .required = true },
    { 0 }
};

#define BACKUPS "/admin/backups"
#define DONE .form = backups_show, .done = BACKUPS

const struct route admin_backup_routes[] = {
    { GET, BACKUPS, MOD_NONE, ADMIN, backups_show, NULL, "Backups" },
    { POST, BACKUPS, MOD_NONE, ADMIN, backup_make, NULL, "Makes a backup now", DONE,
      .said = "backup.asked" },
    { POST, BACKUPS "/schedule", MOD_NONE, ADMIN, schedule_save, schedule_fields,
      "Sets when backups are made and how many are kept", DONE, .said = "backup.scheduled" },
    { GET, BACKUPS "/{name}", MOD_NONE, ADMIN, backup_load, NULL, "Loads a backup down" },
    { POST, BACKUPS "/{name}/check", MOD_NONE, ADMIN, backup_check, NULL,
      "Checks a backup by restoring it aside", DONE, .said = "backup.asked" },
    { POST, BACKUPS "/{name}/restore", MOD_NONE, ADMIN, backup_restore, NULL,
      "Puts a backup in place; the present state is kept aside", DONE,
      .said = "backup.restoring" },
    { POST, BACKUPS "/{name}/delete", MOD_NONE, ADMIN, backup_drop, NULL,
      "Deletes a backup", DONE, .said = "backup.deleted" },
    { 0 }
};
