/* The kinds of faults as rows; see the header. */
#include "fault.h"

#include "base/check.h"

#define FAULT_ROW(name, word, text) [FAULT_##name] = {word, text},
static const struct {
    const char *word;
    const char *text;
} faults[FAULT_COUNT] = {[FAULT_NONE] = {"none", "none"}, FAULT_LIST(FAULT_ROW)};
#undef FAULT_ROW

const char *fault_word(enum fault fault)
{
    CHECK(fault < FAULT_COUNT);
    return faults[fault].word;
}

const char *fault_text(enum fault fault)
{
    CHECK(fault < FAULT_COUNT);
    return faults[fault].text;
}

enum fault fault_of_status(unsigned status, unsigned expected)
{
    if (expected == 0 ? status / 100 == 2 : status == expected) {
        return FAULT_NONE;
    }
    if (status == 400) {
        return FAULT_HTTP_400;
    }
    if (status / 100 == 4) {
        return FAULT_HTTP_4XX;
    }
    return status / 100 == 5 ? FAULT_HTTP_5XX : FAULT_HTTP_OTHER;
}
