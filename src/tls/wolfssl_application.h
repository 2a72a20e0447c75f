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

/*
 * The OCSP response that is stapled to the server's certificate (RFC 6066 section 8), while the
 * messages that carry it are built. TLS 1.2: the empty extension of the ServerHello, and the body
 * of CertificateStatus; both put what they have told the size of, 0 when nothing is stapled. The
 * first put returns that size.
 */
unsigned int tls_staple_notice_size(const struct WOLFSSL *library);
unsigned int tls_staple_notice_put(const struct WOLFSSL *library, unsigned char *output);
unsigned int tls_staple_message_size(const struct WOLFSSL *library);
void tls_staple_message_put(const struct WOLFSSL *library, unsigned char *output);

/*
 * TLS 1.3 (RFC 8446 4.4.2.1): bytes of all extensions of the server's own certificate, their length
 * in front included, and a part of them: size bytes from offset on. total is what the first call
 * has told, or that of an empty list for the certificates of issuers.
 */
unsigned int tls_staple_extensions_size(const struct WOLFSSL *library);
void tls_staple_extensions_put(const struct WOLFSSL *library, unsigned int total,
                               unsigned int offset, unsigned char *output, unsigned int size);

/*
 * Of a server: whether a record of size bytes that is no part of the handshake is early data, which
 * is not read but must not fail the handshake either (RFC 8446 4.2.10).
 */
int tls_early_data_skip(const struct WOLFSSL *library, unsigned int size);

#endif

#endif
