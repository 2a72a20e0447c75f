/*
 * One run of a work: the measured thread on a CPU of its own, the other end on another, and what
 * the first took. Called by the main()s, on their thread.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"

#define BACKLOG 1024

static void listen_on_loopback(struct floor_run *run)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int on = 1;
    run->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    CHECK(run->listener >= 0);
    CHECK(setsockopt(run->listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    CHECK(bind(run->listener, (const struct sockaddr *)&address, length) == 0);
    CHECK(listen(run->listener, BACKLOG) == 0);
    CHECK(getsockname(run->listener, (struct sockaddr *)&address, &length) == 0);
    run->port = ntohs(address.sin_port);
}

/* The measured thread has the first CPU, the other end the others, where there are any. main()'s is
 * pinned to none, so its CPUs are all. */
static void pin(bool is_measured)
{
    cpu_set_t all, own;
    CHECK(sched_getaffinity(getpid(), sizeof(all), &all) == 0);
    size_t first = 0;
    while (!CPU_ISSET(first, &all)) {
        first++;
    }
    CPU_ZERO(&own);
    CPU_SET(first, &own);
    if (!is_measured && CPU_COUNT(&all) > 1) {
        CPU_XOR(&own, &own, &all);
    }
    CHECK(pthread_setaffinity_np(pthread_self(), sizeof(own), &own) == 0);
}

static void *run_peer(void *argument)
{
    pin(false);
    floor_peer_run(argument);
    return NULL;
}

struct measured {
    struct floor_run *run;
    void (*way)(struct floor_run *run);
};

static uint64_t cpu_ns(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void *run_measured(void *argument)
{
    struct measured *measured = argument;
    pin(true);
    uint64_t before = cpu_ns();
    measured->way(measured->run);
    measured->run->cpu_ns = cpu_ns() - before;
    return NULL;
}

double floor_measure(struct floor_run *run, void (*way)(struct floor_run *run), long milliseconds)
{
    const struct floor_work *work = run->work;
    struct measured measured = {.run = run, .way = way};
    struct timespec length = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    pthread_t own, peer;
    listen_on_loopback(run);
    CHECK(pthread_create(&own, NULL, run_measured, &measured) == 0);
    CHECK(pthread_create(&peer, NULL, run_peer, run) == 0);
    (void)nanosleep(&length, NULL);
    atomic_store(&run->is_over, true);
    CHECK(pthread_join(peer, NULL) == 0 && pthread_join(own, NULL) == 0);
    (void)close(run->listener);
    uint64_t count = work->turns > 0 ? run->connection_count : run->turn_count;
    CHECK(count > 0);
    return (double)run->cpu_ns / (double)count / work->per_unit;
}
