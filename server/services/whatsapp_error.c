/* One table, the first row that fits counts. Meta says to decide on the code, not on the
 * status or the words. */
#include "server/services/whatsapp_error.h"

#include "db/base/clock.h"

static const struct row {
    int from, to;
    enum send_rc rc;
    int64_t wait_ms;
    bool is_alert;
} rows[] = {
    { 0, 0, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },     /* no token */
    { 190, 190, SEND_OUTAGE, 5 * CLOCK_MINUTE, true }, /* token expired */
    { 3, 3, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },     /* not permitted */
    { 10, 10, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },
    { 200, 299, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },
    { 131005, 131005, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },
    { 131042, 131042, SEND_OUTAGE, 5 * CLOCK_MINUTE, true }, /* bill not paid */
    { 131045, 131045, SEND_OUTAGE, 5 * CLOCK_MINUTE, true }, /* number not registered */
    { 133010, 133016, SEND_OUTAGE, 5 * CLOCK_MINUTE, true },
    { 368, 368, SEND_OUTAGE, 60 * CLOCK_MINUTE, true },       /* blocked for a policy */
    { 131031, 131031, SEND_OUTAGE, 60 * CLOCK_MINUTE, true }, /* account locked */
    { 4, 4, SEND_OUTAGE, CLOCK_MINUTE, false },               /* rate limits of all */
    { 80007, 80007, SEND_OUTAGE, CLOCK_MINUTE, false },
    { 130429, 130429, SEND_OUTAGE, 10 * CLOCK_SECOND, false },
    { 2, 2, SEND_OUTAGE, 0, false }, /* down for a while */
    { 131016, 131016, SEND_OUTAGE, 0, false },
    { 131057, 131057, SEND_OUTAGE, 0, false },
    { 1, 1, SEND_RETRY, 0, false },
    { 131000, 131000, SEND_RETRY, 0, false },
    { 131056, 131056, SEND_RETRY, -1, false },              /* too many to this one */
    { 131048, 131049, SEND_RETRY, 24 * CLOCK_HOUR, false }, /* spam, engagement */
    { 131064, 131064, SEND_RETRY, 24 * CLOCK_HOUR, false },
    { 131026, 131026, SEND_FAILED, 0, false }, /* not on WhatsApp */
    { 131047, 131047, SEND_FAILED, 0, false }, /* older than 24 hours */
    { 131050, 131053, SEND_FAILED, 0, false },
    { 130403, 130403, SEND_FAILED, 0, false },
    { 130472, 130472, SEND_FAILED, 0, false },
    { 131021, 131021, SEND_FAILED, 0, false },
    { 131030, 131030, SEND_FAILED, 0, false },
    { 131008, 131009, SEND_FAILED, 0, false }, /* our mistake */
    { 100, 100, SEND_FAILED, 0, false },
    { 132000, 132999, SEND_FAILED, 0, true }, /* the template */
};

/* Meta asks for 4^X seconds between tries to the same number. */
static int64_t pair_wait(int64_t tries)
{
    int64_t wait = CLOCK_SECOND;

    for (int64_t i = 0; i < tries && wait < CLOCK_HOUR; i++)
        wait *= 4;
    return wait < CLOCK_HOUR ? wait : CLOCK_HOUR;
}

/* Refused for what is in the message, not for whom it is for. */
static bool is_of_message(int64_t code)
{
    return code == 100 || (code >= 131008 && code <= 131009) ||
           (code >= 131051 && code <= 131053) || (code >= 132000 && code <= 132999);
}

enum send_rc whatsapp_error(int64_t code, long status, int64_t tries,
                            struct send_result *result)
{
    result->is_aside = is_of_message(code);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (code >= rows[i].from && code <= rows[i].to) {
            result->wait_ms = rows[i].wait_ms < 0 ? pair_wait(tries) : rows[i].wait_ms;
            result->is_alert = rows[i].is_alert;
            return rows[i].rc;
        }
    result->wait_ms = 0;
    result->is_alert = status == 401 || status == 403;
    if (status >= 400 && status < 500 && status != 408 && status != 429 &&
        !result->is_alert)
        return SEND_FAILED;
    return SEND_OUTAGE;
}
