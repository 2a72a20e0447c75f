/*
 * What a gateway would know of certificates' revocation: the file of its OCSP cache, which is read
 * and never written, and the responders, who are asked by the gateway's own engine. The main
 * thread's; whoever opens it owns it.
 *
 * Nobody is asked when that is not wanted, or the question is about another time than now. What is
 * to be asked then counts as asked of a responder that does not answer.
 */
#ifndef CLI_REVOCATION_INQUIRY_H
#define CLI_REVOCATION_INQUIRY_H

#include "config/config.h"
#include "revocation_evidence.h"

/* Why nobody is asked; a row is the enum value, the word for JSON, the words for people. */
/* clang-format off */
#define INQUIRY_SILENCE_LIST(X)                                                                                     \
    X(INQUIRY_ASKS,       "",           "")                                                                         \
    X(INQUIRY_NO_NETWORK, "no_network", "--no-network")                                                             \
    X(INQUIRY_OTHER_TIME, "other_time", "--time: what a responder says now is no evidence of another time")         \
    X(INQUIRY_NO_ENGINE,  "no_engine",  "the OCSP client cannot start here: it needs io_uring and one more thread")
/* clang-format on */

#define INQUIRY_SILENCE_ENUM_ROW(name, word, text) name,
enum inquiry_silence { INQUIRY_SILENCE_LIST(INQUIRY_SILENCE_ENUM_ROW) INQUIRY_SILENCE_COUNT };

struct revocation_inquiry;

struct revocation_inquiry_settings {
    const struct config_gateway *gateway;
    int64_t now_seconds; /* wall time since 1970 at which all is judged */
    bool is_other_time;  /* somebody named it: it is not the time of the call */
    enum inquiry_silence silence;
};

/* A cache file that cannot be read, or is damaged, is told on standard error and done without.
 * ERROR_OUT_OF_MEMORY, ERROR_SYSTEM. */
struct result revocation_inquiry_open(const struct revocation_inquiry_settings *settings,
                                      struct revocation_inquiry **ret_inquiry);

/* Ends the engine. Accepts NULL. Nothing may be pending. */
void revocation_inquiry_close(struct revocation_inquiry *inquiry);

/* Fills in what is known already, and who signed it. */
void revocation_inquiry_look_up(const struct revocation_inquiry *inquiry,
                                struct revocation_evidence *evidence);

/* Asks, without waiting; evidence is pending until revocation_inquiry_wait() returns. Where nobody
 * is asked it has a failure at once. ERROR_OUT_OF_MEMORY. */
struct result revocation_inquiry_ask(struct revocation_inquiry *inquiry,
                                     struct revocation_evidence *evidence,
                                     const struct ocsp_manner *manner);

/* Until all that was asked is answered, which the manner's timeout_ms bounds. */
void revocation_inquiry_wait(struct revocation_inquiry *inquiry);

/* As the settings said, or why it cannot. */
enum inquiry_silence revocation_inquiry_silence(const struct revocation_inquiry *inquiry);

/* Static, never NULL. */
const char *revocation_inquiry_silence_word(enum inquiry_silence silence);
const char *revocation_inquiry_silence_text(enum inquiry_silence silence);

#endif
