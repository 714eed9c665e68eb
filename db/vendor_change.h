/* The details of a vendor, changed after the role was granted (ACC-7). Address, UPI id and
 * phone hold at once. Name, State, GST status and GSTIN are what the admin vouches for: they
 * wait for the admin, and until then the shop sells under the old ones. */
#ifndef VENDOR_CHANGE_H
#define VENDOR_CHANGE_H

#include "db/vendor.h"

/* Changes what holds at once, and asks for the rest; an earlier change that waits is
 * replaced, or taken back when nothing is left of it. Refused at the field that is wrong, and
 * before the role was granted. `*gstin_doubtful` (may be NULL) as in vendor_request(). */
MUST_USE enum db_rc vendor_change_ask(struct db *db, const struct actor *actor,
                                      const struct vendor_details *details,
                                      bool *gstin_doubtful);

/* What waits, or was declined: trade_name, state_code, gst_status, gstin, state, reason,
 * asked_ms. DB_NONE: nothing. */
MUST_USE enum db_rc vendor_change_find(struct db *db, int64_t account_id, json_t **row);

/* Takes back what waits, or puts away what was declined. DB_NONE: nothing. */
MUST_USE enum db_rc vendor_change_withdraw(struct db *db, const struct actor *actor);

/* For the admin, oldest first: the same, account_id, account_name, user_name, user_mobile,
 * was_trade_name, was_state_code, was_gst_status, was_gstin, is_doubtful. */
MUST_USE enum db_rc vendor_changes(struct db *db, int limit, json_t **rows);

/* The admin decides on what they have seen: refused when the vendor asked for something else
 * since (`asked_ms`), or nothing waits any more. Declining needs a reason. */
MUST_USE enum db_rc vendor_change_approve(struct db *db, const struct actor *admin,
                                          int64_t account_id, int64_t asked_ms);
MUST_USE enum db_rc vendor_change_decline(struct db *db, const struct actor *admin,
                                          int64_t account_id, int64_t asked_ms,
                                          const char *reason);

#endif
