/* The members of a JSON object, as the database's rows and forms are read: 0, "" and
 * false for what lacks or is of another type. */
#ifndef ROW_H
#define ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

static inline int64_t row_int(const json_t *row, const char *key)
{
    return json_integer_value(json_object_get(row, key));
}

static inline bool row_true(const json_t *row, const char *key)
{
    return json_is_true(json_object_get(row, key));
}

static inline bool row_is_null(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    return !value || json_is_null(value);
}

static inline const char *row_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

#endif
