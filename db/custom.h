/* What all custom values of an account share: names, compared without case and accents
 * (text_fold), and how a change of them is refused. */
#ifndef CUSTOM_H
#define CUSTOM_H

#include "db/actor.h"
#include "db/db.h"

enum {
    CUSTOM_MAX = 500,       /* values of one kind that an account can add by hand */
    CUSTOM_LIST_MAX = 1000, /* rows of a list of them */
    CUSTOM_WORDS = 4,       /* of a query that count */
    NOTE_CHARS = 300        /* of a note; what is longer is cut */
};

struct custom_name {
    const char *name;   /* trimmed */
    const char *folded; /* for comparing */
};

/* Trims and checks a name typed by someone: refuses at `field` when it is empty or NULL,
 * has more than `max` characters or is no text. */
MUST_USE enum db_rc custom_name(struct db *db, const char *field, const char *text,
                                int max, struct custom_name *out);

/* A note: trimmed and cut; "" for NULL and for what is no text. */
const char *custom_note(struct db *db, const char *text);

/* The first words of a query, folded; NULL for those that lack. */
void custom_words(struct db *db, const char *query, const char *words[CUSTOM_WORDS]);

/* Refusals alike for all values: the name is there already; still used by `count` rows;
 * the account has CUSTOM_MAX of them. */
enum db_rc custom_refuse_taken(struct db *db, const char *field);
enum db_rc custom_refuse_used(struct db *db, int64_t count);
enum db_rc custom_refuse_many(struct db *db);
/* What was chosen from a list isn't the account's (any more). */
enum db_rc custom_refuse_gone(struct db *db, const char *field);

#endif
