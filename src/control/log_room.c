/* poll() with a limit that signals do not prolong. */
#include "log_room.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"

/* How long a turn may wait for a stuck reader before lines are given up. */
#define STUCK_LIMIT_MS 1000

void log_room_begin_turn(struct log_room *room)
{
    room->give_up_ms = clock_monotonic_ms() + (room->is_stuck ? 0 : STUCK_LIMIT_MS);
}

bool log_room_await(struct log_room *room, int descriptor)
{
    struct pollfd poll_entry = {.fd = descriptor, .events = POLLOUT};
    int answer = -1;
    do {
        uint64_t now_ms = clock_monotonic_ms();
        answer =
            poll(&poll_entry, 1, now_ms < room->give_up_ms ? (int)(room->give_up_ms - now_ms) : 0);
    } while (answer < 0 && errno == EINTR);
    room->is_stuck = answer != 1 || (poll_entry.revents & POLLOUT) == 0;
    return !room->is_stuck;
}
