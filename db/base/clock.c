/* Days are counted with years that begin in March, so that the leap day is a year's last;
 * 400 years have 146097 days. India has had no summer time since 1945, and so have the
 * zones below: one offset each is their whole rule. */
#include "clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INDIA_MINUTES = 330 };

/* Beyond this (about 270,000 years) numbers are no times, only input. */
#define CLOCK_MOST ((int64_t)8640000000000000)

#define ZONES(ZONE)                                                                      \
    ZONE("Asia/Kolkata", 330)                                                            \
    ZONE("Asia/Kathmandu", 345)                                                          \
    ZONE("Asia/Dhaka", 360)                                                              \
    ZONE("Asia/Thimphu", 360)                                                            \
    ZONE("Asia/Colombo", 330)                                                            \
    ZONE("Indian/Maldives", 300)                                                         \
    ZONE("Asia/Dubai", 240)                                                              \
    ZONE("Asia/Muscat", 240)                                                             \
    ZONE("Asia/Qatar", 180)                                                              \
    ZONE("Asia/Bahrain", 180)                                                            \
    ZONE("Asia/Kuwait", 180)                                                             \
    ZONE("Asia/Riyadh", 180)                                                             \
    ZONE("Asia/Singapore", 480)                                                          \
    ZONE("UTC", 0)

#define ZONE_NAME(name, minutes) name,
#define ZONE_MINUTES(name, minutes) minutes,

static const char *const zone_names[] = { ZONES(ZONE_NAME) NULL };
static const int zone_minutes[] = { ZONES(ZONE_MINUTES) };

static int64_t clock_read(clockid_t clock, int64_t per_second)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * per_second + t.tv_nsec / (1000000000 / per_second);
}

#ifdef INVICHAT_TEST_CLOCK
static int64_t clock_file(const char *name)
{
    FILE *f = fopen(name, "re");
    long long ms = 0;
    int found = 0;

    if (f) {
        found = fscanf(f, "%lld", &ms);
        fclose(f);
    }
    return found == 1 ? ms : -1;
}
#endif

int64_t clock_ms(void)
{
#ifdef INVICHAT_TEST_CLOCK
    const char *name = getenv("INVICHAT_CLOCK");
    int64_t ms = name ? clock_file(name) : -1;

    if (ms >= 0)
        return ms;
#endif
    return clock_read(CLOCK_REALTIME, 1000);
}

int64_t clock_steady_ms(void)
{
    return clock_read(CLOCK_MONOTONIC, 1000);
}

int64_t clock_steady_us(void)
{
    return clock_read(CLOCK_MONOTONIC, 1000000);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days from 1970-01-01 to the day. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t era, of_year;
    int since_march = (month + 9) % 12;

    year -= month <= 2;
    era = floor_div(year, 400);
    year -= era * 400;
    of_year = (153 * since_march + 2) / 5 + day - 1;
    return era * 146097 + year * 365 + year / 4 - year / 100 + of_year - 719468;
}

static void date_of(int64_t days, struct calendar *c)
{
    int64_t era, of_era, year, of_year, since_march;

    days += 719468;
    era = floor_div(days, 146097);
    of_era = days - era * 146097;
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (year * 365 + year / 4 - year / 100);
    since_march = (5 * of_year + 2) / 153;
    c->day = (int)(of_year - (153 * since_march + 2) / 5 + 1);
    c->month = (int)(since_march < 10 ? since_march + 3 : since_march - 9);
    c->year = (int)(year + era * 400 + (c->month <= 2));
}

struct calendar clock_calendar(int64_t ms, int zone)
{
    struct calendar c;
    int64_t days;
    int second;

    ms = ms > CLOCK_MOST ? CLOCK_MOST : ms < -CLOCK_MOST ? -CLOCK_MOST : ms;
    ms += (int64_t)zone * CLOCK_MINUTE;
    days = floor_div(ms, CLOCK_DAY);
    second = (int)((ms - days * CLOCK_DAY) / CLOCK_SECOND);
    date_of(days, &c);
    c.weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
    c.hour = second / 3600;
    c.minute = second / 60 % 60;
    c.second = second % 60;
    return c;
}

int64_t clock_day_start(int year, int month, int day, int zone)
{
    return days_of(year, month, day) * CLOCK_DAY - (int64_t)zone * CLOCK_MINUTE;
}

bool clock_parse_date(const char *s, int zone, int64_t *ms)
{
    int year, month, day;
    struct calendar back;

    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? s[i] != '-' : !isdigit((unsigned char)s[i]))
            return false;
    if (s[10])
        return false;
    year = (int)strtol(s, NULL, 10);
    month = (int)strtol(s + 5, NULL, 10);
    day = (int)strtol(s + 8, NULL, 10);
    if (month < 1 || month > 12 || day < 1)
        return false;
    date_of(days_of(year, month, day), &back);
    if (back.day != day)
        return false;
    *ms = clock_day_start(year, month, day, zone);
    return true;
}

int clock_zone_minutes(const char *zone)
{
    for (size_t i = 0; zone && zone_names[i]; i++)
        if (strcmp(zone_names[i], zone) == 0)
            return zone_minutes[i];
    return INDIA_MINUTES;
}

const char *const *clock_zones(void)
{
    return zone_names;
}

bool clock_zone_known(const char *zone)
{
    for (size_t i = 0; zone_names[i]; i++)
        if (strcmp(zone_names[i], zone) == 0)
            return true;
    return false;
}

int clock_financial_year(int64_t ms)
{
    struct calendar c = clock_calendar(ms, INDIA_MINUTES);

    return c.month >= 4 ? c.year : c.year - 1;
}
