/*
 * Arenas of jemalloc; see the header. Called by the first thread, which becomes the control thread,
 * and by the workers about theirs.
 *
 * To reserve them, so many threads at once allocate something: their arenas stay when they end.
 */
#include "base/allocator_arenas.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jemalloc/jemalloc.h>

/* A sanitizer's allocator has no such call. */
#pragma weak mallctl

#define COMMAND_SIZE 32

/* More at once than there are of them mostly; an arena takes some ten kilobytes. */
#define THREAD_COUNT 4

/* More than what a thread's own small caches need no arena for. */
#define SAMPLE_BYTES 4096

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t over;
    uint32_t here_count; /* who has its arena */
    uint32_t wanted_count;
};

/* None leaves before all are there, or two would be given the same one. */
static void *allocate(void *argument)
{
    struct meeting *meeting = argument;
    void *volatile sample = malloc(SAMPLE_BYTES);
    free(sample);
    (void)pthread_mutex_lock(&meeting->lock);
    meeting->here_count++;
    (void)pthread_cond_broadcast(&meeting->over);
    while (meeting->here_count < meeting->wanted_count) {
        (void)pthread_cond_wait(&meeting->over, &meeting->lock);
    }
    (void)pthread_mutex_unlock(&meeting->lock);
    return NULL;
}

void allocator_arenas_reserve(void)
{
    pthread_t threads[THREAD_COUNT];
    uint32_t made = 0;
    struct meeting meeting = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .over = PTHREAD_COND_INITIALIZER,
                              .wanted_count = THREAD_COUNT};
    while (made < meeting.wanted_count &&
           pthread_create(&threads[made], NULL, allocate, &meeting) == 0) {
        made++;
    }
    (void)pthread_mutex_lock(&meeting.lock);
    meeting.wanted_count = made; /* the others will not come */
    (void)pthread_cond_broadcast(&meeting.over);
    (void)pthread_mutex_unlock(&meeting.lock);
    for (uint32_t i = 0; i < made; i++) {
        (void)pthread_join(threads[i], NULL);
    }
}

static void tell_own_arena(const char *verb)
{
    unsigned arena;
    size_t size = sizeof(arena);
    char command[COMMAND_SIZE];
    if (mallctl != NULL && mallctl("thread.arena", &arena, &size, NULL, 0) == 0) {
        (void)snprintf(command, sizeof(command), "arena.%u.%s", arena, verb);
        (void)mallctl(command, NULL, NULL, NULL, 0);
    }
}

void allocator_arenas_give_back(void)
{
    tell_own_arena("purge");
}

void allocator_arenas_give_back_old(void)
{
    tell_own_arena("decay");
}
