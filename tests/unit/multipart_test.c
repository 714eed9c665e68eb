/* Uploads as browsers, tools and attackers send them: whole, cut short, byte by byte. */
#include "body_ground.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char uploads[] = "/tmp/multipart_test-XXXXXX";

/* A body handed out in pieces of `step` bytes; after `size` bytes it ends. */
struct feed {
    const char *data;
    size_t size, at, step;
};

static ssize_t feed_read(void *arg, char *to, size_t size)
{
    struct feed *f = arg;
    size_t n = f->size - f->at;

    if (n > size)
        n = size;
    if (f->step && n > f->step)
        n = f->step;
    memcpy(to, f->data + f->at, n);
    f->at += n;
    return (ssize_t)n;
}

static enum body_rc multipart(struct fixture *f, const char *body, size_t n, size_t step)
{
    struct feed feed = { .data = body, .size = n, .step = step };

    return multipart_read(f->arena, "multipart/form-data; boundary=XyZ", feed_read, &feed,
                          &limits, uploads, &f->form);
}

static const char *value_of(const struct fixture *f, const char *name)
{
    const struct part *p = form_part(&f->form, name);

    return p ? p->value : NULL;
}

#define B "--XyZ\r\n"
#define END "--XyZ--\r\n"
#define CD "Content-Disposition: form-data; "
#define FILE_PART(disposition) B CD disposition "\r\n\r\nDATA\r\n" END
#define HEAD(line) B CD "name=a\r\n" line "\r\n\r\nDATA\r\n" END

static void multipart_fields(void **state)
{
    static const char body[] = B CD
        "name=\"name\"\r\n\r\nचाय\r\n" B
        "content-DISPOSITION:form-data;name=qty ; x=y\r\n\r\n1\r\n--XyQ\r\n\r\n2\r\n" B CD
        "name=\"empty\"\r\n\r\n\r\n" B CD "name=\"qty\"\r\n\r\n2\r\n" B CD
        "name=\"photo\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n"
        "\r\n\r\n" B CD "name=\"photo\"; filename=\"अचार.JPG\"\r\n"
        "Content-Type: IMAGE/jpeg; x=y\r\n\r\n\xff\xd8\xff\0\r\n\r\r\n--XyY\r\n" END;
    struct fixture *f = *state;
    const struct part *p;

    assert_int_equal(multipart(f, body, sizeof body - 1, 0), BODY_OK);
    assert_int_equal(f->form.count, 5);
    assert_string_equal(value_of(f, "name"), "चाय");
    assert_string_equal(value_of(f, "qty"), "1\r\n--XyQ\r\n\r\n2");
    assert_string_equal(value_of(f, "empty"), "");
    assert_string_equal(f->form.parts[3].value, "2");
    p = form_part(&f->form, "photo");
    assert_true(p->is_file);
    assert_string_equal(p->file_name, "अचार.JPG");
    assert_string_equal(p->content_type, "image/jpeg");
    assert_int_equal(p->size, 14);
    assert_memory_equal(p->value, "\xff\xd8\xff\0\r\n\r\r\n--XyY", 14);
    assert_memory_equal(p->head, "\xff\xd8\xff\0\r\n\r\r\n--XyY\0\0", 16);
    assert_null(p->path);
}

static void multipart_no_parts(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(multipart(f, END, strlen(END), 0), BODY_OK);
    assert_int_equal(f->form.count, 0);
    assert_int_equal(multipart(f, "--XyZ--", 7, 0), BODY_OK);
}

static void multipart_file_names(void **state)
{
    static const struct {
        const char *body, *name;
    } rows[] = {
        { FILE_PART("name=a; filename=\"x.jpg\""), "x.jpg" },
        { FILE_PART("name=a; filename=x.jpg"), "x.jpg" },
        { FILE_PART("name=a; filename=\"आम का अचार.jpg\""), "आम का अचार.jpg" },
        { FILE_PART("name=a; filename=\"a\\\"b;c\\\\d.jpg\""), "d.jpg" },
        { FILE_PART("name=a; filename=\"a\\\"; name=b.jpg\""), "a_; name=b.jpg" },
        { FILE_PART("name=a; filename=\"C:\\Users\\x\\bill.pdf\""), "bill.pdf" },
        { FILE_PART("name=a; filename=\"../../etc/passwd\""), "passwd" },
        { FILE_PART("name=a; filename=\"..\""), "file" },
        { FILE_PART("name=a; filename=\"dir/\""), "file" },
        { FILE_PART("name=a; filename=\".htaccess\""), "htaccess" },
        { FILE_PART("name=a; filename=\"a%2Fb%22.jpg\""), "a%2Fb%22.jpg" },
        { FILE_PART("name=a; filename=\"\""), "file" },
        { FILE_PART("name=a; filename=\"gpj.\xe2\x80\xae"
                    "exe\""),
          "gpj.exe" },
        { FILE_PART("name=a; filename=\"a<b>|c?.jpg\""), "a_b__c_.jpg" },
        { FILE_PART("name=a; filename=\"x.jpg\"; filename*=UTF-8''%2e%2e%2fy"), "x.jpg" },
        { FILE_PART("name=a; filename*=UTF-8''..%2Fy.jpg; filename=x.jpg"), "x.jpg" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(multipart(f, rows[i].body, strlen(rows[i].body), 0), BODY_OK);
        assert_int_equal(f->form.count, 1);
        assert_string_equal(f->form.parts[0].file_name, rows[i].name);
        assert_string_equal(f->form.parts[0].value, "DATA");
        assert_string_equal(f->form.parts[0].content_type, "application/octet-stream");
    }
}

static void multipart_long_file_name(void **state)
{
    struct fixture *f = *state;
    char name[400 * 3 + 1] = "", body[2000];

    for (int i = 0; i < 400; i++)
        strcat(name, "क");
    snprintf(body, sizeof body, B CD "name=a; filename=\"x%s\"\r\n\r\n1\r\n" END, name);
    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_OK);
    assert_int_equal(strlen(f->form.parts[0].file_name), 1 + 39 * 3);
}

/* An input of type file* only is a field, since filename* is ignored. */
static void multipart_rfc5987_only(void **state)
{
    static const char body[] = FILE_PART("name=a; filename*=UTF-8''y.jpg");
    struct fixture *f = *state;

    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_OK);
    assert_false(f->form.parts[0].is_file);
}

static void multipart_bad(void **state)
{
    static const struct {
        const char *body;
        enum body_rc rc;
    } rows[] = {
        { "", BODY_SHORT },
        { "--XyZ", BODY_SHORT },
        { "--XyZ-", BODY_SHORT },
        { B, BODY_SHORT },
        { B CD "name=a\r\n\r\nDATA", BODY_SHORT },
        { B CD "name=a\r\n\r\nDATA\r\n--XyZ\r\n", BODY_SHORT },
        { B CD "name=a\r\n\r\nDATA\r\n--XyZ", BODY_SHORT },
        { B CD "name=a\r\n\r\nDATA\n--XyZ--", BODY_SHORT },
        { "preamble\r\n" B CD "name=a\r\n\r\nDATA\r\n" END, BODY_MALFORMED },
        { "\r\n" B CD "name=a\r\n\r\nDATA\r\n" END, BODY_MALFORMED },
        { "--Other\r\n" CD "name=a\r\n\r\nDATA\r\n--Other--\r\n", BODY_MALFORMED },
        { B CD "name=a\r\n\r\nDATA\r\n" END "epilogue", BODY_MALFORMED },
        { B CD "name=a\r\n\r\nDATA\r\n" END B CD "name=b\r\n\r\n1\r\n" END,
          BODY_MALFORMED },
        { B CD "name=a\r\n\r\nDATA\r\n--XyZmore\r\n" END, BODY_MALFORMED },
        { B CD "name=a\r\n\r\nDATA\r\n--XyZ \r\n" END, BODY_MALFORMED },
        { B "\r\nDATA\r\n" END, BODY_MALFORMED },
        { B "Content-Type: text/plain\r\n\r\nDATA\r\n" END, BODY_MALFORMED },
        { FILE_PART("x=y"), BODY_MALFORMED },
        { FILE_PART("name=\"\""), BODY_MALFORMED },
        { FILE_PART("name="), BODY_MALFORMED },
        { FILE_PART("name"), BODY_MALFORMED },
        { FILE_PART("name=\"a"), BODY_MALFORMED },
        { FILE_PART("name=\"a\\\""), BODY_MALFORMED },
        { FILE_PART("name=\"a\"b"), BODY_MALFORMED },
        { FILE_PART("name=a name=b"), BODY_MALFORMED },
        { FILE_PART("name=a; name=b"), BODY_MALFORMED },
        { FILE_PART("name=a; filename=x; filename=y"), BODY_MALFORMED },
        { FILE_PART("name=a; filename=\"\xc0\xaf\""), BODY_MALFORMED },
        { FILE_PART("name=\"\x01\""), BODY_MALFORMED },
        { B "Content-Disposition: attachment; name=a\r\n\r\nDATA\r\n" END,
          BODY_MALFORMED },
        { B "Content-Disposition: form-dataX; name=a\r\n\r\nDATA\r\n" END,
          BODY_MALFORMED },
        { HEAD(CD "name=b"), BODY_MALFORMED },
        { HEAD("Content-Transfer-Encoding: base64"), BODY_MALFORMED },
        { HEAD("content-transfer-encoding: 8bit"), BODY_MALFORMED },
        { HEAD("Content-Type: a/b\r\nContent-Type: a/b"), BODY_MALFORMED },
        { HEAD(" folded: x"), BODY_MALFORMED },
        { HEAD("X : y"), BODY_MALFORMED },
        { HEAD("no colon"), BODY_MALFORMED },
        { HEAD(": none"), BODY_MALFORMED },
        { HEAD("X: a\nY: b"), BODY_MALFORMED },
        { HEAD("X: a\rY: b"), BODY_MALFORMED },
        { B CD "name=a\r\n\r\n\xe0\xa4\r\n" END, BODY_MALFORMED },
        { B CD "name=a\r\n\r\n\x1b[2J\r\n" END, BODY_MALFORMED },
        { B CD "name=a\n\nDATA\r\n" END, BODY_SHORT },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum body_rc rc = multipart(f, rows[i].body, strlen(rows[i].body), 0);

        if (rc != rows[i].rc)
            print_error("%s\n", rows[i].body);
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(f->form.count, 0);
        assert_int_equal(multipart(f, rows[i].body, strlen(rows[i].body), 1), rows[i].rc);
    }
}

static void multipart_nul(void **state)
{
    static const char in_value[] = B CD "name=a\r\n\r\n1\0002\r\n" END;
    static const char in_name[] = B CD "name=\"a\0b\"\r\n\r\n1\r\n" END;
    static const char in_file[] = B CD
        "name=a; filename=\"a.php\0.jpg\"\r\n\r\n1\r\n" END;
    struct fixture *f = *state;

    assert_int_equal(multipart(f, in_value, sizeof in_value - 1, 0), BODY_MALFORMED);
    assert_int_equal(multipart(f, in_name, sizeof in_name - 1, 0), BODY_MALFORMED);
    assert_int_equal(multipart(f, in_file, sizeof in_file - 1, 0), BODY_MALFORMED);
}

static void multipart_boundaries(void **state)
{
    static const struct {
        const char *type;
        enum body_rc rc;
    } rows[] = {
        { "multipart/form-data; boundary=XyZ", BODY_OK },
        { "Multipart/Form-Data;charset=utf-8;BOUNDARY=\"XyZ\";", BODY_OK },
        { "multipart/form-data", BODY_MALFORMED },
        { "multipart/form-data; boundary=", BODY_MALFORMED },
        { "multipart/form-data; boundary=\"\"", BODY_MALFORMED },
        { "multipart/form-data; boundary=\"XyZ", BODY_MALFORMED },
        { "multipart/form-data; boundary=\"XyZ \"", BODY_MALFORMED },
        { "multipart/form-data; boundary=\"X{Z\"", BODY_MALFORMED },
        { "multipart/form-data; boundary=XyZ; boundary=Q", BODY_MALFORMED },
        { "multipart/form-data, boundary=XyZ", BODY_MALFORMED },
        { "multipart/form-dataX; boundary=XyZ", BODY_MALFORMED },
        { "multipart/mixed; boundary=XyZ", BODY_MALFORMED },
        { "multipart/form-data; boundary="
          "12345678901234567890123456789012345678901234567890123456789012345678901",
          BODY_MALFORMED },
        { "", BODY_MALFORMED },
        { NULL, BODY_MALFORMED },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feed feed = { .data = END, .size = strlen(END) };

        assert_int_equal(multipart_read(f->arena, rows[i].type, feed_read, &feed, &limits,
                                        uploads, &f->form),
                         rows[i].rc);
    }
}

/* A body with `n` parts, each of them `part`; caller frees. */
static char *many_parts(size_t n, const char *part, size_t *len)
{
    size_t each = strlen(part);
    char *s = malloc(n * each + sizeof END);

    for (size_t i = 0; i < n; i++)
        memcpy(s + i * each, part, each);
    memcpy(s + n * each, END, sizeof END);
    *len = n * each + sizeof END - 1;
    return s;
}

static enum body_rc parts_rc(struct fixture *f, size_t n, const char *part)
{
    size_t len;
    char *s = many_parts(n, part, &len);
    enum body_rc rc = multipart(f, s, len, 0);

    free(s);
    return rc;
}

static void multipart_counts(void **state)
{
    static const char field[] = B CD "name=a\r\n\r\n1\r\n";
    static const char file[] = B CD "name=a; filename=x\r\n\r\n1\r\n";
    static const char empty[] = B CD "name=a; filename=\"\"\r\n\r\n\r\n";
    struct fixture *f = *state;

    assert_int_equal(parts_rc(f, 200, field), BODY_OK);
    assert_int_equal(f->form.count, 200);
    assert_int_equal(parts_rc(f, 201, field), BODY_TOO_MANY);
    assert_int_equal(parts_rc(f, 10000, field), BODY_TOO_MANY);
    assert_int_equal(parts_rc(f, 4, file), BODY_OK);
    assert_int_equal(parts_rc(f, 5, file), BODY_TOO_MANY);
    assert_int_equal(parts_rc(f, 20, empty), BODY_OK);
    assert_int_equal(f->form.count, 0);
    assert_int_equal(parts_rc(f, 10000, empty), BODY_TOO_MANY);
}

static void multipart_heads(void **state)
{
    struct fixture *f = *state;
    char body[20000], line[9000];
    size_t at;

    memset(line, 'x', sizeof line);
    snprintf(body, sizeof body, HEAD("X: %.8100s"), line);
    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_OK);
    snprintf(body, sizeof body, HEAD("X: %.8200s"), line);
    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_TOO_LARGE);
    assert_int_equal(multipart(f, body, strlen(body), 1), BODY_TOO_LARGE);
    snprintf(body, sizeof body, FILE_PART("name=%.65s"), line);
    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_TOO_LARGE);
    at = (size_t)snprintf(body, sizeof body, B CD "name=a\r\n");
    for (int i = 0; i < 16; i++)
        at += (size_t)snprintf(body + at, sizeof body - at, "X: y\r\n");
    snprintf(body + at, sizeof body - at, "\r\nDATA\r\n" END);
    assert_int_equal(multipart(f, body, strlen(body), 0), BODY_TOO_LARGE);
}

static size_t files_in(const char *dir)
{
    DIR *d = opendir(dir);
    size_t n = 0;

    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* A file of `n` bytes of a pattern that holds starts of the delimiter; caller frees. */
static char *file_body(size_t n, size_t *len)
{
    static const char head[] = B CD "name=f; filename=\"bill.pdf\"\r\n\r\n";
    static const char pattern[] = "\r\n--Xy\r\n-";
    char *s = malloc(sizeof head + n + 2 + sizeof END);

    memcpy(s, head, sizeof head - 1);
    for (size_t i = 0; i < n; i++)
        s[sizeof head - 1 + i] = pattern[i % (sizeof pattern - 1)];
    memcpy(s + sizeof head - 1 + n, "\r\n" END, 2 + sizeof END);
    *len = sizeof head - 1 + n + 2 + sizeof END - 1;
    return s;
}

static void multipart_memory_and_disk(void **state)
{
    static const size_t sizes[] = { 1,     15,    16,    511,   512,
                                    16384, 65535, 65536, 65537, 500000 };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t len, start = strlen(B CD "name=f; filename=\"bill.pdf\"\r\n\r\n");
        char *s = file_body(sizes[i], &len), *back = malloc(sizes[i]);
        struct part *p;

        assert_int_equal(multipart(f, s, len, 0), BODY_OK);
        p = f->form.parts;
        assert_int_equal(p->size, sizes[i]);
        assert_memory_equal(p->head, s + start, sizes[i] < 16 ? sizes[i] : 16);
        if (sizes[i] <= 65536) {
            assert_null(p->path);
            assert_int_equal(p->value_len, sizes[i]);
            assert_memory_equal(p->value, s + start, sizes[i]);
        } else {
            struct stat st;
            FILE *in = fopen(p->path, "rb");

            assert_null(p->value);
            assert_int_equal(stat(p->path, &st), 0);
            assert_int_equal(st.st_mode & 0777, 0600);
            assert_int_equal(st.st_size, sizes[i]);
            assert_int_equal(fread(back, 1, sizes[i], in), sizes[i]);
            assert_memory_equal(back, s + start, sizes[i]);
            fclose(in);
        }
        free(back);
        free(s);
    }
    assert_int_equal(files_in(uploads), 2);
    arena_reset(f->arena);
    assert_int_equal(files_in(uploads), 0);
}

static void multipart_file_too_large(void **state)
{
    struct fixture *f = *state;
    size_t len;
    char *s = file_body(limits.file, &len);

    assert_int_equal(multipart(f, s, len, 0), BODY_OK);
    free(s);
    s = file_body(limits.file + 1, &len);
    assert_int_equal(multipart(f, s, len, 0), BODY_TOO_LARGE);
    assert_int_equal(multipart(f, s, len, 1), BODY_TOO_LARGE);
    free(s);
    arena_reset(f->arena);
    assert_int_equal(files_in(uploads), 0);
}

static void multipart_disk_fails(void **state)
{
    struct fixture *f = *state;
    struct feed feed = { 0 };
    char *s = file_body(70000, &feed.size);

    feed.data = s;
    assert_int_equal(multipart_read(f->arena, "multipart/form-data; boundary=XyZ",
                                    feed_read, &feed, &limits, "/nonexistent", &f->form),
                     BODY_FAILED);
    free(s);
}

static ssize_t endless_read(void *arg, char *to, size_t size)
{
    struct feed *f = arg;
    size_t n = f->at < f->size ? f->size - f->at : 100000000 - f->at;

    if (n > size)
        n = size;
    if (f->at < f->size)
        memcpy(to, f->data + f->at, n);
    else
        memset(to, 'x', n);
    f->at += n;
    return (ssize_t)n;
}

/* 100 MB as a value, as a file, as a part's headers: each stops at its limit. */
static void multipart_100_mb(void **state)
{
    static const char *const heads[] = { B CD "name=a\r\n\r\n",
                                         B CD "name=a; filename=x\r\n\r\n", B,
                                         B CD "name=a; filename=\"" };
    static const size_t most[] = { 4096 + 16384 * 2, 512 * 1024 + 16384 * 2, 16384,
                                   16384 };
    struct body_limits large = limits;
    struct fixture *f = *state;
    struct rusage before, after;

    large.bytes = SIZE_MAX / 4;
    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < 4; i++) {
        struct feed feed = { .data = heads[i], .size = strlen(heads[i]) };

        assert_int_equal(multipart_read(f->arena, "multipart/form-data; boundary=XyZ",
                                        endless_read, &feed, &large, uploads, &f->form),
                         BODY_TOO_LARGE);
        assert_true(feed.at <= most[i]);
    }
    large = limits;
    large.file = SIZE_MAX / 4;
    {
        struct feed feed = { .data = heads[1], .size = strlen(heads[1]) };

        assert_int_equal(multipart_read(f->arena, "multipart/form-data; boundary=XyZ",
                                        endless_read, &feed, &large, uploads, &f->form),
                         BODY_TOO_LARGE);
        assert_int_equal(feed.at, limits.bytes + 1);
    }
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 8 * 1024);
}

/* However a body is cut into reads and wherever it ends, the outcome is the same. */
static void multipart_split(void **state)
{
    static const size_t steps[] = { 1, 2, 3, 7, 64 };
    struct fixture *f = *state;
    struct form whole;
    size_t len;
    char *s = file_body(300, &len);

    for (size_t cut = 0; cut <= len; cut++) {
        enum body_rc rc = multipart(f, s, cut, 0);

        assert_int_equal(rc, cut == len || cut == len - 2 ? BODY_OK
                             : cut == len - 1             ? BODY_MALFORMED
                                                          : BODY_SHORT);
        whole = f->form;
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            assert_int_equal(multipart(f, s, cut, steps[i]), rc);
            assert_int_equal(f->form.count, whole.count);
            assert_memory_equal(f->form.digest, whole.digest, BODY_DIGEST);
        }
        arena_reset(f->arena);
    }
    free(s);
}

static void digest_meaning(void **state)
{
    static const char one[] = B CD "name=a\r\n\r\n1\r\n" B CD "name=b\r\n\r\n2\r\n" END;
    static const char file[] = B CD "name=a; filename=x\r\n\r\n1\r\n" END;
    static const char *const others[] = { "a=1&b=3", "a=1",     "b=2&a=1",  "a=1b&2",
                                          "a=12&b",  "a1=&b=2", "a=1&b=2&c" };
    struct fixture *f = *state;
    struct form first;

    assert_int_equal(multipart(f, one, sizeof one - 1, 0), BODY_OK);
    first = f->form;
    assert_int_equal(urlencoded_parse(f->arena, "a=1&b=2", 7, &limits, &f->form),
                     BODY_OK);
    assert_memory_equal(f->form.digest, first.digest, BODY_DIGEST);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(
            urlencoded_parse(f->arena, others[i], strlen(others[i]), &limits, &f->form),
            BODY_OK);
        assert_memory_not_equal(f->form.digest, first.digest, BODY_DIGEST);
    }
    assert_int_equal(multipart(f, file, sizeof file - 1, 0), BODY_OK);
    first = f->form;
    assert_int_equal(urlencoded_parse(f->arena, "a=1", 3, &limits, &f->form), BODY_OK);
    assert_memory_not_equal(f->form.digest, first.digest, BODY_DIGEST);
}

#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST("upload: fields and files", multipart_fields),
        TEST("upload: empty form", multipart_no_parts),
        TEST("upload: file names are cleaned", multipart_file_names),
        TEST("upload: a long Hindi file name is cut between letters",
             multipart_long_file_name),
        TEST("upload: filename* is ignored", multipart_rfc5987_only),
        TEST("upload: malformed bodies refused", multipart_bad),
        TEST("upload: NUL refused", multipart_nul),
        TEST("upload: boundary of the content type", multipart_boundaries),
        TEST("upload: fields and files counted", multipart_counts),
        TEST("upload: part headers bounded", multipart_heads),
        TEST("upload: small files in memory, others on disk", multipart_memory_and_disk),
        TEST("upload: too large a file leaves nothing behind", multipart_file_too_large),
        TEST("upload: a failing disk is told apart", multipart_disk_fails),
        TEST("upload: 100 MB are not read", multipart_100_mb),
        TEST("upload: splits of the reads don't matter", multipart_split),
        TEST("form: digest depends on content alone", digest_meaning),
    };
    int failed;

    if (sodium_init() < 0 || !mkdtemp(uploads))
        return 1;
    failed = cmocka_run_group_tests_name("multipart", tests, NULL, NULL);
    return rmdir(uploads) ? 1 : failed;
}
