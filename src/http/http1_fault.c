/* The faults of HTTP/1 by number, as status and word. */
#include "http/http1_fault.h"
#include "base/check.h"

#define FAULT_ROW(id, status, word) {status, word},

static const struct {
    uint16_t status;
    const char *word;
} faults[HTTP1_FAULT_COUNT] = {{0, "none"}, HTTP1_FAULT_LIST(FAULT_ROW)};

uint16_t http1_fault_status(enum http1_fault fault)
{
    CHECK(fault < HTTP1_FAULT_COUNT);
    return faults[fault].status;
}

const char *http1_fault_word(enum http1_fault fault)
{
    CHECK(fault < HTTP1_FAULT_COUNT);
    return faults[fault].word;
}
