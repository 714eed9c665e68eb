/* Bills drawn by the real child and read back with pdftotext: what stands on them, on how
 * many pages, and what a scanner sees. */
#include "media_ground.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zbar.h>

static char folder[] = "/tmp/invoice_test-XXXXXX";

static const char labels[] =
    "{\"title\": \"Tax invoice\", \"number\": \"Invoice no.\", \"date\": \"Date\","
    " \"place_of_supply\": \"Place of supply\", \"reverse_charge\": \"Reverse charge\","
    " \"yes\": \"Yes\", \"no\": \"No\", \"gstin\": \"GSTIN\", \"state\": \"State\","
    " \"mobile\": \"Mobile\", \"bill_to\": \"Bill to\", \"deliver_to\": \"Deliver to\","
    " \"item\": \"Item\", \"hsn\": \"HSN\", \"qty\": \"Qty\", \"price\": \"Price\","
    " \"discount\": \"Discount\", \"taxable\": \"Taxable\", \"gst\": \"Rate\","
    " \"cgst\": \"CGST\", \"sgst\": \"SGST\", \"igst\": \"IGST\", \"amount\": \"Amount\","
    " \"total\": \"Total\", \"paid\": \"Paid\", \"due\": \"To pay\","
    " \"round_off\": \"Round off\", \"in_words\": \"In words\","
    " \"scan_to_pay\": \"Scan to pay\", \"composition\": \"composition taxable person,"
    " not eligible to collect tax on supplies\", \"signatory\": \"Signatory\","
    " \"for\": \"For\", \"computer_made\": \"Made by computer\","
    " \"page\": \"Page {n} of {m}\", \"continued\": \"continued\"}";

/* 1,050 rupees with 5% in it a line. */
static void line_add(json_t *bill, const char *name, bool inter)
{
    json_t *line = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "name", name, "hsn",
        "6304", "qty", "2.5", "unit", "kg", "price_paise", 42000, "taxable_paise", 100000,
        "gst_bp", 500, "cgst_paise", inter ? 0 : 2500, "sgst_paise", inter ? 0 : 2500,
        "igst_paise", inter ? 5000 : 0, "total_paise", 105000);

    json_array_append_new(json_object_get(bill, "lines"), line);
}

static json_t *bill_new(const char *kind, int lines, bool inter)
{
    json_t *bill = json_pack(
        "{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s}, s:{s:s, s:s}, s:[],"
        " s:{s:i, s:i, s:i, s:i, s:i}, s:i, s:o}",
        "kind", kind, "number", "26-27/000123", "date", "22 Nov 2026", "place_of_supply",
        "08 Rajasthan", "seller", "trade_name", "Block Print House", "address",
        "14 Rani Bazar\nBikaner 334001", "gstin", "08AAPFU0939F1ZT", "state_name",
        "Rajasthan", "state_code", "08", "upi", "prints@okaxis", "buyer", "name",
        "क्षितिज वर्मा", "address", "Jaipur 302001", "lines", "totals", "taxable_paise",
        100000 * lines, "cgst_paise", inter ? 0 : 2500 * lines, "sgst_paise",
        inter ? 0 : 2500 * lines, "igst_paise", inter ? 5000 * lines : 0, "total_paise",
        105000 * lines, "due_paise", 105000 * lines, "labels",
        json_loads(labels, 0, NULL));

    assert_non_null(bill);
    for (int i = 0; i < lines; i++)
        line_add(bill, i % 2 ? "हस्तनिर्मित दीपक" : "Cotton bedsheet", inter);
    return bill;
}

static const char *command_output(struct fixture *f, const char *command)
{
    char *text = arena_alloc(f->arena, 1, 400000);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    text[fread(text, 1, 399999, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);
    return text;
}

/* Draws the bill as the file "bill.pdf"; gives the text on it, laid out as printed. */
static const char *bill_text_of(struct fixture *f)
{
    const char *path = arena_printf(f->arena, "%s/bill.pdf", folder);
    FILE *file = fopen(path, "wb");
    size_t size;
    char *pdf;

    assert_int_equal(media_invoice(f->media, f->arena, f->bill, &pdf, &size), MEDIA_OK);
    assert_int_equal(fwrite(pdf, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return command_output(f, arena_printf(f->arena, "pdftotext -layout %s -", path));
}

static void assert_says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("\"%s\" is not in:\n%s", what, text);
}

static void assert_silent(const char *text, const char *what)
{
    if (strstr(text, what))
        fail_msg("\"%s\" is in:\n%s", what, text);
}

static void test_tax_invoice_says_what_rule_46_asks(void **state)
{
    static const char *const wanted[] = {
        "Tax invoice",
        "Block Print House",
        "14 Rani Bazar",
        "GSTIN 08AAPFU0939F1ZT",
        "26-27/000123",
        "22 Nov 2026",
        "08 Rajasthan",
        "State Rajasthan (08)",
        "Reverse charge",
        "क्षितिज वर्मा",
        "Jaipur 302001",
        "6304",
        "2.5 kg",
        "1,000.00",
        "5%",
        "CGST",
        "SGST",
        "25.00",
        "₹1,050.00",
        "Rupees One Thousand Fifty Only",
        "Page 1 of 1",
        "Signatory",
        "Scan to pay",
        "prints@okaxis",
    };
    struct fixture *f = *state;
    const char *text;

    f->bill = bill_new("tax_invoice", 1, false);
    text = bill_text_of(f);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_says(text, wanted[i]);
    assert_silent(text, "IGST");
    assert_silent(text, "Discount");
    assert_silent(text, "composition taxable person");
}

static void test_other_state_pays_igst(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->bill = bill_new("tax_invoice", 3, true);
    text = bill_text_of(f);
    assert_says(text, "IGST");
    assert_says(text, "50.00");
    assert_silent(text, "CGST");
    assert_says(text, "हस्तनिर्मित दीपक");
}

static void test_bill_of_supply_shows_no_tax(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->bill = bill_new("bill_of_supply", 2, false);
    json_object_set_new(f->bill, "composition", json_true());
    text = bill_text_of(f);
    assert_says(text,
                "composition taxable person, not eligible to collect tax on supplies");
    assert_silent(text, "CGST");
    assert_silent(text, "Taxable");
    assert_silent(text, "Reverse charge");
}

static void test_many_lines_break_over_pages(void **state)
{
    struct fixture *f = *state;
    const char *text, *page;
    int pages = 0;

    f->bill = bill_new("tax_invoice", 100, false);
    text = bill_text_of(f);
    for (page = text; (page = strchr(page, '\f')); page++)
        pages++;
    assert_in_range(pages, 3, 6);
    assert_says(text, arena_printf(f->arena, "Page %d of %d", pages, pages));
    for (int i = 2; i <= pages; i++) {
        text = strchr(text, '\f') + 1;
        assert_says(text, "26-27/000123 · continued");
        assert_says(text, "Taxable");
    }
    assert_says(text, "₹1,05,000.00");
}

static void test_long_and_strange_names(void **state)
{
    struct fixture *f = *state;
    char name[3000];
    const char *text;

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    f->bill = bill_new("invoice", 1, false);
    line_add(f->bill, name, false);
    line_add(f->bill, "<b>&amp; \x01 %s {n}", false);
    line_add(f->bill, "العربية தமிழ் বাংলা 🪔", false);
    json_object_set_new(json_object_get(f->bill, "seller"), "trade_name",
                        json_string(name));
    text = bill_text_of(f);
    assert_says(text, "<b>&amp;");
    assert_says(text, "Page 1 of 1");
}

static void test_sums_of_crores_stay_whole(void **state)
{
    static const char *const keys[] = {
        "price_paise", "taxable_paise", "cgst_paise",
        "sgst_paise",  "total_paise",   "discount_paise"
    };
    struct fixture *f = *state;
    json_t *line;

    f->bill = bill_new("tax_invoice", 1, false);
    line = json_array_get(json_object_get(f->bill, "lines"), 0);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set_new(line, keys[i], json_integer(99999999999));
    assert_says(bill_text_of(f), "99,99,99,999.99");
}

/* What a scanner reads on the bill's first page. */
static const char *bill_scan(struct fixture *f)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *image = zbar_image_create();
    unsigned char *grey = arena_bytes(f->arena, 8 << 20);
    const zbar_symbol_t *symbol;
    const char *text;
    unsigned w, h;
    FILE *pgm;

    command_output(
        f, arena_printf(f->arena, "pdftoppm -r 150 -gray -singlefile %s/bill.pdf %s/bill",
                        folder, folder));
    pgm = fopen(arena_printf(f->arena, "%s/bill.pgm", folder), "rb");
    assert_non_null(pgm);
    assert_int_equal(fscanf(pgm, "P5 %u %u 255", &w, &h), 2);
    assert_int_equal(fgetc(pgm), '\n');
    assert_true(w < 2000 && h < 2000);
    assert_int_equal(fread(grey, w, h, pgm), h);
    fclose(pgm);
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, w, h);
    zbar_image_set_data(image, grey, (unsigned long)w * h, NULL);
    assert_int_equal(zbar_scan_image(scanner, image), 1);
    symbol = zbar_image_first_symbol(image);
    text = arena_dup(f->arena, zbar_symbol_get_data(symbol));
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    return text;
}

static void test_qr_asks_for_what_is_due(void **state)
{
    struct fixture *f = *state;

    f->bill = bill_new("tax_invoice", 1, false);
    json_object_set_new(f->bill, "due_paise", json_integer(5050));
    bill_text_of(f);
    assert_string_equal(bill_scan(f),
                        "upi://pay?pa=prints@okaxis&pn=Block%20Print%20House"
                        "&tr=2627000123&tn=26-27%2F000123&am=50.50&cu=INR");
    json_object_set_new(f->bill, "due_paise", json_integer(0));
    assert_silent(bill_text_of(f), "Scan to pay");
}

static void test_nonsense_is_drawn_or_fails(void **state)
{
    struct fixture *f = *state;
    size_t size;
    char *pdf;

    f->bill = json_pack("{s:s, s:{s:i}, s:i, s:n}", "lines", "no list", "seller",
                        "trade_name", 5, "totals", 7, "labels");
    assert_int_equal(media_invoice(f->media, f->arena, f->bill, &pdf, &size), MEDIA_OK);
    json_decref(f->bill);
    f->bill = json_array();
    assert_int_equal(media_invoice(f->media, f->arena, f->bill, &pdf, &size),
                     MEDIA_FAILED);
    assert_null(pdf);
    json_decref(f->bill);
    f->bill = bill_new("invoice", 2001, false);
    assert_int_equal(media_invoice(f->media, f->arena, f->bill, &pdf, &size),
                     MEDIA_FAILED);
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, set_up, tear_down, NULL                                                \
    }
    const struct CMUnitTest tests[] = {
        TEST("VORD-8 a tax invoice says what rule 46 asks",
             test_tax_invoice_says_what_rule_46_asks),
        TEST("VORD-8 a buyer in another State pays IGST", test_other_state_pays_igst),
        TEST("VORD-8 a bill of supply shows no tax", test_bill_of_supply_shows_no_tax),
        TEST("VORD-8 many lines break over pages", test_many_lines_break_over_pages),
        TEST("SYS-4 long and strange names", test_long_and_strange_names),
        TEST("VORD-8 sums of crores stay whole", test_sums_of_crores_stay_whole),
        TEST("POS-2 the invoice's QR asks for what is due", test_qr_asks_for_what_is_due),
        TEST("VORD-8 nonsense is drawn or fails", test_nonsense_is_drawn_or_fails),
    };
    char clean[64];
    int failed;

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (!mkdtemp(folder))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        snprintf(clean, sizeof clean, "%s/%s", folder, i ? "bill.pdf" : "bill.pgm");
        unlink(clean);
    }
    return rmdir(folder) == 0 ? failed : 1;
}
