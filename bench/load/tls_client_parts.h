/*
 * What tls_client.c and tls_client_session.c both see of a connection. The thread that owns it.
 */
#ifndef LOAD_TLS_CLIENT_PARTS_H
#define LOAD_TLS_CLIENT_PARTS_H

struct WOLFSSL;
struct tls_client_pipe;

struct tls_client {
    struct WOLFSSL *library;
    struct tls_client_pipe *pipe;
    int failure; /* the library's code, after TLS_CLIENT_FAILED */
};

#endif
