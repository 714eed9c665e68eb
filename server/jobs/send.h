/* Sends one job of a lane that goes out, and books how that ended. */
#ifndef SEND_H
#define SEND_H

#include "db/job.h"
#include "server/jobs/worker.h"

/* One thread's. */
struct sender {
    const struct worker_config *config;
    enum job_lane lane;
    int64_t alerted_ms; /* when the admins were last told that nothing goes out */
};

/* DB_OK when it is booked. The lane is not JOB_WORK. */
MUST_USE enum db_rc send_job(struct sender *s, struct db *db, const json_t *job);

#endif
