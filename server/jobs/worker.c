/* Each lane is a thread that leases, works, and sleeps until the next job is due,
 * somebody wakes it, or (looked at every second) something was committed. The work lane
 * sweeps every minute as well. A lane that met an outage rests, longer each time, and
 * leaves the jobs where they are. */
#include "server/jobs/worker.h"

#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/job.h"
#include "db/notify.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TICK_MS = 1000,
    SEND_LEASE_MS = 60 * 1000,
    WORK_LEASE_MS = 3 * 60 * 1000,
    FIRST_WAIT_MS = 5 * 1000,
    LAST_WAIT_MS = 60 * 60 * 1000,
    OUTAGE_MAX_MS = 5 * 60 * 1000,
    OTP_OUTAGE_MAX_MS = 20 * 1000,
    ALERT_MS = 60 * 60 * 1000
};

struct lane {
    struct worker *worker;
    enum job_lane lane;
    pthread_t thread;
    int outages;         /* in a row */
    int64_t rests_until; /* clock_steady_ms() */
    int64_t alerted;
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

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static int64_t int_of(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

/* Doubling from 5 seconds to an hour. */
static int64_t wait_for(int64_t tries)
{
    int64_t wait = FIRST_WAIT_MS;

    for (int64_t i = 0; i < tries && wait < LAST_WAIT_MS; i++)
        wait *= 2;
    return wait < LAST_WAIT_MS ? wait : LAST_WAIT_MS;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* `wait` 0: longer each time. A code is of no use when it comes late. */
static void outage_note(struct lane *l, int64_t wait)
{
    if (!wait)
        wait = smaller(wait_for(l->outages), OUTAGE_MAX_MS);
    if (l->lane == JOB_OTPS)
        wait = smaller(wait, OTP_OUTAGE_MAX_MS);
    l->outages++;
    l->rests_until = clock_steady_ms() + wait;
    log_warn("worker outage lane=%d rests_ms=%lld", (int)l->lane, (long long)wait);
}

static void alert_admins(struct lane *l, struct db *db, const char *error)
{
    int64_t now = clock_ms();
    enum db_rc rc;

    if (l->alerted && now - l->alerted < ALERT_MS)
        return;
    l->alerted = now;
    db_begin(db);
    rc = notify_admins(db, "notify.sending_stopped", json_pack("{s:s}", "error", error),
                       "/admin/outbox");
    if (db_end(db, rc) != DB_OK)
        log_warn("worker alert not stored");
}

/* Books how the sending ended. */
static enum db_rc send_book(struct lane *l, struct db *db, const json_t *job,
                            enum send_rc rc, const struct send_result *result)
{
    int64_t id = int_of(job, "id"), tries = int_of(job, "tries");
    int64_t wait = result->wait_ms;
    const char *error = result->error ? result->error : "";

    if (rc != SEND_DONE)
        log_warn("worker job=%lld rc=%d cause=%.200s", (long long)id, (int)rc, error);
    if (rc == SEND_OUTAGE)
        outage_note(l, wait);
    else
        l->outages = 0;
    if (result->is_alert)
        alert_admins(l, db, error);
    switch (rc) {
    case SEND_DONE: return job_done(db, id, result->provider_id);
    case SEND_FAILED: return job_failed(db, id, error);
    case SEND_RETRY: return job_retry(db, id, wait ? wait : wait_for(tries), true, error);
    case SEND_OUTAGE: break;
    }
    return job_retry(db, id, l->rests_until - clock_steady_ms(), false, error);
}

static enum db_rc otp_do(struct lane *l, struct db *db, const json_t *job)
{
    const struct services *s = l->worker->config.services;
    const json_t *p = json_object_get(job, "payload_json");
    struct arena *a = db_arena(db);
    struct otp_message otp = { .mobile = text_of(job, "recipient"),
                               .code = text_of(p, "code"),
                               .lang = text_of(p, "lang") };
    struct send_result result;
    enum send_rc rc;

    otp.text = text_get(l->worker->config.texts, a, otp.lang, "bot.otp", 0,
                        json_pack("{s:s}", "code", otp.code));
    rc = s->calls->otp(s, a, &otp, &result);
    return send_book(l, db, job, rc, &result);
}

/* Messages that come as a text key get their words here. */
static const json_t *message_worded(struct lane *l, struct arena *a, const json_t *p)
{
    const char *key = text_of(p, "text_key");
    json_t *worded;

    if (!*key)
        return p;
    worded = json_copy((json_t *)(uintptr_t)p);
    json_object_set_new(
        worded, "body",
        json_string(text_get(l->worker->config.texts, a, text_of(p, "lang"), key,
                             clock_zone_minutes("Asia/Kolkata"),
                             json_object_get(p, "args"))));
    return worded;
}

static enum db_rc message_do(struct lane *l, struct db *db, const json_t *job)
{
    const struct services *s = l->worker->config.services;
    const json_t *p = json_object_get(job, "payload_json");
    struct arena *a = db_arena(db);
    struct send_result result;
    enum send_rc rc;

    rc = s->calls->message(s, a, message_worded(l, a, p), int_of(job, "tries"), &result);
    return send_book(l, db, job, rc, &result);
}

static enum db_rc work_do(struct lane *l, struct db *db, const json_t *job)
{
    const struct worker_config *c = &l->worker->config;
    const json_t *p = json_object_get(job, "payload_json");
    int64_t id = int_of(job, "id"), tries = int_of(job, "tries");
    enum db_rc rc = DB_NONE;

    if (strcmp(text_of(job, "kind"), "webhook") == 0 &&
        strcmp(text_of(p, "source"), "whatsapp") == 0) {
        rc = bot_handle_next(c->bot, db, job, tries + 1 >= JOB_TRIES);
        if (rc == DB_OK)
            return DB_OK;
    } else if (c->work) {
        rc = c->work(c->arg, db, job);
        if (rc == DB_OK)
            return job_done(db, id, NULL);
    }
    log_warn("worker job=%lld kind=%s rc=%d", (long long)id, text_of(job, "kind"),
             (int)rc);
    return job_retry(db, id, wait_for(tries), true, "could not be done");
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
    switch (l->lane) {
    case JOB_WORK: rc = work_do(l, db, job); break;
    case JOB_OTPS: rc = otp_do(l, db, job); break;
    case JOB_MESSAGES: rc = message_do(l, db, job); break;
    }
    if (rc == DB_ERR)
        log_warn("worker job=%lld not booked", (long long)int_of(job, "id"));
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
    if (l->rests_until > steady)
        return false;
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
        while (!w->stopping && (!did || l->rests_until > clock_steady_ms()) &&
               !lane_is_due(l, wakes, commits, next_ms)) {
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
