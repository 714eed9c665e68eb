/* Any bytes as a JSON body. What is accepted is walked: within the limits, every text
 * valid; written out and read again it is the same. */
#include "server/http/body.h"

#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct body_limits limits = { .bytes = 65536,
                                           .fields = 500,
                                           .json_depth = 12 };

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static size_t json_walk(json_t *json, size_t depth)
{
    const char *key;
    json_t *value;
    size_t i, values = 1;

    if (json_is_object(json) || json_is_array(json))
        expect(depth < limits.json_depth);
    json_object_foreach(json, key, value)
    {
        expect(text_valid(key, strlen(key)));
        values += json_walk(value, depth + 1);
    }
    json_array_foreach(json, i, value) values += json_walk(value, depth + 1);
    if (json_is_string(json)) {
        const char *s = json_string_value(json);

        expect(strlen(s) == json_string_length(json) && text_valid(s, strlen(s)));
    }
    if (json_is_real(json))
        expect(json_real_value(json) - json_real_value(json) == 0);
    return values;
}

static void json_check(struct arena *a, const char *text, size_t size)
{
    json_t *json, *again;

    if (json_body_parse(a, text, size, &limits, &json) != BODY_OK) {
        expect(!json);
        return;
    }
    expect(json_is_object(json) && json_walk(json, 0) <= 2 * limits.fields);
    again = json_loads(json_dumps(json, JSON_COMPACT), JSON_REJECT_DUPLICATES, NULL);
    expect(json_equal(json, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool hooked;
    struct arena *a = arena_new();

    if (!hooked)
        arena_json_init();
    hooked = true;
    arena_json(a);
    json_check(a, arena_dupn(a, (const char *)data, size), size);
    arena_json(NULL);
    arena_free(a);
    return 0;
}
