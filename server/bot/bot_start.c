/* From the first word to the session: language, registering (WA-1), and the code that
 * proves a number (WA-2). Whatever number is named, the answers are the same: only
 * whoever reads the messages of that number learns whether it is registered. */
#include "server/bot/bot_internal.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/gst_state.h"
#include "db/otp.h"
#include "db/setting.h"
#include "db/user.h"

#include <sodium.h>
#include <string.h>

enum { SENDS = 3, WRONG_CODES = 5 };

#define SENDS_MS (15 * (int64_t)CLOCK_MINUTE)

static const char *heard(const struct talk *t)
{
    return t->message->text;
}

/* With digits of either script as 0 to 9. */
static const char *folded(struct talk *t)
{
    return text_fold(t->a, heard(t));
}

/* The number of this chat; NULL when its user hides it. */
static const char *own_number(struct talk *t)
{
    return *t->to == '+' ? t->to : NULL;
}

/* --- language and start --- */

static void ask_language(struct talk *t)
{
    say_buttons(t, talk_text(t, "bot.choose_language", NULL), "en", "bot.english", "hi",
                "bot.hindi", NULL);
}

static enum answer take_language(struct talk *t)
{
    const char *resume = draft_text(t->d.draft, "resume");

    if (t->word == WORD_ENGLISH || strcmp(folded(t), "1") == 0)
        t->d.lang = "en";
    else if (t->word == WORD_HINDI || strcmp(folded(t), "2") == 0)
        t->d.lang = "hi";
    else {
        say(t, "bot.wrong_language", NULL);
        return ANSWER_AGAIN;
    }
    t->d.step = t->d.user_id ? "mobile" : "start";
    if (talk_authenticated(t))
        t->d.step = "menu";
    if (*resume && step_find(resume))
        t->d.step = step_find(resume)->name;
    draft_drop(t, "resume");
    return ANSWER_NEXT;
}

static void ask_start(struct talk *t)
{
    say_buttons(
        t, talk_text(t, "bot.welcome", json_pack("{s:s}", "site", setting_name(t->db))),
        "register", "bot.button_register", "signin", "bot.button_signin", NULL);
}

static enum answer take_number(struct talk *t, const char *again);

static enum answer take_start(struct talk *t)
{
    if (t->word == WORD_REGISTER || strcmp(folded(t), "1") == 0)
        t->d.step = "reg_name";
    else if (t->word == WORD_SIGNIN || strcmp(folded(t), "2") == 0)
        t->d.step = "mobile";
    else
        return take_number(t, "bot.choose_start");
    return ANSWER_NEXT;
}

/* --- registering --- */

/* Keeps the answer when it has the length; else says what is wrong. */
static bool reg_take(struct talk *t, const char *key, size_t least, size_t most,
                     const char *wrong)
{
    size_t n = text_chars(heard(t));

    if (n < least || n > most || t->message->kind != WHATSAPP_TEXT) {
        say(t, wrong, NULL);
        return false;
    }
    draft_set(draft_part(t, "reg"), key, heard(t));
    return true;
}

static void ask_name(struct talk *t)
{
    say(t, "bot.ask_your_name", NULL);
}

static enum answer take_name(struct talk *t)
{
    if (strpbrk(folded(t), "0123456789") || strchr(heard(t), '\n')) {
        say(t, "bot.wrong_your_name", NULL);
        return ANSWER_AGAIN;
    }
    if (!reg_take(t, "name", 2, 80, "bot.wrong_your_name"))
        return ANSWER_AGAIN;
    t->d.step = "reg_address";
    return ANSWER_NEXT;
}

static void ask_address(struct talk *t)
{
    say(t, "bot.ask_address", NULL);
}

static const char *state_of(struct talk *t, const char *text)
{
    const char *code = words_state(t->a, text);

    return code ? code : gst_state_of_address(t->a, text);
}

static enum answer take_address(struct talk *t)
{
    const char *state = state_of(t, heard(t));

    if (!reg_take(t, "address", 5, 300, "bot.wrong_address"))
        return ANSWER_AGAIN;
    if (state)
        draft_set(draft_part(t, "reg"), "state", state);
    t->d.step = state ? "reg_makes" : "reg_state";
    return ANSWER_NEXT;
}

static void ask_state(struct talk *t)
{
    say(t, "bot.ask_state", NULL);
}

static enum answer take_state(struct talk *t)
{
    const char *state = state_of(t, heard(t));

    if (!state) {
        say(t, "bot.wrong_state", NULL);
        return ANSWER_AGAIN;
    }
    draft_set(draft_part(t, "reg"), "state", state);
    t->d.step = "reg_makes";
    return ANSWER_NEXT;
}

static void ask_makes(struct talk *t)
{
    say(t, "bot.ask_makes", NULL);
}

static enum answer take_makes(struct talk *t)
{
    if (!reg_take(t, "makes", 2, 200, "bot.wrong_makes"))
        return ANSWER_AGAIN;
    t->d.step = "reg_upi";
    return ANSWER_NEXT;
}

/* --- codes --- */

void talk_hash(const struct talk *t, unsigned char out[32])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, t->bot->key, 32, 32);
    crypto_generichash_update(&state, (const unsigned char *)"chat", 4);
    crypto_generichash_update(&state, (const unsigned char *)t->d.chat,
                              strlen(t->d.chat));
    crypto_generichash_final(&state, out, 32);
}

/* Counted here, for any number alike, since the limit behind otp_send() counts only
 * numbers that get a code. */
static bool send_allowed(struct talk *t, json_t *sign)
{
    json_t *was = json_object_get(sign, "sends"), *sends = json_array(), *one;
    size_t i;

    json_array_foreach(was, i, one) if (json_integer_value(one) > t->now - SENDS_MS)
        json_array_append(sends, one);
    json_object_set_new(sign, "sends", sends);
    if (json_array_size(sends) >= SENDS)
        return false;
    json_array_append_new(sends, json_integer(t->now));
    return true;
}

/* Refusals (too many codes to that number) stay unsaid. */
static void code_send(struct talk *t, const char *mobile)
{
    unsigned char browser[32];
    struct otp_request o = { .key = t->bot->key,
                             .mobile = mobile,
                             .purpose = "chat",
                             .browser = browser,
                             .lang = t->d.lang,
                             .address = "" };
    enum db_rc rc;

    talk_hash(t, browser);
    db_try(t->db);
    rc = db_try_end(t->db, otp_send(t->db, &o));
    if (rc == DB_ERR)
        t->rc = DB_ERR;
}

static enum answer code_request(struct talk *t, const char *mobile, bool registers)
{
    json_t *sign = draft_part(t, "sign"), *user;
    enum db_rc known = user_by_mobile(t->db, mobile, &user);

    if (!send_allowed(t, sign)) {
        say(t, "bot.code_wait", NULL);
        return ANSWER_SAID;
    }
    draft_set(sign, "mobile", mobile);
    draft_set_int(sign, "wrong", 0);
    json_object_set_new(sign, "registers", json_boolean(registers));
    if (known == DB_OK || registers)
        code_send(t, mobile);
    t->d.step = "code";
    return ANSWER_NEXT;
}

static void ask_upi(struct talk *t)
{
    say_buttons(t, talk_text(t, "bot.ask_upi", NULL), "skip", "bot.button_skip", NULL);
}

static enum answer take_upi(struct talk *t)
{
    bool skips = t->word == WORD_SKIP || t->word == WORD_NO;
    char *upi = text_trim(t->a, heard(t), strlen(heard(t)), false);

    if (!skips && !text_upi(upi)) {
        say(t, "bot.wrong_upi", NULL);
        return ANSWER_AGAIN;
    }
    draft_set(draft_part(t, "reg"), "upi", skips ? "" : upi);
    if (own_number(t))
        return code_request(t, own_number(t), true);
    t->d.step = "reg_mobile";
    return ANSWER_NEXT;
}

static void ask_reg_mobile(struct talk *t)
{
    say(t, "bot.ask_reg_mobile", NULL);
}

static enum answer take_reg_mobile(struct talk *t)
{
    const char *mobile = text_mobile(t->a, heard(t));

    if (mobile)
        return code_request(t, mobile, true);
    say(t, "bot.wrong_mobile", NULL);
    return ANSWER_AGAIN;
}

static void ask_mobile(struct talk *t)
{
    const char *body = talk_text(t, "bot.ask_mobile", NULL);

    if (own_number(t))
        say_buttons(t, body, "own", "bot.button_own", "register", "bot.button_register",
                    NULL);
    else
        say_buttons(t, body, "register", "bot.button_register", NULL);
}

static enum answer take_number(struct talk *t, const char *again)
{
    const char *mobile = text_mobile(t->a, heard(t));

    if (t->word == WORD_OWN)
        mobile = own_number(t);
    if (mobile)
        return code_request(t, mobile, false);
    say(t, again, NULL);
    return ANSWER_AGAIN;
}

static enum answer take_mobile(struct talk *t)
{
    if (t->word != WORD_REGISTER)
        return take_number(t, "bot.wrong_mobile");
    t->d.step = "reg_name";
    return ANSWER_NEXT;
}

static void ask_code(struct talk *t)
{
    json_t *sign = draft_part(t, "sign");
    json_t *args = json_pack("{s:s}", "number", draft_text(sign, "mobile"));

    if (json_is_true(json_object_get(sign, "registers")))
        say_buttons(t, talk_text(t, "bot.ask_code_new", args), "again",
                    "bot.button_again", NULL);
    else
        say_buttons(t, talk_text(t, "bot.ask_code", args), "again", "bot.button_again",
                    "register", "bot.button_register", NULL);
}

/* Which of the reasons it was isn't said: it would tell whether a code was sent at all.
 */
static enum answer code_wrong(struct talk *t)
{
    json_t *sign = draft_part(t, "sign");
    int64_t wrong = draft_int(sign, "wrong") + 1;

    draft_set_int(sign, "wrong", wrong);
    if (wrong >= WRONG_CODES) {
        say(t, "bot.code_locked", NULL);
        t->d.step = "mobile";
        return ANSWER_NEXT;
    }
    say_buttons(t, talk_text(t, "bot.code_wrong", NULL), "again", "bot.button_again",
                NULL);
    return ANSWER_SAID;
}

static const char *code_digits(struct talk *t)
{
    char *out = arena_dup(t->a, folded(t)), *to = out;

    for (const char *p = out; *p; p++)
        if (*p >= '0' && *p <= '9')
            *to++ = *p;
        else if (*p != ' ' && *p != '-')
            return "";
    *to = '\0';
    return out;
}

static enum answer take_code(struct talk *t)
{
    json_t *sign = draft_part(t, "sign");
    const char *mobile = draft_text(sign, "mobile"), *code = code_digits(t);
    const char *purpose, *details;
    unsigned char browser[32];

    if (t->word == WORD_REGISTER) {
        t->d.step = "reg_name";
        return ANSWER_NEXT;
    }
    if (t->word == WORD_AGAIN_CODE)
        return code_request(t, mobile, json_is_true(json_object_get(sign, "registers")));
    if (strlen(code) != 6) {
        say(t, "bot.wrong_code_form", NULL);
        return ANSWER_AGAIN;
    }
    if (t->code_judged)
        return code_wrong(t);
    talk_hash(t, browser);
    t->rc = otp_check(t->db, t->bot->key, mobile, browser, code, &purpose, &details);
    if (t->rc == DB_OK) {
        t->rc = talk_link(t, mobile);
    } else if (t->rc == DB_REFUSED) {
        t->wrong_code = code;
        t->wrong_mobile = mobile;
    }
    return ANSWER_SAID;
}

const struct step start_steps[] = {
    { "language", STEP_OPEN | STEP_NUMBER, ask_language, take_language, NULL },
    { "start", STEP_OPEN | STEP_NUMBER, ask_start, take_start, NULL },
    { "reg_name", STEP_OPEN, ask_name, take_name, "start" },
    { "reg_address", STEP_OPEN, ask_address, take_address, "reg_name" },
    { "reg_state", STEP_OPEN, ask_state, take_state, "reg_address" },
    { "reg_makes", STEP_OPEN, ask_makes, take_makes, "reg_address" },
    { "reg_upi", STEP_OPEN, ask_upi, take_upi, "reg_makes" },
    { "reg_mobile", STEP_OPEN, ask_reg_mobile, take_reg_mobile, "reg_upi" },
    { "mobile", STEP_OPEN, ask_mobile, take_mobile, "start" },
    { "code", STEP_OPEN | STEP_NUMBER, ask_code, take_code, "mobile" },
    { 0 }
};
