/* The file between record.c and loop.c: for each statement a head, its text, and its values,
 * each a record_arg (the pointer means nothing) and its bytes. */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum { RECORD_ARGS = 64 };
enum { RECORD_NULL, RECORD_INT, RECORD_TEXT, RECORD_BLOB };

struct record_head {
    int thread, args;
    size_t sql_size;
};

struct record_arg {
    int type;
    int64_t i;
    const char *bytes;
    size_t size;
};

#endif
