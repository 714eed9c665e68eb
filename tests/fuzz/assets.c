/* No files are embedded in a fuzzer. */
#include "db/base/asset.h"

const struct asset asset_table[1] = { { "", "", 0 } };
const size_t asset_count = 0;
