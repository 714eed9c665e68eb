/* A vendor's details after the role was granted: what holds at once, what waits for the
 * admin, and what the tables, the journal and the people concerned hear of it. */
#include "tests/unit/access_ground.h"

#include "db/catalog.h"
#include "db/vendor_change.h"

#define PUNE "27AAPFU0939F1ZV"

struct shop {
    struct actor owner, admin;
};

static struct vendor_details plain(void)
{
    return (struct vendor_details) { .trade_name = "Ravi's Pottery",
                                     .address = "Pune",
                                     .state_code = "27",
                                     .gst_status = "unregistered",
                                     .gstin = "",
                                     .upi = "ravi@okaxis",
                                     .mobile = "" };
}

static struct shop shop_open(struct ground *g)
{
    struct shop s = { { 0, 0, "203.0.113.7" }, { 0, 0, "203.0.113.1" } };
    struct vendor_details d = plain();

    s.admin.user_id = user_new(g, "+919800000000");
    assert_int_equal(user_make_admin(g->db, "+919800000000"), DB_OK);
    s.owner.user_id = user_new(g, "+919812345678");
    s.owner.account_id = account_new(g, s.owner.user_id, "ravi@b.in");
    assert_int_equal(vendor_request(g->db, &s.owner, &d, NULL), DB_OK);
    refused(g, vendor_change_ask(g->db, &s.owner, &d, NULL), 409, NULL,
            "refusal.vendor_not_yet");
    assert_int_equal(vendor_approve(g->db, &s.admin, s.owner.account_id), DB_OK);
    run(g, "UPDATE notification SET read_ms = 1");
    return s;
}

static enum db_rc change(struct ground *g, const struct shop *s, struct vendor_details d)
{
    return vendor_change_ask(g->db, &s->owner, &d, NULL);
}

static int64_t asked_ms(struct ground *g)
{
    return number_of(g, "SELECT asked_ms FROM vendor_change");
}

static const char *vendor_now(struct ground *g)
{
    return text_of(g, "SELECT printf('%s|%s|%s|%s|%s|%s|%s|%s', trade_name, address,"
                      " state_code, gst_status, ifnull(gstin, '-'), ifnull(upi, '-'), mobile,"
                      " handle) FROM vendor");
}

static void at_once(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    struct vendor_details d = plain();

    assert_int_equal(change(g, &s, d), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE kind LIKE"
                                  " 'vendor.reach'"),
                     0);
    d.address = "Kothrud, Pune";
    d.upi = "new@okaxis";
    d.mobile = "+919812345678";
    assert_int_equal(change(g, &s, d), DB_OK);
    assert_string_equal(vendor_now(g), "Ravi's Pottery|Kothrud, Pune|27|unregistered|-|"
                                       "new@okaxis|+919812345678|ravi-s-pottery");
    assert_int_equal(number_of(g, "SELECT count(*) FROM vendor_change"), 0);
    assert_string_equal(text_of(g, "SELECT user_name || ': ' || before || ' > ' || after"
                                   " FROM audit_entry WHERE kind = 'vendor.reach'"),
                        "Asha: {\"address\":\"Pune\",\"upi\":\"ravi@okaxis\",\"mobile\":\"\"}"
                        " > {\"address\":\"Kothrud, Pune\",\"upi\":\"new@okaxis\","
                        "\"mobile\":\"+919812345678\"}");
    /* Whoever looks after the money hears of it. */
    assert_string_equal(text_of(g, "SELECT json_extract(args, '$.upi') FROM notification"
                                   " WHERE key = 'notify.upi_changed' AND user_id = 2"),
                        "new@okaxis");
    d.upi = "";
    assert_int_equal(change(g, &s, d), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE key ="
                                  " 'notify.upi_gone'"),
                     1);
    assert_int_equal(number_of(g, "SELECT upi IS NULL FROM vendor"), 1);
}

static void waits_and_approved(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    struct vendor_details d = plain();
    int64_t version;
    json_t *rows, *row;

    d.gst_status = "regular";
    d.gstin = "27 aapfu0939f 1zv";
    d.trade_name = "Ravi and Sons";
    d.address = "Kothrud";
    assert_int_equal(change(g, &s, d), DB_OK);
    assert_string_equal(vendor_now(g), "Ravi's Pottery|Kothrud|27|unregistered|-|"
                                       "ravi@okaxis||ravi-s-pottery");
    assert_int_equal(vendor_changes(g->db, 10, &rows), DB_OK);
    assert_int_equal(json_array_size(rows), 1);
    row = json_array_get(rows, 0);
    assert_string_equal(text_in(row, "was_trade_name"), "Ravi's Pottery");
    assert_string_equal(text_in(row, "trade_name"), "Ravi and Sons");
    assert_string_equal(text_in(row, "gstin"), PUNE);
    assert_true(json_is_false(json_object_get(row, "is_doubtful")));
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE user_id = 1 AND"
                                  " key = 'notify.vendor_change_asked'"),
                     1);
    assert_string_equal(text_of(g, "SELECT before || ' > ' || after FROM audit_entry"
                                   " WHERE kind = 'vendor.change_asked'"),
                        "{\"trade_name\":\"Ravi's Pottery\",\"state_code\":\"27\","
                        "\"gst_status\":\"unregistered\",\"gstin\":\"\"} > "
                        "{\"trade_name\":\"Ravi and Sons\",\"state_code\":\"27\","
                        "\"gst_status\":\"regular\",\"gstin\":\"" PUNE "\"}");
    /* The same again is no second request. */
    assert_int_equal(change(g, &s, d), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE kind ="
                                  " 'vendor.change_asked'"),
                     1);
    version = number_of(g, "SELECT version FROM vendor");
    assert_int_equal(vendor_change_approve(g->db, &s.admin, s.owner.account_id, asked_ms(g)),
                     DB_OK);
    assert_string_equal(vendor_now(g), "Ravi and Sons|Kothrud|27|regular|" PUNE
                                       "|ravi@okaxis||ravi-s-pottery");
    assert_true(number_of(g, "SELECT version FROM vendor") > version);
    assert_int_equal(number_of(g, "SELECT count(*) FROM vendor_change"), 0);
    assert_string_equal(text_of(g, "SELECT before || ' > ' || after FROM audit_entry"
                                   " WHERE kind = 'vendor.change_approved' AND account_id = 1"),
                        "{\"trade_name\":\"Ravi's Pottery\",\"state_code\":\"27\","
                        "\"gst_status\":\"unregistered\",\"gstin\":\"\"} > "
                        "{\"trade_name\":\"Ravi and Sons\",\"state_code\":\"27\","
                        "\"gst_status\":\"regular\",\"gstin\":\"" PUNE "\"}");
    assert_int_equal(number_of(g, "SELECT count(*) FROM notification WHERE user_id = 2 AND"
                                  " key = 'notify.vendor_change_approved'"),
                     1);
    refused(g, vendor_change_approve(g->db, &s.admin, s.owner.account_id, 1), 409, NULL,
            "refusal.vendor_change_gone");
    assert_int_equal(number_of(g, "SELECT count(*) FROM vendor_words WHERE vendor_words"
                                  " MATCH 'sons'"),
                     1);
}

static void tax_moves_the_catalog(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    int64_t version = number_of(g, "SELECT version FROM vendor");

    assert_true(s.owner.account_id > 0);
    run(g, "UPDATE vendor SET gst_status = 'composition', gstin = '" PUNE "'");
    assert_true(number_of(g, "SELECT version FROM vendor") > version);
}

static void declined(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    struct vendor_details d = plain();
    json_t *row;

    d.trade_name = "State Bank";
    assert_int_equal(change(g, &s, d), DB_OK);
    refused(g,
            vendor_change_decline(g->db, &s.admin, s.owner.account_id, asked_ms(g), ""),
            422, "reason", "refusal.reason");
    assert_int_equal(vendor_change_decline(g->db, &s.admin, s.owner.account_id, asked_ms(g),
                                           "Not your name"),
                     DB_OK);
    assert_int_equal(vendor_change_find(g->db, s.owner.account_id, &row), DB_OK);
    assert_string_equal(text_in(row, "state"), "declined");
    assert_string_equal(text_in(row, "reason"), "Not your name");
    assert_string_equal(text_of(g, "SELECT trade_name FROM vendor"), "Ravi's Pottery");
    refused(g, vendor_change_approve(g->db, &s.admin, s.owner.account_id, asked_ms(g)), 409,
            NULL, "refusal.vendor_change_gone");
    assert_string_equal(text_of(g, "SELECT json_extract(args, '$.reason') FROM notification"
                                   " WHERE key = 'notify.vendor_change_declined'"),
                        "Not your name");
    assert_string_equal(text_of(g, "SELECT after FROM audit_entry WHERE kind ="
                                   " 'vendor.change_declined'"),
                        "{\"trade_name\":\"State Bank\",\"state_code\":\"27\","
                        "\"gst_status\":\"unregistered\",\"gstin\":\"\","
                        "\"reason\":\"Not your name\"}");
    assert_int_equal(vendor_change_withdraw(g->db, &s.owner), DB_OK);
    assert_int_equal(vendor_change_withdraw(g->db, &s.owner), DB_NONE);
    assert_int_equal(number_of(g, "SELECT count(*) FROM audit_entry WHERE kind ="
                                  " 'vendor.change_withdrawn'"),
                     0);
    assert_int_equal(change(g, &s, d), DB_OK);
    assert_int_equal(vendor_change_withdraw(g->db, &s.owner), DB_OK);
    assert_string_equal(text_of(g, "SELECT before FROM audit_entry WHERE kind ="
                                   " 'vendor.change_withdrawn'"),
                        "{\"trade_name\":\"State Bank\",\"state_code\":\"27\","
                        "\"gst_status\":\"unregistered\",\"gstin\":\"\"}");
}

static void what_the_admin_has_seen(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    struct vendor_details d = plain();
    int64_t seen;

    d.trade_name = "Ravi and Sons";
    assert_int_equal(change(g, &s, d), DB_OK);
    seen = asked_ms(g);
    d.trade_name = "State Bank";
    assert_int_equal(change(g, &s, d), DB_OK);
    refused(g, vendor_change_approve(g->db, &s.admin, s.owner.account_id, seen), 409, NULL,
            "refusal.vendor_change_other");
    assert_string_equal(text_of(g, "SELECT trade_name FROM vendor"), "Ravi's Pottery");
    /* Back to what it was: nothing waits. */
    assert_int_equal(change(g, &s, plain()), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM vendor_change"), 0);
}

static void wrong(void **state)
{
    struct ground *g = *state;
    struct shop s = shop_open(g);
    struct vendor_details d = plain();
    bool doubtful = false;

    d.gst_status = "regular";
    d.upi = "other@bank";
    refused(g, change(g, &s, d), 422, "gstin", "refusal.gstin");
    d.gstin = "29AAPFU0939F1ZV";
    refused(g, change(g, &s, d), 422, "gstin", "refusal.gstin_state");
    d.state_code = "28";
    refused(g, change(g, &s, d), 422, "state_code", "refusal.state");
    /* Nothing of a form that was refused holds. */
    assert_string_equal(text_of(g, "SELECT upi FROM vendor"), "ravi@okaxis");
    d.state_code = "27";
    d.gstin = "27AAPFU0939F1ZA";
    assert_int_equal(vendor_change_ask(g->db, &s.owner, &d, &doubtful), DB_OK);
    assert_true(doubtful);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "ACC-7 address, UPI id and phone change at once", at_once, ground_open,
          ground_close, NULL },
        { "ACC-7 name, State and GST wait for the admin", waits_and_approved, ground_open,
          ground_close, NULL },
        { "CAT-4 another GST status is seen in the catalog", tax_moves_the_catalog,
          ground_open, ground_close, NULL },
        { "ACC-7 a change is declined with a reason", declined, ground_open, ground_close,
          NULL },
        { "ACC-7 the admin decides on what they have seen", what_the_admin_has_seen,
          ground_open, ground_close, NULL },
        { "ACC-7 wrong details change nothing", wrong, ground_open, ground_close, NULL },
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
