/* Shared by the files of the dialogue; nobody else. A `struct talk` is one message being
 * handled, within one transaction. */
#ifndef BOT_INTERNAL_H
#define BOT_INTERNAL_H

#include "db/dialogue.h"
#include "db/listing.h"
#include "db/permission.h"
#include "server/bot/bot.h"
#include "server/bot/bot_words.h"
#include "server/bot/whatsapp_parse.h"

struct talk {
    const struct bot *bot;
    struct db *db;
    struct arena *a;
    const struct whatsapp_message *message;
    struct dialogue d;
    const char *to; /* "+91...", or the user id */
    enum word word; /* what the message stands for */
    int64_t now;
    const struct photo *photo; /* that came with it, ready; NULL: none */
    const char *photo_why;     /* text key: why it couldn't be had */
    bool is_quiet;             /* more of the sender's messages wait */
    bool code_judged;          /* the code was looked at before: it is wrong */
    const char *wrong_code;    /* out: a wrong code, whose try is still to be counted, */
    const char *wrong_mobile;  /* since this transaction is undone */
    json_t *offered;           /* not NULL: nothing is said, its buttons are put here */
    json_t *unlink;            /* names of photos that nobody needs after the commit */
    enum db_rc rc;             /* DB_OK, or what went wrong */
};

/* What an answer came to. */
enum answer {
    ANSWER_NEXT,  /* d.step is the next question: ask it */
    ANSWER_AGAIN, /* not understood, said why: ask the same again */
    ANSWER_SAID,  /* all was said */
};

enum {
    STEP_OPEN = 1,   /* without having been authenticated */
    STEP_NUMBER = 2, /* "9" and "0" are answers here, not "back" and "menu" */
};

struct step {
    const char *name;
    unsigned flags;
    void (*ask)(struct talk *t);
    enum answer (*accept)(struct talk *t);
    const char *back; /* the step before; NULL: the menu, or the start */
};

/* NULL when there is no such step. */
const struct step *step_find(const char *name);

/* The tables, each ending with a NULL name. */
extern const struct step start_steps[], product_steps[], menu_steps[];

/* --- bot_dialogue.c --- */

/* Answers one message: commands, photos, the step's own answers. */
void talk_handle(struct talk *t);
void talk_goto(struct talk *t, const char *step);
bool talk_authenticated(const struct talk *t);

/* What the user may do in the account spoken about, by the table of db/permission.h, asked
 * anew for each message. */
bool talk_may(struct talk *t, enum module module, enum level level);
/* Add products; says so when they may not. */
bool talk_may_add(struct talk *t);

/* What binds a code to this chat. */
void talk_hash(const struct talk *t, unsigned char out[32]);

/* --- bot_photo.c --- */

enum photo_rc { PHOTO_OK, PHOTO_REFUSED /* `*why` is a text key */, PHOTO_LATER };

/* Loads and shrinks the photo of a message; outside of a transaction. */
enum photo_rc photo_load(const struct bot *bot, struct db *db,
                         const struct whatsapp_message *m, struct photo *photo,
                         const char **why);
void photo_unlink(const struct bot *bot, struct arena *a, const char *name);
/* The simulator's file, once it was handled. */
void photo_unlink_local(const struct bot *bot, struct arena *a,
                        const struct whatsapp_message *m);

/* --- bot_reply.c --- */

const char *talk_text(struct talk *t, const char *key, json_t *args);
void say_text(struct talk *t, const char *body);
void say(struct talk *t, const char *key, json_t *args);
/* With up to three buttons: id, text key, ... NULL. An id may have "#12" behind it. */
void say_buttons(struct talk *t, const char *body, ...) __attribute__((sentinel));
/* Rows: [{id, title, description}]. */
void say_list(struct talk *t, const char *body, const char *button_key, json_t *rows);
/* A picture with words below. */
void say_photo(struct talk *t, const char *photo, const char *body);
const char *shop_url(struct talk *t, const char *handle, int64_t product_id);
const char *money(struct talk *t, int64_t paise);
/* The text as a line of its own; "" when there is none. */
const char *line_of(struct talk *t, const char *text);

/* --- drafts: objects within d.draft, made when they lack --- */

json_t *draft_part(struct talk *t, const char *name);
void draft_drop(struct talk *t, const char *name);
const char *draft_text(json_t *part, const char *key); /* "" */
int64_t draft_int(json_t *part, const char *key);
bool draft_has(json_t *part, const char *key);
void draft_set(json_t *part, const char *key, const char *text);
void draft_set_int(json_t *part, const char *key, int64_t n);

/* --- products --- */

/* Drops the product being told, and its photos. */
void product_drop(struct talk *t);
/* A photo came: adds it to the product (starting one), answers, asks what lacks. */
void product_photo(struct talk *t);
/* The first step whose answer lacks. */
const char *product_next(struct talk *t);
/* Back within the product: the question before `step`; NULL: there is none. */
const char *product_back(struct talk *t, const char *step);

/* After a right code: the user, made when registering, and the account. */
enum db_rc talk_link(struct talk *t, const char *mobile);

#endif
