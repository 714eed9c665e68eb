/* The vendor role: what is asked for, who decides, and what the tables and journals say.
 */
#include "tests/unit/access_ground.h"

#include "db/audit.h"
#include "db/gst_state.h"
#include "db/handle.h"
#include "db/vendor.h"

#define GOOD "27AAPFU0939F1ZV"
#define DOUBTFUL "27AAPFU0939F1ZA"

static struct vendor_details regular(const char *gstin)
{
    return (struct vendor_details) { .trade_name = "Ravi's Pottery",
                                     .address = "Pune",
                                     .state_code = "27",
                                     .gst_status = "regular",
                                     .gstin = gstin,
                                     .upi = "ravi@okaxis",
                                     .mobile = "" };
}

struct shop {
    struct actor owner, admin;
};

static struct shop shop_new(struct ground *g)
{
    struct shop s = { { 0, 0, "203.0.113.7" }, { 0, 0, "203.0.113.1" } };

    s.admin.user_id = user_new(g, "+919800000000");
    assert_int_equal(user_make_admin(g->db, "+919800000000"), DB_OK);
    s.owner.user_id = user_new(g, "+919812345678");
    s.owner.account_id = account_new(g, s.owner.user_id, "ravi@b.in");
    return s;
}

static enum db_rc ask(struct ground *g, const struct shop *s, struct vendor_details d)
{
    return vendor_request(g->db, &s->owner, &d, NULL);
}

static const char *state_of(struct ground *g)
{
    return text_of(g, "SELECT state FROM vendor");
}

static void asked_and_approved(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct vendor_details d = regular("27aapfu0939f 1zv");
    json_t *rows, *row;
    bool doubtful = true;

    assert_int_equal(vendor_find(g->db, s.owner.account_id, &row), DB_NONE);
    assert_int_equal(vendor_request(g->db, &s.owner, &d, &doubtful), DB_OK);
    assert_false(doubtful);
    assert_int_equal(vendor_requests(g->db, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    row = json_array_get(rows, 0);
    assert_string_equal(text_in(row, "gstin"), GOOD);
    assert_string_equal(text_in(row, "handle"), "ravi-s-pottery");
    assert_string_equal(text_in(row, "trade_name"), "Ravi's Pottery");
    assert_string_equal(text_in(row, "address"), "Pune");
    assert_string_equal(text_in(row, "state_code"), "27");
    assert_string_equal(text_in(row, "gst_status"), "regular");
    assert_string_equal(text_in(row, "upi"), "ravi@okaxis");
    assert_string_equal(text_in(row, "user_mobile"), "+919812345678");
    assert_true(json_is_false(json_object_get(row, "is_doubtful")));
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE user_id = 1"),
                     1);
    assert_int_equal(vendor_approve(g->db, &s.admin, s.owner.account_id), DB_OK);
    assert_string_equal(state_of(g), "approved");
    refused(g, vendor_approve(g->db, &s.admin, s.owner.account_id), 409, NULL,
            "refusal.vendor_is_approved");
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE user_id = 2"
                                  " AND key = 'notify.vendor_approved'"),
                     1);
    refused(g, ask(g, &s, d), 409, NULL, "refusal.vendor_already");
}

static void journal(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct audit_filter f = { .account_id = s.owner.account_id };
    json_t *rows, *row;

    assert_int_equal(ask(g, &s, regular(GOOD)), DB_OK);
    assert_int_equal(vendor_approve(g->db, &s.admin, s.owner.account_id), DB_OK);
    assert_int_equal(vendor_suspend(g->db, &s.admin, s.owner.account_id, "fakes"), DB_OK);
    assert_int_equal(audit_list(g->db, &f, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 4);
    row = json_array_get(rows, 0);
    assert_string_equal(text_in(row, "kind"), "vendor.suspended");
    assert_string_equal(text_in(row, "subject"), "Ravi's Pottery");
    assert_string_equal(text_in(row, "before"), "approved");
    assert_string_equal(text_in(row, "after"), "suspended: fakes");
    assert_string_equal(text_in(row, "user_name"), "Asha");
    assert_string_equal(text_in(row, "address"), "203.0.113.1");
    f.before_id = int_in(row, "id");
    assert_int_equal(audit_list(g->db, &f, 1, &rows), DB_OK);
    assert_string_equal(text_in(json_array_get(rows, 0), "kind"), "vendor.approved");
    f = (struct audit_filter) { .account_id = s.owner.account_id + 1 };
    assert_int_equal(audit_list(g->db, &f, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 0);
    db_begin(g->db);
    assert_int_equal(db_exec(g->db, "UPDATE audit_entry SET after = ''", DB_NO_ARGS),
                     DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
    db_begin(g->db);
    assert_int_equal(db_exec(g->db, "DELETE FROM audit_entry", DB_NO_ARGS), DB_ERR);
    assert_int_equal(db_end(g->db, DB_OK), DB_ERR);
}

/* Between the admin's look and the press the vendor asked for something else. */
static void approved_as_seen(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct vendor_details d = regular(GOOD);
    int64_t id = s.owner.account_id, seen;

    assert_int_equal(ask(g, &s, d), DB_OK);
    run(g, "UPDATE vendor SET asked_ms = asked_ms - 1000");
    seen = number_of(g, "SELECT asked_ms FROM vendor");
    d.trade_name = "State Bank";
    assert_int_equal(ask(g, &s, d), DB_OK);
    refused(g, vendor_approve_seen(g->db, &s.admin, id, seen), 409, NULL,
            "refusal.vendor_change_other");
    assert_string_equal(state_of(g), "asked");
    seen = number_of(g, "SELECT asked_ms FROM vendor");
    assert_int_equal(vendor_approve_seen(g->db, &s.admin, id, seen), DB_OK);
    assert_string_equal(state_of(g), "approved");
    refused(g, vendor_approve_seen(g->db, &s.admin, id, seen), 409, NULL,
            "refusal.vendor_is_approved");
    assert_int_equal(vendor_approve_seen(g->db, &s.admin, id + 1, 0), DB_NONE);
}

static void declined_and_again(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct vendor_details d = regular(GOOD);

    assert_int_equal(ask(g, &s, d), DB_OK);
    refused(g, vendor_decline(g->db, &s.admin, s.owner.account_id, ""), 422, "reason",
            "refusal.reason");
    assert_int_equal(vendor_decline(g->db, &s.admin, s.owner.account_id, "no address"),
                     DB_OK);
    assert_string_equal(text_of(g, "SELECT state || reason FROM vendor"),
                        "declinedno address");
    refused(g, vendor_approve(g->db, &s.admin, s.owner.account_id), 409, NULL,
            "refusal.vendor_is_declined");
    d.trade_name = "Ravi and Sons";
    assert_int_equal(ask(g, &s, d), DB_OK);
    assert_string_equal(text_of(g, "SELECT state || reason || trade_name || handle"
                                   " FROM vendor"),
                        "askedRavi and Sonsravi-s-pottery");
    assert_int_equal(vendor_approve(g->db, &s.admin, s.owner.account_id), DB_OK);
}

static void suspended_and_back(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    int64_t id = s.owner.account_id;

    assert_int_equal(vendor_suspend(g->db, &s.admin, id, "x"), DB_NONE);
    assert_int_equal(ask(g, &s, regular(GOOD)), DB_OK);
    refused(g, vendor_suspend(g->db, &s.admin, id, "x"), 409, NULL,
            "refusal.vendor_is_asked");
    assert_int_equal(vendor_approve(g->db, &s.admin, id), DB_OK);
    refused(g, vendor_suspend(g->db, &s.admin, id, ""), 422, "reason", "refusal.reason");
    assert_int_equal(vendor_suspend(g->db, &s.admin, id, "x"), DB_OK);
    refused(g, ask(g, &s, regular(GOOD)), 409, NULL, "refusal.vendor_already");
    assert_int_equal(vendor_restore(g->db, &s.admin, id), DB_OK);
    refused(g, vendor_restore(g->db, &s.admin, id), 409, NULL,
            "refusal.vendor_is_approved");
    assert_string_equal(state_of(g), "approved");
}

/* Each field that is wrong is named, once, in the order of the form. */
static void wrong_each(void **state)
{
    static const char *const fields[] = { "trade_name", "state_code", "gstin", "upi", NULL };
    struct ground *g = *state;
    struct vendor_details d = regular("12345");
    const struct vendor_wrong *wrong;

    d.trade_name = "";
    d.state_code = "";
    d.upi = "nobank";
    wrong = vendor_details_wrong(g->arena, &d);
    for (size_t i = 0; fields[i]; i++, wrong++)
        assert_string_equal(wrong->field, fields[i]);
    assert_null(wrong->field);
    d = regular(GOOD);
    assert_null(vendor_details_wrong(g->arena, &d)->field);
    /* Without a State or a status the GSTIN isn't to blame. */
    d.state_code = "";
    wrong = vendor_details_wrong(g->arena, &d);
    assert_string_equal(wrong[0].field, "state_code");
    assert_null(wrong[1].field);
    d = regular("");
    d.gst_status = "";
    wrong = vendor_details_wrong(g->arena, &d);
    assert_string_equal(wrong[0].field, "gst_status");
    assert_null(wrong[1].field);
}

/* What may be asked for: status, State and GSTIN against each other. */
static void asked_rightly(void **state)
{
    static const struct {
        const char *status, *code, *gstin, *field, *key;
        bool doubtful;
    } cases[] = {
        { "regular", "27", GOOD, NULL, NULL, false },
        { "composition", "27", GOOD, NULL, NULL, false },
        { "composition", "29", "29AAGCB7383J1Z4", NULL, NULL, false },
        { "regular", "27", DOUBTFUL, NULL, NULL, true },
        { "unregistered", "27", "", NULL, NULL, false },
        { "unregistered", "27", "nonsense", NULL, NULL, false },
        { "unregistered", "27", NULL, NULL, NULL, false },
        { "regular", "27", "", "gstin", "refusal.gstin", false },
        { "regular", "27", NULL, "gstin", "refusal.gstin", false },
        { "regular", "27", "27AAPFU0939F1Z", "gstin", "refusal.gstin", false },
        { "composition", "29", GOOD, "gstin", "refusal.gstin_state", false },
        { "regular", "25", GOOD, "state_code", "refusal.state", false },
        { "regular", "", GOOD, "state_code", "refusal.state", false },
        { "regular", "99", GOOD, "state_code", "refusal.state", false },
        { "regular", "2", GOOD, "state_code", "refusal.state", false },
        { "", "27", GOOD, "gst_status", "refusal.gst_status", false },
        { "casual", "27", GOOD, "gst_status", "refusal.gst_status", false },
    };
    struct ground *g = *state;
    struct shop s = shop_new(g);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vendor_details d = regular(cases[i].gstin);
        bool doubtful = false;
        enum db_rc rc;

        d.gst_status = cases[i].status;
        d.state_code = cases[i].code;
        run(g, "DELETE FROM vendor");
        rc = vendor_request(g->db, &s.owner, &d, &doubtful);
        if (cases[i].key) {
            refused(g, rc, 422, cases[i].field, cases[i].key);
            assert_int_equal(number_of(g, "SELECT count(*) FROM vendor"), 0);
            continue;
        }
        assert_int_equal(rc, DB_OK);
        assert_int_equal(doubtful, cases[i].doubtful);
        assert_int_equal(number_of(g, "SELECT gstin IS NOT NULL FROM vendor"),
                         strcmp(cases[i].status, "unregistered") != 0);
    }
}

static void wrong_words(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct vendor_details d = regular(GOOD);
    char name[100];

    memset(name, 'x', 81);
    name[81] = '\0';
    d.upi = "not an address";
    refused(g, ask(g, &s, d), 422, "upi", "refusal.upi");
    d.upi = "";
    d.trade_name = "";
    refused(g, ask(g, &s, d), 422, "trade_name", "refusal.trade_name");
    d.trade_name = name;
    refused(g, ask(g, &s, d), 422, "trade_name", "refusal.trade_name");
    name[80] = '\0';
    assert_int_equal(ask(g, &s, d), DB_OK);
    assert_int_equal(number_of(g, "SELECT upi IS NULL FROM vendor"), 1);
}

static void handles(void **state)
{
    static const struct {
        const char *name, *handle;
    } cases[] = {
        { "Ravi's Pottery", "ravi-s-pottery" },
        { "  CAFÉ  Olé!! ", "cafe-ole" },
        { "कला घर", "kala-ghar" },
        { "मिट्टी के दीये", "mitti-ke-diye" },
        { "श्री गणेश", "shri-ganesh" },
        { "संगम", "sangam" },
        { "Asha आशा २४", "asha-asha-24" },
        { "फ़ूल ऑफ़िस", "phul-ophis" },
        { "தமிழ்", "shop" },
        { "A1", "shop" },
        { "--", "shop" },
        { "क", "shop" },
        { "12 34", "12-34" },
        { "abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz01" },
        { "abcdefghijklmnopqrstuvwxyz0 23", "abcdefghijklmnopqrstuvwxyz0" },
    };
    struct ground *g = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(handle_made(g->arena, cases[i].name), cases[i].handle);
}

static void handles_differ(void **state)
{
    static const char *const names[] = {
        "Ravi", "Ravi", "ravi 2", "RAVI", "तமி", "தமிழ்"
    };
    static const char *const wanted[] = { "ravi",   "ravi-2", "ravi-2-2",
                                          "ravi-3", "shop-5", "shop-6" };
    struct ground *g = *state;
    int64_t user = user_new(g, "+919812345678");

    for (int i = 0; i < 6; i++) {
        struct actor owner = {
            user, account_new(g, user, arena_printf(g->arena, "a%d@b.in", i)), NULL
        };
        struct vendor_details d = regular(GOOD);
        json_t *row;

        d.trade_name = names[i];
        assert_int_equal(vendor_request(g->db, &owner, &d, NULL), DB_OK);
        assert_int_equal(vendor_find(g->db, owner.account_id, &row), DB_OK);
        assert_string_equal(text_in(row, "handle"), wanted[i]);
    }
}

static void settings(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_new(g);
    struct vendor_settings v = { "Lamps",         "available", "ravi@upi",
                                 "+919812345678", true,        4050 };
    int64_t version;

    assert_int_equal(ask(g, &s, regular(GOOD)), DB_OK);
    assert_int_equal(vendor_settings_update(g->db, &s.owner, &v), DB_NONE);
    assert_int_equal(vendor_approve(g->db, &s.admin, s.owner.account_id), DB_OK);
    version = number_of(g, "SELECT version FROM vendor");
    assert_int_equal(vendor_settings_update(g->db, &s.owner, &v), DB_OK);
    assert_true(number_of(g, "SELECT version FROM vendor") > version);
    assert_string_equal(text_of(g, "SELECT about || stock_rule || upi || mobile"
                                   " || is_doorstep || doorstep_paise FROM vendor"),
                        "Lampsavailableravi@upi+91981234567814050");
    assert_string_equal(text_of(g, "SELECT before || ' > ' || after FROM audit_entry"
                                   " ORDER BY id DESC LIMIT 1"),
                        "{\"stock_rule\":\"reserve\",\"doorstep_paise\":null,"
                        "\"upi\":\"ravi@okaxis\",\"mobile\":\"\"} > "
                        "{\"stock_rule\":\"available\",\"doorstep_paise\":4050,"
                        "\"upi\":\"ravi@upi\",\"mobile\":\"+919812345678\"}");
    v.upi = "?";
    refused(g, vendor_settings_update(g->db, &s.owner, &v), 422, "upi", "refusal.upi");
    assert_int_equal(
        vendor_settings_update(g->db, &s.admin,
                               &(struct vendor_settings) { "", "any", "", "", false, 0 }),
        DB_NONE);
    assert_string_equal(text_of(g, "SELECT stock_rule FROM vendor"), "available");
}

static void states(void **state)
{
    static const struct {
        const char *address, *code;
    } cases[] = {
        { "12 MG Road, Pune 411001", "27" },
        { "Panaji, Goa 403 001", "30" },
        { "Bangalore-560001, India", "29" },
        { "Call 9812345678, Patna 800001", "10" },
        { "Ranchi 834001", "20" },
        { "Dehradun 248001", "05" },
        { "Hyderabad 500001", "36" },
        { "Port Blair 744101", "35" },
        { "Gangtok 737101", "11" },
        { "Kolkata 700001", "19" },
        { "Leh 194101", "38" },
        { "जयपुर ३०२ ०२९", "08" },
        { "Pune", NULL },
        { "", NULL },
        { "house 12345", NULL },
        { "1234567", NULL },
        { "011001", NULL },
        { "290000", NULL },
    };
    struct ground *g = *state;
    size_t codes = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *code = gst_state_of_address(g->arena, cases[i].address);

        if (cases[i].code)
            assert_string_equal(code, cases[i].code);
        else
            assert_null(code);
    }
    for (; gst_state_code(codes); codes++)
        assert_true(gst_state_known(gst_state_code(codes)));
    assert_int_equal(codes, 36);
    assert_false(gst_state_known("28"));
    assert_false(gst_state_known("00"));
    assert_false(gst_state_known("027"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "ACC-7 asked for and approved", asked_and_approved, ground_open, ground_close,
          NULL },
        { "ACC-10 decisions are in the audit log", journal, ground_open, ground_close,
          NULL },
        { "ACC-7 declined, asked again", declined_and_again, ground_open, ground_close,
          NULL },
        { "ACC-7 the admin approves what they have seen", approved_as_seen, ground_open,
          ground_close, NULL },
        { "ACC-7 ACC-8 suspended and restored", suspended_and_back, ground_open, ground_close,
          NULL },
        { "ACC-7 all that is wrong with a request", wrong_each, ground_open,
          ground_close, NULL },
        { "ACC-7 GST status, GSTIN and State fit", asked_rightly, ground_open,
          ground_close, NULL },
        { "ACC-7 wrong words are refused", wrong_words, ground_open, ground_close, NULL },
        { "ACC-7 handles are made of names", handles, ground_open, ground_close, NULL },
        { "ACC-7 handles are unique", handles_differ, ground_open, ground_close, NULL },
        { "ACC-10 a vendor's settings", settings, ground_open, ground_close, NULL },
        { "ACC-7 States and PIN codes", states, ground_open, ground_close, NULL },
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
