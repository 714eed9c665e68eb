/* One line an event, whatever strangers put into it. */
#include "db/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is logged for `text`. */
static const char *logged(const char *text)
{
    static char line[8192];
    int fds[2], saved = dup(STDERR_FILENO);
    ssize_t n;

    assert_int_equal(pipe(fds), 0);
    dup2(fds[1], STDERR_FILENO);
    log_warn("refused path=%s", text);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fds[1]);
    n = read(fds[0], line, sizeof line - 1);
    close(fds[0]);
    assert_true(n > 0);
    line[n] = '\0';
    return line;
}

static void one_line(void **state)
{
    const char *line = logged("a\r\n2026-01-01T00:00:00Z info signed in\x1b[2J\x7f\xc2\x85z");

    (void)state;
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_null(strpbrk(line, "\r\x1b\x7f"));
    assert_non_null(strstr(line, "a\\x0d\\x0a2026"));
    assert_non_null(strstr(line, "\\x85z\n"));
}

static void in_utc(void **state)
{
    const char *line = logged("x");

    (void)state;
    assert_int_equal(line[10], 'T');
    assert_int_equal(line[23], 'Z');
    assert_string_equal(line + 24, " warn refused path=x\n");
}

static void bounded(void **state)
{
    static char text[20000];
    const char *line;

    (void)state;
    memset(text, '\n', sizeof text - 1);
    line = logged(text);
    assert_true(strlen(line) <= 4096);
    assert_int_equal(line[strlen(line) - 1], '\n');
}

static void no_format(void **state)
{
    (void)state;
    assert_non_null(strstr(logged("%s%n%p"), "path=%s%n%p\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "SEC-42 an event is one line", one_line, NULL, NULL, NULL },
        { "SEC-41 when, in UTC", in_utc, NULL, NULL, NULL },
        { "SEC-42 long events are cut", bounded, NULL, NULL, NULL },
        { "SEC-23 no format of strangers", no_format, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
