/*
 * A small OCSP side of a gateway for the time of one command: a cache, filled from the file, and
 * with the first question an engine, whose answers come to a ring of our own. Called by
 * command_explain.c and explanation_revocation.c.
 */
#include "revocation_inquiry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "ocsp/ocsp_store.h"
#include "terminal.h"
#include "trust/ocsp_life.h"

#define RECEIVE_BUFFER_COUNT 1 /* only a mailbox reads from our ring */
#define TURN_LIMIT_MS        1000
#define QUESTION_COUNT_MAX   65536

/* This thread and the engine's. */
#define MEMBER_COUNT 2

struct revocation_inquiry {
    struct revocation_inquiry_settings settings;
    struct reclaim *reclaim;
    struct reclaim_member *member; /* asleep but while the cache is looked at */
    struct ocsp_cache *cache;
    struct ocsp_engine *engine; /* NULL before the first question */
    struct ring *ring;
    struct mailbox mailbox; /* open when the engine runs */
    size_t pending_count;
    bool is_past; /* the time in question, when the file was read */
};

#define SILENCE_WORD_ROW(name, word, text) [name] = word,
#define SILENCE_TEXT_ROW(name, word, text) [name] = text,

const char *revocation_inquiry_silence_word(enum inquiry_silence silence)
{
    static const char *const words[] = {INQUIRY_SILENCE_LIST(SILENCE_WORD_ROW)};
    return words[silence];
}

const char *revocation_inquiry_silence_text(enum inquiry_silence silence)
{
    static const char *const texts[] = {INQUIRY_SILENCE_LIST(SILENCE_TEXT_ROW)};
    return texts[silence];
}

enum inquiry_silence revocation_inquiry_silence(const struct revocation_inquiry *inquiry)
{
    return inquiry->settings.silence;
}

static void complain(const char *path, const char *what)
{
    (void)fputs("sallyport explain: ocsp_cache_file = ", stderr);
    terminal_print_safe(stderr, path);
    (void)fprintf(stderr, ": %s\n", what);
}

/* What the gateway kept, as it was known at the time in question. */
static struct result load(struct revocation_inquiry *inquiry, const char *path)
{
    struct ocsp_store_outcome outcome = {0};
    int64_t wall_seconds = clock_wall_seconds();
    int64_t now_seconds = inquiry->settings.now_seconds;
    inquiry->is_past = inquiry->settings.is_other_time && now_seconds < wall_seconds;
    reclaim_wake(inquiry->member);
    struct result result = ocsp_store_load(path, inquiry->cache, inquiry->member,
                                           inquiry->is_past ? now_seconds : wall_seconds, &outcome);
    int error_number = errno;
    reclaim_sleep(inquiry->member);
    if (result.code == ERROR_FILE) {
        complain(path, strerror(error_number));
        return RESULT_OK;
    }
    if (result_is_ok(result) && outcome.bad_count > 0 && !inquiry->is_past) {
        complain(path, "part of it is damaged or cannot be believed");
    }
    return result;
}

static struct result fill(struct revocation_inquiry *inquiry)
{
    const struct config_gateway *gateway = inquiry->settings.gateway;
    struct ocsp_cache_settings settings = {
        .entry_count_max = gateway->ocsp_cache_entries,
        .size_bytes_max = gateway->ocsp_cache_size_bytes,
    };
    TRY(reclaim_create(MEMBER_COUNT, &inquiry->reclaim));
    inquiry->member = reclaim_join(inquiry->reclaim);
    TRY(ocsp_cache_create(&settings, &inquiry->cache));
    const char *path = gateway->ocsp_cache_file.text;
    return path == NULL ? RESULT_OK : load(inquiry, path);
}

struct result revocation_inquiry_open(const struct revocation_inquiry_settings *settings,
                                      struct revocation_inquiry **ret_inquiry)
{
    struct revocation_inquiry *inquiry = calloc(1, sizeof(*inquiry));
    if (inquiry == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    inquiry->settings = *settings;
    struct result result = fill(inquiry);
    if (!result_is_ok(result)) {
        revocation_inquiry_close(inquiry);
        return result;
    }
    *ret_inquiry = inquiry;
    return RESULT_OK;
}

static void turn(struct revocation_inquiry *inquiry)
{
    ring_wait(inquiry->ring, TURN_LIMIT_MS);
    (void)ring_deliver(inquiry->ring);
}

static void close_mailbox(struct revocation_inquiry *inquiry)
{
    if (inquiry->mailbox.ring == NULL) {
        return;
    }
    mailbox_shut(&inquiry->mailbox);
    while (inquiry->mailbox.read.is_in_flight) {
        turn(inquiry);
    }
    mailbox_close(&inquiry->mailbox);
}

void revocation_inquiry_close(struct revocation_inquiry *inquiry)
{
    if (inquiry == NULL) {
        return;
    }
    CHECK(inquiry->pending_count == 0);
    ocsp_engine_stop(inquiry->engine);
    close_mailbox(inquiry);
    ring_destroy(inquiry->ring);
    reclaim_destroy(inquiry->reclaim);
    ocsp_cache_destroy(inquiry->cache);
    free(inquiry);
}

static void name_signer(struct revocation_evidence *evidence, struct bytes response)
{
    struct text text = text_over(evidence->signer, sizeof(evidence->signer));
    ocsp_response_append_signer(response, &text);
    (void)text_terminate(&text);
}

static const struct ocsp_record *find(const struct revocation_inquiry *inquiry,
                                      const struct revocation_evidence *evidence)
{
    return ocsp_cache_peek(inquiry->cache, &evidence->question->id);
}

/* A revocation is loaded also when it has come since the time in question. */
static bool was_known(const struct revocation_inquiry *inquiry, const struct ocsp_record *record)
{
    return !inquiry->is_past || record->state.received_at_seconds <= inquiry->settings.now_seconds;
}

void revocation_inquiry_look_up(const struct revocation_inquiry *inquiry,
                                struct revocation_evidence *evidence)
{
    reclaim_wake(inquiry->member);
    const struct ocsp_record *record = find(inquiry, evidence);
    if (record != NULL && was_known(inquiry, record)) {
        evidence->is_known = true;
        evidence->state = record->state;
        name_signer(evidence, record->response);
    }
    reclaim_sleep(inquiry->member);
}

static struct result open_mailbox(struct revocation_inquiry *inquiry)
{
    TRY(ring_create(RECEIVE_BUFFER_COUNT, &inquiry->ring));
    return mailbox_open(&inquiry->mailbox, inquiry->ring);
}

static struct result start_engine(struct revocation_inquiry *inquiry)
{
    struct ocsp_engine_settings settings = {
        .cache = inquiry->cache,
        .reclaim = inquiry->reclaim,
        .inflight_max = inquiry->settings.gateway->ocsp_inflight_max,
        .question_count_max = QUESTION_COUNT_MAX,
    };
    TRY(open_mailbox(inquiry));
    return ocsp_engine_start(&settings, &inquiry->engine);
}

/* Also whether it is allowed. */
static bool has_engine(struct revocation_inquiry *inquiry)
{
    if (inquiry->settings.silence == INQUIRY_ASKS && inquiry->engine == NULL &&
        !result_is_ok(start_engine(inquiry))) {
        inquiry->settings.silence = INQUIRY_NO_ENGINE;
    }
    return inquiry->settings.silence == INQUIRY_ASKS;
}

/* As the engine leaves it when a responder does not answer. */
static void suppose_dead(const struct revocation_inquiry *inquiry,
                         struct revocation_evidence *evidence, const struct ocsp_manner *manner)
{
    struct ocsp_state *state = &evidence->state;
    evidence->is_known = true;
    evidence->is_supposed = true;
    state->failure = OCSP_FAULT_TIMEOUT;
    state->failed_at_seconds = inquiry->settings.now_seconds;
    state->retry_at_seconds =
        inquiry->settings.now_seconds + ocsp_life_seconds(manner->retry_after_ms);
}

/* The answer is in the cache besides, but for one that had no room there. */
static void on_answered(struct ocsp_ask *ask)
{
    struct revocation_evidence *evidence = LIST_OWNER(ask, struct revocation_evidence, ask);
    struct revocation_inquiry *inquiry = evidence->inquiry;
    revocation_inquiry_look_up(inquiry, evidence);
    evidence->is_known = true;
    evidence->is_fetched = true;
    evidence->state = ask->state;
    inquiry->pending_count--;
}

struct result revocation_inquiry_ask(struct revocation_inquiry *inquiry,
                                     struct revocation_evidence *evidence,
                                     const struct ocsp_manner *manner)
{
    if (!has_engine(inquiry)) {
        suppose_dead(inquiry, evidence, manner);
        return RESULT_OK;
    }
    evidence->inquiry = inquiry;
    evidence->ask = (struct ocsp_ask){.id = evidence->question->id,
                                      .manner = *manner,
                                      .answer_to = &inquiry->mailbox,
                                      .answered = on_answered};
    TRY(ocsp_question_copy(evidence->question, &evidence->ask.question));
    inquiry->pending_count++;
    ocsp_engine_ask(inquiry->engine, &evidence->ask);
    return RESULT_OK;
}

void revocation_inquiry_wait(struct revocation_inquiry *inquiry)
{
    while (inquiry->pending_count > 0) {
        turn(inquiry);
    }
}
