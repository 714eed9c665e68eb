/* posix_spawn with all descriptors but 0-2 closed; poll on the child's two pipes until
 * both are at their end or the time is up; waitpid on that one child. A child is killed
 * as soon as it is late or says too much. Input is always a file (memory files included),
 * so that there is nothing to write to a child that may be gone. */
#include "server/documents/media.h"

#include "db/base/buf.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "server/documents/media_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILDREN = 2, WAIT_MS = 30000, ERR_MAX = 200, PDF_MAX = 32 * 1024 * 1024 };

struct media {
    char *program;
    int deadline_ms;
    sem_t slots;
};

struct child {
    pid_t pid;
    int out, err; /* ends to read from; -1 once at their end */
    int64_t deadline;
    struct buf said, complained;
    bool late, too_long;
};

struct media *media_new(const char *program, int deadline_ms)
{
    struct media *m = calloc(1, sizeof *m);

    if (!program)
        program = getenv("INVICHAT_MEDIA_PROGRAM");
    if (!program || !*program)
        program = "/proc/self/exe";
    if (m)
        m->program = strdup(program);
    if (!m || !m->program || sem_init(&m->slots, 0, CHILDREN) != 0) {
        log_error("media no memory");
        abort();
    }
    m->deadline_ms = deadline_ms > 0 ? deadline_ms : MEDIA_DEADLINE_MS;
    return m;
}

void media_free(struct media *m)
{
    if (!m)
        return;
    sem_destroy(&m->slots);
    free(m->program);
    free(m);
}

/* Descriptors below 3 would be overwritten while the child's own are put in place. */
static int fd_lift(int fd)
{
    int high;

    if (fd < 0 || fd > 2)
        return fd;
    high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return high;
}

static bool pipe_new(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    ends[0] = fd_lift(ends[0]);
    ends[1] = fd_lift(ends[1]);
    return ends[0] >= 0 && ends[1] >= 0;
}

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int spawn_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, defaults;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGCHLD);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &defaults);
    return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int child_spawn(const struct media *m, const struct media_job *job, int in,
                       int out, int err, pid_t *pid)
{
    char *argv[] = { (char *)"invichat", (char *)"media", (char *)job->verb,
                     (char *)job->arg, NULL };
    /* A thread sanitizer sees pango's thread but not pango's locks; only it reads this.
     */
    char *env[] = { (char *)"LC_ALL=C.UTF-8", (char *)"HOME=/nonexistent",
                    (char *)"OMP_THREAD_LIMIT=1", (char *)"TSAN_OPTIONS=report_bugs=0",
                    NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int rc;

    if (posix_spawn_file_actions_init(&files) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attr) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    rc = spawn_attributes(&attr);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, in, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, out, 1);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&files, err, 2);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (rc == 0)
        rc = posix_spawn(pid, m->program, &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

static bool child_start(const struct media *m, const struct media_job *job,
                        struct child *c)
{
    int out[2] = { -1, -1 }, err[2] = { -1, -1 };
    int in = fcntl(job->in, F_DUPFD_CLOEXEC, 3);
    int rc = -1;

    if (in >= 0 && pipe_new(out) && pipe_new(err))
        rc = child_spawn(m, job, in, out[1], err[1], &c->pid);
    fd_close(&in);
    fd_close(&out[1]);
    fd_close(&err[1]);
    c->out = out[0];
    c->err = err[0];
    if (rc != 0) {
        fd_close(&c->out);
        fd_close(&c->err);
        log_error("media start verb=%s error=%d", job->verb, rc);
    }
    return rc == 0;
}

/* Takes what is there; the pipe's descriptor becomes -1 at its end. */
static void child_read(int *fd, struct buf *to)
{
    char bytes[32768];
    ssize_t n = read(*fd, bytes, sizeof bytes);

    if (n > 0)
        buf_add(to, bytes, (size_t)n);
    else if (n == 0 || errno != EINTR)
        fd_close(fd);
}

static void child_listen(struct child *c)
{
    while (c->out >= 0 || c->err >= 0) {
        struct pollfd fds[] = { { .fd = c->out, .events = POLLIN },
                                { .fd = c->err, .events = POLLIN } };
        int64_t left = c->deadline - clock_steady_ms();

        if (left <= 0) {
            c->late = true;
            return;
        }
        if (poll(fds, 2, (int)left) <= 0)
            continue;
        if (fds[0].revents)
            child_read(&c->out, &c->said);
        if (fds[1].revents)
            child_read(&c->err, &c->complained);
        if (c->said.full) {
            c->too_long = true;
            return;
        }
    }
}

/* A child that has closed its pipes is all but gone, so the naps are short and few. */
static int child_reap(struct child *c)
{
    struct timespec nap = { .tv_nsec = 500 * 1000 };
    int status = -1;
    pid_t got;

    if (c->late || c->too_long)
        kill(c->pid, SIGKILL);
    for (;;) {
        got = waitpid(c->pid, &status, c->late || c->too_long ? 0 : WNOHANG);
        if (got == c->pid)
            return status;
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0 && clock_steady_ms() >= c->deadline) {
            c->late = true;
            kill(c->pid, SIGKILL);
        } else if (got == 0) {
            nanosleep(&nap, NULL);
        }
    }
}

static const char *refusal_key(const char *said)
{
    static const char *const known[] = { "photo.kind",   "photo.webp",  "photo.heic",
                                         "photo.pixels", "photo.bytes", "photo.broken" };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(said, known[i]) == 0)
            return known[i];
    return NULL;
}

static enum media_rc child_verdict(struct child *c, const struct media_job *job,
                                   int status, struct media_answer *out)
{
    bool ended = !c->late && !c->too_long && status >= 0;

    out->out = buf_str(&c->said);
    out->size = c->said.len;
    out->why = NULL;
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return MEDIA_OK;
    if (ended && WIFEXITED(status) && WEXITSTATUS(status) == MEDIA_EXIT_REFUSED)
        out->why = refusal_key(out->out);
    if (out->why)
        return MEDIA_REFUSED;
    log_warn("media verb=%s status=%d late=%d too_long=%d says=\"%s\"", job->verb, status,
             c->late, c->too_long, buf_str(&c->complained));
    if (ended && WIFSIGNALED(status) && WTERMSIG(status) != SIGSYS) {
        out->why = "photo.broken";
        return MEDIA_REFUSED;
    }
    out->why = "photo.failed";
    return MEDIA_FAILED;
}

static bool slot_take(struct media *m)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_MS / 1000;
    while (sem_clockwait(&m->slots, CLOCK_MONOTONIC, &until) != 0)
        if (errno != EINTR)
            return false;
    return true;
}

enum media_rc media_run(struct media *m, struct arena *a, const struct media_job *job,
                        struct media_answer *out)
{
    struct child c = { .out = -1, .err = -1 };
    int status;

    *out = (struct media_answer) { .out = "", .why = "photo.failed" };
    if (!slot_take(m)) {
        out->why = "photo.busy";
        return MEDIA_FAILED;
    }
    c.said = buf_new(a, 4096 < job->out_max ? 4096 : job->out_max, job->out_max);
    c.complained = buf_new(a, ERR_MAX, ERR_MAX);
    c.deadline = clock_steady_ms() +
                 (job->deadline_ms > 0 ? job->deadline_ms : m->deadline_ms);
    if (!child_start(m, job, &c)) {
        sem_post(&m->slots);
        return MEDIA_FAILED;
    }
    child_listen(&c);
    status = child_reap(&c);
    sem_post(&m->slots);
    fd_close(&c.out);
    fd_close(&c.err);
    return child_verdict(&c, job, status, out);
}

int media_memory(const void *bytes, size_t n)
{
    int fd = memfd_create("media", MFD_CLOEXEC);
    const char *p = bytes;

    while (fd >= 0 && n > 0) {
        ssize_t wrote = write(fd, p, n);

        if (wrote > 0) {
            p += wrote;
            n -= (size_t)wrote;
        } else if (wrote == 0 || errno != EINTR) {
            fd_close(&fd);
        }
    }
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0)
        fd_close(&fd);
    return fd;
}

static int json_to_buf(const char *bytes, size_t n, void *buf)
{
    struct buf *b = buf;

    buf_add(b, bytes, n);
    return b->full ? -1 : 0;
}

enum media_rc media_invoice(struct media *m, struct arena *a, const json_t *invoice,
                            char **pdf, size_t *size)
{
    struct media_job job = { .verb = "invoice", .out_max = PDF_MAX };
    struct buf text = buf_new(a, 16384, 4 * 1024 * 1024);
    struct media_answer answer;
    enum media_rc rc;

    *pdf = NULL;
    *size = 0;
    if (json_dump_callback(invoice, json_to_buf, &text, JSON_COMPACT) != 0)
        return MEDIA_FAILED;
    job.in = media_memory(text.data, text.len);
    if (job.in < 0)
        return MEDIA_FAILED;
    rc = media_run(m, a, &job, &answer);
    close(job.in);
    if (rc != MEDIA_OK || answer.size < 5 || memcmp(answer.out, "%PDF-", 5) != 0)
        return MEDIA_FAILED;
    *pdf = (char *)answer.out;
    *size = answer.size;
    return MEDIA_OK;
}
