/* The key pair by which push services know this installation (VAPID, RFC 8292). */
#ifndef PUSH_KEY_H
#define PUSH_KEY_H

#include "db/db.h"

#include <stdbool.h>

struct push_key {
    bool is_set;
    unsigned char secret[32], open[65]; /* P-256: the number; the point, uncompressed */
};

/* A new pair, or the one of a secret; false when the library fails or it is no key. */
bool push_key_new(struct push_key *key);
bool push_key_from(struct push_key *key, const unsigned char secret[32]);

/* True for 65 bytes that are a point of the curve. */
bool push_point_valid(const unsigned char *point);

/* The installation's pair: made at the first start, kept in the database sealed with the
 * key file's `seal`. With another key file a new pair is made, and the browsers that knew
 * the old one are forgotten. False on failure, which was logged. */
bool push_key_load(struct db *db, const unsigned char seal[32], struct push_key *key);

#endif
