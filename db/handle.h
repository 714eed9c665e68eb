/* Handles: the name in a shop's link. */
#ifndef HANDLE_H
#define HANDLE_H

#include "db/base/arena.h"

enum { HANDLE_MAX = 28 };

/* A name as lower-case letters, digits and single dashes: "Ravi's Pottery" ->
 * "ravi-s-pottery", "कला घर" -> "kala-ghar"; at most HANDLE_MAX long. "shop" when less
 * than three characters are left of it. */
const char *handle_made(struct arena *a, const char *name);

#endif
