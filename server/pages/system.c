/* For machines: health and metrics. */
#include "server/pages/pages.h"

#include "db/base/buf.h"
#include "db/base/log.h"
#include "db/setting.h"
#include "server/http/listener.h"

#include <string.h>

static int health_show(struct req *r)
{
    if (setting_reachable(r->db) != DB_OK)
        return reply_error(r, 503);
    return reply_bytes(r, 200, "text/plain; charset=utf-8", "ok\n", 3, NULL);
}

static int metrics_show(struct req *r)
{
    struct buf b = buf_new(r->arena, 1024, 8192);

    buf_printf(&b, "# TYPE invichat_requests_total counter\ninvichat_requests_total %lu\n",
               listener_answered(r->app->listener));
    buf_printf(&b, "# TYPE invichat_requests_busy gauge\ninvichat_requests_busy %d\n",
               listener_busy(r->app->listener));
    buf_printf(&b, "# TYPE invichat_commits_total counter\ninvichat_commits_total %llu\n",
               (unsigned long long)db_file_commits(r->app->db));
    buf_printf(&b, "# TYPE invichat_writers_waiting gauge\ninvichat_writers_waiting %d\n",
               db_file_waiting(r->app->db));
    buf_printf(&b, "# TYPE invichat_log_warnings_total counter\n"
               "invichat_log_warnings_total %lu\n", log_count(LOG_WARN));
    buf_printf(&b, "# TYPE invichat_log_errors_total counter\n"
               "invichat_log_errors_total %lu\n", log_count(LOG_ERROR));
    return reply_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", b.data, b.len,
                       NULL);
}

const struct route system_routes[] = {
    { GET, "/healthz", MOD_NONE, PUBLIC, health_show, NULL, "Whether the server works",
      .gives = "text/plain" },
    { GET, "/metrics", MOD_NONE, PUBLIC, metrics_show, NULL, "Counters, as Prometheus text",
      .gives = "text/plain" },
    { 0 }
};
