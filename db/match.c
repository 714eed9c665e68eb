/* Pure. */
#include "db/match.h"

#include "db/base/text.h"

#include <string.h>

const char *match_like(struct arena *a, const char *q)
{
    size_t n = strlen(q), at = 0;
    char *out;

    if (!n)
        return "";
    out = arena_alloc(a, 2 * n + 3, 1);
    out[at++] = '%';
    for (; *q; q++) {
        if (strchr("%_!", *q))
            out[at++] = '!';
        out[at++] = *q;
    }
    out[at++] = '%';
    out[at] = '\0';
    return out;
}

const char *match_digits(struct arena *a, const char *q)
{
    char *out = arena_alloc(a, strlen(q) + 1, 1);
    size_t n = 0;

    for (q = text_digits(a, q); *q; q++) {
        if (*q >= '0' && *q <= '9')
            out[n++] = *q;
        else if (!strchr(" -+()\u00a0", *q))
            return "";
    }
    out[n] = '\0';
    if (n == 12 && strncmp(out, "91", 2) == 0)
        return out + 2;
    if (n > 10 && *out == '0')
        return out + 1;
    return n >= 3 ? out : "";
}
