/* The admin's pages: who waits to be let in, what would have been sent, and the simulator
 * of the WhatsApp chat. */
#include "server/pages/pages.h"

#include "db/base/clock.h"
#include "db/job.h"
#include "db/user.h"
#include "db/vendor.h"
#include "server/jobs/worker.h"

#include <string.h>

static int admin_show(struct req *r)
{
    return reply_goto(r, "/admin/requests", NULL, NULL);
}

static int requests_show(struct req *r)
{
    json_t *vendors, *users, *refused;

    if (vendor_requests(r->db, 100, &vendors) != DB_OK ||
        user_waiting(r->db, 100, &users) != DB_OK ||
        user_refused(r->db, 20, &refused) != DB_OK)
        return reply_error(r, 500);
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
    return reply_outcome(r, vendor_decline(r->db, &r->actor, req_arg_id(r, 0),
                                           req_text(r, "reason")),
                         0);
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

/* With a real provider the texts and codes are nobody's business but the recipient's. */
static void texts_hide(const struct req *r, json_t *rows)
{
    bool local = strcmp(r->app->services->calls->name, "local") == 0;
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        json_t *payload = json_object_get(row, "payload_json");
        bool otp = strcmp(json_string_value(json_object_get(row, "kind")), "otp") == 0;

        if (!local)
            json_object_set_new(row, "payload_json", json_object());
        json_object_set_new(row, "is_otp", json_boolean(otp));
        json_object_set_new(row, "text",
                            json_string(json_string_value(json_object_get(payload, "body"))));
        if (!local || !json_object_get(row, "text"))
            json_object_set_new(row, "text", json_string(""));
        json_object_set(row, "code",
                        local && json_object_get(payload, "code")
                            ? json_object_get(payload, "code")
                            : json_string(""));
        json_object_set_new(row, "can_again",
                            json_boolean(strcmp(json_string_value(json_object_get(
                                                    row, "state")), "failed") == 0));
    }
}

static int outbox_show(struct req *r)
{
    json_t *rows;

    if (job_list(r->db, req_has(r, "state") ? req_text(r, "state") : NULL,
                 req_int(r, "before"), 50, &rows) != DB_OK)
        return reply_error(r, 500);
    texts_hide(r, rows);
    return reply_page(
        r, 200, "admin/outbox",
        json_pack("{s:O,s:b,s:O?}", "jobs", rows, "has_none", json_array_size(rows) == 0,
                  "next",
                  json_array_size(rows) == 50
                      ? json_object_get(json_array_get(rows, 49), "id")
                      : NULL));
}

static int outbox_again(struct req *r)
{
    enum db_rc rc = job_again(r->db, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

/* Every part of the pages, for those who write them; not in a shop's installation. */
static int parts_show(struct req *r)
{
    if (!r->app->dev)
        return reply_error(r, 404);
    return reply_page(r, 200, "admin/parts", json_object());
}

static const struct field reason_fields[] = {
    { "reason", FIELD_TEXT, .required = true, .max = 300 }, { 0 }
};

static const struct field outbox_fields[] = {
    { "state", FIELD_CHOICE, .choices = "waiting leased done failed expired" },
    { "before", FIELD_ID },
    { 0 }
};

const struct route admin_routes[] = {
    { GET, "/admin", MOD_NONE, ADMIN, admin_show, NULL, "The admin's start" },
    { GET, "/admin/parts", MOD_NONE, PUBLIC, parts_show, NULL,
      "Every part of the pages (INVICHAT_DEV=1)" },
    { GET, "/admin/requests", MOD_NONE, ADMIN, requests_show, NULL, "Who waits to be let in" },
    { POST, "/admin/requests/{id}/approve", MOD_NONE, ADMIN, vendor_yes, NULL,
      "Grants the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.approved" },
    { POST, "/admin/requests/{id}/decline", MOD_NONE, ADMIN, vendor_no, reason_fields,
      "Declines the vendor role", .form = requests_show, .done = "/admin/requests",
      .said = "admin.declined" },
    { POST, "/admin/users/{id}/approve", MOD_NONE, ADMIN, user_yes, NULL, "Lets a user in",
      .form = requests_show, .done = "/admin/requests", .said = "admin.user_in" },
    { POST, "/admin/users/{id}/refuse", MOD_NONE, ADMIN, user_no, reason_fields,
      "Doesn't let a user in, with a reason", .form = requests_show,
      .done = "/admin/requests", .said = "admin.user_out" },
    { GET, "/admin/outbox", MOD_NONE, ADMIN, outbox_show, outbox_fields,
      "Outgoing messages" },
    { POST, "/admin/outbox/{id}/again", MOD_NONE, ADMIN, outbox_again, NULL,
      "Sends a failed message again", .done = "/admin/outbox", .said = "admin.again" },
    { 0 }
};
