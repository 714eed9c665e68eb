/* Pictures of goods, drawn: no two alike, the same in every run. */
#ifndef DEMO_PICTURE_H
#define DEMO_PICTURE_H

#include "server/demo_draw.h"

#include <stdbool.h>

enum { DEMO_PICTURE_SIDE = 800, DEMO_THUMB_SIDE = 300 };

/* Draws one in the colour 0xRRGGBB; `seed` makes it differ from the others. Writes
 * <folder>/<name>.jpg and <name>-t.jpg. False on failure, which was logged. */
bool demo_picture(const char *folder, const char *name, enum demo_shape shape,
                  unsigned colour, unsigned seed);

#endif
