/*
 * The parts of the allocator: room for threads that come and go, and what a thread gives back.
 *
 * jemalloc gives a new thread a part of its own (an arena) and crashes when there is no memory for
 * one. A thread takes one that is free rather than make one, so some are made while there is
 * memory.
 */
#ifndef BASE_ALLOCATOR_ARENAS_H
#define BASE_ALLOCATOR_ARENAS_H

/*
 * For a reload, a request to change something, and lookups of names. Makes what it can. Called
 * once, at the start, by the first thread.
 */
void allocator_arenas_reserve(void);

/*
 * What the calling thread's arena holds unused goes back to the kernel: at once, and what has been
 * unused for ten seconds or so. By itself jemalloc looks only when something is allocated or freed,
 * so that what a thread frees before it rests would stay. Without jemalloc they do nothing.
 */
void allocator_arenas_give_back(void);
void allocator_arenas_give_back_old(void);

#endif
