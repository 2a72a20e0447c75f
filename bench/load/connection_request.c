/* The request of an operation, head and body; see the header. Called by connection.c. */
#include "connection_request.h"

#include "connection.h"
#include "connection_socket.h"
#include "lane.h"
#include "lane_limits.h"

/* What is sent as a body. */
static const uint8_t body_block[BODY_BLOCK_SIZE];

void connection_request_begin(struct connection *connection)
{
    const struct plan *plan = connection->lane->run->plan;
    http_answer_begin(&connection->answer);
    connection->answer.is_to_head = connection->lane->run->target->asks_for_head;
    connection->is_head_sent = false;
    connection->body_left = plan->body_bytes;
    connection->request_count++;
}

/* As much of the request as the pipe has room for; TLS_CLIENT_DONE when it is all written. */
static enum tls_client_answer write_some(struct connection *connection)
{
    const struct target *target = connection->lane->run->target;
    enum tls_client_answer answer = TLS_CLIENT_DONE;
    if (!connection->is_head_sent) {
        answer =
            tls_client_write(connection->tls, bytes_from(target->request, target->request_length));
        connection->is_head_sent = answer == TLS_CLIENT_DONE;
    }
    while (answer == TLS_CLIENT_DONE && connection->body_left > 0) {
        size_t size = connection->body_left < sizeof(body_block) ? (size_t)connection->body_left
                                                                 : sizeof(body_block);
        answer = tls_client_write(connection->tls, bytes_from(body_block, size));
        if (answer == TLS_CLIENT_DONE) {
            connection->body_left -= size;
        }
    }
    return answer;
}

enum tls_client_answer connection_request_send(struct connection *connection)
{
    struct lane *lane = connection->lane;
    enum tls_client_answer answer = TLS_CLIENT_WAITS;
    if (!connection->is_writable) {
        return answer;
    }
    for (int turn = 0; turn < SENDS_PER_TURN; turn++) {
        answer = write_some(connection);
        bool has_output = lane->pipe.outgoing_length > 0;
        connection_socket_flush(connection);
        if (answer != TLS_CLIENT_WAITS || !connection->is_writable || !has_output) {
            return answer;
        }
    }
    if (!list_holds(&connection->again)) {
        list_add_last(&lane->again, &connection->again);
    }
    return answer;
}
