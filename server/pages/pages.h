/* The route tables of all pages. */
#ifndef PAGES_H
#define PAGES_H

#include "server/http/req.h"

extern const struct route access_routes[];    /* sign up, in, out */
extern const struct route accounts_routes[];  /* accounts, the account, the user */
extern const struct route admin_routes[];
extern const struct route simulator_routes[];
extern const struct route home_routes[];      /* home, search */
extern const struct route catalog_routes[];   /* /v/... */
extern const struct route cart_routes[];
extern const struct route cart_order_routes[];
extern const struct route orders_routes[];    /* the customer's */
extern const struct route inventory_routes[];
extern const struct route settings_routes[];  /* units, categories, places */
extern const struct route settings_attribute_routes[];
extern const struct route settings_vendor_routes[];
extern const struct route sell_catalog_routes[];
extern const struct route sell_photo_routes[];
extern const struct route sell_order_routes[];
extern const struct route sell_settings_routes[];
extern const struct route cash_routes[];
extern const struct route system_routes[];    /* health, metrics, OpenAPI */
extern const struct route webhook_routes[];

/* All of them and static_routes, NULL-terminated. */
const struct route *const *pages_routes(void);

#endif
