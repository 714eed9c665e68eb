/* Modules, levels, and who has which: one table that pages, menu, API and bot ask. */
#ifndef PERMISSION_H
#define PERMISSION_H

#include <jansson.h>
#include <stdbool.h>

enum module {
    MOD_NONE,
    MOD_REQUIREMENTS,
    MOD_ORDERS,
    MOD_INVENTORY,
    MOD_CUSTOMIZATIONS,
    MOD_CATALOG,
    MOD_CUSTOMER_ORDERS,
    MOD_POS,
    MOD_QUICKPAY,
    MOD_CASH,
    MOD_REPORTS,
    MOD_USERS,
    MODULES
};

enum level { LEVEL_NONE, LEVEL_VIEW, LEVEL_CHANGE };

/* The name in the tables and texts: "customer_orders". */
const char *module_name(enum module module);

/* True when the module opens only for an approved (or suspended) vendor. */
bool module_is_vendor(enum module module);

/* What the session (a row of session_find) may do in the module. The primary user: all;
 * a secondary one: what the primary set. Nothing where the admin took the module away, or
 * the account lacks the vendor role; a suspended vendor's catalog can only be looked at.
 */
enum level permission_level(const json_t *session, enum module module);

#endif
