/*
 * Text to value and back for the kinds of values that settings have. Any thread; no state. None of
 * these reports anything: the caller knows which setting it was and says so.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <netinet/in.h>

#include "base/bytes.h"
#include "base/text.h"

/* A whole number with a unit (ms, s, m, h, d), in milliseconds; 0 may go without a unit. */
bool value_parse_duration(struct bytes text, uint64_t *ret_ms);
void value_print_duration(struct text *output, uint64_t duration_ms);

/* A whole number of bytes, or of KiB, MiB, GiB with k, m, g. */
bool value_parse_size(struct bytes text, uint64_t *ret_bytes);
void value_print_size(struct text *output, uint64_t size_bytes);

/* HOST:PORT or [IPv6]:PORT, cut apart; the port is from 1 to 65535, the host not looked at. */
struct value_endpoint {
    struct bytes host; /* without brackets */
    bool is_bracketed;
    uint16_t port;
};
bool value_parse_endpoint(struct bytes text, struct value_endpoint *ret_endpoint);

/* An endpoint of literal addresses: 192.0.2.1:443 or [2001:db8::1]:443. */
bool value_parse_address(struct bytes text, struct sockaddr_storage *ret_address,
                         socklen_t *ret_length_bytes);

/* An address literal, without brackets; IPv6 only, or IPv4 only. */
bool value_is_ipv6(struct bytes text);
bool value_is_ipv4(struct bytes text);

/* A host name of letters, digits and '-' (RFC 1123 section 2.1); never an address. */
bool value_is_host_name(struct bytes text);

/* As above, with '_' and a final dot besides: what resolvers take. */
bool value_is_resolvable_name(struct bytes text);

/* http://HOST[:PORT]/PATH (RFC 3986): in lower case, with a port from 1 to 65535, without user,
 * query and fragment. */
bool value_is_http_url(struct bytes text);

/* HOST or HOST:PORT, as above. */
bool value_is_authority(struct bytes text);

/* A path that begins with '/', perhaps with a query (RFC 9112 section 3.2.1). */
bool value_is_request_target(struct bytes text);

/* A field name of HTTP: a token (RFC 9110 section 5.1). */
bool value_is_header_name(struct bytes text);

/* The next number or range of a list such as 0-3,6; false on a mistake. Moves list on. */
bool value_take_range(struct bytes *list, uint32_t maximum, uint32_t *ret_first,
                      uint32_t *ret_last);

#endif
