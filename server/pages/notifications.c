/* What the user was told, live on an open page; how they want to be told; the browser that
 * takes push messages. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/base/text.h"
#include "db/notify.h"
#include "db/push.h"
#include "db/session.h"
#include "server/jobs/worker.h"
#include "server/services/push.h"

#include <string.h>

enum { ROWS = 50, MINUTES = 60 };

static int64_t unread_of(const struct req *r)
{
    return row_int(r->session, "unread_count");
}

/* The texts are made here, in the reader's language. */
static void rows_word(struct req *r, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *key = json_string_value(json_object_get(row, "key"));
        int64_t account = row_int(row, "account_id");

        json_object_set_new(row, "text", json_string(req_say(
                                             r, key, json_object_get(row, "args_json"))));
        json_object_set_new(row, "is_elsewhere",
                            json_boolean(account && account != r->account_id));
    }
}

static json_t *list_model(struct req *r, int64_t before)
{
    json_t *rows, *next = NULL;

    if (notify_list(r->db, r->user_id, before, ROWS, &rows) != DB_OK)
        return NULL;
    rows_word(r, rows);
    if (json_array_size(rows) == ROWS)
        next = json_object_get(json_array_get(rows, ROWS - 1), "id");
    return json_pack("{s:O,s:b,s:b,s:b,s:O?,s:s}", "notifications", rows, "has_none",
                     json_array_size(rows) == 0, "has_unread", unread_of(r) > 0,
                     "is_first", before == 0, "next", next, "token", r->csrf);
}

static int notifications_show(struct req *r)
{
    return reply_page(r, 200, "notifications/list", list_model(r, req_int(r, "before")));
}

/* An open list asks for this every few seconds; it is made only when there is news. */
static int notifications_rows(struct req *r)
{
    const char *has = req_header(r, "If-None-Match"), *etag;
    json_t *newest;

    if (notify_list(r->db, r->user_id, 0, 1, &newest) != DB_OK)
        return reply_error(r, 500);
    etag = arena_printf(r->arena, "\"r%lld-%lld-%s\"",
                        (long long)row_int(json_array_get(newest, 0), "id"),
                        (long long)unread_of(r), r->lang);
    if (has && strstr(has, etag))
        return reply_bytes(r, 200, "text/html; charset=utf-8", "", 0, etag);
    return reply_piece(r, "notifications/rows", list_model(r, 0), etag);
}

static int notifications_read(struct req *r)
{
    enum db_rc rc = notify_read_all(r->db, r->user_id);

    return reply_outcome(r, rc, 0);
}

/* Its page may be of another account: that one is entered. */
static int notification_open(struct req *r)
{
    const char *href;
    int64_t account;
    json_t *row;
    enum db_rc rc = notify_open(r->db, r->user_id, req_arg_id(r, 0), &row);

    if (rc != DB_OK)
        return reply_outcome(r, rc, 0);
    account = row_int(row, "account_id");
    href = json_string_value(json_object_get(row, "href"));
    if (account && account != r->account_id &&
        session_enter_account(r->db, r->session_id, r->user_id, account) == DB_ERR)
        return reply_error(r, 500);
    return reply_goto(r, *href ? href : "/notifications", NULL, NULL);
}

static int notifications_count(struct req *r)
{
    int64_t n = unread_of(r);
    const char *text = n >= NOTIFY_MOST ? "99+"
                       : n              ? arena_printf(r->arena, "%lld", (long long)n)
                                        : "";

    return reply_bytes(r, 200, "text/plain; charset=utf-8", text, strlen(text),
                       arena_printf(r->arena, "\"n%lld\"", (long long)n));
}

/* --- how --- */

#define KIND(kind)                                                                         \
    { "app_" kind, FIELD_BOOL }, { "chat_" kind, FIELD_BOOL }, { "push_" kind, FIELD_BOOL }

static const struct field choice_fields[] = {
    KIND("customer_orders"),
    KIND("catalog"),
    KIND("cash_register"),
    KIND("orders"),
    KIND("requirements"),
    KIND("inventory"),
    KIND("account"),
    KIND("admin"),
    { "is_quiet", FIELD_BOOL },
    { "from", FIELD_INT, .min = 0, .max = 23 },
    { "to", FIELD_INT, .min = 0, .max = 23 },
    { "zone", FIELD_TEXT, .max = 40 },
    { 0 }
};

static json_t *hours_of(struct req *r, int64_t chosen)
{
    json_t *list = json_array();

    for (int h = 0; h < 24; h++)
        json_array_append_new(list, json_pack("{s:i,s:s,s:b}", "value", h, "label",
                                              arena_printf(r->arena, "%02d:00", h),
                                              "is_chosen", h == chosen));
    return list;
}

/* On a form that was refused, as it was. */
static void quiet_add(struct req *r, json_t *model, const json_t *quiet)
{
    bool typed = r->method == POST;
    const char *zone = json_string_value(json_object_get(quiet, "zone"));
    const char *mine = json_string_value(json_object_get(r->session, "zone"));

    zone = typed ? req_text(r, "zone") : zone ? zone : mine ? mine : "Asia/Kolkata";
    json_object_set_new(model, "is_quiet",
                        json_boolean(typed ? req_int(r, "is_quiet") != 0 : quiet != NULL));
    json_object_set_new(model, "from_hours",
                        hours_of(r, typed   ? req_int(r, "from")
                                    : quiet ? row_int(quiet, "from_minute") / MINUTES
                                            : 21));
    json_object_set_new(model, "to_hours",
                        hours_of(r, typed   ? req_int(r, "to")
                                    : quiet ? row_int(quiet, "to_minute") / MINUTES
                                            : 7));
    json_object_set_new(model, "zones", zones_list(zone));
}

static int settings_show(struct req *r)
{
    const struct push_key *key = &r->app->services->push;
    json_t *kinds, *kind, *quiet, *model;
    size_t i;

    if (notify_choices(r->db, r->user_id, &kinds) != DB_OK ||
        notify_quiet(r->db, r->user_id, &quiet) == DB_ERR)
        return reply_error(r, 500);
    json_array_foreach(kinds, i, kind)
        json_object_set_new(
            kind, "text_key",
            json_string(arena_printf(r->arena, "notifications.kind_%s",
                                     json_string_value(json_object_get(kind, "kind")))));
    model = json_pack("{s:O,s:O,s:b,s:s?}", "kinds", kinds, "mobile",
                      json_object_get(r->session, "mobile"), "is_push",
                      push_is_on(r->db, r->session_id), "push_key",
                      key->is_set ? text_base64url(r->arena, key->open, sizeof key->open)
                                  : NULL);
    quiet_add(r, model, quiet);
    return reply_page(r, 200, "notifications/settings", model);
}

static bool chosen(const struct req *r, const char *way, const char *kind)
{
    return req_int(r, arena_printf(r->arena, "%s_%s", way, kind)) != 0;
}

static int settings_save(struct req *r)
{
    bool quiet = req_int(r, "is_quiet") != 0;
    const char *zone = req_has(r, "zone") ? req_text(r, "zone") : "Asia/Kolkata";
    struct notify_choice *choices;
    json_t *kinds, *kind;
    enum db_rc rc;
    size_t i;

    if (notify_choices(r->db, r->user_id, &kinds) != DB_OK)
        return reply_error(r, 500);
    if (quiet && req_int(r, "from") == req_int(r, "to"))
        return reply_wrong(r, 422, "to", "notifications.quiet_same", NULL);
    choices = arena_alloc(r->arena, json_array_size(kinds), sizeof *choices);
    json_array_foreach(kinds, i, kind)
    {
        const char *name = json_string_value(json_object_get(kind, "kind"));

        choices[i] = (struct notify_choice){ name, chosen(r, "app", name),
                                             chosen(r, "chat", name),
                                             chosen(r, "push", name) };
    }
    rc = notify_set(r->db, r->user_id, choices, json_array_size(kinds),
                    quiet ? (int)req_int(r, "from") * MINUTES : 0,
                    quiet ? (int)req_int(r, "to") * MINUTES : 0, zone);
    return reply_outcome(r, rc, 0);
}

/* --- this browser --- */

static int push_on(struct req *r)
{
    struct push_browser b = { .user_id = r->user_id, .session_id = r->session_id,
                              .endpoint = req_text(r, "endpoint"),
                              .p256dh = req_text(r, "p256dh"),
                              .auth = req_text(r, "auth") };
    unsigned char point[PUSH_POINT], secret[PUSH_AUTH];
    enum db_rc rc;

    b.origin = push_origin(r->app->services, r->arena, b.endpoint);
    if (!b.origin || !push_keys_read(b.p256dh, b.auth, point, secret))
        return reply_wrong(r, 422, "endpoint", "notifications.push_wrong", NULL);
    b.p256dh = text_base64url(r->arena, point, sizeof point);
    b.auth = text_base64url(r->arena, secret, sizeof secret);
    rc = push_subscribe(r->db, &b);
    return reply_outcome(r, rc, 0);
}

static int push_off(struct req *r)
{
    enum db_rc rc = push_unsubscribe(r->db, r->session_id);

    return reply_outcome(r, rc, 0);
}

/* What a push message looks like, sent to all of the user's browsers. */
static int push_try(struct req *r)
{
    json_t *words = json_pack("{s:s,s:s,s:s}", "text_key", "notify.trial", "lang", r->lang,
                              "href", "/me/notifications");
    enum db_rc rc;

    db_begin(r->db);
    rc = push_tell(r->db, r->user_id, words, 0);
    rc = db_end(r->db, rc);
    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };

static const struct field push_fields[] = {
    { "endpoint", FIELD_TEXT, .required = true, .max = 1000 },
    { "p256dh", FIELD_TEXT, .required = true, .max = 100 },
    { "auth", FIELD_TEXT, .required = true, .max = 40 },
    { 0 }
};

const struct route notifications_routes[] = {
    { GET, "/notifications", MOD_NONE, SIGNED_IN, notifications_show, before_fields,
      "What the user was told" },
    { POST, "/notifications", MOD_NONE, SIGNED_IN, notifications_read, NULL,
      "Marks all as read", .done = "/notifications" },
    { GET, "/notifications/count", MOD_NONE, SIGNED_IN, notifications_count, NULL,
      "How many are unread",
      .gives = "text/plain" },
    { GET, "/notifications/rows", MOD_NONE, SIGNED_IN, notifications_rows, NULL,
      "The newest, for an open list" },
    { POST, "/notifications/{id}/open", MOD_NONE, SIGNED_IN, notification_open, NULL,
      "Marks one as read and leads to what it is about" },
    { GET, "/me/notifications", MOD_NONE, SIGNED_IN, settings_show, NULL,
      "How the user is told" },
    { POST, "/me/notifications", MOD_NONE, SIGNED_IN, settings_save, choice_fields,
      "Chooses how to be told", .form = settings_show, .done = "/me/notifications",
      .said = "notifications.saved" },
    { POST, "/me/push", MOD_NONE, SIGNED_IN, push_on, push_fields,
      "This browser takes push messages", .form = settings_show,
      .done = "/me/notifications", .said = "notifications.push_is_on" },
    { POST, "/me/push/off", MOD_NONE, SIGNED_IN, push_off, NULL,
      "This browser takes none any more", .done = "/me/notifications",
      .said = "notifications.push_is_off" },
    { POST, "/me/push/try", MOD_NONE, SIGNED_IN, push_try, NULL, "Sends a push message to try",
      .done = "/me/notifications", .said = "notifications.push_tried" },
    { 0 }
};
