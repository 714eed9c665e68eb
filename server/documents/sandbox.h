/* Takes rights away from this process, for good. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

enum sandbox {
    SANDBOX_COMPUTE, /* read and write what is open, and memory */
    SANDBOX_READ     /* and open files for reading, and start threads */
};

/* Limits memory and processor time; forbids core dumps, writing to files and being
 * traced. False when the system refuses. */
bool sandbox_limits(unsigned memory_mb, unsigned cpu_s);

/* Forbids system calls but those of `kind`: the process dies (SIGSYS) at any other.
 * Opening for writing and the like just fails where libraries are known to try it.
 * Compiled out, as is the memory limit, under sanitizers, which need more than
 * this allows. */
bool sandbox_enter(enum sandbox kind);

#endif
