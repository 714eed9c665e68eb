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
