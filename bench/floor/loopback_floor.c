/*
 * Prints what the kernel takes for each of a few works over loopback, by io_uring and by epoll:
 * CPU time of the thread that does them, the least of fifteen runs. bench/PROFILE.md compares the
 * gateway's with it.
 *
 * Usage: loopback_floor [milliseconds of each run (100)]
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"

#define RUN_COUNT  15
#define BACKLOG    1024
#define MICRO      1e3            /* nanoseconds */
#define PER_GB(of) ((double)(of)) /* ns a piece of so many bytes are s a GB, divided by them */

/* clang-format off */
static const struct floor_work works[] = {
    {"a message of 200 bytes in, one of 500 out; 32 connections", "µs",  MICRO,         32, 200,    500,    0},
    {"the same; 1 connection",                                    "µs",  MICRO,         1,  200,    500,    0},
    {"a connection of two such turns, accepted and closed",       "µs",  MICRO,         8,  500,    1500,   2},
    {"sending in pieces of 32 KiB; 8 connections",                "s/GB", PER_GB(32768),  8,  0,      32768,  0},
    {"sending in pieces of 256 KiB; 8 connections",               "s/GB", PER_GB(262144), 8,  0,      262144, 0},
    {"receiving in pieces of 32 KiB; 8 connections",              "s/GB", PER_GB(32768),  8,  32768,  0,      0},
};
static const struct {
    const char *name;
    void (*work)(struct floor_run *run);
} ways[] = {{"io_uring", floor_by_ring}, {"epoll", floor_by_epoll}};
/* clang-format on */

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

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

/* The measured thread has the first CPU, the other end the others, where there are any. */
static void pin(bool is_measured)
{
    static cpu_set_t all;
    cpu_set_t own;
    if (CPU_COUNT(&all) == 0) {
        CHECK(sched_getaffinity(0, sizeof(all), &all) == 0);
    }
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
    struct floor_run run;
    void (*work)(struct floor_run *run);
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
    measured->work(&measured->run);
    measured->run.cpu_ns = cpu_ns() - before;
    return NULL;
}

/* In the unit of the work. */
static double measure_once(const struct floor_work *work, void (*way)(struct floor_run *run),
                           long milliseconds)
{
    struct measured measured = {.run = {.work = work}, .work = way};
    struct timespec length = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    pthread_t own, peer;
    listen_on_loopback(&measured.run);
    CHECK(pthread_create(&own, NULL, run_measured, &measured) == 0);
    CHECK(pthread_create(&peer, NULL, run_peer, &measured.run) == 0);
    (void)nanosleep(&length, NULL);
    atomic_store(&measured.run.is_over, true);
    CHECK(pthread_join(peer, NULL) == 0 && pthread_join(own, NULL) == 0);
    (void)close(measured.run.listener);
    uint64_t count = work->turns > 0 ? measured.run.connection_count : measured.run.turn_count;
    CHECK(count > 0);
    return (double)measured.run.cpu_ns / (double)count / work->per_unit;
}

static double measure(const struct floor_work *work, size_t way, long milliseconds)
{
    double least = measure_once(work, ways[way].work, milliseconds);
    for (int i = 1; i < RUN_COUNT; i++) {
        double again = measure_once(work, ways[way].work, milliseconds);
        least = again < least ? again : least;
    }
    return least;
}

int main(int argument_count, char **arguments)
{
    long milliseconds = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 100;
    if (milliseconds <= 0) {
        fprintf(stderr, "usage: loopback_floor [milliseconds of each run (100)]\n");
        return 2;
    }
    pin(true);
    printf("%-60s", "CPU time in the kernel and for asking it, over loopback");
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        printf("%14s", ways[way].name);
    }
    printf("\n");
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        printf("%-60s", works[i].name);
        for (size_t way = 0; way < COUNT_OF(ways); way++) {
            printf("%9.3f %-4s", measure(&works[i], way, milliseconds), works[i].unit);
            (void)fflush(stdout);
        }
        printf("\n");
    }
    return 0;
}
