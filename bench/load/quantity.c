/* Numbers with units; see the header. Units are rows. */
#include "quantity.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define EXACT_MAX (UINT64_C(1) << 53)

struct unit {
    const char *name;
    uint64_t factor;
};

/* clang-format off */
static const struct unit count_units[]    = {{"", 1}, {"k", 1000}, {"m", 1000000}, {NULL, 0}};
static const struct unit size_units[]     = {{"", 1}, {"k", 1000}, {"m", 1000000}, {"g", 1000000000},
                                             {"ki", 1024}, {"mi", 1048576}, {"gi", 1073741824}, {NULL, 0}};
static const struct unit duration_units[] = {{"", 1000000000}, {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000},
                                             {"m", 60000000000}, {"h", 3600000000000}, {NULL, 0}};
/* clang-format on */

static const struct unit *find_unit(const struct unit *units, struct bytes name)
{
    while (units->name != NULL &&
           !bytes_equal_ignoring_case(bytes_from_string(units->name), name)) {
        units++;
    }
    return units->name == NULL ? NULL : units;
}

/* Digits, perhaps a point and digits, then one of the units. */
static bool read_quantity(const char *text, const struct unit *units, uint64_t *ret_value)
{
    size_t whole_length = strspn(text, "0123456789");
    const char *rest = text + whole_length;
    size_t part_length = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    uint64_t whole;
    uint64_t part = 0;
    double part_scale = 1;
    if (!bytes_to_number(bytes_from(text, whole_length), EXACT_MAX, &whole)) {
        return false;
    }
    if (*rest == '.') {
        if (part_length > 9 ||
            !bytes_to_number(bytes_from(rest + 1, part_length), EXACT_MAX, &part)) {
            return false;
        }
        rest += 1 + part_length;
    }
    for (size_t i = 0; i < part_length; i++) {
        part_scale *= 10;
    }
    const struct unit *unit = find_unit(units, bytes_from_string(rest));
    /* Half of a connection would be a whole one, and 0.5 operations a second twice as many. */
    if (unit == NULL || whole > EXACT_MAX / unit->factor || (part > 0 && unit->factor == 1)) {
        return false;
    }
    *ret_value =
        whole * unit->factor + (uint64_t)((double)part / part_scale * (double)unit->factor + 0.5);
    return true;
}

bool quantity_read_count(const char *text, uint64_t *ret_count)
{
    return read_quantity(text, count_units, ret_count);
}

bool quantity_read_size(const char *text, uint64_t *ret_bytes)
{
    return read_quantity(text, size_units, ret_bytes);
}

bool quantity_read_duration(const char *text, uint64_t *ret_ns)
{
    return read_quantity(text, duration_units, ret_ns);
}

/* Steps of 1,000 through units, four digits at most. */
static const char *write_scaled(double value, const char *const units[4],
                                char memory[QUANTITY_SIZE])
{
    int unit = 0;
    while (value >= 999.95 && unit < 3) {
        value /= 1000;
        unit++;
    }
    int digits = value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : 2;
    (void)snprintf(memory, QUANTITY_SIZE, "%.*f %s", digits, value, units[unit]);
    return memory;
}

const char *quantity_write_duration(double ns, char memory[QUANTITY_SIZE])
{
    static const char *const units[4] = {"ns", "us", "ms", "s"};
    return write_scaled(ns, units, memory);
}

const char *quantity_write_size(double bytes, char memory[QUANTITY_SIZE])
{
    static const char *const units[4] = {"B", "KB", "MB", "GB"};
    return write_scaled(bytes, units, memory);
}

const char *quantity_write_count(uint64_t count, char memory[QUANTITY_SIZE])
{
    char digits[QUANTITY_SIZE];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            memory[at++] = ',';
        }
        memory[at++] = digits[i];
    }
    memory[at] = '\0';
    return memory;
}
