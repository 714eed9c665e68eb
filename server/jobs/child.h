/* This program's own commands, run as children beside the server. */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stdint.h>

/* Runs /proc/self/exe with `argv` and waits. True when it ended well. It is ended when it
 * takes longer than `most_ms`, or `stop(arg)` says so. */
bool child_run(const char *const *argv, int64_t most_ms, bool (*stop)(void *), void *arg);

#endif
