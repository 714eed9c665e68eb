/* What a request for the vendor role and a later change of its details share. */
#ifndef VENDOR_INTERNAL_H
#define VENDOR_INTERNAL_H

#include "db/vendor.h"

/* Refused at the field that is wrong. Makes the GSTIN as it is printed: in capitals, without
 * spaces; NULL of one who is not registered. */
MUST_USE enum db_rc vendor_details_check(struct db *db, struct vendor_details *details,
                                         bool *gstin_doubtful);

/* Money goes to another UPI id from now on: whoever looks after money in the account is told,
 * the one who did it too, since it may not have been them. */
enum db_rc vendor_upi_tell(struct db *db, const struct actor *actor, const char *upi);

#endif
