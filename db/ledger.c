/* A party is a customer in a vendor's books. A trigger keeps its balance beside the
 * entries; what is owed is read under the writer before more money is taken. */
#include "ledger.h"

#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "listing_internal.h"
#include "match.h"
#include "notify.h"

/* --- reading --- */

enum db_rc ledger_parties(struct db *db, int64_t account_id, const char *q,
                          bool only_owing, int64_t after_paise, int64_t after_id,
                          int limit, json_t **rows)
{
    return db_rows(
        db,
        "SELECT p.id AS id, p.name AS name, p.mobile AS mobile,"
        " p.customer_account_id AS customer_account_id,"
        " p.balance_paise AS balance_paise, (SELECT e.at_ms FROM ledger_entry e"
        " WHERE e.party_id = p.id ORDER BY e.id DESC LIMIT 1) AS last_ms"
        " FROM party p WHERE p.account_id = ?1 AND (?2 = 0 OR p.balance_paise <> 0)"
        " AND (p.balance_paise, p.id) < (?3, ?4)"
        " AND (?5 IS NULL OR p.name LIKE ?5 ESCAPE '\\'"
        " OR (?7 <> '' AND instr(p.mobile, ?7) > 0))"
        " ORDER BY p.balance_paise DESC, p.id DESC LIMIT ?6",
        DB_ARGS(DB_INT(account_id), DB_INT(only_owing),
                DB_INT(after_id ? after_paise : INT64_MAX), DB_INT(page_before(after_id)),
                DB_TEXT(like_part(db_arena(db), q)), DB_INT(limit),
                DB_TEXT(match_digits(db_arena(db), q ? q : ""))),
        rows);
}

enum db_rc ledger_party(struct db *db, int64_t account_id, int64_t party_id, json_t **row)
{
    return db_row(db,
                  "SELECT id, name, mobile, customer_account_id, balance_paise FROM party"
                  " WHERE id = ?1 AND account_id = ?2",
                  DB_ARGS(DB_INT(party_id), DB_INT(account_id)), row);
}

enum db_rc ledger_entries(struct db *db, int64_t account_id, int64_t party_id,
                          int64_t before_id, int limit, json_t **rows)
{
    int64_t balance = 0;
    json_t *row;
    enum db_rc rc;
    size_t i;

    rc = db_rows(
        db,
        "SELECT e.id AS id, e.kind AS kind, e.method AS method, e.paise AS paise,"
        " e.order_id AS order_id, o.number AS order_number, e.reference AS reference,"
        " e.note AS note, e.reverses_id AS reverses_id, r.id IS NOT NULL AS is_reversed,"
        " e.kind = 'payment' AND r.id IS NULL AS can_reverse,"
        " ifnull(u.name, '') AS user_name, e.at_ms AS at_ms FROM ledger_entry e"
        " LEFT JOIN orders o ON o.id = e.order_id LEFT JOIN user u ON u.id = e.user_id"
        " LEFT JOIN ledger_entry r ON r.reverses_id = e.id"
        " WHERE e.party_id = ?1 AND e.account_id = ?2 AND e.id < ?3"
        " ORDER BY e.id DESC LIMIT ?4",
        DB_ARGS(DB_INT(party_id), DB_INT(account_id), DB_INT(page_before(before_id)),
                DB_INT(limit)),
        rows);
    if (rc != DB_OK || json_array_size(*rows) == 0)
        return rc;
    rc = db_int(
        db,
        "SELECT sum(paise) FROM ledger_entry WHERE party_id = ?1 AND account_id = ?2"
        " AND id <= ?3",
        DB_ARGS(DB_INT(party_id), DB_INT(account_id),
                DB_INT(row_int(json_array_get(*rows, 0), "id"))),
        &balance);
    json_array_foreach(*rows, i, row)
    {
        json_object_set_new(row, "balance_paise", json_integer(balance));
        balance -= row_int(row, "paise");
    }
    return rc;
}

enum db_rc ledger_owed(struct db *db, int64_t account_id, int64_t *paise,
                       int64_t *parties)
{
    json_t *row;
    enum db_rc rc;

    rc = db_row(
        db,
        "SELECT ifnull(sum(balance_paise), 0) AS paise, count(*) AS parties FROM party"
        " WHERE account_id = ?1 AND balance_paise > 0",
        DB_ARGS(DB_INT(account_id)), &row);
    *paise = row_int(row, "paise");
    *parties = row_int(row, "parties");
    return rc;
}

enum db_rc ledger_period(struct db *db, int64_t account_id, int64_t from_ms,
                         int64_t to_ms, json_t **sums)
{
    return db_row(
        db,
        "SELECT -ifnull(sum(CASE method WHEN 'cash' THEN paise END), 0) AS cash_paise,"
        " -ifnull(sum(CASE method WHEN 'upi' THEN paise END), 0) AS upi_paise,"
        " ifnull(sum(CASE kind WHEN 'sale' THEN paise END), 0) AS sale_paise"
        " FROM ledger_entry WHERE account_id = ?1 AND at_ms >= ?2 AND at_ms < ?3",
        DB_ARGS(DB_INT(account_id), DB_INT(from_ms), DB_INT(to_ms)), sums);
}

#define DUE_COLUMNS                                                                      \
    "p.id AS id, p.account_id AS account_id, n.trade_name AS name, n.handle AS handle,"  \
    " n.upi AS upi, n.mobile AS mobile, p.balance_paise AS balance_paise"
#define DUE_FROM " FROM party p JOIN vendor n ON n.account_id = p.account_id"

enum db_rc ledger_dues(struct db *db, int64_t customer_account_id, json_t **rows)
{
    return db_rows(db,
                   "SELECT " DUE_COLUMNS ", (SELECT e.at_ms FROM ledger_entry e WHERE"
                   " e.party_id = p.id ORDER BY e.id DESC LIMIT 1) AS last_ms" DUE_FROM
                   " WHERE p.customer_account_id = ?1 AND p.balance_paise <> 0"
                   " ORDER BY p.id LIMIT ?2",
                   DB_ARGS(DB_INT(customer_account_id), DB_INT(LEDGER_DUES_MAX)), rows);
}

enum db_rc ledger_due(struct db *db, int64_t customer_account_id, int64_t party_id,
                      json_t **row)
{
    return db_row(db,
                  "SELECT " DUE_COLUMNS DUE_FROM
                  " WHERE p.id = ?1 AND p.customer_account_id = ?2",
                  DB_ARGS(DB_INT(party_id), DB_INT(customer_account_id)), row);
}

/* --- writing --- */

struct entry {
    int64_t party_id, order_id, paise, reverses_id;
    const char *kind, *method, *reference, *note;
};

static enum db_rc entry_add(struct db *db, const struct actor *actor,
                            const struct entry *e, int64_t *id)
{
    return db_insert(
        db,
        "INSERT INTO ledger_entry(account_id, party_id, order_id, kind, method,"
        " paise, reference, note, reverses_id, user_id, at_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        DB_ARGS(DB_INT(actor->account_id), DB_INT(e->party_id), DB_REF(e->order_id),
                DB_TEXT(e->kind), DB_TEXT(e->method ? e->method : ""), DB_INT(e->paise),
                DB_TEXT(e->reference ? e->reference : ""),
                DB_TEXT(e->note ? e->note : ""), DB_REF(e->reverses_id),
                DB_REF(actor->user_id), DB_INT(clock_ms())),
        id);
}

static enum db_rc payment_check(struct db *db, const json_t *party, int64_t paise,
                                const char *method)
{
    int64_t owed = row_int(party, "balance_paise");

    if (strcmp(method, "cash") != 0 && strcmp(method, "upi") != 0)
        return db_refuse(db, 422, "method", "refusal.pay_method", NULL);
    if (paise <= 0)
        return db_refuse(db, 422, "amount", "refusal.amount_none", NULL);
    if (owed <= 0)
        return db_refuse(db, 409, "amount", "refusal.nothing_owed", NULL);
    if (paise > owed)
        return db_refuse(db, 409, "amount", "refusal.more_than_owed",
                         json_pack("{s:I}", "owed_paise", (json_int_t)owed));
    return DB_OK;
}

/* The customer hears what the shop wrote of them: `paise` that came in, or was undone. */
static enum db_rc customer_tell(struct db *db, int64_t account_id, int64_t party_id,
                                const char *key, int64_t paise)
{
    int64_t customer;
    json_t *due;
    enum db_rc rc;

    rc = db_int(db,
                "SELECT customer_account_id FROM party WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(party_id), DB_INT(account_id)), &customer);
    if (rc == DB_OK)
        rc = ledger_due(db, customer, party_id, &due);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_OK : rc; /* no customer of ours */
    if (row_int(due, "balance_paise") <= 0)
        key = "notify.money_all";
    return notify_account(db, customer, "orders", key,
                          json_pack("{s:O, s:I, s:O}", "name", json_object_get(due, "name"),
                                    "paise", (json_int_t)paise, "balance_paise",
                                    json_object_get(due, "balance_paise")),
                          arena_printf(db_arena(db), "/dues/%lld", (long long)party_id));
}

enum db_rc ledger_receive(struct db *db, const struct actor *actor, int64_t party_id,
                          int64_t paise, const char *method, const char *reference,
                          const char *note, int64_t *entry_id)
{
    struct arena *a = db_arena(db);
    json_t *party;
    int64_t id = 0, owed;
    enum db_rc rc;

    db_begin(db);
    rc = ledger_party(db, actor->account_id, party_id, &party);
    if (rc == DB_OK)
        rc = payment_check(db, party, paise, method);
    if (rc != DB_OK)
        return db_end(db, rc);
    entry_add(db, actor,
              &(struct entry) { .party_id = party_id,
                                .kind = "payment",
                                .method = method,
                                .paise = -paise,
                                .reference = reference,
                                .note = note },
              &id);
    owed = row_int(party, "balance_paise");
    rc = audit_write(db, actor, "cash.received", row_text(party, "name"),
                     text_rupees(a, owed, false), text_rupees(a, owed - paise, false));
    if (rc == DB_OK)
        rc = customer_tell(db, actor->account_id, party_id, "notify.money_came", paise);
    if (entry_id)
        *entry_id = id;
    db_made(db, id);
    return db_end(db, rc);
}

enum db_rc ledger_reverse(struct db *db, const struct actor *actor, int64_t entry_id,
                          const char *reason)
{
    struct arena *a = db_arena(db);
    json_t *row;
    enum db_rc rc;

    db_begin(db);
    rc = db_row(db,
                "SELECT e.party_id AS party_id, e.order_id AS order_id, e.kind AS kind,"
                " e.method AS method, e.paise AS paise, p.name AS name, EXISTS (SELECT 1"
                " FROM ledger_entry r WHERE r.reverses_id = e.id) AS is_reversed"
                " FROM ledger_entry e JOIN party p ON p.id = e.party_id"
                " WHERE e.id = ?1 AND e.account_id = ?2",
                DB_ARGS(DB_INT(entry_id), DB_INT(actor->account_id)), &row);
    if (rc != DB_OK)
        return db_end(db, rc);
    if (strcmp(row_text(row, "kind"), "payment") != 0)
        return db_end(db, db_refuse(db, 409, NULL, "refusal.reverse_payment_only", NULL));
    if (row_true(row, "is_reversed"))
        return db_end(db, db_refuse(db, 409, NULL, "refusal.reversed_already", NULL));
    if (!reason || !*reason)
        return db_end(db, db_refuse(db, 422, "reason", "refusal.reason_needed", NULL));
    entry_add(db, actor,
              &(struct entry) { .party_id = row_int(row, "party_id"),
                                .order_id = row_int(row, "order_id"),
                                .kind = "reverse",
                                .method = row_text(row, "method"),
                                .paise = -row_int(row, "paise"),
                                .note = reason,
                                .reverses_id = entry_id },
              NULL);
    rc = audit_write(db, actor, "cash.reversed", row_text(row, "name"),
                     text_rupees(a, -row_int(row, "paise"), false), reason);
    if (rc == DB_OK)
        rc = customer_tell(db, actor->account_id, row_int(row, "party_id"),
                           "notify.money_undone", -row_int(row, "paise"));
    db_made(db, row_int(row, "party_id"));
    return db_end(db, rc);
}

/* --- for orders --- */

enum db_rc ledger_party_of(struct db *db, int64_t account_id, int64_t customer_account_id,
                           const char *name, const char *mobile, int64_t *party_id)
{
    db_exec(db,
            "INSERT INTO party(account_id, customer_account_id, name, mobile, created_ms)"
            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account_id, customer_account_id)"
            " WHERE customer_account_id IS NOT NULL DO UPDATE SET name = ?3, mobile = ?4",
            DB_ARGS(DB_INT(account_id), DB_INT(customer_account_id), DB_TEXT(name),
                    DB_TEXT(mobile), DB_INT(clock_ms())));
    return db_int(
        db, "SELECT id FROM party WHERE account_id = ?1 AND customer_account_id = ?2",
        DB_ARGS(DB_INT(account_id), DB_INT(customer_account_id)), party_id);
}

enum db_rc ledger_sale(struct db *db, const struct actor *actor, int64_t party_id,
                       int64_t order_id, int64_t total_paise, int64_t upi_paise,
                       int64_t cash_paise)
{
    struct entry e = { .party_id = party_id, .order_id = order_id };
    enum db_rc rc = DB_OK;

    e.kind = "sale";
    e.paise = total_paise;
    if (total_paise > 0)
        rc = entry_add(db, actor, &e, NULL);
    e.kind = "payment";
    e.method = "upi";
    e.paise = -upi_paise;
    if (rc == DB_OK && upi_paise > 0)
        rc = entry_add(db, actor, &e, NULL);
    e.method = "cash";
    e.paise = -cash_paise;
    if (rc == DB_OK && cash_paise > 0)
        rc = entry_add(db, actor, &e, NULL);
    return rc;
}
