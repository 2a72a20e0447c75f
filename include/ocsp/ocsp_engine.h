/*
 * The thread that asks OCSP responders: one ring, all fetches in flight, the writing side of the
 * OCSP cache. Workers ask by message and are answered by message; nobody waits but the connection
 * in question.
 *
 * One fetch at a time for a certificate, however many ask; failures are remembered; answers that
 * are in use are fetched anew at 80 % of their life. Created, started and stopped by the control
 * thread; asked by any thread.
 */
#ifndef OCSP_OCSP_ENGINE_H
#define OCSP_OCSP_ENGINE_H

#include "base/histogram.h"
#include "base/label_table.h"
#include "net/mailbox.h"
#include "trust/ocsp_cache.h"

/* clang-format off */
#define OCSP_COUNTER_LIST(X)                                                                                   \
    X(OCSP_COUNTER_ASKED,      "ocsp_asked",      "questions of workers")                                      \
    X(OCSP_COUNTER_JOINED,     "ocsp_joined",     "questions that found a fetch for their certificate under way") \
    X(OCSP_COUNTER_FETCHES,    "ocsp_fetches",    "requests sent to responders")                               \
    X(OCSP_COUNTER_REFRESHES,  "ocsp_refreshes",  "of them: ahead of the end of an answer in use")             \
    X(OCSP_COUNTER_GOOD,       "ocsp_good",       "answers: good")                                             \
    X(OCSP_COUNTER_REVOKED,    "ocsp_revoked",    "answers: revoked")                                          \
    X(OCSP_COUNTER_UNKNOWN,    "ocsp_unknown",    "answers: unknown")                                          \
    X(OCSP_COUNTER_FAILED,     "ocsp_failed",     "fetches that came to nothing")                              \
    X(OCSP_COUNTER_CONNECTS,   "ocsp_connects",   "connections made to responders")                            \
    X(OCSP_COUNTER_WITHDRAWN,  "ocsp_withdrawn",  "answers that ended what a client may have been let in by")
/* clang-format on */

#define OCSP_COUNTER_ENUM_ROW(name, word, help) name,
enum ocsp_counter { OCSP_COUNTER_LIST(OCSP_COUNTER_ENUM_ROW) OCSP_COUNTER_COUNT };

/* What a fetch came to: what the responder says, or nothing that can be believed. */
enum ocsp_outcome {
    OCSP_OUTCOME_GOOD,
    OCSP_OUTCOME_REVOKED,
    OCSP_OUTCOME_UNKNOWN,
    OCSP_OUTCOME_FAILED,
    OCSP_OUTCOME_COUNT,
};

struct ocsp_responder_counters {
    _Atomic uint64_t outcomes[OCSP_OUTCOME_COUNT];
    struct histogram times; /* from a fetch's turn to its end */
};

/* The engine's thread writes, any thread reads. */
struct ocsp_counters {
    _Atomic uint64_t values[OCSP_COUNTER_COUNT];
    _Atomic uint64_t faults[OCSP_FAULT_COUNT]; /* of OCSP_COUNTER_FAILED, by fault */
    struct label_table responder_labels;       /* host:port, the first LABEL_OTHER of them */
    struct ocsp_responder_counters responders[LABEL_COUNT_MAX];
};

struct ocsp_engine;

struct ocsp_engine_settings {
    struct ocsp_cache *cache;
    struct reclaim *reclaim;     /* with room for one member more */
    uint32_t inflight_max;       /* fetches at once, of one responder (host and port) */
    uint32_t question_count_max; /* that wait at once, all responders together */
    void *owner;                 /* of the calls below, which come on the engine's thread */
    /* Certificates that may have been let in, as they were not known to be out, are out now; once a
     * turn of the engine at most, for whoever is told has much to look through. The member is the
     * engine's, awake. NULL: not wanted. */
    void (*withdrawn)(void *owner, struct reclaim_member *member, const struct ocsp_id *ids,
                      size_t count);
    /* Once a change, not once a fetch: a responder has begun to fail, or answers again. One line,
     * printable ASCII. NULL: not wanted. */
    void (*report)(void *owner, const char *line);
};

/*
 * A question and, in the end, its answer. In an allocation of the asker's; the engine's from
 * ocsp_engine_ask() until `answered`, which comes once for each, on the thread of answer_to, and
 * gives it back. The state is what the fetch has found, also when the cache had no room for it.
 */
struct ocsp_ask {
    struct letter letter;
    struct ocsp_question *question; /* the engine's with ocsp_engine_ask(); NULL when answered */
    struct ocsp_manner manner;
    struct mailbox *answer_to;
    void (*answered)(struct ocsp_ask *ask);
    struct ocsp_id id;          /* of the question; set by the asker */
    struct ocsp_state state;    /* with `answered` */
    struct ocsp_engine *engine; /* the engine's own */
};

/* ERROR_OUT_OF_MEMORY, ERROR_NO_RING, ERROR_THREAD, ERROR_SYSTEM. */
struct result ocsp_engine_start(const struct ocsp_engine_settings *settings,
                                struct ocsp_engine **ret_engine);

/* Any thread, never waits. Every ask is answered, at the latest when its manner's timeout_ms has
 * passed, at once after ocsp_engine_shut(). */
void ocsp_engine_ask(struct ocsp_engine *engine, struct ocsp_ask *ask);

struct ocsp_engine_wishes {
    const struct ocsp_question *const *questions; /* the gateway's own certificates */
    size_t question_count;
    const struct ocsp_manner *manner; /* of asking about them */
    /* Of asking about clients. */
    const struct ocsp_manner *const *clients_manners;
    size_t clients_manner_count;
};

/*
 * What a generation wants, copied: its own certificates are in use whether anybody finds them or
 * not, fetched now and kept fresh until the next call, which replaces all wishes. Clients' are
 * fetched anew only at responders that one of their manners has (another's answer counts until its
 * end), and as that manner says; before the first call as they were asked about last.
 * ERROR_OUT_OF_MEMORY; then the wishes stay as they were.
 */
struct result ocsp_engine_keep(struct ocsp_engine *engine, const struct ocsp_engine_wishes *wishes);

/* Answers everything that waits, and all that is asked from now on, as it can be answered at once.
 */
void ocsp_engine_shut(struct ocsp_engine *engine);

/* Nobody asks any more, and whoever asked still takes letters. Ends the thread. Accepts NULL. */
void ocsp_engine_stop(struct ocsp_engine *engine);

const struct ocsp_counters *ocsp_engine_counters(const struct ocsp_engine *engine);
const char *ocsp_counter_word(enum ocsp_counter counter);
const char *ocsp_counter_help(enum ocsp_counter counter);
const char *ocsp_counter_outcome_word(enum ocsp_outcome outcome);

#endif
