/* Who waits to be let in: vendors and users. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/user.h"
#include "db/vendor.h"
#include "server/jobs/worker.h"

#include <string.h>

/* What was refused stands at the one it is about. */
static void row_dress(struct req *r, json_t *row)
{
    int64_t id = row_int(row, "account_id");
    bool is_it = strncmp(r->path, "/admin/requests/", 16) == 0 && req_arg_id(r, 0) == id;

    json_object_set_new(row, "state_name",
                        json_string(req_say(r, arena_printf(r->arena, "state.%s",
                                                            row_text(row, "state_code")),
                                            NULL)));
    json_object_set_new(row, "gst_key",
                        json_string(arena_printf(r->arena, "gst.%s",
                                                 row_text(row, "gst_status"))));
    json_object_set_new(row, "is_wrong", json_boolean(is_it && r->error_count > 0));
    json_object_set_new(row, "reason_error",
                        json_string(is_it && r->error_count > 0 ? r->errors[0].text : ""));
}

static int requests_show(struct req *r)
{
    json_t *vendors, *users, *refused, *row;
    size_t i;

    if (vendor_requests(r->db, 100, &vendors) != DB_OK ||
        user_waiting(r->db, 100, &users) != DB_OK ||
        user_refused(r->db, 20, &refused) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(vendors, i, row) row_dress(r, row);
    return reply_page(r, 200, "admin/requests",
                      json_pack("{s:O,s:O,s:O,s:b,s:b,s:b,s:b}", "vendors", vendors, "users",
                                users, "refused", refused, "has_refused",
                                json_array_size(refused) > 0, "has_vendors",
                                json_array_size(vendors) > 0, "has_users",
                                json_array_size(users) > 0, "has_none",
                                json_array_size(vendors) + json_array_size(users) == 0));
}

static int vendor_yes(struct req *r)
{
    enum db_rc rc = vendor_approve(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int vendor_no(struct req *r)
{
    enum db_rc rc = vendor_decline(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int user_yes(struct req *r)
{
    enum db_rc rc = user_approve(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int user_no(struct req *r)
{
    enum db_rc rc = user_refuse(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static const struct field reason_fields[] = { { "reason", FIELD_TEXT, .max = 300 }, { 0 } };

static const struct field needed_fields[] = {
    { "reason", FIELD_TEXT, .required = true, .max = 300 }, { 0 }
};

const struct route admin_request_routes[] = {
    { GET, "/admin/requests", MOD_NONE, ADMIN, requests_show, NULL, "Who waits to be let in" },
    { POST, "/admin/requests/{id}/approve", MOD_NONE, ADMIN, vendor_yes, NULL,
      "Grants the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.approved" },
    { POST, "/admin/requests/{id}/decline", MOD_NONE, ADMIN, vendor_no, reason_fields,
      "Declines the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.declined" },
    { POST, "/admin/users/{id}/approve", MOD_NONE, ADMIN, user_yes, NULL, "Lets a user in",
      .form = requests_show, .done = "/admin/requests", .said = "admin.user_in" },
    { POST, "/admin/users/{id}/refuse", MOD_NONE, ADMIN, user_no, needed_fields,
      "Doesn't let a user in, with a reason", .form = requests_show,
      .done = "/admin/requests", .said = "admin.user_out" },
    { 0 }
};
