/* What the admin set for a service of the outside world. Secrets are sealed with a key that
 * is not in the database: a copy of the file or of a backup gives none away. */
#ifndef SERVICE_H
#define SERVICE_H

#include "db/actor.h"
#include "db/db.h"

struct service_value {
    const char *service, *name;
    const char *value; /* "": takes it away */
    bool is_secret;    /* sealed, and never in the audit log */
};

/* `key`: 32 bytes of the data folder. */
MUST_USE enum db_rc service_set(struct db *db, const struct actor *admin,
                                const unsigned char key[32],
                                const struct service_value *value);

/* name -> value, opened; a secret that this key can't open is null (a restore without its
 * key). For the program alone, never for a page. */
MUST_USE enum db_rc service_values(struct db *db, const unsigned char key[32],
                                   const char *service, json_t **values);

#endif
