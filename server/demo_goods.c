/* One row a product. Its prices tell its variants too: "Small=10|Large=18" are two, "=40"
 * is one without an attribute, "=?" one whose price is to be asked for. */
#include "server/demo_goods.h"

#include "db/attribute.h"
#include "db/base/clock.h"
#include "db/base/row.h"
#include "db/base/text.h"
#include "db/listing.h"
#include "db/place.h"
#include "db/stock.h"
#include "server/demo_picture.h"

#include <stdio.h>
#include <string.h>

struct good {
    const char *name, *category, *sub, *unit;
    const char *prices; /* rupees */
    const char *about;
    int stock; /* units of each variant */
    int gst_bp, off_bp;
    const char *hsn;
    enum demo_shape shape;
    unsigned colour;
    int keeps_days; /* 0: for ever */
};

static const struct good potter_goods[] = {
    { "मटका", "पानी के बर्तन", "", "नग", "छोटा=180|मझोला=260|बड़ा=380",
      "चाक पर बना, धीमी आँच में पका। पानी ठंडा और मीठा रहता है।", 24, 0, 0, "6912", SHAPE_POT,
      0xB5562B, 0 },
    { "सुराही", "पानी के बर्तन", "", "नग", "छोटा=220|बड़ा=340",
      "लंबी गर्दन वाली सुराही, ढक्कन साथ में।", 15, 0, 0, "6912", SHAPE_JUG, 0xA8481F, 0 },
    { "पानी की बोतल", "पानी के बर्तन", "", "नग", "=250", "एक लीटर, रोज़ के काम की।", 30, 0, 0,
      "6912", SHAPE_BOTTLE, 0xC26A3A, 0 },
    { "ढक्कन वाला घड़ा", "पानी के बर्तन", "", "नग", "=520", "पंद्रह लीटर, नल लगा हुआ।", 6, 0, 0,
      "6912", SHAPE_POT, 0x8F3D1C, 0 },
    { "कुल्हड़", "कप और गिलास", "", "दर्जन", "=60", "चाय के लिए, बारह का सेट।", 90, 0, 0,
      "6912", SHAPE_CUP, 0xC7703D, 0 },
    { "चाय का कप", "कप और गिलास", "", "नग", "=35", "हैंडल वाला, अंदर से चिकना।", 60, 0, 0,
      "6912", SHAPE_CUP, 0x9C4A2A, 0 },
    { "लस्सी का गिलास", "कप और गिलास", "", "नग", "=55", "बड़ा गिलास, 400 मिली।", 40, 0, 0,
      "6912", SHAPE_VASE, 0xCB7D4B, 0 },
    { "हांडी", "रसोई", "", "नग", "छोटा=210|बड़ा=320", "दाल और बिरयानी के लिए।", 12, 0, 0,
      "6912", SHAPE_POT, 0x6E3018, 0 },
    { "दही की हांडी", "रसोई", "", "नग", "=150", "दही गाढ़ा जमता है।", 20, 0, 0, "6912",
      SHAPE_POT, 0xBF6233, 0 },
    { "तवा", "रसोई", "", "नग", "=180", "रोटी के लिए मिट्टी का तवा।", 18, 0, 0, "6912",
      SHAPE_PLATE, 0x7A3A20, 0 },
    { "मसाले का मर्तबान", "रसोई", "", "नग", "=160", "अचार और मसालों के लिए।", 4, 0, 0, "6912",
      SHAPE_JAR, 0xA65A2E, 0 },
    { "थाली", "रसोई", "", "नग", "=240", "हाथ से बने किनारे।", 25, 0, 0, "6912", SHAPE_PLATE,
      0xC98A4E, 0 },
    { "दीया", "पूजा", "", "दर्जन", "=36", "बारह दीये, त्योहार के लिए।", 120, 0, 0, "6912",
      SHAPE_LAMP, 0xB5562B, 0 },
    { "बड़ा दीपक", "पूजा", "", "नग", "=90", "पाँच घंटे जलता है।", 35, 0, 0, "6912", SHAPE_LAMP,
      0x8C4420, 0 },
    { "धूपदान", "पूजा", "", "नग", "=70", "धूप और अगरबत्ती के लिए।", 30, 0, 0, "6912",
      SHAPE_BOWL, 0xA0522D, 0 },
    { "गमला", "बाग़ और सजावट", "", "नग", "छोटा=80|मझोला=140|बड़ा=260",
      "नीचे पानी निकलने का छेद।", 40, 0, 0, "6912", SHAPE_CUP, 0xB8622F, 0 },
    { "फूलदान", "बाग़ और सजावट", "", "नग", "=300", "हाथ से रंगा।", 14, 0, 1000, "6912",
      SHAPE_VASE, 0x2F6F7E, 0 },
    { "नाम लिखा फूलदान", "बाग़ और सजावट", "", "नग", "=?",
      "अपना नाम या संदेश लिखवाएँ। दाम काम पर।", 5, 0, 0, "6912", SHAPE_VASE, 0x9B2D3A, 0 },
};

static const struct good grocer_goods[] = {
    { "Basmati rice", "Grains", "Rice", "kg", "=120", "Long grain, aged one year.", 80, 0,
      0, "1006", SHAPE_SACK, 0xF1E4C3, 0 },
    { "Kolam rice", "Grains", "Rice", "kg", "=62", "For every day.", 150, 0, 0, "1006",
      SHAPE_SACK, 0xE9DDBD, 0 },
    { "Whole wheat flour", "Grains", "Flour", "packet", "1 kg=48|5 kg=225|10 kg=430",
      "Ground fresh every week.", 30, 500, 0, "1101", SHAPE_PACKET, 0xC8963E, 60 },
    { "Gram flour", "Grains", "Flour", "packet", "500 g=55|1 kg=105", "Finely ground.",
      24, 500, 0, "1106", SHAPE_PACKET, 0xE0B040, 90 },
    { "Toor dal", "Grains", "Pulses", "kg", "=145", "Unpolished.", 60, 0, 0, "0713",
      SHAPE_SACK, 0xE3A63A, 0 },
    { "Moong dal", "Grains", "Pulses", "kg", "=128", "Washed and split.", 45, 0, 0,
      "0713", SHAPE_SACK, 0xE8CE62, 0 },
    { "Chickpeas", "Grains", "Pulses", "kg", "=98", "Large and even.", 3, 0, 0, "0713",
      SHAPE_BOWL, 0xD9B26A, 0 },
    { "Kidney beans", "Grains", "Pulses", "kg", "=138", "Dark red, from the hills.", 25,
      0, 0, "0713", SHAPE_BOWL, 0x7B2B2B, 0 },
    { "Groundnut oil", "Oil and ghee", "", "litre", "=210", "Cold pressed.", 40, 500, 500,
      "1508", SHAPE_BOTTLE, 0xE2A72E, 180 },
    { "Mustard oil", "Oil and ghee", "", "litre", "=185", "Strong and golden.", 32, 500,
      0, "1514", SHAPE_BOTTLE, 0xC98A12, 180 },
    { "Ghee", "Oil and ghee", "", "piece", "500 ml=340|1 litre=660", "In a glass jar.",
      12, 500, 0, "0405", SHAPE_JAR, 0xF0C04A, 120 },
    { "Turmeric", "Spices", "", "packet", "100 g=32|500 g=140", "Ground, deep yellow.",
      35, 500, 0, "0910", SHAPE_PACKET, 0xE3A008, 365 },
    { "Red chilli powder", "Spices", "", "packet", "100 g=48|500 g=215", "Medium hot.",
      28, 500, 0, "0904", SHAPE_PACKET, 0xB3261E, 365 },
    { "Cumin", "Spices", "", "packet", "=65", "100 g, whole.", 22, 500, 0, "0909",
      SHAPE_BOWL, 0x8A6A3B, 365 },
    { "Cardamom", "Spices", "", "g", "=4", "Green, sold by the gram.", 900, 500, 0,
      "0908", SHAPE_BOWL, 0x7F9A4A, 365 },
    { "Garam masala", "Spices", "", "packet", "=75", "Own mixture, 100 g.", 18, 500, 1000,
      "0910", SHAPE_JAR, 0x6B4226, 365 },
    { "Salt", "Spices", "", "packet", "=26", "1 kg.", 70, 0, 0, "2501", SHAPE_PACKET,
      0x4E7FA8, 0 },
    { "Sugar", "Sugar and tea", "", "kg", "=46", "Fine grain.", 90, 500, 0, "1701",
      SHAPE_SACK, 0xFAF3E6, 0 },
    { "Jaggery", "Sugar and tea", "", "kg", "=72", "In blocks.", 30, 0, 0, "1701",
      SHAPE_BLOCK, 0xA8682A, 0 },
    { "Tea leaves", "Sugar and tea", "", "packet", "250 g=130|1 kg=490", "Strong Assam.",
      26, 500, 0, "0902", SHAPE_PACKET, 0x7A3B1D, 365 },
    { "Onions", "Vegetables", "", "kg", "=34", "Red, medium size.", 55, 0, 0, "0703",
      SHAPE_ROUNDS, 0x9E3B54, 20 },
    { "Potatoes", "Vegetables", "", "kg", "=28", "Washed.", 75, 0, 0, "0701",
      SHAPE_ROUNDS, 0xC7A46B, 25 },
    { "Coriander", "Vegetables", "", "piece", "=12", "A fresh bunch.", 20, 0, 0, "0709",
      SHAPE_LEAF, 0x4C8A3A, 3 },
    { "Bananas", "Vegetables", "", "dozen", "=60", "Ripe.", 15, 0, 0, "0803", SHAPE_LEAF,
      0xE6BE3C, 5 },
    { "Bath soap", "Household", "", "piece", "=38", "With neem.", 48, 500, 0, "3401",
      SHAPE_BLOCK, 0x5C8F6B, 0 },
    { "Party supplies", "Household", "", "piece", "=?",
      "Tell us how many guests; we name the price.", 10, 1800, 0, "9505", SHAPE_BLOCK,
      0xB24C63, 0 },
};

static const struct good tea_goods[] = {
    { "Masala chai", "Tea", "", "piece", "Small=10|Large=18", "Ginger, cardamom, cloves.",
      400, 0, 0, "", SHAPE_GLASS, 0xB87A45, 0 },
    { "Ginger chai", "Tea", "", "piece", "Small=12|Large=20", "Plenty of ginger.", 300, 0,
      0, "", SHAPE_GLASS, 0xC58B52, 0 },
    { "Lemon tea", "Tea", "", "piece", "=15", "Without milk.", 200, 0, 0, "", SHAPE_GLASS,
      0xC9862B, 0 },
    { "Green tea", "Tea", "", "piece", "=20", "Light.", 120, 0, 0, "", SHAPE_CUP,
      0x8DA34D, 0 },
    { "Kulhad chai", "Tea", "", "piece", "=20", "In a clay cup that you keep.", 150, 0, 0,
      "", SHAPE_CUP, 0xB5562B, 0 },
    { "Filter coffee", "Coffee", "", "piece", "Small=20|Large=30", "Strong, with milk.",
      200, 0, 0, "", SHAPE_GLASS, 0x6F4426, 0 },
    { "Cold coffee", "Coffee", "", "piece", "=60", "With ice.", 80, 0, 1000, "",
      SHAPE_GLASS, 0x9C7350, 0 },
    { "Samosa", "Snacks", "", "piece", "=15", "Potato and peas, every hour fresh.", 120,
      0, 0, "", SHAPE_TRIANGLE, 0xC98B3A, 1 },
    { "Vada pav", "Snacks", "", "piece", "=20", "With dry garlic chutney.", 100, 0, 0, "",
      SHAPE_ROUNDS, 0xD19A4A, 1 },
    { "Poha", "Snacks", "", "piece", "=30", "A plate, mornings only.", 60, 0, 0, "",
      SHAPE_BOWL, 0xE8C74E, 1 },
    { "Bun maska", "Snacks", "", "piece", "=35", "Soft bun, white butter.", 40, 0, 0, "",
      SHAPE_BLOCK, 0xD9A15B, 1 },
    { "Bread pakora", "Snacks", "", "piece", "=25", "With green chutney.", 60, 0, 0, "",
      SHAPE_TRIANGLE, 0xB9742C, 1 },
    { "Biscuits", "Biscuits", "", "packet", "=10", "Glucose.", 5, 0, 0, "", SHAPE_ROUNDS,
      0xC9985A, 120 },
    { "Khari", "Biscuits", "", "packet", "=40", "Layered puff, 200 g.", 25, 0, 0, "",
      SHAPE_PACKET, 0xC98E4A, 45 },
    { "Cumin cookies", "Biscuits", "", "packet", "=60", "Baked nearby.", 20, 0, 0, "",
      SHAPE_JAR, 0xB98449, 60 },
    { "Tea for a meeting", "Tea", "", "piece", "=?",
      "A flask with cups, brought to the office. Ask for the price.", 10, 0, 0, "",
      SHAPE_JUG, 0x7C5A44, 0 },
};

static const struct catalog {
    const struct good *goods;
    size_t count;
    const char *attribute; /* of the variants */
    const char *supplier, *places[3];
    char prefix; /* of pictures and product IDs */
} catalogs[DEMO_SHOPS] = {
    [DEMO_POTTER] = { potter_goods,
                      sizeof potter_goods / sizeof *potter_goods,
                      "साइज़",
                      "अपनी भट्ठी",
                      { "दुकान / सामने", "दुकान / रैक 1", "गोदाम" },
                      'p' },
    [DEMO_GROCER] = { grocer_goods,
                      sizeof grocer_goods / sizeof *grocer_goods,
                      "Pack",
                      "Wholesale market",
                      { "Shop / Rack 1 / Top shelf", "Shop / Rack 2", "Store room" },
                      'g' },
    [DEMO_TEA] = { tea_goods,
                   sizeof tea_goods / sizeof *tea_goods,
                   "Size",
                   "Dairy",
                   { "Counter", "Kitchen / Shelf", "Kitchen" },
                   't' },
};

static void picture_name(char name[32], const struct catalog *c, size_t i)
{
    snprintf(name, 32, "demo-%c%02zu", c->prefix, i + 1);
}

bool demo_goods_draw(const char *folder)
{
    char name[32];

    for (size_t s = 0; s < DEMO_SHOPS; s++)
        for (size_t i = 0; i < catalogs[s].count; i++) {
            const struct good *g = &catalogs[s].goods[i];

            picture_name(name, &catalogs[s], i);
            if (!demo_picture(folder, name, g->shape, g->colour,
                              (unsigned)(s * 100 + i + 1)))
                return false;
        }
    return true;
}

/* What is for all goods of the shop. */
struct shelf {
    struct db *db;
    const struct actor *owner;
    const struct catalog *catalog;
    int64_t places[3];
    int slot; /* of the attribute */
};

/* One variant: received, and put on sale. */
static enum db_rc variant_add(const struct shelf *s, size_t i, const char *value,
                              const char *rupees, int64_t *sku)
{
    const struct good *g = &s->catalog->goods[i];
    bool is_ask = *rupees == '?';
    int64_t paise = 0, lot;
    struct listing_price price = {
        .is_ask = is_ask, .gst_bp = g->gst_bp, .is_inclusive = true, .hsn = g->hsn
    };
    struct receipt in = {
        .spec = { .name = g->name,
                  .unit = g->unit,
                  .category = g->category,
                  .subcategory = g->sub,
                  .code = arena_printf(db_arena(s->db), "%c-%03zu", s->catalog->prefix,
                                       101 + i) },
        .place_id = s->places[i % 3],
        .supplier = s->catalog->supplier,
        .qty_milli = g->stock * (int64_t)1000,
        .cost_paise = -1,
        .low_milli = 5000,
        .expires_ms = g->keeps_days ? clock_ms() + g->keeps_days * CLOCK_DAY : 0,
        .source = "hand",
    };
    enum db_rc rc;

    in.spec.values[s->slot - 1] = value;
    if (!is_ask && text_number(rupees, 2, 2, &paise)) {
        in.cost_paise = paise * 6 / 10;
        price.price_paise = paise;
        price.discount_bp = g->off_bp;
    }
    rc = stock_receive(s->db, s->owner, &in, &lot, sku);
    if (rc == DB_OK)
        rc = listing_put(s->db, s->owner, *sku, &price, NULL);
    return rc;
}

static enum db_rc product_finish(const struct shelf *s, size_t i, int64_t sku)
{
    char name[32];
    struct photo photo = { name, DEMO_PICTURE_SIDE, DEMO_PICTURE_SIDE, DEMO_THUMB_SIDE,
                           DEMO_THUMB_SIDE };
    json_t *row;
    int64_t product, made;
    enum db_rc rc = listing_find(s->db, s->owner->account_id, 0, sku, &row);

    if (rc != DB_OK)
        return rc;
    picture_name(name, s->catalog, i);
    product = row_int(row, "product_id");
    rc = product_describe(s->db, s->owner, product, s->catalog->goods[i].about);
    if (rc == DB_OK)
        rc = photo_add(s->db, s->owner, product, &photo, &made);
    return rc;
}

static enum db_rc good_add(const struct shelf *s, size_t i)
{
    char *at = arena_dup(db_arena(s->db), s->catalog->goods[i].prices);
    int64_t sku = 0;
    enum db_rc rc = DB_OK;

    while (rc == DB_OK && at) {
        char *next = strchr(at, '|'), *equals;

        if (next)
            *next++ = '\0';
        equals = strchr(at, '=');
        *equals = '\0';
        rc = variant_add(s, i, at, equals + 1, &sku);
        at = next;
    }
    return rc == DB_OK ? product_finish(s, i, sku) : rc;
}

enum db_rc demo_goods_stock(struct db *db, const struct actor *owner, enum demo_shop shop)
{
    struct shelf s = { .db = db, .owner = owner, .catalog = &catalogs[shop] };
    enum db_rc rc;

    db_begin(db);
    rc = attribute_get(db, owner->account_id, s.catalog->attribute, &s.slot);
    for (size_t i = 0; rc == DB_OK && i < 3; i++)
        rc = place_get(db, owner->account_id, s.catalog->places[i], &s.places[i]);
    for (size_t i = 0; rc == DB_OK && i < s.catalog->count; i++)
        rc = good_add(&s, i);
    return db_end(db, rc);
}

enum db_rc demo_goods_find(struct db *db, int64_t account_id, const char *name,
                           const char *variant, int64_t *listing_id)
{
    json_t *rows, *row;
    size_t i;
    enum db_rc rc = listing_list(db, account_id, name, 1, 0, 50, &rows);

    if (rc != DB_OK)
        return rc;
    json_array_foreach(
        rows, i,
        row) if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0 &&
                 strcmp(json_string_value(json_object_get(row, "variant")), variant) == 0)
    {
        *listing_id = row_int(row, "id");
        return DB_OK;
    }
    return DB_NONE;
}
