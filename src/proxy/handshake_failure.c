/* The words are those of the access log; what is rare there is "other" here. */
#include "proxy/handshake_failure.h"

/* The last one stands for what is not here. */
static const enum close_reason others[HANDSHAKE_FAILURE_OTHER_COUNT - 1] = {
    CLOSE_HANDSHAKE_TIMEOUT, CLOSE_HANDSHAKE_ABORTED, CLOSE_UNRECOGNIZED_NAME,
    CLOSE_OVERLOAD,          CLOSE_DRAINING,
};

size_t handshake_failure_number(enum close_reason reason, enum tls_failure failure)
{
    size_t position = 0;
    if (reason == CLOSE_NOT_TLS) {
        return TLS_FAILURE_NOT_TLS;
    }
    if (reason == CLOSE_HANDSHAKE_FAILED && failure != TLS_FAILURE_NONE) {
        return failure;
    }
    while (position < HANDSHAKE_FAILURE_OTHER_COUNT - 1 && others[position] != reason) {
        position++;
    }
    return TLS_FAILURE_COUNT + position;
}

const char *handshake_failure_word(size_t number)
{
    if (number < TLS_FAILURE_COUNT) {
        return tls_failure_word((enum tls_failure)number);
    }
    return number == HANDSHAKE_FAILURE_COUNT - 1
               ? "other"
               : close_reason_word(others[number - TLS_FAILURE_COUNT]);
}
