/* The loop of a thread; see the header. Created by lane_set.c, read by run.c. */
#include "lane.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "connection.h"
#include "lane_limits.h"
#include "mode.h"
#include "proc_file.h"

#define NS_PER_SECOND UINT64_C(1000000000)
#define NICE_MOST     19 /* sched(7) */

bool lane_measures(const struct lane *lane)
{
    return lane->now_ns >= lane->run->measure_ns && lane->now_ns < lane_end_ns(lane);
}

uint64_t lane_end_ns(const struct lane *lane)
{
    return atomic_load_explicit(&lane->run->end_ns, memory_order_relaxed);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* This lane's part of a count that is shared out evenly. */
static uint64_t share_of(const struct lane *lane, uint64_t count)
{
    struct lane_place place = lane->place;
    return count / place.count + (place.number < count % place.count ? 1 : 0);
}

/* ------------------------------------------------------------------ creating */

/* Each lane takes its part of the identities, or all when they are few. */
static bool is_ours(const struct lane *lane, size_t identity)
{
    return lane->run->identities->count < lane->place.count ||
           identity % lane->place.count == lane->place.number;
}

static struct result create_contexts(struct lane *lane, char message[LANE_MESSAGE_SIZE])
{
    const struct identity_set *identities = lane->run->identities;
    size_t most = identities->count == 0 ? 1 : identities->count;
    lane->contexts = calloc(most, sizeof(*lane->contexts));
    if (lane->contexts == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < most; i++) {
        if (identities->count == 0 || is_ours(lane, i)) {
            TRY(tls_client_context_create(lane->run->plan, lane->run->target,
                                          identities->count == 0 ? NULL : &identities->items[i],
                                          &lane->contexts[lane->context_count], message));
            lane->context_count++;
        }
    }
    return RESULT_OK;
}

static struct result create_connections(struct lane *lane)
{
    const struct plan *plan = lane->run->plan;
    size_t count = (size_t)share_of(lane, lane->place.is_storm ? plan->storm_connection_count
                                                               : plan->connection_count);
    lane->connections = calloc(count, sizeof(*lane->connections));
    if (lane->connections == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    lane->connection_count = count;
    for (size_t i = 0; i < count; i++) {
        connection_init(&lane->connections[i], lane);
    }
    return RESULT_OK;
}

static struct result create_buffers(struct lane *lane)
{
    lane->tally = tally_create();
    lane->received = malloc(RECEIVED_SIZE);
    lane->plain = malloc(PLAIN_SIZE);
    lane->pipe.outgoing = malloc(OUTGOING_SIZE);
    lane->pipe.outgoing_capacity = OUTGOING_SIZE;
    return lane->tally != NULL && lane->received != NULL && lane->plain != NULL &&
                   lane->pipe.outgoing != NULL
               ? RESULT_OK
               : result_failure(ERROR_OUT_OF_MEMORY);
}

static struct result fill(struct lane *lane, char message[LANE_MESSAGE_SIZE])
{
    const struct plan *plan = lane->run->plan;
    list_init(&lane->free);
    list_init(&lane->timing);
    list_init(&lane->pausing);
    list_init(&lane->again);
    lane->pace = (struct pace){
        .rate = lane->place.is_storm ? plan->storm_rate : plan->rate,
        .lane = lane->place.number,
        .lane_count = lane->place.count,
        .most = UINT64_MAX,
    };
    lane->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (lane->epoll < 0) {
        return result_failure(ERROR_SYSTEM);
    }
    TRY(create_buffers(lane));
    TRY(create_connections(lane));
    return create_contexts(lane, message);
}

struct result lane_create(struct lane_run *run, struct lane_place place, struct lane **ret_lane,
                          char message[LANE_MESSAGE_SIZE])
{
    struct lane *lane = calloc(1, sizeof(*lane));
    message[0] = '\0';
    if (lane == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    lane->run = run;
    lane->place = place;
    lane->cpu = -1;
    lane->epoll = -1;
    struct result result = fill(lane, message);
    if (!result_is_ok(result)) {
        if (message[0] == '\0') {
            (void)snprintf(message, LANE_MESSAGE_SIZE, "%s", result_text(result));
        }
        lane_destroy(lane);
        return result;
    }
    *ret_lane = lane;
    return RESULT_OK;
}

void lane_destroy(struct lane *lane)
{
    if (lane == NULL) {
        return;
    }
    for (size_t i = 0; i < lane->connection_count; i++) {
        connection_deinit(&lane->connections[i]);
    }
    for (size_t i = 0; i < lane->context_count; i++) {
        tls_client_context_destroy(lane->contexts[i]);
    }
    if (lane->epoll >= 0) {
        (void)close(lane->epoll);
    }
    free(lane->connections);
    free((void *)lane->contexts);
    free(lane->received);
    free(lane->plain);
    free(lane->pipe.outgoing);
    tally_destroy(lane->tally);
    free(lane);
}

/* ------------------------------------------------------------------ the measured time */

/* Of the calling thread: nanoseconds on a CPU and in its queue. */
static struct lane_usage read_usage(void)
{
    uint64_t numbers[2];
    if (proc_file_read_numbers("/proc/thread-self/schedstat", numbers, 2) != 2) {
        return (struct lane_usage){0};
    }
    return (struct lane_usage){numbers[0], numbers[1]};
}

static void begin_measuring(struct lane *lane)
{
    const struct plan *plan = lane->run->plan;
    lane->begin = read_usage();
    if (plan->operation_count > 0 && !lane->place.is_storm) {
        lane->pace.most = lane->pace.taken + share_of(lane, plan->operation_count);
    }
}

static void end_measuring(struct lane *lane)
{
    uint64_t end_ns = lane_end_ns(lane);
    lane->end = read_usage();
    lane->now_ns = clock_monotonic_ns();
    end_ns = earlier(lane->now_ns, end_ns);
    if (end_ns <= lane->run->measure_ns) { /* ended within the warm-up: nothing was measured */
        lane->begin = lane->end;
        return;
    }
    lane->window_ns = end_ns - lane->run->measure_ns;
}

/* ------------------------------------------------------------------ the loop */

static bool may_begin(const struct lane *lane)
{
    bool is_crowded =
        mode_of(lane->run->plan->mode)->holds && lane->active_count >= OPENING_AT_A_TIME;
    return !list_is_empty(&lane->free) && !is_crowded;
}

static void begin_due(struct lane *lane)
{
    uint64_t intended_ns;
    lane->pace.end_ns = lane_end_ns(lane);
    while (may_begin(lane) && pace_take(&lane->pace, lane->now_ns, &intended_ns)) {
        struct list *node = list_first(&lane->free);
        connection_begin(LIST_OWNER(node, struct connection, free_or_pausing), intended_ns);
        lane->now_ns = clock_monotonic_ns();
    }
}

static void wake_pausing(struct lane *lane)
{
    struct list *node;
    while ((node = list_first(&lane->pausing)) != NULL) {
        struct connection *connection = LIST_OWNER(node, struct connection, free_or_pausing);
        if (connection->wake_ns > lane->now_ns) {
            return;
        }
        list_remove(node);
        list_add_last(&lane->free, node);
    }
}

static void end_late_ones(struct lane *lane)
{
    struct list *node;
    while ((node = list_first(&lane->timing)) != NULL) {
        struct connection *connection = LIST_OWNER(node, struct connection, timing);
        if (lane->now_ns - connection->began_ns < lane->run->plan->timeout_ns) {
            return;
        }
        connection_give_up(connection, FAULT_TIMEOUT);
    }
}

/* How long epoll may wait. */
static uint64_t wait_ns(const struct lane *lane)
{
    const struct list *pausing = list_first(&lane->pausing);
    const struct list *timing = list_first(&lane->timing);
    uint64_t until_ns = lane->now_ns + WAIT_MOST_NS;
    if (!list_is_empty(&lane->again)) {
        return 0;
    }
    until_ns = earlier(until_ns, lane_end_ns(lane) > lane->now_ns ? lane_end_ns(lane) : until_ns);
    if (may_begin(lane)) {
        until_ns = earlier(until_ns, pace_next_ns(&lane->pace, lane->now_ns));
    }
    if (pausing != NULL) {
        until_ns =
            earlier(until_ns, LIST_OWNER(pausing, struct connection, free_or_pausing)->wake_ns);
    }
    if (timing != NULL) {
        until_ns = earlier(until_ns, LIST_OWNER(timing, struct connection, timing)->began_ns +
                                         lane->run->plan->timeout_ns);
    }
    return until_ns > lane->now_ns ? until_ns - lane->now_ns : 0;
}

static void take_events(struct lane *lane)
{
    struct epoll_event events[EVENTS_PER_TURN];
    uint64_t most_ns = wait_ns(lane);
    struct timespec most = {(time_t)(most_ns / NS_PER_SECOND), (long)(most_ns % NS_PER_SECOND)};
    int count = epoll_pwait2(lane->epoll, events, EVENTS_PER_TURN, &most, NULL);
    CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++) {
        lane->now_ns = clock_monotonic_ns();
        connection_take_event(events[i].data.ptr, events[i].events);
    }
}

/* Those that had more than one turn's share, once each. */
static void receive_again(struct lane *lane)
{
    struct list turn;
    struct list *node;
    list_init(&turn);
    while ((node = list_take_first(&lane->again)) != NULL) {
        list_add_last(&turn, node);
    }
    while ((node = list_take_first(&turn)) != NULL) {
        connection_receive(LIST_OWNER(node, struct connection, again));
    }
}

/* In open loop traffic that was due is still done, within the time limit of one operation. */
static bool is_over(const struct lane *lane)
{
    const struct pace *pace = &lane->pace;
    uint64_t end_ns = lane_end_ns(lane);
    bool is_idle = lane->active_count == 0;
    if (pace->taken >= pace->most) {
        return is_idle || lane->now_ns >= end_ns;
    }
    if (lane->now_ns < end_ns) {
        return false;
    }
    return lane->place.is_storm || pace->rate == 0 ||
           lane->now_ns - end_ns >= lane->run->plan->timeout_ns ||
           (is_idle && pace_behind(pace, lane->now_ns) == 0);
}

/*
 * Closed loop: what is under way for longer than all that succeeded took at least that long. A
 * server that hung until the end would be without a fault otherwise.
 */
static void count_waiting(struct lane *lane)
{
    uint64_t end_ns = earlier(lane->now_ns, lane_end_ns(lane));
    uint64_t longest_ns = lane->tally->longest_ns;
    for (struct list *node = lane->timing.next; node != &lane->timing; node = node->next) {
        const struct connection *connection = LIST_OWNER(node, struct connection, timing);
        uint64_t since_ns = connection->intended_ns;
        bool is_longer = since_ns < end_ns && end_ns - since_ns > longest_ns;
        if (is_longer && !connection->is_of_warm_up) {
            lane->tally->waiting++;
            histogram_record(&lane->tally->latency, end_ns - since_ns);
        }
    }
}

/*
 * Each has waited since its time. A day's at the highest rate are too many to record singly: of a
 * group of neighbours all count as the first, which is a part in thousands of the run too long.
 */
static void count_unbegun(struct lane *lane)
{
    uint64_t count = pace_behind(&lane->pace, lane->now_ns);
    uint64_t group = count / UNBEGUN_GROUPS_MAX + 1;
    for (uint64_t i = 0; i < count; i += group) {
        uint64_t due_ns = pace_due_ns(&lane->pace, lane->pace.taken + i);
        histogram_record_many(&lane->tally->latency, lane->now_ns - due_ns,
                              earlier(group, count - i));
    }
    tally_add_faults(lane->tally, FAULT_UNFINISHED, count,
                     "not begun: the server or the client is too slow");
}

/*
 * Traffic that the end of the run found under way, or due, counts as a fault in open loop. The
 * storm's is none: how much of it came to pass shows in its rate.
 */
static void end_unfinished(struct lane *lane)
{
    struct list *node;
    while ((node = list_first(&lane->timing)) != NULL) {
        connection_give_up(LIST_OWNER(node, struct connection, timing), FAULT_UNFINISHED);
    }
    count_unbegun(lane);
}

static void pin(const struct lane *lane)
{
    cpu_set_t set;
    if (lane->cpu >= 0) {
        CPU_ZERO(&set);
        CPU_SET((size_t)lane->cpu, &set);
        (void)sched_setaffinity(0, sizeof(set), &set);
    }
}

/*
 * The calling thread runs from now on when no other wants its CPU, which needs no privilege; where
 * that class is refused (a container may), the nice value comes near it.
 */
static void stand_back(void)
{
    static const struct sched_param none = {.sched_priority = 0};
    if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
        (void)setpriority(PRIO_PROCESS, 0, NICE_MOST);
    }
}

/* One turn; the phases are those of the whole run. */
static void turn(struct lane *lane)
{
    lane->now_ns = clock_monotonic_ns();
    wake_pausing(lane);
    end_late_ones(lane);
    begin_due(lane);
    receive_again(lane);
    take_events(lane);
}

void lane_work(struct lane *lane)
{
    bool is_measuring = false;
    bool is_measured = false;
    bool is_open = false;
    pin(lane);
    if (lane->place.is_storm) {
        stand_back();
    }
    lane->pace.start_ns = lane->run->start_ns;
    lane->now_ns = clock_monotonic_ns();
    while (!is_over(lane)) {
        if (!is_measuring && lane->now_ns >= lane->run->measure_ns) {
            is_measuring = true;
            begin_measuring(lane);
        }
        turn(lane);
        if (!is_measured && lane->now_ns >= lane_end_ns(lane)) {
            is_measured = true;
            end_measuring(lane);
        }
        if (!is_open && list_is_empty(&lane->free) && lane->active_count == 0) {
            is_open = true;
            atomic_fetch_add_explicit(&lane->run->lanes_open, 1, memory_order_relaxed);
        }
    }
    if (!is_measured) {
        end_measuring(lane);
    }
    if (lane->place.is_storm || lane->window_ns == 0) {
        return;
    }
    if (lane->pace.rate == 0) {
        count_waiting(lane);
    } else {
        end_unfinished(lane);
    }
}
