/*
 * The names of the authorities whose certificates a client may bring. Called by wolfSSL, which its
 * lean build gives no names of its own, while it writes a CertificateRequest.
 */
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/bytes.h"

#include "tls_callback.h"
#include "wolfssl_application.h"

enum { EXTENSION_CERTIFICATE_AUTHORITIES = 47, EXTENSION_HEAD_SIZE = 6 };

static void put_uint16(unsigned char *at, size_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

unsigned int tls_ca_names_size(const WOLFSSL *library)
{
    return (unsigned int)tls_callback_ca_names(library).length;
}

void tls_ca_names_put(const WOLFSSL *library, unsigned char *output)
{
    struct bytes names = tls_callback_ca_names(library);
    if (names.length > 0) {
        memcpy(output, names.at, names.length);
    }
}

unsigned int tls_ca_names_extension_size(const WOLFSSL *library)
{
    unsigned int size = tls_ca_names_size(library);
    return size == 0 ? 0 : EXTENSION_HEAD_SIZE + size;
}

unsigned int tls_ca_names_extension_put(const WOLFSSL *library, unsigned char *extensions,
                                        unsigned int size)
{
    struct bytes names = tls_callback_ca_names(library);
    unsigned char *at = extensions + size;
    if (names.length == 0) {
        return size;
    }
    put_uint16(at, EXTENSION_CERTIFICATE_AUTHORITIES);
    put_uint16(at + 2, names.length + 2);
    put_uint16(at + 4, names.length);
    memcpy(at + EXTENSION_HEAD_SIZE, names.at, names.length);
    size += EXTENSION_HEAD_SIZE + (unsigned int)names.length;
    put_uint16(extensions, size - 2);
    return size;
}
