/*
 * The OCSP cache on disk: a file that is written whole beside itself and renamed, so that a crash
 * at any moment leaves the old one or the new one. Loaded by the control thread before any other
 * starts; written by a thread of its own, which delays nobody. What the file says is believed no
 * more than the network: every response is judged anew when it is loaded.
 */
#ifndef OCSP_OCSP_STORE_H
#define OCSP_OCSP_STORE_H

#include "trust/ocsp_cache.h"

struct ocsp_store;

struct ocsp_store_outcome {
    size_t loaded_count;
    size_t expired_count; /* good once, too old now */
    size_t bad_count;     /* damaged stretches; tampered with, good in the future, of another */
};

/*
 * Fills cache from path; the caller is its one writer, member is awake and passes quiet points. A
 * file that is missing is an empty one; one that is bad, in part or whole, loses what is bad only.
 * Failures and `unknown` are not in it; what was answered to a nonce is an answer without
 * (state.answer.has_nonce is false), and no record counts as used since its answer was received.
 * Who was revoked stays so: such an answer comes back when it held at the moment at which it was
 * received, whether that is too long ago now or, by a clock that was set back, still to come.
 * More than the cache can hold is not read. ERROR_FILE (errno set) when the file cannot be read at
 * all, is none, or may be written by others (EPERM); ERROR_OUT_OF_MEMORY.
 */
struct result ocsp_store_load(const char *path, struct ocsp_cache *cache,
                              struct reclaim_member *member, int64_t now_seconds,
                              struct ocsp_store_outcome *ret_outcome);

struct ocsp_store_settings {
    const char *path;
    const struct ocsp_cache *cache;
    struct reclaim *reclaim; /* with room for one member more */
    uint32_t interval_ms;    /* between two writings, when something has changed */
};

/* The folder of path has room for path.new, too. ERROR_OUT_OF_MEMORY, ERROR_THREAD. */
struct result ocsp_store_start(const struct ocsp_store_settings *settings,
                               struct ocsp_store **ret_store);

/* Writes once more, then ends the thread. Accepts NULL. */
void ocsp_store_stop(struct ocsp_store *store);

/* Any thread: writings that failed (a full disk); the cache goes on without. */
uint64_t ocsp_store_failed_count(const struct ocsp_store *store);

#endif
