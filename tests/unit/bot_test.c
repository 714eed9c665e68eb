/* The dialogue in tables: what is written, what must be in the replies, and what the
 * tables hold afterwards. */
#include "bot_ground.h"

/* --- registering and sessions --- */

static void test_register_english(void **state)
{
    static const struct line lines[] = {
        { "hi", "language|भाषा|[English]|[हिन्दी]" },
        { "what?", "language" },
        { "#en", "Welcome|[Register]|[Sign in]" },
        { "register", "What is your name?" },
        { "9800000001", "name in letters" },
        { "Meena Kumari", "address" },
        { "x", "short for an address|village|PIN" },
        { "Sanganer, Jaipur, Rajasthan 302029", "What do you make?" },
        { "clay pots", "UPI" },
        { "not a upi", "not a UPI ID|UPI" },
        { "meena@okaxis", "+919800000001|6-digit" },
        { "12", "6 digits" },
        { "CODE", "Meena Kumari, you are registered|drafts|What do you want to do?" },
        { 0 }
    };
    struct chat *c = *state;
    struct ground *g = c->g;

    talk(c, lines);
    assert_string_equal(text_of(g,
                                "SELECT name || '/' || mobile || '/' || address || '/' ||"
                                " makes FROM user"),
                        "Meena Kumari/+919800000001/Sanganer, Jaipur, Rajasthan 302029/"
                        "clay pots");
    assert_string_equal(text_of(g,
                                "SELECT trade_name || '/' || state_code || '/' || upi ||"
                                " '/' || state || '/' || gst_status FROM vendor"),
                        "Meena Kumari/08/meena@okaxis/asked/unregistered");
    assert_int_equal(number_of(g, "SELECT has_made_email FROM account"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM dialogue WHERE user_id = 1"
                                  " AND account_id = 1 AND authenticated_until_ms > 0"),
                     1);
}

static void test_register_hindi(void **state)
{
    static const struct line lines[] = { { "नमस्ते", "भाषा" },
                                         { "हिंदी", "स्वागत|[रजिस्टर करें]|[साइन इन]" },
                                         { "रजिस्टर", "नाम क्या है" },
                                         { "मीना कुमारी", "पता" },
                                         { "madad", "वापस|पता" },
                                         { "सांगानेर, जयपुर", "राज्य कौन-सा" },
                                         { "कहीं", "राज्य का नाम|राज्य कौन-सा" },
                                         { "राजस्थान", "क्या बनता" },
                                         { "peeche", "पता" },
                                         { "सांगानेर, जयपुर 302029", "क्या बनता" },
                                         { "मिट्टी के बर्तन", "UPI" },
                                         { "छोड़ें", "6 अंकों" },
                                         { "CODE", "मीना कुमारी जी|ड्राफ़्ट|क्या करना है" },
                                         { 0 } };
    struct chat *c = *state;

    talk(c, lines);
    assert_string_equal(text_of(c->g, "SELECT lang FROM user"), "hi");
    assert_string_equal(text_of(c->g, "SELECT state_code FROM vendor"), "08");
}

static void test_grants_at_once(void **state)
{
    struct chat *c = *state;

    run(c->g, "INSERT INTO setting(key, value) VALUES ('chat_grants_vendor', '1')");
    registered(c, false);
    assert_string_equal(text_of(c->g, "SELECT state FROM vendor"), "approved");
    has_parts("link", hear(c, "my shop"), "https://shop.example/v/meena-kumari");
}

/* Who registers is asked for nothing twice, and the code's question leads back. */
static void test_register_back(void **state)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "#register", "your name" },
                                         { "Meena Kumari", "address" },
                                         { "Sanganer, Jaipur, Rajasthan 302029", "make" },
                                         { "clay pots", "UPI" },
                                         { "#skip", "on its way to +919800000001" },
                                         { "back", "UPI" },
                                         { "meena@okaxis", "on its way to" },
                                         { "CODE", "you are registered" },
                                         { "cancel", "nothing to cancel" },
                                         { "9", "What do you want to do?" },
                                         { "0", "What do you want to do?" },
                                         { "thanks!", "What do you want to do?" },
                                         { "ok", "What do you want to do?" },
                                         { 0 } };
    struct chat *c = *state;

    talk(c, lines);
    assert_string_equal(text_of(c->g, "SELECT upi || mobile FROM vendor"),
                        "meena@okaxis+919800000001");
    assert_null(strstr(hear(c, "0"), "not understand"));
}

/* A customer of the web who tells the chat of a shop keeps their account. */
static void test_register_known(void **state)
{
    struct chat *c = *state;
    struct ground *g = c->g;

    run(g, "INSERT INTO setting(key, value) VALUES ('chat_grants_vendor', '1')");
    run(g, "INSERT INTO user(mobile, name, lang, address, makes, state, created_ms)"
           " VALUES ('+919800000001', 'Meena', 'en', '', '', 'active', 1)");
    run(g, "INSERT INTO account(email, has_made_email, name, address, zone, created_ms)"
           " VALUES ('m@example.com', 0, 'Home', '', 'Asia/Kolkata', 1)");
    run(g, "INSERT INTO membership(account_id, user_id, is_primary, created_ms)"
           " VALUES (1, 1, 1, 1)");
    registered(c, false);
    assert_string_equal(text_of(g, "SELECT account_id || state || state_code FROM vendor"),
                        "1approved08");
    assert_int_equal(number_of(g, "SELECT count(*) FROM account"), 1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM user"), 1);
}

/* Who may not come in doesn't by registering anew. */
static void test_register_suspended(void **state)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "#register", "your name" },
                                         { "Meena Kumari", "address" },
                                         { "Sanganer, Jaipur, Rajasthan 302029", "make" },
                                         { "clay pots", "UPI" },
                                         { "#skip", "on its way" },
                                         { "CODE", "can't sign in" },
                                         { 0 } };
    struct chat *c = *state;

    run(c->g, "INSERT INTO user(mobile, name, lang, address, makes, state, created_ms)"
              " VALUES ('+919800000001', 'Meena', 'en', '', '', 'suspended', 1)");
    talk(c, lines);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM vendor"), 0);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM account"), 0);
}

/* Digits of the other script are answers where a number is asked for, never commands. */
static void test_hindi_digits(void **state)
{
    static const struct line lines[] = { { "१", "called" },
                                         { "Diya", "Describe" },
                                         { "#skip", "cost" },
                                         { "९", "How many" },
                                         { "९", "How many photos" },
                                         { "०", "₹9 for 1 piece|9 pieces|Photos: 0" },
                                         { "०", "What do you want to do?" },
                                         { "२", "no products yet" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
}

static void test_session_lapses(void **state)
{
    static const struct line lines[] = {
        { "menu", "safety|Which mobile number" },
        { "98000 00001", "If +919800000001 is registered" },
        { "CODE", "Welcome back, Meena Kumari|What do you want to do?" },
        { 0 }
    };
    struct chat *c = *state;

    registered(c, false);
    run(c->g,
        "UPDATE dialogue SET authenticated_until_ms = authenticated_until_ms - 43200001");
    talk(c, lines);
}

static void test_session_goes_on_with_the_draft(void **state)
{
    static const struct line before[] = { { "add", "called" },
                                          { "Vase", "Describe" },
                                          { 0 } };
    static const struct line after[] = { { "nice", "safety|Which mobile" },
                                         { "#own", "6-digit" },
                                         { "CODE", "Welcome back|Describe it" },
                                         { "#skip", "cost" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, false);
    talk(c, before);
    run(c->g, "UPDATE dialogue SET authenticated_until_ms = 1");
    run(c->g, "UPDATE otp SET created_ms = created_ms - 3600000");
    talk(c, after);
}

/* With every digit made 0, so that two numbers look alike. */
static const char *without_digits(struct chat *c, const char *text)
{
    char *out = arena_dup(c->g->arena, text);

    for (char *p = out; *p; p++)
        if (*p >= '0' && *p <= '9')
            *p = '0';
    return out;
}

/* Whoever asks about numbers hears the same of a registered and of any other one. */
static void test_answers_are_alike(void **state)
{
    static const char *const says[] = { "hi",     "#en",    "#signin", "MOBILE", "000000",
                                        "111111", "again",  "222222",  "#again", "333333",
                                        "#again", "444444", "555555",  "MOBILE" };
    struct chat *c = *state;

    registered(c, false);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        bool is_mobile = strcmp(says[i], "MOBILE") == 0;
        const char *known, *other;

        known = hear_from(c, "919811111111", is_mobile ? "+919800000001" : says[i]);
        other = hear_from(c, "919822222222", is_mobile ? "+919800000009" : says[i]);
        assert_string_equal(without_digits(c, known), without_digits(c, other));
    }
    /* The code went to the number itself, none to a number that nobody registered. */
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM job WHERE kind = 'otp' AND"
                                     " recipient <> '+919800000001'"),
                     0);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM dialogue WHERE user_id = 1"),
                     1);
}

static void test_another_chat_needs_the_code(void **state)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "#signin", "Which mobile" },
                                         { "9800000001", "If +919800000001 is registered" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, false);
    run(c->g, "UPDATE otp SET created_ms = created_ms - 3600000");
    talk_from(c, "919833333333", lines);
    has_parts("code", hear_from(c, "919844444444", "hi"), "language");
    has_parts("code", hear_from(c, "919833333333", code_for(c, "+919800000001")),
              "Welcome back, Meena Kumari");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM dialogue WHERE user_id = 1"),
                     2);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM user"), 1);
}

static void test_codes_lock(void **state)
{
    struct chat *c = *state;
    const char *code;

    registered(c, false);
    run(c->g, "UPDATE dialogue SET authenticated_until_ms = 1");
    run(c->g, "UPDATE otp SET created_ms = created_ms - 3600000");
    hear(c, "hi");
    hear(c, "#own");
    code = code_for(c, "+" ME);
    for (int i = 0; i < 4; i++)
        has_parts("code", hear(c, strcmp(code, "000000") ? "000000" : "111111"),
                  "not right");
    assert_int_equal(number_of(c->g, "SELECT max(tries) FROM otp WHERE state = 'open'"),
                     4);
    has_parts("code", hear(c, strcmp(code, "000000") ? "000000" : "111111"),
              "wrong too often|Which mobile");
    hear(c, "#own");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM otp WHERE state = 'locked'"),
                     1);
    has_parts("old code", hear(c, code), "not right");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM dialogue"
                                     " WHERE authenticated_until_ms > 1"),
                     0);
}

static void test_suspended_user(void **state)
{
    struct chat *c = *state;

    registered(c, false);
    run(c->g, "UPDATE user SET state = 'suspended'");
    run(c->g, "UPDATE otp SET created_ms = created_ms - 3600000");
    has_parts("menu", hear(c, "menu"), "Which mobile number");
    hear(c, "#own");
    has_parts("code", hear(c, code_for(c, "+" ME)), "can't sign in");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM dialogue"
                                     " WHERE authenticated_until_ms > 0"),
                     0);
}

/* --- products --- */

static void test_product_english(void **state)
{
    static const struct line lines[] = {
        { "add", "What is the product called?" },
        { "250", "in a few words" },
        { "Blue vase", "Describe" },
        { "Clay, 20 cm", "What does one cost" },
        { "cheap", "price as a number" },
        { "0", "price as a number" },
        { "Rs 250/-", "How many do you have" },
        { "lots", "as a number" },
        { "5 pieces", "How many photos" },
        { "20", "from 0 to 8" },
        { "2", "send 2 photos|[Done]" },
        { "nice", "send a photo" },
        { "@", "Photo 1 of 2" },
        { "@", "*Blue vase*|Clay, 20 cm|₹250|5 pieces|Photos: 2|[Yes, save it]|[Change]" },
        { "what", "press Yes" },
        { "yes", "in your shop now|*Blue vase* – ₹250|"
                 "https://shop.example/v/meena-kumari/p/1|"
                 "Meena Kumari\nhttps://shop.example/v/meena-kumari\n|What do you want" },
        { 0 }
    };
    struct chat *c = *state;
    struct ground *g = c->g;

    registered(c, true);
    talk(c, lines);
    assert_string_equal(text_of(g, "SELECT p.name || '/' || p.description || '/' ||"
                                   " l.price_paise || '/' || l.is_on_sale || '/' ||"
                                   " s.on_hand_milli FROM listing l"
                                   " JOIN product p ON p.id = l.product_id"
                                   " JOIN sku s ON s.id = l.sku_id"),
                        "Blue vase/Clay, 20 cm/25000/1/5000");
    assert_string_equal(text_of(g, "SELECT source FROM lot"), "chat");
    assert_int_equal(number_of(g, "SELECT count(*) FROM photo WHERE width = 8"), 2);
    assert_int_equal(access(arena_printf(g->arena, "%s/media/%s-t.jpg", g->folder,
                                         text_of(g, "SELECT name FROM photo LIMIT 1")),
                            F_OK),
                     0);
    assert_int_equal(
        number_of(g, "SELECT count(*) FROM dialogue WHERE draft LIKE '%Vase%'"), 0);
}

/* "No photo", as the button below the question says it. */
static void test_typed_buttons(void **state)
{
    static const struct line lines[] = {
        { "1 Add a product", "What is the product called?" },
        { "Blue vase", "Describe" },
        { "SKIP.", "What does one cost|[Customer asks me]" },
        { "-5", "above 0|two digits|Customer asks me" },
        { "149.555", "above 0|two digits" },
        { "customer asks me", "How many do you have" },
        { "5", "How many photos|[No photo]" },
        { "no photo", "Price: on asking|Photos: 0|[Yes, save it]" },
        { "Yes, save it", "Pass these on" },
        { "bhasha", "[हिन्दी]" },
        { "हिन्दी", "क्या करना है" },
        { "1 सामान जोड़ें", "नाम क्या है" },
        { "दीया", "किससे बना है" },
        { "छोड़ें", "[ग्राहक मुझसे पूछे]" },
        { "ग्राहक मुझसे पूछे", "कितने हैं" },
        { "५", "[फ़ोटो नहीं]" },
        { "२", "“हो गया” दबाएँ" },
        { "फ़ोटो नहीं", "फ़ोटो: 0|[हाँ, सेव करें]" },
        { "हाँ, सेव करें", "दुकान में आ गया" },
        { 0 }
    };

    registered(*state, true);
    talk(*state, lines);
}

static void test_product_hindi(void **state)
{
    static const struct line lines[] = { { "bhasha", "[हिन्दी]" },
                                         { "hindi", "क्या करना है" },
                                         { "naya saman", "नाम क्या है" },
                                         { "मिट्टी का दीया", "थोड़े शब्दों में" },
                                         { "nahi", "दाम कितना" },
                                         { "ढाई सौ", "कितने हैं" },
                                         { "do darjan", "कितनी फ़ोटो" },
                                         { "dobara", "कितनी फ़ोटो" },
                                         { "nahi",
                                           "मिट्टी का दीया|₹250|24 नग|[हाँ, सेव करें]" },
                                         { "badlo", "क्या बदलना" },
                                         { "daam", "दाम कितना" },
                                         { "डेढ़ सौ", "₹150|[हाँ, सेव करें]" },
                                         { "haan", "दुकान में आ गया" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
    assert_int_equal(number_of(c->g, "SELECT price_paise FROM listing"), 15000);
    assert_int_equal(number_of(c->g, "SELECT on_hand_milli FROM sku"), 24000);
    /* The account's own unit is taken, also when it was named in the other language. */
    assert_string_equal(text_of(c->g, "SELECT u.name FROM sku s JOIN unit u"
                                      " ON u.id = s.unit_id"),
                        "piece");
}

static void test_drafts_until_granted(void **state)
{
    static const struct line lines[] = { { "add", "called" },
                                         { "Vase", "Describe" },
                                         { "skip", "cost" },
                                         { "ask price", "How many" },
                                         { "3", "photos" },
                                         { "0", "Price: on asking" },
                                         { "#yes", "saved as a draft" },
                                         { "3", "not open yet" },
                                         { "My shop's link", "not open yet" },
                                         { "2", "[Vase]" },
                                         { "#pick:1", "*Vase*|on asking|3 pieces" },
                                         { 0 } };
    struct chat *c = *state;
    const struct actor admin = { 0, 0, NULL };

    registered(c, false);
    talk(c, lines);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM listing"), 1);
    assert_int_equal(bot_publish(&c->bot, c->g->db), DB_OK);
    has_parts("before", replies(c), NULL);
    assert_int_equal(vendor_approve(c->g->db, &admin, 1), DB_OK);
    assert_int_equal(bot_publish(&c->bot, c->g->db), DB_OK);
    has_parts("granted", replies(c), "shop is open|https://shop.example/v/meena-kumari");
    assert_int_equal(bot_publish(&c->bot, c->g->db), DB_OK);
    has_parts("twice", replies(c), NULL);
}

static void test_photos_first(void **state)
{
    static const struct line lines[] = { { "@Red bowl Rs. 120",
                                           "photo is kept (1|Describe" },
                                         { "@", "photo is kept (2|Describe" },
                                         { "skip", "How many do you have" },
                                         { "4", "next photo, or press Done" },
                                         { "@", "photo is kept (3|or press Done" },
                                         { "done", "*Red bowl*|₹120|4 pieces|Photos: 3" },
                                         { "@", "Photos: 4" },
                                         { "yes", "in your shop" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
    assert_string_equal(text_of(c->g, "SELECT name FROM product"), "Red bowl");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM photo"), 4);
}

static void test_album_at_once(void **state)
{
    static const struct line before[] = { { "add", "called" },
                                          { "Vase", "Describe" },
                                          { "skip", "cost" },
                                          { "99", "How many" },
                                          { "1", "photos" },
                                          { "5", "send 5" },
                                          { 0 } };
    struct chat *c = *state;
    const char *said;

    registered(c, true);
    talk(c, before);
    for (int i = 0; i < 5; i++) /* in any order */
        receive(c, webhook(c, ME, arena_printf(c->g->arena, "album.%d", i),
                           clock_ms() - i * 1000, message_of(c, "@") + 0 * ++c->sent));
    assert_int_equal(work(c), 5);
    said = replies(c);
    has_parts("album", said, "Photos: 5");
    assert_null(strstr(said, "Photo 1 of")); /* one answer, not five */
    hear(c, "yes");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM photo"), 5);
}

static void test_too_many_photos(void **state)
{
    struct chat *c = *state;

    registered(c, true);
    for (int i = 0; i < 8; i++)
        hear(c, "@");
    has_parts("ninth", hear(c, "@"), "at most 8 photos");
    has_parts("no picture", hear(c, "@"), "at most 8");
    assert_int_equal(number_of(c->g, "SELECT json_array_length(draft, '$.product.photos')"
                                     " FROM dialogue"),
                     8);
}

static void test_broken_photo(void **state)
{
    struct chat *c = *state;
    json_t *m;
    FILE *f;

    registered(c, true);
    hear(c, "add");
    m = message_of(c, "@");
    f = fopen(arena_printf(c->g->arena, "%s/media/in/photo%d.png", c->g->folder, c->sent),
              "wb");
    fputs("this is no picture", f);
    fclose(f);
    receive(c, webhook(c, ME, "broken", clock_ms(), m));
    work(c);
    has_parts("broken", replies(c), "not a photo|What is the product called?");
    m = json_pack("{s:s, s:{s:s}}", "type", "image", "image", "id",
                  "local:../../etc/passwd");
    receive(c, webhook(c, ME, "path", clock_ms(), m));
    work(c);
    has_parts("path", replies(c), "did not arrive");
}

static void test_back_and_cancel(void **state)
{
    static const struct line lines[] = { { "add", "called" },
                                         { "Vase", "Describe" },
                                         { "clay", "cost" },
                                         { "50", "How many" },
                                         { "back", "cost" },
                                         { "wapas", "Describe" },
                                         { "skip", "cost" },
                                         { "60", "How many" },
                                         { "2", "photos" },
                                         { "no", "₹60" },
                                         { "#change", "[1 Name]" },
                                         { "4", "How many" },
                                         { "back", "₹60" },
                                         { "change", "What do you" },
                                         { "name", "called" },
                                         { "Big vase", "*Big vase*" },
                                         { "peeche", "How many photos" },
                                         { "0", "*Big vase*" },
                                         { "radd",
                                           "Nothing of it was saved|What do you want" },
                                         { "2", "no products yet" },
                                         { "back", "What do you want" },
                                         { "cancel", "What do you want" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM sku"), 0);
    assert_string_equal(text_of(c->g, "SELECT draft FROM dialogue"), "{}");
}

static void test_cancel_drops_photos(void **state)
{
    struct chat *c = *state;
    const char *name;

    registered(c, true);
    hear(c, "@");
    name = arena_printf(c->g->arena, "%s/media/%s.jpg", c->g->folder,
                        text_of(c->g, "SELECT draft ->> '$.product.photos[0].name'"
                                      " FROM dialogue"));
    assert_int_equal(access(name, F_OK), 0);
    hear(c, "cancel");
    assert_int_equal(access(name, F_OK), -1);
}

static void test_old_buttons(void **state)
{
    static const struct line lines[] = { { "add", "called" },
                                         { "Vase", "Describe" },
                                         { "skip", "cost" },
                                         { "5", "How many" },
                                         { "1", "photos" },
                                         { "1", "send the photo now" },
                                         { "back", "photos" },
                                         { "0", "*Vase*" },
                                         { "#yes#12345", "another product|*Vase*" },
                                         { "#yes", "in your shop" },
                                         { "#yes#12345", "did not understand" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM lot"), 1);
}

static void test_other_kinds(void **state)
{
    static const struct line lines[] = { { "add", "called" },
                                         { "!audio", "listen|called" },
                                         { "!sticker", "answer in words|called" },
                                         { "!video", "videos|called" },
                                         { "!location", "place in words|called" },
                                         { "!contacts", "contact cards|called" },
                                         { "!document", "files|called" },
                                         { "!order", "kind of message|called" },
                                         { "!hologram", "kind of message|called" },
                                         { "!reaction", NULL },
                                         { "Vase", "Describe" },
                                         { 0 } };
    struct chat *c = *state;

    registered(c, true);
    talk(c, lines);
}

static void test_read(void **state)
{
    static const char *const names[] = { "Blue vase", "Red vase", "Lamp" };
    struct chat *c = *state;

    registered(c, true);
    for (int i = 0; i < 3; i++) {
        const struct line lines[] = { { "add", "called" }, { names[i], "Describe" },
                                      { "skip", "cost" },  { "100", "How many" },
                                      { "7", "photos" },   { "0", "right?" },
                                      { "yes", "shop" },   { 0 } };

        talk(c, lines);
    }
    has_parts("list", hear(c, "my products"), "[Blue vase]|[Red vase]|[Lamp]");
    has_parts("look up", hear(c, "vase"), "[Blue vase]|[Red vase]");
    has_parts("look up", hear(c, "umbrella"), "did not understand|What do you want");
    has_parts("card", hear(c, "#pick:2"), "*Red vase*|₹100 · 7 pieces|/p/2");
    has_parts("not mine", hear(c, "#pick:99"), "not there any more");
}

/* A shop is asked for when somebody who signed up on the web adds their first product. */
static void test_web_user(void **state)
{
    static const struct line lines[] = { { "hi", "language" },
                                         { "#en", "Welcome" },
                                         { "#signin", "Which" },
                                         { "#own", "6-digit" },
                                         { "CODE", "Welcome back, Asha" },
                                         { "1", "Which State" },
                                         { "nowhere", "State" },
                                         { "Kerala", "called" },
                                         { "Mat", "Describe" },
                                         { "skip", "cost" },
                                         { "ek hazaar", "How many" },
                                         { "2", "photos" },
                                         { "0", "₹1,000" },
                                         { "yes", "draft" },
                                         { 0 } };
    struct chat *c = *state;
    int64_t user = user_new(c->g, "+" ME);

    account_new(c->g, user, "asha@example.com");
    talk(c, lines);
    assert_string_equal(text_of(c->g, "SELECT state_code || state FROM vendor"),
                        "32asked");
    assert_int_equal(number_of(c->g, "SELECT count(*) FROM account"), 1);
}

/* The chat asks the same table as the pages, at each message. */
static void test_permissions(void **state)
{
    struct chat *c = *state;
    struct ground *g = c->g;

    registered(c, true);
    run(g, "INSERT INTO module_off VALUES (1, 'inventory')");
    has_parts("add", hear(c, "add"), "may not do this");
    run(g, "DELETE FROM module_off");
    run(g, "UPDATE membership SET is_primary = 0");
    has_parts("list", hear(c, "2"), "may not do this");
    run(g, "INSERT INTO permission VALUES (1, 1, 'catalog', 1)");
    has_parts("list", hear(c, "2"), "no products");
    has_parts("add", hear(c, "add"), "may not do this");
    run(g, "UPDATE permission SET level = 2");
    run(g, "INSERT INTO permission VALUES (1, 1, 'inventory', 2)");
    has_parts("add", hear(c, "add"), "product called");
    hear(c, "Blue vase");
    hear(c, "Clay, 20 cm");
    hear(c, "100");
    hear(c, "5 pieces");
    has_parts("photos", hear(c, "0"), "[Yes, save it]");
    run(g, "DELETE FROM permission WHERE module = 'inventory'");
    has_parts("save", hear(c, "yes"), "may not do this");
    assert_int_equal(number_of(g, "SELECT count(*) FROM sku"), 0);
    run(g, "DELETE FROM membership");
    has_parts("add", hear(c, "add"), "Which mobile number");
}

int main(int argc, char **argv)
{
#define TEST(name, fn)                                                                   \
    {                                                                                    \
        name, fn, chat_open, chat_close, NULL                                            \
    }
    const struct CMUnitTest tests[] = {
        TEST("WA-1 registering in English", test_register_english),
        TEST("WA-1 registering in Hindi", test_register_hindi),
        TEST("WA-4 the role granted at once", test_grants_at_once),
        TEST("WA-7 digits in Devanagari", test_hindi_digits),
        TEST("WA-1 back while registering", test_register_back),
        TEST("WA-1 a known user registers a shop", test_register_known),
        TEST("ACC-8 a suspended user registers anew", test_register_suspended),
        TEST("WA-2 a session lapses", test_session_lapses),
        TEST("WA-2 and goes on with the draft", test_session_goes_on_with_the_draft),
        TEST("WA-2 answers are alike for any number", test_answers_are_alike),
        TEST("WA-2 another chat needs the code", test_another_chat_needs_the_code),
        TEST("WA-2 codes lock", test_codes_lock),
        TEST("ACC-8 a suspended user", test_suspended_user),
        TEST("WA-3 a product in English", test_product_english),
        TEST("WA-3 a product in Hindi", test_product_hindi),
        TEST("WA-3 the words of a button", test_typed_buttons),
        TEST("WA-4 drafts until the role is granted", test_drafts_until_granted),
        TEST("WA-7 photos first, with name and price", test_photos_first),
        TEST("WA-7 an album at once", test_album_at_once),
        TEST("WA-3 too many photos", test_too_many_photos),
        TEST("WA-3 a broken photo", test_broken_photo),
        TEST("WA-7 back and cancel", test_back_and_cancel),
        TEST("WA-7 cancel drops the photos", test_cancel_drops_photos),
        TEST("WA-7 old buttons", test_old_buttons),
        TEST("WA-7 voice notes, stickers and others", test_other_kinds),
        TEST("WA-5 list and look up", test_read),
        TEST("WA-4 a user of the web", test_web_user),
        TEST("ACC-6 WA-2 permissions in the chat", test_permissions),
    };

    if (argc > 2 && strcmp(argv[1], "media") == 0)
        return media_main(argc, argv);
    if (sodium_init() < 0)
        return 1;
    arena_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
