/* One row a vendor: what is to be instead of what is. It holds the whole identity, so that
 * the admin decides on what will stand on the bills, not on pieces of it. */
#include "db/vendor_change.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/notify.h"
#include "db/search.h"
#include "db/vendor_internal.h"

#include <string.h>

#define COLUMNS                                                                          \
    "c.trade_name, c.state_code, c.gst_status, c.gstin, c.state, c.reason, c.asked_ms"

/* An identity for the audit log, whose page says it in the reader's words; `reason`: why it
 * was declined. */
static const char *identity_text(const json_t *row, const char *reason)
{
    return json_dumps(json_pack("{s:s,s:s,s:s,s:s,s:s*}", "trade_name",
                                row_text(row, "trade_name"), "state_code",
                                row_text(row, "state_code"), "gst_status",
                                row_text(row, "gst_status"), "gstin", row_text(row, "gstin"),
                                "reason", reason),
                      JSON_COMPACT);
}

static bool is_same(const json_t *row, const char *key, const char *value)
{
    return strcmp(row_text(row, key), value ? value : "") == 0;
}

/* --- what holds at once --- */

static const char *reach_text(const char *address, const char *upi, const char *mobile)
{
    return json_dumps(json_pack("{s:s,s:s,s:s}", "address", address, "upi", upi, "mobile",
                                mobile),
                      JSON_COMPACT);
}

static enum db_rc reach_write(struct db *db, const struct actor *actor, const json_t *was,
                              const struct vendor_details *d)
{
    enum db_rc rc;

    if (is_same(was, "address", d->address) && is_same(was, "upi", d->upi) &&
        is_same(was, "mobile", d->mobile))
        return DB_OK;
    rc = db_exec(db,
                 "UPDATE vendor SET address = ?2, upi = ?3, mobile = ?4"
                 " WHERE account_id = ?1",
                 DB_ARGS(DB_INT(actor->account_id), DB_TEXT(d->address),
                         DB_TEXT(*d->upi ? d->upi : NULL), DB_TEXT(d->mobile)));
    if (rc == DB_OK)
        rc = audit_write(db, actor, "vendor.reach", row_text(was, "trade_name"),
                         reach_text(row_text(was, "address"), row_text(was, "upi"),
                                    row_text(was, "mobile")),
                         reach_text(d->address, d->upi, d->mobile));
    if (rc == DB_OK && !is_same(was, "upi", d->upi))
        rc = vendor_upi_tell(db, actor, d->upi);
    return rc;
}

/* --- what waits --- */

static enum db_rc row_drop(struct db *db, int64_t account_id)
{
    return db_exec(db, "DELETE FROM vendor_change WHERE account_id = ?1",
                   DB_ARGS(DB_INT(account_id)));
}

static enum db_rc row_write(struct db *db, const struct actor *actor,
                            const struct vendor_details *d)
{
    return db_exec(
        db,
        "INSERT INTO vendor_change(account_id, user_id, trade_name, state_code, gst_status,"
        " gstin, asked_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT(account_id) DO UPDATE SET user_id = ?2, trade_name = ?3,"
        " state_code = ?4, gst_status = ?5, gstin = ?6, state = 'waiting', reason = '',"
        " asked_ms = max(?7, asked_ms + 1)",
        DB_ARGS(DB_INT(actor->account_id), DB_INT(actor->user_id), DB_TEXT(d->trade_name),
                DB_TEXT(d->state_code), DB_TEXT(d->gst_status), DB_TEXT(d->gstin),
                DB_INT(clock_ms())));
}

static bool is_asked_already(struct db *db, const struct actor *actor,
                             const struct vendor_details *d)
{
    json_t *row;

    return vendor_change_find(db, actor->account_id, &row) == DB_OK &&
           is_same(row, "state", "waiting") && is_same(row, "trade_name", d->trade_name) &&
           is_same(row, "state_code", d->state_code) &&
           is_same(row, "gst_status", d->gst_status) && is_same(row, "gstin", d->gstin);
}

static enum db_rc identity_ask(struct db *db, const struct actor *actor, const json_t *was,
                               const struct vendor_details *d)
{
    json_t *now;
    enum db_rc rc;

    if (is_same(was, "trade_name", d->trade_name) &&
        is_same(was, "state_code", d->state_code) &&
        is_same(was, "gst_status", d->gst_status) && is_same(was, "gstin", d->gstin)) {
        rc = row_drop(db, actor->account_id);
        return rc == DB_NONE ? DB_OK : rc;
    }
    if (is_asked_already(db, actor, d))
        return DB_OK;
    rc = row_write(db, actor, d);
    if (rc == DB_OK)
        rc = vendor_change_find(db, actor->account_id, &now);
    if (rc == DB_OK)
        rc = audit_write(db, actor, "vendor.change_asked", row_text(was, "trade_name"),
                         identity_text(was, NULL), identity_text(now, NULL));
    if (rc == DB_OK)
        rc = notify_admins(db, "notify.vendor_change_asked",
                           json_pack("{s:O}", "name", json_object_get(was, "trade_name")),
                           "/admin/requests");
    return rc;
}

enum db_rc vendor_change_ask(struct db *db, const struct actor *actor,
                             const struct vendor_details *d, bool *gstin_doubtful)
{
    struct vendor_details tidy = *d;
    json_t *was;
    enum db_rc rc;

    db_begin(db);
    rc = vendor_find(db, actor->account_id, &was);
    if (rc == DB_NONE ||
        (rc == DB_OK && !is_same(was, "state", "approved") && !is_same(was, "state", "suspended")))
        rc = db_refuse(db, 409, NULL, "refusal.vendor_not_yet", NULL);
    if (rc == DB_OK)
        rc = vendor_details_check(db, &tidy, gstin_doubtful);
    if (rc == DB_OK)
        rc = reach_write(db, actor, was, &tidy);
    if (rc == DB_OK)
        rc = identity_ask(db, actor, was, &tidy);
    return db_end(db, rc);
}

enum db_rc vendor_change_find(struct db *db, int64_t account_id, json_t **row)
{
    return db_row(db, "SELECT " COLUMNS " FROM vendor_change c WHERE c.account_id = ?1",
                  DB_ARGS(DB_INT(account_id)), row);
}

enum db_rc vendor_change_withdraw(struct db *db, const struct actor *actor)
{
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = vendor_change_find(db, actor->account_id, &row);
    if (rc == DB_OK)
        rc = row_drop(db, actor->account_id);
    if (rc == DB_OK && is_same(row, "state", "waiting"))
        rc = audit_write(db, actor, "vendor.change_withdrawn", row_text(row, "trade_name"),
                         identity_text(row, NULL), NULL);
    return db_end(db, rc);
}

/* --- the admin --- */

enum db_rc vendor_changes(struct db *db, int limit, json_t **rows)
{
    enum db_rc rc = db_rows(
        db,
        "SELECT " COLUMNS ", c.account_id, a.name AS account_name, u.name AS user_name,"
        " u.mobile AS user_mobile, v.trade_name AS was_trade_name,"
        " v.state_code AS was_state_code, v.gst_status AS was_gst_status,"
        " v.gstin AS was_gstin FROM vendor_change c"
        " JOIN vendor v ON v.account_id = c.account_id"
        " JOIN account a ON a.id = c.account_id JOIN user u ON u.id = c.user_id"
        " WHERE c.state = 'waiting' ORDER BY c.asked_ms LIMIT ?1",
        DB_ARGS(DB_INT(limit)), rows);
    json_t *row;
    size_t i;

    json_array_foreach(*rows, i, row) {
        const char *gstin = row_text(row, "gstin");

        json_object_set_new(row, "is_doubtful",
                            json_boolean(*gstin && text_gstin(gstin) != GSTIN_OK));
    }
    return rc;
}

/* What waits and what is now; refused when it is not what the admin has seen. */
static enum db_rc waiting_find(struct db *db, int64_t account_id, int64_t asked_ms,
                               json_t **row, json_t **was)
{
    enum db_rc rc = vendor_find(db, account_id, was);

    if (rc == DB_OK)
        rc = vendor_change_find(db, account_id, row);
    if (rc == DB_ERR)
        return rc;
    if (rc == DB_NONE || !is_same(*row, "state", "waiting"))
        return db_refuse(db, 409, NULL, "refusal.vendor_change_gone", NULL);
    return row_int(*row, "asked_ms") == asked_ms
               ? DB_OK
               : db_refuse(db, 409, NULL, "refusal.vendor_change_other", NULL);
}

/* Written down and told to the account. */
static enum db_rc decided(struct db *db, const struct actor *admin, int64_t account_id,
                          const char *word, const json_t *was, const char *after,
                          const char *reason)
{
    const struct actor there = { admin->user_id, account_id, admin->address };
    struct arena *a = db_arena(db);
    enum db_rc rc = audit_write(db, &there, arena_printf(a, "vendor.change_%s", word),
                                row_text(was, "trade_name"), identity_text(was, NULL),
                                after);

    if (rc == DB_OK)
        rc = notify_account(db, account_id, "catalog",
                            arena_printf(a, "notify.vendor_change_%s", word),
                            json_pack("{s:s}", "reason", reason), "/account");
    return rc;
}

enum db_rc vendor_change_approve(struct db *db, const struct actor *admin,
                                 int64_t account_id, int64_t asked_ms)
{
    json_t *row, *was;
    enum db_rc rc;

    db_begin(db);
    rc = waiting_find(db, account_id, asked_ms, &row, &was);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE vendor SET (trade_name, state_code, gst_status, gstin) ="
                     " (SELECT trade_name, state_code, gst_status, gstin FROM vendor_change c"
                     " WHERE c.account_id = vendor.account_id) WHERE account_id = ?1",
                     DB_ARGS(DB_INT(account_id)));
    if (rc == DB_OK)
        rc = row_drop(db, account_id);
    if (rc == DB_OK)
        rc = decided(db, admin, account_id, "approved", was, identity_text(row, NULL), "");
    if (rc == DB_OK)
        search_vendor_changed(db, account_id);
    return db_end(db, rc);
}

enum db_rc vendor_change_decline(struct db *db, const struct actor *admin,
                                 int64_t account_id, int64_t asked_ms, const char *reason)
{
    json_t *row, *was;
    enum db_rc rc;

    if (!*reason)
        return db_refuse(db, 422, "reason", "refusal.reason", NULL);
    db_begin(db);
    rc = waiting_find(db, account_id, asked_ms, &row, &was);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE vendor_change SET state = 'declined', reason = ?2"
                     " WHERE account_id = ?1",
                     DB_ARGS(DB_INT(account_id), DB_TEXT(reason)));
    if (rc == DB_OK)
        rc = decided(db, admin, account_id, "declined", was,
                     identity_text(row, reason), reason);
    return db_end(db, rc);
}
