/*
 * The heap of moments, the list of what is kept, and the review that starts fetches by both.
 *
 * Time here is wall time. A jump forward makes many due at once, which the turns of the responders
 * and the bound of a review spread; a jump back is noticed, and all is planned anew.
 */
#include "refresh.h"

#include <stdlib.h>

#include "ask.h"
#include "trust/ocsp_life.h"

/* Moments looked at in one review; the rest waits for the next. */
#define REVIEWED_COUNT_MAX 4096

/* Moments without a record that may gather beside those with one. */
#define STALE_COUNT_MAX 1024

/* When there is no turn for a refresh it is looked at again after 1 to so many seconds. */
#define POSTPONED_SECONDS_MAX 4

/* What is left of a life that is not in use yet is divided so for looking at it again. */
#define LOOKS_LEFT 4

/* The wall clock may be stepped back by so much before it is called a jump. */
#define STEP_SECONDS 2

static int64_t stamp_of(const struct ocsp_state *state)
{
    return state->failure != OCSP_FAULT_NONE ? state->failed_at_seconds
                                             : state->received_at_seconds;
}

/* The heap. */

static void swap(struct refresh_moment *a, struct refresh_moment *b)
{
    struct refresh_moment kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct refresh *refresh, size_t index)
{
    struct refresh_moment *moments = refresh->moments;
    while (index > 0 && moments[index].due_seconds < moments[(index - 1) / 2].due_seconds) {
        swap(&moments[index], &moments[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
}

static void sift_down(struct refresh *refresh)
{
    struct refresh_moment *moments = refresh->moments;
    size_t index = 0;
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < refresh->count &&
            moments[child + 1].due_seconds < moments[child].due_seconds) {
            child++;
        }
        if (child >= refresh->count || moments[index].due_seconds <= moments[child].due_seconds) {
            return;
        }
        swap(&moments[index], &moments[child]);
        index = child;
    }
}

/* Without memory the certificate is not refreshed ahead, and fetched when it is asked for. */
static bool has_room(struct refresh *refresh)
{
    if (refresh->count < refresh->capacity) {
        return true;
    }
    size_t capacity = refresh->capacity == 0 ? 64 : 2 * refresh->capacity;
    struct refresh_moment *moments =
        realloc(refresh->moments, capacity * sizeof(*refresh->moments));
    if (moments == NULL) {
        return false;
    }
    refresh->moments = moments;
    refresh->capacity = capacity;
    return true;
}

static void push(struct refresh *refresh, const struct refresh_moment *moment)
{
    if (has_room(refresh)) {
        refresh->moments[refresh->count] = *moment;
        sift_up(refresh, refresh->count++);
    }
}

static struct refresh_moment pop(struct refresh *refresh)
{
    struct refresh_moment first = refresh->moments[0];
    refresh->moments[0] = refresh->moments[--refresh->count];
    sift_down(refresh);
    return first;
}

/* Planning. */

static struct kept_question *find_kept(const struct refresh *refresh, const struct ocsp_id *id)
{
    for (size_t i = 0; refresh->kept != NULL && i < refresh->kept->count; i++) {
        if (ocsp_id_equal(&refresh->kept->items[i].question->id, id)) {
            return &refresh->kept->items[i];
        }
    }
    return NULL;
}

/* An answer from the future is as good as none: now. */
static int64_t due_of(const struct ocsp_state *state, const struct ocsp_manner *manner,
                      int64_t now_seconds)
{
    bool is_from_future = stamp_of(state) > now_seconds + OCSP_SKEW_SECONDS;
    return is_from_future ? now_seconds : ocsp_life_refresh_at(state, manner->max_age_ms);
}

static void plan(struct refresh *refresh, const struct ocsp_id *id, const struct ocsp_state *state,
                 int64_t due_seconds)
{
    if (state->has_answer) {
        push(refresh, &(struct refresh_moment){
                          .due_seconds = due_seconds, .stamp_seconds = stamp_of(state), .id = *id});
    }
}

static void plan_kept(struct refresh *refresh, struct kept_question *kept, int64_t now_seconds)
{
    const struct ocsp_record *record = ocsp_cache_peek(refresh->cache, &kept->question->id);
    kept->is_cached = record != NULL && record->state.has_answer;
    kept->due_seconds =
        record == NULL ? now_seconds : due_of(&record->state, &refresh->kept->manner, now_seconds);
}

/* How to fetch record anew; NULL: nobody asks its responder any more. */
static const struct ocsp_manner *manner_for(const struct refresh *refresh,
                                            const struct ocsp_record *record)
{
    return refresh->kept == NULL
               ? &record->manner
               : manner_list_find(refresh->kept->clients_manners, &record->manner);
}

static void plan_all(struct refresh *refresh, int64_t now_seconds)
{
    const struct ocsp_record *record;
    size_t position = 0;
    refresh->count = 0;
    while ((record = ocsp_cache_next(refresh->cache, &position)) != NULL) {
        const struct ocsp_manner *manner = manner_for(refresh, record);
        if (manner != NULL) {
            plan(refresh, &record->question->id, &record->state,
                 due_of(&record->state, manner, now_seconds));
        }
    }
    for (size_t i = 0; refresh->kept != NULL && i < refresh->kept->count; i++) {
        plan_kept(refresh, &refresh->kept->items[i], now_seconds);
    }
}

void refresh_start(struct refresh *refresh, int64_t now_seconds)
{
    refresh->looked_at_seconds = now_seconds;
    plan_all(refresh, now_seconds);
}

void refresh_deinit(struct refresh *refresh)
{
    refresh_free_list(refresh->kept);
    free(refresh->moments);
    *refresh = (struct refresh){0};
}

void refresh_note(struct refresh *refresh, const struct ocsp_id *id, const struct ocsp_state *state,
                  const struct ocsp_manner *manner)
{
    struct kept_question *kept = find_kept(refresh, id);
    int64_t due_seconds = ocsp_life_refresh_at(state, manner->max_age_ms);
    const struct ocsp_record *record = ocsp_cache_peek(refresh->cache, id);
    if (kept != NULL) {
        kept->due_seconds = due_seconds;
        kept->is_cached = record != NULL && record->state.has_answer;
    } else if (record != NULL) {
        /* The record's own stamp: a failure that is not remembered has left it as it was. */
        plan(refresh, id, &record->state, due_seconds);
    }
}

/* Reviewing. */

/* The low bits of two times tell which is later, as long as they are less than 68 years apart. */
static bool is_in_use(const struct ocsp_record *record)
{
    /* A mere time: nothing else is read by it. */
    uint32_t touched = atomic_load_explicit(&record->touched_seconds, memory_order_relaxed);
    return (int32_t)(touched - (uint32_t)record->state.received_at_seconds) >= 0;
}

static int64_t postponed(const struct ocsp_id *id, int64_t now_seconds)
{
    return now_seconds + 1 + id->bytes[OCSP_ID_SIZE - 1] % POSTPONED_SECONDS_MAX;
}

/* Until when the answer is worth a fetch that nobody has asked for. */
static int64_t last_chance(const struct ocsp_state *state, const struct ocsp_manner *manner)
{
    return ocsp_life_end(state, manner->max_age_ms) + ocsp_life_seconds(manner->stale_grace_ms);
}

/* The record is not in use: it may still be, before it ends. */
static void look_again(struct refresh *refresh, struct refresh_moment *moment, int64_t end_seconds,
                       int64_t now_seconds)
{
    int64_t left_seconds = end_seconds - now_seconds;
    if (left_seconds > 0) {
        moment->due_seconds = now_seconds + left_seconds / LOOKS_LEFT + 1;
        push(refresh, moment);
    }
}

static void review_moment(struct refresh *refresh, struct refresh_moment *moment,
                          int64_t now_seconds)
{
    const struct ocsp_record *record = ocsp_cache_peek(refresh->cache, &moment->id);
    if (record == NULL || stamp_of(&record->state) != moment->stamp_seconds ||
        !record->state.has_answer || find_kept(refresh, &moment->id) != NULL) {
        return; /* pushed out, or planned elsewhere */
    }
    const struct ocsp_manner *manner = manner_for(refresh, record);
    if (manner == NULL) {
        return;
    }
    if (!is_in_use(record)) {
        look_again(refresh, moment, ocsp_life_end(&record->state, manner->max_age_ms), now_seconds);
        return;
    }
    if (now_seconds >= last_chance(&record->state, manner)) {
        return; /* who wants it asks */
    }
    if (flight_refresh(refresh->flights, record->question, manner, false) == FLIGHT_LATER) {
        moment->due_seconds = postponed(&moment->id, now_seconds);
        push(refresh, moment);
    }
}

/* Nobody may have found it while a flood of clients' answers came. */
static bool is_pushed_out(const struct refresh *refresh, const struct kept_question *kept)
{
    return kept->is_cached && ocsp_cache_peek(refresh->cache, &kept->question->id) == NULL;
}

static void review_kept(struct refresh *refresh, int64_t now_seconds)
{
    const struct ocsp_manner *manner = &refresh->kept->manner;
    for (size_t i = 0; i < refresh->kept->count; i++) {
        struct kept_question *kept = &refresh->kept->items[i];
        if (kept->due_seconds > now_seconds && !is_pushed_out(refresh, kept)) {
            continue;
        }
        kept->is_cached = false;
        switch (flight_refresh(refresh->flights, kept->question, manner, true)) {
        case FLIGHT_STARTED:
            /* Its end plans the next; this is for one that the end does not speak of. */
            kept->due_seconds = now_seconds + ocsp_life_seconds(manner->timeout_ms) + 1;
            break;
        case FLIGHT_LATER:
            kept->due_seconds = postponed(&kept->question->id, now_seconds);
            break;
        case FLIGHT_REFUSED:
        default:
            kept->due_seconds = INT64_MAX; /* the same answer for ever */
            break;
        }
    }
}

/* Back by more than a step: what was planned lies too far ahead. */
static void notice_jump(struct refresh *refresh, int64_t now_seconds)
{
    size_t live_count = ocsp_cache_usage(refresh->cache).entry_count;
    if (now_seconds < refresh->looked_at_seconds - STEP_SECONDS ||
        refresh->count > 2 * live_count + STALE_COUNT_MAX) {
        plan_all(refresh, now_seconds);
    }
    refresh->looked_at_seconds = now_seconds;
}

void refresh_review(struct refresh *refresh, int64_t now_seconds)
{
    notice_jump(refresh, now_seconds);
    for (size_t i = 0; i < REVIEWED_COUNT_MAX && refresh->count > 0 &&
                       refresh->moments[0].due_seconds <= now_seconds;
         i++) {
        struct refresh_moment moment = pop(refresh);
        review_moment(refresh, &moment, now_seconds);
    }
    if (refresh->kept != NULL) {
        review_kept(refresh, now_seconds);
    }
}

void refresh_keep(struct refresh *refresh, struct kept_list *list, int64_t now_seconds)
{
    refresh_free_list(refresh->kept);
    refresh->kept = list;
    /* What is kept no more is planned like any other, what is kept now is found here. */
    plan_all(refresh, now_seconds);
    refresh_review(refresh, now_seconds);
}

void refresh_free_list(struct kept_list *list)
{
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        ocsp_question_destroy(list->items[i].question);
    }
    manner_list_destroy(list->clients_manners);
    free(list);
}
