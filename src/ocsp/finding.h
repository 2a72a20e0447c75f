/*
 * What a fetch has found, judged and put into the OCSP cache: an answer in the place of the older
 * one, or a failure beside it. Called on the OCSP thread at the end of each fetch.
 */
#ifndef OCSP_FINDING_H
#define OCSP_FINDING_H

#include "ocsp/ocsp_engine.h"

struct finding_place {
    const struct ocsp_engine_settings *settings;
    struct ocsp_counters *counters;
    struct reclaim_member *member;
};

struct finding {
    struct ocsp_question *question; /* taken over */
    const struct ocsp_manner *manner;
    enum ocsp_fault fault; /* of the fetch; on return also of the response */
    struct bytes response; /* without a fault; hostile */
    struct bytes nonce;    /* of the request */
    bool is_waited_for;    /* so the certificate is in use */
    bool is_withdrawal;    /* on return: who was let in by what was known may be no longer */
};

/*
 * What is known after it, in the cache too if it has room, goes to *ret_state. OCSP_FAULT_OVERLOAD
 * is our own and not remembered.
 */
void finding_keep(const struct finding_place *place, struct finding *finding, int64_t now_seconds,
                  struct ocsp_state *ret_state);

#endif
