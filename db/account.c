/* An account is made together with its primary user and first units. */
#include "db/account.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/gst_state.h"
#include "db/setting.h"
#include "db/unit.h"
#include "db/user.h"
#include "db/vendor.h"

#include <sodium.h>
#include <string.h>

/* Under a name that no mail reaches (RFC 2606), until a real one replaces it. */
static const char *email_made(struct db *db)
{
    return arena_printf(db_arena(db), "a%08x%08x@chat.invalid", randombytes_random(),
                        randombytes_random());
}

enum db_rc account_create(struct db *db, int64_t user_id, const struct account_details *d,
                          int64_t *account_id)
{
    struct actor actor = { user_id, 0, NULL };
    const char *email = d->email ? d->email : email_made(db);
    int64_t taken;
    enum db_rc rc;

    db_begin(db);
    if (!clock_zone_known(d->zone))
        return db_end(db, db_refuse(db, 422, "zone", "refusal.zone", NULL));
    if (db_int(db, "SELECT id FROM account WHERE email = ?1", DB_ARGS(DB_TEXT(email)),
               &taken) == DB_OK)
        return db_end(db, db_refuse(db, 422, "email", "refusal.email_taken", NULL));
    if (db_int(db, "SELECT count(*) FROM membership WHERE user_id = ?1 AND is_primary = 1",
               DB_ARGS(DB_INT(user_id)), &taken) == DB_OK &&
        taken >= setting_int(db, "accounts_per_user"))
        return db_end(db, db_refuse(db, 409, NULL, "refusal.accounts_many", NULL));
    rc = db_insert(db,
                   "INSERT INTO account(email, has_made_email, name, address, zone,"
                   " created_ms) VALUES (?1, ?2, substr(?3, 1, 80), ?4, ?5, ?6)",
                   DB_ARGS(DB_TEXT(email), DB_INT(!d->email), DB_TEXT(d->name),
                           DB_TEXT(d->address), DB_TEXT(d->zone), DB_INT(clock_ms())),
                   account_id);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "INSERT INTO membership(account_id, user_id, is_primary, created_ms)"
                     " VALUES (?1, ?2, 1, ?3)",
                     DB_ARGS(DB_INT(*account_id), DB_INT(user_id), DB_INT(clock_ms())));
    if (rc == DB_OK)
        rc = unit_seed(db, *account_id, d->lang);
    actor.account_id = *account_id;
    if (rc == DB_OK)
        rc = audit_write(db, &actor, "account.created", d->email ? email : d->name, NULL,
                         d->name);
    db_made(db, *account_id);
    return db_end(db, rc);
}

/* An account in words, for the audit log. */
static const char *words_of(struct db *db, const json_t *row)
{
    const char *email = row_text(row, "email");

    return arena_printf(db_arena(db), "%s%s%s, %s, %s", email, *email ? ", " : "",
                        row_text(row, "name"), row_text(row, "address"),
                        row_text(row, "zone"));
}

static enum db_rc update_check(struct db *db, int64_t account_id,
                               const struct account_details *d)
{
    int64_t other;

    if (!clock_zone_known(d->zone))
        return db_refuse(db, 422, "zone", "refusal.zone", NULL);
    if (d->email && db_int(db, "SELECT id FROM account WHERE email = ?1 AND id <> ?2",
                           DB_ARGS(DB_TEXT(d->email), DB_INT(account_id)), &other) == DB_OK)
        return db_refuse(db, 422, "email", "refusal.email_taken", NULL);
    return DB_OK;
}

enum db_rc account_update(struct db *db, const struct actor *actor,
                          const struct account_details *d)
{
    json_t *was, *now;
    enum db_rc rc;

    db_begin(db);
    rc = account_find(db, actor->account_id, &was);
    if (rc == DB_OK)
        rc = update_check(db, actor->account_id, d);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE account SET email = ifnull(?2, email), name = ?3, address = ?4,"
                     " zone = ?5, has_made_email = has_made_email AND ?2 IS NULL"
                     " WHERE id = ?1",
                     DB_ARGS(DB_INT(actor->account_id), DB_TEXT(d->email), DB_TEXT(d->name),
                             DB_TEXT(d->address), DB_TEXT(d->zone)));
    if (rc == DB_OK)
        rc = account_find(db, actor->account_id, &now);
    if (rc == DB_OK && strcmp(words_of(db, was), words_of(db, now)) != 0)
        rc = audit_write(db, actor, "account.changed", row_text(was, "name"),
                         words_of(db, was), words_of(db, now));
    return db_end(db, rc);
}

enum db_rc account_list_of_user(struct db *db, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT a.id, " ACCOUNT_EMAIL_SQL("a") " AS email, a.name,"
                   " m.is_primary,"
                   " ifnull(v.state, '') AS vendor_state"
                   " FROM membership m JOIN account a ON a.id = m.account_id"
                   " LEFT JOIN vendor v ON v.account_id = a.id"
                   " WHERE m.user_id = ?1 AND a.state = 'active' ORDER BY a.name, a.id"
                   " LIMIT 100",
                   DB_ARGS(DB_INT(user_id)), rows);
}

enum db_rc account_find(struct db *db, int64_t account_id, json_t **row)
{
    return db_row(db,
                  "SELECT a.id, " ACCOUNT_EMAIL_SQL("a") " AS email, a.name, a.address, a.zone"
                  " FROM account a WHERE a.id = ?1",
                  DB_ARGS(DB_INT(account_id)), row);
}

enum db_rc account_own(struct db *db, int64_t user_id, int64_t *account_id)
{
    *account_id = 0;
    return db_int(db,
                  "SELECT m.account_id FROM membership m"
                  " JOIN account a ON a.id = m.account_id AND a.state = 'active'"
                  " LEFT JOIN vendor v ON v.account_id = a.id"
                  " WHERE m.user_id = ?1 AND m.is_primary = 1"
                  " ORDER BY v.account_id IS NULL, m.account_id LIMIT 1",
                  DB_ARGS(DB_INT(user_id)), account_id);
}

static enum db_rc own_account(struct db *db, const struct chat_registration *r,
                              int64_t user_id, int64_t *account_id)
{
    const struct account_details details = { NULL, r->name, r->address, "Asia/Kolkata",
                                             r->lang };
    enum db_rc rc = account_own(db, user_id, account_id);

    return rc == DB_NONE ? account_create(db, user_id, &details, account_id) : rc;
}

static enum db_rc chat_vendor(struct db *db, const struct chat_registration *r,
                              const struct actor *actor)
{
    const struct actor system = { 0, actor->account_id, NULL };
    const char *state = *r->state_code
                            ? r->state_code
                            : gst_state_of_address(db_arena(db), r->address);
    const struct vendor_details details = { .trade_name = r->name,
                                            .address = r->address,
                                            .state_code = state ? state : "",
                                            .gst_status = "unregistered",
                                            .upi = r->upi,
                                            .mobile = r->mobile };
    const char *was;
    enum db_rc rc = db_text(db, "SELECT state FROM vendor WHERE account_id = ?1",
                            DB_ARGS(DB_INT(actor->account_id)), &was);

    if (rc != DB_NONE)
        return rc; /* what was asked or decided before stays */
    if (!state)
        return db_refuse(db, 422, "address", "refusal.address_pin", NULL);
    rc = vendor_request(db, actor, &details, NULL);
    if (rc == DB_OK && strcmp(setting_get(db, "chat_grants_vendor"), "1") == 0)
        rc = vendor_approve(db, &system, actor->account_id);
    return rc;
}

enum db_rc account_register_chat(struct db *db, const struct chat_registration *r,
                                 int64_t *user_id, int64_t *account_id)
{
    const struct user_details details = { r->mobile, r->name, r->lang, r->address,
                                          r->makes };
    enum db_rc rc;

    *account_id = 0;
    db_begin(db);
    rc = user_create(db, &details, user_id);
    if (rc == DB_OK)
        rc = own_account(db, r, *user_id, account_id);
    if (rc == DB_OK)
        rc = chat_vendor(db, r, &(struct actor) { *user_id, *account_id, NULL });
    return db_end(db, rc);
}
