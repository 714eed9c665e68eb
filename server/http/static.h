/* Files of static/, and the public pages' style sheet. */
#ifndef STATIC_H
#define STATIC_H

#include "server/http/req.h"

/* Fills css, css_hash and the hashed URLs of `app`, for the life of arena `a`. */
void static_init(struct app *app, struct arena *a);

extern const struct route static_routes[];

#endif
