/* A chat to test with: sentences in, replies out, through the webhook's own entry. */
#ifndef BOT_GROUND_H
#define BOT_GROUND_H

#include "access_ground.h"

#include "db/base/text.h"
#include "db/job.h"
#include "db/vendor.h"
#include "server/bot/bot.h"
#include "server/bot/bot_words.h"
#include "server/documents/media_child.h"

#include <pthread.h>
#include <sys/stat.h>

#define ME "919800000001"

static const unsigned char png[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49,
    0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x06, 0x08, 0x02,
    0x00, 0x00, 0x00, 0x71, 0x67, 0x48, 0xac, 0x00, 0x00, 0x00, 0x11, 0x49, 0x44,
    0x41, 0x54, 0x78, 0xda, 0x63, 0x38, 0x51, 0xa1, 0x81, 0x15, 0x31, 0x0c, 0xa4,
    0x04, 0x00, 0xe6, 0x33, 0x43, 0x81, 0xca, 0x2e, 0x9d, 0x02, 0x00, 0x00, 0x00,
    0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

struct chat {
    struct ground *g;
    struct bot bot;
    struct services *services;
    struct templates *texts;
    int64_t last_job; /* replies up to it were read */
    int sent;         /* messages */
};

/* Compiled once for all tests. */
static inline struct templates *texts_load(void)
{
    static struct templates *texts;
    char error[400] = "";

    if (!texts) {
        arena_json(NULL);
        texts = templates_load(error, sizeof error);
    }
    if (!texts)
        fail_msg("%s", error);
    return texts;
}

static unsigned char bot_key[32] = "a key of the tests, 32 bytes....";

static inline int chat_open(void **state)
{
    struct services_config config = { .public_url = "https://shop.example" };
    struct chat *c = calloc(1, sizeof *c);
    void *g;

    c->texts = texts_load();
    ground_open(&g);
    c->g = g;
    mkdir(arena_printf(c->g->arena, "%s/media", c->g->folder), 0700);
    mkdir(arena_printf(c->g->arena, "%s/media/in", c->g->folder), 0700);
    mkdir(arena_printf(c->g->arena, "%s/tmp", c->g->folder), 0700);
    c->services = services_new(&config);
    c->bot = (struct bot) {
        c->texts, c->services, media_new(NULL, 0), c->g->folder, "https://shop.example",
        bot_key
    };
    *state = c;
    return 0;
}

static inline int chat_close(void **state)
{
    struct chat *c = *state;
    void *g = c->g;
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s/media %s/tmp", c->g->folder,
             c->g->folder);
    assert_int_equal(system(command), 0);
    media_free(c->bot.media);
    services_free(c->services);
    ground_close(&g);
    free(c);
    return 0;
}

/* A webhook's body with one message of `from`. */
static inline const char *webhook(struct chat *c, const char *from, const char *id,
                                  int64_t at, json_t *message)
{
    json_object_set_new(message, "from", json_string(from));
    json_object_set_new(message, "id", json_string(id));
    json_object_set_new(
        message, "timestamp",
        json_string(arena_printf(c->g->arena, "%lld", (long long)at / 1000)));
    return json_dumps(json_pack("{s:s, s:[{s:s, s:[{s:s, s:{s:s, s:[o]}}]}]}", "object",
                                "whatsapp_business_account", "entry", "id", "1",
                                "changes", "field", "messages", "value",
                                "messaging_product", "whatsapp", "messages", message),
                      JSON_ENSURE_ASCII);
}

/* "text", "#id" a button, "@caption" a photo, "!type" another kind of message. */
static inline json_t *message_of(struct chat *c, const char *in)
{
    const char *name;
    FILE *f;

    if (*in == '#')
        return json_pack("{s:s, s:{s:s, s:{s:s, s:s}}}", "type", "interactive",
                         "interactive", "type", "button_reply", "button_reply", "id",
                         in + 1, "title", "-");
    if (*in == '!')
        return json_pack("{s:s, s:{s:s}}", "type", in + 1, in + 1, "id", "1");
    if (*in != '@')
        return json_pack("{s:s, s:{s:s}}", "type", "text", "text", "body", in);
    name = arena_printf(c->g->arena, "photo%d.png", c->sent);
    f = fopen(arena_printf(c->g->arena, "%s/media/in/%s", c->g->folder, name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(png, 1, sizeof png, f), sizeof png);
    fclose(f);
    return json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "image", "image", "id",
                     arena_printf(c->g->arena, "local:%s", name), "mime_type",
                     "image/png", "caption", in + 1);
}

static inline void receive(struct chat *c, const char *body)
{
    struct bot_received got;

    assert_int_equal(bot_receive(c->g->db, body, strlen(body), &got), DB_OK);
}

/* Does the work that waits, as the worker does. */
static inline int work(struct chat *c)
{
    int64_t next;
    json_t *job;
    int n = 0;

    for (; job_lease(c->g->db, JOB_WORK, 60000, &job, &next) == DB_OK; n++)
        assert_int_equal(bot_handle_next(&c->bot, c->g->db, job, false), DB_OK);
    return n;
}

/* The replies since the last call, one a line, with [buttons] behind them. */
static inline const char *replies(struct chat *c)
{
    const char *all = "";
    json_t *rows, *row, *one;
    size_t i, k;

    assert_int_equal(db_rows(c->g->db,
                             "SELECT id, payload AS payload_json FROM job"
                             " WHERE kind = 'message' AND id > ?1 ORDER BY id",
                             DB_ARGS(DB_INT(c->last_job)), &rows),
                     DB_OK);
    json_array_foreach(rows, i, row)
    {
        json_t *p = json_object_get(row, "payload_json");
        const char *lists[] = { "buttons", "rows" };

        c->last_job = int_in(row, "id");
        all = arena_printf(c->g->arena, "%s%s", all, text_in(p, "body"));
        for (int l = 0; l < 2; l++)
            json_array_foreach(json_object_get(p, lists[l]), k, one)
                all = arena_printf(c->g->arena, "%s [%s]", all, text_in(one, "title"));
        all = arena_printf(c->g->arena, "%s\n", all);
    }
    return all;
}

static inline const char *hear_from(struct chat *c, const char *from, const char *in)
{
    const char *id = arena_printf(c->g->arena, "wamid.%d", ++c->sent);

    receive(c, webhook(c, from, id, clock_ms(), message_of(c, in)));
    work(c);
    return replies(c);
}

static inline const char *hear(struct chat *c, const char *in)
{
    return hear_from(c, ME, in);
}

/* The newest code that was sent to the number; "" none. */
static inline const char *code_for(struct chat *c, const char *mobile)
{
    const char *code;

    if (db_text(
            c->g->db,
            "SELECT payload ->> '$.code' FROM job WHERE kind = 'otp' AND recipient = ?1"
            " ORDER BY id DESC LIMIT 1",
            DB_ARGS(DB_TEXT(mobile)), &code) != DB_OK)
        return "";
    return code;
}

struct line {
    const char *in;  /* as message_of(); "CODE": the code sent to the chat's number */
    const char *out; /* parts that the replies have, between bars; NULL: no reply */
};

static inline void has_parts(const char *in, const char *got, const char *parts)
{
    char part[300];
    size_t n;

    if (!parts && *got)
        fail_msg("to '%s' came: %s", in, got);
    for (const char *p = parts; p && *p; p += n + (p[n] == '|')) {
        n = strcspn(p, "|");
        snprintf(part, sizeof part, "%.*s", (int)n, p);
        if (!strstr(got, part))
            fail_msg("to '%s' came no '%s' but: %s", in, part, got);
    }
}

static inline void talk_from(struct chat *c, const char *from, const struct line *lines)
{
    for (; lines->in; lines++) {
        const char *in = lines->in;

        if (strcmp(in, "CODE") == 0)
            in = code_for(c, arena_printf(c->g->arena, "+%s", from));
        has_parts(lines->in, hear_from(c, from, in), lines->out);
    }
}

static inline void talk(struct chat *c, const struct line *lines)
{
    talk_from(c, ME, lines);
}

/* Registers the number in English, with the vendor role when `approved`. */
static inline void registered(struct chat *c, bool approved)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "#register", "your name" },
                                         { "Meena Kumari", "address" },
                                         { "Sanganer, Jaipur, Rajasthan 302029", "make" },
                                         { "clay pots", "UPI" },
                                         { "#skip", "6-digit" },
                                         { "CODE", "registered" },
                                         { 0 } };
    const struct actor admin = { 0, 0, NULL };

    talk(c, lines);
    if (approved)
        assert_int_equal(
            vendor_approve(c->g->db, &admin,
                           number_of(c->g, "SELECT account_id FROM dialogue WHERE chat = "
                                           "'" ME "'")),
            DB_OK);
    replies(c);
}

#endif
