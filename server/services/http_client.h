/* Calls to the outside with libcurl: time and size limits, no redirects, and no private
 * addresses unless the host is named by the configuration. Any thread. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct http_client;

/* Once, before threads are started. */
struct http_client *http_client_new(void);
void http_client_free(struct http_client *c);

struct http_call {
    const char *url;
    const char *bearer; /* token, or NULL */
    const char *json;   /* POSTed; NULL: GET */
    const void *bytes;  /* POSTed as they are, instead; `byte_count` of them */
    size_t byte_count;
    const char *const *headers; /* further lines, NULL-terminated; NULL: none */
    FILE *file;         /* where the body goes; NULL: into `body` */
    size_t max;         /* bytes of body; more is a failure */
    long timeout_s;
    bool private_ok; /* the address may be a private one or this machine's */
    bool lan_ok;     /* or a private one of the network, and there without TLS */
};

struct http_answer {
    long status;      /* 0: there was none */
    const char *body; /* zero-terminated, of the arena */
    size_t size;
    const char *location; /* of a redirect, absolute; NULL: none */
    const char *error;    /* why there was no answer; NULL: there was one */
    bool is_refused;      /* none was asked for: the address is not allowed */
    bool too_big;
};

/* True when an answer came (of any status). */
bool http_client_call(struct http_client *c, struct arena *a,
                      const struct http_call *call, struct http_answer *out);

/* False when the URL alone tells that the call would be refused: its scheme, or an address
 * or name of where it must not go. A name is looked up, and its address checked, when the
 * call is made. */
bool http_url_may(struct arena *a, const struct http_call *call);

/* The host of an http(s) URL without port, in lower case; NULL when it isn't one or names
 * a user. `is_https` may be NULL. */
const char *http_url_host(struct arena *a, const char *url, bool *is_https);

/* True for the names and addresses of this machine: localhost, 127.0.0.0/8, ::1. */
bool http_host_is_loopback(const char *host);

#endif
