/* The commands of the program; each returns its exit status. */
#ifndef COMMAND_H
#define COMMAND_H

#include "server/http/app.h"

#include <stdbool.h>

struct options {
    const char *data;   /* --data, INVICHAT_DATA */
    const char *listen; /* --listen, INVICHAT_LISTEN; 127.0.0.1:8080 */
    const char *word;   /* the argument that is no option; NULL: none */
};

struct options options_default(void); /* from the environment */

int command_serve(const struct options *o);
int command_demo(const struct options *o);
int command_admin(const struct options *o);
int command_backup(const struct options *o);
int command_restore(const struct options *o);
int command_check(const struct options *o);

/* Opens the data folder (making it, with `create`), its key and its database, migrated.
 * False on failure, which was logged. Of `app` fills data, key and db. */
bool data_open(const char *folder, bool create, struct app *app);
/* Makes this process the only server (or restorer) of the folder, until it ends. */
bool data_lock(const char *folder);
void data_close(struct app *app);

/* A restore that a power cut stopped half way: until it is finished, which takes the lock,
 * the folder isn't whole. */
bool restore_is_waiting(const char *folder);
bool restore_finish(const char *folder); /* true also when there is none */

/* Puts the archive in place of what the folder has, once it is known to be whole; what was
 * there is kept beside it. The folder has to be locked and its database closed. */
bool data_restore(const char *folder, const char *archive);

#endif
