/* Points in time as people write and read them. Any thread; no state. */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define MOMENT_SIZE 32

/*
 * Seconds since 1970 from 2027-01-31, 2027-01-31T12:00:00Z (or with a space, or without the Z),
 * "Jan 31 12:00:00 2027 GMT" as certificates show it, or @1801396800; always UTC. False and
 * untouched when it is none of them.
 */
bool moment_read(const char *text, int64_t *ret_seconds);

/* "Jan 31 12:00:00 2027 GMT", as the variables for backends have it. */
const char *moment_write(int64_t seconds, char memory[MOMENT_SIZE]);

#endif
