/* The words of the engine's counters, for whoever shows them. */
#include "ocsp/ocsp_engine.h"

_Static_assert((int)OCSP_OUTCOME_GOOD == (int)OCSP_GOOD &&
                   (int)OCSP_OUTCOME_REVOKED == (int)OCSP_REVOKED &&
                   (int)OCSP_OUTCOME_UNKNOWN == (int)OCSP_UNKNOWN,
               "an answer's status is its outcome");

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

const char *ocsp_counter_outcome_word(enum ocsp_outcome outcome)
{
    return outcome == OCSP_OUTCOME_FAILED ? "failed" : ocsp_status_word((enum ocsp_status)outcome);
}

const char *ocsp_counter_help(enum ocsp_counter counter)
{
    return counters[counter].help;
}
