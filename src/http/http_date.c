/* Writing dates of HTTP fields; days are counted by hand because strftime() asks the locale. */
#include "http/http_date.h"
#include "base/text.h"

#define SECONDS_A_DAY 86400
/* 9999-12-31 23:59:59 */
#define SECONDS_MAX INT64_C(253402300799)

struct civil_date {
    unsigned year, month, day; /* month and day from 1 */
};

/*
 * Years are counted from March, so that the leap day is the last of its year; eras of 400 years
 * have 146097 days.
 */
static struct civil_date date_of_day(unsigned days_since_1970)
{
    unsigned days = days_since_1970 + 719468; /* from 0000-03-01 */
    unsigned era = days / 146097;
    unsigned day_of_era = days % 146097;
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct civil_date){
        .year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

static void append_two_digits(struct text *text, unsigned number)
{
    text_append_char(text, (char)('0' + number / 10));
    text_append_char(text, (char)('0' + number % 10));
}

struct bytes http_date_write(int64_t wall_seconds, char memory[static HTTP_DATE_BYTES])
{
    static const char week_days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t clamped = wall_seconds < 0 ? 0 : wall_seconds;
    clamped = clamped > SECONDS_MAX ? SECONDS_MAX : clamped;
    unsigned day = (unsigned)(clamped / SECONDS_A_DAY);
    unsigned second = (unsigned)(clamped % SECONDS_A_DAY);
    struct civil_date date = date_of_day(day);
    struct text text = text_over(memory, HTTP_DATE_BYTES);

    text_append(&text, bytes_from(week_days + (size_t)3 * (day % 7), 3));
    text_append(&text, BYTES_OF(", "));
    append_two_digits(&text, date.day);
    text_append_char(&text, ' ');
    text_append(&text, bytes_from(months + (size_t)3 * (date.month - 1), 3));
    text_append_char(&text, ' ');
    append_two_digits(&text, date.year / 100);
    append_two_digits(&text, date.year % 100);
    text_append_char(&text, ' ');
    append_two_digits(&text, second / 3600);
    text_append_char(&text, ':');
    append_two_digits(&text, second / 60 % 60);
    text_append_char(&text, ':');
    append_two_digits(&text, second % 60);
    text_append(&text, BYTES_OF(" GMT"));
    return text_bytes(&text);
}
