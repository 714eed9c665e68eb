/* The account's own records of those that it buys from. */
#include "server/pages/settings.h"

#include "db/base/buf.h"
#include "db/base/row.h"
#include "db/supplier.h"
#include "server/pages/list.h"

#include <string.h>

enum { PAGE = 50 };

static json_t *vendors_frame(struct req *r, const json_t *rows)
{
    size_t n = json_array_size(rows);
    struct buf next = buf_new(r->arena, 128, 4096);
    const char *q = r->method == GET ? req_text(r, "q") : "";

    if (n == PAGE) {
        buf_printf(&next, "/settings/vendors?after=%lld&q=",
                   (long long)row_int(json_array_get(rows, n - 1), "id"));
        buf_url(&next, q, strlen(q));
    }
    return json_pack("{s:b,s:I,s:b,s:s,s:[],s:b,s:[],s:s,s:s,s:s,s:s}", "has_rows", n > 0,
                     "n", (json_int_t)n, "has_search", 1, "q", q, "keep", "has_filters",
                     0, "filters", "all", *q ? "/settings/vendors" : "", "csv",
                     "/settings/vendors/csv",
                     "first",
                     r->method == POST || req_has(r, "after") ? "/settings/vendors" : "",
                     "next", buf_str(&next));
}

/* The list; behind a refused change only the one that it was about, which may stand on
 * any page of it. */
static int vendors_show(struct req *r)
{
    int64_t edited = settings_edited(r, 0);
    json_t *rows, *row, *model;
    enum db_rc rc;

    if (edited) {
        rc = supplier_find(r->db, r->account_id, edited, &row);
        rows = rc == DB_OK ? json_pack("[O]", row) : NULL;
    } else {
        bool is_list = r->method == GET;

        rc = supplier_list(r->db, r->account_id,
                           is_list && req_has(r, "q") ? req_text(r, "q") : NULL,
                           is_list ? req_int(r, "after") : 0, PAGE, &rows);
    }
    if (rc != DB_OK || !rows)
        return reply_error(r, rc == DB_NONE ? 404 : 500);
    settings_rows(r, rows, "lot_count", edited);
    model = settings_model(r, "suppliers", rows);
    json_object_set_new(model, "list", vendors_frame(r, rows));
    return reply_page(r, 200, "settings/vendors", model);
}

static const struct csv_column columns[] = {
    { "name", "settings.name", CSV_TEXT },   { "mobile", "look.mobile", CSV_TEXT },
    { "gstin", "settings.gstin", CSV_TEXT }, { "address", "settings.address", CSV_TEXT },
    { NULL }
};

static int vendors_csv(struct req *r)
{
    json_t *rows;

    if (supplier_list(r->db, r->account_id, NULL, 0, CSV_ROWS, &rows) != DB_OK)
        return reply_error(r, 500);
    return list_csv(r, "suppliers", columns, cell_json(rows));
}

static struct supplier_details details_read(const struct req *r)
{
    return (struct supplier_details) { .name = req_text(r, "name"),
                                       .mobile = req_text(r, "mobile"),
                                       .gstin = req_text(r, "gstin"),
                                       .address = req_text(r, "address") };
}

static int vendor_make(struct req *r)
{
    struct supplier_details d = details_read(r);
    int64_t id = 0;
    enum db_rc rc = supplier_add(r->db, &r->actor, &d, &id);

    return reply_outcome(r, rc, id);
}

static int vendor_change(struct req *r)
{
    struct supplier_details d = details_read(r);

    return reply_outcome(r, supplier_update(r->db, &r->actor, req_arg_id(r, 0), &d), 0);
}

static int vendor_remove(struct req *r)
{
    return settings_deleted(r, 0, supplier_delete);
}

static const struct field vendor_fields[] = { { "name", FIELD_TEXT, .required = true,
                                                .max = 80 },
                                              { "mobile", FIELD_MOBILE },
                                              { "gstin", FIELD_TEXT, .max = 20 },
                                              { "address", FIELD_LINES, .max = 300 },
                                              { 0 } };

static const struct field search_fields[] = { { "q", FIELD_TEXT, .max = 80 },
                                              { "after", FIELD_ID },
                                              { 0 } };

const struct route settings_vendor_routes[] = {
    SHOW("vendors", vendors_show, search_fields, "Suppliers of the account"),
    { GET, "/settings/vendors/csv", MOD_CUSTOMIZATIONS, VIEW, vendors_csv, NULL,
      "All of them as CSV", .gives = "text/csv" },
    ADD("vendors", vendor_make, vendor_fields, "Adds a supplier", "vendors",
        vendors_show),
    SET("vendors/{id}", vendor_change, vendor_fields, "Changes a supplier", "vendors",
        vendors_show),
    DELETE("vendors/{id}/delete", vendor_remove, "Deletes an unused supplier", "vendors",
           vendors_show),
    { 0 }
};
