/* For machines: health, metrics, and the description of the API made from the routes. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/setting.h"
#include "server/http/listener.h"

#include <string.h>

static int health_show(struct req *r)
{
    if (setting_reachable(r->db) != DB_OK)
        return reply_error(r, 503);
    return reply_bytes(r, 200, "text/plain; charset=utf-8", "ok\n", 3, NULL);
}

static int metrics_show(struct req *r)
{
    struct buf b = buf_new(r->arena, 1024, 8192);

    buf_printf(&b, "# TYPE invichat_requests_total counter\ninvichat_requests_total %lu\n",
               listener_answered(r->app->listener));
    buf_printf(&b, "# TYPE invichat_requests_busy gauge\ninvichat_requests_busy %d\n",
               listener_busy(r->app->listener));
    buf_printf(&b, "# TYPE invichat_commits_total counter\ninvichat_commits_total %llu\n",
               (unsigned long long)db_file_commits(r->app->db));
    buf_printf(&b, "# TYPE invichat_writers_waiting gauge\ninvichat_writers_waiting %d\n",
               db_file_waiting(r->app->db));
    buf_printf(&b, "# TYPE invichat_log_warnings_total counter\n"
               "invichat_log_warnings_total %lu\n", log_count(LOG_WARN));
    buf_printf(&b, "# TYPE invichat_log_errors_total counter\n"
               "invichat_log_errors_total %lu\n", log_count(LOG_ERROR));
    return reply_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", b.data, b.len,
                       NULL);
}

static const char *field_format(enum field_type type)
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

static json_t *field_schema(const struct field *f)
{
    bool whole = f->type == FIELD_INT || f->type == FIELD_ID;
    json_t *s = json_pack("{s:s}", "type",
                          f->type == FIELD_BOOL ? "boolean" : whole ? "integer" : "string");
    const char *format = field_format(f->type);

    if (format)
        json_object_set_new(s, "description", json_string(format));
    if (f->type == FIELD_FILE)
        json_object_set_new(s, "format", json_string("binary"));
    if (f->type == FIELD_CHOICE) {
        json_t *list = json_array();

        for (const char *c = f->choices; *c;) {
            size_t n = strcspn(c, " ");

            json_array_append_new(list, json_stringn(c, n));
            c += n + (c[n] == ' ');
        }
        json_object_set_new(s, "enum", list);
    }
    if (f->each)
        s = json_pack("{s:s,s:o}", "type", "object", "additionalProperties", s);
    return s;
}

/* The path's own parameters: {id}, then {id2} when a path has two. */
static json_t *path_params(struct req *r, const char *path)
{
    json_t *list = json_array();

    for (const char *c = path; (c = strchr(c, '{')); c++) {
        const char *name = arena_dupn(r->arena, c + 1, strcspn(c + 1, "}"));

        json_array_append_new(
            list, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", name, "in", "path", "required",
                            1, "schema", "type",
                            strcmp(name, "id") == 0 ? "integer" : "string"));
    }
    return list;
}

static json_t *body_schema(const struct field *f)
{
    json_t *properties = json_object(), *required = json_array(), *schema;
    bool file = false;

    for (; f->name; f++) {
        json_object_set_new(properties, f->name, field_schema(f));
        file = file || f->type == FIELD_FILE;
        if (f->required)
            json_array_append_new(required, json_string(f->name));
    }
    schema = json_pack("{s:s,s:o}", "type", "object", "properties", properties);
    if (json_array_size(required) > 0)
        json_object_set_new(schema, "required", required);
    return json_pack("{s:{s:{s:o}}}", "content",
                     file ? "multipart/form-data" : "application/json", "schema", schema);
}

static json_t *operation(struct req *r, const struct route *t)
{
    json_t *params = path_params(r, t->path), *op;

    for (const struct field *f = t->fields; t->method == GET && f && f->name; f++)
        json_array_append_new(params, json_pack("{s:s,s:s,s:o}", "name", f->name, "in",
                                                "query", "schema", field_schema(f)));
    op = json_pack("{s:s,s:o,s:{s:{s:s},s:{s:s}}}", "summary", t->about, "parameters", params,
                   "responses", t->method == POST ? "201" : "200", "description",
                   t->method == POST ? "Done" : "The page's data", "default", "description",
                   "Refused, with error.status, error.message and error.fields");
    if (t->method == POST && t->fields)
        json_object_set_new(op, "requestBody", body_schema(t->fields));
    if (t->level != PUBLIC)
        json_object_set_new(op, "security", json_pack("[{s:[]}]", "session"));
    return op;
}

static int openapi_show(struct req *r)
{
    json_t *paths = json_object(), *all;
    char *text;

    for (const struct route *const *table = r->app->routes; *table; table++)
        for (const struct route *t = *table; t->path; t++) {
            json_t *path = json_object_get(paths, t->path);

            if (!path) {
                path = json_object();
                json_object_set_new(paths, t->path, path);
            }
            json_object_set_new(path, t->method == GET ? "get" : "post", operation(r, t));
        }
    all = json_pack("{s:s,s:{s:s,s:s},s:o,s:{s:{s:{s:s,s:s,s:s}}}}", "openapi", "3.0.3",
                    "info", "title", "InviChat", "version", "1", "paths", paths,
                    "components", "securitySchemes", "session", "type", "apiKey", "in",
                    "cookie", "name", "session");
    text = json_dumps(all, JSON_COMPACT);
    if (!text)
        return reply_error(r, 500);
    return reply_bytes(r, 200, "application/json; charset=utf-8", text, strlen(text), NULL);
}

const struct route system_routes[] = {
    { GET, "/healthz", MOD_NONE, PUBLIC, health_show, NULL, "Whether the server works" },
    { GET, "/metrics", MOD_NONE, PUBLIC, metrics_show, NULL, "Counters, as Prometheus text" },
    { GET, "/openapi.json", MOD_NONE, PUBLIC, openapi_show, NULL, "This description" },
    { 0 }
};
