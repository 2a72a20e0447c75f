/*
 * Bytes that tell where in which stream they belong: what is lost, doubled or out of order is seen.
 * Called by both ends of a checked run, on either thread.
 */
#include "floor.h"

/* Eight bytes of a number that is another one for each eight bytes of each stream: multiples of an
 * odd number do not repeat. */
static uint8_t byte_at(uint16_t stream, uint64_t position)
{
    uint64_t number = (((uint64_t)stream << 40) + position / 8 + 1) * 0x9e3779b97f4a7c15;
    return (uint8_t)(number >> (position % 8 * 8));
}

void floor_pattern_fill(uint16_t stream, uint64_t position, uint8_t *ret_bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        ret_bytes[i] = byte_at(stream, position + i);
    }
}

bool floor_pattern_matches(uint16_t stream, uint64_t position, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != byte_at(stream, position + i)) {
            return false;
        }
    }
    return true;
}
