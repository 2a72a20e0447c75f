/*
 * The other end: connects, does each turn over all connections together, and closes. Runs on a
 * thread of its own, whose time is not measured. That it blocks is no harm: while it waits for one
 * connection the others fill.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "floor.h"

const uint8_t floor_bytes[FLOOR_PIECE_BYTES_MAX];

static int connect_one(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(descriptor >= 0);
    CHECK(connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    return descriptor;
}

/* What the measured thread receives is sent to all before any answer is waited for. */
static void do_turn(const struct floor_work *work, const int *descriptors)
{
    static uint8_t received[FLOOR_PIECE_BYTES_MAX];
    for (size_t i = 0; i < work->connection_count && work->receive_bytes > 0; i++) {
        ssize_t sent = send(descriptors[i], floor_bytes, work->receive_bytes, MSG_NOSIGNAL);
        CHECK(sent == (ssize_t)work->receive_bytes);
    }
    for (size_t i = 0; i < work->connection_count && work->send_bytes > 0; i++) {
        ssize_t got = recv(descriptors[i], received, work->send_bytes, MSG_WAITALL);
        CHECK(got == (ssize_t)work->send_bytes);
    }
}

void floor_peer_run(struct floor_run *run)
{
    const struct floor_work *work = run->work;
    int descriptors[FLOOR_CONNECTION_COUNT_MAX];
    /* At least one turn, however late this thread came to run. */
    do {
        for (size_t i = 0; i < work->connection_count; i++) {
            descriptors[i] = connect_one(run->port);
        }
        run->connected_count += work->connection_count;
        uint32_t turn = 0;
        do {
            do_turn(work, descriptors);
            turn++;
        } while (!atomic_load(&run->is_over) && turn != work->turns);
        for (size_t i = 0; i < work->connection_count; i++) {
            (void)close(descriptors[i]);
        }
    } while (!atomic_load(&run->is_over));
    atomic_store(&run->is_abandoned, true);
}

bool floor_peer_is_served(const struct floor_run *run)
{
    return atomic_load(&run->is_abandoned) && run->connection_count == run->connected_count;
}
