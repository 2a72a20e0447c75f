/* What counts of operations, by the phases of the run; see the header. Called by connection.c. */
#include "connection_count.h"

#include "connection.h"
#include "lane.h"

static bool is_measured(const struct connection *connection)
{
    return lane_measures(connection->lane) && !connection->is_of_warm_up;
}

/* In open loop what should have begun in the measured time counts, however late it ends. */
static bool is_late(const struct connection *connection)
{
    return connection->has_operation && !connection->is_of_warm_up &&
           connection->lane->pace.rate > 0 &&
           connection->intended_ns >= connection->lane->run->measure_ns;
}

void connection_count_success(struct connection *connection)
{
    struct lane *lane = connection->lane;
    struct tally *tally = lane->tally;
    uint64_t took_ns = lane->now_ns - connection->intended_ns;
    uint64_t sent = lane->run->plan->body_bytes - connection->body_left;
    if (lane->place.is_storm) {
        tally->storm_handshakes += lane_measures(lane);
        return;
    }
    if (is_measured(connection)) {
        tally->operations++;
        tally->bytes_received += connection->answer.body_bytes;
        tally->bytes_sent += sent;
        tally_add_slice(tally, lane->now_ns - lane->run->measure_ns,
                        connection->answer.body_bytes + sent, took_ns);
        atomic_store_explicit(&tally->live_operations, tally->operations, memory_order_relaxed);
    } else if (is_late(connection)) {
        tally->late++;
    } else {
        return;
    }
    tally->longest_ns = took_ns > tally->longest_ns ? took_ns : tally->longest_ns;
    histogram_record(&tally->latency, took_ns);
}

void connection_count_handshake(struct connection *connection)
{
    struct lane *lane = connection->lane;
    bool is_resumed = tls_client_was_resumed(connection->tls);
    if (lane->description[0] == '\0') {
        tls_client_describe(connection->tls, lane->description, sizeof(lane->description));
    }
    if (lane_measures(lane)) {
        histogram_record(&lane->tally->handshakes, lane->now_ns - connection->opened_ns);
        lane->tally->handshakes_resumed += is_resumed;
        lane->tally->handshakes_full += !is_resumed;
    }
}

/* A server that hangs would be fast otherwise: only what it did not keep waiting would be timed. */
static void count_wait(struct connection *connection)
{
    struct lane *lane = connection->lane;
    uint64_t took_ns = lane->now_ns - connection->intended_ns;
    if (is_measured(connection)) {
        tally_add_wait(lane->tally, lane->now_ns - lane->run->measure_ns, took_ns);
    }
    histogram_record(&lane->tally->latency, took_ns);
}

void connection_count_fault(struct connection *connection, enum fault fault, const char *example)
{
    struct lane *lane = connection->lane;
    bool was_given_up = fault == FAULT_TIMEOUT || fault == FAULT_UNFINISHED;
    if (is_measured(connection) || is_late(connection)) {
        if (was_given_up && !lane->place.is_storm) {
            count_wait(connection);
        }
        tally_add_fault(lane->tally, fault, example);
        atomic_fetch_add_explicit(&lane->tally->live_errors, 1, memory_order_relaxed);
    }
}
