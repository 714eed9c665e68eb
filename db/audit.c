/* Names are copied into the entry: it stays readable when they change later. */
#include "db/audit.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/text.h"

#include <string.h>

enum db_rc audit_write(struct db *db, const struct actor *actor, const char *kind,
                       const char *subject, const char *before, const char *after)
{
    return db_exec(
        db,
        "INSERT INTO audit_entry(account_id, user_id, user_name, address, kind,"
        " subject, before, after, at_ms) VALUES (?1, ?2,"
        " ifnull((SELECT name FROM user WHERE id = ?2), ''), ?3, ?4, ?5, ?6, ?7,"
        " ?8)",
        DB_ARGS(DB_REF(actor->account_id), DB_REF(actor->user_id),
                DB_TEXT(actor->address ? actor->address : ""), DB_TEXT(kind),
                DB_TEXT(subject), DB_TEXT(before ? before : ""),
                DB_TEXT(after ? after : ""), DB_INT(clock_ms())));
}

/* As a LIKE pattern: its wild cards stand for themselves; a mobile number as it is kept. */
static const char *pattern_of(struct db *db, const char *words)
{
    struct buf b = buf_new(db_arena(db), 64, 1024);
    const char *mobile = text_mobile(db_arena(db), words);

    words = mobile ? mobile : words;
    buf_putc(&b, '%');
    for (; *words; words++) {
        if (strchr("%_\\", *words))
            buf_putc(&b, '\\');
        buf_putc(&b, *words);
    }
    buf_putc(&b, '%');
    return buf_str(&b);
}

#define FILTERED                                                                         \
    " FROM audit_entry WHERE account_id IS ?1 AND id < ?2"                               \
    " AND (?4 IS NULL OR substr(kind, 1, instr(kind, '.') - 1)"                          \
    "   IN (SELECT value FROM json_each(?4)))"                                           \
    " AND (?5 IS NULL OR subject LIKE ?5 ESCAPE '\\'"                                    \
    "   OR user_name LIKE ?5 ESCAPE '\\' OR before LIKE ?5 ESCAPE '\\'"                 \
    "   OR after LIKE ?5 ESCAPE '\\' OR address LIKE ?5 ESCAPE '\\')"                    \
    " AND at_ms >= ?6 AND at_ms < ?7"
#define FILTER(db, f, before_id, limit)                                                    \
    DB_ARGS(DB_REF((f)->account_id), DB_INT((before_id) ? (before_id) : INT64_MAX),       \
            DB_INT(limit), DB_TEXT((f)->groups),                                          \
            DB_TEXT((f)->q && *(f)->q ? pattern_of(db, (f)->q) : NULL),                   \
            DB_INT((f)->from_ms), DB_INT((f)->to_ms ? (f)->to_ms : INT64_MAX))

enum db_rc audit_list(struct db *db, const struct audit_filter *f, int limit,
                      json_t **rows)
{
    return db_rows(db,
                   "SELECT id, at_ms, user_name, address, kind, subject, before, after"
                   FILTERED " ORDER BY id DESC LIMIT ?3",
                   FILTER(db, f, f->before_id, limit), rows);
}

enum db_rc audit_count(struct db *db, const struct audit_filter *f, int most, int64_t *n)
{
    return db_int(db, "SELECT count(*) FROM (SELECT 1" FILTERED " LIMIT ?3)",
                  FILTER(db, f, 0, most), n);
}

const struct audit_group audit_groups[] = {
    { "member", MOD_USERS, MOD_USERS },
    { "account", MOD_USERS, MOD_USERS },
    { "vendor", MOD_CATALOG, MOD_CATALOG },
    { "order", MOD_CUSTOMER_ORDERS, MOD_ORDERS },
    { "stock", MOD_INVENTORY, MOD_INVENTORY },
    { "sku", MOD_INVENTORY, MOD_INVENTORY },
    { "listing", MOD_CATALOG, MOD_CATALOG },
    { "cash", MOD_CASH, MOD_CASH },
    { NULL, MOD_NONE, MOD_NONE },
};
