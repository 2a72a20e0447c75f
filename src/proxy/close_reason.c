/* Words and sentences of the close reasons, from their one list. */
#include "proxy/close_reason.h"

#define CLOSE_REASON_ROW(name, word, text) [name] = {word, text},
static const struct {
    const char *word;
    const char *text;
} rows[CLOSE_REASON_COUNT] = {[CLOSE_NONE] = {"none", "the connection is open"},
                              CLOSE_REASON_LIST(CLOSE_REASON_ROW)};

const char *close_reason_word(enum close_reason reason)
{
    return rows[reason].word;
}

const char *close_reason_text(enum close_reason reason)
{
    return rows[reason].text;
}
