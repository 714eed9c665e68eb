/* The description of the API (SYS-5), made from the route tables alone: paths, fields,
 * answers, who may. */
#include "server/pages/pages.h"

#include "db/base/buf.h"

#include <string.h>

static const char *field_about(enum field_type type)
{
    switch (type) {
    case FIELD_MONEY: return "rupees, as 1234.50";
    case FIELD_QTY: return "a quantity, as 1.5";
    case FIELD_DATE: return "a date, as 2026-11-22";
    case FIELD_MOBILE: return "a mobile number";
    case FIELD_EMAIL: return "an e-mail address";
    case FIELD_CODE: return "digits";
    case FIELD_FILE: return "a file";
    case FIELD_ID: return "an id";
    default: return NULL;
    }
}

static json_t *choices_list(const char *c)
{
    json_t *list = json_array();

    while (*c) {
        size_t n = strcspn(c, " ");

        json_array_append_new(list, json_stringn(c, n));
        c += n + (c[n] == ' ');
    }
    return list;
}

static void limits_add(json_t *schema, const struct field *f)
{
    bool is_text = f->type == FIELD_TEXT || f->type == FIELD_LINES;

    if (is_text)
        json_object_set_new(schema, "maxLength", json_integer(f->max ? f->max : 200));
    if (f->type == FIELD_INT && (f->min || f->max)) {
        json_object_set_new(schema, "minimum", json_integer(f->min));
        if (f->max)
            json_object_set_new(schema, "maximum", json_integer(f->max));
    }
}

static json_t *field_schema(const struct field *f)
{
    bool whole = f->type == FIELD_INT || f->type == FIELD_ID;
    json_t *s = json_pack("{s:s}", "type",
                          f->type == FIELD_BOOL ? "boolean" : whole ? "integer" : "string");
    const char *about = field_about(f->type);

    if (about)
        json_object_set_new(s, "description", json_string(about));
    if (f->type == FIELD_FILE)
        json_object_set_new(s, "format", json_string("binary"));
    if (f->type == FIELD_CHOICE)
        json_object_set_new(s, "enum", choices_list(f->choices));
    limits_add(s, f);
    if (f->each)
        s = json_pack("{s:s,s:o}", "type", "object", "additionalProperties", s);
    return s;
}

/* A path's parameters need names of their own: a second {id} is {id2}. */
static const char *path_named(struct req *r, const char *path, json_t *params)
{
    struct buf b = buf_new(r->arena, 128, 1024);
    int ids = 0;

    for (const char *c = path; *c; c++) {
        size_t n = strcspn(c, "}");
        const char *name;
        bool is_id;

        buf_putc(&b, *c);
        if (*c != '{')
            continue;
        is_id = strncmp(c, "{id}", 4) == 0;
        name = is_id && ids++ ? arena_printf(r->arena, "id%d", ids)
                              : arena_dupn(r->arena, c + 1, n - 1);
        json_array_append_new(
            params, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", name, "in", "path",
                              "required", 1, "schema", "type",
                              is_id ? "integer" : "string"));
        buf_printf(&b, "%s}", name);
        c += n;
    }
    return buf_str(&b);
}

static json_t *parameter(const char *name, const char *in, json_t *schema, const char *about)
{
    return json_pack("{s:s,s:s,s:o,s:s*}", "name", name, "in", in, "schema", schema,
                     "description", about);
}

static void parameters_add(const struct route *t, json_t *params)
{
    for (const struct field *f = t->fields; t->method == GET && f && f->name; f++)
        json_array_append_new(params, parameter(f->name, "query", field_schema(f), NULL));
    if (t->method == GET || t->is_raw)
        return;
    json_array_append_new(
        params, parameter("Idempotency-Key", "header",
                          json_pack("{s:s,s:i}", "type", "string", "maxLength", 255),
                          "The same request sent twice with it has the effect of one"));
    json_array_append_new(
        params, parameter("X-CSRF-Token", "header", json_pack("{s:s}", "type", "string"),
                          "With a session's cookie: the `csrf` of its last JSON answer"));
}

static json_t *body_of(const struct field *f)
{
    json_t *properties = json_object(), *required = json_array(), *schema, *content;
    bool file = false;

    for (; f && f->name; f++) {
        json_object_set_new(properties, f->name, field_schema(f));
        file = file || f->type == FIELD_FILE;
        if (f->required)
            json_array_append_new(required, json_string(f->name));
    }
    schema = json_pack("{s:s,s:o}", "type", "object", "properties", properties);
    content = json_object();
    if (file) {
        json_object_set_new(content, "multipart/form-data",
                            json_pack("{s:O}", "schema", schema));
    } else {
        json_object_set_new(content, "application/json",
                            json_pack("{s:O}", "schema", schema));
        json_object_set_new(content, "application/x-www-form-urlencoded",
                            json_pack("{s:O}", "schema", schema));
    }
    if (json_array_size(required) > 0)
        json_object_set_new(schema, "required", json_incref(required));
    return json_pack("{s:b,s:o}", "required", json_array_size(required) > 0, "content",
                     content);
}

static void answer_add(json_t *answers, const char *status, const char *about,
                       const char *type, const char *schema)
{
    json_t *one = json_pack("{s:s}", "description", about);

    if (type)
        json_object_set_new(one, "content", json_pack("{s:{s:{s:s}}}", type, "schema", "$ref",
                                                      schema));
    json_object_set_new(answers, status, one);
}

static void refusal_add(json_t *answers, const char *status, const char *about)
{
    answer_add(answers, status, about, "application/json", "#/components/schemas/Error");
}

static void done_add(const struct route *t, json_t *answers)
{
    const char *type = t->gives ? t->gives : "application/json";

    if (t->method == GET) {
        answer_add(answers, "200", "What was asked for", type,
                   t->gives ? "#/components/schemas/Bytes" : "#/components/schemas/Page");
        if (!t->gives)
            json_object_set_new(
                json_object_get(json_object_get(answers, "200"), "content"), "text/html",
                json_pack("{s:{s:s}}", "schema", "$ref", "#/components/schemas/Bytes"));
        return;
    }
    answer_add(answers, "200", "Done", type, "#/components/schemas/Done");
    answer_add(answers, "201", "Done, and something was made", type,
               "#/components/schemas/Done");
    answer_add(answers, "303", "Done; where a browser goes on", NULL, NULL);
}

static json_t *answers_of(const struct route *t)
{
    json_t *answers = json_object();

    done_add(t, answers);
    if (t->level != PUBLIC) {
        refusal_add(answers, "401", "Not signed in, or no such token");
        refusal_add(answers, "403", "Not permitted");
    }
    if (strchr(t->path, '{') || t->level == ADMIN)
        refusal_add(answers, "404", "It isn't there, or isn't the account's");
    if (t->method == POST) {
        refusal_add(answers, "400", "The request can't be read");
        refusal_add(answers, "409", "Refused as things stand");
        refusal_add(answers, "413", "Too large");
        refusal_add(answers, "422", "A field is wrong; each with its sentence");
    }
    refusal_add(answers, "429", "Too many requests; see Retry-After");
    refusal_add(answers, "503", "The server can't at the moment; try again");
    refusal_add(answers, "default", "Refused");
    return answers;
}

static json_t *security_of(const struct route *t)
{
    json_t *any = json_pack("[{s:[]}]", "session");

    if (t->module != MOD_NONE)
        json_array_append_new(any, json_pack("{s:[]}", "token"));
    return any;
}

static const char *tag_of(struct req *r, const char *path)
{
    return path[1] ? arena_dupn(r->arena, path + 1, strcspn(path + 1, "/.")) : "home";
}

/* "post /cart/items/{id}" -> "post_cart_items_id". */
static const char *operation_id(struct req *r, const char *method, const char *path)
{
    struct buf b = buf_new(r->arena, 64, 512);

    buf_puts(&b, method);
    for (const char *c = path; *c; c++)
        if (*c == '/' || *c == '.')
            buf_putc(&b, '_');
        else if (*c != '{' && *c != '}')
            buf_putc(&b, *c);
    return buf_str(&b);
}

static void operation_add(struct req *r, const struct route *t, json_t *paths)
{
    json_t *params = json_array(), *op, *path;
    const char *method = t->method == GET ? "get" : "post";
    const char *named = path_named(r, t->path, params);

    parameters_add(t, params);
    op = json_pack("{s:s,s:s,s:[s],s:o,s:o}", "summary", t->about, "operationId",
                   operation_id(r, method, named), "tags", tag_of(r, t->path), "parameters",
                   params, "responses", answers_of(t));
    if (t->method == POST)
        json_object_set_new(op, "requestBody", body_of(t->fields));
    if (t->level != PUBLIC)
        json_object_set_new(op, "security", security_of(t));
    path = json_object_get(paths, named);
    if (!path) {
        path = json_object();
        json_object_set_new(paths, named, path);
    }
    json_object_set_new(path, method, op);
}

static json_t *schemas(void)
{
    return json_pack(
        "{s:{s:s,s:s}, s:{s:s,s:s}, s:{s:s,s:{s:{s:s},s:{s:s},s:{s:s,s:b}}},"
        " s:{s:s,s:[s],s:{s:{s:s,s:[s,s,s],s:{s:{s:s},s:{s:s},s:{s:s,s:{s:s}}}}}}}",
        "Page", "type", "object", "description", "The page's data", "Bytes", "type",
        "string", "description", "As its type says", "Done", "type", "object",
        "properties", "id", "type", "integer", "location", "type", "string", "message",
        "type", "string", "nullable", 1, "Error", "type", "object", "required", "error",
        "properties", "error", "type", "object", "required", "status", "message", "fields",
        "properties", "status", "type", "integer", "message", "type", "string", "fields",
        "type", "object", "additionalProperties", "type", "string");
}

static json_t *components(const struct req *r)
{
    return json_pack(
        "{s:o,s:{s:{s:s,s:s,s:s,s:s}, s:{s:s,s:s,s:s}}}", "schemas", schemas(),
        "securitySchemes", "session", "type", "apiKey", "in", "cookie", "name",
        r->app->secure ? "__Host-session" : "session", "description",
        "A browser's session; changes need X-CSRF-Token", "token", "type", "http", "scheme",
        "bearer", "description",
        "An account's API token, made on /account/tokens; at most 600 requests a minute");
}

static int openapi_show(struct req *r)
{
    json_t *paths = json_object(), *all;
    char *text;

    for (const struct route *const *table = r->app->routes; *table; table++)
        for (const struct route *t = *table; t->path; t++) operation_add(r, t, paths);
    all = json_pack("{s:s,s:{s:s,s:s,s:s},s:[{s:s}],s:o,s:o}", "openapi", "3.0.3", "info",
                    "title", "InviChat", "version", "1", "description",
                    "Every page, with Accept: application/json; and what can be changed.",
                    "servers", "url", r->origin, "paths", paths, "components",
                    components(r));
    text = json_dumps(all, JSON_COMPACT);
    if (!text)
        return reply_error(r, 500);
    return reply_bytes(r, 200, "application/json; charset=utf-8", text, strlen(text), NULL);
}

const struct route openapi_routes[] = {
    { GET, "/openapi.json", MOD_NONE, PUBLIC, openapi_show, NULL, "This description",
      .gives = "application/json" },
    { 0 }
};
