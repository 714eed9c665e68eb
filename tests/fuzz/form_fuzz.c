/* Any bytes as a form, a query, a path segment and the values of headers. Besides memory
 * errors it looks for results that break what the headers promise. */
#include "server/http/body.h"
#include "server/http/header.h"

#include "db/base/text.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct body_limits limits = {
    .bytes = 4096, .fields = 20, .name = 32, .value = 256
};

static void expect(bool ok)
{
    if (!ok)
        abort();
}

static void form_check(const struct form *form)
{
    expect(form->count <= limits.fields);
    for (size_t i = 0; i < form->count; i++) {
        const struct part *p = &form->parts[i];

        expect(p->name_len && p->name_len <= limits.name && p->value_len <= limits.value);
        expect(strlen(p->name) == p->name_len && strlen(p->value) == p->value_len);
        expect(text_valid(p->name, p->name_len) && text_valid(p->value, p->value_len));
        expect(!p->is_file && !p->path && (size_t)p->size == p->value_len);
        expect(form_part(form, p->name) != NULL);
    }
}

static void headers_check(struct arena *a, const char *text, size_t n)
{
    static const char *const languages[] = { "en", "hi", NULL };
    const char *cookie = cookie_find(a, text, "sid");
    const char *language = accept_language(text, languages);
    const char *at = text;
    struct header_param param;

    expect(!cookie || text_valid(cookie, strlen(cookie)));
    expect(language == languages[0] || language == languages[1]);
    (void)header_token_list_has(text, "gzip");
    while (header_param_next(a, &at, text + n, &param) == HEADER_OK)
        expect(at <= text + n && param.name_len > 0);
    expect(strlen(forwarded_client(a, "127.0.0.1", text, "127.0.0.0/8,::1")) < 64);
    expect(forwarded_client(a, text, "6.6.6.6, 7.7.7.7", "::/0") != NULL);
    (void)forwarded_client(a, "127.0.0.1", "6.6.6.6", text);
    (void)forwarded_list_valid(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a;
    struct form form, query;
    char *text, *segment;

    if (sodium_init() < 0)
        abort();
    a = arena_new();
    text = arena_dupn(a, (const char *)data, size);
    if (urlencoded_parse(a, text, size, &limits, &form) == BODY_OK) {
        form_check(&form);
        if (strlen(text) == size) {
            expect(query_parse(a, text, &limits, &query) == BODY_OK);
            expect(!memcmp(form.digest, query.digest, BODY_DIGEST));
        }
    }
    segment = path_decode(a, text, size);
    if (segment) {
        expect(text_valid(segment, strlen(segment)) && !strpbrk(segment, "/\\"));
        expect(strcmp(segment, ".") && strcmp(segment, ".."));
    }
    headers_check(a, text, strlen(text));
    arena_free(a);
    return 0;
}
