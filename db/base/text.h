/* Text of strangers: checked, normalised, compared. All lengths are bytes of UTF-8. */
#ifndef TEXT_H
#define TEXT_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Valid UTF-8 (RFC 3629) without control characters other than \t \n \r. */
bool text_valid(const char *s, size_t n);

/* Characters (code points) in valid UTF-8. */
size_t text_chars(const char *s);

/* The byte length of the first `chars` characters of `s` (all of it when shorter). */
size_t text_cut(const char *s, size_t chars);

/* `s` without white space at both ends and with runs of white space within a line made one
 * space. Keeps line breaks when `lines`, else makes them spaces. */
char *text_trim(struct arena *a, const char *s, size_t n, bool lines);

/* The digit at `*s`, which moves on: 0 to 9 in ASCII, Devanagari, Bengali, Gurmukhi, Gujarati,
 * Odia, Tamil, Telugu, Kannada or Malayalam; -1 when there is none. */
int text_digit(const char **s);

/* `s` with the digits of those scripts as ASCII ones. */
char *text_digits(struct arena *a, const char *s);

/* A key for comparing names without case, accents, nukta and spaces at the ends: "Café " and
 * "cafe" are alike, "क़लम" and "कलम" too. */
char *text_fold(struct arena *a, const char *s);

/* A mobile number as +<country><number> (E.164). Takes spaces, dashes, brackets, +91, 0 or
 * none in front, digits of any script; ten digits starting 6-9 are Indian. NULL when it isn't
 * one. */
char *text_mobile(struct arena *a, const char *s);

/* A plausible e-mail address, in lower case; NULL otherwise. */
char *text_email(struct arena *a, const char *s);

enum gstin { GSTIN_BAD, GSTIN_CHECK_DIGIT, GSTIN_OK };

/* GSTIN: form, then check digit (CGST Rules, Rule 10; base-36 Luhn). */
enum gstin text_gstin(const char *s);

/* A GTIN's check digit (GS1): 8, 12, 13 or 14 digits whose last one is right. */
bool text_gtin(const char *s);

/* UPI address name@handle (NPCI linking specification 1.6). */
bool text_upi(const char *s);

/* PIN code: six digits, not starting with 0. */
bool text_pin(const char *s);

/* Money and quantities as people type them, in millis or paise: "1,23,456.50", "₹45", "1.5",
 * digits of any script. At most `decimals` decimals; false when it is not a number, too
 * large for 15 digits, or has more decimals. `scale`: digits behind the point in the result
 * (2: paise, 3: thousandths). */
bool text_number(const char *s, int decimals, int scale, int64_t *out);

/* Paise as "1,23,456.50"; with ".00" left out when `whole` and there are no paise. */
char *text_rupees(struct arena *a, int64_t paise, bool whole);

/* Thousandths as "1.5", "12", "0.125". */
char *text_qty(struct arena *a, int64_t milli);

/* The same two into `to`, of at least TEXT_NUMBER_SIZE bytes; the length is returned. */
enum { TEXT_NUMBER_SIZE = 40 };
size_t text_rupees_to(char *to, int64_t paise, bool whole);
size_t text_qty_to(char *to, int64_t milli);

/* What follows the first `*keep` bytes of a unit's name for this much of it: "" and all of
 * it, or the end of its plural, as far as that is known ("piece", "box", "foot", "डिब्बा"). */
const char *text_unit_end(const char *unit, int64_t milli, size_t *keep);

/* "1 piece", "5 pieces", "2.5 kg". */
char *text_amount(struct arena *a, int64_t milli, const char *unit);

/* Lower-case hexadecimal of `n` bytes. */
char *text_hex(struct arena *a, const void *bytes, size_t n);

/* URL-safe base64 without padding (RFC 4648) of `n` bytes. */
char *text_base64url(struct arena *a, const void *bytes, size_t n);

#endif
