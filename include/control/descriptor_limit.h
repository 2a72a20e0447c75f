/* How many clients the kernel's limit of file descriptors leaves room for. The control thread, at
 * the start. */
#ifndef CONTROL_DESCRIPTOR_LIMIT_H
#define CONTROL_DESCRIPTOR_LIMIT_H

#include <stdint.h>

/* Raises the limit to what this process may have; what it is then. */
uint64_t descriptor_limit_raise(void);

/* wanted, or as many clients as limit allows beside reserved descriptors: never 0. Warns when it is
 * less. */
uint32_t descriptor_limit_fit(uint32_t wanted, uint64_t limit, uint64_t reserved);

#endif
