/* Invoices: numbered without a gap by vendor, kind and Indian financial year, and kept as
 * they were issued. */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "db/db.h"

/* For order.c, within the delivery's transaction: takes the next number and keeps the
 * bill: JSON as server/documents/invoice.h describes, without labels and facts but with
 * order_number. The kind follows from the order's GST status; `paid_paise` was paid by
 * now. */
enum db_rc document_issue(struct db *db, int64_t order_id, int64_t paid_paise,
                          int64_t *document_id);

enum { IST_MINUTES = 330 }; /* the day of a bill is one of India: minutes east of UTC */

/* For its vendor or its customer: id, order_id, kind, number, issued_ms, body_json.
 * DB_NONE: not theirs. */
MUST_USE enum db_rc document_find(struct db *db, int64_t account_id, int64_t document_id,
                                  json_t **row);

/* The vendor's, newest first, older than `before_id`: id, order_id, order_number, kind,
 * number, customer_name, total_paise, issued_ms. */
MUST_USE enum db_rc document_list(struct db *db, int64_t account_id, int64_t before_id,
                                  int limit, json_t **rows);

#endif
