/* Pictures of goods, drawn: no two alike, the same in every run. */
#ifndef DEMO_PICTURE_H
#define DEMO_PICTURE_H

#include <stdbool.h>

enum demo_shape {
    SHAPE_POT,
    SHAPE_JUG,
    SHAPE_CUP,
    SHAPE_LAMP,
    SHAPE_VASE,
    SHAPE_BOTTLE,
    SHAPE_JAR,
    SHAPE_GLASS,
    SHAPE_VESSELS, /* those before it are turned ones, of one outline each */
    SHAPE_PLATE = SHAPE_VESSELS,
    SHAPE_BOWL,
    SHAPE_SACK,
    SHAPE_PACKET,
    SHAPE_LEAF,
    SHAPE_ROUNDS,
    SHAPE_TRIANGLE,
    SHAPE_BLOCK
};

enum { DEMO_PICTURE_SIDE = 800, DEMO_THUMB_SIDE = 300 };

/* Draws one in the colour 0xRRGGBB; `seed` makes it differ from the others. Writes
 * <folder>/<name>.jpg and <name>-t.jpg. False on failure, which was logged. */
bool demo_picture(const char *folder, const char *name, enum demo_shape shape,
                  unsigned colour, unsigned seed);

#endif
