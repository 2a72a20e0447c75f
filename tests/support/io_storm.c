/*
 * Loaded before libc and liburing: system calls are interrupted, cut short and told to come again,
 * at random but by a seed.
 *
 * Bytes move through io_uring, which no wrapper of read() or send() would see. So the submission
 * queue is edited on its way to the kernel: sends become shorter, provided buffers smaller, and
 * some receives a no-op whose completion is then made to say what an interrupted one would. The
 * environment: IO_STORM_SEED, IO_STORM_SHARE (of 1,000) and IO_STORM_KINDS, letters as in enum
 * kind. Every thread has random numbers of its own; a ring and all that belongs to it is one
 * thread's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define RINGS_MAX           64
#define MARKS_MAX           4096
#define KIND_COUNT          128
#define EVENTFD_WRITE_BYTES 8
#define SHORT_BYTES_MAX     2000

enum kind {
    FILES = 'f',         /* read, write, getrandom: short or EINTR */
    FULL_FILES = 'a',    /* write: EAGAIN */
    POLLS = 'p',         /* poll: EINTR */
    TURNS = 't',         /* submitting and waiting: EINTR, EAGAIN, EBUSY */
    SENDS = 's',         /* short sends */
    BUFFERS = 'b',       /* short receives */
    RECEIVES = 'r',      /* receives: EINTR, EAGAIN, ENOBUFS */
    REFUSED_SENDS = 'x', /* sends: EINTR, EAGAIN */
    SIGNALS = 'g'        /* SIGURG and SIGWINCH have a handler without SA_RESTART */
};

/* A receive or send that became a no-op, and what its completion is to say. */
struct mark {
    uint64_t operation;
    int result;
};

struct ring_state {
    struct io_uring *ring;
    struct io_uring_buf_ring *buffers;
    uint32_t buffer_count;
    struct mark marks[MARKS_MAX];
    size_t mark_count;
};

static struct ring_state *states[RINGS_MAX];
static _Atomic size_t state_count;
static _Atomic uint64_t thread_count;
static __thread uint64_t random_state;
static _Atomic uint64_t
    strike_counts[KIND_COUNT]; /* SIGNALS: waits that the kernel itself ended with EINTR */
static uint64_t seed = 1;
static uint64_t share;
static const char *kinds = "";

static void ignore_signal(int number)
{
    (void)number;
}

[[gnu::constructor]] static void read_settings(void)
{
    const char *text = getenv("IO_STORM_SEED");
    seed = text == NULL ? 1 : strtoull(text, NULL, 10);
    text = getenv("IO_STORM_SHARE");
    share = text == NULL ? 0 : strtoull(text, NULL, 10);
    text = getenv("IO_STORM_KINDS");
    kinds = text == NULL ? "" : text;
    if (strchr(kinds, SIGNALS) != NULL) {
        struct sigaction action = {.sa_handler = ignore_signal};
        (void)sigaction(SIGURG, &action, NULL);
        (void)sigaction(SIGWINCH, &action, NULL);
    }
}

[[gnu::destructor]] static void write_report(void)
{
    const char *path = getenv("IO_STORM_REPORT");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    for (int kind = 0; file != NULL && kind < KIND_COUNT; kind++) {
        if (strike_counts[kind] > 0) {
            fprintf(file, "%c %llu\n", kind, (unsigned long long)strike_counts[kind]);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static uint64_t draw(uint64_t below)
{
    if (random_state == 0) {
        random_state =
            (seed * 1000 + atomic_fetch_add(&thread_count, 1)) * 0x9E3779B97F4A7C15ULL + 1;
    }
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return ((random_state * 2685821657736338717ULL) >> 33) % below;
}

static bool strikes(enum kind kind)
{
    bool is_struck = strchr(kinds, (int)kind) != NULL && draw(1000) < share;
    if (is_struck) {
        atomic_fetch_add(&strike_counts[kind], 1);
    }
    return is_struck;
}

/* The function that would have been called without us. */
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static long fail(int error)
{
    errno = error;
    return -1;
}

/* The libc. */

ssize_t read(int descriptor, void *bytes, size_t length)
{
    if (strikes(FILES)) {
        if (draw(2) == 0 || length < 2) {
            return fail(EINTR);
        }
        length = 1 + draw(length - 1);
    }
    return REAL(read)(descriptor, bytes, length);
}

ssize_t write(int descriptor, const void *bytes, size_t length)
{
    if (length == EVENTFD_WRITE_BYTES) {
        return REAL(write)(descriptor, bytes, length); /* an eventfd is never interrupted */
    }
    if (strikes(FULL_FILES)) {
        return fail(EAGAIN);
    }
    if (strikes(FILES)) {
        if (draw(2) == 0 || length < 2) {
            return fail(EINTR);
        }
        length = 1 + draw(length - 1);
    }
    return REAL(write)(descriptor, bytes, length);
}

ssize_t getrandom(void *bytes, size_t length, unsigned flags)
{
    if (strikes(FILES)) {
        if (draw(2) == 0 || length < 2) {
            return fail(EINTR);
        }
        length = 1 + draw(length - 1);
    }
    return REAL(getrandom)(bytes, length, flags);
}

int poll(struct pollfd *entries, nfds_t count, int timeout_ms)
{
    return strikes(POLLS) ? (int)fail(EINTR) : REAL(poll)(entries, count, timeout_ms);
}

/* The rings. */

static struct ring_state *state_of(struct io_uring *ring)
{
    size_t count = atomic_load(&state_count);
    for (size_t i = 0; i < count; i++) {
        if (states[i] != NULL && states[i]->ring == ring) {
            return states[i];
        }
    }
    return NULL;
}

int io_uring_register_buf_ring(struct io_uring *ring, struct io_uring_buf_reg *registration,
                               unsigned flags)
{
    size_t index = atomic_fetch_add(&state_count, 1);
    if (index < RINGS_MAX) {
        struct ring_state *state = calloc(1, sizeof(*state));
        state->ring = ring;
        state->buffers = (void *)(uintptr_t)registration->ring_addr;
        state->buffer_count = registration->ring_entries;
        states[index] = state;
    }
    return REAL(io_uring_register_buf_ring)(ring, registration, flags);
}

/* The lengths of buffers that were used already are written anew before they are given again:
 * nobody reads ours. */
static void shrink_buffers(struct ring_state *state)
{
    for (uint32_t i = 0; i < state->buffer_count; i++) {
        struct io_uring_buf *buffer = &state->buffers->bufs[i];
        if (buffer->len > 1 && strikes(BUFFERS)) {
            buffer->len = 1 + (uint32_t)draw(draw(2) == 0 ? 3 : SHORT_BYTES_MAX);
        }
    }
}

static void make_no_operation(struct ring_state *state, struct io_uring_sqe *slot, int result)
{
    uint64_t operation = slot->user_data;
    if (state->mark_count == MARKS_MAX) {
        return;
    }
    state->marks[state->mark_count++] = (struct mark){operation, result};
    *slot = (struct io_uring_sqe){.opcode = IORING_OP_NOP, .fd = -1, .user_data = operation};
}

static void edit_slot(struct ring_state *state, struct io_uring_sqe *slot)
{
    static const int receive_results[] = {-EINTR, -EAGAIN, -ENOBUFS};
    static const int send_results[] = {-EINTR, -EAGAIN};
    if (slot->opcode == IORING_OP_RECV && strikes(RECEIVES)) {
        make_no_operation(state, slot, receive_results[draw(3)]);
    } else if (slot->opcode == IORING_OP_SEND && strikes(REFUSED_SENDS)) {
        make_no_operation(state, slot, send_results[draw(2)]);
    } else if (slot->opcode == IORING_OP_SEND && slot->len > 1 && strikes(SENDS)) {
        uint32_t most = slot->len < SHORT_BYTES_MAX ? slot->len : SHORT_BYTES_MAX;
        slot->len = 1 + (uint32_t)draw(draw(2) == 0 ? 1 : most);
    }
}

static void edit_slots(struct ring_state *state)
{
    struct io_uring_sq *queue = &state->ring->sq;
    for (unsigned at = queue->sqe_head; at != queue->sqe_tail; at++) {
        edit_slot(state, &queue->sqes[at & queue->ring_mask]);
    }
}

static void take_mark(struct ring_state *state, struct io_uring_cqe *event)
{
    for (size_t i = 0; i < state->mark_count; i++) {
        if (state->marks[i].operation == event->user_data) {
            event->res = state->marks[i].result;
            state->marks[i] = state->marks[--state->mark_count];
            return;
        }
    }
}

/* From the newest on: an operation's earlier completions may still lie there, handled but not taken
 * away. */
static void edit_completions(struct ring_state *state)
{
    struct io_uring_cq *queue = &state->ring->cq;
    unsigned first = *queue->khead;
    for (unsigned at = io_uring_smp_load_acquire(queue->ktail);
         at != first && state->mark_count > 0; at--) {
        struct io_uring_cqe *event = &queue->cqes[(at - 1) & queue->ring_mask];
        if (event->res == 0 && event->flags == 0) {
            take_mark(state, event);
        }
    }
}

static int interruption(void)
{
    static const int results[] = {-EINTR, -EAGAIN, -EBUSY};
    return strikes(TURNS) ? results[draw(3)] : 0;
}

int io_uring_submit(struct io_uring *ring)
{
    struct ring_state *state = state_of(ring);
    int result = interruption();
    if (state == NULL || result != 0) {
        return result != 0 ? result : REAL(io_uring_submit)(ring);
    }
    edit_slots(state);
    shrink_buffers(state);
    result = REAL(io_uring_submit)(ring);
    edit_completions(state);
    return result;
}

int io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **ret_event,
                                     unsigned wanted, struct __kernel_timespec *timeout,
                                     sigset_t *signals)
{
    struct ring_state *state = state_of(ring);
    int result = interruption();
    if (state == NULL || result != 0) {
        return result != 0 ? result
                           : REAL(io_uring_submit_and_wait_timeout)(ring, ret_event, wanted,
                                                                    timeout, signals);
    }
    edit_slots(state);
    shrink_buffers(state);
    result = REAL(io_uring_submit_and_wait_timeout)(ring, ret_event, wanted, timeout, signals);
    if (result == -EINTR) {
        atomic_fetch_add(&strike_counts[SIGNALS], 1);
    }
    edit_completions(state);
    return result;
}
