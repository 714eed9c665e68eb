/* Telling a product (WA-3). The draft is an object whose keys are the answers; the next
 * question is the first whose answer lacks, so that a caption's price, photos sent early
 * and a change at the end need no ways of their own. */
#include "server/bot/bot_internal.h"
#include "server/bot/bot_save.h"

#include "db/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS = 120, ABOUT_CHARS = 2000 };

static const char *heard(const struct talk *t)
{
    return t->message->text;
}

static json_t *product(struct talk *t)
{
    json_t *p = draft_part(t, "product");

    if (!draft_has(p, "no")) {
        draft_set_int(p, "no", t->now % 1000000000);
        json_object_set_new(p, "photos", json_array());
    }
    return p;
}

static size_t photos_have(json_t *p)
{
    return json_array_size(json_object_get(p, "photos"));
}

/* The questions in their order, and what each fills. */
static const struct {
    const char *step, *key;
} fields[] = {
    { "product_name", "name" },   { "product_about", "about" },
    { "product_price", "price" }, { "product_qty", "qty" },
    { "product_count", "count" }, { "product_photos", NULL },
    { "product_confirm", NULL },
};

enum { FIELDS = sizeof fields / sizeof *fields, PHOTOS_AT = 5 };

const char *product_next(struct talk *t)
{
    json_t *p = product(t);

    for (size_t i = 0; i < PHOTOS_AT; i++)
        if (!draft_has(p, fields[i].key))
            return fields[i].step;
    if ((int64_t)photos_have(p) < draft_int(p, "count"))
        return "product_photos";
    json_object_del(p, "changing");
    return "product_confirm";
}

const char *product_back(struct talk *t, const char *step)
{
    json_t *p = product(t);
    size_t i = 0;

    if (draft_has(p, "changing") || strcmp(step, "product_change") == 0) {
        json_object_del(p, "changing");
        return product_next(t);
    }
    while (i < FIELDS && strcmp(fields[i].step, step) != 0)
        i++;
    if (i == 0 || i == FIELDS)
        return NULL;
    i = i > PHOTOS_AT ? PHOTOS_AT - 1 : i - 1;
    json_object_del(p, fields[i].key);
    return fields[i].step;
}

static enum answer again(struct talk *t, const char *why)
{
    say(t, why, NULL);
    return ANSWER_AGAIN;
}

static enum answer next(struct talk *t)
{
    t->d.step = product_next(t);
    return ANSWER_NEXT;
}

static void photos_unlink(struct talk *t, json_t *p)
{
    json_t *one;
    size_t i;

    json_array_foreach(json_object_get(p, "photos"), i, one)
        json_array_append(t->unlink, json_object_get(one, "name"));
    json_object_set_new(p, "photos", json_array());
}

void product_drop(struct talk *t)
{
    if (json_object_get(t->d.draft, "product"))
        photos_unlink(t, product(t));
    draft_drop(t, "product");
}

/* --- questions and answers --- */

static void ask_name(struct talk *t)
{
    say(t, "bot.ask_name", NULL);
}

/* A name has letters: a bare number is more likely the price. */
static bool is_name(const char *s)
{
    size_t n = text_chars(s);

    return n >= 2 && n <= NAME_CHARS && !strchr(s, '\n') &&
           strspn(s, "0123456789.,-+/ ") < strlen(s);
}

static enum answer take_name(struct talk *t)
{
    if (!is_name(heard(t)) || !is_name(text_fold(t->a, heard(t))))
        return again(t, "bot.wrong_name");
    draft_set(product(t), "name", heard(t));
    return next(t);
}

static void ask_about(struct talk *t)
{
    say_buttons(t, talk_text(t, "bot.ask_about", NULL), "skip", "bot.button_skip", NULL);
}

static enum answer take_about(struct talk *t)
{
    bool skips = t->word == WORD_SKIP || t->word == WORD_NO;

    if (!skips && (!*heard(t) || text_chars(heard(t)) > ABOUT_CHARS))
        return again(t, "bot.wrong_about");
    draft_set(product(t), "about", skips ? "" : heard(t));
    return next(t);
}

static void ask_price(struct talk *t)
{
    say_buttons(t, talk_text(t, "bot.ask_price", NULL), "ask", "bot.button_ask", NULL);
}

static enum answer take_price(struct talk *t)
{
    int64_t paise = PRICE_ASK;

    if (t->word != WORD_ASK && !words_price(t->a, heard(t), &paise))
        return again(t, "bot.wrong_price");
    draft_set_int(product(t), "price", paise);
    return next(t);
}

static void ask_qty(struct talk *t)
{
    say(t, "bot.ask_qty", NULL);
}

static enum answer take_qty(struct talk *t)
{
    struct quantity q;
    json_t *p = product(t);

    if (!words_quantity(t->a, heard(t), &q))
        return again(t, "bot.wrong_qty");
    draft_set_int(p, "qty", q.milli);
    draft_set_int(p, "decimals", q.decimals);
    draft_set(p, "unit_en", q.unit_en ? q.unit_en : "piece");
    draft_set(p, "unit_hi", q.unit_hi ? q.unit_hi : "नग");
    return next(t);
}

static void ask_count(struct talk *t)
{
    if (photos_have(product(t)) > 0) { /* sent before it was asked for */
        say_buttons(t, talk_text(t, "bot.more_or_done", NULL), "done", "bot.button_done",
                    NULL);
        return;
    }
    say_buttons(t,
                talk_text(t, "bot.ask_count", json_pack("{s:i}", "most", LISTING_PHOTOS)),
                "skip", "bot.button_no_photo", NULL);
}

static enum answer take_count(struct talk *t)
{
    json_t *p = product(t);
    int64_t n = 0;

    if (t->word != WORD_SKIP && t->word != WORD_NO &&
        (t->word != WORD_DONE || photos_have(p) == 0) &&
        (!words_count(t->a, heard(t), &n) || n < 0 || n > LISTING_PHOTOS))
        return again(t, "bot.wrong_count");
    if (n < (int64_t)photos_have(p))
        n = (int64_t)photos_have(p);
    draft_set_int(p, "count", n);
    return next(t);
}

static void ask_photos(struct talk *t)
{
    json_t *p = product(t);
    int64_t have = (int64_t)photos_have(p), want = draft_int(p, "count");
    json_t *args = json_pack("{s:I, s:I, s:I}", "have", (json_int_t)have, "want",
                             (json_int_t)want, "n", (json_int_t)want);

    say_buttons(t, talk_text(t, have ? "bot.ask_more_photos" : "bot.ask_photos", args),
                "done", "bot.button_done", NULL);
}

static enum answer take_photos(struct talk *t)
{
    json_t *p = product(t);

    if (t->word != WORD_DONE && t->word != WORD_SKIP && t->word != WORD_NO)
        return again(t, "bot.wrong_photos");
    draft_set_int(p, "count", (int64_t)photos_have(p));
    return next(t);
}

static const char *unit_text(struct talk *t, json_t *p)
{
    return draft_text(p, strcmp(t->d.lang, "hi") == 0 ? "unit_hi" : "unit_en");
}

static const char *price_text(struct talk *t, json_t *p)
{
    int64_t price = draft_int(p, "price");

    if (price == PRICE_ASK)
        return talk_text(t, "bot.price_on_asking", NULL);
    return talk_text(t, "bot.price_each",
                     json_pack("{s:s, s:s}", "price", money(t, price), "unit",
                               unit_text(t, p)));
}

static void ask_confirm(struct talk *t)
{
    json_t *p = product(t);
    const char *about = draft_text(p, "about");
    json_t *args = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:I}", "name", draft_text(p, "name"), "about",
        line_of(t, arena_dupn(t->a, about, text_cut(about, 300))), "price",
        price_text(t, p), "qty_milli", (json_int_t)draft_int(p, "qty"), "unit",
        unit_text(t, p), "photos", (json_int_t)photos_have(p));
    long long no = draft_int(p, "no");

    say_buttons(t, talk_text(t, "bot.summary", args), arena_printf(t->a, "yes#%lld", no),
                "bot.button_yes", arena_printf(t->a, "change#%lld", no),
                "bot.button_change", arena_printf(t->a, "cancel#%lld", no),
                "bot.button_cancel", NULL);
}

static enum answer take_confirm(struct talk *t)
{
    const char *serial = strchr(t->message->choice, '#');

    /* A button below the summary of another product, pressed late. */
    if (serial && strtoll(serial + 1, NULL, 10) != draft_int(product(t), "no"))
        return again(t, "bot.old_button");
    if (t->word == WORD_YES)
        return product_save(t);
    if (t->word != WORD_CHANGE && t->word != WORD_NO)
        return again(t, "bot.wrong_confirm");
    t->d.step = "product_change";
    return ANSWER_NEXT;
}

/* What can be changed, and the words for it. */
static const struct {
    const char *id, *title, *words;
    size_t field;
} changes[] = {
    { "field:name", "bot.field_name", "name|naam|नाम", 0 },
    { "field:about", "bot.field_about", "description|about|vivran|विवरण|जानकारी", 1 },
    { "field:price", "bot.field_price", "price|dam|daam|kimat|keemat|दाम|कीमत", 2 },
    { "field:qty", "bot.field_qty", "quantity|qty|kitna|kitne|matra|मात्रा|कितना|कितने",
      3 },
    { "field:photos", "bot.field_photos", "photo|photos|foto|tasveer|फोटो|तस्वीर", 4 },
};

enum { CHANGES = sizeof changes / sizeof *changes };

static void ask_change(struct talk *t)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < CHANGES; i++)
        json_array_append_new(rows, json_pack("{s:s, s:s}", "id", changes[i].id, "title",
                                              talk_text(t, changes[i].title, NULL)));
    say_list(t, talk_text(t, "bot.ask_change", NULL), "bot.button_choose", rows);
}

static bool is_change(struct talk *t, size_t i)
{
    const char *said = text_fold(t->a, heard(t));

    if (strcmp(t->message->choice, changes[i].id) == 0)
        return true;
    if (words_among(t->a, said, changes[i].words))
        return true;
    return said[0] == (char)('1' + i) && !said[1];
}

static enum answer take_change(struct talk *t)
{
    json_t *p = product(t);

    for (size_t i = 0; i < CHANGES; i++)
        if (is_change(t, i)) {
            draft_set_int(p, "changing", 1);
            t->d.step = fields[changes[i].field].step;
            if (strcmp(changes[i].id, "field:photos") == 0)
                photos_unlink(t, p);
            return ANSWER_NEXT;
        }
    return again(t, "bot.wrong_change");
}

/* --- photos --- */

/* The caption fills what wasn't said yet. */
static void caption_take(struct talk *t, json_t *p)
{
    const char *rest;
    int64_t price;

    words_caption(t->a, heard(t), &price, &rest);
    if (price && !draft_has(p, "price"))
        draft_set_int(p, "price", price);
    if (is_name(rest) && !draft_has(p, "name"))
        draft_set(p, "name", rest);
}

static void photo_keep(struct talk *t, json_t *p)
{
    const struct photo *f = t->photo;

    json_array_append_new(json_object_get(p, "photos"),
                          json_pack("{s:s, s:i, s:i, s:i, s:i}", "name", f->name, "w",
                                    f->width, "h", f->height, "tw", f->thumb_width, "th",
                                    f->thumb_height));
    if (draft_has(p, "count") && draft_int(p, "count") < (int64_t)photos_have(p))
        draft_set_int(p, "count", (int64_t)photos_have(p));
}

void product_photo(struct talk *t)
{
    bool in_product = strncmp(t->d.step, "product_", 8) == 0;
    const char *before = in_product ? t->d.step : "";
    json_t *p;

    if (!t->photo) {
        say(t, t->photo_why, NULL);
        step_find(t->d.step)->ask(t);
        return;
    }
    p = product(t);
    if (photos_have(p) >= LISTING_PHOTOS) {
        json_array_append_new(t->unlink, json_string(t->photo->name));
        say(t, "bot.photos_full", json_pack("{s:i}", "most", LISTING_PHOTOS));
    } else {
        photo_keep(t, p);
    }
    caption_take(t, p);
    if (!draft_has(p, "changing") || strcmp(before, "product_photos") == 0)
        t->d.step = product_next(t);
    if (t->is_quiet)
        return;
    if (strcmp(t->d.step, "product_photos") != 0 && strcmp(before, "product_photos") != 0)
        say(t, "bot.photo_kept", json_pack("{s:I}", "n", (json_int_t)photos_have(p)));
    step_find(t->d.step)->ask(t);
}

const struct step product_steps[] = {
    { "product_name", 0, ask_name, take_name, NULL },
    { "product_about", 0, ask_about, take_about, NULL },
    { "product_price", STEP_NUMBER, ask_price, take_price, NULL },
    { "product_qty", STEP_NUMBER, ask_qty, take_qty, NULL },
    { "product_count", STEP_NUMBER, ask_count, take_count, NULL },
    { "product_photos", 0, ask_photos, take_photos, NULL },
    { "product_confirm", 0, ask_confirm, take_confirm, NULL },
    { "product_change", STEP_NUMBER, ask_change, take_change, NULL },
    { 0 }
};
