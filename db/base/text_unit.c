/* How many of a unit, as people say it. A unit's name is the shop's own word, so it is only
 * changed where it is a word whose plural is known for sure: the units that shops count in,
 * in English and Hindi (whose letters with a dot
 * below are written in two ways). Any other stands as the shop typed it. */
#include "text.h"

#include <string.h>
#include <strings.h>

struct plural {
    const char *word;
    const char *end; /* behind what is kept of the word */
    size_t off;      /* bytes at its end that are not kept */
};

static const struct plural english[] = {
    { "piece", "s", 0 },   { "packet", "s", 0 },    { "box", "es", 0 },
    { "pair", "s", 0 },    { "litre", "s", 0 },     { "liter", "s", 0 },
    { "metre", "s", 0 },   { "meter", "s", 0 },     { "bag", "s", 0 },
    { "bottle", "s", 0 },  { "bunch", "es", 0 },    { "bundle", "s", 0 },
    { "can", "s", 0 },     { "tin", "s", 0 },       { "carton", "s", 0 },
    { "case", "s", 0 },    { "crate", "s", 0 },     { "cup", "s", 0 },
    { "glass", "es", 0 },  { "jar", "s", 0 },       { "kit", "s", 0 },
    { "pack", "s", 0 },    { "plate", "s", 0 },     { "bowl", "s", 0 },
    { "pot", "s", 0 },     { "roll", "s", 0 },      { "sack", "s", 0 },
    { "set", "s", 0 },     { "sheet", "s", 0 },     { "slice", "s", 0 },
    { "strip", "s", 0 },   { "tablet", "s", 0 },    { "tray", "s", 0 },
    { "tube", "s", 0 },    { "unit", "s", 0 },      { "item", "s", 0 },
    { "yard", "s", 0 },    { "inch", "es", 0 },     { "basket", "s", 0 },
    { "bucket", "s", 0 },  { "pouch", "es", 0 },    { "sachet", "s", 0 },
    { "portion", "s", 0 }, { "block", "s", 0 },     { "bar", "s", 0 },
    { "brick", "s", 0 },   { "stick", "s", 0 },     { "ton", "s", 0 },
    { "tonne", "s", 0 },   { "kilo", "s", 0 },      { "gram", "s", 0 },
    { "ream", "s", 0 },    { "batch", "es", 0 },    { "garland", "s", 0 },
    { "loaf", "ves", 1 },  { "foot", "feet", 4 },   { "kilogram", "s", 0 },
};

#define AA 3 /* bytes of the vowel sign that becomes another */
static const struct plural hindi[] = {
    { "डिब्बा", "े", AA }, { "बोरा", "े", AA },    { "टुकड़ा", "े", AA }, { "टुकड़ा", "े", AA },
    { "पत्ता", "े", AA },  { "गुच्छा", "े", AA },  { "थैला", "े", AA },  { "कट्टा", "े", AA },
    { "प्याला", "े", AA }, { "मटका", "े", AA },   { "दाना", "े", AA },  { "जोड़ा", "े", AA },
    { "जोड़ा", "े", AA },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *end_of(const struct plural *p, size_t length, size_t *keep)
{
    *keep = length - p->off;
    return p->end;
}

const char *text_unit_end(const char *unit, int64_t milli, size_t *keep)
{
    size_t n = strlen(unit);

    *keep = n;
    if (milli == 1000 || milli == -1000)
        return "";
    for (size_t i = 0; i < COUNT(english); i++)
        if (strcasecmp(unit, english[i].word) == 0)
            return end_of(&english[i], n, keep);
    /* Hindi takes the plural above one only: "आधा डिब्बा", "डेढ़ डिब्बे". */
    for (size_t i = 0; i < COUNT(hindi) && (milli > 1000 || milli < -1000); i++)
        if (strcmp(unit, hindi[i].word) == 0)
            return end_of(&hindi[i], n, keep);
    return "";
}

char *text_amount(struct arena *a, int64_t milli, const char *unit)
{
    char digits[TEXT_NUMBER_SIZE];
    size_t keep;
    const char *end = text_unit_end(unit, milli, &keep);

    text_qty_to(digits, milli);
    return arena_printf(a, "%s%s%.*s%s", digits, *unit ? " " : "", (int)keep, unit, end);
}
