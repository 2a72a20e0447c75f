/*
 * The generator that wolfSSL draws from: it is built to call this function (tools/build_deps.sh),
 * on the thread that needs the bytes. No state but that of base/random.
 */
#include "base/random.h"

#include "wolfssl_application.h"

int tls_random_block(unsigned char *output, unsigned int size)
{
    return result_is_ok(random_fill(output, size)) ? 0 : -1;
}
