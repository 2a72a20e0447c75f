/*
 * What all fetches share: the ring, the timers, the connections, the responders. Made by the engine
 * and owned by its thread.
 */
#ifndef OCSP_FETCH_ROOM_H
#define OCSP_FETCH_ROOM_H

#include "base/list.h"
#include "base/slab.h"
#include "net/buffer.h"
#include "net/timer_wheel.h"
#include "ocsp/ocsp_engine.h"

/* Certificates name the responders, so there may be many; those not in use are forgotten. */
#define FETCH_ROOM_RESPONDER_COUNT_MAX 256

/* Connections to all responders together, idle ones too, which make room. */
#define FETCH_ROOM_CONNECTION_COUNT_MAX 1024

struct name_resolver;

struct fetch_room {
    struct ring *ring;
    struct timer_wheel *wheel;
    struct buffer_pool *buffers;
    struct name_resolver *resolver;
    struct ocsp_counters *counters;
    const struct ocsp_engine_settings *settings;
    struct slab connections;
    struct slab responder_slots;
    struct list reapable;   /* connections that are REAPING and joined, to be freed */
    struct list idle;       /* connections to all responders, the latest used first */
    struct list responders; /* the latest used first */
    struct list ready;      /* responders whose queue may go on */
};

/* The engine's thread is the only writer, so this needs no read-modify-write. */
static inline void fetch_room_count(struct fetch_room *room, enum ocsp_counter counter)
{
    _Atomic uint64_t *value = &room->counters->values[counter];
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

#endif
