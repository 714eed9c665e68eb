/* Files of the source tree that are part of the binary: migrations/, templates/, static/.
 * With INVICHAT_DEV=1 in the environment they are read from the current folder instead. */
#ifndef ASSET_H
#define ASSET_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

struct asset {
    const char *name; /* path within the tree: "templates/orders/show.html" */
    const char *data; /* zero-terminated behind `size` bytes */
    size_t size;
};

/* The asset `name`; false when there is none. What `out` points at lives as long as the
 * arena (for ever, when it is from the binary). */
bool asset_find(struct arena *a, const char *name, struct asset *out);

/* All assets whose name starts with `prefix`, sorted by name; `*count` of them. */
struct asset *asset_list(struct arena *a, const char *prefix, size_t *count);

/* True when assets come from the tree (INVICHAT_DEV=1). */
bool asset_dev(void);

#endif
