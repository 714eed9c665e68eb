/* The States and Union Territories of India by their GST codes. For pages their names are
 * texts, "state.27". */
#ifndef GST_STATE_H
#define GST_STATE_H

#include "db/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* The nth of the codes in use, "01" to "38"; NULL after the last. */
const char *gst_state_code(size_t n);

/* The English name, as bills print it; NULL: no such code. */
const char *gst_state_name(const char *code);

bool gst_state_known(const char *code);

/* The State of the first PIN code in an address; NULL when there is none in it. At a few
 * borders the post's districts don't follow the States', so it is a first guess. */
const char *gst_state_of_address(struct arena *a, const char *address);

#endif
