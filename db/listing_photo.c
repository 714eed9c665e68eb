/* Photos and the description of a product. Positions only order; gaps don't matter. */
#include "db/audit.h"
#include "db/base/clock.h"
#include "db/base/text.h"
#include "listing.h"
#include "listing_internal.h"
#include "search.h"

enum { DESCRIPTION_CHARS = 2000 };

static enum db_rc product_name(struct db *db, int64_t account_id, int64_t product_id,
                               const char **name)
{
    return db_text(db, "SELECT name FROM product WHERE id = ?1 AND account_id = ?2",
                   DB_ARGS(DB_INT(product_id), DB_INT(account_id)), name);
}

enum db_rc product_describe(struct db *db, const struct actor *actor, int64_t product_id,
                            const char *text)
{
    enum db_rc rc;

    db_begin(db);
    if (text_chars(text) > DESCRIPTION_CHARS)
        db_refuse(db, 422, "description", "refusal.description_long", NULL);
    rc = db_exec(db,
                 "UPDATE product SET description = ?3 WHERE id = ?1 AND account_id = ?2",
                 DB_ARGS(DB_INT(product_id), DB_INT(actor->account_id), DB_TEXT(text)));
    if (rc == DB_OK)
        rc = search_product_changed(db, product_id);
    return db_end(db, rc);
}

enum db_rc photo_add(struct db *db, const struct actor *actor, int64_t product_id,
                     const struct photo *photo, int64_t *photo_id)
{
    int64_t id = 0;
    const char *name;
    enum db_rc rc;

    db_begin(db);
    rc = product_name(db, actor->account_id, product_id, &name);
    if (rc != DB_OK)
        return db_end(db, rc);
    if (db_number(db, "SELECT count(*) FROM photo WHERE product_id = ?1",
                  DB_ARGS(DB_INT(product_id))) >= LISTING_PHOTOS)
        db_refuse(db, 422, "photo", "refusal.photos_full",
                  json_pack("{s:i}", "max", LISTING_PHOTOS));
    rc = db_insert(
        db,
        "INSERT INTO photo(account_id, product_id, name, width, height, thumb_width,"
        " thumb_height, position, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
        " (SELECT ifnull(max(position), 0) + 1 FROM photo WHERE product_id = ?2), ?8)",
        DB_ARGS(DB_INT(actor->account_id), DB_INT(product_id), DB_TEXT(photo->name),
                DB_INT(photo->width), DB_INT(photo->height), DB_INT(photo->thumb_width),
                DB_INT(photo->thumb_height), DB_INT(clock_ms())),
        &id);
    if (photo_id)
        *photo_id = id;
    db_made(db, product_id);
    return db_end(db, rc);
}

enum db_rc photo_remove(struct db *db, const struct actor *actor, int64_t photo_id,
                        const char **name)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db, "SELECT name FROM photo WHERE id = ?1 AND account_id = ?2",
                 DB_ARGS(DB_INT(photo_id), DB_INT(actor->account_id)), name);
    if (rc == DB_OK)
        rc = db_exec(db, "DELETE FROM photo WHERE id = ?1 AND account_id = ?2",
                     DB_ARGS(DB_INT(photo_id), DB_INT(actor->account_id)));
    return db_end(db, rc);
}

enum db_rc photo_first(struct db *db, const struct actor *actor, int64_t photo_id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(
        db,
        "UPDATE photo SET position = (SELECT min(o.position) - 1 FROM photo o"
        " WHERE o.product_id = photo.product_id) WHERE id = ?1 AND account_id = ?2",
        DB_ARGS(DB_INT(photo_id), DB_INT(actor->account_id)));
    return db_end(db, rc);
}

enum db_rc photo_list(struct db *db, int64_t account_id, int64_t product_id,
                      json_t **rows)
{
    return db_rows(db,
                   "SELECT id, name, width, height, thumb_width, thumb_height FROM photo"
                   " WHERE product_id = ?1 AND account_id = ?2 ORDER BY position, id",
                   DB_ARGS(DB_INT(product_id), DB_INT(account_id)), rows);
}

enum db_rc photo_visible(struct db *db, const char *name, int64_t account_id)
{
    int64_t id;

    return db_int(
        db,
        "SELECT f.id FROM photo f WHERE f.name = ?1 AND (f.account_id = ?2 OR EXISTS"
        " (SELECT 1 FROM listing l JOIN vendor n ON n.account_id = l.account_id"
        " WHERE l.product_id = f.product_id AND l.is_on_sale = 1"
        " AND " VENDOR_OPEN_SQL "))",
        DB_ARGS(DB_TEXT(name), DB_INT(account_id)), &id);
}
