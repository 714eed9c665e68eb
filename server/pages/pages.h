/* The route tables of all pages. */
#ifndef PAGES_H
#define PAGES_H

#include "server/http/req.h"

extern const struct route access_routes[];    /* sign up, in, out */
extern const struct route first_routes[];     /* the link of the first start */
extern const struct route me_routes[];        /* the user: password, number, sessions */
extern const struct route join_routes[];      /* asking in, being asked in */
extern const struct route people_routes[];    /* who is in an account, and may what */
extern const struct route audit_routes[];
extern const struct route accounts_routes[];  /* accounts, the account, the user */
extern const struct route account_vendor_routes[]; /* the vendor role, asked for and changed */
extern const struct route notifications_routes[];
extern const struct route tokens_routes[];    /* API tokens */
extern const struct route hooks_routes[];     /* webhooks out */
extern const struct route admin_routes[];      /* the admin's start */
extern const struct route admin_request_routes[];
extern const struct route admin_user_routes[];
extern const struct route admin_account_routes[];
extern const struct route admin_outbox_routes[];  /* messages, jobs */
extern const struct route admin_settings_routes[];
extern const struct route admin_service_routes[];
extern const struct route admin_backup_routes[];
extern const struct route simulator_routes[];
extern const struct route home_routes[];      /* home, search */
extern const struct route catalog_routes[];   /* /v/... */
extern const struct route cart_routes[];
extern const struct route cart_order_routes[];
extern const struct route orders_routes[];    /* the customer's */
extern const struct route inventory_routes[];
extern const struct route inventory_change_routes[];
extern const struct route inventory_usage_routes[];
extern const struct route settings_routes[];  /* units, categories, places */
extern const struct route settings_attribute_routes[];
extern const struct route settings_vendor_routes[];
extern const struct route sell_catalog_routes[];
extern const struct route sell_photo_routes[];
extern const struct route sell_order_routes[];
extern const struct route sell_settings_routes[];
extern const struct route cash_routes[];
extern const struct route dues_routes[];
extern const struct route system_routes[];    /* health, metrics */
extern const struct route openapi_routes[];
extern const struct route webhook_routes[];

/* Signs the user in under a new session, and goes on to `to`, a path of ours, by way of
 * the account. */
int access_enter(struct req *r, int64_t user_id, const char *to);

/* The known time zones for a list to choose from: {name, is_chosen}. */
json_t *zones_list(const char *chosen);

/* All of them and static_routes, NULL-terminated. */
const struct route *const *pages_routes(void);

#endif
