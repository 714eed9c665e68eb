/* Values of request headers. All are borrowed, zero-terminated text of strangers; NULL
 * stands for a header that was not sent. */
#ifndef HEADER_H
#define HEADER_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* One `; name=value`. The name is borrowed, the value unquoted in the arena. */
struct header_param {
    const char *name;
    size_t name_len;
    char *value;
};

enum header_rc { HEADER_BAD = -1, HEADER_END, HEADER_OK };

/* The next parameter at `*s`, moving `*s` behind it. In a quoted string a backslash
 * escapes only a quote and a backslash; elsewhere it stands for itself, as in Windows'
 * paths. */
enum header_rc header_param_next(struct arena *a, const char **s, const char *end,
                                 struct header_param *out);

/* True for the characters of an RFC 9110 token. */
bool header_is_token(char c);

/* `n` bytes are this token, without regard to case. */
bool header_same(const char *s, size_t n, const char *token);

/* A list like those of Accept, Accept-Encoding and Connection names the token, and not
 * with q=0. Wildcards don't count: the caller wants to hear it named. */
bool header_token_list_has(const char *value, const char *token);

/* Which of the languages (NULL-terminated) the visitor likes best; the first when none.
 * "hi-IN" stands for "hi". */
const char *accept_language(const char *header, const char *const *languages);

/* The value of the first cookie of that name, without quotes around it; NULL when there
 * is none or it has characters or a length (4 KB) that no cookie has. */
char *cookie_find(struct arena *a, const char *header, const char *name);

/* The client's address in its normal form. X-Forwarded-For (all lines joined by commas)
 * counts only when `remote` is in the list of trusted proxies: IPv4 and IPv6 addresses
 * and networks (10.0.0.0/8), separated by commas. Then it is the first address from the
 * right that is not trusted; else, also when the header is unreadable there, `remote`. */
const char *forwarded_client(struct arena *a, const char *remote, const char *xff,
                             const char *trusted_list);

/* Links to this origin ("http://127.0.0.1:8080") open on the server's machine alone. */
bool origin_is_loopback(const char *origin);

/* What counts as one address where addresses are counted: of IPv6 the network (/64), whose
 * addresses one client has all to itself. */
const char *address_group(struct arena *a, const char *client);

/* Every entry of a list of trusted proxies can be understood; for the check at start. */
bool forwarded_list_valid(const char *trusted_list);

#endif
