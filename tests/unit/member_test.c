/* Who gets into an account, what they may do there, and how they get out again: as the
 * operations have it, with a look into the tables after each. */
#include "tests/unit/access_ground.h"

#include "db/audit.h"
#include "db/invitation.h"
#include "db/join.h"
#include "db/member.h"
#include "db/session.h"

#include <pthread.h>

#define URL "https://shop.example/join"

struct house {
    struct ground *g;
    int64_t owner, helper, other; /* users: primary, secondary (when let in), stranger */
    int64_t account;
    struct actor as_owner, as_helper, as_other;
};

static struct house house_new(void **state)
{
    struct house h = { .g = *state };

    h.owner = user_new(h.g, "+919800000001");
    h.helper = user_new(h.g, "+919800000002");
    h.other = user_new(h.g, "+919800000003");
    h.account = account_new(h.g, h.owner, "shop@example.in");
    h.as_owner = (struct actor) { h.owner, h.account, "203.0.113.1" };
    h.as_helper = (struct actor) { h.helper, h.account, "203.0.113.2" };
    h.as_other = (struct actor) { h.other, 0, "203.0.113.3" };
    return h;
}

static struct levels preset(const char *name)
{
    struct levels levels = { 0 };

    assert_true(levels_preset(name, &levels));
    return levels;
}

static enum db_rc invite(struct house *h, const struct actor *by, const char *mobile,
                         const char *name, int64_t *id)
{
    const struct levels levels = preset(name);
    const struct invitation in = { mobile, "Ravi", &levels, "en", URL };

    return invitation_send(h->g->db, by, &in, id);
}

/* The helper is in, with a preset. */
static void helper_in(struct house *h, const char *name)
{
    int64_t id, account;

    assert_int_equal(invite(h, &h->as_owner, "+919800000002", name, &id), DB_OK);
    assert_int_equal(invitation_accept(h->g->db, &h->as_helper, id, &account), DB_OK);
    assert_int_equal(account, h->account);
}

static enum level level_of(struct house *h, int64_t user, enum module module)
{
    json_t *row;

    if (permission_find(h->g->db, h->account, user, &row) != DB_OK)
        return LEVEL_NONE;
    return permission_level(row, module);
}

static int64_t audits(struct house *h, const char *kind)
{
    return number_of(h->g, arena_printf(h->g->arena,
                                        "SELECT count(*) FROM audit_entry WHERE kind = '%s'"
                                        " AND account_id = %lld",
                                        kind, (long long)h->account));
}

/* --- invitations --- */

static void invited_and_in(void **state)
{
    struct house h = house_new(state);
    int64_t id, again, account;
    json_t *rows;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000002", "seller", &id), DB_OK);
    assert_int_equal(level_of(&h, h.helper, MOD_ORDERS), LEVEL_NONE);
    assert_string_equal(text_of(h.g, "SELECT key || href FROM notification"
                                     " WHERE user_id = 2"),
                        "notify.invited/join");
    assert_int_equal(invitation_list_of_user(h.g->db, h.helper, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "account_name"), "Asha's home");
    refused(h.g, invite(&h, &h.as_owner, "+919800000002", "viewer", &again), 429, "mobile",
            "refusal.invited_now");
    assert_int_equal(invitation_accept(h.g->db, &h.as_helper, id, &account), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM permission WHERE user_id = 2"), 6);
    assert_int_equal(level_of(&h, h.helper, MOD_INVENTORY), LEVEL_VIEW);
    assert_int_equal(audits(&h, "member.invited"), 1);
    assert_int_equal(audits(&h, "member.joined"), 1);
    assert_string_equal(text_of(h.g, "SELECT key FROM notification WHERE user_id = 1"),
                        "notify.joined");
    refused(h.g, invite(&h, &h.as_owner, "+919800000002", "viewer", &again), 422, "mobile",
            "refusal.member_already");
}

static void invitation_misused(void **state)
{
    struct house h = house_new(state);
    int64_t id, account;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000002", "viewer", &id), DB_OK);
    assert_int_equal(invitation_accept(h.g->db, &h.as_other, id, &account), DB_NONE);
    assert_int_equal(invitation_decline(h.g->db, &h.as_other, id), DB_NONE);
    assert_int_equal(invitation_withdraw(h.g->db, &h.as_other, id), DB_REFUSED);
    run(h.g, "UPDATE invitation SET expires_ms = 1");
    refused(h.g, invitation_accept(h.g->db, &h.as_helper, id, &account), 410, NULL,
            "refusal.invitation_expired");
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership"), 1);
    run(h.g, "UPDATE invitation SET sent_ms = 1");
    run(h.g, "INSERT INTO setting VALUES ('name', 'Bazaar')");
    assert_int_equal(invitation_again(h.g->db, &h.as_owner, id, "en", URL), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM job WHERE payload ->> '$.text_key'"
                                    " = 'message.invited' AND recipient ="
                                    " '+919800000002' AND payload ->> '$.args.site' ="
                                    " iif(id = (SELECT max(id) FROM job), 'Bazaar',"
                                    " 'InviChat')"),
                     2);
    assert_int_equal(invitation_accept(h.g->db, &h.as_helper, id, &account), DB_OK);
    refused(h.g, invitation_accept(h.g->db, &h.as_helper, id, &account), 409, NULL,
            "refusal.invitation_used");
    assert_int_equal(member_leave(h.g->db, &h.as_helper), DB_OK);
    refused(h.g, invitation_accept(h.g->db, &h.as_helper, id, &account), 409, NULL,
            "refusal.invitation_used");
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership"), 1);
    assert_int_equal(invite(&h, &h.as_owner, "+919800000002", "viewer", &id), DB_OK);
    assert_int_equal(invitation_withdraw(h.g->db, &h.as_owner, id), DB_OK);
    assert_int_equal(invitation_withdraw(h.g->db, &h.as_owner, id), DB_NONE);
    refused(h.g, invitation_accept(h.g->db, &h.as_helper, id, &account), 410, NULL,
            "refusal.invitation_withdrawn");
    db_begin(h.g->db);
    assert_int_equal(db_exec(h.g->db, "UPDATE invitation SET state = 'waiting' WHERE id = 1",
                             DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_ERR);
}

static void invited_before_sign_up(void **state)
{
    struct house h = house_new(state);
    int64_t id, user;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000009", "helper", &id), DB_OK);
    assert_string_equal(text_of(h.g, "SELECT payload ->> '$.to' FROM job"), "+919800000009");
    user = user_new(h.g, "+919800000009");
    assert_int_equal(level_of(&h, user, MOD_INVENTORY), LEVEL_CHANGE);
    assert_int_equal(level_of(&h, user, MOD_USERS), LEVEL_VIEW);
    assert_string_equal(text_of(h.g, "SELECT state FROM invitation"), "joined");
    assert_string_equal(text_of(h.g, "SELECT key FROM notification WHERE user_id = 1"),
                        "notify.joined");
}

/* What is over its time lets nobody in, not on signing up either. */
static void expired_before_sign_up(void **state)
{
    struct house h = house_new(state);
    int64_t id, user;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000009", "helper", &id), DB_OK);
    run(h.g, "UPDATE invitation SET expires_ms = 1");
    user = user_new(h.g, "+919800000009");
    assert_int_equal(level_of(&h, user, MOD_INVENTORY), LEVEL_NONE);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership"), 1);
}

/* With approval switched on, whoever waits is in nowhere until the admin lets them in. */
static void invited_and_waiting(void **state)
{
    struct house h = house_new(state);
    int64_t id, user;

    run(h.g, "INSERT INTO setting VALUES ('signup_approval', '1')");
    run(h.g, "UPDATE user SET is_admin = 1 WHERE id = 1");
    assert_int_equal(invite(&h, &h.as_owner, "+919800000009", "viewer", &id), DB_OK);
    user = user_new(h.g, "+919800000009");
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership"), 1);
    assert_string_equal(text_of(h.g, "SELECT key FROM notification"), "notify.user_waits");
    refused(h.g, user_refuse(h.g->db, &h.as_owner, user, ""), 422, "reason",
            "refusal.reason");
    assert_int_equal(user_refuse(h.g->db, &h.as_owner, user, "not known"), DB_OK);
    assert_int_equal(user_refuse(h.g->db, &h.as_owner, user, "again"), DB_NONE);
    assert_string_equal(text_of(h.g, "SELECT state || refused_reason FROM user"
                                     " WHERE id = 4"),
                        "suspendednot known");
    assert_int_equal(user_approve(h.g->db, &h.as_owner, user), DB_OK);
    assert_string_equal(text_of(h.g, "SELECT state || refused_reason FROM user"
                                     " WHERE id = 4"),
                        "active");
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership WHERE user_id = 4"), 1);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM job WHERE recipient ="
                                    " '+919800000009' AND payload ->> '$.text_key' IN"
                                    " ('message.user_refused', 'notify.user_approved')"),
                     2);
}

static void declined_and_expired(void **state)
{
    struct house h = house_new(state);
    int64_t id;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000002", "viewer", &id), DB_OK);
    assert_int_equal(invitation_decline(h.g->db, &h.as_helper, id), DB_OK);
    refused(h.g, invitation_decline(h.g->db, &h.as_helper, id), 409, NULL,
            "refusal.invitation_used");
    assert_int_equal(invite(&h, &h.as_owner, "+919800000003", "viewer", &id), DB_OK);
    assert_int_equal(invitation_sweep(h.g->db), DB_OK);
    run(h.g, "UPDATE invitation SET expires_ms = 1 WHERE state = 'waiting'");
    assert_int_equal(invitation_sweep(h.g->db), DB_OK);
    assert_int_equal(invitation_sweep(h.g->db), DB_OK);
    assert_string_equal(text_of(h.g, "SELECT group_concat(key) FROM (SELECT key FROM"
                                     " notification WHERE user_id = 1 ORDER BY id)"),
                        "notify.invitation_declined,notify.invitation_expired");
    assert_string_equal(text_of(h.g, "SELECT group_concat(state) FROM invitation"),
                        "declined,expired");
}

/* The same answer, the same rows, the same message, whoever has the number. */
static void invitation_tells_nothing(void **state)
{
    struct house h = house_new(state);
    int64_t known, unknown;

    assert_int_equal(invite(&h, &h.as_owner, "+919800000002", "viewer", &known), DB_OK);
    assert_int_equal(invite(&h, &h.as_owner, "+919800000077", "viewer", &unknown), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT count(DISTINCT json_remove(payload, '$.to'))"
                                    " FROM job"),
                     1);
    assert_int_equal(number_of(h.g, "SELECT count(DISTINCT json_array(name, levels, state,"
                                    " user_id, sends)) FROM invitation"),
                     1);
    refused(h.g, invite(&h, &h.as_owner, "+919800000002", "viewer", &known), 429, "mobile",
            "refusal.invited_now");
    refused(h.g, invite(&h, &h.as_owner, "+919800000077", "viewer", &known), 429, "mobile",
            "refusal.invited_now");
}

static void invitations_limited(void **state)
{
    struct house h = house_new(state);
    int64_t id;
    int i;

    for (i = 0; i < INVITATIONS_OPEN; i++)
        assert_int_equal(invite(&h, &h.as_owner,
                                arena_printf(h.g->arena, "+9197000000%02d", i), "viewer",
                                &id),
                         DB_OK);
    refused(h.g, invite(&h, &h.as_owner, "+919700000099", "viewer", &id), 429, "mobile",
            "refusal.invitations_open");
    run(h.g, "UPDATE invitation SET sent_ms = 1, sends = 5 WHERE id = 1");
    refused(h.g, invitation_again(h.g->db, &h.as_owner, 1, "en", URL), 429, "mobile",
            "refusal.invited_now");
}

/* --- asking --- */

static void asked_and_let_in(void **state)
{
    struct house h = house_new(state);
    const struct levels seller = preset("seller");
    int64_t id, again;
    json_t *rows;

    refused(h.g, join_ask(h.g->db, &h.as_other, "nobody@example.in", "", &id), 422, "email",
            "refusal.no_such_account");
    assert_int_equal(join_ask(h.g->db, &h.as_other, "SHOP@example.in", "Me", &id), DB_OK);
    refused(h.g, join_ask(h.g->db, &h.as_other, "shop@example.in", "", &again), 422, "email",
            "refusal.joins_waiting");
    assert_string_equal(text_of(h.g, "SELECT key FROM notification WHERE user_id = 1"),
                        "notify.join_asked");
    assert_int_equal(join_approve(h.g->db, &h.as_other, id, &seller), DB_REFUSED);
    assert_int_equal(join_list(h.g->db, h.account, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    assert_int_equal(join_approve(h.g->db, &h.as_owner, id, &seller), DB_OK);
    assert_int_equal(join_approve(h.g->db, &h.as_owner, id, &seller), DB_NONE);
    assert_int_equal(level_of(&h, h.other, MOD_INVENTORY), LEVEL_VIEW);
    refused(h.g, join_ask(h.g->db, &h.as_other, "shop@example.in", "", &again), 422, "email",
            "refusal.in_already");
    assert_string_equal(text_of(h.g, "SELECT key FROM notification WHERE user_id = 3"),
                        "notify.join_approved");
}

static void asked_and_refused(void **state)
{
    struct house h = house_new(state);
    int64_t id;
    json_t *rows;

    assert_int_equal(join_ask(h.g->db, &h.as_other, "shop@example.in", "", &id), DB_OK);
    refused(h.g, join_refuse(h.g->db, &h.as_owner, id, ""), 422, "reason", "refusal.reason");
    assert_int_equal(join_refuse(h.g->db, &h.as_owner, id, "not now"), DB_OK);
    assert_int_equal(join_refuse(h.g->db, &h.as_owner, id, "not now"), DB_NONE);
    assert_int_equal(join_list_of_user(h.g->db, h.other, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "reason"), "not now");
    assert_string_equal(text_in(json_array_get(rows, 0), "state"), "refused");
    assert_string_equal(text_of(h.g, "SELECT key || (args ->> '$.reason') FROM notification"
                                     " WHERE user_id = 3"),
                        "notify.join_refusednot now");
    assert_int_equal(audits(&h, "member.refused"), 1);
    assert_int_equal(join_ask(h.g->db, &h.as_other, "shop@example.in", "", &id), DB_OK);
    assert_int_equal(join_withdraw(h.g->db, &h.as_helper, id), DB_NONE);
    assert_int_equal(join_withdraw(h.g->db, &h.as_other, id), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership"), 1);
    for (int i = 2; i < JOINS_DAY; i++) {
        assert_int_equal(join_ask(h.g->db, &h.as_other, "shop@example.in", "", &id), DB_OK);
        assert_int_equal(join_withdraw(h.g->db, &h.as_other, id), DB_OK);
    }
    refused(h.g, join_ask(h.g->db, &h.as_other, "shop@example.in", "", &id), 429, "email",
            "refusal.joins_many");
    run(h.g, "UPDATE account SET state = 'suspended'");
    refused(h.g, join_ask(h.g->db, &h.as_helper, "shop@example.in", "", &id), 422, "email",
            "refusal.no_such_account");
}

/* --- levels --- */

static void levels_given_and_taken(void **state)
{
    struct house h = house_new(state);
    struct levels levels = preset("viewer");

    helper_in(&h, "viewer");
    assert_int_equal(level_of(&h, h.helper, MOD_ORDERS), LEVEL_VIEW);
    levels.of[MOD_ORDERS] = LEVEL_CHANGE;
    levels.of[MOD_INVENTORY] = LEVEL_NONE;
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.helper, &levels), DB_OK);
    assert_int_equal(level_of(&h, h.helper, MOD_ORDERS), LEVEL_CHANGE);
    assert_int_equal(level_of(&h, h.helper, MOD_INVENTORY), LEVEL_NONE);
    assert_string_equal(text_of(h.g, "SELECT subject || ' ' || before || '>' || after FROM"
                                     " audit_entry WHERE kind = 'member.levels'"),
                        "Asha (+919800000002) orders:1 inventory:1>orders:2 inventory:0");
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.helper, &levels), DB_OK);
    assert_int_equal(audits(&h, "member.levels"), 1);
    refused(h.g, member_levels_set(h.g->db, &h.as_owner, h.owner, &levels), 409, NULL,
            "refusal.primary_stays");
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.other, &levels), DB_NONE);
    run(h.g, "INSERT INTO module_off VALUES (1, 'orders')");
    assert_int_equal(level_of(&h, h.helper, MOD_ORDERS), LEVEL_NONE);
    assert_int_equal(level_of(&h, h.owner, MOD_ORDERS), LEVEL_NONE);
    run(h.g, "DELETE FROM module_off");
    assert_int_equal(level_of(&h, h.helper, MOD_ORDERS), LEVEL_CHANGE);
}

/* A secondary user who may change users is no second owner. */
static void no_more_than_own(void **state)
{
    struct house h = house_new(state);
    struct levels levels = preset("viewer"), helper;
    bool primary;
    int64_t id, account;

    helper_in(&h, "viewer");
    refused(h.g, invite(&h, &h.as_helper, "+919800000003", "viewer", &id), 403, NULL,
            "refusal.users_not_yours");
    levels.of[MOD_USERS] = LEVEL_CHANGE;
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.helper, &levels), DB_OK);
    refused(h.g, member_levels_set(h.g->db, &h.as_helper, h.helper, &levels), 409, NULL,
            "refusal.own_levels");
    assert_int_equal(invite(&h, &h.as_helper, "+919800000003", "helper", &id), DB_OK);
    h.as_other.account_id = h.account;
    assert_int_equal(invitation_accept(h.g->db, &h.as_other, id, &account), DB_OK);
    assert_int_equal(member_levels(h.g->db, h.account, h.other, &helper, &primary), DB_OK);
    assert_int_equal(helper.of[MOD_INVENTORY], LEVEL_VIEW);
    levels = helper;
    levels.of[MOD_INVENTORY] = LEVEL_CHANGE;
    refused(h.g, member_levels_set(h.g->db, &h.as_helper, h.other, &levels), 403, "inventory",
            "refusal.more_than_own");
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.other, &levels), DB_OK);
    levels.of[MOD_INVENTORY] = LEVEL_NONE;
    refused(h.g, member_levels_set(h.g->db, &h.as_helper, h.other, &levels), 403, "inventory",
            "refusal.more_than_own");
    refused(h.g, member_remove(h.g->db, &h.as_helper, h.other), 403, NULL,
            "refusal.more_than_own");
    refused(h.g, member_remove(h.g->db, &h.as_helper, h.owner), 409, NULL,
            "refusal.primary_stays");
    refused(h.g, member_hand_over(h.g->db, &h.as_helper, h.helper), 403, NULL,
            "refusal.not_primary");
}

static void presets_differ(void **state)
{
    const char *const names[] = { "helper", "seller", "viewer" };
    const char *const all[] = {
        "{\"cash_register\":2,\"catalog\":2,\"customer_orders\":2,\"customizations\":2,"
        "\"inventory\":2,\"orders\":2,\"pos\":2,\"quick_pay\":2,\"reports\":1,"
        "\"requirements\":2,\"users\":1}",
        "{\"cash_register\":2,\"catalog\":1,\"customer_orders\":2,\"inventory\":1,"
        "\"pos\":2,\"quick_pay\":2}",
        "{\"cash_register\":1,\"catalog\":1,\"customer_orders\":1,\"customizations\":1,"
        "\"inventory\":1,\"orders\":1,\"pos\":1,\"quick_pay\":1,\"reports\":1,"
        "\"requirements\":1}"
    };
    struct levels levels, other;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(levels_preset(names[i], &levels));
        assert_string_equal(levels_name(&levels), names[i]);
        assert_string_equal(json_dumps(levels_json(&levels), JSON_COMPACT | JSON_SORT_KEYS),
                            all[i]);
        other = levels_of(levels_json(&levels));
        assert_memory_equal(&other, &levels, sizeof levels);
        assert_int_not_equal(levels.of[MOD_USERS], LEVEL_CHANGE);
    }
    assert_false(levels_preset("owner", &levels));
    levels.of[MOD_USERS] = LEVEL_CHANGE;
    assert_null(levels_name(&levels));
}

/* --- out --- */

static void removed_and_left(void **state)
{
    struct house h = house_new(state);
    unsigned char hash[32] = { 1 };
    int64_t session, id;
    json_t *row;

    helper_in(&h, "helper");
    assert_int_equal(session_start(h.g->db, hash, h.helper, 0, "", "", false, &session),
                     DB_OK);
    assert_int_equal(session_enter_account(h.g->db, session, h.helper, h.account), DB_OK);
    refused(h.g, member_leave(h.g->db, &h.as_owner), 409, NULL, "refusal.primary_stays");
    refused(h.g, member_remove(h.g->db, &h.as_owner, h.owner), 409, NULL,
            "refusal.primary_stays");
    assert_int_equal(member_remove(h.g->db, &h.as_owner, h.other), DB_NONE);
    assert_int_equal(member_remove(h.g->db, &h.as_owner, h.helper), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM session WHERE account_id = 1"), 0);
    assert_int_equal(session_find(h.g->db, hash, &row), DB_OK);
    assert_int_equal(int_in(row, "account_id"), 0);
    assert_int_equal(permission_level(row, MOD_ORDERS), LEVEL_NONE);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM permission"), 0);
    assert_int_equal(session_enter_account(h.g->db, session, h.helper, h.account), DB_NONE);
    helper_in(&h, "viewer");
    assert_int_equal(member_leave(h.g->db, &h.as_helper), DB_OK);
    assert_int_equal(member_leave(h.g->db, &h.as_helper), DB_NONE);
    assert_int_equal(audits(&h, "member.left"), 1);
    assert_int_equal(audits(&h, "member.removed"), 1);
    db_begin(h.g->db);
    assert_int_equal(db_exec(h.g->db, "DELETE FROM membership", DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_ERR);
    refused(h.g, invite(&h, &h.as_helper, "+919800000003", "viewer", &id), 403, NULL,
            "refusal.users_not_yours");
}

/* What a removed user had offered is offered no longer. */
static void invitations_go_along(void **state)
{
    struct house h = house_new(state);
    struct levels levels = preset("viewer");
    int64_t id, account;

    helper_in(&h, "viewer");
    levels.of[MOD_USERS] = LEVEL_CHANGE;
    assert_int_equal(member_levels_set(h.g->db, &h.as_owner, h.helper, &levels), DB_OK);
    assert_int_equal(invite(&h, &h.as_helper, "+919800000003", "viewer", &id), DB_OK);
    assert_int_equal(member_remove(h.g->db, &h.as_owner, h.helper), DB_OK);
    refused(h.g, invitation_accept(h.g->db, &h.as_other, id, &account), 410, NULL,
            "refusal.invitation_withdrawn");
}

static void handed_over(void **state)
{
    struct house h = house_new(state);
    struct levels levels;
    bool primary;

    assert_int_equal(member_hand_over(h.g->db, &h.as_owner, h.other), DB_NONE);
    helper_in(&h, "viewer");
    refused(h.g, member_hand_over(h.g->db, &h.as_owner, h.owner), 409, NULL,
            "refusal.primary_stays");
    run(h.g, "UPDATE user SET state = 'suspended' WHERE id = 2");
    refused(h.g, member_hand_over(h.g->db, &h.as_owner, h.helper), 409, NULL,
            "refusal.not_active");
    assert_int_equal(number_of(h.g, "SELECT user_id FROM membership WHERE is_primary = 1"),
                     h.owner);
    run(h.g, "UPDATE user SET state = 'active' WHERE id = 2");
    assert_int_equal(member_hand_over(h.g->db, &h.as_owner, h.helper), DB_OK);
    assert_int_equal(number_of(h.g, "SELECT user_id FROM membership WHERE is_primary = 1"),
                     h.helper);
    assert_int_equal(member_levels(h.g->db, h.account, h.owner, &levels, &primary), DB_OK);
    assert_false(primary);
    assert_int_equal(levels.of[MOD_USERS], LEVEL_CHANGE);
    refused(h.g, member_hand_over(h.g->db, &h.as_owner, h.owner), 403, NULL,
            "refusal.not_primary");
    assert_string_equal(text_of(h.g, "SELECT before || '>' || after FROM audit_entry"
                                     " WHERE kind = 'member.primary'"),
                        "Asha (+919800000001)>Asha (+919800000002)");
    assert_int_equal(audits(&h, "member.primary"), 1);
    assert_int_equal(member_remove(h.g->db, &h.as_helper, h.owner), DB_OK);
}

struct racer {
    struct house *h;
    int64_t to;
    enum db_rc rc;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct arena *a = arena_new();

    arena_json(a);
    r->rc = member_hand_over(db_new(r->h->g->file, a), &r->h->as_owner, r->to);
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

/* The same primary user in two windows, two heirs: one of them it is. */
static void hand_over_race(void **state)
{
    struct house h = house_new(state);
    struct racer racers[2] = { { &h, h.helper, DB_ERR }, { &h, h.other, DB_ERR } };
    const struct levels levels = preset("viewer");
    pthread_t threads[2];

    db_begin(h.g->db);
    assert_int_equal(member_add(h.g->db, &h.as_owner, h.helper, &levels), DB_OK);
    assert_int_equal(member_add(h.g->db, &h.as_owner, h.other, &levels), DB_OK);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal((racers[0].rc == DB_OK) + (racers[1].rc == DB_OK), 1);
    assert_int_equal((racers[0].rc == DB_REFUSED) + (racers[1].rc == DB_REFUSED), 1);
    assert_int_equal(number_of(h.g, "SELECT count(*) FROM membership WHERE is_primary = 1"),
                     1);
    assert_int_equal(number_of(h.g, "SELECT user_id FROM membership WHERE is_primary = 1"),
                     racers[0].rc == DB_OK ? h.helper : h.other);
}

/* --- the log --- */

static int found(struct house *h, struct audit_filter f)
{
    json_t *rows;

    f.account_id = h->account;
    assert_int_equal(audit_list(h->g->db, &f, 100, &rows), DB_OK);
    return (int)json_array_size(rows);
}

static void log_searched(void **state)
{
    struct house h = house_new(state);
    int64_t now = clock_ms();

    helper_in(&h, "viewer");
    assert_int_equal(found(&h, (struct audit_filter) { 0 }), 3);
    assert_int_equal(found(&h, (struct audit_filter) { .groups = "[\"member\"]" }), 2);
    assert_int_equal(found(&h, (struct audit_filter) { .groups = "[]" }), 0);
    assert_int_equal(found(&h, (struct audit_filter) { .q = "RAVI" }), 1);
    assert_int_equal(found(&h, (struct audit_filter) { .q = "203.0.113.2" }), 1);
    assert_int_equal(found(&h, (struct audit_filter) { .q = "%" }), 0);
    assert_int_equal(found(&h, (struct audit_filter) { .q = "s_op" }), 0);
    assert_int_equal(found(&h, (struct audit_filter) { .q = "' OR 1 --" }), 0);
    assert_int_equal(found(&h, (struct audit_filter) { .from_ms = now + CLOCK_HOUR }), 0);
    assert_int_equal(found(&h, (struct audit_filter) { .to_ms = now - CLOCK_HOUR }), 0);
    run(h.g, "UPDATE user SET name = 'Another' WHERE id = 2");
    assert_string_equal(text_of(h.g, "SELECT user_name FROM audit_entry"
                                     " WHERE kind = 'member.joined'"),
                        "Asha");
    assert_string_equal(text_of(h.g, "SELECT subject FROM audit_entry"
                                     " WHERE kind = 'member.joined'"),
                        "Asha (+919800000002)");
    db_begin(h.g->db);
    assert_int_equal(db_exec(h.g->db, "UPDATE audit_entry SET after = ''", DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_ERR);
    db_begin(h.g->db);
    assert_int_equal(db_exec(h.g->db, "DELETE FROM audit_entry", DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_ERR);
    db_begin(h.g->db);
    assert_int_equal(db_exec(h.g->db,
                             "INSERT OR REPLACE INTO audit_entry(id, kind, subject, at_ms)"
                             " VALUES (1, 'x', 'x', 1)",
                             DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(h.g->db, DB_OK), DB_ERR);
}

static void first_admin(void **state)
{
    struct ground *g = *state;
    const struct user_details d = { "+919800000001", "Asha", "en", "", "" };
    int64_t id;

    assert_int_equal(user_first_link(g->db, "one"), DB_OK);
    assert_int_equal(user_first_link(g->db, "two"), DB_OK);
    assert_int_equal(user_first(g->db, "one", &d, "", &id), DB_NONE);
    assert_int_equal(number_of(g, "SELECT count(*) FROM user"), 0);
    assert_int_equal(user_first(g->db, "two", &d, "", &id), DB_OK);
    assert_int_equal(number_of(g, "SELECT is_admin FROM user"), 1);
    assert_int_equal(user_first(g->db, "two", &d, "", &id), DB_NONE);
    assert_int_equal(user_first_link(g->db, "three"), DB_NONE);
    assert_int_equal(user_first_open(g->db, "three"), DB_NONE);
    assert_int_equal(number_of(g, "SELECT count(*) FROM setting"), 0);
}

/* The link is dead as soon as anybody has signed up, by whatever way. */
static void first_admin_late(void **state)
{
    struct ground *g = *state;
    const struct user_details d = { "+919800000001", "Asha", "en", "", "" };
    int64_t id;

    assert_int_equal(user_first_link(g->db, "one"), DB_OK);
    assert_int_equal(user_first_open(g->db, "one"), DB_OK);
    user_new(g, "+919800000002");
    assert_int_equal(user_first_open(g->db, "one"), DB_NONE);
    assert_int_equal(user_first(g->db, "one", &d, "", &id), DB_NONE);
    assert_int_equal(number_of(g, "SELECT sum(is_admin) FROM user"), 0);
}

#define TEST(name, fn) { name, fn, ground_open, ground_close, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-5 invited, accepted, in", invited_and_in),
        TEST("ACC-5 invitation twice, wrong number, expired, taken back",
             invitation_misused),
        TEST("ACC-5 invited before signing up", invited_before_sign_up),
        TEST("ACC-5 expired before signing up", expired_before_sign_up),
        TEST("ACC-1 ACC-5 invited, but waiting for the admin", invited_and_waiting),
        TEST("ACC-5 declined and expired are told", declined_and_expired),
        TEST("ACC-5 an invitation tells nothing of the number", invitation_tells_nothing),
        TEST("ACC-5 limits of invitations", invitations_limited),
        TEST("ACC-5 asked and let in", asked_and_let_in),
        TEST("ACC-5 asked and refused", asked_and_refused),
        TEST("ACC-4 ACC-6 ACC-10 levels given and taken", levels_given_and_taken),
        TEST("ACC-6 no more than one's own", no_more_than_own),
        TEST("ACC-6 three presets", presets_differ),
        TEST("ACC-6 ACC-9 removed and left", removed_and_left),
        TEST("ACC-5 ACC-6 invitations of a removed user", invitations_go_along),
        TEST("ACC-9 ACC-10 handed over", handed_over),
        TEST("ACC-9 two hand over at once", hand_over_race),
        TEST("ACC-10 the log is searched and stays", log_searched),
        TEST("ACC-8 the first admin, once", first_admin),
        TEST("ACC-8 no first admin after the first user", first_admin_late),
    };

    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
