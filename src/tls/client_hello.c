/*
 * The first flight of a client: put together from records, then read once. Called by the connection
 * before it has a TLS session, on its worker.
 *
 * Every byte here comes from a stranger: all reading goes through bytes_reader, the size is bounded
 * by CLIENT_HELLO_SIZE_MAX, and the work is one pass over it. wolfSSL reads the same bytes again
 * with its own rules; what is refused here never reaches it.
 */
#include <stdlib.h>

#include "config/config.h"
#include "tls/client_hello.h"

#include "client_hello_parser.h"

enum {
    RECORD_HEADER_SIZE = 5,
    MESSAGE_HEADER_SIZE = 4,
    RECORD_BODY_MAX = 16384, /* RFC 8446 5.1 */
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    MESSAGE_CLIENT_HELLO = 1,
    ALERT_FATAL = 2,
    VERSION_MAJOR = 3,
};

/* What a key needs of the client: in TLS 1.3 one of its schemes, in 1.2 a scheme and a group. */
/* clang-format off */
static const struct {
    uint32_t tls13_signatures;
    uint32_t tls12_signatures;
    uint32_t group; /* GROUP_NONE: any client will do */
    bool needs_rsa_suites;
} key_needs[TLS_KEY_KIND_COUNT] = {
    [TLS_KEY_ECDSA_P256] = {SIGNATURE_P256,    SIGNATURE_ECDSA,   GROUP_P256, false},
    [TLS_KEY_ECDSA_P384] = {SIGNATURE_P384,    SIGNATURE_ECDSA,   GROUP_P384, false},
    [TLS_KEY_ECDSA_P521] = {SIGNATURE_P521,    SIGNATURE_ECDSA,   GROUP_P521, false},
    [TLS_KEY_ED25519]    = {SIGNATURE_ED25519, SIGNATURE_ED25519, GROUP_NONE, false},
    [TLS_KEY_RSA]        = {SIGNATURE_RSA_PSS, SIGNATURE_RSA,     GROUP_NONE, true},
};
/* clang-format on */

static enum client_hello_status refuse(struct client_hello *hello, enum tls_failure failure);
static enum client_hello_status say_not_tls(struct client_hello *hello, struct bytes input);
static enum tls_failure gather(struct client_hello *hello, struct bytes *input);
static bool take_whole_record(struct client_hello *hello, struct bytes *input);
static enum tls_failure take_record_header(struct client_hello *hello, struct bytes *input);
static enum tls_failure take_record_body(struct client_hello *hello, struct bytes *input);
static bool is_finished(const struct client_hello *hello);

void client_hello_init(struct client_hello *hello)
{
    *hello = (struct client_hello){0};
}

void client_hello_deinit(struct client_hello *hello)
{
    free(hello->record);
    hello->record = NULL;
    hello->flight = (struct bytes){0};
}

enum client_hello_status client_hello_feed(struct client_hello *hello, struct bytes *input)
{
    if (hello->header_size == 0 && input->length > 0 && input->at[0] != RECORD_HANDSHAKE) {
        return say_not_tls(hello, *input);
    }
    enum tls_failure failure = gather(hello, input);
    if (failure == TLS_FAILURE_NONE && hello->flight.length == 0) {
        return CLIENT_HELLO_NEEDS_MORE;
    }
    if (failure == TLS_FAILURE_NONE) {
        struct bytes message = bytes_slice(hello->flight, RECORD_HEADER_SIZE, SIZE_MAX);
        failure = client_hello_parser_read(hello, message);
    }
    return failure == TLS_FAILURE_NONE ? CLIENT_HELLO_COMPLETE : refuse(hello, failure);
}

bool client_hello_takes_key(const struct client_hello *hello, enum tls_key_kind key,
                            unsigned policy_versions)
{
    unsigned common = hello->versions & policy_versions;
    if ((common & CONFIG_TLS_1_3) != 0) {
        return (hello->signatures & key_needs[key].tls13_signatures) != 0;
    }
    bool has_suite =
        key_needs[key].needs_rsa_suites ? hello->offers_rsa_suites : hello->offers_ecdsa_suites;
    bool has_group =
        key_needs[key].group == GROUP_NONE || (hello->groups & key_needs[key].group) != 0;
    return (common & CONFIG_TLS_1_2) != 0 && has_suite && has_group &&
           (hello->signatures & key_needs[key].tls12_signatures) != 0;
}

struct bytes client_hello_alert(const struct client_hello *hello)
{
    return bytes_from(hello->alert, sizeof(hello->alert));
}

static enum client_hello_status refuse(struct client_hello *hello, enum tls_failure failure)
{
    const uint8_t alert[] = {
        RECORD_ALERT, VERSION_MAJOR, 1, 0, 2, ALERT_FATAL, (uint8_t)tls_failure_alert(failure)};
    _Static_assert(sizeof(alert) == sizeof(hello->alert), "one alert record");
    memcpy(hello->alert, alert, sizeof(alert));
    hello->failure = failure;
    client_hello_deinit(hello);
    return CLIENT_HELLO_BAD;
}

/* A request line begins with a method: capitals, then a space (RFC 9112 section 3). */
static enum client_hello_status say_not_tls(struct client_hello *hello, struct bytes input)
{
    size_t length = 0;
    while (length < input.length && input.at[length] >= 'A' && input.at[length] <= 'Z') {
        length++;
    }
    hello->failure = TLS_FAILURE_NOT_TLS;
    hello->looks_like_http = length > 0 && (length == input.length || input.at[length] == ' ');
    return CLIENT_HELLO_NOT_TLS;
}

/* The usual case, without a copy: the first bytes are one whole record that is one whole message.
 */
static bool take_whole_record(struct client_hello *hello, struct bytes *input)
{
    struct bytes_reader reader = bytes_reader_over(*input);
    uint8_t type = bytes_reader_u8(&reader);
    uint8_t major = bytes_reader_u8(&reader);
    (void)bytes_reader_u8(&reader);
    size_t size = bytes_reader_u16(&reader);
    uint8_t message_type = bytes_reader_u8(&reader);
    size_t message_size = bytes_reader_u24(&reader);
    (void)bytes_reader_take(&reader, message_size);
    if (reader.failed || type != RECORD_HANDSHAKE || major != VERSION_MAJOR ||
        size > RECORD_BODY_MAX || message_type != MESSAGE_CLIENT_HELLO ||
        message_size + MESSAGE_HEADER_SIZE != size) {
        return false;
    }
    hello->flight = bytes_slice(*input, 0, RECORD_HEADER_SIZE + size);
    *input = bytes_slice(*input, RECORD_HEADER_SIZE + size, SIZE_MAX);
    return true;
}

/* Sets flight when the message is whole. */
static enum tls_failure gather(struct client_hello *hello, struct bytes *input)
{
    enum tls_failure failure = TLS_FAILURE_NONE;
    if (hello->header_size == 0 && take_whole_record(hello, input)) {
        return TLS_FAILURE_NONE;
    }
    while (failure == TLS_FAILURE_NONE && input->length > 0 && !is_finished(hello)) {
        failure = hello->record_left == 0 ? take_record_header(hello, input)
                                          : take_record_body(hello, input);
    }
    if (is_finished(hello)) {
        hello->flight = bytes_from(hello->record, RECORD_HEADER_SIZE + hello->message_size);
    }
    return failure;
}

static struct bytes take(struct bytes *input, size_t length_max)
{
    struct bytes taken = bytes_slice(*input, 0, length_max);
    input->at += taken.length;
    input->length -= taken.length;
    return taken;
}

static enum tls_failure take_record_header(struct client_hello *hello, struct bytes *input)
{
    hello->header_size %= RECORD_HEADER_SIZE; /* A full one belongs to the record before. */
    struct bytes part = take(input, RECORD_HEADER_SIZE - (size_t)hello->header_size);
    memcpy(hello->header + hello->header_size, part.at, part.length);
    hello->header_size = (uint8_t)(hello->header_size + part.length);
    if (hello->header[0] != RECORD_HANDSHAKE) {
        return TLS_FAILURE_UNEXPECTED_MESSAGE;
    }
    if (hello->header_size < RECORD_HEADER_SIZE) {
        return TLS_FAILURE_NONE;
    }
    if (hello->header[1] != VERSION_MAJOR) {
        return TLS_FAILURE_PROTOCOL_VERSION;
    }
    hello->record_left = (size_t)hello->header[3] << 8 | hello->header[4];
    if (hello->record_left > RECORD_BODY_MAX) {
        return TLS_FAILURE_RECORD_TOO_LARGE;
    }
    /* RFC 8446 5.1 forbids empty handshake records. They would also be a flood that leads nowhere.
     */
    return hello->record_left == 0 ? TLS_FAILURE_UNEXPECTED_MESSAGE : TLS_FAILURE_NONE;
}

static enum tls_failure make_room(struct client_hello *hello, size_t capacity)
{
    if (capacity > CLIENT_HELLO_SIZE_MAX) {
        return TLS_FAILURE_HELLO_TOO_LARGE;
    }
    uint8_t *record = realloc(hello->record, RECORD_HEADER_SIZE + capacity);
    if (record == NULL) {
        return TLS_FAILURE_OUT_OF_MEMORY;
    }
    hello->record = record;
    hello->message_capacity = capacity;
    return TLS_FAILURE_NONE;
}

/* The message's header is there: makes room for what it announces. */
static enum tls_failure read_message_header(struct client_hello *hello)
{
    struct bytes_reader reader =
        bytes_reader_over(bytes_from(hello->record + RECORD_HEADER_SIZE, MESSAGE_HEADER_SIZE));
    if (bytes_reader_u8(&reader) != MESSAGE_CLIENT_HELLO) {
        return TLS_FAILURE_UNEXPECTED_MESSAGE;
    }
    return make_room(hello, MESSAGE_HEADER_SIZE + (size_t)bytes_reader_u24(&reader));
}

static void write_record_header(struct client_hello *hello)
{
    const uint8_t header[RECORD_HEADER_SIZE] = {RECORD_HANDSHAKE, VERSION_MAJOR, 1,
                                                (uint8_t)(hello->message_size >> 8),
                                                (uint8_t)hello->message_size};
    memcpy(hello->record, header, sizeof(header));
}

static enum tls_failure take_record_body(struct client_hello *hello, struct bytes *input)
{
    enum tls_failure failure =
        hello->message_capacity == 0 ? make_room(hello, MESSAGE_HEADER_SIZE) : TLS_FAILURE_NONE;
    if (failure != TLS_FAILURE_NONE) {
        return failure;
    }
    size_t room = hello->message_capacity - hello->message_size;
    struct bytes part = take(input, room < hello->record_left ? room : hello->record_left);
    memcpy(hello->record + RECORD_HEADER_SIZE + hello->message_size, part.at, part.length);
    hello->message_size += part.length;
    hello->record_left -= part.length;
    if (hello->message_size == MESSAGE_HEADER_SIZE) {
        failure = read_message_header(hello);
    }
    if (failure != TLS_FAILURE_NONE || !is_finished(hello)) {
        return failure;
    }
    write_record_header(hello);
    /* The hello must end its record: keys change after it (RFC 8446 5.1). */
    return hello->record_left == 0 ? TLS_FAILURE_NONE : TLS_FAILURE_UNEXPECTED_MESSAGE;
}

static bool is_finished(const struct client_hello *hello)
{
    return hello->message_capacity > 0 && hello->message_size == hello->message_capacity;
}
