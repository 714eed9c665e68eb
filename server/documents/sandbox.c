/* setrlimit, then a seccomp filter by libseccomp. Lists are kept to what glibc, glib,
 * gdk-pixbuf, fontconfig and pango were seen to need. */
#include "server/documents/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Sanitizers map terabytes and make calls of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum { FILES_MAX = 64, WALL_FACTOR = 3 };

static bool limit_set(int what, rlim_t to)
{
    struct rlimit limit = { to, to };

    return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

bool sandbox_limits(unsigned memory_mb, unsigned cpu_s)
{
    if (!SANITIZED && !limit_set(RLIMIT_AS, (rlim_t)memory_mb << 20))
        return false;
    /* A child whose parent died would wait for ever; the parent itself ends it sooner. */
    alarm(cpu_s * WALL_FACTOR);
    return limit_set(RLIMIT_CPU, cpu_s) && limit_set(RLIMIT_CORE, 0) &&
           limit_set(RLIMIT_NOFILE, FILES_MAX) && limit_set(RLIMIT_FSIZE, 0) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

#if SANITIZED

bool sandbox_enter(enum sandbox kind)
{
    (void)kind;
    return true;
}

#else

struct rule {
    int call;
    uint32_t action;
};

/* Reading, writing, memory, locks, the end. getpid, gettid and tgkill are abort()'s. */
static const struct rule compute_rules[] = {
    { SCMP_SYS(read), SCMP_ACT_ALLOW },
    { SCMP_SYS(write), SCMP_ACT_ALLOW },
    { SCMP_SYS(writev), SCMP_ACT_ALLOW },
    { SCMP_SYS(close), SCMP_ACT_ALLOW },
    { SCMP_SYS(fstat), SCMP_ACT_ALLOW },
    { SCMP_SYS(lseek), SCMP_ACT_ALLOW },
    { SCMP_SYS(mmap), SCMP_ACT_ALLOW },
    { SCMP_SYS(munmap), SCMP_ACT_ALLOW },
    { SCMP_SYS(mremap), SCMP_ACT_ALLOW },
    { SCMP_SYS(mprotect), SCMP_ACT_ALLOW },
    { SCMP_SYS(madvise), SCMP_ACT_ALLOW },
    { SCMP_SYS(brk), SCMP_ACT_ALLOW },
    { SCMP_SYS(futex), SCMP_ACT_ALLOW },
    { SCMP_SYS(getrandom), SCMP_ACT_ALLOW },
    { SCMP_SYS(clock_gettime), SCMP_ACT_ALLOW },
    { SCMP_SYS(gettimeofday), SCMP_ACT_ALLOW },
    { SCMP_SYS(rt_sigaction), SCMP_ACT_ALLOW },
    { SCMP_SYS(rt_sigprocmask), SCMP_ACT_ALLOW },
    { SCMP_SYS(rt_sigreturn), SCMP_ACT_ALLOW },
    { SCMP_SYS(restart_syscall), SCMP_ACT_ALLOW },
    { SCMP_SYS(getpid), SCMP_ACT_ALLOW },
    { SCMP_SYS(gettid), SCMP_ACT_ALLOW },
    { SCMP_SYS(tgkill), SCMP_ACT_ALLOW },
    { SCMP_SYS(exit), SCMP_ACT_ALLOW },
    { SCMP_SYS(exit_group), SCMP_ACT_ALLOW },
};

/* fontconfig looks for fonts and would like to write a cache; pango asks it in a thread.
 */
static const struct rule read_rules[] = {
    { SCMP_SYS(newfstatat), SCMP_ACT_ALLOW },
    { SCMP_SYS(stat), SCMP_ACT_ALLOW },
    { SCMP_SYS(lstat), SCMP_ACT_ALLOW },
    { SCMP_SYS(statx), SCMP_ACT_ALLOW },
    { SCMP_SYS(fstatfs), SCMP_ACT_ALLOW },
    { SCMP_SYS(statfs), SCMP_ACT_ALLOW },
    { SCMP_SYS(access), SCMP_ACT_ALLOW },
    { SCMP_SYS(faccessat), SCMP_ACT_ALLOW },
    { SCMP_SYS(faccessat2), SCMP_ACT_ALLOW },
    { SCMP_SYS(readlink), SCMP_ACT_ALLOW },
    { SCMP_SYS(readlinkat), SCMP_ACT_ALLOW },
    { SCMP_SYS(getdents64), SCMP_ACT_ALLOW },
    { SCMP_SYS(getcwd), SCMP_ACT_ALLOW },
    { SCMP_SYS(pread64), SCMP_ACT_ALLOW },
    { SCMP_SYS(readv), SCMP_ACT_ALLOW },
    { SCMP_SYS(fcntl), SCMP_ACT_ALLOW },
    { SCMP_SYS(fadvise64), SCMP_ACT_ALLOW },
    { SCMP_SYS(uname), SCMP_ACT_ALLOW },
    { SCMP_SYS(sysinfo), SCMP_ACT_ALLOW },
    { SCMP_SYS(getuid), SCMP_ACT_ALLOW },
    { SCMP_SYS(geteuid), SCMP_ACT_ALLOW },
    { SCMP_SYS(getgid), SCMP_ACT_ALLOW },
    { SCMP_SYS(getegid), SCMP_ACT_ALLOW },
    { SCMP_SYS(sched_yield), SCMP_ACT_ALLOW },
    { SCMP_SYS(sched_getaffinity), SCMP_ACT_ALLOW },
    { SCMP_SYS(set_robust_list), SCMP_ACT_ALLOW },
    { SCMP_SYS(rseq), SCMP_ACT_ALLOW },
    { SCMP_SYS(clock_nanosleep), SCMP_ACT_ALLOW },
    { SCMP_SYS(clone3), SCMP_ACT_ERRNO(ENOSYS) },
    { SCMP_SYS(mkdir), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(mkdirat), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(unlink), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(unlinkat), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(link), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(rename), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(chmod), SCMP_ACT_ERRNO(EACCES) },
    { SCMP_SYS(ioctl), SCMP_ACT_ERRNO(ENOTTY) },
};

static bool rules_add(scmp_filter_ctx ctx, const struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (seccomp_rule_add(ctx, rules[i].action, rules[i].call, 0) != 0)
            return false;
    return true;
}

/* fstat() is fstatat() with an empty path in glibc; only that form is let through. */
static bool compute_add(scmp_filter_ctx ctx)
{
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                            SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)) ==
           0;
}

/* Threads of this process, not new processes. */
static bool read_add(scmp_filter_ctx ctx)
{
    const uint64_t write_flags = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | __O_TMPFILE;
    const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                            CLONE_THREAD;
    static const uint64_t bits[] = { 1, 2, O_CREAT, O_TRUNC, O_APPEND };

    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, bits[i], bits[i])) != 0)
            return false;
    return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, write_flags, 0)) == 0 &&
           seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread)) == 0 &&
           seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0;
}

bool sandbox_enter(enum sandbox kind)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool ok = ctx != NULL;

    if (ok && kind == SANDBOX_READ)
        ok = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
             rules_add(ctx, read_rules, sizeof read_rules / sizeof *read_rules) &&
             read_add(ctx);
    else if (ok)
        ok = compute_add(ctx);
    ok = ok &&
         rules_add(ctx, compute_rules, sizeof compute_rules / sizeof *compute_rules) &&
         seccomp_load(ctx) == 0;
    if (ctx)
        seccomp_release(ctx);
    return ok;
}

#endif
