/*
 * A worker's thread: made ready, opened, turned until it is told to end, taken apart in the reverse
 * order.
 *
 * The loop is the whole of it: hand over what was started, wait, deliver what has come, call the
 * timers that are due, free what has ended.
 */
#include "worker/worker.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "acceptor_list.h"
#include "base/allocator_arenas.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"
#include "net/mailbox.h"

#define RECEIVE_BUFFER_COUNT 64
#define LOG_QUEUE_BYTES      (1U << 20)

/* The same while something that was pushed out of the trust cache waits to be freed. */
#define RECLAIM_LIMIT_MS 20

/* How often jemalloc is made to look for memory that has long been unused. */
#define MEMORY_LOOK_MS 2000

enum worker_phase { WORKER_RUNNING, WORKER_DRAINING, WORKER_STOPPING };

/* A letter of control to the worker, with what it says. */
struct order {
    struct letter letter;
    struct worker *worker;
    uint32_t limit_ms;
};

struct worker {
    struct counters counters; /* first: it is aligned */
    struct trust_cache_counters trust_cache_counters;
    struct trust_cache_user trust;
    struct log_queue log_queue;
    struct worker_settings settings;
    pthread_t thread;
    sem_t is_ready;
    struct result readiness; /* of is_ready */
    struct ring *ring;
    struct timer_wheel wheel;
    struct mailbox mailbox;
    struct proxy *proxy;
    struct list acceptors;
    struct timer drain_limit;
    struct timer memory_look;
    enum worker_phase phase;
    bool is_open; /* takes clients */
    struct order open_order;
    struct order drain_order;
    struct order stop_order;
    struct order review_order;
    struct order publish_order;
    struct worker_publication *publication; /* that was delivered and is not finished; or NULL */
    struct worker_publication *published;   /* of publish_order */
    _Atomic bool has_published;             /* it is finished */
    _Atomic bool is_review_ordered; /* and not begun: one letter can be on its way only once */
    _Atomic bool is_deserted;
    _Atomic bool has_ended;
    _Atomic uint64_t turn_count; /* UINT64_MAX once the thread has ended */
};

/* On the worker's thread. */

static void pin(const struct worker *worker)
{
    cpu_set_t cpus;
    if (worker->settings.cpu < 0) {
        return;
    }
    CPU_ZERO(&cpus);
    CPU_SET((size_t)worker->settings.cpu, &cpus);
    /* The configuration was checked against the CPUs we may use; a CPU that went since then is no
     * harm. */
    (void)pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

static struct result join_trust_cache(struct worker *worker)
{
    const struct worker_shared *shared = worker->settings.shared;
    worker->trust = (struct trust_cache_user){.cache = shared->trust_cache,
                                              .member = reclaim_join(shared->reclaim),
                                              .counters = &worker->trust_cache_counters,
                                              .hand = worker->settings.index};
    CHECK(worker->trust.member != NULL); /* there is room for every worker */
    reclaim_wake(worker->trust.member);
    return random_fill(&worker->trust.hand, sizeof(worker->trust.hand));
}

/* NULL: the configuration wants no access log. */
static struct log_queue *log_queue_for(struct worker *worker, const struct generation *generation)
{
    bool is_off = generation->config->gateway.access_log.kind == CONFIG_LOG_OFF;
    return is_off ? NULL : &worker->log_queue;
}

/* After a crowd has gone, and while nothing more than kept-alive requests comes, which allocate
 * nothing: then jemalloc would keep what the crowd has left. */
static void look_at_memory(struct timer *timer)
{
    struct worker *worker = LIST_OWNER(timer, struct worker, memory_look);
    allocator_arenas_give_back_old();
    timer_wheel_set(&worker->wheel, timer, MEMORY_LOOK_MS);
}

static struct result make_ready(struct worker *worker)
{
    timer_wheel_init(&worker->wheel, clock_monotonic_ms());
    timer_wheel_set(&worker->wheel, &worker->memory_look, MEMORY_LOOK_MS);
    TRY(ring_create(RECEIVE_BUFFER_COUNT, &worker->ring));
    TRY(mailbox_open(&worker->mailbox, worker->ring));
    TRY(join_trust_cache(worker));
    struct proxy_surroundings surroundings = {
        .ring = worker->ring,
        .wheel = &worker->wheel,
        .counters = &worker->counters,
        .access_log = log_queue_for(worker, worker->settings.generation),
        .access_log_format = worker->settings.generation->config->gateway.access_log_format,
        .generation = worker->settings.generation,
        .trust = &worker->trust,
        .ticket_seed = worker->settings.shared->ticket_seed,
        .ocsp_cache = worker->settings.shared->ocsp_cache,
        .ocsp_engine = worker->settings.shared->ocsp_engine,
        .mailbox = &worker->mailbox,
        .connections_max = worker->settings.connections_max,
        .worker_index = worker->settings.index,
        .labels = worker->settings.shared->labels,
    };
    TRY(proxy_create(&surroundings, &worker->proxy));
    acceptor_list_equip(&worker->acceptors, worker->ring, &worker->wheel, worker->proxy);
    return RESULT_OK;
}

/* Relaxed, here and in watchdog.c: that it moves is all that it says. */
static void count_turn(struct worker *worker)
{
    uint64_t count = atomic_load_explicit(&worker->turn_count, memory_order_relaxed);
    atomic_store_explicit(&worker->turn_count, count + 1, memory_order_relaxed);
}

/* Only when what is no longer listened on is closed: an acceptor outlives no generation but the one
 * before, and the address is free for whoever is told that the reload is done. */
static void finish_publication(struct worker *worker)
{
    if (worker->publication != NULL && !acceptor_list_is_closing(&worker->acceptors)) {
        worker->publication = NULL;
        /* Pairs with the acquire in worker_has_published. */
        atomic_store_explicit(&worker->has_published, true, memory_order_release);
    }
}

/* Relaxed: it orders nothing, and whoever looks looks again. */
static void tell_when_deserted(struct worker *worker)
{
    if (worker->phase != WORKER_RUNNING && list_is_empty(&worker->acceptors) &&
        !proxy_has_clients(worker->proxy)) {
        atomic_store_explicit(&worker->is_deserted, true, memory_order_relaxed);
    }
}

static void turn(struct worker *worker)
{
    struct reclaim_member *member = worker->trust.member;
    bool is_waited_for = reclaim_waiting_count(member) > 0;
    uint32_t limit_ms = is_waited_for ? RECLAIM_LIMIT_MS : worker->settings.turn_limit_ms;
    reclaim_sleep(member);
    ring_wait(worker->ring,
              proxy_has_work(worker->proxy) ? 0 : timer_wheel_idle_ms(&worker->wheel, limit_ms));
    reclaim_wake(member);
    count_turn(worker);
    timer_wheel_tell(&worker->wheel, clock_monotonic_ms());
    (void)ring_deliver(worker->ring);
    timer_wheel_advance(&worker->wheel);
    proxy_turn_ended(worker->proxy);
    acceptor_list_review(&worker->acceptors);
    if (worker->phase == WORKER_STOPPING) {
        proxy_shut(worker->proxy); /* what was let in since */
    }
    finish_publication(worker);
    tell_when_deserted(worker);
}

static bool is_over(const struct worker *worker)
{
    return worker->phase != WORKER_RUNNING && proxy_is_empty(worker->proxy) &&
           list_is_empty(&worker->acceptors);
}

static void take_apart(struct worker *worker)
{
    acceptor_list_empty(&worker->acceptors);
    if (worker->mailbox.ring != NULL) {
        mailbox_shut(&worker->mailbox);
        while (worker->mailbox.read.is_in_flight) {
            ring_wait(worker->ring, worker->settings.turn_limit_ms);
            (void)ring_deliver(worker->ring);
        }
    }
    proxy_destroy(worker->proxy);
    ring_destroy(worker->ring);
    if (worker->trust.member != NULL) {
        reclaim_sleep(worker->trust.member);
    }
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    pin(worker);
    worker->readiness = make_ready(worker);
    (void)sem_post(&worker->is_ready);
    if (result_is_ok(worker->readiness)) {
        while (!is_over(worker)) {
            turn(worker);
        }
    }
    take_apart(worker);
    atomic_store_explicit(&worker->turn_count, UINT64_MAX, memory_order_relaxed);
    /* Pairs with the acquire in worker_has_ended. */
    atomic_store_explicit(&worker->has_ended, true, memory_order_release);
    return NULL;
}

static struct worker *worker_of(struct letter *letter)
{
    return LIST_OWNER(letter, struct order, letter)->worker;
}

/* Those that are open, or shut, already are left as they are. */
static void open_or_shut(struct worker *worker)
{
    if (worker->is_open) {
        acceptor_list_open(&worker->acceptors);
    } else if (worker->phase != WORKER_RUNNING) {
        acceptor_list_shut(&worker->acceptors);
    }
}

static void on_open(struct letter *letter)
{
    struct worker *worker = worker_of(letter);
    worker->is_open = worker->phase == WORKER_RUNNING;
    open_or_shut(worker);
}

static void on_drain(struct letter *letter)
{
    struct worker *worker = worker_of(letter);
    if (worker->phase != WORKER_RUNNING) {
        return;
    }
    worker->phase = WORKER_DRAINING;
    worker->is_open = false;
    open_or_shut(worker);
    proxy_drain(worker->proxy);
    timer_wheel_set(&worker->wheel, &worker->drain_limit, worker->drain_order.limit_ms);
}

static void stop(struct worker *worker)
{
    worker->phase = WORKER_STOPPING;
    worker->is_open = false;
    open_or_shut(worker);
    timer_wheel_clear(&worker->wheel, &worker->drain_limit);
    proxy_shut(worker->proxy);
}

static void on_drain_limit(struct timer *timer)
{
    stop(LIST_OWNER(timer, struct worker, drain_limit));
}

static void on_stop(struct letter *letter)
{
    struct worker *worker = worker_of(letter);
    if (worker->phase != WORKER_STOPPING) {
        stop(worker);
    }
}

static void on_review(struct letter *letter)
{
    struct worker *worker = worker_of(letter);
    /* Before the review: what is removed from now on is worth another letter. The acquire pairs
     * with the release in worker_review_leases: what the orderer removed is seen. */
    (void)atomic_exchange_explicit(&worker->is_review_ordered, false, memory_order_acq_rel);
    proxy_review_leases(worker->proxy);
}

/* What is logged from here on waits until the log writer has gone over, too. */
static void change_log(struct worker *worker, const struct generation *generation)
{
    log_queue_fence(&worker->log_queue);
    proxy_log_to(worker->proxy, log_queue_for(worker, generation),
                 generation->config->gateway.access_log_format);
}

static void on_publish(struct letter *letter)
{
    struct worker *worker = worker_of(letter);
    struct worker_publication *publication = worker->published;
    struct list *place;
    worker->publication = publication;
    change_log(worker, proxy_generation_content(publication->generation));
    acceptor_list_refit(&worker->acceptors, proxy_generation_content(publication->generation));
    proxy_generation_publish(worker->proxy, publication->generation);
    acceptor_list_equip(&publication->acceptors, worker->ring, &worker->wheel, worker->proxy);
    while ((place = list_take_first(&publication->acceptors)) != NULL) {
        list_add_last(&worker->acceptors, place);
    }
    open_or_shut(worker);
}

/* On the control thread. */

static struct result init(struct worker *worker)
{
    worker->open_order = (struct order){.letter.deliver = on_open, .worker = worker};
    worker->drain_order = (struct order){.letter.deliver = on_drain, .worker = worker};
    worker->stop_order = (struct order){.letter.deliver = on_stop, .worker = worker};
    worker->review_order = (struct order){.letter.deliver = on_review, .worker = worker};
    worker->publish_order = (struct order){.letter.deliver = on_publish, .worker = worker};
    worker->has_published = true;
    worker->drain_limit.expired = on_drain_limit;
    worker->memory_look.expired = look_at_memory;
    TRY(acceptor_list_fill(&worker->acceptors, worker->settings.generation,
                           worker->settings.listen_sockets, worker->settings.shares_sockets));
    if (sem_init(&worker->is_ready, 0, 0) != 0) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    return log_queue_init(&worker->log_queue, LOG_QUEUE_BYTES);
}

static struct result start_thread(struct worker *worker)
{
    char name[16];
    if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
        return result_failure(ERROR_THREAD);
    }
    (void)snprintf(name, sizeof(name), "worker-%u", worker->settings.index);
    (void)pthread_setname_np(worker->thread, name); /* only what top shows */
    while (sem_wait(&worker->is_ready) != 0) {
    }
    if (!result_is_ok(worker->readiness)) {
        worker_join(worker);
    }
    return worker->readiness;
}

struct result worker_start(const struct worker_settings *settings, struct worker **ret_worker)
{
    struct worker *worker = aligned_alloc(_Alignof(struct worker), sizeof(*worker));
    if (worker == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    *worker = (struct worker){.settings = *settings};
    list_init(&worker->acceptors);
    struct result result = init(worker);
    if (result_is_ok(result)) {
        result = start_thread(worker);
    }
    if (!result_is_ok(result)) {
        worker_destroy(worker);
        return result;
    }
    *ret_worker = worker;
    return RESULT_OK;
}

void worker_open(struct worker *worker)
{
    mailbox_post(&worker->mailbox, &worker->open_order.letter);
}

struct result worker_prepare(struct worker *worker, const struct generation *generation,
                             const int *listen_sockets, struct worker_publication *ret_publication)
{
    ret_publication->generation = NULL;
    list_init(&ret_publication->acceptors);
    struct result result = acceptor_list_fill(&ret_publication->acceptors, generation,
                                              listen_sockets, worker->settings.shares_sockets);
    if (result_is_ok(result)) {
        result = proxy_generation_create(worker->proxy, generation, &ret_publication->generation);
    }
    if (!result_is_ok(result)) {
        worker_discard(ret_publication);
    }
    return result;
}

void worker_discard(struct worker_publication *publication)
{
    acceptor_list_empty(&publication->acceptors);
    proxy_generation_destroy(publication->generation);
    publication->generation = NULL;
}

void worker_publish(struct worker *worker, struct worker_publication *publication)
{
    worker->published = publication;
    atomic_store_explicit(&worker->has_published, false,
                          memory_order_relaxed); /* the mailbox orders */
    mailbox_post(&worker->mailbox, &worker->publish_order.letter);
}

bool worker_has_published(const struct worker *worker)
{
    /* Pairs with the release in finish_publication. */
    return atomic_load_explicit(&worker->has_published, memory_order_acquire);
}

struct proxy *worker_proxy(const struct worker *worker)
{
    return worker->proxy;
}

void worker_drain(struct worker *worker, uint32_t limit_ms)
{
    worker->drain_order.limit_ms = limit_ms;
    mailbox_post(&worker->mailbox, &worker->drain_order.letter);
}

void worker_stop(struct worker *worker)
{
    mailbox_post(&worker->mailbox, &worker->stop_order.letter);
}

void worker_review_leases(struct worker *worker)
{
    if (!atomic_exchange_explicit(&worker->is_review_ordered, true, memory_order_acq_rel)) {
        mailbox_post(&worker->mailbox, &worker->review_order.letter);
    }
}

bool worker_is_deserted(const struct worker *worker)
{
    return atomic_load_explicit(&worker->is_deserted, memory_order_relaxed);
}

bool worker_has_ended(const struct worker *worker)
{
    /* Pairs with the release in run. */
    return atomic_load_explicit(&worker->has_ended, memory_order_acquire);
}

void worker_join(struct worker *worker)
{
    (void)pthread_join(worker->thread, NULL);
}

void worker_destroy(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    acceptor_list_empty(&worker->acceptors);
    mailbox_close(&worker->mailbox);
    log_queue_deinit(&worker->log_queue);
    free(worker);
}

const struct counters *worker_counters(const struct worker *worker)
{
    return &worker->counters;
}

const _Atomic uint64_t *worker_turn_count(const struct worker *worker)
{
    return &worker->turn_count;
}

struct log_queue *worker_log_queue(struct worker *worker)
{
    return &worker->log_queue;
}

const struct trust_cache_counters *worker_trust_cache_counters(const struct worker *worker)
{
    return &worker->trust_cache_counters;
}
