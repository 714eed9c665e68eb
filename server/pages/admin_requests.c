/* Who waits to be let in: vendors and users. */
#include "server/pages/pages.h"

#include "db/base/row.h"
#include "db/user.h"
#include "db/vendor_change.h"
#include "server/jobs/worker.h"

#include <string.h>

#define ROLE_OF "/admin/requests/{id}/"
#define CHANGE_OF "/admin/requests/{id}/change/"
#define REFUSE_OF "/admin/users/{id}/refuse"

static void names_add(struct req *r, json_t *row, const char *was)
{
    const char *state = row_text(row, arena_printf(r->arena, "%sstate_code", was));
    const char *gst = row_text(row, arena_printf(r->arena, "%sgst_status", was));

    json_object_set_new(
        row, arena_printf(r->arena, "%sstate_name", was),
        json_string(req_say(r, arena_printf(r->arena, "state.%s", state), NULL)));
    json_object_set_new(row, arena_printf(r->arena, "%sgst_key", was),
                        json_string(arena_printf(r->arena, "gst.%s", gst)));
}

/* What was refused stands at the one it is about. */
static void wrong_add(struct req *r, json_t *row, const char *id, const char *path)
{
    bool is_it = r->error_count > 0 && req_arg_id(r, 0) == row_int(row, id) &&
                 strncmp(r->route->path, path, strlen(path)) == 0;

    json_object_set_new(row, "is_wrong", json_boolean(is_it));
    json_object_set_new(row, "reason_error", json_string(is_it ? r->errors[0].text : ""));
}

/* The end of the id of the field that came back wrong; "": none. */
static const char *wrong_at(struct req *r)
{
    const char *path = r->route->path;
    bool of_user = strcmp(path, REFUSE_OF) == 0;
    bool of_change = strncmp(path, CHANGE_OF, strlen(CHANGE_OF)) == 0;

    return r->error_count > 0 && r->errors[0].field
               ? arena_printf(r->arena, "%s%lld", of_user ? "u" : of_change ? "c" : "",
                              (long long)req_arg_id(r, 0))
               : "";
}

static void row_dress(struct req *r, json_t *row, const char *path)
{
    names_add(r, row, "");
    wrong_add(r, row, "account_id", path);
}

static bool is_moved(struct req *r, const json_t *row, const char *key)
{
    const char *was = row_text(row, arena_printf(r->arena, "was_%s", key));

    return strcmp(row_text(row, key), was) != 0;
}

static void change_dress(struct req *r, json_t *row)
{
    row_dress(r, row, CHANGE_OF);
    names_add(r, row, "was_");
    json_object_set_new(row, "name_moved", json_boolean(is_moved(r, row, "trade_name")));
    json_object_set_new(row, "state_moved", json_boolean(is_moved(r, row, "state_code")));
    json_object_set_new(row, "gst_moved", json_boolean(is_moved(r, row, "gst_status")));
    json_object_set_new(row, "gstin_moved", json_boolean(is_moved(r, row, "gstin")));
}

static int requests_show(struct req *r)
{
    json_t *vendors, *changes, *users, *refused, *row;
    size_t i;

    if (vendor_requests(r->db, 100, &vendors) != DB_OK ||
        vendor_changes(r->db, 100, &changes) != DB_OK ||
        user_waiting(r->db, 100, &users) != DB_OK ||
        user_refused(r->db, 20, &refused) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(users, i, row) wrong_add(r, row, "id", REFUSE_OF);
    json_array_foreach(vendors, i, row) row_dress(r, row, ROLE_OF);
    json_array_foreach(changes, i, row) change_dress(r, row);
    return reply_page(r, 200, "admin/requests",
                      json_pack("{s:s,s:O,s:O,s:O,s:O,s:b,s:b,s:b,s:b}", "wrong_at",
                                wrong_at(r), "vendors", vendors,
                                "changes", changes, "users", users, "refused", refused,
                                "has_refused", json_array_size(refused) > 0, "has_vendors",
                                json_array_size(vendors) > 0, "has_users",
                                json_array_size(users) > 0, "has_none",
                                json_array_size(vendors) + json_array_size(users) +
                                        json_array_size(changes) ==
                                    0));
}

static int vendor_yes(struct req *r)
{
    enum db_rc rc = vendor_approve_seen(r->db, &r->actor, req_arg_id(r, 0),
                                        req_int(r, "asked"));
    json_t *vendor;

    worker_wake(r->app->worker);
    if (rc == DB_OK && vendor_find(r->db, req_arg_id(r, 0), &vendor) == DB_OK)
        r->said = req_say(r, "admin.approved",
                          json_pack("{s:O}", "name", json_object_get(vendor, "trade_name")));
    return reply_outcome(r, rc, 0);
}

static int vendor_no(struct req *r)
{
    enum db_rc rc = vendor_decline(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int change_yes(struct req *r)
{
    enum db_rc rc = vendor_change_approve(r->db, &r->actor, req_arg_id(r, 0),
                                          req_int(r, "asked"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int change_no(struct req *r)
{
    enum db_rc rc = vendor_change_decline(r->db, &r->actor, req_arg_id(r, 0),
                                          req_int(r, "asked"), req_text(r, "reason"));

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

/* What was asked for is told by when it was. */
static const struct field asked_fields[] = { { "asked", FIELD_ID, .required = true }, { 0 } };

static const struct field seen_fields[] = { { "asked", FIELD_ID }, { 0 } };

static const struct field asked_reason_fields[] = {
    { "asked", FIELD_ID, .required = true }, { "reason", FIELD_TEXT, .max = 300 }, { 0 }
};

static const struct field needed_fields[] = {
    { "reason", FIELD_TEXT, .required = true, .max = 300 }, { 0 }
};

const struct route admin_request_routes[] = {
    { GET, "/admin/requests", MOD_NONE, ADMIN, requests_show, NULL, "Who waits to be let in" },
    { POST, "/admin/requests/{id}/approve", MOD_NONE, ADMIN, vendor_yes, seen_fields,
      "Grants the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.approved_shop" },
    { POST, "/admin/requests/{id}/decline", MOD_NONE, ADMIN, vendor_no, reason_fields,
      "Declines the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.declined" },
    { POST, "/admin/requests/{id}/change/approve", MOD_NONE, ADMIN, change_yes, asked_fields,
      "Lets a vendor have another name, State or GST registration", .form = requests_show,
      .done = "/admin/requests", .said = "admin.change_approved" },
    { POST, "/admin/requests/{id}/change/decline", MOD_NONE, ADMIN, change_no,
      asked_reason_fields, "Declines another name, State or GST registration of a vendor",
      .form = requests_show, .done = "/admin/requests", .said = "admin.declined" },
    { POST, "/admin/users/{id}/approve", MOD_NONE, ADMIN, user_yes, NULL, "Lets a user in",
      .form = requests_show, .done = "/admin/requests", .said = "admin.user_in" },
    { POST, REFUSE_OF, MOD_NONE, ADMIN, user_no, needed_fields,
      "Doesn't let a user in, with a reason", .form = requests_show,
      .done = "/admin/requests", .said = "admin.user_out" },
    { 0 }
};
