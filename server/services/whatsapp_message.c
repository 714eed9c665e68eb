/* WhatsApp refuses a whole message for one title that is too long, so everything is cut
 * to its limit, counted in characters. */
#include "server/services/whatsapp_message.h"

#include "db/base/row.h"
#include "db/base/text.h"

#include <string.h>

enum {
    TEXT_CHARS = 4096,
    PARAMETER_CHARS = 900, /* of a template's 1024 in all */
    CAPTION_CHARS = 1024,
    BODY_CHARS = 1024,
    TITLE_CHARS = 20,
    ROW_CHARS = 24,
    ABOUT_CHARS = 72,
    ID_CHARS = 200,
    BUTTONS = 3,
    ROWS = 10
};

/* The text, its end replaced by an ellipsis when it is longer than `chars`. */
static json_t *cut(struct arena *a, const char *s, size_t chars)
{
    if (text_chars(s) <= chars)
        return json_string(s);
    return json_string(arena_printf(a, "%.*s…", (int)text_cut(s, chars - 1), s));
}

/* Everything goes to a number, or to the id of a user who hides theirs. */
static json_t *envelope(const char *to, const char *type)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "messaging_product", "whatsapp",
                     "recipient_type", "individual", *to == '+' ? "to" : "recipient", to,
                     "type", type);
}

static json_t *text_body(struct arena *a, const char *to, const char *body)
{
    json_t *out = envelope(to, "text");

    json_object_set_new(out, "text",
                        json_pack("{s:o, s:b}", "body", cut(a, body, TEXT_CHARS),
                                  "preview_url", strstr(body, "https://") != NULL));
    return out;
}

static json_t *image_body(struct arena *a, const json_t *message, const char *public_url)
{
    const char *body = row_text(message, "body");
    json_t *out = envelope(row_text(message, "to"), "image");
    json_t *image = json_pack(
        "{s:s}", "link",
        arena_printf(a, "%s/media/%s.jpg", public_url, row_text(message, "image_photo")));

    if (*body)
        json_object_set_new(image, "caption", cut(a, body, CAPTION_CHARS));
    json_object_set_new(out, "image", image);
    return out;
}

static json_t *buttons_of(struct arena *a, const json_t *message)
{
    json_t *buttons = json_array(), *one;
    size_t i;

    json_array_foreach(json_object_get(message, "buttons"), i, one) if (i < BUTTONS)
        json_array_append_new(
            buttons, json_pack("{s:s, s:{s:o, s:o}}", "type", "reply", "reply", "id",
                               cut(a, row_text(one, "id"), ID_CHARS), "title",
                               cut(a, row_text(one, "title"), TITLE_CHARS)));
    return buttons;
}

static json_t *rows_of(struct arena *a, const json_t *message)
{
    json_t *rows = json_array(), *one, *row;
    size_t i;

    json_array_foreach(json_object_get(message, "rows"), i, one)
    {
        const char *about = row_text(one, "description");

        if (i >= ROWS)
            break;
        row = json_pack("{s:o, s:o}", "id", cut(a, row_text(one, "id"), ID_CHARS),
                        "title", cut(a, row_text(one, "title"), ROW_CHARS));
        if (*about)
            json_object_set_new(row, "description", cut(a, about, ABOUT_CHARS));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *interactive_body(const char *to, const char *type, json_t *body,
                                json_t *action)
{
    json_t *out = envelope(to, "interactive");

    json_object_set_new(out, "interactive",
                        json_pack("{s:s, s:{s:o}, s:o}", "type", type, "body", "text",
                                  body, "action", action));
    return out;
}

json_t *whatsapp_message_body(struct arena *a, const json_t *message,
                              const char *public_url)
{
    const char *to = row_text(message, "to"), *type = row_text(message, "type");
    const char *body = row_text(message, "body"), *button = row_text(message, "button");

    if (!*to)
        return NULL;
    if (*row_text(message, "image_photo") && strncmp(public_url, "https://", 8) == 0)
        return image_body(a, message, public_url);
    if (!*body)
        return NULL;
    if (strcmp(type, "buttons") == 0 &&
        json_array_size(json_object_get(message, "buttons")) > 0)
        return interactive_body(to, "button", cut(a, body, BODY_CHARS),
                                json_pack("{s:o}", "buttons", buttons_of(a, message)));
    if (strcmp(type, "list") == 0 &&
        json_array_size(json_object_get(message, "rows")) > 0)
        return interactive_body(to, "list", cut(a, body, BODY_CHARS),
                                json_pack("{s:o, s:[{s:o}]}", "button",
                                          cut(a, *button ? button : "Menu", TITLE_CHARS),
                                          "sections", "rows", rows_of(a, message)));
    return text_body(a, to, body);
}

/* In one line: parameters of a template may have no line breaks, tabs or rows of spaces. */
static const char *one_line(struct arena *a, const char *s)
{
    char *out = arena_alloc(a, strlen(s) + 1, 1);
    size_t n = 0;

    for (; *s; s++) {
        bool space = *s > 0 && *s <= ' ';

        if (!space || (n > 0 && out[n - 1] != ' '))
            out[n++] = space ? ' ' : *s;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return out;
}

json_t *whatsapp_template_body(struct arena *a, const json_t *message, const char *template)
{
    const char *to = row_text(message, "to"), *lang = row_text(message, "lang");
    const char *body = one_line(a, row_text(message, "body"));
    json_t *out;

    if (!*to || !*body)
        return NULL;
    out = envelope(to, "template");
    json_object_set_new(
        out, "template",
        json_pack("{s:s, s:{s:s}, s:[{s:s, s:[{s:s, s:o}, {s:s, s:o}]}]}", "name", template,
                  "language", "code", *lang ? lang : "en", "components", "type", "body",
                  "parameters", "type", "text", "text",
                  cut(a, one_line(a, row_text(message, "from")), CAPTION_CHARS - PARAMETER_CHARS),
                  "type", "text", "text", cut(a, body, PARAMETER_CHARS)));
    return out;
}

json_t *whatsapp_otp_body(struct arena *a, const struct otp_message *otp,
                          const char *template)
{
    json_t *out;

    if (!template || !*template)
        return text_body(a, otp->mobile, otp->text);
    out = envelope(otp->mobile, "template");
    json_object_set_new(out, "template",
                        json_pack("{s:s, s:{s:s}, s:[{s:s, s:[{s:s, s:s}]},"
                                  " {s:s, s:s, s:s, s:[{s:s, s:s}]}]}",
                                  "name", template, "language", "code", otp->lang,
                                  "components", "type", "body", "parameters", "type",
                                  "text", "text", otp->code, "type", "button", "sub_type",
                                  "url", "index", "0", "parameters", "type", "text",
                                  "text", otp->code));
    return out;
}
