/*
 * Several threads post to a ring's thread, as the control and OCSP threads do to a worker. To be
 * run under ThreadSanitizer: each letter is delivered once, those of a sender in order, with what
 * was written before.
 *
 * Usage: stress_mailbox [letters of each sender]
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "net/mailbox.h"

#define SENDER_COUNT 4
#define IN_FLIGHT \
    8 /* letters a sender has; it waits for one to come back before it posts that again */

struct parcel {
    struct letter letter;
    struct sender *sender;
    uint32_t number; /* plain: published by the post, given back by is_free */
    atomic_bool is_free;
};

struct sender {
    struct parcel parcels[IN_FLIGHT];
    struct mailbox *mailbox;
    uint32_t letter_count;
    uint32_t next_expected; /* the owner's */
};

static uint64_t delivered_count;

static void on_parcel(struct letter *letter)
{
    struct parcel *parcel = LIST_OWNER(letter, struct parcel, letter);
    CHECK(parcel->number == parcel->sender->next_expected);
    parcel->sender->next_expected++;
    delivered_count++;
    atomic_store(&parcel->is_free, true);
}

static void *post_all(void *argument)
{
    struct sender *sender = argument;
    for (uint32_t number = 0; number < sender->letter_count; number++) {
        struct parcel *parcel = &sender->parcels[number % IN_FLIGHT];
        while (!atomic_load(&parcel->is_free)) {
            sched_yield();
        }
        atomic_store(&parcel->is_free, false);
        parcel->number = number;
        mailbox_post(sender->mailbox, &parcel->letter);
    }
    return NULL;
}

static void start(struct sender *sender, struct mailbox *mailbox, uint32_t letter_count,
                  pthread_t *ret_thread)
{
    sender->mailbox = mailbox;
    sender->letter_count = letter_count;
    for (size_t i = 0; i < IN_FLIGHT; i++) {
        sender->parcels[i].letter.deliver = on_parcel;
        sender->parcels[i].sender = sender;
        atomic_store(&sender->parcels[i].is_free, true);
    }
    CHECK(pthread_create(ret_thread, NULL, post_all, sender) == 0);
}

int main(int argument_count, char **arguments)
{
    static struct sender senders[SENDER_COUNT];
    pthread_t threads[SENDER_COUNT];
    struct ring *ring;
    struct mailbox mailbox;
    uint32_t letter_count = argument_count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) : 50000;
    CHECK(result_is_ok(ring_create(8, &ring)));
    CHECK(result_is_ok(mailbox_open(&mailbox, ring)));
    for (size_t i = 0; i < SENDER_COUNT; i++) {
        start(&senders[i], &mailbox, letter_count, &threads[i]);
    }
    while (delivered_count < (uint64_t)SENDER_COUNT * letter_count) {
        ring_wait(ring, 1000);
        (void)ring_deliver(ring);
    }
    for (size_t i = 0; i < SENDER_COUNT; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    mailbox_shut(&mailbox);
    while (mailbox.read.is_in_flight) {
        ring_wait(ring, 1000);
        (void)ring_deliver(ring);
    }
    (void)printf("stress_mailbox: %llu letters, %llu wakes\n", (unsigned long long)delivered_count,
                 (unsigned long long)ring_counts(ring).completions);
    mailbox_close(&mailbox);
    ring_destroy(ring);
    return 0;
}
