/* The words of the engine's counters, for whoever shows them. */
#include "ocsp/ocsp_engine.h"

static const struct {
    const char *word;
    const char *help;
} counters[OCSP_COUNTER_COUNT] = {
#define OCSP_COUNTER_WORDS_ROW(name, word, help) [name] = {word, help},
    OCSP_COUNTER_LIST(OCSP_COUNTER_WORDS_ROW)};

const char *ocsp_counter_word(enum ocsp_counter counter)
{
    return counters[counter].word;
}

const char *ocsp_counter_help(enum ocsp_counter counter)
{
    return counters[counter].help;
}
