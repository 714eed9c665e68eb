/* Whose cart it is, for the pages that fill it, and the cart as pages show it. */
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

/* The answer to what was put in, `rc` of line `id`: says so when it is more than is there. */
int cart_added(struct req *r, const struct cart_owner *owner, enum db_rc rc, int64_t id);

/* The lines of it by shop, as requirement_list() gives them; none without a session. */
enum db_rc cart_read(struct req *r, const char *buyer_state, json_t **vendors);

/* The sums over all shops, and how each line is shown: vendors, count, n, goods_paise,
 * is_priced, has_lines, can_order; where none can be ordered, in_way: name and then_key of
 * what is to be done first. */
json_t *cart_model(struct req *r, json_t *vendors);

/* Adds the frame that fits who looks: frame, is_visitor, can_change. */
void cart_frame(struct req *r, json_t *model);

/* A photo's small and large file: "/media/NAME-t.jpg"; null without a name. */
json_t *photo_thumb(struct req *r, const json_t *row);
json_t *photo_large(struct req *r, const json_t *row);

/* Adds to the products of a grid, which have handle, what parts/good wants: href,
 * photo_url, price_paise, was_paise, off (percent), stock_text; n, the variants, and one, the
 * only one of them. */
struct goods;
void goods_cards(struct req *r, const struct goods *goods);

#endif
