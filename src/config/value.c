/* Durations, sizes, addresses, names: each form that a setting's value may have, parsed strictly.
 */
#include <arpa/inet.h>

#include "value.h"

#define NUMBER_MAX 1000000000u

#define HOST_NAME_BYTES_MAX 253
#define LABEL_BYTES_MAX     63

struct unit {
    const char *name;
    uint64_t factor;
};

/* The largest first: printing takes the first that divides. */
static const struct unit duration_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
static const struct unit size_units[] = {
    {"g", 1u << 30}, {"m", 1u << 20}, {"k", 1u << 10}, {"", 1}};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter_or_digit(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || is_digit(byte);
}

static bool is_hex_digit(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static bool is_all_digits(struct bytes text)
{
    size_t digits = 0;
    while (digits < text.length && is_digit(text.at[digits])) {
        digits++;
    }
    return digits == text.length;
}

static bool parse_with_unit(struct bytes text, const struct unit *units, size_t unit_count,
                            uint64_t *ret_value)
{
    size_t digits = 0;
    uint64_t number = 0;
    while (digits < text.length && is_digit(text.at[digits])) {
        digits++;
    }
    if (!bytes_to_number(bytes_slice(text, 0, digits), NUMBER_MAX, &number)) {
        return false;
    }
    struct bytes unit = bytes_slice(text, digits, text.length);
    for (size_t i = 0; i < unit_count; i++) {
        if (bytes_equal_ignoring_case(unit, bytes_from_string(units[i].name))) {
            *ret_value = number * units[i].factor;
            return true;
        }
    }
    bool is_zero = number == 0 && unit.length == 0;
    *ret_value = is_zero ? 0 : *ret_value;
    return is_zero;
}

static void print_with_unit(struct text *output, uint64_t value, const struct unit *units,
                            size_t unit_count)
{
    for (size_t i = 0; i < unit_count; i++) {
        if (value != 0 && value % units[i].factor == 0) {
            text_append_number(output, value / units[i].factor);
            text_append_string(output, units[i].name);
            return;
        }
    }
    text_append_char(output, '0');
}

bool value_parse_duration(struct bytes text, uint64_t *ret_ms)
{
    return parse_with_unit(text, duration_units, COUNT_OF(duration_units), ret_ms);
}

void value_print_duration(struct text *output, uint64_t duration_ms)
{
    if (duration_ms == 0) {
        text_append_string(output, "0s");
        return;
    }
    print_with_unit(output, duration_ms, duration_units, COUNT_OF(duration_units));
}

bool value_parse_size(struct bytes text, uint64_t *ret_bytes)
{
    return parse_with_unit(text, size_units, COUNT_OF(size_units), ret_bytes);
}

void value_print_size(struct text *output, uint64_t size_bytes)
{
    print_with_unit(output, size_bytes, size_units, COUNT_OF(size_units));
}

bool value_parse_endpoint(struct bytes text, struct value_endpoint *ret_endpoint)
{
    struct value_endpoint endpoint = {0};
    struct bytes port;
    uint64_t number = 0;
    endpoint.is_bracketed = text.length > 0 && text.at[0] == '[';
    if (endpoint.is_bracketed) {
        size_t end = bytes_find(text, ']');
        port = bytes_slice(text, end + 1, text.length);
        endpoint.host = bytes_slice(text, 1, end - 1);
    } else {
        size_t colon = bytes_find(text, ':');
        port = bytes_slice(text, colon, text.length);
        endpoint.host = bytes_slice(text, 0, colon);
    }
    bool has_port = port.length > 1 && port.at[0] == ':' &&
                    bytes_to_number(bytes_slice(port, 1, port.length), UINT16_MAX, &number);
    if (!has_port || number == 0 || endpoint.host.length == 0) {
        return false;
    }
    endpoint.port = (uint16_t)number;
    *ret_endpoint = endpoint;
    return true;
}

/* inet_pton() wants a C string; no literal is longer than INET6_ADDRSTRLEN. */
static bool parse_literal(int family, struct bytes text, void *ret_address)
{
    char literal[INET6_ADDRSTRLEN] = {0};
    if (text.length == 0 || text.length >= sizeof(literal)) {
        return false;
    }
    memcpy(literal, text.at, text.length);
    return inet_pton(family, literal, ret_address) == 1;
}

bool value_parse_address(struct bytes text, struct sockaddr_storage *ret_address,
                         socklen_t *ret_length_bytes)
{
    struct value_endpoint endpoint;
    struct sockaddr_storage storage = {0};
    if (!value_parse_endpoint(text, &endpoint)) {
        return false;
    }
    if (endpoint.is_bracketed) {
        struct sockaddr_in6 *address = (struct sockaddr_in6 *)&storage;
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(endpoint.port);
        if (!parse_literal(AF_INET6, endpoint.host, &address->sin6_addr) ||
            IN6_IS_ADDR_V4MAPPED(&address->sin6_addr)) {
            return false;
        }
    } else {
        struct sockaddr_in *address = (struct sockaddr_in *)&storage;
        address->sin_family = AF_INET;
        address->sin_port = htons(endpoint.port);
        if (!parse_literal(AF_INET, endpoint.host, &address->sin_addr)) {
            return false;
        }
    }
    *ret_address = storage;
    *ret_length_bytes =
        endpoint.is_bracketed ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    return true;
}

bool value_is_ipv6(struct bytes text)
{
    struct in6_addr address;
    return parse_literal(AF_INET6, text, &address);
}

bool value_is_ipv4(struct bytes text)
{
    struct in_addr address;
    return parse_literal(AF_INET, text, &address);
}

static bool is_label(struct bytes label, bool allows_underscore)
{
    if (label.length == 0 || label.length > LABEL_BYTES_MAX || label.at[0] == '-' ||
        label.at[label.length - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.length; i++) {
        bool is_allowed = is_letter_or_digit(label.at[i]) || label.at[i] == '-' ||
                          (allows_underscore && label.at[i] == '_');
        if (!is_allowed) {
            return false;
        }
    }
    return true;
}

/* A last label of digits alone would be taken for a broken address (RFC 3696 section 2). */
static bool is_name(struct bytes text, bool allows_underscore)
{
    struct bytes label = {0};
    if (text.length == 0 || text.length > HOST_NAME_BYTES_MAX) {
        return false;
    }
    for (size_t start = 0; start <= text.length; start += label.length + 1) {
        struct bytes rest = bytes_slice(text, start, text.length);
        label = bytes_slice(rest, 0, bytes_find(rest, '.'));
        if (!is_label(label, allows_underscore)) {
            return false;
        }
    }
    return !is_all_digits(label);
}

bool value_is_host_name(struct bytes text)
{
    return is_name(text, false);
}

bool value_is_resolvable_name(struct bytes text)
{
    if (text.length > 1 && text.at[text.length - 1] == '.') {
        text.length--;
    }
    return is_name(text, true);
}

/* A colon must have its port after it. */
bool value_is_authority(struct bytes text)
{
    struct value_endpoint endpoint = {.host = text};
    bool is_bracketed = text.length > 0 && text.at[0] == '[';
    bool has_port =
        text.length > 0 && text.at[text.length - 1] != ']' && bytes_find(text, ':') < text.length;
    if (has_port && !value_parse_endpoint(text, &endpoint)) {
        return false;
    }
    if (is_bracketed) {
        return value_is_ipv6(has_port ? endpoint.host : bytes_slice(text, 1, text.length - 2));
    }
    return value_is_ipv4(endpoint.host) || value_is_resolvable_name(endpoint.host);
}

/* RFC 3986 section 3.3: unreserved, escaped, sub-delims, ':', '@' and '/'; also others. */
static bool consists_of_path_characters(struct bytes text, const char *others)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.at[i];
        bool is_escape = byte == '%' && i + 2 < text.length && is_hex_digit(text.at[i + 1]) &&
                         is_hex_digit(text.at[i + 2]);
        bool is_allowed = is_letter_or_digit(byte) || is_escape ||
                          (byte != '\0' && (strchr("-._~!$&'()*+,;=:@/", byte) != NULL ||
                                            strchr(others, byte) != NULL));
        if (!is_allowed) {
            return false;
        }
    }
    return true;
}

static bool is_path(struct bytes text)
{
    return text.length > 0 && text.at[0] == '/' && consists_of_path_characters(text, "");
}

bool value_is_request_target(struct bytes text)
{
    return text.length > 0 && text.at[0] == '/' && consists_of_path_characters(text, "?");
}

bool value_is_http_url(struct bytes text)
{
    static const char scheme[] = "http://";
    size_t length = sizeof(scheme) - 1;
    if (!bytes_equal(bytes_slice(text, 0, length), bytes_from_string(scheme))) {
        return false;
    }
    struct bytes rest = bytes_slice(text, length, text.length);
    size_t slash = bytes_find(rest, '/');
    return value_is_authority(bytes_slice(rest, 0, slash)) &&
           is_path(bytes_slice(rest, slash, rest.length));
}

bool value_is_header_name(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.at[i];
        if (!is_letter_or_digit(byte) &&
            (byte == '\0' || strchr("!#$%&'*+-.^_`|~", byte) == NULL)) {
            return false;
        }
    }
    return text.length > 0;
}

bool value_take_range(struct bytes *list, uint32_t maximum, uint32_t *ret_first, uint32_t *ret_last)
{
    size_t comma = bytes_find(*list, ',');
    struct bytes item = bytes_trim(bytes_slice(*list, 0, comma));
    size_t dash = bytes_find(item, '-');
    uint64_t first = 0;
    uint64_t last = 0;
    if (comma + 1 == list->length ||
        !bytes_to_number(bytes_slice(item, 0, dash), maximum, &first)) {
        return false;
    }
    last = first;
    if (dash < item.length &&
        !bytes_to_number(bytes_slice(item, dash + 1, item.length), maximum, &last)) {
        return false;
    }
    if (last < first) {
        return false;
    }
    *list = bytes_slice(*list, comma + 1, list->length);
    *ret_first = (uint32_t)first;
    *ret_last = (uint32_t)last;
    return true;
}
