/*
 * Where the load goes: a URL taken apart, its address, the request's bytes, and the addresses that
 * connections come from. Made by the main thread, then constant.
 */
#ifndef LOAD_TARGET_H
#define LOAD_TARGET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/result.h"
#include "plan.h"

#define TARGET_HOST_SIZE    256
#define TARGET_PATH_SIZE    4096
#define TARGET_REQUEST_SIZE 16384
#define TARGET_MESSAGE_SIZE 256
#define TARGET_URL_SIZE     (TARGET_HOST_SIZE + TARGET_PATH_SIZE + 32)

struct target {
    char host[TARGET_HOST_SIZE]; /* without brackets */
    char name[TARGET_HOST_SIZE]; /* of --server-name, else the host */
    char path[TARGET_PATH_SIZE];
    uint16_t port;
    struct sockaddr_storage address;
    socklen_t address_length;
    bool name_is_address; /* then SNI is not sent (RFC 6066 section 3) */
    char request[TARGET_REQUEST_SIZE];
    size_t request_length; /* the head; a body of plan.body_bytes follows */
    bool asks_for_head;    /* its answer has no body (RFC 9110 section 9.3.2) */
    uint32_t source_first; /* of --source, in host order; 0: none */
    uint32_t source_count;
};

/* Fails with ERROR_BAD_INPUT or ERROR_NAME_UNRESOLVED; message says why, without a full stop. */
struct result target_read(const struct plan *plan, struct target *ret_target,
                          char message[TARGET_MESSAGE_SIZE]);

/* As a URL is written, an IPv6 address in brackets (RFC 3986 section 3.2.2); memory is returned. */
const char *target_write_url(const struct target *target, char memory[TARGET_URL_SIZE]);

/* The source address of connection number, counted over all threads; only with source_count > 0. */
struct sockaddr_in target_source(const struct target *target, uint64_t number);

#endif
