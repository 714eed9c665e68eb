/* The payload is what it was at that moment: written with its cause, by one INSERT that
 * does nothing for the accounts (nearly all) that have no address. */
#include "db/hook.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/job.h"
#include "db/notify.h"

static const char *provider_of(struct db *db, int64_t id)
{
    return arena_printf(db_arena(db), "hook:%lld", (long long)id);
}

static enum db_rc add_check(struct db *db, int64_t account_id,
                            const struct hook_details *d)
{
    int64_t n;

    if (!d->orders && !d->stock)
        return db_refuse(db, 422, "orders", "refusal.hook_empty", NULL);
    if (db_int(db, "SELECT count(*) FROM hook WHERE account_id = ?1 AND state <> 'removed'",
               DB_ARGS(DB_INT(account_id)), &n) != DB_OK)
        return DB_ERR;
    if (n >= HOOK_PER_ACCOUNT)
        return db_refuse(db, 409, "url", "refusal.hooks_many", NULL);
    if (db_int(db,
               "SELECT count(*) FROM hook WHERE account_id = ?1 AND state <> 'removed'"
               " AND url = ?2",
               DB_ARGS(DB_INT(account_id), DB_TEXT(d->url)), &n) != DB_OK)
        return DB_ERR;
    return n == 0 ? DB_OK : db_refuse(db, 409, "url", "refusal.hook_there", NULL);
}

enum db_rc hook_add(struct db *db, const struct actor *actor,
                    const struct hook_details *d, int64_t *id)
{
    enum db_rc rc;

    db_begin(db);
    rc = add_check(db, actor->account_id, d);
    if (rc == DB_OK)
        rc = db_insert(db,
                       "INSERT INTO hook(account_id, user_id, url, secret, has_orders,"
                       " has_stock, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                       DB_ARGS(DB_INT(actor->account_id), DB_INT(actor->user_id),
                               DB_TEXT(d->url), DB_TEXT(d->sealed), DB_INT(d->orders),
                               DB_INT(d->stock), DB_INT(clock_ms())),
                       id);
    if (rc == DB_OK) {
        db_made(db, *id);
        rc = audit_write(db, actor, "hook.added", d->url, NULL, NULL);
    }
    return db_end(db, rc);
}

static enum db_rc hook_turn(struct db *db, const struct actor *actor, int64_t id,
                            const char *state, const char *kind)
{
    const char *url, *was;
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db, "SELECT url FROM hook WHERE id = ?1 AND account_id = ?2"
                     " AND state NOT IN ('removed', ?3)",
                 DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(state)), &url);
    if (rc == DB_OK)
        rc = db_text(db, "SELECT state FROM hook WHERE id = ?1", DB_ARGS(DB_INT(id)), &was);
    if (rc == DB_OK) {
        db_exec(db, "UPDATE hook SET state = ?2, failing_since_ms = NULL WHERE id = ?1",
                DB_ARGS(DB_INT(id), DB_TEXT(state)));
        db_exec(db, "DELETE FROM circuit WHERE provider = ?1",
                DB_ARGS(DB_TEXT(provider_of(db, id))));
        rc = audit_write(db, actor, kind, url, was, state);
    }
    return db_end(db, rc);
}

enum db_rc hook_remove(struct db *db, const struct actor *actor, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = hook_turn(db, actor, id, "removed", "hook.removed");
    if (rc == DB_OK)
        job_drop(db, provider_of(db, id), "the address was removed");
    return db_end(db, rc);
}

enum db_rc hook_on(struct db *db, const struct actor *actor, int64_t id)
{
    return hook_turn(db, actor, id, "on", "hook.on");
}

#define LISTED                                                                           \
    "SELECT id, url, has_orders, has_stock, state, failing_since_ms, created_ms,"        \
    " (SELECT count(*) FROM job j WHERE j.kind = 'message'"                              \
    "  AND j.provider = 'hook:' || hook.id AND j.state IN ('waiting', 'leased'))"        \
    " AS waiting_count FROM hook WHERE account_id = ?1 AND state <> 'removed'"

enum db_rc hook_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db, LISTED " ORDER BY id DESC", DB_ARGS(DB_INT(account_id)), rows);
}

enum db_rc hook_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, LISTED " AND id = ?2", DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

/* The bounds are the index's own. */
#define OF_HOOK " provider = ?1 AND provider >= 'hook:' AND provider < 'hook;'"

enum db_rc hook_deliveries(struct db *db, int64_t account_id, int64_t id,
                           int64_t before_id, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT id, payload ->> '$.event' AS event, state, tries, error,"
                   " max(next_ms, ifnull((SELECT probe_ms FROM circuit c"
                   "  WHERE c.provider = ?1), 0)) AS next_ms,"
                   " created_ms, done_ms FROM job WHERE" OF_HOOK
                   " AND id < ?3 AND EXISTS (SELECT 1 FROM hook h WHERE h.id = ?2"
                   " AND h.account_id = ?5) ORDER BY id DESC LIMIT ?4",
                   DB_ARGS(DB_TEXT(provider_of(db, id)), DB_INT(id),
                           DB_INT(before_id ? before_id : INT64_MAX), DB_INT(limit),
                           DB_INT(account_id)),
                   rows);
}

enum db_rc hook_again(struct db *db, int64_t account_id, int64_t id, int64_t job_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE job SET state = 'waiting', tries = 0, next_ms = ?4,"
                 " done_ms = NULL, holds = 1 WHERE id = ?3 AND provider = ?5"
                 " AND state NOT IN ('waiting', 'leased') AND EXISTS (SELECT 1 FROM hook h"
                 "  WHERE h.id = ?2 AND h.account_id = ?1 AND h.state = 'on')",
                 DB_ARGS(DB_INT(account_id), DB_INT(id), DB_INT(job_id),
                         DB_INT(clock_ms()), DB_TEXT(provider_of(db, id))));
    return db_end(db, rc);
}

enum db_rc hook_ping(struct db *db, int64_t account_id, int64_t id)
{
    const char *provider = provider_of(db, id);
    int64_t found;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT id FROM hook WHERE id = ?1 AND account_id = ?2 AND state = 'on'",
                DB_ARGS(DB_INT(id), DB_INT(account_id)), &found);
    if (rc == DB_OK)
        rc = job_send(db, provider, provider,
                      json_pack("{s:s, s:I}", "event", "ping", "at_ms",
                                (json_int_t)clock_ms()),
                      NULL, 0);
    return db_end(db, rc);
}

/* --- what happened --- */

#define HOOK_JOB                                                                         \
    "INSERT INTO job(kind, provider, recipient, key, next_ms, created_ms, payload)"      \
    " SELECT 'message', 'hook:' || h.id, 'hook:' || h.id, 'hook:' || h.id || "

enum db_rc hook_order(struct db *db, int64_t event_id)
{
    int64_t any;
    enum db_rc rc;

    /* Most have none, and a look costs a third of a statement that could write. */
    rc = db_int(db,
                "SELECT 1 FROM order_event e JOIN orders o ON o.id = e.order_id"
                " WHERE e.id = ?1 AND (EXISTS (SELECT 1 FROM hook"
                "  WHERE account_id = o.vendor_account_id AND state = 'on')"
                " OR EXISTS (SELECT 1 FROM hook"
                "  WHERE account_id = o.customer_account_id AND state = 'on'))",
                DB_ARGS(DB_INT(event_id)), &any);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_OK : rc;
    rc = db_exec(
        db,
        HOOK_JOB
        "':order:' || e.id, e.at_ms, e.at_ms, json_object("
        "'event', 'order.' || e.kind, 'at_ms', e.at_ms, 'by', e.by, 'role',"
        " iif(h.account_id = o.vendor_account_id, 'vendor', 'customer'), 'order',"
        " json_object('id', o.id, 'number', o.number, 'state', o.state, 'total_paise',"
        "  iif(o.is_priced = 1, o.total_paise, NULL), 'paid_upi_paise', o.paid_upi_paise,"
        "  'refunded_paise', o.refunded_paise, 'fulfil', o.fulfil, 'lines',"
        "  (SELECT json_group_array(json_object('name', l.name, 'variant', l.variant,"
        "   'unit', l.unit, 'asked_milli', l.asked_milli, 'accepted_milli',"
        "   l.accepted_milli, 'delivered_milli', l.delivered_milli))"
        "   FROM order_line l WHERE l.order_id = o.id)))"
        " FROM order_event e JOIN orders o ON o.id = e.order_id JOIN hook h"
        " ON h.account_id IN (o.vendor_account_id, o.customer_account_id)"
        " WHERE e.id = ?1 AND e.kind <> 'wrong_code' AND h.state = 'on'"
        " AND h.has_orders = 1",
        DB_ARGS(DB_INT(event_id)));
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc hook_stock(struct db *db, int64_t move_id)
{
    enum db_rc rc;

    rc = db_exec(
        db,
        HOOK_JOB "':stock:' || m.id, m.at_ms, m.at_ms, json_object("
        "'event', 'stock.changed', 'at_ms', m.at_ms, 'kind', m.kind, 'qty_milli',"
        " m.qty_milli, 'sku', json_object('id', s.id, 'name', s.name, 'code', s.code,"
        "  'unit', (SELECT name FROM unit WHERE id = s.unit_id),"
        "  'on_hand_milli', s.on_hand_milli))"
        " FROM stock_move m JOIN sku s ON s.id = m.sku_id JOIN hook h"
        " ON h.account_id = m.account_id WHERE m.id = ?1 AND h.state = 'on'"
        " AND h.has_stock = 1",
        DB_ARGS(DB_INT(move_id)));
    return rc == DB_NONE ? DB_OK : rc;
}

/* --- how it went --- */

enum db_rc hook_route(struct db *db, int64_t id, json_t **row)
{
    return db_row(db, "SELECT url, secret, state FROM hook WHERE id = ?1",
                  DB_ARGS(DB_INT(id)), row);
}

enum db_rc hook_worked(struct db *db, int64_t id)
{
    int64_t since;

    if (db_int(db, "SELECT failing_since_ms FROM hook WHERE id = ?1", DB_ARGS(DB_INT(id)),
               &since) != DB_OK)
        return DB_OK;
    db_begin(db);
    db_exec(db, "UPDATE hook SET failing_since_ms = NULL WHERE id = ?1",
            DB_ARGS(DB_INT(id)));
    return db_end(db, DB_OK);
}

static enum db_rc hook_give_up(struct db *db, int64_t id, const json_t *hook)
{
    const char *url = json_string_value(json_object_get(hook, "url"));
    int64_t account = json_integer_value(json_object_get(hook, "account_id"));
    struct actor system = { .account_id = account };

    db_exec(db, "UPDATE hook SET state = 'off' WHERE id = ?1", DB_ARGS(DB_INT(id)));
    db_exec(db,
            "UPDATE job SET state = 'failed', done_ms = ?2,"
            " error = 'the address was switched off' WHERE recipient = ?1"
            " AND state IN ('waiting', 'leased') AND state = 'waiting'",
            DB_ARGS(DB_TEXT(provider_of(db, id)), DB_INT(clock_ms())));
    audit_write(db, &system, "hook.off", url, "on", "off");
    return notify_user(db, json_integer_value(json_object_get(hook, "user_id")), account,
                       "notify.hook_off", json_pack("{s:s}", "url", url),
                       arena_printf(db_arena(db), "/account/hooks/%lld", (long long)id));
}

enum db_rc hook_failed(struct db *db, int64_t id)
{
    int64_t now = clock_ms();
    json_t *hook;
    enum db_rc rc;

    db_begin(db);
    db_exec(db,
            "UPDATE hook SET failing_since_ms = ?2 WHERE id = ?1 AND state = 'on'"
            " AND failing_since_ms IS NULL",
            DB_ARGS(DB_INT(id), DB_INT(now)));
    rc = db_row(db,
                "SELECT url, account_id, user_id FROM hook WHERE id = ?1"
                " AND state = 'on' AND failing_since_ms < ?2",
                DB_ARGS(DB_INT(id), DB_INT(now - HOOK_DAYS * CLOCK_DAY)), &hook);
    if (rc == DB_OK)
        rc = hook_give_up(db, id, hook);
    return db_end(db, rc == DB_NONE ? DB_OK : rc);
}
