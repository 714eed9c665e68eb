/* Arithmetic of a line, with 128-bit intermediates. A head of tax on an exclusive price
 * is taxable * rate / 2; on an inclusive one (CGST Rule 35) it is the price's part rate /
 * 2 / (100 % + rate), and what is left is taxable. */
#include "price.h"

#include <string.h>

__extension__ typedef __int128 wide;

/* a * b / c, rounded half up; nothing is negative. */
static int64_t part_of(int64_t a, int64_t b, int64_t c)
{
    wide n = ((wide)a * b * 2 + c) / ((wide)c * 2);

    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

int64_t price_times(int64_t paise, int64_t qty_milli)
{
    return part_of(paise, qty_milli, 1000);
}

enum price_tax price_tax_for(const char *gst_status, const char *seller_state,
                             const char *buyer_state)
{
    if (strcmp(gst_status, "regular") != 0)
        return PRICE_NO_TAX;
    if (!buyer_state || !*buyer_state || strcmp(seller_state, buyer_state) == 0)
        return PRICE_INTRA;
    return PRICE_INTER;
}

int64_t price_discount(const struct price *p)
{
    int64_t off = p->discount_paise;

    if (p->discount_bp > 0)
        off = part_of(p->price_paise, p->discount_bp, 10000);
    return off > p->price_paise ? p->price_paise : off;
}

static bool price_fits(const struct price *p)
{
    return p->price_paise >= 0 && p->price_paise <= PRICE_MAX && p->discount_paise >= 0 &&
           p->discount_bp >= 0 && p->discount_bp <= 10000 && p->gst_bp >= 0 &&
           p->gst_bp <= 10000;
}

/* One of `heads` equal heads of the tax on `net`. */
static int64_t tax_head(const struct price *p, int64_t net, int heads)
{
    int64_t whole = p->is_inclusive ? 10000 + p->gst_bp : 10000;

    return part_of(net, p->gst_bp, whole * heads);
}

bool price_line(const struct price *p, int64_t qty_milli, enum price_tax tax,
                struct amounts *out)
{
    int64_t net, heads;

    *out = (struct amounts) { 0 };
    if (!price_fits(p) || qty_milli < 0 || qty_milli > QTY_MAX)
        return false;
    net = price_times(p->price_paise - price_discount(p), qty_milli);
    out->gross_paise = price_times(p->price_paise, qty_milli);
    out->discount_paise = out->gross_paise - net;
    if (tax == PRICE_INTRA)
        out->cgst_paise = out->sgst_paise = tax_head(p, net, 2);
    else if (tax == PRICE_INTER)
        out->igst_paise = tax_head(p, net, 1);
    heads = out->cgst_paise + out->sgst_paise + out->igst_paise;
    out->taxable_paise = p->is_inclusive ? net - heads : net;
    out->total_paise = out->taxable_paise + heads;
    return out->total_paise <= PRICE_TOTAL_MAX;
}

static const struct {
    const char *code, *name;
} states[] = {
    { "01", "Jammu and Kashmir" },
    { "02", "Himachal Pradesh" },
    { "03", "Punjab" },
    { "04", "Chandigarh" },
    { "05", "Uttarakhand" },
    { "06", "Haryana" },
    { "07", "Delhi" },
    { "08", "Rajasthan" },
    { "09", "Uttar Pradesh" },
    { "10", "Bihar" },
    { "11", "Sikkim" },
    { "12", "Arunachal Pradesh" },
    { "13", "Nagaland" },
    { "14", "Manipur" },
    { "15", "Mizoram" },
    { "16", "Tripura" },
    { "17", "Meghalaya" },
    { "18", "Assam" },
    { "19", "West Bengal" },
    { "20", "Jharkhand" },
    { "21", "Odisha" },
    { "22", "Chhattisgarh" },
    { "23", "Madhya Pradesh" },
    { "24", "Gujarat" },
    { "26", "Dadra and Nagar Haveli and Daman and Diu" },
    { "27", "Maharashtra" },
    { "29", "Karnataka" },
    { "30", "Goa" },
    { "31", "Lakshadweep" },
    { "32", "Kerala" },
    { "33", "Tamil Nadu" },
    { "34", "Puducherry" },
    { "35", "Andaman and Nicobar Islands" },
    { "36", "Telangana" },
    { "37", "Andhra Pradesh" },
    { "38", "Ladakh" },
};

const char *gst_state_name(const char *code)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].code, code) == 0)
            return states[i].name;
    return NULL;
}
