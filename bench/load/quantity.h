/*
 * Numbers with units, as the command line takes and the reports show them. Any thread; plain
 * values.
 */
#ifndef LOAD_QUANTITY_H
#define LOAD_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#define QUANTITY_SIZE 32

/* "10", "1.5m", "250k"; false and untouched when it is none, or past what 53 bits hold. */
bool quantity_read_count(const char *text, uint64_t *ret_count);

/* "64k", "10m", "1g", in steps of 1,000; "64ki" and so on in steps of 1,024. */
bool quantity_read_size(const char *text, uint64_t *ret_bytes);

/* "10s", "500ms", "20us", "5m", "1h"; a number alone is of seconds. */
bool quantity_read_duration(const char *text, uint64_t *ret_ns);

/* With three or four digits and a unit of ns, us, ms or s; memory is returned. */
const char *quantity_write_duration(double ns, char memory[QUANTITY_SIZE]);

/* B, KB, MB, GB of 1,000. */
const char *quantity_write_size(double bytes, char memory[QUANTITY_SIZE]);

/* 1,234,567 */
const char *quantity_write_count(uint64_t count, char memory[QUANTITY_SIZE]);

#endif
