/*
 * Building a generation on a thread of its own: a name server that does not answer costs half a
 * minute, a file on a server that is gone any time, and the control thread has more to look after.
 */
#ifndef CONTROL_GENERATION_READING_H
#define CONTROL_GENERATION_READING_H

#include "config/diagnostics.h"
#include "proxy/generation.h"

/* How long a reading may still take once it is not wanted any more. */
#define GENERATION_READING_GRACE_MS 1000

/* Called again and again meanwhile. False: it is not wanted any more. */
typedef bool (*generation_reading_look)(void *owner);

/*
 * As generation_builder_build(), with diagnostics that are empty yet; waits for it. ERROR_THREAD
 * when there is no thread. ERROR_CANCELLED when it was not wanted any more and went on for too
 * long: the thread is left behind then and ends when it can, with all that it holds; path must stay
 * readable, and the TLS library started, until the process ends. look may be NULL.
 */
struct result generation_reading_run(const char *path, generation_reading_look look, void *owner,
                                     struct diagnostics *diagnostics,
                                     struct generation **ret_generation);

#endif
