/*
 * Room in the allocator for threads that come and go. Called once, at the start, by the first
 * thread.
 *
 * jemalloc gives a new thread a part of its own (an arena) and crashes when there is no memory for
 * one. A thread takes one that is free rather than make one, so some are made while there is
 * memory.
 */
#ifndef BASE_ALLOCATOR_ARENAS_H
#define BASE_ALLOCATOR_ARENAS_H

/* For a reload, a request to change something, and lookups of names. Makes what it can. */
void allocator_arenas_reserve(void);

#endif
