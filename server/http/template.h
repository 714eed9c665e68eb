/* Mustache templates, compiled once per language (mustache.5, and the specification's
 * required modules plus dynamic names and inheritance).
 *
 * Beyond the specification:
 *   {{~key}}          the text `key` of the language. `{name}` in a text is replaced by the
 *                     escaped value found in the context, `{name|money}` formatted. A text
 *                     that is an object {"one": ..., "other": ...} is chosen by `n` in the
 *                     context (both languages: "one" for 1, Hindi also for 0).
 *   {{~*name}}        the text whose key is the value of `name` in the context; empty when
 *                     the value is missing.
 *   {{name|money}}    a formatted value: money (paise -> ₹1,23,456.50), rupees (paise ->
 *                     1,23,456.50), qty (thousandths -> 1.5), time, date, day (milliseconds
 *                     -> "Sun 22 Nov, 4:30 pm", "Sun 22 Nov 2026", "22 Nov"; the zone and
 *                     the language's month names), url (percent-encoded), json.
 * False are: missing, null, false, 0, "" and the empty list. Values are escaped for HTML
 * unless {{{name}}} or {{&name}}. Integers print as such. */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "db/base/buf.h"

#include <jansson.h>
#include <stdbool.h>

struct templates; /* all templates and texts of all languages; read-only, shared by threads */

/* Compiles every template and text of the program (asset.h). On failure NULL, and `error`
 * (of `size` bytes) says file, line and cause. */
struct templates *templates_load(char *error, size_t size);
void templates_free(struct templates *t);

/* Renders template `name` ("orders/show": templates/orders/show.html) over `model` in the
 * language `lang` ("en", "hi"; an unknown one is "en"). `zone_minutes`: east of UTC. False
 * when there is no such template or the buffer is full. */
bool template_render(const struct templates *t, const char *name, const char *lang,
                     int zone_minutes, const json_t *model, struct buf *out);

/* The text `key` in `lang`, its {names} filled in from `args` (may be NULL), not escaped:
 * for messages outside of pages. A missing key is answered with the key itself. Borrowed
 * from the arena. */
const char *text_get(const struct templates *t, struct arena *a, const char *lang,
                     const char *key, int zone_minutes, const json_t *args);
bool text_exists(const struct templates *t, const char *key);

/* The languages that have a file templates/text/<lang>.json: a NULL-terminated list. */
const char *const *text_languages(const struct templates *t);

/* For tests and tools: one template from memory, with partials from an object of name ->
 * source. False on a syntax error, which `error` explains. */
bool template_render_string(struct arena *a, const char *source, const json_t *partials,
                            const json_t *model, struct buf *out, char *error, size_t size);

#endif
