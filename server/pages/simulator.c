/* The simulator (WA-9): a chat as on a phone. What is typed here becomes a webhook payload
 * of the Cloud API and goes the way of a real one. */
#include "server/pages/pages.h"

#include "db/base/clock.h"
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

enum { WAIT_MS = 4000, SHOWN = 60 };

/* One message for the page: who, words, buttons to press. */
static json_t *bubble(struct req *r, const json_t *row)
{
    const json_t *payload = json_object_get(row, "payload_json");
    bool in = json_is_true(json_object_get(row, "is_in"));
    const char *text = json_string_value(json_object_get(payload, in ? "text" : "body"));
    const char *code = json_string_value(json_object_get(payload, "code"));
    json_t *buttons = json_object_get(payload, "buttons");
    json_t *rows = json_object_get(payload, "rows");

    if (strcmp(json_string_value(json_object_get(row, "kind")), "otp") == 0)
        text = req_say(r, "simulator.code_used", NULL);
    /* With a real provider a code is nobody's business but the recipient's. */
    if (code && strcmp(r->app->services->calls->name, "local") == 0)
        text = req_say(r, "simulator.code", json_pack("{s:s}", "code", code));
    if (in && (!text || !*text))
        text = req_say(r, "simulator.sent_other", NULL);
    return json_pack("{s:b,s:s,s:O,s:O?,s:O?,s:s}", "is_in", in, "text", text ? text : "",
                     "at_ms", json_object_get(row, "at_ms"), "buttons", buttons, "rows", rows,
                     "photo",
                     json_object_get(payload, "image_photo")
                         ? json_string_value(json_object_get(payload, "image_photo"))
                         : "");
}

/* With a real provider the answers would go to a real person's phone. */
static bool simulator_closed(const struct req *r)
{
    return !r->app->dev && strcmp(r->app->services->calls->name, "local") != 0;
}

static int simulator_show(struct req *r)
{
    const char *mobile = *req_text(r, "chat") ? req_text(r, "chat")
                                            : json_string_value(json_object_get(
                                                  r->session, "mobile"));
    json_t *rows, *row, *bubbles = json_array();
    size_t i;

    if (transcript_list(r->db, mobile + 1, SHOWN, &rows) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row) json_array_append_new(bubbles, bubble(r, row));
    return reply_page(r, 200, "admin/simulator",
                      json_pack("{s:s,s:o,s:b}", "chat", mobile, "bubbles", bubbles,
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
    const struct part *photo = req_file(r, "photo");

    if (photo) {
        const char *name = photo_keep(r, photo);

        if (!name)
            return NULL;
        return json_pack("{s:s,s:{s:s,s:s,s:s}}", "type", "image", "image", "id",
                         arena_printf(r->arena, "local:%s", name), "mime_type", "image/jpeg",
                         "caption", req_text(r, "text"));
    }
    if (req_has(r, "button"))
        return json_pack("{s:s,s:{s:s,s:{s:s,s:s}}}", "type", "interactive", "interactive",
                         "type", "button_reply", "button_reply", "id", req_text(r, "button"),
                         "title", req_text(r, "title"));
    return json_pack("{s:s,s:{s:s}}", "type", "text", "text", "body", req_text(r, "text"));
}

static const char *payload_of(struct req *r, json_t *message, const char *chat)
{
    unsigned char random[16];
    json_t *all;

    randombytes_buf(random, sizeof random);
    json_object_set_new(message, "from", json_string(chat));
    json_object_set_new(message, "id",
                        json_string(arena_printf(r->arena, "wamid.sim%s",
                                                 text_hex(r->arena, random, sizeof random))));
    json_object_set_new(message, "timestamp",
                        json_string(arena_printf(r->arena, "%lld",
                                                 (long long)(clock_ms() / 1000))));
    all = json_pack("{s:s,s:[{s:s,s:[{s:s,s:{s:s,s:{s:s,s:s},s:[{s:{s:s},s:s}],s:[o]}}]}]}",
                    "object", "whatsapp_business_account", "entry", "id", "simulator",
                    "changes", "field", "messages", "value", "messaging_product", "whatsapp",
                    "metadata", "display_phone_number", "simulator", "phone_number_id",
                    "simulator", "contacts", "profile", "name", "Simulator", "wa_id", chat,
                    "messages", message);
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
    json_t *message;
    enum db_rc rc;

    if (simulator_closed(r))
        return reply_error(r, 404);
    if (!req_has(r, "text") && !req_has(r, "button") && !req_has(r, "photo"))
        return reply_wrong(r, 422, "text", "field.required", NULL);
    message = message_of(r);
    payload = message ? payload_of(r, message, chat) : NULL;
    if (!payload)
        return reply_error(r, 500);
    rc = bot_receive(r->db, payload, strlen(payload), &got);
    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    worker_wake(r->app->worker);
    answer_wait(r, chat);
    return reply_goto(r, arena_printf(r->arena, "/admin/simulator?chat=%%2B%s#f-text", chat),
                      NULL, NULL);
}

static const struct field chat_fields[] = { { "chat", FIELD_MOBILE }, { 0 } };

static const struct field send_fields[] = {
    { "chat", FIELD_MOBILE, .required = true },
    { "text", FIELD_LINES, .max = 4000 },
    { "button", FIELD_TEXT, .max = 256 },
    { "title", FIELD_TEXT, .max = 30 },
    { "photo", FIELD_FILE },
    { 0 }
};

const struct route simulator_routes[] = {
    { GET, "/admin/simulator", MOD_NONE, ADMIN, simulator_show, chat_fields,
      "The chat simulator" },
    { POST, "/admin/simulator", MOD_NONE, ADMIN, simulator_send, send_fields,
      "Sends a message into the chat", .form = simulator_show },
    { 0 }
};
