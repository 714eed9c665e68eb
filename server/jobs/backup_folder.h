/* DATA/backups: the files say which backups there are. */
#ifndef BACKUP_FOLDER_H
#define BACKUP_FOLDER_H

#include "db/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The path of a backup; NULL when the name can't be one. */
const char *backup_path(struct arena *a, const char *data, const char *name);

/* Newest first: name, bytes, at_ms, is_auto (made by the schedule). */
json_t *backup_files(struct arena *a, const char *data);

/* False: there is none of that name. */
bool backup_delete(struct arena *a, const char *data, const char *name);

/* Keeps the `keep` newest that the schedule made, and all made by hand. */
void backup_rotate(struct arena *a, const char *data, int64_t keep);

/* Bytes free on the disk of the folder, and of all files in it; -1 on failure. */
int64_t folder_free(const char *folder);
int64_t folder_bytes(const char *folder);

/* With all that is in it. */
void folder_remove(const char *folder);

/* What a process that died left behind: entries with `part` in their names that are older. */
void folder_sweep(struct arena *a, const char *folder, const char *part, int64_t seconds);

#endif
