/* Who does something, for the journals and the audit log. */
#ifndef ACTOR_H
#define ACTOR_H

#include <stdint.h>

struct actor {
    int64_t user_id;     /* 0: the system */
    int64_t account_id;  /* the account acted for; 0: none */
    const char *address; /* of the network; NULL: not known */
};

#endif
