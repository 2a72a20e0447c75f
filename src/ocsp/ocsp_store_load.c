/*
 * Reading the OCSP cache's file. Called once, by the control thread, before any other starts.
 *
 * Nothing in the file is believed: a record is bound to its certificate by the id that is made of
 * its issuer and serial number anew, and its response is judged as if it had just come; one that
 * has revoked may also be of another time. That of a request with a nonce counts as one without:
 * the nonce is gone, and nothing proves any more that the response was made for us. Who wants one
 * asks again.
 */
#include "ocsp_store_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_content.h"
#include "ocsp_store_file.h"
#include "trust/ocsp_life.h"

struct loading {
    struct ocsp_cache *cache;
    struct reclaim_member *member;
    int64_t now_seconds;
    struct ocsp_store_outcome outcome;
};

static const struct bytes no_nonce;

/* As a response to a request without a nonce that comes now. */
static enum ocsp_fault judge_now(const struct loading *loading, const struct ocsp_store_item *item,
                                 const struct ocsp_question *question, struct ocsp_state *state)
{
    if (item->received_at_seconds > loading->now_seconds) {
        return OCSP_FAULT_NOT_YET_VALID;
    }
    enum ocsp_fault fault = ocsp_response_judge(item->response, question, no_nonce,
                                                loading->now_seconds, &state->answer);
    /* No grace on top: that is for an answer that was good when its refresh failed. */
    if (fault == OCSP_FAULT_NONE &&
        !ocsp_life_is_current(state, item->manner.max_age_ms, loading->now_seconds)) {
        fault = OCSP_FAULT_EXPIRED;
    }
    return fault;
}

/*
 * A revocation does not pass with its answer, nor with its signer's certificate, nor because the
 * clock has not yet been set: what held when it came is enough. By that moment, which nobody has
 * signed, an old response could only keep somebody out.
 */
static bool has_revoked(const struct ocsp_store_item *item, const struct ocsp_question *question,
                        struct ocsp_state *state)
{
    return ocsp_response_judge(item->response, question, no_nonce, item->received_at_seconds,
                               &state->answer) == OCSP_FAULT_NONE &&
           state->answer.status == OCSP_REVOKED;
}

static enum ocsp_fault judge(const struct loading *loading, const struct ocsp_store_item *item,
                             const struct ocsp_question *question, struct ocsp_state *ret_state)
{
    struct ocsp_state state = {.has_answer = true,
                               .received_at_seconds = item->received_at_seconds};
    enum ocsp_fault fault = judge_now(loading, item, question, &state);
    if (fault != OCSP_FAULT_NONE && !has_revoked(item, question, &state)) {
        return fault;
    }
    state.answer.has_nonce = false;
    *ret_state = state;
    return OCSP_FAULT_NONE;
}

static int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void set_touch(struct ocsp_record *record, int64_t at_seconds)
{
    /* Relaxed: no other thread is there yet. */
    atomic_store_explicit(&record->touched_seconds, (uint32_t)at_seconds, memory_order_relaxed);
}

/* question becomes the record's own, also on failure. */
static struct result put(struct loading *loading, const struct ocsp_store_item *item,
                         struct ocsp_question *question, const struct ocsp_state *state)
{
    struct ocsp_record *record;
    TRY(ocsp_record_create(state, question, &item->manner, item->response, &record));
    set_touch(record, loading->now_seconds); /* it is now that others may be pushed out for it */
    if (ocsp_cache_put(loading->cache, loading->member, record)) {
        /* A restart is no use: else all that is old would be fetched anew at the start. */
        set_touch(record, lower(item->received_at_seconds, loading->now_seconds) - 1);
        loading->outcome.loaded_count++;
    }
    reclaim_quiet(loading->member);
    return RESULT_OK;
}

static struct result load_item(struct loading *loading, const struct ocsp_store_item *item)
{
    struct ocsp_question *question;
    struct ocsp_state state;
    struct result result = ocsp_question_restore(item->serial, item->issuer, item->url, &question);
    if (!result_is_ok(result)) {
        loading->outcome.bad_count += result.code != ERROR_OUT_OF_MEMORY;
        return result.code == ERROR_OUT_OF_MEMORY ? result : RESULT_OK;
    }
    enum ocsp_fault fault = judge(loading, item, question, &state);
    if (fault != OCSP_FAULT_NONE) {
        loading->outcome.expired_count += fault == OCSP_FAULT_EXPIRED;
        loading->outcome.bad_count += fault != OCSP_FAULT_EXPIRED;
        ocsp_question_destroy(question);
        return RESULT_OK;
    }
    return put(loading, item, question, &state);
}

static struct result load_all(struct loading *loading, struct bytes file)
{
    struct ocsp_store_file_reader reader = ocsp_store_file_reader_over(file);
    size_t count_max = ocsp_cache_usage(loading->cache).entry_count_max;
    struct ocsp_store_item item;
    /* What is more than the cache can hold is not looked at: signatures cost time. */
    while (reader.record_count < count_max) {
        enum ocsp_store_piece piece = ocsp_store_file_next(&reader, &item);
        if (piece == OCSP_STORE_END) {
            break;
        }
        if (piece == OCSP_STORE_RECORD) {
            TRY(load_item(loading, &item));
        } else {
            loading->outcome.bad_count++;
        }
    }
    return RESULT_OK;
}

struct result ocsp_store_load_bytes(struct bytes file, struct ocsp_cache *cache,
                                    struct reclaim_member *member, int64_t now_seconds,
                                    struct ocsp_store_outcome *ret_outcome)
{
    struct loading loading = {.cache = cache, .member = member, .now_seconds = now_seconds};
    TRY(load_all(&loading, file));
    *ret_outcome = loading.outcome;
    return RESULT_OK;
}

/* What is wrong with the file as such, as an errno; 0: nothing. */
static int find_fault(int descriptor, struct stat *ret_status)
{
    if (fstat(descriptor, ret_status) != 0) {
        return errno;
    }
    if (!S_ISREG(ret_status->st_mode)) {
        return EINVAL;
    }
    /* Ours has mode 0600. Others could put an older answer in, which holds as well. */
    return (ret_status->st_mode & (S_IWGRP | S_IWOTH)) != 0 ? EPERM : 0;
}

/* The file is never larger than what it was made of; what is past that is cut off. */
static struct result read_file(int descriptor, size_t size_max, uint8_t **ret_buffer,
                               size_t *ret_length)
{
    struct stat status;
    int fault = find_fault(descriptor, &status);
    if (fault != 0) {
        errno = fault;
        return result_failure(ERROR_FILE);
    }
    size_t size = (uint64_t)status.st_size < size_max ? (size_t)status.st_size : size_max;
    uint8_t *buffer = malloc(size + 1); /* may be empty */
    if (buffer == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!file_content_read(descriptor, buffer, size, ret_length)) {
        int reason = errno;
        free(buffer);
        errno = reason;
        return result_failure(ERROR_FILE);
    }
    *ret_buffer = buffer;
    return RESULT_OK;
}

struct result ocsp_store_load(const char *path, struct ocsp_cache *cache,
                              struct reclaim_member *member, int64_t now_seconds,
                              struct ocsp_store_outcome *ret_outcome)
{
    uint8_t *buffer = NULL;
    size_t length = 0;
    /* O_NONBLOCK: a FIFO in the place of a file must not stop the program. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0 && errno == ENOENT) {
        *ret_outcome = (struct ocsp_store_outcome){0};
        return RESULT_OK;
    }
    if (descriptor < 0) {
        return result_failure(ERROR_FILE);
    }
    struct result result =
        read_file(descriptor, ocsp_cache_usage(cache).size_bytes_max, &buffer, &length);
    int reason = errno;
    (void)close(descriptor);
    errno = reason;
    if (!result_is_ok(result)) {
        return result;
    }
    result =
        ocsp_store_load_bytes(bytes_from(buffer, length), cache, member, now_seconds, ret_outcome);
    free(buffer);
    return result;
}
