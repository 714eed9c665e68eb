/* Links and QR texts that open a UPI app (NPCI UPI Linking Specification 1.6). */
#ifndef UPI_H
#define UPI_H

#include "db/base/arena.h"

#include <stdint.h>

/* upi://pay for the address `pa` and the payee's name `pn`, both needed; NULL when `pa`
 * is no UPI address. `tr`, our reference, and `tn`, the note, may be NULL. Of `tr` only
 * letters and digits are kept, at most 35; the note is cut at 50 characters. Without an
 * amount (`paise` <= 0) the payer types one. The link says nothing about whether it was
 * paid. */
char *upi_link(struct arena *a, const char *pa, const char *pn, const char *tr,
               const char *tn, int64_t paise);

#endif
