/* Names typed by people, made fit to be stored and compared, and the refusals that all
 * custom values have in common. */
#include "db/custom.h"

#include "db/base/text.h"

#include <string.h>

enum db_rc custom_name(struct db *db, const char *field, const char *text, int max,
                       struct custom_name *out)
{
    struct arena *a = db_arena(db);
    size_t n = text ? strlen(text) : 0;

    *out = (struct custom_name) { "", "" };
    if (n > 0 && !text_valid(text, n))
        return db_refuse(db, 422, field, "refusal.not_text", NULL);
    if (n > 0) {
        out->name = text_trim(a, text, n, false);
        out->folded = text_fold(a, out->name);
    }
    if (!*out->folded)
        return db_refuse(db, 422, field, "refusal.name_missing", NULL);
    if (text_chars(out->name) > (size_t)max)
        return db_refuse(db, 422, field, "refusal.name_long",
                         json_pack("{s:i}", "max", max));
    return DB_OK;
}

const char *custom_note(struct db *db, const char *text)
{
    char *note;

    if (!text || !text_valid(text, strlen(text)))
        return "";
    note = text_trim(db_arena(db), text, strlen(text), true);
    note[text_cut(note, NOTE_CHARS)] = '\0';
    return note;
}

void custom_words(struct db *db, const char *query, const char *words[CUSTOM_WORDS])
{
    bool is_text = query && text_valid(query, strlen(query));
    char *s = is_text ? text_fold(db_arena(db), query) : NULL;

    for (int i = 0; i < CUSTOM_WORDS; i++) {
        words[i] = NULL;
        if (!s)
            continue;
        s += strspn(s, " \t\r\n");
        if (!*s)
            continue;
        words[i] = s;
        s += strcspn(s, " \t\r\n");
        if (*s)
            *s++ = '\0';
    }
}

enum db_rc custom_refuse_taken(struct db *db, const char *field)
{
    return db_refuse(db, 422, field, "refusal.name_taken", NULL);
}

enum db_rc custom_refuse_used(struct db *db, int64_t count)
{
    return db_refuse(db, 409, NULL, "refusal.value_in_use",
                     json_pack("{s:I}", "n", (json_int_t)count));
}

enum db_rc custom_refuse_many(struct db *db)
{
    return db_refuse(db, 409, NULL, "refusal.too_many_values",
                     json_pack("{s:i}", "max", CUSTOM_MAX));
}

enum db_rc custom_refuse_gone(struct db *db, const char *field)
{
    return db_refuse(db, 422, field, "refusal.choose_again", NULL);
}
