/* See storm_answer.h. No answer is longer than a receive buffer of the gateway, so that a surplus
 * arrives with what it follows. */
#include "storm_answer.h"

#include <stdarg.h>
#include <stdio.h>

static uint64_t random_state;

void storm_answer_seed(uint64_t seed)
{
    random_state = seed * 0x9E3779B97F4A7C15ULL + 1;
}

/* xorshift64*: the seed tells the whole run as far as the peer's timing lets it. */
unsigned long storm_answer_draw(unsigned long below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (unsigned long)((random_state * 2685821657736338717ULL) >> 33) % below;
}

static size_t append(char *answer, size_t length, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(answer + length, STORM_ANSWER_BYTES_MAX - length, format, arguments);
    va_end(arguments);
    return length + (size_t)added;
}

static size_t append_units(char *answer, size_t length, unsigned long number, unsigned long units)
{
    for (unsigned long i = 0; i < units; i++) {
        length = append(answer, length, "%lu.", number);
    }
    return length;
}

static size_t append_chunked(char *answer, unsigned long number, bool is_whole)
{
    size_t length = append(
        answer, 0, "HTTP/1.1 200 OK\r\nX-Number: %lu\r\n%sTransfer-Encoding: chunked\r\n\r\n",
        number, is_whole ? "" : "X-Cut: yes\r\n");
    unsigned long chunks = 1 + storm_answer_draw(4);
    for (unsigned long i = 0; i < chunks; i++) {
        char unit[STORM_ANSWER_BYTES_MAX];
        size_t size = append_units(unit, 0, number, 1 + storm_answer_draw(200));
        length = append(answer, length, "%zx\r\n%s\r\n", size, unit);
    }
    return is_whole ? append(answer, length, "0\r\n\r\n") : length;
}

/* An answer that nobody asked for: whoever gets it was given the wrong one. */
static size_t append_wrong(char *answer, size_t length)
{
    return append(answer, length,
                  "HTTP/1.1 200 OK\r\nX-Number: 0\r\nContent-Length: 6\r\n\r\nwrong.");
}

static size_t append_whole(char *answer, size_t length, unsigned long number, bool is_head_method)
{
    char body[STORM_ANSWER_BYTES_MAX];
    size_t size =
        append_units(body, 0, number, 1 + storm_answer_draw(storm_answer_draw(8) == 0 ? 1500 : 20));
    return append(answer, length,
                  "HTTP/1.1 200 OK\r\nX-Number: %lu\r\nContent-Length: %zu\r\n\r\n%s", number, size,
                  is_head_method ? "" : body);
}

size_t storm_answer_compose(char *answer, unsigned long number, bool is_head_method,
                            enum shape shape)
{
    size_t length = 0;
    switch (shape) {
    case PART_OF_HEAD:
        return append(answer, 0, "HTTP/1.1 200 OK\r\nX-Number: %lu\r\nX-Cut", number);
    case PART_OF_BODY:
        length = append(
            answer, 0,
            "HTTP/1.1 200 OK\r\nX-Number: %lu\r\nX-Cut: yes\r\nContent-Length: 60000\r\n\r\n",
            number);
        return is_head_method ? length
                              : append_units(answer, length, number, storm_answer_draw(1000));
    case PART_OF_CHUNKS:
        return append_chunked(answer, number, false);
    case WHOLE_CHUNKED:
        return is_head_method ? append_whole(answer, 0, number, is_head_method)
                              : append_chunked(answer, number, true);
    case WHOLE_UNTIL_CLOSE:
        length = append(answer, 0, "HTTP/1.1 200 OK\r\nX-Number: %lu\r\nConnection: close\r\n\r\n",
                        number);
        return is_head_method ? length
                              : append_units(answer, length, number, storm_answer_draw(500));
    case WHOLE_WITH_SURPLUS:
        length = append(answer, 0, "HTTP/1.1 200 OK\r\nX-Number: %lu\r\nContent-Length: 0\r\n\r\n",
                        number);
        return append_wrong(answer, length);
    case WHOLE_AFTER_INTERIM:
        length = append(answer, 0, "HTTP/1.1 103 Early Hints\r\nX-Number: %lu\r\n\r\n", number);
        return append_whole(answer, length, number, is_head_method);
    case BODY_WHERE_NONE_MAY_BE:
        length = append(answer, 0, "HTTP/1.1 204 No Content\r\nX-Number: %lu\r\n\r\n", number);
        return append_wrong(answer, length);
    case GARBAGE:
        return append(answer, 0, "\x01\x02 no HTTP at all %lu\r\n\r\n", number);
    case WHOLE:
        return append_whole(answer, 0, number, is_head_method);
    case NOTHING:
    default:
        return 0;
    }
}
