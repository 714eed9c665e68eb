/* Users, for the admin: found, suspended and let in again, signed out everywhere, made
 * admins and that taken away. */
#include "server/pages/admin.h"
#include "server/pages/list.h"
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/user.h"
#include "server/jobs/worker.h"

#include <string.h>

static const char *const states[] = { "all", "active", "waiting", "suspended", "admin", NULL };

static void user_dress(struct req *r, json_t *row)
{
    const char *state = row_text(row, "state");

    admin_chip(r, row,
               strcmp(state, "active") == 0    ? "ok"
               : strcmp(state, "waiting") == 0 ? "wait"
                                               : "bad",
               arena_printf(r->arena, "admin.user_%s", state));
}

static const struct csv_column columns[] = {
    { "name", "settings.name", CSV_TEXT },
    { "mobile", "look.mobile", CSV_TEXT },
    { "state_key", "orders.state", CSV_SAY },
    { "created_ms", "admin.since", CSV_TIME },
    { NULL }
};

static int users_show(struct req *r)
{
    const struct user_filter filter = { req_text(r, "q"), admin_state(r, states) };
    bool csv = list_is_csv(r);
    json_t *rows, *counts, *row;
    size_t i;

    if (user_list(r->db, &filter, csv ? 0 : req_int(r, "before"),
                  csv ? CSV_ROWS : ADMIN_ROWS, &rows) != DB_OK ||
        user_counts(r->db, &counts) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row) user_dress(r, row);
    if (csv)
        return list_csv(r, "users", columns, cell_json(rows));
    return reply_page(
        r, 200, "admin/users",
        json_pack("{s:O,s:o}", "users", rows, "list",
                  admin_list_frame(r, &(struct admin_list) { "/admin/users", states,
                                                             "admin.user_", counts, rows,
                                                             true, true })));
}

static int user_show(struct req *r)
{
    json_t *user;
    const char *state;
    bool other;

    switch (user_card(r->db, req_arg_id(r, 0), &user)) {
    case DB_OK: break;
    case DB_NONE: return reply_error(r, 404);
    default: return reply_error(r, 500);
    }
    state = row_text(user, "state");
    other = row_int(user, "id") != r->user_id;
    user_dress(r, user);
    return reply_page(
        r, 200, "admin/user",
        json_pack("{s:O,s:b,s:b,s:b,s:b,s:b,s:b}", "user", user, "can_suspend",
                  strcmp(state, "active") == 0 && other, "can_give",
                  strcmp(state, "active") == 0 && other && !row_true(user, "is_admin"),
                  "can_take", other && row_true(user, "is_admin"),
                  "is_suspended", strcmp(state, "suspended") == 0, "is_waiting",
                  strcmp(state, "waiting") == 0, "has_sessions",
                  row_int(user, "sessions") > 0));
}

static int user_stop(struct req *r)
{
    enum db_rc rc = user_suspend(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static int user_back(struct req *r)
{
    enum db_rc rc = user_restore(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static int user_out(struct req *r)
{
    enum db_rc rc = user_sign_out(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static int right_give(struct req *r)
{
    enum db_rc rc = user_admin_give(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int right_take(struct req *r)
{
    enum db_rc rc = user_admin_take(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static const struct field list_fields[] = {
    { "q", FIELD_TEXT, .max = 60 }, { "state", FIELD_TEXT }, { "before", FIELD_ID }, { 0 }
};

const struct route admin_user_routes[] = {
    { GET, "/admin/users", MOD_NONE, ADMIN, users_show, list_fields, "Users" },
    { GET, "/admin/users/csv", MOD_NONE, ADMIN, users_show, list_fields,
      "The same as CSV, the newest 10,000", .gives = "text/csv" },
    { GET, "/admin/users/{id}", MOD_NONE, ADMIN, user_show, NULL, "One user" },
    { POST, "/admin/users/{id}/suspend", MOD_NONE, ADMIN, user_stop, NULL, "Suspends a user",
      .form = user_show, .done = "/admin/users/{1}", .said = "admin.user_stopped",
      .undo = "/admin/users/{1}/restore" },
    { POST, "/admin/users/{id}/restore", MOD_NONE, ADMIN, user_back, NULL,
      "Lets a suspended user in again", .form = user_show, .done = "/admin/users/{1}",
      .said = "admin.user_back", .undo = "/admin/users/{1}/suspend" },
    { POST, "/admin/users/{id}/signout", MOD_NONE, ADMIN, user_out, NULL,
      "Ends all sessions of a user", .form = user_show, .done = "/admin/users/{1}",
      .said = "admin.user_signed_out" },
    { POST, "/admin/users/{id}/admin/give", MOD_NONE, ADMIN, right_give, NULL,
      "Makes a user an admin", .form = user_show, .done = "/admin/users/{1}",
      .said = "admin.right_given", .undo = "/admin/users/{1}/admin/take" },
    { POST, "/admin/users/{id}/admin/take", MOD_NONE, ADMIN, right_take, NULL,
      "Takes the right of an admin away", .form = user_show, .done = "/admin/users/{1}",
      .said = "admin.right_taken", .undo = "/admin/users/{1}/admin/give" },
    { 0 }
};
