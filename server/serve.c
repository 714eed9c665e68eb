/* `invichat serve`: configuration from the environment, everything started in order, and
 * stopped in reverse when SIGTERM or SIGINT comes; what was accepted is answered. */
#include "server/command.h"

#include "db/backup.h"
#include "db/base/asset.h"
#include "db/base/clock.h"
#include "db/base/hasher.h"
#include "db/base/log.h"
#include "db/base/text.h"
#include "db/invitation.h"
#include "db/user.h"
#include "server/http/header.h"
#include "server/http/keep.h"
#include "server/http/limit.h"
#include "server/http/listener.h"
#include "server/http/live.h"
#include "server/http/menu.h"
#include "server/http/seen.h"
#include "server/http/static.h"
#include "server/jobs/keeper.h"
#include "server/jobs/worker.h"
#include "server/pages/pages.h"
#include "server/services/switch.h"

#include <sodium.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEEP_BYTES = 48 << 20, HASHES_AT_ONCE = 2 };

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static bool app_settings(struct app *app)
{
    app->public_url = env("INVICHAT_PUBLIC_URL");
    app->trusted_proxy = env("INVICHAT_TRUSTED_PROXY");
    app->secure = strncmp(app->public_url, "https://", 8) == 0;
    app->dev = asset_dev();
    if (*app->public_url && app->public_url[strlen(app->public_url) - 1] == '/') {
        log_error("INVICHAT_PUBLIC_URL ends with a slash; leave it out");
        return false;
    }
    if (*app->trusted_proxy && !forwarded_list_valid(app->trusted_proxy)) {
        log_error("INVICHAT_TRUSTED_PROXY is not a list of addresses");
        return false;
    }
    return true;
}

static bool app_start(struct app *app, struct arena *a)
{
    char error[400];

    app->templates = templates_load(error, sizeof error);
    if (!app->templates) {
        log_error("templates %s", error);
        return false;
    }
    static_init(app, a);
    app->menu = menu_new(app, a);
    app->routes = pages_routes();
    app->media = media_new(NULL, 0);
    app->keep = keep_new(KEEP_BYTES);
    app->seen = seen_new();
    app->limit = limit_new();
    app->hasher = hasher_new(HASHES_AT_ONCE);
    return app->menu && app->hasher;
}

static void app_stop(struct app *app)
{
    services_free(app->services);
    live_free(app->live);
    media_free(app->media);
    keep_free(app->keep);
    seen_free(app->seen);
    hasher_free(app->hasher);
    limit_free(app->limit);
    templates_free(app->templates);
    data_close(app);
}

/* Blocked before any thread starts, so that only wait_signal() sees them. */
static sigset_t signals_block(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return set;
}

struct minute {
    struct bot *bot;
    struct seen *seen;
};

/* The bot publishes what waited for the vendor role; sessions that were used are noted;
 * invitations end. */
static void every_minute(void *arg, struct db *db)
{
    const struct minute *m = arg;

    if (bot_publish(m->bot, db) == DB_ERR)
        log_warn("drafts not published");
    if (seen_write(m->seen, db) != DB_OK)
        log_warn("sessions not noted");
    if (invitation_sweep(db) == DB_ERR)
        log_warn("invitations not ended");
}

/* True: start anew (SIGUSR1; a backup is to be put in place). */
static bool wait_signal(const sigset_t *set)
{
    int got;

    sigwait(set, &got);
    log_info("stopping%s", got == SIGUSR1 ? " to start anew" : "");
    return got == SIGUSR1;
}

/* Of links in a chat; a network's own address can't be known. */
static const char *bot_url(const struct app *app, const char *listen, char *room,
                           size_t size)
{
    if (*app->public_url || strncmp(listen, "0.0.0.0", 7) == 0 ||
        strcmp(listen + strcspn(listen, ":"), ":0") == 0)
        return app->public_url;
    snprintf(room, size, "http://%s", listen);
    return room;
}

/* Nobody has signed up yet: whoever started the program becomes the admin by this link. */
static void first_link(const struct app *app, struct arena *a, const char *origin)
{
    unsigned char bytes[32], hash[32];
    const char *token;

    randombytes_buf(bytes, sizeof bytes);
    token = text_base64url(a, bytes, sizeof bytes);
    token_hash(token, hash);
    if (user_first_link(db_new(app->db, a), text_hex(a, hash, sizeof hash)) == DB_OK)
        log_info("become the admin, once, at %s/first/%s", origin, token);
}

/* What the admin's pages can set is read from the database (services/switch.h). */
static bool settings_load(struct app *app, struct arena *a)
{
    struct services_config c = {
        .whatsapp = { .url = env("INVICHAT_WHATSAPP_URL"),
                      .version = env("INVICHAT_WHATSAPP_VERSION") },
        .push_url = env("INVICHAT_PUSH_URL"),
        .hooks_any = strcmp(env("INVICHAT_WEBHOOKS_TO"), "any") == 0,
        .hooks_lan = strcmp(env("INVICHAT_WEBHOOKS_TO"), "lan") == 0 ||
                     (!*env("INVICHAT_WEBHOOKS_TO") && !app->secure),
        .public_url = app->public_url,
        .log_otp = strcmp(env("INVICHAT_LOG_OTP"), "1") == 0,
    };
    struct db *db = db_new(app->db, a);

    app->live = live_new(db);
    app->services = services_open(db, app->key, &c);
    db_release(db);
    return app->services != NULL;
}

/* Serves until a signal; `*address` is where, with the port it got. True: start anew. */
static bool serve(struct app *app, struct arena *a, const char **address)
{
    char url[100];
    sigset_t set = signals_block();
    struct bot bot = { .texts = app->templates, .services = app->services,
                       .media = app->media, .data = app->data, .key = app->key,
                       .public_url = bot_url(app, *address, url, sizeof url) };
    struct minute minute = { &bot, app->seen };
    struct worker_config work = { .db = app->db, .texts = app->templates,
                                  .services = app->services, .bot = &bot,
                                  .minute = every_minute, .arg = &minute };
    int host = (int)strcspn(*address, ":");
    bool anew = false;

    app->worker = worker_start(&work);
    app->keeper = keeper_start(app->db, app->data);
    app->listener = listener_start(app, *address);
    if (app->listener) {
        *address = arena_printf(a, "%.*s:%d", host, *address, listener_port(app->listener));
        log_info("serving http://%s", *address);
        log_info("sign in at http://%s/signin (the first admin: invichat admin --data"
                 " %s +91NUMBER)", *address, app->data);
        first_link(app, a, *app->public_url ? app->public_url
                                            : arena_printf(a, "http://%s", *address));
        anew = wait_signal(&set);
        listener_stop(app->listener);
    }
    keeper_stop(app->keeper);
    worker_stop(app->worker);
    return anew;
}

/* What was restored is noted in the database that came with it. */
static void restore_note(struct app *app, struct arena *a, bool good,
                         const struct backup_note *note)
{
    if (note->name && backup_restored(db_new(app->db, a), note, good) != DB_OK)
        log_warn("restore not noted");
}

/* From an opened folder to a closed one. True: start anew. */
static bool serve_once(const struct options *o, const char **address, int *status)
{
    struct app app = { .started_ms = clock_ms() };
    struct arena *a = arena_new();
    struct backup_note note;
    bool anew = false, good;

    *status = 1;
    arena_json(a);
    good = keeper_restore(a, o->data, &note);
    if (app_settings(&app) && restore_finish(o->data) && data_open(o->data, true, &app)) {
        arena_json(a); /* migrating has ended it */
        restore_note(&app, a, good, &note);
        if (app_start(&app, a) && settings_load(&app, a)) {
            const char *got = *address;

            anew = serve(&app, a, &got);
            *status = app.listener ? 0 : 1;
            *address = anew ? strdup(got) : *address;
        }
        app_stop(&app);
    }
    arena_json(NULL);
    arena_free(a);
    return anew;
}

int command_serve(const struct options *o)
{
    const char *address = o->listen;
    char *before = NULL;
    int status = 1;
    bool anew = data_lock(o->data);

    while (anew) {
        anew = serve_once(o, &address, &status);
        free(before);
        before = anew ? (char *)(uintptr_t)address : NULL;
    }
    return status;
}
