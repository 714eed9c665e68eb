/* What goods cost: line totals and GST, in whole paise. Pure arithmetic. */
#ifndef PRICE_H
#define PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRICE_MAX ((int64_t)1000000000)          /* paise a unit: one crore rupees */
#define PRICE_TOTAL_MAX ((int64_t)1000000000000) /* paise a line or order */
#define QTY_MAX ((int64_t)1000000000)            /* thousandths: one million units */

struct price {
    int64_t price_paise;    /* a unit, before discount */
    int64_t discount_paise; /* off a unit; or */
    int64_t discount_bp;    /* off a unit, in 1/100 % */
    int64_t gst_bp;
    bool is_inclusive; /* the price has GST in it */
};

enum price_tax {
    PRICE_NO_TAX, /* the seller isn't registered, or is under composition */
    PRICE_INTRA,  /* CGST and SGST */
    PRICE_INTER   /* IGST */
};

struct amounts {
    int64_t gross_paise;    /* before discount, as priced */
    int64_t discount_paise; /* taken off that */
    int64_t taxable_paise;
    int64_t cgst_paise, sgst_paise, igst_paise;
    int64_t total_paise; /* taxable and taxes: what is to be paid */
};

/* Which tax a seller (gst_status "regular", "composition" or "unregistered") charges. The
 * buyer's State is that of the address on the bill; NULL or "": the seller's. */
enum price_tax price_tax_for(const char *gst_status, const char *seller_state,
                             const char *buyer_state);

/* What comes off one unit: the percentage rounded to a paisa, or the amount; never more
 * than the price. */
int64_t price_discount(const struct price *p);

/* A line of `qty_milli` units. Discount comes off before tax; each head of tax is rounded
 * half up to a paisa for itself, so that CGST equals SGST. False when a number is out of
 * bounds (price 0 to PRICE_MAX, quantity 0 to QTY_MAX, total up to PRICE_TOTAL_MAX). */
bool price_line(const struct price *p, int64_t qty_milli, enum price_tax tax,
                struct amounts *out);

/* Paise times thousandths of a unit, rounded half up; exact for all int64 inputs whose
 * result fits, else INT64_MAX. Neither may be negative. */
int64_t price_times(int64_t paise, int64_t qty_milli);

#endif
