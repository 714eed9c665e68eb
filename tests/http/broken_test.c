/* Broken and hostile requests: whatever is sent, the answer is a refusal in words, the
 * process stays the same one, and its own log holds no error. */
#include "ground.h"

#include <arpa/inet.h>
#include <libdeflate.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { GROWTH_KB = 64 * 1024, UPLOAD = 100 << 20 };

struct world {
    struct shop shop;
    struct browser admin, vendor;
    char cookie[120], photos[80];
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct curl_slist *cookies;

    signal(SIGPIPE, SIG_IGN);
    shop_new(&w->shop);
    admin_up(&w->admin, &w->shop);
    vendor_up(&w->vendor, &w->shop, &w->admin, "+919000000002", "Kumhar");
    assert_int_equal(post(&w->vendor, "/inventory/receive",
                          "{\"name\":\"Pot\",\"qty\":\"5\",\"unit\":\"piece\"}"),
                     201);
    assert_in_range(post(&w->vendor, "/sell/catalog/new",
                         "{\"sku\":%lld,\"price\":\"250\",\"inclusive\":true}",
                         (long long)answer_int(&w->vendor, "id")),
                    200, 299);
    snprintf(w->photos, sizeof w->photos, "/sell/catalog/%lld/photos",
             (long long)sql_int(&w->shop, "SELECT max(id) FROM listing"));
    curl_easy_getinfo(w->vendor.curl, CURLINFO_COOKIELIST, &cookies);
    for (struct curl_slist *c = cookies; c; c = c->next)
        if (strstr(c->data, "\tsession\t"))
            snprintf(w->cookie, sizeof w->cookie, "Cookie: session=%s",
                     strrchr(c->data, '\t') + 1);
    curl_slist_free_all(cookies);
    *state = w;
    return 0;
}

static long metric(struct world *w, const char *name)
{
    const char *at;

    assert_int_equal(get(&w->admin, "/metrics"), 200);
    for (at = w->admin.body; (at = strstr(at, name)); at += strlen(name))
        if (at[strlen(name)] == ' ' && (at == w->admin.body || at[-1] == '\n'))
            return strtol(at + strlen(name), NULL, 10);
    fail_msg("no metric %s", name);
    return -1;
}

/* After each test: the same process serves on, and nothing was its own fault. */
static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(waitpid(w->shop.pid, NULL, WNOHANG), 0);
    assert_int_equal(get(&w->vendor, "/healthz"), 200);
    assert_int_equal(get(&w->vendor, "/inventory"), 200);
    assert_int_equal(metric(w, "invichat_log_errors_total"), 0);
    browser_free(&w->admin);
    browser_free(&w->vendor);
    assert_int_equal(shop_command(&w->shop, "check", NULL), 0);
    shop_free(&w->shop);
    free(w);
    return 0;
}

static long memory_kb(const struct world *w)
{
    char path[40], *text, *at;
    long kb;

    snprintf(path, sizeof path, "/proc/%d/status", (int)w->shop.pid);
    text = file_read(path);
    at = strstr(text, "VmRSS:");
    assert_non_null(at);
    kb = strtol(at + 6, NULL, 10);
    free(text);
    return kb;
}

static int raw_open(const struct world *w)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)w->shop.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval limit = { .tv_sec = 8 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* The status of the first answer; 0 when the connection was closed without one. `text`
 * gets what came. */
static int raw_status(int fd, char *text, size_t size)
{
    size_t n = 0;
    ssize_t got;

    while (n + 1 < size && (got = recv(fd, text + n, size - 1 - n, 0)) > 0) {
        n += (size_t)got;
        text[n] = '\0';
        if (strstr(text, "\r\n\r\n"))
            break;
    }
    text[n] = '\0';
    return strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
}

static int raw_send(const struct world *w, const char *bytes, size_t n)
{
    int fd = raw_open(w), status;
    char text[4096];

    if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
        n = 0;
    status = raw_status(fd, text, sizeof text);
    close(fd);
    return status;
}

/* --- SYS-5: bodies that are not what they say --- */

static void body_refused(struct world *w, const char *type, const char *body, long want)
{
    long got = browser_send(&w->vendor, "/inventory/receive", type, body, NULL);

    if (got != want)
        fail_msg("%s %.60s: %ld, not %ld", type, body, got, want);
    if (got != 413) /* the rest was not read: the connection is over */
        assert_non_null(json_object_get(w->vendor.json, "error"));
}

/* SEC-18 SEC-24 SEC-25 */
static void test_bodies(void **state)
{
    static const char json[] = "application/json",
                      form[] = "application/x-www-form-urlencoded";
    struct world *w = *state;
    char *big = calloc(1, 400000), *at = big;
    int64_t before = sql_int(&w->shop, "SELECT count(*) FROM sku");

    body_refused(w, json, "{\"name\":\"Pot\",\"qty\":\"1\",\"uni", 400);
    body_refused(w, json, "[1,2,3]", 400);
    body_refused(w, json, "{\"name\":\"\xff\xfe\",\"qty\":\"1\",\"unit\":\"piece\"}",
                 400);
    body_refused(w, json, "{\"name\":\"a\\u0000b\",\"qty\":\"1\",\"unit\":\"piece\"}",
                 400);
    body_refused(w, json, "{\"name\":\"a\",\"name\":\"b\",\"qty\":\"1\",\"unit\":\"x\"}",
                 400);
    body_refused(w, json, "{\"name\":\"\xc0\xaf\",\"qty\":\"1\",\"unit\":\"piece\"}",
                 400);
    memset(big, '[', 100000);
    body_refused(w, json, big, 413);
    body_refused(w, form, "name=%ff%fe&qty=1&unit=piece", 400);
    body_refused(w, form, "name=%c0%af&qty=1&unit=piece", 400);
    body_refused(w, form, "name=a%00b&qty=1&unit=piece", 400);
    body_refused(w, "text/xml", "<name>Pot</name>", 415);
    body_refused(w, "application/jsonx", "{\"name\":\"Pot\"}", 415);
    body_refused(w, "multipart/form-data", "name=Pot", 400);
    body_refused(w, json, "{\"name\":\"Pot\",\"qty\":\"1e309\",\"unit\":\"piece\"}", 422);
    body_refused(w, json, "{\"name\":\"Pot\",\"qty\":\"-1\",\"unit\":\"piece\"}", 422);
    body_refused(w, json, "{\"name\":\"Pot\",\"qty\":\"NaN\",\"unit\":\"piece\"}", 422);
    memset(big, 0, 400000);
    for (int i = 0; i < 10000; i++)
        at += sprintf(at, "f%d=1&", i);
    body_refused(w, form, big, 413);
    free(big);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM sku"), before);
}

/* --- SYS-1: paths --- */

/* SEC-24 SEC-36 */
static void test_paths(void **state)
{
    static const char *const paths[] = {
        "/media/..%2fkey",
        "/media/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/media/%2e%2e/key",
        "/media/%2e%2e%2finvichat.db",
        "/../../etc/passwd",
        "/media/../invichat.db",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fMakefile",
        "/static/%252e%252e/x",
        "/media/..%c0%afkey",
        "/media/a%00.jpg",
        "/v/%00",
        "/v/%ff%fe",
        "/v/%c0%ae%c0%ae",
        "/v/%",
        "/v/%zz",
        "/inventory/-1",
        "/inventory/1%00",
        "/inventory/99999999999999999999",
        "/inventory/0x10",
        "/.git/config",
        "/invichat.db",
        "/invichat.db-wal",
        "//",
        "/v//p/1",
        "/media/",
        "/static/",
    };
    struct world *w = *state;
    char line[400];

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = raw_open(w), status;
        char text[8192];

        snprintf(line, sizeof line,
                 "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n",
                 paths[i], w->cookie);
        send(fd, line, strlen(line), MSG_NOSIGNAL);
        status = raw_status(fd, text, sizeof text);
        close(fd);
        if (status != 400 && status != 404)
            fail_msg("%s: %d", paths[i], status);
        assert_null(strstr(text, "root:"));
        assert_null(strstr(text, "SQLite format"));
    }
}

/* --- SYS-1: the protocol itself --- */

struct wire {
    const char *name, *head;
    int want, or ; /* 0: closed without an answer */
};

static const struct wire wires[] = {
    { "two lengths",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
      "Content-Length: 2\r\n\r\n{}",
      400, 0 },
    { "two other lengths",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
      "Content-Length: 50\r\n\r\n{}",
      400, 0 },
    { "length and chunks",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400, 0 },
    { "chunks and length",
      "POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
      "\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      400, 0 },
    { "two codings",
      "POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
      400, 0 },
    { "unknown coding",
      "POST /signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked"
      "\r\n\r\n0\r\n\r\n",
      400, 0 },
    { "negative length", "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      400, 411 },
    { "length in words",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: two\r\n\r\n{}", 400, 411 },
    { "length with a sign",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}", 400, 411 },
    { "length in hex",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\n{}", 400, 411 },
    { "empty length", "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n{}",
      400, 411 },
    { "endless length",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "99999999999999999999\r\n\r\n{}",
      400, 413 },
    { "bad chunk",
      "POST /signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
      400, 408 },
    { "no host", "GET /healthz HTTP/1.1\r\n\r\n", 400, 0 },
    { "two hosts", "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, 0 },
    { "folded line", "GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400, 0 },
    { "line that is no header", "GET /healthz HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400,
      0 },
    { "folded before a length",
      "POST /signin HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n"
      "Content-Length: 40\r\n\r\n"
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
      400, 0 },
    { "line ends of LF alone", "GET /healthz HTTP/1.1\nHost: x\n\n", 400, 0 },
    { "one line end of LF alone",
      "POST /signin HTTP/1.1\r\nHost: x\nContent-Length: 3\r\n\r\nabc", 400, 0 },
    { "the first line's end", "GET /healthz HTTP/1.1\nHost: x\r\n\r\n", 400, 0 },
    { "the last line's end", "GET /healthz HTTP/1.1\r\nHost: x\n\r\n", 400, 0 },
    { "the empty line's end", "GET /healthz HTTP/1.1\r\nHost: x\r\n\n", 400, 0 },
    { "chunks of before there were any",
      "POST /signin HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400, 0 },
    { "blanks behind a value", "GET /healthz HTTP/1.1\r\nHost: x\r\nA: b  \r\n\r\n", 200,
      200 },
    { "an empty value", "GET /healthz HTTP/1.1\r\nHost: x\r\nA:\r\n\r\n", 200, 200 },
    { "colons in a value", "GET /healthz HTTP/1.1\r\nHost: x:80\r\nA::b\r\n\r\n", 200,
      200 },
    { "space before colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400, 0 },
    { "no colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nAbc\r\n\r\n", 400, 0 },
    { "trace", "TRACE /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, 400 },
    { "put", "PUT /inventory HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405, 0 },
    { "delete", "DELETE /inventory/1 HTTP/1.1\r\nHost: x\r\n\r\n", 405, 0 },
    { "options", "OPTIONS /inventory HTTP/1.1\r\nHost: x\r\n\r\n", 405, 0 },
    { "connect", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 405, 400 },
    { "no such method", "BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n", 405, 400 },
    { "other version", "GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", 505, 0 },
    { "no version", "GET /healthz\r\n\r\n", 400, 0 },
    { "not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, 0 },
};

/* SEC-25 SEC-36 SEC-37 */
static void test_protocol(void **state)
{
    struct world *w = *state;
    char *many = calloc(1, 64 * 1024), *at = many;
    int status, wrong = 0;

    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        status = raw_send(w, wires[i].head, strlen(wires[i].head));
        if (status != wires[i].want && status != wires[i].or) {
            fprintf(stderr, "%s: %d\n", wires[i].name, status);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    at += sprintf(at, "GET /healthz HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 70; i++)
        at += sprintf(at, "X-%d: y\r\n", i);
    sprintf(at, "\r\n");
    assert_int_equal(raw_send(w, many, strlen(many)), 431);
    at = many + sprintf(many, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ");
    memset(at, 'a', 20 * 1024);
    strcpy(at + 20 * 1024, "\r\n\r\n");
    status = raw_send(w, many, strlen(many));
    if (status != 431 && status != 413 && status != 400 && status != 0)
        fail_msg("a header of 20 KB: %d", status);
    free(many);
}

/* --- SYS-1: 100 MB in a request --- */

/* SEC-25 */
static void test_large_upload(void **state)
{
    static const char part[] = "--b\r\nContent-Disposition: form-data; name=\"photo\";"
                               " filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";
    struct world *w = *state;
    long before = memory_kb(w);
    char head[900], text[4096], *block = calloc(1, 64 * 1024);
    int fd = raw_open(w), status;
    size_t sent = 0;

    snprintf(
        head, sizeof head,
        "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\nX-CSRF-Token: %s\r\nContent-Length: %d\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        w->photos, w->cookie, w->vendor.csrf, UPLOAD);
    send(fd, head, strlen(head), MSG_NOSIGNAL);
    assert_int_equal(raw_status(fd, text, sizeof text), 413);
    close(fd);

    fd = raw_open(w);
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\nX-CSRF-Token: %s\r\n"
             "Transfer-Encoding: chunked\r\n"
             "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
             "%zx\r\n%s\r\n",
             w->photos, w->cookie, w->vendor.csrf, sizeof part - 1, part);
    send(fd, head, strlen(head), MSG_NOSIGNAL);
    memset(block, 'x', 64 * 1024);
    while (sent < UPLOAD) {
        if (send(fd, "10000\r\n", 7, MSG_NOSIGNAL) < 0 ||
            send(fd, block, 64 * 1024, MSG_NOSIGNAL) < 0 ||
            send(fd, "\r\n", 2, MSG_NOSIGNAL) < 0)
            break;
        sent += 64 * 1024;
    }
    status = raw_status(fd, text, sizeof text);
    close(fd);
    free(block);
    if (status != 413 && (status != 0 || sent >= UPLOAD))
        fail_msg("chunks of 100 MB: %d after %zu", status, sent);
    assert_true(memory_kb(w) - before < GROWTH_KB);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM photo"), 0);
}

/* --- CAT-2: pictures that are none --- */

static size_t chunk_put(unsigned char *to, const char *type, const void *data, size_t n)
{
    uint32_t crc;

    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(n >> (24 - 8 * i));
    memcpy(to + 4, type, 4);
    if (n)
        memcpy(to + 8, data, n);
    crc = libdeflate_crc32(0, to + 4, n + 4);
    for (int i = 0; i < 4; i++)
        to[8 + n + (size_t)i] = (unsigned char)(crc >> (24 - 8 * i));
    return n + 12;
}

/* A PNG of one bit a pixel, black; few bytes, many pixels. */
static size_t png_make(unsigned char *to, unsigned side)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
    size_t raw = ((side + 7) / 8 + 1) * (size_t)side, room = 1 << 20, n;
    unsigned char *zeros = calloc(1, raw), *packed = malloc(room);
    unsigned char head[13] = { 0, 0, (unsigned char)(side >> 8), (unsigned char)side,
                               0, 0, (unsigned char)(side >> 8), (unsigned char)side,
                               1 };

    n = libdeflate_zlib_compress(c, zeros, raw, packed, room);
    assert_true(n > 0);
    memcpy(to, "\x89PNG\r\n\x1a\n", 8);
    to += 8;
    to += chunk_put(to, "IHDR", head, sizeof head);
    to += chunk_put(to, "IDAT", packed, n);
    chunk_put(to, "IEND", NULL, 0);
    free(zeros);
    free(packed);
    libdeflate_free_compressor(c);
    return 8 + 25 + 12 + n + 12;
}

static long picture_send(struct world *w, const void *bytes, size_t n, const char *file,
                         const char *type)
{
    curl_mime *mime = curl_mime_init(w->vendor.curl);
    curl_mimepart *part = curl_mime_addpart(mime);
    struct curl_slist *headers = NULL;
    char line[120], url[200];
    long status = 0;

    curl_mime_name(part, "photo");
    curl_mime_data(part, bytes, n);
    curl_mime_filename(part, file);
    curl_mime_type(part, type);
    snprintf(line, sizeof line, "X-CSRF-Token: %s", w->vendor.csrf);
    headers = curl_slist_append(headers, line);
    headers = curl_slist_append(headers, "Accept: application/json");
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", w->shop.port, w->photos);
    curl_easy_setopt(w->vendor.curl, CURLOPT_URL, url);
    curl_easy_setopt(w->vendor.curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(w->vendor.curl, CURLOPT_MIMEPOST, mime);
    assert_int_equal(curl_easy_perform(w->vendor.curl), CURLE_OK);
    curl_easy_getinfo(w->vendor.curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_setopt(w->vendor.curl, CURLOPT_MIMEPOST, NULL);
    curl_mime_free(mime);
    return status;
}

/* SEC-26 */
static void test_pictures(void **state)
{
    static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" "
                              "height=\"9\"><script>alert(1)</script></svg>";
    struct world *w = *state;
    unsigned char *png = calloc(1, 2 << 20);
    size_t n = png_make(png, 24000);
    long before = memory_kb(w);

    assert_int_equal(picture_send(w, png, n, "bomb.jpg", "image/jpeg"), 422);
    assert_int_equal(picture_send(w, svg, sizeof svg - 1, "a.jpg", "image/jpeg"), 422);
    assert_int_equal(picture_send(w, "\xff\xd8\xff\xe0", 4, "a.jpg", "image/jpeg"), 422);
    assert_int_equal(picture_send(w, "", 0, "a.jpg", "image/jpeg"), 422);
    assert_true(memory_kb(w) - before < GROWTH_KB);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM photo"), 0);
    n = png_make(png, 64);
    assert_in_range(picture_send(w, png, n, "../../x.png", "text/html"), 200, 299);
    assert_int_equal(sql_int(&w->shop, "SELECT count(*) FROM photo"
                                       " WHERE name NOT GLOB '*[^0-9a-f]*'"),
                     1);
    free(png);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bodies),       TEST(test_paths),    TEST(test_protocol),
        TEST(test_large_upload), TEST(test_pictures),
    };

    (void)argc;
    ground_init(argv[0]);
    return cmocka_run_group_tests_name("SYS-1 SYS-5 CAT-2 broken requests", tests, NULL,
                                       NULL);
}
