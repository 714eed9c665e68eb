/* Everything is drawn in a square of side 1, so that the large and the small picture are
 * the same drawing at two scales. Vessels are four radii at four heights with smooth
 * curves between. */
#include "server/demo_draw.h"

#include <math.h>
#include <stdbool.h>

struct brush {
    cairo_t *cr;
    double r, g, b; /* the colour of the goods */
    unsigned seed;
};

/* The k-th number of this picture, from 0 to 1. */
static double chance(const struct brush *p, unsigned k)
{
    unsigned x = p->seed * 2654435761u + k * 40503u + 12345u;

    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    return (x & 0xffff) / 65535.0;
}

/* The colour, lighter (above 1) or darker. */
static void tone(const struct brush *p, double light, double alpha)
{
    double up = light > 1 ? light - 1 : 0, down = light < 1 ? light : 1;

    cairo_set_source_rgba(p->cr, (p->r + (1 - p->r) * up) * down,
                          (p->g + (1 - p->g) * up) * down,
                          (p->b + (1 - p->b) * up) * down, alpha);
}

static void tone_stop(cairo_pattern_t *to, const struct brush *p, double at, double light)
{
    double up = light > 1 ? light - 1 : 0, down = light < 1 ? light : 1;

    cairo_pattern_add_color_stop_rgb(to, at, (p->r + (1 - p->r) * up) * down,
                                     (p->g + (1 - p->g) * up) * down,
                                     (p->b + (1 - p->b) * up) * down);
}

static void ellipse(cairo_t *cr, double x, double y, double rx, double ry)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, rx, ry);
    cairo_new_sub_path(cr);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
}

/* Lit from the left. */
static void fill_lit(const struct brush *p, double left, double right)
{
    cairo_pattern_t *light = cairo_pattern_create_linear(left, 0, right, 0);

    tone_stop(light, p, 0, 0.85);
    tone_stop(light, p, 0.3, 1.3);
    tone_stop(light, p, 0.65, 0.95);
    tone_stop(light, p, 1, 0.55);
    cairo_set_source(p->cr, light);
    cairo_fill_preserve(p->cr);
    cairo_pattern_destroy(light);
}

/* A warm wall, a table, and the shadow of what stands on it. */
static void backdrop_draw(const struct brush *p, double foot)
{
    cairo_pattern_t *wall = cairo_pattern_create_linear(0, 0, 0, 1);
    double warm = 0.03 * chance(p, 90);

    cairo_pattern_add_color_stop_rgb(wall, 0, 0.99, 0.95 - warm, 0.87 - 2 * warm);
    cairo_pattern_add_color_stop_rgb(wall, 0.72, 0.96, 0.88 - warm, 0.75 - 2 * warm);
    cairo_pattern_add_color_stop_rgb(wall, 0.721, 0.87, 0.74 - warm, 0.57);
    cairo_pattern_add_color_stop_rgb(wall, 1, 0.80, 0.65 - warm, 0.48);
    cairo_set_source(p->cr, wall);
    cairo_paint(p->cr);
    cairo_pattern_destroy(wall);
    cairo_set_source_rgba(p->cr, 0.25, 0.13, 0.05, 0.28);
    ellipse(p->cr, 0.54, 0.86, foot, 0.045);
    cairo_fill(p->cr);
}

static void dots_draw(const struct brush *p, double y, double rx, int count, double size)
{
    for (int i = 0; i < count; i++) {
        double x = (i + 0.5) / count * 2 - 1;

        ellipse(p->cr, 0.5 + rx * x, y - 0.02 * (1 - x * x), size, size);
        cairo_fill(p->cr);
    }
}

static void zigzag_draw(const struct brush *p, double y, int count)
{
    for (int i = 0; i <= count * 2; i++)
        cairo_line_to(p->cr, (double)i / (count * 2), y + (i % 2 ? 0.025 : -0.025));
    cairo_set_line_width(p->cr, 0.012);
    cairo_stroke(p->cr);
}

/* Painted bands within the outline that is the path now. */
static void bands_draw(const struct brush *p, double from, double to)
{
    int bands = 1 + (int)(chance(p, 1) * 2.99);

    cairo_save(p->cr);
    cairo_clip(p->cr);
    for (int i = 0; i < bands; i++) {
        double y = from + (to - from) * (i + 0.6) / bands;

        tone(p, i % 2 ? 0.45 : 1.75, 0.85);
        switch ((int)(chance(p, 10 + (unsigned)i) * 3.99)) {
        case 0: dots_draw(p, y, 0.42, 11 + (int)(chance(p, 3) * 6), 0.014); break;
        case 1: zigzag_draw(p, y, 9 + (int)(chance(p, 4) * 7)); break;
        default:
            cairo_set_line_width(p->cr, 0.012 + 0.02 * chance(p, 5 + (unsigned)i));
            cairo_move_to(p->cr, 0, y - 0.03);
            cairo_curve_to(p->cr, 0.3, y + 0.02, 0.7, y + 0.02, 1, y - 0.03);
            cairo_stroke(p->cr);
        }
    }
    cairo_restore(p->cr);
}

struct outline {
    double radius[4], height[4]; /* lip, neck, belly, foot */
    bool is_open;                /* one looks into it */
    bool is_painted;
};

static const struct outline outlines[SHAPE_VESSELS] = {
    [SHAPE_POT] = { { 0.17, 0.13, 0.33, 0.15 }, { 0.22, 0.32, 0.58, 0.87 }, true, true },
    [SHAPE_JUG] = { { 0.10, 0.07, 0.24, 0.13 }, { 0.14, 0.34, 0.64, 0.87 }, true, true },
    [SHAPE_CUP] = { { 0.21, 0.19, 0.17, 0.13 }, { 0.40, 0.52, 0.70, 0.87 }, true, true },
    [SHAPE_LAMP] = { { 0.32, 0.31, 0.22, 0.12 },
                     { 0.66, 0.70, 0.80, 0.87 },
                     true,
                     false },
    [SHAPE_VASE] = { { 0.16, 0.09, 0.20, 0.14 }, { 0.16, 0.30, 0.60, 0.87 }, true, true },
    [SHAPE_BOTTLE] = { { 0.05, 0.06, 0.15, 0.15 },
                       { 0.16, 0.32, 0.50, 0.87 },
                       false,
                       false },
    [SHAPE_JAR] = { { 0.17, 0.18, 0.21, 0.19 },
                    { 0.32, 0.38, 0.52, 0.87 },
                    false,
                    false },
    [SHAPE_GLASS] = { { 0.16, 0.145, 0.125, 0.11 },
                      { 0.36, 0.50, 0.70, 0.87 },
                      true,
                      false },
};

static void outline_path(cairo_t *cr, const double radius[4], const double height[4])
{
    cairo_move_to(cr, 0.5 + radius[0], height[0]);
    for (int i = 1; i < 4; i++) {
        double half = (height[i] - height[i - 1]) / 2;

        cairo_curve_to(cr, 0.5 + radius[i - 1], height[i - 1] + half, 0.5 + radius[i],
                       height[i] - half, 0.5 + radius[i], height[i]);
    }
    cairo_curve_to(cr, 0.5 + radius[3] / 2, height[3] + 0.03, 0.5 - radius[3] / 2,
                   height[3] + 0.03, 0.5 - radius[3], height[3]);
    for (int i = 2; i >= 0; i--) {
        double half = (height[i + 1] - height[i]) / 2;

        cairo_curve_to(cr, 0.5 - radius[i + 1], height[i + 1] - half, 0.5 - radius[i],
                       height[i] + half, 0.5 - radius[i], height[i]);
    }
    cairo_close_path(cr);
}

static void flame_draw(cairo_t *cr, double y)
{
    cairo_set_source_rgba(cr, 1, 0.8, 0.3, 0.35);
    ellipse(cr, 0.5, y - 0.14, 0.16, 0.2);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 0.98, 0.62, 0.1);
    cairo_move_to(cr, 0.5, y - 0.28);
    cairo_curve_to(cr, 0.60, y - 0.12, 0.56, y, 0.5, y);
    cairo_curve_to(cr, 0.44, y, 0.40, y - 0.12, 0.5, y - 0.28);
    cairo_fill(cr);
    cairo_set_source_rgb(cr, 1, 0.93, 0.6);
    ellipse(cr, 0.5, y - 0.06, 0.022, 0.055);
    cairo_fill(cr);
}

/* A lid and a label, or steam: what makes the plain outline the thing. */
static void vessel_finish(const struct brush *p, enum demo_shape shape,
                          const double radius[4], const double height[4])
{
    cairo_t *cr = p->cr;

    if (shape == SHAPE_BOTTLE || shape == SHAPE_JAR) {
        tone(p, 0.4, 1);
        cairo_rectangle(cr, 0.5 - radius[0] - 0.015, height[0] - 0.06,
                        2 * radius[0] + 0.03, 0.08);
        cairo_fill(cr);
        cairo_set_source_rgb(cr, 0.99, 0.96, 0.88);
        cairo_rectangle(cr, 0.5 - radius[2] * 0.8, 0.56, radius[2] * 1.6, 0.18);
        cairo_fill(cr);
        tone(p, 0.7, 1);
        ellipse(cr, 0.5, 0.65, 0.03 + 0.03 * chance(p, 6), 0.055);
        cairo_fill(cr);
    } else if (shape == SHAPE_LAMP) {
        flame_draw(cr, height[0] + 0.01);
    } else if (shape == SHAPE_GLASS) {
        cairo_set_source_rgba(cr, 1, 1, 1, 0.55);
        cairo_set_line_width(cr, 0.016);
        for (int i = 0; i < 3; i++) {
            double x = 0.42 + 0.08 * i, lean = 0.05 * (chance(p, 20 + (unsigned)i) - 0.5);

            cairo_move_to(cr, x, height[0] - 0.04);
            cairo_curve_to(cr, x + 0.05, height[0] - 0.1, x - 0.05 + lean,
                           height[0] - 0.16, x + lean, height[0] - 0.24);
            cairo_stroke(cr);
        }
    }
}

static void vessel_draw(const struct brush *p, enum demo_shape shape)
{
    struct outline o = outlines[shape];
    cairo_t *cr = p->cr;

    for (unsigned i = 0; i < 4; i++)
        o.radius[i] *= 0.88 + 0.2 * chance(p, 30 + i);
    o.height[2] += 0.08 * (chance(p, 35) - 0.5);
    backdrop_draw(p, o.radius[2] + 0.08);
    outline_path(cr, o.radius, o.height);
    fill_lit(p, 0.5 - o.radius[2], 0.5 + o.radius[2]);
    if (o.is_painted)
        bands_draw(p, o.height[1] + 0.06, o.height[3] - 0.1);
    cairo_new_path(cr);
    if (o.is_open) {
        ellipse(cr, 0.5, o.height[0], o.radius[0], o.radius[0] * 0.22);
        tone(p, 1.25, 1);
        cairo_fill(cr);
        ellipse(cr, 0.5, o.height[0] + 0.004, o.radius[0] * 0.88, o.radius[0] * 0.17);
        tone(p, shape == SHAPE_GLASS ? 0.75 : 0.35, 1);
        cairo_fill(cr);
    }
    vessel_finish(p, shape, o.radius, o.height);
}

static void plate_draw(const struct brush *p)
{
    int petals = 8 + (int)(chance(p, 1) * 9);

    backdrop_draw(p, 0.42);
    ellipse(p->cr, 0.5, 0.55, 0.40, 0.31);
    fill_lit(p, 0.1, 0.9);
    cairo_new_path(p->cr);
    tone(p, 0.75, 1);
    ellipse(p->cr, 0.5, 0.56, 0.29, 0.22);
    cairo_fill(p->cr);
    tone(p, 1.15, 1);
    ellipse(p->cr, 0.5, 0.565, 0.28, 0.21);
    cairo_fill(p->cr);
    tone(p, 0.5, 0.9);
    for (int i = 0; i < petals; i++) {
        double turn = 2 * M_PI * i / petals;

        ellipse(p->cr, 0.5 + 0.345 * cos(turn), 0.555 + 0.265 * sin(turn), 0.018, 0.016);
        cairo_fill(p->cr);
        ellipse(p->cr, 0.5 + 0.12 * cos(turn), 0.565 + 0.09 * sin(turn),
                0.03 * (0.5 + chance(p, 2)), 0.022);
        cairo_fill(p->cr);
    }
}

/* Many small things in a heap, rows getting shorter towards the top. */
static void heap_draw(const struct brush *p, double bottom, double half, double size,
                      int rows)
{
    unsigned k = 100;

    for (int row = 0; row < rows; row++) {
        double width = half * (1 - (double)row / rows);

        for (double x = -width; x <= width; x += size * 1.5, k++) {
            tone(p, 0.75 + 0.7 * chance(p, k), 1);
            ellipse(p->cr, 0.5 + x + size * 0.6 * (chance(p, k + 500) - 0.5),
                    bottom - row * size * 1.1, size * (0.85 + 0.3 * chance(p, k + 900)),
                    size * 0.85);
            cairo_fill(p->cr);
        }
    }
}

static void bowl_draw(const struct brush *p)
{
    struct brush clay = { p->cr, 0.62, 0.36, 0.22, p->seed };

    backdrop_draw(p, 0.33);
    heap_draw(p, 0.60, 0.27, 0.026 + 0.02 * chance(p, 1), 7 + (int)(chance(p, 2) * 3));
    cairo_move_to(p->cr, 0.16, 0.58);
    cairo_curve_to(p->cr, 0.20, 0.80, 0.33, 0.88, 0.5, 0.88);
    cairo_curve_to(p->cr, 0.67, 0.88, 0.80, 0.80, 0.84, 0.58);
    cairo_curve_to(p->cr, 0.66, 0.66, 0.34, 0.66, 0.16, 0.58);
    cairo_close_path(p->cr);
    fill_lit(&clay, 0.16, 0.84);
    bands_draw(&clay, 0.64, 0.82);
    cairo_new_path(p->cr);
}

static void sack_draw(const struct brush *p)
{
    struct brush cloth = { p->cr, 0.80, 0.66, 0.44, p->seed };
    double wide = 0.25 + 0.05 * chance(p, 1);

    backdrop_draw(p, 0.36);
    heap_draw(p, 0.42, wide - 0.04, 0.022 + 0.01 * chance(p, 2), 6);
    cairo_move_to(p->cr, 0.5 - wide, 0.42);
    cairo_curve_to(p->cr, 0.40 - wide, 0.60, 0.42 - wide, 0.80, 0.52 - wide, 0.87);
    cairo_line_to(p->cr, 0.48 + wide, 0.87);
    cairo_curve_to(p->cr, 0.58 + wide, 0.80, 0.60 + wide, 0.60, 0.5 + wide, 0.42);
    cairo_curve_to(p->cr, 0.6, 0.49, 0.4, 0.49, 0.5 - wide, 0.42);
    cairo_close_path(p->cr);
    fill_lit(&cloth, 0.4 - wide, 0.6 + wide);
    cairo_new_path(p->cr);
    tone(&cloth, 0.8, 1);
    cairo_set_line_width(p->cr, 0.035);
    cairo_move_to(p->cr, 0.5 - wide, 0.425);
    cairo_curve_to(p->cr, 0.4, 0.50, 0.6, 0.50, 0.5 + wide, 0.425);
    cairo_stroke(p->cr);
    tone(p, 0.8, 0.9);
    ellipse(p->cr, 0.5, 0.67, 0.09, 0.09);
    cairo_fill(p->cr);
}

static void packet_draw(const struct brush *p)
{
    double wide = 0.19 + 0.06 * chance(p, 1), top = 0.26 + 0.12 * chance(p, 2);

    backdrop_draw(p, wide + 0.08);
    cairo_move_to(p->cr, 0.5 - wide, top);
    for (int i = 1; i <= 16; i++)
        cairo_line_to(p->cr, 0.5 - wide + 2 * wide * i / 16, top - (i % 2 ? 0.015 : 0));
    cairo_curve_to(p->cr, 0.52 + wide, 0.5, 0.52 + wide, 0.7, 0.5 + wide, 0.87);
    cairo_line_to(p->cr, 0.5 - wide, 0.87);
    cairo_curve_to(p->cr, 0.48 - wide, 0.7, 0.48 - wide, 0.5, 0.5 - wide, top);
    cairo_close_path(p->cr);
    fill_lit(p, 0.5 - wide, 0.5 + wide);
    cairo_new_path(p->cr);
    tone(p, 1.8, 1);
    ellipse(p->cr, 0.5, (top + 0.87) / 2, wide * 0.72, 0.13);
    cairo_fill(p->cr);
    tone(p, 0.6, 1);
    heap_draw(p, (top + 0.87) / 2 + 0.04, wide * 0.4, 0.02, 4);
    tone(p, 0.5, 0.6);
    cairo_set_line_width(p->cr, 0.01);
    cairo_move_to(p->cr, 0.5 - wide, top + 0.05);
    cairo_line_to(p->cr, 0.5 + wide, top + 0.05);
    cairo_stroke(p->cr);
}

static void leaf_draw(const struct brush *p)
{
    int leaves = 5 + (int)(chance(p, 1) * 5);

    backdrop_draw(p, 0.3);
    for (int i = 0; i < leaves; i++) {
        double turn = (i - (leaves - 1) / 2.0) * (1.9 / leaves);
        double length = 0.42 + 0.2 * chance(p, 10 + (unsigned)i);

        cairo_save(p->cr);
        cairo_translate(p->cr, 0.5, 0.86);
        cairo_rotate(p->cr, turn);
        cairo_move_to(p->cr, 0, 0);
        cairo_curve_to(p->cr, 0.13, -length * 0.4, 0.1, -length * 0.75, 0, -length);
        cairo_curve_to(p->cr, -0.1, -length * 0.75, -0.13, -length * 0.4, 0, 0);
        fill_lit(p, -0.1, 0.12);
        cairo_new_path(p->cr);
        tone(p, 0.6, 1);
        cairo_set_line_width(p->cr, 0.008);
        cairo_move_to(p->cr, 0, 0);
        cairo_line_to(p->cr, 0, -length * 0.9);
        cairo_stroke(p->cr);
        cairo_restore(p->cr);
    }
}

/* Things as round as an onion, or as a biscuit. */
static void rounds_draw(const struct brush *p)
{
    static const double places[][2] = {
        { 0.34, 0.70 }, { 0.66, 0.70 }, { 0.5, 0.46 }, { 0.5, 0.77 }
    };
    double size = 0.15 + 0.04 * chance(p, 1);

    backdrop_draw(p, 0.4);
    for (unsigned i = 0; i < 4; i++) {
        cairo_t *cr = p->cr;
        double x = places[i][0], y = places[i][1] + 0.03 * (chance(p, 5 + i) - 0.5);

        ellipse(cr, x, y, size, size * (0.85 + 0.15 * chance(p, 2)));
        fill_lit(p, x - size, x + size);
        tone(p, 0.6, 1);
        cairo_set_line_width(cr, 0.006);
        cairo_stroke(cr);
        tone(p, 0.55, 0.8);
        for (unsigned k = 0; k < 7; k++) {
            double turn = 2 * M_PI * k / 7 + chance(p, 40 + i);

            ellipse(cr, x + size * 0.55 * cos(turn), y + size * 0.5 * sin(turn), 0.011,
                    0.011);
            cairo_fill(cr);
        }
    }
}

static void triangle_draw(const struct brush *p)
{
    backdrop_draw(p, 0.4);
    for (int i = 0; i < 3; i++) {
        double x = 0.30 + 0.2 * i, y = i == 1 ? 0.87 : 0.80, tall = 0.36;

        tall += 0.06 * chance(p, 1 + (unsigned)i);
        cairo_move_to(p->cr, x, y - tall);
        cairo_curve_to(p->cr, x + 0.08, y - tall * 0.6, x + 0.17, y - 0.1, x + 0.17,
                       y - 0.02);
        cairo_curve_to(p->cr, x + 0.1, y + 0.02, x - 0.1, y + 0.02, x - 0.17, y - 0.02);
        cairo_curve_to(p->cr, x - 0.17, y - 0.1, x - 0.08, y - tall * 0.6, x, y - tall);
        fill_lit(p, x - 0.17, x + 0.17);
        tone(p, 0.6, 1);
        cairo_set_line_width(p->cr, 0.008);
        cairo_stroke(p->cr);
    }
}

static void block_draw(const struct brush *p)
{
    double wide = 0.26 + 0.07 * chance(p, 1), tall = 0.22 + 0.16 * chance(p, 2);
    double top = 0.87 - tall;

    backdrop_draw(p, wide + 0.1);
    cairo_rectangle(p->cr, 0.46 - wide, top, 2 * wide, tall);
    fill_lit(p, 0.46 - wide, 0.46 + wide);
    bands_draw(p, top, 0.87);
    cairo_new_path(p->cr);
    cairo_move_to(p->cr, 0.46 - wide, top);
    cairo_rel_line_to(p->cr, 0.09, -0.08);
    cairo_rel_line_to(p->cr, 2 * wide, 0);
    cairo_rel_line_to(p->cr, -0.09, 0.08);
    tone(p, 1.4, 1);
    cairo_fill(p->cr);
    cairo_move_to(p->cr, 0.46 + wide, top);
    cairo_rel_line_to(p->cr, 0.09, -0.08);
    cairo_rel_line_to(p->cr, 0, tall);
    cairo_rel_line_to(p->cr, -0.09, 0.08);
    tone(p, 0.5, 1);
    cairo_fill(p->cr);
}

void demo_draw(cairo_t *cr, enum demo_shape shape, unsigned colour, unsigned seed)
{
    struct brush brush = { cr, (colour >> 16 & 255) / 255.0, (colour >> 8 & 255) / 255.0,
                           (colour & 255) / 255.0, seed };
    const struct brush *p = &brush;

    switch (shape) {
    case SHAPE_PLATE: plate_draw(p); break;
    case SHAPE_BOWL: bowl_draw(p); break;
    case SHAPE_SACK: sack_draw(p); break;
    case SHAPE_PACKET: packet_draw(p); break;
    case SHAPE_LEAF: leaf_draw(p); break;
    case SHAPE_ROUNDS: rounds_draw(p); break;
    case SHAPE_TRIANGLE: triangle_draw(p); break;
    case SHAPE_BLOCK: block_draw(p); break;
    default: vessel_draw(p, shape);
    }
}
