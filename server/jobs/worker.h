/* Empties the outbox and handles what webhooks brought. */
#ifndef WORKER_H
#define WORKER_H

#include "db/db.h"
#include "server/bot/bot.h"
#include "server/http/template.h"
#include "server/services/services.h"

struct worker;

/* What else is done every minute or for a kind of job; both may be NULL. They get a view
 * and what `worker_config.arg` is. */
struct worker_config {
    struct db_file *db;
    const struct templates *texts;
    const struct services *services;
    const struct bot *bot;
    /* A 'remind' or 'media' job, or a 'webhook' of another source than "whatsapp": DB_OK
     * means it was done (the worker ends it), anything else that it is to be tried again.
     */
    enum db_rc (*work)(void *arg, struct db *db, const json_t *job);
    void (*minute)(void *arg, struct db *db);
    void *arg;
};

/* Starts a thread for each lane of job.h; what a process that died had leased is done
 * again at once. The data folder has to be this process's alone. Signals have to be
 * blocked before. */
struct worker *worker_start(const struct worker_config *config);

/* Says that there may be something to do; any thread. NULL is fine. */
void worker_wake(struct worker *w);

/* Lets each lane finish what it has, and ends. */
void worker_stop(struct worker *w);

#endif
