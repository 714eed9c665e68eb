/* Who sent a webhook (WA-8). */
#ifndef WHATSAPP_SIGNATURE_H
#define WHATSAPP_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether `header` ("sha256=" and 64 lower-case hexadecimal digits) is the signature of
 * the raw body with the app's secret. Compares in constant time. False for NULL or an
 * empty secret. */
bool whatsapp_signature_ok(const char *secret, const char *header, const void *body,
                           size_t n);

/* `header` looks like a signature; of whom, only the body tells. */
bool whatsapp_signature_formed(const char *header);

#endif
