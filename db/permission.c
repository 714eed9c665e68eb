/* The table of modules, and the rule over a session's row. */
#include "db/permission.h"

#include "db/base/row.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    bool is_vendor;
} modules[MODULES] = {
    [MOD_NONE] = { "none", false },
    [MOD_REQUIREMENTS] = { "requirements", false },
    [MOD_ORDERS] = { "orders", false },
    [MOD_INVENTORY] = { "inventory", false },
    [MOD_CUSTOMIZATIONS] = { "customizations", false },
    [MOD_CATALOG] = { "catalog", true },
    [MOD_CUSTOMER_ORDERS] = { "customer_orders", true },
    [MOD_POS] = { "pos", true },
    [MOD_QUICKPAY] = { "quick_pay", true },
    [MOD_CASH] = { "cash_register", true },
    [MOD_REPORTS] = { "reports", true },
    [MOD_USERS] = { "users", false },
};

const char *module_name(enum module module)
{
    assert(module < MODULES);
    return modules[module].name;
}

bool module_is_vendor(enum module module)
{
    assert(module < MODULES);
    return modules[module].is_vendor;
}

enum level permission_level(const json_t *session, enum module module)
{
    const char *name = module_name(module);
    const char *vendor = json_string_value(json_object_get(session, "vendor_state"));
    bool suspended = vendor && strcmp(vendor, "suspended") == 0;
    bool sells = suspended || (vendor && strcmp(vendor, "approved") == 0);
    json_int_t level;

    if (!row_int(session, "account_id"))
        return LEVEL_NONE;
    if (modules[module].is_vendor && !sells)
        return LEVEL_NONE;
    if (json_object_get(json_object_get(session, "modules_off_json"), name))
        return LEVEL_NONE;
    level = row_true(session, "is_primary")
                ? LEVEL_CHANGE
                : row_int(json_object_get(session, "levels_json"), name);
    if (suspended && module == MOD_CATALOG && level > LEVEL_VIEW)
        level = LEVEL_VIEW;
    return (enum level)level;
}
