/* A small town of shops and customers, made only by what the pages call too, in one
 * transaction: either all of it is there afterwards or nothing. The tables say who there
 * is and what happens; the code below them plays it. */
#include "server/command.h"
#include "server/demo_goods.h"

#include "db/account.h"
#include "db/base/log.h"
#include "db/base/row.h"
#include "db/invitation.h"
#include "db/join.h"
#include "db/ledger.h"
#include "db/order.h"
#include "db/requirement.h"
#include "db/setting.h"
#include "db/user.h"
#include "db/vendor.h"

#include <stdio.h>
#include <string.h>

enum person {
    ADMIN_USER,
    POTTER,
    GROCER,
    TEA_STALL,
    CUSTOMER_ONE,
    CUSTOMER_TWO,
    CUSTOMER_THREE,
    TAILOR,
    HELPER,
    SELLER,
    VIEWER,
    SWEETS,
    BANGLES,
    PEOPLE
};

static const struct demo_person {
    const char *name, *account, *email, *lang, *address, *state;
    const char *what; /* to try, for the last words */
} people[PEOPLE] = {
    [ADMIN_USER] = { "Town office", "Office", "admin@demo.example", "en",
                     "1 Town Hall Road, Pune 411001", "27",
                     "the WhatsApp bot at /admin/simulator; the tailor waits at"
                     " /admin/requests" },
    [POTTER] = { "कुम्हार", "कुम्हार", "potter@demo.example", "hi",
                 "कुम्हार गली, जयपुर 302001",
                 "08", "in Hindi: answer the orders that wait at /sell/orders" },
    [GROCER] = { "Grocer", "Grocer", "grocer@demo.example", "en",
                 "12 Market Yard, Pune 411037", "27",
                 "/sell/orders, who owes at /cash, stock at /inventory" },
    [TEA_STALL] = { "Tea stall", "Tea stall", "tea@demo.example", "en",
                    "Station Road, Pune 411001", "27",
                    "regulars who pay later, at /cash" },
    [CUSTOMER_ONE] = { "Customer One", "Customer One", "one@demo.example", "en",
                       "Flat 3, Garden Lane, Pune 411004", "27",
                       "orders in all states at /orders, a filled cart at /cart" },
    [CUSTOMER_TWO] = { "Customer Two", "Customer Two", "two@demo.example", "en",
                       "House 8, Lake Road, Pune 411030", "27",
                       "what was delivered came into /inventory" },
    [CUSTOMER_THREE] = { "ग्राहक तीन", "ग्राहक तीन", "three@demo.example", "hi",
                         "मकान 21, बाज़ार रोड, जयपुर 302003", "08",
                         "in Hindi; buys from another State too" },
    [TAILOR] = { "Tailor", "Tailor", "tailor@demo.example", "en",
                 "Cloth Market, Pune 411002", "27", "waits for the vendor role" },
    [HELPER] = { "Helper", NULL, NULL, "en", "", "",
                 "the grocer's helper: does everything there but change users" },
    [SELLER] = { "Seller", NULL, NULL, "en", "", "",
                 "sells at the grocer's counter; looks at the stock" },
    [VIEWER] = { "दर्शक", NULL, NULL, "hi", "", "",
                 "in Hindi: looks at the grocer's books, changes nothing" },
    [SWEETS] = { "Sweet shop", "Sweet shop", "sweets@demo.example", "en",
                 "Pune", "27", "was declined: the reason is at /account" },
    [BANGLES] = { "चूड़ी वाली", "चूड़ियाँ", "bangles@demo.example", "hi",
                  "त्रिपोलिया बाज़ार, जयपुर 302002", "08", "selling is suspended" },
};

/* Who is let in to the grocer's account, with which set of permissions. */
static const struct {
    enum person who;
    const char *preset;
} let_in[] = { { HELPER, "helper" }, { SELLER, "seller" }, { VIEWER, "viewer" } };

/* How an order ends. */
enum fate {
    WAITS,
    ACCEPTED,
    ACCEPTED_PART, /* half of the first line */
    DECLINED,
    CANCELLED,
    CANCELLED_BY_SHOP,
    CLAIMED,   /* accepted, and the customer says it is paid */
    OWED,      /* delivered, to be paid later */
    PAID_CASH, /* delivered and paid */
    PAID_UPI
};

struct demo_line {
    const char *name, *variant;
    int64_t qty_milli;
};

static const struct demo_order {
    enum person customer, shop;
    enum fate fate;
    bool is_doorstep;
    int64_t later_paise; /* of what is owed: paid some time after */
    const char *note;
    struct demo_line lines[3];
} orders[] = {
    { CUSTOMER_ONE, GROCER, PAID_CASH, false, 0, "",
      { { "Basmati rice", "", 5000 }, { "Toor dal", "", 2000 }, { "Salt", "", 1000 } } },
    { CUSTOMER_TWO, GROCER, OWED, true, 50000, "Ring twice",
      { { "Whole wheat flour", "5 kg", 2000 }, { "Sugar", "", 3500 },
        { "Ghee", "1 litre", 1000 } } },
    { CUSTOMER_ONE, GROCER, OWED, false, 20000, "",
      { { "Groundnut oil", "", 2000 }, { "Onions", "", 4000 } } },
    { CUSTOMER_THREE, GROCER, PAID_UPI, true, 0, "",
      { { "Cardamom", "", 50000 }, { "Tea leaves", "1 kg", 1000 } } },
    { POTTER, GROCER, OWED, false, 0, "",
      { { "Jaggery", "", 2500 }, { "Turmeric", "500 g", 1000 } } },
    { CUSTOMER_TWO, GROCER, DECLINED, false, 0, "", { { "Party supplies", "", 1000 } } },
    { CUSTOMER_ONE, GROCER, ACCEPTED_PART, false, 0, "",
      { { "Potatoes", "", 10000 }, { "Coriander", "", 2000 } } },
    { CUSTOMER_TWO, GROCER, CLAIMED, true, 0, "",
      { { "Kolam rice", "", 10000 }, { "Moong dal", "", 1500 } } },
    { CUSTOMER_TWO, GROCER, CANCELLED, false, 0, "", { { "Bath soap", "", 6000 } } },
    { CUSTOMER_ONE, GROCER, WAITS, true, 0, "After six in the evening",
      { { "Bananas", "", 1000 }, { "Mustard oil", "", 1000 }, { "Cumin", "", 2000 } } },
    { TEA_STALL, GROCER, WAITS, false, 0, "",
      { { "Sugar", "", 10000 }, { "Tea leaves", "1 kg", 3000 } } },
    { CUSTOMER_THREE, POTTER, PAID_CASH, false, 0, "",
      { { "मटका", "बड़ा", 1000 }, { "दीया", "", 4000 } } },
    { TEA_STALL, POTTER, OWED, false, 60000, "", { { "कुल्हड़", "", 20000 } } },
    { CUSTOMER_THREE, POTTER, ACCEPTED, false, 0, "घर के नाम के साथ",
      { { "नाम लिखा फूलदान", "", 1000 }, { "गमला", "मझोला", 3000 } } },
    { CUSTOMER_ONE, POTTER, WAITS, false, 0, "", { { "सुराही", "छोटा", 1000 } } },
    { CUSTOMER_THREE, POTTER, WAITS, false, 0, "",
      { { "थाली", "", 4000 }, { "चाय का कप", "", 6000 } } },
    { CUSTOMER_TWO, POTTER, CANCELLED_BY_SHOP, false, 0, "",
      { { "ढक्कन वाला घड़ा", "", 2000 } } },
    { CUSTOMER_ONE, TEA_STALL, OWED, false, 0, "",
      { { "Masala chai", "Large", 12000 }, { "Samosa", "", 6000 } } },
    { CUSTOMER_TWO, TEA_STALL, OWED, false, 10000, "",
      { { "Filter coffee", "Small", 10000 }, { "Bun maska", "", 2000 } } },
    { CUSTOMER_TWO, TEA_STALL, PAID_CASH, false, 0, "", { { "Poha", "", 2000 } } },
    { CUSTOMER_ONE, TEA_STALL, WAITS, false, 0, "",
      { { "Ginger chai", "Small", 4000 }, { "Biscuits", "", 2000 } } },
};

enum { ASK_PAISE = 45000 };

struct play {
    struct db *db;
    const unsigned char *key;
    struct actor actors[PEOPLE];
};

static const char *mobile_of(struct db *db, enum person who)
{
    return arena_printf(db_arena(db), "+9190000000%02d", (int)who + 1);
}

static enum db_rc person_make(struct play *p, enum person who)
{
    const struct demo_person *d = &people[who];
    struct user_details user = { mobile_of(p->db, who), d->name, d->lang, d->address,
                                 "" };
    struct account_details account = { d->email, d->account, d->address, "Asia/Kolkata",
                                       d->lang };
    enum db_rc rc = user_create(p->db, &user, &p->actors[who].user_id);

    if (rc == DB_OK && d->account)
        rc = account_create(p->db, p->actors[who].user_id, &account,
                            &p->actors[who].account_id);
    if (rc == DB_OK && who == ADMIN_USER)
        rc = user_make_admin(p->db, user.mobile);
    /* Who tries the chat sees a shop that opens; the tailor shows the other way. */
    if (rc == DB_OK && who == ADMIN_USER)
        rc = setting_change(p->db, &p->actors[who], "chat_grants_vendor", "1");
    return rc;
}

/* The GSTIN is a sample that is printed in many books. */
static const struct demo_vendor {
    enum person who;
    const char *trade_name, *gst_status, *gstin, *upi, *about, *stock_rule;
    int64_t doorstep_paise; /* 0: no delivery */
    enum demo_shop shop;
    const char *declined, *suspended; /* why */
} vendors[] = {
    { POTTER, "मिट्टी के बर्तन", "unregistered", "", "potter@upi",
      "जयपुर की मिट्टी, हाथ से बने बर्तन।", "reserve", 0, DEMO_POTTER },
    { GROCER, "Corner Grocery", "regular", "27AAPFU0939F1ZV", "grocer@upi",
      "Grains, spices and all that a kitchen needs. Home delivery in the town.",
      "available", 4000, DEMO_GROCER },
    { TEA_STALL, "Station Tea Stall", "unregistered", "", "tea@upi",
      "Chai from six in the morning.", "any", 0, DEMO_TEA },
    { TAILOR, "Blouse and Shirt Tailor", "unregistered", "", "", "", NULL, 0,
      DEMO_SHOPS },
    { SWEETS, "Laddu and Barfi", "unregistered", "", "sweets@upi", "", NULL, 0, DEMO_SHOPS,
      .declined = "Please give the street and house number of the shop." },
    { BANGLES, "लाख की चूड़ियाँ", "unregistered", "", "bangles@upi", "", NULL, 0, DEMO_SHOPS,
      .suspended = "ग्राहकों की शिकायत की जाँच हो रही है।" },
};

/* Those without goods: waiting, declined, or let in and suspended. */
static enum db_rc vendor_decided(struct play *p, const struct demo_vendor *v)
{
    const struct actor *admin = &p->actors[ADMIN_USER];
    int64_t account = p->actors[v->who].account_id;
    enum db_rc rc = DB_OK;

    if (v->declined)
        rc = vendor_decline(p->db, admin, account, v->declined);
    if (v->suspended)
        rc = vendor_approve(p->db, admin, account);
    if (v->suspended && rc == DB_OK)
        rc = vendor_suspend(p->db, admin, account, v->suspended);
    return rc;
}

static enum db_rc vendor_make(struct play *p, const struct demo_vendor *v)
{
    const struct demo_person *d = &people[v->who];
    const struct actor *owner = &p->actors[v->who];
    const char *mobile = mobile_of(p->db, v->who);
    struct vendor_details asked = { v->trade_name, d->address, d->state, v->gst_status,
                                    v->gstin,      v->upi,     mobile };
    struct vendor_settings settings = {
        v->about, v->stock_rule, v->upi, mobile, v->doorstep_paise > 0, v->doorstep_paise
    };
    bool doubtful;
    enum db_rc rc = vendor_request(p->db, owner, &asked, &doubtful);

    if (rc != DB_OK || v->shop == DEMO_SHOPS)
        return rc == DB_OK ? vendor_decided(p, v) : rc;
    rc = vendor_approve(p->db, &p->actors[ADMIN_USER], owner->account_id);
    if (rc == DB_OK)
        rc = vendor_settings_update(p->db, owner, &settings);
    if (rc == DB_OK)
        rc = demo_goods_stock(p->db, owner, v->shop);
    return rc;
}

static enum db_rc cart_fill(struct play *p, enum person customer, enum person shop,
                            const struct demo_line *lines, size_t count)
{
    const struct actor *buyer = &p->actors[customer];
    struct cart_owner cart = { .account_id = buyer->account_id,
                               .user_id = buyer->user_id };
    enum db_rc rc = DB_OK;

    for (size_t i = 0; rc == DB_OK && i < count && lines[i].name; i++) {
        int64_t listing = 0;

        rc = demo_goods_find(p->db, p->actors[shop].account_id, lines[i].name,
                             lines[i].variant, &listing);
        if (rc == DB_OK)
            rc = requirement_add(p->db, &cart, listing, lines[i].qty_milli, 0, NULL,
                                 NULL);
        if (rc != DB_OK)
            log_error("demo goods=%s", lines[i].name);
    }
    return rc;
}

static enum db_rc order_make(struct play *p, const struct demo_order *o, int64_t *id)
{
    struct placing part = {
        .vendor_account_id = p->actors[o->shop].account_id,
        .fulfil = o->is_doorstep ? "doorstep" : "pickup",
        .address = o->is_doorstep ? people[o->customer].address : NULL,
        .buyer_state_code = o->is_doorstep ? people[o->customer].state : NULL,
        .note = o->note,
        .expected_total_paise = -1
    };
    struct placed placed;
    enum db_rc rc = cart_fill(p, o->customer, o->shop, o->lines, 3);

    if (rc == DB_OK)
        rc = order_place(p->db, &p->actors[o->customer], NULL, &part, 1, &placed);
    *id = rc == DB_OK ? placed.order_id : 0;
    return rc;
}

/* Accepts, naming a price where it was asked for. */
static enum db_rc order_answered(struct play *p, const struct demo_order *o, int64_t id)
{
    struct order_answer answers[3];
    json_t *order, *line;
    size_t i, n = 0;
    enum db_rc rc = order_find(p->db, ORDER_VENDOR, p->actors[o->shop].account_id, id,
                               &order);

    if (rc != DB_OK)
        return rc;
    json_array_foreach(json_object_get(order, "lines"), i, line)
    {
        int64_t asked = row_int(line, "asked_milli");
        bool is_ask = row_true(line, "is_ask");

        if (n < 3)
            answers[n++] = (struct order_answer) {
                .line_id = row_int(line, "id"),
                .accepted_milli = i == 0 && o->fate == ACCEPTED_PART ? asked / 2 : asked,
                .price_paise = is_ask ? ASK_PAISE : -1
            };
    }
    return order_accept(p->db, &p->actors[o->shop], id, answers, n);
}

static enum db_rc order_paid_upi(struct play *p, const struct demo_order *o, int64_t id)
{
    enum db_rc rc = order_upi_claim(p->db, &p->actors[o->customer], id);

    if (rc == DB_OK && o->fate == PAID_UPI)
        rc = order_upi_confirm(p->db, &p->actors[o->shop], id, "000000000001");
    return rc;
}

static enum db_rc order_delivered(struct play *p, const struct demo_order *o, int64_t id)
{
    struct delivery d = { .is_upi = o->fate == PAID_UPI,
                          .is_cash_in = o->fate == PAID_CASH,
                          .oversell_confirmed = true,
                          .key = p->key };
    int64_t buyer = p->actors[o->customer].account_id, entry;
    json_t *order;
    enum db_rc rc = order_code(p->db, buyer, id, p->key, &d.code);

    if (rc == DB_OK)
        rc = order_deliver(p->db, &p->actors[o->shop], id, &d);
    if (rc != DB_OK || !o->later_paise)
        return rc;
    rc = order_find(p->db, ORDER_VENDOR, p->actors[o->shop].account_id, id, &order);
    if (rc == DB_OK)
        rc = ledger_receive(p->db, &p->actors[o->shop], row_int(order, "party_id"),
                            o->later_paise, "cash", "", "", &entry);
    return rc;
}

static enum db_rc order_play(struct play *p, const struct demo_order *o)
{
    const struct actor *shop = &p->actors[o->shop];
    int64_t id;
    enum db_rc rc = order_make(p, o, &id);

    if (rc != DB_OK || o->fate == WAITS)
        return rc;
    if (o->fate == DECLINED)
        return order_decline(p->db, shop, id, "Not in stock this week");
    if (o->fate == CANCELLED)
        return order_cancel(p->db, &p->actors[o->customer], ORDER_CUSTOMER, id, "");
    rc = order_answered(p, o, id);
    if (rc == DB_OK && o->fate == CANCELLED_BY_SHOP)
        rc = order_cancel(p->db, shop, ORDER_VENDOR, id, "भट्ठी में टूट गया");
    if (rc == DB_OK && (o->fate == CLAIMED || o->fate == PAID_UPI))
        rc = order_paid_upi(p, o, id);
    if (rc == DB_OK && o->fate >= OWED)
        rc = order_delivered(p, o, id);
    return rc;
}

/* The grocer's people: three let in, one invited who has not come, one who asks. */
static enum db_rc people_let_in(struct play *p)
{
    const struct actor *owner = &p->actors[GROCER];
    struct invitation in = { .lang = "en", .url = "/join", .name = "" };
    struct levels levels;
    int64_t id, account;
    enum db_rc rc = DB_OK;

    in.levels = &levels;
    for (size_t i = 0; rc == DB_OK && i < sizeof let_in / sizeof *let_in; i++) {
        levels_preset(let_in[i].preset, &levels);
        in.mobile = mobile_of(p->db, let_in[i].who);
        rc = invitation_send(p->db, owner, &in, &id);
        if (rc == DB_OK)
            rc = invitation_accept(p->db, &p->actors[let_in[i].who], id, &account);
    }
    in.mobile = "+919000000099";
    in.name = "Night watch";
    if (rc == DB_OK)
        rc = invitation_send(p->db, owner, &in, &id);
    if (rc == DB_OK)
        rc = join_ask(p->db, &p->actors[CUSTOMER_TWO], people[GROCER].email,
                      "I can help on Sundays", &id);
    return rc;
}

static enum db_rc town_make(struct play *p)
{
    static const struct demo_line wanted[] = { { "Red chilli powder", "100 g", 2000 },
                                               { "Kidney beans", "", 1000 } };
    enum db_rc rc = DB_OK;

    db_begin(p->db);
    for (size_t i = 0; rc == DB_OK && i < PEOPLE; i++)
        rc = person_make(p, (enum person)i);
    for (size_t i = 0; rc == DB_OK && i < sizeof vendors / sizeof *vendors; i++)
        rc = vendor_make(p, &vendors[i]);
    for (size_t i = 0; rc == DB_OK && i < sizeof orders / sizeof *orders; i++) {
        rc = order_play(p, &orders[i]);
        if (rc != DB_OK)
            log_error("demo order=%zu", i);
    }
    if (rc == DB_OK)
        rc = cart_fill(p, CUSTOMER_ONE, GROCER, wanted, 2);
    if (rc == DB_OK)
        rc = people_let_in(p);
    return db_end(p->db, rc == DB_NONE ? DB_ERR : rc);
}

static void town_tell(struct db *db, const struct options *o)
{
    printf("\nThe demo is ready in %s: three shops, 60 products, orders in every state.\n"
           "Sign in at /signin with one of these numbers:\n\n",
           o->data);
    for (size_t i = 0; i < PEOPLE; i++)
        printf("  %s  %s: %s\n", mobile_of(db, (enum person)i), people[i].name,
               people[i].what);
    puts(
        "\nNo message leaves this computer. The sign-in code appears in the log of the "
        "server"
        "\nwhen it runs with INVICHAT_LOG_OTP=1, and on the admin's page /admin/outbox.\n"
        "To start:\n");
    printf("  INVICHAT_LOG_OTP=1 invichat serve --data %s --listen %s\n\n", o->data,
           o->listen);
}

static int demo_make(const struct options *o, const struct app *app, struct arena *a)
{
    struct play p = { .db = db_new(app->db, a), .key = app->key };
    json_t *users;

    if (user_list(p.db, &(struct user_filter) { "", "" }, 0, 1, &users) != DB_OK)
        return 1;
    if (json_array_size(users) > 0) {
        printf("%s has users already; the demo is made in an empty folder only\n",
               o->data);
        return 0;
    }
    if (!demo_goods_draw(arena_printf(a, "%s/media", o->data)))
        return 1;
    if (town_make(&p) != DB_OK) {
        const struct refusal *no = db_refusal(p.db);

        log_error("demo failed refusal=%s field=%s", no ? no->key : "",
                  no && no->field ? no->field : "");
        return 1;
    }
    town_tell(p.db, o);
    return 0;
}

int command_demo(const struct options *o)
{
    struct app app = { 0 };
    struct arena *a;
    int status;

    if (!data_open(o->data, true, &app))
        return 1;
    a = arena_new();
    arena_json(a);
    status = demo_make(o, &app, a);
    arena_json(NULL);
    arena_free(a);
    data_close(&app);
    return status;
}
