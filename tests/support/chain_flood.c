/*
 * TLS 1.3 clients by the hundred thousand, no two with the same certificate: full handshakes, one
 * after another, each with one request. Built and started by support/chain_flood.py.
 *
 *     chain_flood PORT FIRST COUNT KEY CHAIN [KEY CHAIN ...]
 *
 * Client number n presents the chain n modulo their count and proves that it has the key; n stands
 * in the serial number of its certificate, which breaks the signature that was there. Standard
 * output: `STATUS COUNT` for each status answered. Exit status 1 when a client fared otherwise.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#define CHAIN_COUNT_MAX    16
#define CERTIFICATE_BYTES  4096
#define SERIAL_BYTES_MIN   8
#define STATUS_COUNT       600
#define PATIENCE_SECONDS   60
#define ARGUMENTS_OF_FLOOD 4
#define ARGUMENTS_OF_CHAIN 2

struct presented {
    EVP_PKEY *key;
    uint8_t leaf[CERTIFICATE_BYTES];
    int leaf_bytes;
    uint8_t *number; /* in leaf: the end of its serial number */
    STACK_OF(X509) * above;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "chain_flood: %s\n", what);
    ERR_print_errors_fp(stderr);
    perror("the last error of the system");
    exit(1);
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (key == NULL || fclose(file) != 0) {
        give_up(path);
    }
    return key;
}

static void keep_leaf(struct presented *chain, X509 *leaf)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(leaf);
    size_t serial_bytes = (size_t)ASN1_STRING_length(serial);
    uint8_t *out = chain->leaf;
    chain->leaf_bytes = i2d_X509(leaf, NULL);
    if (chain->leaf_bytes <= 0 || chain->leaf_bytes > CERTIFICATE_BYTES ||
        i2d_X509(leaf, &out) <= 0 || serial_bytes <= SERIAL_BYTES_MIN) {
        give_up("a certificate that is too large, or its serial number too short");
    }
    uint8_t *at =
        memmem(chain->leaf, (size_t)chain->leaf_bytes, ASN1_STRING_get0_data(serial), serial_bytes);
    if (at == NULL) {
        give_up("a serial number that is not where it was read");
    }
    chain->number = at + serial_bytes - SERIAL_BYTES_MIN;
}

static void read_chain(const char *path, struct presented *ret_chain)
{
    FILE *file = fopen(path, "r");
    X509 *leaf = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    if (leaf == NULL) {
        give_up(path);
    }
    keep_leaf(ret_chain, leaf);
    X509_free(leaf);
    ret_chain->above = sk_X509_new_null();
    for (X509 *ca = PEM_read_X509(file, NULL, NULL, NULL); ca != NULL;
         ca = PEM_read_X509(file, NULL, NULL, NULL)) {
        sk_X509_push(ret_chain->above, ca);
    }
    ERR_clear_error(); /* the end of the file was one */
    fclose(file);
}

static SSL_CTX *make_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519") != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1) {
        give_up("no context");
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    /* Leaves with a reset: a million ports that wait for stragglers would be too many. */
    struct linger at_once = {.l_onoff = 1};
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0 ||
        connect(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0) {
        give_up("no connection");
    }
    return descriptor;
}

static void present(SSL *tls, const struct presented *chain, uint64_t number)
{
    for (size_t i = 0; i < SERIAL_BYTES_MIN; i++) {
        chain->number[SERIAL_BYTES_MIN - 1 - i] = (uint8_t)(number >> (8 * i));
    }
    if (SSL_use_certificate_ASN1(tls, chain->leaf, chain->leaf_bytes) != 1 ||
        SSL_use_PrivateKey(tls, chain->key) != 1 || SSL_set1_chain(tls, chain->above) != 1) {
        give_up("a certificate that cannot be presented");
    }
}

/* The status of the answer to one request. */
static unsigned ask(SSL *tls, uint64_t number)
{
    char text[1024];
    unsigned status = 0;
    int length = snprintf(text, sizeof(text), "GET /flood/%llu HTTP/1.1\r\nHost: localhost\r\n\r\n",
                          (unsigned long long)number);
    if (SSL_write(tls, text, length) != length) {
        give_up("a request that could not be sent");
    }
    length = SSL_read(tls, text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = '\0';
    if (sscanf(text, "HTTP/1.1 %3u ", &status) != 1 || status >= STATUS_COUNT) {
        give_up("no answer");
    }
    return status;
}

static unsigned visit(SSL_CTX *context, uint16_t port, const struct presented *chain,
                      uint64_t number)
{
    SSL *tls = SSL_new(context);
    int descriptor = connect_to(port);
    if (tls == NULL || SSL_set_fd(tls, descriptor) != 1) {
        give_up("no session");
    }
    present(tls, chain, number);
    if (SSL_connect(tls) != 1) {
        give_up("a handshake that failed");
    }
    unsigned status = ask(tls, number);
    SSL_free(tls);
    close(descriptor);
    return status;
}

int main(int count, char **words)
{
    static struct presented chains[CHAIN_COUNT_MAX];
    static uint64_t answers[STATUS_COUNT];
    size_t chain_count =
        count < ARGUMENTS_OF_FLOOD ? 0 : (size_t)(count - ARGUMENTS_OF_FLOOD) / ARGUMENTS_OF_CHAIN;
    if (chain_count == 0 || chain_count > CHAIN_COUNT_MAX) {
        fputs("chain_flood PORT FIRST COUNT KEY CHAIN [KEY CHAIN ...]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < chain_count; i++) {
        char **pair = words + ARGUMENTS_OF_FLOOD + i * ARGUMENTS_OF_CHAIN;
        chains[i].key = read_key(pair[0]);
        read_chain(pair[1], &chains[i]);
    }
    SSL_CTX *context = make_context();
    uint16_t port = (uint16_t)atoi(words[1]);
    uint64_t first = strtoull(words[2], NULL, 10);
    uint64_t end = first + strtoull(words[3], NULL, 10);
    for (uint64_t number = first; number < end; number++) {
        answers[visit(context, port, &chains[number % chain_count], number)]++;
    }
    for (size_t status = 0; status < STATUS_COUNT; status++) {
        if (answers[status] > 0) {
            printf("%zu %llu\n", status, (unsigned long long)answers[status]);
        }
    }
    return 0;
}
