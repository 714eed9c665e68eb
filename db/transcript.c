/* Both directions in one list, by the time they were written down. */
#include "db/transcript.h"

enum db_rc transcript_list(struct db *db, const char *chat, int limit, json_t **rows)
{
    return db_rows(
        db,
        "SELECT at_ms, is_in, kind, payload_json FROM ("
        " SELECT at_ms, 1 AS is_in, 'message' AS kind, payload AS payload_json, id"
        "  FROM (SELECT * FROM webhook_message ORDER BY id DESC LIMIT 2000)"
        "  WHERE source = 'whatsapp' AND sender = ?1"
        " UNION ALL"
        " SELECT created_ms, 0, kind, payload, id"
        "  FROM (SELECT * FROM job ORDER BY id DESC LIMIT 2000)"
        "  WHERE kind IN ('message', 'otp') AND recipient = '+' || ?1"
        " ORDER BY at_ms DESC, is_in, id DESC LIMIT ?2) ORDER BY at_ms, is_in DESC, id",
        DB_ARGS(DB_TEXT(chat), DB_INT(limit)), rows);
}

enum db_rc transcript_pending(struct db *db, const char *chat, int64_t *count)
{
    return db_int(db,
                  "SELECT (SELECT count(*) FROM webhook_message WHERE sender = ?1"
                  "  AND state = 'waiting') + (SELECT count(*) FROM job"
                  "  WHERE recipient = '+' || ?1 AND state IN ('waiting', 'leased'))",
                  DB_ARGS(DB_TEXT(chat)), count);
}

enum db_rc transcript_chats(struct db *db, int limit, json_t **rows)
{
    return db_rows(db,
                   "SELECT '+' || sender AS mobile, max(id) AS last"
                   " FROM (SELECT id, sender FROM webhook_message"
                   "  WHERE source = 'whatsapp' AND sender GLOB '91[6-9]*'"
                   "  ORDER BY id DESC LIMIT 2000)"
                   " GROUP BY sender ORDER BY last DESC LIMIT ?1",
                   DB_ARGS(DB_INT(limit)), rows);
}
