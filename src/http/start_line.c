/* Reading request and status lines. */
#include "start_line.h"
#include "byte_class.h"
#include "http/request_uri.h"

#define VERSION_LENGTH 8 /* HTTP/1.1 */

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* HTTP/2.0 is a version and HTTP/1.1x is none. */
static bool is_version(struct bytes version)
{
    return version.length == VERSION_LENGTH &&
           bytes_equal(bytes_slice(version, 0, 5), BYTES_OF("HTTP/")) && is_digit(version.at[5]) &&
           version.at[6] == '.' && is_digit(version.at[7]);
}

static enum http1_fault read_version(struct bytes version, enum http1_fault invalid,
                                     struct http1_head *head)
{
    if (!is_version(version)) {
        return invalid;
    }
    if (version.at[5] != '1' || version.at[7] > '1') {
        return HTTP1_FAULT_VERSION_UNSUPPORTED;
    }
    head->version_minor = (uint8_t)(version.at[7] - '0');
    return HTTP1_FAULT_NONE;
}

/* What stands before the next space, which is taken too. */
static struct bytes take_word(struct bytes *rest)
{
    size_t space = bytes_find(*rest, ' ');
    struct bytes word = bytes_slice(*rest, 0, space);
    *rest = bytes_slice(*rest, space + 1, rest->length);
    return word;
}

/* CONNECT would make a tunnel past every check, and TRACE shows a client the fields we add for
 * backends. */
static enum http1_fault judge_method(enum http_method method)
{
    if (method == HTTP_METHOD_COUNT) {
        return HTTP1_FAULT_METHOD_UNKNOWN;
    }
    return method == HTTP_METHOD_CONNECT || method == HTTP_METHOD_TRACE ? HTTP1_FAULT_METHOD_REFUSED
                                                                        : HTTP1_FAULT_NONE;
}

static enum http1_fault judge_target(struct bytes target, uint32_t bytes_max)
{
    if (target.length > bytes_max) {
        return HTTP1_FAULT_TARGET_TOO_LONG;
    }
    struct request_uri uri;
    return request_uri_split(target, &uri) ? HTTP1_FAULT_NONE : HTTP1_FAULT_TARGET_INVALID;
}

enum http1_fault start_line_read_request(struct bytes line, uint32_t target_bytes_max,
                                         struct http1_head *head)
{
    struct bytes rest = line;
    struct bytes method = take_word(&rest);
    struct bytes target = take_word(&rest);
    if (method.length > HTTP_METHOD_BYTES_MAX || !field_name_is_valid(method) ||
        target.length == 0) {
        return HTTP1_FAULT_REQUEST_LINE_INVALID;
    }
    enum http1_fault fault = read_version(rest, HTTP1_FAULT_REQUEST_LINE_INVALID, head);
    if (fault != HTTP1_FAULT_NONE) {
        return fault;
    }
    head->method = http_method_find(method);
    head->target = target;
    fault = judge_method(head->method);
    return fault != HTTP1_FAULT_NONE ? fault : judge_target(target, target_bytes_max);
}

enum http1_fault start_line_read_response(struct bytes line, struct http1_head *head)
{
    struct bytes rest = line;
    struct bytes version = take_word(&rest);
    /* The space behind the status belongs there even without a reason, but many leave it out. */
    struct bytes status = take_word(&rest);
    uint64_t number = 0;
    enum http1_fault fault = read_version(version, HTTP1_FAULT_STATUS_LINE_INVALID, head);
    if (fault != HTTP1_FAULT_NONE) {
        return fault;
    }
    if (status.length != 3 || !bytes_to_number(status, 599, &number) || number < 100 ||
        byte_class_span(rest, BYTE_OF_VALUE) < rest.length) {
        return HTTP1_FAULT_STATUS_LINE_INVALID;
    }
    head->status = (uint16_t)number;
    head->reason = rest;
    return HTTP1_FAULT_NONE;
}
