/*
 * Making and freeing records of the OCSP cache. Called by the one who writes to the cache, and by
 * whoever destroys it. A record and its response are one allocation.
 */
#include <stdlib.h>

#include "trust/ocsp_cache.h"
#include "trust/ocsp_life.h"

/* What a time limit of a fetch is called, by how far it had come (fetch.c). */
static const bool may_be_of_time[OCSP_FAULT_COUNT] = {
    [OCSP_FAULT_UNRESOLVED] = true,
    [OCSP_FAULT_UNREACHABLE] = true,
    [OCSP_FAULT_TIMEOUT] = true,
};

static uint32_t time_of_fetch(const struct ocsp_state *state)
{
    int64_t received = state->has_answer ? state->received_at_seconds : 0;
    int64_t failed = state->failure != OCSP_FAULT_NONE ? state->failed_at_seconds : 0;
    return (uint32_t)(received > failed ? received : failed);
}

struct result ocsp_record_create(const struct ocsp_state *state, struct ocsp_question *question,
                                 const struct ocsp_manner *manner, struct bytes response,
                                 struct ocsp_record **ret_record)
{
    struct ocsp_record *record = malloc(sizeof(*record) + response.length);
    if (record == NULL) {
        ocsp_question_destroy(question);
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *record = (struct ocsp_record){
        .state = *state,
        .question = question,
        .manner = *manner,
        .response = bytes_from(record + 1, response.length),
        .size_bytes = sizeof(*record) + response.length + question->size_bytes,
        .touched_seconds = time_of_fetch(state),
    };
    if (response.length > 0) {
        memcpy(record + 1, response.at, response.length);
    }
    *ret_record = record;
    return RESULT_OK;
}

static struct bytes url_of(const struct ocsp_record *record, const struct ocsp_manner *manner)
{
    return manner->url[0] != '\0' ? bytes_from_string(manner->url) : record->question->url;
}

bool ocsp_record_failure_counts(const struct ocsp_record *record, const struct ocsp_manner *manner)
{
    if (may_be_of_time[record->state.failure] &&
        !ocsp_life_is_as_patient(&record->manner, manner)) {
        return false;
    }
    return record->manner.has_nonce == manner->has_nonce &&
           record->manner.is_get == manner->is_get &&
           bytes_equal(url_of(record, &record->manner), url_of(record, manner));
}

void ocsp_record_destroy(struct ocsp_record *record)
{
    if (record == NULL) {
        return;
    }
    ocsp_question_destroy(record->question);
    free(record);
}
