/* Ground for HTTP tests: the real program on a free port over a folder of its own, browsers
 * that keep their cookies, and a look into its database. Included by one test program each. */
#ifndef GROUND_H
#define GROUND_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <pthread.h>
#include <ftw.h>
#include <jansson.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

struct shop {
    pid_t pid;
    int port;
    char dir[64], log[96];
};

struct browser {
    const struct shop *shop;
    CURL *curl;
    char csrf[64];
    long status;
    char *body;
    size_t size;
    json_t *json; /* of a JSON answer; NULL */
};

static char ground_program[512]; /* build/<flavour>/invichat, beside our own folder */

static UNUSED void ground_init(const char *argv0)
{
    const char *at = strstr(argv0, "tests/http/");

    assert_non_null(at);
    snprintf(ground_program, sizeof ground_program, "%.*sinvichat", (int)(at - argv0), argv0);
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static char *file_read(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t room = 16384, used = 0, n;
    char *text = calloc(1, room);

    assert_non_null(text);
    while (f && (n = fread(text + used, 1, room - used - 1, f)) > 0) {
        used += n;
        if (used + 1 == room) {
            text = realloc(text, room *= 4);
            assert_non_null(text);
        }
    }
    text[used] = '\0';
    if (f)
        fclose(f);
    return text;
}

/* Starts the program over the shop's folder; waits until it serves. */
static void shop_start(struct shop *s)
{
    int log = open(s->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(log >= 0);
    s->pid = fork();
    if (s->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves no server behind */
        dup2(log, 1);
        dup2(log, 2);
        setenv("INVICHAT_LOG_OTP", "1", 1);
        setenv("INVICHAT_WHATSAPP_APP_SECRET", "fixture-app-secret", 1);
        setenv("INVICHAT_WHATSAPP_VERIFY_TOKEN", "verify-me", 1);
        execl(ground_program, ground_program, "serve", "--data", s->dir, "--listen",
              "127.0.0.1:0", (char *)NULL);
        _exit(127);
    }
    close(log);
    s->port = 0;
    for (int i = 0; i < 600 && !s->port; i++) {
        char *text = file_read(s->log), *at = strstr(text, "serving http://127.0.0.1:");

        if (at && strchr(at, '\n'))
            s->port = atoi(at + 25);
        free(text);
        usleep(50 * 1000);
    }
    if (!s->port) {
        char *text = file_read(s->log);

        fprintf(stderr, "the server did not start:\n%s\n", text);
        free(text);
    }
    assert_true(s->port > 0);
}

static void shop_new(struct shop *s)
{
    strcpy(s->dir, "/tmp/invichat-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->log, sizeof s->log, "%s.log", s->dir);
    shop_start(s);
}

/* The listener looks up every two seconds, or when someone comes. */
static void shop_knock(const struct shop *s)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)s->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    connect(fd, (struct sockaddr *)&to, sizeof to);
    close(fd);
}

/* Asks it to stop and expects that it does so in order. */
static void shop_stop(struct shop *s)
{
    int status = -1;
    pid_t ended;

    kill(s->pid, SIGTERM);
    while ((ended = waitpid(s->pid, &status, WNOHANG)) == 0) {
        usleep(50 * 1000);
        shop_knock(s);
    }
    assert_int_equal(ended, s->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static UNUSED void shop_kill(struct shop *s)
{
    kill(s->pid, SIGKILL);
    assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

/* Runs another command of the program over the folder; its exit status. */
static UNUSED int shop_command(const struct shop *s, const char *name, const char *word)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);

        dup2(null, 1);
        execl(ground_program, ground_program, name, "--data", s->dir, word, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int path_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void shop_free(struct shop *s)
{
    shop_stop(s);
    nftw(s->dir, path_remove, 16, FTW_DEPTH | FTW_PHYS);
    unlink(s->log);
}

/* Tests that look thousands of times keep their look open; it is closed before the server is
 * stopped, whose last connection it would hold up. */
static sqlite3 *ground_look;

static UNUSED sqlite3 *look_open(const struct shop *s)
{
    char path[128];
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/invichat.db", s->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

/* The first column of the first row, as the database has it now; -1 for none. */
static UNUSED int64_t sql_int(const struct shop *s, const char *sql)
{
    sqlite3 *db = ground_look ? ground_look : look_open(s);
    sqlite3_stmt *stmt;
    int64_t n = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    if (db != ground_look)
        sqlite3_close(db);
    return n;
}

/* --- the database as it was, while the server runs --- */

/* Changes what the page has no way to: time that has passed, another's rows. */
static UNUSED __attribute__((format(printf, 2, 3))) void
sql_run(const struct shop *s, const char *format, ...)
{
    char sql[1200], path[128], *error = NULL;
    sqlite3 *db;
    va_list args;

    va_start(args, format);
    assert_in_range(vsnprintf(sql, sizeof sql, format, args), 1, sizeof sql - 1);
    va_end(args);
    snprintf(path, sizeof path, "%s/invichat.db", s->dir);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    sqlite3_close(db);
}

static UNUSED void database_copy(const char *from, const char *to)
{
    sqlite3 *source, *target;
    sqlite3_backup *backup;
    int rc;

    assert_int_equal(sqlite3_open_v2(from, &source, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_open(to, &target), SQLITE_OK);
    sqlite3_busy_timeout(target, 5000);
    backup = sqlite3_backup_init(target, "main", source, "main");
    assert_non_null(backup);
    for (int i = 0; (rc = sqlite3_backup_step(backup, -1)) != SQLITE_DONE && i < 500; i++)
        usleep(10 * 1000);
    assert_int_equal(rc, SQLITE_DONE);
    sqlite3_backup_finish(backup);
    sqlite3_close(target);
    sqlite3_close(source);
}

/* Waits until nothing is being sent or worked at. */
static UNUSED void shop_rests(const struct shop *s)
{
    for (int i = 0; i < 500 && sql_int(s, "SELECT count(*) FROM job WHERE state = 'leased' OR"
                                          " (state = 'waiting' AND tries = 0)") > 0;
         i++)
        usleep(10 * 1000);
}

/* Keeps a copy of the database, and brings it back. */
static UNUSED void shop_keep(const struct shop *s)
{
    char live[128], kept[128];

    snprintf(live, sizeof live, "%s/invichat.db", s->dir);
    snprintf(kept, sizeof kept, "%s/kept.db", s->dir);
    shop_rests(s);
    unlink(kept);
    database_copy(live, kept);
}

static UNUSED void shop_back(const struct shop *s)
{
    char live[128], kept[128];

    snprintf(live, sizeof live, "%s/invichat.db", s->dir);
    snprintf(kept, sizeof kept, "%s/kept.db", s->dir);
    shop_rests(s);
    database_copy(kept, live);
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct browser *b = arg;

    b->body = realloc(b->body, b->size + size * n + 1);
    memcpy(b->body + b->size, data, size * n);
    b->size += size * n;
    b->body[b->size] = '\0';
    return size * n;
}

static void browser_new(struct browser *b, const struct shop *s)
{
    *b = (struct browser){ .shop = s, .curl = curl_easy_init() };
    assert_non_null(b->curl);
    curl_easy_setopt(b->curl, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(b->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(b->curl, CURLOPT_WRITEDATA, b);
    curl_easy_setopt(b->curl, CURLOPT_TIMEOUT, 60L);
}

static void browser_free(struct browser *b)
{
    json_decref(b->json);
    free(b->body);
    curl_easy_cleanup(b->curl);
}

/* Sends `body` (NULL: a GET) of the type and reads the answer; `extra` is a header line or
 * NULL. The status, 0 when there was no answer. */
static long browser_send(struct browser *b, const char *path, const char *type,
                         const char *body, const char *extra)
{
    char url[1024], line[200];
    struct curl_slist *headers = NULL;
    const char *csrf;

    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", b->shop->port, path);
    json_decref(b->json);
    b->json = NULL;
    free(b->body);
    b->body = calloc(1, 1);
    b->size = 0;
    b->status = 0;
    if (type) {
        snprintf(line, sizeof line, "Content-Type: %s", type);
        headers = curl_slist_append(headers, line);
    }
    snprintf(line, sizeof line, "X-CSRF-Token: %s", b->csrf);
    headers = curl_slist_append(headers, line);
    if (!extra || strncmp(extra, "Accept:", 7) != 0)
        headers = curl_slist_append(headers, "Accept: application/json");
    if (extra)
        headers = curl_slist_append(headers, extra);
    curl_easy_setopt(b->curl, CURLOPT_URL, url);
    curl_easy_setopt(b->curl, CURLOPT_HTTPHEADER, headers);
    if (body) {
        curl_easy_setopt(b->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
        curl_easy_setopt(b->curl, CURLOPT_POSTFIELDS, body);
    } else {
        curl_easy_setopt(b->curl, CURLOPT_HTTPGET, 1L);
    }
    if (curl_easy_perform(b->curl) == CURLE_OK)
        curl_easy_getinfo(b->curl, CURLINFO_RESPONSE_CODE, &b->status);
    curl_slist_free_all(headers);
    b->json = json_loads(b->body, 0, NULL);
    csrf = json_string_value(json_object_get(b->json, "csrf"));
    if (csrf)
        snprintf(b->csrf, sizeof b->csrf, "%s", csrf);
    return b->status;
}

static UNUSED long get(struct browser *b, const char *path)
{
    return browser_send(b, path, NULL, NULL, NULL);
}

/* Posts JSON given as a printf format. */
static UNUSED __attribute__((format(printf, 3, 4))) long
post(struct browser *b, const char *path, const char *format, ...)
{
    char body[8192];
    va_list args;

    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    return browser_send(b, path, "application/json", body, NULL);
}

static UNUSED int64_t answer_int(const struct browser *b, const char *key)
{
    return json_integer_value(json_object_get(b->json, key));
}

/* The browser's session, and back to it: some requests end it. */
static UNUSED void session_keep(struct browser *b, char *out, size_t size)
{
    struct curl_slist *cookies = NULL;

    out[0] = '\0';
    curl_easy_getinfo(b->curl, CURLINFO_COOKIELIST, &cookies);
    for (struct curl_slist *c = cookies; c; c = c->next)
        if (strstr(c->data, "\tsession\t"))
            snprintf(out, size, "%s", c->data);
    curl_slist_free_all(cookies);
    assert_true(out[0]);
}

static UNUSED void session_back(struct browser *b, const char *cookie)
{
    curl_easy_setopt(b->curl, CURLOPT_COOKIELIST, "ALL");
    curl_easy_setopt(b->curl, CURLOPT_COOKIELIST, cookie);
}

/* The newest code that was logged for the number. */
static UNUSED void code_of(const struct shop *s, const char *mobile, char code[8])
{
    char want[64];

    code[0] = '\0';
    snprintf(want, sizeof want, "otp to=%s code=", mobile);
    for (int i = 0; i < 200 && !code[0]; i++) {
        char *text = file_read(s->log), *at = text, *last = NULL;

        while ((at = strstr(at, want)))
            last = at++;
        if (last && strchr(last, '\n'))
            snprintf(code, 7, "%.6s", last + strlen(want));
        free(text);
        usleep(20 * 1000);
    }
    assert_int_equal(strlen(code), 6);
}

/* A user with an account of their own, signed in and in it; the account's id. */
static UNUSED int64_t sign_up(struct browser *b, const struct shop *s, const char *mobile,
                              const char *name)
{
    char code[8];

    browser_new(b, s);
    assert_int_equal(post(b, "/signup", "{\"mobile\":\"%s\",\"name\":\"%s\",\"lang\":\"en\"}",
                          mobile, name),
                     200);
    code_of(s, mobile, code);
    assert_int_equal(post(b, "/signup/verify", "{\"code\":\"%s\"}", code), 200);
    assert_int_equal(get(b, "/accounts"), 200);
    assert_int_equal(post(b, "/accounts", "{\"name\":\"%s\",\"email\":\"a%s@example.com\"}",
                          name, mobile + 1),
                     201);
    return answer_int(b, "id");
}

/* A vendor: signed up, asked for the role, granted by `admin`. */
static UNUSED int64_t vendor_up(struct browser *b, const struct shop *s,
                                struct browser *admin, const char *mobile, const char *name)
{
    int64_t id = sign_up(b, s, mobile, name);
    char path[80];

    assert_int_equal(post(b, "/account/vendor",
                          "{\"trade_name\":\"%s\",\"address\":\"Jaipur\",\"state_code\":\"08\","
                          "\"gst_status\":\"unregistered\",\"upi\":\"shop@bank\"}",
                          name),
                     201);
    snprintf(path, sizeof path, "/admin/requests/%lld/approve", (long long)id);
    assert_int_equal(post(admin, path, "{}"), 200);
    return id;
}

/* The first user, made an admin by the command. */
static UNUSED void admin_up(struct browser *b, const struct shop *s)
{
    sign_up(b, s, "+919000000001", "Admin");
    assert_int_equal(shop_command(s, "admin", "+919000000001"), 0);
    assert_int_equal(get(b, "/accounts"), 200);
}

#endif
