/* Webhooks out: the account's addresses, and what was delivered to each. The owner's
 * alone. */
#include "server/pages/pages.h"

#include "db/base/text.h"
#include "db/hook.h"
#include "server/jobs/worker.h"
#include "server/services/hook.h"
#include "server/services/seal.h"

#include <sodium.h>
#include <string.h>

enum { DELIVERIES = 50 };

/* Who may not gets the answer here. */
static bool may(struct req *r, int *answer)
{
    bool primary = json_is_true(json_object_get(r->session, "is_primary"));

    if (!r->account_id)
        *answer = reply_goto(r, "/accounts", NULL, NULL);
    else if (!primary)
        *answer = reply_error(r, 403);
    return r->account_id && primary;
}

static void state_add(json_t *hook)
{
    const char *state = json_string_value(json_object_get(hook, "state"));
    bool on = strcmp(state, "on") == 0;
    bool failing = json_is_integer(json_object_get(hook, "failing_since_ms"));

    json_object_set_new(hook, "is_off", json_boolean(!on));
    json_object_set_new(hook, "is_failing", json_boolean(on && failing));
    json_object_set_new(hook, "is_well", json_boolean(on && !failing));
}

static int hooks_page(struct req *r, int status, const char *secret)
{
    json_t *rows, *hook;
    size_t i;

    if (hook_list(r->db, r->account_id, &rows) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, hook) state_add(hook);
    return reply_page(
        r, status, "hooks/list",
        json_pack("{s:O,s:b,s:s?,s:b,s:b}", "hooks", rows, "has_none",
                  json_array_size(rows) == 0, "secret", secret, "is_orders",
                  r->method == GET || secret || req_int(r, "orders") != 0, "is_stock",
                  req_int(r, "stock") != 0));
}

static int hooks_show(struct req *r)
{
    int answer;

    return may(r, &answer) ? hooks_page(r, 200, NULL) : answer;
}

static int hook_make(struct req *r)
{
    struct hook_details d = { .url = req_text(r, "url"),
                              .orders = req_int(r, "orders") != 0,
                              .stock = req_int(r, "stock") != 0 };
    unsigned char bytes[32];
    const char *secret;
    int64_t id = 0;
    int answer;
    enum db_rc rc;

    if (!may(r, &answer))
        return answer;
    if (!hook_url_may(r->app->services, r->arena, d.url))
        return reply_wrong(r, 422, "url",
                           r->app->services->config.hooks_lan ? "hooks.url_wrong_lan"
                                                              : "hooks.url_wrong",
                           NULL);
    randombytes_buf(bytes, sizeof bytes);
    secret = arena_printf(r->arena, "whs_%s", text_base64url(r->arena, bytes, sizeof bytes));
    d.sealed = seal_text(r->arena, r->app->key, secret);
    rc = hook_add(r->db, &r->actor, &d, &id);
    if (rc != DB_OK)
        return reply_outcome(r, rc, id);
    r->typed = json_object();
    r->value_count = 0;
    return hooks_page(r, 201, secret);
}

static int hook_show(struct req *r)
{
    int64_t id = req_arg_id(r, 0);
    json_t *hook, *rows, *row;
    int answer;
    size_t i;

    if (!may(r, &answer))
        return answer;
    switch (hook_find(r->db, r->account_id, id, &hook)) {
    case DB_OK: break;
    case DB_NONE: return reply_error(r, 404);
    default: return reply_error(r, 500);
    }
    if (hook_deliveries(r->db, r->account_id, id, req_int(r, "before"), DELIVERIES,
                        &rows) != DB_OK)
        return reply_error(r, 500);
    state_add(hook);
    json_array_foreach(rows, i, row)
    {
        const char *state = json_string_value(json_object_get(row, "state"));

        json_object_set_new(row, "state_key",
                            json_string(arena_printf(r->arena, "hooks.state_%s", state)));
        json_object_set_new(row, "is_bad", json_boolean(strcmp(state, "failed") == 0));
        json_object_set_new(row, "is_waiting", json_boolean(strcmp(state, "waiting") == 0));
        json_object_set_new(row, "can_again",
                            json_boolean(strcmp(state, "waiting") != 0 &&
                                         strcmp(state, "leased") != 0));
    }
    return reply_page(r, 200, "hooks/show",
                      json_pack("{s:O,s:O,s:b,s:O?}", "hook", hook, "deliveries", rows,
                                "has_none", json_array_size(rows) == 0, "next",
                                json_array_size(rows) == DELIVERIES
                                    ? json_object_get(json_array_get(rows, DELIVERIES - 1),
                                                      "id")
                                    : NULL));
}

static int outcome(struct req *r, enum db_rc rc)
{
    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int hook_end(struct req *r)
{
    int answer;

    return may(r, &answer) ? outcome(r, hook_remove(r->db, &r->actor, req_arg_id(r, 0)))
                           : answer;
}

static int hook_start(struct req *r)
{
    int answer;

    return may(r, &answer) ? outcome(r, hook_on(r->db, &r->actor, req_arg_id(r, 0)))
                           : answer;
}

static int hook_try(struct req *r)
{
    int answer;

    return may(r, &answer) ? outcome(r, hook_ping(r->db, r->account_id, req_arg_id(r, 0)))
                           : answer;
}

static int delivery_again(struct req *r)
{
    int answer;

    return may(r, &answer) ? outcome(r, hook_again(r->db, r->account_id, req_arg_id(r, 0),
                                                   req_arg_id(r, 1)))
                           : answer;
}

static const struct field hook_fields[] = {
    { "url", FIELD_TEXT, .required = true, .max = 500 },
    { "orders", FIELD_BOOL },
    { "stock", FIELD_BOOL },
    { 0 }
};

static const struct field before_fields[] = { { "before", FIELD_ID }, { 0 } };

const struct route hooks_routes[] = {
    { GET, "/account/hooks", MOD_NONE, SIGNED_IN, hooks_show, NULL,
      "Addresses that are told of orders and stock" },
    { POST, "/account/hooks", MOD_NONE, SIGNED_IN, hook_make, hook_fields,
      "Registers an address; the answer shows its secret, once", .form = hooks_show,
      .done = "/account/hooks" },
    { GET, "/account/hooks/{id}", MOD_NONE, SIGNED_IN, hook_show, before_fields,
      "An address and what was delivered to it" },
    { POST, "/account/hooks/{id}/remove", MOD_NONE, SIGNED_IN, hook_end, NULL,
      "Removes an address", .done = "/account/hooks", .said = "hooks.removed" },
    { POST, "/account/hooks/{id}/on", MOD_NONE, SIGNED_IN, hook_start, NULL,
      "Switches an address on again", .done = "/account/hooks/{1}", .said = "hooks.is_on" },
    { POST, "/account/hooks/{id}/try", MOD_NONE, SIGNED_IN, hook_try, NULL,
      "Sends a delivery to try", .done = "/account/hooks/{1}", .said = "hooks.tried" },
    { POST, "/account/hooks/{id}/deliveries/{id}/again", MOD_NONE, SIGNED_IN,
      delivery_again, NULL, "Sends a delivery again", .done = "/account/hooks/{1}",
      .said = "hooks.tried" },
    { 0 }
};
