/* The words and sentences of what goes wrong on the way to an answer, from the one list in
 * ocsp_answer.h. */
#include "trust/ocsp_answer.h"

#define FAULT_WORD_ROW(name, word, text) [name] = word,
static const char *const words[OCSP_FAULT_COUNT] = {OCSP_FAULT_LIST(FAULT_WORD_ROW)};

#define FAULT_TEXT_ROW(name, word, text) [name] = text,
static const char *const texts[OCSP_FAULT_COUNT] = {OCSP_FAULT_LIST(FAULT_TEXT_ROW)};

const char *ocsp_fault_word(enum ocsp_fault fault)
{
    return words[fault];
}

const char *ocsp_fault_text(enum ocsp_fault fault)
{
    return texts[fault];
}
