/*
 * How an operation of ours reports failure. Any thread; a plain value.
 *
 * Four things must not be mixed (see README, "Errors"): a bug of ours is CHECK(), a failure of ours
 * is a struct result, a peer's fault is an enum close_reason, and "not yet" is a value of the
 * answer.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#include <stdbool.h>

#define ERROR_LIST(X)                                                  \
    X(ERROR_OUT_OF_MEMORY, "out of memory")                            \
    X(ERROR_LIMIT_REACHED, "a configured limit is full")               \
    X(ERROR_BAD_CONFIG, "the configuration is not valid")              \
    X(ERROR_BAD_INPUT, "the input is not valid")                       \
    X(ERROR_NOT_FOUND, "not found")                                    \
    X(ERROR_NOT_PERMITTED, "not permitted")                            \
    X(ERROR_ADDRESS_IN_USE, "the address is in use")                   \
    X(ERROR_ADDRESS_UNAVAILABLE, "the address is not on this machine") \
    X(ERROR_NAME_UNRESOLVED, "the name cannot be resolved")            \
    X(ERROR_NO_RING, "io_uring is not available")                      \
    X(ERROR_TLS_LIBRARY, "the TLS library failed")                     \
    X(ERROR_FILE, "the file cannot be read or written")                \
    X(ERROR_THREAD, "a thread cannot be started")                      \
    X(ERROR_CANCELLED, "it was given up")                              \
    X(ERROR_SYSTEM, "the operating system refused")

#define ERROR_ENUM_ROW(name, text) name,
enum error { ERROR_NONE = 0, ERROR_LIST(ERROR_ENUM_ROW) ERROR_COUNT };

/* nodiscard on the type: every caller of every fallible function must look at it. */
struct [[nodiscard]] result {
    enum error code;
};

#define RESULT_OK ((struct result){ERROR_NONE})

static inline struct result result_failure(enum error code)
{
    return (struct result){code};
}

static inline bool result_is_ok(struct result result)
{
    return result.code == ERROR_NONE;
}

/* Returns a short English sentence without a full stop; never NULL. */
const char *result_text(struct result result);

/* Leaves the function with the callee's error. Not for a function that has a cleanup label. */
#define TRY(call)                            \
    do {                                     \
        struct result try_result = (call);   \
        if (try_result.code != ERROR_NONE) { \
            return try_result;               \
        }                                    \
    } while (0)

#endif
