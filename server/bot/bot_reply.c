/* Replies are 'message' jobs in the transaction that changes the dialogue, so that a
 * message handled once is answered once. */
#include "server/bot/bot_internal.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/job.h"

#include <stdarg.h>

static const char *lang_of(const struct talk *t)
{
    return *t->d.lang ? t->d.lang : "en";
}

const char *talk_text(struct talk *t, const char *key, json_t *args)
{
    return text_get(t->bot->texts, t->a, lang_of(t), key,
                    clock_zone_minutes("Asia/Kolkata"), args);
}

static void reply_add(struct talk *t, json_t *payload)
{
    enum db_rc rc;

    if (t->offered) {
        json_array_extend(t->offered, json_object_get(payload, "buttons"));
        json_array_extend(t->offered, json_object_get(payload, "rows"));
        return;
    }
    json_object_set_new(payload, "lang", json_string(lang_of(t)));
    rc = job_add(t->db, "message", t->to, payload, NULL, 0, 0);

    if (rc != DB_OK && t->rc == DB_OK)
        t->rc = rc;
}

void say_text(struct talk *t, const char *body)
{
    reply_add(t, json_pack("{s:s, s:s, s:s}", "to", t->to, "type", "text", "body", body));
}

void say(struct talk *t, const char *key, json_t *args)
{
    say_text(t, talk_text(t, key, args));
}

void say_buttons(struct talk *t, const char *body, ...)
{
    json_t *buttons = json_array();
    const char *id;
    va_list more;

    va_start(more, body);
    while ((id = va_arg(more, const char *))) {
        const char *key = va_arg(more, const char *);

        json_array_append_new(
            buttons, json_pack("{s:s, s:s}", "id", id, "title", talk_text(t, key, NULL)));
    }
    va_end(more);
    reply_add(t, json_pack("{s:s, s:s, s:s, s:o}", "to", t->to, "type", "buttons", "body",
                           body, "buttons", buttons));
}

void say_list(struct talk *t, const char *body, const char *button_key, json_t *rows)
{
    reply_add(t,
              json_pack("{s:s, s:s, s:s, s:s, s:o}", "to", t->to, "type", "list", "body",
                        body, "button", talk_text(t, button_key, NULL), "rows", rows));
}

void say_photo(struct talk *t, const char *photo, const char *body)
{
    reply_add(t, json_pack("{s:s, s:s, s:s, s:s}", "to", t->to, "type", "image", "body",
                           body, "image_photo", photo));
}

const char *shop_url(struct talk *t, const char *handle, int64_t product_id)
{
    if (!product_id)
        return arena_printf(t->a, "%s/v/%s", t->bot->public_url, handle);
    return arena_printf(t->a, "%s/v/%s/p/%lld", t->bot->public_url, handle,
                        (long long)product_id);
}

const char *money(struct talk *t, int64_t paise)
{
    return arena_printf(t->a, "₹%s", text_rupees(t->a, paise, true));
}

const char *line_of(struct talk *t, const char *text)
{
    return *text ? arena_printf(t->a, "%s\n", text) : "";
}

/* --- drafts --- */

json_t *draft_part(struct talk *t, const char *name)
{
    json_t *part = json_object_get(t->d.draft, name);

    if (!json_is_object(part)) {
        part = json_object();
        json_object_set_new(t->d.draft, name, part);
    }
    return part;
}

void draft_drop(struct talk *t, const char *name)
{
    json_object_del(t->d.draft, name);
}

const char *draft_text(json_t *part, const char *key)
{
    const char *s = json_string_value(json_object_get(part, key));

    return s ? s : "";
}

int64_t draft_int(json_t *part, const char *key)
{
    return json_integer_value(json_object_get(part, key));
}

bool draft_has(json_t *part, const char *key)
{
    return json_object_get(part, key) != NULL;
}

void draft_set(json_t *part, const char *key, const char *text)
{
    json_object_set_new(part, key, json_string(text));
}

void draft_set_int(json_t *part, const char *key, int64_t n)
{
    json_object_set_new(part, key, json_integer(n));
}
