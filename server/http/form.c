/* Parts are collected in an array that doubles. The digest takes each part as name, its
 * length, kind, content, its length: read from the end there is one way to split that, so
 * two different forms can't have the same bytes. */
#include "server/http/body_internal.h"

#include <assert.h>
#include <string.h>

const struct part *form_part(const struct form *form, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < form->count; i++)
        if (form->parts[i].name_len == n && !memcmp(form->parts[i].name, name, n))
            return &form->parts[i];
    return NULL;
}

static void hash_add(struct form_maker *m, const void *bytes, size_t n)
{
    crypto_generichash_update(&m->hash, bytes, n);
}

static void hash_length(struct form_maker *m, uint64_t length)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(length >> (8 * i));
    hash_add(m, bytes, sizeof bytes);
}

void form_start(struct form_maker *m, struct arena *a, const struct body_limits *limits)
{
    memset(m, 0, sizeof *m);
    m->arena = a;
    m->limits = limits;
    crypto_generichash_init(&m->hash, NULL, 0, BODY_DIGEST);
}

enum body_rc form_admit(struct form_maker *m, const struct part *p)
{
    size_t *kept = p->is_file ? &m->files : &m->fields;
    size_t allowed = p->is_file ? m->limits->files : m->limits->fields;

    if (*kept == allowed)
        return BODY_TOO_MANY;
    ++*kept;
    hash_add(m, p->name, p->name_len);
    hash_length(m, p->name_len);
    hash_add(m, p->is_file ? "f" : "v", 1);
    return BODY_OK;
}

void form_content(struct form_maker *m, const char *s, size_t n)
{
    hash_add(m, s, n);
}

void form_add(struct form_maker *m, const struct part *p)
{
    if (m->form.count == m->room) {
        struct part *grown;

        m->room = m->room ? m->room * 2 : 8;
        grown = arena_alloc(m->arena, m->room, sizeof *grown);
        if (m->form.count)
            memcpy(grown, m->form.parts, m->form.count * sizeof *grown);
        m->form.parts = grown;
    }
    m->form.parts[m->form.count++] = *p;
    assert(p->size >= 0);
    hash_length(m, (uint64_t)p->size);
}

void form_end(struct form_maker *m, struct form *out)
{
    crypto_generichash_final(&m->hash, m->form.digest, BODY_DIGEST);
    *out = m->form;
}
