/* The installation as a whole, in numbers. */
#ifndef INSTALLATION_H
#define INSTALLATION_H

#include "db/db.h"

/* users, accounts, vendors, requests (to sell), users_waiting, sends_waiting, work_waiting,
 * failed (jobs), oldest_ms (since when the oldest job is due; null: none), migration (the
 * last one's name). */
MUST_USE enum db_rc installation_numbers(struct db *db, json_t **row);

#endif
