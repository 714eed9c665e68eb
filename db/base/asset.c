/* The table that build/assets.S defines is sorted by name. In development the same names
 * are read from the tree instead; only these three folders, so that no name leads
 * elsewhere. */
#include "asset.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 16 * 1024 * 1024, MOST_FOLDERS_DEEP = 8 };

extern const struct asset asset_table[];
extern const size_t asset_count;

static const char *const folders[] = { "migrations", "static", "templates" };

struct list {
    struct arena *arena;
    const char *prefix;
    struct asset *assets;
    size_t count, size;
};

bool asset_dev(void)
{
    const char *dev = getenv("INVICHAT_DEV");

    return dev && strcmp(dev, "1") == 0;
}

/* "static/app.css", not "static/../x", "/etc/x" or "static/.x". */
static bool name_safe(const char *name)
{
    bool known = false;

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t n = strlen(folders[i]);

        known = known || (strncmp(name, folders[i], n) == 0 && name[n] == '/');
    }
    return known && !strstr(name, "/.") && !strstr(name, "//");
}

static bool file_read(struct arena *a, int fd, struct asset *out)
{
    struct stat st;
    size_t size, have = 0;
    char *data;
    ssize_t n;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_BYTES)
        return false;
    size = (size_t)st.st_size;
    data = arena_bytes(a, size + 1);
    while (have < size && (n = read(fd, data + have, size - have)) > 0)
        have += (size_t)n;
    data[have] = '\0';
    out->data = data;
    out->size = have;
    return have == size;
}

static bool tree_find(struct arena *a, const char *name, struct asset *out)
{
    int fd = name_safe(name) ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    bool ok;

    if (fd < 0)
        return false;
    ok = file_read(a, fd, out);
    close(fd);
    out->name = arena_dup(a, name);
    return ok;
}

static int asset_order(const void *a, const void *b)
{
    return strcmp(((const struct asset *)a)->name, ((const struct asset *)b)->name);
}

bool asset_find(struct arena *a, const char *name, struct asset *out)
{
    struct asset key = { .name = name };
    const struct asset *found;

    if (asset_dev())
        return tree_find(a, name, out);
    found = bsearch(&key, asset_table, asset_count, sizeof key, asset_order);
    if (found)
        *out = *found;
    return found != NULL;
}

static void list_add(struct list *l, const struct asset *asset)
{
    if (l->count == l->size) {
        struct asset *grown;

        l->size = l->size ? l->size * 2 : 64;
        grown = arena_alloc(l->arena, l->size, sizeof *grown);
        if (l->count)
            memcpy(grown, l->assets, l->count * sizeof *grown);
        l->assets = grown;
    }
    l->assets[l->count++] = *asset;
}

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Editors leave .name.swp and name~ behind; those are no part of the program. */
static void folder_list(struct list *l, const char *folder, int depth)
{
    DIR *dir = depth < MOST_FOLDERS_DEEP ? opendir(folder) : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        const char *name;
        struct asset asset;
        struct stat st;

        if (entry->d_name[0] == '.' || entry->d_name[strlen(entry->d_name) - 1] == '~')
            continue;
        name = arena_printf(l->arena, "%s/%s", folder, entry->d_name);
        if (lstat(name, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            folder_list(l, name, depth + 1);
        else if (has_prefix(name, l->prefix) && tree_find(l->arena, name, &asset))
            list_add(l, &asset);
    }
    if (dir)
        closedir(dir);
}

struct asset *asset_list(struct arena *a, const char *prefix, size_t *count)
{
    struct list l = { .arena = a, .prefix = prefix };

    if (asset_dev()) {
        for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
            folder_list(&l, folders[i], 0);
        if (l.count)
            qsort(l.assets, l.count, sizeof *l.assets, asset_order);
    } else {
        for (size_t i = 0; i < asset_count; i++)
            if (has_prefix(asset_table[i].name, prefix))
                list_add(&l, &asset_table[i]);
    }
    *count = l.count;
    return l.assets;
}
