/*
 * Waiting for a descriptor whose reader may be stuck. All waits of one turn together are bounded,
 * and while the reader stays stuck there is none, so that one log does not hold up the other. The
 * log writer's thread.
 */
#ifndef CONTROL_LOG_ROOM_H
#define CONTROL_LOG_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/* How often a write that finds no room, though there was to be some, is tried again. */
#define LOG_ROOM_TRIES_MAX 16

struct log_room {
    uint64_t give_up_ms;
    bool is_stuck;
};

/* A turn of the log writer begins. */
void log_room_begin_turn(struct log_room *room);

/* Something was written. */
static inline void log_room_note_success(struct log_room *room)
{
    room->is_stuck = false;
}

/* Whether the descriptor can be written to, now or within what is left of the turn's time. */
bool log_room_await(struct log_room *room, int descriptor);

#endif
