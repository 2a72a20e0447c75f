/*
 * The random generator that wolfSSL is built on. tools/build_deps.sh compiles every wolfSSL file
 * with this header in front and names tls_random_block() as its generator, so the two declarations
 * of that name cannot drift apart.
 *
 * The function belongs to the application: it is called on any thread that makes or serves a TLS
 * session, it must be thread-safe, and it returns 0 when all bytes are filled, anything else when
 * none may be used. wolfSSL's assembly files see this header too, hence the guard.
 */
#ifndef TLS_WOLFSSL_RANDOM_H
#define TLS_WOLFSSL_RANDOM_H

#ifndef __ASSEMBLER__
int tls_random_block(unsigned char *output, unsigned int size);
#endif

#endif
