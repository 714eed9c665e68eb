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

struct levels permission_levels(const json_t *session)
{
    const char *vendor = row_text(session, "vendor_state");
    bool suspended = strcmp(vendor, "suspended") == 0;
    bool sells = suspended || strcmp(vendor, "approved") == 0;
    bool primary = row_true(session, "is_primary");
    const json_t *set = json_object_get(session, "levels_json");
    const json_t *off = json_object_get(session, "modules_off_json");
    struct levels levels = { 0 };

    if (!row_int(session, "account_id"))
        return levels;
    for (int i = MOD_NONE; i < MODULES; i++) {
        if ((modules[i].is_vendor && !sells) || (off && json_object_get(off, modules[i].name)))
            continue;
        levels.of[i] = primary ? LEVEL_CHANGE : (enum level)row_int(set, modules[i].name);
    }
    if (suspended && levels.of[MOD_CATALOG] > LEVEL_VIEW)
        levels.of[MOD_CATALOG] = LEVEL_VIEW;
    return levels;
}

enum level permission_level(const json_t *session, enum module module)
{
    assert(module < MODULES);
    return permission_levels(session).of[module];
}

enum db_rc permission_find(struct db *db, int64_t account_id, int64_t user_id,
                           json_t **row)
{
    return db_row(db,
                  "SELECT " PERMISSION_COLUMNS " FROM membership m"
                  " JOIN user u ON u.id = m.user_id AND u.state = 'active'"
                  " JOIN account a ON a.id = m.account_id AND a.state = 'active'"
                  " LEFT JOIN vendor v ON v.account_id = a.id"
                  " WHERE m.account_id = ?1 AND m.user_id = ?2",
                  DB_ARGS(DB_INT(account_id), DB_INT(user_id)), row);
}

/* --- sets of levels --- */

#define LOOK LEVEL_VIEW
#define DO LEVEL_CHANGE

static const struct {
    const char *name;
    struct levels levels;
} presets[] = {
    { "helper",
      { { [MOD_REQUIREMENTS] = DO,
          [MOD_ORDERS] = DO,
          [MOD_INVENTORY] = DO,
          [MOD_CUSTOMIZATIONS] = DO,
          [MOD_CATALOG] = DO,
          [MOD_CUSTOMER_ORDERS] = DO,
          [MOD_POS] = DO,
          [MOD_QUICKPAY] = DO,
          [MOD_CASH] = DO,
          [MOD_REPORTS] = LOOK,
          [MOD_USERS] = LOOK } } },
    { "seller",
      { { [MOD_INVENTORY] = LOOK,
          [MOD_CATALOG] = LOOK,
          [MOD_CUSTOMER_ORDERS] = DO,
          [MOD_POS] = DO,
          [MOD_QUICKPAY] = DO,
          [MOD_CASH] = DO } } },
    { "viewer",
      { { [MOD_REQUIREMENTS] = LOOK,
          [MOD_ORDERS] = LOOK,
          [MOD_INVENTORY] = LOOK,
          [MOD_CUSTOMIZATIONS] = LOOK,
          [MOD_CATALOG] = LOOK,
          [MOD_CUSTOMER_ORDERS] = LOOK,
          [MOD_POS] = LOOK,
          [MOD_QUICKPAY] = LOOK,
          [MOD_CASH] = LOOK,
          [MOD_REPORTS] = LOOK } } },
};

bool levels_preset(const char *name, struct levels *out)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0) {
            *out = presets[i].levels;
            return true;
        }
    return false;
}

const char *levels_name(const struct levels *levels)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (memcmp(&presets[i].levels, levels, sizeof *levels) == 0)
            return presets[i].name;
    return NULL;
}

json_t *levels_json(const struct levels *levels)
{
    json_t *json = json_object();

    for (int i = MOD_NONE + 1; i < MODULES; i++)
        if (levels->of[i])
            json_object_set_new(json, modules[i].name, json_integer(levels->of[i]));
    return json;
}

struct levels levels_of(const json_t *json)
{
    struct levels levels = { 0 };

    for (int i = MOD_NONE + 1; i < MODULES; i++) {
        json_int_t n = json_integer_value(json_object_get(json, modules[i].name));

        levels.of[i] = n >= LEVEL_CHANGE ? LEVEL_CHANGE : n == 1 ? LEVEL_VIEW : LEVEL_NONE;
    }
    return levels;
}

struct levels levels_within(struct levels levels, const struct levels *most)
{
    for (int i = 0; i < MODULES; i++)
        if (levels.of[i] > most->of[i])
            levels.of[i] = most->of[i];
    return levels;
}
