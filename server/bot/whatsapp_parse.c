/* Every step tolerates what real payloads were seen to lack: contacts, profile, from
 * (users who hide their number), strings where numbers are documented and the other way
 * round. */
#include "server/bot/whatsapp_parse.h"

#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 200, NAME_CHARS = 60, ERROR_BYTES = 300 };

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

/* An id for tables and URLs: printable ASCII without spaces, else "". */
static const char *id_of(const json_t *o, const char *key)
{
    const char *s = text_of(o, key);
    size_t n = strlen(s);

    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return "";
    return n <= ID_BYTES ? s : "";
}

/* Words of the user: control characters become spaces, the ends are trimmed. */
static const char *words_of(struct arena *a, const json_t *o, const char *key,
                            size_t chars)
{
    char *s = arena_dup(a, text_of(o, key));

    for (char *p = s; *p; p++)
        if (((unsigned char)*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
            *p = ' ';
    s[text_cut(s, chars)] = '\0';
    return text_valid(s, strlen(s)) ? text_trim(a, s, strlen(s), true) : "";
}

/* Seconds as a string or a number -> milliseconds; 0 when it is neither. */
static int64_t time_of(const json_t *o)
{
    const json_t *v = json_object_get(o, "timestamp");
    int64_t s = json_is_string(v) ? strtoll(json_string_value(v), NULL, 10)
                                  : json_integer_value(v);

    return s > 0 && s < 100000000000 ? s * 1000 : 0;
}

/* A phone number's digits, else "". */
static const char *number_of(const json_t *o, const char *key)
{
    const char *s = text_of(o, key);
    size_t n = strlen(s);

    if (*s == '+')
        s++, n--;
    return n >= 7 && n <= 15 && strspn(s, "0123456789") == n ? s : "";
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The contact of the message's sender: by number, by id, or the only one there is. */
static const json_t *contact_of(const json_t *contacts, const json_t *message)
{
    const char *from = text_of(message, "from"), *id = text_of(message, "from_user_id");
    size_t i;
    json_t *c;

    json_array_foreach(contacts, i,
                       c) if ((*from && is(text_of(c, "wa_id"), from)) ||
                              (*id && is(text_of(c, "user_id"), id))) return c;
    return json_array_size(contacts) == 1 && !*from && !*id ? json_array_get(contacts, 0)
                                                            : NULL;
}

static void read_media(struct arena *a, const json_t *media, struct whatsapp_message *m)
{
    m->media_id = id_of(media, "id");
    m->text = words_of(a, media, "caption", WHATSAPP_TEXT_CHARS);
}

static void read_document(struct arena *a, const json_t *media,
                          struct whatsapp_message *m)
{
    const char *mime = text_of(media, "mime_type");

    m->kind = WHATSAPP_DOCUMENT;
    if (strncmp(mime, "image/jpeg", 10) == 0 || strncmp(mime, "image/png", 9) == 0) {
        m->kind = WHATSAPP_IMAGE;
        read_media(a, media, m);
    }
}

static void read_interactive(struct arena *a, const json_t *part,
                             struct whatsapp_message *m)
{
    const char *type = text_of(part, "type");
    const json_t *reply = json_object_get(part, type);

    if (!is(type, "button_reply") && !is(type, "list_reply")) {
        m->kind = is(type, "call_permission_reply") ? WHATSAPP_SILENT : WHATSAPP_UNKNOWN;
        return;
    }
    m->kind = WHATSAPP_CHOICE;
    m->choice = id_of(reply, "id");
    m->text = words_of(a, reply, "title", 100);
}

static void read_button(struct arena *a, const json_t *part, struct whatsapp_message *m)
{
    m->kind = WHATSAPP_CHOICE;
    m->choice = id_of(part, "payload");
    m->text = words_of(a, part, "text", 100);
}

static void read_system(struct arena *a, const json_t *part, struct whatsapp_message *m)
{
    const char *type = text_of(part, "type");

    (void)a;
    m->kind = WHATSAPP_SILENT;
    if (is(type, "user_changed_number")) {
        m->moved_to = number_of(part, "wa_id");
        if (!*m->moved_to)
            m->moved_to = number_of(part, "new_wa_id");
    } else if (is(type, "user_changed_user_id")) {
        m->moved_to = id_of(part, "user_id");
    }
    if (*m->moved_to && *m->chat)
        m->kind = WHATSAPP_MOVED;
}

static void read_text(struct arena *a, const json_t *part, struct whatsapp_message *m)
{
    m->text = words_of(a, part, "body", WHATSAPP_TEXT_CHARS);
}

static const struct type {
    const char *name;
    enum whatsapp_kind kind;
    void (*read)(struct arena *a, const json_t *part, struct whatsapp_message *m);
} types[] = {
    { "text", WHATSAPP_TEXT, read_text },
    { "image", WHATSAPP_IMAGE, read_media },
    { "document", WHATSAPP_DOCUMENT, read_document },
    { "interactive", WHATSAPP_CHOICE, read_interactive },
    { "button", WHATSAPP_CHOICE, read_button },
    { "system", WHATSAPP_SILENT, read_system },
    { "audio", WHATSAPP_VOICE, NULL },
    { "voice", WHATSAPP_VOICE, NULL },
    { "sticker", WHATSAPP_STICKER, NULL },
    { "video", WHATSAPP_VIDEO, NULL },
    { "location", WHATSAPP_LOCATION, NULL },
    { "contacts", WHATSAPP_CONTACTS, NULL },
    { "order", WHATSAPP_ORDER, NULL },
    { "reaction", WHATSAPP_SILENT, NULL },
    { "edit", WHATSAPP_SILENT, NULL },
    { "revoke", WHATSAPP_SILENT, NULL },
};

static bool message_read(struct arena *a, const json_t *contacts, const json_t *in,
                         struct whatsapp_message *m)
{
    const json_t *contact = contact_of(contacts, in);
    const char *type = text_of(in, "type"), *number = number_of(in, "from");

    *m = (struct whatsapp_message) {
        .id = id_of(in, "id"),
        .chat = number,
        .alias = id_of(in, "from_user_id"),
        .name = words_of(a, json_object_get(contact, "profile"), "name", NAME_CHARS),
        .kind = WHATSAPP_UNKNOWN,
        .text = "",
        .choice = "",
        .media_id = "",
        .moved_to = "",
        .sent_ms = time_of(in),
    };
    if (!*m->alias)
        m->alias = id_of(contact, "user_id");
    if (!*m->chat) {
        m->chat = m->alias;
        m->alias = "";
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (is(types[i].name, type)) {
            m->kind = types[i].kind;
            if (types[i].read)
                types[i].read(a, json_object_get(in, type), m);
        }
    return *m->id != '\0';
}

static bool status_read(struct arena *a, const json_t *in, struct whatsapp_status *s)
{
    static const char *const known[] = { "sent", "delivered", "read", "played",
                                         "failed" };
    const json_t *error = json_array_get(json_object_get(in, "errors"), 0);
    const char *word = text_of(in, "status");

    *s = (struct whatsapp_status) { .id = id_of(in, "id"),
                                    .key = text_of(in, "biz_opaque_callback_data"),
                                    .error = "",
                                    .sent_ms = time_of(in) };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is(word, known[i]))
            s->status = known[i];
    if (error)
        s->error = arena_printf(
            a, "%lld %.*s", (long long)json_integer_value(json_object_get(error, "code")),
            ERROR_BYTES, words_of(a, error, "title", 100));
    return *s->id && s->status;
}

static void value_read(struct arena *a, const json_t *value, struct whatsapp_batch *out)
{
    const json_t *contacts = json_object_get(value, "contacts");
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(value, "messages"), i, one)
    {
        if (out->message_count < WHATSAPP_UPDATES &&
            message_read(a, contacts, one, &out->messages[out->message_count]))
            out->message_count++;
        else
            out->ignored++;
    }
    json_array_foreach(json_object_get(value, "statuses"), i, one)
    {
        if (out->status_count < WHATSAPP_UPDATES &&
            status_read(a, one, &out->statuses[out->status_count]))
            out->status_count++;
        else
            out->ignored++;
    }
    out->ignored += json_array_size(json_object_get(value, "errors"));
}

static size_t updates_in(const json_t *root, const char *what)
{
    size_t i, j, n = 0;
    json_t *entry, *change;

    json_array_foreach(json_object_get(root, "entry"), i, entry)
        json_array_foreach(json_object_get(entry, "changes"), j, change)
            n += json_array_size(json_object_get(json_object_get(change, "value"), what));
    return n < WHATSAPP_UPDATES ? n : WHATSAPP_UPDATES;
}

bool whatsapp_parse(struct arena *a, const char *body, size_t n,
                    struct whatsapp_batch *out)
{
    json_t *root = json_loadb(body, n, JSON_ALLOW_NUL, NULL), *entry, *change;
    size_t i, j;

    *out = (struct whatsapp_batch) { 0 };
    if (!json_is_object(root))
        return false;
    out->messages = arena_alloc(a, updates_in(root, "messages"), sizeof *out->messages);
    out->statuses = arena_alloc(a, updates_in(root, "statuses"), sizeof *out->statuses);
    if (!is(text_of(root, "object"), "whatsapp_business_account")) {
        out->ignored = 1;
        return true;
    }
    json_array_foreach(json_object_get(root, "entry"), i, entry)
        json_array_foreach(json_object_get(entry, "changes"), j, change)
    {
        if (is(text_of(change, "field"), "messages"))
            value_read(a, json_object_get(change, "value"), out);
        else
            out->ignored++;
    }
    return true;
}

json_t *whatsapp_message_pack(const struct whatsapp_message *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:I}", "id", m->id,
                     "chat", m->chat, "alias", m->alias, "name", m->name, "kind",
                     (int)m->kind, "text", m->text, "choice", m->choice, "media_id",
                     m->media_id, "moved_to", m->moved_to, "sent_ms",
                     (json_int_t)m->sent_ms);
}

bool whatsapp_message_unpack(struct arena *a, const json_t *kept,
                             struct whatsapp_message *m)
{
    int64_t kind = json_integer_value(json_object_get(kept, "kind"));

    *m = (struct whatsapp_message) {
        .id = arena_dup(a, text_of(kept, "id")),
        .chat = arena_dup(a, text_of(kept, "chat")),
        .alias = arena_dup(a, text_of(kept, "alias")),
        .name = arena_dup(a, text_of(kept, "name")),
        .kind = kind >= 0 && kind <= WHATSAPP_UNKNOWN ? (enum whatsapp_kind)kind
                                                      : WHATSAPP_UNKNOWN,
        .text = arena_dup(a, text_of(kept, "text")),
        .choice = arena_dup(a, text_of(kept, "choice")),
        .media_id = arena_dup(a, text_of(kept, "media_id")),
        .moved_to = arena_dup(a, text_of(kept, "moved_to")),
        .sent_ms = json_integer_value(json_object_get(kept, "sent_ms")),
    };
    return *m->id && *m->chat;
}
