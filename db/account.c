/* An account is made together with its primary user and first units. */
#include "db/account.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/unit.h"

#include <sodium.h>

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
    if (db_int(db, "SELECT id FROM account WHERE email = ?1", DB_ARGS(DB_TEXT(email)),
               &taken) == DB_OK)
        return db_end(db, db_refuse(db, 422, "email", "refusal.email_taken", NULL));
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
        rc = audit_write(db, &actor, "account.created", email, NULL, d->name);
    db_made(db, *account_id);
    return db_end(db, rc);
}

enum db_rc account_list_of_user(struct db *db, int64_t user_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT a.id, a.email, a.name, m.is_primary,"
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
                  "SELECT id, email, has_made_email, name, address, zone FROM account"
                  " WHERE id = ?1",
                  DB_ARGS(DB_INT(account_id)), row);
}
