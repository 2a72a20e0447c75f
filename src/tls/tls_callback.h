/*
 * What wolfSSL calls while a session is being served; registered by tls_context.c for all of its
 * sessions.
 */
#ifndef TLS_TLS_CALLBACK_H
#define TLS_TLS_CALLBACK_H

#include "base/bytes.h"

struct tls_staple;
struct WOLFSSL;
struct WOLFSSL_X509_STORE_CTX;

/* Ciphertext for wolfSSL: at most size bytes, or that there are none yet. */
int tls_callback_receive(struct WOLFSSL *library, char *buffer, int size, void *session);

/* Ciphertext from wolfSSL: always taken whole. */
int tls_callback_send(struct WOLFSSL *library, char *buffer, int size, void *session);

/*
 * Encrypts or decrypts a ticket, as wolfSSL_CTX_set_TicketEncCb() says: iv and mac as large as
 * session_ticket.h has them, *output_size in and out. One of wolfSSL's WOLFSSL_TICKET_RET_ values.
 */
int tls_callback_ticket(struct WOLFSSL *library, unsigned char *key_name, unsigned char *iv,
                        unsigned char *mac, int is_encryption, unsigned char *ticket,
                        int input_size, int *output_size, void *unused);

/* What the client is told of our authorities; empty for a session that is not ours. */
struct bytes tls_callback_ca_names(const struct WOLFSSL *library);

/* What the session staples; NULL for a session that is not ours. */
struct tls_staple *tls_callback_staple(const struct WOLFSSL *library);

/* Copies the client's chain and lets every certificate pass; it may be called more than once. */
int tls_callback_capture_chain(int is_verified, struct WOLFSSL_X509_STORE_CTX *store);

#endif
