/* Replies. A page is its view model over a template; the same model is the JSON answer. A
 * form that was refused is shown again by the route's form page, with its errors. */
#include "server/http/http.h"

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/base/text.h"
#include "server/http/gzip.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_MAX = 8 << 20, GZIP_FROM = 1400, MEDIA_MAX = 8 << 20 };

#define JSON_TYPE "application/json; charset=utf-8"

const char *req_say(struct req *r, const char *key, const json_t *args)
{
    return text_get(r->app->templates, r->arena, r->lang, key, r->zone, args);
}

void reply_header(struct req *r, const char *name, const char *value)
{
    if (!r->extra) {
        r->extra = arena_alloc(r->arena, 1, sizeof *r->extra);
        *r->extra = buf_new(r->arena, 256, 16384);
    }
    buf_printf(r->extra, "%s: ", name);
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c >= ' ' && *c != 127)
            buf_putc(r->extra, *c);
    buf_puts(r->extra, "\r\n");
}

void reply_cookie(struct req *r, const char *name, const char *value, int64_t seconds)
{
    reply_header(r, "Set-Cookie",
                 arena_printf(r->arena, "%s%s=%s; Path=/; Max-Age=%lld; HttpOnly;"
                              " SameSite=Lax%s", r->app->secure ? "__Host-" : "", name,
                              value, (long long)seconds, r->app->secure ? "; Secure" : ""));
}

/* Compresses where it is worth it. */
static void body_set(struct req *r, int status, const char *type, const char *body,
                     size_t size)
{
    char *small;
    size_t n;

    r->reply.status = status;
    r->reply.type = type;
    r->reply.body = body;
    r->reply.size = size;
    if (r->takes_gzip && size >= GZIP_FROM && gzip_bytes(r->arena, body, size, 1, &small, &n)) {
        r->reply.body = small;
        r->reply.size = n;
        r->reply.is_gzip = true;
    }
}

void reply_list(struct req *r, const char *name, struct cell rows)
{
    assert(r->list_count < REQ_LISTS);
    r->list_names[r->list_count] = name;
    r->lists[r->list_count++] = rows;
}

static struct cell lists_row(struct req *r)
{
    if (r->list_count == 0)
        return (struct cell) { .kind = CELL_NONE };
    return (struct cell) { .kind = CELL_ROW,
                           .cells = r->lists,
                           .shape = shape_new(r->arena, r->list_names, r->list_count) };
}

static int reply_json(struct req *r, int status, json_t *model)
{
    char *text;

    for (size_t i = 0; i < r->list_count; i++)
        json_object_set_new(model, r->list_names[i], cell_to_json(r->lists[i]));
    if (r->signed_in && !r->via_token)
        json_object_set_new(model, "csrf", json_string(r->csrf));
    text = json_dumps(model, JSON_COMPACT);
    if (!text)
        return reply_error(r, 500);
    body_set(r, status, JSON_TYPE, text, strlen(text));
    return status;
}

int reply_render(struct req *r, int status, const char *template, json_t *model)
{
    size_t size = r->list_count > 0 ? 64 * 1024 : 32 * 1024;
    struct buf page = buf_new(r->arena, size, PAGE_MAX);

    page.len = REPLY_ROOM;
    if (!template_render(r->app->templates, template, r->lang, r->zone, model,
                         lists_row(r), &page)) {
        log_error("render failed template=%s", template);
        r->reply.status = 500;
        r->reply.body = "";
        r->reply.size = 0;
        return 500;
    }
    r->reply.room = page.data;
    body_set(r, status, "text/html; charset=utf-8", page.data + REPLY_ROOM,
             page.len - REPLY_ROOM);
    return status;
}

static json_t *errors_list(struct req *r)
{
    json_t *list = json_array();

    for (int i = 0; i < r->error_count; i++)
        json_array_append_new(list, json_pack("{s:s?,s:s}", "field", r->errors[i].field,
                                              "text", r->errors[i].text));
    return list;
}

/* The form's part of a model: what was typed over the first values, errors by field. */
static void model_form(struct req *r, json_t *model)
{
    json_t *f = json_object_get(model, "f"), *e = json_object();

    if (!f) {
        f = json_object();
        json_object_set_new(model, "f", f);
    }
    json_object_update(f, r->typed);
    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field)
            json_object_set_new(e, r->errors[i].field, json_string(r->errors[i].text));
    json_object_set_new(model, "e", e);
    json_object_set_new(model, "errors", errors_list(r));
    json_object_set_new(model, "has_errors", json_boolean(r->error_count > 0));
}

int reply_page(struct req *r, int status, const char *template, json_t *model)
{
    if (!model)
        return reply_error(r, 500);
    if (r->error_count > 0 && status < 400)
        status = r->reply.status >= 400 ? r->reply.status : 422;
    if (r->wants_json && r->error_count == 0)
        return reply_json(r, status, model);
    model_form(r, model);
    json_object_set_new(model, "page", view_page(r));
    return reply_render(r, status, template, model);
}

void reply_inline_style(struct req *r)
{
    r->reply.csp = arena_printf(r->arena,
                                "default-src 'self'; style-src 'self' 'sha256-%s'; img-src"
                                " 'self' data:; object-src 'none'; base-uri 'none';"
                                " frame-ancestors 'none'; form-action 'self'",
                                r->app->css_hash);
}

int reply_public_page(struct req *r, int status, const char *template, json_t *model,
                      const char *path)
{
    json_t *page;

    if (!model)
        return reply_error(r, 500);
    if (r->wants_json)
        return reply_json(r, status, model);
    page = view_public(r, path);
    view_style(r, page);
    /* One request less before all is there: the drawings come with the page. */
    json_object_set_new(page, "icons", json_string_nocheck(r->app->icons));
    json_object_set_new(page, "icons_url", json_string(""));
    json_object_set_new(model, "page", page);
    r->reply.cache = "no-cache";
    return reply_render(r, status, template, model);
}

int reply_piece(struct req *r, const char *template, json_t *model, const char *etag)
{
    json_t *page;

    if (!model)
        return reply_error(r, 500);
    if (r->wants_json)
        return reply_json(r, 200, model);
    page = view_public(r, r->path);
    if (r->route->level == PUBLIC) /* a page for anyone has the drawings in it */
        json_object_set_new(page, "icons_url", json_string(""));
    json_object_set_new(model, "page", page);
    if (reply_render(r, 200, template, model) != 200)
        return 500;
    return reply_bytes(r, 200, r->reply.type, r->reply.body, r->reply.size, etag);
}

/* {1}, {2}: the path's arguments; {made}: what was made; {undo}: what undoes it. */
static const char *path_filled(struct req *r, const char *pattern, int64_t made)
{
    struct buf b = buf_new(r->arena, 128, 2048);

    for (const char *c = pattern; *c; c++) {
        if (strncmp(c, "{made}", 6) == 0) {
            buf_int(&b, made);
            c += 5;
        } else if (strncmp(c, "{undo}", 6) == 0) {
            buf_int(&b, r->undo_id);
            c += 5;
        } else if (*c == '{' && c[1] >= '1' && c[1] <= '4' && c[2] == '}') {
            const char *arg = req_arg(r, c[1] - '1');

            buf_url(&b, arg, strlen(arg));
            c += 2;
        } else {
            buf_putc(&b, *c);
        }
    }
    return buf_str(&b);
}

/* The message for the next page, in a cookie of half a minute that no script can read. */
static void flash_set(struct req *r, const char *text, const char *undo)
{
    json_t *flash = json_pack("{s:s,s:s?}", "text", text, "undo", undo);
    char *bytes = json_dumps(flash, JSON_COMPACT);

    if (bytes)
        reply_cookie(r, "flash", text_base64url(r->arena, bytes, strlen(bytes)), 30);
}

/* A path can have text of strangers in it: no line's end, and no tab or blank, which browsers
 * leave out ("/<tab>/host" would be another host). */
static const char *location_clean(struct req *r, const char *path)
{
    struct buf b = buf_new(r->arena, 128, 12000);

    for (; *path; path++) {
        if (*path > ' ' && *path < 127 && !strchr("\"<>\\", *path))
            buf_putc(&b, *path);
        else
            buf_url(&b, path, 1);
    }
    return buf_str(&b);
}

static int reply_see(struct req *r, const char *path)
{
    r->reply.status = 303;
    r->reply.location = location_clean(r, path);
    r->reply.body = "";
    r->reply.size = 0;
    return 303;
}

const char *path_own(const char *to)
{
    size_t n = strlen(to);

    if (to[0] != '/' || to[1] == '/' || n > 1000 || strchr(to, '\\'))
        return "/";
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)to[i] <= ' ' || to[i] == 127)
            return "/";
    return to;
}

int reply_goto(struct req *r, const char *path, const char *said, const json_t *args)
{
    const char *text = said ? req_say(r, said, args) : NULL;

    if (r->wants_json)
        return reply_json(r, 200, json_pack("{s:s,s:s?}", "location", path, "message", text));
    if (text)
        flash_set(r, text, NULL);
    return reply_see(r, path);
}

int reply_no_account(struct req *r)
{
    if (r->wants_json)
        return reply_wrong(r, 403, NULL, "error.no_account", NULL);
    return reply_goto(r, "/accounts", r->method == POST ? "error.no_account" : NULL, NULL);
}

static int reply_done(struct req *r, int64_t made)
{
    const struct route *t = r->route;
    const char *path = path_filled(r, t->done ? t->done : "/", made);
    const char *text = r->said ? r->said : t->said ? req_say(r, t->said, NULL) : NULL;

    if (r->wants_json)
        return reply_json(r, made ? 201 : 200,
                          json_pack("{s:I,s:s,s:s?}", "id", (json_int_t)made, "location",
                                    path, "message", text));
    /* A request that came twice knows only what it made. */
    if (text)
        flash_set(r, text,
                  t->undo && (r->undo_id || !strstr(t->undo, "{undo}"))
                      ? path_filled(r, t->undo, made)
                      : NULL);
    return reply_see(r, path);
}

int reply_outcome(struct req *r, enum db_rc rc, int64_t made)
{
    const struct refusal *no = db_refusal(r->db);

    if (rc == DB_OK)
        return reply_done(r, made);
    if (rc == DB_NONE)
        return reply_error(r, 404);
    if (rc == DB_ERR || !no)
        return reply_error(r, db_full(r->db) ? 503 : 500);
    return reply_wrong(r, no->status, no->field, no->key, no->args);
}

static int reply_wrong_json(struct req *r, int status)
{
    json_t *fields = json_object();
    const char *message = r->error_count ? r->errors[0].text : "";

    for (int i = 0; i < r->error_count; i++)
        if (r->errors[i].field)
            json_object_set_new(fields, r->errors[i].field, json_string(r->errors[i].text));
    return reply_json(r, status,
                      json_pack("{s:{s:i,s:s,s:o}}", "error", "status", status, "message",
                                message, "fields", fields));
}

/* Whom a limit refused is told when to come back; the text says it in minutes. */
static void retry_after(struct req *r, int64_t minutes)
{
    reply_header(r, "Retry-After",
                 arena_printf(r->arena, "%lld", (long long)(minutes > 0 ? minutes : 1) * 60));
}

int reply_wrong(struct req *r, int status, const char *field, const char *key, json_t *args)
{
    if (status == 429)
        retry_after(r, json_integer_value(json_object_get(args, "n")));
    if (key)
        req_error(r, field, req_say(r, key, args));
    if (r->wants_json)
        return reply_wrong_json(r, status);
    r->reply.status = status;
    if (r->route && r->route->form)
        return r->route->form(r);
    return reply_render(r, status, "error",
                        json_pack("{s:o,s:i,s:s,s:o}", "page", view_page(r), "status", status,
                                  "title", req_say(r, "error.refused", NULL), "errors",
                                  errors_list(r)));
}

static const char *error_key(int status)
{
    switch (status) {
    case 400: return "error.400";
    case 401: return "error.401";
    case 403: return "error.403";
    case 404: return "error.404";
    case 405: return "error.405";
    case 408: return "error.408";
    case 413: return "error.413";
    case 415: return "error.415";
    case 429: return "error.429";
    case 431: return "error.431";
    case 503: return "error.503";
    default: return "error.500";
    }
}

/* A failure of ours has a number that the page and the log share. */
static const char *failure_id(struct req *r, int status)
{
    const char *id;

    if (status != 500)
        return NULL;
    id = arena_printf(r->arena, "%08x", randombytes_random());
    log_error("failed id=%s route=%s", id, r->route ? r->route->path : "none");
    return id;
}

int reply_error(struct req *r, int status)
{
    const char *text = req_say(r, error_key(status), NULL);
    const char *id = failure_id(r, status);

    r->list_count = 0;
    if (status == 503)
        reply_header(r, "Retry-After", "10");
    if (status == 429)
        retry_after(r, 1);
    if (r->wants_json) {
        r->error_count = 0;
        req_error(r, NULL, id ? arena_printf(r->arena, "%s (%s)", text, id) : text);
        return reply_wrong_json(r, status);
    }
    if (status == 401)
        reply_header(r, "WWW-Authenticate", "Bearer");
    if (status == 401 && r->method == GET && !r->via_token) {
        struct buf to = buf_new(r->arena, 128, 9000);

        buf_puts(&to, "/signin?to=");
        buf_url(&to, r->target, strlen(r->target));
        return reply_see(r, buf_str(&to));
    }
    return reply_render(r, status, "error",
                        json_pack("{s:o,s:i,s:s,s:s?,s:b}", "page", view_page(r),
                                  "status", status, "title", text, "id", id, "can_again",
                                  status != 403 && status != 404 && status != 405));
}

int reply_bytes(struct req *r, int status, const char *type, const void *bytes, size_t size,
                const char *etag)
{
    const char *has = req_header(r, "If-None-Match");

    if (etag && r->reply.is_gzip)
        etag = arena_printf(r->arena, "%.*s-z\"", (int)strlen(etag) - 1, etag);
    r->reply.etag = etag;
    if (etag && has && strstr(has, etag)) {
        r->reply.status = 304;
        r->reply.body = "";
        r->reply.size = 0;
        r->reply.is_gzip = false;
        return 304;
    }
    r->reply.status = status;
    r->reply.type = type;
    r->reply.body = bytes;
    r->reply.size = size;
    return status;
}

int reply_media(struct req *r, const char *name)
{
    const char *path = arena_printf(r->arena, "%s/media/%s", r->app->data, name);
    int fd = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name) &&
                     *name != '.'
                 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                 : -1;
    struct stat st;
    char *bytes;
    ssize_t n;

    if (fd < 0)
        return reply_error(r, 404);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MEDIA_MAX) {
        close(fd);
        return reply_error(r, 404);
    }
    bytes = arena_bytes(r->arena, (size_t)st.st_size + 1);
    n = read(fd, bytes, (size_t)st.st_size);
    close(fd);
    if (n != st.st_size)
        return reply_error(r, 500);
    r->reply.cache = "public, max-age=31536000, immutable";
    r->reply.csp = "default-src 'none'; sandbox";
    reply_header(r, "Content-Disposition",
                 arena_printf(r->arena, "inline; filename=\"%s\"", name));
    return reply_bytes(r, 200, "image/jpeg", bytes, (size_t)n,
                       arena_printf(r->arena, "\"%s\"", name));
}

static void file_close(void *fd)
{
    close(*(int *)fd);
}

int reply_file(struct req *r, const char *path, const char *type, const char *name)
{
    int *fd = arena_alloc(r->arena, 1, sizeof *fd);
    struct stat st;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (*fd < 0)
        return reply_error(r, 404);
    arena_defer(r->arena, file_close, fd);
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
        return reply_error(r, 404);
    reply_header(r, "Content-Disposition",
                 arena_printf(r->arena, "attachment; filename=\"%s\"", name));
    r->reply.status = 200;
    r->reply.type = type;
    r->reply.file = fd;
    r->reply.size = (size_t)st.st_size;
    return 200;
}
