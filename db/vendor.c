/* A request is the vendor's row in the state 'asked'; what it says is checked here, so
 * that page and chat have one rule. */
#include "db/vendor_internal.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "db/handle.h"
#include "db/notify.h"
#include "db/search.h"

#include <string.h>

#define COLUMNS                                                                          \
    "v.account_id, v.handle, v.trade_name, v.about, v.address, v.state_code,"            \
    " v.gst_status, v.gstin, v.upi, v.mobile, v.state, v.reason, v.stock_rule,"          \
    " v.is_doorstep, v.doorstep_paise, v.asked_ms, v.decided_ms"

/* As it is printed: in capitals, without spaces. */
static const char *gstin_tidy(struct arena *a, const char *gstin)
{
    char *out = arena_alloc(a, strlen(gstin) + 1, 1);
    size_t n = 0;

    for (; *gstin; gstin++)
        if (*gstin != ' ')
            out[n++] = *gstin >= 'a' && *gstin <= 'z' ? (char)(*gstin - 'a' + 'A')
                                                      : *gstin;
    return out;
}

static bool is_unregistered(const struct vendor_details *d)
{
    return strcmp(d->gst_status, "unregistered") == 0;
}

/* What is wrong with a registered vendor's GSTIN; NULL: nothing. */
static const char *gstin_wrong(struct arena *a, const struct vendor_details *d)
{
    const char *gstin = gstin_tidy(a, d->gstin ? d->gstin : "");

    if (text_gstin(gstin) == GSTIN_BAD)
        return "refusal.gstin";
    return gst_state_known(d->state_code) && strncmp(gstin, d->state_code, 2) != 0
               ? "refusal.gstin_state"
               : NULL;
}

const struct vendor_wrong *vendor_details_wrong(struct arena *a, const struct vendor_details *d)
{
    struct vendor_wrong *wrong = arena_alloc(a, 6, sizeof *wrong);
    const char *gstin = is_unregistered(d) ? NULL : gstin_wrong(a, d);
    size_t n = 0;

    if (!*d->trade_name || text_chars(d->trade_name) > 80)
        wrong[n++] = (struct vendor_wrong) { "trade_name", "refusal.trade_name" };
    if (!gst_state_known(d->state_code))
        wrong[n++] = (struct vendor_wrong) { "state_code", "refusal.state" };
    if (!is_unregistered(d) && strcmp(d->gst_status, "regular") != 0 &&
        strcmp(d->gst_status, "composition") != 0)
        wrong[n++] = (struct vendor_wrong) { "gst_status", "refusal.gst_status" };
    else if (gstin)
        wrong[n++] = (struct vendor_wrong) { "gstin", gstin };
    if (*d->upi && !text_upi(d->upi))
        wrong[n++] = (struct vendor_wrong) { "upi", "refusal.upi" };
    return wrong;
}

enum db_rc vendor_details_check(struct db *db, struct vendor_details *d, bool *doubtful)
{
    const struct vendor_wrong *wrong = vendor_details_wrong(db_arena(db), d);

    if (doubtful)
        *doubtful = false;
    if (wrong->field)
        return db_refuse(db, 422, wrong->field, wrong->key, NULL);
    d->gstin = is_unregistered(d) ? NULL : gstin_tidy(db_arena(db), d->gstin);
    if (doubtful && d->gstin)
        *doubtful = text_gstin(d->gstin) == GSTIN_CHECK_DIGIT;
    return DB_OK;
}

/* A handle that no other vendor has. */
static const char *handle_free(struct db *db, const char *trade_name, int64_t account_id)
{
    const char *base = handle_made(db_arena(db), trade_name), *handle = base;
    int64_t other;

    if (strcmp(base, "shop") == 0)
        handle = arena_printf(db_arena(db), "shop-%lld", (long long)account_id);
    for (int n = 2; db_int(db,
                           "SELECT account_id FROM vendor WHERE handle = ?1"
                           " AND account_id <> ?2",
                           DB_ARGS(DB_TEXT(handle), DB_INT(account_id)), &other) == DB_OK;
         n++)
        handle = arena_printf(db_arena(db), "%s-%d", base, n);
    return handle;
}

static enum db_rc request_write(struct db *db, const struct actor *actor,
                                const struct vendor_details *d)
{
    return db_exec(
        db,
        "INSERT INTO vendor(account_id, handle, trade_name, address, state_code,"
        " gst_status, gstin, upi, mobile, asked_ms, about) VALUES (?1, ?2, ?3, ?4, ?5,"
        " ?6, ?7, ?8, ?9, ?10, ifnull((SELECT makes FROM user WHERE id = ?11), ''))"
        " ON CONFLICT(account_id) DO UPDATE SET trade_name = ?3, address = ?4,"
        " state_code = ?5, gst_status = ?6, gstin = ?7, upi = ?8, mobile = ?9,"
        " asked_ms = ?10, state = 'asked', reason = ''"
        " WHERE state IN ('asked', 'declined')",
        DB_ARGS(DB_INT(actor->account_id),
                DB_TEXT(handle_free(db, d->trade_name, actor->account_id)),
                DB_TEXT(d->trade_name), DB_TEXT(d->address), DB_TEXT(d->state_code),
                DB_TEXT(d->gst_status), DB_TEXT(d->gstin),
                DB_TEXT(*d->upi ? d->upi : NULL), DB_TEXT(d->mobile),
                DB_INT(clock_ms()), DB_INT(actor->user_id)));
}

enum db_rc vendor_request(struct db *db, const struct actor *actor,
                          const struct vendor_details *d, bool *gstin_doubtful)
{
    struct vendor_details tidy = *d;
    enum db_rc rc;

    db_begin(db);
    rc = vendor_details_check(db, &tidy, gstin_doubtful);
    if (rc == DB_OK)
        rc = request_write(db, actor, &tidy);
    if (rc == DB_NONE)
        rc = db_refuse(db, 409, NULL, "refusal.vendor_already", NULL);
    if (rc == DB_OK) {
        audit_write(db, actor, "vendor.asked", d->trade_name, NULL, d->gst_status);
        search_vendor_changed(db, actor->account_id);
        rc = notify_admins(db, "notify.vendor_asked",
                           json_pack("{s:s}", "name", d->trade_name), "/admin/requests");
    }
    return db_end(db, rc);
}

/* Another admin was quicker, or it was never asked: DB_NONE. */
static enum db_rc decided_already(struct db *db, int64_t account_id)
{
    const char *state;
    enum db_rc rc = db_text(db, "SELECT state FROM vendor WHERE account_id = ?1",
                            DB_ARGS(DB_INT(account_id)), &state);

    return rc == DB_OK ? db_refuse(db, 409, NULL,
                                   arena_printf(db_arena(db), "refusal.vendor_is_%s", state),
                                   NULL)
                       : rc;
}

/* One decision: allowed from one state only, in the audit log, told to the account. */
static enum db_rc decide(struct db *db, const struct actor *admin, int64_t account_id,
                         const char *from, const char *to, const char *reason)
{
    const struct actor there = { admin->user_id, account_id, admin->address };
    const char *kind = arena_printf(db_arena(db), "vendor.%s", to);
    const char *name = "";
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db,
                 "UPDATE vendor SET state = ?3, reason = ?4, decided_ms = ?5"
                 " WHERE account_id = ?1 AND state = ?2",
                 DB_ARGS(DB_INT(account_id), DB_TEXT(from), DB_TEXT(to), DB_TEXT(reason),
                         DB_INT(clock_ms())));
    if (rc == DB_NONE)
        rc = decided_already(db, account_id);
    if (rc == DB_OK)
        rc = db_text(db, "SELECT trade_name FROM vendor WHERE account_id = ?1",
                     DB_ARGS(DB_INT(account_id)), &name);
    if (rc == DB_OK) {
        audit_write(db, &there, kind, name, from,
                    *reason ? arena_printf(db_arena(db), "%s: %s", to, reason) : to);
        search_vendor_changed(db, account_id);
        notify_account(
            db, account_id, "catalog", arena_printf(db_arena(db), "notify.vendor_%s", to),
            json_pack("{s:s,s:s}", "name", name, "reason", reason),
            strcmp(to, "approved") == 0 ? "/" : "/account"); /* Home has the next steps */
    }
    return db_end(db, rc);
}

enum db_rc vendor_approve(struct db *db, const struct actor *admin, int64_t account_id)
{
    return decide(db, admin, account_id, "asked", "approved", "");
}

enum db_rc vendor_approve_seen(struct db *db, const struct actor *admin, int64_t account_id,
                               int64_t asked_ms)
{
    int64_t other;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT 1 FROM vendor WHERE account_id = ?1 AND state = 'asked'"
                " AND asked_ms <> ?2 AND ?2 <> 0",
                DB_ARGS(DB_INT(account_id), DB_INT(asked_ms)), &other);
    if (rc == DB_OK)
        rc = db_refuse(db, 409, NULL, "refusal.vendor_change_other", NULL);
    else if (rc == DB_NONE)
        rc = vendor_approve(db, admin, account_id);
    return db_end(db, rc);
}

enum db_rc vendor_restore(struct db *db, const struct actor *admin, int64_t account_id)
{
    return decide(db, admin, account_id, "suspended", "approved", "");
}

/* The account is to know why. */
static enum db_rc decide_against(struct db *db, const struct actor *admin,
                                 int64_t account_id, const char *from, const char *to,
                                 const char *reason)
{
    if (!*reason)
        return db_refuse(db, 422, "reason", "refusal.reason", NULL);
    return decide(db, admin, account_id, from, to, reason);
}

enum db_rc vendor_decline(struct db *db, const struct actor *admin, int64_t account_id,
                          const char *reason)
{
    return decide_against(db, admin, account_id, "asked", "declined", reason);
}

enum db_rc vendor_suspend(struct db *db, const struct actor *admin, int64_t account_id,
                          const char *reason)
{
    return decide_against(db, admin, account_id, "approved", "suspended", reason);
}

enum db_rc vendor_find(struct db *db, int64_t account_id, json_t **row)
{
    return db_row(db, "SELECT " COLUMNS " FROM vendor v WHERE v.account_id = ?1",
                  DB_ARGS(DB_INT(account_id)), row);
}

enum db_rc vendor_requests(struct db *db, int limit, json_t **rows)
{
    enum db_rc rc = db_rows(
        db,
        "SELECT " COLUMNS ", a.name AS account_name,"
        " u.name AS user_name, u.mobile AS user_mobile"
        " FROM vendor v JOIN account a ON a.id = v.account_id"
        " JOIN membership m ON m.account_id = a.id AND m.is_primary = 1"
        " JOIN user u ON u.id = m.user_id"
        " WHERE v.state = 'asked' ORDER BY v.asked_ms LIMIT ?1",
        DB_ARGS(DB_INT(limit)), rows);
    json_t *row;
    size_t i;

    json_array_foreach(*rows, i, row) {
        const char *gstin = json_string_value(json_object_get(row, "gstin"));

        json_object_set_new(row, "is_doubtful",
                            json_boolean(gstin && text_gstin(gstin) != GSTIN_OK));
    }
    return rc;
}

enum db_rc vendor_upi_tell(struct db *db, const struct actor *actor, const char *upi)
{
    const char *name;

    if (db_text(db, "SELECT name FROM user WHERE id = ?1", DB_ARGS(DB_INT(actor->user_id)),
                &name) != DB_OK)
        name = "";
    return notify_account(db, actor->account_id, "cash_register",
                          *upi ? "notify.upi_changed" : "notify.upi_gone",
                          json_pack("{s:s,s:s}", "name", name, "upi", upi), "/account");
}

/* The settings for the audit log, whose page says them in the reader's words; without
 * doorstep delivery its charge is null. */
static const char *settings_text(struct db *db, int64_t account_id)
{
    const char *text;

    return db_text(db,
                   "SELECT json_object('stock_rule', stock_rule, 'doorstep_paise',"
                   " iif(is_doorstep, doorstep_paise, NULL), 'upi', ifnull(upi, ''),"
                   " 'mobile', ifnull(mobile, '')) FROM vendor WHERE account_id = ?1",
                   DB_ARGS(DB_INT(account_id)), &text) == DB_OK
               ? text
               : "";
}

enum db_rc vendor_settings_update(struct db *db, const struct actor *actor,
                                  const struct vendor_settings *s)
{
    const char *before, *upi;
    enum db_rc rc;

    db_begin(db);
    if (*s->upi && !text_upi(s->upi))
        return db_end(db, db_refuse(db, 422, "upi", "refusal.upi", NULL));
    if (db_text(db, "SELECT ifnull(upi, '') FROM vendor WHERE account_id = ?1",
                DB_ARGS(DB_INT(actor->account_id)), &upi) != DB_OK)
        upi = s->upi;
    before = settings_text(db, actor->account_id);
    rc = db_exec(db,
                 "UPDATE vendor SET about = ?2, stock_rule = ?3, upi = ?4, mobile = ?5,"
                 " is_doorstep = ?6, doorstep_paise = ?7 WHERE account_id = ?1"
                 " AND state IN ('approved', 'suspended')",
                 DB_ARGS(DB_INT(actor->account_id), DB_TEXT(s->about),
                         DB_TEXT(s->stock_rule), DB_TEXT(*s->upi ? s->upi : NULL),
                         DB_TEXT(s->mobile), DB_INT(s->is_doorstep),
                         DB_INT(s->doorstep_paise)));
    if (rc == DB_OK) {
        audit_write(db, actor, "vendor.settings", "", before,
                    settings_text(db, actor->account_id));
        search_vendor_changed(db, actor->account_id);
        if (strcmp(upi, s->upi) != 0)
            rc = vendor_upi_tell(db, actor, s->upi);
    }
    return db_end(db, rc);
}
