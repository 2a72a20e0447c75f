/* What is known of one certificate's revocation, from whom, and how long it counts. The main
 * thread's; belongs to an explanation. */
#ifndef CLI_REVOCATION_EVIDENCE_H
#define CLI_REVOCATION_EVIDENCE_H

#include "ocsp/ocsp_engine.h"

struct revocation_inquiry;

#define REVOCATION_SIGNER_SIZE 1024

/* Zeroed, but for its question, at first; stays where it is while it is pending. */
struct revocation_evidence {
    struct ocsp_question *question;
    bool is_known;    /* state says something */
    bool is_fetched;  /* the responder was asked on behalf of this one */
    bool is_supposed; /* nobody was asked: the failure in state is that of a dead one */
    struct ocsp_state state;
    char signer[REVOCATION_SIGNER_SIZE]; /* of the answer: a name; zero-terminated, printable */
    struct ocsp_ask ask;                 /* the engine's while it is pending */
    struct revocation_inquiry *inquiry;
};

/* How long a gateway goes by an answer; seconds since 1970. */
struct revocation_use {
    int64_t until_seconds;
    int64_t grace_until_seconds; /* while there is no newer one; never sooner */
    bool is_in_grace;            /* it is that which counts now */
    bool is_over;
    bool lacks_nonce; /* the profile wants one, and does not go by it at all */
};

/* Where is asked; empty: nobody is named. Hostile text. */
struct bytes revocation_evidence_url(const struct revocation_evidence *evidence,
                                     const struct ocsp_manner *manner);

/* The answer has come just now; else it was known before. */
bool revocation_evidence_is_new(const struct revocation_evidence *evidence);

/* A responder was asked, and it came to nothing. */
bool revocation_evidence_has_failed(const struct revocation_evidence *evidence);

/* Of evidence with an answer. */
struct revocation_use revocation_evidence_use(const struct revocation_evidence *evidence,
                                              const struct ocsp_manner *manner,
                                              int64_t now_seconds);

#endif
