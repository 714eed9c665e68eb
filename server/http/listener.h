/* The socket: civetweb, and nothing else of the program knows it. */
#ifndef LISTENER_H
#define LISTENER_H

#include "server/http/app.h"

#include <stdbool.h>

struct listener;

/* Listens on "address:port" (port 0: a free one). NULL on failure, which was logged. */
struct listener *listener_start(const struct app *app, const char *address);
int listener_port(const struct listener *l);

/* Takes no new request, answers those that were accepted (at most 20 s), and stops. */
void listener_stop(struct listener *l);

/* For /metrics: requests answered, and under way. */
unsigned long listener_answered(const struct listener *l);
int listener_busy(const struct listener *l);

#endif
