/* Reading and matching host names; RFC 3986 3.2.2 narrowed to what names and addresses really are.
 */
#include <arpa/inet.h>

#include "byte_class.h"
#include "http/host.h"

#define PORT_DIGITS_MAX  5
#define LABEL_LENGTH_MAX 63

static bool read_port(struct bytes digits, uint16_t *ret_port)
{
    uint64_t port = 0;
    if (digits.length > PORT_DIGITS_MAX || !bytes_to_number(digits, UINT16_MAX, &port) ||
        digits.at[0] == '0') {
        return false;
    }
    *ret_port = (uint16_t)port;
    return true;
}

static struct bytes copy_in_lower_case(struct bytes name, char *memory)
{
    for (size_t i = 0; i < name.length; i++) {
        uint8_t byte = name.at[i];
        memory[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
    }
    return bytes_from(memory, name.length);
}

/* inet_pton() wants a terminated string. */
static bool is_address(int family, struct bytes name)
{
    char string[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (name.length >= sizeof(string)) {
        return false;
    }
    memcpy(string, name.at, name.length);
    string[name.length] = '\0';
    return inet_pton(family, string, &address) == 1;
}

static bool is_number(struct bytes label)
{
    uint64_t number;
    return bytes_to_number(label, UINT64_MAX, &number);
}

/* Labels of 1 to 63 bytes; ret_last is the last one. */
static bool labels_are_valid(struct bytes name, struct bytes *ret_last)
{
    struct bytes rest = name;
    for (;;) {
        size_t dot = bytes_find(rest, '.');
        if (dot == 0 || dot > LABEL_LENGTH_MAX) {
            return false;
        }
        if (dot == rest.length) {
            *ret_last = rest;
            return true;
        }
        rest = bytes_slice(rest, dot + 1, rest.length);
    }
}

/*
 * A name whose last label is a number can only be meant as an IPv4 address (WHATWG URL says the
 * same), and must then be one in four plain parts: 127.1 or 0177.0.0.1 would be taken differently
 * by different readers.
 */
static bool read_name(struct bytes name, char *memory, struct host *host)
{
    struct bytes last = {0};
    if (name.length > 0 && name.at[name.length - 1] == '.') {
        name.length--;
    }
    if (name.length == 0 || name.length > HTTP_HOST_BYTES_MAX ||
        byte_class_span(name, BYTE_OF_HOST) < name.length || !labels_are_valid(name, &last)) {
        return false;
    }
    host->is_address = is_address(AF_INET, name);
    if (is_number(last) && !host->is_address) {
        return false;
    }
    host->name = copy_in_lower_case(name, memory);
    return true;
}

static bool read_ipv6(struct bytes address, char *memory, struct host *host)
{
    if (!is_address(AF_INET6, address)) {
        return false;
    }
    host->is_address = true;
    host->name = copy_in_lower_case(address, memory);
    return true;
}

bool host_parse(struct bytes authority, char memory[static HTTP_HOST_BYTES_MAX],
                struct host *ret_host)
{
    struct host host = {0};
    bool is_bracketed = authority.length > 0 && authority.at[0] == '[';
    size_t name_end = bytes_find(authority, is_bracketed ? ']' : ':');
    size_t colon = is_bracketed ? name_end + 1 : name_end;
    if (is_bracketed && name_end == authority.length) {
        return false;
    }
    if (colon < authority.length) {
        struct bytes digits = bytes_slice(authority, colon + 1, authority.length);
        if (authority.at[colon] != ':' || !read_port(digits, &host.port)) {
            return false;
        }
    }
    bool is_valid = is_bracketed ? read_ipv6(bytes_slice(authority, 1, name_end - 1), memory, &host)
                                 : read_name(bytes_slice(authority, 0, name_end), memory, &host);
    if (is_valid) {
        *ret_host = host;
    }
    return is_valid;
}

bool host_matches_pattern(struct bytes host, struct bytes pattern)
{
    if (pattern.length < 2 || pattern.at[0] != '*' || pattern.at[1] != '.') {
        return bytes_equal_ignoring_case(host, pattern);
    }
    size_t dot = bytes_find(host, '.');
    struct bytes parent = bytes_slice(host, dot, host.length);
    /* An address has no labels that a pattern could stand for. */
    return dot > 0 && dot < host.length && pattern.length > 2 && !is_address(AF_INET, host) &&
           bytes_equal_ignoring_case(parent, bytes_slice(pattern, 1, pattern.length));
}
