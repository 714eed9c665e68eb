/* The time: UTC milliseconds since 1970, and calendars of zones without summer time. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_SECOND = 1000, CLOCK_MINUTE = 60 * 1000, CLOCK_HOUR = 60 * 60 * 1000 };
#define CLOCK_DAY (24 * (int64_t)CLOCK_HOUR)

/* Now. In builds for tests (INVICHAT_TEST_CLOCK) read from the file INVICHAT_CLOCK names. */
int64_t clock_ms(void);

/* Time that only goes forward, for measuring and waiting. */
int64_t clock_steady_ms(void);
int64_t clock_steady_us(void);

struct calendar {
    int year, month, day;      /* 2026, 1-12, 1-31 */
    int weekday;               /* 0 Sunday */
    int hour, minute, second;
};

struct calendar clock_calendar(int64_t ms, int zone_minutes);

/* The UTC millisecond at which the day year-month-day begins in the zone. */
int64_t clock_day_start(int year, int month, int day, int zone_minutes);

/* "2026-11-22" -> the day's start in the zone; false when there is no such day. */
bool clock_parse_date(const char *s, int zone_minutes, int64_t *ms);

/* A zone's minutes east of UTC ("Asia/Kolkata" -> 330), for the zones without summer time
 * that clock_zones() names; any other is Asia/Kolkata. */
int clock_zone_minutes(const char *zone);

/* The known zones' names, NULL-terminated; whether it is one of them. */
const char *const *clock_zones(void);
bool clock_zone_known(const char *zone);

/* Start of the Indian financial year (1 April) that `ms` falls in, e.g. 2026 for 2026-27. */
int clock_financial_year(int64_t ms);

#endif
