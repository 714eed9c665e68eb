/* The menu that a person may open, from one table. How a place looks stands in
 * templates/menu; each is drawn once, at start, in every language, and a page only puts
 * together what its reader may open. Nothing of a person is in what is drawn. */
#ifndef MENU_H
#define MENU_H

#include "server/http/req.h"

struct menu;

/* Draws for `app`, whose templates and icons_url are there; for the life of arena `a`, from
 * which jansson allocates afterwards. NULL when a template failed, which was logged. */
const struct menu *menu_new(const struct app *app, struct arena *a);

/* Adds nav, tabs and, for admins, admin_nav to the `page` of a view model: HTML. */
void menu_add(struct req *r, json_t *page);

#endif
