/* What the demo's shops sell. */
#ifndef DEMO_GOODS_H
#define DEMO_GOODS_H

#include "db/actor.h"
#include "db/db.h"

enum demo_shop { DEMO_POTTER, DEMO_GROCER, DEMO_TEA, DEMO_SHOPS };

/* Draws the pictures of all goods into `folder`. False on failure, which was logged. */
bool demo_goods_draw(const char *folder);

/* Fills an approved vendor's stock and catalog: custom values, lots with places,
 * suppliers and expiry, listings with prices, descriptions and the pictures. */
MUST_USE enum db_rc demo_goods_stock(struct db *db, const struct actor *owner,
                                     enum demo_shop shop);

/* The listing of that name and variant ("" none). DB_NONE: there is none. */
MUST_USE enum db_rc demo_goods_find(struct db *db, int64_t account_id, const char *name,
                                    const char *variant, int64_t *listing_id);

#endif
