/* Each lane is a thread that leases, works, and sleeps until the next job is due,
 * somebody wakes it, or (looked at every second) something was committed. The work lane
 * sweeps every minute as well. What goes out is sent by send.c. */
#include "server/jobs/worker.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/job.h"
#include "server/jobs/send.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TICK_MS = 1000,
    SEND_LEASE_MS = 60 * 1000,
    WORK_LEASE_MS = 3 * 60 * 1000
};

struct lane {
    struct worker *worker;
    enum job_lane lane;
    pthread_t thread;
    struct sender sender;
    int64_t swept;
};

struct worker {
    struct worker_config config;
    pthread_mutex_t lock;
    pthread_cond_t news;
    unsigned long wakes;
    bool stopping;
    struct lane lanes[JOB_LANES];
};

static enum db_rc work_do(struct lane *l, struct db *db, const json_t *job)
{
    const struct worker_config *c = &l->worker->config;
    const json_t *p = json_object_get(job, "payload_json");
    int64_t id = row_int(job, "id"), tries = row_int(job, "tries");
    enum db_rc rc = DB_NONE;

    if (strcmp(row_text(job, "kind"), "webhook") == 0 &&
        strcmp(row_text(p, "source"), "whatsapp") == 0) {
        rc = bot_handle_next(c->bot, db, job, tries + 1 >= JOB_TRIES);
        if (rc == DB_OK)
            return DB_OK;
    } else if (c->work) {
        rc = c->work(c->arg, db, job);
        if (rc == DB_OK)
            return job_done(db, id, NULL);
    }
    log_warn("worker job=%lld kind=%s rc=%d", (long long)id, row_text(job, "kind"),
             (int)rc);
    return job_retry(db, id, job_pause_ms(tries), true, "could not be done");
}

static void sweep(struct lane *l, struct db *db)
{
    const struct worker_config *c = &l->worker->config;
    int64_t now = clock_steady_ms();

    if (l->lane != JOB_WORK || (l->swept && now - l->swept < CLOCK_MINUTE))
        return;
    l->swept = now;
    if (job_sweep(db) != DB_OK)
        log_warn("worker sweep failed");
    if (c->minute)
        c->minute(c->arg, db);
}

/* One job; false when there was none, and `*next_ms` when there may be. */
static bool lane_step(struct lane *l, struct arena *a, int64_t *next_ms)
{
    struct db *db = db_new(l->worker->config.db, a);
    int64_t lease = l->lane == JOB_WORK ? WORK_LEASE_MS : SEND_LEASE_MS;
    json_t *job;
    enum db_rc rc;

    sweep(l, db);
    rc = job_lease(db, l->lane, lease, &job, next_ms);
    if (rc != DB_OK)
        return false;
    rc = l->lane == JOB_WORK ? work_do(l, db, job) : send_job(&l->sender, db, job);
    if (rc == DB_ERR)
        log_warn("worker job=%lld not booked", (long long)row_int(job, "id"));
    return true;
}

static void tick(struct worker *w, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&w->news, &w->lock, &until);
}

/* True when the lane should look again. The clock may be a test's: it is asked each time.
 */
static bool lane_is_due(const struct lane *l, unsigned long wakes, uint64_t commits,
                        int64_t next_ms)
{
    const struct worker *w = l->worker;
    int64_t steady = clock_steady_ms();

    if (l->lane == JOB_WORK && steady - l->swept >= CLOCK_MINUTE)
        return true;
    return w->wakes != wakes || db_file_commits(w->config.db) != commits ||
           (next_ms && next_ms <= clock_ms());
}

static void *lane_run(void *arg)
{
    struct lane *l = arg;
    struct worker *w = l->worker;
    struct arena *a = arena_new();
    unsigned long wakes;
    uint64_t commits;
    int64_t next_ms;

    arena_json(a);
    pthread_mutex_lock(&w->lock);
    while (!w->stopping) {
        bool did;

        wakes = w->wakes;
        pthread_mutex_unlock(&w->lock);
        commits = db_file_commits(w->config.db);
        did = lane_step(l, a, &next_ms);
        arena_reset(a);
        if (did && l->lane == JOB_WORK)
            worker_wake(w); /* its replies */
        pthread_mutex_lock(&w->lock);
        while (!w->stopping && !did && !lane_is_due(l, wakes, commits, next_ms)) {
            int64_t wait = next_ms ? next_ms - clock_ms() : TICK_MS;

            tick(w, wait > 0 && wait < TICK_MS ? wait : TICK_MS);
        }
    }
    pthread_mutex_unlock(&w->lock);
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

/* The data folder is locked to one process, so leases found now are of one that died. */
static void leases_recover(struct db_file *file)
{
    struct arena *a = arena_new();

    if (job_recover(db_new(file, a)) != DB_OK)
        log_warn("worker leases not recovered");
    arena_free(a);
}

struct worker *worker_start(const struct worker_config *config)
{
    struct worker *w = calloc(1, sizeof *w);
    pthread_condattr_t attr;

    if (!w)
        abort();
    w->config = *config;
    leases_recover(config->db);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->news, &attr);
    pthread_condattr_destroy(&attr);
    for (int i = 0; i < JOB_LANES; i++) {
        w->lanes[i] = (struct lane) { .worker = w, .lane = (enum job_lane)i };
        w->lanes[i].sender =
            (struct sender) { .config = &w->config, .lane = (enum job_lane)i };
        if (pthread_create(&w->lanes[i].thread, NULL, lane_run, &w->lanes[i]) != 0)
            abort();
    }
    return w;
}

void worker_wake(struct worker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->wakes++;
    pthread_cond_broadcast(&w->news);
    pthread_mutex_unlock(&w->lock);
}

void worker_stop(struct worker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->news);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < JOB_LANES; i++)
        pthread_join(w->lanes[i].thread, NULL);
    pthread_cond_destroy(&w->news);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
