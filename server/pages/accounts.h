/* What the pages of an account share. */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H

#include "server/http/req.h"

/* The account's page; the form page of what is posted from it. */
int account_show(struct req *r);

/* 0, or the refusal of whoever is not the primary user of the account. */
int account_primary_only(struct req *r);

/* Adds the vendor role to its model: vendor and its state, the form to ask for the role or to
 * change what it says, and the change that waits. */
enum db_rc account_vendor_add(struct req *r, json_t *model);

#endif
