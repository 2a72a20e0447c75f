/*
 * A stack of letters that anybody may push on, and an eventfd that the ring reads. Only the push
 * onto an empty stack rings the bell: a burst costs one system call and one completion.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/mailbox.h"
#include "open_error.h"

static void deliver_all(struct mailbox *mailbox)
{
    /* Pairs with the release in mailbox_post: what the sender wrote before is seen. */
    struct letter *letter = atomic_exchange_explicit(&mailbox->newest, NULL, memory_order_acquire);
    struct letter *oldest = NULL;
    while (letter != NULL) {
        struct letter *next = letter->next;
        letter->next = oldest;
        oldest = letter;
        letter = next;
    }
    while (oldest != NULL) {
        struct letter *next = oldest->next;
        oldest->deliver(oldest);
        oldest = next;
    }
}

static void on_read(struct operation *operation, const struct completion *completion)
{
    struct mailbox *mailbox = LIST_OWNER(operation, struct mailbox, read);
    (void)completion; /* whatever it says, there may be letters */
    if (!mailbox->is_shut) {
        ring_read(mailbox->ring, &mailbox->read, mailbox->descriptor, &mailbox->wake_count,
                  sizeof(mailbox->wake_count));
    }
    deliver_all(mailbox);
}

struct result mailbox_open(struct mailbox *mailbox, struct ring *ring)
{
    *mailbox = (struct mailbox){.ring = ring, .read.complete = on_read};
    mailbox->descriptor = eventfd(0, EFD_CLOEXEC);
    if (mailbox->descriptor < 0) {
        return result_failure(open_error(errno, ERROR_SYSTEM));
    }
    ring_read(ring, &mailbox->read, mailbox->descriptor, &mailbox->wake_count,
              sizeof(mailbox->wake_count));
    return RESULT_OK;
}

void mailbox_shut(struct mailbox *mailbox)
{
    mailbox->is_shut = true;
    ring_cancel(mailbox->ring, &mailbox->read);
}

void mailbox_close(struct mailbox *mailbox)
{
    if (mailbox->ring != NULL) {
        (void)close(mailbox->descriptor);
        *mailbox = (struct mailbox){0};
    }
}

void mailbox_post(struct mailbox *mailbox, struct letter *letter)
{
    struct letter *newest = atomic_load_explicit(&mailbox->newest, memory_order_relaxed);
    do {
        letter->next = newest;
        /* Release pairs with the exchange in deliver_all. */
    } while (!atomic_compare_exchange_weak_explicit(&mailbox->newest, &newest, letter,
                                                    memory_order_release, memory_order_relaxed));
    if (newest == NULL) {
        uint64_t one = 1;
        (void)!write(mailbox->descriptor, &one,
                     sizeof(one)); /* fails only when it is rung already */
    }
}
