/* `invichat serve`: configuration from the environment, everything started in order, and
 * stopped in reverse when SIGTERM or SIGINT comes; what was accepted is answered. */
#include "server/command.h"

#include "db/base/asset.h"
#include "db/base/log.h"
#include "server/http/header.h"
#include "server/http/keep.h"
#include "server/http/listener.h"
#include "server/http/static.h"
#include "server/jobs/worker.h"
#include "server/pages/pages.h"
#include "server/services/services.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEEP_BYTES = 48 << 20 };

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
    return true;
}

static void app_stop(struct app *app)
{
    media_free(app->media);
    keep_free(app->keep);
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

static int serve(struct app *app, const char *listen)
{
    sigset_t set = signals_block();
    struct listener *l;
    int got;

    app->services = services_from_env(app->public_url);
    app->worker = worker_start(app);
    l = app->worker ? listener_start(app, listen) : NULL;
    if (l) {
        app->listener = l;
        log_info("serving http://%.*s:%d data=%s", (int)strcspn(listen, ":"), listen,
                 listener_port(l), app->data);
        log_info("sign in at http://%.*s:%d/signin", (int)strcspn(listen, ":"), listen,
                 listener_port(l));
        sigwait(&set, &got);
        log_info("stopping");
        listener_stop(l);
    }
    if (app->worker)
        worker_stop(app->worker);
    return l ? 0 : 1;
}

int command_serve(const struct options *o)
{
    struct app app = { 0 };
    struct arena *a = arena_new();
    int status = 1;

    if (app_settings(&app) && data_open(o->data, true, &app)) {
        if (app_start(&app, a))
            status = serve(&app, o->listen);
        app_stop(&app);
    }
    arena_free(a);
    return status;
}
