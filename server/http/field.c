/* Declared fields: text of strangers to typed values. Each wrong one gets a sentence that
 * says what to do; the texts are "field.*", with the field's label unknown here, so the
 * sentences stand beside the field. */
#include "server/http/http.h"

#include "db/base/clock.h"
#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 200, FILE_MAX = 16 * 1024 * 1024, VALUES_MAX = 400 };

void req_error(struct req *r, const char *field, const char *text)
{
    if (r->error_count < REQ_ERRORS)
        r->errors[r->error_count++] = (struct form_error){ field, text };
}

static void wrong(struct req *r, const char *name, const char *key, int64_t n)
{
    req_error(r, name, req_say(r, key, json_pack("{s:I}", "n", (json_int_t)n)));
}

static bool is_listed(const char *choices, const char *value)
{
    size_t n = strlen(value);

    for (const char *c = choices; *c && n > 0;) {
        size_t len = strcspn(c, " ");

        if (len == n && memcmp(c, value, n) == 0)
            return true;
        c += len + (c[len] == ' ');
    }
    return false;
}

/* Of money and quantities only one end is said: the other is a number that nobody types. */
static const char *range_key(const struct field *f, bool is_below)
{
    if (f->type != FIELD_MONEY && f->type != FIELD_QTY)
        return "field.number_range";
    if (is_below)
        return f->min > 0 ? "field.above_zero" : "field.not_below_zero";
    return f->type == FIELD_MONEY ? "field.money_most" : "field.qty_most";
}

static void number_read(struct req *r, const struct field *f, const char *name,
                        struct field_value *v)
{
    int decimals = f->type == FIELD_MONEY ? 2 : f->type == FIELD_QTY ? 3 : 0;
    const char *key = f->type == FIELD_MONEY ? "field.money"
                      : f->type == FIELD_QTY ? "field.qty"
                                             : "field.number";

    if (!text_number(v->text, decimals, decimals, &v->number)) {
        wrong(r, name, key, 0);
    } else if ((f->min || f->max) &&
               (v->number < f->min || (f->max && v->number > f->max))) {
        req_error(r, name,
                  req_say(r, range_key(f, v->number < f->min),
                          json_pack("{s:I,s:I}", "min", (json_int_t)f->min, "max",
                                    (json_int_t)f->max)));
    }
}

static void digits_read(struct req *r, const char *name, struct field_value *v)
{
    char *digits = arena_alloc(r->arena, strlen(v->text) + 1, 1);
    size_t n = 0;

    for (const char *s = text_digits(r->arena, v->text); *s; s++) {
        if (*s >= '0' && *s <= '9')
            digits[n++] = *s;
        else if (*s != ' ' && *s != '-')
            n = 99;
        if (n > 12)
            break;
    }
    if (n == 0 || n > 12)
        wrong(r, name, "field.code", 0);
    v->text = digits;
}

/* One value that is there: `v->text` is what was typed, trimmed. */
static void value_read(struct req *r, const struct field *f, const char *name,
                       struct field_value *v)
{
    const char *text = v->text;

    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LINES:
        if (text_chars(text) > (size_t)(f->max ? f->max : TEXT_MAX))
            wrong(r, name, "field.too_long", f->max ? f->max : TEXT_MAX);
        else if (text_chars(text) < (size_t)f->min)
            wrong(r, name, "field.too_short", f->min);
        break;
    case FIELD_ID:
    case FIELD_INT:
    case FIELD_MONEY:
    case FIELD_QTY: number_read(r, f, name, v); break;
    case FIELD_DATE:
        if (!clock_parse_date(text_digits(r->arena, text), r->zone, &v->number))
            wrong(r, name, "field.date", 0);
        break;
    case FIELD_BOOL: v->number = strcmp(text, "0") != 0 && strcmp(text, "false") != 0; break;
    case FIELD_CHOICE:
        if (!is_listed(f->choices, text))
            wrong(r, name, "field.choice", 0);
        break;
    case FIELD_MOBILE:
        if (!(v->text = text_mobile(r->arena, text)))
            wrong(r, name, "field.mobile", 0);
        break;
    case FIELD_EMAIL:
        if (!(v->text = text_email(r->arena, text)))
            wrong(r, name, "field.email", 0);
        break;
    case FIELD_CODE: digits_read(r, name, v); break;
    case FIELD_FILE: break;
    }
    if (!v->text)
        v->text = "";
}

static void value_add(struct req *r, const struct field *f, const char *name, int64_t id,
                      const char *text, size_t n)
{
    struct field_value *v;
    int errors = r->error_count;

    if (r->value_count >= VALUES_MAX) {
        wrong(r, name, "field.too_many", VALUES_MAX);
        return;
    }
    v = &r->values[r->value_count];
    *v = (struct field_value){ .field = f, .id = id };
    v->text = text_trim(r->arena, text, n, f->type == FIELD_LINES);
    json_object_set_new(r->typed, name, json_string(v->text));
    if (!*v->text)
        return;
    r->value_count++;
    value_read(r, f, name, v);
    if (r->method == GET && r->error_count > errors) { /* a filter without sense is none */
        r->error_count = errors;
        r->value_count--;
    }
}

static void file_add(struct req *r, const struct field *f, const struct part *part)
{
    if (r->value_count >= VALUES_MAX)
        return;
    if (part->size > (f->max ? f->max : FILE_MAX)) {
        wrong(r, f->name, "field.file_large", (f->max ? f->max : FILE_MAX) / 1048576);
        return;
    }
    r->values[r->value_count++] =
        (struct field_value){ .field = f, .file = part, .text = part->file_name };
}

/* "accepted[12]" is row 12 of `accepted`; 0 when it isn't. */
static int64_t row_id(const struct field *f, const char *name)
{
    size_t n = strlen(f->name);
    char *end;
    long long id;

    if (strncmp(name, f->name, n) != 0 || name[n] != '[')
        return 0;
    id = strtoll(name + n + 1, &end, 10);
    return strcmp(end, "]") == 0 && id > 0 ? id : 0;
}

static void field_from_form(struct req *r, const struct field *f)
{
    bool taken = false;

    for (size_t i = 0; i < r->form->count; i++) {
        const struct part *p = &r->form->parts[i];
        int64_t id = f->each ? row_id(f, p->name) : 0;

        if (!id && (strcmp(p->name, f->name) != 0 || (taken && !f->each)))
            continue;
        taken = true;
        if (f->type == FIELD_FILE && p->is_file)
            file_add(r, f, p);
        else if (f->type != FIELD_FILE && !p->is_file)
            value_add(r, f, p->name, id, p->value, p->value_len);
    }
}

/* A JSON value as a person would have typed it; NULL for what no field takes. */
static const char *json_typed(struct req *r, const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_STRING: return json_string_value(v);
    case JSON_INTEGER:
        return arena_printf(r->arena, "%lld", (long long)json_integer_value(v));
    case JSON_REAL: return arena_printf(r->arena, "%.15g", json_real_value(v));
    case JSON_TRUE: return "1";
    case JSON_FALSE: return "0";
    case JSON_NULL: return "";
    default: return NULL;
    }
}

static void json_add(struct req *r, const struct field *f, const char *name, int64_t id,
                     const json_t *v)
{
    const char *text = json_typed(r, v);

    if (text)
        value_add(r, f, name, id, text, strlen(text));
    else
        wrong(r, name, "field.choice", 0);
}

static void field_from_json(struct req *r, const struct field *f, const json_t *json)
{
    json_t *v = json_object_get(json, f->name), *item;
    const char *key;
    size_t i;

    if (!v || f->type == FIELD_FILE)
        return;
    if (f->each && json_is_object(v)) {
        json_object_foreach(v, key, item)
        {
            const char *name = arena_printf(r->arena, "%s[%s]", f->name, key);

            if (row_id(f, name))
                json_add(r, f, name, row_id(f, name), item);
        }
    } else if (f->each && json_is_array(v)) {
        json_array_foreach(v, i, item) json_add(r, f, f->name, 0, item);
    } else {
        json_add(r, f, f->name, 0, v);
    }
}

/* In the summary above the form nothing has its label beside it. */
static const char *missing_text_key(const char *name, const char *other)
{
    static const char *const keys[] = {
        "field.required_name",       "field.required_address",    "field.required_email",
        "field.required_trade_name", "field.required_reason",     "field.required_unit",
        "field.required_password",   "field.required_state_code", "field.required_url",
        "field.required_pay"
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i] + strlen("field.required_"), name) == 0)
            return keys[i];
    return other;
}

static const char *missing_key(const struct field *f)
{
    switch (f->type) {
    case FIELD_CHOICE:
    case FIELD_ID: return missing_text_key(f->name, "field.choose");
    case FIELD_MOBILE: return "field.mobile";
    case FIELD_CODE: return "field.code";
    case FIELD_MONEY: return "field.money";
    case FIELD_QTY: return "field.qty";
    case FIELD_FILE: return "field.file";
    default: return missing_text_key(f->name, "field.required");
    }
}

void fields_read(struct req *r, const json_t *json)
{
    r->values = arena_bytes(r->arena, VALUES_MAX * sizeof *r->values); /* 16 KB, mostly unused */
    for (const struct field *f = r->route->fields; f && f->name; f++) {
        int before = r->value_count, errors = r->error_count;

        if (json)
            field_from_json(r, f, json);
        else if (r->form)
            field_from_form(r, f);
        if (f->required && r->value_count == before && r->error_count == errors)
            wrong(r, f->name, missing_key(f), 0);
    }
}

const struct field_value *req_each(const struct req *r, const char *name, int i)
{
    for (int k = 0; k < r->value_count; k++)
        if (strcmp(r->values[k].field->name, name) == 0 && i-- == 0)
            return &r->values[k];
    return NULL;
}

bool req_has(const struct req *r, const char *name)
{
    return req_each(r, name, 0) != NULL;
}

int64_t req_int(const struct req *r, const char *name)
{
    const struct field_value *v = req_each(r, name, 0);

    return v ? v->number : 0;
}

const char *req_text(const struct req *r, const char *name)
{
    const struct field_value *v = req_each(r, name, 0);

    return v ? v->text : "";
}

bool req_is(const struct req *r, const char *name, const char *choice)
{
    return strcmp(req_text(r, name), choice) == 0;
}

const struct part *req_file(const struct req *r, const char *name)
{
    const struct field_value *v = req_each(r, name, 0);

    return v ? v->file : NULL;
}
