/* The ring against the real kernel: what each operation delivers, how it ends, and that it ends. */
#include "ring_record.h"

#include <fcntl.h>
#include <sys/eventfd.h>

static void waiting_for_nothing_takes_its_time_and_no_more(void **state)
{
    struct ring *ring = make_ring(8);
    (void)state;
    uint64_t start_ms = clock_monotonic_ms();
    ring_wait(ring, 30);
    assert_int_equal(ring_deliver(ring), 0);
    assert_in_range(clock_monotonic_ms() - start_ms, 29, PATIENCE_MS);
    ring_wait(ring, 0);
    assert_int_equal(ring_counts(ring).turns, 2);
    ring_destroy(ring);
    ring_destroy(NULL);
}

static void nothing_is_delivered_by_the_call_that_starts_it(void **state)
{
    int ends[2];
    struct ring *ring = make_ring(8);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    write_all(ends[1], "x", 1);
    ring_receive(ring, &record.operation, ends[0]);
    assert_true(record.operation.is_in_flight);
    assert_int_equal(record.event_count, 0);
    ring_wait(ring, 1000);
    assert_int_equal(record.event_count, 0);
    assert_int_equal(ring_deliver(ring), 1);
    assert_int_equal(record.event_count, 1);
    (void)close(ends[1]);
    TURN_UNTIL(ring, record.final_count == 1);
    (void)close(ends[0]);
    forget(&record);
    ring_destroy(ring);
}

static void clients_are_accepted_until_the_accept_is_cancelled(void **state)
{
    struct sockaddr_in address;
    int clients[5];
    struct ring *ring = make_ring(8);
    struct record record = record_on(ring);
    (void)state;
    int listener = listen_on_loopback(16, &address);
    ring_accept(ring, &record.operation, listener);
    for (size_t i = 0; i < 5; i++) {
        clients[i] = connect_to(&address);
    }
    TURN_UNTIL(ring, record.descriptor_count == 5);
    assert_int_equal(record.final_count, 0);
    ring_cancel(ring, &record.operation);
    ring_cancel(ring, &record.operation);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_CANCELLED);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fcntl(record.descriptors[i], F_GETFD) & FD_CLOEXEC);
        (void)close(record.descriptors[i]);
        (void)close(clients[i]);
    }
    (void)close(listener);
    forget(&record);
    ring_destroy(ring);
}

static void accepting_on_what_does_not_listen_fails_at_once(void **state)
{
    struct ring *ring = make_ring(8);
    struct record record = record_on(ring);
    (void)state;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ring_accept(ring, &record.operation, descriptor);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_FAILED);
    (void)close(descriptor);
    forget(&record);
    ring_destroy(ring);
}

static void what_arrives_is_received_in_order_until_its_end(void **state)
{
    int ends[2];
    uint8_t sent[100000];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    for (size_t i = 0; i < sizeof(sent); i++) {
        sent[i] = (uint8_t)(i * 31 >> 3);
    }
    ring_receive(ring, &record.operation, ends[0]);
    for (size_t at = 0; at < sizeof(sent); at += 10000) {
        write_all(ends[1], sent + at, 10000);
        TURN_UNTIL(ring, record.received_bytes == at + 10000);
    }
    (void)shutdown(ends[1], SHUT_WR);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_ENDED);
    assert_memory_equal(record.received, sent, sizeof(sent));
    (void)close(ends[0]);
    (void)close(ends[1]);
    forget(&record);
    ring_destroy(ring);
}

static void a_reset_ends_the_receive(void **state)
{
    int ends[2];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    ring_receive(ring, &record.operation, ends[0]);
    turn(ring);
    reset_connection(ends[1]);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_RESET);
    (void)close(ends[0]);
    forget(&record);
    ring_destroy(ring);
}

static void operations_on_a_closed_descriptor_fail_and_are_handed_back(void **state)
{
    struct ring *ring = make_ring(4);
    struct record records[3] = {record_on(ring), record_on(ring), record_on(ring)};
    (void)state;
    ring_receive(ring, &records[0].operation, 1 << 20);
    ring_send(ring, &records[1].operation, 1 << 20, BYTES_OF("x"));
    ring_accept(ring, &records[2].operation, 1 << 20);
    for (size_t i = 0; i < 3; i++) {
        TURN_UNTIL(ring, records[i].final_count == 1);
        assert_int_equal(records[i].status, IO_FAILED);
        forget(&records[i]);
    }
    ring_destroy(ring);
}

static void a_send_is_complete_only_when_all_of_it_is_taken(void **state)
{
    enum { SIZE = 4 << 20 };
    int ends[2];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    uint8_t *sent = malloc(SIZE);
    uint8_t *read = malloc(SIZE);
    size_t read_bytes = 0;
    (void)state;
    make_connection(ends);
    shrink_buffers(ends[0], 8192);
    for (size_t i = 0; i < SIZE; i++) {
        sent[i] = (uint8_t)(i * 131 >> 5);
    }
    ring_send(ring, &record.operation, ends[0], bytes_from(sent, SIZE));
    turn_a_while(ring);
    assert_int_equal(record.event_count, 0);
    while (read_bytes < SIZE) {
        ssize_t got = read_some(ends[1], read + read_bytes, SIZE - read_bytes);
        read_bytes += got > 0 ? (size_t)got : 0;
        turn(ring);
    }
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_OK);
    assert_int_equal(record.length_bytes, SIZE);
    assert_memory_equal(read, sent, SIZE);
    (void)close(ends[0]);
    (void)close(ends[1]);
    free(sent);
    free(read);
    forget(&record);
    ring_destroy(ring);
}

static void a_send_to_a_peer_that_left_is_reset(void **state)
{
    int ends[2];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    reset_connection(ends[1]);
    await_reset(ends[0]);
    ring_send(ring, &record.operation, ends[0], BYTES_OF("x"));
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_RESET);
    (void)close(ends[0]);
    forget(&record);
    ring_destroy(ring);
}

static void a_send_that_waits_can_be_cancelled(void **state)
{
    enum { SIZE = 4 << 20 };
    int ends[2];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    uint8_t *sent = calloc(1, SIZE);
    (void)state;
    make_connection(ends);
    shrink_buffers(ends[0], 8192);
    ring_send(ring, &record.operation, ends[0], bytes_from(sent, SIZE));
    turn_a_while(ring);
    ring_cancel(ring, &record.operation);
    TURN_UNTIL(ring, record.final_count == 1);
    /* Cancelled, or what went before the cancel came: never the whole. */
    assert_true(record.status == IO_CANCELLED || record.length_bytes < SIZE);
    (void)close(ends[0]);
    (void)close(ends[1]);
    free(sent);
    forget(&record);
    ring_destroy(ring);
}

static void a_connect_tells_how_it_went(void **state)
{
    struct sockaddr_in address;
    struct ring *ring = make_ring(4);
    struct record good = record_on(ring);
    struct record refused = record_on(ring);
    (void)state;
    int listener = listen_on_loopback(4, &address);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ring_connect(ring, &good.operation, descriptor, (struct sockaddr *)&address, sizeof(address));
    TURN_UNTIL(ring, good.final_count == 1);
    assert_int_equal(good.status, IO_OK);
    (void)close(descriptor);
    (void)close(listener);
    descriptor = socket(AF_INET, SOCK_STREAM, 0);
    ring_connect(ring, &refused.operation, descriptor, (struct sockaddr *)&address,
                 sizeof(address));
    TURN_UNTIL(ring, refused.final_count == 1);
    assert_int_equal(refused.status, IO_REFUSED);
    (void)close(descriptor);
    forget(&good);
    forget(&refused);
    ring_destroy(ring);
}

static void a_connect_without_an_answer_can_be_cancelled(void **state)
{
    struct sockaddr_in address;
    struct ring *ring = make_ring(4);
    struct record records[4];
    int descriptors[4];
    (void)state;
    /* A full queue of one: further SYNs are dropped, so some of these hang. */
    int listener = listen_on_loopback(0, &address);
    for (size_t i = 0; i < 4; i++) {
        records[i] = record_on(ring);
        descriptors[i] = socket(AF_INET, SOCK_STREAM, 0);
        ring_connect(ring, &records[i].operation, descriptors[i], (struct sockaddr *)&address,
                     sizeof(address));
    }
    turn_a_while(ring);
    assert_int_equal(records[3].event_count, 0);
    for (size_t i = 0; i < 4; i++) {
        ring_cancel(ring, &records[i].operation);
    }
    TURN_UNTIL(ring, records[3].final_count == 1);
    assert_int_equal(records[3].status, IO_CANCELLED);
    for (size_t i = 0; i < 4; i++) {
        TURN_UNTIL(ring, records[i].final_count == 1);
        (void)close(descriptors[i]);
        forget(&records[i]);
    }
    (void)close(listener);
    ring_destroy(ring);
}

static void a_cancel_of_nothing_is_harmless(void **state)
{
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    ring_cancel(ring, &record.operation);
    turn_a_while(ring);
    assert_int_equal(record.event_count, 0);
    forget(&record);
    ring_destroy(ring);
}

static void a_cancel_in_the_same_turn_as_the_start_comes_back(void **state)
{
    int ends[2];
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    ring_receive(ring, &record.operation, ends[0]);
    ring_cancel(ring, &record.operation);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_CANCELLED);
    /* The operation may be used again. */
    ring_receive(ring, &record.operation, ends[0]);
    write_all(ends[1], "again", 5);
    TURN_UNTIL(ring, record.received_bytes == 5);
    (void)close(ends[1]);
    TURN_UNTIL(ring, record.final_count == 2);
    (void)close(ends[0]);
    forget(&record);
    ring_destroy(ring);
}

/* Many senders, one buffer: the receives end early again and again and no byte may be lost. */
static void receives_go_on_when_the_buffers_ran_out(void **state)
{
    enum { COUNT = 8, SIZE = 100000 };
    int ends[COUNT][2];
    struct ring *ring = make_ring(1);
    struct record records[COUNT];
    uint8_t sent[SIZE];
    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        sent[i] = (uint8_t)(i * 7 >> 2);
    }
    for (size_t i = 0; i < COUNT; i++) {
        records[i] = record_on(ring);
        make_connection(ends[i]);
        write_all(ends[i][1], sent, SIZE);
        ring_receive(ring, &records[i].operation, ends[i][0]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        TURN_UNTIL(ring, records[i].received_bytes == SIZE);
        assert_memory_equal(records[i].received, sent, SIZE);
        (void)close(ends[i][1]);
        TURN_UNTIL(ring, records[i].final_count == 1);
        assert_int_equal(records[i].status, IO_ENDED);
        (void)close(ends[i][0]);
        forget(&records[i]);
    }
    assert_true(ring_counts(ring).buffers_exhausted > 0);
    ring_destroy(ring);
}

/* The kernel's "no buffers" may lie in the queue behind the event in which the owner cancels. */
static void a_cancelled_receive_never_reports_missing_buffers(void **state)
{
    int ends[2];
    uint8_t sent[65536] = {0};
    struct ring *ring = make_ring(1);
    struct record record = record_on(ring);
    (void)state;
    make_connection(ends);
    write_all(ends[1], sent, sizeof(sent));
    record.cancels_at_once = true;
    ring_receive(ring, &record.operation, ends[0]);
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.status, IO_CANCELLED);
    (void)close(ends[0]);
    (void)close(ends[1]);
    forget(&record);
    ring_destroy(ring);
}

static void more_operations_than_the_queue_holds_are_all_started(void **state)
{
    enum { COUNT = 3000 };
    int ends[2];
    static struct record records[COUNT];
    struct ring *ring = make_ring(4);
    (void)state;
    make_connection(ends);
    for (size_t i = 0; i < COUNT; i++) {
        records[i] = (struct record){.operation.complete = on_event};
        ring_send(ring, &records[i].operation, ends[0], BYTES_OF("x"));
    }
    for (size_t i = 0; i < COUNT; i++) {
        TURN_UNTIL(ring, records[i].final_count == 1);
        assert_int_equal(records[i].status, IO_OK);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    ring_destroy(ring);
}

/* More completions than the completion queue holds: none is lost, and receives go on. */
static void an_overflow_of_completions_loses_nothing(void **state)
{
    enum { COUNT = 10000 };
    int ends[2];
    int others[2];
    static struct record records[COUNT];
    struct ring *ring = make_ring(4);
    struct record receive = record_on(ring);
    (void)state;
    make_connection(ends);
    make_connection(others);
    ring_receive(ring, &receive.operation, others[0]);
    turn(ring);
    write_all(others[1], "before", 6);
    for (size_t i = 0; i < COUNT; i++) {
        records[i] = (struct record){.operation.complete = on_event};
        ring_send(ring, &records[i].operation, ends[0], BYTES_OF("x"));
    }
    for (size_t i = 0; i < COUNT; i++) {
        TURN_UNTIL(ring, records[i].final_count == 1);
    }
    assert_true(ring_counts(ring).queue_overflows > 0);
    write_all(others[1], "after", 5);
    TURN_UNTIL(ring, receive.received_bytes == 11);
    assert_memory_equal(receive.received, "beforeafter", 11);
    (void)close(others[1]);
    TURN_UNTIL(ring, receive.final_count == 1);
    (void)close(others[0]);
    (void)close(ends[0]);
    (void)close(ends[1]);
    forget(&receive);
    ring_destroy(ring);
}

static void a_read_fills_the_memory_once(void **state)
{
    uint64_t value = 0;
    uint64_t seven = 7;
    struct ring *ring = make_ring(4);
    struct record record = record_on(ring);
    (void)state;
    int descriptor = eventfd(0, EFD_CLOEXEC);
    ring_read(ring, &record.operation, descriptor, &value, sizeof(value));
    turn_a_while(ring);
    assert_int_equal(record.event_count, 0);
    assert_int_equal(write(descriptor, &seven, sizeof(seven)), sizeof(seven));
    TURN_UNTIL(ring, record.final_count == 1);
    assert_int_equal(record.length_bytes, sizeof(value));
    assert_int_equal(value, 7);
    (void)close(descriptor);
    forget(&record);
    ring_destroy(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_for_nothing_takes_its_time_and_no_more),
        cmocka_unit_test(nothing_is_delivered_by_the_call_that_starts_it),
        cmocka_unit_test(clients_are_accepted_until_the_accept_is_cancelled),
        cmocka_unit_test(accepting_on_what_does_not_listen_fails_at_once),
        cmocka_unit_test(what_arrives_is_received_in_order_until_its_end),
        cmocka_unit_test(a_reset_ends_the_receive),
        cmocka_unit_test(operations_on_a_closed_descriptor_fail_and_are_handed_back),
        cmocka_unit_test(a_send_is_complete_only_when_all_of_it_is_taken),
        cmocka_unit_test(a_send_to_a_peer_that_left_is_reset),
        cmocka_unit_test(a_send_that_waits_can_be_cancelled),
        cmocka_unit_test(a_connect_tells_how_it_went),
        cmocka_unit_test(a_connect_without_an_answer_can_be_cancelled),
        cmocka_unit_test(a_cancel_of_nothing_is_harmless),
        cmocka_unit_test(a_cancel_in_the_same_turn_as_the_start_comes_back),
        cmocka_unit_test(receives_go_on_when_the_buffers_ran_out),
        cmocka_unit_test(a_cancelled_receive_never_reports_missing_buffers),
        cmocka_unit_test(more_operations_than_the_queue_holds_are_all_started),
        cmocka_unit_test(an_overflow_of_completions_loses_nothing),
        cmocka_unit_test(a_read_fills_the_memory_once),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
