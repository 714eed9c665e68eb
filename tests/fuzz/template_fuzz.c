/* Templates of strangers don't exist, but their parts do: whatever is compiled here must
 * end in a page or an error. A byte behind "\0" chooses a text instead of a template. */
#include "server/http/template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char model_text[] =
    "{\"a\": {\"b\": {\"c\": \"x<&>\"}}, \"n\": 1, \"zero\": 0, \"t\": true, \"f\": "
    "false,"
    " \"s\": \"text\", \"p\": \"part\", \"r\": 1.25, \"ms\": 1795345200000,"
    " \"big\": 9223372036854775807, \"small\": -9223372036854775808, \"null\": null,"
    " \"list\": [1, \"two\", {\"n\": 2, \"list\": [3, 4]}, []], \"empty\": [], \"k\": "
    "\"two\"}";

static const char partials_text[] =
    "{\"part\": \"<p>\\n  {{$b}}\\n    d\\n  {{/b}}\\n</p>\\n\","
    " \"self\": \"{{>self}}{{#list}}{{>self}}{{/list}}\","
    " \"wide\": \"{{#list}}{{#list}}{{n}}{{#list}}{{.}}{{/list}}{{/list}}{{/list}}\","
    " \"child\": \"{{<part}}{{$b}}{{$in}}\\n   x{{/in}}{{/b}}{{/part}}\","
    " \"~one\": \"plain & simple\", \"~two\": {\"one\": \"{n} x\", \"other\": \"{n|qty} "
    "y\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static json_t *model, *fixed;
    struct arena *a = arena_new();
    struct buf out = buf_new(a, 64, 1 << 16);
    char error[256];
    const char *text = arena_dupn(a, (const char *)data, size);
    const char *second = text + strlen(text);
    json_t *partials;

    if (!model) {
        model = json_loads(model_text, 0, NULL);
        fixed = json_loads(partials_text, 0, NULL);
        if (!model || !fixed)
            abort();
    }
    partials = json_copy(fixed);
    if (second < text + size) {
        json_object_set_new(partials, "fuzz", json_string(second + 1));
        json_object_set_new(partials, "~fuzz", json_string(second + 1));
    }
    template_render_string(a, text, partials, model, &out, error, sizeof error);
    json_decref(partials);
    arena_free(a);
    return 0;
}
