/* The words and sentences of the verdicts, from the one list in verdict.h. */
#include "trust/verdict.h"

#define VERDICT_WORD_ROW(name, word, text) [name] = word,
static const char *const words[VERDICT_REASON_COUNT] = {VERDICT_LIST(VERDICT_WORD_ROW)};

#define VERDICT_TEXT_ROW(name, word, text) [name] = text,
static const char *const texts[VERDICT_REASON_COUNT] = {VERDICT_LIST(VERDICT_TEXT_ROW)};

const char *verdict_word(enum verdict_reason reason)
{
    return words[reason];
}

const char *verdict_text(enum verdict_reason reason)
{
    return texts[reason];
}

struct verdict verdict_for(enum verdict_reason reason)
{
    return (struct verdict){
        .reason = reason,
        .presented_index = reason == VERDICT_NO_CERTIFICATE ? -1 : 0,
        .text = texts[reason],
    };
}

void verdict_append_status(const struct verdict *verdict, struct text *text)
{
    if (verdict->reason == VERDICT_SUCCESS) {
        text_append_string(text, "SUCCESS");
    } else if (verdict->reason == VERDICT_NO_CERTIFICATE) {
        text_append_string(text, "NONE");
    } else {
        text_append_string(text, "FAILED:");
        text_append_string(text, verdict->text);
    }
}
