/* What the pages of both sides of an order share: the list, what a page needs beside the
 * row, and the bill as PDF. */
#ifndef ORDER_VIEW_H
#define ORDER_VIEW_H

#include "db/order.h"
#include "server/http/req.h"

/* Of the query of a list: state, q, before. */
extern const struct field order_list_fields[];

/* The list at `path` (the request's own) as `template`: orders, counts, list; for the
 * vendor also waiting (how many wait for an answer). */
int order_list_page(struct req *r, enum order_side side, const char *path,
                    const char *template);

/* Adds to a row of order_find(): chip, state_key, says_key, is_open, is_ordered,
 * is_accepted, is_delivered, is_doorstep, has_documents, goods_paise, tax_paise; to its
 * lines each_paise and has_accepted; to its events text_key and is_wrong. */
void order_dress(struct req *r, enum order_side side, json_t *order);

/* The order's bill as PDF, in the reader's language. */
int order_invoice(struct req *r, enum order_side side);

/* Adds text_key, amount_paise, is_in and is_wrong to the entries of a ledger. */
void ledger_entries_dress(struct req *r, json_t *entries);

/* Opens a chat of WhatsApp with what to say already in it, to be sent by whoever reads the
 * page (https://faq.whatsapp.com/5913398998672934); null without a number. */
json_t *chat_url(struct req *r, const char *mobile, const char *say);

#endif
