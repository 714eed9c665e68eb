/* civetweb, with one callback that answers everything and all that its 1.15 lets through
 * refused: more headers than it keeps, two lengths, a length beside chunks, no host. The
 * path is decoded by us (decode_url no), the body read by us, a reply is one write. Threads
 * are many, so that slow senders can't use them up; the work is gated by the pool of
 * database connections. */
#include "server/http/listener.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "server/http/header.h"
#include "server/http/http.h"

#include <civetweb.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BODY_SECONDS = 60,       /* for a whole body, however slowly it drips */
    BODY_MEMORY = 4 << 20,   /* urlencoded and JSON of who is signed in */
    RAW_SECONDS = 15,        /* of a program's, which has no slow phone */
    RAW_MEMORY = 3 << 20,    /* WhatsApp's largest */
    RAW_SMALL = 64 << 10,    /* WhatsApp's usual; larger ones are read a few at a time, */
    RAW_LARGE_MOST = 4,      /* since who sends them is not known before they are here */
    BODY_MAX = 24 << 20,     /* uploads */
    BODY_VISITOR = 256 << 10, /* who isn't signed in has nothing to upload */
    HEADERS_MAX = 63,        /* civetweb drops what is behind the 64th in silence */
    DRAIN_MS = 20 * 1000,
};

struct listener {
    const struct app *app;
    struct mg_context *context;
    int port;
    _Atomic int busy, large; /* requests; raw bodies above RAW_SMALL */
    _Atomic unsigned long answered;
    _Atomic bool draining;
};

struct conn {
    struct mg_connection *mg;
    const struct mg_request_info *info;
    int64_t deadline_ms;
    long long left; /* of the body; -1: chunked */
};

static struct mg_connection *mg_of(const struct req *r)
{
    return ((const struct conn *)r->conn)->mg;
}

const char *listener_header(const struct req *r, const char *name)
{
    return mg_get_header(mg_of(r), name);
}

const char *req_header(const struct req *r, const char *name)
{
    return listener_header(r, name);
}

static int header_count(const struct mg_request_info *info, const char *name)
{
    int n = 0;

    for (int i = 0; i < info->num_headers; i++)
        n += strcasecmp(info->http_headers[i].name, name) == 0;
    return n;
}

int req_header_count(const struct req *r, const char *name)
{
    return header_count(((const struct conn *)r->conn)->info, name);
}

/* A blank before the colon, which civetweb takes: zeros stand there now. */
static bool name_is_loose(const struct mg_header *h)
{
    const char *after = h->name + strlen(h->name) + 1;

    while (after < h->value && (*after == ' ' || *after == '\t'))
        after++;
    return after < h->value;
}

/* civetweb ends the headers at the first line that is none (a folded one), and what is
 * behind it would be lost. In its buffer, where line ends became zeros, an empty line
 * follows the last header that it read. */
static bool headers_are_cut(const struct mg_request_info *info)
{
    const char *end;

    if (info->num_headers == 0)
        return false;
    end = info->http_headers[info->num_headers - 1].value;
    end += strlen(end) + 1;
    end += *end == '\0';
    return *end != '\r' && *end != '\n';
}

/* Two zeros stand where a line ended with CR LF, one where it was LF alone, which a proxy
 * may read as part of the value. */
static bool has_bare_lf(const struct mg_request_info *info)
{
    const char *end = info->http_version + strlen(info->http_version);

    for (int i = 0; i < info->num_headers; i++) {
        if (info->http_headers[i].name - end < 2)
            return true;
        end = info->http_headers[i].value + strlen(info->http_headers[i].value);
    }
    return info->num_headers > 0 && end[1] == '\n';
}

/* Links are made with it: a name or address and a port, no more. */
static bool host_is_good(const char *host)
{
    return *host && strlen(host) < 256 &&
           strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]") ==
               strlen(host);
}

/* What could make us and a proxy disagree on where a request ends; 0 when fine. */
static int request_status(const struct mg_request_info *info)
{
    int lengths = header_count(info, "Content-Length");
    int chunks = header_count(info, "Transfer-Encoding");

    if (info->num_headers > HEADERS_MAX)
        return 431;
    if (lengths > 1 || chunks > 1 || (lengths && chunks) || header_count(info, "Host") > 1)
        return 400;
    if (headers_are_cut(info) || has_bare_lf(info))
        return 400;
    if (chunks && strcmp(info->http_version, "1.1") != 0)
        return 400; /* older ones know no chunks */
    for (int i = 0; i < info->num_headers; i++) {
        const char *name = info->http_headers[i].name;
        const char *value = info->http_headers[i].value;

        if (!*name || name_is_loose(&info->http_headers[i]))
            return 400;
        if (strcasecmp(name, "Host") == 0 && !host_is_good(value))
            return 400;
        if (strcasecmp(name, "Content-Length") == 0 &&
            (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 15))
            return 400;
    }
    if (strcmp(info->http_version, "1.1") == 0 && header_count(info, "Host") == 0)
        return 400;
    return 0;
}

/* A body_read over civetweb with a deadline of our own: its timer restarts at each byte. */
static ssize_t conn_read(void *arg, char *to, size_t size)
{
    struct conn *c = arg;
    int n;

    if (c->left == 0)
        return 0;
    if (clock_steady_ms() > c->deadline_ms)
        return -1;
    if (c->left > 0 && (long long)size > c->left)
        size = (size_t)c->left;
    n = mg_read(c->mg, to, size);
    if (n > 0 && c->left > 0)
        c->left -= n;
    if (n == 0 && c->left < 0)
        c->left = 0;
    return n <= 0 && c->left > 0 ? -1 : n;
}

static enum body_rc memory_body(struct arena *a, struct conn *c, size_t max, char **body,
                                size_t *size)
{
    /* One byte more than what is said to come: the end is seen without growing. */
    struct buf b = buf_new(a, c->left > 0 ? (size_t)c->left + 4097 : 8192, max + 4097);

    for (;;) {
        char *to = buf_reserve(&b, 4096);
        ssize_t n;

        if (!to)
            return BODY_TOO_LARGE;
        n = conn_read(c, to, 4096);
        if (n < 0)
            return BODY_SHORT;
        if (n == 0)
            break;
        b.len += (size_t)n;
        if (b.len > max)
            return BODY_TOO_LARGE;
    }
    *size = b.len;
    buf_str(&b);
    *body = b.data;
    return BODY_OK;
}

static bool type_is(const char *value, const char *type)
{
    size_t n = strlen(type);

    return value && strncasecmp(value, type, n) == 0 &&
           (!value[n] || value[n] == ';' || value[n] == ' ');
}

static const struct body_limits limits = {
    .bytes = BODY_MAX, .fields = 1000, .name = 100, .value = 64 * 1024,
    .file = 20 << 20, .files = 8, .json_depth = 16,
};

static long long body_left(const struct mg_request_info *info)
{
    if (info->content_length < 0 && header_count(info, "Transfer-Encoding") == 0)
        return 0;
    return info->content_length;
}

static void large_over(void *arg)
{
    ((struct listener *)arg)->large--;
}

/* Bytes whose sender is known by them alone. */
static enum body_rc raw_body(struct req *r, struct conn *c)
{
    struct listener *l = c->info->user_data;
    int64_t soon = clock_steady_ms() + RAW_SECONDS * 1000LL;
    char *body = "";
    enum body_rc rc;

    if (c->left > RAW_MEMORY)
        return BODY_TOO_LARGE;
    if (c->left > RAW_SMALL || c->left < 0) {
        arena_defer(r->arena, large_over, l);
        if (++l->large > RAW_LARGE_MOST)
            return BODY_FAILED;
    }
    c->deadline_ms = soon < c->deadline_ms ? soon : c->deadline_ms;
    rc = memory_body(r->arena, c, RAW_MEMORY, &body, &r->raw_size);
    r->raw = body;
    return rc;
}

enum body_rc listener_body(struct req *r, json_t **json)
{
    bool visitor = !r->signed_in;
    long long memory = visitor ? BODY_VISITOR : BODY_MEMORY;
    struct body_limits allowed = limits;
    struct conn *c = (struct conn *)(uintptr_t)r->conn;
    const char *type = listener_header(r, "Content-Type");
    const char *expect = listener_header(r, "Expect");
    struct form *form = arena_alloc(r->arena, 1, sizeof *form);
    char *body = "";
    size_t size = 0;
    enum body_rc rc;

    *json = NULL;
    r->form = form;
    if (r->route->is_raw)
        return raw_body(r, c);
    if (visitor)
        allowed.bytes = BODY_VISITOR;
    if (c->left > (long long)allowed.bytes ||
        (c->left > memory && !type_is(type, "multipart/form-data")))
        return BODY_TOO_LARGE;
    if (c->left != 0 && expect && strcasecmp(expect, "100-continue") == 0)
        mg_write(c->mg, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    if (type_is(type, "multipart/form-data"))
        return multipart_read(r->arena, type, conn_read, c, &allowed,
                              arena_printf(r->arena, "%s/tmp", r->app->data), form);
    rc = memory_body(r->arena, c, (size_t)memory, &body, &size);
    r->raw = body;
    r->raw_size = size;
    if (rc != BODY_OK || size == 0)
        return rc;
    if (type_is(type, "application/json"))
        return json_body_parse(r->arena, body, size, &limits, json);
    if (type_is(type, "application/x-www-form-urlencoded"))
        return urlencoded_parse(r->arena, body, size, &limits, form);
    return BODY_UNKNOWN;
}

static const char *status_words(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "Internal Server Error";
    }
}

#define CSP                                                                                \
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none';"  \
    " frame-ancestors 'none'; form-action 'self'"

static void reply_head(struct buf *b, const struct req *r, bool close)
{
    const struct reply *p = &r->reply;
    char date[40];
    time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    buf_printf(b, "HTTP/1.1 %d %s\r\nDate: %s\r\nConnection: %s\r\n", p->status,
               status_words(p->status), date, close ? "close" : "keep-alive");
    if (p->status != 304)
        buf_printf(b, "Content-Length: %zu\r\nContent-Type: %s\r\n", p->size,
                   p->type ? p->type : "text/html; charset=utf-8");
    buf_printf(b, "Cache-Control: %s\r\nContent-Security-Policy: %s\r\n",
               p->cache ? p->cache : "no-store", p->csp ? p->csp : CSP);
    buf_puts(b, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"
                "Cross-Origin-Opener-Policy: same-origin\r\n"
                "Cross-Origin-Resource-Policy: same-origin\r\n");
    if (r->app->secure)
        buf_puts(b, "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n");
    if (p->location)
        buf_printf(b, "Location: %s\r\n", p->location);
    if (p->etag)
        buf_printf(b, "ETag: %s\r\n", p->etag);
    if (p->is_gzip)
        buf_puts(b, "Content-Encoding: gzip\r\n");
    buf_puts(b, "Vary: Accept, Accept-Encoding, Accept-Language, Cookie\r\n");
    if (r->extra)
        buf_add(b, r->extra->data, r->extra->len);
    buf_puts(b, "\r\n");
}

/* HTTP/1.1 goes on unless told not to; before, the other way round. */
static bool asked_to_close(const struct req *r)
{
    const struct mg_request_info *info = ((const struct conn *)r->conn)->info;
    const char *wants = listener_header(r, "Connection");

    if (strcmp(info->http_version, "1.1") != 0)
        return !header_token_list_has(wants, "keep-alive");
    return header_token_list_has(wants, "close");
}

/* In pieces, so that a large one needs no memory. Too short a one ends the connection: the
 * other side sees that something is missing. */
static void file_send(struct mg_connection *mg, int fd, size_t left)
{
    char piece[64 * 1024];

    while (left > 0) {
        ssize_t n = read(fd, piece, left < sizeof piece ? left : sizeof piece);

        if (n <= 0 || mg_write(mg, piece, (size_t)n) != n)
            break;
        left -= (size_t)n;
    }
}

static void reply_send(struct listener *l, struct req *r)
{
    struct mg_connection *mg = mg_of(r);
    const struct reply *p = &r->reply;
    /* civetweb would read what is left of a body for as long as it drips. */
    bool close = p->is_close || l->draining || p->file || asked_to_close(r) ||
                 ((const struct conn *)r->conn)->left != 0;
    bool body = !r->is_head && p->status != 304 && !p->file;
    bool behind = body && p->room && p->body == p->room + REPLY_ROOM;
    struct buf b = buf_new(r->arena, 1536 + (body && !behind ? p->size : 0),
                           (64 << 20) + p->size);

    if (close)
        mg_disable_connection_keep_alive(mg);
    reply_head(&b, r, close);
    behind = behind && b.len <= REPLY_ROOM;
    if (behind)
        memcpy(p->room + REPLY_ROOM - b.len, b.data, b.len);
    else if (body)
        buf_add(&b, p->body, p->size);
    mg_write(mg, behind ? p->room + REPLY_ROOM - b.len : b.data,
             b.len + (behind ? p->size : 0));
    if (p->file && !r->is_head)
        file_send(mg, *p->file, p->size);
}

/* Of all its lines: some proxies add one of their own behind the client's. */
static const char *forwarded_for(const struct req *r, const struct mg_request_info *info)
{
    struct buf b = buf_new(r->arena, 64, 16384);
    int n = 0;

    for (int i = 0; i < info->num_headers; i++)
        if (strcasecmp(info->http_headers[i].name, "X-Forwarded-For") == 0) {
            buf_puts(&b, n++ ? "," : "");
            buf_puts(&b, info->http_headers[i].value);
        }
    return n ? buf_str(&b) : NULL;
}

static bool req_fill(struct req *r, const struct mg_request_info *info)
{
    const char *xff = forwarded_for(r, info);
    const char *method = info->request_method;
    const char *host = listener_header(r, "Host");

    r->is_head = strcmp(method, "HEAD") == 0;
    r->method = strcmp(method, "POST") == 0 ? POST : GET;
    r->path = info->local_uri_raw;
    r->target = info->query_string && *info->query_string
                    ? arena_printf(r->arena, "%s?%s", r->path, info->query_string)
                    : r->path;
    r->client = forwarded_client(r->arena, info->remote_addr, xff, r->app->trusted_proxy);
    r->origin = *r->app->public_url
                    ? r->app->public_url
                    : arena_printf(r->arena, "http://%s", host ? host : "localhost");
    r->wants_json = header_token_list_has(listener_header(r, "Accept"), "application/json");
    r->takes_gzip = header_token_list_has(listener_header(r, "Accept-Encoding"), "gzip");
    return r->method == POST || r->is_head || strcmp(method, "GET") == 0;
}

/* The thread's arena is kept between its requests. */
static void *thread_start(const struct mg_context *context, int type)
{
    (void)context;
    return type == 1 ? arena_new() : NULL;
}

static void thread_stop(const struct mg_context *context, int type, void *arena)
{
    (void)context;
    (void)type;
    arena_free(arena);
}

static int on_request(struct mg_connection *mg)
{
    const struct mg_request_info *info = mg_get_request_info(mg);
    struct listener *l = info->user_data;
    struct arena *a = mg_get_thread_pointer(mg);
    struct conn c = { mg, info, clock_steady_ms() + BODY_SECONDS * 1000LL,
                      body_left(info) };
    struct req *r = arena_alloc(a, 1, sizeof *r);
    int status;

    l->busy++;
    arena_json(a);
    *r = (struct req){ .arena = a, .app = l->app, .conn = &c, .lang = "en", .zone = 330 };
    r->db = db_new(l->app->db, a);
    status = request_status(info);
    if (!req_fill(r, info) && !status)
        status = 405;
    if (status) {
        r->typed = json_object();
        r->reply.is_close = true;
        reply_error(r, status);
    } else {
        router_run(r);
    }
    db_release(r->db);
    reply_send(l, r);
    status = r->reply.status;
    arena_json(NULL);
    arena_reset(a);
    l->answered++;
    l->busy--;
    return status;
}

static int on_log(const struct mg_connection *mg, const char *message)
{
    (void)mg;
    log_warn("listener %s", message);
    return 1;
}

/* One a connection. Builds with sanitizers have fewer: there each costs a start its time. */
#ifndef LISTENER_THREADS
#define LISTENER_THREADS "512"
#endif

struct listener *listener_start(const struct app *app, const char *address)
{
    const char *options[] = {
        "listening_ports", address, "num_threads", LISTENER_THREADS, "connection_queue", "512",
        "listen_backlog", "1024", "enable_keep_alive", "yes", "keep_alive_timeout_ms",
        "5000", "request_timeout_ms", "5000", "tcp_nodelay", "1", "decode_url", "no",
        "max_request_size", "16384", NULL
    };
    struct mg_callbacks callbacks = { .begin_request = on_request,
                                      .log_message = on_log,
                                      .init_thread = thread_start,
                                      .exit_thread = thread_stop };
    struct mg_server_port ports[1];
    struct listener *l = calloc(1, sizeof *l);

    if (!l)
        abort();
    l->app = app;
    l->context = mg_start(&callbacks, l, options);
    if (!l->context || mg_get_server_ports(l->context, 1, ports) < 1) {
        log_error("cannot listen on %s", address);
        free(l);
        return NULL;
    }
    l->port = ports[0].port;
    return l;
}

int listener_port(const struct listener *l)
{
    return l->port;
}

void listener_stop(struct listener *l)
{
    int64_t deadline = clock_steady_ms() + DRAIN_MS;

    l->draining = true;
    do
        usleep(20 * 1000);
    while (l->busy > 0 && clock_steady_ms() < deadline);
    mg_stop(l->context);
    free(l);
}

unsigned long listener_answered(const struct listener *l)
{
    return l->answered;
}

int listener_busy(const struct listener *l)
{
    return l->busy;
}
