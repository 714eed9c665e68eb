/* A few libcurl handles are kept with their connections and lent to one call at a time.
 * The address is checked where the socket is made, behind the name's look-up, so that a
 * name that points inside the network gains nothing. */
#include "server/services/http_client.h"

#include "db/base/buf.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 4, CONNECT_SECONDS = 10, SLOW_SECONDS = 20, SLOW_BYTES = 100 };

struct http_client {
    pthread_mutex_t lock;
    CURL *idle[KEPT];
    int count;
};

struct http_client *http_client_new(void)
{
    struct http_client *c = calloc(1, sizeof *c);

    if (!c || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void http_client_free(struct http_client *c)
{
    if (!c)
        return;
    while (c->count > 0)
        curl_easy_cleanup(c->idle[--c->count]);
    pthread_mutex_destroy(&c->lock);
    free(c);
    curl_global_cleanup();
}

static CURL *handle_take(struct http_client *c)
{
    CURL *h = NULL;

    pthread_mutex_lock(&c->lock);
    if (c->count > 0)
        h = c->idle[--c->count];
    pthread_mutex_unlock(&c->lock);
    if (!h)
        h = curl_easy_init();
    if (!h)
        abort();
    return h;
}

static void handle_give(struct http_client *c, CURL *h)
{
    curl_easy_reset(h);
    pthread_mutex_lock(&c->lock);
    if (c->count < KEPT) {
        c->idle[c->count++] = h;
        h = NULL;
    }
    pthread_mutex_unlock(&c->lock);
    if (h)
        curl_easy_cleanup(h);
}

static bool is_public_v4(uint32_t ip)
{
    static const struct {
        uint32_t net;
        int bits;
    } inside[] = {
        { 0x00000000, 8 },  { 0x0a000000, 8 },  { 0x64400000, 10 }, { 0x7f000000, 8 },
        { 0xa9fe0000, 16 }, { 0xac100000, 12 }, { 0xc0000000, 24 }, { 0xc0a80000, 16 },
        { 0xc6120000, 15 }, { 0xe0000000, 3 },
    };

    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if ((ip ^ inside[i].net) >> (32 - inside[i].bits) == 0)
            return false;
    return true;
}

/* Of IPv6 only 2000::/3 is the public network; 6to4 and NAT64 could lead back inside. */
static bool is_public(const struct sockaddr *sa)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)sa;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)sa;
    const unsigned char *b = v6->sin6_addr.s6_addr;

    if (sa->sa_family == AF_INET)
        return is_public_v4(ntohl(v4->sin_addr.s_addr));
    return sa->sa_family == AF_INET6 && (b[0] & 0xe0) == 0x20 &&
           !(b[0] == 0x20 && b[1] == 0x02);
}

/* Of a network of one's own (RFC 1918, RFC 4193); not this machine, not link-local. */
static bool is_lan(const struct sockaddr *sa)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)sa;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)sa;
    uint32_t ip;

    if (sa->sa_family == AF_INET6)
        return (v6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
    ip = sa->sa_family == AF_INET ? ntohl(v4->sin_addr.s_addr) : 0;
    return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8;
}

struct sink {
    const struct http_call *call;
    struct buf body;
    size_t bytes;
    bool too_big, is_refused;
};

/* Into the public network with TLS alone. */
static bool address_may(const struct http_call *call, const struct sockaddr *sa)
{
    bool is_https = strncasecmp(call->url, "https:", 6) == 0;

    return call->private_ok || (is_https && is_public(sa)) ||
           (call->lan_ok && is_lan(sa));
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose,
                               struct curl_sockaddr *address)
{
    struct sink *sink = arg;

    (void)purpose;
    if (!address_may(sink->call, &address->addr)) {
        sink->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_bytes(char *data, size_t size, size_t count, void *arg)
{
    struct sink *s = arg;
    size_t n = size * count;

    s->bytes += n;
    if (s->bytes > s->call->max) {
        s->too_big = true;
        return 0;
    }
    if (s->call->file)
        return fwrite(data, 1, n, s->call->file);
    buf_add(&s->body, data, n);
    return s->body.full ? 0 : n;
}

static struct curl_slist *headers_of(struct arena *a, const struct http_call *call)
{
    struct curl_slist *h = NULL;

    if (call->bearer)
        h = curl_slist_append(h,
                              arena_printf(a, "Authorization: Bearer %s", call->bearer));
    if (call->json)
        h = curl_slist_append(h, "Content-Type: application/json");
    for (const char *const *line = call->headers; line && *line; line++)
        h = curl_slist_append(h, *line);
    return curl_slist_append(h, "Expect:");
}

static void handle_set(CURL *h, const struct http_call *call, struct sink *sink,
                       struct curl_slist *headers, char *error)
{
    curl_easy_setopt(h, CURLOPT_URL, call->url);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR,
                     call->private_ok || call->lan_ok ? "http,https" : "https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(h, CURLOPT_TIMEOUT, call->timeout_s);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h, CURLOPT_USERAGENT, "InviChat");
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, sink);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, sink);
    if (call->bytes)
        curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)call->byte_count);
    if (call->json || call->bytes)
        curl_easy_setopt(h, CURLOPT_POSTFIELDS, call->bytes ? call->bytes : call->json);
}

bool http_client_call(struct http_client *c, struct arena *a,
                      const struct http_call *call, struct http_answer *out)
{
    CURL *h = handle_take(c);
    struct curl_slist *headers = headers_of(a, call);
    struct sink sink = { .call = call, .body = buf_new(a, 4096, call->max + 4096) };
    char error[CURL_ERROR_SIZE] = "";
    const char *location = NULL;
    CURLcode rc;

    *out = (struct http_answer) { .body = "" };
    handle_set(h, call, &sink, headers, error);
    rc = curl_easy_perform(h);
    out->too_big = sink.too_big;
    out->is_refused = sink.is_refused;
    if (rc == CURLE_OK) {
        curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &out->status);
        curl_easy_getinfo(h, CURLINFO_REDIRECT_URL, &location);
        out->location = location ? arena_dup(a, location) : NULL;
        out->size = sink.bytes;
        if (!call->file)
            out->body = buf_str(&sink.body);
    } else {
        out->error = arena_dup(a, *error ? error : curl_easy_strerror(rc));
    }
    curl_slist_free_all(headers);
    handle_give(c, h);
    return rc == CURLE_OK;
}

const char *http_url_host(struct arena *a, const char *url, bool *is_https)
{
    CURLU *u = curl_url();
    char *host = NULL, *scheme = NULL, *user = NULL;
    const char *answer = NULL;

    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0)) {
        char *lower = arena_dup(a, host);

        for (char *p = lower; *p; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p + 32);
        answer = lower;
        if (is_https)
            *is_https = strcmp(scheme, "https") == 0;
    }
    curl_free(host);
    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(u);
    return answer;
}

bool http_host_is_loopback(const char *host)
{
    struct in_addr ip;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &ip) == 1 && ntohl(ip.s_addr) >> 24 == 127;
}

/* The address that is written out in the host; false when it is a name. */
static bool host_address(struct arena *a, const char *host, struct sockaddr_storage *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
    size_t n = strlen(host);

    memset(out, 0, sizeof *out);
    v4->sin_family = AF_INET;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1)
        return true;
    v6->sin6_family = AF_INET6;
    return n > 2 && *host == '[' &&
           inet_pton(AF_INET6, arena_dupn(a, host + 1, n - 2), &v6->sin6_addr) == 1;
}

bool http_url_may(struct arena *a, const struct http_call *call)
{
    bool is_https = false;
    const char *host = http_url_host(a, call->url, &is_https);
    struct sockaddr_storage at;

    if (!host || (!is_https && !call->private_ok && !call->lan_ok))
        return false;
    if (host_address(a, host, &at))
        return address_may(call, (const struct sockaddr *)(const void *)&at);
    return call->private_ok || !http_host_is_loopback(host);
}
