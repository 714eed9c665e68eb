/* A line is formatted on the stack, escaped into a second buffer and written at once. The
 * counters are the only state; they are atomic. */
#include "log.h"

#include "clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static atomic_ulong counts[LOG_ERROR + 1];

/* Escapes control characters (C0, DEL, and C1, which UTF-8 codes as C2 80 to C2 9F). */
static size_t escape(char *to, size_t size, const char *s)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;

    for (; *s && n + 6 < size; s++) {
        unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];

        if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
            c = next;
            s++;
        } else if (c >= 0x20 && c != 0x7f) {
            to[n++] = *s;
            continue;
        }
        memcpy(to + n, "\\x", 2);
        to[n + 2] = hex[c >> 4];
        to[n + 3] = hex[c & 15];
        n += 4;
    }
    return n;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = { "info", "warn", "error" };
    char event[LINE_MAX_BYTES / 2], line[LINE_MAX_BYTES];
    int64_t now = clock_ms();
    struct calendar at = clock_calendar(now, 0);
    va_list args;
    size_t n;

    atomic_fetch_add(&counts[level], 1);
    va_start(args, format);
    vsnprintf(event, sizeof event, format, args);
    va_end(args);
    n = (size_t)snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s ",
                         at.year, at.month, at.day, at.hour, at.minute, at.second,
                         (int)((now % 1000 + 1000) % 1000), names[level]);
    n += escape(line + n, sizeof line - n - 1, event);
    line[n++] = '\n';
    if (write(STDERR_FILENO, line, n) < 0)
        return; /* nowhere is left to say so */
}

unsigned long log_count(enum log_level level)
{
    return atomic_load(&counts[level]);
}
