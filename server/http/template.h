/* Mustache templates, compiled once per language (mustache.5, and the specification's
 * required modules plus dynamic names and inheritance).
 *
 * Beyond the specification:
 *   {{~key}}        the text `key` of the language, escaped: it holds no markup. `{name}`
 *                   in it is replaced by the escaped value found in the context,
 *                   `{name|money}` formatted. A text that is an object {"one": ...,
 *                   "other": ...} is chosen by `n` in the context ("one" for 1, in Hindi
 *                   for 0 too).
 *   {{~*name}}      the text whose key is the value of `name` in the context; empty when
 *                   the value is missing, and the value itself when it is no text's key.
 *   {{name|money}}  a formatted value, by one of these filters:
 *                   money   paise: ₹1,23,456.50, and ₹240 when there are no paise
 *                   rupees  paise: 1,23,456.50
 *                   qty     thousandths: 1.5
 *                   time    milliseconds: Sun 22 Nov, 4:30 pm
 *                   date    milliseconds: Sun 22 Nov 2026
 *                   day     milliseconds: 22 Nov
 *                   phone   text with numbers of India in it: +91 98765 43210
 *                   url     percent-encoded
 *                   json    safe in <script> too, as {{{name|json}}}
 *                   A value that a filter isn't for (what was typed into a field, say) is
 *                   shown as it is.
 *
 * False are: missing, null, false, 0, "" and the empty list. Values are escaped for HTML
 * unless {{{name}}} or {{&name}}. Integers print as such, true and false by name, objects
 * and lists not at all. A parent tag stands alone on its line although it holds blocks.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "db/base/buf.h"
#include "db/base/cell.h"

#include <jansson.h>
#include <stdbool.h>

/* All templates and texts of all languages; read-only, shared by threads. */
struct templates;

/* Compiles every template and text of the program (asset.h). On failure NULL, and `error`
 * (of `size` bytes) says file, line and cause, a line for each error as far as they fit.
 * A text or partial that a template names and that is missing is an error, and so is a
 * text that one language has and another has not. */
struct templates *templates_load(char *error, size_t size);
void templates_free(struct templates *t);

/* Renders template `name` ("orders/show": templates/orders/show.html) over `model` in the
 * language `lang` ("en", "hi"; an unknown one is "en"). `zone_minutes`: east of UTC.
 * What the model lacks is looked for in `rows`, a CELL_ROW (CELL_NONE: there are none):
 * the long lists of a page. False when there is no such template, the buffer is full, or
 * sections and partials are more than 64 deep in each other. */
bool template_render(const struct templates *t, const char *name, const char *lang,
                     int zone_minutes, const json_t *model, struct cell rows,
                     struct buf *out);

/* The text `key` in `lang`, its {names} filled in from `args` (may be NULL), not escaped:
 * for messages outside of pages. A missing key is answered with the key itself. Borrowed
 * from the arena. */
const char *text_get(const struct templates *t, struct arena *a, const char *lang,
                     const char *key, int zone_minutes, const json_t *args);
bool text_exists(const struct templates *t, const char *key);

/* The languages that have a file templates/text/<lang>.json: a NULL-terminated list. */
const char *const *text_languages(const struct templates *t);

/* For tests and tools: one template from memory, with partials from an object of name ->
 * source; those whose names begin with "~" are texts. The zone is India. False on an
 * error, which `error` explains. */
bool template_render_string(struct arena *a, const char *source, const json_t *partials,
                            const json_t *model, struct buf *out, char *error,
                            size_t size);

#endif
