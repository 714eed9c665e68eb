/* Makes, checks and restores backups, one after another, in a thread of its own, each by a
 * child that runs this program's own command: pages and jobs never wait for it. */
#ifndef KEEPER_H
#define KEEPER_H

#include "db/backup.h"

struct keeper;

/* SIGUSR1, which asks the server to start anew, has to be blocked before. */
struct keeper *keeper_start(struct db_file *db, const char *data);

/* There is a task, or the schedule was changed; any thread. NULL is fine. */
void keeper_wake(struct keeper *k);

/* Ends the child, if there is one. */
void keeper_stop(struct keeper *k);

/* Before the database is opened: puts in place what was asked to be restored, if anything.
 * Then `note` says what by whom (its name NULL: nothing was asked). False: it failed, and
 * all is as it was. The folder has to be this process's alone. */
bool keeper_restore(struct arena *a, const char *data, struct backup_note *note);

#endif
