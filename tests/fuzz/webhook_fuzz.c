/* Any bytes as a webhook's body (WA-8). What is read is bounded and clean, and is the
 * same after having been kept as JSON. */
#include "server/bot/whatsapp_parse.h"

#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void id_check(const char *s)
{
    expect(strlen(s) <= 200);
    for (; *s; s++)
        expect(*s > ' ' && *s <= '~');
}

static void words_check(const char *s, size_t chars)
{
    expect(text_valid(s, strlen(s)));
    expect(text_chars(s) <= chars);
}

static void message_check(struct arena *a, const struct whatsapp_message *m)
{
    struct whatsapp_message back;
    const char *kept = json_dumps(whatsapp_message_pack(m), 0);

    expect(*m->id && m->kind <= WHATSAPP_UNKNOWN && m->sent_ms >= 0);
    id_check(m->id);
    id_check(m->chat);
    id_check(m->alias);
    id_check(m->choice);
    id_check(m->media_id);
    id_check(m->moved_to);
    words_check(m->name, 60);
    words_check(m->text, WHATSAPP_TEXT_CHARS);
    expect(m->kind != WHATSAPP_MOVED || (*m->chat && *m->moved_to));
    expect(kept && whatsapp_message_unpack(a, json_loads(kept, 0, NULL), &back) ==
                       (*m->chat != '\0'));
    expect(strcmp(back.text, m->text) == 0 && back.kind == m->kind);
}

static void status_check(const struct whatsapp_status *s)
{
    expect(*s->id && s->status && s->sent_ms >= 0);
    id_check(s->id);
    words_check(s->error, 400);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool hooked;
    struct arena *a = arena_new();
    struct whatsapp_batch batch;

    if (!hooked)
        arena_json_init();
    hooked = true;
    arena_json(a);
    if (whatsapp_parse(a, (const char *)data, size, &batch)) {
        expect(batch.message_count <= WHATSAPP_UPDATES);
        expect(batch.status_count <= WHATSAPP_UPDATES);
        for (size_t i = 0; i < batch.message_count; i++)
            message_check(a, &batch.messages[i]);
        for (size_t i = 0; i < batch.status_count; i++)
            status_check(&batch.statuses[i]);
    }
    arena_json(NULL);
    arena_free(a);
    return 0;
}
