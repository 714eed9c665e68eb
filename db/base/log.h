/* One line an event on standard error: time, level, event, then key=value. Thread-safe; a
 * line is one write. Control characters are escaped, so that no value can forge a line.
 * Never pass tokens, codes, message texts or whole phone numbers. */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_INFO, LOG_WARN, LOG_ERROR };

void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

/* How many warnings and errors were logged since the start, for /metrics. */
unsigned long log_count(enum log_level level);

#endif
