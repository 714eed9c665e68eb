/* Draws an A4 bill as PDF; runs in the media child only. The bill is JSON:
 *
 * {
 *   "kind": "tax_invoice" | "bill_of_supply" | "invoice" | "credit_note",
 *   "number": "26-27/000123", "date": "22 Nov 2026",
 *   "composition": true,              the seller is a composition taxable person
 *   "reverse_charge": false,
 *   "place_of_supply": "27 Maharashtra",            or left out
 *   "facts": [["Order", "A-17"], ...],              more lines beside the number
 *   "seller": {"trade_name", "address", "gstin"?, "state_name"?, "state_code"?,
 *              "mobile"?, "upi"?},
 *   "buyer": {"name"?, "address"?, "mobile"?, "gstin"?, "state_name"?, "state_code"?,
 *             "deliver_to"?},
 *   "lines": [{"name", "detail"?, "hsn"?, "qty": "2.5", "unit": "kg", "price_paise",
 *              "discount_paise", "taxable_paise", "gst_bp": 500, "cgst_paise",
 *              "sgst_paise", "igst_paise", "total_paise"}, ...],
 *   "totals": {"subtotal_paise"?, "discount_paise"?, "taxable_paise", "cgst_paise",
 *              "sgst_paise", "igst_paise", "total_paise"},     total: after rounding
 *   "round_off_paise", "paid_paise", "due_paise",
 *   "in_words": "...",                              or left out: English words
 *   "notes": "...",                                 or left out
 *   "labels": {...}
 * }
 *
 * Amounts are paise; what is left out is 0 or not printed. Addresses may have line
 * breaks. Tax columns are printed for tax_invoice and credit_note only: IGST when a line
 * has any, else CGST and SGST. Columns for HSN and discount appear when a line has one.
 * When due_paise is positive and the seller has a UPI id, a QR code to pay it is printed.
 *
 * Every word printed comes from "labels" (a missing one prints its name): title, number,
 * date, place_of_supply, reverse_charge, yes, no, gstin, state, mobile, bill_to,
 * deliver_to, item, hsn, qty, price, discount, taxable, gst, cgst, sgst, igst, amount,
 * subtotal, round_off, total, paid, due, in_words, scan_to_pay, composition, signatory,
 * for, computer_made, page ("Page {n} of {m}"), continued. */
#ifndef INVOICE_H
#define INVOICE_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { INVOICE_IN_MAX = 4 * 1024 * 1024 };

struct invoice_pdf {
    const char *bytes;
    size_t size;
    const char *why; /* when it failed: a few words for the log */
};

/* Loads what can't be loaded once the process is shut in. */
void invoice_prepare(void);

/* Draws the bill of `n` bytes of JSON. */
bool invoice_draw(struct arena *a, const char *json, size_t n, struct invoice_pdf *out);

#endif
