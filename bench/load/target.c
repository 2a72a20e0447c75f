/* URL, address, request and sources; see the header. Called by main() before the threads start. */
#include "target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define DEFAULT_PORT 443

[[gnu::format(printf, 2, 3)]] static struct result refuse(char message[TARGET_MESSAGE_SIZE],
                                                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, TARGET_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    return result_failure(ERROR_BAD_INPUT);
}

static bool copy_part(char *output, size_t size, struct bytes part)
{
    if (part.length == 0 || part.length >= size || memchr(part.at, '\0', part.length) != NULL) {
        return false;
    }
    memcpy(output, part.at, part.length);
    output[part.length] = '\0';
    return true;
}

/* "host:port", "[::1]:port"; the port may be missing. */
static bool read_authority(struct bytes authority, struct target *target)
{
    struct bytes host;
    struct bytes port;
    uint64_t number = DEFAULT_PORT;
    if (authority.length > 0 && authority.at[0] == '[') {
        size_t end = bytes_find(authority, ']');
        host = bytes_slice(authority, 1, end - 1);
        port = end == authority.length ? bytes_from_string("?")
                                       : bytes_slice(authority, end + 1, authority.length);
    } else {
        size_t colon = bytes_find(authority, ':');
        host = bytes_slice(authority, 0, colon);
        port = bytes_slice(authority, colon, authority.length);
    }
    if (port.length > 0 && (port.at[0] != ':' || !bytes_to_number(bytes_slice(port, 1, port.length),
                                                                  UINT16_MAX, &number))) {
        return false;
    }
    target->port = (uint16_t)number;
    return number > 0 && copy_part(target->host, sizeof(target->host), host);
}

/* Nothing that would end the request line. */
static bool is_path(struct bytes path)
{
    for (size_t i = 0; i < path.length; i++) {
        if (path.at[i] <= ' ' || path.at[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static struct result read_url(const char *url, struct target *target,
                              char message[TARGET_MESSAGE_SIZE])
{
    struct bytes whole = bytes_from_string(url);
    struct bytes scheme = BYTES_OF("https://");
    if (!bytes_equal(bytes_slice(whole, 0, scheme.length), scheme)) {
        return refuse(message, "%.100s: expected a URL that begins with https://", url);
    }
    struct bytes rest = bytes_slice(whole, scheme.length, whole.length);
    size_t slash = bytes_find(rest, '/');
    struct bytes path = bytes_slice(rest, slash, rest.length);
    if (path.length == 0) {
        path = BYTES_OF("/");
    }
    if (!read_authority(bytes_slice(rest, 0, slash), target)) {
        return refuse(message, "%.100s: expected https://HOST[:PORT][/PATH]", url);
    }
    if (!is_path(path) || !copy_part(target->path, sizeof(target->path), path)) {
        return refuse(message, "%.100s: the path is too long, or has a space in it", url);
    }
    return RESULT_OK;
}

static struct result resolve(struct target *target, char message[TARGET_MESSAGE_SIZE])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", target->port);
    int failure = getaddrinfo(target->host, port, &hints, &found);
    if (failure != 0) {
        (void)refuse(message, "%.100s: %s", target->host, gai_strerror(failure));
        return result_failure(ERROR_NAME_UNRESOLVED);
    }
    memcpy(&target->address, found->ai_addr, found->ai_addrlen);
    target->address_length = found->ai_addrlen;
    freeaddrinfo(found);
    return RESULT_OK;
}

/* "127.0.0.0/16": all but its first and its last address. */
static struct result read_source(const char *source, struct target *target,
                                 char message[TARGET_MESSAGE_SIZE])
{
    struct bytes whole = bytes_from_string(source);
    size_t slash = bytes_find(whole, '/');
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    uint64_t bits = 32;
    bool is_network = copy_part(text, sizeof(text), bytes_slice(whole, 0, slash)) &&
                      inet_pton(AF_INET, text, &address) == 1 &&
                      (slash == whole.length ||
                       bytes_to_number(bytes_slice(whole, slash + 1, whole.length), 32, &bits));
    if (!is_network || bits < 8) {
        return refuse(message, "--source %.60s: expected an IPv4 network such as 127.0.0.0/16",
                      source);
    }
    uint32_t size = UINT32_C(1) << (32 - bits);
    uint32_t first = ntohl(address.s_addr) & ~(size - 1);
    target->source_first = size > 2 ? first + 1 : first;
    target->source_count = size > 2 ? size - 2 : size;
    if (target->address.ss_family != AF_INET) {
        return refuse(message, "--source is for IPv4, %.100s is not", target->host);
    }
    return RESULT_OK;
}

/* A field of --header goes in as it is, if it is one line with a colon. */
static bool append_fields(const struct plan_list *fields, struct text *text, bool *ret_has_host)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct bytes field = bytes_from_string(fields->at[i]);
        size_t colon = bytes_find(field, ':');
        if (colon == 0 || colon == field.length || strpbrk(fields->at[i], "\r\n") != NULL) {
            return false;
        }
        *ret_has_host |= bytes_equal_ignoring_case(bytes_slice(field, 0, colon), BYTES_OF("host"));
        text_append(text, field);
        text_append_string(text, "\r\n");
    }
    return true;
}

static struct result build_request(const struct plan *plan, struct target *target,
                                   char message[TARGET_MESSAGE_SIZE])
{
    struct text text = text_over(target->request, sizeof(target->request));
    const char *usual = plan->body_bytes > 0 ? "POST" : "GET";
    const char *method = plan->method == NULL ? usual : plan->method;
    bool has_host = false;
    bool is_v6 = strchr(target->name, ':') != NULL;
    if (method[0] == '\0' || !is_path(bytes_from_string(method))) {
        return refuse(message, "--method %.60s: expected a word", method);
    }
    target->asks_for_head = strcmp(method, "HEAD") == 0;
    text_append_format(&text, "%s %s HTTP/1.1\r\n", method, target->path);
    if (!append_fields(&plan->fields, &text, &has_host)) {
        return refuse(message, "--header: expected one line \"Name: value\"");
    }
    if (!has_host) {
        text_append_format(&text, "Host: %s%s%s", is_v6 ? "[" : "", target->name, is_v6 ? "]" : "");
        if (target->port != DEFAULT_PORT) {
            text_append_format(&text, ":%u", target->port);
        }
        text_append_string(&text, "\r\n");
    }
    if (plan->body_bytes > 0) {
        text_append_format(&text, "Content-Length: %llu\r\n", (unsigned long long)plan->body_bytes);
    }
    text_append_string(&text, "User-Agent: sallyport-load\r\n\r\n");
    target->request_length = text.length;
    return text.overflowed ? refuse(message, "the request is too long") : RESULT_OK;
}

static bool is_address(const char *name)
{
    struct in6_addr address;
    return inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1;
}

struct result target_read(const struct plan *plan, struct target *ret_target,
                          char message[TARGET_MESSAGE_SIZE])
{
    *ret_target = (struct target){0};
    TRY(read_url(plan->url, ret_target, message));
    const char *name = plan->server_name == NULL ? ret_target->host : plan->server_name;
    if (!is_path(bytes_from_string(name)) ||
        !copy_part(ret_target->name, sizeof(ret_target->name), bytes_from_string(name))) {
        return refuse(message, "--server-name %.60s: expected a host name", name);
    }
    ret_target->name_is_address = is_address(ret_target->name);
    TRY(build_request(plan, ret_target, message));
    TRY(resolve(ret_target, message));
    return plan->source == NULL ? RESULT_OK : read_source(plan->source, ret_target, message);
}

const char *target_write_url(const struct target *target, char memory[TARGET_URL_SIZE])
{
    bool is_v6 = strchr(target->host, ':') != NULL;
    (void)snprintf(memory, TARGET_URL_SIZE, "https://%s%s%s:%u%s", is_v6 ? "[" : "", target->host,
                   is_v6 ? "]" : "", target->port, target->path);
    return memory;
}

struct sockaddr_in target_source(const struct target *target, uint64_t number)
{
    uint32_t address = target->source_first + (uint32_t)(number % target->source_count);
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
}
