/* A photo's files have a name that nobody can guess and that is the same when the message
 * is handled again, so that a second try replaces the files of the first. */
#include "server/bot/bot_internal.h"

#include "db/base/text.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define LOCAL "local:"

const char *bot_photo_name(struct arena *a, const unsigned char key[32], const char *id)
{
    unsigned char hash[16];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)id, strlen(id), key, 32);
    return arena_printf(a, "wa%s", text_hex(a, hash, sizeof hash));
}

/* The simulator's file; NULL when the id isn't of one or isn't a plain name. */
static const char *local_path(const struct bot *bot, struct arena *a,
                              const char *media_id)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._-";
    const char *name = media_id + strlen(LOCAL);

    if (strncmp(media_id, LOCAL, strlen(LOCAL)) != 0 || !*name || *name == '.' ||
        strspn(name, plain) != strlen(name))
        return NULL;
    return arena_printf(a, "%s/media/in/%s", bot->data, name);
}

static enum photo_rc loaded(const struct bot *bot, struct arena *a, const char *media_id,
                            const char *path, const char **why)
{
    struct send_result result;

    unlink(path);
    switch (bot->services->calls->media(bot->services, a, media_id, path, &result)) {
    case SEND_DONE: return PHOTO_OK;
    case SEND_FAILED: *why = "bot.photo_failed"; return PHOTO_REFUSED;
    default: return PHOTO_LATER;
    }
}

enum photo_rc photo_load(const struct bot *bot, struct db *db,
                         const struct whatsapp_message *m, struct photo *photo,
                         const char **why)
{
    struct arena *a = db_arena(db);
    const char *name = bot_photo_name(a, bot->key, m->id);
    const char *local = local_path(bot, a, m->media_id);
    const char *path = local ? local : arena_printf(a, "%s/tmp/%s.in", bot->data, name);
    struct picture picture;
    enum photo_rc rc = PHOTO_OK;

    db_release(db);
    if (!local)
        rc = loaded(bot, a, m->media_id, path, why);
    if (rc != PHOTO_OK)
        return rc;
    switch (media_picture(bot->media, a, path, arena_printf(a, "%s/media", bot->data),
                          name, &picture)) {
    case MEDIA_OK: break;
    case MEDIA_REFUSED:
        *why = picture.why;
        rc = PHOTO_REFUSED;
        break;
    case MEDIA_FAILED: rc = PHOTO_LATER; break;
    }
    if (!local)
        unlink(path);
    *photo = (struct photo) { name, picture.width, picture.height, picture.thumb_width,
                              picture.thumb_height };
    return rc;
}

void photo_unlink(const struct bot *bot, struct arena *a, const char *name)
{
    unlink(arena_printf(a, "%s/media/%s.jpg", bot->data, name));
    unlink(arena_printf(a, "%s/media/%s-t.jpg", bot->data, name));
}

void photo_unlink_local(const struct bot *bot, struct arena *a,
                        const struct whatsapp_message *m)
{
    const char *local = m->kind == WHATSAPP_IMAGE ? local_path(bot, a, m->media_id)
                                                  : NULL;

    if (local)
        unlink(local);
}
