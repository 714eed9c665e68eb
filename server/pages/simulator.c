/* The simulator (WA-9): a chat as on a phone. What is typed here becomes a webhook payload
 * of the Cloud API and goes the way of a real one. */
#include "server/pages/admin.h"
#include "server/pages/pages.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/transcript.h"
#include "server/bot/bot.h"
#include "server/http/body.h"
#include "server/jobs/worker.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 8000, SHOWN = 60, CHATS = 8, PHOTOS = 8 };

/* The bytes of the first word in `s` that WhatsApp would show as a link; 0: none there. */
static size_t link_length(const char *s)
{
    bool is_link = strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0 ||
                   strncmp(s, "/v/", 3) == 0;

    return is_link ? strcspn(s, " \n") : 0;
}

/* *words* as WhatsApp shows them: the bytes with both stars; 0: not there. */
static size_t bold_length(const char *s)
{
    size_t n = *s == '*' ? strcspn(s + 1, "*\n") : 0;

    return n && s[n + 1] == '*' ? n + 2 : 0;
}

/* The text cut into what is bold, what is a link, and what is neither. */
static json_t *pieces(struct arena *a, const char *text)
{
    json_t *all = json_array();
    const char *from = text;

    for (const char *p = text;; p++) {
        bool starts = p == text || p[-1] == ' ' || p[-1] == '\n';
        size_t bold = starts ? bold_length(p) : 0, link = starts ? link_length(p) : 0;

        if ((bold || link || !*p) && p > from)
            json_array_append_new(
                all, json_pack("{s:s}", "plain", arena_dupn(a, from, (size_t)(p - from))));
        if (!*p)
            return all;
        if (!bold && !link)
            continue;
        json_array_append_new(
            all, bold ? json_pack("{s:s}", "bold", arena_dupn(a, p + 1, bold - 2))
                      : json_pack("{s:s}", "link", arena_dupn(a, p, link)));
        p += bold + link - 1;
        from = p + 1;
    }
}

/* Name of the picture that the bubble shows; "" none, or not there any more. */
static const char *picture(struct req *r, const json_t *payload, bool in)
{
    const char *name = json_string_value(json_object_get(payload, "image_photo"));
    const char *media = json_string_value(json_object_get(payload, "media_id"));

    if (in && media && *media)
        name = bot_photo_name(r->arena, r->app->key,
                              json_string_value(json_object_get(payload, "id")));
    if (!name || access(arena_printf(r->arena, "%s/media/%s-t.jpg", r->app->data, name),
                        R_OK) != 0)
        return "";
    return name;
}

/* Our words and where they lead, as they are sent. */
static const char *said(struct req *r, const json_t *payload)
{
    const char *href = row_text(payload, "href");

    if (*row_text(payload, "text_key") && !services_local_only(r->app->services))
        return req_say(r, "admin.text_hidden", NULL);
    return arena_printf(r->arena, "%s%s%s%s", message_words(r, payload), *href ? "\n" : "",
                        *href ? r->origin : "", href);
}

/* One message for the page: who, words, buttons to press. */
static json_t *bubble(struct req *r, const json_t *row)
{
    const json_t *payload = json_object_get(row, "payload_json");
    bool in = json_is_true(json_object_get(row, "is_in"));
    const char *text = in ? json_string_value(json_object_get(payload, "text"))
                          : said(r, payload);
    const char *code = json_string_value(json_object_get(payload, "code"));
    const char *photo = picture(r, payload, in);

    if (strcmp(json_string_value(json_object_get(row, "kind")), "otp") == 0)
        text = req_say(r, "simulator.code_used", NULL);
    /* With a real provider a code is nobody's business but the recipient's. */
    if (code && services_local_codes(r->app->services))
        text = req_say(r, "simulator.code", json_pack("{s:s}", "code", code));
    if (in && (!text || !*text))
        text = *photo ? "" : req_say(r, "simulator.sent_other", NULL);
    return json_pack("{s:b,s:o,s:O,s:O?,s:O?,s:O?,s:s}", "is_in", in, "pieces",
                     pieces(r->arena, text ? text : ""), "at_ms",
                     json_object_get(row, "at_ms"), "buttons",
                     json_object_get(payload, "buttons"), "rows",
                     json_object_get(payload, "rows"), "list",
                     json_object_get(payload, "button"), "photo", photo);
}

/* With a real provider the answers would go to a real person's phone. */
static bool simulator_closed(const struct req *r)
{
    return !r->app->dev && !services_local_only(r->app->services);
}

/* A number that nobody has: messages of the local service leave this computer never. */
static const char *new_number(struct req *r)
{
    return arena_printf(r->arena, "+9160000%05u", randombytes_uniform(100000));
}

static int simulator_show(struct req *r)
{
    const char *mobile = req_text(r, "chat");
    json_t *rows, *row, *chats, *bubbles = json_array(), *last = NULL;
    size_t i;

    if (transcript_chats(r->db, CHATS, &chats) != DB_OK)
        return reply_error(r, 500);
    if (!*mobile && json_array_size(chats) > 0)
        mobile = json_string_value(json_object_get(json_array_get(chats, 0), "mobile"));
    if (!*mobile)
        mobile = new_number(r);
    if (transcript_list(r->db, mobile + 1, SHOWN, &rows) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row)
    {
        last = bubble(r, row);
        json_array_append_new(bubbles, last);
    }
    if (last)
        json_object_set_new(last, "is_last", json_true());
    json_array_foreach(chats, i, row) json_object_set_new(
        row, "is_this",
        json_boolean(strcmp(json_string_value(json_object_get(row, "mobile")), mobile) ==
                     0));
    return reply_page(r, 200, "admin/simulator",
                      json_pack("{s:s,s:s,s:O,s:o,s:b}", "chat", mobile, "new",
                                new_number(r), "chats", chats, "bubbles", bubbles,
                                "has_none", json_array_size(rows) == 0));
}

/* The photo goes where a downloaded one would be looked for. */
static const char *photo_keep(struct req *r, const struct part *file)
{
    unsigned char random[12];
    const char *name, *path;
    int in = file->path ? open(file->path, O_RDONLY | O_CLOEXEC) : -1, out;
    char bytes[65536];
    ssize_t n;
    bool good;

    randombytes_buf(random, sizeof random);
    name = text_hex(r->arena, random, sizeof random);
    path = arena_printf(r->arena, "%s/media/in/%s", r->app->data, name);
    out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    good = out >= 0 && (in >= 0 || !file->path);
    if (good && !file->path)
        good = write(out, file->value, file->value_len) == (ssize_t)file->value_len;
    while (good && in >= 0 && (n = read(in, bytes, sizeof bytes)) != 0)
        good = n > 0 && write(out, bytes, (size_t)n) == n;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return good ? name : NULL;
}

/* The message object of integrations' section 1.3. */
static json_t *message_of(struct req *r)
{
    if (strcmp(req_text(r, "kind"), "location") == 0)
        return json_pack("{s:s,s:{s:f,s:f}}", "type", "location", "location", "latitude",
                         26.9, "longitude", 75.8);
    if (req_has(r, "kind"))
        return json_pack("{s:s,s:{s:s}}", "type", req_text(r, "kind"), req_text(r, "kind"),
                         "id", "simulator");
    if (req_has(r, "button"))
        return json_pack("{s:s,s:{s:s,s:{s:s,s:s}}}", "type", "interactive", "interactive",
                         "type", "button_reply", "button_reply", "id", req_text(r, "button"),
                         "title", req_text(r, "title"));
    return json_pack("{s:s,s:{s:s}}", "type", "text", "text", "body", req_text(r, "text"));
}

static void sign(struct req *r, json_t *message, const char *chat)
{
    unsigned char random[16];

    randombytes_buf(random, sizeof random);
    json_object_set_new(message, "from", json_string(chat));
    json_object_set_new(message, "id",
                        json_string(arena_printf(r->arena, "wamid.sim%s",
                                                 text_hex(r->arena, random, sizeof random))));
    json_object_set_new(message, "timestamp",
                        json_string(arena_printf(r->arena, "%lld",
                                                 (long long)(clock_ms() / 1000))));
}

/* One message, or one for each photo: an album, whose first has the words below it. NULL:
 * a photo couldn't be kept. */
static json_t *messages_of(struct req *r, const char *chat)
{
    json_t *all = json_array(), *one;
    const struct field_value *v;

    for (int i = 0; i < PHOTOS && (v = req_each(r, "photo", i)); i++) {
        const char *name = v->file ? photo_keep(r, v->file) : NULL;

        if (!name)
            return NULL;
        one = json_pack("{s:s,s:{s:s,s:s,s:s}}", "type", "image", "image", "id",
                        arena_printf(r->arena, "local:%s", name), "mime_type", "image/jpeg",
                        "caption", i == 0 ? req_text(r, "text") : "");
        sign(r, one, chat);
        json_array_append_new(all, one);
    }
    if (json_array_size(all) == 0) {
        one = message_of(r);
        sign(r, one, chat);
        json_array_append_new(all, one);
    }
    return all;
}

static const char *payload_of(json_t *messages, const char *chat)
{
    json_t *all = json_pack(
        "{s:s,s:[{s:s,s:[{s:s,s:{s:s,s:{s:s,s:s},s:[{s:{s:s},s:s}],s:O}}]}]}", "object",
        "whatsapp_business_account", "entry", "id", "simulator", "changes", "field",
        "messages", "value", "messaging_product", "whatsapp", "metadata",
        "display_phone_number", "simulator", "phone_number_id", "simulator", "contacts",
        "profile", "name", "Simulator", "wa_id", chat, "messages", messages);

    return all ? json_dumps(all, JSON_COMPACT) : NULL;
}

/* So that the answer stands on the page that comes next. */
static void answer_wait(struct req *r, const char *chat)
{
    int64_t until = clock_steady_ms() + WAIT_MS, pending = 1;

    while (pending > 0 && clock_steady_ms() < until) {
        db_release(r->db);
        usleep(50 * 1000);
        if (transcript_pending(r->db, chat, &pending) != DB_OK)
            break;
    }
}

static int simulator_send(struct req *r)
{
    const char *chat = req_text(r, "chat") + 1, *payload;
    struct bot_received got;
    json_t *messages;
    enum db_rc rc;

    if (simulator_closed(r))
        return reply_error(r, 404);
    if (!req_has(r, "text") && !req_has(r, "button") && !req_has(r, "kind") &&
        !req_each(r, "photo", 0))
        return reply_wrong(r, 422, "text", "field.required", NULL);
    messages = messages_of(r, chat);
    payload = messages ? payload_of(messages, chat) : NULL;
    if (!payload)
        return reply_error(r, 500);
    rc = bot_receive(r->db, payload, strlen(payload), &got);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    worker_wake(r->app->worker);
    answer_wait(r, chat);
    return reply_goto(r, arena_printf(r->arena, "/admin/simulator?chat=%%2B%s", chat),
                      NULL, NULL);
}

static const struct field chat_fields[] = { { "chat", FIELD_MOBILE }, { 0 } };

static const struct field send_fields[] = {
    { "chat", FIELD_MOBILE, .required = true },
    { "text", FIELD_LINES, .max = 4000 },
    { "button", FIELD_TEXT, .max = 256 },
    { "title", FIELD_TEXT, .max = 30 },
    { "kind", FIELD_CHOICE, .choices = "audio sticker location" },
    { "photo", FIELD_FILE, .each = true },
    { 0 }
};

const struct route simulator_routes[] = {
    { GET, "/admin/simulator", MOD_NONE, ADMIN, simulator_show, chat_fields,
      "The chat simulator" },
    { POST, "/admin/simulator", MOD_NONE, ADMIN, simulator_send, send_fields,
      "Sends a message into the chat", .form = simulator_show },
    { 0 }
};
