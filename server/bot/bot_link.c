/* A right code makes the session: the number's user, one account of which they are the
 * primary user, and the vendor role asked for. Whoever registers gets what lacks, in the
 * one operation that the vendor role by chat has (account_register_chat). */
#include "server/bot/bot_internal.h"
#include "server/bot/bot_save.h"

#include "db/account.h"
#include "db/base/clock.h"
#include "db/gst_state.h"
#include "db/user.h"
#include "db/vendor.h"

#include <string.h>

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

enum db_rc shop_ready(struct talk *t, const char *state)
{
    json_t *vendor, *account, *user;
    const char *address;
    int64_t user_id, account_id;
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
        state = gst_state_of_address(t->a, address);
    if (!state)
        return DB_NONE;
    rc = account_register_chat(t->db,
                               &(struct chat_registration) {
                                   .mobile = draft_text(user, "mobile"),
                                   .name = draft_text(user, "name"),
                                   .lang = t->d.lang,
                                   .address = address,
                                   .makes = draft_text(user, "makes"),
                                   .upi = "",
                                   .state_code = state,
                               },
                               &user_id, &account_id);
    if (rc == DB_OK)
        t->d.account_id = account_id;
    return rc == DB_NONE ? DB_ERR : rc;
}

/* Who is known goes on with their account; who isn't, or has no shop and has just told
 * of it, is registered. DB_NONE: nobody, and nothing was told. */
static enum db_rc account_get(struct talk *t, const char *mobile, json_t *reg,
                              json_t **user, int64_t *account_id, bool *is_new)
{
    const struct chat_registration r = {
        .mobile = mobile,
        .name = draft_text(reg, "name"),
        .lang = t->d.lang,
        .address = draft_text(reg, "address"),
        .makes = draft_text(reg, "makes"),
        .upi = draft_text(reg, "upi"),
        .state_code = draft_text(reg, "state"),
    };
    json_t *vendor;
    int64_t user_id;
    enum db_rc rc = user_by_mobile(t->db, mobile, user);

    *is_new = false;
    if (rc == DB_ERR || (rc == DB_NONE && !*r.state_code) ||
        (rc == DB_OK && !is(draft_text(*user, "state"), "active")))
        return rc;
    if (rc == DB_OK)
        rc = account_own(t->db, draft_int(*user, "id"), account_id);
    if (rc == DB_OK)
        rc = vendor_find(t->db, *account_id, &vendor);
    if (rc == DB_NONE && *r.state_code) {
        *is_new = true;
        rc = account_register_chat(t->db, &r, &user_id, account_id);
        return rc == DB_OK ? user_find(t->db, user_id, user) : rc;
    }
    if (rc == DB_NONE && !*account_id)
        rc = account_create(t->db, draft_int(*user, "id"),
                            &(struct account_details) {
                                .name = draft_text(*user, "name"),
                                .address = draft_text(*user, "address"),
                                .zone = "Asia/Kolkata",
                                .lang = t->d.lang,
                            },
                            account_id);
    return rc == DB_NONE ? DB_OK : rc;
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
    enum db_rc rc = account_get(t, mobile, reg, &user, &account_id, &is_new);

    if (rc == DB_NONE || (rc == DB_OK && !is(draft_text(user, "state"), "active"))) {
        bool waits = rc == DB_OK && is(draft_text(user, "state"), "waiting");

        draft_drop(t, "reg");
        say(t, waits ? "bot.user_waiting" : "bot.no_entry", NULL);
        talk_goto(t, "start");
        return DB_OK;
    }
    if (rc != DB_OK)
        return rc;
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
