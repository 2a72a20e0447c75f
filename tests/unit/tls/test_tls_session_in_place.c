/*
 * Reading with room for a whole record: what comes whole is decrypted where it lies, and nothing
 * else is different.
 */
#include "session_fixture.h"

enum { ROOM = 16384 };

static uint8_t room[ROOM];

static enum tls_status read_bytes(struct link *link, struct bytes piece, struct bytes *ret_bytes)
{
    struct bytes rest = piece;
    enum tls_status status = tls_session_read(link->session, &rest, room, sizeof(room), ret_bytes);
    server_took(link, piece, rest);
    return status;
}

static bool lies_in(struct bytes inner, struct bytes outer)
{
    return inner.at >= outer.at && inner.at + inner.length <= outer.at + outer.length;
}

static void put_pattern(struct link *link, size_t length)
{
    static uint8_t pattern[100000];
    assert_true(length <= sizeof(pattern));
    for (size_t i = 0; i < length; i++) {
        pattern[i] = (uint8_t)(i * 31 + i / 256);
    }
    assert_int_equal(wolfSSL_write(link->client, pattern, (int)length), (int)length);
}

static void expect_pattern(struct bytes bytes, size_t from)
{
    for (size_t i = 0; i < bytes.length; i++) {
        assert_int_equal(bytes.at[i], (uint8_t)((from + i) * 31 + (from + i) / 256));
    }
}

static void a_whole_record_is_decrypted_where_it_lies(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        struct bytes got;
        open_link(&link, version);
        put_pattern(&link, 40000);
        for (size_t read = 0; read < 40000; read += got.length) {
            struct bytes piece = server_input(&link);
            assert_int_equal(read_bytes(&link, piece, &got), TLS_DONE);
            assert_true(lies_in(got, piece));
            expect_pattern(got, read);
        }
        assert_int_equal(read_bytes(&link, server_input(&link), &got), TLS_WANTS_INPUT);
        link_deinit(&link);
    }
}

static void records_in_any_pieces_give_the_same_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4, 5, 100, 16383, 16384, 16406, 16411, 32768, 40000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct link link;
        size_t read = 0;
        open_link(&link, i % 2 == 0 ? CONFIG_TLS_1_2 : CONFIG_TLS_1_3);
        put_pattern(&link, 100000);
        link.piece_size = sizes[i];
        while (read < 100000) {
            struct bytes got;
            struct bytes piece = server_input(&link);
            assert_true(piece.length > 0 || read > 0);
            if (read_bytes(&link, piece, &got) == TLS_DONE) {
                expect_pattern(got, read);
                read += got.length;
            }
        }
        assert_int_equal(read, 100000);
        link_deinit(&link);
    }
}

/* Two records with a KeyUpdate between them and a close_notify behind: the first piece is read
 * until nothing comes of it, then the rest. */
static void expect_in_two_pieces(struct bytes first, struct bytes second, struct link *link)
{
    size_t read = 0;
    struct bytes got;
    struct bytes pieces[] = {first, second};
    enum tls_status status = TLS_WANTS_INPUT;
    for (size_t i = 0; i < 2; i++) {
        do {
            status = tls_session_read(link->session, &pieces[i], room, sizeof(room), &got);
            if (status == TLS_DONE) {
                expect_pattern(got, read == 40 ? 0 : read);
                read += got.length;
            }
        } while (status == TLS_DONE);
        assert_int_equal(status, i == 0 && second.length > 0 ? TLS_WANTS_INPUT : TLS_PEER_CLOSED);
        assert_int_equal(pieces[i].length, 0);
    }
    assert_int_equal(read, 100);
}

static void a_cut_anywhere_changes_nothing(void **state)
{
    (void)state;
    size_t length = 2; /* known with the first */
    for (size_t cut = 1; cut < length; cut++) {
        struct link link;
        open_link(&link, CONFIG_TLS_1_3);
        put_pattern(&link, 40);
        assert_int_equal(wolfSSL_update_keys(link.client), WOLFSSL_SUCCESS);
        put_pattern(&link, 60);
        (void)wolfSSL_shutdown(link.client);
        struct bytes all = server_input(&link);
        length = all.length;
        expect_in_two_pieces(bytes_slice(all, 0, cut), bytes_slice(all, cut, length), &link);
        link_deinit(&link);
    }
    assert_in_range(length, 160, 300);
}

static void a_read_takes_all_that_is_without_data(void **state)
{
    (void)state;
    struct link link;
    struct bytes got;
    open_link(&link, CONFIG_TLS_1_3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wolfSSL_update_keys(link.client), WOLFSSL_SUCCESS);
    }
    struct bytes piece = server_input(&link);
    assert_int_equal(read_bytes(&link, piece, &got), TLS_WANTS_INPUT);
    assert_int_equal(server_input(&link).length, 0);
    assert_int_equal(wolfSSL_update_keys(link.client), WOLFSSL_SUCCESS);
    put_pattern(&link, 300);
    assert_int_equal(read_bytes(&link, server_input(&link), &got), TLS_DONE);
    assert_int_equal(got.length, 300);
    expect_pattern(got, 0);
    link_deinit(&link);
}

static void expect_failure(struct link *link, enum tls_failure failure)
{
    struct bytes got;
    assert_int_equal(read_bytes(link, server_input(link), &got), TLS_FAILED);
    assert_string_equal(tls_failure_word(tls_session_failure(link->session)),
                        tls_failure_word(failure));
    assert_int_equal(client_alert(link), tls_failure_alert(failure));
    assert_int_equal(read_bytes(link, server_input(link), &got), TLS_FAILED);
    link_deinit(link);
}

static void a_changed_record_is_refused(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        static const size_t places[] = {3, 40, 8000, 16000};
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            struct link link;
            open_link(&link, version);
            put_pattern(&link, 16384);
            link.to_server.bytes[link.to_server.end - places[i]] ^= 1;
            expect_failure(&link, TLS_FAILURE_BAD_RECORD);
        }
    }
}

static void a_replayed_record_is_refused(void **state)
{
    (void)state;
    struct link link;
    struct bytes got;
    uint8_t copy[2000];
    open_link(&link, CONFIG_TLS_1_3);
    size_t start = link.to_server.end;
    put_pattern(&link, 1000);
    size_t size = link.to_server.end - start;
    assert_in_range(size, 1000, sizeof(copy));
    memcpy(copy, link.to_server.bytes + start, size);
    queue_put(&link.to_server, copy, size);
    assert_int_equal(read_bytes(&link, server_input(&link), &got), TLS_DONE);
    expect_failure(&link, TLS_FAILURE_BAD_RECORD);
}

static void records_of_bad_sizes_are_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[17000];
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        struct bytes got;
        open_link(&link, version);
        put_record(&link, 23, bytes_from(zeros, sizeof(zeros)));
        expect_failure(&link, TLS_FAILURE_RECORD_TOO_LARGE);
        for (size_t size = 0; size < 30; size++) {
            open_link(&link, version);
            put_record(&link, 23, bytes_from(zeros, size));
            assert_int_not_equal(read_bytes(&link, server_input(&link), &got), TLS_DONE);
            link_deinit(&link);
        }
    }
}

static void a_flood_of_key_updates_is_refused(void **state)
{
    (void)state;
    struct link link;
    open_link(&link, CONFIG_TLS_1_3);
    for (int i = 0; i < 200; i++) {
        (void)wolfSSL_update_keys(link.client);
    }
    expect_failure(&link, TLS_FAILURE_RECORD_FLOOD);
}

static void an_end_behind_data_is_told_behind_it(void **state)
{
    (void)state;
    for (unsigned version = CONFIG_TLS_1_2; version <= CONFIG_TLS_1_3; version++) {
        struct link link;
        struct bytes got;
        open_link(&link, version);
        put_pattern(&link, 5000);
        (void)wolfSSL_shutdown(link.client);
        assert_int_equal(read_bytes(&link, server_input(&link), &got), TLS_DONE);
        assert_int_equal(got.length, 5000);
        assert_int_equal(read_bytes(&link, server_input(&link), &got), TLS_PEER_CLOSED);
        link_deinit(&link);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_record_is_decrypted_where_it_lies),
        cmocka_unit_test(records_in_any_pieces_give_the_same_bytes),
        cmocka_unit_test(a_cut_anywhere_changes_nothing),
        cmocka_unit_test(a_read_takes_all_that_is_without_data),
        cmocka_unit_test(a_changed_record_is_refused),
        cmocka_unit_test(a_replayed_record_is_refused),
        cmocka_unit_test(records_of_bad_sizes_are_refused),
        cmocka_unit_test(a_flood_of_key_updates_is_refused),
        cmocka_unit_test(an_end_behind_data_is_told_behind_it),
    };
    return cmocka_run_group_tests_name("tls_session_in_place", tests, set_up, tear_down);
}
