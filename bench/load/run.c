/* The phases of a run; see the header. Called by main(). */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cpu_list.h"
#include "lane_set.h"
#include "mode.h"
#include "progress.h"

#define NS_PER_SECOND        UINT64_C(1000000000)
#define TICK_NS              UINT64_C(100000000)
#define DESCRIPTORS_OF_LANES 64 /* files, epolls and what the library opens */

struct run {
    struct lane_run shared;
    struct lane_set set;
    struct server_watch *watch;
    struct progress progress;
    bool was_interrupted;
};

[[gnu::format(printf, 3, 4)]] static struct result refuse(char message[RUN_MESSAGE_SIZE],
                                                          enum error error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, RUN_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    return result_failure(error);
}

/* ------------------------------------------------------------------ before the run */

static struct result raise_descriptor_limit(const struct plan *plan, char message[RUN_MESSAGE_SIZE])
{
    struct rlimit limit;
    uint64_t needed = plan->connection_count + DESCRIPTORS_OF_LANES + 3 * plan->thread_count +
                      (mode_of(plan->mode)->storms ? plan->storm_connection_count : 0);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return RESULT_OK;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < needed) {
        return refuse(message, ERROR_BAD_INPUT,
                      "%llu descriptors are needed and %llu allowed: fewer connections, or `ulimit "
                      "-Hn`",
                      (unsigned long long)needed, (unsigned long long)limit.rlim_max);
    }
    return RESULT_OK;
}

static struct result judge_probe(const struct lane *lane, char message[RUN_MESSAGE_SIZE])
{
    /* A run could only repeat them; refusals over HTTP or TLS may be what is to be measured. */
    static const enum fault hopeless[] = {
        FAULT_CONNECT_REFUSED,    FAULT_CONNECT,   FAULT_TIMEOUT, FAULT_TLS,
        FAULT_SERVER_CERTIFICATE, FAULT_BAD_ANSWER};
    for (size_t i = 0; i < sizeof(hopeless) / sizeof(hopeless[0]); i++) {
        enum fault fault = hopeless[i];
        if (lane->tally->faults[fault] > 0) {
            return refuse(message, ERROR_SYSTEM, "%.100s, port %u: %s%s%s%s",
                          lane->run->target->host, lane->run->target->port, fault_text(fault),
                          lane->tally->examples[fault][0] == '\0' ? "" : " (",
                          lane->tally->examples[fault],
                          lane->tally->examples[fault][0] == '\0' ? "" : ")");
        }
    }
    return RESULT_OK;
}

/* One operation of one connection, which nothing counts: what cannot work is said at once. */
static struct result probe(const struct plan *plan, const struct target *target,
                           const struct identity_set *identities, char message[RUN_MESSAGE_SIZE])
{
    struct plan small = *plan;
    struct identity_set first = {identities->items, identities->count > 0 ? 1 : 0};
    struct lane *lane;
    small.connection_count = 1;
    small.storm_connection_count = 0;
    small.operation_count = 1;
    small.rate = 0;
    struct lane_run shared = {.plan = &small,
                              .target = target,
                              .identities = &first,
                              .start_ns = clock_monotonic_ns(),
                              .end_ns = UINT64_MAX};
    shared.measure_ns = shared.start_ns;
    struct result result = lane_create(&shared, (struct lane_place){.count = 1}, &lane, message);
    if (!result_is_ok(result)) {
        return result;
    }
    lane_work(lane);
    result = judge_probe(lane, message);
    lane_destroy(lane);
    return result;
}

/* A thread that cannot be pinned would run anywhere, and what it measures would be of that. */
static struct result try_cpus(const struct lane_set *set, char message[RUN_MESSAGE_SIZE])
{
    for (size_t i = 0; i < set->count; i++) {
        int cpu = set->lanes[i]->cpu;
        if (cpu >= 0 && !cpu_list_may_run_on(cpu)) {
            return refuse(message, ERROR_BAD_INPUT, "--cpus: this program may not run on CPU %d",
                          cpu);
        }
    }
    return RESULT_OK;
}

/* ------------------------------------------------------------------ the phases */

/* Now, if its time is not over yet. */
static void end_run(struct run *run)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < atomic_load_explicit(&run->shared.end_ns, memory_order_relaxed)) {
        atomic_store_explicit(&run->shared.end_ns, now_ns, memory_order_relaxed);
    }
}

/* Ctrl-C ends the run early and its results are shown. */
static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* Until that time, or until all traffic has ended, or is open in mode idle, or a signal comes. */
static void wait_until(struct run *run, uint64_t until_ns, bool wants_open)
{
    sigset_t signals;
    uint64_t now_ns = clock_monotonic_ns();
    block_signals(&signals);
    while (now_ns < until_ns && !run->was_interrupted && !lane_set_has_ended(&run->set) &&
           !(wants_open && atomic_load(&run->shared.lanes_open) == run->set.count)) {
        uint64_t most_ns = until_ns - now_ns < TICK_NS ? until_ns - now_ns : TICK_NS;
        struct timespec tick = {0, (long)most_ns};
        run->was_interrupted = sigtimedwait(&signals, NULL, &tick) > 0;
        now_ns = clock_monotonic_ns();
        progress_show(&run->progress, run->set.lanes, run->set.count, now_ns);
    }
}

static struct server_usage watch_server(const struct run *run)
{
    return run->watch == NULL ? (struct server_usage){0} : server_watch_read(run->watch);
}

/* What the server uses is looked at when the measured time begins and when it ends. */
static void pass_phases(struct run *run, const struct plan *plan, struct results *results)
{
    if (mode_of(plan->mode)->holds) {
        wait_until(run, UINT64_MAX, true);
        atomic_store_explicit(&run->shared.end_ns, clock_monotonic_ns() + plan->duration_ns,
                              memory_order_relaxed);
    } else {
        wait_until(run, run->shared.measure_ns, false);
        results->server_before = watch_server(run);
    }
    wait_until(run, atomic_load(&run->shared.end_ns), false);
    results->server_after = watch_server(run);
    results->server_ended = results->server_after.has_gap;
    results->has_server = run->watch != NULL && !results->server_ended;
    results->kernel_after = server_watch_kernel_bytes();
    end_run(run); /* Where a number of operations ends it, a storm would go on. */
}

static void set_times(struct run *run, const struct plan *plan)
{
    run->shared.start_ns = clock_monotonic_ns();
    run->shared.measure_ns = run->shared.start_ns + plan->warmup_ns;
    run->shared.end_ns =
        mode_of(plan->mode)->holds ? UINT64_MAX : run->shared.measure_ns + plan->duration_ns;
}

static struct result run_lanes(struct run *run, const struct plan *plan, struct results *results)
{
    sigset_t signals;
    results->started_at = clock_wall_seconds();
    results->server_before = watch_server(run);
    results->kernel_before = server_watch_kernel_bytes();
    block_signals(&signals);
    set_times(run, plan);
    progress_begin(&run->progress, plan, run->shared.measure_ns);
    struct result result = lane_set_start(&run->set);
    if (result_is_ok(result)) {
        pass_phases(run, plan, results);
    } else {
        end_run(run);
    }
    /* Late answers of an open loop may take up to --timeout: who is tired of them ends the program.
     */
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    lane_set_join(&run->set);
    progress_end(&run->progress);
    return result;
}

static uint64_t longer(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > b_ns ? a_ns : b_ns;
}

/* How busy the client was is judged by its traffic: a storm takes what that leaves. */
static void collect_traffic(const struct lane *lane, struct results *results)
{
    results->lanes[results->lane_count++] =
        (struct results_lane){lane->window_ns, lane->end.cpu_ns - lane->begin.cpu_ns,
                              lane->end.waiting_ns - lane->begin.waiting_ns};
    results->elapsed_ns = longer(results->elapsed_ns, lane->window_ns);
    results->held_count += lane->held_count;
    if (results->description[0] == '\0') {
        memcpy(results->description, lane->description, sizeof(lane->description));
    }
}

static void collect(const struct run *run, struct results *results)
{
    for (size_t i = 0; i < run->set.count; i++) {
        const struct lane *lane = run->set.lanes[i];
        tally_merge(results->tally, lane->tally);
        if (lane->place.is_storm) {
            results->storm_elapsed_ns = longer(results->storm_elapsed_ns, lane->window_ns);
        } else {
            collect_traffic(lane, results);
        }
    }
    results->was_interrupted = run->was_interrupted;
}

static struct result carry_out(struct run *run, struct results *results,
                               char message[RUN_MESSAGE_SIZE])
{
    const struct plan *plan = results->plan;
    TRY(raise_descriptor_limit(plan, message));
    if (plan->server_processes != NULL) {
        TRY(server_watch_create(plan->server_processes, &run->watch, message));
    }
    TRY(probe(plan, results->target, run->shared.identities, message));
    TRY(lane_set_init(&run->set, &run->shared, message));
    TRY(try_cpus(&run->set, message));
    TRY(run_lanes(run, plan, results));
    collect(run, results);
    results->limit_count = limit_judge(plan, results, results->limits);
    return RESULT_OK;
}

struct result run_execute(const struct plan *plan, const struct target *target,
                          const struct identity_set *identities, struct results *ret_results,
                          char message[RUN_MESSAGE_SIZE])
{
    struct results results = {.plan = plan, .target = target, .identity_count = identities->count};
    struct run run = {.shared = {.plan = plan, .target = target, .identities = identities}};
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    message[0] = '\0';
    results.tally = tally_create();
    if (results.tally != NULL) {
        result = carry_out(&run, &results, message);
    }
    lane_set_deinit(&run.set);
    server_watch_destroy(run.watch);
    if (!result_is_ok(result)) {
        tally_destroy(results.tally);
        return message[0] == '\0' ? refuse(message, result.code, "%s", result_text(result))
                                  : result;
    }
    *ret_results = results;
    return RESULT_OK;
}

void run_free_results(struct results *results)
{
    tally_destroy(results->tally);
    results->tally = NULL;
}
