/* Whose cart it is, for the pages that fill it. */
#ifndef CART_H
#define CART_H

#include "db/requirement.h"
#include "server/http/req.h"

/* The cart of this request: the account's, else that of the visitor's session; all 0 when
 * there is no session. */
struct cart_owner cart_owner_of(const struct req *r);

/* The same before something is put in; makes a visitor's session when there is none.
 * False: not allowed, or failed; `*reply` is what to return. */
bool cart_owner_change(struct req *r, struct cart_owner *owner, int *reply);

/* A photo's small and large file: "/media/NAME-t.jpg"; null without a name. */
json_t *photo_thumb(struct req *r, const json_t *row);
json_t *photo_large(struct req *r, const json_t *row);

/* Adds to a product of a grid what parts/good wants: href, photo_url, price_paise,
 * was_paise, off_text, stock_text. The row has handle. */
void product_card(struct req *r, json_t *product);

#endif
