/* Photos of a product on sale. All photos of one form are made before any is recorded,
 * and recorded together: a bad one among them changes nothing. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "db/listing.h"
#include "server/documents/media.h"
#include "server/http/body.h"
#include "server/pages/order_view.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

static int photos_show(struct req *r)
{
    json_t *row, *photos, *photo;
    size_t i;
    enum db_rc rc = listing_find(r->db, r->account_id, req_arg_id(r, 0), 0, &row);

    if (rc == DB_OK &&
        photo_list(r->db, r->account_id, row_int(row, "product_id"), &photos) != DB_OK)
        rc = DB_ERR;
    if (rc != DB_OK)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    json_array_foreach(photos, i, photo)
    {
        json_object_set_new(photo, "is_first", json_boolean(i == 0));
        json_object_set_new(photo, "url",
                            json_string(arena_printf(r->arena, "/media/%s-t.jpg",
                                                     row_text(photo, "name"))));
    }
    return reply_page(r, 200, "sell/photos",
                      json_pack("{s:O,s:O,s:b,s:b,s:i,s:b}", "listing", row, "photos",
                                photos, "has_photos", json_array_size(photos) > 0,
                                "has_room", json_array_size(photos) < LISTING_PHOTOS,
                                "most", LISTING_PHOTOS, "can_change",
                                req_level(r, MOD_CATALOG) >= LEVEL_CHANGE));
}

static void files_remove(struct req *r, const char *name)
{
    unlink(arena_printf(r->arena, "%s/media/%s.jpg", r->app->data, name));
    unlink(arena_printf(r->arena, "%s/media/%s-t.jpg", r->app->data, name));
}

/* Makes the two files of one upload, under a name that nobody can guess. */
static enum media_rc photo_make(struct req *r, const struct part *part,
                                struct photo *photo, const char **why)
{
    const char *dir = arena_printf(r->arena, "%s/media", r->app->data),
               *path = part->path;
    unsigned char random[16];
    struct picture picture = { 0 };
    enum media_rc rc;
    int fd = -1;

    if (!path) {
        fd = media_memory(part->value, part->value_len);
        if (fd < 0)
            return *why = "photo.failed", MEDIA_FAILED;
        path = arena_printf(r->arena, "/proc/self/fd/%d", fd);
    }
    randombytes_buf(random, sizeof random);
    photo->name = text_hex(r->arena, random, sizeof random);
    rc = media_picture(r->app->media, r->arena, path, dir, photo->name, &picture);
    if (fd >= 0)
        close(fd);
    photo->width = picture.width;
    photo->height = picture.height;
    photo->thumb_width = picture.thumb_width;
    photo->thumb_height = picture.thumb_height;
    *why = picture.why;
    return rc;
}

static enum db_rc photos_write(struct req *r, int64_t product_id,
                               const struct photo *photos, int count)
{
    enum db_rc rc = DB_OK;

    db_begin(r->db);
    for (int i = 0; i < count && rc == DB_OK; i++)
        rc = photo_add(r->db, &r->actor, product_id, &photos[i], NULL);
    db_made(r->db, req_arg_id(r, 0));
    return db_end(r->db, rc);
}

static int photos_add(struct req *r)
{
    struct photo photos[LISTING_PHOTOS];
    const struct field_value *v;
    enum media_rc made = MEDIA_OK;
    const char *why = "photo.failed";
    json_t *row;
    int count = 0;
    enum db_rc rc = listing_find(r->db, r->account_id, req_arg_id(r, 0), 0, &row);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    if (req_each(r, "photo", LISTING_PHOTOS))
        return reply_wrong(r, 422, "photo", "refusal.photos_full",
                           json_pack("{s:i}", "max", LISTING_PHOTOS));
    db_release(r->db);
    while (made == MEDIA_OK && (v = req_each(r, "photo", count))) {
        made = v->file ? photo_make(r, v->file, &photos[count], &why) : MEDIA_REFUSED;
        count += made == MEDIA_OK;
    }
    if (made == MEDIA_OK)
        rc = photos_write(r, row_int(row, "product_id"), photos, count);
    for (int i = 0; i < count && (made != MEDIA_OK || rc != DB_OK); i++)
        files_remove(r, photos[i].name);
    if (made != MEDIA_OK)
        return reply_wrong(r, made == MEDIA_REFUSED ? 422 : 503, "photo", why, NULL);
    return reply_outcome(r, rc, req_arg_id(r, 0));
}

static int photo_drop(struct req *r)
{
    const char *name = NULL;
    enum db_rc rc = photo_remove(r->db, &r->actor, req_arg_id(r, 1), &name);

    if (rc == DB_OK)
        files_remove(r, name);
    return reply_outcome(r, rc, req_arg_id(r, 0));
}

static int photo_lead(struct req *r)
{
    return reply_outcome(r, photo_first(r->db, &r->actor, req_arg_id(r, 1)),
                         req_arg_id(r, 0));
}

static const struct field photo_fields[] = {
    { "photo", FIELD_FILE, .required = true, .each = true }, { 0 }
};

const struct route sell_photo_routes[] = {
    { GET, "/sell/catalog/{id}/photos", MOD_CATALOG, VIEW, photos_show, NULL,
      "The photos of a product on sale" },
    { POST, "/sell/catalog/{id}/photos", MOD_CATALOG, CHANGE, photos_add, photo_fields,
      "Adds photos", .form = photos_show, .done = "/sell/catalog/{1}/photos",
      .said = "sell.photo_done" },
    { POST, "/sell/catalog/{id}/photos/{id}/remove", MOD_CATALOG, CHANGE, photo_drop,
      NULL, "Removes a photo", .form = photos_show, .done = "/sell/catalog/{1}/photos",
      .said = "sell.photo_gone" },
    { POST, "/sell/catalog/{id}/photos/{id}/first", MOD_CATALOG, CHANGE, photo_lead, NULL,
      "Makes a photo the first", .form = photos_show, .done = "/sell/catalog/{1}/photos",
      .said = "sell.photo_led" },
    { 0 }
};
