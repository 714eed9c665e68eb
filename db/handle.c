/* Devanagari is written in Latin letters as people do in messages: a consonant carries an
 * "a" unless a vowel sign, a virama or the end of the word follows. Other scripts fall
 * away. */
#include "db/handle.h"

#include "db/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { FIRST = 0x900, LAST = 0x94d };

/* By code point - FIRST. */
static const char *const letters[LAST - FIRST + 1] = {
    [0x01] = "n",  [0x02] = "n",  [0x03] = "h",  [0x05] = "a",  [0x06] = "a",
    [0x07] = "i",  [0x08] = "i",  [0x09] = "u",  [0x0a] = "u",  [0x0b] = "ri",
    [0x0d] = "e",  [0x0e] = "e",  [0x0f] = "e",  [0x10] = "ai", [0x11] = "o",
    [0x12] = "o",  [0x13] = "o",  [0x14] = "au", [0x15] = "k",  [0x16] = "kh",
    [0x17] = "g",  [0x18] = "gh", [0x19] = "n",  [0x1a] = "ch", [0x1b] = "chh",
    [0x1c] = "j",  [0x1d] = "jh", [0x1e] = "n",  [0x1f] = "t",  [0x20] = "th",
    [0x21] = "d",  [0x22] = "dh", [0x23] = "n",  [0x24] = "t",  [0x25] = "th",
    [0x26] = "d",  [0x27] = "dh", [0x28] = "n",  [0x29] = "n",  [0x2a] = "p",
    [0x2b] = "ph", [0x2c] = "b",  [0x2d] = "bh", [0x2e] = "m",  [0x2f] = "y",
    [0x30] = "r",  [0x31] = "r",  [0x32] = "l",  [0x33] = "l",  [0x34] = "l",
    [0x35] = "v",  [0x36] = "sh", [0x37] = "sh", [0x38] = "s",  [0x39] = "h",
    [0x3e] = "a",  [0x3f] = "i",  [0x40] = "i",  [0x41] = "u",  [0x42] = "u",
    [0x43] = "ri", [0x45] = "e",  [0x46] = "e",  [0x47] = "e",  [0x48] = "ai",
    [0x49] = "o",  [0x4a] = "o",  [0x4b] = "o",  [0x4c] = "au", [0x4d] = "",
};

struct out {
    char *text;
    size_t n;
    bool pending; /* a consonant whose "a" is not decided */
};

static void out_add(struct out *o, const char *s)
{
    for (; *s && o->n < HANDLE_MAX; s++)
        o->text[o->n++] = *s;
}

static void out_dash(struct out *o)
{
    o->pending = false;
    if (o->n > 0 && o->text[o->n - 1] != '-')
        out_add(o, "-");
}

/* U+0900 to U+097F are E0 A4 80 to E0 A5 BF. */
static int devanagari(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    if (p[0] != 0xe0 || (p[1] != 0xa4 && p[1] != 0xa5) || (p[2] & 0xc0) != 0x80)
        return -1;
    return FIRST + ((p[1] & 1) << 6) + (p[2] & 0x3f);
}

static void out_devanagari(struct out *o, int c)
{
    const char *latin = c <= LAST ? letters[c - FIRST] : NULL;
    bool consonant = c >= 0x915 && c <= 0x939, sign = c >= 0x93e && c <= LAST;

    if (c == 0x93c || c == 0x93d) /* nukta, avagraha: nothing is heard of them here */
        return;
    if (!latin) {
        out_dash(o);
        return;
    }
    if (o->pending && !sign)
        out_add(o, "a");
    out_add(o, latin);
    o->pending = consonant;
}

const char *handle_made(struct arena *a, const char *name)
{
    struct out o = { arena_alloc(a, HANDLE_MAX + 1, 1), 0, false };

    for (const char *s = text_fold(a, name); *s;) {
        int c = devanagari(s);
        bool plain = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');

        if (c >= 0)
            out_devanagari(&o, c);
        else if (plain) {
            out_add(&o, (char[]) { *s, '\0' });
            o.pending = false;
        } else
            out_dash(&o);
        s += c >= 0 ? 3 : 1;
    }
    while (o.n > 0 && o.text[o.n - 1] == '-')
        o.text[--o.n] = '\0';
    return o.n >= 3 ? o.text : "shop";
}
