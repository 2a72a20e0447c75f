/* The gateway's own figures against each other, and against what the simulation knows. */
#include "sim_balance.h"

/* So many that the next finds an idle connection. */
#define FAIR_ANSWERS_WITH_REUSE 50

/* Of the backend. */
#define SERVER_COUNT 2

static uint64_t figure(const struct sim_world *world, enum counter counter)
{
    return atomic_load(&world->counters->values[counter]);
}

static uint64_t closed_for(const struct sim_world *world, enum close_reason reason)
{
    return atomic_load(&world->counters->closed[reason]);
}

static void expect_equal(const struct sim_world *world, const char *what, uint64_t a, uint64_t b)
{
    if (a != b) {
        counters_print(world->counters, stderr);
        sim_fail(world, "the figures do not balance: %s: %llu and %llu", what,
                 (unsigned long long)a, (unsigned long long)b);
    }
}

void sim_balance_check(const struct sim_world *world)
{
    uint64_t accepted = figure(world, COUNTER_CONNECTIONS_ACCEPTED);
    uint64_t closed = 0;
    uint64_t judged = 0;
    uint64_t ended = figure(world, COUNTER_REQUESTS_UNANSWERED) + figure(world, COUNTER_TUNNELS);
    for (enum close_reason reason = CLOSE_NONE; reason < CLOSE_REASON_COUNT; reason++) {
        closed += closed_for(world, reason);
    }
    for (size_t reason = 0; reason < VERDICT_REASON_COUNT; reason++) {
        judged += atomic_load(&world->counters->verdicts[reason]);
    }
    for (enum counter counter = COUNTER_ANSWERS_2XX; counter <= COUNTER_ANSWERS_5XX; counter++) {
        ended += figure(world, counter);
    }
    expect_equal(world, "clients started, and accepted or rejected", world->started_count,
                 accepted + figure(world, COUNTER_CONNECTIONS_REJECTED));
    expect_equal(world, "clients accepted and closed", accepted,
                 figure(world, COUNTER_CONNECTIONS_CLOSED));
    expect_equal(world, "clients accepted and reasons of closing", accepted, closed);
    expect_equal(world, "clients accepted and handshakes", accepted,
                 figure(world, COUNTER_HANDSHAKES_COMPLETED) +
                     figure(world, COUNTER_HANDSHAKES_FAILED));
    if (judged > figure(world, COUNTER_HANDSHAKES_COMPLETED)) {
        sim_fail(world, "more verdicts than handshakes"); /* a profile may ask for none */
    }
    expect_equal(world, "backend connects and closes", figure(world, COUNTER_BACKEND_CONNECTS),
                 figure(world, COUNTER_BACKEND_CLOSED));
    expect_equal(world, "requests and their ends", figure(world, COUNTER_REQUESTS), ended);
    expect_equal(world, "lines of the log and what they tell", world->log_line_count,
                 ended + figure(world, COUNTER_HANDSHAKES_FAILED));
    /* Who is not fair may have shaken hands only, and nobody knows what it will ask for. */
    if (world->is_draining && world->settings.is_fair) {
        expect_equal(world, "idle clients before a drain and after", world->idle_timeout_count,
                     closed_for(world, CLOSE_KEEPALIVE_TIMEOUT));
    }
    expect_equal(world, "lines dropped", log_queue_dropped_count(world->log_queue), 0);
    for (enum gauge gauge = 0; gauge < GAUGE_COUNT; gauge++) {
        expect_equal(world, "a level and nothing", atomic_load(&world->counters->gauges[gauge]), 0);
    }
}

/* Where everybody is fair nobody's patience may end but that of who was told to wait for it. */
void sim_balance_check_fairness(const struct sim_world *world)
{
    static const enum close_reason unfair[] = {
        CLOSE_CLIENT_ABORTED, CLOSE_TLS_FAILED,     CLOSE_REQUEST_TIMEOUT, CLOSE_SEND_TIMEOUT,
        CLOSE_BACKEND_FAILED, CLOSE_TUNNEL_TIMEOUT, CLOSE_OVERLOAD};
    if (!world->settings.is_fair || world->settings.ending != SIM_ENDS_IDLE) {
        return;
    }
    for (size_t i = 0; i < sizeof(unfair) / sizeof(unfair[0]); i++) {
        expect_equal(world, close_reason_word(unfair[i]), closed_for(world, unfair[i]), 0);
    }
    expect_equal(world, "idle clients and their timeouts", world->idle_client_count,
                 closed_for(world, CLOSE_KEEPALIVE_TIMEOUT));
    if (!world->settings.connects_fail && world->fair_answer_count >= FAIR_ANSWERS_WITH_REUSE &&
        figure(world, COUNTER_BACKEND_REUSES) == 0) {
        sim_fail(world, "no connection to a backend was ever used twice");
    }
    if (figure(world, COUNTER_BACKEND_CONNECT_FAILURES) <
        (uint64_t)SERVER_COUNT * world->unreachable_count) {
        sim_fail(world, "a request failed before every server was tried");
    }
    uint64_t timeout_count = closed_for(world, CLOSE_HANDSHAKE_TIMEOUT);
    if (timeout_count < world->silent_client_count ||
        timeout_count > world->silent_client_count + world->garbage_client_count) {
        expect_equal(world, "silent clients and their timeouts", world->silent_client_count,
                     timeout_count);
    }
}
