/*
 * What the access log says of an answer that is the gateway's own. Any thread; constants.
 */
#ifndef PROXY_ANSWER_WORDS_H
#define PROXY_ANSWER_WORDS_H

#include "http/answer.h"

/* For error_info, in the words of the original. */
const char *answer_words_error_info(enum answer answer);

/* For reason, when nothing finer is known. */
const char *answer_words_reason(enum answer answer);

#endif
