/* Every address is made 16 bytes of IPv6, IPv4 as ::ffff:a.b.c.d, so that there is one
 * way to compare, whichever way a proxy writes it. */
#include "server/http/header.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_TEXT = 64, V4_PREFIX = 96 };

static const unsigned char v4_mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct address {
    unsigned char bytes[16];
    bool v4;
};

static bool address_parse(const char *s, size_t n, struct address *out)
{
    char text[ADDRESS_TEXT];

    if (n >= sizeof text)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    if (strlen(text) != n)
        return false;
    out->v4 = inet_pton(AF_INET, text, out->bytes + sizeof v4_mapped) == 1;
    if (out->v4) {
        memcpy(out->bytes, v4_mapped, sizeof v4_mapped);
        return true;
    }
    if (inet_pton(AF_INET6, text, out->bytes) != 1)
        return false;
    out->v4 = !memcmp(out->bytes, v4_mapped, sizeof v4_mapped);
    return true;
}

/* What proxies write: an address, v4:port, [v6] or [v6]:port. */
static bool hop_parse(const char *s, size_t n, struct address *out)
{
    const char *colon = memchr(s, ':', n);

    if (n && *s == '[') {
        const char *bracket = memchr(s, ']', n);

        if (!bracket || (bracket + 1 < s + n && bracket[1] != ':'))
            return false;
        return address_parse(s + 1, (size_t)(bracket - s) - 1, out);
    }
    if (colon && !memchr(colon + 1, ':', (size_t)(s + n - colon) - 1))
        n = (size_t)(colon - s);
    return address_parse(s, n, out);
}

static bool network_parse(const char *s, size_t n, struct address *net, unsigned *prefix)
{
    const char *slash = memchr(s, '/', n);
    size_t digits = slash ? (size_t)(s + n - slash) - 1 : 0;
    unsigned bits = 0;

    if (!address_parse(s, slash ? (size_t)(slash - s) : n, net))
        return false;
    *prefix = 128;
    if (!slash)
        return true;
    if (digits < 1 || digits > 3)
        return false;
    for (const char *d = slash + 1; d < s + n; d++) {
        if (*d < '0' || *d > '9')
            return false;
        bits = bits * 10 + (unsigned)(*d - '0');
    }
    /* ::ffff:10.0.0.0/104 counts as IPv6 does, 10.0.0.0/8 as IPv4 does. */
    if (net->v4 && !memchr(s, ':', n))
        bits += V4_PREFIX;
    *prefix = bits;
    return bits <= 128;
}

static bool address_within(const struct address *x, const struct address *net,
                           unsigned prefix)
{
    unsigned whole = prefix / 8, rest = prefix % 8;

    if (memcmp(x->bytes, net->bytes, whole))
        return false;
    return !rest || (x->bytes[whole] ^ net->bytes[whole]) >> (8 - rest) == 0;
}

/* The next entry between commas, without space around it; moves *s behind the comma. */
static const char *entry_next(const char **s, size_t *n)
{
    const char *start = *s, *end = strchrnul(start, ',');

    *s = *end ? end + 1 : end;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *n = (size_t)(end - start);
    return start;
}

static bool address_trusted(const struct address *x, const char *trusted)
{
    while (trusted && *trusted) {
        size_t n;
        const char *entry = entry_next(&trusted, &n);
        struct address net;
        unsigned prefix;

        if (network_parse(entry, n, &net, &prefix) && address_within(x, &net, prefix))
            return true;
    }
    return false;
}

bool forwarded_list_valid(const char *trusted_list)
{
    while (trusted_list && *trusted_list) {
        size_t n;
        const char *entry = entry_next(&trusted_list, &n);
        struct address net;
        unsigned prefix;

        if (n && !network_parse(entry, n, &net, &prefix))
            return false;
    }
    return true;
}

static const char *address_text(struct arena *a, const struct address *x)
{
    char text[INET6_ADDRSTRLEN];

    if (x->v4)
        inet_ntop(AF_INET, x->bytes + sizeof v4_mapped, text, sizeof text);
    else
        inet_ntop(AF_INET6, x->bytes, text, sizeof text);
    return arena_dup(a, text);
}

const char *forwarded_client(struct arena *a, const char *remote, const char *xff,
                             const char *trusted_list)
{
    struct address client, hop;
    const char *end;

    if (!address_parse(remote, strlen(remote), &client))
        return arena_dup(a, remote);
    if (!xff || !address_trusted(&client, trusted_list))
        return address_text(a, &client);
    end = xff + strlen(xff);
    while (end > xff) {
        const char *comma = memrchr(xff, ',', (size_t)(end - xff));
        const char *s = comma ? comma + 1 : xff;
        size_t n;
        const char *entry = entry_next(&s, &n);

        if (!hop_parse(entry, n, &hop))
            break;
        if (!address_trusted(&hop, trusted_list))
            return address_text(a, &hop);
        end = comma ? comma : xff;
    }
    return address_text(a, &client);
}

const char *address_group(struct arena *a, const char *client)
{
    struct address x;

    if (!address_parse(client, strlen(client), &x) || x.v4)
        return client;
    memset(x.bytes + 8, 0, 8);
    return arena_printf(a, "%s/64", address_text(a, &x));
}

bool origin_is_loopback(const char *origin)
{
    static const char *const hosts[] = { "localhost", "127.", "[::1]" };
    const char *host = strstr(origin, "://");

    for (size_t i = 0; host && i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(host + 3, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}
