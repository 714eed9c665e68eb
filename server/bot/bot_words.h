/* What people write, in English, Hindi and Hindi in Latin letters: commands, prices,
 * quantities, captions. Pure. */
#ifndef BOT_WORDS_H
#define BOT_WORDS_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum word {
    WORD_NONE,
    WORD_YES,
    WORD_NO,
    WORD_BACK,
    WORD_CANCEL,
    WORD_HELP,
    WORD_MENU,
    WORD_REPEAT,
    WORD_DONE,
    WORD_SKIP,
    WORD_ASK,
    WORD_CHANGE,
    WORD_ADD,
    WORD_MINE,
    WORD_LINKS,
    WORD_REGISTER,
    WORD_SIGNIN,
    WORD_OWN,
    WORD_AGAIN_CODE,
    WORD_LANGUAGE,
    WORD_ENGLISH,
    WORD_HINDI,
    WORD_GREETING,
    WORD_MORE,
};

/* The word that a whole message stands for; WORD_NONE when it is something else. */
enum word word_of(struct arena *a, const char *text);

/* Whether the whole message is `title`, as a button has it, its number left out or not. */
bool words_title(struct arena *a, const char *text, const char *title);

/* The word of a button's id ("yes", "yes#12": the part before # counts). */
enum word word_of_choice(const char *choice);

/* True when `folded` (as text_fold() makes it) is one of the texts between bars
 * ("price|dam|दाम"). */
bool words_among(struct arena *a, const char *folded, const char *texts);

/* A price a piece: "250", "२५०", "Rs 250/-", "ढाई सौ", "do hazaar". False when it isn't
 * one or not between 1 paisa and 1 crore rupees. */
bool words_price(struct arena *a, const char *text, int64_t *paise);

struct quantity {
    int64_t milli;
    const char *unit_en, *unit_hi; /* NULL: none was named */
    int decimals;                  /* that the unit has */
};

/* "5", "पाँच", "10 kg", "2 dozen" (which are 24). False when it isn't one, has more
 * decimals than the unit, or is not between 0.001 and ten lakh. */
bool words_quantity(struct arena *a, const char *text, struct quantity *out);

/* A whole number, in digits or words; false otherwise. */
bool words_count(struct arena *a, const char *text, int64_t *n);

/* A caption: `*price` is 0 when no price is in it, `*rest` what is left without it. */
void words_caption(struct arena *a, const char *caption, int64_t *price,
                   const char **rest);

/* The GST State code of the last State named in `text` ("Delhi Road, Meerut, UP"); NULL
 * when there is none. */
const char *words_state(struct arena *a, const char *text);

#endif
