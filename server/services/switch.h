/* The services of the running program. They can be set anew by the admin while others are
 * calling: what was current stays until the end, so that nobody holds what is gone. */
#ifndef SWITCH_H
#define SWITCH_H

#include "db/db.h"
#include "server/services/services.h"

/* One thing that can be set: by the environment, which wins, or on the admin's page. */
struct service_field {
    const char *service, *name; /* "whatsapp", "token" */
    const char *env;
    bool is_secret, is_needed;
};

extern const struct service_field service_fields[]; /* ends with a NULL service */

/* What the environment says of a field; "" nothing. */
const char *service_env(const struct service_field *f);

/* `fixed` is what only the environment can say, and has to outlive it; the fields above are
 * read from environment and database. `key`: of the data folder. NULL when they can't be
 * read. Its own `config` is the fixed part, its `http` is for what doesn't change. */
struct services *services_open(struct db *db, const unsigned char key[32],
                               const struct services_config *fixed);

/* Reads them again. False: nothing changed. */
bool services_reload(const struct services *s, struct db *db);

#endif
