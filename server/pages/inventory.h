/* The pages of the inventory that its forms come back to. */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "server/pages/pages.h"

int inventory_sku(struct req *r);     /* one SKU, with the form that was sent open */
int inventory_journal(struct req *r); /* what came and went */

#endif
