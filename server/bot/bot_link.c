/* A right code makes the session: the number's user, one account of which they are the
 * primary user, and the vendor role asked for. Whoever registers gets what lacks. */
#include "server/bot/bot_internal.h"
#include "server/bot/bot_save.h"

#include "db/account.h"
#include "db/base/clock.h"
#include "db/gst_state.h"
#include "db/setting.h"
#include "db/user.h"
#include "db/vendor.h"

#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* An account with a shop before one without. */
static enum db_rc account_choose(struct talk *t, int64_t user_id, int64_t *account_id,
                                 const char **vendor_state)
{
    json_t *accounts, *one;
    size_t i;
    enum db_rc rc = account_list_of_user(t->db, user_id, &accounts);

    *account_id = 0;
    *vendor_state = "";
    json_array_foreach(accounts, i, one)
    {
        bool has_shop = *draft_text(one, "vendor_state") != '\0';

        if (json_is_true(json_object_get(one, "is_primary")) &&
            (!*account_id || (has_shop && !**vendor_state))) {
            *account_id = draft_int(one, "id");
            *vendor_state = draft_text(one, "vendor_state");
        }
    }
    return rc;
}

static enum db_rc vendor_ask(struct talk *t, int64_t user_id, int64_t account_id,
                             const struct vendor_details *details)
{
    const struct actor actor = { user_id, account_id, NULL };
    const struct actor system = { 0, 0, NULL };
    enum db_rc rc = vendor_request(t->db, &actor, details, NULL);

    if (rc == DB_OK && is(setting_get(t->db, "chat_grants_vendor"), "1"))
        rc = vendor_approve(t->db, &system, account_id);
    return rc;
}

enum db_rc shop_ready(struct talk *t, const char *state)
{
    json_t *vendor, *account, *user;
    const char *address;
    enum db_rc rc = vendor_find(t->db, t->d.account_id, &vendor);

    if (rc != DB_NONE)
        return rc;
    if (account_find(t->db, t->d.account_id, &account) != DB_OK ||
        user_find(t->db, t->d.user_id, &user) != DB_OK)
        return DB_ERR;
    address = draft_text(*draft_text(account, "address") ? account : user, "address");
    if (!state)
        state = words_state(t->a, address);
    if (!state)
        state = gst_state_of_address(address);
    if (!state)
        return DB_NONE;
    return vendor_ask(t, t->d.user_id, t->d.account_id,
                      &(struct vendor_details) { .trade_name = draft_text(user, "name"),
                                                 .address = address,
                                                 .state_code = state,
                                                 .gst_status = "unregistered",
                                                 .gstin = "",
                                                 .upi = "",
                                                 .mobile = "" });
}

static enum db_rc user_get(struct talk *t, const char *mobile, json_t *reg, json_t **user)
{
    const struct user_details details = {
        .mobile = mobile,
        .name = draft_text(reg, "name"),
        .lang = t->d.lang,
        .address = draft_text(reg, "address"),
        .makes = draft_text(reg, "makes"),
    };
    int64_t id;
    enum db_rc rc = user_by_mobile(t->db, mobile, user);

    if (rc != DB_NONE || !*details.name)
        return rc;
    rc = user_create(t->db, &details, &id);
    return rc == DB_OK ? user_find(t->db, id, user) : rc;
}

/* The account, made when the user has none of their own, with its shop asked for. */
static enum db_rc account_get(struct talk *t, const json_t *user, json_t *reg,
                              int64_t *account_id, bool *is_new)
{
    json_t *u = (json_t *)(uintptr_t)user;
    int64_t user_id = draft_int(u, "id");
    const char *vendor_state, *name = draft_text(u, "name");
    const struct account_details details = {
        .name = name,
        .address = draft_text(u, "address"),
        .zone = "Asia/Kolkata",
        .lang = t->d.lang,
    };
    const struct vendor_details shop = {
        .trade_name = name,
        .address = draft_text(reg, "address"),
        .state_code = draft_text(reg, "state"),
        .gst_status = "unregistered",
        .gstin = "",
        .upi = draft_text(reg, "upi"),
        .mobile = "",
    };
    enum db_rc rc = account_choose(t, user_id, account_id, &vendor_state);

    *is_new = false;
    if (rc == DB_OK && !*account_id)
        rc = account_create(t->db, user_id, &details, account_id);
    if (rc == DB_OK && !*vendor_state && *shop.state_code) {
        *is_new = true;
        rc = vendor_ask(t, user_id, *account_id, &shop);
    }
    return rc;
}

/* Said when the session starts; where it goes on. */
static void greet(struct talk *t, const char *name, bool is_new)
{
    json_t *vendor, *args = json_pack("{s:s}", "name", name);
    enum db_rc rc = vendor_find(t->db, t->d.account_id, &vendor);

    if (!is_new)
        say(t, "bot.signed_in", args);
    else if (rc == DB_OK && is(draft_text(vendor, "state"), "approved"))
        say(t, "bot.registered", args);
    else
        say(t, "bot.registered_waiting", args);
    talk_goto(t, json_object_get(t->d.draft, "product") ? product_next(t) : "menu");
}

enum db_rc talk_link(struct talk *t, const char *mobile)
{
    json_t *reg = draft_part(t, "reg"), *user;
    int64_t account_id = 0, user_id;
    bool is_new = false;
    enum db_rc rc = user_get(t, mobile, reg, &user);

    if (rc == DB_NONE || (rc == DB_OK && !is(draft_text(user, "state"), "active"))) {
        bool waits = rc == DB_OK && is(draft_text(user, "state"), "waiting");

        draft_drop(t, "reg");
        say(t, waits ? "bot.user_waiting" : "bot.no_entry", NULL);
        talk_goto(t, "start");
        return DB_OK;
    }
    if (rc == DB_OK)
        rc = account_get(t, user, reg, &account_id, &is_new);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_ERR : rc;
    user_id = draft_int(user, "id");
    if (t->d.user_id && t->d.user_id != user_id)
        product_drop(t);
    t->d.user_id = user_id;
    t->d.account_id = account_id;
    t->d.authenticated_until_ms = t->now + 12 * (int64_t)CLOCK_HOUR;
    draft_drop(t, "reg");
    draft_drop(t, "sign");
    greet(t, draft_text(user, "name"), is_new);
    return DB_OK;
}
