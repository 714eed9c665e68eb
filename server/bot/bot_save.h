/* A product told in the chat becomes stock and a listing (WA-4). */
#ifndef BOT_SAVE_H
#define BOT_SAVE_H

#include "server/bot/bot_internal.h"

#define PRICE_ASK (-1) /* the draft's price: "ask price" */

/* Saves the draft as stock, listing, description and photos, all or nothing, and sends
 * the links. A refusal of the business is said, and the product stays to be changed. */
enum answer product_save(struct talk *t);

/* DB_OK: the account has a shop, or one was asked for just now. DB_NONE: for that its
 * State
 * (`state`, or in its address) has to be known first. */
enum db_rc shop_ready(struct talk *t, const char *state);

#endif
