/* Webhook payloads of the WhatsApp Cloud API: from JSON to what the dialogue needs. Pure:
 * reads no table, calls nobody. Everything is bounded and valid UTF-8 without control
 * characters. jansson has to be set to the arena (arena_json). */
#ifndef WHATSAPP_PARSE_H
#define WHATSAPP_PARSE_H

#include "db/base/arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHATSAPP_UPDATES = 2000, WHATSAPP_TEXT_CHARS = 4096 };

enum whatsapp_kind {
    WHATSAPP_TEXT,
    WHATSAPP_CHOICE, /* a button or list row: `choice` is its id, `text` its title */
    WHATSAPP_IMAGE,  /* `media_id`, `text` is the caption; image documents too */
    WHATSAPP_VOICE,
    WHATSAPP_STICKER,
    WHATSAPP_VIDEO,
    WHATSAPP_DOCUMENT,
    WHATSAPP_LOCATION,
    WHATSAPP_CONTACTS,
    WHATSAPP_ORDER,
    WHATSAPP_MOVED,  /* the sender's number or id is now `moved_to` */
    WHATSAPP_SILENT, /* reactions, edits, system notes: nothing to answer */
    WHATSAPP_UNKNOWN,
};

struct whatsapp_message {
    const char *id; /* "wamid..." */
    const char
        *chat; /* digits of the number, else the business-scoped user id; "" none */
    const char *alias; /* the user id when `chat` is a number; "" not told */
    const char *name;  /* of the profile; "" */
    enum whatsapp_kind kind;
    const char *text, *choice, *media_id, *moved_to; /* "" when there is none */
    int64_t sent_ms;
};

struct whatsapp_status {
    const char *id;     /* of what we sent */
    const char *status; /* sent, delivered, read, played, failed; others are left out */
    const char *error;  /* "131047 Re-engagement message"; "" */
    const char *key;    /* that we sent it with; "" */
    int64_t sent_ms;
};

struct whatsapp_batch {
    struct whatsapp_message *messages;
    size_t message_count;
    struct whatsapp_status *statuses;
    size_t status_count;
    size_t ignored; /* changes of other fields, entries we can't use */
};

/* Reads a POST's body. False when it isn't JSON with an object at its top; what the
 * object has that we don't know is counted as ignored. */
bool whatsapp_parse(struct arena *a, const char *body, size_t n,
                    struct whatsapp_batch *out);

/* A message as the JSON kept until it is handled, and back (false: not one of ours). */
json_t *whatsapp_message_pack(const struct whatsapp_message *m);
bool whatsapp_message_unpack(struct arena *a, const json_t *kept,
                             struct whatsapp_message *m);

#endif
