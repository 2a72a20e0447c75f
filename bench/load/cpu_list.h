/* The CPUs that the threads of a run are pinned to. The main thread's; plain values. */
#ifndef LOAD_CPU_LIST_H
#define LOAD_CPU_LIST_H

#include <stddef.h>

#include "base/result.h"

#define CPU_LIST_MAX 1024

struct cpu_list {
    int at[CPU_LIST_MAX];
    size_t count;
};

/* "1,3-5", each within 0 to CPU_LIST_MAX - 1; ERROR_BAD_INPUT when it is none. */
struct result cpu_list_read(const char *text, struct cpu_list *ret_list);

/* Those that this process may use, the last one first: a server's workers begin with the first. */
struct cpu_list cpu_list_allowed(void);

/* Tried with the calling thread, which goes back where it was: one that it was not told to use may
 * be free to it. */
bool cpu_list_may_run_on(int cpu);

#endif
