/* What is refused here has effects all the same, so it is refused behind the commit. */
#include "db/signin.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/invitation.h"
#include "db/password.h"
#include "db/session.h"
#include "db/user.h"

#include <string.h>

/* What becomes of a code that was right. */
struct entry {
    int status; /* of a refusal; 0: let in */
    const char *why;
    json_t *args;
};

static enum db_rc user_make(struct db *db, const struct otp_try *t)
{
    const json_t *given = json_loads(t->details, 0, NULL);
    struct user_details d = { .mobile = t->mobile, .name = row_text(given, "name"),
                              .lang = row_text(given, "lang"),
                              .address = row_text(given, "address"),
                              .makes = row_text(given, "makes") };
    int64_t id;

    return user_create(db, &d, &id);
}

static void user_admit(struct signin *s, const json_t *row, struct entry *e)
{
    const char *state = row_text(row, "state"), *reason = row_text(row, "refused_reason");

    if (strcmp(state, "waiting") == 0)
        *e = (struct entry){ 403, "refusal.user_waiting", NULL };
    else if (strcmp(state, "active") != 0 && *reason)
        *e = (struct entry){ 403, "refusal.user_refused",
                             json_pack("{s:s}", "reason", reason) };
    else if (strcmp(state, "active") != 0)
        *e = (struct entry){ 403, "refusal.user_suspended", NULL };
    else
        s->user_id = json_integer_value(json_object_get(row, "id"));
}

static enum db_rc user_of(struct db *db, struct signin *s, struct entry *e)
{
    json_t *row;
    enum db_rc rc = DB_OK;

    if (strcmp(s->code.purpose, "signup") == 0)
        rc = user_make(db, &s->code);
    if (rc == DB_OK)
        rc = user_by_mobile(db, s->code.mobile, &row);
    if (rc == DB_NONE)
        *e = (struct entry){ 422, "refusal.not_registered", NULL };
    else if (rc == DB_OK)
        user_admit(s, row, e);
    return rc == DB_NONE ? DB_OK : rc;
}

/* Of the user's own name; e-mail and all else can wait. */
static enum db_rc account_first(struct db *db, struct signin *s, int64_t session_id)
{
    json_t *user;
    int64_t id;
    enum db_rc rc = db_row(db, "SELECT name, lang FROM user WHERE id = ?1",
                           DB_ARGS(DB_INT(s->user_id)), &user);

    if (rc == DB_OK)
        rc = account_create(db, s->user_id,
                            &(struct account_details){ .name = row_text(user, "name"),
                                                       .address = "", .zone = "Asia/Kolkata",
                                                       .lang = row_text(user, "lang") },
                            &id);
    if (rc == DB_OK)
        rc = session_enter_account(db, session_id, s->user_id, id);
    s->accounts = 1;
    return rc;
}

static enum db_rc session_make(struct db *db, struct signin *s)
{
    int64_t visitor = s->session_user ? 0 : s->session_id, id;
    json_t *accounts = NULL, *invitations = NULL;
    enum db_rc rc = session_start(db, s->token_hash, s->user_id, visitor, s->agent,
                                  s->address, s->by_password, &id);

    if (rc == DB_OK && s->session_user &&
        session_end(db, s->session_id, s->session_user) == DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK)
        rc = account_list_of_user(db, s->user_id, &accounts);
    if (rc == DB_OK)
        rc = invitation_list_of_user(db, s->user_id, &invitations);
    s->accounts = (int)json_array_size(accounts);
    s->invitations = (int)json_array_size(invitations);
    if (rc == DB_OK && s->needs_account && s->accounts + s->invitations == 0)
        return account_first(db, s, id);
    if (rc != DB_OK || s->accounts != 1)
        return rc;
    s->account_name = row_text(json_array_get(accounts, 0), "name");
    return session_enter_account(db, id, s->user_id, row_int(json_array_get(accounts, 0), "id"));
}

enum db_rc signin_finish(struct db *db, struct signin *s)
{
    struct entry e = { 0 };
    enum db_rc rc;

    db_begin(db);
    rc = otp_judge(db, &s->code);
    if (rc == DB_OK && !s->code.why)
        rc = user_of(db, s, &e);
    if (e.why)
        db_once_cancel(db);
    if (rc == DB_OK && !s->code.why && !e.why)
        rc = session_make(db, s);
    rc = db_end(db, rc);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_ERR : rc;
    if (s->code.why)
        return otp_refuse(db, &s->code);
    return e.why ? db_refuse(db, e.status, NULL, e.why, e.args) : DB_OK;
}

enum db_rc signin_by_password(struct db *db, struct signin *s, const char *mobile,
                              const char *hash)
{
    struct entry e = { 0 };
    const char *now;
    json_t *row;
    enum db_rc rc;

    s->by_password = true;
    db_begin(db);
    rc = user_by_mobile(db, mobile, &row);
    if (rc == DB_OK)
        rc = password_hash_of(db, json_integer_value(json_object_get(row, "id")), &now);
    if (rc == DB_NONE || (rc == DB_OK && (!now || strcmp(now, hash) != 0)))
        rc = db_refuse(db, 422, "password", "refusal.password_wrong", NULL);
    if (rc == DB_OK)
        user_admit(s, row, &e);
    if (rc == DB_OK && e.why)
        rc = db_refuse(db, e.status, NULL, e.why, e.args);
    if (rc == DB_OK)
        rc = password_right(db, mobile);
    if (rc == DB_OK)
        rc = session_make(db, s);
    return db_end(db, rc);
}

enum db_rc signin_as(struct db *db, struct signin *s, int64_t user_id)
{
    enum db_rc rc;

    s->user_id = user_id;
    db_begin(db);
    rc = session_make(db, s);
    return db_end(db, rc);
}
