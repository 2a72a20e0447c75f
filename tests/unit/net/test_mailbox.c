/* Letters to a ring's thread: order, one wake for a burst, several senders, the end. */
#include "net_loop.h"

#include <pthread.h>

#include "net/mailbox.h"

#define SENDER_COUNT         4
#define LETTERS_OF_A_SENDER  5000
#define DELIVERED_NUMBER_MAX 64

static uint32_t delivered[DELIVERED_NUMBER_MAX];
static size_t delivered_count;

struct note {
    struct letter letter;
    uint32_t number;
    struct mailbox *answer_to; /* posts itself again, once */
};

static void on_note(struct letter *letter)
{
    struct note *note = LIST_OWNER(letter, struct note, letter);
    delivered[delivered_count++] = note->number;
    if (note->answer_to != NULL) {
        struct mailbox *mailbox = note->answer_to;
        note->answer_to = NULL;
        mailbox_post(mailbox, &note->letter);
    }
}

static void on_note_to_be_freed(struct letter *letter)
{
    on_note(letter);
    free(LIST_OWNER(letter, struct note, letter));
}

static void end_mailbox(struct mailbox *mailbox, struct ring *ring)
{
    mailbox_shut(mailbox);
    TURN_UNTIL(ring, !mailbox->read.is_in_flight);
    mailbox_close(mailbox);
    ring_destroy(ring);
}

static int begin(void **state)
{
    (void)state;
    delivered_count = 0;
    return 0;
}

static void letters_of_a_burst_arrive_in_order_with_one_wake(void **state)
{
    struct ring *ring = make_ring(4);
    struct mailbox mailbox;
    struct note notes[20];
    (void)state;
    assert_true(result_is_ok(mailbox_open(&mailbox, ring)));
    turn(ring);
    uint64_t before = ring_counts(ring).completions;
    for (uint32_t i = 0; i < 20; i++) {
        notes[i] = (struct note){.letter.deliver = on_note, .number = i};
        mailbox_post(&mailbox, &notes[i].letter);
    }
    assert_int_equal(delivered_count, 0);
    TURN_UNTIL(ring, delivered_count == 20);
    turn_a_while(ring);
    assert_int_equal(ring_counts(ring).completions - before, 1);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(delivered[i], i);
    }
    end_mailbox(&mailbox, ring);
}

static void a_letter_may_be_posted_again_and_freed_while_it_is_delivered(void **state)
{
    struct ring *ring = make_ring(4);
    struct mailbox mailbox;
    struct note again = {.letter.deliver = on_note, .number = 1, .answer_to = &mailbox};
    struct note *freed = calloc(1, sizeof(*freed));
    (void)state;
    assert_non_null(freed);
    *freed = (struct note){.letter.deliver = on_note_to_be_freed, .number = 2};
    assert_true(result_is_ok(mailbox_open(&mailbox, ring)));
    mailbox_post(&mailbox, &again.letter);
    mailbox_post(&mailbox, &freed->letter);
    TURN_UNTIL(ring, delivered_count == 3);
    assert_int_equal(delivered[0], 1);
    assert_int_equal(delivered[1], 2);
    assert_int_equal(delivered[2], 1);
    end_mailbox(&mailbox, ring);
}

static void a_letter_posted_before_the_first_turn_is_delivered(void **state)
{
    struct ring *ring = make_ring(4);
    struct mailbox mailbox;
    struct note note = {.letter.deliver = on_note, .number = 7};
    (void)state;
    assert_true(result_is_ok(mailbox_open(&mailbox, ring)));
    mailbox_post(&mailbox, &note.letter);
    TURN_UNTIL(ring, delivered_count == 1);
    end_mailbox(&mailbox, ring);
}

/* The bell has rung but was not heard yet: the read comes back with success, and must not start
 * anew. */
static void shutting_ends_the_read_even_when_a_letter_is_on_its_way(void **state)
{
    struct ring *ring = make_ring(4);
    struct mailbox mailbox;
    struct note note = {.letter.deliver = on_note, .number = 7};
    (void)state;
    assert_true(result_is_ok(mailbox_open(&mailbox, ring)));
    turn(ring);
    mailbox_post(&mailbox, &note.letter);
    ring_wait(ring, 1000); /* the read's completion is there */
    mailbox_shut(&mailbox);
    TURN_UNTIL(ring, !mailbox.read.is_in_flight);
    assert_int_equal(delivered_count, 1);
    mailbox_close(&mailbox);
    ring_destroy(ring);
}

static void a_mailbox_that_never_was_open_is_closed_harmlessly(void **state)
{
    struct mailbox mailbox = {0};
    (void)state;
    mailbox_close(&mailbox);
}

/* Several senders. */

struct sender {
    struct mailbox *mailbox;
    struct numbered {
        struct letter letter;
        struct sender *sender;
        uint32_t number;
    } letters[LETTERS_OF_A_SENDER];
    uint32_t next_expected;
};

static uint32_t arrived_count;

static void on_numbered(struct letter *letter)
{
    struct numbered *numbered = LIST_OWNER(letter, struct numbered, letter);
    assert_int_equal(numbered->number, numbered->sender->next_expected);
    numbered->sender->next_expected++;
    arrived_count++;
}

static void *post_all(void *argument)
{
    struct sender *sender = argument;
    for (uint32_t i = 0; i < LETTERS_OF_A_SENDER; i++) {
        sender->letters[i] = (struct numbered){{.deliver = on_numbered}, sender, i};
        mailbox_post(sender->mailbox, &sender->letters[i].letter);
    }
    return NULL;
}

static void letters_of_many_threads_all_arrive_each_thread_in_its_order(void **state)
{
    static struct sender senders[SENDER_COUNT];
    pthread_t threads[SENDER_COUNT];
    struct ring *ring = make_ring(4);
    struct mailbox mailbox;
    (void)state;
    assert_true(result_is_ok(mailbox_open(&mailbox, ring)));
    for (size_t i = 0; i < SENDER_COUNT; i++) {
        senders[i].mailbox = &mailbox;
        assert_int_equal(pthread_create(&threads[i], NULL, post_all, &senders[i]), 0);
    }
    TURN_UNTIL(ring, arrived_count == SENDER_COUNT * LETTERS_OF_A_SENDER);
    for (size_t i = 0; i < SENDER_COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    end_mailbox(&mailbox, ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(letters_of_a_burst_arrive_in_order_with_one_wake, begin),
        cmocka_unit_test_setup(a_letter_may_be_posted_again_and_freed_while_it_is_delivered, begin),
        cmocka_unit_test_setup(a_letter_posted_before_the_first_turn_is_delivered, begin),
        cmocka_unit_test_setup(shutting_ends_the_read_even_when_a_letter_is_on_its_way, begin),
        cmocka_unit_test(a_mailbox_that_never_was_open_is_closed_harmlessly),
        cmocka_unit_test(letters_of_many_threads_all_arrive_each_thread_in_its_order),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
