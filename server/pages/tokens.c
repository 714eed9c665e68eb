/* API tokens of the account: made, shown once, revoked. */
#include "server/pages/pages.h"

#include "db/token.h"

#include <string.h>

static bool is_primary(const struct req *r)
{
    return json_is_true(json_object_get(r->session, "is_primary"));
}

/* The levels that the user may give: a row a module. */
static json_t *modules_model(struct req *r)
{
    static const char *const names[] = { "none", "view", "change" };
    json_t *list = json_array();

    for (enum module m = MOD_NONE + 1; m < MODULES; m++) {
        enum level most = req_level(r, m);
        const char *name = module_name(m), *typed = req_text(r, name);
        json_t *levels = json_array();

        for (enum level i = LEVEL_NONE; i <= most; i++)
            json_array_append_new(
                levels,
                json_pack("{s:s,s:s,s:b}", "value", names[i], "text_key",
                          arena_printf(r->arena, "level.%s", names[i]), "is_chosen",
                          strcmp(*typed ? typed : "none", names[i]) == 0));
        if (most > LEVEL_NONE)
            json_array_append_new(list,
                                  json_pack("{s:s,s:s,s:o}", "module", name, "text_key",
                                            arena_printf(r->arena, "module.%s", name),
                                            "levels", levels));
    }
    return list;
}

/* Which levels each has, in words. */
static void levels_word(struct req *r, json_t *tokens)
{
    json_t *token, *level;
    const char *module;
    size_t i;

    json_array_foreach(tokens, i, token)
    {
        json_t *may = json_array();

        json_object_foreach(json_object_get(token, "levels_json"), module, level)
            json_array_append_new(
                may, json_pack("{s:s,s:s}", "text_key",
                               arena_printf(r->arena, "module.%s", module), "level_key",
                               json_integer_value(level) > LEVEL_VIEW ? "level.change"
                                                                      : "level.view"));
        json_object_set_new(token, "may", may);
    }
}

static int tokens_page(struct req *r, int status, const char *made)
{
    json_t *rows;

    if (!r->account_id)
        return reply_goto(r, "/accounts", NULL, NULL);
    if (token_list(r->db, r->account_id, is_primary(r) ? 0 : r->user_id, &rows) != DB_OK)
        return reply_error(r, 500);
    levels_word(r, rows);
    return reply_page(r, status, "tokens/list",
                      json_pack("{s:O,s:b,s:o,s:s?,s:s}", "tokens", rows, "has_none",
                                json_array_size(rows) == 0, "modules", modules_model(r),
                                "token", made, "origin", r->origin));
}

static int tokens_show(struct req *r)
{
    return tokens_page(r, 200, NULL);
}

static int token_make(struct req *r)
{
    enum level levels[MODULES] = { LEVEL_NONE };
    unsigned char hash[32];
    const char *token = req_api_token(r, hash);
    int64_t id = 0;
    enum db_rc rc;

    if (!r->account_id)
        return reply_goto(r, "/accounts", NULL, NULL);
    for (enum module m = MOD_NONE + 1; m < MODULES; m++)
        levels[m] = req_is(r, module_name(m), "change") ? LEVEL_CHANGE
                    : req_is(r, module_name(m), "view") ? LEVEL_VIEW
                                                        : LEVEL_NONE;
    rc = token_create(r->db, &r->actor, r->session, req_text(r, "name"), levels, hash, &id);
    if (rc != DB_OK)
        return reply_outcome(r, rc, id);
    r->typed = json_object();
    r->value_count = 0;
    return tokens_page(r, 201, token);
}

static int token_end(struct req *r)
{
    enum db_rc rc = token_revoke(r->db, &r->actor, req_arg_id(r, 0), is_primary(r));

    return reply_outcome(r, rc, 0);
}

#define LEVEL(module)                                                                      \
    { module, FIELD_CHOICE, .choices = "none view change" }

static const struct field token_fields[] = {
    { "name", FIELD_TEXT, .required = true, .max = 60 },
    LEVEL("requirements"), LEVEL("orders"), LEVEL("inventory"), LEVEL("customizations"),
    LEVEL("catalog"), LEVEL("customer_orders"), LEVEL("pos"), LEVEL("quick_pay"),
    LEVEL("cash_register"), LEVEL("reports"), LEVEL("users"), { 0 }
};

const struct route tokens_routes[] = {
    { GET, "/account/tokens", MOD_NONE, SIGNED_IN, tokens_show, NULL, "API tokens" },
    { POST, "/account/tokens", MOD_NONE, SIGNED_IN, token_make, token_fields,
      "Makes an API token; the answer shows it, once", .form = tokens_show,
      .done = "/account/tokens" },
    { POST, "/account/tokens/{id}/revoke", MOD_NONE, SIGNED_IN, token_end, NULL,
      "Revokes an API token", .form = tokens_show, .done = "/account/tokens",
      .said = "tokens.revoked" },
    { 0 }
};
