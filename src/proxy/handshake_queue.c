/*
 * The line of handshakes; see the header. Called by steps, and by the proxy at the end of a turn.
 *
 * First come, first served: who has waited longest is nearest to its time limit. The longer the
 * line the more are served a turn, so that under a storm most of the processor's time goes to
 * those who knock, and still not in one piece.
 */
#include "handshake_queue.h"

#include "connection.h"

/* In line, for one step a turn more. */
#define WAITING_FOR_ONE_MORE 64

void handshake_queue_init(struct handshake_queue *queue)
{
    *queue = (struct handshake_queue){.left_count = HANDSHAKE_QUEUE_STEPS};
    list_init(&queue->waiting);
}

bool handshake_queue_admits(struct handshake_queue *queue, struct connection *connection)
{
    if (list_holds(&connection->turn_place)) {
        return false;
    }
    bool is_next = connection == queue->called || queue->waiting_count == 0;
    if (is_next && queue->left_count > 0) {
        queue->left_count--;
        return true;
    }
    list_add_last(&queue->waiting, &connection->turn_place);
    queue->waiting_count++;
    return false;
}

void handshake_queue_leave(struct handshake_queue *queue, struct connection *connection)
{
    if (list_holds(&connection->turn_place)) {
        list_remove(&connection->turn_place);
        queue->waiting_count--;
    }
}

void handshake_queue_advance(struct handshake_queue *queue)
{
    while (queue->left_count > 0 && !list_is_empty(&queue->waiting)) {
        queue->called = LIST_OWNER(list_first(&queue->waiting), struct connection, turn_place);
        handshake_queue_leave(queue, queue->called);
        connection_advance(queue->called);
    }
    queue->called = NULL;
    queue->left_count = HANDSHAKE_QUEUE_STEPS + queue->waiting_count / WAITING_FOR_ONE_MORE;
}
