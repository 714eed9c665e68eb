/* The vendor role of an account: asked for, decided by the admin (ACC-7). */
#ifndef VENDOR_H
#define VENDOR_H

#include "db/actor.h"
#include "db/db.h"

struct vendor_details {
    const char *trade_name, *address;
    const char *state_code; /* GST State code, two digits */
    const char *gst_status; /* "regular", "composition", "unregistered" */
    const char *gstin;      /* needed unless unregistered; any case, spaces allowed */
    const char *upi;        /* "" none */
    const char *mobile;     /* shown to customers; "" none */
};

struct vendor_wrong {
    const char *field, *key; /* key: the refusal's */
};

/* All that is wrong with the details, in the order of the form, a field once; ended by a NULL
 * field. Whoever asks with them is refused for the first. */
const struct vendor_wrong *vendor_details_wrong(struct arena *a, const struct vendor_details *d);

/* Asks for the role, or again after it was declined; the admins are told. The words about the
 * shop begin as what the user makes. Refused at the field that is wrong. `*gstin_doubtful`:
 * only its check digit is wrong, which is let through (widely printed samples are); may be
 * NULL. */
MUST_USE enum db_rc vendor_request(struct db *db, const struct actor *actor,
                                   const struct vendor_details *details,
                                   bool *gstin_doubtful);

/* The admin decides; DB_NONE: never asked; refused when the vendor isn't in the state for
 * it (another admin was quicker). Declining and suspending need a reason. A suspended one
 * shows nothing for sale, but ends its orders. */
MUST_USE enum db_rc vendor_approve(struct db *db, const struct actor *admin,
                                   int64_t account_id);
/* The same, refused when something else was asked for since `asked_ms` (0: any). */
MUST_USE enum db_rc vendor_approve_seen(struct db *db, const struct actor *admin,
                                        int64_t account_id, int64_t asked_ms);
MUST_USE enum db_rc vendor_decline(struct db *db, const struct actor *admin,
                                   int64_t account_id, const char *reason);
MUST_USE enum db_rc vendor_suspend(struct db *db, const struct actor *admin,
                                   int64_t account_id, const char *reason);
MUST_USE enum db_rc vendor_restore(struct db *db, const struct actor *admin,
                                   int64_t account_id);

/* account_id, handle, trade_name, about, address, state_code, gst_status, gstin, upi,
 * mobile, state, reason, stock_rule, is_doorstep, doorstep_paise, asked_ms, decided_ms.
 * DB_NONE: never asked. */
MUST_USE enum db_rc vendor_find(struct db *db, int64_t account_id, json_t **row);

/* Requests to decide, oldest first: the same keys and account_name, user_name,
 * user_mobile, is_doubtful (the GSTIN's check digit is wrong). */
MUST_USE enum db_rc vendor_requests(struct db *db, int limit, json_t **rows);

struct vendor_settings {
    const char *about, *stock_rule, *upi, *mobile;
    bool is_doorstep;
    int64_t doorstep_paise;
};

/* What the vendor sets itself; DB_NONE before the role is granted. */
MUST_USE enum db_rc vendor_settings_update(struct db *db, const struct actor *actor,
                                           const struct vendor_settings *settings);

#endif
