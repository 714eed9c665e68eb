/* The inside of server/http: what listener, router, fields and replies share. Pages include
 * req.h alone. */
#ifndef HTTP_H
#define HTTP_H

#include "server/http/body.h"
#include "server/http/req.h"

/* Reads `r->form` (or the JSON object, or the query) against the route's fields: fills
 * values, typed and errors. Unknown fields are ignored. */
void fields_read(struct req *r, const json_t *json);

/* Finds the route, checks who asks, reads the input, runs the handler. `r->conn`, target,
 * client, method and the arena are set. The reply is in r->reply. */
void router_run(struct req *r);

/* The session and language of the request; session.c. False when nobody could look: then
 * the request must not go on as a stranger's, who would be given another session. */
bool session_load(struct req *r);

/* True when a change may come from this browser: same origin, and the session's token where
 * there is one (hardening: ASVS 3.5.1). */
bool session_may_post(struct req *r, const struct route *route);

/* Of the listener: the n-th of a header that may come more than once; the body. */
const char *listener_header(const struct req *r, const char *name);
enum body_rc listener_body(struct req *r, json_t **json);

/* The root's `page` object of a view model: frame, menu, message; view.c. */
json_t *view_page(struct req *r);

/* The same for a page that is kept for everyone: nothing of the visitor, no keys. `path` is
 * the page's own address. */
json_t *view_public(struct req *r, const char *path);
/* Adds the style that public pages carry within. */
void view_style(struct req *r, json_t *page);

/* Renders; 500 when that fails. */
int reply_render(struct req *r, int status, const char *template, json_t *model);

#endif
