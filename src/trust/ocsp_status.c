/* The words of what a responder says of a certificate. */
#include "trust/ocsp_answer.h"

const char *ocsp_status_word(enum ocsp_status status)
{
    static const char *const words[] = {
        [OCSP_GOOD] = "good",
        [OCSP_REVOKED] = "revoked",
        [OCSP_UNKNOWN] = "unknown",
    };
    return words[status];
}
