/* The address stands as it is, since apps expect a plain @; text_upi() has made sure that
 * nothing in it can end the value. All else is percent-encoded. */
#include "server/documents/upi.h"

#include "db/base/buf.h"
#include "db/base/text.h"

#include <inttypes.h>
#include <string.h>

enum { NAME_CHARS = 99, REFERENCE_CHARS = 35, NOTE_CHARS = 50 };

static void upi_value(struct buf *b, const char *key, const char *value, size_t chars)
{
    size_t n = text_cut(value, chars);

    if (n) {
        buf_puts(b, key);
        buf_url(b, value, n);
    }
}

static void upi_reference(struct buf *b, const char *tr)
{
    char kept[REFERENCE_CHARS + 1];
    size_t n = 0;

    for (; *tr && n < REFERENCE_CHARS; tr++)
        if ((*tr >= '0' && *tr <= '9') || (*tr >= 'A' && *tr <= 'Z') ||
            (*tr >= 'a' && *tr <= 'z'))
            kept[n++] = *tr;
    kept[n] = '\0';
    upi_value(b, "&tr=", kept, n);
}

char *upi_link(struct arena *a, const char *pa, const char *pn, const char *tr,
               const char *tn, int64_t paise)
{
    struct buf b = buf_new(a, 256, 8192);

    if (!text_upi(pa))
        return NULL;
    buf_puts(&b, "upi://pay?pa=");
    buf_puts(&b, pa);
    upi_value(&b, "&pn=", pn, NAME_CHARS);
    if (tr)
        upi_reference(&b, tr);
    if (tn)
        upi_value(&b, "&tn=", tn, NOTE_CHARS);
    if (paise > 0)
        buf_printf(&b, "&am=%" PRId64 ".%02" PRId64, paise / 100, paise % 100);
    buf_puts(&b, "&cu=INR");
    return arena_dup(a, buf_str(&b));
}
