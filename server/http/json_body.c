/* Two passes: brackets and commas are counted outside of strings before jansson builds
 * anything, so that a small body can't grow into a deep or a huge tree; then the strings
 * that came out of escapes are checked like any other text. */
#include "server/http/body.h"

#include "db/base/text.h"

#include <string.h>

/* The index of the quote that ends the string which starts behind `i`; n when none. */
static size_t string_end(const char *s, size_t n, size_t i)
{
    while (i < n && s[i] != '"')
        i += s[i] == '\\' ? 2 : 1;
    return i < n ? i : n;
}

static enum body_rc json_scan(const char *s, size_t n, const struct body_limits *limits)
{
    size_t depth = 0, values = 0;

    for (size_t i = 0; i < n; i++) {
        switch (s[i]) {
        case '"': i = string_end(s, n, i + 1); break;
        case '{':
        case '[':
            values++;
            if (++depth > limits->json_depth)
                return BODY_TOO_MANY;
            break;
        case '}':
        case ']':
            if (depth-- == 0)
                return BODY_MALFORMED;
            break;
        case ',': values++; break;
        default: break;
        }
        if (values > limits->fields)
            return BODY_TOO_MANY;
    }
    return depth ? BODY_MALFORMED : BODY_OK;
}

/* Recursion is bounded by json_scan(). */
static bool strings_valid(json_t *json)
{
    const char *key;
    json_t *value;
    size_t i;

    switch (json_typeof(json)) {
    case JSON_OBJECT:
        json_object_foreach(json, key, value) if (!text_valid(key, strlen(key)) ||
                                                  !strings_valid(value)) return false;
        return true;
    case JSON_ARRAY:
        json_array_foreach(json, i, value) if (!strings_valid(value)) return false;
        return true;
    case JSON_STRING:
        return text_valid(json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
    case JSON_REAL:
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL: break;
    }
    return true;
}

static void json_release(void *json)
{
    json_decref(json);
}

enum body_rc json_body_parse(struct arena *a, const char *s, size_t n,
                             const struct body_limits *limits, json_t **out)
{
    enum body_rc rc;
    json_error_t error;
    json_t *json;

    *out = NULL;
    if (n > limits->bytes)
        return BODY_TOO_LARGE;
    if (!text_valid(s, n))
        return BODY_MALFORMED;
    rc = json_scan(s, n, limits);
    if (rc != BODY_OK)
        return rc;
    json = json_loadb(s, n, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return BODY_MALFORMED;
    /* With arena_json() set the tree is the arena's already; without, it is the heap's.
     */
    if (!arena_owns(a, json))
        arena_defer(a, json_release, json);
    if (!json_is_object(json) || !strings_valid(json))
        return BODY_MALFORMED;
    *out = json;
    return BODY_OK;
}
