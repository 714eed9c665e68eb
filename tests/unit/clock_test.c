/* Calendars against dates that are known, and against each other over 400 years. */
#include "db/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void calendar_is(int64_t ms, int zone, const char *expected)
{
    struct calendar c = clock_calendar(ms, zone);
    char text[80];

    snprintf(text, sizeof text, "%d-%02d-%02d %02d:%02d:%02d %d", c.year, c.month, c.day,
             c.hour, c.minute, c.second, c.weekday);
    assert_string_equal(text, expected);
}

static void calendars(void **state)
{
    (void)state;
    calendar_is(0, 0, "1970-01-01 00:00:00 4");
    calendar_is(-1, 0, "1969-12-31 23:59:59 3");
    calendar_is(951782400000, 0, "2000-02-29 00:00:00 2");
    calendar_is(1795345200000, 330, "2026-11-22 16:30:00 0");
    calendar_is(1795345200000, 345, "2026-11-22 16:45:00 0");
    calendar_is(1798741800000, 330, "2027-01-01 00:00:00 5");
    calendar_is(1798741799999, 330, "2026-12-31 23:59:59 4");
    calendar_is(INT64_MAX, 330, "275760-09-13 05:30:00 6");
    calendar_is(INT64_MIN, 0, "-271821-04-20 00:00:00 2");
}

static void every_day(void **state)
{
    int64_t start = clock_day_start(1900, 1, 1, 330);
    int days = 0;

    (void)state;
    for (int64_t ms = start; ms < clock_day_start(2300, 1, 1, 330); ms += CLOCK_DAY) {
        struct calendar c = clock_calendar(ms, 330);

        assert_int_equal(clock_day_start(c.year, c.month, c.day, 330), ms);
        assert_int_equal(c.weekday, (days + 1) % 7); /* 1 January 1900 was a Monday */
        assert_int_equal(c.hour + c.minute + c.second, 0);
        days++;
    }
    assert_int_equal(days, 146097);
}

static void dates(void **state)
{
    static const char *const bad[] = {
        "",           "2026-2-01",  "2026-02-30", "2026-13-01", "2026-00-10",
        "2026-01-00", "2025-02-29", "2026-01-32", "2026/01/01", "2026-01-01x",
        "x026-01-01", "1900-02-29", "2026-01-1",  "-026-01-01"
    };
    int64_t ms = 7;

    (void)state;
    assert_true(clock_parse_date("2026-11-22", 330, &ms));
    assert_int_equal(ms, 1795285800000);
    assert_true(clock_parse_date("2024-02-29", 0, &ms));
    assert_int_equal(ms, 1709164800000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(clock_parse_date(bad[i], 330, &ms));
    assert_int_equal(ms, 1709164800000);
}

static void zones(void **state)
{
    const char *const *zone = clock_zones();

    (void)state;
    assert_string_equal(zone[0], "Asia/Kolkata");
    assert_int_equal(clock_zone_minutes("Asia/Kolkata"), 330);
    assert_int_equal(clock_zone_minutes("Asia/Kathmandu"), 345);
    assert_int_equal(clock_zone_minutes("UTC"), 0);
    assert_int_equal(clock_zone_minutes("Europe/Berlin"), 330);
    assert_int_equal(clock_zone_minutes(NULL), 330);
    for (; *zone; zone++)
        assert_in_range(clock_zone_minutes(*zone), 0, 480);
}

static void financial_years(void **state)
{
    (void)state;
    assert_int_equal(clock_financial_year(clock_day_start(2026, 4, 1, 330)), 2026);
    assert_int_equal(clock_financial_year(clock_day_start(2026, 4, 1, 330) - 1), 2025);
    assert_int_equal(clock_financial_year(clock_day_start(2027, 1, 15, 330)), 2026);
}

static void now(void **state)
{
    char name[] = "/tmp/clock_test.XXXXXX";
    int fd = mkstemp(name);
    int64_t steady = clock_steady_ms();

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1795345200000\n", 14), 14);
    close(fd);
    assert_true(clock_ms() > 1700000000000);
    setenv("INVICHAT_CLOCK", name, 1);
#ifdef INVICHAT_TEST_CLOCK
    assert_int_equal(clock_ms(), 1795345200000);
    unlink(name);
#else
    unlink(name);
    assert_true(clock_ms() != 1795345200000);
#endif
    assert_true(clock_ms() > 1700000000000);
    unsetenv("INVICHAT_CLOCK");
    assert_true(clock_steady_ms() >= steady);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "SYS-4 calendars of a zone", calendars, NULL, NULL, NULL },
        { "SYS-4 every day of 400 years", every_day, NULL, NULL, NULL },
        { "SYS-4 dates as forms send them", dates, NULL, NULL, NULL },
        { "SYS-4 zones without summer time", zones, NULL, NULL, NULL },
        { "SYS-4 the Indian financial year begins on 1 April", financial_years, NULL,
          NULL, NULL },
        { "SYS-4 the time, and the file that sets it in tests", now, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
