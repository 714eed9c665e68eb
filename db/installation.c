/* One row of counts, each by an index. */
#include "db/installation.h"

#include "db/base/clock.h"

enum db_rc installation_numbers(struct db *db, json_t **row)
{
    return db_row(
        db,
        "SELECT (SELECT count(*) FROM user) AS users,"
        " (SELECT count(*) FROM account) AS accounts,"
        " (SELECT count(*) FROM vendor WHERE state IN ('approved', 'suspended'))"
        "   AS vendors,"
        " (SELECT count(*) FROM vendor WHERE state = 'asked') AS requests,"
        " (SELECT count(*) FROM user WHERE state = 'waiting') AS users_waiting,"
        " (SELECT count(*) FROM job WHERE state IN ('waiting', 'leased')"
        "   AND kind IN ('otp', 'message')) AS sends_waiting,"
        " (SELECT count(*) FROM job WHERE state IN ('waiting', 'leased')"
        "   AND kind NOT IN ('otp', 'message')) AS work_waiting,"
        " (SELECT count(*) FROM job WHERE state = 'failed') AS failed,"
        " (SELECT min(next_ms) FROM job WHERE state IN ('waiting', 'leased')"
        "   AND next_ms <= ?1) AS oldest_ms,"
        " (SELECT max(name) FROM migration) AS migration",
        DB_ARGS(DB_INT(clock_ms())), row);
}
