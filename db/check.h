/* Proves that the kept balances agree with the journals; for the `check` command. */
#ifndef CHECK_H
#define CHECK_H

#include "db/db.h"

/* Compares lots and SKUs with stock movements and reservations, parties with ledger
 * entries, documents' serials, orders with their lines, delivered orders with their
 * movements. Logs each finding (at most 100 of a kind), answers their number, -1 on
 * failure. */
int check_balances(struct db_file *file);

#endif
