/* All templates and texts, by language: loaded once into an arena of their own, and only
 * read from then on. Each template is compiled once for each language, so that texts are
 * part of it. All errors are gathered, not only the first. */
#include "template_internal.h"

#include "db/base/asset.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char folder[] = "templates/", text_folder[] = "templates/text/";

void errors_add(struct errors *e, const char *file, int line, const char *format, ...)
{
    char message[256], at[16] = "";
    va_list args;
    int n;

    e->count++;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (line > 0)
        snprintf(at, sizeof at, ":%d", line);
    if (e->len >= e->size)
        return;
    n = snprintf(e->text + e->len, e->size - e->len, "%s%s%s: %s", e->len ? "\n" : "",
                 file, at, message);
    if (n > 0)
        e->len += (size_t)n;
}

static int program_order(const void *a, const void *b)
{
    return strcmp(((const struct program *)a)->name, ((const struct program *)b)->name);
}

struct program *program_find(const struct language *l, const char *name, size_t len)
{
    size_t low = 0, high = l->program_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_order(name, len, l->programs[middle].name);

        if (order == 0)
            return &l->programs[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The part of `name` between `prefix` and `suffix`, or NULL. */
static char *name_between(struct arena *a, const char *name, const char *prefix,
                          const char *suffix)
{
    size_t len = strlen(name), before = strlen(prefix), after = strlen(suffix);

    if (len <= before + after || strncmp(name, prefix, before) != 0 ||
        strcmp(name + len - after, suffix) != 0)
        return NULL;
    return arena_dupn(a, name + before, len - before - after);
}

static void language_read(struct arena *a, struct language *l, const struct asset *file,
                          struct errors *errors)
{
    json_error_t error;
    json_t *texts = json_loadb(file->data, file->size, JSON_REJECT_DUPLICATES, &error);

    l->file = file->name;
    l->zero_is_one = l->part_first = strcmp(l->code, "hi") == 0;
    if (json_is_object(texts))
        messages_compile(a, l, texts, errors);
    else
        errors_add(errors, file->name, texts ? 1 : error.line, "%s",
                   texts ? "not an object" : error.text);
    json_decref(texts);
    calendar_compile(l, errors);
}

/* Every language has the texts of English, and no others. */
static void languages_compare(const struct language *l, const struct language *english,
                              struct errors *errors)
{
    for (size_t i = 0; i < english->message_count; i++) {
        const char *key = english->messages[i].key;

        if (!message_find(l, key, strlen(key)))
            errors_add(errors, l->file, 0, "no text \"%s\", which %s has", key,
                       english->file);
    }
    for (size_t i = 0; i < l->message_count; i++) {
        const char *key = l->messages[i].key;

        if (!message_find(english, key, strlen(key)))
            errors_add(errors, english->file, 0, "no text \"%s\", which %s has", key,
                       l->file);
    }
}

static void languages_read(struct templates *t, struct errors *errors)
{
    size_t count, n = 1;
    struct asset *files = asset_list(t->arena, text_folder, &count);

    t->languages = arena_alloc(t->arena, count + 1, sizeof *t->languages);
    t->codes = arena_alloc(t->arena, count + 2, sizeof *t->codes);
    for (size_t i = 0; i < count; i++) {
        char *code = name_between(t->arena, files[i].name, text_folder, ".json");
        struct language *l;

        if (!code)
            continue;
        l = strcmp(code, "en") == 0 ? &t->languages[0] : &t->languages[n++];
        l->code = code;
        language_read(t->arena, l, &files[i], errors);
    }
    t->language_count = n;
    if (!t->languages[0].code) {
        errors_add(errors, "templates/text/en.json", 0, "not found");
        t->language_count = 0;
    }
    for (size_t i = 0; i < t->language_count; i++) {
        t->codes[i] = t->languages[i].code;
        languages_compare(&t->languages[i], &t->languages[0], errors);
    }
}

static void program_add(struct language *l, const char *name, const char *file,
                        struct span source)
{
    struct program *p = &l->programs[l->program_count++];

    *p = (struct program) { .name = name, .file = file, .source = source };
}

/* Without the blanks that lines begin with: a page has no use for them, and a customer pays
 * for each byte. */
static struct span lines_trim(struct arena *a, const struct asset *file)
{
    char *out = arena_bytes(a, file->size + 1);
    const char *p = file->data, *end = p + file->size;
    size_t n = 0;

    while (p < end) {
        const char *line = blanks_skip(p, end);

        p = memchr(line, '\n', (size_t)(end - line));
        p = p ? p + 1 : end;
        memcpy(out + n, line, (size_t)(p - line));
        n += (size_t)(p - line);
    }
    return (struct span) { out, n };
}

static void programs_compile(struct templates *t, struct language *l,
                             const struct asset *files, size_t count,
                             struct errors *errors)
{
    l->programs = arena_alloc(t->arena, count + 1, sizeof *l->programs);
    for (size_t i = 0; i < count; i++) {
        const char *name = name_between(t->arena, files[i].name, folder, ".html");

        if (name)
            program_add(l, name, files[i].name, lines_trim(t->arena, &files[i]));
    }
    qsort(l->programs, l->program_count, sizeof *l->programs, program_order);
    for (size_t i = 0; i < l->program_count; i++)
        program_compile(t->arena, l, &l->programs[i], true, errors);
}

struct templates *templates_load(char *error, size_t size)
{
    struct errors errors = { .text = error, .size = size };
    struct arena *a = arena_new();
    struct templates *t = arena_alloc(a, 1, sizeof *t);
    struct asset *files;
    size_t count;

    if (size > 0)
        error[0] = '\0';
    t->arena = a;
    languages_read(t, &errors);
    files = asset_list(a, folder, &count);
    for (size_t i = 0; i < t->language_count; i++)
        programs_compile(t, &t->languages[i], files, count, &errors);
    if (errors.count == 0)
        return t;
    arena_free(a);
    return NULL;
}

void templates_free(struct templates *t)
{
    if (t)
        arena_free(t->arena);
}

static const struct language *language_find(const struct templates *t, const char *code)
{
    for (size_t i = 1; i < t->language_count && code; i++)
        if (strcmp(t->languages[i].code, code) == 0)
            return &t->languages[i];
    return &t->languages[0];
}

bool template_render(const struct templates *t, const char *name, const char *lang,
                     int zone_minutes, const json_t *model, struct cell rows,
                     struct buf *out)
{
    const struct language *l = language_find(t, lang);
    const struct program *p = program_find(l, name, strlen(name));

    return p && program_render(l, p, zone_minutes, false, model, rows, out);
}

const char *text_get(const struct templates *t, struct arena *a, const char *lang,
                     const char *key, int zone_minutes, const json_t *args)
{
    const struct language *l = language_find(t, lang);
    const struct message *m = message_find(l, key, strlen(key));
    const struct program *p;
    struct buf out;

    if (!m)
        return arena_dup(a, key);
    p = message_choose(l, m, cell_json(json_object_get(args, "n")));
    out = buf_new(a, 128, 64 * 1024);
    program_render(l, p, zone_minutes, true, args, (struct cell) { 0 }, &out);
    return buf_str(&out);
}

bool text_exists(const struct templates *t, const char *key)
{
    return message_find(&t->languages[0], key, strlen(key)) != NULL;
}

const char *const *text_languages(const struct templates *t)
{
    return t->codes;
}

/* What a template from memory gets as its language: English months, and as texts those
 * among the partials whose names begin with "~". */
static void memory_texts(struct arena *a, struct language *l, const json_t *partials,
                         struct errors *errors)
{
    json_t *texts = json_pack("{s:s, s:s, s:s}", "clock.months",
                              "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
                              "clock.weekdays", "Sun Mon Tue Wed Thu Fri Sat", "clock.hours",
                              "am am am am am am am am am am am am"
                              " pm pm pm pm pm pm pm pm pm pm pm pm");
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)partials, name, text) {
        if (name[0] == '~')
            json_object_set(texts, name + 1, text);
    }
    messages_compile(a, l, texts, errors);
    json_decref(texts);
    calendar_compile(l, errors);
}

bool template_render_string(struct arena *a, const char *source, const json_t *partials,
                            const json_t *model, struct buf *out, char *error,
                            size_t size)
{
    struct language l = { .code = "en", .file = "texts" };
    struct program main = { .name = "", .file = "template", .source = span_of(source) };
    struct errors errors = { .text = error, .size = size };
    const char *name;
    json_t *text;

    if (size > 0)
        error[0] = '\0';
    memory_texts(a, &l, partials, &errors);
    l.programs = arena_alloc(a, json_object_size(partials) + 1, sizeof *l.programs);
    json_object_foreach((json_t *)partials, name, text) {
        if (name[0] != '~' && json_is_string(text))
            program_add(&l, name, name, span_of(json_string_value(text)));
    }
    qsort(l.programs, l.program_count, sizeof *l.programs, program_order);
    for (size_t i = 0; i < l.program_count; i++)
        program_compile(a, &l, &l.programs[i], false, &errors);
    program_compile(a, &l, &main, false, &errors);
    if (errors.count > 0)
        return false;
    if (program_render(&l, &main, 330, false, model, (struct cell) { 0 }, out))
        return true;
    errors_add(&errors, main.file, 0, "too deep, or too large");
    return false;
}
