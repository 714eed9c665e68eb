/* Units are found by their folded name. A SKU's quantities are bound to its unit's
 * decimals, so these can grow at will but shrink only as far as the bookings allow. */
#include "db/unit.h"

#include "db/custom.h"

#include <string.h>

enum { NAME_MAX_CHARS = 30 };

#define UNIT_COLUMNS                                                                     \
    "SELECT u.id, u.name, u.decimals, u.n AS sku_count, u.n > 0 AS is_used FROM ("       \
    "SELECT id, name, folded, decimals,"                                                 \
    " (SELECT count(*) FROM sku s WHERE s.unit_id = unit.id) AS n FROM unit"

enum db_rc unit_list(struct db *db, int64_t account_id, json_t **rows)
{
    return db_rows(db,
                   UNIT_COLUMNS " WHERE account_id = ?1) u ORDER BY u.folded LIMIT ?2",
                   DB_ARGS(DB_INT(account_id), DB_INT(CUSTOM_LIST_MAX)), rows);
}

enum db_rc unit_find(struct db *db, int64_t account_id, int64_t id, json_t **row)
{
    return db_row(db, UNIT_COLUMNS " WHERE account_id = ?1 AND id = ?2) u",
                  DB_ARGS(DB_INT(account_id), DB_INT(id)), row);
}

static enum db_rc decimals_check(struct db *db, int decimals)
{
    if (decimals >= 0 && decimals <= 3)
        return DB_OK;
    return db_refuse(db, 422, "decimals", "refusal.decimals", NULL);
}

/* Refuses when another unit than `except` has the name. */
static enum db_rc name_free(struct db *db, int64_t account_id, const char *folded,
                            int64_t except)
{
    int64_t other;
    enum db_rc rc = db_int(
        db, "SELECT id FROM unit WHERE account_id = ?1 AND folded = ?2 AND id <> ?3",
        DB_ARGS(DB_INT(account_id), DB_TEXT(folded), DB_INT(except)), &other);

    if (rc == DB_OK)
        return custom_refuse_taken(db, "name");
    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc room_check(struct db *db, int64_t account_id)
{
    int64_t count;
    enum db_rc rc = db_int(db, "SELECT count(*) FROM unit WHERE account_id = ?1",
                           DB_ARGS(DB_INT(account_id)), &count);

    return rc == DB_OK && count >= CUSTOM_MAX ? custom_refuse_many(db) : rc;
}

static enum db_rc unit_insert(struct db *db, int64_t account_id,
                              const struct custom_name *name, int decimals, int64_t *id)
{
    return db_insert(db,
                     "INSERT INTO unit(account_id, name, folded, decimals)"
                     " VALUES (?1, ?2, ?3, ?4)",
                     DB_ARGS(DB_INT(account_id), DB_TEXT(name->name),
                             DB_TEXT(name->folded), DB_INT(decimals)),
                     id);
}

enum db_rc unit_add(struct db *db, const struct actor *actor, const char *name,
                    int decimals, int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = decimals_check(db, decimals);
    if (rc == DB_OK)
        rc = name_free(db, actor->account_id, n.folded, 0);
    if (rc == DB_OK)
        rc = room_check(db, actor->account_id);
    if (rc == DB_OK)
        rc = unit_insert(db, actor->account_id, &n, decimals, id);
    db_made(db, *id);
    return db_end(db, rc);
}

/* Refuses when something booked in the unit has more decimals. */
static enum db_rc decimals_fit(struct db *db, int64_t id, int decimals)
{
    static const int64_t step[] = { 1000, 100, 10, 1 };
    int64_t found;
    enum db_rc rc = db_int(db,
                           "SELECT s.id FROM sku s WHERE s.unit_id = ?1"
                           " AND (ifnull(s.low_milli, 0) % ?2 <> 0"
                           " OR EXISTS (SELECT 1 FROM stock_move m WHERE m.sku_id = s.id"
                           "            AND m.qty_milli % ?2 <> 0)) LIMIT 1",
                           DB_ARGS(DB_INT(id), DB_INT(step[decimals])), &found);

    if (rc == DB_OK)
        return db_refuse(db, 409, "decimals", "refusal.decimals_used", NULL);
    return rc == DB_NONE ? DB_OK : rc;
}

enum db_rc unit_update(struct db *db, const struct actor *actor, int64_t id,
                       const char *name, int decimals)
{
    struct custom_name n;
    int64_t was;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db, "SELECT decimals FROM unit WHERE id = ?1 AND account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &was);
    if (rc == DB_OK)
        rc = custom_name(db, "name", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = decimals_check(db, decimals);
    if (rc == DB_OK)
        rc = name_free(db, actor->account_id, n.folded, id);
    if (rc == DB_OK && decimals < was)
        rc = decimals_fit(db, id, decimals);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE unit SET name = ?3, folded = ?4, decimals = ?5"
                     " WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id), DB_TEXT(n.name),
                             DB_TEXT(n.folded), DB_INT(decimals)));
    return db_end(db, rc);
}

enum db_rc unit_delete(struct db *db, const struct actor *actor, int64_t id)
{
    int64_t used;
    enum db_rc rc;

    db_begin(db);
    rc = db_int(db,
                "SELECT (SELECT count(*) FROM sku s WHERE s.unit_id = u.id) FROM unit u"
                " WHERE u.id = ?1 AND u.account_id = ?2",
                DB_ARGS(DB_INT(id), DB_INT(actor->account_id)), &used);
    if (rc == DB_OK && used > 0)
        rc = custom_refuse_used(db, used);
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM unit WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(id), DB_INT(actor->account_id)));
    return db_end(db, rc);
}

enum db_rc unit_get(struct db *db, int64_t account_id, const char *name, int decimals,
                    int64_t *id)
{
    struct custom_name n;
    enum db_rc rc;

    *id = 0;
    db_begin(db);
    rc = custom_name(db, "unit", name, NAME_MAX_CHARS, &n);
    if (rc == DB_OK)
        rc = db_int(db, "SELECT id FROM unit WHERE account_id = ?1 AND folded = ?2",
                    DB_ARGS(DB_INT(account_id), DB_TEXT(n.folded)), id);
    if (rc == DB_NONE)
        rc = unit_insert(db, account_id, &n, decimals, id);
    return db_end(db, rc);
}

enum db_rc unit_seed(struct db *db, int64_t account_id, const char *lang)
{
    static const struct {
        const char *en, *hi;
        int decimals;
    } seeds[] = {
        { "piece", "नग", 0 },   { "kg", "किलो", 3 },   { "g", "ग्राम", 0 },
        { "litre", "लीटर", 3 }, { "ml", "मिली", 0 },   { "metre", "मीटर", 2 },
        { "dozen", "दर्जन", 0 }, { "box", "डिब्बा", 0 }, { "packet", "पैकेट", 0 },
        { "pair", "जोड़ी", 0 },
    };
    bool is_hindi = lang && strcmp(lang, "hi") == 0;
    enum db_rc rc = DB_OK;
    int64_t id;

    db_begin(db);
    for (size_t i = 0; rc == DB_OK && i < sizeof seeds / sizeof seeds[0]; i++)
        rc = unit_get(db, account_id, is_hindi ? seeds[i].hi : seeds[i].en,
                      seeds[i].decimals, &id);
    return db_end(db, rc);
}

bool unit_fits(int64_t qty_milli, int64_t decimals)
{
    static const int64_t step[] = { 1000, 100, 10, 1 };

    if (decimals < 0 || decimals > 3)
        return false;
    return qty_milli % step[decimals] == 0;
}
