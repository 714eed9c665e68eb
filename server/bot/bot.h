/* InviChat's dialogue on WhatsApp: webhook messages in, replies out as 'message' jobs. */
#ifndef BOT_H
#define BOT_H

#include "db/db.h"
#include "server/documents/media.h"
#include "server/http/template.h"
#include "server/services/services.h"

#include <stddef.h>

/* Read-only and shared by threads. */
struct bot {
    const struct templates *texts;
    const struct services *services; /* loads photos */
    struct media *media;
    const char *data;         /* folder with media/ and tmp/ */
    const char *public_url;   /* of the links; "" unknown */
    const unsigned char *key; /* 32 bytes, of the codes */
};

struct bot_received {
    int stored;  /* messages that wait now */
    int known;   /* messages and statuses that had come before */
    int status;  /* statuses of what we sent */
    int ignored; /* what is none of our business */
};

/* Stores what a webhook's body brings, each message once, in one transaction; the worker
 * is to be woken after it. DB_NONE: not a payload. Used by the webhook (after the
 * signature) and the simulator. A simulated photo has the media id "local:NAME", the file
 * DATA/media/in/NAME. */
MUST_USE enum db_rc bot_receive(struct db *db, const char *body, size_t n,
                                struct bot_received *out);

/* Handles the oldest waiting message of the leased 'webhook' job's sender and ends the
 * job: what the dialogue changes, its replies, the message's and the job's end are one
 * transaction. Anything but DB_OK: nothing was done (a photo can't be had now); the
 * caller tries the job again. With `is_last` a message that can't be handled is given up,
 * and the sender told. */
MUST_USE enum db_rc bot_handle_next(const struct bot *bot, struct db *db,
                                    const json_t *job, bool is_last);

/* Tells those who saved products in a chat before they had the vendor role that it has
 * been granted, with the links of what is on sale now (WA-4). Called every minute. */
MUST_USE enum db_rc bot_publish(const struct bot *bot, struct db *db);

/* The name under DATA/media of the photo that came with a message. */
const char *bot_photo_name(struct arena *a, const unsigned char key[32], const char *id);

#endif
