/* Migrations: migrations/NNNN-name.sql, forward only, each in its own transaction, recorded
 * with its checksum. */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "db/db.h"

/* Applies what is missing, in order. Fails (logged with the file's name) when a file that
 * was applied has changed since or is gone, and when the database is newer than we are. */
MUST_USE enum db_rc migrate_apply(struct db_file *file);

#endif
