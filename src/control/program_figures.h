/* What the kernel says of this program: time, memory, descriptors. Any thread; may block on /proc
 * for a moment, which hundreds of thousands of descriptors do not make longer. */
#ifndef CONTROL_PROGRAM_FIGURES_H
#define CONTROL_PROGRAM_FIGURES_H

#include <stdint.h>

/* What cannot be read is 0. */
struct program_figures {
    double cpu_seconds;
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t descriptor_count;
    uint64_t descriptor_count_max;
    uint64_t thread_count;
    double start_seconds; /* since 1970 */
};

void program_figures_read(struct program_figures *ret_figures);

/* How many descriptors are open, for kernels that do not say it: a system call for each place in
 * the table, of less than 0.1 us. */
uint64_t program_figures_probe_descriptors(void);

#endif
