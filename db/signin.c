/* What is refused here has effects all the same, so it is refused behind the commit. */
#include "db/signin.h"

#include "db/account.h"
#include "db/session.h"
#include "db/user.h"

#include <string.h>

/* What becomes of a code that was right. */
struct entry {
    int status; /* of a refusal; 0: let in */
    const char *why;
};

static const char *text_at(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

static enum db_rc user_make(struct db *db, const struct otp_try *t)
{
    const json_t *given = json_loads(t->details, 0, NULL);
    struct user_details d = { .mobile = t->mobile, .name = text_at(given, "name"),
                              .lang = text_at(given, "lang"),
                              .address = text_at(given, "address"),
                              .makes = text_at(given, "makes") };
    int64_t id;

    return user_create(db, &d, &id);
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
        *e = (struct entry){ 422, "refusal.not_registered" };
    else if (rc == DB_OK && strcmp(text_at(row, "state"), "waiting") == 0)
        *e = (struct entry){ 403, "refusal.user_waiting" };
    else if (rc == DB_OK && strcmp(text_at(row, "state"), "active") != 0)
        *e = (struct entry){ 403, "refusal.user_suspended" };
    else if (rc == DB_OK)
        s->user_id = json_integer_value(json_object_get(row, "id"));
    return rc == DB_NONE ? DB_OK : rc;
}

static enum db_rc session_make(struct db *db, struct signin *s)
{
    int64_t visitor = s->session_user ? 0 : s->session_id, id;
    json_t *accounts = NULL;
    enum db_rc rc = session_start(db, s->token_hash, s->user_id, visitor, s->agent,
                                  s->address, &id);

    if (rc == DB_OK && s->session_user &&
        session_end(db, s->session_id, s->session_user) == DB_ERR)
        rc = DB_ERR;
    if (rc == DB_OK)
        rc = account_list_of_user(db, s->user_id, &accounts);
    s->accounts = (int)json_array_size(accounts);
    if (rc == DB_OK && s->accounts == 1)
        rc = session_enter_account(db, id, s->user_id,
                                   json_integer_value(json_object_get(
                                       json_array_get(accounts, 0), "id")));
    return rc;
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
    return e.why ? db_refuse(db, e.status, NULL, e.why, NULL) : DB_OK;
}
