/* The order in which a message is looked at: is there a session, is it a photo, is it one
 * of the words that mean the same everywhere, and only then: is it an answer. */
#include "server/bot/bot_internal.h"

#include "db/base/clock.h"
#include "db/base/text.h"

#include <string.h>

#define SESSION_MS (12 * (int64_t)CLOCK_HOUR)

const struct step *step_find(const char *name)
{
    const struct step *const tables[] = { start_steps, product_steps, menu_steps };

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct step *s = tables[i]; s->name; s++)
            if (strcmp(s->name, name) == 0)
                return s;
    return NULL;
}

/* Where the dialogue stands; a step that an earlier version knew is the start. */
static const struct step *step_now(const struct talk *t)
{
    const struct step *s = step_find(t->d.step);

    return s ? s : step_find(*t->d.lang ? "start" : "language");
}

bool talk_authenticated(const struct talk *t)
{
    return t->d.user_id && t->d.account_id && t->d.authenticated_until_ms > t->now;
}

void talk_goto(struct talk *t, const char *step)
{
    t->d.step = step;
    step_now(t)->ask(t);
}

/* The user may have been suspended, or may have left the account, since they signed in.
 */
static bool still_theirs(struct talk *t)
{
    json_t *row;

    return permission_find(t->db, t->d.account_id, t->d.user_id, &row) == DB_OK;
}

/* Products are kept as drafts before the vendor role is granted: then the levels count as
 * they will. */
bool talk_may(struct talk *t, enum module module, enum level level)
{
    json_t *row;
    const char *vendor;

    if (permission_find(t->db, t->d.account_id, t->d.user_id, &row) != DB_OK)
        return false;
    vendor = draft_text(row, "vendor_state");
    if (strcmp(vendor, "suspended") != 0)
        json_object_set_new(row, "vendor_state", json_string("approved"));
    return permission_level(row, module) >= level;
}

bool talk_may_add(struct talk *t)
{
    if (talk_may(t, MOD_CATALOG, LEVEL_CHANGE) && talk_may(t, MOD_INVENTORY, LEVEL_CHANGE))
        return true;
    say(t, "bot.not_allowed", NULL);
    return false;
}

/* False when the session is over: said so, and asked for the number. */
static bool session_go_on(struct talk *t)
{
    if (talk_authenticated(t) && still_theirs(t)) {
        t->d.authenticated_until_ms = t->now + SESSION_MS;
        return true;
    }
    t->d.authenticated_until_ms = 0;
    say(t, "bot.session_over", NULL);
    talk_goto(t, "mobile");
    return false;
}

static const char *base_step(const struct talk *t)
{
    return talk_authenticated(t) ? "menu" : "start";
}

static void go_back(struct talk *t, const struct step *now)
{
    const char *to = now->back;

    if (strncmp(now->name, "product_", 8) == 0)
        to = product_back(t, now->name);
    if (strcmp(now->name, "code") == 0 &&
        json_is_true(json_object_get(draft_part(t, "sign"), "registers")))
        to = *t->to == '+' ? "reg_upi" : "reg_mobile";
    talk_goto(t, to ? to : base_step(t));
}

static void cancel(struct talk *t, const struct step *now)
{
    if (strncmp(now->name, "product_", 8) == 0)
        product_drop(t);
    draft_drop(t, "reg");
    draft_drop(t, "resume");
    say(t, strcmp(now->name, "menu") == 0 ? "bot.nothing_to_cancel" : "bot.cancelled",
        NULL);
    talk_goto(t, base_step(t));
}

static bool is_digits(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

/* Words that mean the same at every step; false when the message is none. */
static bool command(struct talk *t, const struct step *now)
{
    if ((now->flags & STEP_NUMBER) && is_digits(text_fold(t->a, t->message->text)))
        return false;
    switch (t->word) {
    case WORD_HELP:
        say(t, "bot.help", NULL);
        now->ask(t);
        return true;
    case WORD_GREETING:
    case WORD_REPEAT: now->ask(t); return true;
    case WORD_MENU: talk_goto(t, base_step(t)); return true;
    case WORD_BACK: go_back(t, now); return true;
    case WORD_CANCEL: cancel(t, now); return true;
    case WORD_LANGUAGE:
        draft_set(t->d.draft, "resume", now->name);
        talk_goto(t, "language");
        return true;
    case WORD_ENGLISH:
    case WORD_HINDI:
        if (strcmp(now->name, "language") == 0)
            return false;
        t->d.lang = t->word == WORD_HINDI ? "hi" : "en";
        now->ask(t);
        return true;
    default: return false;
    }
}

/* What we can't read is answered in words. */
static const char *unread_key(enum whatsapp_kind kind)
{
    switch (kind) {
    case WHATSAPP_VOICE: return "bot.no_voice";
    case WHATSAPP_STICKER: return "bot.no_sticker";
    case WHATSAPP_VIDEO: return "bot.no_video";
    case WHATSAPP_DOCUMENT: return "bot.no_document";
    case WHATSAPP_LOCATION: return "bot.no_location";
    case WHATSAPP_CONTACTS: return "bot.no_contacts";
    case WHATSAPP_ORDER:
    case WHATSAPP_UNKNOWN: return "bot.no_kind";
    default: return NULL;
    }
}

static void word_find(struct talk *t)
{
    t->word = WORD_NONE;
    if (t->message->kind == WHATSAPP_CHOICE)
        t->word = word_of_choice(t->message->choice);
    if (t->message->kind == WHATSAPP_TEXT ||
        (t->message->kind == WHATSAPP_CHOICE && t->word == WORD_NONE &&
         !strchr(t->message->choice, ':')))
        t->word = word_of(t->a, t->message->text);
}

/* The words of a button of the present question, typed, are the button pressed. */
static void button_find(struct talk *t, const struct step *now)
{
    struct whatsapp_message *pressed;
    json_t *offered = json_array(), *one;
    size_t i;

    if (t->message->kind != WHATSAPP_TEXT)
        return;
    t->offered = offered;
    now->ask(t);
    t->offered = NULL;
    json_array_foreach(offered, i, one)
        if (words_title(t->a, t->message->text, draft_text(one, "title"))) {
            pressed = arena_alloc(t->a, 1, sizeof *pressed);
            *pressed = *t->message;
            pressed->kind = WHATSAPP_CHOICE;
            pressed->choice = draft_text(one, "id");
            t->message = pressed;
            word_find(t);
            return;
        }
}

static void answer_take(struct talk *t, const struct step *now)
{
    switch (now->accept(t)) {
    case ANSWER_NEXT: step_now(t)->ask(t); break;
    case ANSWER_AGAIN: now->ask(t); break;
    case ANSWER_SAID: break;
    }
}

void talk_handle(struct talk *t)
{
    const struct step *now = step_now(t);
    const char *unread = unread_key(t->message->kind);
    bool is_new = !*t->d.step;

    word_find(t);
    if (is_new && t->word != WORD_ENGLISH && t->word != WORD_HINDI) {
        talk_goto(t, now->name);
        return;
    }
    if (strcmp(t->message->choice, "DID_NOT_REQUEST_CODE") == 0) {
        say(t, "bot.not_asked", NULL);
        return;
    }
    if (!(now->flags & STEP_OPEN) && !session_go_on(t))
        return;
    if (t->message->kind == WHATSAPP_IMAGE && talk_authenticated(t)) {
        product_photo(t);
        return;
    }
    if (t->message->kind == WHATSAPP_IMAGE)
        unread = "bot.photo_later";
    if (unread) {
        say(t, unread, NULL);
        now->ask(t);
        return;
    }
    button_find(t, now);
    if (!command(t, now))
        answer_take(t, now);
}
