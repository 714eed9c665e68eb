/* A set, once made, is never changed; the sets are a chain, freed at the end. */
#include "server/http/live.h"

#include "db/setting.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { LANGUAGES = 8 };

struct set {
    char name[160], codes[256];
    const char *languages[LANGUAGES + 1];
    struct set *before;
};

struct live {
    _Atomic(struct set *) now;
};

void live_load(struct live *l, struct db *db)
{
    struct set *set = calloc(1, sizeof *set);
    char *rest, *code;
    int n = 0;

    if (!set)
        abort();
    strncpy(set->name, setting_get(db, "name"), sizeof set->name - 1);
    strncpy(set->codes, setting_get(db, "languages"), sizeof set->codes - 1);
    for (code = strtok_r(set->codes, " ", &rest); code && n < LANGUAGES;
         code = strtok_r(NULL, " ", &rest))
        set->languages[n++] = code;
    set->before = atomic_load(&l->now);
    while (!atomic_compare_exchange_weak(&l->now, &set->before, set))
        ;
}

struct live *live_new(struct db *db)
{
    struct live *l = calloc(1, sizeof *l);

    if (!l)
        abort();
    live_load(l, db);
    return l;
}

void live_free(struct live *l)
{
    struct set *set = l ? atomic_load(&l->now) : NULL;

    while (set) {
        struct set *before = set->before;

        free(set);
        set = before;
    }
    free(l);
}

const char *live_name(const struct live *l)
{
    const struct set *set = l ? atomic_load(&l->now) : NULL;

    return set && *set->name ? set->name : "InviChat";
}

const char *const *live_languages(const struct live *l, const char *const *all)
{
    const struct set *set = l ? atomic_load(&l->now) : NULL;

    return set && *set->languages ? set->languages : all;
}
