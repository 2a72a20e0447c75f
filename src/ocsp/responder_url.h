/*
 * Where an OCSP responder is: an http URL out of a certificate or the configuration, read strictly,
 * for it is as hostile as the certificate. Any thread; views into the text that was read.
 *
 * http://HOST[:PORT][/PATH[?QUERY]]; no user name, no fragment, no https (whose certificates would
 * want OCSP themselves), nothing that could end a line.
 */
#ifndef OCSP_RESPONDER_URL_H
#define OCSP_RESPONDER_URL_H

#include "http/http_limits.h"
#include "trust/ocsp_cache.h"

struct responder_url {
    char host[HTTP_HOST_BYTES_MAX + 1]; /* lower case, without brackets; zero-terminated */
    uint16_t port;
    bool is_address;        /* IPv4 or IPv6 */
    bool has_query;         /* so nothing can be put behind its path */
    struct bytes authority; /* as written, for the Host field */
    struct bytes target;    /* path and query; "/" when the URL has none */
};

/* False, and *ret_url untouched, when text is not such a URL or has OCSP_URL_SIZE_MAX bytes or
 * more. */
bool responder_url_parse(struct bytes text, struct responder_url *ret_url);

#endif
