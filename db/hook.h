/* Webhooks out (SYS-5): an account's own addresses, told of its orders and stock. A delivery
 * is a job through the provider 'hook:<id>'. */
#ifndef HOOK_H
#define HOOK_H

#include "db/actor.h"
#include "db/db.h"

enum { HOOK_PER_ACCOUNT = 10, HOOK_DAYS = 3 };

struct hook_details {
    const char *url, *sealed; /* the secret */
    bool orders, stock;
};

/* Refused at "url" with more than HOOK_PER_ACCOUNT, or the same twice; at "orders" when it
 * is told of nothing. */
MUST_USE enum db_rc hook_add(struct db *db, const struct actor *actor,
                             const struct hook_details *details, int64_t *id);
MUST_USE enum db_rc hook_remove(struct db *db, const struct actor *actor, int64_t id);
/* On again after it was switched off. */
MUST_USE enum db_rc hook_on(struct db *db, const struct actor *actor, int64_t id);

/* id, url, has_orders, has_stock, state, failing_since_ms, created_ms, waiting_count. */
MUST_USE enum db_rc hook_list(struct db *db, int64_t account_id, json_t **rows);
MUST_USE enum db_rc hook_find(struct db *db, int64_t account_id, int64_t id, json_t **row);

/* The newest first, older than `before_id` (0: all): id, event, state, tries, error,
 * next_ms, created_ms, done_ms. */
MUST_USE enum db_rc hook_deliveries(struct db *db, int64_t account_id, int64_t id,
                                    int64_t before_id, int limit, json_t **rows);

/* Sends one again, whatever became of it; DB_NONE while it waits or is under way. */
MUST_USE enum db_rc hook_again(struct db *db, int64_t account_id, int64_t id,
                               int64_t job_id);
/* A delivery {event: "ping"}. */
MUST_USE enum db_rc hook_ping(struct db *db, int64_t account_id, int64_t id);

/* Within the transaction of what happened: an order's step, a SKU's quantity. */
enum db_rc hook_order(struct db *db, int64_t event_id);
enum db_rc hook_stock(struct db *db, int64_t move_id);

/* For the worker: url, secret, state. */
MUST_USE enum db_rc hook_route(struct db *db, int64_t id, json_t **row);
/* How a delivery ended; one to which nothing got through for HOOK_DAYS is switched off, and
 * its maker told. */
MUST_USE enum db_rc hook_worked(struct db *db, int64_t id);
MUST_USE enum db_rc hook_failed(struct db *db, int64_t id);

#endif
