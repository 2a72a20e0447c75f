/*
 * What a ClientHello says (RFC 8446 4.1.2 and 4.2, RFC 5246 7.4.1.2): names, versions, algorithms.
 * Called by client_hello.c, on the worker of the connection.
 *
 * One pass, no allocation, no state. wolfSSL reads the same message again by its own rules, so
 * extensions that decide nothing here are left to it.
 */
#include "config/config.h"

#include "client_hello_parser.h"

enum {
    VERSION_MAJOR = 3,
    RANDOM_SIZE = 32,
    SESSION_ID_MAX = 32,
    HOST_LABEL_MAX = 63,
    HOST_NAME = 0,
    STATUS_TYPE_OCSP = 1,
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
struct number_bit { uint16_t number; uint32_t bit; };

/* RFC 8446 4.2.3; SHA-1 is left out: we do not sign with it. */
static const struct number_bit signatures[] = {
    {0x0403, SIGNATURE_P256},      {0x0503, SIGNATURE_P384},      {0x0603, SIGNATURE_P521},
    {0x0807, SIGNATURE_ED25519},
    {0x0804, SIGNATURE_RSA_PSS},   {0x0805, SIGNATURE_RSA_PSS},   {0x0806, SIGNATURE_RSA_PSS},
    {0x0401, SIGNATURE_RSA_PKCS1}, {0x0501, SIGNATURE_RSA_PKCS1}, {0x0601, SIGNATURE_RSA_PKCS1},
};

/* RFC 8446 4.2.7 */
static const struct number_bit groups[] = {
    {23, GROUP_P256}, {24, GROUP_P384}, {25, GROUP_P521}, {29, GROUP_X25519},
    {0x11ec, GROUP_X25519MLKEM768},
};

static const struct number_bit versions[] = {{0x0303, CONFIG_TLS_1_2}, {0x0304, CONFIG_TLS_1_3}};

enum suite_kind { SUITE_ECDSA = 1, SUITE_RSA = 2 };

/* TLS 1.2's suites of any policy, by the certificate they need (IANA's registry). */
static const struct number_bit suites[] = {
    {0xc009, SUITE_ECDSA}, {0xc00a, SUITE_ECDSA}, {0xc023, SUITE_ECDSA}, {0xc024, SUITE_ECDSA},
    {0xc02b, SUITE_ECDSA}, {0xc02c, SUITE_ECDSA}, {0xcca9, SUITE_ECDSA},
    {0xc013, SUITE_RSA},   {0xc014, SUITE_RSA},   {0xc027, SUITE_RSA},   {0xc028, SUITE_RSA},
    {0xc02f, SUITE_RSA},   {0xc030, SUITE_RSA},   {0xcca8, SUITE_RSA},
    {0x002f, SUITE_RSA},   {0x0035, SUITE_RSA},   {0x003c, SUITE_RSA},   {0x003d, SUITE_RSA},
    {0x009c, SUITE_RSA},   {0x009d, SUITE_RSA},
};
/* clang-format on */

static enum tls_failure parse_extensions(struct client_hello *hello, struct bytes list);
static bool read_numbers(struct bytes list, const struct number_bit *rows, size_t count,
                         uint32_t *ret_bits);

enum tls_failure client_hello_parser_read(struct client_hello *hello, struct bytes message)
{
    struct bytes_reader reader = bytes_reader_over(message);
    uint32_t suite_kinds = 0;
    (void)bytes_reader_u32(&reader);
    uint16_t version = bytes_reader_u16(&reader);
    (void)bytes_reader_take(&reader, RANDOM_SIZE);
    struct bytes session_id = bytes_reader_take(&reader, bytes_reader_u8(&reader));
    struct bytes suite_list = bytes_reader_take(&reader, bytes_reader_u16(&reader));
    struct bytes compressions = bytes_reader_take(&reader, bytes_reader_u8(&reader));
    struct bytes extension_list = bytes_from(reader.at, 0);
    if (bytes_reader_left(&reader) > 0) { /* TLS 1.2 may do without extensions. */
        extension_list = bytes_reader_take(&reader, bytes_reader_u16(&reader));
    }
    if (reader.failed || bytes_reader_left(&reader) != 0 || session_id.length > SESSION_ID_MAX ||
        !read_numbers(suite_list, suites, COUNT_OF(suites), &suite_kinds)) {
        return TLS_FAILURE_DECODE_ERROR;
    }
    if (bytes_find(compressions, 0) == compressions.length) {
        return TLS_FAILURE_ILLEGAL_PARAMETER; /* RFC 5246 7.4.1.2: null must be offered */
    }
    hello->versions = version >> 8 == VERSION_MAJOR && version >= 0x0303 ? CONFIG_TLS_1_2 : 0;
    hello->signatures = UINT32_MAX;
    hello->groups = UINT32_MAX;
    hello->offers_ecdsa_suites = (suite_kinds & SUITE_ECDSA) != 0;
    hello->offers_rsa_suites = (suite_kinds & SUITE_RSA) != 0;
    return parse_extensions(hello, extension_list);
}

static uint32_t bit_of(const struct number_bit *rows, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number == number) {
            return rows[i].bit;
        }
    }
    return 0;
}

uint32_t client_hello_parser_group(uint16_t number)
{
    return bit_of(groups, COUNT_OF(groups), number);
}

/* The bits of a list of 16-bit numbers; the list must not be empty and must fill its room. */
static bool read_numbers(struct bytes list, const struct number_bit *rows, size_t count,
                         uint32_t *ret_bits)
{
    struct bytes_reader reader = bytes_reader_over(list);
    uint32_t bits = 0;
    if (list.length == 0 || list.length % 2 != 0) {
        return false;
    }
    while (bytes_reader_left(&reader) > 0) {
        bits |= bit_of(rows, count, bytes_reader_u16(&reader));
    }
    *ret_bits = bits;
    return true;
}

/* A whole extension that is one vector with a length of length_size bytes (1 or 2) before it. */
static bool unwrap(struct bytes extension, size_t length_size, struct bytes *ret_list)
{
    struct bytes_reader reader = bytes_reader_over(extension);
    size_t length = length_size == 1 ? bytes_reader_u8(&reader) : bytes_reader_u16(&reader);
    struct bytes list = bytes_reader_take(&reader, length);
    if (reader.failed || bytes_reader_left(&reader) != 0) {
        return false;
    }
    *ret_list = list;
    return true;
}

/* Lower case; letters, digits, hyphens and (common in practice) underscores; -1 for anything else.
 */
static int host_character(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte + ('a' - 'A');
    }
    bool is_good =
        (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
    return is_good ? byte : -1;
}

/* RFC 6066 section 3 wants no final dot, but some clients send it. */
static bool read_host_name(struct client_hello *hello, struct bytes name)
{
    size_t label_length = 0;
    if (name.length > 0 && name.at[name.length - 1] == '.') {
        name.length--;
    }
    if (name.length == 0 || name.length > CLIENT_HELLO_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        bool is_dot = name.at[i] == '.';
        int character = is_dot ? '.' : host_character(name.at[i]);
        if (character < 0 || (is_dot && label_length == 0) || label_length > HOST_LABEL_MAX) {
            return false;
        }
        label_length = is_dot ? 0 : label_length + 1;
        hello->server_name[i] = (char)character;
    }
    hello->server_name[name.length] = '\0';
    return label_length > 0 && label_length <= HOST_LABEL_MAX;
}

static enum tls_failure read_server_name(struct client_hello *hello, struct bytes extension)
{
    struct bytes list;
    if (!unwrap(extension, 2, &list)) {
        return TLS_FAILURE_DECODE_ERROR;
    }
    struct bytes_reader reader = bytes_reader_over(list);
    uint8_t type = bytes_reader_u8(&reader);
    struct bytes name = bytes_reader_take(&reader, bytes_reader_u16(&reader));
    if (reader.failed || type != HOST_NAME || bytes_reader_left(&reader) != 0) {
        return TLS_FAILURE_DECODE_ERROR;
    }
    return read_host_name(hello, name) ? TLS_FAILURE_NONE : TLS_FAILURE_ILLEGAL_PARAMETER;
}

static enum tls_failure read_groups(struct client_hello *hello, struct bytes extension)
{
    struct bytes list;
    return unwrap(extension, 2, &list) &&
                   read_numbers(list, groups, COUNT_OF(groups), &hello->groups)
               ? TLS_FAILURE_NONE
               : TLS_FAILURE_DECODE_ERROR;
}

static enum tls_failure read_signatures(struct client_hello *hello, struct bytes extension)
{
    struct bytes list;
    return unwrap(extension, 2, &list) &&
                   read_numbers(list, signatures, COUNT_OF(signatures), &hello->signatures)
               ? TLS_FAILURE_NONE
               : TLS_FAILURE_DECODE_ERROR;
}

static enum tls_failure read_versions(struct client_hello *hello, struct bytes extension)
{
    struct bytes list;
    return unwrap(extension, 1, &list) &&
                   read_numbers(list, versions, COUNT_OF(versions), &hello->versions)
               ? TLS_FAILURE_NONE
               : TLS_FAILURE_DECODE_ERROR;
}

static enum tls_failure read_alpn(struct client_hello *hello, struct bytes extension)
{
    struct bytes list;
    if (!unwrap(extension, 2, &list) || list.length == 0) {
        return TLS_FAILURE_DECODE_ERROR;
    }
    struct bytes_reader reader = bytes_reader_over(list);
    hello->offers_alpn = true;
    while (bytes_reader_left(&reader) > 0) {
        struct bytes name = bytes_reader_take(&reader, bytes_reader_u8(&reader));
        if (name.length == 0) {
            return TLS_FAILURE_DECODE_ERROR; /* Also when the reader ran out. */
        }
        hello->offers_http1 |= bytes_equal(name, BYTES_OF("http/1.1"));
        hello->offers_h2 |= bytes_equal(name, BYTES_OF("h2"));
    }
    return TLS_FAILURE_NONE;
}

static enum tls_failure read_early_data(struct client_hello *hello, struct bytes extension)
{
    hello->offers_early_data = true;
    return extension.length == 0 ? TLS_FAILURE_NONE : TLS_FAILURE_DECODE_ERROR;
}

/* Which responders the client trusts and what it would tell them is passed over: our response was
 * there before it came. Other types than OCSP have forms that are not known. */
static enum tls_failure read_status_request(struct client_hello *hello, struct bytes extension)
{
    struct bytes_reader reader = bytes_reader_over(extension);
    uint8_t type = bytes_reader_u8(&reader);
    if (type == STATUS_TYPE_OCSP) {
        (void)bytes_reader_take(&reader, bytes_reader_u16(&reader));
        (void)bytes_reader_take(&reader, bytes_reader_u16(&reader));
        hello->wants_staple = bytes_reader_left(&reader) == 0;
    }
    bool is_right = !reader.failed && (type != STATUS_TYPE_OCSP || hello->wants_staple);
    return is_right ? TLS_FAILURE_NONE : TLS_FAILURE_DECODE_ERROR;
}

/* The extensions that are looked into (IANA's registry); wolfSSL reads these and the others by
 * itself. */
static const struct {
    uint16_t type;
    enum tls_failure (*read)(struct client_hello *hello, struct bytes extension);
} extensions[] = {
    {0, read_server_name}, {5, read_status_request}, {10, read_groups},   {13, read_signatures},
    {16, read_alpn},       {42, read_early_data},    {43, read_versions},
};

static enum tls_failure parse_extensions(struct client_hello *hello, struct bytes list)
{
    struct bytes_reader reader = bytes_reader_over(list);
    unsigned seen = 0;
    while (bytes_reader_left(&reader) > 0) {
        uint16_t type = bytes_reader_u16(&reader);
        struct bytes extension = bytes_reader_take(&reader, bytes_reader_u16(&reader));
        if (reader.failed) {
            return TLS_FAILURE_DECODE_ERROR;
        }
        for (size_t i = 0; i < COUNT_OF(extensions); i++) {
            if (extensions[i].type != type) {
                continue;
            }
            if ((seen & 1u << i) != 0) {
                return TLS_FAILURE_ILLEGAL_PARAMETER; /* RFC 8446 4.2: no type twice */
            }
            seen |= 1u << i;
            enum tls_failure failure = extensions[i].read(hello, extension);
            if (failure != TLS_FAILURE_NONE) {
                return failure;
            }
        }
    }
    return TLS_FAILURE_NONE;
}
