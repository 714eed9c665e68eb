#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db/gst_state.h"
#include "db/price.h"

static struct amounts line(struct price p, int64_t qty_milli, enum price_tax tax)
{
    struct amounts sum;

    assert_true(price_line(&p, qty_milli, tax, &sum));
    assert_int_equal(sum.total_paise, sum.taxable_paise + sum.cgst_paise +
                                          sum.sgst_paise + sum.igst_paise);
    assert_int_equal(sum.cgst_paise, sum.sgst_paise);
    return sum;
}

static void inclusive_vectors(void **state)
{
    static const struct {
        int64_t paise, bp, head, intra_taxable, igst, inter_taxable;
    } vectors[] = {
        { 99900, 500, 2379, 95142, 4757, 95143 },
        { 118000, 1800, 9000, 100000, 18000, 100000 },
        { 10000, 1800, 763, 8474, 1525, 8475 },
        { 249900, 500, 5950, 238000, 11900, 238000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct price p = { .price_paise = vectors[i].paise,
                           .gst_bp = vectors[i].bp,
                           .is_inclusive = true };
        struct amounts intra = line(p, 1000, PRICE_INTRA);
        struct amounts inter = line(p, 1000, PRICE_INTER);

        assert_int_equal(intra.cgst_paise, vectors[i].head);
        assert_int_equal(intra.taxable_paise, vectors[i].intra_taxable);
        assert_int_equal(inter.igst_paise, vectors[i].igst);
        assert_int_equal(inter.taxable_paise, vectors[i].inter_taxable);
        assert_int_equal(intra.total_paise, vectors[i].paise);
        assert_int_equal(inter.total_paise, vectors[i].paise);
    }
}

static void exclusive_rounds_each_head(void **state)
{
    struct price p = { .price_paise = 10010, .gst_bp = 500 };
    struct amounts intra = line(p, 1000, PRICE_INTRA), inter = line(p, 1000, PRICE_INTER);

    (void)state;
    assert_int_equal(intra.cgst_paise, 250); /* 250.25 */
    assert_int_equal(intra.total_paise, 10510);
    assert_int_equal(inter.igst_paise, 501); /* 500.5 */
    assert_int_equal(inter.total_paise, 10511);
    p.gst_bp = 25; /* rough stones: each head 0.125 % */
    assert_int_equal(line(p, 1000, PRICE_INTRA).cgst_paise, 13);
}

static void discount_before_tax(void **state)
{
    struct price p = { .price_paise = 10000, .discount_bp = 1000, .gst_bp = 1800 };
    struct amounts sum = line(p, 2500, PRICE_INTRA);

    (void)state;
    assert_int_equal(sum.gross_paise, 25000);
    assert_int_equal(sum.discount_paise, 2500);
    assert_int_equal(sum.taxable_paise, 22500);
    assert_int_equal(sum.total_paise, 26550);
    p.discount_bp = 0;
    p.discount_paise = 10000;
    assert_int_equal(line(p, 2500, PRICE_INTRA).total_paise, 0);
    p.discount_paise = 99999;
    assert_int_equal(price_discount(&p), 10000);
}

static void no_tax_unless_regular(void **state)
{
    struct price p = { .price_paise = 10000, .gst_bp = 1800 };

    (void)state;
    assert_int_equal(price_tax_for("unregistered", "27", "29"), PRICE_NO_TAX);
    assert_int_equal(price_tax_for("composition", "27", "27"), PRICE_NO_TAX);
    assert_int_equal(price_tax_for("regular", "27", "27"), PRICE_INTRA);
    assert_int_equal(price_tax_for("regular", "27", NULL), PRICE_INTRA);
    assert_int_equal(price_tax_for("regular", "27", ""), PRICE_INTRA);
    assert_int_equal(price_tax_for("regular", "27", "29"), PRICE_INTER);
    assert_int_equal(line(p, 1000, PRICE_NO_TAX).total_paise, 10000);
}

static void bounds_are_refused(void **state)
{
    struct amounts sum;
    struct price p = { .price_paise = PRICE_MAX };

    (void)state;
    assert_true(price_line(&p, 1000000, PRICE_INTRA, &sum));
    assert_int_equal(sum.total_paise, PRICE_TOTAL_MAX);
    assert_false(price_line(&p, QTY_MAX, PRICE_INTRA, &sum));
    assert_false(price_line(&p, QTY_MAX + 1, PRICE_INTRA, &sum));
    assert_false(price_line(&p, -1, PRICE_INTRA, &sum));
    assert_false(price_line(&p, INT64_MAX, PRICE_INTRA, &sum));
    p.price_paise = -1;
    assert_false(price_line(&p, 1000, PRICE_INTRA, &sum));
    p.price_paise = INT64_MAX;
    assert_false(price_line(&p, 1000, PRICE_INTRA, &sum));
    assert_int_equal(price_times(INT64_MAX, INT64_MAX), INT64_MAX);
    assert_int_equal(price_times(1, 500), 1);
    assert_int_equal(price_times(1, 499), 0);
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(gst_state_name("27"), "Maharashtra");
    assert_null(gst_state_name("28"));
    assert_null(gst_state_name(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "CAT-1 inclusive prices (Rule 35)", inclusive_vectors, NULL, NULL, NULL },
        { "CAT-1 tax is rounded per head", exclusive_rounds_each_head, NULL, NULL, NULL },
        { "CAT-1 discount comes off before tax", discount_before_tax, NULL, NULL, NULL },
        { "VORD-8 no tax from an unregistered vendor", no_tax_unless_regular, NULL, NULL,
          NULL },
        { "CAT-1 numbers out of bounds", bounds_are_refused, NULL, NULL, NULL },
        { "VORD-8 names of States", states_have_names, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
