/* Password hashes: Argon2id, 19 MB and two passes each. At most `at_once` are made at the
 * same time, and few wait for their turn, so that sign-ins can't use up memory, processors
 * or threads. Shared by threads. */
#ifndef HASHER_H
#define HASHER_H

#include <stdbool.h>

enum { HASHER_TEXT = 128 }; /* bytes of a hash as text, with its zero */

enum hasher_rc { HASHER_BUSY = -1, HASHER_WRONG = 0, HASHER_RIGHT = 1 };

struct hasher;

struct hasher *hasher_new(int at_once);
void hasher_free(struct hasher *h);

/* Hashes a password. False when too many wait, or memory lacks. */
bool hasher_make(struct hasher *h, const char *password, char hash[HASHER_TEXT]);

/* Compares. A NULL hash is as much work as any other, and wrong. */
enum hasher_rc hasher_verify(struct hasher *h, const char *hash, const char *password);

#endif
