/*
 * What wolfSSL calls of ours by name. tools/build_deps.sh compiles every wolfSSL file with this
 * header in front, so that the declarations on both sides cannot drift apart. wolfSSL's assembly
 * files see it too, hence the guard.
 */
#ifndef TLS_WOLFSSL_APPLICATION_H
#define TLS_WOLFSSL_APPLICATION_H

#ifndef __ASSEMBLER__

struct WOLFSSL;

/*
 * Its random generator. Called on any thread that makes or serves a TLS session, so it is
 * thread-safe. 0 when all bytes are filled, anything else when none may be used.
 */
int tls_random_block(unsigned char *output, unsigned int size);

/*
 * The CA names of a CertificateRequest, while the message is built on the session's thread; the
 * calls are put into wolfSSL by tools/edit_wolfssl.sh. TLS 1.2 (RFC 5246 7.4.4): bytes of the list,
 * and the list itself, written to output.
 */
unsigned int tls_ca_names_size(const struct WOLFSSL *library);
void tls_ca_names_put(const struct WOLFSSL *library, unsigned char *output);

/*
 * TLS 1.3 (RFC 8446 4.2.4): bytes of the extension certificate_authorities, 0 without names; and
 * its writing behind the size bytes of an extension block, whose two-byte length in front is set
 * anew. Returns the new size.
 */
unsigned int tls_ca_names_extension_size(const struct WOLFSSL *library);
unsigned int tls_ca_names_extension_put(const struct WOLFSSL *library, unsigned char *extensions,
                                        unsigned int size);

#endif

#endif
