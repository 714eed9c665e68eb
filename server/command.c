/* Commands beside the server: they work on the file whether it runs or not, but for
 * restoring. */
#include "server/command.h"

#include "db/base/text.h"
#include "db/check.h"
#include "db/user.h"

#include <stdio.h>

int command_admin(const struct options *o)
{
    struct app app = { 0 };
    struct arena *a;
    const char *mobile;
    enum db_rc rc = DB_ERR;

    if (!data_open(o->data, true, &app))
        return 1;
    a = arena_new();
    mobile = text_mobile(a, o->word);
    if (!mobile)
        fprintf(stderr, "%s is no mobile number\n", o->word);
    else if ((rc = user_make_admin(db_new(app.db, a), mobile)) == DB_NONE)
        fprintf(stderr, "nobody has signed up with %s yet: open /signup first\n", mobile);
    else if (rc == DB_OK)
        printf("%s is an admin now\n", mobile);
    arena_free(a);
    data_close(&app);
    return rc == DB_OK ? 0 : 1;
}

int command_check(const struct options *o)
{
    struct app app = { 0 };
    int pages, balances;

    if (!data_open(o->data, false, &app))
        return 1;
    pages = db_integrity(app.db);
    balances = check_balances(app.db);
    data_close(&app);
    if (pages == 0 && balances == 0)
        puts("ok: integrity, foreign keys, balances against journals");
    else
        fprintf(stderr, "findings: %d in the file, %d in balances\n", pages, balances);
    return pages == 0 && balances == 0 ? 0 : 1;
}
