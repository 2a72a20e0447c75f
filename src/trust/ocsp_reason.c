/* The words of why a certificate was revoked: those of RFC 5280 5.3.1, which operators know from
 * `openssl ocsp`. */
#include "trust/ocsp_answer.h"

const char *ocsp_reason_word(int32_t revocation_reason)
{
    static const char *const words[] = {
        [0] = "unspecified",        [1] = "keyCompromise", [2] = "cACompromise",
        [3] = "affiliationChanged", [4] = "superseded",    [5] = "cessationOfOperation",
        [6] = "certificateHold",    [8] = "removeFromCRL", [9] = "privilegeWithdrawn",
        [10] = "aACompromise",
    };
    bool is_known = revocation_reason >= 0 &&
                    (size_t)revocation_reason < sizeof(words) / sizeof(words[0]) &&
                    words[revocation_reason] != NULL; /* 7 was never given out. */
    return is_known ? words[revocation_reason] : words[0];
}
