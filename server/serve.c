/* `invichat serve`: configuration from the environment, everything started in order, and
 * stopped in reverse when SIGTERM or SIGINT comes; what was accepted is answered. */
#include "server/command.h"

#include "db/base/asset.h"
#include "db/base/hasher.h"
#include "db/base/log.h"
#include "db/base/text.h"
#include "db/invitation.h"
#include "db/user.h"
#include "server/http/header.h"
#include "server/http/keep.h"
#include "server/http/limit.h"
#include "server/http/listener.h"
#include "server/http/seen.h"
#include "server/http/static.h"
#include "server/jobs/worker.h"
#include "server/pages/pages.h"
#include "server/services/services.h"

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
    app->routes = pages_routes();
    app->media = media_new(NULL, 0);
    app->keep = keep_new(KEEP_BYTES);
    app->seen = seen_new();
    app->limit = limit_new();
    app->hasher = hasher_new(HASHES_AT_ONCE);
    return app->hasher != NULL;
}

static void app_stop(struct app *app)
{
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
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return set;
}

static struct services *services_start(const struct app *app)
{
    struct services_config c = {
        .whatsapp = { .url = env("INVICHAT_WHATSAPP_URL"),
                      .token = env("INVICHAT_WHATSAPP_TOKEN"),
                      .phone_number_id = env("INVICHAT_WHATSAPP_PHONE_NUMBER_ID"),
                      .app_secret = env("INVICHAT_WHATSAPP_APP_SECRET"),
                      .verify_token = env("INVICHAT_WHATSAPP_VERIFY_TOKEN"),
                      .otp_template = env("INVICHAT_WHATSAPP_OTP_TEMPLATE"),
                      .version = env("INVICHAT_WHATSAPP_VERSION") },
        .push_url = env("INVICHAT_PUSH_URL"),
        .hooks_any = strcmp(env("INVICHAT_WEBHOOKS_TO"), "any") == 0,
        .hooks_lan = strcmp(env("INVICHAT_WEBHOOKS_TO"), "lan") == 0 ||
                     (!*env("INVICHAT_WEBHOOKS_TO") && !app->secure),
        .public_url = app->public_url,
        .log_otp = strcmp(env("INVICHAT_LOG_OTP"), "1") == 0,
    };
    struct services *s = services_new(&c);
    struct arena *a = arena_new();

    s->key = app->key;
    arena_json(a);
    if (!push_key_load(db_new(app->db, a), app->key, &s->push))
        log_warn("no push messages");
    arena_json(NULL);
    arena_free(a);
    return s;
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

static void wait_signal(const sigset_t *set)
{
    int got;

    sigwait(set, &got);
    log_info("stopping");
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

static int serve(struct app *app, struct arena *a, const char *listen)
{
    char url[100];
    sigset_t set = signals_block();
    struct services *services = services_start(app);
    struct bot bot = { .texts = app->templates, .services = services, .media = app->media,
                       .data = app->data, .public_url = bot_url(app, listen, url, sizeof url),
                       .key = app->key };
    struct minute minute = { &bot, app->seen };
    struct worker_config work = { .db = app->db, .texts = app->templates,
                                  .services = services, .bot = &bot,
                                  .minute = every_minute, .arg = &minute };

    app->services = services;
    app->worker = worker_start(&work);
    app->listener = listener_start(app, listen);
    if (app->listener) {
        int host = (int)strcspn(listen, ":"), port = listener_port(app->listener);

        log_info("serving http://%.*s:%d", host, listen, port);
        log_info("sign in at http://%.*s:%d/signin (the first admin: invichat admin --data"
                 " %s +91NUMBER)", host, listen, port, app->data);
        first_link(app, a, *app->public_url ? app->public_url
                                            : arena_printf(a, "http://%.*s:%d", host, listen,
                                                           port));
        wait_signal(&set);
        listener_stop(app->listener);
    }
    worker_stop(app->worker);
    services_free(services);
    return app->listener ? 0 : 1;
}

int command_serve(const struct options *o)
{
    struct app app = { 0 };
    struct arena *a = arena_new();
    int status = 1;

    if (app_settings(&app) && data_lock(o->data) && restore_finish(o->data) &&
        data_open(o->data, true, &app)) {
        if (app_start(&app, a))
            status = serve(&app, a, o->listen);
        app_stop(&app);
    }
    arena_free(a);
    return status;
}
