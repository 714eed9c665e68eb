/* Every cell of who may what: module, kind of user, level set, module taken away, vendor.
 */
#include "db/permission.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char *const vendor_states[] = { "", "asked", "declined", "approved",
                                             "suspended" };
enum { VENDOR_STATES = 5, APPROVED = 3, SUSPENDED = 4 };

/* As the specification tells it, apart from the code's own table. */
static enum level expected(enum module module, bool primary, int level, bool off,
                           int vendor)
{
    bool sells = vendor >= APPROVED;
    bool for_vendors = module >= MOD_CATALOG && module <= MOD_REPORTS;
    enum level most = primary ? LEVEL_CHANGE : (enum level)level;

    if (off || (for_vendors && !sells))
        return LEVEL_NONE;
    if (module == MOD_CATALOG && vendor == SUSPENDED && most == LEVEL_CHANGE)
        return LEVEL_VIEW;
    return most;
}

static json_t *session_of(int account, bool primary, enum module module, int level,
                          bool off, int vendor)
{
    json_t *levels = json_object(), *offs = json_object();

    if (level)
        json_object_set_new(levels, module_name(module), json_integer(level));
    if (off)
        json_object_set_new(offs, module_name(module), json_integer(1));
    return json_pack("{s:i,s:b,s:s,s:o,s:o}", "account_id", account, "is_primary",
                     primary, "vendor_state", vendor_states[vendor], "levels_json",
                     levels, "modules_off_json", offs);
}

static void cell(enum module module, bool primary, int level, bool off, int vendor)
{
    json_t *in = session_of(7, primary, module, level, off, vendor);
    json_t *out = session_of(0, primary, module, level, off, vendor);

    assert_int_equal(permission_level(in, module),
                     expected(module, primary, level, off, vendor));
    assert_int_equal(permission_level(out, module), LEVEL_NONE);
    json_decref(in);
    json_decref(out);
}

static void every_cell(void **state)
{
    int cells = 0;

    (void)state;
    for (int module = MOD_REQUIREMENTS; module < MODULES; module++)
        for (int level = LEVEL_NONE; level <= LEVEL_CHANGE; level++)
            for (int vendor = 0; vendor < VENDOR_STATES; vendor++)
                for (int bits = 0; bits < 4; bits++, cells++)
                    cell((enum module)module, bits & 1, level, bits & 2, vendor);
    assert_int_equal(cells, 11 * 3 * 5 * 4);
}

/* A level of one module opens no other. */
static void not_each_other(void **state)
{
    (void)state;
    for (int given = MOD_REQUIREMENTS; given < MODULES; given++) {
        json_t *s = session_of(7, false, (enum module)given, LEVEL_CHANGE, false,
                               APPROVED);

        for (int asked = MOD_REQUIREMENTS; asked < MODULES; asked++)
            assert_int_equal(permission_level(s, (enum module)asked),
                             asked == given ? LEVEL_CHANGE : LEVEL_NONE);
        json_decref(s);
    }
}

static void names_differ(void **state)
{
    (void)state;
    for (int i = 0; i < MODULES; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(module_name((enum module)i),
                                    module_name((enum module)k));
}

static void nobody(void **state)
{
    (void)state;
    for (int i = 0; i < MODULES; i++)
        assert_int_equal(permission_level(NULL, (enum module)i), LEVEL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "ACC-6 ACC-4 ACC-7 every cell of the table", every_cell, NULL, NULL, NULL },
        { "ACC-6 a module opens no other", not_each_other, NULL, NULL, NULL },
        { "ACC-6 modules have names of their own", names_differ, NULL, NULL, NULL },
        { "ACC-2 without a session there is nothing", nobody, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
