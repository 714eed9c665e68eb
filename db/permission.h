/* Modules, levels, and who has which: one table that pages, menu, API and bot ask. */
#ifndef PERMISSION_H
#define PERMISSION_H

#include "db/db.h"

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

/* What a user may do, module by module. */
struct levels {
    enum level of[MODULES];
};

/* What the session (a row of session_find; NULL: nothing) may do. The primary user: all;
 * a secondary one: what the primary set. Nothing where the admin took the module away, or
 * the account lacks the vendor role; a suspended vendor's catalog can only be looked at.
 */
struct levels permission_levels(const json_t *session);
enum level permission_level(const json_t *session, enum module module);

/* The columns that permission_levels() reads, over a (account), m (membership), v (vendor)
 * and the user's id as u.id. */
#define PERMISSION_COLUMNS                                                               \
    "a.id AS account_id, m.is_primary, ifnull(v.state, '') AS vendor_state,"             \
    " CASE WHEN m.is_primary = 0 THEN (SELECT json_group_object(p.module, p.level)"      \
    "   FROM permission p WHERE p.account_id = a.id AND p.user_id = u.id)"               \
    "   END AS levels_json,"                                                             \
    " (SELECT nullif(json_group_object(o.module, 1), '{}') FROM module_off o"            \
    "   WHERE o.account_id = a.id) AS modules_off_json"

/* The same for somebody without a session, as in a chat. DB_NONE: no active user, or not
 * of this account, or that is suspended. */
MUST_USE enum db_rc permission_find(struct db *db, int64_t account_id, int64_t user_id,
                                    json_t **row);

/* The three sets to choose from: "helper" (the owner's), "seller" (at the counter),
 * "viewer" (looks only). False for another name. */
bool levels_preset(const char *name, struct levels *out);

/* The preset's name that these are; NULL: none. */
const char *levels_name(const struct levels *levels);

/* {"orders": 2, ...} and back; unknown names are left out. */
json_t *levels_json(const struct levels *levels);
struct levels levels_of(const json_t *json);

/* No more of any module than `most` has. */
struct levels levels_within(struct levels levels, const struct levels *most);

#endif
