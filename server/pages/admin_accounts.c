/* Accounts, for the admin: who they are, which modules they have, whether they are suspended;
 * and nothing of what is in their books (ACC-8). */
#include "server/pages/admin.h"
#include "server/pages/list.h"
#include "server/pages/pages.h"

#include "db/account.h"
#include "db/base/row.h"
#include "db/vendor.h"
#include "server/jobs/worker.h"

#include <string.h>

static const char *const states[] = { "all", "active", "suspended", "vendor", NULL };

static void account_dress(struct req *r, json_t *row)
{
    bool active = strcmp(row_text(row, "state"), "active") == 0;
    const char *vendor = row_text(row, "vendor_state");

    admin_chip(r, row, active ? "ok" : "bad",
               active ? "admin.account_active" : "admin.account_suspended");
    if (*vendor)
        json_object_set_new(
            row, "vendor_chip",
            json_pack("{s:s,s:s}", "kind",
                      strcmp(vendor, "approved") == 0 ? "ok"
                      : strcmp(vendor, "asked") == 0  ? "wait"
                                                      : "bad",
                      "state_key", arena_printf(r->arena, "admin.vendor_%s", vendor)));
}

static const struct csv_column columns[] = {
    { "name", "settings.name", CSV_TEXT },
    { "email", "admin.account_email", CSV_TEXT },
    { "user_name", "admin.primary", CSV_TEXT },
    { "user_mobile", "look.mobile", CSV_TEXT },
    { "state_key", "orders.state", CSV_SAY },
    { "created_ms", "admin.since", CSV_TIME },
    { NULL }
};

static int accounts_show(struct req *r)
{
    const struct account_filter filter = { req_text(r, "q"), admin_state(r, states) };
    bool csv = list_is_csv(r);
    json_t *rows, *counts, *row;
    size_t i;

    if (account_list(r->db, &filter, csv ? 0 : req_int(r, "before"),
                     csv ? CSV_ROWS : ADMIN_ROWS, &rows) != DB_OK ||
        account_counts(r->db, &counts) != DB_OK)
        return reply_error(r, 500);
    json_array_foreach(rows, i, row) account_dress(r, row);
    if (csv)
        return list_csv(r, "accounts", columns, cell_json(rows));
    return reply_page(
        r, 200, "admin/accounts",
        json_pack("{s:O,s:o}", "accounts", rows, "list",
                  admin_list_frame(r, &(struct admin_list) { "/admin/accounts", states,
                                                             "admin.account_", counts, rows,
                                                             true, true })));
}

static json_t *modules_of(struct req *r, const json_t *account)
{
    const json_t *off = json_object_get(account, "modules_off_json");
    json_t *list = json_array();

    for (int m = MOD_NONE + 1; m < MODULES; m++) {
        const char *name = module_name((enum module)m);

        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:b,s:b}", "module", name, "module_key",
                                        arena_printf(r->arena, "module.%s", name),
                                        "is_on", json_object_get(off, name) == NULL,
                                        "is_vendor", module_is_vendor((enum module)m)));
    }
    return list;
}

static int account_show(struct req *r)
{
    json_t *account;
    const char *state, *vendor;

    switch (account_card(r->db, req_arg_id(r, 0), &account)) {
    case DB_OK: break;
    case DB_NONE: return reply_error(r, 404);
    default: return reply_error(r, 500);
    }
    state = row_text(account, "state");
    vendor = row_text(account, "vendor_state");
    account_dress(r, account);
    return reply_page(r, 200, "admin/account",
                      json_pack("{s:O,s:o,s:b,s:b,s:b,s:b}", "account", account, "modules",
                                modules_of(r, account), "is_active",
                                strcmp(state, "active") == 0, "sells",
                                strcmp(vendor, "approved") == 0, "sells_not",
                                strcmp(vendor, "suspended") == 0, "asks",
                                strcmp(vendor, "asked") == 0));
}

static int account_stop(struct req *r)
{
    enum db_rc rc = account_suspend(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static int account_back(struct req *r)
{
    enum db_rc rc = account_restore(r->db, &r->actor, req_arg_id(r, 0));

    return reply_outcome(r, rc, 0);
}

static int module_take(struct req *r)
{
    enum db_rc rc = account_module_take(r->db, &r->actor, req_arg_id(r, 0), req_arg(r, 1));

    return reply_outcome(r, rc, 0);
}

static int module_give(struct req *r)
{
    enum db_rc rc = account_module_give(r->db, &r->actor, req_arg_id(r, 0), req_arg(r, 1));

    return reply_outcome(r, rc, 0);
}

static int selling_stop(struct req *r)
{
    enum db_rc rc = vendor_suspend(r->db, &r->actor, req_arg_id(r, 0), req_text(r, "reason"));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static int selling_back(struct req *r)
{
    enum db_rc rc = vendor_restore(r->db, &r->actor, req_arg_id(r, 0));

    worker_wake(r->app->worker);
    return reply_outcome(r, rc, 0);
}

static const struct field list_fields[] = {
    { "q", FIELD_TEXT, .max = 60 }, { "state", FIELD_TEXT }, { "before", FIELD_ID }, { 0 }
};

static const struct field reason_fields[] = { { "reason", FIELD_TEXT, .max = 300 }, { 0 } };

#define ONE "/admin/accounts/{id}"
#define DONE .form = account_show, .done = "/admin/accounts/{1}"

const struct route admin_account_routes[] = {
    { GET, "/admin/accounts", MOD_NONE, ADMIN, accounts_show, list_fields, "Accounts" },
    { GET, "/admin/accounts/csv", MOD_NONE, ADMIN, accounts_show, list_fields,
      "The same as CSV, the newest 10,000", .gives = "text/csv" },
    { GET, ONE, MOD_NONE, ADMIN, account_show, NULL, "One account" },
    { POST, ONE "/suspend", MOD_NONE, ADMIN, account_stop, NULL, "Suspends an account", DONE,
      .said = "admin.account_stopped", .undo = "/admin/accounts/{1}/restore" },
    { POST, ONE "/restore", MOD_NONE, ADMIN, account_back, NULL,
      "Lets a suspended account in again", DONE, .said = "admin.account_back",
      .undo = "/admin/accounts/{1}/suspend" },
    { POST, ONE "/modules/{module}/take", MOD_NONE, ADMIN, module_take, NULL,
      "Takes a module away from an account", DONE, .said = "admin.module_taken",
      .undo = "/admin/accounts/{1}/modules/{2}/give" },
    { POST, ONE "/modules/{module}/give", MOD_NONE, ADMIN, module_give, NULL,
      "Gives an account a module", DONE, .said = "admin.module_given",
      .undo = "/admin/accounts/{1}/modules/{2}/take" },
    { POST, ONE "/selling/suspend", MOD_NONE, ADMIN, selling_stop, reason_fields,
      "Suspends the vendor role", DONE, .said = "admin.selling_stopped",
      .undo = "/admin/accounts/{1}/selling/restore" },
    { POST, ONE "/selling/restore", MOD_NONE, ADMIN, selling_back, NULL,
      "Gives a suspended vendor role back", DONE, .said = "admin.selling_back" },
    { 0 }
};
