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

/* Parts of a piece in a checked run: an odd number of bytes, so that buffers are filled unevenly.
 */
#define PART_BYTES_MAX 20011

struct peer {
    uint64_t position; /* in what was sent */
    int descriptor;
    uint16_t stream;
};

static void connect_one(struct peer *peer, uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int on = 1, descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(descriptor >= 0);
    CHECK(connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    CHECK(getsockname(descriptor, (struct sockaddr *)&address, &length) == 0);
    *peer = (struct peer){.descriptor = descriptor, .stream = ntohs(address.sin_port)};
}

static void send_checked(struct peer *peer, size_t length)
{
    static uint8_t part[PART_BYTES_MAX];
    while (length > 0) {
        size_t part_length = length < PART_BYTES_MAX ? length : PART_BYTES_MAX;
        floor_pattern_fill(peer->stream, peer->position, part, part_length);
        CHECK(send(peer->descriptor, part, part_length, MSG_NOSIGNAL) == (ssize_t)part_length);
        peer->position += part_length;
        length -= part_length;
    }
}

static void send_piece(const struct floor_run *run, struct peer *peer)
{
    size_t length = run->work->receive_bytes;
    if (run->is_checked) {
        send_checked(peer, length);
    } else {
        CHECK(send(peer->descriptor, floor_bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
    }
}

/* What the measured thread receives is sent to all before any answer is waited for. */
static void do_turn(const struct floor_run *run, struct peer *peers)
{
    static uint8_t received[FLOOR_PIECE_BYTES_MAX];
    const struct floor_work *work = run->work;
    for (size_t i = 0; i < work->connection_count && work->receive_bytes > 0; i++) {
        send_piece(run, &peers[i]);
    }
    for (size_t i = 0; i < work->connection_count && work->send_bytes > 0; i++) {
        ssize_t got = recv(peers[i].descriptor, received, work->send_bytes, MSG_WAITALL);
        CHECK(got == (ssize_t)work->send_bytes);
    }
}

void floor_peer_run(struct floor_run *run)
{
    const struct floor_work *work = run->work;
    struct peer peers[FLOOR_CONNECTION_COUNT_MAX];
    /* At least one turn, however late this thread came to run. */
    do {
        for (size_t i = 0; i < work->connection_count; i++) {
            connect_one(&peers[i], run->port);
        }
        run->connected_count += work->connection_count;
        uint32_t turn = 0;
        do {
            do_turn(run, peers);
            turn++;
        } while (!atomic_load(&run->is_over) && turn != work->turns);
        for (size_t i = 0; i < work->connection_count; i++) {
            (void)close(peers[i].descriptor);
        }
    } while (!atomic_load(&run->is_over));
    atomic_store(&run->is_abandoned, true);
}

bool floor_peer_is_served(const struct floor_run *run)
{
    return atomic_load(&run->is_abandoned) && run->connection_count == run->connected_count;
}
