/* What was sent or waits to be, and what is done in the background. With a real provider
 * texts and codes are nobody's business but the recipient's (ACC-8). */
#include "server/pages/admin.h"
#include "server/pages/list.h"
#include "server/pages/pages.h"

#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/job.h"
#include "db/outbox.h"
#include "server/jobs/worker.h"
#include "server/services/services.h"

#include <string.h>

static const char *const states[] = { "all",  "waiting", "leased",
                                      "done", "failed",  "expired", NULL };

const char *message_words(struct req *r, const json_t *payload)
{
    const char *key = row_text(payload, "text_key"), *lang = row_text(payload, "lang");

    if (!*key)
        return row_text(payload, "body");
    return text_get(r->app->templates, r->arena, *lang ? lang : r->lang, key,
                    clock_zone_minutes("Asia/Kolkata"), json_object_get(payload, "args"));
}

static const char *kind_key(struct req *r, const char *kind)
{
    const char *key = arena_printf(r->arena, "admin.job_%s", kind);

    return text_exists(r->app->templates, key) ? key : "admin.job_other";
}

/* An address and a browser are kept as "hook:2" and "push:7"; a mobile number as it stands. */
static const char *recipient_said(struct req *r, const char *recipient)
{
    bool hook = strncmp(recipient, "hook:", 5) == 0;

    if (!hook && strncmp(recipient, "push:", 5) != 0)
        return recipient;
    return req_say(r, hook ? "admin.to_hook" : "admin.to_push",
                   json_pack("{s:s}", "id", recipient + 5));
}

static void job_dress(struct req *r, json_t *row, bool work)
{
    const json_t *payload = json_object_get(row, "payload_json");
    const char *state = row_text(row, "state"), *kind = row_text(row, "kind");
    const struct services *services = r->app->services;
    bool shown = !work && (strcmp(kind, "otp") == 0 ? services_local_codes(services)
                                                    : services_local_only(services));
    bool failed = strcmp(state, "failed") == 0 || strcmp(row_text(row, "status"), "failed") == 0;

    json_object_set_new(row, "text", json_string(shown ? message_words(r, payload) : ""));
    json_object_set_new(row, "code", json_string(shown ? row_text(payload, "code") : ""));
    json_object_del(row, "payload_json");
    json_object_set_new(row, "recipient",
                        json_string(work ? "" : recipient_said(r, row_text(row, "recipient"))));
    if (strcmp(row_text(row, "error"), JOB_GIVEN_UP) == 0)
        json_object_set_new(row, "error", json_string(req_say(r, "admin.given_up", NULL)));
    json_object_set_new(row, "is_hidden", json_boolean(!work && !shown));
    json_object_set_new(row, "kind_key", json_string(kind_key(r, kind)));
    json_object_set_new(row, "can_again",
                        json_boolean((failed || strcmp(state, "expired") == 0) &&
                                     strcmp(kind, "otp") != 0));
    json_object_set_new(row, "can_give_up", json_boolean(strcmp(state, "waiting") == 0));
    json_object_set_new(row, "is_late",
                        json_boolean(strcmp(state, "waiting") == 0 &&
                                     row_int(row, "next_ms") > clock_ms()));
    admin_chip(r, row,
               failed                           ? "bad"
               : strcmp(state, "done") == 0     ? "ok"
               : strcmp(state, "expired") == 0  ? "warn"
                                                : "wait",
               arena_printf(r->arena, "admin.job_state_%s", failed ? "failed" : state));
}

/* Without texts and codes. */
static const struct csv_column columns[] = {
    { "created_ms", "admin.at", CSV_TIME },  { "kind_key", "inventory.what", CSV_SAY },
    { "recipient", "audit.whom", CSV_TEXT }, { "state_key", "orders.state", CSV_SAY },
    { "tries", "admin.tries_head", CSV_TEXT }, { "error", "admin.error_head", CSV_TEXT },
    { NULL }
};

static int jobs_page(struct req *r, bool work)
{
    const char *state = admin_state(r, states);
    bool csv = list_is_csv(r);
    json_t *rows, *counts, *row;
    size_t i;

    if (outbox_list(r->db, work, *state ? state : NULL, csv ? 0 : req_int(r, "before"),
                    csv ? CSV_ROWS : ADMIN_ROWS, &rows) != DB_OK ||
        outbox_counts(r->db, work, &counts) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row) job_dress(r, row, work);
    if (csv)
        return list_csv(r, work ? "jobs" : "outbox", columns, cell_json(rows));
    return reply_page(
        r, 200, "admin/outbox",
        json_pack("{s:O,s:b,s:s,s:b,s:o}", "jobs", rows, "is_work", work, "path",
                  work ? "/admin/jobs" : "/admin/outbox", "is_local",
                  services_local_only(r->app->services), "list",
                  admin_list_frame(
                      r, &(struct admin_list) { work ? "/admin/jobs" : "/admin/outbox", states,
                                                "admin.job_state_", counts, rows, false,
                                                true })));
}

static int outbox_show(struct req *r)
{
    return jobs_page(r, false);
}

static int jobs_show(struct req *r)
{
    return jobs_page(r, true);
}

static int job_more(struct req *r)
{
    enum db_rc rc = outbox_again(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int job_stop(struct req *r)
{
    enum db_rc rc = outbox_give_up(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static const struct field list_fields[] = {
    { "state", FIELD_TEXT }, { "before", FIELD_ID }, { 0 }
};

#define OUTBOX "/admin/outbox"
#define JOBS "/admin/jobs"

const struct route admin_outbox_routes[] = {
    { GET, OUTBOX, MOD_NONE, ADMIN, outbox_show, list_fields, "Outgoing messages" },
    { GET, OUTBOX "/csv", MOD_NONE, ADMIN, outbox_show, list_fields,
      "The same as CSV, without texts", .gives = "text/csv" },
    { POST, OUTBOX "/{id}/again", MOD_NONE, ADMIN, job_more, NULL,
      "Sends a failed message again", .form = outbox_show, .done = OUTBOX,
      .said = "admin.again" },
    { POST, OUTBOX "/{id}/stop", MOD_NONE, ADMIN, job_stop, NULL,
      "Gives up a message that waits", .form = outbox_show, .done = OUTBOX,
      .said = "admin.given_up", .undo = OUTBOX "/{1}/again" },
    { GET, JOBS, MOD_NONE, ADMIN, jobs_show, list_fields, "Work in the background" },
    { GET, JOBS "/csv", MOD_NONE, ADMIN, jobs_show, list_fields,
      "The same as CSV", .gives = "text/csv" },
    { POST, JOBS "/{id}/again", MOD_NONE, ADMIN, job_more, NULL, "Tries a failed job again",
      .form = jobs_show, .done = JOBS, .said = "admin.again_work" },
    { POST, JOBS "/{id}/stop", MOD_NONE, ADMIN, job_stop, NULL, "Gives up a job that waits",
      .form = jobs_show, .done = JOBS, .said = "admin.given_up", .undo = JOBS "/{1}/again" },
    { 0 }
};
