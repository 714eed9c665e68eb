/* The menu, and looking at what is there (WA-5): words that are no command look for a
 * product. */
#include "server/bot/bot_internal.h"
#include "server/bot/bot_save.h"

#include "db/base/text.h"
#include "db/gst_state.h"
#include "db/vendor.h"

#include <stdlib.h>
#include <string.h>

enum { LISTED = 9 }; /* a list of WhatsApp has ten rows, the last may be "more" */

static void ask_menu(struct talk *t)
{
    static const struct {
        const char *id, *title, *about;
    } items[] = {
        { "add", "bot.menu_add", "bot.menu_add_about" },
        { "mine", "bot.menu_mine", "bot.menu_mine_about" },
        { "links", "bot.menu_links", "bot.menu_links_about" },
        { "language", "bot.menu_language", "bot.menu_language_about" },
        { "help", "bot.menu_help", "bot.menu_help_about" },
    };
    json_t *rows = json_array();

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s}", "id", items[i].id, "title",
                                        talk_text(t, items[i].title, NULL), "description",
                                        talk_text(t, items[i].about, NULL)));
    say_list(t, talk_text(t, "bot.menu", NULL), "bot.button_menu", rows);
}

/* Shop and link, or that the shop isn't open yet. */
static void say_shop(struct talk *t)
{
    json_t *vendor;

    if (vendor_find(t->db, t->d.account_id, &vendor) != DB_OK ||
        strcmp(draft_text(vendor, "state"), "approved") != 0)
        say(t, "bot.shop_waiting", NULL);
    else
        say(t, "bot.shop_link",
            json_pack("{s:s, s:s}", "name", draft_text(vendor, "trade_name"), "url",
                      shop_url(t, draft_text(vendor, "handle"), 0)));
}

static const char *row_price(struct talk *t, json_t *row)
{
    if (!json_is_integer(json_object_get(row, "price_paise")))
        return talk_text(t, "bot.price_on_asking", NULL);
    return money(t, draft_int(row, "price_paise"));
}

static const char *row_stock(struct talk *t, json_t *row)
{
    return text_amount(t->a, draft_int(row, "on_hand_milli"), draft_text(row, "unit"));
}

/* False when there is nothing to list. */
static bool say_products(struct talk *t, const char *words, int64_t before_id)
{
    json_t *found, *one, *rows = json_array();
    size_t i;
    int64_t last = 0;

    if (listing_list(t->db, t->d.account_id, words, -1, before_id, LISTED + 1, &found) !=
        DB_OK)
        t->rc = DB_ERR;
    json_array_foreach(found, i, one)
    {
        if (i == LISTED) {
            json_array_append_new(
                rows, json_pack("{s:s, s:s}", "id",
                                arena_printf(t->a, "more:%lld", (long long)last), "title",
                                talk_text(t, "bot.more", NULL)));
            break;
        }
        last = draft_int(one, "id");
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s}", "id",
                                        arena_printf(t->a, "pick:%lld", (long long)last),
                                        "title", draft_text(one, "name"), "description",
                                        arena_printf(t->a, "%s · %s", row_price(t, one),
                                                     row_stock(t, one))));
    }
    if (json_array_size(rows) > 0)
        say_list(t, talk_text(t, "bot.mine", NULL), "bot.button_choose", rows);
    return json_array_size(rows) > 0;
}

static enum answer say_product(struct talk *t, int64_t listing_id)
{
    json_t *row, *vendor, *args;
    const char *photo, *body, *url = "";

    if (listing_find(t->db, t->d.account_id, listing_id, 0, &row) != DB_OK) {
        say(t, "bot.gone", NULL);
        return ANSWER_AGAIN;
    }
    if (vendor_find(t->db, t->d.account_id, &vendor) == DB_OK &&
        strcmp(draft_text(vendor, "state"), "approved") == 0 &&
        json_is_true(json_object_get(row, "is_on_sale")))
        url = shop_url(t, draft_text(vendor, "handle"), draft_int(row, "product_id"));
    args = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", draft_text(row, "name"),
                     "price", row_price(t, row), "stock", row_stock(t, row), "about",
                     line_of(t, draft_text(row, "description")), "url", url);
    body = talk_text(t, "bot.card", args);
    photo = draft_text(row, "photo_name");
    if (*photo)
        say_photo(t, photo, body);
    else
        say_text(t, body);
    return ANSWER_AGAIN;
}

static enum answer say_found(struct talk *t)
{
    const char *words = t->message->text;

    if (t->message->kind == WHATSAPP_TEXT && text_chars(words) >= 2 &&
        text_chars(words) <= 60 && say_products(t, words, 0))
        return ANSWER_SAID;
    say(t, "bot.not_understood", NULL);
    return ANSWER_AGAIN;
}

static enum answer add_start(struct talk *t)
{
    enum db_rc rc;

    if (!talk_may_add(t))
        return ANSWER_AGAIN;
    rc = shop_ready(t, NULL);
    if (rc == DB_ERR || rc == DB_REFUSED)
        t->rc = DB_ERR;
    if (json_object_get(t->d.draft, "product"))
        say(t, "bot.go_on", NULL);
    t->d.step = rc == DB_NONE ? "shop_state" : product_next(t);
    return ANSWER_NEXT;
}

static enum answer take_menu(struct talk *t)
{
    const char *choice = t->message->choice, *said = text_fold(t->a, t->message->text);

    if (t->word != WORD_ADD && strcmp(said, "1") != 0 && t->word != WORD_LINKS &&
        strcmp(said, "3") != 0 && !talk_may(t, MOD_CATALOG, LEVEL_VIEW)) {
        say(t, "bot.not_allowed", NULL);
        return ANSWER_AGAIN;
    }
    if (strncmp(choice, "pick:", 5) == 0)
        return say_product(t, strtoll(choice + 5, NULL, 10));
    if (strncmp(choice, "more:", 5) == 0)
        return say_products(t, NULL, strtoll(choice + 5, NULL, 10)) ? ANSWER_SAID
                                                                    : ANSWER_AGAIN;
    if (t->word == WORD_ADD || strcmp(said, "1") == 0)
        return add_start(t);
    if (t->word == WORD_LINKS || strcmp(said, "3") == 0) {
        say_shop(t);
        return ANSWER_SAID;
    }
    if (t->message->kind == WHATSAPP_TEXT &&
        (t->word == WORD_YES || t->word == WORD_NO || t->word == WORD_DONE))
        return ANSWER_AGAIN; /* "ok" to what was said last */
    if (t->word != WORD_MINE && strcmp(said, "2") != 0)
        return say_found(t);
    if (say_products(t, NULL, 0))
        return ANSWER_SAID;
    say(t, "bot.no_products", NULL);
    return ANSWER_AGAIN;
}

static void ask_shop_state(struct talk *t)
{
    say(t, "bot.ask_state", NULL);
}

/* Somebody who signed up on the web and has no shop yet. */
static enum answer take_shop_state(struct talk *t)
{
    const char *state = words_state(t->a, t->message->text);
    enum db_rc rc;

    if (!state)
        state = gst_state_of_address(t->a, t->message->text);
    if (!state) {
        say(t, "bot.wrong_state", NULL);
        return ANSWER_AGAIN;
    }
    rc = shop_ready(t, state);
    if (rc != DB_OK)
        t->rc = DB_ERR;
    t->d.step = product_next(t);
    return ANSWER_NEXT;
}

const struct step menu_steps[] = { { "menu", 0, ask_menu, take_menu, NULL },
                                   { "shop_state", 0, ask_shop_state, take_shop_state,
                                     "menu" },
                                   { 0 } };
