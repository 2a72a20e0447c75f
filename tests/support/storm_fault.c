/* See storm_fault.h. */
#include "storm_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_MYRIAD 10000

/* clang-format off */
static struct fault faults[] = {
    {"reset_at_accept",        AT_ACCEPT,       NOTHING,                RESET,       0, 0},
    {"close_at_accept",        AT_ACCEPT,       NOTHING,                CLOSE,       0, 0},
    {"reset_after_head",       AT_HEAD,         NOTHING,                RESET,       0, 0},
    {"reset_in_request_body",  IN_REQUEST_BODY, NOTHING,                RESET,       0, 0},
    {"reset_after_request",    AT_END,          NOTHING,                RESET,       0, 0},
    {"close_after_request",    AT_END,          NOTHING,                CLOSE,       0, 0},
    {"half_close",             AT_END,          NOTHING,                HALF_CLOSE,  0, 0},
    {"reset_in_answer_head",   AT_END,          PART_OF_HEAD,           RESET,       0, 0},
    {"close_in_answer_head",   AT_END,          PART_OF_HEAD,           CLOSE,       0, 0},
    {"reset_in_answer_body",   AT_END,          PART_OF_BODY,           RESET,       0, 0},
    {"close_in_answer_body",   AT_END,          PART_OF_BODY,           CLOSE,       0, 0},
    {"close_in_chunks",        AT_END,          PART_OF_CHUNKS,         CLOSE,       0, 0},
    {"reset_after_answer",     AT_END,          WHOLE,                  RESET_LATER, 0, 0},
    {"close_after_answer",     AT_END,          WHOLE,                  CLOSE_LATER, 0, 0},
    {"reset_with_answer",      AT_END,          WHOLE,                  RESET,       0, 0},
    {"close_with_answer",      AT_END,          WHOLE,                  CLOSE,       0, 0},
    {"until_close",            AT_END,          WHOLE_UNTIL_CLOSE,      CLOSE,       0, 0},
    {"chunked",                AT_END,          WHOLE_CHUNKED,          KEEP,        0, 0},
    {"surplus",                AT_END,          WHOLE_WITH_SURPLUS,     KEEP,        0, 0},
    {"interim",                AT_END,          WHOLE_AFTER_INTERIM,    KEEP,        0, 0},
    {"bodiless",               AT_END,          BODY_WHERE_NONE_MAY_BE, KEEP,        0, 0},
    {"garbage",                AT_END,          GARBAGE,                KEEP,        0, 0},
    {"early",                  AT_HEAD,         WHOLE,                  KEEP,        0, 0},
    {"early_close",            AT_HEAD,         WHOLE,                  CLOSE,       0, 0},
    {"late",                   AT_END,          WHOLE,                  LATE,        0, 0},
};
/* clang-format on */

#define FAULT_COUNT (sizeof(faults) / sizeof(faults[0]))

static struct fault no_fault = {"", AT_END, WHOLE, KEEP, 0, 0};

static struct fault *find(const char *name, size_t length)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if (strlen(faults[i].name) == length && memcmp(faults[i].name, name, length) == 0) {
            return &faults[i];
        }
    }
    return NULL;
}

bool storm_fault_plan(int count, char **arguments)
{
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(arguments[i], "=");
        struct fault *fault = find(arguments[i], length);
        if (fault == NULL || arguments[i][length] == '\0') {
            return false;
        }
        fault->per_myriad = (unsigned)strtoul(arguments[i] + length + 1, NULL, 10);
    }
    return true;
}

struct fault *storm_fault_draw(bool is_accept)
{
    unsigned long ticket = storm_answer_draw(PER_MYRIAD);
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if ((faults[i].moment == AT_ACCEPT) != is_accept) {
            continue;
        }
        if (ticket < faults[i].per_myriad) {
            return &faults[i];
        }
        ticket -= faults[i].per_myriad;
    }
    return &no_fault;
}

void storm_fault_report(void)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        printf("%s %lu\n", faults[i].name, faults[i].count);
    }
}
