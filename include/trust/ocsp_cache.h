/*
 * What OCSP responders have answered lately, and which of them failed. Shared by all threads
 * without a lock: any thread finds, one thread alone (the OCSP thread; before it starts, whoever
 * loads the file) writes. Lives from start to end of the gateway, across generations.
 *
 * A record is immutable but for its touch; a newer one replaces it as a whole, and the older is
 * freed when every member of the reclaim domain has passed a quiet point. What is in use is found
 * again by its touch: once a second at most a reader writes the time of its finding.
 *
 * Counts and bytes include what was taken out and waits for quiet points: what the cache keeps
 * alive never exceeds its maxima, not for a moment.
 *
 * A revocation is pushed out for another one alone, where nothing else is left to go: who forgets
 * it may let somebody in.
 */
#ifndef TRUST_OCSP_CACHE_H
#define TRUST_OCSP_CACHE_H

#include <stdatomic.h>

#include "base/reclaim.h"
#include "trust/ocsp_answer.h"

/* How to ask again; plain values, the URL is the question's unless one is given here. */
#define OCSP_URL_SIZE_MAX 512
struct ocsp_manner {
    uint32_t timeout_ms;         /* of the whole fetch */
    uint32_t connect_timeout_ms; /* to one address */
    uint32_t read_timeout_ms;    /* between two reads */
    uint32_t retry_after_ms;     /* a failure is remembered so long */
    uint32_t max_age_ms;         /* an answer is used no longer, whatever its nextUpdate */
    uint32_t stale_grace_ms;     /* and so much longer while it cannot be refreshed */
    bool has_nonce;
    bool is_get;                 /* GET for what is short enough (RFC 6960 A.1), else POST */
    char url[OCSP_URL_SIZE_MAX]; /* zero-terminated; "": where the certificate says */
};

/* What is known of one certificate. Times are seconds since 1970, wall time. */
struct ocsp_state {
    bool has_answer;
    struct ocsp_answer answer; /* the latest that was believed; with has_answer */
    int64_t received_at_seconds;
    enum ocsp_fault failure;   /* of the latest fetch when it came to nothing, else NONE */
    int64_t failed_at_seconds; /* with a failure */
    int64_t retry_at_seconds;  /* of a failure, or of `unknown`: not asked again before */
};

struct ocsp_record {
    struct ocsp_state state;
    struct ocsp_question *question;   /* the record's own */
    struct ocsp_manner manner;        /* of the latest fetch */
    struct bytes response;            /* DER as received, of state.answer; empty without one */
    size_t size_bytes;                /* all of it, the question too */
    _Atomic uint32_t touched_seconds; /* any reader: low bits of the time of its last finding */
    struct ocsp_cache *cache;         /* what it is charged to; NULL before it is put in */
    struct reclaim_node node;
};

struct ocsp_cache;

#define OCSP_CACHE_COUNT_MIN 16

/* An eighth of each is kept free for records on their way out. */
struct ocsp_cache_settings {
    size_t entry_count_max; /* OCSP_CACHE_COUNT_MIN at least */
    size_t size_bytes_max;  /* one record may be a sixteenth of it */
};

/* ERROR_OUT_OF_MEMORY, ERROR_SYSTEM (no random bytes). */
struct result ocsp_cache_create(const struct ocsp_cache_settings *settings,
                                struct ocsp_cache **ret_cache);

/* Accepts NULL. No thread uses it any more, its reclaim domain has been destroyed. */
void ocsp_cache_destroy(struct ocsp_cache *cache);

/* Any awake member: the record of id, good until the thread's next quiet point, or NULL. Touches
 * it. */
const struct ocsp_record *ocsp_cache_find(const struct ocsp_cache *cache, const struct ocsp_id *id,
                                          int64_t now_seconds);

/* The same without a touch, to look at what is there. */
const struct ocsp_record *ocsp_cache_peek(const struct ocsp_cache *cache, const struct ocsp_id *id);

/*
 * A record from its parts: question becomes the record's own also on failure, response is copied.
 * It counts as touched when its answer was received or its fetch failed, whichever is later.
 * ERROR_OUT_OF_MEMORY.
 */
struct result ocsp_record_create(const struct ocsp_state *state, struct ocsp_question *question,
                                 const struct ocsp_manner *manner, struct bytes response,
                                 struct ocsp_record **ret_record);

/* Accepts NULL. One that never was in a cache. */
void ocsp_record_destroy(struct ocsp_record *record);

/* Whether the failure in record counts for who asks in this manner: another responder, or the same
 * one asked otherwise (with a nonce, by GET) or for longer, may do better. */
bool ocsp_record_failure_counts(const struct ocsp_record *record, const struct ocsp_manner *manner);

/*
 * The writer: puts record in for its id (the cache's from now on, also when it finds no room and is
 * freed at once), in the place of an older one, else of a free slot, else of the one that was not
 * touched for longest, revocations last. The touch of the older one goes on, so that a refresh is
 * no use; what is pushed out is chosen by the time that record itself was touched. member is the
 * writer's, awake. False: no room, or only that of revocations; then it is as after
 * ocsp_cache_forgo().
 */
bool ocsp_cache_put(struct ocsp_cache *cache, struct reclaim_member *member,
                    struct ocsp_record *record);

/* The writer: state has been found out about id and cannot be kept. What it outdates is taken out;
 * a failure outdates nothing, and a revocation no other one. */
void ocsp_cache_forgo(struct ocsp_cache *cache, struct reclaim_member *member,
                      const struct ocsp_id *id, const struct ocsp_state *state);

/* The writer. */
void ocsp_cache_remove(struct ocsp_cache *cache, struct reclaim_member *member,
                       const struct ocsp_id *id);

/*
 * Any awake member: walks over what is in the cache. *position starts at 0; NULL at the end. A
 * record is good until the thread's next quiet point; what is put meanwhile may be missed.
 */
const struct ocsp_record *ocsp_cache_next(const struct ocsp_cache *cache, size_t *position);

/*
 * Any thread: raised whenever an answer has come, changed or gone; not by mere failures and
 * touches. What is walked over after it was read is at least as new as it says.
 */
uint64_t ocsp_cache_revision(const struct ocsp_cache *cache);

struct ocsp_cache_usage {
    size_t entry_count;
    size_t size_bytes;
    size_t entry_count_max; /* the settings */
    size_t size_bytes_max;
    uint64_t evicted_count;
    uint64_t rejected_count;
    uint64_t lost_revocation_count; /* pushed out for others, or never kept */
};

/* Any thread; mere figures. */
struct ocsp_cache_usage ocsp_cache_usage(const struct ocsp_cache *cache);

#endif
