/* Drawings of goods. */
#ifndef DEMO_DRAW_H
#define DEMO_DRAW_H

#include <cairo.h>

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

/* Draws one, in the colour 0xRRGGBB, into the square from 0,0 to 1,1. `seed` makes it differ
 * from the others of its shape; the same seed draws the same again. */
void demo_draw(cairo_t *cr, enum demo_shape shape, unsigned colour, unsigned seed);

#endif
